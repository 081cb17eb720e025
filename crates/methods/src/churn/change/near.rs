//! What trees say of the changes of a row, from one walk through each of them: of one column every cell, of two a bound.
//!
//! A walk keeps to the row's own cells and leaves them in one column, or in two. What a leaf adds to what the row's own leaf has
//! belongs to the columns that were left on the way. So every tree is walked once for all columns, not once for each pair.

use super::trees::{CellTrees, LEAF, MISSING, Range, UNKNOWN};

/// The place of a column that stays.
const CLOSED: u32 = u32::MAX;

/// A column that may be changed, and the cells it may be in, among them the row's own.
#[derive(Clone, Copy, Debug)]
pub(super) struct Open {
    pub(super) feature: usize,
    pub(super) span: Range,
}

/// Scores near a row, with room that is kept from row to row.
#[derive(Default)]
pub(super) struct Near {
    /// The score of the row itself.
    pub(super) score: f64,
    /// By how much each cell of each open column differs from that.
    lines: Vec<f64>,
    /// Where the line of each column begins.
    starts: Vec<usize>,
    pairs: PairBounds,
    /// The place of each feature among the open columns.
    places: Vec<u32>,
    own: Vec<u32>,
    /// The scores of one line.
    cells: Vec<f64>,
}

impl Near {
    /// Finds the score of the row and of each cell of each open column; `ranges` are the row's own cells.
    pub(super) fn see_lines(&mut self, trees: &CellTrees, ranges: &mut [Range], open: &[Open]) {
        self.begin(ranges, open);
        if ranges.iter().any(|range| range[0] == UNKNOWN) {
            self.see_one_by_one(trees, ranges, open);
        } else {
            self.walk::<1>(trees, ranges, open);
        }
    }

    /// Finds bounds for each two of the open columns, and all that [`Near::see_lines`] finds.
    pub(super) fn see_pairs(&mut self, trees: &CellTrees, ranges: &mut [Range], open: &[Open]) {
        self.begin(ranges, open);
        self.pairs.begin(open.len());
        if ranges.iter().all(|range| range[0] != UNKNOWN) {
            self.walk::<2>(trees, ranges, open);
            return;
        }
        self.see_one_by_one(trees, ranges, open);
        for second in 1..open.len() {
            for first in 0..second {
                let pair = [first, second].map(|place| open[place]);
                let own = pair.map(|open| ranges[open.feature]);
                pair.iter()
                    .for_each(|open| ranges[open.feature] = open.span);
                let bound = trees.bound(ranges) - self.score;
                pair.iter()
                    .zip(own)
                    .for_each(|(open, own)| ranges[open.feature] = own);
                self.pairs.of_trees[pair_index(first, second)] = bound;
                self.pairs.interaction[pair_index(first, second)] = f64::NEG_INFINITY;
            }
        }
    }

    /// By how much a cell of an open column differs from the row.
    pub(super) fn gain(&self, place: usize, open: &Open, cell: u32) -> f64 {
        self.lines[self.starts[place] + (cell - open.span[0]) as usize]
    }

    /// No change of two columns differs from the row by less than this, nor from the sum of what each alone would do by less than
    /// the second.
    pub(super) fn bounds(&self, first: usize, second: usize) -> [f64; 2] {
        let (pairs, index) = (&self.pairs, pair_index(first, second));
        let alone = pairs.alone[first] + pairs.alone[second];
        [alone + pairs.of_trees[index], pairs.interaction[index]]
    }

    fn begin(&mut self, ranges: &[Range], open: &[Open]) {
        self.own.clear();
        self.own.extend(ranges.iter().map(|range| range[0]));
        self.places.clear();
        self.places.resize(ranges.len(), CLOSED);
        self.starts.clear();
        let mut end = 0;
        for (place, open) in open.iter().enumerate() {
            self.places[open.feature] = place as u32;
            self.starts.push(end);
            end += (open.span[1] - open.span[0]) as usize + 2;
        }
        self.lines.clear();
        self.lines.resize(end, 0.0);
    }

    /// Where trees give a row the mean of several leaves, each column has walks of its own.
    fn see_one_by_one(&mut self, trees: &CellTrees, ranges: &mut [Range], open: &[Open]) {
        self.score = trees.base;
        for (place, open) in open.iter().enumerate() {
            let own = std::mem::replace(&mut ranges[open.feature], open.span);
            trees.line(ranges, open.feature, &mut self.cells);
            ranges[open.feature] = own;
            self.score = self.cells[(own[0] - open.span[0]) as usize];
            let line = &mut self.lines[self.starts[place]..];
            for (gain, score) in line.iter_mut().zip(&self.cells) {
                *gain = score - self.score;
            }
        }
    }

