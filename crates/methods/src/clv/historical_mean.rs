//! What to expect where there are too few repeat buyers for any model: a mean, pulled toward that of the base.

use super::base::CustomerState;
use super::snapshot::Snapshot;

/// Repeat buyers below which no model is fitted.
pub const REPEAT_BUYERS_MIN: usize = 10;
/// A rate that was observed while a customer was new is not kept up: two thirds of it are expected.
const KEPT_UP: f64 = 2.0 / 3.0;
/// Purchases of the base's mean value that stand beside a customer's own.
const PSEUDO_PURCHASES: f64 = 2.0;

/// Expected purchases of a member within so many weeks.
///
/// ```text
/// (x + 1) / (T + 1/μ) · weeks · 2/3,   μ = Σx / ΣT
/// ```
///
/// T is in weeks. Where nobody has repeated, or no time has passed, μ is 0 and so is the forecast: a first purchase is
/// never a rate.
pub fn purchases(state: &CustomerState, age: f64, repeat_rate: f64, weeks: f64) -> f64 {
    if state.n_purchases == 0 || repeat_rate <= 0.0 {
        return 0.0;
    }
    (f64::from(state.frequency()) + 1.0) / (age + 1.0 / repeat_rate) * weeks * KEPT_UP
}

/// A customer's own mean value of a purchase, pulled toward the base's: `(Σ values + 2·m̄) / (purchases + 2)`.
pub fn shrunken_value(state: &CustomerState, mean_purchase_value: f64) -> f64 {
    (state.value + PSEUDO_PURCHASES * mean_purchase_value)
        / (f64::from(state.n_purchases) + PSEUDO_PURCHASES)
}

/// Expected purchases and value per purchase of all members.
pub fn forecast(snapshot: &Snapshot<'_>, weeks: f64) -> Vec<(f64, f64)> {
    let rate = snapshot.repeat_rate();
    let mean = snapshot.mean_purchase_value();
    let of = |state: &CustomerState| {
        let (_, age) = snapshot.recency_and_age(state);
        (
            purchases(state, age, rate, weeks),
            shrunken_value(state, mean),
        )
    };
    snapshot.states().iter().map(of).collect()
}

#[cfg(test)]
mod tests {
    use clientela_numerics::StopToken;

    use super::super::testing::{base, day, histories};
    use super::*;

    #[test]
    fn the_mean_is_that_of_the_formula() {
        let table = histories(
            "2025-01-29",
            &[
                ("b", &["2025-01-01 10", "2025-01-15 30"]),
                ("a", &["2025-01-15 20"]),
            ],
        );
        let snapshot = Snapshot::at(base(&table), day("2025-01-29"), &StopToken::new()).unwrap();
        // μ = 1/6; m̄ = 20.
        let found = forecast(&snapshot, 30.0);
        assert!((found[0].0 - 2.0 / 10.0 * 20.0).abs() < 1e-12);
        assert!((found[1].0 - 1.0 / 8.0 * 20.0).abs() < 1e-12);
        assert_eq!((found[0].1, found[1].1), (20.0, 20.0));
    }

    #[test]
    fn a_first_purchase_is_never_a_rate() {
        let table = histories("2025-01-29", &[("a", &["2025-01-15 20"])]);
        for today in ["2025-01-15", "2025-01-29"] {
            let snapshot = Snapshot::at(base(&table), day(today), &StopToken::new()).unwrap();
            assert_eq!(forecast(&snapshot, 52.0), [(0.0, 20.0)]);
        }
    }
}
