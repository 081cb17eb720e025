//! One climb from a start towards the nearest maximum of the likelihood.

use clientela_numerics::StopToken;

use super::expectation::{Expectation, expect};
use super::mixture::{Mixture, Sample};
use super::scaling::Scale;
use super::{GaussianComponent, GaussianMixture, GaussianMixtureParams};
use crate::error::FitError;
use crate::labels::number_by_first_point;

/// Expectation maximization on its way: a mixture and what it makes of the sample.
pub(super) struct Run {
    pub(super) mixture: Mixture,
    pub(super) expectation: Expectation,
    n_iterations: usize,
    converged: bool,
}

impl Run {
    pub(super) fn start(
        mixture: Mixture,
        sample: &Sample,
        stop: &StopToken,
    ) -> Result<Self, FitError> {
        let expectation = expect(sample, &mixture, stop)?;
        Ok(Self {
            mixture,
            expectation,
            n_iterations: 0,
            converged: false,
        })
    }

    /// Iterates until the likelihood changes by less than `tolerance`, or the iterations allowed are used up.
    pub(super) fn climb(
        mut self,
        sample: &Sample,
        params: &GaussianMixtureParams,
        tolerance: f64,
        stop: &StopToken,
    ) -> Result<Self, FitError> {
        self.converged = false;
        while !self.converged && self.n_iterations < params.max_iterations {
            let change = self.step(sample, params, stop)?;
            self.converged = change.abs() < tolerance;
        }
        Ok(self)
    }

    /// One iteration; returns the change of the mean log-likelihood.
    pub(super) fn step(
        &mut self,
        sample: &Sample,
        params: &GaussianMixtureParams,
        stop: &StopToken,
    ) -> Result<f64, FitError> {
        let mixture = Mixture::maximize(
            &self.expectation.sums,
            &self.mixture,
            params.covariance_floor,
        )?;
        let expectation = expect(sample, &mixture, stop)?;
        let change = expectation.mean_log_likelihood - self.expectation.mean_log_likelihood;
        (self.mixture, self.expectation) = (mixture, expectation);
        self.n_iterations += 1;
        Ok(change)
    }

    /// Numbers the components by their first points and brings them back to the units of the columns.
    pub(super) fn into_model(
        self,
        most_likely: &[i32],
        scale: &Scale,
        sample: &Sample,
    ) -> GaussianMixture {
        let mut labels = most_likely.to_vec();
        let n_clusters = number_by_first_point(&mut labels);
        let mut order: Vec<usize> = vec![usize::MAX; n_clusters];
        for (&old, &new) in most_likely.iter().zip(&labels) {
            order[new as usize] = old as usize;
        }
        order.extend(
            (0..self.mixture.components.len()).filter(|old| !most_likely.contains(&(*old as i32))),
        );
        let components: Vec<GaussianComponent> = order
            .iter()
            .map(|&index| scale.restore(&self.mixture.components[index]))
            .collect();

        let mean_log_likelihood = self.expectation.mean_log_likelihood - scale.ln_volume();
        let (k, d) = (components.len() as f64, sample.columns.len() as f64);
        let n_parameters = k - 1.0 + k * d + k * d * (d + 1.0) / 2.0;
        GaussianMixture {
            labels,
            n_clusters,
            components,
            mean_log_likelihood,
            bic: n_parameters * libm::log(sample.n_samples)
                - 2.0 * sample.n_samples * mean_log_likelihood,
            n_iterations: self.n_iterations,
            converged: self.converged,
        }
    }
}
