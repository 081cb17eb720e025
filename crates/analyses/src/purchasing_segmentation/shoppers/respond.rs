//! The shape of an answer about minimal shopper rows.

use clientela_methods::segmentation::shoppers::ShopperSegmentation;
use clientela_methods::segmentation::{Column, Configuration, Scaling};
use clientela_narrative::terms::Measure;
use clientela_narrative::{Language, Say as _};
use clientela_tables::Shoppers;
use schemars::JsonSchema;
use serde::Serialize;

use super::super::persona::{self, Portrait, Profile};
use super::super::playbook::{self, CategoryShare};
use super::super::respond::{PlaybookEntry, silhouette};
use super::Table;
use crate::wire::segmentation::{
    BestModel, Dendrogram, Interpretations, LegendEntry, Pairs, algorithm_name, scaling_name,
    top_categories,
};
use crate::wire::{Money, Score};

/// The benchmark and the clusters of its winner.
#[derive(Serialize, JsonSchema)]
pub struct ShoppersResponse {
    /// Every configuration that was tried, best first.
    benchmark: Vec<BenchmarkEntry>,
    /// The winner.
    best_model: BestModel,
    /// For each cluster the means of frequency, amount_spent and number of product types, in original units.
    centroids: Vec<[Money; 3]>,
    /// The cluster of every shopper, in the order of the request; −1 for noise.
    labels: Pairs<String, i32>,
    /// One sentence about each cluster.
    interpretations_en: Interpretations,
    /// The same in Spanish.
    #[serde(skip_serializing_if = "Option::is_none")]
    interpretations_es: Option<Interpretations>,
    /// The same in Portuguese.
    #[serde(skip_serializing_if = "Option::is_none")]
    interpretations_pt: Option<Interpretations>,
    /// The Ward tree, with the clusters of the winner as its legend.
    #[serde(skip_serializing_if = "Option::is_none")]
    dendrogram: Option<Dendrogram>,
    /// Each cluster as a kind of customer.
    personas: Vec<Persona>,
    /// The units in which distances were taken.
    scaling_used: &'static str,
    /// How much of the squared distances each column decides.
    variance_share: Vec<ColumnShare>,
    /// What would have won in z-scores; `null` where nothing could.
    alternative: Option<Alternative>,
}

