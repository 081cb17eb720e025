//! Clusters of shoppers as several responses describe them.

use std::borrow::Cow;

use clientela_methods::segmentation::shoppers::ShopperSummary;
use clientela_narrative::{Language, Say as _};
use clientela_tables::Shoppers;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};

use super::ClusterSentence;
use crate::wire::Money;

/// One cluster in a legend.
#[derive(Serialize, JsonSchema)]
pub struct LegendEntry {
    /// 0 for the largest cluster.
    cluster_id: usize,
    /// Customers in it.
    n_customers: usize,
    /// What they spent on average.
    avg_spend: Money,
    /// How often they bought on average.
    avg_frequency: Money,
    /// The product types that set the cluster apart, best first.
    top_categories: String,
    /// The same as a list.
    top_categories_list: Vec<String>,
}

impl LegendEntry {
    /// The legend of the clusters of a base; `sizes` are their customers.
    #[must_use]
    pub fn all(shoppers: &Shoppers, summary: &ShopperSummary, sizes: &[usize]) -> Vec<Self> {
        let entry = |(cluster_id, &n_customers): (usize, &usize)| {
            let [frequency, spend] = [0, 1].map(|j| summary.means.means[cluster_id][j]);
            let top = top_categories(shoppers, summary, cluster_id);
            Self::new(cluster_id, n_customers, spend, frequency, &top)
        };
        sizes.iter().enumerate().map(entry).collect()
    }

    /// One entry, its categories best first.
    #[must_use]
    pub fn new(
        cluster_id: usize,
        n_customers: usize,
        spend: f64,
        frequency: f64,
        categories: &[&str],
    ) -> Self {
        Self {
            cluster_id,
            n_customers,
            avg_spend: Money::new(spend),
            avg_frequency: Money::new(frequency),
            top_categories: categories.join(", "),
            top_categories_list: categories.iter().map(|&name| name.to_owned()).collect(),
        }
    }
}

/// Names of the top categories of a cluster, best first.
#[must_use]
pub fn top_categories<'a>(
    shoppers: &'a Shoppers,
    summary: &ShopperSummary,
    cluster: usize,
) -> Vec<&'a str> {
    let names = shoppers.type_names();
    let top = summary.top_categories[cluster].iter();
    top.map(|score| names[score.category as usize].as_str())
        .collect()
}

/// One sentence for each cluster, by its id.
pub type Interpretations = Pairs<usize, String>;

impl Interpretations {
    /// The sentences about the clusters of a base. With the months over which purchases were counted they speak of
    /// purchases in a month.
    #[must_use]
    pub fn of_shoppers(
        shoppers: &Shoppers,
        summary: &ShopperSummary,
        sizes: &[usize],
        window_months: Option<f64>,
        language: Language,
    ) -> Self {
        let sentence = |(cluster, &n_customers): (usize, &usize)| {
            let [frequency, spend] = [0, 1].map(|j| summary.means.means[cluster][j]);
            let sentence = ClusterSentence {
                n_customers,
                spend,
                purchases: frequency / window_months.unwrap_or(1.0),
                per_month: window_months.is_some(),
                categories: &top_categories(shoppers, summary, cluster),
            };
            (cluster, sentence.say(language))
        };
        Pairs(sizes.iter().enumerate().map(sentence).collect())
    }
}

/// An object whose keys are data, in their order.
#[derive(Clone, Debug, PartialEq)]
pub struct Pairs<K, V>(pub Vec<(K, V)>);

impl<K: Serialize, V: Serialize> Serialize for Pairs<K, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, value)| (key, value)))
    }
}

impl<K, V: JsonSchema> JsonSchema for Pairs<K, V> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        format!("ObjectOf{}", V::schema_name()).into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "object", "additionalProperties": generator.subschema_for::<V>() })
    }
}
