//! The columns in units of their standard deviations, and the way back.

use clientela_numerics::stats::Moments;
use clientela_numerics::{StopToken, Stopped};
use rayon::prelude::*;

use super::GaussianComponent;
use super::mixture::{Component, Sample};
use crate::error::FitError;
use crate::points::Points;

/// The columns that vary, with their means and standard deviations.
pub(super) struct Scale {
    moments: Vec<Moments>,
    varying: Vec<usize>,
}

impl Scale {
    pub(super) fn of(points: &Points, stop: &StopToken) -> Result<Self, FitError> {
        let moments = points.columns().par_iter().map(|column| {
            stop.poll()?;
            Ok(Moments::of_weighted(column, points.weights()))
        });
        let moments: Vec<Option<Moments>> = moments.collect::<Result<_, Stopped>>()?;
        let moments: Vec<Moments> = moments
            .into_iter()
            .collect::<Option<_>>()
            .unwrap_or_default();
        if !moments.iter().all(|moments| moments.variance.is_finite()) {
            return Err(FitError::Degenerate(
                "the values are too far apart for squared distances",
            ));
        }
        let varying: Vec<usize> = (0..moments.len())
            .filter(|&j| moments[j].variance > 0.0)
            .collect();
        if varying.is_empty() {
            return Err(FitError::Degenerate("all samples are equal"));
        }
        Ok(Self { moments, varying })
    }

    pub(super) fn apply(&self, points: &Points, stop: &StopToken) -> Result<Sample, Stopped> {
        let scaled = self.varying.par_iter().map(|&j| {
            stop.poll()?;
            let (mean, deviation) = (self.moments[j].mean, self.moments[j].standard_deviation());
            let values = points.columns()[j].iter();
            Ok(values.map(|value| (value - mean) / deviation).collect())
        });
        Ok(Sample {
            columns: scaled.collect::<Result<_, Stopped>>()?,
            weights: points.weights().to_vec(),
            n_samples: points.n_samples() as f64,
        })
    }

    /// Logarithm of the volume of a unit cube of the scaled columns.
    pub(super) fn ln_volume(&self) -> f64 {
        self.varying
            .iter()
            .map(|&j| 0.5 * libm::log(self.moments[j].variance))
            .sum()
    }

    pub(super) fn restore(&self, component: &Component) -> GaussianComponent {
        let n_features = self.moments.len();
        let mut mean: Vec<f64> = self.moments.iter().map(|moments| moments.mean).collect();
        let mut covariance = vec![0.0; n_features * n_features];
        for (row, &j) in self.varying.iter().enumerate() {
            mean[j] += component.mean[row] * self.moments[j].standard_deviation();
            for (column, &l) in self.varying.iter().enumerate() {
                covariance[j * n_features + l] = component.covariance
                    [row * self.varying.len() + column]
                    * self.moments[j].standard_deviation()
                    * self.moments[l].standard_deviation();
            }
        }
        GaussianComponent {
            weight: component.weight,
            mean,
            covariance,
        }
    }
}
