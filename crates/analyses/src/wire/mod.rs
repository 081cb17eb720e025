//! Wire leaf types and the checks that turn them into tables.
//!
//! A field never fails to parse: [`Field`] keeps what was wrong with it, so that one walk over the request collects
//! every error of a payload, wrong types in different rows included.

mod check;
pub mod choice;
mod currency;
mod field;
pub mod hierarchy;
mod json;
pub mod labels;
mod leaf;
pub mod messages;
mod number;
pub mod purchases;
pub mod segmentation;
pub mod shoppers;
pub mod transactions;

pub use check::Check;
pub use currency::Currency;
pub use field::{Expected, Field, Kind, Maybe, Row, Wire};
pub use json::Json;
pub use leaf::{Calendar, Dictionary, Flag, Id, Key, Number, Scalar, Text, Whole};
pub use number::{Count, Fixed, Full, LoyaltyPoints, Money, Percent, Score, Threshold};
