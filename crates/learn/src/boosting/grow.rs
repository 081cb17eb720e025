//! Growing one tree: the most promising leaf is split until there are enough leaves.

use std::cmp::Ordering;
use std::ops::Range;

use clientela_numerics::{StopToken, Stopped};
use rayon::prelude::*;

use super::binning::{BinnedRows, Cuts};
use super::histogram::{Derivatives, Histogram, Sums};
use super::split::{Split, SplitRules, goes_left};
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
    pub(super) bins: &'a BinnedRows,
    pub(super) cuts: &'a [Cuts],
    pub(super) derivatives: &'a Derivatives,
    /// The features this tree may use, ascending.
    pub(super) features: &'a [u32],
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

    /// Adds the leaf of each row it grew from to the row's score; the workspace is the one it grew in.
    pub(super) fn add_to_own_rows(&self, workspace: &Workspace, scores: &mut [f64]) {
        for (rows, value) in &self.leaves {
            for &row in &workspace.rows[rows.clone()] {
                scores[row as usize] += value;
            }
        }
    }

    /// Adds the leaf of every row, binned by the same cuts, to its score.
    pub(super) fn add_to_all(
        &self,
        bins: &BinnedRows,
        scores: &mut [f64],
        stop: &StopToken,
    ) -> Result<(), Stopped> {
        let blocks = scores.par_chunks_mut(BLOCK).enumerate();
        blocks.try_for_each(|(block, scores)| {
            stop.poll()?;
            for (i, score) in scores.iter_mut().enumerate() {
                let line = bins.line((block * BLOCK + i) as u32);
                *score += self.tree.descend(|node, feature, _, missing_left| {
                    goes_left(line[feature], self.thresholds[node], missing_left)
                });
            }
            Ok(())
        })
    }
}

/// Grows a tree from the rows of the workspace (ascending); `value_of` turns a leaf's sums into its value.
pub(super) fn grow(
    workspace: &mut Workspace,
    soil: &Soil<'_>,
    rules: &GrowthRules,
    value_of: impl Fn(Sums) -> f64,
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
        let mut growing = Self {
            soil,
            rules,
            workspace,
            nodes: Vec::new(),
            thresholds: Vec::new(),
            leaves: Vec::new(),
        };
        let histogram = growing.histogram(&(0..n_rows), stop)?;
        let sums = histogram.total();
        let sums = sums.unwrap_or_else(|| soil.derivatives.total(&growing.workspace.rows));
        let mut root = growing.new_leaf(0, 0..n_rows, sums);
        growing.consider(&mut root, histogram);
        growing.leaves.push(root);
        Ok(growing)
    }

    /// A leaf with a node of its own, whose value is set at the end.
    fn new_leaf(&mut self, depth: usize, rows: Range<usize>, sums: Sums) -> Leaf {
        let node = self.nodes.len();
        self.nodes.push(Node::Leaf { value: 0.0 });
        self.thresholds.push(0);
        Leaf {
            node,
            depth,
            rows,
            sums,
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
        let Soil {
            bins,
            derivatives,
            features,
            ..
        } = self.soil;
        histogram.sum_up(rows, features, bins, derivatives, stop)?;
        Ok(histogram)
    }

    /// Looks for the leaf's best split; the histogram is kept where there is one.
    fn consider(&mut self, leaf: &mut Leaf, histogram: Histogram) {
        let Soil { features, cuts, .. } = self.soil;
        let found = if self.may_split(leaf) {
            Split::best(&histogram, features, cuts, leaf.sums, &self.rules.split)
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
        let mut left = self.new_leaf(parent.depth + 1, parent.rows.start..middle, split.left);
        let mut right = self.new_leaf(parent.depth + 1, middle..parent.rows.end, split.right);
        let cuts = &self.soil.cuts[split.feature as usize];
        self.thresholds[parent.node] = split.bin;
        self.nodes[parent.node] = Node::Split {
            feature: split.feature,
            threshold: cuts.upper_end(split.bin),
            missing_left: split.missing_left,
            gain: split.gain,
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
        let bins = self.soil.bins;
        let feature = split.feature as usize;
        let goes_left = |row: u32| split.goes_left(bins.bin(row, feature));
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

    fn finish(mut self, value_of: impl Fn(Sums) -> f64) -> GrownTree {
        let mut leaves = Vec::new();
        for leaf in self.leaves {
            let value = value_of(leaf.sums);
            let kept = leaf.candidate.map(|(_, histogram)| histogram);
            self.workspace.histograms.extend(kept);
            self.nodes[leaf.node] = Node::Leaf { value };
            leaves.push((leaf.rows, value));
        }
        GrownTree {
            tree: Tree { nodes: self.nodes },
            thresholds: self.thresholds,
            leaves,
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
