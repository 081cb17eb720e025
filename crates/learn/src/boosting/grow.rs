//! Growing one tree: the most promising leaf is split until there are enough leaves.

use std::cmp::Ordering;
use std::ops::Range;

use clientela_numerics::{StopToken, Stopped};

use super::binned::BinnedColumns;
use super::binning::Cuts;
use super::cells::Scratch;
use super::coded_tree::CodedTree;
use super::fixed_point::FixedPoint;
use super::histogram::{Histogram, Source, Sums};
use super::parting::{Parting, Side};
use super::split::{Direction, Split, SplitRules, StepRange, Whole};
use super::tree::{Node, Tree};

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

impl GrowthRules {
    fn may_split(&self, leaf: &Leaf) -> bool {
        leaf.depth < self.depth_max && leaf.rows.len() >= 2 * self.split.rows_leaf_min.max(1)
    }

    /// The best split of a leaf, if it may be split at all.
    fn best(&self, soil: &Soil<'_>, leaf: &Leaf, histogram: &Histogram) -> Option<Split> {
        if !self.may_split(leaf) {
            return None;
        }
        let whole = Whole {
            histogram,
            layout: soil.source.layout,
            sums: leaf.sums,
            range: leaf.range,
        };
        Split::best(whole, soil.features, soil.directions, &self.split)
    }
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
        let packing = soil.source.derivatives.packing;
        workspace
            .scratch
            .resize_with(n_threads, || Scratch::of(packing));
        let mut growing = Self {
            soil,
            rules,
            workspace,
            nodes: Vec::new(),
            thresholds: Vec::new(),
            leaves: Vec::new(),
        };
        let mut histogram = growing.workspace.histograms.pop().unwrap_or_default();
        let Workspace { rows, scratch, .. } = &mut *growing.workspace;
        histogram.sum_up(rows, soil.source, scratch, stop)?;
        let sums = histogram.total(soil.source.layout);
        let sums = sums.unwrap_or_else(|| soil.source.derivatives.total(rows));
        let mut root = growing.new_leaf(0, 0..n_rows, sums, StepRange::ALL);
        let found = rules.best(soil, &root, &histogram);
        growing.keep(&mut root, found, histogram);
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

    /// Keeps a leaf's best split with the histogram it was found in.
    fn keep(&mut self, leaf: &mut Leaf, found: Option<Split>, histogram: Histogram) {
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
        let sides = self.sides_of(parent.node, parent.depth, &parent.rows, &split);
        let (soil, rules) = (self.soil, self.rules);
        let is_last = self.leaves.len() + 2 == rules.leaves_max;
        let goes_on = !is_last && sides.iter().any(|leaf| rules.may_split(leaf));
        // Only the smaller side is summed up; the larger is what remains of the parent.
        let [left, right] = sides;
        let (side, mut smaller, mut larger) = if left.rows.len() <= right.rows.len() {
            (Side::Left, left, right)
        } else {
            (Side::Right, right, left)
        };
        let parting = Parting {
            bins: soil.bins.column(split.feature as usize),
            split,
            summed: goes_on.then_some(side),
            source: soil.source,
        };
        let Workspace {
            rows,
            spare,
            scratch,
            histograms,
        } = &mut *self.workspace;
        let rows = &mut rows[parent.rows];
        let spare = &mut spare[..rows.len()];
        let parted = parting.run(rows, spare, scratch, stop)?;
        let mut part = histograms.pop().unwrap_or_default();
        let mut search = || {
            if !goes_on {
                return [None, None];
            }
            part.read(&mut scratch[..parted.n_tasks()], soil.source);
            rest.take_away(&part);
            [(&smaller, &part), (&larger, &rest)].map(|(leaf, sums)| rules.best(soil, leaf, sums))
        };
        let ((), [of_smaller, of_larger]) = if parted.n_tasks() > 1 {
            rayon::join(|| parted.gather(rows, spare), search)
        } else {
            (parted.gather(rows, spare), search())
        };
        self.keep(&mut smaller, of_smaller, part);
        self.keep(&mut larger, of_larger, rest);
        self.leaves.extend([smaller, larger]);
        Ok(())
    }

    /// Makes a node a split; the leaves on both its sides.
    fn sides_of(
        &mut self,
        node: usize,
        depth: usize,
        rows: &Range<usize>,
        split: &Split,
    ) -> [Leaf; 2] {
        let middle = rows.start + split.left.n_rows as usize;
        let [of_left, of_right] = split.ranges;
        let left = self.new_leaf(depth + 1, rows.start..middle, split.left, of_left);
        let right = self.new_leaf(depth + 1, middle..rows.end, split.right, of_right);
        self.thresholds[node] = split.bin;
        self.nodes[node] = Node::Split {
            feature: split.feature,
            threshold: self.soil.cuts[split.feature as usize].upper_end(split.bin),
            missing_left: split.missing_left,
            gain: split.gain,
            cover: 0.0,
            left: left.node as u32,
            right: right.node as u32,
        };
        [left, right]
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
