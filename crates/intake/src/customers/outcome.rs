//! Who left: the words for it.

use std::collections::BTreeMap;

use super::error::CustomersError;
use super::{OutcomeSummary, Table};

/// Who left, row by row; `None` where it is not said.
pub(super) struct Outcomes {
    pub(super) of_rows: Vec<Option<bool>>,
    pub(super) words: Vec<OutcomeSummary>,
}

/// Words for "left" and "stayed", in lower case.
const LEFT: [&str; 15] = [
    "1",
    "1.0",
    "yes",
    "y",
    "true",
    "t",
    "si",
    "sí",
    "sim",
    "s",
    "verdadero",
    "verdadeiro",
    "churned",
    "churn",
    "left",
];
const STAYED: [&str; 14] = [
    "0",
    "0.0",
    "no",
    "n",
    "false",
    "f",
    "não",
    "nao",
    "falso",
    "stayed",
    "retained",
    "active",
    "not churned",
    "no churn",
];

impl Outcomes {
    /// By the words that were declared to mean "left", or those that are known.
    pub(super) fn of(
        table: &Table,
        at: usize,
        declared: &[String],
    ) -> Result<Self, CustomersError> {
        let unclear = |words: Vec<String>, are_declared| CustomersError::OutcomeUnclear {
            column: table.name(at),
            words,
            are_declared,
        };
        let mut n_rows_of: BTreeMap<&str, usize> = BTreeMap::new();
        for word in table.column(at).flatten() {
            *n_rows_of.entry(word).or_default() += 1;
        }
        let occurs = |word: &String| n_rows_of.contains_key(word.trim());
        let (_, absent): (Vec<String>, Vec<String>) = declared.iter().cloned().partition(occurs);
        if !absent.is_empty() {
            return Err(unclear(absent, true));
        }
        let means = |word: &str| meaning(word, declared);
        let unknown = n_rows_of.keys().filter(|word| means(word).is_none());
        let unknown: Vec<String> = unknown.map(|word| (*word).to_owned()).collect();
        if !unknown.is_empty() {
            return Err(unclear(unknown, false));
        }
        let words = n_rows_of.iter().map(|(word, &n_rows)| OutcomeSummary {
            word: (*word).to_owned(),
            churned: means(word) == Some(true),
            n_rows,
        });
        Ok(Self {
            of_rows: table.column(at).map(|word| word.and_then(means)).collect(),
            words: words.collect(),
        })
    }
}

fn meaning(word: &str, declared: &[String]) -> Option<bool> {
    if !declared.is_empty() {
        return Some(declared.iter().any(|left| left.trim() == word));
    }
    let word = word.to_lowercase();
    if LEFT.contains(&word.as_str()) {
        Some(true)
    } else if STAYED.contains(&word.as_str()) {
        Some(false)
    } else {
        None
    }
}
