//! The shape of the response: customers, totals, tracking.

use std::collections::BTreeMap;

use clientela_methods::clv::{
    ClvReport, CustomerForecast, Family, GroupTotal, Interval, TrackedWeek, Tracking as Found,
    ValueBasis,
};
use clientela_narrative::{Language, Say as _};
use clientela_tables::Date;
use schemars::JsonSchema;
use serde::Serialize;

use super::Table;
use super::evidence::{self, Validation};
use super::explain::{self, Drivers, Explanations};
use super::model::{self, ModelParameters};
use super::prose::Reading;
use super::standing::{self, Standing};
use crate::limits;
use crate::wire::{Count, Currency, Fixed, Money, Score};

/// Expected numbers of purchases: four decimals, as the published tables of such models print them.
pub type Purchases = Fixed<4>;

/// What every customer will bring, and how that was tested.
#[derive(Serialize, JsonSchema)]
pub struct CustomerClvForecastResponse {
    /// The family that serves: `BG/NBD + Gamma-Gamma`, `GradientBoosting`, or `HistoricalMean` with too few repeat buyers.
    #[schemars(extend("enum" = ["BG/NBD + Gamma-Gamma", "GradientBoosting", "HistoricalMean"]))]
    pub best_algorithm: &'static str,
    /// As sent.
    #[schemars(extend("minimum" = limits::HORIZON_MONTHS.start(), "maximum" = limits::HORIZON_MONTHS.end()))]
    pub horizon_months: u32,
    /// The last day of the horizon.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "date"))]
    pub horizon_end: Option<String>,
    /// What values stand for: `margin` where every transaction has a cost, else `amount`.
    #[schemars(extend("enum" = ["margin", "amount"]))]
    pub value_basis: &'static str,
    /// Probability with which what comes is to lie from `confidence_lower` to `confidence_upper`, as sent.
    #[schemars(extend("minimum" = limits::CONFIDENCE_LEVELS.start(), "maximum" = limits::CONFIDENCE_LEVELS.end()))]
    pub confidence_level: f64,
    /// Mean absolute error per customer of each family on hold-outs; empty without a hold-out.
    pub evaluation_mae: BTreeMap<&'static str, Money>,
    /// In the order of the request.
    pub customers: Vec<ClvForecastCustomer>,
    /// All customers together, and each tier.
    pub totals: Totals,
    /// How well the families forecast what is already known.
    pub validation: Validation,
    /// The fitted models.
    pub model_parameters: ModelParameters,
    /// Repeat purchases by week, expected and actual; left out where no count model was fitted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tracking: Option<Tracking>,
    /// For drawings only.
    #[serde(skip)]
    pub currency: Option<Currency>,
}

/// One customer's forecast.
#[derive(Serialize, JsonSchema)]
pub struct ClvForecastCustomer {
    /// As sent.
    customer_id: String,
    /// Expected value within the horizon, discounted.
    predicted_clv: Money,
    /// The family that made the forecast.
    #[schemars(extend("enum" = ["BG/NBD + Gamma-Gamma", "GradientBoosting", "HistoricalMean"]))]
    algorithm_used: &'static str,
    /// By place in the base: Low up to the 30th percentile of the forecasts, also where all are equal; High from the 70th; else Medium.
    #[schemars(extend("enum" = ["High", "Medium", "Low"]))]
    clv_tier: &'static str,
    /// What that means, and what to do.
    interpretation: String,
    /// What the forecast rests on, one sentence for each part.
    explanations: Explanations,
    /// Lower end of the interval of what the customer will bring; left out without a model.
    #[serde(skip_serializing_if = "Option::is_none")]
    confidence_lower: Option<Money>,
    /// Its upper end.
    #[serde(skip_serializing_if = "Option::is_none")]
    confidence_upper: Option<Money>,
    /// Lower end of the interval of `predicted_clv` itself, given what the data leave open; left out without a model.
    #[serde(skip_serializing_if = "Option::is_none")]
    expected_lower: Option<Money>,
    /// Its upper end.
    #[serde(skip_serializing_if = "Option::is_none")]
    expected_upper: Option<Money>,
    /// Probability of still being a customer; left out where the model knows no dropout, and without a model.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("minimum" = 0, "maximum" = 1))]
    probability_alive: Option<Score>,
    /// Probability of no purchase within the horizon; left out without a model.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("minimum" = 0, "maximum" = 1))]
    probability_zero: Option<Score>,
    /// Expected purchases within the horizon.
    #[schemars(extend("minimum" = 0))]
    expected_purchases: Purchases,
    /// The same, under the name that published clients use.
    #[schemars(extend("minimum" = 0))]
    predicted_txns: Purchases,
    /// Expected value of one purchase: margin or amount, as `value_basis` says; times the purchases it is `predicted_clv` before discounting.
    predicted_avg_margin: Money,
    /// The figures behind `explanations`.
    drivers: Drivers,
}