    fn walk<const MOST: usize>(&mut self, trees: &CellTrees, ranges: &mut [Range], open: &[Open]) {
        for open in open {
            ranges[open.feature] = open.span;
        }
        self.score = trees.base;
        for &root in &trees.roots {
            let mut walk = Walk::<MOST> {
                trees,
                own: &self.own,
                ranges: &mut *ranges,
                left: [0; MOST],
                n_left: 0,
            };
            // The first leaf is the row's own.
            let mut own_value = f64::NAN;
            let (lines, pairs, starts) = (&mut self.lines, &mut self.pairs, &self.starts);
            let places = &self.places;
            walk.visit(root, &mut |value, left, ranges| match *left {
                [] => own_value = value,
                [feature] => {
                    let place = places[feature] as usize;
                    let (gain, from) = (value - own_value, open[place].span[0]);
                    let line = &mut lines[starts[place]..];
                    let [first, last] = ranges[feature];
                    line[(first - from) as usize] += gain;
                    line[(last - from) as usize + 1] -= gain;
                    if MOST > 1 {
                        pairs.see_one(place, gain);
                    }
                }
                [a, b, ..] => {
                    let pair = [a, b].map(|feature| places[feature] as usize);
                    pairs.see_two(pair, value - own_value);
                }
            });
            self.score += own_value;
            if MOST > 1 {
                self.pairs.end_tree();
            }
        }
        for (place, open) in open.iter().enumerate() {
            ranges[open.feature] = [self.own[open.feature]; 2];
            let n_cells = (open.span[1] - open.span[0]) as usize + 1;
            let mut sum = 0.0;
            for gain in &mut self.lines[self.starts[place]..][..n_cells] {
                sum += *gain;
                *gain = sum;
            }
        }
    }
}

/// A walk through one tree that leaves the row's own cells in so many columns at most.
struct Walk<'w, const MOST: usize> {
    trees: &'w CellTrees,
    own: &'w [u32],
    ranges: &'w mut [Range],
    left: [usize; MOST],
    n_left: usize,
}

impl<const MOST: usize> Walk<'_, MOST> {
    /// Tells of each leaf with the columns that were left and the ranges that end there, the row's own leaf first.
    fn visit(&mut self, at: u32, leaf: &mut impl FnMut(f64, &[usize], &[Range])) {
        let node = &self.trees.nodes[at as usize];
        if node.feature == LEAF {
            return leaf(node.value, &self.left[..self.n_left], self.ranges);
        }
        let feature = node.feature as usize;
        let [left, right] = node.children;
        let [first, last] = self.ranges[feature];
        if first == MISSING {
            return self.visit(if node.missing_left { left } else { right }, leaf);
        }
        if last <= node.cell {
            return self.visit(left, leaf);
        }
        if first > node.cell {
            return self.visit(right, leaf);
        }
        let sides = [(left, [first, node.cell]), (right, [node.cell + 1, last])];
        let own = self.own[feature];
        let [near, far] = if own <= node.cell {
            sides
        } else {
            [sides[1], sides[0]]
        };
        self.ranges[feature] = near.1;
        self.visit(near.0, leaf);
        self.ranges[feature] = far.1;
        if own < first || own > last {
            self.visit(far.0, leaf);
        } else if self.n_left < MOST {
            self.left[self.n_left] = feature;
            self.n_left += 1;
            self.visit(far.0, leaf);
            self.n_left -= 1;
        }
        self.ranges[feature] = [first, last];
    }
}

/// Bounds of what two columns do together, summed up tree by tree.
///
/// Of one tree with gains f over the row's own leaf, for cells c and d of two columns: f(c, d) is a leaf that is met by leaving the
/// row in both columns, or in one of them, or it is the row's own. So it is no lower than the lowest of these leaves. And it
/// differs from f(c) + f(d) by no less than the lowest of: a leaf of both less the highest of each; less the highest of one,
/// where the other decides alone; 0.
#[derive(Default)]
struct PairBounds {
    /// Lowest and highest gains of each column in the tree at hand; ∞ and −∞ where it has none.
    extremes: Vec<[f64; 2]>,
    /// Lowest gains of both, of each pair.
    lowest: Vec<f64>,
    is_touched: Vec<bool>,
    /// Columns that the tree at hand tells of.
    touched: Vec<usize>,
    /// Σ of the lowest gains of each column.
    alone: Vec<f64>,
    /// Σ of what pairs are lower than both alone.
    of_trees: Vec<f64>,
    /// Σ of differences from the sum of both.
    interaction: Vec<f64>,
}

impl PairBounds {
    fn begin(&mut self, n_open: usize) {
        let fill = |numbers: &mut Vec<f64>, n: usize, value: f64| {
            numbers.clear();
            numbers.resize(n, value);
        };
        let n_pairs = n_open * n_open.saturating_sub(1) / 2;
        fill(&mut self.lowest, n_pairs, f64::INFINITY);
        fill(&mut self.of_trees, n_pairs, 0.0);
        fill(&mut self.interaction, n_pairs, 0.0);
        fill(&mut self.alone, n_open, 0.0);
        self.is_touched.clear();
        self.is_touched.resize(n_open, false);
        self.extremes.clear();
        self.extremes
            .resize(n_open, [f64::INFINITY, f64::NEG_INFINITY]);
        self.touched.clear();
    }

