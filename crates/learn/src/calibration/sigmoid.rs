//! Maps with a few parameters, by maximum likelihood.

use std::ops::Range;

use clientela_numerics::exponential::exponentials;
use clientela_numerics::logarithm::logarithms;
use clientela_numerics::newton::{Bounds, Evaluation, maximize};
use clientela_numerics::stats::Moments;
use clientela_numerics::{StopToken, Stopped};

use super::{Calibrator, log_odds, softplus};
use crate::blocks::{BLOCK, sum_blocks};
use crate::error::FitError;

const ITERATIONS_MAX: u32 = 200;
/// No slope between scores of one standard deviation, and no shift, is as large as this.
const PARAMETER_MAX: f64 = 1e4;
/// The slopes of the beta map have normal priors around 1, where it changes nothing, with this standard deviation. They matter
/// only where the scores have two values or fewer, which determine no three parameters.
const SLOPE_DEVIATION: f64 = 10.0;
/// Of many rows every so many are fitted first, to begin the fit of all of them near its end.
const THINNING: usize = 16;
const THINNED_MIN: usize = 2048;

/// Platt's map; slope 0 where all scores are equal.
pub(super) fn platt(
    scores: &[f64],
    outcomes: &[bool],
    weights: Option<&[f64]>,
    stop: &StopToken,
) -> Result<Calibrator, FitError> {
    let targets = Targets::of(outcomes, weights);
    let columns = [scores.to_vec()];
    let [slope, intercept] = Likelihood::<2>::new(columns, [None; 2], targets).maximum(stop)?;
    Ok(Calibrator::Platt { slope, intercept })
}

/// The beta map.
pub(super) fn beta(
    scores: &[f64],
    outcomes: &[bool],
    weights: Option<&[f64]>,
    stop: &StopToken,
) -> Result<Calibrator, FitError> {
    let targets = Targets::of(outcomes, weights);
    let columns = [
        scores.iter().map(|&s| -softplus(-s)).collect(),
        scores.iter().map(|&s| softplus(s)).collect(),
    ];
    let priors = [Some(1.0), Some(1.0), None];
    let [a, b, c] = Likelihood::<3>::new(columns, priors, targets).maximum(stop)?;
    Ok(Calibrator::Beta { a, b, c })
}

/// What is to be forecast for each row: a little less than 1 and a little more than 0.
struct Targets {
    targets: Vec<f64>,
    weights: Vec<f64>,
}

impl Targets {
    fn of(outcomes: &[bool], weights: Option<&[f64]>) -> Self {
        let weights = weights.map_or_else(|| vec![1.0; outcomes.len()], <[f64]>::to_vec);
        let count = |class: bool| -> f64 {
            let of_class = outcomes.iter().zip(&weights).filter(|row| *row.0 == class);
            of_class.map(|row| row.1).sum()
        };
        let (positives, negatives) = (count(true), count(false));
        let target = |&outcome: &bool| {
            if outcome {
                (positives + 1.0) / (positives + 2.0)
            } else {
                1.0 / (negatives + 2.0)
            }
        };
        Self {
            targets: outcomes.iter().map(target).collect(),
            weights,
        }
    }

    /// Log-odds of the mean target.
    fn constant(&self) -> f64 {
        let rows = self.targets.iter().zip(&self.weights);
        let sum: f64 = rows.map(|(target, weight)| target * weight).sum();
        log_odds(sum / self.weights.iter().sum::<f64>())
    }

    fn thinned(&self) -> Self {
        Self {
            targets: self.targets.iter().step_by(THINNING).copied().collect(),
            weights: self.weights.iter().step_by(THINNING).copied().collect(),
        }
    }
}

/// Log-likelihood of targets whose log-odds are a sum of columns times parameters; the last parameter is added as it is, the
/// others are at least 0.
struct Likelihood<const N: usize> {
    /// In standard units.
    columns: Vec<Vec<f64>>,
    /// Mean and standard deviation of the columns, 1 for those without spread.
    units: Vec<[f64; 2]>,
    targets: Targets,
    /// Centers of normal priors on the parameters in the units given.
    priors: [Option<f64>; N],
}

