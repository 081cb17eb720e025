//! The time after today: forecasts of customers and of totals, with their intervals.

use clientela_numerics::quantile::{Level, quantiles};
use clientela_numerics::{ExactSum, StopToken, Stopped};

use super::coverage;
use super::explain::{Forecasts, explain};
use super::intervals::{self, Drawn};
use super::probabilistic::{Horizon, Probabilistic};
use super::report::{
    ClvTier, CustomerForecast, Explanation, ForecastOptions, GroupTotal, Interval, Totals,
};
use super::served::Served;
use super::snapshot::Snapshot;

/// All that is asked about the time after today.
#[derive(Debug)]
pub struct Future<'f, 's, 'a> {
    /// The base today.
    pub snapshot: &'f Snapshot<'a>,
    /// How far ahead.
    pub horizon: &'f Horizon,
    /// What serves.
    pub served: &'f Served<'s, 'a>,
    /// What was asked for.
    pub options: &'f ForecastOptions,
    /// What totals are spread by beyond the models: the standard deviation of the logarithm.
    pub total_spread: f64,
}

impl Future<'_, '_, '_> {
    /// What the season multiplies the horizon by; 1 without an index.
    pub fn season(&self) -> f64 {
        let model = self.served.model.as_ref();
        model.map_or(1.0, |model| model.season_factor(self.horizon.days))
    }

    /// Every customer, and all of them together.
    ///
    /// # Errors
    /// [`Stopped`] when the stop token is set.
    pub fn customers_and_totals(
        &self,
        stop: &StopToken,
    ) -> Result<(Vec<CustomerForecast>, Totals), Stopped> {
        let tiers = tiers(&self.served.values);
        let drawn = match &self.served.model {
            Some(model) => Some(self.draw(model, &tiers, stop)?),
            None => None,
        };
        let totals = self.totals(&tiers, drawn.as_ref());
        Ok((self.customers(&tiers, drawn.as_ref(), stop)?, totals))
    }

    fn draw(
        &self,
        model: &Probabilistic<'_, '_>,
        tiers: &[ClvTier],
        stop: &StopToken,
    ) -> Result<Drawn, Stopped> {
        let season = self.season();
        let scale = coverage::scale(&self.served.expected, &self.served.values, season);
        let groups: Vec<u8> = tiers.iter().map(|&tier| tier as u8).collect();
        let request = intervals::Request {
            weeks: self.horizon.weeks(),
            season,
            scale: &scale,
            groups: &groups,
            levels: &[self.options.confidence_level],
            total_spread: self.total_spread,
            actual: None,
            n_members_max: None,
            seed: self.options.random_seed,
        };
        intervals::draw(model, &request, stop)
    }

    fn totals(&self, tiers: &[ClvTier], drawn: Option<&Drawn>) -> Totals {
        let level = self.options.confidence_level;
        let total = |belongs: &dyn Fn(ClvTier) -> bool, draws: Option<&[Vec<f64>; 2]>| {
            let rows = || (0..tiers.len()).filter(|&at| belongs(tiers[at]));
            let value: ExactSum = rows().map(|at| self.served.values[at]).collect();
            let purchases: ExactSum = rows().map(|at| self.served.purchases(at)).collect();
            let by_models: ExactSum = rows()
                .map(|at| self.served.expected[at].purchases)
                .collect();
            let of = |figure: usize| draws.map(|draws| intervals::interval(&draws[figure], level));
            let corrected = |interval: Interval| {
                let ratio = purchases.value() / by_models.value();
                let ratio = if ratio.is_finite() { ratio } else { 1.0 };
                Interval {
                    lower: interval.lower * ratio,
                    upper: interval.upper * ratio,
                }
            };
            GroupTotal {
                n_customers: rows().count(),
                value: value.value(),
                purchases: purchases.value(),
                value_interval: of(0),
                purchases_interval: of(1).map(corrected),
            }
        };
        Totals {
            all: total(&|_| true, drawn.map(|drawn| &drawn.all)),
            tiers: ClvTier::ALL.map(|tier| {
                let draws = drawn.map(|drawn| &drawn.groups[tier as usize]);
                total(&|other| other == tier, draws)
            }),
        }
    }

    fn customers(
        &self,
        tiers: &[ClvTier],
        drawn: Option<&Drawn>,
        stop: &StopToken,
    ) -> Result<Vec<CustomerForecast>, Stopped> {
        let n = tiers.len();
        let alive = self.probability_alive(stop)?;
        let model = self.served.model.as_ref();
        let forecasts = Forecasts {
            expected: &self.served.expected,
            values: &self.served.values,
            alive: model.map(|_| &alive[..]),
            is_boosted: self.served.boosting.is_some(),
        };
        let explained = explain(self.snapshot, &forecasts, stop)?;
        // Without a purchase nothing is expected, and nothing can come of it.
        let nothing = drawn.map(|_| Interval {
            lower: 0.0,
            upper: 0.0,
        });
        let (mut prediction, mut expectation) = (vec![nothing; n], vec![nothing; n]);
        let mut zero = vec![drawn.map(|_| 1.0); n];
        if let Some(drawn) = drawn {
            for (place, &member) in drawn.members.iter().enumerate() {
                prediction[member as usize] = Some(drawn.prediction[place][0]);
                expectation[member as usize] = Some(drawn.expectation[place]);
                zero[member as usize] = Some(drawn.probability_zero[place]);
            }
        }
        let knows_alive = model.is_some_and(|model| model.count.has_dropout());
        let rows = explained.into_iter().enumerate();
        let customer = |(at, explanation): (usize, Explanation)| CustomerForecast {
            value: self.served.values[at],
            purchases: self.served.purchases(at),
            value_per_purchase: self.served.expected[at].per_purchase,
            tier: tiers[at],
            prediction: prediction[at],
            expectation: expectation[at],
            // The probability of zero knows what the parameters leave open, and whoever buys is still a customer.
            probability_alive: knows_alive.then(|| alive[at].max(1.0 - zero[at].unwrap_or(1.0))),
            probability_zero: zero[at],
            explanation,
        };
        Ok(rows.map(customer).collect())
    }

    /// The probabilities of still being a customer; 0 without a purchase so far.
    fn probability_alive(&self, stop: &StopToken) -> Result<Vec<f64>, Stopped> {
        let mut alive = vec![0.0; self.snapshot.members().len()];
        if let Some(model) = &self.served.model {
            let by_row = model.by_row(stop, |outlook| outlook.probability_alive())?;
            for (&at, &row) in model.buyers.iter().zip(model.histories.row_of_customer()) {
                alive[at as usize] = by_row[row as usize];
            }
        }
        Ok(alive)
    }
}

/// Low up to the 30th percentile, High from the 70th on, Medium between.
fn tiers(values: &[f64]) -> Vec<ClvTier> {
    let levels = [30, 70].map(Level::percent);
    let cuts = quantiles(values, &levels).expect("at least one customer");
    let tier = |&value: &f64| {
        if value <= cuts[0] {
            ClvTier::Low
        } else if value >= cuts[1] {
            ClvTier::High
        } else {
            ClvTier::Medium
        }
    };
    values.iter().map(tier).collect()
}
