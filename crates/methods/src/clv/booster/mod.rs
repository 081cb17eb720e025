//! The GradientBoosting family: boosted trees that correct the forecast of the count and value models.
//!
//! It learns from days in the past, half a window apart: figures known at the end of such a day, and the value that came in
//! the window after it, which ends no later than the day of the forecast. The models' own forecast as of the same day is
//! the offset, so that without anything to learn the booster is the models times a constant. Tweedie loss: values are
//! mostly 0, with a long tail, and the mean is wanted.

mod lessons;
mod sample;
mod stretch;
#[cfg(test)]
mod testing;

use clientela_learn::FitError;
use clientela_learn::boosting::{GradientBoosting, GradientBoostingParams, Loss, Samples};
use clientela_numerics::{ExactSum, StopToken, Stopped};

use super::probabilistic::Expected;
use super::report::BoostingParameters;
use super::snapshot::Snapshot;
use lessons::{Rows, lessons};
use sample::{Sample, buyers};

pub use stretch::stretched;

/// Rows below which there is too little to learn.
const ROWS_MIN: usize = 100;
/// Rows of whom little is computed between two looks at the stop token.
const BLOCK: usize = 65_536;

/// What the models, fitted to a snapshot alone, expect of its members within the window; `None` where there are none.
pub type Expecting<'e, 'a> = &'e dyn Fn(&Snapshot<'a>) -> Result<Option<Vec<Expected>>, Stopped>;

/// A booster that was trained on one base.
#[derive(Clone, Debug)]
pub struct Booster {
    model: GradientBoosting,
    window_days: u32,
    n_rows: usize,
    n_rows_available: usize,
    /// The mean value of the rows: trees learn multiples of it, so that no currency is special.
    unit: f64,
    /// What brings the total forecast of the rows to the total that came.
    scale: f64,
}

impl Booster {
    /// Learns the window after past days to forecast the window after the day of `snapshot`.
    ///
    /// `expect` says what the models, fitted to an earlier snapshot alone, expect of its members within the window; `None`
    /// leaves that day out. `None` where there are too few days, rows or purchases to learn from.
    ///
    /// # Errors
    /// [`Stopped`] when the stop token is set.
    pub fn train<'a>(
        snapshot: &Snapshot<'a>,
        window_days: u32,
        expect: Expecting<'_, 'a>,
        seed: u64,
        stop: &StopToken,
    ) -> Result<Option<Self>, Stopped> {
        let lessons = lessons(snapshot, window_days, expect, stop)?;
        let n_rows_available = lessons.iter().map(|(cut, _)| cut.n_customers()).sum();
        let sample = Sample::new(seed, n_rows_available);
        let (mut learned, mut held_out) = (Rows::default(), Rows::default());
        for (cut, expected) in &lessons {
            let places = sample.places(cut, stop)?;
            learned.add(cut, &places.learned, expected, window_days, stop)?;
            held_out.add(cut, &places.held_out, expected, window_days, stop)?;
        }
        let n_rows = learned.values.len() + held_out.values.len();
        let total_value = total(learned.values.iter().chain(&held_out.values));
        if n_rows < ROWS_MIN || held_out.values.is_empty() || total_value <= 0.0 {
            return Ok(None);
        }
        let unit = total_value / n_rows as f64;
        let model = match fit(&learned, &held_out, unit, seed, stop) {
            // The first tree made the forecast of those held out worse: there was nothing to learn beyond the models.
            Ok(model) if model.trees.is_empty() => return Ok(None),
            Ok(model) => model,
            Err(FitError::Stopped) => return Err(Stopped),
            // Nothing but zeros among those learned from.
            Err(_) => return Ok(None),
        };
        let mut booster = Self {
            model,
            window_days,
            n_rows,
            n_rows_available,
            unit,
            scale: 1.0,
        };
        let of_learned = booster.of_rows(&learned, stop)?;
        let of_held_out = booster.of_rows(&held_out, stop)?;
        booster.scale = total_value / total(of_learned.iter().chain(&of_held_out));
        Ok(Some(booster))
    }

    /// What each member of a snapshot is expected to bring within the window, at least 0; 0 without a purchase.
    ///
    /// `expected` is what the models, fitted to this snapshot, expect of its members within the window.
    ///
    /// # Errors
    /// [`Stopped`] when the stop token is set.
    pub fn forecast(
        &self,
        snapshot: &Snapshot<'_>,
        expected: &[Expected],
        stop: &StopToken,
    ) -> Result<Vec<f64>, Stopped> {
        let places = buyers(snapshot, stop)?;
        let mut rows = Rows::default();
        rows.add_features(snapshot, &places, expected, self.window_days, stop)?;
        let mut forecast = vec![0.0; snapshot.members().len()];
        for (&at, value) in places.iter().zip(self.of_rows(&rows, stop)?) {
            forecast[at as usize] = value;
        }
        Ok(forecast)
    }

    /// How it was trained.
    pub fn parameters(&self) -> BoostingParameters {
        BoostingParameters {
            window_days: self.window_days,
            n_rows: self.n_rows,
            n_rows_available: self.n_rows_available,
            n_trees: self.model.trees.len(),
        }
    }

    fn of_rows(&self, rows: &Rows, stop: &StopToken) -> Result<Vec<f64>, Stopped> {
        let offsets = rows.offsets(self.unit, stop)?;
        let mut forecast = self.model.predict(&rows.columns, Some(&offsets), stop)?;
        for block in forecast.chunks_mut(BLOCK) {
            stop.poll()?;
            for value in block {
                *value *= self.unit * self.scale;
            }
        }
        Ok(forecast)
    }
}

