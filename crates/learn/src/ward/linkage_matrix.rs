//! The tree as SciPy writes it: rows over samples in payload order, ascending, whole or only its top.

use std::convert::Infallible;

use super::available::available_first;
use super::tree::{Tree, numbered};
use crate::Points;

/// One row of a linkage matrix in SciPy's convention: leaves `0..n`, row `i` makes node `n + i`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LinkageRow {
    /// The smaller node.
    pub child1: usize,
    /// The larger node.
    pub child2: usize,
    /// Height of the merge.
    pub distance: f64,
    /// Samples below the new node.
    pub sample_count: usize,
}

/// A leaf of [`Condensed`]: a cluster whose inside is not shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CondensedLeaf {
    /// The first of its samples in the order of the samples.
    pub first_sample: usize,
    /// Number of its samples.
    pub n_samples: usize,
}

/// The top of a tree.
#[derive(Clone, Debug, PartialEq)]
pub struct Condensed {
    /// The leaves, by their first sample.
    pub leaves: Vec<CondensedLeaf>,
    /// One row less than leaves, in the convention of [`LinkageRow`] over `leaves`.
    pub rows: Vec<LinkageRow>,
}

impl Tree {
    /// The tree over the samples, as `scipy.cluster.hierarchy.linkage(method="ward")` writes it.
    ///
    /// Leaves are the samples `0..n_samples` in payload order. Equal samples are merged first, at distance 0, as a
    /// chain in payload order. Rows ascend by distance; rows of equal distance are ordered by their smallest leaf,
    /// but a child comes before its parent. `child1 < child2`. One sample: no rows.
    ///
    /// # Panics
    /// When `points` are not those of the tree.
    #[must_use]
    pub fn to_linkage_matrix(&self, points: &Points) -> Vec<LinkageRow> {
        assert_eq!(points.n_points(), self.n_points(), "the points of the tree");
        let mut joins = Joins::new(vec![1; points.n_samples()]);
        let mut node_of = self.no_nodes();
        for (sample, &point) in points.point_of_sample().iter().enumerate() {
            let node = &mut node_of[point as usize];
            *node = if *node == NONE {
                sample as u32
            } else {
                joins.join([*node, sample as u32], 0.0)
            };
        }
        joins.join_merges(self, 0, node_of);
        joins.in_order_of_distance()
    }

    /// The top of the tree with at most `max_leaves` leaves.
    ///
    /// Where the samples are no more than that, every sample is a leaf and the rows are those of
    /// [`Tree::to_linkage_matrix`]. Otherwise the leaves are the clusters of [`Tree::cut`] into `max_leaves` (the
    /// points, where these are fewer), ordered by their first sample.
    ///
    /// # Panics
    /// When `points` are not those of the tree, or `max_leaves` is 0.
    #[must_use]
    pub fn condensed(&self, points: &Points, max_leaves: usize) -> Condensed {
        assert!(max_leaves > 0, "at least one leaf");
        assert_eq!(points.n_points(), self.n_points(), "the points of the tree");
        if points.n_samples() <= max_leaves {
            let leaf = |first_sample| CondensedLeaf {
                first_sample,
                n_samples: 1,
            };
            let leaves = (0..points.n_samples()).map(leaf).collect();
            return Condensed {
                leaves,
                rows: self.to_linkage_matrix(points),
            };
        }
        let n_leaves = max_leaves.min(self.n_points());
        let mut node_of = self.no_nodes();
        let (labels, tops) = numbered(&points.to_samples(&self.tops(n_leaves)), node_of.len());
        for (leaf, &top) in tops.iter().enumerate() {
            node_of[top as usize] = leaf as u32;
        }
        let leaves = leaves_of(&labels, n_leaves);
        let mut joins = Joins::new(leaves.iter().map(|leaf| leaf.n_samples as u32).collect());
        joins.join_merges(self, self.n_points() - n_leaves, node_of);
        Condensed {
            leaves,
            rows: joins.in_order_of_distance(),
        }
    }

    /// For each node of the tree, that it has no counterpart yet.
    fn no_nodes(&self) -> Vec<u32> {
        vec![NONE; self.n_points() + self.merges().len()]
    }
}

/// First sample and number of samples of each label.
fn leaves_of(labels: &[i32], n_leaves: usize) -> Vec<CondensedLeaf> {
    let mut leaves = vec![
        CondensedLeaf {
            first_sample: usize::MAX,
            n_samples: 0
        };
        n_leaves
    ];
    for (sample, &label) in labels.iter().enumerate() {
        let leaf = &mut leaves[label as usize];
        leaf.first_sample = leaf.first_sample.min(sample);
        leaf.n_samples += 1;
    }
    leaves
}

/// No node.
const NONE: u32 = u32::MAX;

/// A merge whose row has no number yet.
#[derive(Clone, Copy, Debug)]
struct Join {
    children: [u32; 2],
    distance: f64,
    sample_count: u32,
    /// Smallest leaf below it.
    first_leaf: u32,
}

/// Merges over leaves: nodes `0..n_leaves` are the leaves, merge `i` makes node `n_leaves + i`.
struct Joins {
    leaf_sizes: Vec<u32>,
    joins: Vec<Join>,
}

impl Joins {
    fn new(leaf_sizes: Vec<u32>) -> Self {
        let joins = Vec::with_capacity(leaf_sizes.len());
        Self { leaf_sizes, joins }
    }

    /// Merges two nodes; returns the new one.
    fn join(&mut self, children: [u32; 2], distance: f64) -> u32 {
        let below = children.map(|child| match self.position(child) {
            Some(join) => (self.joins[join].sample_count, self.joins[join].first_leaf),
            None => (self.leaf_sizes[child as usize], child),
        });
        self.joins.push(Join {
            children,
            distance,
            sample_count: below[0].0 + below[1].0,
            first_leaf: below[0].1.min(below[1].1),
        });
        (self.leaf_sizes.len() + self.joins.len() - 1) as u32
    }

    /// Adds the merges of the tree from the given one on; `node_of` knows the nodes they start from.
    fn join_merges(&mut self, tree: &Tree, from: usize, mut node_of: Vec<u32>) {
        for (i, merge) in tree.merges().iter().enumerate().skip(from) {
            let children = [node_of[merge.left as usize], node_of[merge.right as usize]];
            node_of[tree.n_points() + i] = self.join(children, merge.height);
        }
    }

    fn position(&self, node: u32) -> Option<usize> {
        (node as usize).checked_sub(self.leaf_sizes.len())
    }

    /// The rows: at every step the first by (distance, smallest leaf) of those whose children have their numbers.
    fn in_order_of_distance(&self) -> Vec<LinkageRow> {
        let place = |join: usize| {
            (
                self.joins[join].distance.to_bits(),
                self.joins[join].first_leaf,
                join,
            )
        };
        let children = |join: usize| self.joins[join].children.map(|child| self.position(child));
        let Ok((order, number_of)) = available_first(self.joins.len(), place, children, || {
            Ok::<(), Infallible>(())
        });
        let numbered = |node: u32| match self.position(node) {
            Some(join) => self.leaf_sizes.len() + number_of[join] as usize,
            None => node as usize,
        };
        let row = |&join: &u32| {
            let Join {
                children,
                distance,
                sample_count,
                ..
            } = self.joins[join as usize];
            let [a, b] = children.map(numbered);
            LinkageRow {
                child1: a.min(b),
                child2: a.max(b),
                distance,
                sample_count: sample_count as usize,
            }
        };
        order.iter().map(row).collect()
    }
}
