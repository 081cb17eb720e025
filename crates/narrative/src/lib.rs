//! Findings to sentences: numbers, money, dates, plurals, lists and names in each language. Sentences compute nothing.
#![deny(missing_docs)]

mod dates;
mod language;
mod lists;
mod money;
mod numbers;
mod plurals;
pub mod terms;

pub use dates::{date, days_ago, month};
pub use language::{Language, Say, Words};
pub use lists::{either, list};
pub use money::{money, money_whole};
pub use numbers::{integer, number, percent, signed, signed_percent};
pub use plurals::{counted, measured, plural, plural_of};
