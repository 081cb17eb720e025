//! Means, variances and z-scores of weighted values, summed in one fixed order.

use crate::special::student_t_quantile;

/// Terms summed one after the other; the sums of the blocks are then added in order. Keeps rounding errors small
/// and lets blocks run on any thread without a change of bits.
const BLOCK: usize = 1024;

/// Mean and population variance of weighted values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moments {
    /// `Σ w·x / Σ w`
    pub mean: f64,
    /// `Σ w·(x − mean)² / Σ w`, at least 0; exactly 0 where all values are equal.
    pub variance: f64,
}

impl Moments {
    /// Moments of `values`, each counted `weights[i]` > 0 times; `None` where there are no values.
    ///
    /// # Panics
    /// On slices of different lengths.
    #[must_use]
    pub fn of_weighted(values: &[f64], weights: &[f64]) -> Option<Self> {
        assert_eq!(values.len(), weights.len(), "one weight per value");
        let first = *values.first()?;
        // Equal values have a spread of exactly 0, which rounding of the mean would hide.
        if values.iter().all(|&value| value == first) {
            return Some(Self {
                mean: first,
                variance: 0.0,
            });
        }
        let total_weight = block_sum(values.len(), |i| weights[i]);
        // Differences from one of the values keep the digits of columns far from 0, such as dates.
        let shift = block_sum(values.len(), |i| weights[i] * (values[i] - first)) / total_weight;
        let mean = first + shift;
        let squares = block_sum(values.len(), |i| {
            let deviation = values[i] - mean;
            weights[i] * deviation * deviation
        });
        Some(Self {
            mean,
            variance: squares / total_weight,
        })
    }

    /// Moments of values that count once each; `None` where there are none.
    #[must_use]
    pub fn of(values: &[f64]) -> Option<Self> {
        Self::of_weighted(values, &vec![1.0; values.len()])
    }

    /// Population standard deviation.
    #[must_use]
    pub fn standard_deviation(&self) -> f64 {
        self.variance.sqrt()
    }

    /// How many population standard deviations a value is above the mean; `None` where the values have no spread.
    #[must_use]
    pub fn z_score(&self, value: f64) -> Option<f64> {
        (self.variance > 0.0).then(|| (value - self.mean) / self.standard_deviation())
    }
}

/// Sum of `term(0) … term(n − 1)` in blocks of fixed size, in order.
fn block_sum(n: usize, term: impl Fn(usize) -> f64) -> f64 {
    let block = |start: usize| (start..(start + BLOCK).min(n)).map(&term).sum::<f64>();
    (0..n).step_by(BLOCK).map(block).sum::<f64>() + 0.0
}

/// Two-sided confidence interval of the mean of a normal sample.
///
/// ```text
/// mean ± t(1 − (1 − confidence) / 2, n − 1) · s / √n      s² = Σ (x − mean)² / (n − 1)
/// ```
///
/// `confidence` in (0, 1). `None` for fewer than two values, whose spread is unknown.
#[must_use]
pub fn mean_interval(values: &[f64], confidence: f64) -> Option<(f64, f64)> {
    if values.len() < 2 {
        return None;
    }
    let moments = Moments::of(values)?;
    let degrees_of_freedom = (values.len() - 1) as f64;
    let standard_error = (moments.variance / degrees_of_freedom).sqrt();
    let half_width =
        student_t_quantile(0.5 + 0.5 * confidence, degrees_of_freedom) * standard_error;
    Some((moments.mean - half_width, moments.mean + half_width))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_count_as_repeated_values() {
        let weighted = Moments::of_weighted(&[1.0, 4.0], &[3.0, 1.0]).expect("values");
        let repeated = Moments::of(&[1.0, 1.0, 1.0, 4.0]).expect("values");
        assert_eq!(weighted, repeated);
        assert_eq!(
            weighted,
            Moments {
                mean: 1.75,
                variance: 1.6875
            }
        );
        assert_eq!(weighted.z_score(1.75), Some(0.0));
    }

    #[test]
    fn equal_values_have_no_spread_at_all() {
        let moments = Moments::of(&[0.1; 1000]).expect("values");
        assert_eq!(
            moments,
            Moments {
                mean: 0.1,
                variance: 0.0
            }
        );
        assert_eq!(moments.z_score(0.1), None);
        assert_eq!(Moments::of(&[]), None);
    }

    #[test]
    fn values_far_from_zero_keep_their_spread() {
        let values: Vec<f64> = (0..10_000).map(|i| 1.7e15 + f64::from(i % 2)).collect();
        assert_eq!(Moments::of(&values).expect("values").variance, 0.25);
    }

    #[test]
    fn the_interval_of_a_mean_matches_a_worked_example() {
        // Mean 5, s = √10, t(0.975, 4) = 2.7764: half width 2.7764 · √10 / √5 = 3.9265.
        let (low, high) = mean_interval(&[1.0, 3.0, 5.0, 7.0, 9.0], 0.95).expect("values");
        assert!(
            (low - 1.0735).abs() < 5e-5 && (high - 8.9265).abs() < 5e-5,
            "{low} to {high}"
        );
        assert_eq!(mean_interval(&[1.0], 0.95), None);
    }
}
