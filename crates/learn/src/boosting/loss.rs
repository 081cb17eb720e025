//! What a booster minimizes: losses of a score against a target, with their first two derivatives.
//!
//! Sources: Jørgensen (1997), "The Theory of Dispersion Models", chapter 4: Poisson is the Tweedie model of power 1; Friedman,
//! Hastie, Tibshirani (2000), "Additive Logistic Regression", Annals of Statistics 28(2), section 3. Terms that do not depend
//! on the score are left out.

use clientela_numerics::exponential::exponentials;
use clientela_numerics::logarithm::logarithms;
use libm::{exp, log};
use serde::{Deserialize, Serialize};

use crate::error::ParamError;

/// Scores of log links stay within ± this, so that their exponentials are finite: e^300 is 2e130.
const SCORE_LIMIT: f64 = 300.0;
/// About e^∓300, the range of odds.
const ODDS_MIN: f64 = 1e-130;
const ODDS_MAX: f64 = 1e130;
/// The longest step that one leaf of a log link may take before shrinkage: a factor of e² ≈ 7.
const LONGEST_LOG_STEP: f64 = 2.0;
/// The same for log-odds: a leaf of nothing but rare events would else go from one in ten thousand to certain in one step.
const LONGEST_LOGIT_STEP: f64 = 10.0;

/// A loss whose minimum is the mean of the target.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
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
    /// `ln(1 + e^s) − y·s`, logit link, for y of 0 or 1: the score is log-odds, the forecast the probability `1 / (1 + e^−s)`.
    Logistic,
}

/// How the forecast follows from the score.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Link {
    /// It is the score.
    Identity,
    /// Its logarithm is the score; the variance grows with it to this power.
    Log { power: f64 },
    /// Its log-odds are the score.
    Logit,
}

impl Loss {
    /// Tweedie with the usual power of 1.5.
    pub const TWEEDIE: Self = Self::Tweedie { power: 1.5 };

    /// Vouches for the range of the power.
    pub(crate) fn check(self) -> Result<(), ParamError> {
        match self {
            Self::Tweedie { power } if !(power > 1.0 && power < 2.0) => Err(ParamError {
                name: "power",
                requirement: "must lie between 1 and 2",
                given: power,
            }),
            _ => Ok(()),
        }
    }

    pub(super) fn link(self) -> Link {
        match self {
            Self::Squared => Link::Identity,
            Self::Poisson => Link::Log { power: 1.0 },
            Self::Tweedie { power } => Link::Log { power },
            Self::Logistic => Link::Logit,
        }
    }

    /// Numerator and denominator, per row, of the best constant above the present scores; see [`Loss::constant_of`].
    ///
    /// Of a logit link, above scores of 0: above others there is no closed form.
    pub(super) fn constant_terms(self, rows: Scored<'_>) -> Vec<[f64; 2]> {
        match self.link() {
            Link::Identity => rows.map(|_, y, score, weight| [weight * (y - score), weight]),
            Link::Log { power } => {
                let Exponentials { rise, fall } = Exponentials::of(rows.levels, power);
                rows.map(|i, y, _, weight| [weight * y * fall[i], weight * rise[i]])
            }
            Link::Logit => rows.map(|_, y, _, weight| [weight * y, weight * (1.0 - y)]),
        }
    }

    /// The constant at which the derivative of the summed loss is zero; infinite under a log or logit link where every target
    /// is 0, or every one 1.
    pub(super) fn constant_of(self, [over, under]: [f64; 2]) -> f64 {
        match self.link() {
            Link::Identity => over / under,
            Link::Log { .. } | Link::Logit => log(over / under),
        }
    }

    /// What is kept of a row's score while trees are added: the score itself, or the odds `e^s` under a logit link, so that a
    /// leaf multiplies instead of every row taking an exponential.
    pub(super) fn to_levels(self, scores: &mut [f64]) {
        if self.link() == Link::Logit {
            for score in &mut *scores {
                *score = score.clamp(-SCORE_LIMIT, SCORE_LIMIT);
            }
            exponentials(scores);
        }
    }

    /// What a leaf's value does to levels.
    pub(super) fn raise_by(self, value: f64) -> Raise {
        match self.link() {
            Link::Identity | Link::Log { .. } => Raise::Plus(value),
            Link::Logit => Raise::Times(exp(value)),
        }
    }

    /// First and second derivative of each row's weighted loss by its score.
    pub(super) fn derivatives(self, rows: Scored<'_>, places: [&mut [f64]; 2]) {
        match self.link() {
            Link::Identity => {
                rows.write(places, |_, y, level, weight| [weight * (level - y), weight]);
            }
            Link::Log { power } => {
                let Exponentials { rise, fall } = Exponentials::of(rows.levels, power);
                rows.write(places, |i, y, _, weight| {
                    let (rise, fall) = (weight * rise[i], weight * y * fall[i]);
                    [rise - fall, (2.0 - power) * rise + (power - 1.0) * fall]
                });
            }
            Link::Logit => rows.write(places, |_, y, odds, weight| {
                let against = 1.0 / (1.0 + odds);
                let probability = odds * against;
                [weight * (probability - y), weight * (probability * against)]
            }),
        }
    }

