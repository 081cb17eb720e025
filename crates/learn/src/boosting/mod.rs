//! Gradient boosting of histogram trees: a forecast of the mean as a sum of small steps.
//!
//! Sources: Friedman (2001), "Greedy Function Approximation: A Gradient Boosting Machine", Annals of Statistics 29(5); Chen,
//! Guestrin (2016), "XGBoost: A Scalable Tree Boosting System", KDD, for second-order steps and missing values; Ke et al.
//! (2017), "LightGBM: A Highly Efficient Gradient Boosting Decision Tree", NeurIPS, for histograms and leaf-wise growth.
//! Differs from the sources: derivatives are summed in fixed point, so that every sum, and with it the model, is the same
//! on any number of threads and, without row sampling, in any order of the rows.
//! Cost: O(n_rows · n_features) for a tree, times its typical depth. Memory: 2 · n_features + 60 bytes a row. Deterministic.
//! Tested against: exact greedy trees on the binned data, the validation loss of LightGBM.

pub(crate) mod binned;
pub(crate) mod binning;
pub(crate) mod bundles;
mod cells;
mod coded_tree;
mod derivatives;
mod fit;
pub(crate) mod fixed_point;
mod forecaster;
mod grow;
mod histogram;
mod loss;
mod params;
mod parting;
mod samples;
mod sampling;
mod scored_rows;
pub(crate) mod split;
mod tree;
mod without;

use clientela_numerics::{StopToken, Stopped};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

pub use binning::BINS_MAX;
pub use grow::Growth;
pub use loss::Loss;
pub use params::GradientBoostingParams;
pub use samples::Samples;
pub use split::Direction;
pub use tree::{Node, Tree};

use crate::error::{Checked, FitError};
use coded_tree::BLOCK;
use fit::{Fit, Watched};
pub(crate) use forecaster::add_trees;

/// A fitted booster.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GradientBoosting {
    /// What was minimized.
    pub loss: Loss,
    /// The score of a row before any tree, above its offset.
    pub base_score: f64,
    /// Trees in the order they were grown; shrinkage is in their leaves.
    pub trees: Vec<Tree>,
    /// Mean loss on the validation rows without a tree and after each one grown, also those not kept; empty without
    /// validation rows.
    pub validation_losses: Vec<f64>,
    /// Columns a row must have.
    pub n_features: usize,
}

impl GradientBoosting {
    /// Fits trees one after the other, each to the derivatives of the loss at the scores so far.
    ///
    /// With validation rows it ends after `patience` trees without improvement and keeps the trees up to the best;
    /// without, it grows `n_trees`, or fewer where nothing is left to learn.
    ///
    /// # Errors
    /// [`FitError::TooFewSamples`] without a row of positive weight; [`FitError::Degenerate`] where a log link meets negative
    /// targets or nothing but zeros, a logit link targets other than 0 and 1 or only one of them, or the derivatives leave the range of doubles; [`FitError::Stopped`].
    ///
    /// # Panics
    /// When training and validation rows differ in their number of columns, validation rows weigh nothing, the number of
    /// directions is neither 0 nor that of the columns, or values are not finite (features: infinite) or weights negative.
    pub fn fit(
        training: &Samples<'_>,
        validation: Option<&Samples<'_>>,
        params: &Checked<GradientBoostingParams>,
        seed: u64,
        stop: &StopToken,
    ) -> Result<Self, FitError> {
        // Inside the pool from the start: each of the many short parallel steps would else wake a thread of it.
        rayon::scope(|_| Self::fit_within_pool(training, validation, params, seed, stop))
    }

    fn fit_within_pool(
        training: &Samples<'_>,
        validation: Option<&Samples<'_>>,
        params: &GradientBoostingParams,
        seed: u64,
        stop: &StopToken,
    ) -> Result<Self, FitError> {
        let n_features = training.columns.len();
        let mut fit = Fit::new(training, params, seed, stop)?;
        let mut watched = match validation {
            Some(validation) => Some(Watched::new(validation, &fit, stop)?),
            None => None,
        };
        let mut trees = Vec::new();
        while trees.len() < params.n_trees
            && let Some(grown) = fit.next_tree(trees.len(), stop)?
        {
            if let Some(watched) = &mut watched {
                watched.add(&grown.coded(), stop)?;
            }
            trees.push(grown.into_tree());
            if watched
                .as_ref()
                .is_some_and(|watched| watched.has_turned(params.patience))
            {
                break;
            }
        }
        if let Some(watched) = &watched {
            trees.truncate(watched.best_length());
        }
        Ok(Self {
            loss: params.loss,
            base_score: fit.base_score,
            trees,
            validation_losses: watched.map_or_else(Vec::new, |watched| watched.losses),
            n_features,
        })
    }

    /// Forecasts of the mean, one per row; `offsets` as in [`Samples::with_offsets`].
    ///
    /// # Errors
    /// [`Stopped`] when the stop token is set.
    ///
    /// # Panics
    /// When the number of columns is not that of the fit, or columns and offsets differ in length.
    pub fn predict(
        &self,
        columns: &[Vec<f64>],
        offsets: Option<&[f64]>,
        stop: &StopToken,
    ) -> Result<Vec<f64>, Stopped> {
        let mut forecasts = self.scores(columns, offsets, stop)?;
        let blocks = forecasts.par_chunks_mut(BLOCK);
        blocks.try_for_each(|scores| {
            stop.poll()?;
            self.loss.respond(scores);
            Ok(())
        })?;
        Ok(forecasts)
    }

    /// Scores, one per row: the sum of offset, base score and a leaf of each tree. Under a log link they are logarithms of
    /// the forecast, under a logit link its log-odds.
    ///
    /// # Errors
    /// [`Stopped`] when the stop token is set.
    ///
    /// # Panics
    /// When the number of columns is not that of the fit, or columns and offsets differ in length.
    pub fn scores(
        &self,
        columns: &[Vec<f64>],
        offsets: Option<&[f64]>,
        stop: &StopToken,
    ) -> Result<Vec<f64>, Stopped> {
        assert_eq!(columns.len(), self.n_features, "the columns of the fit");
        let n_rows = columns
            .first()
            .map_or(offsets.map_or(0, <[f64]>::len), Vec::len);
        let mut scores = match offsets {
            Some(offsets) => offsets.to_vec(),
            None => vec![0.0; n_rows],
        };
        assert_eq!(scores.len(), n_rows, "an offset for each row");
        add_trees(&self.trees, self.base_score, columns, &mut scores, stop)?;
        Ok(scores)
    }

    /// Each feature's share of what all splits gained; all 0 without a split.
    #[must_use]
    pub fn importance(&self) -> Vec<f64> {
        let mut gains = vec![0.0; self.n_features];
        for node in self.trees.iter().flat_map(|tree| &tree.nodes) {
            if let Node::Split { feature, gain, .. } = node {
                gains[*feature as usize] += gain;
            }
        }
        let total: f64 = gains.iter().sum();
        if total > 0.0 {
            gains.iter_mut().for_each(|gain| *gain /= total);
        }
        gains
    }
}
