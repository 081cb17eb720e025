//! The dendrogram object of several responses.

use clientela_methods::segmentation;
use schemars::JsonSchema;
use serde::Serialize;

use super::LegendEntry;
use crate::wire::{Count, Full};

/// A Ward tree as SciPy writes it, with the clusters that its legend describes.
#[derive(Serialize, JsonSchema)]
pub struct Dendrogram {
    /// One merge a row, by ascending distance: two children (leaves from 0 on, then row i makes node n + i), their
    /// distance, the customers below.
    linkage_matrix: Vec<LinkageEntry>,
    /// Names of the four columns.
    columns: [&'static str; 4],
    /// Customers in the order of the request; a condensed leaf is named by its first customer and "+n".
    leaf_labels: Vec<String>,
    /// Customers at each leaf, where only the top of the tree is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    leaf_sizes: Option<Vec<usize>>,
    /// Present where only the top of the tree is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    truncated: Option<bool>,
    /// The clusters of the best model.
    cluster_legend: Vec<LegendEntry>,
}

/// child1, child2, distance, sample_count.
#[derive(Serialize, JsonSchema)]
struct LinkageEntry(Count, Count, Full, Count);

impl Dendrogram {
    /// The object of a tree and a legend.
    #[must_use]
    pub fn new(tree: &segmentation::Dendrogram, cluster_legend: Vec<LegendEntry>) -> Self {
        let rows = tree.linkage.iter().map(|row| {
            let count = |n: usize| n as Count;
            LinkageEntry(
                count(row.child1),
                count(row.child2),
                Full::new(row.distance),
                count(row.sample_count),
            )
        });
        Self {
            linkage_matrix: rows.collect(),
            columns: ["child1", "child2", "distance", "sample_count"],
            leaf_labels: tree.leaf_labels.clone(),
            leaf_sizes: tree.leaf_sizes.clone(),
            truncated: tree.leaf_sizes.is_some().then_some(true),
            cluster_legend,
        }
    }
}
