//! A booster under way: tree after tree, and an eye on the validation rows.

use clientela_numerics::{StopToken, Stopped};

use super::binning::Cuts;
use super::bundles::BundledRows;
use super::coded_tree::CodedTree;
use super::derivatives::Derivatives;
use super::fixed_point::{self, FixedPoint};
use super::grow::{GrownTree, GrowthRules, Soil, Weights, Workspace, grow};
use super::histogram::{Layout, Source};
use super::params::GradientBoostingParams;
use super::samples::Samples;
use super::sampling::{sample_rows, sampled_features};
use super::scored_rows::ScoredRows;
use super::split::SplitRules;
use crate::error::FitError;

/// Derivatives below this share of the first ones are rounding: there is nothing left to learn.
const SPENT: f64 = 1e-12;
const OUT_OF_RANGE: FitError =
    FitError::Degenerate("targets or offsets beyond the range of doubles");

/// The training rows and all that the next tree needs.
pub(super) struct Fit<'a> {
    rows: ScoredRows<'a>,
    bundles: BundledRows,
    weights: Option<Weights<'a>>,
    cuts: Vec<Cuts>,
    params: &'a GradientBoostingParams,
    seed: u64,
    derivatives: Derivatives,
    workspace: Workspace,
    pub(super) base_score: f64,
    /// The largest first derivative before the first tree.
    first_gradient: f64,
}

impl<'a> Fit<'a> {
    pub(super) fn new(
        training: &Samples<'a>,
        params: &'a GradientBoostingParams,
        seed: u64,
        stop: &StopToken,
    ) -> Result<Self, FitError> {
        training.check_values(stop)?;
        training.check_for(params.loss)?;
        let n_directions = params.directions.len();
        assert!(
            n_directions == 0 || n_directions == training.columns.len(),
            "a direction for each column"
        );
        let cuts = Cuts::of_columns(training.columns, training.weights, params.max_bins, stop)?;
        let mut rows = ScoredRows::new(*training, params.loss, &cuts, stop)?;
        let base_score = rows.best_constant(stop)?;
        if !base_score.is_finite() {
            return Err(OUT_OF_RANGE);
        }
        rows.start_at(base_score);
        let heaviest = training.weights.map_or(1.0, fixed_point::largest);
        Ok(Self {
            bundles: BundledRows::new(&rows.bins, &cuts, stop)?,
            derivatives: Derivatives::with_rows(
                training.target.len(),
                params.loss,
                training.weights,
            ),
            rows,
            weights: training.weights.map(|of_rows| Weights {
                of_rows,
                unit: FixedPoint::for_terms(of_rows.len(), heaviest),
            }),
            cuts,
            params,
            seed,
            workspace: Workspace::default(),
            base_score,
            first_gradient: 0.0,
        })
    }

    /// Grows the tree of this number and adds it to the scores; `None` where nothing is left to learn.
    pub(super) fn next_tree(
        &mut self,
        number: usize,
        stop: &StopToken,
    ) -> Result<Option<GrownTree>, FitError> {
        self.derive(stop)?;
        let [gradient, _] = self.derivatives.largest;
        if number == 0 {
            self.first_gradient = gradient;
        }
        if gradient <= SPENT * self.first_gradient {
            return Ok(None);
        }
        let params = self.params;
        let features = sampled_features(self.n_features(), params.column_share, self.seed, number);
        self.sample_rows(number, stop)?;
        let layout = Layout::of(&features, &self.bundles);
        let soil = Soil {
            bins: &self.rows.bins,
            cuts: &self.cuts,
            source: Source {
                bundles: &self.bundles,
                derivatives: &self.derivatives,
                layout: &layout,
            },
            features: &features,
            directions: &params.directions,
            weights: self.weights,
        };
        let rules = growth_rules(params, &self.derivatives);
        let value_of = |step| params.learning_rate * params.loss.bounded_step(step);
        let grown = grow(&mut self.workspace, &soil, &rules, value_of, stop)?;
        if self.workspace.rows.len() == self.rows.bins.n_rows() {
            let leaves = grown.rows_by_leaf(&self.workspace);
            self.rows.add_leaves(&leaves, stop)?;
        } else {
            self.rows.add_tree(&grown.coded(), stop)?;
        }
        Ok(Some(grown))
    }

    fn n_features(&self) -> usize {
        self.cuts.len()
    }

    /// Brings the derivatives up to the present scores.
    fn derive(&mut self, stop: &StopToken) -> Result<(), FitError> {
        self.rows.write_derivatives(&mut self.derivatives, stop)?;
        if self
            .derivatives
            .largest
            .iter()
            .all(|largest| largest.is_finite())
        {
            Ok(())
        } else {
            Err(OUT_OF_RANGE)
        }
    }

    fn sample_rows(&mut self, number: usize, stop: &StopToken) -> Result<(), Stopped> {
        let n_rows = self.rows.bins.n_rows();
        let (share, seed) = (self.params.row_share, self.seed);
        sample_rows(
            &mut self.workspace.rows,
            n_rows,
            self.weights.map(|weights| weights.of_rows),
            share,
            seed,
            number,
            stop,
        )
    }
}

fn growth_rules(params: &GradientBoostingParams, derivatives: &Derivatives) -> GrowthRules {
    GrowthRules {
        growth: params.growth,
        leaves_max: params.max_leaves,
        depth_max: params.max_depth,
        split: SplitRules {
            rows_leaf_min: params.min_rows_leaf,
            hessian_leaf_min: derivatives.units[1].least(params.min_hessian_leaf),
            l2: params.l2,
            gain_min: params.min_gain,
            units: derivatives.units,
        },
    }
}

/// Validation rows and what the trees so far lose on them.
pub(super) struct Watched<'a> {
    rows: ScoredRows<'a>,
    /// Mean loss without a tree and after each one.
    pub(super) losses: Vec<f64>,
}

impl<'a> Watched<'a> {
    pub(super) fn new(
        validation: &Samples<'a>,
        fit: &Fit<'_>,
        stop: &StopToken,
    ) -> Result<Self, FitError> {
        assert_eq!(
            validation.columns.len(),
            fit.n_features(),
            "the columns of the training rows"
        );
        validation.check_values(stop)?;
        let mut rows = ScoredRows::new(*validation, fit.params.loss, &fit.cuts, stop)?;
        rows.start_at(fit.base_score);
        let losses = vec![rows.mean_loss(stop)?];
        Ok(Self { rows, losses })
    }

    /// Follows one more tree.
    pub(super) fn add(&mut self, tree: &CodedTree, stop: &StopToken) -> Result<(), Stopped> {
        self.rows.add_tree(tree, stop)?;
        self.losses.push(self.rows.mean_loss(stop)?);
        Ok(())
    }

    /// The number of trees with the lowest loss; of equal ones the fewest.
    pub(super) fn best_length(&self) -> usize {
        let mut best = 0;
        for (length, loss) in self.losses.iter().enumerate() {
            if *loss < self.losses[best] {
                best = length;
            }
        }
        best
    }

    /// Whether the last `patience` trees did not lower the loss.
    pub(super) fn has_turned(&self, patience: usize) -> bool {
        self.losses.len() > self.best_length() + patience
    }
}
