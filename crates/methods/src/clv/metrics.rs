//! Errors of forecasts against what came.
//!
//! Cost: O(n log n). Deterministic, whatever the order of the rows.

use clientela_numerics::ExactSum;

use super::validation::Scores;

/// A forecast and what came.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outcome {
    /// What was expected.
    pub forecast: f64,
    /// What came.
    pub actual: f64,
}

impl Outcome {
    fn error(self) -> f64 {
        self.forecast - self.actual
    }
}

/// Errors of some forecasts; of none they are all 0.
pub fn scores(outcomes: &[Outcome]) -> Scores {
    let n = outcomes.len();
    let sum = |term: &dyn Fn(&Outcome) -> f64| outcomes.iter().map(term).collect::<ExactSum>();
    let mean = |total: &ExactSum| {
        if n == 0 {
            0.0
        } else {
            total.divided_by(n as u64)
        }
    };
    let forecast_total = sum(&|outcome| outcome.forecast).value();
    let actual_total = sum(&|outcome| outcome.actual).value();
    Scores {
        n,
        mae: mean(&sum(&|outcome| outcome.error().abs())),
        rmse: mean(&sum(&|outcome| outcome.error() * outcome.error())).sqrt(),
        forecast_total,
        actual_total,
        bias: (actual_total > 0.0).then(|| forecast_total / actual_total - 1.0),
        spearman: spearman(outcomes),
    }
}

/// Rank correlation of forecasts and actual values; equal values share their mean rank. `None` where either is constant.
pub fn spearman(outcomes: &[Outcome]) -> Option<f64> {
    let forecasts = ranks(outcomes.iter().map(|outcome| outcome.forecast));
    let actuals = ranks(outcomes.iter().map(|outcome| outcome.actual));
    let mean = (outcomes.len() as f64 + 1.0) / 2.0;
    let product = |a: &[f64], b: &[f64]| {
        let terms = a.iter().zip(b).map(|(a, b)| (a - mean) * (b - mean));
        terms.collect::<ExactSum>().value()
    };
    let spread = (product(&forecasts, &forecasts) * product(&actuals, &actuals)).sqrt();
    (spread > 0.0).then(|| (product(&forecasts, &actuals) / spread).clamp(-1.0, 1.0))
}

/// Ranks from 1; equal values share their mean.
fn ranks(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut sorted: Vec<(f64, usize)> = values.zip(0..).collect();
    sorted.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let mut ranks = vec![0.0; sorted.len()];
    let mut below = 0;
    for ties in sorted.chunk_by(|a, b| a.0 == b.0) {
        let rank = below as f64 + (ties.len() as f64 + 1.0) / 2.0;
        for &(_, at) in ties {
            ranks[at] = rank;
        }
        below += ties.len();
    }
    ranks
}

/// A mean over rows that belong to customers, and its standard error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MeanOfCustomers {
    /// The mean over all rows.
    pub mean: f64,
    /// Its standard error where customers, not rows, are resampled.
    pub standard_error: f64,
}

/// Mean of rows and its standard error; each customer is given as the sum of its rows and their number.
///
/// ```text
/// mean = Σd / Σn      standard error = √(Σ (d − mean·n)²) / Σn
/// ```
///
/// That is the standard deviation which a bootstrap of whole customers has in the limit of many draws, to first order.
pub fn mean_of_customers(customers: &[(f64, u32)]) -> MeanOfCustomers {
    let total: ExactSum = customers.iter().map(|&(sum, _)| sum).collect();
    let n: u64 = customers.iter().map(|&(_, n)| u64::from(n)).sum();
    if n == 0 {
        return MeanOfCustomers {
            mean: 0.0,
            standard_error: 0.0,
        };
    }
    let mean = total.divided_by(n);
    let squares = customers.iter().map(|&(sum, n)| {
        let residual = sum - mean * f64::from(n);
        residual * residual
    });
    MeanOfCustomers {
        mean,
        standard_error: squares.collect::<ExactSum>().value().sqrt() / n as f64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcomes(pairs: &[(f64, f64)]) -> Vec<Outcome> {
        let outcome = |&(forecast, actual): &(f64, f64)| Outcome { forecast, actual };
        pairs.iter().map(outcome).collect()
    }

    #[test]
    fn errors_are_those_computed_by_hand() {
        let found = scores(&outcomes(&[(1.0, 0.0), (2.0, 5.0), (3.0, 3.0), (0.0, 0.0)]));
        assert_eq!((found.n, found.mae), (4, 1.0));
        assert_eq!(found.rmse, 2.5_f64.sqrt());
        assert_eq!((found.forecast_total, found.actual_total), (6.0, 8.0));
        assert_eq!(found.bias, Some(-0.25));
        // Ranks 2, 3, 4, 1 and 1.5, 4, 3, 1.5.
        let expected = 3.5 / (5.0_f64 * 4.5).sqrt();
        assert!((found.spearman.unwrap() - expected).abs() < 1e-15);
    }

    #[test]
    fn a_constant_has_no_rank_correlation_and_nothing_no_bias() {
        let zero = scores(&outcomes(&[(0.0, 0.0), (0.0, 0.0)]));
        assert_eq!((zero.spearman, zero.bias), (None, None));
        assert_eq!(scores(&[]).mae, 0.0);
    }

    #[test]
    fn resampling_whole_customers_is_what_the_standard_error_stands_for() {
        let alone = [(1.0, 1), (3.0, 1), (2.0, 1), (6.0, 1)];
        let found = mean_of_customers(&alone);
        assert_eq!(
            (found.mean, found.standard_error),
            (3.0, 14.0_f64.sqrt() / 4.0)
        );
        // The same rows twice tell nothing new.
        let twice = alone.map(|(sum, n)| (2.0 * sum, 2 * n));
        assert_eq!(mean_of_customers(&twice), found);
        assert_eq!(mean_of_customers(&[]).mean, 0.0);
    }
}
