//! The GradientBoosting family: boosted trees that correct the forecast of the count and value models.
//!
//! It learns from days in the past, half a window apart: figures known at the end of such a day, and the value that came in
//! the window after it, which ends no later than the day of the forecast. The models' own forecast as of the same day is
//! the offset, so that without anything to learn the booster is the models times a constant. Tweedie loss: values are
//! mostly 0, with a long tail, and the mean is wanted.

use clientela_learn::FitError;
use clientela_learn::boosting::{GradientBoosting, GradientBoostingParams, Loss, Samples};
use clientela_numerics::{ExactSum, StopToken, Stopped};

use super::base::Base;
use super::features::{self, N_FEATURES};
use super::holdout::{is_lead, origin_days};
use super::probabilistic::Expected;
use super::report::BoostingParameters;
use super::snapshot::Snapshot;

/// Days in the past to learn from, at most.
const CUTS_MAX: usize = 4;
/// Rows to learn from: what two cores fit and test four times within a few seconds.
pub const ROWS_MAX: usize = 60_000;
/// Rows below which there is too little to learn.
const ROWS_MIN: usize = 100;
/// One customer in so many decides when to stop and is not learned from.
const HELD_OUT_ONE_IN: u64 = 5;
/// An expectation counts as at least this share of the mean one: the logarithm of 0 is no offset.
const EXPECTED_SHARE_MIN: f64 = 1e-4;

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
            let places = sample.places(cut);
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
        let places = buyers(snapshot);
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
        let offsets = rows.offsets(self.unit);
        let mut forecast = self.model.predict(&rows.columns, Some(&offsets), stop)?;
        for value in &mut forecast {
            *value *= self.unit * self.scale;
        }
        Ok(forecast)
    }
}

/// Stretches forecasts of the window to another horizon by what the models expect within each.
///
/// A customer of whom the models expect nothing within the window is stretched as the base is.
pub fn stretched(forecast: &[f64], window: &[Expected], horizon: &[Expected]) -> Vec<f64> {
    let purchases = |expected: &Expected| expected.purchases * expected.discount;
    let sum = |all: &[Expected]| all.iter().map(purchases).collect::<ExactSum>().value();
    let of_base = ratio(sum(horizon), sum(window)).unwrap_or(1.0);
    let members = forecast.iter().zip(window.iter().zip(horizon));
    members
        .map(|(value, (window, horizon))| {
            value * ratio(purchases(horizon), purchases(window)).unwrap_or(of_base)
        })
        .collect()
}

fn ratio(over: f64, under: f64) -> Option<f64> {
    let ratio = over / under;
    (under > 0.0 && ratio.is_finite()).then_some(ratio)
}

/// Snapshots of days whose window ends by the day of `snapshot`, with what the models expect within it; latest first.
fn lessons<'a>(
    snapshot: &Snapshot<'a>,
    window_days: u32,
    expect: Expecting<'_, 'a>,
    stop: &StopToken,
) -> Result<Vec<(Snapshot<'a>, Vec<Expected>)>, Stopped> {
    let mut lessons = Vec::new();
    for cut in cuts(snapshot.base(), snapshot.day(), window_days) {
        let cut = Snapshot::at(snapshot.base(), cut, stop)?;
        if let Some(expected) = expect(&cut)? {
            lessons.push((cut, expected));
        }
    }
    Ok(lessons)
}

/// Days whose window ends by `day` and that have enough history before them, latest first.
fn cuts(base: Base<'_>, day: i32, window_days: u32) -> Vec<i32> {
    let has_ended = |cut: &i32| cut + window_days as i32 <= day;
    origin_days(base, window_days)
        .filter(has_ended)
        .take(CUTS_MAX)
        .filter(|cut| is_lead(cut - base.first_day()))
        .collect()
}

/// Members with a purchase, as places in the snapshot.
fn buyers(snapshot: &Snapshot<'_>) -> Vec<u32> {
    let states = snapshot.states().iter().enumerate();
    let with_purchase = states.filter(|(_, state)| state.n_purchases > 0);
    with_purchase.map(|(at, _)| at as u32).collect()
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
    let (targets, offsets) = (learned.targets(unit), learned.offsets(unit));
    let training = Samples::new(&learned.columns, &targets).with_offsets(&offsets);
    let (targets, offsets) = (held_out.targets(unit), held_out.offsets(unit));
    let validation = Samples::new(&held_out.columns, &targets).with_offsets(&offsets);
    GradientBoosting::fit(&training, Some(&validation), &params, seed, stop)
}

