//! The families of models: each gives log-odds for a row.

mod boosting;
mod forest;
mod logistic;

use clientela_learn::FitError;
use clientela_learn::boosting::GradientBoosting;
use clientela_learn::forest::RandomForest;
use clientela_learn::logistic::ElasticNet;
use clientela_numerics::{StopToken, Stopped};
use serde::{Deserialize, Serialize};

use super::encoding::{LinearEncoding, TreeEncoding};
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
                forest.log_odds(&encoding.encode(features, rows), rows.len(), stop)
            }
            Self::Boosting { encoding, booster } => {
                // Without any column the offsets tell how many rows there are.
                let offsets = vec![0.0; rows.len()];
                booster.scores(&encoding.encode(features, rows), Some(&offsets), stop)
            }
        }
    }
}
