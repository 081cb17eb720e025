//! Forecasts that anyone can make without a model: what a model has to beat.

use clientela_numerics::{StopToken, Stopped};

use super::calendar::weeks;
use super::snapshot::Snapshot;
use super::validation::Baseline;

/// What a baseline forecasts of each member for the `days` after a snapshot.
///
/// ```text
/// last_window      what came in the same number of days before the snapshot
/// zero             0
/// population_mean  (Σx / ΣT) · weeks · mean value of a repeat purchase, the same for all with a purchase
/// ```
///
/// # Errors
/// [`Stopped`] when the stop token is set.
pub fn forecast(
    baseline: Baseline,
    snapshot: &Snapshot<'_>,
    days: u32,
    stop: &StopToken,
) -> Result<Vec<f64>, Stopped> {
    let days = days as i32;
    match baseline {
        Baseline::LastWindow => {
            snapshot.values_between(snapshot.day() - days, snapshot.day(), stop)
        }
        Baseline::Zero => Ok(vec![0.0; snapshot.members().len()]),
        Baseline::PopulationMean => {
            let mean = snapshot.repeat_rate() * weeks(days) * snapshot.mean_repeat_value();
            let of = |n_purchases| if n_purchases > 0 { mean } else { 0.0 };
            let states = snapshot.states().iter();
            Ok(states.map(|state| of(state.n_purchases)).collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{base, day, histories};
    use super::*;

    #[test]
    fn baselines_are_those_computed_by_hand() {
        let table = histories(
            "2025-04-24",
            &[
                ("b", &["2025-01-01 10", "2025-01-15 30", "2025-02-10 99"]),
                ("a", &["2025-01-15 20"]),
                ("gone", &["2025-01-01 10 o", "2025-01-02 -10 o"]),
            ],
        );
        let stop = StopToken::new();
        let snapshot = Snapshot::at(base(&table), day("2025-01-29"), &stop).unwrap();
        let [last, zero, mean] =
            Baseline::ALL.map(|baseline| forecast(baseline, &snapshot, 14, &stop).unwrap());
        assert_eq!(last, [0.0, 0.0, 0.0]);
        assert_eq!(
            forecast(Baseline::LastWindow, &snapshot, 15, &stop).unwrap(),
            [30.0, 20.0, 0.0]
        );
        assert_eq!(zero, [0.0; 3]);
        assert_eq!(mean, [10.0, 10.0, 0.0]);
    }
}