/// Figures of customers at past days with what came after.
#[derive(Debug)]
struct Rows {
    columns: Vec<Vec<f64>>,
    /// What the models expected.
    expected: Vec<f64>,
    /// What came.
    values: Vec<f64>,
}

impl Default for Rows {
    fn default() -> Self {
        Self {
            columns: vec![Vec::new(); N_FEATURES],
            expected: Vec::new(),
            values: Vec::new(),
        }
    }
}

impl Rows {
    fn add(
        &mut self,
        snapshot: &Snapshot<'_>,
        places: &[u32],
        expected: &[Expected],
        window_days: u32,
        stop: &StopToken,
    ) -> Result<(), Stopped> {
        self.add_features(snapshot, places, expected, window_days, stop)?;
        let (start, end) = (snapshot.day(), snapshot.day() + window_days as i32);
        self.values.extend(places.iter().map(|&at| {
            let customer = snapshot.members()[at as usize] as usize;
            snapshot.base().value_between(customer, start, end)
        }));
        stop.poll()
    }

    fn add_features(
        &mut self,
        snapshot: &Snapshot<'_>,
        places: &[u32],
        expected: &[Expected],
        window_days: u32,
        stop: &StopToken,
    ) -> Result<(), Stopped> {
        let columns = features::columns(snapshot, places, expected, window_days, stop)?;
        for (to, from) in self.columns.iter_mut().zip(columns) {
            to.extend(from);
        }
        let values = places.iter().map(|&at| expected[at as usize].value());
        self.expected.extend(values);
        Ok(())
    }

    /// What came, in units; refunds that outweigh purchases count as nothing here and in [`Booster::scale`] in full.
    fn targets(&self, unit: f64) -> Vec<f64> {
        self.values
            .iter()
            .map(|value| (value / unit).max(0.0))
            .collect()
    }

    /// Logarithms of what was expected, in units.
    fn offsets(&self, unit: f64) -> Vec<f64> {
        let offset = |value: &f64| libm::log((value / unit).max(EXPECTED_SHARE_MIN));
        self.expected.iter().map(offset).collect()
    }
}

/// Which customers are learned from and which are held out, by a hash of the id: no payload's order decides.
struct Sample {
    seed: u64,
    /// Hashes below it take part.
    below: u64,
}

impl Sample {
    fn new(seed: u64, n_rows: usize) -> Self {
        let share = ROWS_MAX as f64 / n_rows.max(1) as f64;
        Self {
            seed,
            below: if share < 1.0 {
                (share * u64::MAX as f64) as u64
            } else {
                u64::MAX
            },
        }
    }

    fn places(&self, snapshot: &Snapshot<'_>) -> Places {
        let ids = snapshot.base().histories().ids();
        let id = |at: u32| &ids[snapshot.members()[at as usize] as usize];
        let mut hashed: Vec<(u64, u32)> = buyers(snapshot)
            .into_iter()
            .map(|at| (hash(id(at), self.seed), at))
            .filter(|&(hash, _)| hash <= self.below)
            .collect();
        hashed.sort_unstable_by(|a, b| a.0.cmp(&b.0).then_with(|| id(a.1).cmp(id(b.1))));
        let (held_out, learned): (Vec<_>, Vec<_>) = hashed
            .into_iter()
            .partition(|&(hash, _)| mixed(hash).is_multiple_of(HELD_OUT_ONE_IN));
        let places = |hashed: Vec<(u64, u32)>| hashed.into_iter().map(|(_, at)| at).collect();
        Places {
            learned: places(learned),
            held_out: places(held_out),
        }
    }
}

/// Members of a snapshot that were sampled, in an order that no payload decides.
struct Places {
    learned: Vec<u32>,
    held_out: Vec<u32>,
}

