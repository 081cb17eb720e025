//! Golden runner and tolerant comparison. A dev-dependency only.

pub mod compare;
pub mod data;
pub mod golden;
