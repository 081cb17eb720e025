//! The parameters of a mixture, and their maximum likelihood values given sums over the sample.

use clientela_numerics::StopToken;
use clientela_numerics::matrix::Cholesky;

use crate::error::FitError;

/// Samples below which a component counts as empty and is dropped.
const EMPTY: f64 = 1e-6;

/// Scaled columns and the weights of the points.
pub(super) struct Sample {
    pub(super) columns: Vec<Vec<f64>>,
    pub(super) weights: Vec<f64>,
    pub(super) n_samples: f64,
}

impl Sample {
    /// Points · columns²: what one iteration costs for each component.
    pub(super) fn products(&self) -> usize {
        self.weights.len() * self.columns.len() * self.columns.len()
    }
}

/// One Gaussian, ready for densities.
pub(super) struct Component {
    pub(super) weight: f64,
    pub(super) mean: Vec<f64>,
    pub(super) covariance: Vec<f64>,
    /// `L⁻¹` of the covariance `L·Lᵀ`, row-major.
    pub(super) inverse_factor: Vec<f64>,
    /// `ln weight − ½·(d·ln 2π + ln det covariance)`
    pub(super) ln_constant: f64,
}

pub(super) struct Mixture {
    pub(super) components: Vec<Component>,
}

/// Sums over the sample for one component, about a center: `Σ r`, `Σ r·δ`, `Σ r·δ·δᵀ` (lower triangle by rows), where r is the
/// weight of a point times its responsibility and δ its difference from the center.
///
/// Differences from the previous mean keep the digits that a difference of raw moments would lose.
pub(super) fn sums_width(n_features: usize) -> usize {
    1 + n_features + n_features * (n_features + 1) / 2
}

impl Mixture {
    /// The mixture in which each point belongs to its cluster alone.
    pub(super) fn of_partition(
        sample: &Sample,
        labels: &[i32],
        floor: f64,
        stop: &StopToken,
    ) -> Result<Self, FitError> {
        let n_features = sample.columns.len();
        let n_clusters = labels
            .iter()
            .copied()
            .max()
            .map_or(0, |highest| highest as usize + 1);
        let mut weights = vec![0.0; n_clusters];
        let mut centers = vec![vec![0.0; n_features]; n_clusters];
        for (i, (&label, &weight)) in labels.iter().zip(&sample.weights).enumerate() {
            stop.poll()?;
            weights[label as usize] += weight;
            for (sum, column) in centers[label as usize].iter_mut().zip(&sample.columns) {
                *sum += weight * column[i];
            }
        }
        for (center, weight) in centers.iter_mut().zip(&weights) {
            center.iter_mut().for_each(|sum| *sum /= weight);
        }
        let mut sums = vec![vec![0.0; sums_width(n_features)]; n_clusters];
        let mut difference = vec![0.0; n_features];
        for (i, (&label, &weight)) in labels.iter().zip(&sample.weights).enumerate() {
            stop.poll()?;
            for (j, column) in sample.columns.iter().enumerate() {
                difference[j] = column[i] - centers[label as usize][j];
            }
            add_point(&mut sums[label as usize], weight, &difference);
        }
        let centers: Vec<&[f64]> = centers.iter().map(Vec::as_slice).collect();
        Self::of_sums(&sums.concat(), &centers, floor)
    }

    /// The mixture of highest likelihood given the sums about the means of the mixture before.
    pub(super) fn maximize(sums: &[f64], before: &Self, floor: f64) -> Result<Self, FitError> {
        let centers: Vec<&[f64]> = before
            .components
            .iter()
            .map(|component| component.mean.as_slice())
            .collect();
        Self::of_sums(sums, &centers, floor)
    }

    fn of_sums(sums: &[f64], centers: &[&[f64]], floor: f64) -> Result<Self, FitError> {
        let width = sums_width(centers[0].len());
        let kept: Vec<(&[f64], &[f64])> = sums
            .chunks_exact(width)
            .zip(centers.iter().copied())
            .filter(|(sums, _)| sums[0] > EMPTY)
            .collect();
        let total: f64 = kept.iter().map(|(sums, _)| sums[0]).sum();
        let components = kept
            .iter()
            .map(|(sums, center)| Component::of_sums(sums, center, sums[0] / total, floor));
        Ok(Self {
            components: components.collect::<Result<_, _>>()?,
        })
    }
}

impl Component {
    fn of_sums(sums: &[f64], center: &[f64], weight: f64, floor: f64) -> Result<Self, FitError> {
        let n_features = center.len();
        let (first, second) = sums[1..].split_at(n_features);
        let shift: Vec<f64> = first.iter().map(|sum| sum / sums[0]).collect();
        let mut covariance = vec![0.0; n_features * n_features];
        let mut entries = second.iter();
        for row in 0..n_features {
            for column in 0..=row {
                let about_center = entries.next().expect("a lower triangle") / sums[0];
                let ridge = if row == column { floor } else { 0.0 };
                let entry = about_center - shift[row] * shift[column] + ridge;
                covariance[row * n_features + column] = entry;
                covariance[column * n_features + row] = entry;
            }
        }
        let factor = Cholesky::factor(&covariance, n_features).ok_or(FitError::Degenerate(
            "a component of the mixture has no spread in some direction",
        ))?;
        let ln_two_pi = libm::log(2.0 * std::f64::consts::PI);
        Ok(Self {
            weight,
            mean: center
                .iter()
                .zip(&shift)
                .map(|(center, shift)| center + shift)
                .collect(),
            inverse_factor: factor.inverse_lower(),
            ln_constant: libm::log(weight)
                - 0.5 * (n_features as f64 * ln_two_pi + factor.log_determinant()),
            covariance,
        })
    }
}

/// Adds one point to the sums of a component.
fn add_point(sums: &mut [f64], weight: f64, difference: &[f64]) {
    let (count, rest) = sums.split_first_mut().expect("sums");
    let (first, second) = rest.split_at_mut(difference.len());
    *count += weight;
    let mut entries = second.iter_mut();
    for (row, (sum, value)) in first.iter_mut().zip(difference).enumerate() {
        *sum += weight * value;
        for other in &difference[..=row] {
            *entries.next().expect("a lower triangle") += weight * value * other;
        }
    }
}
