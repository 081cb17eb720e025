//! Calibration: whether tenths of customers by forecast brought what was forecast of them.
//!
//! Cost: O(n log n). Deterministic, whatever the order of the rows.

use std::collections::BTreeMap;

use clientela_numerics::ExactSum;

use super::metrics::Outcome;
use super::validation::{CalibrationDecile, TenthsOff};

/// Tenths.
pub const N_TENTHS: usize = 10;
/// What came over what was forecast, or the other way round, from which on a tenth is off.
const OFF_FROM: f64 = 1.5;
/// Purchases that came, or were expected, below which nothing is concluded.
const PURCHASES_MIN: f64 = 30.0;
/// Standard errors of the logarithm of the ratio that it has to exceed: of 800 simulated bases of 300 to 1,500 customers,
/// forecast by the model they came from, 8 had a tenth that was off by chance.
const ERRORS_MIN: f64 = 4.0;

/// One customer in one hold-out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Row {
    /// Who, as a place in the table.
    pub customer: u32,
    /// What was forecast, and what came.
    pub outcome: Outcome,
    /// Purchases that were expected.
    pub expected_purchases: f64,
    /// Purchases that came.
    pub purchases: u32,
}

/// A row in a tenth: its place, and how much of it belongs there.
///
/// Rows with the same forecast stand for each other: of those that a cut goes through, each belongs to both sides, so that
/// it does not matter which of them falls into which tenth.
type Member = (usize, f64);

/// Tenths of rows by forecast, lowest first; fewer where there are fewer than ten rows.
fn tenths(forecasts: &[f64]) -> Vec<Vec<Member>> {
    let n = forecasts.len();
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_unstable_by(|&a, &b| forecasts[a].total_cmp(&forecasts[b]));
    let ends = (1..=N_TENTHS).map(|tenth| n * tenth / N_TENTHS);
    let mut tenths = vec![Vec::new(); N_TENTHS];
    let mut start = 0;
    for equal in order.chunk_by(|&a, &b| forecasts[a] == forecasts[b]) {
        let end = start + equal.len();
        let mut from = 0;
        for (tenth, until) in tenths.iter_mut().zip(ends.clone()) {
            let shared = end.min(until).saturating_sub(start.max(from));
            if shared > 0 {
                let part = shared as f64 / equal.len() as f64;
                tenth.extend(equal.iter().map(|&row| (row, part)));
            }
            from = until;
        }
        start = end;
    }
    tenths.retain(|tenth| !tenth.is_empty());
    tenths
}

/// What tenths of customers by forecast were forecast and brought, lowest first.
pub fn deciles(outcomes: &[Outcome]) -> Vec<CalibrationDecile> {
    let forecasts: Vec<f64> = outcomes.iter().map(|outcome| outcome.forecast).collect();
    let decile = |members: &Vec<Member>| {
        let total = |figure: fn(&Outcome) -> f64| {
            let parts = members.iter();
            let parts = parts.map(|&(row, part)| part * figure(&outcomes[row]));
            parts.collect::<ExactSum>()
        };
        let n: f64 = members.iter().map(|&(_, part)| part).sum();
        let n = n.round() as usize;
        CalibrationDecile {
            n,
            mean_forecast: total(|outcome| outcome.forecast).divided_by(n as u64),
            mean_actual: total(|outcome| outcome.actual).divided_by(n as u64),
        }
    };
    tenths(&forecasts).iter().map(decile).collect()
}

/// Tenths whose totals are off by half or more, and by more than chance explains; `None` where there are none.
///
/// ```text
/// |ln(A / F)| > 4 · √(Σ (Σ (a/A − f/F))²)      A/F ≥ 1.5 or ≤ 1/1.5      30 purchases that came, or were expected
/// ```
///
/// F and A are the totals of a tenth, the outer sum runs over its customers and the inner one over the rows of a customer:
/// hold-outs overlap, and who bought in one is likely to have bought in the next. Logarithms, because a total that fell
/// short by chance lacks the large values that would show how far it spreads.
pub fn off(rows: &[Row]) -> Option<TenthsOff> {
    let forecasts: Vec<f64> = rows.iter().map(|row| row.outcome.forecast).collect();
    let mut found = TenthsOff {
        is_off: [false; N_TENTHS],
        worst: 0,
        mean_forecast: 0.0,
        mean_actual: 0.0,
    };
    let mut worst = 0.0;
    for (at, members) in tenths(&forecasts).iter().enumerate() {
        let Some(ratio) = ratio_if_off(rows, members) else {
            continue;
        };
        found.is_off[at] = true;
        if ratio > worst {
            worst = ratio;
            found.worst = at;
        }
    }
    if worst == 0.0 {
        return None;
    }
    let outcomes: Vec<Outcome> = rows.iter().map(|row| row.outcome).collect();
    let decile = deciles(&outcomes)[found.worst];
    Some(TenthsOff {
        mean_forecast: decile.mean_forecast,
        mean_actual: decile.mean_actual,
        ..found
    })
}