/// FNV-1a, mixed so that every bit depends on every other.
fn hash(id: &str, seed: u64) -> u64 {
    let bytes = id.bytes();
    let fnv = bytes.fold(0xcbf2_9ce4_8422_2325_u64 ^ seed, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    mixed(fnv)
}

/// The finalizer of SplitMix64 (Steele, Lea, Flood 2014, "Fast Splittable Pseudorandom Number Generators", OOPSLA).
fn mixed(bits: u64) -> u64 {
    let bits = bits.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

fn total<'v>(values: impl Iterator<Item = &'v f64>) -> f64 {
    values.copied().collect::<ExactSum>().value()
}

#[cfg(test)]
mod tests {
    use clientela_tables::{Date, PurchaseHistories, PurchaseHistoriesBuilder, PurchaseLine};

    use super::super::testing::{base, date, histories};
    use super::*;

    const N_CUSTOMERS: i32 = 400;
    const WINDOW: u32 = 90;

    /// Two years of customers who buy every 20 to 40 days; every other one stops after a while. Numbered `order`.
    fn table(order: impl Fn(i32) -> i32, future: f64) -> PurchaseHistories {
        let today = date("2025-12-31");
        let start = today.days_since_epoch() - 730;
        let customers = || (0..N_CUSTOMERS).map(&order);
        let mut builder = PurchaseHistoriesBuilder::new();
        for customer in customers() {
            let last = if customer % 2 == 0 {
                730
            } else {
                60 + customer
            };
            let days = (customer % 60..=last).step_by(20 + customer as usize % 21);
            let lines: Vec<PurchaseLine<String>> = days
                .map(|day| PurchaseLine {
                    transaction_id: None,
                    date: Date::from_days(start + day).unwrap(),
                    amount: if day > 730 - WINDOW as i32 {
                        future
                    } else {
                        f64::from(10 + customer % 7)
                    },
                    cost: None,
                })
                .collect();
            builder.push(&lines);
        }
        builder.finish(
            today,
            customers().map(|customer| customer.to_string()).collect(),
        )
    }

    /// Models that expect the same of everyone.
    fn flat(snapshot: &Snapshot<'_>) -> Vec<Expected> {
        let expected = Expected {
            purchases: 2.0,
            per_purchase: 13.0,
            discount: 1.0,
        };
        vec![expected; snapshot.members().len()]
    }

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

    #[test]
    fn days_to_learn_from_are_those_of_hold_outs_for_odd_windows_too() {
        let full = table(|i| i, 13.0);
        let today = base(&full).today();
        let ago = |day: i32| {
            cuts(base(&full), day, 91)
                .into_iter()
                .map(move |cut| today - cut)
        };
        assert_eq!(ago(today).collect::<Vec<_>>(), [91, 136, 182, 227]);
        assert_eq!(ago(today - 136).collect::<Vec<_>>(), [227, 273, 318, 364]);
    }

    #[test]
    fn large_bases_are_sampled_by_customer() {
        let full = table(|i| i, 13.0);
        let stop = StopToken::new();
        let snapshot = Snapshot::at(base(&full), base(&full).today(), &stop).unwrap();
        let later = Sample::new(42, 2 * ROWS_MAX).places(&snapshot);
        let n = later.learned.len() + later.held_out.len();
        assert!((160..240).contains(&n), "{n}");
        let all = Sample::new(42, ROWS_MAX).places(&snapshot);
        assert_eq!(all.learned.len() + all.held_out.len(), 400);
        assert!(
            (50..110).contains(&all.held_out.len()),
            "{}",
            all.held_out.len()
        );
        assert!(later.held_out.iter().all(|at| all.held_out.contains(at)));
    }

    #[test]
    fn beyond_the_window_each_customer_is_stretched_as_the_models_expect() {
        let expected = |purchases, discount| Expected {
            purchases,
            per_purchase: 7.0,
            discount,
        };
        let window = [expected(2.0, 1.0), expected(1.0, 1.0), expected(0.0, 1.0)];
        let horizon = [expected(3.0, 1.0), expected(3.0, 0.5), expected(0.0, 1.0)];
        let found = stretched(&[10.0, 10.0, 10.0], &window, &horizon);
        assert_eq!(found, [15.0, 15.0, 15.0]);
        let found = stretched(&[10.0, 10.0, 4.0], &window, &window);
        assert_eq!(found, [10.0, 10.0, 4.0]);
    }
}
