//! Estimators and metrics: matrices in, fitted models out. Knows no customers, money, dates, JSON or clock.
#![deny(missing_docs)]

mod blocks;
pub mod boosting;
pub mod calibration;
pub mod dbscan;
pub mod error;
pub mod forest;
pub mod gaussian_mixture;
pub mod kmeans;
pub mod labels;
pub mod lifetime;
pub mod logistic;
pub mod metrics;
mod order;
pub mod points;
pub mod scale;
pub mod soundness;
pub mod tree_shap;
pub mod ward;

pub use dbscan::{Dbscan, DbscanParams};
pub use error::{Checked, FitError, ParamError};
pub use gaussian_mixture::{GaussianComponent, GaussianMixture, GaussianMixtureParams};
pub use kmeans::{KMeans, KMeansParams, Restarts};
pub use points::Points;
pub use soundness::Unsound;
