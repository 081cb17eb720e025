//! Forecasts of a yes or no: logistic regression, calibration and metrics against other implementations, slow obvious
//! versions, and what must hold on any data. Where stored figures come from stands in SOURCE.md.

mod calibration;
mod clusters;
mod data;
mod delong;
mod fixture;
mod logistic;
mod metrics;
mod properties;
mod robustness;
mod shared_data;
mod stopping;
