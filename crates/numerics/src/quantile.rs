//! Quantiles by linear interpolation: Hyndman–Fan type 7.
//!
//! Source: Hyndman, Fan (1996), "Sample Quantiles in Statistical Packages", The American Statistician 50(4), 361–365.
//! Differs from the source: the level is a fraction of whole numbers, so that the position `(n − 1)·p` is exact, and the
//! interpolation is exact in the decimals given and rounded once.

use crate::sum::ExactSum;

/// The level of a quantile as an exact fraction in [0, 1].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Level {
    numerator: u64,
    denominator: u64,
}

impl Level {
    /// The level of the median.
    pub const MEDIAN: Self = Self {
        numerator: 1,
        denominator: 2,
    };

    /// `numerator / denominator`.
    ///
    /// # Panics
    /// When the denominator is 0 or the fraction is above 1: levels are constants of the program.
    #[must_use]
    pub const fn new(numerator: u64, denominator: u64) -> Self {
        assert!(
            denominator > 0 && numerator <= denominator,
            "a level in [0, 1]"
        );
        Self {
            numerator,
            denominator,
        }
    }

    /// The level of a percentile: `percent / 100`.
    ///
    /// # Panics
    /// Above 100.
    #[must_use]
    pub const fn percent(percent: u64) -> Self {
        Self::new(percent, 100)
    }

    /// Position `(n − 1)·p` in a sorted sample: the rank below, and what remains in units of `1 / denominator`.
    fn position(self, n_samples: u64) -> (u64, u64) {
        let scaled = u128::from(n_samples - 1) * u128::from(self.numerator);
        let denominator = u128::from(self.denominator);
        ((scaled / denominator) as u64, (scaled % denominator) as u64)
    }

    /// `low + (high − low) · remainder / denominator`, exact in decimals, rounded once.
    fn interpolate(self, low: f64, high: f64, remainder: u64) -> f64 {
        if remainder == 0 || low == high {
            return low;
        }
        let mut sum = ExactSum::new();
        sum.add_weighted(low, self.denominator - remainder);
        sum.add_weighted(high, remainder);
        sum.divided_by(self.denominator)
    }
}

/// Quantile of values sorted ascending; `None` of an empty sample.
///
/// ```text
/// h = (n − 1)·p      x[⌊h⌋] + (h − ⌊h⌋)·(x[⌊h⌋ + 1] − x[⌊h⌋])
/// ```
///
/// # Examples
/// ```
/// use clientela_numerics::quantile::{Level, quantile_of_sorted};
/// assert_eq!(quantile_of_sorted(&[1.0, 3.0, 109.0], Level::new(4, 5)), Some(66.6));
/// ```
#[must_use]
pub fn quantile_of_sorted(sorted: &[f64], level: Level) -> Option<f64> {
    debug_assert!(sorted.is_sorted(), "sorted ascending");
    if sorted.is_empty() {
        return None;
    }
    let (rank, remainder) = level.position(sorted.len() as u64);
    let low = sorted[rank as usize];
    let high = sorted.get(rank as usize + 1).copied().unwrap_or(low);
    Some(level.interpolate(low, high, remainder))
}

/// Quantiles of values in any order, one for each level; `None` of an empty sample.
#[must_use]
pub fn quantiles(values: &[f64], levels: &[Level]) -> Option<Vec<f64>> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    levels
        .iter()
        .map(|&level| quantile_of_sorted(&sorted, level))
        .collect::<Option<Vec<_>>>()
        .filter(|_| !values.is_empty())
}

/// Median of values in any order; `None` of an empty sample.
#[must_use]
pub fn median(values: &[f64]) -> Option<f64> {
    quantiles(values, &[Level::MEDIAN]).map(|quantiles| quantiles[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fifths(values: &[f64]) -> Vec<f64> {
        let levels: Vec<Level> = (1..5).map(|i| Level::new(i, 5)).collect();
        quantiles(values, &levels).expect("a sample")
    }

    #[test]
    fn thresholds_match_the_reference_cohort_of_the_contract() {
        let mut recency = fifths(&[3.0, 109.0, 1.0]);
        recency.reverse();
        assert_eq!(recency, [66.6, 24.2, 2.6, 1.8]);
        assert_eq!(fifths(&[3.0, 2.0, 4.0]), [2.4, 2.8, 3.2, 3.6]);
        assert_eq!(
            fifths(&[1228.95, 195.90, 660.00]),
            [381.54, 567.18, 773.79, 1001.37]
        );
    }

    #[test]
    fn a_single_value_is_every_quantile_of_itself() {
        for percent in [0, 37, 100] {
            assert_eq!(
                quantile_of_sorted(&[7.5], Level::percent(percent)),
                Some(7.5)
            );
        }
        assert_eq!(quantile_of_sorted(&[], Level::MEDIAN), None);
        assert_eq!(quantiles(&[], &[]), None);
    }

    #[test]
    fn the_ends_are_the_smallest_and_the_largest_value() {
        let sorted = [1.0, 2.0, 4.0, 8.0];
        assert_eq!(quantile_of_sorted(&sorted, Level::new(0, 1)), Some(1.0));
        assert_eq!(quantile_of_sorted(&sorted, Level::new(1, 1)), Some(8.0));
        assert_eq!(median(&[8.0, 1.0, 4.0, 2.0]), Some(3.0));
    }
}
