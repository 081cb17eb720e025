//! How good a partition is, as a function of the partition alone; how good forecasts of a yes or no are ([`binary`]).
//!
//! All scores of partitions count a point as many times as it has samples, and none depends on the numbering of the clusters. A label
//! below 0 is noise: it is nobody's neighbor; a noise point has the silhouette 0, and the other two scores leave it out.

pub mod binary;
mod dispersion;
mod silhouette;

pub use dispersion::{calinski_harabasz, davies_bouldin};
pub use silhouette::silhouettes;
