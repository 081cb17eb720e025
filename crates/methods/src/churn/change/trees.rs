//! Sums of trees whose splits are numbered, so that all values a row might have in a column are scored in one walk.
//!
//! The distinct thresholds of a column part its values into cells, on each of which every tree is constant. A walk follows the
//! known columns of a row and both sides at a split on a column that is open; the leaves it ends in are the boxes of cells on
//! which a tree has one value. Differences at their borders, summed up, are the scores of all cells.

use clientela_learn::boosting::{Node, Tree};

/// The cell of a missing value.
pub(super) const MISSING: u32 = u32::MAX;
/// The cell of a value that the trees learned nothing of: both sides of its splits count.
pub(super) const UNKNOWN: u32 = u32::MAX - 1;
/// The feature of a leaf.
pub(super) const LEAF: u32 = u32::MAX;

/// Cells of a column, first and last.
pub(super) type Range = [u32; 2];

/// A sum of trees, `base + scale · Σ`.
#[derive(Clone, Debug)]
pub(super) struct CellTrees {
    pub(super) nodes: Vec<CellNode>,
    /// The lowest leaf below each node.
    lowest: Vec<f64>,
    /// Where each tree begins.
    pub(super) roots: Vec<u32>,
    /// Of each feature, ascending.
    thresholds: Vec<Vec<f64>>,
    pub(super) base: f64,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct CellNode {
    pub(super) feature: u32,
    /// The last cell that goes left.
    pub(super) cell: u32,
    pub(super) children: [u32; 2],
    pub(super) missing_left: bool,
    /// Of the training rows, on the left.
    pub(super) share_left: f64,
    /// Of a leaf, scaled.
    pub(super) value: f64,
}

impl CellTrees {
    pub(super) fn of(trees: &[Tree], base: f64, scale: f64, n_features: usize) -> Self {
        let mut thresholds = vec![Vec::new(); n_features];
        for node in trees.iter().flat_map(|tree| &tree.nodes) {
            if let Node::Split {
                feature, threshold, ..
            } = *node
            {
                thresholds[feature as usize].push(threshold);
            }
        }
        for of_feature in &mut thresholds {
            of_feature.sort_unstable_by(f64::total_cmp);
            of_feature.dedup();
        }
        let mut all = Self {
            nodes: Vec::new(),
            lowest: Vec::new(),
            roots: Vec::with_capacity(trees.len()),
            thresholds,
            base,
        };
        for tree in trees {
            let first = all.nodes.len() as u32;
            all.roots.push(first);
            for node in &tree.nodes {
                let node = all.numbered(tree, node, first, scale);
                all.nodes.push(node);
            }
        }
        all.lowest = vec![f64::INFINITY; all.nodes.len()];
        for &root in &all.roots {
            find_lowest(&all.nodes, root, &mut all.lowest);
        }
        all
    }

    fn numbered(&self, tree: &Tree, node: &Node, first: u32, scale: f64) -> CellNode {
        match *node {
            Node::Leaf { value, .. } => CellNode {
                feature: LEAF,
                cell: 0,
                children: [0; 2],
                missing_left: false,
                share_left: 0.0,
                value: scale * value,
            },
            Node::Split {
                feature,
                threshold,
                missing_left,
                left,
                right,
                ..
            } => CellNode {
                feature,
                cell: self.cell_of(feature as usize, threshold),
                children: [first + left, first + right],
                missing_left,
                share_left: tree.share_left([left, right]),
                value: 0.0,
            },
        }
    }

    /// The cell of a value: how many thresholds lie below it.
    pub(super) fn cell_of(&self, feature: usize, value: f64) -> u32 {
        if value.is_nan() {
            return MISSING;
        }
        let thresholds = &self.thresholds[feature];
        thresholds.partition_point(|&threshold| threshold < value) as u32
    }

    /// Scores of all cells of an open column, from the first of its range on; all other columns are where `ranges` has them.
    pub(super) fn line(&self, ranges: &mut [Range], open: usize, scores: &mut Vec<f64>) {
        let [first, last] = ranges[open];
        scores.clear();
        scores.resize((last - first) as usize + 2, 0.0);
        scores[0] = self.base;
        for &root in &self.roots {
            self.visit(root, 1.0, ranges, &mut |value, weight, ranges| {
                let value = weight * value;
                let [from, to] = ranges[open];
                scores[(from - first) as usize] += value;
                scores[(to - first) as usize + 1] -= value;
            });
        }
        scores.pop();
        sum_up(scores);
    }

