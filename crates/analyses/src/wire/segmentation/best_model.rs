//! The winner of a benchmark as several responses name it.

use clientela_methods::segmentation::Configuration;
use schemars::JsonSchema;
use serde::Serialize;

use super::algorithm_name;
use crate::wire::Score;

/// The winner.
#[derive(Serialize, JsonSchema)]
pub struct BestModel {
    /// kmeans, gmm, agglo or dbscan; none where nothing could divide the base.
    algo: &'static str,
    /// Clusters asked for; for dbscan those found.
    k: usize,
    /// Mean silhouette, −1 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    silhouette: Option<Score>,
    /// Davies–Bouldin.
    #[serde(skip_serializing_if = "Option::is_none")]
    davies_bouldin: Option<Score>,
    /// Clusters found.
    n_clusters: usize,
}

impl BestModel {
    /// The winner, or that there is none.
    #[must_use]
    pub fn of(best: Option<Configuration>) -> Self {
        let scores = best.and_then(|best| best.scores);
        Self {
            algo: best.map_or("none", |best| algorithm_name(best.family)),
            k: best.map_or(1, |best| best.k),
            silhouette: scores.map(|scores| Score::new(scores.silhouette)),
            davies_bouldin: scores.map(|scores| Score::new(scores.davies_bouldin)),
            n_clusters: best.map_or(1, |best| best.n_clusters),
        }
    }
}
