//! The shapes of request and response.

use clientela_methods::segmentation::Configuration;
use clientela_methods::segmentation::ward::{WardOptions, WardSegmentation};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Table;
use crate::spine::Scope;
use crate::wire::segmentation::{
    self, BestModel, Dendrogram, LegendEntry, Pairs, algorithm_name, scaling_name,
};
use crate::wire::shoppers::{self, ShopperRow};
use crate::wire::{Check, Field, Maybe, Money, Row, Score, Text, Whole};

/// A base of shoppers.
#[derive(Deserialize, JsonSchema)]
pub struct PurchasingSegmentationDendrogramRequest<'a> {
    /// The base, one entry for each shopper.
    #[schemars(extend("minItems" = 1))]
    #[serde(borrow)]
    customers: Field<Vec<Field<Row<ShopperRow<'a>>>>>,
    /// Units in which distances are taken; by default those of the data.
    #[serde(borrow, default)]
    #[schemars(extend("enum" = ["none", "zscore", "log_zscore", Value::Null], "default" = "none"))]
    scaling: Maybe<Text<'a>>,
    /// Columns that count: the three numbers, or also one for each of the 50 most bought product types.
    #[serde(borrow, default)]
    #[schemars(extend("enum" = ["numeric", "numeric+categories", Value::Null], "default" = "numeric"))]
    features: Maybe<Text<'a>>,
    /// Leaves up to which the dendrogram is whole; beyond, only its top is given.
    #[serde(default)]
    #[schemars(extend("minimum" = 1, "maximum" = 10_000_000, "default" = 100_000))]
    dendrogram_max_leaves: Maybe<Whole>,
}

pub fn validate(
    request: PurchasingSegmentationDendrogramRequest<'_>,
    scope: &Scope,
    check: &mut Check,
) -> Option<Table> {
    let scaling = segmentation::scaling(request.scaling, check);
    let columns = segmentation::shopper_columns(request.features, check);
    let max_leaves = segmentation::max_leaves(request.dendrogram_max_leaves, check);
    let shoppers = shoppers::shoppers(request.customers, check);
    Some(Table {
        shoppers: shoppers?,
        options: WardOptions {
            scaling: scaling?,
            columns: columns?,
            dendrogram_max_leaves: max_leaves?,
            seed: scope.seed,
        },
    })
}

/// The cuts of the tree, and the clusters of the best.
#[derive(Serialize, JsonSchema)]
pub struct PurchasingSegmentationDendrogramResponse {
    /// By number of clusters.
    benchmark: Vec<Cut>,
    /// The best cut.
    best_model: BestModel,
    /// For each cluster the means of frequency, amount_spent and number of product types, in original units.
    centroids: Vec<[Money; 3]>,
    /// The cluster of every shopper, in the order of the request.
    labels: Pairs<String, i32>,
    /// The tree, with the clusters of the best cut as its legend.
    dendrogram: Dendrogram,
    /// The units in which distances were taken.
    scaling_used: &'static str,
}

/// One cut of the tree and how well it did.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "TreeCut")]
struct Cut {
    /// agglo.
    algo: &'static str,
    /// Number of clusters.
    k: usize,
    /// Mean silhouette, −1 to 1; higher is better.
    silhouette: Score,
    /// Davies–Bouldin; lower is better.
    davies_bouldin: Score,
}

pub fn respond(
    table: &Table,
    report: &WardSegmentation,
) -> PurchasingSegmentationDendrogramResponse {
    let shoppers = &table.shoppers;
    let clusters = &report.benchmark.clusters;
    let means = report.summary.means.means.iter();
    let labels = shoppers
        .ids()
        .iter()
        .map(str::to_owned)
        .zip(clusters.labels.iter().copied());
    let legend = LegendEntry::all(shoppers, &report.summary, &clusters.sizes);
    PurchasingSegmentationDendrogramResponse {
        benchmark: report
            .benchmark
            .configurations
            .iter()
            .filter_map(cut)
            .collect(),
        best_model: BestModel::of(report.benchmark.best),
        centroids: means
            .map(|means| [0, 1, 2].map(|column| Money::new(means[column])))
            .collect(),
        labels: Pairs(labels.collect()),
        dendrogram: Dendrogram::new(&report.dendrogram, legend),
        scaling_used: scaling_name(table.options.scaling),
    }
}

/// A cut on the wire; two clusters or more always have scores.
fn cut(configuration: &Configuration) -> Option<Cut> {
    let scores = configuration.scores?;
    Some(Cut {
        algo: algorithm_name(configuration.family),
        k: configuration.k,
        silhouette: Score::new(scores.silhouette),
        davies_bouldin: Score::new(scores.davies_bouldin),
    })
}
