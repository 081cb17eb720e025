//! The stored data sets and what other programs made of them.

use serde_json::Value;

/// All entries of one part of `reference.json`.
pub fn entries(part: &str) -> Vec<Entry> {
    let mut document: Value = serde_json::from_str(include_str!("reference.json")).expect("JSON");
    let Value::Array(entries) = document[part].take() else {
        panic!("a list of {part}");
    };
    assert!(entries.len() > 1);
    entries.into_iter().map(Entry).collect()
}

pub struct Entry(pub Value);

impl Entry {
    pub fn number(&self, key: &str) -> f64 {
        self.0[key].as_f64().expect("a number")
    }

    pub fn numbers(&self, key: &str) -> Vec<f64> {
        numbers(&self.0[key])
    }

    pub fn outcomes(&self) -> Vec<bool> {
        let values = self.0["outcomes"].as_array().expect("a list");
        values
            .iter()
            .map(|value| value.as_bool().expect("a yes or no"))
            .collect()
    }

    pub fn list(&self, key: &str) -> Vec<Entry> {
        let values = self.0[key].as_array().expect("a list");
        values.iter().cloned().map(Entry).collect()
    }
}

pub fn numbers(value: &Value) -> Vec<f64> {
    let values = value.as_array().expect("a list");
    values
        .iter()
        .map(|value| value.as_f64().expect("a number"))
        .collect()
}
