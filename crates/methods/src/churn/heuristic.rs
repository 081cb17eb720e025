//! The published formula that serves where nothing can be learned.
//!
//! ```text
//! p = 1 / (1 + e^−z)
//! z = −2 + 0.5 min(service_tickets, 6) − 0.02 nps + 0.5 min(payment_events, 4) − 0.25 min(usage_frequency, 7) − 0.001 min(tenure, 1000)
//! ```
//!
//! Source: the API contract's §12. Nobody fitted these weights to data; they say which way each column points.

use clientela_learn::calibration::probability;
use clientela_tables::{CustomerTraits, TraitValues};
use serde::{Deserialize, Serialize};

use super::columns::Documented;
use super::encoding::median;

/// z of a customer without tickets, payment trouble, usage and tenure, and with an NPS of 0.
const INTERCEPT: f64 = -2.0;
/// Newton steps at most, and how far from the wanted mean they end.
const STEPS_MAX: usize = 200;
const MEAN_TOLERANCE: f64 = 1e-12;
/// A shift by more turns no probability that a double can tell from 0 or 1.
const SHIFT_MAX: f64 = 100.0;

/// The formula with what stands in for missing values.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Heuristic {
    /// z where all columns count nothing: −2, moved where the formula meets labelled rows.
    pub intercept: f64,
    /// In place of missing values, in the order of [`Documented::ALL`]: medians of the table, or 365, 1, 0, 0, 0 without any value.
    pub stand_ins: [f64; 5],
}

/// What a column adds to z.
pub(super) fn contribution(column: Documented, value: f64) -> f64 {
    match column {
        Documented::Tenure => -0.001 * value.min(1000.0),
        Documented::UsageFrequency => -0.25 * value.min(7.0),
        Documented::ServiceTickets => 0.5 * value.min(6.0),
        Documented::Nps => -0.02 * value,
        Documented::PaymentEvents => 0.5 * value.min(4.0),
    }
}

/// What stands in for a column that nobody has.
pub(super) fn default_of(column: Documented) -> f64 {
    match column {
        Documented::Tenure => 365.0,
        Documented::UsageFrequency => 1.0,
        Documented::ServiceTickets | Documented::Nps | Documented::PaymentEvents => 0.0,
    }
}

impl Heuristic {
    /// The formula of the contract with the medians of a table.
    #[must_use]
    pub fn of(traits: &CustomerTraits) -> Self {
        let stand_in = |column: Documented| {
            let values = numbers(traits, column).unwrap_or_default();
            let mut present: Vec<f64> = values.iter().copied().filter(|x| !x.is_nan()).collect();
            if present.is_empty() {
                default_of(column)
            } else {
                median(&mut present)
            }
        };
        Self {
            intercept: INTERCEPT,
            stand_ins: Documented::ALL.map(stand_in),
        }
    }

    /// z of each row of a table.
    #[must_use]
    pub fn log_odds(&self, traits: &CustomerTraits) -> Vec<f64> {
        let mut sums = vec![self.intercept; traits.len()];
        for (column, stand_in) in Documented::ALL.into_iter().zip(self.stand_ins) {
            let Some(values) = numbers(traits, column) else {
                let constant = contribution(column, stand_in);
                sums.iter_mut().for_each(|sum| *sum += constant);
                continue;
            };
            for (sum, &value) in sums.iter_mut().zip(values) {
                *sum += contribution(column, if value.is_nan() { stand_in } else { value });
            }
        }
        sums
    }

    /// What each documented column adds to z of one row, in the order of [`Documented::ALL`]: z is their sum and the intercept.
    #[must_use]
    pub fn contributions(&self, traits: &CustomerTraits, row: usize) -> [f64; 5] {
        Documented::ALL.map(|column| {
            let value = numbers(traits, column).map_or(f64::NAN, |values| values[row]);
            let stand_in = self.stand_ins[column as usize];
            contribution(column, if value.is_nan() { stand_in } else { value })
        })
    }

    /// The same formula with the intercept at which the mean probability of rows with these z (under the present one) is as given.
    pub(super) fn moved_to(&self, log_odds: &[f64], mean: f64) -> Self {
        Self {
            intercept: self.intercept + shift_to(log_odds, mean),
            ..*self
        }
    }
}