    /// Scores of all pairs of cells of two open columns, a line of the second's for each of the first's.
    pub(super) fn surface(&self, ranges: &mut [Range], open: [usize; 2], scores: &mut Vec<f64>) {
        let [[a_first, a_last], [b_first, b_last]] = open.map(|feature| ranges[feature]);
        let height = (a_last - a_first) as usize + 1;
        let width = (b_last - b_first) as usize + 2;
        scores.clear();
        scores.resize((height + 1) * width, 0.0);
        scores[0] = self.base;
        for &root in &self.roots {
            self.visit(root, 1.0, ranges, &mut |value, weight, ranges| {
                let value = weight * value;
                let [[a_from, a_to], [b_from, b_to]] = open.map(|feature| ranges[feature]);
                let above = (a_from - a_first) as usize * width;
                let below = ((a_to - a_first) as usize + 1) * width;
                let (left, right) = ((b_from - b_first) as usize, (b_to - b_first) as usize + 1);
                scores[above + left] += value;
                scores[above + right] -= value;
                scores[below + left] -= value;
                scores[below + right] += value;
            });
        }
        scores.truncate(height * width);
        for row in 1..height {
            let (before, this) = scores.split_at_mut(row * width);
            for (score, above) in this[..width].iter_mut().zip(&before[(row - 1) * width..]) {
                *score += above;
            }
        }
        scores.chunks_mut(width).for_each(sum_up);
    }

    /// No row within the ranges scores lower: the sum of each tree's lowest leaf, of means that of the lowest ones.
    pub(super) fn bound(&self, ranges: &mut [Range]) -> f64 {
        let lowest = |&root: &u32| self.lowest_leaf(root, ranges, f64::INFINITY);
        self.base + self.roots.iter().map(lowest).sum::<f64>()
    }

    /// The lowest value of a tree within the ranges, or what is known already if that is no higher.
    fn lowest_leaf(&self, at: u32, ranges: &mut [Range], known: f64) -> f64 {
        let node = &self.nodes[at as usize];
        if self.lowest[at as usize] >= known {
            return known;
        }
        if node.feature == LEAF {
            return node.value;
        }
        let feature = node.feature as usize;
        let [left, right] = node.children;
        let [first, last] = ranges[feature];
        if first == MISSING {
            let child = if node.missing_left { left } else { right };
            return self.lowest_leaf(child, ranges, known);
        }
        if first == UNKNOWN {
            let sides = [left, right].map(|side| self.lowest_leaf(side, ranges, f64::INFINITY));
            let mean = node.share_left * sides[0] + (1.0 - node.share_left) * sides[1];
            return mean.min(known);
        }
        if last <= node.cell {
            return self.lowest_leaf(left, ranges, known);
        }
        if first > node.cell {
            return self.lowest_leaf(right, ranges, known);
        }
        let mut sides = [(left, [first, node.cell]), (right, [node.cell + 1, last])];
        if self.lowest[right as usize] < self.lowest[left as usize] {
            sides.reverse();
        }
        let mut known = known;
        for (child, range) in sides {
            ranges[feature] = range;
            known = self.lowest_leaf(child, ranges, known);
        }
        ranges[feature] = [first, last];
        known
    }

