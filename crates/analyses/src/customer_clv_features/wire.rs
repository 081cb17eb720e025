//! The shapes of request and response.

use clientela_methods::clv::{ClvFeatures, ClvFeaturesReport, PotentialTier, ValueBasis};
use clientela_narrative::{Language, Say as _};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Table;
use super::prose::{Explained, Metric, Reading};
use crate::limits;
use crate::spine::Scope;
use crate::wire::purchases::{self, BuyerRows, Options};
use crate::wire::{Calendar, Check, Count, Flag, Full, Maybe, Money, Whole};

/// A customer base to measure.
#[derive(Deserialize, JsonSchema)]
pub struct CustomerClvFeaturesRequest<'a> {
    /// The date up to which purchases are known; by default the server's UTC date.
    #[serde(default)]
    today: Maybe<Calendar>,
    /// Leave transactions after `today` out instead of refusing them: the answer is what was known on that day.
    #[serde(default)]
    #[schemars(extend("default" = false))]
    ignore_later_transactions: Maybe<Flag>,
    /// Take every negative amount for a refund, also without a `transaction_id`.
    #[serde(default)]
    #[schemars(extend("default" = false))]
    allow_refunds: Maybe<Flag>,
    /// Days without a purchase from which a customer counts as churned.
    #[serde(default)]
    #[schemars(extend("minimum" = limits::WINDOW_DAYS.start(), "maximum" = limits::WINDOW_DAYS.end(), "default" = DEFAULT_CHURN_THRESHOLD_DAYS))]
    churn_threshold_days: Maybe<Whole>,
    /// The base, one entry for each customer.
    #[schemars(extend("minItems" = 1))]
    #[serde(borrow)]
    customers: BuyerRows<'a>,
}

/// A quarter: what most shops that sell more than once a year take.
const DEFAULT_CHURN_THRESHOLD_DAYS: i64 = 90;

pub fn validate(
    request: CustomerClvFeaturesRequest<'_>,
    scope: &Scope,
    check: &mut Check,
) -> Option<Table> {
    let churn_threshold_days = check.optional_whole(
        "churn_threshold_days",
        request.churn_threshold_days,
        limits::WINDOW_DAYS,
    );
    let options = Options {
        today: request.today,
        allow_refunds: request.allow_refunds,
        ignore_later: request.ignore_later_transactions,
    };
    let buyers = purchases::buyers(request.customers, options, scope, check);
    Some(Table {
        churn_threshold_days: churn_threshold_days?.unwrap_or(DEFAULT_CHURN_THRESHOLD_DAYS) as u32,
        buyers: buyers?,
        currency: scope.currency,
    })
}

/// The figures of the base.
#[derive(Serialize, JsonSchema)]
pub struct CustomerClvFeaturesResponse {
    /// In the order of the request.
    customers: Vec<ClvCustomer>,
    /// The base at a glance.
    summary: Summary,
}

/// One customer's figures.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ClvFeaturesCustomer")]
struct ClvCustomer {
    /// As sent.
    customer_id: String,
    /// Repeat purchases: days with a purchase, less one.
    frequency: u32,
    /// Days from the first purchase to the last.
    #[schemars(extend("minimum" = 0))]
    recency: Full,
    /// Days from the first purchase to `today`.
    #[serde(rename = "T")]
    #[schemars(extend("minimum" = 0))]
    age: Full,
    /// Mean value of the repeat purchases; 0.0 for one-time buyers.
    monetary_value: Money,
    /// What the value stands for: `margin` where every transaction of the customer has a cost, else `amount`.
    #[schemars(extend("enum" = ["margin", "amount"]))]
    value_basis: &'static str,
    /// Days from the last purchase to `today`.
    days_since_last_purchase: u32,
    /// Whether these are at least `churn_threshold_days`.
    churned: bool,
    /// High: a repeat buyer from the 70th percentile of `monetary_value` on; Medium: any other repeat buyer; Low: everybody else.
    #[schemars(extend("enum" = ["High", "Medium", "Low"]))]
    clv_potential_tier: &'static str,
    /// What that means, and what to do.
    interpretation: String,
    /// One sentence for each figure.
    explanations: Explanations,
}