impl<const N: usize> Likelihood<N> {
    fn new<const COLUMNS: usize>(
        mut columns: [Vec<f64>; COLUMNS],
        priors: [Option<f64>; N],
        targets: Targets,
    ) -> Self {
        assert_eq!(COLUMNS + 1, N, "a parameter for each column and one more");
        let mut units = Vec::with_capacity(COLUMNS);
        for column in &mut columns {
            let moments = Moments::of_weighted(column, &targets.weights).expect("rows");
            let deviation = moments.standard_deviation();
            let unit = if deviation > 0.0 { deviation } else { 1.0 };
            column
                .iter_mut()
                .for_each(|x| *x = (*x - moments.mean) / unit);
            units.push([moments.mean, unit]);
        }
        Self {
            columns: columns.into(),
            units,
            targets,
            priors,
        }
    }

    /// The parameters of the maximum, for columns in the units given.
    fn maximum(&self, stop: &StopToken) -> Result<[f64; N], FitError> {
        let mut params = self.standard_maximum(stop)?;
        for (k, [mean, deviation]) in self.units.iter().enumerate() {
            params[k] /= deviation;
            params[N - 1] -= params[k] * mean;
        }
        Ok(params)
    }

    fn standard_maximum(&self, stop: &StopToken) -> Result<[f64; N], FitError> {
        let mut lower = [0.0; N];
        lower[N - 1] = -PARAMETER_MAX;
        let bounds = Bounds {
            lower,
            upper: [PARAMETER_MAX; N],
        };
        let start = match self.thinned() {
            Some(few) => few.standard_maximum(stop)?,
            None => {
                let mut start = [0.0; N];
                start[N - 1] = self.targets.constant();
                start
            }
        };
        let found = maximize(start, &bounds, ITERATIONS_MAX, stop, |params| {
            self.evaluate(params, stop)
        })?;
        if found.converged {
            Ok(found.point)
        } else {
            Err(FitError::NotConverged {
                iterations: found.iterations as usize,
            })
        }
    }

    /// Every sixteenth row of many.
    fn thinned(&self) -> Option<Self> {
        let thin = |column: &Vec<f64>| column.iter().step_by(THINNING).copied().collect();
        (self.targets.targets.len() >= THINNING * THINNED_MIN).then(|| Self {
            columns: self.columns.iter().map(thin).collect(),
            units: self.units.clone(),
            targets: self.targets.thinned(),
            priors: self.priors,
        })
    }

    fn evaluate(&self, params: &[f64; N], stop: &StopToken) -> Result<Evaluation<N>, Stopped> {
        let n_rows = self.targets.targets.len();
        let sums = sum_blocks(n_rows, 1 + N + N * N, |rows, sums| {
            if !stop.is_stopped() {
                self.add_rows(rows, params, sums);
            }
        });
        stop.poll()?;
        let mut evaluation = Evaluation {
            value: sums[0],
            gradient: std::array::from_fn(|i| sums[1 + i]),
            hessian: std::array::from_fn(|i| {
                std::array::from_fn(|j| -sums[1 + N + N * i.max(j) + i.min(j)])
            }),
        };
        for (i, unit) in self.units.iter().enumerate() {
            if let Some(center) = self.priors[i] {
                let scale = SLOPE_DEVIATION * unit[1];
                let distance = (params[i] - center * unit[1]) / scale;
                evaluation.value -= 0.5 * distance * distance;
                evaluation.gradient[i] -= distance / scale;
                evaluation.hessian[i][i] -= 1.0 / (scale * scale);
            }
        }
        Ok(evaluation)
    }

