//! A binary tree of thresholds with a value in each leaf.

/// A tree for rows of features; it starts at node 0.
#[derive(Clone, Debug, PartialEq)]
pub struct Tree {
    /// Nodes, parents before children.
    pub nodes: Vec<Node>,
}

/// A node of a [`Tree`].
#[derive(Clone, Copy, Debug, PartialEq)]
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
        /// The left child.
        left: u32,
        /// The right child.
        right: u32,
    },
    /// The end of a path.
    Leaf {
        /// What a row that ends here gets.
        value: f64,
    },
}

impl Tree {
    /// The value of the leaf that a row of features falls into.
    ///
    /// # Panics
    /// On a row shorter than the tree's features.
    #[must_use]
    pub fn value(&self, row: &[f64]) -> f64 {
        self.descend(|_, feature, threshold, missing_left| {
            let value = row[feature];
            value <= threshold || (missing_left && value.is_nan())
        })
    }

    /// Walks down by `goes_left(node, feature, threshold, missing_left)`.
    pub(super) fn descend(&self, goes_left: impl Fn(usize, usize, f64, bool) -> bool) -> f64 {
        let mut at = 0;
        loop {
            match self.nodes[at] {
                Node::Leaf { value } => return value,
                Node::Split {
                    feature,
                    threshold,
                    missing_left,
                    left,
                    right,
                    ..
                } => {
                    let goes_left = goes_left(at, feature as usize, threshold, missing_left);
                    at = if goes_left { left } else { right } as usize;
                }
            }
        }
    }
}

/// A tree laid out for many rows at once: all of them take one step, then the next.
///
/// No step depends on a guess of the processor, as a walk of one row after the other does at every split. A leaf leads to
/// itself.
pub(super) struct Walk {
    steps: Vec<Step>,
    /// Steps to the farthest leaf.
    depth: usize,
}

struct Step {
    /// The threshold of a split, the value of a leaf.
    number: f64,
    feature: u32,
    missing_left: bool,
    /// Left and right.
    next: [u32; 2],
}

impl Walk {
    pub(super) fn of(tree: &Tree) -> Self {
        let mut depths = vec![0; tree.nodes.len()];
        let steps = tree.nodes.iter().enumerate().map(|(at, node)| match *node {
            Node::Leaf { value } => Step {
                number: value,
                feature: 0,
                missing_left: false,
                next: [at as u32; 2],
            },
            Node::Split {
                feature,
                threshold,
                missing_left,
                left,
                right,
                ..
            } => {
                for child in [left, right] {
                    depths[child as usize] = depths[at] + 1;
                }
                Step {
                    number: threshold,
                    feature,
                    missing_left,
                    next: [left, right],
                }
            }
        });
        Self {
            steps: steps.collect(),
            depth: depths.into_iter().max().unwrap_or(0),
        }
    }

    /// Adds the leaf of each row to its score; `lines` holds the rows one after the other.
    pub(super) fn add_values(&self, lines: &[f64], places: &mut [u32], scores: &mut [f64]) {
        places.fill(0);
        let n_features = lines.len() / places.len().max(1);
        for _ in 0..self.depth {
            for (place, line) in places.iter_mut().zip(lines.chunks_exact(n_features)) {
                let step = &self.steps[*place as usize];
                let value = line[step.feature as usize];
                let goes_left = value <= step.number || (step.missing_left && value.is_nan());
                *place = step.next[usize::from(!goes_left)];
            }
        }
        for (score, &place) in scores.iter_mut().zip(&*places) {
            *score += self.steps[place as usize].number;
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
            left,
            right,
        };
        let leaf = |value| Node::Leaf { value };
        let tree = Tree {
            nodes: vec![
                split(2.0, false, 1, 2),
                leaf(1.0),
                split(f64::INFINITY, false, 3, 4),
                leaf(2.0),
                leaf(3.0),
            ],
        };
        let values = [-1.0, 2.0, 2.1, f64::INFINITY, f64::NAN];
        let mut scores = [0.5; 5];
        Walk::of(&tree).add_values(&values, &mut [0; 5], &mut scores);
        assert_eq!(scores, [1.5, 1.5, 2.5, 2.5, 3.5]);
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