/// One configuration and how well it did.
#[derive(Serialize, JsonSchema)]
struct BenchmarkEntry {
    /// kmeans, gmm, agglo or dbscan.
    algo: &'static str,
    /// Clusters asked for; for dbscan those found.
    k: usize,
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

/// A cluster as a kind of customer.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ShopperPersona")]
struct Persona {
    /// The cluster.
    cluster_id: usize,
    /// A name that no other cluster of the answer has.
    name: String,
    /// What is typical of it.
    portrait: String,
    /// What to do about it.
    playbook: Vec<PlaybookEntry>,
}

/// How much a column decides.
#[derive(Serialize, JsonSchema)]
struct ColumnShare {
    /// frequency, amount_spent, product_types, or "category: " and the name of a product type.
    column: String,
    /// Its variance over the sum of all; `null` where no column has any.
    share: Option<Score>,
}

/// What would have won in other units.
#[derive(Serialize, JsonSchema)]
struct Alternative {
    /// The units: zscore.
    scaling: &'static str,
    /// kmeans, gmm, agglo or dbscan.
    algo: &'static str,
    /// Clusters asked for; for dbscan those found.
    k: usize,
    /// Mean silhouette in these units.
    silhouette: Score,
}

pub fn respond(
    table: &Table,
    report: &ShopperSegmentation,
    language: Language,
) -> ShoppersResponse {
    let shoppers = &table.shoppers;
    let clusters = &report.benchmark.clusters;
    let sentences = |language| {
        let months = table.window_months;
        Interpretations::of_shoppers(shoppers, &report.summary, &clusters.sizes, months, language)
    };
    let also = |other: Language| (language == other).then(|| sentences(other));
    let tree = report.dendrogram.as_ref();
    let labels = shoppers
        .ids()
        .iter()
        .map(str::to_owned)
        .zip(clusters.labels.iter().copied());
    let means = report.summary.means.means.iter();
    ShoppersResponse {
        benchmark: report.benchmark.ranked().map(entry).collect(),
        best_model: BestModel::of(report.benchmark.best),
        centroids: means
            .map(|means| [0, 1, 2].map(|column| Money::new(means[column])))
            .collect(),
        labels: Pairs(labels.collect()),
        interpretations_en: sentences(Language::En),
        interpretations_es: also(Language::Es),
        interpretations_pt: also(Language::Pt),
        dendrogram: tree.map(|tree| {
            let legend = LegendEntry::all(shoppers, &report.summary, &clusters.sizes);
            Dendrogram::new(tree, legend)
        }),
        personas: personas(table, report, language),
        scaling_used: scaling_name(table.options.scaling),
        variance_share: variance_share(shoppers, report),
        alternative: report.z_scored_best.map(|best| Alternative {
            scaling: scaling_name(Scaling::ZScore),
            algo: algorithm_name(best.family),
            k: best.k,
            silhouette: silhouette(&best),
        }),
    }
}

fn entry(configuration: &Configuration) -> BenchmarkEntry {
    let scores = configuration.scores;
    BenchmarkEntry {
        algo: algorithm_name(configuration.family),
        k: configuration.k,
        silhouette: silhouette(configuration),
        davies_bouldin: scores.map(|scores| Score::new(scores.davies_bouldin)),
        calinski_harabasz: scores.map(|scores| Score::new(scores.calinski_harabasz)),
        n_clusters: configuration.n_clusters,
        bic: configuration.bic.map(Score::new),
    }
}

fn personas(table: &Table, report: &ShopperSegmentation, language: Language) -> Vec<Persona> {
    let shoppers = &table.shoppers;
    let sizes = &report.benchmark.clusters.sizes;
    let profile = |(cluster, &n_customers): (usize, &usize)| Profile {
        n_customers,
        n_base: shoppers.len(),
        contrasts: report
            .summary
            .means
            .contrasts(cluster)
            .into_iter()
            .map(|contrast| (Measure::SHOPPER[contrast.column], contrast))
            .collect(),
        currency: table.currency,
        categories: top_categories(shoppers, &report.summary, cluster),
    };
    let profiles: Vec<Profile<'_>> = sizes.iter().enumerate().map(profile).collect();
    let names = persona::names(&profiles, language);
    let personas = profiles.iter().zip(names).enumerate();
    personas
        .map(|(cluster_id, (profile, name))| {
            let plays = playbook::playbook(profile, typical(shoppers, report, cluster_id));
            Persona {
                cluster_id,
                name,
                portrait: Portrait(profile).say(language),
                playbook: PlaybookEntry::all(&plays, table.currency, language),
            }
        })
        .collect()
}

/// The product type that sets a cluster apart most; a single buyer is no trend.
fn typical<'a>(
    shoppers: &'a Shoppers,
    report: &ShopperSegmentation,
    cluster: usize,
) -> Option<CategoryShare<'a>> {
    let top = report.summary.top_categories[cluster].first()?;
    let n_buyers = report.summary.category_counts.n_customers(top.category);
    (top.n_customers > 1).then(|| CategoryShare {
        name: &shoppers.type_names()[top.category as usize],
        cluster: top.n_customers as f64 / report.benchmark.clusters.sizes[cluster] as f64,
        base: n_buyers as f64 / shoppers.len() as f64,
    })
}

fn variance_share(shoppers: &Shoppers, report: &ShopperSegmentation) -> Vec<ColumnShare> {
    let name = |column| match column {
        Column::Number(number) => Measure::SHOPPER[number].key().to_owned(),
        Column::Category(category) => {
            format!("category: {}", shoppers.type_names()[category as usize])
        }
    };
    let shares = report.variance_shares.iter();
    shares
        .map(|share| ColumnShare {
            column: name(share.column),
            share: share.share.map(Score::new),
        })
        .collect()
}
