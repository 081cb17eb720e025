//! Growing one tree of the forest.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::ops::Range;

use clientela_numerics::{RandomStream, StopToken, Stopped};
use libm::log;

use super::counts::{Counts, Histogram, Scratch, Split, best_split, differ};
use super::draws::{Drawn, Population};
use super::params::RandomForestParams;
use crate::boosting::binned::BinnedColumns;
use crate::boosting::binning::Cuts;
use crate::boosting::bundles::BundledRows;
use crate::boosting::split::goes_left;
use crate::boosting::{Node, Tree};

/// Rows parted between two looks at the stop token.
const BLOCK: usize = 65_536;

/// What all trees grow from.
pub(super) struct Ground<'a> {
    pub(super) bins: BinnedColumns,
    pub(super) lines: BundledRows,
    /// Where each bundle begins in a histogram.
    pub(super) starts: Vec<usize>,
    pub(super) cuts: Vec<Cuts>,
    pub(super) population: Population,
    /// What is mixed into each leaf: rows with the outcome yes, then no.
    pub(super) prior: [f64; 2],
    /// Features that are tried at a split.
    pub(super) n_tried: usize,
    pub(super) params: &'a RandomForestParams,
    pub(super) seed: u64,
}

impl Ground<'_> {
    /// Log-odds of the rate of a leaf, which the base rate is mixed into.
    fn leaf_value(&self, counts: Counts) -> f64 {
        let [yes, no] = self.prior;
        let n_no = counts.n() - counts.n_yes();
        log(yes + counts.n_yes() as f64) - log(no + n_no as f64)
    }

    fn may_split(&self, leaf: &Leaf) -> bool {
        let rows_leaf_min = self.params.min_rows_leaf.max(1) as u64;
        let n_yes = leaf.counts.n_yes();
        leaf.counts.n() >= 2 * rows_leaf_min && n_yes > 0 && n_yes < leaf.counts.n()
    }
}

/// Memory that one tree after the other uses.
#[derive(Default)]
pub(super) struct Workspace {
    rows: Vec<Drawn>,
    /// Room for the right side while rows are parted.
    spare: Vec<Drawn>,
    /// Histograms that are free.
    histograms: Vec<Histogram>,
    scratch: Scratch,
    /// The bins of one feature.
    bins: Vec<Counts>,
    /// The features, those tried last in front.
    features: Vec<u32>,
}

/// A leaf that may yet be split.
struct Leaf {
    node: usize,
    rows: Range<usize>,
    counts: Counts,
}

/// A leaf with its best split and the histogram that it was found in.
struct Candidate {
    leaf: Leaf,
    split: Split,
    histogram: Histogram,
}

impl Candidate {
    /// What the split gains, more among many rows: by gain alone all trees run after the same few steep places, and their mean
    /// is less than it could be.
    fn promise(&self) -> f64 {
        self.split.gain * (self.leaf.counts.n() as f64).sqrt()
    }
}

impl Ord for Candidate {
    /// By promise; of equal ones the leaf whose node is older.
    fn cmp(&self, other: &Self) -> Ordering {
        let by_promise = self.promise().total_cmp(&other.promise());
        by_promise.then(other.leaf.node.cmp(&self.leaf.node))
    }
}

impl PartialOrd for Candidate {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Candidate {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Candidate {}

/// Grows the tree of this number: the most promising leaf is split until there are enough leaves.
pub(super) fn grow(
    ground: &Ground<'_>,
    number: usize,
    workspace: &mut Workspace,
    stop: &StopToken,
) -> Result<Tree, Stopped> {
    ground
        .population
        .draw(&mut workspace.rows, ground.seed, number, stop)?;
    workspace
        .spare
        .resize(workspace.rows.len(), Drawn::default());
    workspace.features.clear();
    workspace.features.extend(0..ground.cuts.len() as u32);
    let mut growing = Growing {
        ground,
        workspace,
        stream: RandomStream::new(ground.seed, "forest splits", number as u64),
        nodes: Vec::new(),
        candidates: BinaryHeap::new(),
    };
    growing.plant(stop)?;
    let mut n_leaves = 1;
    while n_leaves < ground.params.max_leaves
        && let Some(candidate) = growing.candidates.pop()
    {
        n_leaves += 1;
        let is_last = n_leaves == ground.params.max_leaves;
        growing.split(candidate, is_last, stop)?;
    }
    let Growing {
        nodes, candidates, ..
    } = growing;
    let histograms = candidates.into_iter().map(|candidate| candidate.histogram);
    workspace.histograms.extend(histograms);
    Ok(Tree { nodes })
}

struct Growing<'a> {
    ground: &'a Ground<'a>,
    workspace: &'a mut Workspace,
    stream: RandomStream,
    nodes: Vec<Node>,
    candidates: BinaryHeap<Candidate>,
}

impl Growing<'_> {
    /// The root.
    fn plant(&mut self, stop: &StopToken) -> Result<(), Stopped> {
        let Workspace {
            rows,
            scratch,
            histograms,
            ..
        } = &mut *self.workspace;
        let drawn = rows.iter().map(|&drawn| Counts::from(drawn));
        let counts = drawn.fold(Counts::default(), |sum, counts| sum + counts);
        let mut histogram = histograms.pop().unwrap_or_default();
        histogram.count(rows, &self.ground.lines, scratch, stop)?;
        let n_rows = rows.len();
        let root = self.new_leaf(0..n_rows, counts);
        self.consider(root, histogram);
        Ok(())
    }

