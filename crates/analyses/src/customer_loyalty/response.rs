//! The shape of the response; the only place that rounds.

use std::borrow::Cow;

use clientela_methods::loyalty::{LoyaltyReport, LoyaltyScore, LoyaltyTier, NextTier, Range};
use clientela_narrative::Language;
use clientela_tables::{LoyaltyMetric, N_METRICS};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::Table;
use super::prose::{Overview, Reading};
use crate::wire::{Count, Full, LoyaltyPoints, Percent, Score};

/// Scores and tiers of the cohort.
#[derive(Serialize, JsonSchema)]
pub struct CustomerLoyaltyResponse {
    /// In the order of the request.
    customers: Vec<LoyalCustomer>,
    /// The cohort at a glance.
    summary: Summary,
    /// By what each metric was scaled; send it as `ranges` to score another batch alike.
    ranges: ByMetric<LoyaltyRange>,
    /// The weights that counted, adding up to 1; without metrics that do not differ.
    weights: ByMetric<Score>,
    /// The scores from which the tiers begin.
    segment_thresholds: ByTier<LoyaltyPoints>,
}

/// One customer's place in the cohort.
#[derive(Serialize, JsonSchema)]
struct LoyalCustomer {
    /// As sent.
    customer_id: String,
    /// 0 (worst on every metric) to 1 (best on every metric).
    loyalty_score: LoyaltyPoints,
    /// Platinum, Gold, Silver, Bronze or At-Risk.
    segment: &'static str,
    /// What each metric adds to the score; `null` where nothing could be ranked.
    contributions: Option<ByMetric<LoyaltyPoints>>,
    /// The way to the tier above; `null` at the top, and where no single change suffices.
    next_tier: Option<WayUp>,
    /// What that means, and what to do.
    interpretation: String,
}

/// The way to the tier above.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "LoyaltyNextTier")]
struct WayUp {
    /// The tier above.
    tier: &'static str,
    /// What the score lacks.
    gap: LoyaltyPoints,
    /// Changes of which each alone suffices, the smallest move first.
    changes: Vec<LoyaltyChange>,
}

/// A change of one metric.
#[derive(Serialize, JsonSchema)]
struct LoyaltyChange {
    /// Which.
    metric: &'static str,
    /// The customer's value.
    from: Full,
    /// The value that suffices, within the range of the metric.
    to: Full,
    /// How far that moves the customer among the cohort's values, in percentage points.
    percentile_move: Percent,
}

/// The cohort at a glance.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "LoyaltySummary")]
struct Summary {
    /// Mean of the scores before rounding.
    mean_score: LoyaltyPoints,
    /// Median of the scores before rounding.
    median_score: LoyaltyPoints,
    /// 90th percentile of the scores before rounding.
    top_decile_threshold: LoyaltyPoints,
    /// Customers in each tier that is present.
    segment_counts: ByTier<Count>,
    /// The same in a sentence.
    interpretation: String,
}

/// From where to where a metric is scaled.
#[derive(Clone, Copy, Serialize, JsonSchema)]
struct LoyaltyRange {
    /// Lowest value.
    min: Full,
    /// Highest value.
    max: Full,
}

/// A value for each metric that has one.
struct ByMetric<T>([Option<T>; N_METRICS]);

/// A value for each tier that has one, best first.
struct ByTier<T>([Option<T>; 5]);

fn serialize_present<S: Serializer, T: Serialize>(
    names: &[&str],
    values: &[Option<T>],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(None)?;
    for (name, value) in names.iter().zip(values) {
        if let Some(value) = value {
            map.serialize_entry(name, value)?;
        }
    }
    map.end()
}

fn schema_of<T: JsonSchema>(names: &[&str], generator: &mut SchemaGenerator) -> Schema {
    let value = generator.subschema_for::<T>();
    let properties = names
        .iter()
        .map(|name| ((*name).to_owned(), value.clone().to_value()));
    let properties: serde_json::Map<_, _> = properties.collect();
    json_schema!({ "type": "object", "properties": properties })
}

macro_rules! present_values {
    ($outer:ident, $names:expr) => {
        impl<T: Serialize> Serialize for $outer<T> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serialize_present(&$names, &self.0, serializer)
            }
        }
        impl<T: JsonSchema> JsonSchema for $outer<T> {
            fn inline_schema() -> bool {
                true
            }
            fn schema_name() -> Cow<'static, str> {
                format!("{}Of{}", stringify!($outer), T::schema_name()).into()
            }
            fn json_schema(generator: &mut SchemaGenerator) -> Schema {
                schema_of::<T>(&$names, generator)
            }
        }
    };
}
present_values!(ByMetric, LoyaltyMetric::ALL.map(LoyaltyMetric::key));
present_values!(ByTier, LoyaltyTier::ALL.map(LoyaltyTier::name));

pub fn respond(
    table: &Table,
    report: &LoyaltyReport,
    language: Language,
) -> CustomerLoyaltyResponse {
    let customers = table.cohort.ids.iter().zip(&report.customers);
    let range = |Range { min, max }| LoyaltyRange {
        min: Full::new(min),
        max: Full::new(max),
    };
    let [platinum, gold, silver, bronze] = report.thresholds.map(LoyaltyPoints::new).map(Some);
    CustomerLoyaltyResponse {
        customers: customers
            .map(|(id, scored)| customer(id, scored, report, language))
            .collect(),
        summary: summary(report, language),
        ranges: ByMetric(report.ranges.map(|given| given.map(range))),
        weights: ByMetric(report.weights.map(|weight| weight.map(Score::new))),
        segment_thresholds: ByTier([platinum, gold, silver, bronze, None]),
    }
}

fn customer(
    id: &str,
    scored: &LoyaltyScore,
    report: &LoyaltyReport,
    language: Language,
) -> LoyalCustomer {
    let part = |metric: LoyaltyMetric| {
        let index = metric as usize;
        let points = f64::from(scored.contributions[index]) / 1e4;
        report.weights[index].map(|_| LoyaltyPoints::new(points))
    };
    let is_ranked = report.is_ranked();
    LoyalCustomer {
        customer_id: id.to_owned(),
        loyalty_score: LoyaltyPoints::new(scored.rounded),
        segment: scored.tier.name(),
        contributions: is_ranked.then(|| ByMetric(LoyaltyMetric::ALL.map(part))),
        next_tier: scored.next_tier.as_ref().map(way_up),
        interpretation: Reading { scored, is_ranked }.say(language),
    }
}

fn way_up(next: &NextTier) -> WayUp {
    let changes = next.changes.iter().map(|change| LoyaltyChange {
        metric: change.metric.key(),
        from: Full::new(change.from),
        to: Full::new(change.to),
        percentile_move: Percent::new(change.percentile_move),
    });
    WayUp {
        tier: next.tier.name(),
        gap: LoyaltyPoints::new(next.gap),
        changes: changes.collect(),
    }
}

fn summary(report: &LoyaltyReport, language: Language) -> Summary {
    let mut counts = [0; 5];
    for customer in &report.customers {
        counts[customer.tier as usize] += 1;
    }
    Summary {
        mean_score: LoyaltyPoints::new(report.mean),
        median_score: LoyaltyPoints::new(report.median),
        top_decile_threshold: LoyaltyPoints::new(report.top_decile_threshold),
        segment_counts: ByTier(counts.map(|n| (n > 0).then_some(n))),
        interpretation: Overview { report, counts }.say(language),
    }
}
