//! The shape of an answer about feature vectors.

use clientela_methods::segmentation::{Configuration, Family};
use clientela_narrative::terms::Measure;
use clientela_narrative::{Language, Say as _};
use schemars::JsonSchema;
use serde::Serialize;

use super::super::persona::{self, Portrait, Profile};
use super::super::playbook;
use super::super::respond::{PlaybookEntry, silhouette};
use super::{Report, Table};
use crate::wire::{LoyaltyPoints, Money, Score};

/// The benchmark and the clusters of its winner.
#[derive(Serialize, JsonSchema)]
pub struct VectorsResponse {
    /// KMeans, GaussianMixture, Agglomerative, DBSCAN, or none where nothing could divide the base.
    best_algorithm: &'static str,
    /// Every configuration that was tried: by k, then KMeans, GaussianMixture, Agglomerative; DBSCAN last.
    evaluation_metrics: Vec<Evaluation>,
    /// The clusters of the winner, largest first.
    clusters: Vec<Cluster>,
    /// The cluster of every customer, in the order of the request; −1 for noise.
    customer_labels: Vec<CustomerLabel>,
}

/// One configuration and how well it did.
#[derive(Serialize, JsonSchema)]
struct Evaluation {
    /// KMeans, GaussianMixture, Agglomerative or DBSCAN.
    algorithm: &'static str,
    /// What it was run with.
    params: Params,
    /// Mean silhouette, −1 to 1; higher is better.
    silhouette: Score,
    /// Davies–Bouldin; lower is better.
    #[serde(skip_serializing_if = "Option::is_none")]
    davies_bouldin: Option<Score>,
    /// Calinski–Harabasz; higher is better.
    #[serde(skip_serializing_if = "Option::is_none")]
    calinski_harabasz: Option<Score>,
    /// Clusters found.
    n_clusters: usize,
    /// Bayesian information criterion of a Gaussian mixture in the clustering space; lower is better.
    #[serde(skip_serializing_if = "Option::is_none")]
    bic: Option<Score>,
}

/// What a configuration was run with.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
enum Params {
    /// A number of clusters.
    Clusters {
        /// Clusters asked for.
        k: usize,
    },
    /// A neighborhood.
    Neighborhood {
        /// Radius in standard deviations.
        eps: f64,
        /// Customers that make it dense.
        min_samples: usize,
    },
}

/// One cluster.
#[derive(Serialize, JsonSchema)]
struct Cluster {
    /// 0 for the largest.
    cluster_id: usize,
    /// Customers in it.
    size: usize,
    /// Means in original units.
    centroid: Centroid,
    /// high_F and low_F for the measures far from the mean of the base, or average.
    persona_label: String,
    /// A name and what is typical.
    persona: Persona,
    /// What to do about it.
    playbook: Vec<PlaybookEntry>,
}

/// Six means.
#[derive(Serialize, JsonSchema)]
struct Centroid {
    purchase_total: Money,
    visit_frequency: Money,
    avg_ticket: Money,
    product_diversity: Money,
    loyalty_score: LoyaltyPoints,
    recency_days: Money,
}

/// A cluster as a kind of customer.
#[derive(Serialize, JsonSchema)]
struct Persona {
    /// A name that no other cluster of the answer has.
    name: String,
    /// What is typical of it.
    portrait: String,
}

/// The cluster of one customer.
#[derive(Serialize, JsonSchema)]
struct CustomerLabel {
    /// As sent.
    customer_id: String,
    /// The cluster, or −1.
    cluster_id: i32,
}

pub fn respond(table: &Table, report: &Report, language: Language) -> VectorsResponse {
    let labels = table
        .vectors
        .ids()
        .iter()
        .zip(&report.benchmark.clusters.labels);
    VectorsResponse {
        best_algorithm: report
            .benchmark
            .best
            .map_or("none", |best| algorithm_name(best.family)),
        evaluation_metrics: evaluation_metrics(table, report),
        clusters: clusters(table, report, language),
        customer_labels: labels
            .map(|(id, &cluster_id)| CustomerLabel {
                customer_id: id.to_owned(),
                cluster_id,
            })
            .collect(),
    }
}

