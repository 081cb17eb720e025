//! What fitting guarantees of a model, checked for models that were read from bytes.
//!
//! A sound model gives every row of finite (or, in trees, missing) values a finite score, without panic and in a time that its
//! size bounds.

use std::fmt;

use crate::boosting::{GradientBoosting, Node, Tree};
use crate::calibration::{Calibrator, Isotonic};
use crate::forest::RandomForest;
use crate::logistic::{ElasticNet, Term};

/// Far above what fits give; sums and products of a few such numbers are still doubles.
const MAGNITUDE_MAX: f64 = 1e100;
/// Far above what fits grow. Explaining a tree costs the square of its leaves at worst.
const LEAVES_MAX: usize = 1024;
/// The same for the trees of a model.
const TREES_MAX: usize = 10_000;

/// A model whose parts contradict each other; the text says where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unsound(pub &'static str);

impl fmt::Display for Unsound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unsound model: {}", self.0)
    }
}

impl std::error::Error for Unsound {}

impl Tree {
    /// Vouches for a binary tree of at most 1,024 leaves, parents before their children, that asks for the given number of
    /// features and whose values are finite.
    ///
    /// # Errors
    /// [`Unsound`] where that does not hold.
    pub fn check(&self, n_features: usize) -> Result<(), Unsound> {
        const CHILDREN: Unsound = Unsound("children come after their parents, each of one parent");
        if self.nodes.is_empty() || self.nodes.len() >= 2 * LEAVES_MAX {
            return Err(Unsound("trees have 1 to 1,024 leaves"));
        }
        let mut has_parent = vec![false; self.nodes.len()];
        has_parent[0] = true;
        for (at, node) in self.nodes.iter().enumerate() {
            check_node(node, n_features)?;
            let Node::Split { left, right, .. } = *node else {
                continue;
            };
            for child in [left as usize, right as usize] {
                let is_new = child > at && has_parent.get(child) == Some(&false);
                if !is_new {
                    return Err(CHILDREN);
                }
                has_parent[child] = true;
            }
        }
        require(has_parent.iter().all(|&has| has), CHILDREN.0)
    }
}

fn check_node(node: &Node, n_features: usize) -> Result<(), Unsound> {
    match *node {
        Node::Split {
            feature,
            threshold,
            gain,
            cover,
            ..
        } => {
            require((feature as usize) < n_features, "features in range")?;
            let is_threshold = threshold.is_finite() || threshold == f64::INFINITY;
            require(is_threshold, "thresholds are numbers")?;
            require(gain.is_finite(), "finite gains")?;
            require(is_weight(cover), "covers are weights")
        }
        Node::Leaf { value, cover } => {
            require(is_moderate(value), "finite leaves")?;
            require(is_weight(cover), "covers are weights")
        }
    }
}

impl GradientBoosting {
    /// Vouches for sound trees of its features, at most 10,000, and a finite base.
    ///
    /// # Errors
    /// [`Unsound`] where that does not hold.
    pub fn check(&self) -> Result<(), Unsound> {
        require(is_moderate(self.base_score), "a finite base")?;
        let losses = &self.validation_losses;
        require(losses.iter().all(|x| x.is_finite()), "finite losses")?;
        require(self.loss.check().is_ok(), "a loss within its range")?;
        check_trees(&self.trees, self.n_features)
    }
}

impl RandomForest {
    /// Vouches for sound trees of its features, from 1 to 10,000.
    ///
    /// # Errors
    /// [`Unsound`] where that does not hold.
    pub fn check(&self) -> Result<(), Unsound> {
        require(!self.trees.is_empty(), "a forest has trees")?;
        check_trees(&self.trees, self.n_features)
    }
}

fn check_trees(trees: &[Tree], n_features: usize) -> Result<(), Unsound> {
    require(trees.len() <= TREES_MAX, "at most 10,000 trees")?;
    trees.iter().try_for_each(|tree| tree.check(n_features))
}

