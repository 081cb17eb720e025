//! What a booster minimizes: losses of a score against a target, with their first two derivatives.
//!
//! Source: Jørgensen (1997), "The Theory of Dispersion Models", chapter 4: Poisson is the Tweedie model of power 1. Terms that
//! do not depend on the score are left out.

use clientela_numerics::exponential::exponentials;
use libm::log;

use crate::error::ParamError;

/// Scores of log links stay within ± this, so that their exponentials are finite: e^300 is 2e130.
const SCORE_LIMIT: f64 = 300.0;
/// The longest step that one leaf of a log link may take before shrinkage: a factor of e² ≈ 7.
const LONGEST_LOG_STEP: f64 = 2.0;

/// A loss whose minimum is the mean of the target.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Loss {
    /// `(y − s)² / 2`, identity link: the forecast is the score.
    Squared,
    /// `e^s − y·s`, log link, for counts y ≥ 0: the forecast is `e^s`.
    Poisson,
    /// `e^((2−p)s) / (2−p) − y·e^((1−p)s) / (1−p)`, log link, for y ≥ 0 with many zeros and a long tail.
    Tweedie {
        /// The variance grows with the mean to this power p, 1 < p < 2: near 1 it is Poisson, near 2 gamma.
        power: f64,
    },
}

impl Loss {
    /// Tweedie with the usual power of 1.5.
    pub const TWEEDIE: Self = Self::Tweedie { power: 1.5 };

    /// Vouches for the range of the power.
    pub(super) fn check(self) -> Result<(), ParamError> {
        match self {
            Self::Tweedie { power } if !(power > 1.0 && power < 2.0) => Err(ParamError {
                name: "power",
                requirement: "must lie between 1 and 2",
                given: power,
            }),
            _ => Ok(()),
        }
    }

    /// The power of a loss with a log link, whose targets must be at least 0; `None` for the identity link.
    pub(super) fn log_link_power(self) -> Option<f64> {
        match self {
            Self::Squared => None,
            Self::Poisson => Some(1.0),
            Self::Tweedie { power } => Some(power),
        }
    }

    /// Numerator and denominator, per row, of the best constant above the present scores; see [`Loss::constant_of`].
    pub(super) fn constant_terms(self, rows: Scored<'_>) -> Vec<[f64; 2]> {
        match self.log_link_power() {
            None => rows.map(|_, y, score, weight| [weight * (y - score), weight]),
            Some(power) => {
                let Exponentials { rise, fall } = Exponentials::of(rows.scores, power);
                rows.map(|i, y, _, weight| [weight * y * fall[i], weight * rise[i]])
            }
        }
    }

    /// The constant at which the derivative of the summed loss is zero; −∞ under a log link where every target is 0.
    pub(super) fn constant_of(self, [over, under]: [f64; 2]) -> f64 {
        match self.log_link_power() {
            None => over / under,
            Some(_) => log(over / under),
        }
    }

    /// First and second derivative of each row's weighted loss by its score.
    pub(super) fn derivatives(self, rows: Scored<'_>) -> Vec<[f64; 2]> {
        match self.log_link_power() {
            None => rows.map(|_, y, score, weight| [weight * (score - y), weight]),
            Some(power) => {
                let Exponentials { rise, fall } = Exponentials::of(rows.scores, power);
                rows.map(|i, y, _, weight| {
                    let (rise, fall) = (weight * rise[i], weight * y * fall[i]);
                    [rise - fall, (2.0 - power) * rise + (power - 1.0) * fall]
                })
            }
        }
    }

    /// Each row's weighted loss.
    pub(super) fn losses(self, rows: Scored<'_>) -> Vec<f64> {
        let Some(power) = self.log_link_power() else {
            return rows.map(|_, y, score, weight| weight * 0.5 * (score - y) * (score - y));
        };
        let Exponentials { rise, fall } = Exponentials::of(rows.scores, power);
        rows.map(|i, y, score, weight| {
            let reward = match self {
                Self::Tweedie { .. } => fall[i] / (1.0 - power),
                Self::Squared | Self::Poisson => score,
            };
            weight * (rise[i] / (2.0 - power) - y * reward)
        })
    }

    /// Turns scores into forecasts of the mean.
    pub(super) fn respond(self, scores: &mut [f64]) {
        if self.log_link_power().is_some() {
            for score in &mut *scores {
                *score = score.clamp(-SCORE_LIMIT, SCORE_LIMIT);
            }
            exponentials(scores);
        }
    }

