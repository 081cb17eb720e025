//! Growing one tree: the most promising leaf is split until there are enough leaves.

use std::cmp::Ordering;
use std::ops::Range;

use clientela_numerics::{StopToken, Stopped};
use rayon::prelude::*;

use super::binned::BinnedColumns;
use super::binning::Cuts;
use super::coded_tree::CodedTree;
use super::fixed_point::FixedPoint;
use super::histogram::{Histogram, Scratch, Source, Sums};
use super::split::{Direction, Split, SplitRules, StepRange, Whole, goes_left};
use super::tree::{Node, Tree};

/// Rows parted between two looks at the stop token, and by one task.
const BLOCK: usize = 16_384;

/// Which leaf is split next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Growth {
    /// The one that gains most, wherever it is: fewer leaves for the same loss.
    LeafWise,
    /// Level by level, the one that gains most first: balanced trees.
    DepthWise,
}

/// What a tree grows from.
pub(super) struct Soil<'a> {
    pub(super) bins: &'a BinnedColumns,
    pub(super) cuts: &'a [Cuts],
    pub(super) source: Source<'a>,
    /// The features this tree may use, ascending.
    pub(super) features: &'a [u32],
    /// One for each feature, or none at all.
    pub(super) directions: &'a [Direction],
    /// `None` where every row weighs 1.
    pub(super) weights: Option<Weights<'a>>,
}

/// The weights of rows, with a unit in which they are summed.
#[derive(Clone, Copy)]
pub(super) struct Weights<'a> {
    pub(super) of_rows: &'a [f64],
    pub(super) unit: FixedPoint,
}

impl Weights<'_> {
    fn sum(self, rows: &[u32]) -> f64 {
        let terms = rows
            .iter()
            .map(|&row| self.unit.encode(self.of_rows[row as usize]));
        self.unit.decode(terms.sum())
    }
}

/// Memory that one tree after the other uses.
#[derive(Default)]
pub(super) struct Workspace {
    /// The rows to grow from; afterwards in the order of the leaves.
    pub(super) rows: Vec<u32>,
    /// Room for the right side while rows are parted.
    spare: Vec<u32>,
    /// Histograms that are free.
    histograms: Vec<Histogram>,
    /// For each thread.
    scratch: Vec<Scratch>,
}

/// When a tree is done.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct GrowthRules {
    pub(super) growth: Growth,
    pub(super) leaves_max: usize,
    pub(super) depth_max: usize,
    pub(super) split: SplitRules,
}

/// A tree with the rows it grew from.
pub(super) struct GrownTree {
    tree: Tree,
    /// The highest bin that goes left, for each node; of no meaning for leaves.
    thresholds: Vec<u8>,
    /// Each leaf's rows, by their place in the workspace, and its value.
    leaves: Vec<(Range<usize>, f64)>,
}

impl GrownTree {
    /// The tree alone.
    pub(super) fn into_tree(self) -> Tree {
        self.tree
    }

    /// The tree over bins of the same cuts.
    pub(super) fn coded(&self) -> CodedTree {
        CodedTree::new(&self.tree, &self.thresholds)
    }

    /// The rows it grew from (ascending) with their value, leaf by leaf; the workspace is the one it grew in.
    pub(super) fn rows_by_leaf<'w>(&self, workspace: &'w Workspace) -> Vec<(&'w [u32], f64)> {
        let leaves = self.leaves.iter();
        leaves
            .map(|(rows, value)| (&workspace.rows[rows.clone()], *value))
            .collect()
    }
}

/// Grows a tree from the rows of the workspace (ascending); `value_of` turns a leaf's step into its value.
pub(super) fn grow(
    workspace: &mut Workspace,
    soil: &Soil<'_>,
    rules: &GrowthRules,
    value_of: impl Fn(f64) -> f64,
    stop: &StopToken,
) -> Result<GrownTree, Stopped> {
    let mut growing = Growing::new(workspace, soil, rules, stop)?;
    while growing.leaves.len() < rules.leaves_max
        && let Some(leaf) = growing.next_leaf()
    {
        growing.split(leaf, stop)?;
    }
    Ok(growing.finish(value_of))
}

/// A leaf that may yet be split.
struct Leaf {
    node: usize,
    depth: usize,
    rows: Range<usize>,
    sums: Sums,
    range: StepRange,
    /// The best split, with the histogram it was found in.
    candidate: Option<(Split, Histogram)>,
}

