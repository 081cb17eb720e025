//! Golden runner, tolerant comparison, and an analysis to try saved models with. A dev-dependency only.

pub mod compare;
pub mod data;
pub mod golden;
pub mod recall;