fn fit(
    learned: &Rows,
    held_out: &Rows,
    unit: f64,
    seed: u64,
    stop: &StopToken,
) -> Result<GradientBoosting, FitError> {
    let params = GradientBoostingParams {
        loss: Loss::TWEEDIE,
        n_trees: 200,
        learning_rate: 0.05,
        max_leaves: 16,
        max_depth: 6,
        min_rows_leaf: 40,
        l2: 5.0,
        max_bins: 64,
        row_share: 0.8,
        column_share: 0.6,
        patience: 20,
        ..GradientBoostingParams::default()
    };
    let params = params.check().expect("constants within their ranges");
    let (targets, offsets) = (learned.targets(unit), learned.offsets(unit, stop)?);
    let training = Samples::new(&learned.columns, &targets).with_offsets(&offsets);
    let (targets, offsets) = (held_out.targets(unit), held_out.offsets(unit, stop)?);
    let validation = Samples::new(&held_out.columns, &targets).with_offsets(&offsets);
    GradientBoosting::fit(&training, Some(&validation), &params, seed, stop)
}

fn total<'v>(values: impl Iterator<Item = &'v f64>) -> f64 {
    values.copied().collect::<ExactSum>().value()
}

#[cfg(test)]
mod tests {
    use clientela_tables::PurchaseHistories;

    use super::super::testing::{base, histories};
    use super::testing::{N_CUSTOMERS, WINDOW, flat, table};
    use super::*;

    /// Forecasts and what came, of the last window.
    fn forecast_of(table: &PurchaseHistories) -> (Vec<f64>, Vec<f64>, Booster) {
        let stop = StopToken::new();
        let split = base(table).today() - WINDOW as i32;
        let snapshot = Snapshot::at(base(table), split, &stop).unwrap();
        let expect = |snapshot: &Snapshot<'_>| Ok(Some(flat(snapshot)));
        let booster = Booster::train(&snapshot, WINDOW, &expect, 42, &stop).unwrap();
        let booster = booster.expect("enough to learn from");
        let forecast = booster
            .forecast(&snapshot, &flat(&snapshot), &stop)
            .unwrap();
        let actual = snapshot
            .values_between(split, split + WINDOW as i32, &stop)
            .unwrap();
        (forecast, actual, booster)
    }

    #[test]
    fn it_learns_what_the_models_miss() {
        let (forecast, actual, booster) = forecast_of(&table(|i| i, 13.0));
        let error = |forecast: &dyn Fn(usize) -> f64| -> f64 {
            (0..actual.len())
                .map(|i| (forecast(i) - actual[i]).abs())
                .sum()
        };
        let (ours, flat) = (error(&|i| forecast[i]), error(&|_| 26.0));
        assert!(ours < 0.4 * flat, "{ours} against {flat}");
        assert!(
            forecast
                .iter()
                .all(|&value| value >= 0.0 && value.is_finite())
        );
        let bias = forecast.iter().sum::<f64>() / actual.iter().sum::<f64>();
        assert!((bias - 1.0).abs() < 0.1, "{bias}");
        let parameters = booster.parameters();
        assert_eq!((parameters.window_days, parameters.n_rows), (90, 1600));
        assert_eq!(parameters.n_rows_available, 1600);
    }

    #[test]
    fn neither_the_order_of_customers_nor_the_future_matters() {
        let (forecast, ..) = forecast_of(&table(|i| i, 13.0));
        let (reversed, ..) = forecast_of(&table(|i| N_CUSTOMERS - 1 - i, 13.0));
        let reversed: Vec<f64> = reversed.into_iter().rev().collect();
        assert_eq!(forecast, reversed);
        let (other, ..) = forecast_of(&table(|i| i, 1e6));
        assert_eq!(forecast, other);
    }

    #[test]
    fn without_days_purchases_or_rows_there_is_nothing_to_learn() {
        let stop = StopToken::new();
        let train = |table: &PurchaseHistories, window| {
            let today = Snapshot::at(base(table), base(table).today(), &stop).unwrap();
            Booster::train(&today, window, &|cut| Ok(Some(flat(cut))), 42, &stop)
                .unwrap()
                .is_some()
        };
        let full = table(|i| i, 13.0);
        assert!(train(&full, 702));
        assert!(!train(&full, 703), "27 days before the window");
        assert!(!train(
            &histories("2025-12-31", &[("a", &["2024-01-01 5", "2025-06-01 5"])]),
            60
        ));
        let today = Snapshot::at(base(&full), base(&full).today(), &stop).unwrap();
        let none = Booster::train(&today, WINDOW, &|_| Ok(None), 42, &stop).unwrap();
        assert!(none.is_none(), "no models on any day");
        stop.stop();
        let stopped = Booster::train(&today, WINDOW, &|cut| Ok(Some(flat(cut))), 42, &stop);
        assert!(stopped.is_err());
    }
}
