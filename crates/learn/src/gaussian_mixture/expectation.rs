//! Densities, responsibilities and the sums over the sample that the next mixture follows from.
//!
//! Points are taken in chunks that stay in the nearest cache; within a chunk every loop runs over points, so that the compiler
//! can use vector instructions.

use std::ops::Range;

use clientela_numerics::exponential::exponentials;
use clientela_numerics::{StopToken, Stopped};
use rayon::prelude::*;

use super::mixture::{Component, Mixture, Sample, sums_width};
use crate::blocks::add;

/// Points in a chunk: with 50 columns it still fits the nearest cache.
const CHUNK: usize = 64;
/// Points whose sums are gathered before they are added to the total; a constant, because the bits of sums depend on it.
const BLOCK: usize = 4096;
/// Points in a stripe, and partial sums of a scalar product, which are added in order.
const LANES: usize = 8;

/// What a mixture makes of the sample.
pub(super) struct Expectation {
    /// Mean log-likelihood per sample.
    pub(super) mean_log_likelihood: f64,
    /// Sums about the mean of each component, one after the other; see [`sums_width`].
    pub(super) sums: Vec<f64>,
}

/// The expectation step: one pass over the sample.
pub(super) fn expect(
    sample: &Sample,
    mixture: &Mixture,
    stop: &StopToken,
) -> Result<Expectation, Stopped> {
    let width = mixture.components.len() * sums_width(sample.columns.len());
    let blocks = map_blocks(sample, |range| {
        let mut scratch = Scratch::of(sample, mixture);
        let mut sums = vec![0.0; width];
        let mut log_likelihood = 0.0;
        for chunk in chunks(range) {
            stop.poll()?;
            scratch.load_densities(sample, mixture, &chunk);
            log_likelihood += scratch.load_responsibilities(&sample.weights[chunk.clone()]);
            scratch.add_to_sums(sample, mixture, &chunk, &mut sums);
        }
        Ok((log_likelihood, sums))
    })?;
    let mut sums = vec![0.0; width];
    let mut log_likelihood = 0.0;
    for (block_log_likelihood, block_sums) in &blocks {
        log_likelihood += block_log_likelihood;
        add(&mut sums, block_sums);
    }
    Ok(Expectation {
        mean_log_likelihood: log_likelihood / sample.n_samples,
        sums,
    })
}

/// The two components a point most likely belongs to.
pub(super) struct Membership {
    /// The component with the highest weighted density; the lowest of equal ones.
    pub(super) first: usize,
    /// The next one; the same as the first where there is no other.
    pub(super) second: usize,
    /// By how much the logarithm of the weighted density of the first is higher.
    pub(super) lead: f64,
}

/// The two most likely components of each point.
pub(super) fn memberships(
    sample: &Sample,
    mixture: &Mixture,
    stop: &StopToken,
) -> Result<Vec<Membership>, Stopped> {
    let blocks = map_blocks(sample, |range| {
        let mut scratch = Scratch::of(sample, mixture);
        let mut memberships = Vec::with_capacity(range.len());
        for chunk in chunks(range) {
            stop.poll()?;
            scratch.load_densities(sample, mixture, &chunk);
            memberships.extend((0..chunk.len()).map(|i| scratch.membership(i)));
        }
        Ok(memberships)
    })?;
    Ok(blocks.into_iter().flatten().collect())
}

fn map_blocks<T: Send>(
    sample: &Sample,
    work: impl Fn(Range<usize>) -> Result<T, Stopped> + Sync,
) -> Result<Vec<T>, Stopped> {
    let n_points = sample.weights.len();
    (0..n_points.div_ceil(BLOCK))
        .into_par_iter()
        .with_min_len(2)
        .map(|block| work(block * BLOCK..((block + 1) * BLOCK).min(n_points)))
        .collect()
}

fn chunks(range: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let end = range.end;
    range
        .step_by(CHUNK)
        .map(move |start| start..(start + CHUNK).min(end))
}

/// One task's arrays; in each, the values of the points of a chunk stand together.
///
/// A chunk at the end of the sample may be shorter than the arrays. What stands behind it is left over from before, is finite,
/// and is counted with a share of 0.
struct Scratch {
    /// Differences from the mean of one component, by column.
    differences: Vec<[f64; CHUNK]>,
    /// Weighted log-densities, then responsibilities, by component.
    by_component: Vec<[f64; CHUNK]>,
}

impl Scratch {
    fn of(sample: &Sample, mixture: &Mixture) -> Self {
        Self {
            differences: vec![[0.0; CHUNK]; sample.columns.len()],
            by_component: vec![[0.0; CHUNK]; mixture.components.len()],
        }
    }

    fn load_differences(&mut self, sample: &Sample, component: &Component, chunk: &Range<usize>) {
        for ((differences, column), mean) in self
            .differences
            .iter_mut()
            .zip(&sample.columns)
            .zip(&component.mean)
        {
            for (difference, value) in differences.iter_mut().zip(&column[chunk.clone()]) {
                *difference = value - mean;
            }
        }
    }

