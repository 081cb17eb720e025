//! What is computed about customers and needed behind more than one door.
#![deny(missing_docs)]

pub mod categories;
pub mod churn;
pub mod churn_label;
pub mod clv;
pub mod features;
pub mod loyalty;
pub mod nps;
pub mod profiles;
pub mod rfm;
pub mod segmentation;