    /// What the magnitudes of both derivatives cannot exceed where rows weigh so much at most; `None` where it depends on the
    /// scores.
    pub(super) fn bounds(self, heaviest: f64) -> Option<[f64; 2]> {
        match self.link() {
            Link::Identity | Link::Log { .. } => None,
            Link::Logit => Some([heaviest, heaviest / 4.0]),
        }
    }

    /// Whether second derivatives depend on little but the weights.
    pub(super) fn has_even_curvature(self) -> bool {
        !matches!(self.link(), Link::Log { .. })
    }

    /// Each row's weighted loss.
    pub(super) fn losses(self, rows: Scored<'_>) -> Vec<f64> {
        match self.link() {
            Link::Identity => {
                rows.map(|_, y, score, weight| weight * 0.5 * (score - y) * (score - y))
            }
            Link::Log { power } => {
                let Exponentials { rise, fall } = Exponentials::of(rows.levels, power);
                rows.map(|i, y, score, weight| {
                    let reward = if power == 1.0 {
                        score
                    } else {
                        fall[i] / (1.0 - power)
                    };
                    weight * (rise[i] / (2.0 - power) - y * reward)
                })
            }
            Link::Logit => {
                let mut surprise =
                    rows.map(|_, y, odds, _| 1.0 + if y > 0.0 { 1.0 / odds } else { odds });
                logarithms(&mut surprise);
                rows.map(|i, _, _, weight| weight * surprise[i])
            }
        }
    }

    /// Turns scores into forecasts of the mean.
    pub(super) fn respond(self, scores: &mut [f64]) {
        match self.link() {
            Link::Identity => {}
            Link::Log { .. } => {
                for score in &mut *scores {
                    *score = score.clamp(-SCORE_LIMIT, SCORE_LIMIT);
                }
                exponentials(scores);
            }
            Link::Logit => {
                let odds = odds_against_the_likelier(scores);
                for (score, odds) in scores.iter_mut().zip(odds) {
                    let numerator = if *score < 0.0 { odds } else { 1.0 };
                    *score = numerator / (1.0 + odds);
                }
            }
        }
    }

    /// A leaf's step, shortened where it would carry a log or logit link too far at once.
    ///
    /// A Newton step of a Poisson loss is at most 1 downwards but of any length upwards.
    pub(super) fn bounded_step(self, step: f64) -> f64 {
        match self.link() {
            Link::Identity => step,
            Link::Log { .. } => step.clamp(-LONGEST_LOG_STEP, LONGEST_LOG_STEP),
            Link::Logit => step.clamp(-LONGEST_LOGIT_STEP, LONGEST_LOGIT_STEP),
        }
    }
}

/// What a leaf does to the level of a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Raise {
    Plus(f64),
    /// Odds stay in a range where their inverse is finite too.
    Times(f64),
}

impl Raise {
    /// The level after it.
    #[inline]
    pub(super) fn of(self, level: f64) -> f64 {
        match self {
            Self::Plus(step) => level + step,
            Self::Times(factor) => (level * factor).clamp(ODDS_MIN, ODDS_MAX),
        }
    }
}

/// Rows with their present levels.
#[derive(Clone, Copy)]
pub(super) struct Scored<'a> {
    pub(super) target: &'a [f64],
    /// `None` where every row weighs 1.
    pub(super) weights: Option<&'a [f64]>,
    pub(super) levels: &'a [f64],
}

impl Scored<'_> {
    /// Writes `of(row, target, level, weight)` for each row.
    fn write(
        self,
        [first, second]: [&mut [f64]; 2],
        of: impl Fn(usize, f64, f64, f64) -> [f64; 2],
    ) {
        let places = first.iter_mut().zip(second);
        let rows = places.zip(self.target.iter().zip(self.levels)).enumerate();
        match self.weights {
            None => rows.for_each(|(i, ((first, second), (&y, &level)))| {
                [*first, *second] = of(i, y, level, 1.0);
            }),
            Some(weights) => rows.zip(weights).for_each(|(row, &weight)| {
                let (i, ((first, second), (&y, &level))) = row;
                [*first, *second] = of(i, y, level, weight);
            }),
        }
    }

    /// `of(row, target, level, weight)` for each row.
    fn map<T>(self, of: impl Fn(usize, f64, f64, f64) -> T) -> Vec<T> {
        let rows = self.target.iter().zip(self.levels).enumerate();
        match self.weights {
            None => rows.map(|(i, (&y, &score))| of(i, y, score, 1.0)).collect(),
            Some(weights) => rows
                .zip(weights)
                .map(|((i, (&y, &score)), &weight)| of(i, y, score, weight))
                .collect(),
        }
    }
}

