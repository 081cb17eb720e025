//! Estimators and metrics: matrices in, fitted models out. Knows no customers, money, dates, JSON or clock.
#![deny(missing_docs)]

pub mod error;
pub mod points;
pub mod ward;

pub use error::{Checked, FitError, ParamError};
pub use points::Points;
