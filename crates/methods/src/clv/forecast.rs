//! The forecast: evidence first, then the family that serves, refitted on everything.

use clientela_numerics::quantile::{Level, quantiles};
use clientela_numerics::{ExactSum, StopToken, Stopped};
use clientela_tables::PurchaseHistories;

use super::base::Base;
use super::calendar::{days_to_months_later, month_ends};
use super::challenger::Challenger;
use super::coverage;
use super::evaluation::{Evaluated, Pool, expected_by_mean};
use super::evidence::{self, Verdict};
use super::explain::{Forecasts, explain};
use super::historical_mean;
use super::holdout::{self, HoldOuts};
use super::intervals::{self, Drawn};
use super::probabilistic::{Expected, Horizon, Probabilistic};
use super::remarks::{self, Findings};
use super::report::{
    BoostingParameters, ClvReport, ClvTier, CustomerForecast, Explanation, Family, FamilyChoice,
    ForecastOptions, GroupTotal, Interval, ModelParameters, Totals, Tracking,
};
use super::snapshot::Snapshot;
use super::tracking::RepeatPurchases;
use super::validation::Evidence;

/// Forecasts what each customer will bring after today until the same day of the month so many months later.
///
/// # Errors
/// [`Stopped`] when the stop token is set.
pub fn forecast(
    histories: &PurchaseHistories,
    options: &ForecastOptions,
    stop: &StopToken,
) -> Result<ClvReport, Stopped> {
    let base = Base::new(histories);
    let horizon = horizon(histories, options);
    let snapshot = Snapshot::at(base, base.today(), stop)?;
    let hold_outs = holdout::plan(base, horizon.days, stop)?;
    let by_mean = snapshot.n_repeat() < historical_mean::REPEAT_BUYERS_MIN;
    let challenger = Challenger::new(options, hold_outs.window_days);
    let evaluated = evaluate(&hold_outs, &challenger, options, by_mean, stop)?;
    let pool = Pool::new(&evaluated);
    let verdict = evidence::decide(&snapshot, &hold_outs, &pool, options, by_mean, stop)?;
    let served = serve(&snapshot, &hold_outs, &horizon, options, by_mean, stop)?;
    let (verdict, served) = challenge(verdict, served, &challenger, stop)?;
    let future = Future {
        snapshot: &snapshot,
        horizon: &horizon,
        served: &served,
        options,
        total_spread: coverage::total_spread(&evaluated, verdict.best),
    };
    let (customers, totals) = future.customers_and_totals(stop)?;
    let validation = evidence::validation(&hold_outs, &evaluated, &pool, &verdict, options, stop)?;
    let model = model_parameters(&future);
    let findings = Findings {
        snapshot: &snapshot,
        best: verdict.best,
        horizon_days: horizon.days,
        served: &served,
        validation: &validation,
        model: &model,
        regularity: verdict.regularity,
        cohorts: pool.cohorts(verdict.best),
        total: totals.all.value,
        before: value_before(&snapshot, horizon.days, stop)?,
    };
    Ok(ClvReport {
        best: verdict.best,
        horizon_days: horizon.days,
        basis: base.basis(),
        remarks: remarks::collect(&findings),
        tracking: tracking(&snapshot, &evaluated, served.model.as_ref(), stop)?,
        customers,
        totals,
        validation,
        model,
    })
}

/// What the members brought in so many days until the snapshot; `None` where the history is shorter.
fn value_before(
    snapshot: &Snapshot<'_>,
    days: u32,
    stop: &StopToken,
) -> Result<Option<f64>, Stopped> {
    let start = snapshot.day() - days as i32;
    if start < snapshot.base().first_day() {
        return Ok(None);
    }
    let values = snapshot.values_between(start, snapshot.day(), stop)?;
    let total: ExactSum = values.into_iter().collect();
    Ok(Some(total.value()))
}

fn horizon(histories: &PurchaseHistories, options: &ForecastOptions) -> Horizon {
    let (today, months) = (histories.today(), options.horizon_months);
    let rate = options.discount_rate_annual;
    Horizon {
        days: days_to_months_later(today, months).unsigned_abs(),
        discounting: (rate != 0.0).then(|| (month_ends(today, months), rate)),
    }
}

fn evaluate<'h, 'a>(
    hold_outs: &'h HoldOuts<'a>,
    challenger: &Challenger<'_>,
    options: &ForecastOptions,
    by_mean: bool,
    stop: &StopToken,
) -> Result<Vec<Evaluated<'h, 'a>>, Stopped> {
    let mut evaluated = Vec::new();
    for hold_out in &hold_outs.origins {
        let one = Evaluated::new(hold_out, options.count_model, by_mean, stop)?;
        evaluated.extend(one);
    }
    if !by_mean && options.families != FamilyChoice::Probabilistic {
        for one in &mut evaluated {
            challenger.enter(one, stop)?;
        }
    }
    Ok(evaluated)
}

/// What the family that serves expects.
#[derive(Debug)]
pub struct Served<'s, 'a> {
    /// The models as fitted on everything; `None` with too few repeat buyers.
    pub model: Option<Probabilistic<'s, 'a>>,
    /// What the models, or the mean, expect of each customer.
    pub expected: Vec<Expected>,
    /// What each customer is expected to bring.
    pub values: Vec<f64>,
    /// How the booster was trained, where it serves.
    pub boosting: Option<BoostingParameters>,
}

