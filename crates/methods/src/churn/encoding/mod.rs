//! Features as numbers for the learners, by rules that are learned from training rows alone.
//!
//! Trees see one column for each feature; that a documented column has a threshold they find themselves. The logistic
//! regression sees one to three.

mod linear;
mod trees;
mod unknown;

pub use linear::{Flag, LinearColumn, LinearEncoding, LinearRows};
pub use trees::{TreeColumn, TreeEncoding};

pub(super) use linear::median;
pub(super) use unknown::{Unknown, UnknownPattern};
