//! Estimators and metrics: matrices in, fitted models out. Knows no customers, money, dates, JSON or clock.
#![deny(missing_docs)]

mod blocks;
pub mod error;
pub mod kmeans;
pub mod labels;
pub mod metrics;
pub mod points;
pub mod scale;
pub mod ward;

pub use error::{Checked, FitError, ParamError};
pub use kmeans::{KMeans, KMeansParams};
pub use points::Points;
