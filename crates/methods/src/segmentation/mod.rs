//! Clusters of customers: the space in which distances are taken, the sweep over algorithms and numbers of clusters,
//! the rule that names a winner, the numbering of its clusters, and what can be said about each.
//!
//! ```text
//! table ──space──▶ points ──sweep──▶ candidates ──winner──▶ partition ──numbering──▶ labels ──summary──▶ means
//! ```

pub mod benchmark;
pub mod dendrogram;
pub mod nested;
pub mod numbering;
pub mod shoppers;
pub mod space;
pub mod summary;
pub mod sweep;
pub mod ward;
pub mod winner;

pub use benchmark::Benchmark;
pub use dendrogram::Dendrogram;
pub use numbering::Numbered;
pub use shoppers::{ShopperOptions, ShopperSegmentation};
pub use space::{Column, Columns, Scaling, ShopperColumns, Space};
pub use summary::{ClusterMeans, Contrast, Mark};
pub use sweep::{Configuration, DbscanOptions, Family, Scores, Sweep, SweepOptions};
