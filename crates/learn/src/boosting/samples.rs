//! Rows to learn from or to be tested on.

use clientela_numerics::{StopToken, Stopped};
use rayon::prelude::*;

use super::loss::{Link, Loss};
use crate::error::FitError;

/// Values checked between two looks at the stop token.
const BLOCK: usize = 65_536;

/// Rows of features with their targets, borrowed by column.
///
/// Shape: each column has one value per row, finite or NaN for missing. Targets, weights and offsets are finite, weights at
/// least 0. That shapes agree is checked here, values when a fit begins, so that a stop is heard meanwhile.
#[derive(Clone, Copy, Debug)]
pub struct Samples<'a> {
    pub(crate) columns: &'a [Vec<f64>],
    pub(crate) target: &'a [f64],
    pub(crate) weights: Option<&'a [f64]>,
    pub(crate) offsets: Option<&'a [f64]>,
}

impl<'a> Samples<'a> {
    /// Rows that all weigh 1, without offsets.
    ///
    /// # Panics
    /// On columns of another length than the target, or more than `u32::MAX` rows.
    #[must_use]
    pub fn new(columns: &'a [Vec<f64>], target: &'a [f64]) -> Self {
        assert!(
            columns.iter().all(|column| column.len() == target.len()),
            "columns as long as the target"
        );
        assert!(u32::try_from(target.len()).is_ok(), "at most u32::MAX rows");
        Self {
            columns,
            target,
            weights: None,
            offsets: None,
        }
    }

    /// With a weight ≥ 0 for each row; a row of weight 0 counts for nothing.
    ///
    /// # Panics
    /// On another number of weights than rows.
    #[must_use]
    pub fn with_weights(self, weights: &'a [f64]) -> Self {
        assert_eq!(weights.len(), self.target.len(), "a weight for each row");
        Self {
            weights: Some(weights),
            ..self
        }
    }

    /// With a score for each row that the trees start from; under a log link, the logarithm of a forecast.
    ///
    /// # Panics
    /// On another number of offsets than rows.
    #[must_use]
    pub fn with_offsets(self, offsets: &'a [f64]) -> Self {
        assert_eq!(offsets.len(), self.target.len(), "an offset for each row");
        Self {
            offsets: Some(offsets),
            ..self
        }
    }

    /// Vouches for values in their ranges.
    ///
    /// # Panics
    /// On infinite features, targets or offsets that are not finite, or weights that are negative or not finite.
    pub(crate) fn check_values(&self, stop: &StopToken) -> Result<(), Stopped> {
        for column in self.columns {
            let known = |value: f64| !value.is_infinite();
            assert!(all(column, known, stop)?, "features are finite or NaN");
        }
        assert!(all(self.target, f64::is_finite, stop)?, "finite targets");
        if let Some(weights) = self.weights {
            let weighs = |weight: f64| weight.is_finite() && weight >= 0.0;
            assert!(all(weights, weighs, stop)?, "finite weights of at least 0");
        }
        if let Some(offsets) = self.offsets {
            assert!(all(offsets, f64::is_finite, stop)?, "finite offsets");
        }
        Ok(())
    }

    /// Whether a model can be fitted to these rows.
    pub(crate) fn check_for(&self, loss: Loss) -> Result<(), FitError> {
        let weighs = |row: usize| self.weights.is_none_or(|weights| weights[row] > 0.0);
        let mut counted = (0..self.target.len()).filter(|&row| weighs(row)).peekable();
        if counted.peek().is_none() {
            return Err(FitError::TooFewSamples {
                needed: 1,
                given: 0,
            });
        }
        let degenerate = |why| Err(FitError::Degenerate(why));
        match loss.link() {
            Link::Identity => Ok(()),
            Link::Log { .. } if self.target.iter().any(|&y| y < 0.0) => {
                degenerate("a negative target under a log link")
            }
            Link::Log { .. } if counted.all(|row| self.target[row] == 0.0) => {
                degenerate("every target is 0 under a log link")
            }
            Link::Logit if self.target.iter().any(|&y| y != 0.0 && y != 1.0) => {
                degenerate("a target other than 0 and 1 under a logit link")
            }
            Link::Logit => {
                let first = counted.next().map(|row| self.target[row]);
                if counted.all(|row| Some(self.target[row]) == first) {
                    degenerate("every target is the same under a logit link")
                } else {
                    Ok(())
                }
            }
            Link::Log { .. } => Ok(()),
        }
    }
}

/// Whether something holds of all values.
fn all(
    values: &[f64],
    holds: impl Fn(f64) -> bool + Sync,
    stop: &StopToken,
) -> Result<bool, Stopped> {
    let blocks = values.par_chunks(BLOCK).map(|values| {
        stop.poll()?;
        Ok(values.iter().all(|&value| holds(value)))
    });
    blocks.try_reduce(|| true, |a, b| Ok(a && b))
}
