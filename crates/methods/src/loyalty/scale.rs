//! A metric that counts: from values to shares of its range and back.

use clientela_numerics::round::round_decimal;
use clientela_numerics::sum::ExactSum;
use clientela_tables::{Cohort, LoyaltyMetric, N_METRICS};

use super::rounding::{rounded_down, rounded_up, step};
use super::{LoyaltyParams, Range};

/// The range of a column.
///
/// # Panics
/// On an empty column.
pub fn range_of(column: &[f64]) -> Range {
    let min = column.iter().copied().fold(f64::INFINITY, f64::min);
    let max = column.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    assert!(min <= max, "a weighted metric has a column");
    Range { min, max }
}

/// A metric that counts.
pub struct Scale<'a> {
    pub metric: LoyaltyMetric,
    pub weight: f64,
    pub range: Range,
    pub column: &'a [f64],
    /// The column, ascending.
    sorted: Vec<f64>,
    /// Decimals in which a change is stated; `None` where the cohort's values are finer than that.
    decimals: Option<u32>,
}

/// The metrics that count, their weights adding up to 1, and those that do not differ.
pub fn scales<'a>(
    cohort: &'a Cohort,
    params: &LoyaltyParams,
    ranges: &[Option<Range>; N_METRICS],
) -> (Vec<Scale<'a>>, Vec<LoyaltyMetric>) {
    let weighted = LoyaltyMetric::ALL
        .into_iter()
        .filter_map(|metric| Some((metric, ranges[metric as usize]?)));
    let (counted, without_spread): (Vec<_>, Vec<_>) =
        weighted.partition(|(_, range)| range.min < range.max);
    let total: ExactSum = counted
        .iter()
        .map(|(metric, _)| params.weights[*metric as usize])
        .collect();
    let scales = counted.into_iter().map(|(metric, range)| {
        let column = &cohort.columns[metric as usize];
        let decimals = metric.decimals();
        let is_coarse = column.iter().all(|&v| round_decimal(v, decimals) == v);
        let mut sorted = column.clone();
        sorted.sort_unstable_by(f64::total_cmp);
        Scale {
            metric,
            weight: params.weights[metric as usize] / total.value(),
            range,
            column,
            sorted,
            decimals: is_coarse.then_some(decimals),
        }
    });
    let without_spread = without_spread.into_iter().map(|(metric, _)| metric);
    (scales.collect(), without_spread.collect())
}

impl Scale<'_> {
    /// 0 at the worst end of the range, 1 at the best.
    pub fn share(&self, value: f64) -> f64 {
        let from_worst = if self.metric.is_inverted() {
            self.range.max - value
        } else {
            value - self.range.min
        };
        (from_worst / (self.range.max - self.range.min)).clamp(0.0, 1.0)
    }

    /// The value of a share: the inverse of [`Scale::share`].
    pub fn value_at(&self, share: f64) -> f64 {
        let way = share * (self.range.max - self.range.min);
        let value = if self.metric.is_inverted() {
            self.range.max - way
        } else {
            self.range.min + way
        };
        value.clamp(self.range.min, self.range.max)
    }

    /// Values from which a change is chosen, the smallest first: as exact as the cohort's own values, at most the end
    /// of the range. The second covers a share that lies a rounding error below the one that is needed.
    pub fn candidates(&self, value: f64) -> [f64; 3] {
        let Range { min, max } = self.range;
        let best = if self.metric.is_inverted() { min } else { max };
        let Some(decimals) = self.decimals else {
            return [value, best, best];
        };
        let step = step(decimals);
        let (first, second) = if self.metric.is_inverted() {
            let first = rounded_down(value, decimals);
            (first, round_decimal(first - step, decimals))
        } else {
            let first = rounded_up(value, decimals);
            (first, round_decimal(first + step, decimals))
        };
        [first.clamp(min, max), second.clamp(min, max), best]
    }

    /// Twice the mid-rank of a value among the cohort's.
    pub fn double_rank(&self, value: f64) -> usize {
        let below = self.sorted.partition_point(|&other| other < value);
        below + self.sorted.partition_point(|&other| other <= value)
    }

    pub fn n_outside(&self) -> usize {
        let Range { min, max } = self.range;
        let is_outside = |value: &&f64| **value < min || **value > max;
        self.column.iter().filter(is_outside).count()
    }
}

/// The score of one share for each scale. Every score is computed here, so that a changed customer scores as foretold.
pub fn weighted(scales: &[Scale<'_>], shares: &[f64; N_METRICS]) -> f64 {
    let sum: f64 = scales
        .iter()
        .zip(shares)
        .map(|(scale, share)| scale.weight * share)
        .sum();
    sum.min(1.0)
}