    /// Adds value, gradient and the lower triangle of the information of a block of rows.
    fn add_rows(&self, rows: Range<usize>, params: &[f64; N], sums: &mut [f64]) {
        let n = rows.len();
        let (mut scores, mut falls, mut logs) = ([0.0; BLOCK], [0.0; BLOCK], [0.0; BLOCK]);
        let (scores, falls, logs) = (&mut scores[..n], &mut falls[..n], &mut logs[..n]);
        scores.fill(params[N - 1]);
        for (column, param) in self.columns.iter().zip(params) {
            for (score, x) in scores.iter_mut().zip(&column[rows.clone()]) {
                *score += param * x;
            }
        }
        for (fall, score) in falls.iter_mut().zip(scores.iter()) {
            *fall = -score.abs();
        }
        exponentials(falls);
        for (log, fall) in logs.iter_mut().zip(falls.iter()) {
            *log = 1.0 + fall;
        }
        logarithms(logs);
        for (i, row) in rows.enumerate() {
            let (target, weight) = (self.targets.targets[row], self.targets.weights[row]);
            let (score, fall) = (scores[i], falls[i]);
            let near = 1.0 / (1.0 + fall);
            let p = if score >= 0.0 { near } else { fall * near };
            sums[0] += weight * (target * score - score.max(0.0) - logs[i]);
            let (residual, bend) = (weight * (target - p), weight * fall * near * near);
            let x: [f64; N] = std::array::from_fn(|k| self.columns.get(k).map_or(1.0, |x| x[row]));
            for j in 0..N {
                sums[1 + j] += residual * x[j];
                for k in 0..=j {
                    sums[1 + N + N * j + k] += bend * x[j] * x[k];
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{CalibrationKind, probability};
    use super::*;

    fn fit(kind: CalibrationKind, scores: &[f64], outcomes: &[bool]) -> Calibrator {
        Calibrator::fit(kind, scores, outcomes, None, &StopToken::new()).expect("both classes")
    }

    const KINDS: [CalibrationKind; 2] = [CalibrationKind::Platt, CalibrationKind::Beta];

    #[test]
    fn perfect_separation_stays_in_doubt() {
        let scores: Vec<f64> = (0..20).map(|i| f64::from(i) - 9.5).collect();
        let outcomes: Vec<bool> = scores.iter().map(|&s| s > 0.0).collect();
        for kind in KINDS {
            let map = fit(kind, &scores, &outcomes);
            let (low, high) = (map.probability(-9.5), map.probability(9.5));
            assert!((0.01..0.15).contains(&low), "{map:?} {low}");
            assert!((0.85..0.99).contains(&high), "{map:?} {high}");
        }
    }

    #[test]
    fn outcomes_that_fall_with_the_score_give_a_flat_line() {
        let scores: Vec<f64> = (0..40).map(|i| f64::from(i) / 10.0).collect();
        let outcomes: Vec<bool> = (0..40).map(|i| i < 10).collect();
        for kind in KINDS {
            let map = fit(kind, &scores, &outcomes);
            // Eleven in twelve of ten, and one in 32 of thirty.
            let mean = (10.0 * 11.0 / 12.0 + 30.0 / 32.0) / 40.0;
            for score in [-5.0, 0.0, 9.0] {
                let given = map.probability(score);
                assert!((given - mean).abs() < 1e-9, "{map:?} {given} {mean}");
            }
        }
    }

    #[test]
    fn equal_scores_get_the_mean_target() {
        let outcomes = [true, false, false, false];
        let map = fit(CalibrationKind::Platt, &[3.0; 4], &outcomes);
        let mean = (2.0 / 3.0 + 3.0 * 0.2) / 4.0;
        assert!((map.probability(3.0) - mean).abs() < 1e-12);
        assert_eq!(map.line(), Some((0.0, log_odds(mean))));
        let map = fit(CalibrationKind::Beta, &[3.0; 4], &outcomes);
        assert!(
            (map.probability(3.0) - probability(log_odds(mean))).abs() < 1e-9,
            "{map:?}"
        );
    }
}
