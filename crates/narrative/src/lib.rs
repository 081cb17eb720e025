//! Findings to sentences: numbers, plurals and lists in each language. Sentences compute nothing.
#![deny(missing_docs)]

mod language;

pub use language::{Language, Say, Words};
