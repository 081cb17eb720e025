//! The shape of the request.

use clientela_methods::loyalty::{LoyaltyParams, Range};
use clientela_tables::{Cohort, LoyaltyMetric, N_METRICS, UniqueIds};
use schemars::{JsonSchema, Schema};
use serde::Deserialize;

use super::Table;
use super::thresholds::{Thresholds, thresholds};
use crate::limits;
use crate::wire::messages;
use crate::wire::{Check, Dictionary, Field, Id, Maybe, Number, Row};
use clientela_narrative::words;

/// A cohort to rank.
#[derive(Deserialize, JsonSchema)]
pub struct CustomerLoyaltyRequest<'a> {
    /// How much each metric weighs; those not named weigh 0. By default 0.25, 0.30, 0.10, 0.15 and 0.20.
    #[serde(borrow, default)]
    #[schemars(transform = metrics_only)]
    weights: Maybe<Dictionary<'a, Number>>,
    /// The scores from which Platinum, Gold, Silver and Bronze begin; by default 0.85, 0.70, 0.50 and 0.30.
    #[serde(borrow, default)]
    segment_thresholds: Maybe<Thresholds<'a>>,
    /// Ranges to scale by in place of the cohort's own, as an answer returns them.
    #[serde(borrow, default)]
    #[schemars(transform = metrics_only)]
    ranges: Maybe<Dictionary<'a, Row<RangeRow>>>,
    /// The cohort, one entry for each customer.
    #[schemars(extend("minItems" = 1))]
    #[serde(borrow)]
    customers: Field<Vec<Field<Row<CustomerRow<'a>>>>>,
}

/// One customer.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "LoyaltyCustomerRow")]
struct CustomerRow<'a> {
    /// The customer's id; each only once.
    #[serde(borrow)]
    customer_id: Field<Id<'a>>,
    /// The customer's figures, as `customer_features` returns them; every metric with a weight is required.
    features: Field<Row<FeatureRow>>,
}

/// Figures of a customer.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "LoyaltyFeatures")]
struct FeatureRow {
    /// Money spent in all.
    #[serde(default)]
    #[schemars(extend("minimum" = 0))]
    purchase_total: Maybe<Number>,
    /// Number of orders.
    #[serde(default)]
    #[schemars(extend("minimum" = 0))]
    visit_frequency: Maybe<Number>,
    /// Money spent per order.
    #[serde(default)]
    #[schemars(extend("minimum" = 0))]
    avg_ticket: Maybe<Number>,
    /// Number of distinct products.
    #[serde(default)]
    #[schemars(extend("minimum" = 0))]
    product_diversity: Maybe<Number>,
    /// Days since the last order.
    #[serde(default)]
    #[schemars(extend("minimum" = 0))]
    recency_days: Maybe<Number>,
}

/// From where to where a metric is scaled.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "LoyaltyRangeRow")]
struct RangeRow {
    /// Lowest value.
    #[schemars(extend("minimum" = 0))]
    min: Field<Number>,
    /// Highest value, at least `min`.
    #[schemars(extend("minimum" = 0))]
    max: Field<Number>,
}

pub fn validate(request: CustomerLoyaltyRequest<'_>, check: &mut Check) -> Option<Table> {
    let weights = weights(request.weights, check);
    let thresholds = thresholds(request.segment_thresholds, check);
    let ranges = ranges(request.ranges, check);
    // Where the weights are wrong, the rest is still checked, as if every metric were optional.
    let required = weights
        .unwrap_or([0.0; N_METRICS])
        .map(|weight| weight > 0.0);
    let mut columns: [Vec<f64>; N_METRICS] = Default::default();
    let mut ids = UniqueIds::with_capacity(request.customers.n_elements());
    let rows = check.rows("customers", request.customers, |check, row| {
        let id = check.unique_id("customer_id", row.customer_id, &mut ids);
        let features = check.required("features", row.features);
        let values = features.and_then(|Row(features)| {
            check.within("features", |check| values(features, &required, check))
        });
        id?;
        for (column, value) in columns.iter_mut().zip(values?) {
            column.extend(value);
        }
        Some(())
    });
    rows?;
    Some(Table {
        cohort: Cohort {
            ids: ids.into_ids(),
            columns,
        },
        params: LoyaltyParams {
            weights: weights?,
            thresholds: thresholds?,
            ranges: ranges?,
        },
    })
}

