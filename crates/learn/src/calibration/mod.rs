//! Scores brought to honest probabilities: maps from log-odds to log-odds that never fall.
//!
//! A family of models gives a log-odds score for each row; what share of rows with such a score is positive is learned from
//! rows that the model did not see. All maps are finite for every score, and none turns an order around.
//!
//! Sources stand at the kinds. Cost: O(n) for a Newton step of Platt's and the beta map, O(n log n) for the isotonic one.
//! Deterministic: the same on any number of threads; the order of the rows changes rounding only.
//! Tested against: scikit-learn (Platt, isotonic), SciPy's optimizer (beta).

mod isotonic;
mod sigmoid;

use clientela_numerics::StopToken;
use libm::{exp, log, log1p};
use serde::{Deserialize, Serialize};

pub use isotonic::{Isotonic, IsotonicBlock, Knot, pool_adjacent_violators};

use crate::error::FitError;

/// The log-odds up to which calibrators are learned: e^700 is near the end of doubles, and further scores count as this.
const LOG_ODDS_MAX: f64 = 700.0;

/// Which map is learned, from the simplest to the freest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum CalibrationKind {
    /// Scores stay as they are.
    None,
    /// A line, `slope · s + intercept`.
    ///
    /// Source: Platt (1999), "Probabilistic Outputs for Support Vector Machines and Comparisons to Regularized Likelihood
    /// Methods", section 2.2.
    Platt,
    /// `a ln p − b ln(1 − p) + c`, p the probability of the score: a line with another slope on each side.
    ///
    /// Source: Kull, Silva Filho, Flach (2017), "Beyond Sigmoids: How to Obtain Well-calibrated Probabilities from Binary
    /// Classifiers with Beta Calibration", Electronic Journal of Statistics 11(2), 5052–5080.
    Beta,
    /// Any map that never falls, by pooling adjacent violators.
    ///
    /// Source: Zadrozny, Elkan (2002), "Transforming Classifier Scores into Accurate Multiclass Probability Estimates", KDD.
    Isotonic,
}

/// A learned map from log-odds to log-odds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Calibrator {
    /// Scores stay as they are.
    None,
    /// `slope · s + intercept`
    Platt {
        /// At least 0.
        slope: f64,
        /// Log-odds at a score of 0.
        intercept: f64,
    },
    /// `a ln p − b ln(1 − p) + c`
    Beta {
        /// Slope for very low scores, at least 0.
        a: f64,
        /// Slope for very high scores, at least 0.
        b: f64,
        /// Shift.
        c: f64,
    },
    /// Lines between knots, constant beyond.
    Isotonic(Isotonic),
}

impl Calibrator {
    /// Learns a map of a kind from scores and outcomes; `weights` count as so many rows, 1 where there are none.
    ///
    /// Platt's and the beta map are fitted by maximum likelihood under the condition that they do not fall, to Platt's targets
    /// (n₁ + 1)/(n₁ + 2) and 1/(n₀ + 2) in place of 1 and 0, so that perfect separation has a finite answer.
    ///
    /// # Errors
    /// [`FitError::TooFewSamples`] without rows of positive weight, [`FitError::Degenerate`] where all outcomes are of one class
    /// (but not for [`CalibrationKind::None`]), [`FitError::NotConverged`], [`FitError::Stopped`].
    ///
    /// # Panics
    /// On slices of different lengths, scores that are not finite, or weights that are negative or not finite.
    pub fn fit(
        kind: CalibrationKind,
        scores: &[f64],
        outcomes: &[bool],
        weights: Option<&[f64]>,
        stop: &StopToken,
    ) -> Result<Self, FitError> {
        assert_eq!(scores.len(), outcomes.len(), "an outcome for each score");
        assert!(scores.iter().all(|s| s.is_finite()), "finite scores");
        let learn = match kind {
            CalibrationKind::None => return Ok(Self::None),
            CalibrationKind::Platt => sigmoid::platt,
            CalibrationKind::Beta => sigmoid::beta,
            CalibrationKind::Isotonic => isotonic::isotonic,
        };
        check(outcomes, weights)?;
        let within = scores.iter().map(|s| s.clamp(-LOG_ODDS_MAX, LOG_ODDS_MAX));
        learn(&within.collect::<Vec<f64>>(), outcomes, weights, stop)
    }

