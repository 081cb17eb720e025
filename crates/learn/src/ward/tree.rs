//! The finished tree over the points, and its cuts.

use clientela_numerics::{StopToken, Stopped};

use super::record::Record;
use crate::Points;

/// One merge of the tree.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Merge {
    /// Node with the smaller first point.
    pub left: u32,
    /// The other node.
    pub right: u32,
    /// `sqrt(2 · growth of the sum of squares)`, at least the heights of both nodes.
    pub height: f64,
    /// Samples in the merged cluster.
    pub n_samples: u32,
}

/// Ward tree over the distinct points, merges in the order of the sequential greedy algorithm.
///
/// Nodes `0..n_points` are the points; merge `i` makes node `n_points + i`.
#[derive(Clone, Debug, PartialEq)]
pub struct Tree {
    n_points: usize,
    merges: Vec<Merge>,
}

impl Tree {
    /// The tree of merges in greedy order; `unit` is the unit of the records' costs before squaring.
    ///
    /// # Errors
    /// [`Stopped`] when asked to stop.
    pub(super) fn new(
        records: &[Record],
        points: &Points,
        unit: f64,
        stop: &StopToken,
    ) -> Result<Self, Stopped> {
        let n_points = points.n_points();
        let mut tree = Self {
            n_points,
            merges: Vec::with_capacity(records.len()),
        };
        for record in records {
            stop.poll()?;
            let children = [record.left, record.right];
            let own = ((2.0 * record.cost).sqrt() * unit).min(f64::MAX);
            let height = children
                .iter()
                .fold(own, |height, &child| height.max(tree.height(child)));
            let n_samples = children
                .iter()
                .map(|&child| tree.n_samples(child, points))
                .sum();
            tree.merges.push(Merge {
                left: record.left,
                right: record.right,
                height,
                n_samples,
            });
        }
        Ok(tree)
    }

    /// Number of leaves.
    #[must_use]
    pub fn n_points(&self) -> usize {
        self.n_points
    }

    /// The `n_points − 1` merges; merge `i` makes node `n_points + i`.
    #[must_use]
    pub fn merges(&self) -> &[Merge] {
        &self.merges
    }

    /// Height of a node; 0 for a point.
    fn height(&self, node: u32) -> f64 {
        self.merge_of(node).map_or(0.0, |merge| merge.height)
    }

    fn n_samples(&self, node: u32, points: &Points) -> u32 {
        self.merge_of(node).map_or_else(
            || points.weights()[node as usize] as u32,
            |merge| merge.n_samples,
        )
    }

    fn merge_of(&self, node: u32) -> Option<&Merge> {
        (node as usize)
            .checked_sub(self.n_points)
            .map(|merge| &self.merges[merge])
    }

    /// Labels of the points for exactly `n_clusters` clusters: the last `n_clusters − 1` merges are undone.
    ///
    /// Clusters are numbered from 0 by their first point, so the labels depend neither on the order of the samples
    /// nor on ties. O(n_points).
    ///
    /// # Panics
    /// When `n_clusters` is 0 or exceeds `n_points`.
    #[must_use]
    pub fn cut(&self, n_clusters: usize) -> Vec<i32> {
        self.cuts(&[n_clusters]).swap_remove(0)
    }

    /// [`Tree::cut`] for several numbers of clusters, in the order given. Only the finest cut walks the tree; the
    /// others join its clusters.
    ///
    /// # Panics
    /// When a number is 0 or exceeds `n_points`.
    #[must_use]
    pub fn cuts(&self, n_clusters: &[usize]) -> Vec<Vec<i32>> {
        let in_range = |k: &usize| (1..=self.n_points).contains(k);
        assert!(
            n_clusters.iter().all(in_range),
            "from 1 to n_points clusters"
        );
        let Some(&finest) = n_clusters.iter().max() else {
            return Vec::new();
        };
        let (labels, tops) = numbered(&self.tops(finest), self.n_points + self.merges.len());
        let cut = |&coarse: &usize| -> Vec<i32> {
            let label_of = self.joined(&tops, coarse);
            labels
                .iter()
                .map(|&label| label_of[label as usize])
                .collect()
        };
        n_clusters.iter().map(cut).collect()
    }

    /// For each point the node that holds it once the last `n_clusters − 1` merges are undone.
    pub(super) fn tops(&self, n_clusters: usize) -> Vec<u32> {
        let n_kept = self.n_points - n_clusters;
        let mut top_of: Vec<u32> = (0..(self.n_points + n_kept) as u32).collect();
        for (i, merge) in self.merges[..n_kept].iter().enumerate().rev() {
            let top = top_of[self.n_points + i];
            top_of[merge.left as usize] = top;
            top_of[merge.right as usize] = top;
        }
        top_of.truncate(self.n_points);
        top_of
    }

    /// For each cluster of a cut, given by its node, its label in the cut into fewer clusters.
    fn joined(&self, tops: &[u32], n_clusters: usize) -> Vec<i32> {
        let n_undone = self.n_points - tops.len();
        let merges = &self.merges[n_undone..self.n_points - n_clusters];
        let mut label_of: Vec<(u32, usize)> = tops.iter().copied().zip(0..).collect();
        label_of.sort_unstable();
        // Clusters of the cut come first, then the merges that join them.
        let position = |node: u32| match (node as usize).checked_sub(self.n_points + n_undone) {
            Some(merge) => tops.len() + merge,
            None => label_of[label_of.partition_point(|&(top, _)| top < node)].1,
        };
        let mut root_of: Vec<u32> = (0..(tops.len() + merges.len()) as u32).collect();
        for (i, merge) in merges.iter().enumerate().rev() {
            let root = root_of[tops.len() + i];
            root_of[position(merge.left)] = root;
            root_of[position(merge.right)] = root;
        }
        numbered(&root_of[..tops.len()], root_of.len()).0
    }
}

/// Numbers equal ids from 0 in the order of their first appearance: a label per item, an id per label.
pub(super) fn numbered(ids: &[u32], n_ids: usize) -> (Vec<i32>, Vec<u32>) {
    let mut label_of = vec![-1_i32; n_ids];
    let mut id_of = Vec::new();
    let label = |&id: &u32| {
        let label = &mut label_of[id as usize];
        if *label < 0 {
            *label = id_of.len() as i32;
            id_of.push(id);
        }
        *label
    };
    (ids.iter().map(label).collect(), id_of)
}
