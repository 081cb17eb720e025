//! What of a tree is shown, and where its leaves and merges stand.
//!
//! Everything runs over the rows in order or with a stack of its own: a chain of a hundred thousand merges is as deep
//! as it is long, and recursion would end the program.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use super::{Dendrogram, Merge, n_branches_shown};

/// Trees with more leaves are condensed: a picture has fewer rows of pixels than that.
pub(crate) const FULL_LEAVES_MAX: usize = 2_000;
/// The branches that remain of a condensed tree, few enough for every one to have its label.
pub(crate) const CONDENSED_LEAVES: usize = 150;

/// To which cluster the leaves below a node belong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Membership {
    /// To several.
    Mixed,
    /// All to this one.
    Of(i64),
}

/// The shown part of a tree. Vertical positions count shown leaves from the top.
pub(crate) struct Layout {
    pub(crate) leaves: Vec<Leaf>,
    pub(crate) brackets: Vec<Bracket>,
}

/// A leaf, or a branch condensed to one.
pub(crate) struct Leaf {
    pub(crate) label: String,
    pub(crate) membership: Membership,
    /// The distance of the topmost merge in a condensed branch.
    pub(crate) condensed: Option<f64>,
}

/// A merge: two ends, joined at its distance.
pub(crate) struct Bracket {
    pub(crate) distance: f64,
    /// Vertical position and distance of each child; a leaf stands at 0.
    pub(crate) ends: [(f64, f64); 2],
    pub(crate) membership: Membership,
}

/// Chooses what is shown and places it.
pub(crate) fn layout(chart: &Dendrogram<'_>) -> Layout {
    let tree = Tree::new(chart);
    let expanded = tree.expanded();
    let (order, leaves) = tree.ordered_leaves(&expanded);
    let mut vertical = vec![0.0; tree.n_leaves + tree.merges.len()];
    for (position, &node) in order.iter().enumerate() {
        vertical[node] = position as f64;
    }
    let mut brackets = Vec::new();
    // A row names earlier nodes only, so the children of a merge have their places when its turn comes.
    for (row, merge) in tree
        .merges
        .iter()
        .enumerate()
        .filter(|(row, _)| expanded[*row])
    {
        let node = tree.n_leaves + row;
        let ends = merge
            .children
            .map(|child| (vertical[child], tree.distance(child)));
        vertical[node] = (ends[0].0 + ends[1].0) / 2.0;
        brackets.push(Bracket {
            distance: merge.distance,
            ends,
            membership: tree.memberships[node],
        });
    }
    Layout { leaves, brackets }
}

struct Tree<'a> {
    chart: &'a Dendrogram<'a>,
    merges: &'a [Merge],
    n_leaves: usize,
    memberships: Vec<Membership>,
    first_leaves: Vec<usize>,
}

impl<'a> Tree<'a> {
    fn new(chart: &'a Dendrogram<'a>) -> Self {
        let (merges, n_leaves) = (chart.merges, chart.leaf_labels.len());
        assert_eq!(
            merges.len(),
            n_leaves.saturating_sub(1),
            "a tree has one merge less than leaves"
        );
        assert!(
            chart.leaf_sizes.is_none_or(|sizes| sizes.len() == n_leaves),
            "one size for each leaf"
        );
        assert!(
            chart
                .leaf_clusters
                .is_none_or(|clusters| clusters.len() == n_leaves),
            "one cluster for each leaf"
        );
        let mut memberships: Vec<Membership> = match chart.leaf_clusters {
            Some(clusters) => clusters.iter().copied().map(Membership::Of).collect(),
            None => vec![Membership::Of(0); n_leaves],
        };
        let mut first_leaves: Vec<usize> = (0..n_leaves).collect();
        let mut used = vec![false; n_leaves + merges.len()];
        for (row, merge) in merges.iter().enumerate() {
            for child in merge.children {
                assert!(
                    child < n_leaves + row && !used[child],
                    "row {row} merges two earlier nodes, each once"
                );
                used[child] = true;
            }
            let [one, other] = merge.children;
            let same = memberships[one] == memberships[other];
            memberships.push(if same {
                memberships[one]
            } else {
                Membership::Mixed
            });
            first_leaves.push(first_leaves[one].min(first_leaves[other]));
        }
        Self {
            chart,
            merges,
            n_leaves,
            memberships,
            first_leaves,
        }
    }