    /// Tells of every leaf that a row within the ranges may end in, with the share of such a row that does (1 but below splits on
    /// what is unknown) and the ranges that end there.
    fn visit(
        &self,
        at: u32,
        weight: f64,
        ranges: &mut [Range],
        leaf: &mut impl FnMut(f64, f64, &[Range]),
    ) {
        let node = self.nodes[at as usize];
        if node.feature == LEAF {
            return leaf(node.value, weight, ranges);
        }
        let feature = node.feature as usize;
        let [left, right] = node.children;
        let [first, last] = ranges[feature];
        if first == MISSING {
            let side = if node.missing_left { left } else { right };
            self.visit(side, weight, ranges, leaf);
        } else if first == UNKNOWN {
            self.visit(left, weight * node.share_left, ranges, leaf);
            self.visit(right, weight * (1.0 - node.share_left), ranges, leaf);
        } else if last <= node.cell {
            self.visit(left, weight, ranges, leaf);
        } else if first > node.cell {
            self.visit(right, weight, ranges, leaf);
        } else {
            ranges[feature] = [first, node.cell];
            self.visit(left, weight, ranges, leaf);
            ranges[feature] = [node.cell + 1, last];
            self.visit(right, weight, ranges, leaf);
            ranges[feature] = [first, last];
        }
    }
}

/// The lowest leaf below a node and below each that comes after it.
fn find_lowest(nodes: &[CellNode], at: u32, lowest: &mut [f64]) -> f64 {
    let node = &nodes[at as usize];
    let of_node = if node.feature == LEAF {
        node.value
    } else {
        let [left, right] = node.children;
        find_lowest(nodes, left, lowest).min(find_lowest(nodes, right, lowest))
    };
    lowest[at as usize] = of_node;
    of_node
}

/// Each number plus all before it.
fn sum_up(numbers: &mut [f64]) {
    let mut sum = 0.0;
    for number in numbers {
        sum += *number;
        *number = sum;
    }
}

#[cfg(test)]
pub(super) mod tests {
    use clientela_learn::boosting::{GradientBoosting, GradientBoostingParams, Loss, Samples};
    use clientela_numerics::{RandomStream, StopToken};

    use super::*;

    /// Trees on three columns, the last of which lacks values, and the rows they were grown on.
    pub(in super::super) fn grown() -> (Vec<Tree>, Vec<Vec<f64>>) {
        let mut stream = RandomStream::new(1, "cells", 0);
        let mut columns = vec![Vec::new(); 3];
        let mut target = Vec::new();
        for _ in 0..400 {
            let row = [(); 3].map(|()| (6.0 * stream.uniform()).floor());
            let holds = row[0] * row[1] + 5.0 * stream.normal() > 6.0 + row[2];
            target.push(f64::from(u8::from(holds)));
            for (column, value) in columns.iter_mut().zip(row) {
                column.push(value);
            }
            if stream.uniform() < 0.2
                && let Some(last) = columns[2].last_mut()
            {
                *last = f64::NAN;
            }
        }
        let params = GradientBoostingParams {
            loss: Loss::Logistic,
            n_trees: 15,
            ..GradientBoostingParams::default()
        };
        let params = params.check().expect("in range");
        let samples = Samples::new(&columns, &target);
        let model = GradientBoosting::fit(&samples, None, &params, 1, &StopToken::new());
        (model.expect("two classes").trees, columns)
    }

    fn score(trees: &[Tree], row: [f64; 3]) -> f64 {
        0.25 + 0.5 * trees.iter().map(|tree| tree.value(&row)).sum::<f64>()
    }

    #[test]
    fn lines_surfaces_and_bounds_are_those_of_rows_one_by_one() {
        let (trees, columns) = grown();
        let cells = CellTrees::of(&trees, 0.25, 0.5, 3);
        let (mut line, mut surface) = (Vec::new(), Vec::new());
        for (&x, (&y, &z)) in columns[0]
            .iter()
            .zip(columns[1].iter().zip(&columns[2]))
            .take(60)
        {
            let row = [x, y, z];
            let own = [0, 1, 2].map(|feature| [cells.cell_of(feature, row[feature]); 2]);
            let spans = [0, 1].map(|feature| [0.0, 5.0].map(|value| cells.cell_of(feature, value)));
            let mut ranges = [spans[0], own[1], own[2]];
            cells.line(&mut ranges, 0, &mut line);
            ranges = [spans[0], spans[1], own[2]];
            cells.surface(&mut ranges, [0, 1], &mut surface);
            let bound = cells.bound(&mut ranges);
            assert_eq!(ranges, [spans[0], spans[1], own[2]], "as they were");
            let width = (spans[1][1] - spans[1][0]) as usize + 2;
            for x in (0..6).map(f64::from) {
                let at = |feature: usize, value| {
                    (cells.cell_of(feature, value) - spans[feature][0]) as usize
                };
                let expected = score(&trees, [x, row[1], row[2]]);
                assert!((line[at(0, x)] - expected).abs() < 1e-12);
                for y in (0..6).map(f64::from) {
                    let expected = score(&trees, [x, y, row[2]]);
                    assert!((surface[at(0, x) * width + at(1, y)] - expected).abs() < 1e-12);
                    assert!(bound <= expected + 1e-12);
                }
            }
        }
    }
}
