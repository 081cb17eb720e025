//! Wire leaf types and the checks that turn them into tables.
//!
//! A field never fails to parse: [`Field`] keeps what was wrong with it, so that one walk over the request collects
//! every error of a payload, wrong types in different rows included.

mod check;
mod field;
mod leaf;
pub mod messages;
mod number;
pub mod labels;
pub mod shoppers;
pub mod transactions;

pub use check::Check;
pub use field::{Expected, Field, Kind, Maybe, Row, Wire};
pub use leaf::{Calendar, Dictionary, Flag, Id, Number, Text, Whole};
pub use number::{Count, Fixed, Full, Money, Percent, Score};