    /// Which kind of map it is.
    #[must_use]
    pub fn kind(&self) -> CalibrationKind {
        match self {
            Self::None => CalibrationKind::None,
            Self::Platt { .. } => CalibrationKind::Platt,
            Self::Beta { .. } => CalibrationKind::Beta,
            Self::Isotonic(_) => CalibrationKind::Isotonic,
        }
    }

    /// Calibrated log-odds of a score: finite for finite scores, never falling with the score.
    #[must_use]
    pub fn log_odds(&self, score: f64) -> f64 {
        match self {
            Self::None => score,
            Self::Platt { slope, intercept } => slope * score + intercept,
            Self::Beta { a, b, c } => b * softplus(score) - a * softplus(-score) + c,
            Self::Isotonic(isotonic) => isotonic.log_odds(score),
        }
    }

    /// Calibrated probability of a score, in (0, 1).
    #[must_use]
    pub fn probability(&self, score: f64) -> f64 {
        probability(self.log_odds(score))
    }

    /// Slope and intercept of a map that is a line; `None` for the others.
    #[must_use]
    pub fn line(&self) -> Option<(f64, f64)> {
        match *self {
            Self::None => Some((1.0, 0.0)),
            Self::Platt { slope, intercept } => Some((slope, intercept)),
            Self::Beta { .. } | Self::Isotonic(_) => None,
        }
    }
}

fn check(outcomes: &[bool], weights: Option<&[f64]>) -> Result<(), FitError> {
    if let Some(weights) = weights {
        assert_eq!(weights.len(), outcomes.len(), "a weight for each score");
        assert!(
            weights.iter().all(|w| w.is_finite() && *w >= 0.0),
            "finite weights of at least 0"
        );
    }
    let has = |class: bool| {
        let counts = |row: usize| weights.is_none_or(|weights| weights[row] > 0.0);
        (0..outcomes.len()).any(|row| outcomes[row] == class && counts(row))
    };
    match (has(true), has(false)) {
        (true, true) => Ok(()),
        (false, false) => Err(FitError::TooFewSamples {
            needed: 2,
            given: 0,
        }),
        _ => Err(FitError::Degenerate("all outcomes are of one class")),
    }
}

/// The probability with the given log-odds: `1 / (1 + e^−s)`, but never 0 or 1.
#[must_use]
pub fn probability(log_odds: f64) -> f64 {
    let near = 1.0 / (1.0 + exp(-log_odds));
    near.clamp(f64::MIN_POSITIVE, 1.0 - 0.5 * f64::EPSILON)
}

/// The log-odds of a probability: `ln p − ln(1 − p)`, finite for p in (0, 1).
#[must_use]
pub fn log_odds(probability: f64) -> f64 {
    log(probability) - log1p(-probability)
}

/// The log loss of log-odds for an outcome: −ln of the probability given to what happened, right to the last digits where that
/// probability is near 0 or 1.
#[must_use]
pub fn log_loss(log_odds: f64, outcome: bool) -> f64 {
    softplus(if outcome { -log_odds } else { log_odds })
}

/// `ln(1 + e^x)`
fn softplus(x: f64) -> f64 {
    x.max(0.0) + log1p(exp(-x.abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probabilities_are_never_certain_and_never_fall() {
        let mut last = 0.0;
        for s in [-1e300, -800.0, -40.0, -1.0, 0.0, 1.0, 36.0, 800.0, 1e300] {
            let p = probability(s);
            assert!(p > 0.0 && p < 1.0 && p >= last);
            last = p;
        }
        assert_eq!(probability(0.0), 0.5);
    }

    #[test]
    fn log_odds_and_probabilities_undo_each_other() {
        for s in [-600.0, -30.0, -2.5, 0.0, 0.3, 15.0] {
            let back = log_odds(probability(s));
            assert!((back - s).abs() <= 1e-9 * s.abs().max(1.0), "{s} {back}");
        }
    }

    #[test]
    fn losses_are_those_of_the_probabilities() {
        assert_eq!(log_loss(0.0, true), std::f64::consts::LN_2);
        assert!((log_loss(2.0, true) + log(probability(2.0))).abs() < 1e-15);
        assert!((log_loss(2.0, false) + log1p(-probability(2.0))).abs() < 1e-14);
        assert_eq!(log_loss(-1e6, true), 1e6);
        assert_eq!(log_loss(-50.0, false), exp(-50.0));
    }
}