impl ElasticNet {
    /// Vouches for finite terms, categories having a coefficient and a share for each level.
    ///
    /// # Errors
    /// [`Unsound`] where that does not hold.
    pub fn check(&self) -> Result<(), Unsound> {
        require(is_weight(self.lambda), "a finite penalty")?;
        require(is_moderate(self.base), "a finite base")?;
        self.terms.iter().try_for_each(check_term)
    }
}

fn check_term(term: &Term) -> Result<(), Unsound> {
    match term {
        Term::Numeric {
            coefficient,
            mean,
            standard_deviation,
        } => {
            let are_finite = coefficient.is_finite() && mean.is_finite();
            require(are_finite, "finite coefficients and means")?;
            require(is_weight(*standard_deviation), "standard deviations")?;
            let slope = coefficient * standard_deviation;
            require(is_moderate(slope), "finite slopes")
        }
        Term::Categorical {
            coefficients,
            shares,
        } => {
            let are_both = coefficients.len() == shares.len();
            require(are_both, "a share for each coefficient")?;
            let are_finite = coefficients.iter().all(|&b| is_moderate(b));
            require(are_finite, "finite coefficients")?;
            let are_shares = shares.iter().all(|share| (0.0..=1.0).contains(share));
            require(are_shares, "shares from 0 to 1")
        }
    }
}

impl Calibrator {
    /// Vouches for a finite map that never falls.
    ///
    /// # Errors
    /// [`Unsound`] where that does not hold.
    pub fn check(&self) -> Result<(), Unsound> {
        let is_slope = |x: f64| is_moderate(x) && x >= 0.0;
        let never_falls = match *self {
            Self::None => true,
            Self::Platt { slope, intercept } => is_slope(slope) && is_moderate(intercept),
            Self::Beta { a, b, c } => is_slope(a) && is_slope(b) && is_moderate(c),
            Self::Isotonic(ref isotonic) => isotonic.never_falls(),
        };
        require(never_falls, "a calibrator never falls")
    }
}

impl Isotonic {
    fn never_falls(&self) -> bool {
        let mut pairs = self.knots.windows(2);
        let are_finite =
            |knot: &crate::calibration::Knot| is_moderate(knot.score) && is_moderate(knot.log_odds);
        !self.knots.is_empty()
            && self.knots.iter().all(are_finite)
            && pairs
                .all(|pair| pair[0].score < pair[1].score && pair[0].log_odds <= pair[1].log_odds)
    }
}

fn require(holds: bool, rule: &'static str) -> Result<(), Unsound> {
    if holds { Ok(()) } else { Err(Unsound(rule)) }
}

fn is_moderate(value: f64) -> bool {
    value.abs() <= MAGNITUDE_MAX
}

