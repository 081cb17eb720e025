//! Exact TreeSHAP: what each feature of a row adds to the score of a sum of trees.
//!
//! A feature's attribution is its Shapley value in the game whose players are the features and whose worth, for a set of them,
//! is what a tree expects of the row when it knows only these: at a split on a feature outside the set both sides are followed,
//! each by the share of the training rows that went there.
//!
//! Sources: Lundberg, Erion, Lee (2018), "Consistent Individualized Feature Attribution for Tree Ensembles" (the path-dependent
//! game); Yang (2021), "Fast TreeSHAP: Accelerating SHAP Value Computation for Trees", algorithm 2 (a table for each leaf by
//! which of its conditions a row meets).
//! Differs from the sources: a table serves a whole branch where rows are many enough, with an entry for each combination of
//! intervals that the branch tells apart, so that a row looks up one entry instead of one for each leaf; the weights of
//! coalitions are integrals of products, which Gauss's rule gives without subtractions; attributions are added in fixed point,
//! so that a row's are the same to the last bit alone and among others, however tables are cut.
//! Cost: O(n_rows · n_tables · n_features) with tables of at most 32,768 numbers; O(n_rows · n_leaves · depth) where a path has
//! conditions on too many features for a table. Deterministic on any number of threads.
//! Tested against: Shapley values over all coalitions, LightGBM's contributions.

mod branches;
mod game;
mod rows;
mod tables;

use clientela_numerics::{StopToken, Stopped};
use rayon::prelude::*;

use crate::boosting::fixed_point::FixedPoint;
use crate::boosting::{Node, Tree};
use branches::Branches;
use game::Game;
use rows::Thresholds;
use tables::{Part, parts_of};

/// Trees whose tables are kept at a time.
const TREES_AT_ONCE: usize = 16;
/// Rows that go through the tables of some trees together.
const BLOCK: usize = 2048;

/// Explains the scores of a sum of trees.
#[derive(Clone, Debug)]
pub struct TreeExplainer {
    trees: Vec<Branches>,
    thresholds: Thresholds,
    n_features: usize,
    base: f64,
    /// In which attributions are added up.
    unit: FixedPoint,
    game: Game,
}

impl TreeExplainer {
    /// For scores that are `scale` times the sum of the trees' values: 1 for boosted trees, 1 / n_trees for the mean of a forest.
    ///
    /// A split whose children were both met by no training row sends half either way.
    ///
    /// # Panics
    /// When a tree splits on a feature beyond `n_features`, or a leaf's value times the scale is not finite.
    #[must_use]
    pub fn new(trees: &[Tree], scale: f64, n_features: usize) -> Self {
        let thresholds = Thresholds::of(trees, n_features);
        let largest = |tree: &Tree| {
            let values = tree.nodes.iter().map(|node| match node {
                Node::Leaf { value, .. } => (scale * value).abs(),
                Node::Split { .. } => 0.0,
            });
            values.fold(0.0, f64::max)
        };
        // An attribution is a mean of differences between two leaves' values.
        let bound = trees.iter().map(|tree| 2.0 * largest(tree)).sum();
        let trees: Vec<Branches> = trees
            .iter()
            .map(|tree| Branches::of(tree, scale, &thresholds))
            .collect();
        let leaves = trees.iter().flat_map(|tree| &tree.leaves);
        assert!(
            leaves.clone().all(|leaf| leaf.value.is_finite()),
            "finite values of leaves"
        );
        Self {
            base: leaves.map(branches::Leaf::expectation).sum(),
            unit: FixedPoint::for_terms(2, bound),
            game: Game::new(),
            trees,
            thresholds,
            n_features,
        }
    }

    /// The score that is expected of a row of which nothing is known: the mean over the training rows, by cover.
    #[must_use]
    pub fn base(&self) -> f64 {
        self.base
    }

    /// Attributions, one line of `n_features` for each row, in the unit of the scores; with [`base`](Self::base) they add up
    /// to the row's score.
    ///
    /// Shape: one column for each feature, NaN where a value is missing. A feature that no tree splits on gets 0.
    ///
    /// # Errors
    /// [`Stopped`] when the stop token is set.
    ///
    /// # Panics
    /// When the number of columns is not `n_features`, or columns differ in length.
    pub fn explain(&self, columns: &[Vec<f64>], stop: &StopToken) -> Result<Vec<f64>, Stopped> {
        assert_eq!(columns.len(), self.n_features, "a column for each feature");
        let n_rows = columns.first().map_or(0, Vec::len);
        assert!(
            columns.iter().all(|column| column.len() == n_rows),
            "columns of one length"
        );
        let codes = self.thresholds.code(columns, stop)?;
        let width = self.n_features.max(1);
        let mut sums = vec![0_i64; n_rows * self.n_features];
        for trees in self.trees.chunks(TREES_AT_ONCE) {
            let parts = self.parts(trees, n_rows, stop)?;
            let blocks = sums.par_chunks_mut(BLOCK * width).enumerate();
            blocks.try_for_each(|(block, sums)| {
                let first = block * BLOCK;
                let n_rows = sums.len() / width;
                let mut game = self.game.clone();
                for part in &parts {
                    stop.poll()?;
                    let codes = |feature: u32| &codes[feature as usize][first..first + n_rows];
                    part.add(codes, width, sums, &mut game, self.unit);
                }
                Ok(())
            })?;
        }
        stop.poll()?;
        Ok(sums.into_iter().map(|sum| self.unit.decode(sum)).collect())
    }

    /// What rows have to go through for some trees.
    fn parts<'a>(
        &'a self,
        trees: &'a [Branches],
        n_rows: usize,
        stop: &StopToken,
    ) -> Result<Vec<Part<'a>>, Stopped> {
        let of_trees = trees.par_iter().map_init(
            || self.game.clone(),
            |game, tree| parts_of(tree, &self.thresholds, n_rows, game, self.unit, stop),
        );
        let of_trees = of_trees.collect::<Result<Vec<_>, Stopped>>()?;
        Ok(of_trees.into_iter().flatten().collect())
    }
}
