//! A tree over codes of values, for many rows at once.
//!
//! Up to 128 leaves, no row walks down: each value of a feature rules out some leaves, and the one leaf that no feature of the
//! row rules out is its own.
//! Source: Lucchese et al. (2015), "QuickScorer: A Fast Algorithm to Rank Documents with Additive Ensembles of Regression
//! Trees", SIGIR. Differs from the source: codes are few, so that what all splits on a feature rule out is in one table.

use std::ops::{BitAnd, BitOr, Not};

use super::split::goes_left;
use super::tree::{Node, Tree};

/// Rows that go through a tree together.
pub(super) const BLOCK: usize = 2048;

/// A [`Tree`] whose thresholds are codes: 0 is missing, others ascend with the values.
pub(super) struct CodedTree {
    /// The value of each leaf.
    pub(super) values: Vec<f64>,
    search: Search,
}

enum Search {
    Tables(Tables<u64>),
    WideTables(Tables<u128>),
    Steps(Steps),
}

/// By feature: for each code the leaves that it leaves possible.
type Tables<L> = Vec<(usize, Box<[L; 256]>)>;

/// Leaves of a tree, a bit each.
trait Leaves: Copy + BitAnd<Output = Self> + BitOr<Output = Self> + Not<Output = Self> {
    const ALL: Self;
    const NONE: Self;
    fn one(leaf: usize) -> Self;
    fn first(self) -> u32;
}

impl Leaves for u64 {
    const ALL: Self = Self::MAX;
    const NONE: Self = 0;

    fn one(leaf: usize) -> Self {
        1 << leaf
    }

    #[inline]
    fn first(self) -> u32 {
        self.trailing_zeros()
    }
}

impl Leaves for u128 {
    const ALL: Self = Self::MAX;
    const NONE: Self = 0;

    fn one(leaf: usize) -> Self {
        1 << leaf
    }

    #[inline]
    fn first(self) -> u32 {
        self.trailing_zeros()
    }
}

impl CodedTree {
    /// `codes` has the highest code that goes left, for each node; of no meaning for leaves.
    pub(super) fn new(tree: &Tree, codes: &[u8]) -> Self {
        let leaf_value = |node: &Node| match node {
            Node::Leaf { value, .. } => Some(*value),
            Node::Split { .. } => None,
        };
        let values: Vec<f64> = tree.nodes.iter().filter_map(leaf_value).collect();
        let search = match values.len() {
            0..=64 => Search::Tables(tables(tree, codes)),
            65..=128 => Search::WideTables(tables(tree, codes)),
            _ => Search::Steps(Steps::of(tree, codes)),
        };
        Self { values, search }
    }

    /// Writes the number of the leaf of each of up to [`BLOCK`] rows; `column` gives the codes of a feature.
    pub(super) fn find_leaves<'c>(&self, column: impl Fn(usize) -> &'c [u8], leaves: &mut [u32]) {
        match &self.search {
            Search::Steps(steps) => steps.find_leaves(column, leaves),
            Search::Tables(tables) => look_up(tables, column, leaves),
            Search::WideTables(tables) => look_up(tables, column, leaves),
        }
    }
}

fn look_up<'c, L: Leaves>(
    tables: &Tables<L>,
    column: impl Fn(usize) -> &'c [u8],
    leaves: &mut [u32],
) {
    let mut possible = [L::ALL; BLOCK];
    let possible = &mut possible[..leaves.len()];
    for (feature, table) in tables {
        for (possible, &code) in possible.iter_mut().zip(column(*feature)) {
            *possible = *possible & table[usize::from(code)];
        }
    }
    for (leaf, possible) in leaves.iter_mut().zip(possible) {
        *leaf = possible.first();
    }
}

/// What each code of each feature leaves possible.
fn tables<L: Leaves>(tree: &Tree, codes: &[u8]) -> Tables<L> {
    let mut below = vec![L::NONE; tree.nodes.len()];
    let mut n_leaves = 0;
    for (at, node) in tree.nodes.iter().enumerate() {
        if let Node::Leaf { .. } = node {
            below[at] = L::one(n_leaves);
            n_leaves += 1;
        }
    }
    let mut all: Vec<(usize, RuledOut<L>)> = Vec::new();
    // Children come after their parents.
    for (at, node) in tree.nodes.iter().enumerate().rev() {
        let Node::Split {
            feature,
            missing_left,
            left,
            right,
            ..
        } = *node
        else {
            continue;
        };
        let (left, right) = (below[left as usize], below[right as usize]);
        below[at] = left | right;
        let feature = feature as usize;
        let known = all.iter().position(|(known, _)| *known == feature);
        let place = known.unwrap_or_else(|| {
            all.push((feature, RuledOut::nothing()));
            all.len() - 1
        });
        all[place]
            .1
            .add_split(codes[at], missing_left, [left, right]);
    }
    all.into_iter()
        .map(|(feature, ruled_out)| (feature, ruled_out.possible()))
        .collect()
}

/// The leaves that splits on a feature rule out, kept where the codes that do so begin or end.
struct RuledOut<L> {
    /// By missing values.
    by_missing: L,
    /// By this code and all above it.
    from: Box<[L; 256]>,
    /// By this code and all below it but that of missing values.
    up_to: Box<[L; 256]>,
}

impl<L: Leaves> RuledOut<L> {
    fn nothing() -> Self {
        Self {
            by_missing: L::NONE,
            from: Box::new([L::NONE; 256]),
            up_to: Box::new([L::NONE; 256]),
        }
    }

