//! What the segmentation routes have in common on the wire: options of a request, clusters and tree of a response.

mod best_model;
mod clusters;
mod dendrogram;
mod options;
pub mod warnings;
mod words;

pub use best_model::BestModel;
pub use clusters::{Interpretations, LegendEntry, Pairs, top_categories};
pub use dendrogram::Dendrogram;
pub use options::{
    Defaults, algorithm_name, algorithms, cluster_counts, dbscan, max_leaves, scaling,
    scaling_name, shopper_columns, window_months,
};
pub use words::ClusterSentence;
