//! The forecast: evidence first, then the family that serves, refitted on everything.

use clientela_numerics::{ExactSum, StopToken, Stopped};
use clientela_tables::PurchaseHistories;

use super::base::Base;
use super::calendar::{days_to_months_later, month_ends};
use super::calibration;
use super::challenger::Challenger;
use super::coverage;
use super::diagnostics;
use super::evaluation::{Evaluated, Pool};
use super::evidence;
use super::future::Future;
use super::historical_mean;
use super::holdout::{self, HoldOuts};
use super::probabilistic::{Horizon, Probabilistic};
use super::remarks::{self, Findings};
use super::report::{ClvReport, FamilyChoice, ForecastOptions, ModelParameters, Tracking};
use super::served::{challenge, serve};
use super::snapshot::Snapshot;
use super::tracking::RepeatPurchases;

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
        tenths_off: calibration::off(&pool.rows(verdict.best)),
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

fn model_parameters(future: &Future<'_, '_, '_>) -> ModelParameters {
    let model = future.served.model.as_ref();
    ModelParameters {
        count: model.map(|model| model.count.report()),
        tried: model.map_or_else(Vec::new, |model| model.count.tried.clone()),
        value: model.and_then(|model| model.value.report()),
        value_independence: diagnostics::value_independence(future.snapshot),
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