struct Growing<'a> {
    soil: &'a Soil<'a>,
    rules: &'a GrowthRules,
    workspace: &'a mut Workspace,
    nodes: Vec<Node>,
    thresholds: Vec<u8>,
    leaves: Vec<Leaf>,
}

impl<'a> Growing<'a> {
    fn new(
        workspace: &'a mut Workspace,
        soil: &'a Soil<'a>,
        rules: &'a GrowthRules,
        stop: &StopToken,
    ) -> Result<Self, Stopped> {
        let n_rows = workspace.rows.len();
        workspace.spare.resize(n_rows, 0);
        let n_threads = rayon::current_num_threads();
        workspace.scratch.resize_with(n_threads, Scratch::default);
        let mut growing = Self {
            soil,
            rules,
            workspace,
            nodes: Vec::new(),
            thresholds: Vec::new(),
            leaves: Vec::new(),
        };
        let histogram = growing.histogram(&(0..n_rows), stop)?;
        let Source {
            derivatives,
            layout,
            ..
        } = soil.source;
        let sums = histogram.total(layout);
        let sums = sums.unwrap_or_else(|| derivatives.total(&growing.workspace.rows));
        let mut root = growing.new_leaf(0, 0..n_rows, sums, StepRange::ALL);
        growing.consider(&mut root, histogram);
        growing.leaves.push(root);
        Ok(growing)
    }

    /// A leaf with a node of its own, whose value is set at the end.
    fn new_leaf(&mut self, depth: usize, rows: Range<usize>, sums: Sums, range: StepRange) -> Leaf {
        let node = self.nodes.len();
        self.nodes.push(Node::Leaf {
            value: 0.0,
            cover: 0.0,
        });
        self.thresholds.push(0);
        Leaf {
            node,
            depth,
            rows,
            sums,
            range,
            candidate: None,
        }
    }

    fn may_split(&self, leaf: &Leaf) -> bool {
        leaf.depth < self.rules.depth_max
            && leaf.rows.len() >= 2 * self.rules.split.rows_leaf_min.max(1)
    }

    fn histogram(&mut self, rows: &Range<usize>, stop: &StopToken) -> Result<Histogram, Stopped> {
        let mut histogram = self.workspace.histograms.pop().unwrap_or_default();
        let rows = &self.workspace.rows[rows.clone()];
        histogram.sum_up(rows, self.soil.source, &mut self.workspace.scratch, stop)?;
        Ok(histogram)
    }

    /// Looks for the leaf's best split; the histogram is kept where there is one.
    fn consider(&mut self, leaf: &mut Leaf, histogram: Histogram) {
        let Soil {
            features,
            directions,
            source,
            ..
        } = self.soil;
        let found = if self.may_split(leaf) {
            let whole = Whole {
                histogram: &histogram,
                layout: source.layout,
                sums: leaf.sums,
                range: leaf.range,
            };
            Split::best(whole, features, directions, &self.rules.split)
        } else {
            None
        };
        match found {
            Some(split) => leaf.candidate = Some((split, histogram)),
            None => self.workspace.histograms.push(histogram),
        }
    }

    /// The leaf to split next; of equal ones the one whose node is older.
    fn next_leaf(&self) -> Option<usize> {
        let by_depth = |a: &Leaf, b: &Leaf| match self.rules.growth {
            Growth::LeafWise => Ordering::Equal,
            Growth::DepthWise => b.depth.cmp(&a.depth),
        };
        let gain = |leaf: &Leaf| leaf.candidate.as_ref().map_or(0.0, |(split, _)| split.gain);
        let ready = self.leaves.iter().enumerate();
        ready
            .filter(|(_, leaf)| leaf.candidate.is_some())
            .max_by(|(_, a), (_, b)| {
                by_depth(a, b)
                    .then(gain(a).total_cmp(&gain(b)))
                    .then(b.node.cmp(&a.node))
            })
            .map(|(place, _)| place)
    }