/// `e^−|s|` of each score: the odds against the outcome that it holds for the likelier one.
fn odds_against_the_likelier(scores: &[f64]) -> Vec<f64> {
    let mut odds: Vec<f64> = scores.iter().map(|score| -score.abs()).collect();
    exponentials(&mut odds);
    odds
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

    const LOSSES: [Loss; 5] = [
        Loss::Squared,
        Loss::Logistic,
        Loss::Poisson,
        Loss::TWEEDIE,
        Loss::Tweedie { power: 1.2 },
    ];

    fn at<'a>(target: &'a [f64], levels: &'a [f64], weights: &'a [f64]) -> Scored<'a> {
        Scored {
            target,
            weights: Some(weights),
            levels,
        }
    }

    /// Losses at scores, and slopes.
    fn of(
        loss: Loss,
        target: &[f64],
        scores: &[f64],
        weights: &[f64],
    ) -> (Vec<f64>, [Vec<f64>; 2]) {
        let mut levels = scores.to_vec();
        loss.to_levels(&mut levels);
        let rows = at(target, &levels, weights);
        let mut slopes = [0, 1].map(|_| vec![0.0; target.len()]);
        let [first, second] = &mut slopes;
        loss.derivatives(rows, [first, second]);
        (loss.losses(rows), slopes)
    }

    #[test]
    fn derivatives_are_the_slopes_of_the_loss() {
        const STEP: f64 = 1e-4;
        for loss in LOSSES {
            let of_outcomes = [(0.0, -0.4), (1.0, 0.2), (1.0, -2.5), (0.0, 1.5)];
            let of_amounts = [(0.0, -0.4), (3.0, 0.2), (0.5, 2.5), (0.5, -2.5)];
            let is_outcome = loss == Loss::Logistic;
            for (y, score) in if is_outcome { of_outcomes } else { of_amounts } {
                let value = |s: f64| of(loss, &[y], &[s], &[2.5]).0[0];
                let slope = |s: f64| of(loss, &[y], &[s], &[2.5]).1.map(|slopes| slopes[0]);
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
        for loss in LOSSES.into_iter().filter(|loss| *loss != Loss::Logistic) {
            let terms = loss.constant_terms(at(&target, &offsets, &weights));
            let sums = [0, 1].map(|k| terms.iter().map(|term| term[k]).sum());
            let constant = loss.constant_of(sums);
            let scores = offsets.map(|offset| offset + constant);
            let (_, [slopes, _]) = of(loss, &target, &scores, &weights);
            let slope: f64 = slopes.iter().sum();
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
    fn log_odds_beyond_all_doubt_keep_their_digits() {
        let scores = [-800.0, -40.0, 0.0, 40.0, 800.0];
        let mut forecasts = scores;
        Loss::Logistic.respond(&mut forecasts);
        assert_eq!([forecasts[0], forecasts[2], forecasts[4]], [0.0, 0.5, 1.0]);
        let off = forecasts[1] / libm::exp(-40.0) - 1.0;
        assert!(off.abs() < 1e-15, "{off}");
        let (losses, slopes) = of(Loss::Logistic, &[1.0; 5], &scores, &[1.0; 5]);
        // Odds end at e^±300.
        let expected = [300.0, 40.0, std::f64::consts::LN_2, 0.0, 0.0];
        for (loss, expected) in losses.iter().zip(expected) {
            assert!((loss - expected).abs() < 1e-9, "{loss}, not {expected}");
        }
        assert!(slopes.iter().flatten().all(|slope| slope.is_finite()));
        let bounds = Loss::Logistic.bounds(1.0).expect("bounds");
        for (slopes, bound) in slopes.iter().zip(bounds) {
            assert!(slopes.iter().all(|slope| slope.abs() <= bound));
        }
    }

    #[test]
    fn levels_follow_their_scores_through_many_trees() {
        for loss in LOSSES {
            let (mut score, mut level) = (0.3, [0.3]);
            loss.to_levels(&mut level);
            for tree in 0..1000 {
                let value = f64::from(tree % 7 - 3) * 0.1;
                score += value;
                level[0] = loss.raise_by(value).of(level[0]);
            }
            let mut expected = [score];
            loss.to_levels(&mut expected);
            assert!((level[0] / expected[0] - 1.0).abs() < 1e-12, "{loss:?}");
        }
    }

    #[test]
    fn powers_outside_tweedie_are_refused() {
        for power in [1.0, 2.0, 0.0, f64::NAN] {
            assert!(Loss::Tweedie { power }.check().is_err(), "{power}");
        }
        assert!(Loss::TWEEDIE.check().is_ok());
    }
}
