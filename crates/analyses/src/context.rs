//! What an analysis knows besides the body, and what it hands back.

use std::fmt;
use std::time::Duration;

use clientela_narrative::Language;
use clientela_numerics::StopToken;
use clientela_tables::Date;

use crate::{Models, SavedModel};

/// Everything besides the body that may decide an answer, and the means to stop it.
#[derive(Clone, Debug)]
pub struct Context {
    /// The language asked for outside the body (query or header); a body's `lang` counts only where this is `None`.
    pub language: Option<Language>,
    /// The date that counts as today where the body gives none.
    pub today: Date,
    /// The form of the answer.
    pub format: Format,
    /// The saved models of whoever asks, and of nobody else.
    pub models: Models,
    /// Set by the owner when nobody waits for the answer any more.
    pub stop: StopToken,
}

/// A form in which an answer can be had.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// The contract's JSON.
    #[default]
    Json,
    /// One row per customer.
    Csv,
    /// A drawing.
    Svg,
    /// Nested JSON as sunburst charts read it.
    Sunburst,
    /// A tree as phylogenetics tools read it.
    Newick,
}

impl Format {
    /// All formats, the default first.
    pub const ALL: [Self; 5] = [
        Self::Json,
        Self::Csv,
        Self::Svg,
        Self::Sunburst,
        Self::Newick,
    ];

    /// The word that asks for it in `?format=` and `--format`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Svg => "svg",
            Self::Sunburst => "sunburst",
            Self::Newick => "newick",
        }
    }

    /// The media type it is sent with.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Json | Self::Sunburst => "application/json",
            Self::Csv => "text/csv; charset=utf-8",
            Self::Svg => "image/svg+xml",
            Self::Newick => "text/plain; charset=utf-8",
        }
    }

    /// The format with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A finished answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// Media type of `body`.
    pub media_type: &'static str,
    /// The answer.
    pub body: Vec<u8>,
    /// The language its texts are in.
    pub language: Language,
    /// The run manifest as JSON, where the body has no place for it (arrays, drawings, tables).
    pub run: Option<String>,
    /// How many warnings the answer carries.
    pub n_warnings: usize,
    /// Models for the caller to store before the answer goes out, which names them.
    pub artifacts: Vec<SavedModel>,
    /// How long each step took, in order.
    pub timings: Vec<(&'static str, Duration)>,
}