/// The larger total of a tenth over the smaller one, where it is off; infinite where nothing came.
fn ratio_if_off(rows: &[Row], members: &[Member]) -> Option<f64> {
    let total = |figure: fn(&Row) -> f64| -> f64 {
        let parts = members.iter();
        let parts = parts.map(|&(row, part)| part * figure(&rows[row]));
        parts.collect::<ExactSum>().value()
    };
    let forecast = total(|row| row.outcome.forecast);
    let actual = total(|row| row.outcome.actual).max(0.0);
    let purchases = total(|row| f64::from(row.purchases));
    let expected_purchases = total(|row| row.expected_purchases);
    let has_enough = purchases.max(expected_purchases) >= PURCHASES_MIN;
    let ratio = forecast.max(actual) / forecast.min(actual);
    if forecast <= 0.0 || ratio < OFF_FROM || !has_enough {
        return None;
    }
    // Of so many purchases that were expected, none is no chance.
    let is_beyond_chance =
        actual == 0.0 || libm::log(ratio) > ERRORS_MIN * log_error(rows, members, forecast, actual);
    is_beyond_chance.then_some(ratio)
}

/// Standard error of the logarithm of the total that came, over that of the forecasts.
fn log_error(rows: &[Row], members: &[Member], forecast: f64, actual: f64) -> f64 {
    let mut by_customer: BTreeMap<u32, f64> = BTreeMap::new();
    for &(at, part) in members {
        let outcome = rows[at].outcome;
        let residual = outcome.actual / actual - outcome.forecast / forecast;
        *by_customer.entry(rows[at].customer).or_default() += part * residual;
    }
    let squares: ExactSum = by_customer.values().map(|sum| sum * sum).collect();
    squares.value().sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tenths_do_not_depend_on_the_order_of_equal_forecasts() {
        let mut rows: Vec<Outcome> = (0..25)
            .map(|i| Outcome {
                forecast: f64::from(i / 9),
                actual: f64::from(i * 7 % 25),
            })
            .collect();
        let forward = deciles(&rows);
        rows.reverse();
        assert_eq!(deciles(&rows), forward);
        assert_eq!(forward.iter().map(|decile| decile.n).sum::<usize>(), 25);
        assert!(forward.is_sorted_by(|a, b| a.mean_forecast <= b.mean_forecast));
        assert_eq!(deciles(&rows[..3]).len(), 3);
        // Nine rows of 0 fill three tenths and a half, and have the same mean in each.
        assert_eq!(forward[0].mean_actual, forward[2].mean_actual);
    }

    /// A thousand customers with one purchase each, of whom every other one brings twice the forecast; of the lowest tenth
    /// `low` is what each brings.
    fn rows(low: impl Fn(u32) -> f64) -> Vec<Row> {
        let row = |customer: u32| {
            let forecast = 1.0 + f64::from(customer);
            let actual = if customer < 100 {
                low(customer) * forecast
            } else {
                f64::from(customer % 2) * 2.0 * forecast
            };
            Row {
                customer,
                outcome: Outcome { forecast, actual },
                expected_purchases: 1.0,
                purchases: u32::from(actual > 0.0),
            }
        };
        (0..1000).map(row).collect()
    }

    #[test]
    fn a_tenth_that_brings_twice_its_forecast_is_off() {
        let found = off(&rows(|customer| f64::from(customer % 2) * 4.0)).expect("a tenth");
        assert_eq!(found.is_off.map(usize::from).iter().sum::<usize>(), 1);
        assert!(found.is_off[0] && found.worst == 0);
        assert_eq!(found.mean_forecast, 50.5);
        assert!((found.mean_actual - 2.0 * 51.0).abs() < 1e-9);
        assert_eq!(off(&rows(|customer| f64::from(customer % 2) * 2.0)), None);
    }

    #[test]
    fn a_tenth_of_which_nothing_came_is_off_where_enough_was_expected() {
        let nothing = rows(|_| 0.0);
        assert!(off(&nothing).expect("a tenth").is_off[0]);
        let hardly_expected: Vec<Row> = nothing
            .into_iter()
            .map(|row| Row {
                expected_purchases: 0.2,
                ..row
            })
            .collect();
        assert_eq!(off(&hardly_expected), None);
    }

    #[test]
    fn nothing_forecast_and_amounts_of_every_size_are_no_numbers_that_overflow() {
        let scaled = |factor: f64| {
            let mut rows = rows(|customer| f64::from(customer % 2) * 4.0);
            for row in &mut rows {
                row.outcome.forecast *= factor;
                row.outcome.actual *= factor;
            }
            off(&rows)
        };
        assert_eq!(scaled(0.0), None);
        for factor in [1e-200, 1e200] {
            assert!(scaled(factor).expect("a tenth").is_off[0], "{factor}");
        }
        assert_eq!(off(&[]), None);
    }

    #[test]
    fn one_customer_who_brings_it_all_is_chance_and_so_is_one_in_every_hold_out() {
        let whale = |customer| if customer == 50 { 300.0 } else { 1.0 };
        assert_eq!(off(&rows(whale)), None);
        // Ten customers, each in ten rows, are no more than ten.
        let twice = |customer: u32| f64::from(customer % 2) * 4.0;
        let mut again = rows(twice);
        assert!(off(&again).is_some());
        again[..100]
            .iter_mut()
            .for_each(|row| row.customer = row.customer % 4 / 2 + row.customer % 2 * 2);
        assert_eq!(off(&again), None);
    }
}