/// Sums over customers of this request; those yet to come are not in them.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ClvTotals")]
pub struct Totals {
    /// All customers.
    #[serde(flatten)]
    all: Group,
    /// Each tier, best first.
    tiers: Vec<TierTotal>,
}

/// One tier of the base.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ClvTierTotal")]
struct TierTotal {
    /// The tier.
    #[schemars(extend("enum" = ["High", "Medium", "Low"]))]
    clv_tier: &'static str,
    /// Its figures.
    #[serde(flatten)]
    group: Group,
}

/// What a group of customers is expected to bring.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ClvGroupTotal")]
struct Group {
    /// Customers in it.
    n_customers: Count,
    /// Expected value within the horizon, discounted.
    predicted_clv: Money,
    /// Lower end of the interval of the sum, which is not the sum of intervals.
    #[serde(skip_serializing_if = "Option::is_none")]
    confidence_lower: Option<Money>,
    /// Its upper end.
    #[serde(skip_serializing_if = "Option::is_none")]
    confidence_upper: Option<Money>,
    /// Expected purchases within the horizon.
    #[schemars(extend("minimum" = 0))]
    expected_purchases: Purchases,
    /// Lower end of their interval.
    #[serde(skip_serializing_if = "Option::is_none")]
    purchases_lower: Option<Purchases>,
    /// Its upper end.
    #[serde(skip_serializing_if = "Option::is_none")]
    purchases_upper: Option<Purchases>,
}

/// Repeat purchases by week, of customers known to the model.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ClvTracking")]
pub struct Tracking {
    /// Last day that the model knew: what comes after is a test. Left out where there is no hold-out, and the model knew everything.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "date"))]
    pub split_date: Option<String>,
    /// From the very first purchase on; the last one may be shorter.
    pub weeks: Vec<Week>,
}

/// Repeat purchases of one week and until its end.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ClvTrackedWeek")]
pub struct Week {
    /// 1 for the week that begins with the very first purchase.
    #[schemars(extend("minimum" = 1))]
    pub week: u32,
    /// Last day of the week.
    #[schemars(extend("format" = "date"))]
    pub week_end: String,
    /// Repeat purchases within the week.
    pub actual: Count,
    /// Repeat purchases the model expects within the week.
    #[schemars(extend("minimum" = 0))]
    pub expected: Purchases,
    /// All repeat purchases until then.
    pub actual_cumulative: Count,
    /// All repeat purchases the model expects until then.
    #[schemars(extend("minimum" = 0))]
    pub expected_cumulative: Purchases,
}

