//! The count model and the value model of one snapshot, and what they expect of its customers.

use clientela_learn::lifetime::{Histories, History, Outlook};
use clientela_numerics::{StopToken, Stopped};
use clientela_tables::Date;
use rayon::prelude::*;

use super::base::CustomerState;
use super::calendar::weeks;
use super::count::{self, CountChoice};
use super::report::CountModelChoice;
use super::season::{self, SeasonIndex};
use super::snapshot::Snapshot;
use super::tracking::RepeatPurchases;
use super::value::ValueModel;

/// Histories that one task takes at least.
const ROWS_PER_TASK: usize = 256;

/// Both models, fitted to what a snapshot knows.
#[derive(Debug)]
pub struct Probabilistic<'s, 'a> {
    /// What was known.
    pub snapshot: &'s Snapshot<'a>,
    /// The count model.
    pub count: CountChoice,
    /// The value model.
    pub value: ValueModel,
    /// The index of a long history.
    pub season: Option<SeasonIndex>,
    /// Members with a purchase, as places in the snapshot.
    pub buyers: Vec<u32>,
    /// Their histories.
    pub histories: Histories,
}

/// What is expected of one member.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Expected {
    /// Purchases within the horizon.
    pub purchases: f64,
    /// Value of one of them.
    pub per_purchase: f64,
    /// What a unit of money within the horizon is worth today on average.
    pub discount: f64,
}

impl Expected {
    /// Value within the horizon, discounted.
    pub fn value(self) -> f64 {
        self.purchases * self.per_purchase * self.discount
    }

    /// The purchases that a forecast of this value stands for: what a booster adds to the models counts as more of them,
    /// so that purchases, their value and the discount make up what serves.
    ///
    /// The models' own where they expect no value that could be corrected.
    pub fn purchases_behind(self, value: f64) -> f64 {
        let by_models = self.value();
        if by_models > 0.0 {
            self.purchases * (value / by_models)
        } else {
            self.purchases
        }
    }
}

/// The time ahead that is asked about.
#[derive(Clone, Debug, PartialEq)]
pub struct Horizon {
    /// Days until its end.
    pub days: u32,
    /// Days until the end of each of its months, from 0 on, and the yearly rate by which later value counts less; `None`
    /// without discounting.
    pub discounting: Option<(Vec<i32>, f64)>,
}

impl Horizon {
    /// So many days without discounting: what hold-outs are forecast for.
    pub fn of_days(days: u32) -> Self {
        Self {
            days,
            discounting: None,
        }
    }

    /// Its length as the models count it.
    pub fn weeks(&self) -> f64 {
        weeks(self.days as i32)
    }

    /// What a unit of money within it is worth today on average, where `expected` purchases come within so many weeks, and
    /// each of its months has so much more or less as `season` says; `None` without an index.
    ///
    /// ```text
    /// Σ wₖ (1 + rate)^(−k/12) / Σ wₖ,   wₖ = (E(end of month k) − E(end of month k − 1)) · season of month k
    /// ```
    ///
    /// 1 without discounting or purchases.
    pub fn discount(&self, season: Option<&[f64]>, expected: impl Fn(f64) -> f64) -> f64 {
        let Some((ends, rate)) = &self.discounting else {
            return 1.0;
        };
        let expected: Vec<f64> = ends.iter().map(|&days| expected(weeks(days))).collect();
        let (mut total, mut discounted) = (0.0, 0.0);
        for (at, pair) in expected.windows(2).enumerate() {
            let weight = (pair[1] - pair[0]) * season.map_or(1.0, |season| season[at]);
            total += weight;
            discounted += weight * libm::pow(1.0 + rate, -(at as f64 + 1.0) / 12.0);
        }
        if total > 0.0 { discounted / total } else { 1.0 }
    }
}

impl<'s, 'a> Probabilistic<'s, 'a> {
    /// Fits both models; `None` without a single purchase.
    ///
    /// # Errors
    /// [`Stopped`] when the stop token is set.
    pub fn fit(
        snapshot: &'s Snapshot<'a>,
        choice: CountModelChoice,
        has_hold_out: bool,
        stop: &StopToken,
    ) -> Result<Option<Self>, Stopped> {
        let places = 0..snapshot.members().len() as u32;
        let buyers: Vec<u32> = places
            .filter(|&at| snapshot.states()[at as usize].n_purchases > 0)
            .collect();
        if buyers.is_empty() {
            return Ok(None);
        }
        let rows: Vec<History> = buyers
            .iter()
            .map(|&at| history(snapshot, &snapshot.states()[at as usize]))
            .collect();
        let histories = Histories::new(&rows, stop)?;
        let count = count::choose(&histories, choice, has_hold_out, stop)?;
        let value = ValueModel::fit(snapshot, stop)?;
        let season = season_of(snapshot, &count, stop)?;
        Ok(Some(Self {
            snapshot,
            count,
            value,
            season,
            buyers,
            histories,
        }))
    }

