//! Estimators and scores against values of other implementations; where these come from stands in SOURCE.md.

mod dbscan;
mod fixture;
mod metrics;
mod quality;
mod shared_data;