/// The values of the required metrics; the others are not looked at.
fn values(
    features: FeatureRow,
    required: &[bool; N_METRICS],
    check: &mut Check,
) -> Option<[Option<f64>; N_METRICS]> {
    let fields = [
        features.purchase_total,
        features.visit_frequency,
        features.avg_ticket,
        features.product_diversity,
        features.recency_days,
    ];
    let mut values = [None; N_METRICS];
    let mut n_rejected = 0;
    for (metric, Maybe(field)) in LoyaltyMetric::ALL.into_iter().zip(fields) {
        if required[metric as usize] {
            let value = check.number(metric.key(), field, 0.0..=limits::AMOUNT_MAX);
            values[metric as usize] = value;
            n_rejected += usize::from(value.is_none());
        }
    }
    (n_rejected == 0).then_some(values)
}

/// Says in the schema which keys there are.
fn metrics_only(schema: &mut Schema) {
    let names = LoyaltyMetric::ALL.map(LoyaltyMetric::key);
    schema.insert(
        "propertyNames".to_owned(),
        serde_json::json!({ "enum": names }),
    );
}

/// One entry of a dictionary over metrics: the metric, or a message that there is no such metric.
fn metric_of(name: &str, check: &mut Check) -> Option<LoyaltyMetric> {
    let metric = LoyaltyMetric::from_key(name);
    if metric.is_none() {
        let names = LoyaltyMetric::ALL.map(LoyaltyMetric::key);
        check.reject(messages::shortened(name), || {
            messages::unknown_word(name, &names)
        });
    }
    metric
}

fn weights(field: Maybe<Dictionary<'_, Number>>, check: &mut Check) -> Option<[f64; N_METRICS]> {
    let Some(Dictionary(entries)) = check.optional("weights", field)? else {
        return Some(LoyaltyParams::default().weights);
    };
    let n_before = check.n_rejected();
    let mut weights = [0.0; N_METRICS];
    check.within("weights", |check| {
        for (name, field) in entries {
            let Some(metric) = metric_of(&name, check) else {
                continue;
            };
            let weight =
                check.optional_number(metric.key(), Maybe(field), 0.0..=limits::WEIGHT_MAX);
            weights[metric as usize] = weight.flatten().unwrap_or(0.0) + 0.0;
        }
    });
    if check.n_rejected() > n_before {
        return None;
    }
    if weights == [0.0; N_METRICS] {
        check.reject("weights", all_zero);
        return None;
    }
    Some(weights)
}

fn all_zero() -> clientela_narrative::Words {
    words!(
        "must give at least one metric a weight above 0",
        "debe dar a al menos una métrica un peso mayor que 0",
        "deve dar a pelo menos uma métrica um peso maior que 0",
    )
}

fn ranges(
    field: Maybe<Dictionary<'_, Row<RangeRow>>>,
    check: &mut Check,
) -> Option<[Option<Range>; N_METRICS]> {
    let mut ranges = [None; N_METRICS];
    let Some(Dictionary(entries)) = check.optional("ranges", field)? else {
        return Some(ranges);
    };
    let n_before = check.n_rejected();
    check.within("ranges", |check| {
        for (name, field) in entries {
            let Some(metric) = metric_of(&name, check) else {
                continue;
            };
            let row = check.optional(metric.key(), Maybe(field)).flatten();
            ranges[metric as usize] =
                row.and_then(|Row(row)| check.within(metric.key(), |check| range(row, check)));
        }
    });
    (check.n_rejected() == n_before).then_some(ranges)
}

fn range(row: RangeRow, check: &mut Check) -> Option<Range> {
    let min = check.number("min", row.min, 0.0..=limits::AMOUNT_MAX);
    let max = check.number("max", row.max, 0.0..=limits::AMOUNT_MAX);
    let (min, max) = (min? + 0.0, max? + 0.0);
    if min > max {
        let message = words!(
            "must be at least min, which is {min}; got {max}",
            "debe ser como mínimo min, que es {min}; se recibió {max}",
            "deve ser no mínimo min, que é {min}; foi recebido {max}",
        );
        check.reject("max", || message);
        return None;
    }
    Some(Range { min, max })
}