    /// Codes up to `code`, which is not that of missing values, go left.
    fn add_split(&mut self, code: u8, missing_left: bool, [left, right]: [L; 2]) {
        let code = usize::from(code);
        self.up_to[code] = self.up_to[code] | right;
        if let Some(from) = self.from.get_mut(code + 1) {
            *from = *from | left;
        }
        self.by_missing = self.by_missing | if missing_left { right } else { left };
    }

    fn possible(mut self) -> Box<[L; 256]> {
        for code in 1..256 {
            self.from[code] = self.from[code] | self.from[code - 1];
        }
        let mut above = L::NONE;
        for code in (1..256).rev() {
            above = above | self.up_to[code];
            self.from[code] = !(above | self.from[code]);
        }
        self.from[0] = !self.by_missing;
        self.from
    }
}

/// A tree laid out for many rows at once: all of them take one step, then the next.
///
/// No step depends on a guess of the processor, as a walk of one row after the other does at every split. A leaf leads to
/// itself.
struct Steps {
    steps: Vec<Step>,
    /// Steps to the farthest leaf.
    depth: usize,
}

struct Step {
    feature: u32,
    code: u8,
    missing_left: bool,
    /// The number of a leaf.
    leaf: u32,
    /// Left and right.
    next: [u32; 2],
}

impl Steps {
    fn of(tree: &Tree, codes: &[u8]) -> Self {
        let mut depths = vec![0; tree.nodes.len()];
        let mut n_leaves = 0;
        let steps = tree.nodes.iter().enumerate().map(|(at, node)| match *node {
            Node::Leaf { .. } => {
                n_leaves += 1;
                Step {
                    feature: 0,
                    code: 1,
                    missing_left: false,
                    leaf: n_leaves - 1,
                    next: [at as u32; 2],
                }
            }
            Node::Split {
                feature,
                missing_left,
                left,
                right,
                ..
            } => {
                for child in [left, right] {
                    depths[child as usize] = depths[at] + 1;
                }
                Step {
                    feature,
                    code: codes[at],
                    missing_left,
                    leaf: 0,
                    next: [left, right],
                }
            }
        });
        Self {
            steps: steps.collect(),
            depth: depths.into_iter().max().unwrap_or(0),
        }
    }

    fn find_leaves<'c>(&self, column: impl Fn(usize) -> &'c [u8], places: &mut [u32]) {
        places.fill(0);
        for _ in 0..self.depth {
            for (row, place) in places.iter_mut().enumerate() {
                let step = &self.steps[*place as usize];
                let code = column(step.feature as usize)[row];
                let left = goes_left(code, step.code, step.missing_left);
                *place = step.next[usize::from(!left)];
            }
        }
        for place in places {
            *place = self.steps[*place as usize].leaf;
        }
    }
}

#[cfg(test)]
mod tests {
    use clientela_numerics::RandomStream;

    use super::*;

    const N_FEATURES: u64 = 3;

    /// A tree of random splits; the threshold of code c is c.
    fn drawn(n_splits: usize, stream: &mut RandomStream) -> (Tree, Vec<u8>) {
        let leaf = |value: usize| Node::Leaf {
            value: value as f64,
            cover: 1.0,
        };
        let mut nodes = vec![leaf(0)];
        for _ in 0..n_splits {
            let leaves: Vec<usize> = (0..nodes.len())
                .filter(|&at| matches!(nodes[at], Node::Leaf { .. }))
                .collect();
            let at = leaves[stream.below(leaves.len() as u64) as usize];
            let left = nodes.len();
            nodes[at] = Node::Split {
                feature: stream.below(N_FEATURES) as u32,
                threshold: 1.0 + stream.below(255) as f64,
                missing_left: stream.below(2) == 0,
                gain: 1.0,
                cover: 1.0,
                left: left as u32,
                right: left as u32 + 1,
            };
            nodes.extend([leaf(left), leaf(left + 1)]);
        }
        let code = |node: &Node| match node {
            Node::Split { threshold, .. } => *threshold as u8,
            Node::Leaf { .. } => 0,
        };
        let codes = nodes.iter().map(code).collect();
        (Tree { nodes }, codes)
    }

    #[test]
    fn leaves_are_those_that_rows_walk_to() {
        let mut stream = RandomStream::new(5, "coded trees", 0);
        for n_splits in [0, 1, 5, 30, 62, 63, 64, 100, 126, 127, 128, 200] {
            let (tree, codes) = drawn(n_splits, &mut stream);
            let coded = CodedTree::new(&tree, &codes);
            let searches = [
                matches!(coded.search, Search::Tables(_)),
                matches!(coded.search, Search::WideTables(_)),
            ];
            assert_eq!(
                searches,
                [n_splits < 64, (64..128).contains(&n_splits)],
                "{n_splits} splits"
            );
            let columns: Vec<Vec<u8>> = (0..N_FEATURES)
                .map(|_| (0..BLOCK).map(|_| stream.below(256) as u8).collect())
                .collect();
            let mut leaves = [0; BLOCK];
            coded.find_leaves(|feature| &columns[feature], &mut leaves);
            for (row, &leaf) in leaves.iter().enumerate() {
                let values = columns.iter().map(|column| match column[row] {
                    0 => f64::NAN,
                    code => f64::from(code),
                });
                let expected = tree.value(&values.collect::<Vec<f64>>());
                assert_eq!(coded.values[leaf as usize], expected, "{n_splits} splits");
            }
        }
    }
}
