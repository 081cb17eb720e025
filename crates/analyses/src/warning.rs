//! What is imperfect but answerable.

use clientela_narrative::{Language, Say, Words};
use serde::Serialize;
use serde_json::{Map, Value};

/// A remark that travels with an answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Warning {
    /// Stable code for programs.
    pub code: &'static str,
    /// The remark for people.
    pub words: Words,
    /// The field it is about.
    pub path: Option<String>,
    /// The figures it states.
    pub figures: Map<String, Value>,
}

impl Warning {
    /// A remark about the whole answer.
    #[must_use]
    pub fn new(code: &'static str, words: Words) -> Self {
        Self {
            code,
            words,
            path: None,
            figures: Map::new(),
        }
    }

    /// The same about one field.
    #[must_use]
    pub fn at(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// The same with a figure it states.
    #[must_use]
    pub fn figure(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.figures.insert(name.to_owned(), value.into());
        self
    }
}

/// A warning on the wire.
#[derive(Clone, Debug, Serialize, schemars::JsonSchema)]
#[schemars(rename = "Warning")]
pub struct WireWarning {
    /// Stable code for programs.
    pub code: &'static str,
    /// The remark in the language of the answer.
    pub message: String,
    /// The field it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The figures it states.
    #[serde(skip_serializing_if = "Map::is_empty")]
    #[schemars(default)]
    pub figures: Map<String, Value>,
}

/// Sorted by code, then path, and said in one language.
pub fn to_wire(mut warnings: Vec<Warning>, language: Language) -> Vec<WireWarning> {
    warnings.sort_by(|a, b| (a.code, &a.path).cmp(&(b.code, &b.path)));
    warnings
        .into_iter()
        .map(|warning| WireWarning {
            code: warning.code,
            message: warning.words.say(language),
            path: warning.path,
            figures: warning.figures,
        })
        .collect()
}
