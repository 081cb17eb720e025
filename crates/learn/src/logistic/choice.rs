//! The penalty that forecasts held-out rows best.

use clientela_numerics::{StopToken, Stopped};
use libm::pow;
use rayon::prelude::*;

use super::descent::{Descent, Precision};
use super::design::Samples;
use super::folds::Chosen;
use super::params::ElasticNetParams;
use super::quadratic::Penalty;
use super::rows::StandardRows;
use super::slots::Slots;
use super::sums::Extent;
use crate::error::FitError;

/// The largest penalty without coefficients is infinite for a pure ridge; so it is that of a thousandth lasso, as in glmnet.
const L1_RATIO_MIN: f64 = 1e-3;
/// Without held-out rows the penalty is this share of the largest: few rows are no ground for large coefficients.
const UNTESTED_SHARE: f64 = 0.1;
/// A path ends where a further penalty explains no more than this share of what is explained, or everything is, as in glmnet.
const GAIN_MIN: f64 = 1e-5;
const EXPLAINED_MAX: f64 = 0.999;
const N_STEPS_MIN: usize = 5;
/// Further penalties that are tried after the best so far; the held-out loss has one valley but for noise.
const PATIENCE: usize = 5;

/// A penalty chosen by held-out rows.
#[derive(Clone, Debug, PartialEq)]
pub struct LambdaChoice {
    /// The penalty with the lowest held-out log loss; of equal ones the largest.
    pub lambda: f64,
    /// Penalties, descending, with their mean log loss on held-out rows, as far down the path as was tried; empty where a class
    /// stands in a single group, so that nothing could be held out, or no column says anything.
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

/// The rows of the other folds and those of one.
struct Fold<'a> {
    learned: StandardRows<'a>,
    held_out: StandardRows<'a>,
}

/// The way down the path in one fold.
struct FoldPath<'a> {
    fold: &'a Fold<'a>,
    descent: Descent<'a>,
    null_loss: f64,
    /// Share of the null loss that the last model explains.
    explained: f64,
    n_steps: usize,
    /// The part of the mean log loss that comes from the rows held out here.
    held_out_loss: f64,
    /// Whether smaller penalties would change nothing more.
    is_at_end: bool,
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
    let units = (0..chosen.n_folds).into_par_iter();
    let units: Vec<Slots> = units
        .map(|fold| {
            let (rows, weights) = chosen.learned(fold);
            Slots::of(samples, &rows, &weights, stop)
        })
        .collect::<Result<_, _>>()?;
    let folds: Vec<Fold<'_>> = units
        .par_iter()
        .enumerate()
        .map(|(fold, units)| Fold::of(&chosen, fold, samples, units, stop))
        .collect::<Result<_, _>>()?;
    let candidates = follow_path(&folds, lambda_max, params, stop)?;
    Ok(LambdaChoice {
        lambda: best_of(&candidates).lambda,
        candidates,
        n_rows: chosen.rows.len(),
    })
}

/// Goes down the path in all folds side by side.
fn follow_path(
    folds: &[Fold<'_>],
    lambda_max: f64,
    params: &ElasticNetParams,
    stop: &StopToken,
) -> Result<Vec<Candidate>, FitError> {
    let mut paths: Vec<FoldPath<'_>> = folds
        .par_iter()
        .map(|fold| FoldPath::start(fold, params, stop))
        .collect::<Result<_, _>>()?;
    let steps = (params.n_lambdas.max(2) - 1) as f64;
    let mut candidates = Vec::new();
    for k in 0..params.n_lambdas {
        let lambda = lambda_max * pow(params.lambda_min_ratio, k as f64 / steps);
        let penalty = Penalty::new(lambda, params.l1_ratio);
        paths
            .par_iter_mut()
            .try_for_each(|path| path.step(penalty, stop))?;
        candidates.push(Candidate {
            lambda,
            log_loss: paths.iter().map(|path| path.held_out_loss).sum(),
        });
        let best = best_of(&candidates).lambda;
        let since_best = candidates.iter().filter(|one| one.lambda < best).count();
        if since_best >= PATIENCE || paths.iter().all(|path| path.is_at_end) {
            break;
        }
    }
    Ok(candidates)
}

/// The candidate with the lowest loss; of equal ones the first.
fn best_of(candidates: &[Candidate]) -> Candidate {
    let mut best = candidates[0];
    for candidate in candidates {
        if candidate.log_loss < best.log_loss {
            best = *candidate;
        }
    }
    best
}

/// The smallest penalty under which all coefficients are zero.
fn lambda_max(
    samples: &Samples<'_>,
    chosen: &Chosen,
    params: &ElasticNetParams,
    stop: &StopToken,
) -> Result<f64, FitError> {
    let slots = Slots::of(samples, &chosen.rows, &chosen.weights, stop)?;
    let weights = chosen.weights.clone();
    let rows = StandardRows::new(samples, &chosen.rows, weights, &slots, stop)?;
    let null = rows.evaluate(&rows.null_point(), Extent::Score, stop)?;
    let steepest = null
        .scores
        .iter()
        .map(|score| score.abs())
        .fold(0.0, f64::max);
    Ok(steepest / params.l1_ratio.max(L1_RATIO_MIN))
}

impl<'a> Fold<'a> {
    fn of(
        chosen: &Chosen,
        fold: usize,
        samples: &Samples<'_>,
        units: &'a Slots,
        stop: &StopToken,
    ) -> Result<Self, Stopped> {
        let (rows, weights) = chosen.learned(fold);
        let (held_out, of_held_out) = chosen.part(|of_row| of_row == fold);
        Ok(Self {
            learned: StandardRows::new(samples, &rows, weights, units, stop)?,
            held_out: StandardRows::new(samples, &held_out, of_held_out, units, stop)?,
        })
    }
}

impl<'a> FoldPath<'a> {
    fn start(
        fold: &'a Fold<'a>,
        params: &ElasticNetParams,
        stop: &StopToken,
    ) -> Result<Self, Stopped> {
        let descent = Descent::new(&fold.learned, params.max_iterations, stop)?;
        let null = fold.held_out.evaluate(&descent.point, Extent::Loss, stop)?;
        Ok(Self {
            null_loss: descent.loss(),
            held_out_loss: null.loss,
            fold,
            descent,
            explained: 0.0,
            n_steps: 0,
            is_at_end: false,
        })
    }

    fn step(&mut self, penalty: Penalty, stop: &StopToken) -> Result<(), FitError> {
        if self.is_at_end {
            return Ok(());
        }
        match self.descent.minimize(penalty, Precision::COMPARISON, stop) {
            Err(FitError::NotConverged { .. }) => {
                self.is_at_end = true;
                return Ok(());
            }
            other => other?,
        }
        let held_out = &self.fold.held_out;
        let evaluation = held_out.evaluate(&self.descent.point, Extent::Loss, stop)?;
        self.held_out_loss = evaluation.loss;
        let before = self.explained;
        self.explained = 1.0 - self.descent.loss() / self.null_loss;
        self.n_steps += 1;
        let is_flat = self.explained - before < GAIN_MIN * self.explained;
        self.is_at_end = self.explained > EXPLAINED_MAX || (self.n_steps >= N_STEPS_MIN && is_flat);
        Ok(())
    }
}