/// The column of a table where it holds numbers.
pub(super) fn numbers(traits: &CustomerTraits, column: Documented) -> Option<&[f64]> {
    match &traits.column(column.name())?.values {
        TraitValues::Numeric(values) => Some(values),
        TraitValues::Boolean(_) | TraitValues::Text { .. } => None,
    }
}

/// The shift δ with mean(1 / (1 + e^−(z + δ))) = `wanted`: Newton's method, halving where it leaves the bracket.
fn shift_to(log_odds: &[f64], wanted: f64) -> f64 {
    let n = log_odds.len().max(1) as f64;
    let (mut low, mut high) = (-SHIFT_MAX, SHIFT_MAX);
    let mut shift = 0.0;
    for _ in 0..STEPS_MAX {
        let (mut sum, mut slope) = (0.0, 0.0);
        for z in log_odds {
            let p = probability(z + shift);
            sum += p;
            slope += p * (1.0 - p);
        }
        let gap = sum / n - wanted;
        if gap.abs() <= MEAN_TOLERANCE {
            break;
        }
        if gap > 0.0 {
            high = shift;
        } else {
            low = shift;
        }
        let next = shift - gap * n / slope;
        shift = if next > low && next < high {
            next
        } else {
            0.5 * (low + high)
        };
    }
    shift
}

#[cfg(test)]
mod tests {
    use clientela_tables::{Cell, CustomerTraitsBuilder};

    use super::*;

    fn table(rows: &[[f64; 5]]) -> CustomerTraits {
        let mut builder = CustomerTraitsBuilder::new();
        for row in rows {
            for (column, &value) in Documented::ALL.into_iter().zip(row) {
                let index = builder.column(column.name());
                if !value.is_nan() {
                    builder.set(index, Cell::Number(value));
                }
            }
            builder.finish_row(None, None, None);
        }
        let ids: Vec<String> = (0..rows.len()).map(|row| row.to_string()).collect();
        builder.finish(ids.iter().collect())
    }

    #[test]
    fn the_formula_is_that_of_the_contract() {
        let traits = table(&[[2000.0, 9.0, 8.0, -50.0, 5.0], [100.0, 2.0, 1.0, 40.0, 0.0]]);
        let z = Heuristic::of(&traits).log_odds(&traits);
        // −2 + 3 + 1 + 2 − 1.75 − 1, −2 + 0.5 − 0.8 + 0 − 0.5 − 0.1
        assert!(
            (z[0] - 1.25).abs() < 1e-12 && (z[1] + 2.9).abs() < 1e-12,
            "{z:?}"
        );
    }

    #[test]
    fn contributions_and_the_intercept_add_up() {
        let traits = table(&[[2000.0, 9.0, 8.0, -50.0, f64::NAN]]);
        let heuristic = Heuristic::of(&traits);
        let sum: f64 = heuristic.contributions(&traits, 0).iter().sum();
        assert!((heuristic.intercept + sum - heuristic.log_odds(&traits)[0]).abs() < 1e-12);
    }

    #[test]
    fn medians_stand_in_for_missing_values_and_defaults_for_missing_columns() {
        let nan = f64::NAN;
        let traits = table(&[
            [nan, 1.0, 2.0, nan, nan],
            [nan, 3.0, nan, nan, nan],
            [nan, nan, 4.0, nan, nan],
        ]);
        let heuristic = Heuristic::of(&traits);
        assert_eq!(heuristic.stand_ins, [365.0, 2.0, 3.0, 0.0, 0.0]);
        let z = heuristic.log_odds(&traits);
        assert!((z[1] - (-2.0 + 1.5 - 0.75 - 0.365)).abs() < 1e-12);
        let empty = CustomerTraitsBuilder::new().finish([""; 0].iter().collect());
        assert_eq!(Heuristic::of(&empty).stand_ins, [365.0, 1.0, 0.0, 0.0, 0.0]);
    }

    #[test]
    fn a_moved_intercept_gives_the_wanted_mean() {
        for (z, wanted) in [
            (vec![-3.0, 0.0, 2.0], 0.4),
            (vec![-700.0, 600.0], 0.5),
            (vec![-2.0; 10_000], 2.0 / 10_002.0),
        ] {
            let shift = shift_to(&z, wanted);
            let mean = z.iter().map(|z| probability(z + shift)).sum::<f64>() / z.len() as f64;
            assert!((mean - wanted).abs() < 1e-9, "{mean} for {wanted}");
        }
    }
}
