//! Parameters of the elastic net.

use crate::error::{Checked, ParamError};

/// Parameters of [`super::ElasticNet`] and of the choice of its penalty.
#[derive(Clone, Debug, PartialEq)]
pub struct ElasticNetParams {
    /// Share of the penalty that is on absolute values (lasso) and not on squares (ridge), in [0, 1].
    pub l1_ratio: f64,
    /// Penalties on the path from which one is chosen at most, at least 1.
    pub n_lambdas: usize,
    /// The smallest penalty of the path as a share of the largest, in (0, 1).
    pub lambda_min_ratio: f64,
    /// Parts of the rows that are held out in turn to choose the penalty, at least 2.
    pub n_folds: usize,
    /// Rows on which the penalty is chosen at most, at least 2; with groups up to one more of them for each outcome.
    pub n_rows_choice_max: usize,
    /// Newton steps at most for one penalty, at least 1.
    pub max_iterations: usize,
}

impl Default for ElasticNetParams {
    fn default() -> Self {
        Self {
            l1_ratio: 0.5,
            n_lambdas: 30,
            lambda_min_ratio: 1e-4,
            n_folds: 3,
            n_rows_choice_max: 20_000,
            max_iterations: 200,
        }
    }
}

impl ElasticNetParams {
    /// Vouches for parameters within their ranges.
    ///
    /// # Errors
    /// Names the first parameter outside its range.
    pub fn check(self) -> Result<Checked<Self>, ParamError> {
        let rules = [
            (
                "l1_ratio",
                self.l1_ratio,
                (0.0..=1.0).contains(&self.l1_ratio),
                "must be from 0 to 1",
            ),
            (
                "n_lambdas",
                self.n_lambdas as f64,
                self.n_lambdas >= 1,
                "must be at least 1",
            ),
            (
                "lambda_min_ratio",
                self.lambda_min_ratio,
                self.lambda_min_ratio > 0.0 && self.lambda_min_ratio < 1.0,
                "must lie between 0 and 1",
            ),
            (
                "n_folds",
                self.n_folds as f64,
                self.n_folds >= 2,
                "must be at least 2",
            ),
            (
                "n_rows_choice_max",
                self.n_rows_choice_max as f64,
                self.n_rows_choice_max >= 2,
                "must be at least 2",
            ),
            (
                "max_iterations",
                self.max_iterations as f64,
                self.max_iterations >= 1,
                "must be at least 1",
            ),
        ];
        for (name, given, holds, requirement) in rules {
            if !holds {
                return Err(ParamError {
                    name,
                    requirement,
                    given,
                });
            }
        }
        Ok(Checked::vouch(self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_outside_their_ranges_are_named() {
        let of = |change: fn(&mut ElasticNetParams)| {
            let mut params = ElasticNetParams::default();
            change(&mut params);
            params.check().expect_err("out of range").name
        };
        assert_eq!(of(|params| params.l1_ratio = f64::NAN), "l1_ratio");
        assert_eq!(of(|params| params.n_lambdas = 0), "n_lambdas");
        assert_eq!(
            of(|params| params.lambda_min_ratio = 1.0),
            "lambda_min_ratio"
        );
        assert_eq!(of(|params| params.n_folds = 1), "n_folds");
        assert_eq!(
            of(|params| params.n_rows_choice_max = 1),
            "n_rows_choice_max"
        );
        assert_eq!(of(|params| params.max_iterations = 0), "max_iterations");
        assert!(ElasticNetParams::default().check().is_ok());
    }
}
