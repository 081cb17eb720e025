//! A tree as the conditions on the way to each of its leaves.

use std::ops::Range;

use super::rows::{MISSING, Thresholds};
use crate::boosting::{Node, Tree};

/// All conditions on one feature on the way to a leaf.
#[derive(Clone, Copy, Debug)]
pub(super) struct Condition {
    pub(super) feature: u32,
    /// Share of the training rows that met it, of those that came to its splits.
    pub(super) share: f64,
    /// Codes above this one and up to the next meet it.
    pub(super) above: u32,
    pub(super) up_to: u32,
    /// Whether missing values meet it.
    pub(super) with_missing: bool,
}

impl Condition {
    #[inline]
    pub(super) fn is_met_by(&self, code: u32) -> bool {
        if code == MISSING {
            self.with_missing
        } else {
            self.above < code && code <= self.up_to
        }
    }
}

/// A leaf and the way to it.
#[derive(Clone, Debug)]
pub(super) struct Leaf {
    /// Its value, times the scale.
    pub(super) value: f64,
    /// One for each feature that is asked for on the way, in the order of the first questions.
    pub(super) conditions: Vec<Condition>,
}

impl Leaf {
    /// Its part in the mean over the training rows.
    pub(super) fn expectation(&self) -> f64 {
        self.conditions
            .iter()
            .fold(self.value, |product, condition| product * condition.share)
    }
}

/// A tree by its branches.
#[derive(Clone, Debug)]
pub(super) struct Branches {
    /// From left to right.
    pub(super) leaves: Vec<Leaf>,
    /// The leaves below each node.
    below: Vec<Range<usize>>,
    /// The children of each split.
    children: Vec<Option<[usize; 2]>>,
}

impl Branches {
    pub(super) fn of(tree: &Tree, scale: f64, thresholds: &Thresholds) -> Self {
        let children: Vec<Option<[usize; 2]>> = tree
            .nodes
            .iter()
            .map(|node| match *node {
                Node::Leaf { .. } => None,
                Node::Split { left, right, .. } => Some([left as usize, right as usize]),
            })
            .collect();
        let below = leaves_below(&children);
        let mut ways: Vec<Vec<Condition>> = vec![Vec::new(); tree.nodes.len()];
        let mut leaves: Vec<Option<Leaf>> = vec![None; below[0].len()];
        // Children come after their parents.
        for (at, node) in tree.nodes.iter().enumerate() {
            let way = std::mem::take(&mut ways[at]);
            match *node {
                Node::Leaf { value, .. } => {
                    leaves[below[at].start] = Some(Leaf {
                        value: scale * value,
                        conditions: way,
                    });
                }
                Node::Split { left, right, .. } => {
                    let [to_left, to_right] = conditions_of(tree, at, thresholds);
                    ways[left as usize] = with(way.clone(), to_left);
                    ways[right as usize] = with(way, to_right);
                }
            }
        }
        Self {
            leaves: leaves.into_iter().flatten().collect(),
            below,
            children,
        }
    }

    /// The leaves below a node.
    pub(super) fn leaves_of(&self, node: usize) -> &[Leaf] {
        &self.leaves[self.below[node].clone()]
    }

    pub(super) fn children_of(&self, node: usize) -> Option<[usize; 2]> {
        self.children[node]
    }
}

/// The leaves below each node, from left to right.
fn leaves_below(children: &[Option<[usize; 2]>]) -> Vec<Range<usize>> {
    let mut counts = vec![1; children.len()];
    for (at, children) in children.iter().enumerate().rev() {
        if let Some([left, right]) = *children {
            counts[at] = counts[left] + counts[right];
        }
    }
    let mut starts = vec![0; children.len()];
    for (at, children) in children.iter().enumerate() {
        if let Some([left, right]) = *children {
            starts[left] = starts[at];
            starts[right] = starts[at] + counts[left];
        }
    }
    let both = starts.into_iter().zip(counts);
    both.map(|(start, count)| start..start + count).collect()
}

/// What a split asks of those that go left, and of the others.
fn conditions_of(tree: &Tree, at: usize, thresholds: &Thresholds) -> [Condition; 2] {
    let Node::Split {
        feature,
        threshold,
        missing_left,
        left,
        right,
        ..
    } = tree.nodes[at]
    else {
        unreachable!("a split");
    };
    let share = tree.share_left([left, right]);
    let code = thresholds.code_of(feature, threshold);
    let to_left = Condition {
        feature,
        share,
        above: 0,
        up_to: code,
        with_missing: missing_left,
    };
    let to_right = Condition {
        share: 1.0 - share,
        above: code,
        up_to: u32::MAX,
        with_missing: !missing_left,
        ..to_left
    };
    [to_left, to_right]
}

/// A way with one more condition, which is merged with an earlier one on its feature.
fn with(mut way: Vec<Condition>, condition: Condition) -> Vec<Condition> {
    let earlier = way
        .iter_mut()
        .find(|earlier| earlier.feature == condition.feature);
    if let Some(earlier) = earlier {
        earlier.share *= condition.share;
        earlier.above = earlier.above.max(condition.above);
        earlier.up_to = earlier.up_to.min(condition.up_to);
        earlier.with_missing &= condition.with_missing;
    } else {
        way.push(condition);
    }
    way
}
