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

    /// What the tree is expected to give a row of which some features are unknown: at a split on one of them both sides count,
    /// each by the share of the training rows that went there.
    ///
    /// A split whose children were both met by no training row sends half either way. Where nothing is unknown it is
    /// [`Tree::value`], to the last bit.
    ///
    /// Source: Lundberg, Erion, Lee (2018), "Consistent Individualized Feature Attribution for Tree Ensembles", algorithm 1.
    ///
    /// # Panics
    /// On a row, or a list of what is unknown, shorter than the tree's features.
    #[must_use]
    pub fn expectation(&self, row: &[f64], is_unknown: &[bool]) -> f64 {
        self.expectation_at(0, row, is_unknown)
    }

    fn expectation_at(&self, at: u32, row: &[f64], is_unknown: &[bool]) -> f64 {
        match self.nodes[at as usize] {
            Node::Leaf { value, .. } => value,
            Node::Split {
                feature,
                threshold,
                missing_left,
                left,
                right,
                ..
            } => {
                let of = |child: u32| self.expectation_at(child, row, is_unknown);
                if is_unknown[feature as usize] {
                    let share = self.share_left([left, right]);
                    return share * of(left) + (1.0 - share) * of(right);
                }
                let value = row[feature as usize];
                let goes_left = value <= threshold || (missing_left && value.is_nan());
                of(if goes_left { left } else { right })
            }
        }
    }

    /// The share of the training rows at a split that went left; one half where there were none.
    #[must_use]
    pub fn share_left(&self, children: [u32; 2]) -> f64 {
        let [left, right] = children.map(|child| self.nodes[child as usize].cover());
        let cover = left + right;
        if cover > 0.0 { left / cover } else { 0.5 }
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
