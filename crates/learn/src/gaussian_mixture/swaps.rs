//! Random swaps: the best start is improved by moving one component to another place and climbing again.
//!
//! Source: Zhao, Hautamäki, Kärkkäinen, Fränti (2012), "Random swap EM algorithm for Gaussian mixture models", Pattern
//! Recognition Letters 33(16).
//! Differs from the source: the component that moves is drawn, those missed least first; it takes over part of another
//! one, cut in that one's own metric, so that the attempt does not depend on units.

use clientela_numerics::{RandomStream, StopToken};

use super::expectation::{Membership, memberships};
use super::mixture::{Component, Mixture, Sample};
use super::{GaussianMixtureParams, Run, TOLERANCE_OF_STARTS};
use crate::error::FitError;

/// An attempt is given up when so many steps like its last one would not reach the best likelihood.
const STEPS_AHEAD: f64 = 15.0;
/// Iterations after which an attempt that is still in reach goes on to convergence.
const TRIAL_ITERATIONS_MAX: usize = 20;

/// Products (points · columns²) that all attempts together take in one iteration each, at most.
const PRODUCTS_IN_ALL_ATTEMPTS: usize = 6_000_000;

/// Attempts up to `n_swaps` moves; each that raises the likelihood is kept.
pub(super) fn improve(
    start: Run,
    sample: &Sample,
    params: &GaussianMixtureParams,
    stream: &mut RandomStream,
    stop: &StopToken,
) -> Result<Run, FitError> {
    let mut best = start;
    let n_swaps = affordable(params.n_swaps, sample);
    if best.mixture.components.len() < 2 || n_swaps == 0 {
        return Ok(best);
    }
    let mut memberships = memberships(sample, &best.mixture, stop)?;
    for _ in 0..n_swaps {
        let Some(labels) = swapped(sample, &best.mixture, &memberships, stream) else {
            return Ok(best);
        };
        let mixture = Mixture::of_partition(sample, &labels, params.covariance_floor, stop)?;
        let mut attempt = Run::start(mixture, sample, stop)?;
        let target = best.expectation.mean_log_likelihood;
        if attempt.is_hopeless(target, sample, params, stop)? {
            continue;
        }
        let attempt = attempt.climb(sample, params, TOLERANCE_OF_STARTS, stop)?;
        if attempt.expectation.mean_log_likelihood > best.expectation.mean_log_likelihood {
            best = attempt;
            if best.mixture.components.len() < 2 {
                return Ok(best);
            }
            memberships = super::expectation::memberships(sample, &best.mixture, stop)?;
        }
    }
    Ok(best)
}

/// How many of the attempts wanted are made: all on small samples, where luck matters most and an attempt costs least, and
/// fewer as the sample grows.
fn affordable(wanted: usize, sample: &Sample) -> usize {
    wanted.min(PRODUCTS_IN_ALL_ATTEMPTS / sample.products().max(1))
}

impl Run {
    /// Iterates until the target is near or out of reach; true where it is out of reach.
    fn is_hopeless(
        &mut self,
        target: f64,
        sample: &Sample,
        params: &GaussianMixtureParams,
        stop: &StopToken,
    ) -> Result<bool, FitError> {
        for _ in 0..TRIAL_ITERATIONS_MAX.min(params.max_iterations) {
            let change = self.step(sample, params, stop)?;
            let missing = target - self.expectation.mean_log_likelihood;
            if missing <= 0.0 {
                return Ok(false);
            }
            if missing > STEPS_AHEAD * change {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// The most likely components after one of them has moved; `None` where every point is at the mean of its component.
fn swapped(
    sample: &Sample,
    mixture: &Mixture,
    memberships: &[Membership],
    stream: &mut RandomStream,
) -> Option<Vec<i32>> {
    let n_components = mixture.components.len();
    // The lower of two ranks: every component may move, those missed least do so most often.
    let rank = stream
        .below(n_components as u64)
        .min(stream.below(n_components as u64)) as usize;
    let moved = least_missed(memberships, &sample.weights, n_components)[rank];
    let mut labels: Vec<i32> = memberships
        .iter()
        .map(|membership| {
            if membership.first == moved {
                membership.second
            } else {
                membership.first
            }
        })
        .map(|component| component as i32)
        .collect();
    // A place is drawn among the points that are far out in their components.
    let far: Vec<f64> = (0..labels.len())
        .map(|point| {
            sample.weights[point]
                * mixture.components[labels[point] as usize].distance_squared(sample, point)
        })
        .collect();
    if far.iter().all(|&distance| distance <= 0.0) {
        return None;
    }
    let place = stream.weighted_index(&far);
    let cut = labels[place];
    let component = &mixture.components[cut as usize];
    for (point, label) in labels.iter_mut().enumerate() {
        if *label == cut && component.is_nearer_to(sample, point, place) {
            *label = moved as i32;
        }
    }
    Some(labels)
}

/// Components in the order of the log-likelihood that would be lost with them, `−Σ w·ln(1 − responsibility)`.
fn least_missed(memberships: &[Membership], weights: &[f64], n_components: usize) -> Vec<usize> {
    let mut losses = vec![0.0; n_components];
    for (membership, weight) in memberships.iter().zip(weights) {
        losses[membership.first] += weight * membership.lead;
    }
    let mut order: Vec<usize> = (0..n_components).collect();
    order.sort_by(|&a, &b| losses[a].total_cmp(&losses[b]));
    order
}

impl Component {
    /// Squared Mahalanobis distance of a point from the mean.
    fn distance_squared(&self, sample: &Sample, point: usize) -> f64 {
        self.norm_squared(|j| sample.columns[j][point] - self.mean[j])
    }

    /// Whether a point is nearer to another point than to the mean.
    fn is_nearer_to(&self, sample: &Sample, point: usize, other: usize) -> bool {
        let to_other = self.norm_squared(|j| sample.columns[j][point] - sample.columns[j][other]);
        to_other < self.distance_squared(sample, point)
    }

    fn norm_squared(&self, difference: impl Fn(usize) -> f64) -> f64 {
        let n_features = self.mean.len();
        let projection = |row: usize| {
            let factors = &self.inverse_factor[row * n_features..=row * n_features + row];
            factors
                .iter()
                .enumerate()
                .map(|(j, factor)| factor * difference(j))
                .sum::<f64>()
        };
        (0..n_features)
            .map(projection)
            .map(|projection| projection * projection)
            .sum()
    }
}