fn algorithm_name(family: Family) -> &'static str {
    match family {
        Family::KMeans => "KMeans",
        Family::GaussianMixture => "GaussianMixture",
        Family::Agglomerative => "Agglomerative",
        Family::Dbscan => "DBSCAN",
    }
}

/// The order of the families within one k.
fn place(family: Family) -> usize {
    match family {
        Family::KMeans => 0,
        Family::GaussianMixture => 1,
        Family::Agglomerative => 2,
        Family::Dbscan => 3,
    }
}

fn evaluation_metrics(table: &Table, report: &Report) -> Vec<Evaluation> {
    let mut configurations = report.benchmark.configurations.clone();
    configurations.sort_by_key(|it| (it.family == Family::Dbscan, it.k, place(it.family)));
    let evaluation = |configuration: &Configuration| Evaluation {
        algorithm: algorithm_name(configuration.family),
        params: match configuration.family {
            Family::Dbscan => Params::Neighborhood {
                eps: table.dbscan.eps,
                min_samples: table.dbscan.min_samples,
            },
            _ => Params::Clusters { k: configuration.k },
        },
        silhouette: silhouette(configuration),
        davies_bouldin: configuration
            .scores
            .map(|scores| Score::new(scores.davies_bouldin)),
        calinski_harabasz: configuration
            .scores
            .map(|scores| Score::new(scores.calinski_harabasz)),
        n_clusters: configuration.n_clusters,
        bic: configuration.bic.map(Score::new),
    };
    configurations.iter().map(evaluation).collect()
}

fn clusters(table: &Table, report: &Report, language: Language) -> Vec<Cluster> {
    let sizes = &report.benchmark.clusters.sizes;
    let profile = |(cluster, &n_customers): (usize, &usize)| Profile {
        n_customers,
        n_base: report.benchmark.n_customers,
        contrasts: report
            .means
            .contrasts(cluster)
            .into_iter()
            .map(|contrast| (Measure::FEATURES[contrast.column], contrast))
            .collect(),
        currency: table.currency,
        categories: Vec::new(),
    };
    let profiles: Vec<Profile<'_>> = sizes.iter().enumerate().map(profile).collect();
    let names = persona::names(&profiles, language);
    let clusters = profiles.iter().zip(names).enumerate();
    clusters
        .map(|(cluster_id, (profile, name))| Cluster {
            cluster_id,
            size: profile.n_customers,
            centroid: centroid(&report.means.means[cluster_id]),
            persona_label: persona_label(report, cluster_id),
            persona: Persona {
                name,
                portrait: Portrait(profile).say(language),
            },
            playbook: PlaybookEntry::all(
                &playbook::playbook(profile, None),
                table.currency,
                language,
            ),
        })
        .collect()
}

fn centroid(means: &[f64]) -> Centroid {
    Centroid {
        purchase_total: Money::new(means[0]),
        visit_frequency: Money::new(means[1]),
        avg_ticket: Money::new(means[2]),
        product_diversity: Money::new(means[3]),
        loyalty_score: LoyaltyPoints::new(means[4]),
        recency_days: Money::new(means[5]),
    }
}

fn persona_label(report: &Report, cluster: usize) -> String {
    use clientela_methods::segmentation::Mark;
    let marks = Measure::FEATURES
        .into_iter()
        .enumerate()
        .filter_map(|(column, measure)| {
            let level = match report.means.contrast(cluster, column).mark? {
                Mark::High => "high",
                Mark::Low => "low",
            };
            Some(format!("{level}_{}", measure.key()))
        });
    let marks: Vec<String> = marks.collect();
    if marks.is_empty() {
        "average".to_owned()
    } else {
        marks.join(", ")
    }
}
