//! Churn risk: the rules of evidence, hard data, order and threads, saved models, and a real base.

mod attributions;
mod bases;
mod change;
mod drift;
mod evidence;
mod few_rows;
mod grouped;
mod hard_data;
mod model_bytes;
mod model_format;
mod models;
mod money;
mod order;
mod reasons;
mod saved;
mod snapshots;
mod telco;
mod unknown;