impl Served<'_, '_> {
    /// The purchases that a served value stands for: what a booster corrects counts as more or fewer of them, so that
    /// purchases, their value and the discount make up the forecast.
    fn purchases(&self, at: usize) -> f64 {
        let expected = self.expected[at];
        let by_models = expected.value();
        if self.boosting.is_none() || by_models <= 0.0 {
            return expected.purchases;
        }
        expected.purchases * (self.values[at] / by_models)
    }
}

fn serve<'s, 'a>(
    snapshot: &'s Snapshot<'a>,
    hold_outs: &HoldOuts<'_>,
    horizon: &Horizon,
    options: &ForecastOptions,
    by_mean: bool,
    stop: &StopToken,
) -> Result<Served<'s, 'a>, Stopped> {
    let has_hold_out = !matches!(hold_outs.evidence, Evidence::Absent(_));
    let model = if by_mean {
        None
    } else {
        Probabilistic::fit(snapshot, options.count_model, has_hold_out, stop)?
    };
    let expected = match &model {
        Some(model) => model.expect(horizon, stop)?,
        None => expected_by_mean(snapshot, horizon),
    };
    let values = expected.iter().map(|one| one.value()).collect();
    Ok(Served {
        model,
        expected,
        values,
        boosting: None,
    })
}

/// Puts the booster's values in the place of the models', where it serves; a booster that can't be trained on everything
/// leaves them there.
fn challenge<'s, 'a>(
    verdict: Verdict,
    served: Served<'s, 'a>,
    challenger: &Challenger<'_>,
    stop: &StopToken,
) -> Result<(Verdict, Served<'s, 'a>), Stopped> {
    let Some(model) = served
        .model
        .as_ref()
        .filter(|_| verdict.best == Family::GradientBoosting)
    else {
        return Ok((verdict, served));
    };
    match challenger.serve(model, &served.expected, stop)? {
        Some(challenge) => {
            let served = Served {
                values: challenge.values,
                boosting: Some(challenge.parameters),
                ..served
            };
            Ok((verdict, served))
        }
        None => Ok((verdict.without_boosting(), served)),
    }
}

/// All that is asked about the time after today.
struct Future<'f, 's, 'a> {
    snapshot: &'f Snapshot<'a>,
    horizon: &'f Horizon,
    served: &'f Served<'s, 'a>,
    options: &'f ForecastOptions,
    total_spread: f64,
}

impl Future<'_, '_, '_> {
    fn season(&self) -> f64 {
        let model = self.served.model.as_ref();
        model.map_or(1.0, |model| model.season_factor(self.horizon.days))
    }

    fn customers_and_totals(
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
        let (alive, zero) = self.probabilities(stop)?;
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
        if let Some(drawn) = drawn {
            for (place, &member) in drawn.members.iter().enumerate() {
                prediction[member as usize] = Some(drawn.prediction[place][0]);
                expectation[member as usize] = Some(drawn.expectation[place]);
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
            probability_alive: knows_alive.then(|| alive[at]),
            probability_zero: model.map(|_| zero[at]),
            explanation,
        };
        Ok(rows.map(customer).collect())
    }

    /// The probabilities of still being a customer and of no purchase; 0 and 1 without a purchase so far.
    fn probabilities(&self, stop: &StopToken) -> Result<(Vec<f64>, Vec<f64>), Stopped> {
        let n = self.snapshot.members().len();
        let (mut alive, mut zero) = (vec![0.0; n], vec![1.0; n]);
        if let Some(model) = &self.served.model {
            let weeks = self.horizon.weeks();
            let by_row = model.by_row(stop, |outlook| {
                (outlook.probability_alive(), outlook.probability_zero(weeks))
            })?;
            for (&at, &row) in model.buyers.iter().zip(model.histories.row_of_customer()) {
                (alive[at as usize], zero[at as usize]) = by_row[row as usize];
            }
        }
        Ok((alive, zero))
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

fn model_parameters(future: &Future<'_, '_, '_>) -> ModelParameters {
    let model = future.served.model.as_ref();
    ModelParameters {
        count: model.map(|model| model.count.report()),
        tried: model.map_or_else(Vec::new, |model| model.count.tried.clone()),
        value: model.and_then(|model| model.value.report()),
        value_independence: super::diagnostics::value_independence(future.snapshot),
        season: model.and_then(|model| model.season),
        season_factor: future.season(),
        total_spread: future.total_spread,
        boosting: future.served.boosting,
    }
}

/// Repeat purchases by week against the model of the latest split, or of today without a hold-out.
fn tracking(
    snapshot: &Snapshot<'_>,
    evaluated: &[Evaluated<'_, '_>],
    model: Option<&Probabilistic<'_, '_>>,
    stop: &StopToken,
) -> Result<Option<Tracking>, Stopped> {
    let Some(model) = model else {
        return Ok(None);
    };
    let latest = evaluated.first();
    let split_day = latest.map(|latest| latest.hold_out.snapshot.day());
    let fitted = latest.map_or(model, |latest| &latest.model);
    let known_until = split_day.unwrap_or_else(|| snapshot.day());
    let count = RepeatPurchases::count(snapshot, known_until, &fitted.count.fit.model, stop)?;
    let Some(purchases) = count else {
        return Ok(None);
    };
    let weeks = purchases.by_week(stop)?;
    Ok(Some(Tracking { split_day, weeks }))
}