pub fn respond(
    table: &Table,
    report: &ClvReport,
    language: Language,
) -> CustomerClvForecastResponse {
    let today = table.buyers.histories.today().days_since_epoch();
    let horizon_end = Date::from_days(today + report.horizon_days as i32);
    let families = report.validation.families.iter();
    let standings = standing::standings(&report.customers);
    let forecasts = report.customers.iter().zip(standings);
    let customers = table.buyers.histories.ids().iter().zip(forecasts);
    CustomerClvForecastResponse {
        best_algorithm: report.best.name(),
        horizon_months: table.options.horizon_months,
        horizon_end: horizon_end.map(|date| date.to_string()),
        value_basis: match report.basis {
            ValueBasis::Margin => "margin",
            ValueBasis::Amount => "amount",
        },
        confidence_level: table.options.confidence_level,
        evaluation_mae: families
            .filter(|score| score.family != Family::HistoricalMean)
            .map(|score| (score.family.name(), Money::new(score.scores.mae)))
            .collect(),
        customers: customers
            .map(|(id, forecast)| customer(id, forecast, table, report, language))
            .collect(),
        totals: totals(report),
        validation: evidence::respond(table, report, language),
        model_parameters: model::respond(report, language),
        tracking: report.tracking.as_ref().map(tracking),
        currency: table.currency,
    }
}

fn customer(
    id: &str,
    (forecast, standing): (&CustomerForecast, Standing),
    table: &Table,
    report: &ClvReport,
    language: Language,
) -> ClvForecastCustomer {
    let reading = Reading {
        forecast,
        standing,
        options: &table.options,
        currency: table.currency,
    };
    let ends = |interval: Option<Interval>| {
        let lower = interval.map(|interval| Money::new(interval.lower));
        (lower, interval.map(|interval| Money::new(interval.upper)))
    };
    let (confidence_lower, confidence_upper) = ends(forecast.prediction);
    let (expected_lower, expected_upper) = ends(forecast.expectation);
    let purchases = Purchases::new(forecast.purchases);
    ClvForecastCustomer {
        customer_id: id.to_owned(),
        predicted_clv: Money::new(forecast.value),
        algorithm_used: report.best.name(),
        clv_tier: forecast.tier.name(),
        interpretation: reading.say(language),
        explanations: explain::sentences(&reading, language),
        confidence_lower,
        confidence_upper,
        expected_lower,
        expected_upper,
        probability_alive: forecast.probability_alive.map(Score::new),
        probability_zero: forecast.probability_zero.map(Score::new),
        expected_purchases: purchases,
        predicted_txns: purchases,
        predicted_avg_margin: Money::new(forecast.value_per_purchase),
        drivers: explain::drivers(forecast),
    }
}

fn totals(report: &ClvReport) -> Totals {
    use clientela_methods::clv::ClvTier;
    let tiers = ClvTier::ALL.into_iter().zip(&report.totals.tiers);
    Totals {
        all: group(&report.totals.all),
        tiers: tiers
            .map(|(tier, total)| TierTotal {
                clv_tier: tier.name(),
                group: group(total),
            })
            .collect(),
    }
}

fn group(total: &GroupTotal) -> Group {
    let value = total.value_interval;
    let purchases = total.purchases_interval;
    Group {
        n_customers: total.n_customers as Count,
        predicted_clv: Money::new(total.value),
        confidence_lower: value.map(|interval| Money::new(interval.lower)),
        confidence_upper: value.map(|interval| Money::new(interval.upper)),
        expected_purchases: Purchases::new(total.purchases),
        purchases_lower: purchases.map(|interval| Purchases::new(interval.lower)),
        purchases_upper: purchases.map(|interval| Purchases::new(interval.upper)),
    }
}

fn tracking(found: &Found) -> Tracking {
    Tracking {
        split_date: found.split_day.map(day),
        weeks: found.weeks.iter().zip(1..).map(week).collect(),
    }
}

fn week((tracked, week): (&TrackedWeek, u32)) -> Week {
    Week {
        week,
        week_end: day(tracked.end_day),
        actual: tracked.actual as Count,
        expected: Purchases::new(tracked.expected),
        actual_cumulative: tracked.actual_cumulative as Count,
        expected_cumulative: Purchases::new(tracked.expected_cumulative),
    }
}

/// A day of the past as text.
pub fn day(days: i32) -> String {
    let date = Date::from_days(days);
    date.expect("days of a base are dates").to_string()
}
