//! The columns that models see, row by row in canonical order.

use clientela_tables::{CustomerTraits, MISSING_TEXT, TraitValues};

use super::columns::{ColumnReport, ColumnUsage, Documented, booleans_as_numbers};

/// Columns of one length, as models are given them before any encoding.
#[derive(Clone, Debug, PartialEq)]
pub struct Features {
    /// The columns, documented ones first, then by name.
    pub columns: Vec<Feature>,
    /// Rows.
    pub n_rows: usize,
}

/// A column that models see.
#[derive(Clone, Debug, PartialEq)]
pub struct Feature {
    /// Its name.
    pub name: String,
    /// Which documented column it is, if any.
    pub documented: Option<Documented>,
    /// A value for each row.
    pub values: FeatureValues,
}

/// The values of a feature.
#[derive(Clone, Debug, PartialEq)]
pub enum FeatureValues {
    /// Numbers, yes and no as 1 and 0; NaN where they are missing.
    Numeric(Vec<f64>),
    /// Words.
    Text {
        /// Distinct words, ascending by bytes.
        levels: Vec<String>,
        /// Whether a word has rows enough to be told from the others.
        is_kept: Vec<bool>,
        /// Each row's place in `levels`; [`MISSING_TEXT`] where it is missing.
        codes: Vec<u32>,
    },
}

impl Features {
    /// The used columns of a table, rows in the given order.
    pub(super) fn of(traits: &CustomerTraits, reports: &[ColumnReport], order: &[u32]) -> Self {
        let column = |report: &ColumnReport| {
            let ColumnUsage::Used { levels, .. } = &report.usage else {
                return None;
            };
            Some(Feature {
                name: report.name.clone(),
                documented: report.documented,
                values: values_of(&traits.columns()[report.index].values, order, levels),
            })
        };
        Self {
            columns: reports.iter().filter_map(column).collect(),
            n_rows: order.len(),
        }
    }

    /// The same rows without the columns of these names.
    pub(super) fn without(&self, names: &[String]) -> Self {
        let stays = |column: &&Feature| !names.contains(&column.name);
        Self {
            columns: self.columns.iter().filter(stays).cloned().collect(),
            n_rows: self.n_rows,
        }
    }
}

/// The values of a column of a table in the given order; `kept` are the words to be told apart, ascending.
pub(super) fn values_of(values: &TraitValues, order: &[u32], kept: &[String]) -> FeatureValues {
    let ordered = |values: &[f64]| order.iter().map(|&row| values[row as usize]).collect();
    match values {
        TraitValues::Numeric(values) => FeatureValues::Numeric(ordered(values)),
        TraitValues::Boolean(values) => {
            FeatureValues::Numeric(ordered(&booleans_as_numbers(values)))
        }
        TraitValues::Text { levels, codes } => FeatureValues::Text {
            is_kept: levels
                .iter()
                .map(|level| kept.binary_search(level).is_ok())
                .collect(),
            levels: levels.clone(),
            codes: order.iter().map(|&row| codes[row as usize]).collect(),
        },
    }
}

impl Feature {
    /// Whether the value of a row is missing.
    #[must_use]
    pub fn is_missing(&self, row: usize) -> bool {
        match &self.values {
            FeatureValues::Numeric(values) => values[row].is_nan(),
            FeatureValues::Text { codes, .. } => codes[row] == MISSING_TEXT,
        }
    }
}