    fn merge(&self, node: usize) -> Option<&Merge> {
        node.checked_sub(self.n_leaves).map(|row| &self.merges[row])
    }

    fn distance(&self, node: usize) -> f64 {
        self.merge(node).map_or(0.0, |merge| merge.distance)
    }

    /// For each merge whether it is drawn: all of a small tree, else the highest that leave few enough branches.
    fn expanded(&self) -> Vec<bool> {
        let n_shown = n_branches_shown(self.n_leaves);
        if n_shown == self.n_leaves {
            return vec![true; self.merges.len()];
        }
        let mut expanded = vec![false; self.merges.len()];
        let mut branches = BinaryHeap::from([Branch {
            distance: f64::INFINITY,
            row: self.merges.len() - 1,
        }]);
        for _ in 1..n_shown {
            let Some(Branch { row, .. }) = branches.pop() else {
                break;
            };
            expanded[row] = true;
            for child in self.merges[row].children {
                if let Some(merge) = self.merge(child) {
                    branches.push(Branch {
                        distance: merge.distance,
                        row: child - self.n_leaves,
                    });
                }
            }
        }
        expanded
    }

    /// The shown leaves from top to bottom, first children first: their nodes, and what is written there.
    fn ordered_leaves(&self, expanded: &[bool]) -> (Vec<usize>, Vec<Leaf>) {
        let (mut order, mut leaves) = (Vec::new(), Vec::new());
        let mut waiting: Vec<usize> = (self.n_leaves + self.merges.len())
            .checked_sub(1)
            .into_iter()
            .collect();
        while let Some(node) = waiting.pop() {
            match self.merge(node) {
                Some(merge) if expanded[node - self.n_leaves] => {
                    waiting.extend([merge.children[1], merge.children[0]]);
                }
                merge => {
                    order.push(node);
                    leaves.push(self.leaf(node, merge));
                }
            }
        }
        (order, leaves)
    }

    fn leaf(&self, node: usize, merge: Option<&Merge>) -> Leaf {
        let first = self.first_leaves[node];
        let label = self.chart.leaf_labels[first];
        let membership = self.memberships[node];
        match merge {
            Some(merge) => {
                let label = format!("{} +{}", self.single(first), merge.count.saturating_sub(1));
                Leaf {
                    label,
                    membership,
                    condensed: Some(merge.distance),
                }
            }
            None if label.trim().is_empty() => Leaf {
                label: "–".to_owned(),
                membership,
                condensed: None,
            },
            None => Leaf {
                label: label.to_owned(),
                membership,
                condensed: None,
            },
        }
    }

    /// The label of a leaf without the `+n` that it has if it was condensed before.
    fn single(&self, leaf: usize) -> &'a str {
        let label = self.chart.leaf_labels[leaf];
        let others = self
            .chart
            .leaf_sizes
            .map_or(0, |sizes| sizes[leaf].saturating_sub(1));
        label.strip_suffix(&format!(" +{others}")).unwrap_or(label)
    }
}

/// A branch that could be opened: the highest first, of equal ones the later row.
struct Branch {
    distance: f64,
    row: usize,
}

impl Ord for Branch {
    fn cmp(&self, other: &Self) -> Ordering {
        self.distance
            .total_cmp(&other.distance)
            .then(self.row.cmp(&other.row))
    }
}
impl PartialOrd for Branch {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl PartialEq for Branch {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Branch {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Captions, DistanceAxis};

    fn number(value: f64, _: usize) -> String {
        value.to_string()
    }

