//! The shape of the response.

use clientela_methods::segmentation::Configuration;
use clientela_methods::segmentation::nested::NestedClusters;
use clientela_narrative::{Language, Say as _};
use clientela_tables::Shoppers;
use schemars::JsonSchema;
use serde::Serialize;

use super::Table;
use super::findings::Selection;
use super::words::{davies_bouldin, silhouette};
use crate::wire::segmentation::{ClusterSentence, LegendEntry, Pairs, scaling_name};
use crate::wire::{Money, Score};

/// The groups within each segment.
#[derive(Serialize, JsonSchema)]
pub struct SegmentSubsegmentExploreResponse {
    /// By cluster id.
    subsegment_results: Pairs<i32, Subsegments>,
    /// The units in which distances were taken.
    scaling_used: &'static str,
    /// The same as a table.
    #[serde(skip)]
    pub rows: Vec<CustomerRow>,
}

/// One customer of a divided segment.
#[derive(Serialize)]
pub struct CustomerRow {
    id: String,
    cluster_id: i32,
    subcluster_id: i32,
}

/// One segment and the groups within it.
#[derive(Serialize, JsonSchema)]
struct Subsegments {
    /// Every number of groups that was tried; empty where the segment is too small.
    benchmark: Vec<Trial>,
    /// The number of groups; 1 where the segment is too small to divide.
    best_k: usize,
    /// Which score decided, and what the runner-up scored.
    selection_description: String,
    /// How to read the scores.
    metric_explanation: MetricExplanation,
    /// Means of each group in original units.
    nested_centroids: Centroids,
    /// The group of every customer of the segment, in the order of the request.
    nested_labels: Pairs<String, i32>,
    /// Size, means and top categories of each group.
    nested_cluster_legend: Vec<LegendEntry>,
    /// One sentence about each group.
    nested_interpretations_en: Pairs<usize, String>,
    /// The same in Spanish.
    #[serde(skip_serializing_if = "Option::is_none")]
    nested_interpretations_es: Option<Pairs<usize, String>>,
    /// The same in Portuguese.
    #[serde(skip_serializing_if = "Option::is_none")]
    nested_interpretations_pt: Option<Pairs<usize, String>>,
}

/// One number of groups and how well it did.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SubsegmentTrial")]
struct Trial {
    /// Number of groups.
    k: usize,
    /// Mean silhouette, −1 to 1; higher is better.
    silhouette: Score,
    /// Davies–Bouldin; lower is better.
    davies_bouldin: Score,
}

/// How to read the scores of a segment.
#[derive(Serialize, JsonSchema)]
struct MetricExplanation {
    /// The silhouette of the best division.
    silhouette: String,
    /// Its Davies–Bouldin.
    davies_bouldin: String,
}

/// A matrix with named columns.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SubsegmentCentroids")]
struct Centroids {
    /// frequency, amount_spent, n_categories.
    columns: [&'static str; 3],
    /// One row for each group.
    values: Vec<[Money; 3]>,
}

pub fn respond(
    table: &Table,
    report: &[NestedClusters],
    language: Language,
) -> SegmentSubsegmentExploreResponse {
    let shoppers = &table.shoppers;
    let subsegments = |nested: &NestedClusters| {
        let result = Divided { shoppers, nested }.on_the_wire(language);
        (nested.parent_id, result)
    };
    SegmentSubsegmentExploreResponse {
        subsegment_results: Pairs(report.iter().map(subsegments).collect()),
        scaling_used: scaling_name(table.options.scaling),
        rows: rows(shoppers, report),
    }
}

/// The customers of all divided segments in the order of the request.
fn rows(shoppers: &Shoppers, report: &[NestedClusters]) -> Vec<CustomerRow> {
    let mut found: Vec<(u32, i32, i32)> = Vec::new();
    for nested in report {
        let labels = &nested.benchmark.clusters.labels;
        let members = nested.members.iter().zip(labels);
        found.extend(members.map(|(&member, &label)| (member, nested.parent_id, label)));
    }
    found.sort_unstable();
    let row = |(member, cluster_id, subcluster_id): (u32, i32, i32)| CustomerRow {
        id: shoppers.ids()[member as usize].to_owned(),
        cluster_id,
        subcluster_id,
    };
    found.into_iter().map(row).collect()
}

/// A divided segment of a base.
struct Divided<'a> {
    shoppers: &'a Shoppers,
    nested: &'a NestedClusters,
}

impl Divided<'_> {
    fn on_the_wire(&self, language: Language) -> Subsegments {
        let benchmark = &self.nested.benchmark;
        let selection = Selection::of(self.nested);
        let scores = selection.scores();
        let also = |other: Language| (language == other).then(|| self.interpretations(other));
        let means = self.nested.means.means.iter();
        Subsegments {
            benchmark: benchmark.configurations.iter().filter_map(trial).collect(),
            best_k: benchmark.best.map_or(1, |best| best.k),
            selection_description: selection.say(language),
            metric_explanation: MetricExplanation {
                silhouette: silhouette(scores.map(|it| it.silhouette), language),
                davies_bouldin: davies_bouldin(scores.map(|it| it.davies_bouldin), language),
            },
            nested_centroids: Centroids {
                columns: ["frequency", "amount_spent", "n_categories"],
                values: means
                    .map(|means| [0, 1, 2].map(|column| Money::new(means[column])))
                    .collect(),
            },
            nested_labels: self.labels(),
            nested_cluster_legend: self.legend(),
            nested_interpretations_en: self.interpretations(Language::En),
            nested_interpretations_es: also(Language::Es),
            nested_interpretations_pt: also(Language::Pt),
        }
    }

    fn labels(&self) -> Pairs<String, i32> {
        let id = |&member: &u32| self.shoppers.ids()[member as usize].to_owned();
        let labels = self.nested.benchmark.clusters.labels.iter().copied();
        Pairs(self.nested.members.iter().map(id).zip(labels).collect())
    }

    fn legend(&self) -> Vec<LegendEntry> {
        let sizes = self.nested.benchmark.clusters.sizes.iter().enumerate();
        let entry = |(group, &n_customers): (usize, &usize)| {
            let [frequency, spend] = [0, 1].map(|column| self.nested.means.means[group][column]);
            LegendEntry::new(
                group,
                n_customers,
                spend,
                frequency,
                &self.categories(group),
            )
        };
        sizes.map(entry).collect()
    }

    fn interpretations(&self, language: Language) -> Pairs<usize, String> {
        let sizes = self.nested.benchmark.clusters.sizes.iter().enumerate();
        let sentence = |(group, &n_customers): (usize, &usize)| {
            let [purchases, spend] = [0, 1].map(|column| self.nested.means.means[group][column]);
            let sentence = ClusterSentence {
                n_customers,
                spend,
                purchases,
                per_month: false,
                categories: &self.categories(group),
            };
            (group, sentence.say(language))
        };
        Pairs(sizes.map(sentence).collect())
    }

    fn categories(&self, group: usize) -> Vec<&str> {
        let names = self.shoppers.type_names();
        let top = self.nested.top_categories[group].iter();
        top.map(|score| names[score.category as usize].as_str())
            .collect()
    }
}

/// A trial on the wire; two groups or more always have scores.
fn trial(configuration: &Configuration) -> Option<Trial> {
    let scores = configuration.scores?;
    Some(Trial {
        k: configuration.k,
        silhouette: Score::new(scores.silhouette),
        davies_bouldin: Score::new(scores.davies_bouldin),
    })
}
