//! The families of models: each gives log-odds for a row.

mod boosting;
mod forest;
mod logistic;

use clientela_learn::FitError;
use clientela_learn::boosting::{GradientBoosting, Tree};
use clientela_learn::forest::RandomForest;
use clientela_learn::logistic::ElasticNet;
use clientela_numerics::{StopToken, Stopped};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::encoding::{LinearEncoding, TreeEncoding, Unknown};
use super::features::Features;
use super::lesson::Lesson;

/// A family of models, from the simplest on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    /// Logistic regression with an elastic net penalty.
    LogisticRegression,
    /// The mean of many trees.
    RandomForest,
    /// Boosted trees.
    GradientBoosting,
}

impl Family {
    /// All of them, from the simplest on.
    pub const ALL: [Self; 3] = [
        Self::LogisticRegression,
        Self::RandomForest,
        Self::GradientBoosting,
    ];

    /// The name in `evaluation_metrics` and `best_algorithm`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::LogisticRegression => "Logistic Regression",
            Self::RandomForest => "Random Forest",
            Self::GradientBoosting => "Gradient Boosting",
        }
    }

    /// Learns from labelled rows of both classes.
    ///
    /// # Errors
    /// What the learner says; [`FitError::Stopped`].
    pub(super) fn fit(
        self,
        lesson: &Lesson<'_>,
        stop: &StopToken,
    ) -> Result<FittedModel, FitError> {
        match self {
            Self::LogisticRegression => logistic::fit(lesson, stop),
            Self::RandomForest => forest::fit(lesson, stop),
            Self::GradientBoosting => boosting::fit(lesson, stop),
        }
    }
}

/// A fitted model with the encoding it was fitted to: all that turns a row of features into log-odds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum FittedModel {
    /// Logistic regression.
    Linear {
        /// From features to columns.
        encoding: LinearEncoding,
        /// From columns to log-odds.
        net: ElasticNet,
    },
    /// The mean of many trees.
    Forest {
        /// From features to columns, one for each.
        encoding: TreeEncoding,
        /// From columns to log-odds.
        forest: RandomForest,
    },
    /// Boosted trees.
    Boosting {
        /// From features to columns, one for each.
        encoding: TreeEncoding,
        /// From columns to log-odds.
        booster: GradientBoosting,
    },
}

impl FittedModel {
    /// Which family it is of.
    #[must_use]
    pub fn family(&self) -> Family {
        match self {
            Self::Linear { .. } => Family::LogisticRegression,
            Self::Forest { .. } => Family::RandomForest,
            Self::Boosting { .. } => Family::GradientBoosting,
        }
    }

    /// Log-odds of some rows, before any calibration.
    ///
    /// Trees give a row of which some values are unknown to them (words or gaps that their training rows did not have) what they
    /// are expected to give: at a split on such a value both sides count, by the shares of the training rows.
    ///
    /// # Errors
    /// [`Stopped`] when the stop token is set.
    ///
    /// # Panics
    /// When the features are not of the kinds of the fit.
    pub fn log_odds(
        &self,
        features: &Features,
        rows: &[u32],
        stop: &StopToken,
    ) -> Result<Vec<f64>, Stopped> {
        match self {
            Self::Linear { encoding, net } => {
                net.log_odds(&encoding.encode(features, rows).design(), stop)
            }
            Self::Forest { encoding, forest } => {
                let columns = encoding.encode(features, rows);
                let mut scores = forest.log_odds(&columns, rows.len(), stop)?;
                let sum = Sum {
                    trees: &forest.trees,
                    base: 0.0,
                    scale: forest.scale(),
                };
                sum.expect(
                    &encoding.unknown(features, rows),
                    &columns,
                    &mut scores,
                    stop,
                )?;
                Ok(scores)
            }
            Self::Boosting { encoding, booster } => {
                // Without any column the offsets tell how many rows there are.
                let offsets = vec![0.0; rows.len()];
                let columns = encoding.encode(features, rows);
                let mut scores = booster.scores(&columns, Some(&offsets), stop)?;
                let sum = Sum {
                    trees: &booster.trees,
                    base: booster.base_score,
                    scale: 1.0,
                };
                sum.expect(
                    &encoding.unknown(features, rows),
                    &columns,
                    &mut scores,
                    stop,
                )?;
                Ok(scores)
            }
        }
    }

    /// Which values of some rows it learned nothing of.
    ///
    /// # Panics
    /// When the features are not of the kinds of the fit.
    pub(super) fn unknown(&self, features: &Features, rows: &[u32]) -> Unknown {
        match self {
            Self::Linear { encoding, net } => encoding.unknown(net, features, rows),
            Self::Forest { encoding, .. } | Self::Boosting { encoding, .. } => {
                encoding.unknown(features, rows)
            }
        }
    }
}

/// Rows whose expectations are found together.
const BLOCK: usize = 512;

/// Trees as scores: `base + scale · Σ`.
struct Sum<'a> {
    trees: &'a [Tree],
    base: f64,
    scale: f64,
}

impl Sum<'_> {
    /// Puts the expectation in the place of the score of each row of which something is unknown.
    fn expect(
        &self,
        unknown: &Unknown,
        columns: &[Vec<f64>],
        scores: &mut [f64],
        stop: &StopToken,
    ) -> Result<(), Stopped> {
        let features: Vec<usize> = unknown.features().collect();
        let is_open = |row: &usize| features.iter().any(|&feature| unknown.is(feature, *row));
        let open: Vec<usize> = (0..scores.len()).filter(is_open).collect();
        let of_block = |rows: &[usize]| {
            stop.poll()?;
            let score = |&row: &usize| {
                let values: Vec<f64> = columns.iter().map(|column| column[row]).collect();
                let is_unknown = |feature| unknown.is(feature, row);
                let is_unknown: Vec<bool> = (0..columns.len()).map(is_unknown).collect();
                let of_trees = self.trees.iter();
                let sum: f64 = of_trees
                    .map(|tree| tree.expectation(&values, &is_unknown))
                    .sum();
                self.base + self.scale * sum
            };
            Ok(rows.iter().map(score).collect())
        };
        let of_blocks = open.par_chunks(BLOCK).map(of_block);
        let of_blocks: Vec<Vec<f64>> = of_blocks.collect::<Result<_, Stopped>>()?;
        for (row, score) in open.into_iter().zip(of_blocks.into_iter().flatten()) {
            scores[row] = score;
        }
        Ok(())
    }
}