    fn chart<'a>(merges: &'a [Merge], leaf_labels: &'a [&'a str]) -> Dendrogram<'a> {
        let axis = DistanceAxis {
            scale: None,
            linear: "",
            square_root: "",
            logarithmic: "",
        };
        let captions = Captions {
            title: "",
            subtitle: "",
            description: "",
            language: "en",
            number: &number,
        };
        Dendrogram {
            captions,
            merges,
            leaf_labels,
            leaf_sizes: None,
            leaf_clusters: None,
            clusters: &[],
            cut: None,
            axis,
            width: 900.0,
        }
    }

    fn merge(one: usize, other: usize, distance: f64, count: u64) -> Merge {
        Merge {
            children: [one, other],
            distance,
            count,
        }
    }

    /// Leaf 0 merges with 1, the pair with 2, and so on, each at a greater distance.
    fn chain(n_leaves: usize) -> Vec<Merge> {
        let row = |row: usize| {
            let other = if row == 0 { 0 } else { n_leaves + row - 1 };
            merge(row + 1, other, row as f64 + 1.0, row as u64 + 2)
        };
        (0..n_leaves.saturating_sub(1)).map(row).collect()
    }

    #[test]
    fn merges_stand_in_the_middle_of_their_children() {
        let merges = [
            merge(0, 2, 1.0, 2),
            merge(1, 3, 2.0, 2),
            merge(4, 5, 3.0, 4),
        ];
        let layout = layout(&chart(&merges, &["a", "b", "c", "d"]));
        let labels: Vec<&str> = layout
            .leaves
            .iter()
            .map(|leaf| leaf.label.as_str())
            .collect();
        assert_eq!(labels, ["a", "c", "b", "d"]);
        assert_eq!(layout.brackets[2].ends, [(0.5, 1.0), (2.5, 2.0)]);
    }

    #[test]
    fn branches_of_one_cluster_belong_to_it_and_others_are_mixed() {
        let merges = [
            merge(0, 2, 1.0, 2),
            merge(1, 3, 2.0, 2),
            merge(4, 5, 3.0, 4),
        ];
        let labels = ["a", "b", "c", "d"];
        let layout = layout(&Dendrogram {
            leaf_clusters: Some(&[0, 1, 0, 1]),
            ..chart(&merges, &labels)
        });
        let memberships: Vec<Membership> = layout
            .brackets
            .iter()
            .map(|bracket| bracket.membership)
            .collect();
        assert_eq!(
            memberships,
            [Membership::Of(0), Membership::Of(1), Membership::Mixed]
        );
    }

    #[test]
    fn a_large_tree_is_condensed_to_its_highest_branches() {
        let n_leaves = FULL_LEAVES_MAX + 1;
        let names: Vec<String> = (0..n_leaves).map(|leaf| format!("C{leaf}")).collect();
        let labels: Vec<&str> = names.iter().map(String::as_str).collect();
        let merges = chain(n_leaves);
        let layout = layout(&chart(&merges, &labels));
        assert_eq!(
            (layout.leaves.len(), layout.brackets.len()),
            (CONDENSED_LEAVES, CONDENSED_LEAVES - 1)
        );
        // Of a chain all but one branch are single leaves, and the one holds all the others.
        let condensed: Vec<&Leaf> = layout
            .leaves
            .iter()
            .filter(|leaf| leaf.condensed.is_some())
            .collect();
        assert_eq!(condensed.len(), 1);
        assert_eq!(
            condensed[0].label,
            format!("C0 +{}", n_leaves - CONDENSED_LEAVES)
        );
        let lowest = layout
            .brackets
            .iter()
            .map(|bracket| bracket.distance)
            .fold(f64::INFINITY, f64::min);
        assert!(
            condensed[0]
                .condensed
                .is_some_and(|distance| distance < lowest)
        );
    }

    #[test]
    fn a_leaf_that_was_condensed_before_is_counted_once() {
        let n_leaves = FULL_LEAVES_MAX + 1;
        let names: Vec<String> = (0..n_leaves).map(|leaf| format!("C{leaf} +9")).collect();
        let labels: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut merges = chain(n_leaves);
        merges.iter_mut().for_each(|merge| merge.count *= 10);
        let sizes = vec![10; n_leaves];
        let layout = layout(&Dendrogram {
            leaf_sizes: Some(&sizes),
            ..chart(&merges, &labels)
        });
        let others = 10 * (n_leaves - CONDENSED_LEAVES + 1) - 1;
        assert!(
            layout
                .leaves
                .iter()
                .any(|leaf| leaf.label == format!("C0 +{others}"))
        );
        assert!(layout.leaves.iter().any(|leaf| leaf.label == "C2000 +9"));
    }

    #[test]
    #[should_panic(expected = "row 1 merges two earlier nodes, each once")]
    fn a_node_that_is_used_twice_is_a_fault_of_ours() {
        let merges = [merge(0, 1, 1.0, 2), merge(3, 3, 2.0, 4)];
        layout(&chart(&merges, &["a", "b", "c"]));
    }
}
