//! The shape of a request with feature vectors.

use clientela_tables::{FeatureVector, FeatureVectors, UniqueIds};
use schemars::JsonSchema;
use serde::Deserialize;

use super::Table;
use crate::spine::Scope;
use crate::wire::segmentation::{self, Defaults};
use crate::wire::{Check, Field, Id, Maybe, Number, Row, Whole};
use crate::{Warning, limits};
use clientela_narrative::words;

/// A base of feature vectors, in `data` or in `customers`, as `customer_features` returns them.
#[derive(Deserialize, JsonSchema)]
#[schemars(
    rename = "FeatureVectorsRequest",
    extend("anyOf" = [{ "required": ["data"] }, { "required": ["customers"] }])
)]
pub struct VectorsRequest<'a> {
    /// The base, one entry for each customer; or in `customers`.
    #[serde(borrow, default)]
    #[schemars(extend("minItems" = 1))]
    data: Maybe<Vec<Field<Row<VectorRow<'a>>>>>,
    /// The base, one entry for each customer; or in `data`.
    #[serde(borrow, default)]
    #[schemars(extend("minItems" = 1))]
    customers: Maybe<Vec<Field<Row<VectorRow<'a>>>>>,
    /// Highest number of clusters tried, from 2 on. By default 10 up to 10,000 customers, 15 up to 250,000, 25 beyond.
    #[serde(default)]
    #[schemars(extend("minimum" = 2, "maximum" = 50))]
    max_clusters: Maybe<Whole>,
    /// Radius of a DBSCAN neighborhood in standard deviations. By default 0.45, 0.40 or 0.35 by size.
    #[serde(default)]
    #[schemars(extend("exclusiveMinimum" = 0, "maximum" = 1))]
    dbscan_eps: Maybe<Number>,
    /// Customers that make a neighborhood dense. By default 5, beyond 250,000 customers 7.
    #[serde(default)]
    #[schemars(extend("minimum" = 3))]
    dbscan_min_samples: Maybe<Whole>,
}

/// One customer and the measures.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "FeatureVectorRow")]
struct VectorRow<'a> {
    /// The customer's id; each only once.
    #[serde(borrow)]
    customer_id: Field<Id<'a>>,
    /// The measures.
    features: Field<Row<Features>>,
}

/// Six measures.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "FeatureVector")]
struct Features {
    /// Money spent in all.
    #[schemars(extend("minimum" = 0))]
    purchase_total: Field<Number>,
    /// Number of orders.
    #[schemars(extend("minimum" = 0))]
    visit_frequency: Field<Whole>,
    /// Money spent per order.
    #[schemars(extend("minimum" = 0))]
    avg_ticket: Field<Number>,
    /// Number of distinct products.
    #[schemars(extend("minimum" = 0))]
    product_diversity: Field<Whole>,
    /// A loyalty score of your own; 0 where there is none.
    #[serde(default)]
    #[schemars(extend("minimum" = 0, "maximum" = 1))]
    loyalty_score: Maybe<Number>,
    /// Days since the last order.
    #[schemars(extend("minimum" = 0))]
    recency_days: Field<Whole>,
}

pub fn validate(request: VectorsRequest<'_>, scope: &Scope, check: &mut Check) -> Option<Table> {
    let max_clusters = check.optional_whole(
        "max_clusters",
        request.max_clusters,
        limits::VECTOR_CLUSTERS,
    );
    let dbscan = segmentation::dbscan(request.dbscan_eps, request.dbscan_min_samples, check);
    let vectors = match (request.data.0, request.customers.0) {
        (Field::Absent, customers) => vectors("customers", customers, check),
        (data, Field::Absent) => vectors("data", data, check),
        _ => {
            check.reject_here(|| {
                words!(
                    "has both \"data\" and \"customers\": send one of them",
                    "tiene tanto \"data\" como \"customers\": envíe solo uno de los dos",
                    "tem tanto \"data\" quanto \"customers\": envie só um dos dois",
                )
            });
            None
        }
    };
    let (vectors, dbscan) = (vectors?, dbscan?);
    let defaults = Defaults::for_customers(vectors.len());
    let max_clusters = max_clusters?.map_or(defaults.max_clusters, |k| k as usize);
    Some(Table {
        max_clusters: lowered(max_clusters, vectors.len(), check),
        dbscan: dbscan.or(defaults.dbscan),
        vectors,
        currency: scope.currency,
    })
}

fn vectors(
    key: &'static str,
    rows: Field<Vec<Field<Row<VectorRow<'_>>>>>,
    check: &mut Check,
) -> Option<FeatureVectors> {
    let mut ids = UniqueIds::with_capacity(rows.n_elements());
    let rows = check.rows(key, rows, |check, row| {
        let id = check.unique_id("customer_id", row.customer_id, &mut ids);
        let vector = check
            .required("features", row.features)
            .and_then(|Row(features)| check.within("features", |check| vector(features, check)));
        id?;
        vector
    });
    Some(FeatureVectors::new(ids.into_ids(), rows?))
}

fn vector(features: Features, check: &mut Check) -> Option<FeatureVector> {
    let money = 0.0..=limits::AMOUNT_MAX;
    let counts = 0..=limits::FREQUENCY_MAX;
    let purchase_total = check.number("purchase_total", features.purchase_total, money.clone());
    let visit_frequency = check.whole("visit_frequency", features.visit_frequency, counts.clone());
    let avg_ticket = check.number("avg_ticket", features.avg_ticket, money);
    let product_diversity = check.whole("product_diversity", features.product_diversity, counts);
    let loyalty_score = check.optional_number("loyalty_score", features.loyalty_score, 0.0..=1.0);
    let days = 0..=limits::RECENCY_DAYS_MAX;
    let recency_days = check.whole("recency_days", features.recency_days, days);
    Some(FeatureVector {
        purchase_total: purchase_total? + 0.0,
        visit_frequency: visit_frequency? as f64,
        avg_ticket: avg_ticket? + 0.0,
        product_diversity: product_diversity? as f64,
        loyalty_score: loyalty_score?.unwrap_or(0.0) + 0.0,
        recency_days: recency_days? as f64,
    })
}

/// At most one cluster fewer than customers. Where not even two are possible, two are tried all the same, so that the
/// answer says what they would need.
fn lowered(max_clusters: usize, n_customers: usize, check: &mut Check) -> usize {
    let possible = n_customers - 1;
    if max_clusters <= possible {
        return max_clusters;
    }
    if possible < 2 {
        return 2;
    }
    check.warn(
        Warning::new(
            "max_clusters_lowered",
            words!(
                "max_clusters is {possible} instead of {max_clusters}: there must be more customers than clusters.",
                "max_clusters es {possible} en lugar de {max_clusters}: debe haber más clientes que grupos.",
                "max_clusters é {possible} em vez de {max_clusters}: deve haver mais clientes do que grupos.",
            ),
        )
        .at("max_clusters")
        .figure("max_clusters", possible)
        .figure("asked_for", max_clusters),
    );
    possible
}
