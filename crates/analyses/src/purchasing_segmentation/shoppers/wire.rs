//! The shape of a request with minimal shopper rows.

use clientela_methods::segmentation::SweepOptions;
use clientela_methods::segmentation::shoppers::ShopperOptions;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::Table;
use crate::spine::Scope;
use crate::wire::segmentation::{self, Defaults};
use crate::wire::shoppers::{self, ShopperRow};
use crate::wire::{Check, Field, Flag, Maybe, Number, Row, Text, Whole};
use clientela_narrative::words;

/// A base of shoppers.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "ShoppersRequest")]
pub struct ShoppersRequest<'a> {
    /// The base, one entry for each shopper.
    #[schemars(extend("minItems" = 1))]
    #[serde(borrow)]
    customers: Field<Vec<Field<Row<ShopperRow<'a>>>>>,
    /// Numbers of clusters tried. By default [3, 4, 5] up to 50,000 shoppers, [3, 4, 5, 6] up to 250,000, [4, 5, 6, 7, 8] beyond.
    #[serde(default)]
    #[schemars(extend("minItems" = 1, "items" = { "type": "integer", "minimum": 2, "maximum": 30 }))]
    k_range: Maybe<Vec<Field<Whole>>>,
    /// Algorithms tried; by default all.
    #[serde(borrow, default)]
    #[schemars(extend("minItems" = 1, "items" = { "enum": ["kmeans", "gmm", "agglo", "dbscan"] }))]
    algorithms: Maybe<Vec<Field<Text<'a>>>>,
    /// Units in which distances are taken; by default those of the data.
    #[serde(borrow, default)]
    #[schemars(extend("enum" = ["none", "zscore", "log_zscore", Value::Null], "default" = "none"))]
    scaling: Maybe<Text<'a>>,
    /// Columns that count: the three numbers, or also one for each of the 50 most bought product types.
    #[serde(borrow, default)]
    #[schemars(extend("enum" = ["numeric", "numeric+categories", Value::Null], "default" = "numeric"))]
    features: Maybe<Text<'a>>,
    /// Radius of a DBSCAN neighborhood in standard deviations. By default 0.45, 0.40 or 0.35 by size.
    #[serde(default)]
    #[schemars(extend("exclusiveMinimum" = 0, "maximum" = 1))]
    dbscan_eps: Maybe<Number>,
    /// Shoppers that make a neighborhood dense. By default 5, beyond 250,000 shoppers 7.
    #[serde(default)]
    #[schemars(extend("minimum" = 3))]
    dbscan_min_samples: Maybe<Whole>,
    /// Months over which purchases were counted; sentences then speak of purchases a month.
    #[serde(default)]
    #[schemars(extend("exclusiveMinimum" = 0))]
    window_months: Maybe<Number>,
    /// Whether the answer has the dendrogram.
    #[serde(default)]
    #[schemars(extend("default" = true))]
    dendrogram: Maybe<Flag>,
    /// Leaves up to which the dendrogram is whole; beyond, only its top is given.
    #[serde(default)]
    #[schemars(extend("minimum" = 1, "maximum" = 10_000_000, "default" = 100_000))]
    dendrogram_max_leaves: Maybe<Whole>,
}

pub fn validate(request: ShoppersRequest<'_>, scope: &Scope, check: &mut Check) -> Option<Table> {
    let ks = segmentation::cluster_counts(request.k_range, check);
    let families = segmentation::algorithms(request.algorithms, check);
    let scaling = segmentation::scaling(request.scaling, check);
    let columns = segmentation::shopper_columns(request.features, check);
    let dbscan = segmentation::dbscan(request.dbscan_eps, request.dbscan_min_samples, check);
    let window_months = segmentation::window_months(request.window_months, check);
    let dendrogram = check.optional("dendrogram", request.dendrogram);
    let max_leaves = segmentation::max_leaves(request.dendrogram_max_leaves, check);
    let shoppers = match request.customers {
        Field::Absent => {
            check.reject("customers", no_base);
            None
        }
        rows => shoppers::shoppers(rows, check),
    };
    let (shoppers, dbscan, dendrogram) = (shoppers?, dbscan?, dendrogram?);
    let defaults = Defaults::for_customers(shoppers.len());
    let options = ShopperOptions {
        sweep: SweepOptions {
            ks: ks?.unwrap_or_else(|| defaults.k_range.to_vec()),
            families: families?,
            dbscan: dbscan.or(defaults.dbscan),
            seed: scope.seed,
        },
        scaling: scaling?,
        columns: columns?,
        dendrogram_max_leaves: max_leaves.filter(|_| dendrogram.is_none_or(|Flag(wanted)| wanted)),
    };
    max_leaves?;
    Some(Table {
        shoppers,
        options,
        window_months: window_months?,
        currency: scope.currency,
    })
}

fn no_base() -> clientela_narrative::Words {
    words!(
        "is required: shopper rows here, or feature vectors here or in \"data\"",
        "es obligatorio: filas de compradores aquí, o vectores de características aquí o en \"data\"",
        "é obrigatório: linhas de compradores aqui, ou vetores de características aqui ou em \"data\"",
    )
}
