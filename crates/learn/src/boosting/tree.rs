//! A binary tree of thresholds with a value in each leaf.

use serde::{Deserialize, Serialize};

/// A tree for rows of features; it starts at node 0.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tree {
    /// Nodes, parents before children.
    pub nodes: Vec<Node>,
}

/// A node of a [`Tree`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Node {
    /// Rows whose feature is at most the threshold go left.
    Split {
        /// Place of the feature in the row.
        feature: u32,
        /// The largest value that goes left; +∞ where only missing values go right.
        threshold: f64,
        /// Whether a missing value (NaN) goes left.
        missing_left: bool,
        /// What the split gained in training: twice the fall of the quadratic approximation of the loss.
        gain: f64,
        /// Sum of the weights of the training rows that came here.
        cover: f64,
        /// The left child.
        left: u32,
        /// The right child.
        right: u32,
    },
    /// The end of a path.
    Leaf {
        /// What a row that ends here gets.
        value: f64,
        /// Sum of the weights of the training rows that ended here.
        cover: f64,
    },
}

impl Node {
    /// Sum of the weights of the training rows that came here; a tree that saw a sample of the rows counts those.
    #[must_use]
    pub fn cover(&self) -> f64 {
        match *self {
            Self::Split { cover, .. } | Self::Leaf { cover, .. } => cover,
        }
    }
}

impl Tree {
    /// The value of the leaf that a row of features falls into.
    ///
    /// # Panics
    /// On a row shorter than the tree's features.
    #[must_use]
    pub fn value(&self, row: &[f64]) -> f64 {
        let mut at = 0;
        loop {
            match self.nodes[at] {
                Node::Leaf { value, .. } => return value,
                Node::Split {
                    feature,
                    threshold,
                    missing_left,
                    left,
                    right,
                    ..
                } => {
                    let value = row[feature as usize];
                    let goes_left = value <= threshold || (missing_left && value.is_nan());
                    at = if goes_left { left } else { right } as usize;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_fall_into_the_leaf_of_their_side() {
        let split = |threshold, missing_left, left, right| Node::Split {
            feature: 0,
            threshold,
            missing_left,
            gain: 1.0,
            cover: 1.0,
            left,
            right,
        };
        let leaf = |value| Node::Leaf { value, cover: 1.0 };
        let tree = Tree {
            nodes: vec![
                split(2.0, false, 1, 2),
                leaf(1.0),
                split(f64::INFINITY, false, 3, 4),
                leaf(2.0),
                leaf(3.0),
            ],
        };
        for (value, expected) in [
            (-1.0, 1.0),
            (2.0, 1.0),
            (2.1, 2.0),
            (f64::INFINITY, 2.0),
            (f64::NAN, 3.0),
        ] {
            assert_eq!(tree.value(&[value]), expected, "{value}");
        }
        let tree = Tree {
            nodes: vec![split(2.0, true, 1, 2), leaf(1.0), leaf(2.0)],
        };
        assert_eq!(tree.value(&[f64::NAN]), 1.0);
    }
}