    /// A leaf's step, shortened where it would carry a log link too far at once.
    ///
    /// A Newton step of a Poisson loss is at most 1 downwards but of any length upwards.
    pub(super) fn bounded_step(self, step: f64) -> f64 {
        match self.log_link_power() {
            None => step,
            Some(_) => step.clamp(-LONGEST_LOG_STEP, LONGEST_LOG_STEP),
        }
    }
}

/// Rows with their present scores.
#[derive(Clone, Copy)]
pub(super) struct Scored<'a> {
    pub(super) target: &'a [f64],
    /// `None` where every row weighs 1.
    pub(super) weights: Option<&'a [f64]>,
    pub(super) scores: &'a [f64],
}

impl Scored<'_> {
    /// `of(row, target, score, weight)` for each row.
    fn map<T>(self, of: impl Fn(usize, f64, f64, f64) -> T) -> Vec<T> {
        let rows = self.target.iter().zip(self.scores).enumerate();
        match self.weights {
            None => rows.map(|(i, (&y, &score))| of(i, y, score, 1.0)).collect(),
            Some(weights) => rows
                .zip(weights)
                .map(|((i, (&y, &score)), &weight)| of(i, y, score, weight))
                .collect(),
        }
    }
}

/// `e^((2−p)s)` and `e^((1−p)s)` of each score.
struct Exponentials {
    rise: Vec<f64>,
    fall: Vec<f64>,
}

impl Exponentials {
    fn of(scores: &[f64], power: f64) -> Self {
        let times = |factor: f64| -> Vec<f64> {
            let bounded = scores
                .iter()
                .map(|score| factor * score.clamp(-SCORE_LIMIT, SCORE_LIMIT));
            let mut values: Vec<f64> = bounded.collect();
            exponentials(&mut values);
            values
        };
        let rise = times(2.0 - power);
        let fall = if power == 1.0 {
            vec![1.0; scores.len()]
        } else if power == 1.5 {
            rise.iter().map(|rise| 1.0 / rise).collect()
        } else {
            times(1.0 - power)
        };
        Self { rise, fall }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOSSES: [Loss; 4] = [
        Loss::Squared,
        Loss::Poisson,
        Loss::TWEEDIE,
        Loss::Tweedie { power: 1.2 },
    ];

    fn at<'a>(target: &'a [f64], scores: &'a [f64], weights: &'a [f64]) -> Scored<'a> {
        Scored {
            target,
            weights: Some(weights),
            scores,
        }
    }

    #[test]
    fn derivatives_are_the_slopes_of_the_loss() {
        const STEP: f64 = 1e-4;
        for loss in LOSSES {
            for (y, score) in [(0.0, -0.4), (3.0, 0.2), (0.5, 2.5)] {
                let value = |s: f64| loss.losses(at(&[y], &[s], &[2.5]))[0];
                let slope = |s: f64| loss.derivatives(at(&[y], &[s], &[2.5]))[0];
                let numeric = (value(score + STEP) - value(score - STEP)) / (2.0 * STEP);
                let [first, second] = slope(score);
                assert!((first - numeric).abs() < 1e-6, "{loss:?} {first} {numeric}");
                let numeric = (slope(score + STEP)[0] - slope(score - STEP)[0]) / (2.0 * STEP);
                assert!(
                    (second - numeric).abs() < 1e-6,
                    "{loss:?} {second} {numeric}"
                );
            }
        }
    }

    #[test]
    fn the_best_constant_leaves_no_slope() {
        let (target, offsets, weights) = ([0.0, 1.5, 7.0], [0.3, -1.0, 0.8], [1.0, 3.0, 0.5]);
        for loss in LOSSES {
            let terms = loss.constant_terms(at(&target, &offsets, &weights));
            let sums = [0, 1].map(|k| terms.iter().map(|term| term[k]).sum());
            let constant = loss.constant_of(sums);
            let scores = offsets.map(|offset| offset + constant);
            let slopes = loss.derivatives(at(&target, &scores, &weights));
            let slope: f64 = slopes.iter().map(|slope| slope[0]).sum();
            assert!(slope.abs() < 1e-12, "{loss:?} {slope}");
        }
    }

    #[test]
    fn forecasts_under_a_log_link_are_positive_and_finite() {
        let mut scores = [-1e9, 0.0, 1e9];
        Loss::Poisson.respond(&mut scores);
        assert!(scores[0] > 0.0 && scores[1] == 1.0 && scores[2].is_finite());
    }

    #[test]
    fn powers_outside_tweedie_are_refused() {
        for power in [1.0, 2.0, 0.0, f64::NAN] {
            assert!(Loss::Tweedie { power }.check().is_err(), "{power}");
        }
        assert!(Loss::TWEEDIE.check().is_ok());
    }
}