/// One sentence for each figure of a customer.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ClvFeaturesExplanations")]
struct Explanations {
    /// About the repeat purchases.
    frequency: String,
    /// About the span from first to last.
    recency: String,
    /// About the span since the first.
    #[serde(rename = "T")]
    age: String,
    /// About their mean value.
    monetary_value: String,
    /// About the time since the last.
    churned: String,
    /// About the place in the base.
    clv_potential_tier: String,
}

/// The base at a glance.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ClvFeaturesSummary")]
struct Summary {
    /// All customers.
    n_customers: Count,
    /// Those with a repeat purchase.
    n_repeat_buyers: Count,
    /// Those whose last purchase is at least `churn_threshold_days` ago.
    n_churned: Count,
    /// Every tier, best first.
    tiers: Vec<TierCount>,
    /// `monetary_value` from which a repeat buyer is High; `null` without repeat buyers.
    high_from: Option<Money>,
    /// The threshold that was used.
    churn_threshold_days: u32,
}

/// One tier of the base.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ClvPotentialTierCount")]
struct TierCount {
    /// The tier.
    #[schemars(extend("enum" = ["High", "Medium", "Low"]))]
    tier: &'static str,
    /// Customers in it.
    n_customers: Count,
}

pub fn respond(
    table: &Table,
    report: &ClvFeaturesReport,
    language: Language,
) -> CustomerClvFeaturesResponse {
    let reading = |features| Reading {
        features,
        high_from: report.high_from,
        churn_threshold_days: table.churn_threshold_days,
        currency: table.currency,
    };
    let customers = table.buyers.histories.ids().iter().zip(&report.customers);
    CustomerClvFeaturesResponse {
        customers: customers
            .map(|(id, features)| customer(id, &reading(features), language))
            .collect(),
        summary: summary(table, report),
    }
}

fn customer(id: &str, reading: &Reading<'_>, language: Language) -> ClvCustomer {
    let features = reading.features;
    let explained = |metric| Explained { reading, metric }.say(language);
    ClvCustomer {
        customer_id: id.to_owned(),
        frequency: features.frequency,
        recency: Full::new(f64::from(features.recency_days)),
        age: Full::new(f64::from(features.age_days)),
        monetary_value: Money::new(features.monetary_value),
        value_basis: match features.basis {
            ValueBasis::Margin => "margin",
            ValueBasis::Amount => "amount",
        },
        days_since_last_purchase: reading.days_since_last(),
        churned: features.churned,
        clv_potential_tier: features.tier.name(),
        interpretation: reading.say(language),
        explanations: Explanations {
            frequency: explained(Metric::Frequency),
            recency: explained(Metric::Recency),
            age: explained(Metric::Age),
            monetary_value: explained(Metric::MonetaryValue),
            churned: explained(Metric::Churned),
            clv_potential_tier: explained(Metric::Tier),
        },
    }
}

fn summary(table: &Table, report: &ClvFeaturesReport) -> Summary {
    let count = |holds: &dyn Fn(&ClvFeatures) -> bool| {
        report.customers.iter().filter(|f| holds(f)).count() as Count
    };
    let tiers = PotentialTier::ALL.map(|tier| TierCount {
        tier: tier.name(),
        n_customers: count(&|features| features.tier == tier),
    });
    Summary {
        n_customers: report.customers.len() as Count,
        n_repeat_buyers: count(&|features| features.frequency > 0),
        n_churned: count(&|features| features.churned),
        tiers: tiers.into(),
        high_from: report.high_from.map(Money::new),
        churn_threshold_days: table.churn_threshold_days,
    }
}
