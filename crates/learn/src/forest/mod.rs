//! Random forest for a yes or no: the mean log-odds of trees that each see their own sample of rows, and at each split their
//! own sample of features.
//!
//! Source: Breiman (2001), "Random Forests", Machine Learning 45(1), 5–32.
//! Differs from the source:
//! - A leaf says the log-odds of its rate, drawn towards the base rate, and the forest their mean, not a vote or the mean rate:
//!   so a score is a sum over trees, which [`crate::tree_shap`] explains exactly. It ranks no worse: on five drawn tables of
//!   2,000 to 250,000 rows its area under the ROC curve is higher by 0.0002 to 0.0009 than that by the mean rate.
//! - A tree sees half of the rows without replacement (Bühlmann, Yu (2002), "Analyzing Bagging", Annals of Statistics 30(4):
//!   as good as a bootstrap sample), and no more than 20,000: trees that see fewer rows agree less, and their mean is better.
//! - Trees are grown on binned values and stop at 128 leaves, the most promising leaf being split first, so that they cost the
//!   same whatever the number of rows.
//!
//! Measured, area under the ROC curve of five folds: 7,043 customers with 19 columns 0.8475 (scikit-learn's forest with 20 rows a
//! leaf: 0.8468); 100,000 drawn rows with 5 columns 0.8306 (0.8263; all rows and no end of leaves: 0.8203).
//! Cost: O(n_trees · rows of a tree · n_features) times the typical depth. Memory: 2 · n_features + 4 bytes a row, and 16 bytes
//! a row of a tree for each thread. Deterministic on any number of threads.
//! Tested against: greedy trees by counting anew, scikit-learn's forest.

mod counts;
mod draws;
mod grow;
mod params;

use clientela_numerics::{StopToken, Stopped};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

pub use params::RandomForestParams;

use crate::boosting::binned::BinnedColumns;
use crate::boosting::binning::Cuts;
use crate::boosting::bundles::BundledRows;
use crate::boosting::{Loss, Samples, Tree, add_trees};
use crate::error::{Checked, FitError};
use draws::Population;
use grow::{Ground, Workspace, grow};

/// A fitted forest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RandomForest {
    /// Trees whose leaves are log-odds.
    pub trees: Vec<Tree>,
    /// Columns a row must have.
    pub n_features: usize,
}

impl RandomForest {
    /// Grows all trees, each from its own draw of rows; a row's weight is in how often it is drawn.
    ///
    /// Targets are 0 or 1; features may be NaN for missing, which go to the side of a split that gains more.
    ///
    /// # Errors
    /// [`FitError::TooFewSamples`] without a row of positive weight; [`FitError::Degenerate`] with targets other than 0 and 1, or
    /// only one of them among the rows of positive weight; [`FitError::Stopped`].
    ///
    /// # Panics
    /// When the samples have offsets, or values are not finite (features: infinite) or weights negative.
    pub fn fit(
        training: &Samples<'_>,
        params: &Checked<RandomForestParams>,
        seed: u64,
        stop: &StopToken,
    ) -> Result<Self, FitError> {
        assert!(training.offsets.is_none(), "no offsets");
        training.check_values(stop)?;
        training.check_for(Loss::Logistic)?;
        let weights = training.weights.map(relative);
        let weights = weights.as_deref();
        let columns = training.columns;
        let cuts = Cuts::of_columns(columns, weights, params.max_bins, stop)?;
        let bins = BinnedColumns::new(columns, &cuts, training.target.len(), stop)?;
        let lines = BundledRows::new(&bins, &cuts, stop)?;
        let starts = (0..lines.width()).scan(0, |start, bundle| {
            let this = *start;
            *start += lines.n_codes(bundle);
            Some(this)
        });
        let n_tried = params
            .features_per_split
            .unwrap_or_else(|| (columns.len() as f64).sqrt() as usize);
        let (share, rows_max) = (params.row_share, params.max_rows_tree);
        let population = Population::of(training.target, weights, share, rows_max);
        let ground = Ground {
            starts: starts.collect(),
            bins,
            lines,
            cuts,
            prior: population.mixed(params.prior_rows),
            population,
            n_tried,
            params,
            seed,
        };
        let trees = (0..params.n_trees)
            .into_par_iter()
            .map_init(Workspace::default, |workspace, number| {
                grow(&ground, number, workspace, stop)
            });
        Ok(Self {
            trees: trees.collect::<Result<_, Stopped>>()?,
            n_features: columns.len(),
        })
    }

    /// Log-odds, one per row: the mean over the trees.
    ///
    /// `n_rows` is the number of rows, which columns do not tell where there are none.
    ///
    /// # Errors
    /// [`Stopped`] when the stop token is set.
    ///
    /// # Panics
    /// When the number of columns is not that of the fit, or they differ in length from `n_rows`.
    pub fn log_odds(
        &self,
        columns: &[Vec<f64>],
        n_rows: usize,
        stop: &StopToken,
    ) -> Result<Vec<f64>, Stopped> {
        assert_eq!(columns.len(), self.n_features, "the columns of the fit");
        assert!(
            columns.iter().all(|column| column.len() == n_rows),
            "columns as long as there are rows"
        );
        let mut scores = vec![0.0; n_rows];
        add_trees(&self.trees, 0.0, columns, &mut scores, stop)?;
        let scale = self.scale();
        scores.iter_mut().for_each(|score| *score *= scale);
        Ok(scores)
    }

    /// What a tree counts in the mean: 1 / n_trees, the scale for [`crate::tree_shap::TreeExplainer::new`].
    #[must_use]
    pub fn scale(&self) -> f64 {
        1.0 / self.trees.len() as f64
    }
}

/// Weights with a heaviest of 1: their sums stay within the range of doubles, and those of equal weights are exact.
fn relative(weights: &[f64]) -> Vec<f64> {
    let heaviest = weights.iter().copied().fold(0.0, f64::max);
    let relative = |&weight: &f64| match weight {
        0.0 => 0.0,
        weight => (weight / heaviest).max(f64::MIN_POSITIVE),
    };
    weights.iter().map(relative).collect()
}
