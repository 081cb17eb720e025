//! A tree of merges as a client sends it: a linkage matrix over named leaves.

/// One row of a linkage matrix: two nodes become one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HierarchyMerge {
    /// The two nodes in the order of the row: leaves are `0..n_leaves`, row `i` makes node `n_leaves + i`.
    pub children: [u32; 2],
    /// The distance at which they merge; finite, ≥ 0. Not necessarily at least that of the merges below.
    pub distance: f64,
    /// Customers below the new node: the sum of both children.
    pub size: u64,
}

/// A binary tree over named leaves.
///
/// Holds: at least one leaf, one merge less than leaves, every node but the last the child of exactly one later merge.
#[derive(Clone, Debug, PartialEq)]
pub struct Hierarchy {
    /// Names of the leaves, by node.
    pub leaf_labels: Vec<String>,
    /// Customers at each leaf, at least 1; `None` for one each.
    pub leaf_sizes: Option<Vec<u64>>,
    /// The merges; the last one makes the root.
    pub merges: Vec<HierarchyMerge>,
}

impl Hierarchy {
    /// Number of leaves.
    #[must_use]
    pub fn n_leaves(&self) -> usize {
        self.leaf_labels.len()
    }

    /// Number of leaves and merges; the last node is the root.
    #[must_use]
    pub fn n_nodes(&self) -> usize {
        self.leaf_labels.len() + self.merges.len()
    }

    /// The merge that makes a node; `None` for a leaf.
    #[must_use]
    pub fn merge(&self, node: usize) -> Option<&HierarchyMerge> {
        node.checked_sub(self.n_leaves())
            .map(|row| &self.merges[row])
    }

    /// The distance of the merge that makes a node; 0 for a leaf.
    #[must_use]
    pub fn distance(&self, node: usize) -> f64 {
        self.merge(node).map_or(0.0, |merge| merge.distance)
    }

    /// Customers below a node.
    #[must_use]
    pub fn size(&self, node: usize) -> u64 {
        match self.merge(node) {
            Some(merge) => merge.size,
            None => self.leaf_sizes.as_ref().map_or(1, |sizes| sizes[node]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_are_leaves_then_merges() {
        let tree = Hierarchy {
            leaf_labels: vec!["a".to_owned(), "b".to_owned()],
            leaf_sizes: Some(vec![3, 4]),
            merges: vec![HierarchyMerge {
                children: [0, 1],
                distance: 2.5,
                size: 7,
            }],
        };
        assert_eq!((tree.n_leaves(), tree.n_nodes()), (2, 3));
        assert_eq!([0, 1, 2].map(|node| tree.size(node)), [3, 4, 7]);
        assert_eq!([0, 2].map(|node| tree.distance(node)), [0.0, 2.5]);
        assert!(tree.merge(1).is_none());
    }
}
