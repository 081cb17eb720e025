//! Parameters of the forest.

use std::ops::RangeInclusive;

use crate::boosting::BINS_MAX;
use crate::error::{Checked, ParamError};

/// Parameters of [`super::RandomForest`].
#[derive(Clone, Debug, PartialEq)]
pub struct RandomForestParams {
    /// Trees, at least 1.
    pub n_trees: usize,
    /// Share of the rows that a tree sees, in (0, 1].
    pub row_share: f64,
    /// Rows that a tree sees at most, on average; at least 1.
    pub max_rows_tree: usize,
    /// Leaves of a tree at most, at least 1.
    pub max_leaves: usize,
    /// Rows of a tree's sample that a leaf must have.
    pub min_rows_leaf: usize,
    /// Features that are tried at a split, at least 1; `None` for the square root of their number.
    pub features_per_split: Option<usize>,
    /// Bins that a feature's values are put into, from 2 to [`BINS_MAX`].
    pub max_bins: usize,
    /// Rows of the rarer outcome that are mixed into each leaf, above 0, with as many of the other as come with them among all
    /// rows: small leaves say less.
    pub prior_rows: f64,
}

impl Default for RandomForestParams {
    fn default() -> Self {
        Self {
            n_trees: 100,
            row_share: 0.5,
            max_rows_tree: 20_000,
            max_leaves: 128,
            min_rows_leaf: 20,
            features_per_split: None,
            max_bins: 64,
            prior_rows: 0.5,
        }
    }
}

impl RandomForestParams {
    /// Vouches for parameters within their ranges.
    ///
    /// # Errors
    /// Names the first parameter outside its range.
    pub fn check(self) -> Result<Checked<Self>, ParamError> {
        const ANY: RangeInclusive<usize> = 1..=usize::MAX;
        for (name, given, range, requirement) in [
            ("n_trees", self.n_trees, ANY, "must be at least 1"),
            (
                "max_rows_tree",
                self.max_rows_tree,
                ANY,
                "must be at least 1",
            ),
            ("max_leaves", self.max_leaves, ANY, "must be at least 1"),
            (
                "features_per_split",
                self.features_per_split.unwrap_or(1),
                ANY,
                "must be at least 1",
            ),
            (
                "max_bins",
                self.max_bins,
                2..=BINS_MAX,
                "must be from 2 to 255",
            ),
        ] {
            if !range.contains(&given) {
                return Err(ParamError {
                    name,
                    requirement,
                    given: given as f64,
                });
            }
        }
        if !(self.row_share > 0.0 && self.row_share <= 1.0) {
            return Err(ParamError {
                name: "row_share",
                requirement: "must be above 0 and at most 1",
                given: self.row_share,
            });
        }
        if !(self.prior_rows.is_finite() && self.prior_rows > 0.0) {
            return Err(ParamError {
                name: "prior_rows",
                requirement: "must be above 0",
                given: self.prior_rows,
            });
        }
        Ok(Checked::vouch(self))
    }
}
