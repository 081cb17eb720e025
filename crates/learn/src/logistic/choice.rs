//! The penalty that forecasts held-out rows best.

use clientela_numerics::{RandomStream, StopToken};
use libm::pow;
use rayon::prelude::*;

use super::descent::{Descent, Precision};
use super::design::Samples;
use super::params::ElasticNetParams;
use super::quadratic::Penalty;
use super::rows::{Extent, Slots, StandardRows};
use crate::error::FitError;

/// Name of the random streams.
const ALGORITHM: &str = "elastic net choice";
/// The largest penalty without coefficients is infinite for a pure ridge; so it is that of a thousandth lasso, as in glmnet.
const L1_RATIO_MIN: f64 = 1e-3;
/// Without held-out rows the penalty is this share of the largest: few rows are no ground for large coefficients.
const UNTESTED_SHARE: f64 = 0.1;
/// A path ends where a further penalty explains no more than this share of what is explained, or everything is, as in glmnet.
const GAIN_MIN: f64 = 1e-5;
const EXPLAINED_MAX: f64 = 0.999;
/// Penalties of a path at least.
const N_STEPS_MIN: usize = 5;

/// A penalty chosen by held-out rows.
#[derive(Clone, Debug, PartialEq)]
pub struct LambdaChoice {
    /// The penalty with the lowest held-out log loss; of equal ones the largest.
    pub lambda: f64,
    /// Penalties, descending, with their mean log loss on held-out rows; empty where a class has a single row, so that nothing
    /// could be held out.
    pub candidates: Vec<Candidate>,
    /// Rows on which the choice was made.
    pub n_rows: usize,
}

/// One penalty of the path.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Candidate {
    /// The penalty.
    pub lambda: f64,
    /// Mean log loss on held-out rows.
    pub log_loss: f64,
}

/// Rows on which the choice is made, with weights.
struct Chosen {
    rows: Vec<u32>,
    weights: Vec<f64>,
    folds: Vec<usize>,
    n_folds: usize,
}

/// See [`super::ElasticNet::choose_lambda`].
pub(super) fn choose(
    samples: &Samples<'_>,
    params: &ElasticNetParams,
    seed: u64,
    stop: &StopToken,
) -> Result<LambdaChoice, FitError> {
    let chosen = Chosen::of(samples, params, seed)?;
    let lambda_max = lambda_max(samples, &chosen, params, stop)?;
    let untested = |lambda| LambdaChoice {
        lambda,
        candidates: Vec::new(),
        n_rows: chosen.rows.len(),
    };
    if lambda_max <= f64::EPSILON {
        // No column says anything, and no penalty makes a difference.
        return Ok(untested(1.0));
    }
    if chosen.n_folds < 2 {
        return Ok(untested(UNTESTED_SHARE * lambda_max));
    }
    let steps = (params.n_lambdas.max(2) - 1) as f64;
    let lambdas: Vec<f64> = (0..params.n_lambdas)
        .map(|k| lambda_max * pow(params.lambda_min_ratio, k as f64 / steps))
        .collect();
    let of_folds: Vec<Vec<f64>> = (0..chosen.n_folds)
        .into_par_iter()
        .map(|fold| chosen.held_out_losses(fold, samples, &lambdas, params, stop))
        .collect::<Result<_, _>>()?;
    let candidate = |(k, &lambda): (usize, &f64)| Candidate {
        lambda,
        log_loss: of_folds.iter().map(|losses| losses[k]).sum(),
    };
    let candidates: Vec<Candidate> = lambdas.iter().enumerate().map(candidate).collect();
    let mut best = candidates[0];
    for candidate in &candidates {
        if candidate.log_loss < best.log_loss {
            best = *candidate;
        }
    }
    Ok(LambdaChoice {
        lambda: best.lambda,
        candidates,
        n_rows: chosen.rows.len(),
    })
}

/// The smallest penalty under which all coefficients are zero.
fn lambda_max(
    samples: &Samples<'_>,
    chosen: &Chosen,
    params: &ElasticNetParams,
    stop: &StopToken,
) -> Result<f64, FitError> {
    let slots = Slots::of(samples, &chosen.rows, &chosen.weights);
    let rows = StandardRows::new(samples, &chosen.rows, chosen.weights.clone(), &slots);
    let descent = Descent::new(&rows, params.max_iterations, stop)?;
    Ok(descent.steepest() / params.l1_ratio.max(L1_RATIO_MIN))
}

