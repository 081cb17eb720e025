//! Gradient boosting against a slow obvious version, LightGBM, and what must hold of it on any data.

mod data;
mod lightgbm;
mod oracle;
mod properties;