    /// `ln weight + ln density` of each component: `constant − ½·|L⁻¹·δ|²`.
    fn load_densities(&mut self, sample: &Sample, mixture: &Mixture, chunk: &Range<usize>) {
        for (c, component) in mixture.components.iter().enumerate() {
            self.load_differences(sample, component, chunk);
            for (stripe, densities) in self.by_component[c]
                .as_chunks_mut::<LANES>()
                .0
                .iter_mut()
                .enumerate()
            {
                let squares = norms_squared(component, &self.differences, stripe);
                for (density, square) in densities.iter_mut().zip(squares) {
                    *density = component.ln_constant - 0.5 * square;
                }
            }
        }
    }

    /// Turns log-densities into responsibilities times weights; returns the weighted log-likelihood of the chunk.
    fn load_responsibilities(&mut self, weights: &[f64]) -> f64 {
        let n_points = weights.len();
        let mut highest = self.by_component[0];
        for densities in &self.by_component[1..] {
            for (highest, &density) in highest.iter_mut().zip(densities) {
                *highest = if density > *highest {
                    density
                } else {
                    *highest
                };
            }
        }
        let mut totals = [0.0; CHUNK];
        for densities in &mut self.by_component {
            for (density, highest) in densities.iter_mut().zip(&highest) {
                *density -= highest;
            }
            exponentials(densities);
            for (total, density) in totals.iter_mut().zip(densities.iter()) {
                *total += density;
            }
        }
        let mut log_likelihood = 0.0;
        let mut shares = [0.0; CHUNK];
        for i in 0..n_points {
            log_likelihood += weights[i] * (highest[i] + libm::log(totals[i]));
            shares[i] = weights[i] / totals[i];
        }
        for responsibilities in &mut self.by_component {
            for (responsibility, share) in responsibilities.iter_mut().zip(shares) {
                *responsibility *= share;
            }
        }
        log_likelihood
    }

    fn add_to_sums(
        &mut self,
        sample: &Sample,
        mixture: &Mixture,
        chunk: &Range<usize>,
        sums: &mut [f64],
    ) {
        let n_features = sample.columns.len();
        let width = sums_width(n_features);
        for (c, (component, sums)) in mixture
            .components
            .iter()
            .zip(sums.chunks_exact_mut(width))
            .enumerate()
        {
            self.load_differences(sample, component, chunk);
            let responsibilities = self.by_component[c];
            let (count, rest) = sums.split_first_mut().expect("sums");
            let (first, second) = rest.split_at_mut(n_features);
            *count += lane_sum(&responsibilities);
            let mut entries = second.iter_mut();
            for (row, first) in first.iter_mut().enumerate() {
                let mut weighted = responsibilities;
                for (value, difference) in weighted.iter_mut().zip(&self.differences[row]) {
                    *value *= difference;
                }
                *first += lane_sum(&weighted);
                for differences in &self.differences[..=row] {
                    *entries.next().expect("a lower triangle") +=
                        lane_product(&weighted, differences);
                }
            }
        }
    }

    fn membership(&self, point: usize) -> Membership {
        let density = |component: usize| self.by_component[component][point];
        let mut first = 0;
        let mut second = None;
        for component in 1..self.by_component.len() {
            if density(component) > density(first) {
                (first, second) = (component, Some(first));
            } else if second.is_none_or(|second| density(component) > density(second)) {
                second = Some(component);
            }
        }
        let second = second.unwrap_or(first);
        Membership {
            first,
            second,
            lead: density(first) - density(second),
        }
    }
}

/// `|L⁻¹·δ|²` of the points of one stripe; a stripe is short enough for its sums to stay in registers.
fn norms_squared(
    component: &Component,
    differences: &[[f64; CHUNK]],
    stripe: usize,
) -> [f64; LANES] {
    let n_features = differences.len();
    let mut squares = [0.0; LANES];
    for row in 0..n_features {
        let mut projections = [0.0; LANES];
        let factors = &component.inverse_factor[row * n_features..=row * n_features + row];
        for (&factor, differences) in factors.iter().zip(differences) {
            for (projection, difference) in projections
                .iter_mut()
                .zip(&differences.as_chunks::<LANES>().0[stripe])
            {
                *projection += factor * difference;
            }
        }
        for (square, projection) in squares.iter_mut().zip(projections) {
            *square += projection * projection;
        }
    }
    squares
}

/// Sum of a chunk, in eight partial sums.
fn lane_sum(values: &[f64; CHUNK]) -> f64 {
    let mut lanes = [0.0; LANES];
    for values in values.as_chunks::<LANES>().0 {
        for (lane, value) in lanes.iter_mut().zip(values) {
            *lane += value;
        }
    }
    lanes.iter().sum()
}

/// Scalar product of two chunks, in eight partial sums.
fn lane_product(left: &[f64; CHUNK], right: &[f64; CHUNK]) -> f64 {
    let mut lanes = [0.0; LANES];
    for (left, right) in left
        .as_chunks::<LANES>()
        .0
        .iter()
        .zip(right.as_chunks::<LANES>().0)
    {
        for ((lane, x), y) in lanes.iter_mut().zip(left).zip(right) {
            *lane += x * y;
        }
    }
    lanes.iter().sum()
}
