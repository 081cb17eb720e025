//! What each field of the rows was, and what was done with it.

use clientela_methods::churn::{ColumnKind, ColumnReport, ColumnUsage, Ignored, RiskReport};
use clientela_narrative::{Language, integer, sentence};
use schemars::JsonSchema;
use serde::Serialize;

use super::plan::Aside;
use super::table::Table;
use super::terms::quoted;
use crate::wire::Count;

/// A field of the rows.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ChurnColumn")]
pub struct Column {
    /// Its name.
    column: String,
    /// What its values are: `number`, `boolean` or `text`; left out where they were not looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("enum" = ["number", "boolean", "text", serde_json::Value::Null]))]
    class: Option<&'static str>,
    /// What is done with it: models see a `feature`; `value` is what customers are worth.
    #[serde(rename = "use")]
    #[schemars(extend("enum" = ["feature", "value", "ignored"]))]
    used_as: &'static str,
    /// Why it is ignored, in a stable code.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("enum" = ["empty", "constant", "id", "too_many_values", "same_as", "not_in_model", "asked", "nested", serde_json::Value::Null]))]
    ignored_because: Option<&'static str>,
    /// The same in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// Rows without a value; left out where values were not looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    n_missing: Option<Count>,
    /// Words that are told apart; left out for numbers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    values: Vec<String>,
    /// How many words are too rare for that, and count as one.
    #[serde(skip_serializing_if = "is_zero")]
    #[schemars(extend("default" = 0))]
    n_rare_values: Count,
}

#[allow(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
fn is_zero(n: &Count) -> bool {
    *n == 0
}

/// Traits first, documented ones before others, then what was set aside.
pub fn respond(table: &Table, report: &RiskReport, language: Language) -> Vec<Column> {
    let traits = report.columns.iter().map(|found| column(found, language));
    let aside = table.read.aside.iter();
    let aside = aside.map(|(name, why)| set_aside(name, *why, language));
    traits.chain(aside).collect()
}

fn column(found: &ColumnReport, language: Language) -> Column {
    let class = match found.kind {
        ColumnKind::Numeric => "number",
        ColumnKind::Boolean => "boolean",
        ColumnKind::Text => "text",
    };
    let (used_as, because, values, n_rare) = match &found.usage {
        ColumnUsage::Used {
            levels,
            rare_levels,
        } => ("feature", None, levels.clone(), rare_levels.len()),
        ColumnUsage::Ignored(why) => ("ignored", Some(why), Vec::new(), 0),
    };
    Column {
        column: found.name.clone(),
        class: Some(class),
        used_as,
        ignored_because: because.map(ignored_code),
        reason: because.map(|why| ignored_reason(why, language)),
        n_missing: Some(found.n_missing as Count),
        values,
        n_rare_values: n_rare as Count,
    }
}

fn ignored_code(why: &Ignored) -> &'static str {
    match why {
        Ignored::Empty => "empty",
        Ignored::Constant => "constant",
        Ignored::LikeAnId => "id",
        Ignored::TooManyLevels { .. } => "too_many_values",
        Ignored::SameAs(_) => "same_as",
        Ignored::NotInModel => "not_in_model",
    }
}

fn ignored_reason(why: &Ignored, language: Language) -> String {
    match why {
        Ignored::Empty => sentence!(
            language,
            "No row to learn from has a value.",
            "Ninguna fila de aprendizaje tiene valor.",
            "Nenhuma linha de aprendizado tem valor."
        ),
        Ignored::Constant => sentence!(
            language,
            "All rows to learn from have the same value.",
            "Todas las filas de aprendizaje tienen el mismo valor.",
            "Todas as linhas de aprendizado têm o mesmo valor."
        ),
        Ignored::LikeAnId => sentence!(
            language,
            "The values number the rows, as an id does.",
            "Los valores numeran las filas, como un identificador.",
            "Os valores numeram as linhas, como um identificador."
        ),
        Ignored::TooManyLevels {
            n_levels,
            n_levels_max,
        } => {
            let [n, max] = [n_levels, n_levels_max].map(|n| integer(*n as i64, language));
            sentence!(
                language,
                "It has {n} different texts; with so many rows {max} can be told apart.",
                "Tiene {n} textos distintos; con estas filas se pueden distinguir {max}.",
                "Tem {n} textos diferentes; com estas linhas é possível distinguir {max}."
            )
        }
        Ignored::SameAs(other) => {
            let other = quoted(other, language);
            sentence!(
                language,
                "It says the same as {other}, which is used.",
                "Dice lo mismo que {other}, que sí se usa.",
                "Diz o mesmo que {other}, que é usado."
            )
        }
        Ignored::NotInModel => sentence!(
            language,
            "The saved model did not learn from it.",
            "El modelo guardado no aprendió de él.",
            "O modelo salvo não aprendeu com ele."
        ),
    }
}

fn set_aside(name: &str, why: Aside, language: Language) -> Column {
    let (used_as, because, reason) = match why {
        Aside::Value => ("value", None, None),
        Aside::Asked => (
            "ignored",
            Some("asked"),
            Some(sentence!(
                language,
                "The request names it in ignore_columns.",
                "La solicitud lo nombra en ignore_columns.",
                "A solicitação o nomeia em ignore_columns."
            )),
        ),
        Aside::Nested => (
            "ignored",
            Some("nested"),
            Some(sentence!(
                language,
                "It holds lists or objects.",
                "Contiene listas u objetos.",
                "Contém listas ou objetos."
            )),
        ),
    };
    Column {
        column: name.to_owned(),
        class: None,
        used_as,
        ignored_because: because,
        reason,
        n_missing: None,
        values: Vec::new(),
        n_rare_values: 0,
    }
}