    fn new_leaf(&mut self, rows: Range<usize>, counts: Counts) -> Leaf {
        let node = self.nodes.len();
        self.nodes.push(Node::Leaf {
            value: self.ground.leaf_value(counts),
            cover: counts.n() as f64,
        });
        Leaf { node, rows, counts }
    }

    /// Looks for the best split of a leaf.
    fn consider(&mut self, leaf: Leaf, histogram: Histogram) {
        match self.best(&leaf, &histogram) {
            Some(split) => self.candidates.push(Candidate {
                leaf,
                split,
                histogram,
            }),
            None => self.workspace.histograms.push(histogram),
        }
    }

    /// The best split by features drawn one by one: as many as are to be tried, those in which the rows do not differ not
    /// counted, and more where these have none.
    fn best(&mut self, leaf: &Leaf, histogram: &Histogram) -> Option<Split> {
        let ground = self.ground;
        if !ground.may_split(leaf) {
            return None;
        }
        let rows_leaf_min = ground.params.min_rows_leaf as u64;
        let Workspace { bins, features, .. } = &mut *self.workspace;
        let mut best: Option<Split> = None;
        let mut n_tried = 0;
        for i in 0..features.len() {
            let other = i + self.stream.below((features.len() - i) as u64) as usize;
            features.swap(i, other);
            let feature = features[i];
            let digit = ground.lines.digit(feature);
            let n_codes = ground.lines.n_codes(digit.bundle);
            histogram.read(ground.starts[digit.bundle], n_codes, digit, bins);
            if !differ(bins) {
                continue;
            }
            let found = best_split(feature, bins, leaf.counts, rows_leaf_min);
            if let Some(found) = found
                && best.is_none_or(|best| found.gain > best.gain)
            {
                best = Some(found);
            }
            n_tried += 1;
            if n_tried >= ground.n_tried && best.is_some() {
                break;
            }
        }
        best
    }

    fn split(
        &mut self,
        candidate: Candidate,
        is_last: bool,
        stop: &StopToken,
    ) -> Result<(), Stopped> {
        let Candidate {
            leaf,
            split,
            histogram: mut rest,
        } = candidate;
        let Workspace { rows, spare, .. } = &mut *self.workspace;
        let bins = self.ground.bins.column(split.feature as usize);
        let n_left = part(&mut rows[leaf.rows.clone()], spare, bins, &split, stop)?;
        let middle = leaf.rows.start + n_left;
        let left = self.new_leaf(leaf.rows.start..middle, split.left);
        let right = self.new_leaf(middle..leaf.rows.end, split.right);
        self.nodes[leaf.node] = Node::Split {
            feature: split.feature,
            threshold: self.ground.cuts[split.feature as usize].upper_end(split.bin),
            missing_left: split.missing_left,
            gain: split.gain,
            cover: leaf.counts.n() as f64,
            left: left.node as u32,
            right: right.node as u32,
        };
        if is_last || !(self.ground.may_split(&left) || self.ground.may_split(&right)) {
            self.workspace.histograms.push(rest);
            return Ok(());
        }
        // Only the smaller side is counted; the larger is what remains of the parent.
        let left_is_smaller = left.rows.len() <= right.rows.len();
        let smaller = if left_is_smaller { &left } else { &right };
        let Workspace {
            rows,
            scratch,
            histograms,
            ..
        } = &mut *self.workspace;
        let mut counted = histograms.pop().unwrap_or_default();
        let rows = &rows[smaller.rows.clone()];
        counted.count(rows, &self.ground.lines, scratch, stop)?;
        rest.take_away(&counted);
        let [of_left, of_right] = if left_is_smaller {
            [counted, rest]
        } else {
            [rest, counted]
        };
        self.consider(left, of_left);
        self.consider(right, of_right);
        Ok(())
    }
}

/// Moves rows to their sides of a split, both in their order; the number of those on the left.
fn part(
    rows: &mut [Drawn],
    spare: &mut [Drawn],
    bins: &[u8],
    split: &Split,
    stop: &StopToken,
) -> Result<usize, Stopped> {
    let (mut n_left, mut n_right) = (0, 0);
    for start in (0..rows.len()).step_by(BLOCK) {
        stop.poll()?;
        for i in start..(start + BLOCK).min(rows.len()) {
            let drawn = rows[i];
            // Both places are written and one of them kept: no branch that depends on the data.
            rows[n_left] = drawn;
            spare[n_right] = drawn;
            let left = goes_left(bins[drawn.row as usize], split.bin, split.missing_left);
            n_left += usize::from(left);
            n_right += usize::from(!left);
        }
    }
    rows[n_left..].copy_from_slice(&spare[..n_right]);
    Ok(n_left)
}
