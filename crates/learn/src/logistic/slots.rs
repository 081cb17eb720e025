//! Which coefficients belong to which column.

use clientela_numerics::{StopToken, Stopped};
use rayon::prelude::*;

use super::design::Samples;
use super::scaling::{Scale, share_deviation};

/// Which coefficients belong to which column, and their units.
#[derive(Clone, Debug)]
pub(super) struct Slots {
    pub scales: Vec<Scale>,
    pub n_numeric: usize,
    pub n_categories: usize,
    /// Mean of each slot's column as it is summed; 0 for numbers, which are summed in standard units.
    pub means: Vec<f64>,
    /// One over the standard deviation as it is summed; 0 for columns without spread.
    pub factors: Vec<f64>,
}

impl Slots {
    /// Units of the rows given, whose weights add up to 1.
    pub(super) fn of(
        samples: &Samples<'_>,
        rows: &[u32],
        weights: &[f64],
        stop: &StopToken,
    ) -> Result<Self, Stopped> {
        let columns = &samples.design.columns;
        let scales: Vec<Scale> = columns
            .par_iter()
            .map(|column| {
                stop.poll()?;
                Ok(Scale::of(column, rows, weights))
            })
            .collect::<Result<_, Stopped>>()?;
        let of_levels = |scale: &Scale| match scale {
            Scale::Numeric { .. } => Vec::new(),
            Scale::Categorical { shares } => shares.clone(),
        };
        let shares: Vec<f64> = scales.iter().flat_map(of_levels).collect();
        let is_numeric = |scale: &&Scale| matches!(scale, Scale::Numeric { .. });
        let n_numeric = scales.iter().filter(is_numeric).count();
        let inverse = |share: &f64| {
            let deviation = share_deviation(*share);
            if deviation > 0.0 {
                1.0 / deviation
            } else {
                0.0
            }
        };
        let factors = shares.iter().map(inverse);
        Ok(Self {
            n_numeric,
            n_categories: scales.len() - n_numeric,
            factors: std::iter::repeat_n(1.0, n_numeric).chain(factors).collect(),
            means: std::iter::repeat_n(0.0, n_numeric).chain(shares).collect(),
            scales,
        })
    }

    /// Number of coefficients.
    pub(super) fn len(&self) -> usize {
        self.means.len()
    }

    /// What each level of the categories adds to the log-odds, the mean over the rows being 0. A level that no row has adds
    /// nothing, because nothing is known about it.
    pub(super) fn effects(&self, coefficients: &[f64]) -> Vec<f64> {
        let mut effects = vec![0.0; self.len()];
        let mut first = self.n_numeric;
        for scale in &self.scales {
            let Scale::Categorical { shares } = scale else {
                continue;
            };
            let slots = first..first + shares.len();
            let slopes = slots
                .clone()
                .map(|slot| coefficients[slot] * self.factors[slot]);
            let slopes: Vec<f64> = slopes.collect();
            let mean: f64 = slopes
                .iter()
                .zip(shares)
                .map(|(slope, share)| slope * share)
                .sum();
            for (level, slot) in slots.enumerate() {
                effects[slot] = if shares[level] > 0.0 {
                    slopes[level] - mean
                } else {
                    0.0
                };
            }
            first += shares.len();
        }
        effects
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logistic::{Column, Design};

    #[test]
    fn effects_of_levels_have_mean_zero_and_unseen_ones_none() {
        let codes = [0_u32, 0, 0, 2];
        let numbers = [5.0, 6.0, 7.0, 8.0];
        let category = Column::Categorical {
            codes: &codes,
            n_levels: 3,
        };
        let design = Design::new(vec![category, Column::Numeric(&numbers)], 4);
        let outcomes = [true, false, true, false];
        let samples = Samples::new(&design, &outcomes);
        let slots = Slots::of(&samples, &[0, 1, 2, 3], &[0.25; 4], &StopToken::new());
        let slots = slots.expect("not stopped");
        assert_eq!((slots.len(), slots.n_numeric), (4, 1));
        // The numeric column comes first; both levels have the deviation √(3/16).
        let effects = slots.effects(&[9.0, 1.0, 7.0, -2.0]);
        let unit = (3.0_f64 / 16.0).sqrt();
        let mean = (0.75 - 2.0 * 0.25) / unit;
        for (given, expected) in
            effects
                .iter()
                .zip([0.0, 1.0 / unit - mean, 0.0, -2.0 / unit - mean])
        {
            assert!((given - expected).abs() < 1e-12, "{effects:?}");
        }
    }
}