    /// What a horizon is multiplied by for the months it covers; 1 without an index.
    pub fn season_factor(&self, days: u32) -> f64 {
        let factor = |index| season::factor(index, self.date(), days);
        self.season.as_ref().map_or(1.0, factor)
    }

    /// How much more or less comes in each month of a horizon that is discounted; `None` without an index.
    ///
    /// Whole years have it too: the index leaves their total alone, but not when within them it comes.
    fn season_of_months(&self, horizon: &Horizon) -> Option<Vec<f64>> {
        let (ends, _) = horizon.discounting.as_ref()?;
        let index = self.season.as_ref()?;
        Some(season::of_months(index, self.date(), ends))
    }

    fn date(&self) -> Date {
        Date::from_days(self.snapshot.day()).expect("a day of the table")
    }

    /// Expected purchases, value and discount factor of every member; 0 without a purchase.
    ///
    /// # Errors
    /// [`Stopped`] when the stop token is set.
    pub fn expect(&self, horizon: &Horizon, stop: &StopToken) -> Result<Vec<Expected>, Stopped> {
        let season = self.season_factor(horizon.days);
        let months = self.season_of_months(horizon);
        let by_row = self.by_row(stop, |outlook| {
            let purchases = outlook.expected_purchases(horizon.weeks());
            let expected = |weeks| outlook.expected_purchases(weeks);
            let discount = horizon.discount(months.as_deref(), expected);
            (purchases * season, discount)
        })?;
        let mut expected = vec![Expected::default(); self.snapshot.members().len()];
        for (&at, &row) in self.buyers.iter().zip(self.histories.row_of_customer()) {
            let (purchases, discount) = by_row[row as usize];
            expected[at as usize] = Expected {
                purchases,
                per_purchase: self
                    .value
                    .per_purchase(&self.snapshot.states()[at as usize]),
                discount,
            };
        }
        Ok(expected)
    }

    /// A figure of the time ahead for every distinct history.
    ///
    /// # Errors
    /// [`Stopped`] when the stop token is set.
    pub fn by_row<T: Send>(
        &self,
        stop: &StopToken,
        figure: impl Fn(Outlook) -> T + Sync,
    ) -> Result<Vec<T>, Stopped> {
        let rows: Vec<History> = self.histories.rows().collect();
        let model = self.count.fit.model;
        rows.par_iter()
            .with_min_len(ROWS_PER_TASK)
            .map(|&history| {
                stop.poll()?;
                Ok(figure(model.outlook(history)))
            })
            .collect()
    }
}

/// The season of a snapshot; `None` where its history is too short.
fn season_of(
    snapshot: &Snapshot<'_>,
    count: &CountChoice,
    stop: &StopToken,
) -> Result<Option<SeasonIndex>, Stopped> {
    let day = snapshot.day();
    // Most histories are too short, and their purchases need not be counted to know that.
    if day - snapshot.base().first_day() < season::DAYS_MIN {
        return Ok(None);
    }
    match RepeatPurchases::count(snapshot, day, &count.fit.model, stop)? {
        Some(purchases) => season::index(&purchases, day, stop),
        None => Ok(None),
    }
}

/// What the count models know of a member with a purchase.
pub fn history(snapshot: &Snapshot<'_>, state: &CustomerState) -> History {
    let (t_x, t) = snapshot.recency_and_age(state);
    History {
        x: state.frequency(),
        t_x,
        t,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn horizon(rate: f64) -> Horizon {
        Horizon {
            days: 92,
            discounting: Some((vec![0, 30, 61, 92], rate)),
        }
    }

    #[test]
    fn value_counts_less_by_the_month_it_comes_in() {
        // One purchase in each month.
        let steady = |weeks: f64| (7.0 * weeks / 30.5).round();
        let factors = [1.0, 2.0, 3.0].map(|month: f64| 1.2_f64.powf(-month / 12.0));
        let mean = (factors[0] + factors[1] + factors[2]) / 3.0;
        assert!((horizon(0.2).discount(None, steady) - mean).abs() < 1e-12);
        assert_eq!(horizon(0.0).discount(None, steady), 1.0);
        assert_eq!(horizon(0.2).discount(None, |_| 0.0), 1.0);
        assert_eq!(Horizon::of_days(92).discount(None, steady), 1.0);
    }

    #[test]
    fn value_counts_less_where_its_season_comes_late() {
        let steady = |weeks: f64| (7.0 * weeks / 30.5).round();
        let factor = |month: f64| 1.2_f64.powf(-month / 12.0);
        let late = horizon(0.2).discount(Some(&[0.0, 0.0, 1.0]), steady);
        assert!((late - factor(3.0)).abs() < 1e-12);
        let mixed = horizon(0.2).discount(Some(&[3.0, 0.0, 1.0]), steady);
        let expected = (3.0 * factor(1.0) + factor(3.0)) / 4.0;
        assert!((mixed - expected).abs() < 1e-12);
    }
}