fn is_weight(value: f64) -> bool {
    value.is_finite() && value >= 0.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calibration::Knot;

    fn split(feature: u32, left: u32, right: u32) -> Node {
        Node::Split {
            feature,
            threshold: 1.0,
            missing_left: false,
            gain: 1.0,
            cover: 2.0,
            left,
            right,
        }
    }

    fn leaf(value: f64) -> Node {
        Node::Leaf { value, cover: 1.0 }
    }

    #[track_caller]
    fn check_tree(nodes: Vec<Node>, is_sound: bool) {
        let checked = Tree { nodes }.check(2);
        assert_eq!(checked.is_ok(), is_sound, "{checked:?}");
    }

    #[test]
    fn trees_have_children_after_parents_and_every_node_one_parent() {
        check_tree(vec![leaf(1.0)], true);
        check_tree(vec![split(1, 1, 2), leaf(0.0), leaf(1.0)], true);
        check_tree(vec![split(1, 2, 1), leaf(0.0), leaf(1.0)], true);
        check_tree(vec![], false);
        check_tree(vec![split(1, 0, 1), leaf(0.0)], false); // a loop
        check_tree(vec![split(0, 1, 1), leaf(0.0)], false); // one child twice
        check_tree(vec![split(0, 1, 3), leaf(0.0), leaf(0.0)], false); // out of range
        check_tree(vec![leaf(0.0), leaf(1.0)], false); // nobody's child
        let shared = vec![split(0, 1, 2), split(1, 2, 3), leaf(0.0), leaf(0.0)];
        check_tree(shared, false);
    }

    #[test]
    fn trees_hold_finite_numbers_of_features_that_are_there() {
        check_tree(vec![split(2, 1, 2), leaf(0.0), leaf(1.0)], false);
        for value in [f64::NAN, f64::INFINITY, 1e101] {
            check_tree(vec![leaf(value)], false);
        }
        let with = |change: fn(&mut f64, &mut f64)| {
            let mut root = split(0, 1, 2);
            if let Node::Split {
                threshold, cover, ..
            } = &mut root
            {
                change(threshold, cover);
            }
            vec![root, leaf(0.0), leaf(0.0)]
        };
        check_tree(with(|threshold, _| *threshold = f64::INFINITY), true);
        check_tree(with(|threshold, _| *threshold = f64::NEG_INFINITY), false);
        check_tree(with(|threshold, _| *threshold = f64::NAN), false);
        check_tree(with(|_, cover| *cover = -1.0), false);
    }

    #[test]
    fn a_chain_without_end_is_refused() {
        let chain = |n_splits: u32| {
            let splits = (0..n_splits).map(|at| split(0, at + 1, n_splits + 1 + at));
            let leaves = (0..=n_splits).map(|_| leaf(0.0));
            splits.chain(leaves).collect::<Vec<Node>>()
        };
        check_tree(chain(1023), true);
        check_tree(chain(1024), false);
    }

    #[test]
    fn calibrators_never_fall() {
        let knot = |score, log_odds| Knot { score, log_odds };
        let isotonic = |knots: Vec<Knot>| Calibrator::Isotonic(Isotonic { knots });
        for (calibrator, is_sound) in [
            (Calibrator::None, true),
            (platt(2.0, -1.0), true),
            (platt(-0.1, 0.0), false),
            (platt(f64::NAN, 0.0), false),
            (isotonic(vec![]), false),
            (isotonic(vec![knot(0.0, 1.0), knot(1.0, 1.0)]), true),
            (isotonic(vec![knot(0.0, 1.0), knot(0.0, 1.0)]), false),
            (isotonic(vec![knot(0.0, 1.0), knot(1.0, 0.5)]), false),
        ] {
            assert_eq!(calibrator.check().is_ok(), is_sound, "{calibrator:?}");
        }
    }

    fn platt(slope: f64, intercept: f64) -> Calibrator {
        Calibrator::Platt { slope, intercept }
    }

    #[test]
    fn linear_terms_are_finite_and_categories_whole() {
        let net = |term| ElasticNet {
            lambda: 0.1,
            base: 0.0,
            terms: vec![term],
        };
        let numeric = |coefficient, standard_deviation| Term::Numeric {
            coefficient,
            mean: 0.0,
            standard_deviation,
        };
        let words = |coefficients: &[f64], shares: &[f64]| Term::Categorical {
            coefficients: coefficients.to_vec(),
            shares: shares.to_vec(),
        };
        for (term, is_sound) in [
            (numeric(1e300, 1e-250), true), // a column of tiny numbers
            (numeric(1e300, 1.0), false),
            (numeric(f64::NAN, 1.0), false),
            (numeric(1.0, -1.0), false),
            (words(&[1.0, 2.0], &[0.5, 0.5]), true),
            (words(&[1.0, 2.0], &[0.5]), false),
            (words(&[1.0], &[1.5]), false),
        ] {
            assert_eq!(net(term.clone()).check().is_ok(), is_sound, "{term:?}");
        }
    }
}
