//! The shape of the request.

use clientela_methods::clv::{
    CountModelChoice, CountModelName, Family, FamilyChoice, ForecastOptions,
};
use schemars::JsonSchema;
use serde::Deserialize;

use super::Table;
use crate::limits;
use crate::spine::Scope;
use crate::wire::choice::{optional_word, optional_words};
use crate::wire::purchases::{self, BuyerRows, Options};
use crate::wire::{Calendar, Check, Field, Flag, Maybe, Number, Text, Whole};

/// A customer base to forecast.
#[derive(Deserialize, JsonSchema)]
pub struct CustomerClvForecastRequest<'a> {
    /// Months to forecast: until the same day so many months later.
    #[serde(default)]
    #[schemars(extend("minimum" = limits::HORIZON_MONTHS.start(), "maximum" = limits::HORIZON_MONTHS.end(), "default" = DEFAULT_HORIZON_MONTHS))]
    horizon_months: Maybe<Whole>,
    /// The date up to which purchases are known; by default the server's UTC date.
    #[serde(default)]
    today: Maybe<Calendar>,
    /// Leave transactions after `today` out instead of refusing them: the forecast of that day.
    #[serde(default)]
    #[schemars(extend("default" = false))]
    ignore_later_transactions: Maybe<Flag>,
    /// Take every negative amount for a refund, also without a `transaction_id`.
    #[serde(default)]
    #[schemars(extend("default" = false))]
    allow_refunds: Maybe<Flag>,
    /// The families that may serve: `BG/NBD + Gamma-Gamma`, `GradientBoosting`, or both, which is the default.
    #[serde(borrow, default)]
    #[schemars(extend("minItems" = 1, "examples" = [["BG/NBD + Gamma-Gamma"]]))]
    models: Maybe<Vec<Field<Text<'a>>>>,
    /// The model of purchase counts: `auto`, `bg_nbd`, `mbg_nbd` or `pareto_nbd`.
    #[serde(borrow, default)]
    #[schemars(extend("default" = "auto"))]
    count_model: Maybe<Text<'a>>,
    /// Yearly rate by which later value counts less.
    #[serde(default)]
    #[schemars(extend("minimum" = limits::DISCOUNT_RATES.start(), "maximum" = limits::DISCOUNT_RATES.end(), "default" = 0))]
    discount_rate_annual: Maybe<Number>,
    /// Probability that an interval is to hold.
    #[serde(default)]
    #[schemars(extend("minimum" = limits::CONFIDENCE_LEVELS.start(), "maximum" = limits::CONFIDENCE_LEVELS.end(), "default" = DEFAULT_CONFIDENCE_LEVEL))]
    confidence_level: Maybe<Number>,
    /// The base, one entry for each customer.
    #[schemars(extend("minItems" = 1))]
    #[serde(borrow)]
    customers: BuyerRows<'a>,
}

const DEFAULT_HORIZON_MONTHS: i64 = 12;
const DEFAULT_CONFIDENCE_LEVEL: f64 = 0.9;

fn families() -> [(&'static str, Family); 2] {
    [Family::Probabilistic, Family::GradientBoosting].map(|family| (family.name(), family))
}

fn count_models() -> [(&'static str, CountModelChoice); 4] {
    let forced = |model: CountModelName| (model.name(), CountModelChoice::Forced(model));
    [
        ("auto", CountModelChoice::Auto),
        forced(CountModelName::BgNbd),
        forced(CountModelName::MbgNbd),
        forced(CountModelName::ParetoNbd),
    ]
}

pub fn validate(
    request: CustomerClvForecastRequest<'_>,
    scope: &Scope,
    check: &mut Check,
) -> Option<Table> {
    let horizon_months = check.optional_whole(
        "horizon_months",
        request.horizon_months,
        limits::HORIZON_MONTHS,
    );
    let families = optional_words("models", request.models, &families(), check);
    let count_model = optional_word("count_model", request.count_model, &count_models(), check);
    let discount_rate_annual = check.optional_number(
        "discount_rate_annual",
        request.discount_rate_annual,
        limits::DISCOUNT_RATES,
    );
    let confidence_level = check.optional_number(
        "confidence_level",
        request.confidence_level,
        limits::CONFIDENCE_LEVELS,
    );
    let options = Options {
        today: request.today,
        allow_refunds: request.allow_refunds,
        ignore_later: request.ignore_later_transactions,
    };
    let buyers = purchases::buyers(request.customers, options, scope, check);
    let options = ForecastOptions {
        horizon_months: horizon_months?.unwrap_or(DEFAULT_HORIZON_MONTHS) as u32,
        families: match families?.as_deref() {
            Some([Family::Probabilistic]) => FamilyChoice::Probabilistic,
            Some([Family::GradientBoosting]) => FamilyChoice::Boosting,
            _ => FamilyChoice::Both,
        },
        count_model: count_model?.unwrap_or(CountModelChoice::Auto),
        discount_rate_annual: discount_rate_annual?.unwrap_or(0.0),
        confidence_level: confidence_level?.unwrap_or(DEFAULT_CONFIDENCE_LEVEL),
        random_seed: scope.seed,
    };
    Some(Table {
        buyers: buyers?,
        options,
        currency: scope.currency,
    })
}