impl Chosen {
    /// All rows, or a seeded sample: at least half of it of the rarer class as far as there are so many, so that a rare yes is
    /// not left to luck; the rows of a class then weigh as much as all of it.
    fn of(samples: &Samples<'_>, params: &ElasticNetParams, seed: u64) -> Result<Self, FitError> {
        let mut classes = samples.classes()?;
        let [positives, negatives] = [classes[0].len(), classes[1].len()];
        let most = params.n_rows_choice_max;
        let kept = if positives + negatives <= most {
            [positives, negatives]
        } else if positives <= negatives {
            let kept = positives.min(most / 2);
            [kept, negatives.min(most - kept)]
        } else {
            let kept = negatives.min(most / 2);
            [positives.min(most - kept), kept]
        };
        let n_folds = params.n_folds.min(kept[0].min(kept[1]));
        let mut places = Vec::with_capacity(kept[0] + kept[1]);
        for (class, (rows, kept)) in classes.iter_mut().zip(kept).enumerate() {
            RandomStream::new(seed, ALGORITHM, class as u64).shuffle(rows);
            let all: f64 = rows.iter().map(|&row| samples.weight(row)).sum();
            let of_kept: f64 = rows[..kept].iter().map(|&row| samples.weight(row)).sum();
            // Dealt out in opposite directions, so that the folds differ by one row at most.
            let fold = |i: usize| {
                if class == 0 {
                    i % n_folds
                } else {
                    n_folds - 1 - i % n_folds
                }
            };
            let place =
                |(i, &row): (usize, &u32)| (row, samples.weight(row) * (all / of_kept), fold(i));
            places.extend(rows[..kept].iter().enumerate().map(place));
        }
        places.sort_unstable_by_key(|place| place.0);
        let total: f64 = places.iter().map(|place| place.1).sum();
        Ok(Self {
            rows: places.iter().map(|place| place.0).collect(),
            weights: places.iter().map(|place| place.1 / total).collect(),
            folds: places.iter().map(|place| place.2).collect(),
            n_folds,
        })
    }

    /// The part of the mean log loss that comes from the rows of one fold, for models of the others.
    fn held_out_losses(
        &self,
        fold: usize,
        samples: &Samples<'_>,
        lambdas: &[f64],
        params: &ElasticNetParams,
        stop: &StopToken,
    ) -> Result<Vec<f64>, FitError> {
        let (learned, mut weights) = self.part(|of_row| of_row != fold);
        let total: f64 = weights.iter().sum();
        weights.iter_mut().for_each(|weight| *weight /= total);
        let slots = Slots::of(samples, &learned, &weights);
        let learned = StandardRows::new(samples, &learned, weights, &slots);
        let (held_out, weights) = self.part(|of_row| of_row == fold);
        let held_out = StandardRows::new(samples, &held_out, weights, &slots);
        let mut descent = Descent::new(&learned, params.max_iterations, stop)?;
        let null_loss = descent.loss();
        let mut losses = Vec::with_capacity(lambdas.len());
        let mut explained = 0.0;
        for &lambda in lambdas {
            let penalty = Penalty::new(lambda, params.l1_ratio);
            match descent.minimize(penalty, Precision::COMPARISON, stop) {
                Err(FitError::NotConverged { .. }) => break,
                other => other?,
            }
            losses.push(held_out.evaluate(&descent.point, Extent::Loss, stop)?.loss);
            let before = explained;
            explained = 1.0 - descent.loss() / null_loss;
            let is_flat = explained - before < GAIN_MIN * explained;
            if explained > EXPLAINED_MAX || (losses.len() >= N_STEPS_MIN && is_flat) {
                break;
            }
        }
        let last = match losses.last() {
            Some(&last) => last,
            None => held_out.evaluate(&descent.point, Extent::Loss, stop)?.loss,
        };
        losses.resize(lambdas.len(), last);
        Ok(losses)
    }

    /// Rows and weights of the folds asked for.
    fn part(&self, wanted: impl Fn(usize) -> bool) -> (Vec<u32>, Vec<f64>) {
        let rows = self.rows.iter().zip(&self.weights).zip(&self.folds);
        rows.filter(|(_, fold)| wanted(**fold))
            .map(|((&row, &weight), _)| (row, weight))
            .unzip()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logistic::Design;

    fn chosen(n_positives: usize, n_negatives: usize) -> Chosen {
        let outcomes: Vec<bool> = (0..n_positives + n_negatives)
            .map(|i| i < n_positives)
            .collect();
        let design = Design::new(Vec::new(), outcomes.len());
        let params = ElasticNetParams {
            n_rows_choice_max: 100,
            ..ElasticNetParams::default()
        };
        Chosen::of(&Samples::new(&design, &outcomes), &params, 42).expect("both classes")
    }

    #[test]
    fn a_rare_class_is_kept_and_weighs_what_it_did() {
        let chosen = chosen(20, 980);
        assert_eq!(chosen.rows.len(), 100);
        let of_rare = chosen
            .rows
            .iter()
            .zip(&chosen.weights)
            .filter(|row| *row.0 < 20);
        let (n, weight) = of_rare.fold((0, 0.0), |(n, sum), row| (n + 1, sum + row.1));
        assert_eq!(n, 20);
        assert!((weight - 0.02).abs() < 1e-15);
    }

    #[test]
    fn folds_hold_their_share_of_both_classes() {
        let chosen = chosen(11, 31);
        for fold in 0..3 {
            let (rows, _) = chosen.part(|of_row| of_row == fold);
            let positives = rows.iter().filter(|&&row| row < 11).count();
            assert!(rows.len() == 14 && (3..=4).contains(&positives));
        }
        let total: f64 = chosen.weights.iter().sum();
        assert!((total - 1.0).abs() < 1e-12);
    }

    #[test]
    fn two_rows_of_a_class_make_two_folds() {
        assert_eq!(chosen(2, 9).n_folds, 2);
        assert_eq!(chosen(9, 1).n_folds, 1);
    }
}
