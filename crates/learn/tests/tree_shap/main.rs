//! TreeSHAP against Shapley values over all coalitions, LightGBM, and what must hold of it on any data.

mod data;
mod lightgbm;
mod oracle;
mod properties;
