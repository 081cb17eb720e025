//! Parameters of the booster.

use super::binning::BINS_MAX;
use super::grow::Growth;
use super::loss::Loss;
use super::split::Direction;
use crate::error::{Checked, ParamError};

/// Parameters of [`super::GradientBoosting`].
#[derive(Clone, Debug, PartialEq)]
pub struct GradientBoostingParams {
    /// What is minimized.
    pub loss: Loss,
    /// Trees at most; may be 0.
    pub n_trees: usize,
    /// Share of each tree's step that is taken, in (0, 1].
    pub learning_rate: f64,
    /// Which leaf is split next.
    pub growth: Growth,
    /// Leaves of a tree at most, at least 1.
    pub max_leaves: usize,
    /// Splits between the root and a leaf at most.
    pub max_depth: usize,
    /// Rows that a leaf must have.
    pub min_rows_leaf: usize,
    /// Sum of weighted second derivatives that a leaf must have, ≥ 0.
    pub min_hessian_leaf: f64,
    /// Added to the sum of second derivatives of a leaf, ≥ 0: small leaves take smaller steps.
    pub l2: f64,
    /// What a split must gain at least, ≥ 0.
    pub min_gain: f64,
    /// Bins that a feature's values are put into, from 2 to [`BINS_MAX`].
    pub max_bins: usize,
    /// Probability by which a tree sees a row, in (0, 1].
    pub row_share: f64,
    /// Share of the features that a tree may use, in (0, 1].
    pub column_share: f64,
    /// How forecasts may change with each column; empty where all are free.
    pub directions: Vec<Direction>,
    /// Trees without improvement on the validation rows after which no more are grown, at least 1.
    pub patience: usize,
}

impl Default for GradientBoostingParams {
    fn default() -> Self {
        Self {
            loss: Loss::Squared,
            n_trees: 100,
            learning_rate: 0.1,
            growth: Growth::LeafWise,
            max_leaves: 31,
            max_depth: 64,
            min_rows_leaf: 20,
            min_hessian_leaf: 1e-3,
            l2: 0.0,
            min_gain: 0.0,
            max_bins: BINS_MAX,
            row_share: 1.0,
            column_share: 1.0,
            directions: Vec::new(),
            patience: 20,
        }
    }
}

impl GradientBoostingParams {
    /// Vouches for parameters within their ranges.
    ///
    /// # Errors
    /// Names the first parameter outside its range.
    pub fn check(self) -> Result<Checked<Self>, ParamError> {
        self.loss.check()?;
        let whole = |name, given: usize, range: std::ops::RangeInclusive<usize>, requirement| {
            require(range.contains(&given), name, requirement, given as f64)
        };
        whole(
            "max_leaves",
            self.max_leaves,
            1..=usize::MAX,
            "must be at least 1",
        )?;
        whole(
            "patience",
            self.patience,
            1..=usize::MAX,
            "must be at least 1",
        )?;
        whole(
            "max_bins",
            self.max_bins,
            2..=BINS_MAX,
            "must be from 2 to 255",
        )?;
        for (name, share) in [
            ("learning_rate", self.learning_rate),
            ("row_share", self.row_share),
            ("column_share", self.column_share),
        ] {
            let within = share > 0.0 && share <= 1.0;
            require(within, name, "must be above 0 and at most 1", share)?;
        }
        for (name, given) in [
            ("min_hessian_leaf", self.min_hessian_leaf),
            ("l2", self.l2),
            ("min_gain", self.min_gain),
        ] {
            let within = given.is_finite() && given >= 0.0;
            require(within, name, "must be at least 0", given)?;
        }
        Ok(Checked::vouch(self))
    }
}

fn require(
    holds: bool,
    name: &'static str,
    requirement: &'static str,
    given: f64,
) -> Result<(), ParamError> {
    if holds {
        Ok(())
    } else {
        Err(ParamError {
            name,
            requirement,
            given,
        })
    }
}
