//! Clusters of customers: the space in which distances are taken, the numbering of clusters, and what can be said about
//! each.

pub mod numbering;
pub mod space;
pub mod summary;

pub use numbering::Numbered;
pub use space::{Columns, Scaling, ShopperColumns, Space};
pub use summary::{ClusterMeans, Contrast};