    fn split(&mut self, place: usize, stop: &StopToken) -> Result<(), Stopped> {
        let parent = self.leaves.swap_remove(place);
        let (split, mut rest) = parent.candidate.expect("a leaf that was found ready");
        let middle = parent.rows.start + self.part(&parent.rows, &split, stop)?;
        let (depth, rows) = (parent.depth + 1, parent.rows);
        let mut left = self.new_leaf(depth, rows.start..middle, split.left, split.ranges[0]);
        let mut right = self.new_leaf(depth, middle..rows.end, split.right, split.ranges[1]);
        let cuts = &self.soil.cuts[split.feature as usize];
        self.thresholds[parent.node] = split.bin;
        self.nodes[parent.node] = Node::Split {
            feature: split.feature,
            threshold: cuts.upper_end(split.bin),
            missing_left: split.missing_left,
            gain: split.gain,
            cover: 0.0,
            left: left.node as u32,
            right: right.node as u32,
        };
        let is_last = self.leaves.len() + 2 == self.rules.leaves_max;
        if !is_last && (self.may_split(&left) || self.may_split(&right)) {
            let left_is_smaller = left.rows.len() <= right.rows.len();
            let (smaller, larger) = if left_is_smaller {
                (&mut left, &mut right)
            } else {
                (&mut right, &mut left)
            };
            // Only the smaller side is summed up; the larger is what remains of the parent.
            let part = self.histogram(&smaller.rows, stop)?;
            rest.take_away(&part);
            self.consider(smaller, part);
            self.consider(larger, rest);
        } else {
            self.workspace.histograms.push(rest);
        }
        self.leaves.extend([left, right]);
        Ok(())
    }

    /// Moves the rows that go left before the others, both still in ascending order; how many go left.
    fn part(
        &mut self,
        rows: &Range<usize>,
        split: &Split,
        stop: &StopToken,
    ) -> Result<usize, Stopped> {
        let bins = self.soil.bins.column(split.feature as usize);
        let (threshold, missing_left) = (split.bin, split.missing_left);
        let goes_left = |row: u32| goes_left(bins[row as usize], threshold, missing_left);
        let rows = &mut self.workspace.rows[rows.clone()];
        let spare = &mut self.workspace.spare[..rows.len()];
        let blocks = rows.par_chunks_mut(BLOCK).zip(spare.par_chunks_mut(BLOCK));
        let counts = blocks
            .map(|(rows, spare)| stop.poll().map(|()| part_block(rows, spare, goes_left)))
            .collect::<Result<Vec<usize>, Stopped>>()?;
        let n_left: usize = counts.iter().sum();
        let mut end = 0;
        for (block, &count) in counts.iter().enumerate() {
            rows.copy_within(block * BLOCK..block * BLOCK + count, end);
            end += count;
        }
        for (spare, &count) in spare.chunks(BLOCK).zip(&counts) {
            let n_right = spare.len() - count;
            rows[end..end + n_right].copy_from_slice(&spare[..n_right]);
            end += n_right;
        }
        Ok(n_left)
    }

    fn finish(mut self, value_of: impl Fn(f64) -> f64) -> GrownTree {
        let mut leaves = Vec::new();
        for leaf in self.leaves {
            let value = value_of(self.rules.split.step(leaf.sums, leaf.range));
            let kept = leaf.candidate.map(|(_, histogram)| histogram);
            self.workspace.histograms.extend(kept);
            let cover = match self.soil.weights {
                None => leaf.rows.len() as f64,
                Some(weights) => weights.sum(&self.workspace.rows[leaf.rows.clone()]),
            };
            self.nodes[leaf.node] = Node::Leaf { value, cover };
            leaves.push((leaf.rows, value));
        }
        add_up_covers(&mut self.nodes);
        GrownTree {
            tree: Tree { nodes: self.nodes },
            thresholds: self.thresholds,
            leaves,
        }
    }
}

/// Covers of splits from those of the leaves.
fn add_up_covers(nodes: &mut [Node]) {
    for at in (0..nodes.len()).rev() {
        if let Node::Split { left, right, .. } = nodes[at] {
            let below = nodes[left as usize].cover() + nodes[right as usize].cover();
            if let Node::Split { cover, .. } = &mut nodes[at] {
                *cover = below;
            }
        }
    }
}

/// Rows that go left to the front of `rows`, the others to the front of `spare`; how many go left.
fn part_block(rows: &mut [u32], spare: &mut [u32], goes_left: impl Fn(u32) -> bool) -> usize {
    let (mut n_left, mut n_right) = (0, 0);
    for i in 0..rows.len() {
        let row = rows[i];
        // Both places are written and one of them kept: no branch that depends on the data.
        rows[n_left] = row;
        spare[n_right] = row;
        let left = goes_left(row);
        n_left += usize::from(left);
        n_right += usize::from(!left);
    }
    n_left
}