    fn touch(&mut self, place: usize) {
        if !std::mem::replace(&mut self.is_touched[place], true) {
            self.touched.push(place);
        }
    }

    fn see_one(&mut self, place: usize, gain: f64) {
        self.touch(place);
        let [low, high] = &mut self.extremes[place];
        *low = low.min(gain);
        *high = high.max(gain);
    }

    fn see_two(&mut self, [a, b]: [usize; 2], gain: f64) {
        self.touch(a);
        self.touch(b);
        let lowest = &mut self.lowest[pair_index(a, b)];
        *lowest = lowest.min(gain);
    }

    fn end_tree(&mut self) {
        for (at, &a) in self.touched.iter().enumerate() {
            let [low_a, high_a] = self.extremes[a];
            let (alone_a, high_a) = (low_a.min(0.0), high_a.max(0.0));
            self.alone[a] += alone_a;
            for &b in &self.touched[..at] {
                let [low_b, high_b] = self.extremes[b];
                let (alone_b, high_b) = (low_b.min(0.0), high_b.max(0.0));
                let index = pair_index(a, b);
                let both = std::mem::replace(&mut self.lowest[index], f64::INFINITY);
                self.of_trees[index] += both.min(alone_a).min(alone_b) - alone_a - alone_b;
                let mut interaction = (both - high_a - high_b).min(0.0);
                // Where both have leaves of their own, one may take away from the other what that would do alone.
                if low_a.is_finite() && low_b.is_finite() {
                    interaction = interaction.min(-high_a).min(-high_b);
                }
                self.interaction[index] += interaction;
            }
        }
        for place in self.touched.drain(..) {
            self.is_touched[place] = false;
            self.extremes[place] = [f64::INFINITY, f64::NEG_INFINITY];
        }
    }
}

/// The place of a pair among all pairs, by the later one, then by the earlier.
fn pair_index(a: usize, b: usize) -> usize {
    let (first, second) = (a.min(b), a.max(b));
    second * (second - 1) / 2 + first
}

#[cfg(test)]
mod tests {
    use super::super::trees::tests::grown;
    use super::*;

    #[test]
    fn one_walk_finds_the_lines_of_all_columns_and_bounds_that_no_pair_goes_below() {
        let (trees, columns) = grown();
        let cells = CellTrees::of(&trees, 0.25, 0.5, 3);
        let (mut near, mut line, mut surface) = (Near::default(), Vec::new(), Vec::new());
        let open = [0, 1, 2].map(|feature| Open {
            feature,
            span: [0.0, 5.0].map(|value| cells.cell_of(feature, value)),
        });
        let (mut n_rows, mut n_closed) = (0, 0);
        for (&x, (&y, &z)) in columns[0]
            .iter()
            .zip(columns[1].iter().zip(&columns[2]))
            .take(100)
        {
            let row = [x, y, z];
            if z.is_nan() {
                continue;
            }
            n_rows += 1;
            let mut ranges = [0, 1, 2].map(|feature| [cells.cell_of(feature, row[feature]); 2]);
            let own = ranges;
            near.see_pairs(&cells, &mut ranges, &open);
            assert_eq!(ranges, own, "as they were");
            let mut lowest = [f64::INFINITY; 3];
            for (place, column) in open.iter().enumerate() {
                ranges[place] = column.span;
                cells.line(&mut ranges, place, &mut line);
                ranges = own;
                for (cell, score) in (column.span[0]..).zip(&line) {
                    let gain = near.gain(place, column, cell);
                    assert!((near.score + gain - score).abs() < 1e-12);
                    lowest[place] = lowest[place].min(gain);
                }
            }
            for pair in [[0, 1], [0, 2], [1, 2]] {
                pair.iter().for_each(|&k| ranges[k] = open[k].span);
                cells.surface(&mut ranges, pair, &mut surface);
                let width = (open[pair[1]].span[1] - open[pair[1]].span[0]) as usize + 2;
                let scores = surface.chunks(width).flat_map(|line| &line[..width - 1]);
                let least = scores.copied().fold(f64::INFINITY, f64::min) - near.score;
                ranges = own;
                let [of_trees, interaction] = near.bounds(pair[0], pair[1]);
                let of_lines = lowest[pair[0]] + lowest[pair[1]] + interaction;
                assert!(of_trees.max(of_lines) <= least + 1e-12);
                n_closed += usize::from(of_trees.max(of_lines) > least - 0.3);
            }
        }
        assert!(
            n_rows > 50 && n_closed > n_rows,
            "{n_closed} of {n_rows} are close"
        );
    }
}
