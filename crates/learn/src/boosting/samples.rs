//! Rows to learn from or to be tested on.

use super::loss::{Link, Loss};
use crate::error::FitError;

/// Rows of features with their targets, borrowed by column.
///
/// Shape: each column has one value per row, finite or NaN for missing. Targets are finite.
#[derive(Clone, Copy, Debug)]
pub struct Samples<'a> {
    pub(super) columns: &'a [Vec<f64>],
    pub(super) target: &'a [f64],
    pub(super) weights: Option<&'a [f64]>,
    pub(super) offsets: Option<&'a [f64]>,
}

impl<'a> Samples<'a> {
    /// Rows that all weigh 1, without offsets.
    ///
    /// # Panics
    /// On columns of another length than the target, infinite values, targets that are not finite, or more than
    /// `u32::MAX` rows.
    #[must_use]
    pub fn new(columns: &'a [Vec<f64>], target: &'a [f64]) -> Self {
        assert!(
            columns.iter().all(|column| column.len() == target.len()),
            "columns as long as the target"
        );
        assert!(u32::try_from(target.len()).is_ok(), "at most u32::MAX rows");
        assert!(
            !columns.iter().flatten().any(|value| value.is_infinite()),
            "features are finite or NaN"
        );
        assert!(target.iter().all(|y| y.is_finite()), "finite targets");
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
    /// On another number of weights than rows, or weights that are negative or not finite.
    #[must_use]
    pub fn with_weights(self, weights: &'a [f64]) -> Self {
        assert_eq!(weights.len(), self.target.len(), "a weight for each row");
        assert!(
            weights
                .iter()
                .all(|weight| weight.is_finite() && *weight >= 0.0),
            "finite weights of at least 0"
        );
        Self {
            weights: Some(weights),
            ..self
        }
    }

    /// With a score for each row that the trees start from; under a log link, the logarithm of a forecast.
    ///
    /// # Panics
    /// On another number of offsets than rows, or offsets that are not finite.
    #[must_use]
    pub fn with_offsets(self, offsets: &'a [f64]) -> Self {
        assert_eq!(offsets.len(), self.target.len(), "an offset for each row");
        assert!(
            offsets.iter().all(|offset| offset.is_finite()),
            "finite offsets"
        );
        Self {
            offsets: Some(offsets),
            ..self
        }
    }

    /// Whether a model can be fitted to these rows.
    pub(super) fn check_for(&self, loss: Loss) -> Result<(), FitError> {
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
