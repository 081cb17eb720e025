//! The Ward tree with the customers' ids at its leaves.

use clientela_learn::Points;
use clientela_learn::ward::{CondensedLeaf, LinkageRow, Tree};
use clientela_tables::Ids;

/// A tree as it is drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Dendrogram {
    /// One row less than leaves, in SciPy's convention.
    pub linkage: Vec<LinkageRow>,
    /// A customer's id, or the first customer's and `+n` for the others of a condensed leaf.
    pub leaf_labels: Vec<String>,
    /// Customers at each leaf, where only the top of the tree is shown.
    pub leaf_sizes: Option<Vec<usize>>,
}

impl Dendrogram {
    /// The tree over all customers, or its top where they are more than `max_leaves` (at least 1).
    ///
    /// `ids` are the customers in payload order, `points` those from which the tree was made.
    #[must_use]
    pub fn new(tree: &Tree, points: &Points, ids: &Ids, max_leaves: usize) -> Self {
        let top = tree.condensed(points, max_leaves);
        let label = |leaf: &CondensedLeaf| match leaf.n_samples {
            1 => ids[leaf.first_sample].to_owned(),
            n => format!("{} +{}", &ids[leaf.first_sample], n - 1),
        };
        let truncated = top.leaves.len() < ids.len();
        Self {
            leaf_labels: top.leaves.iter().map(label).collect(),
            leaf_sizes: truncated.then(|| top.leaves.iter().map(|leaf| leaf.n_samples).collect()),
            linkage: top.rows,
        }
    }
}

#[cfg(test)]
mod tests {
    use clientela_learn::ward;
    use clientela_numerics::StopToken;

    use super::*;

    fn drawn(max_leaves: usize) -> Dendrogram {
        let points = Points::from_columns(&[vec![10.0, 0.0, 11.0, 0.0, 30.0]]);
        let tree = ward::linkage(&points, &StopToken::new()).expect("points");
        let ids = ["a", "b", "c", "d", "e"].iter().collect();
        Dendrogram::new(&tree, &points, &ids, max_leaves)
    }

    #[test]
    fn a_small_tree_shows_every_customer() {
        let whole = drawn(5);
        assert_eq!(whole.leaf_labels, ["a", "b", "c", "d", "e"]);
        assert_eq!((whole.leaf_sizes, whole.linkage.len()), (None, 4));
        let first = whole.linkage[0];
        assert_eq!((first.child1, first.child2, first.distance), (1, 3, 0.0));
    }

    #[test]
    fn a_large_tree_shows_its_top() {
        let top = drawn(3);
        assert_eq!(top.leaf_labels, ["a +1", "b +1", "e"]);
        assert_eq!(top.leaf_sizes, Some(vec![2, 2, 1]));
        assert_eq!(
            top.linkage
                .iter()
                .map(|row| row.sample_count)
                .collect::<Vec<_>>(),
            [4, 5]
        );
    }
}
