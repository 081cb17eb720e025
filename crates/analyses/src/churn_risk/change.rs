//! What would change a risk, in the model's eyes: figures, and a sentence that claims no cause.

use clientela_methods::churn::{Change, Documented, FactorValue, Reached, RiskBand, Step};
use clientela_narrative::{Language, list, percent, sentence};
use schemars::JsonSchema;
use serde::Serialize;

use super::terms::{
    band_code, band_word, column_name, documented_value, factor_value, of_chance, of_chance_below,
};
use crate::wire::{Full, Score};

/// The smallest change of actionable fields that brings a row below its band: what the model would say of such a customer, not what
/// would happen.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ChurnChange")]
pub struct WouldChange {
    /// Whether it is enough. Where it is not, it is what lowers the risk most.
    is_enough: bool,
    /// Whether that is proven: that no change is smaller, or that none is enough.
    is_proven: bool,
    /// Fields that change; empty where none lowers the risk.
    changes: Vec<FieldChange>,
    /// The probability that the model would give.
    #[schemars(extend("minimum" = 0, "maximum" = 1))]
    churn_probability: Score,
    /// Its band.
    #[schemars(extend("enum" = ["High", "Medium", "Low"]))]
    risk_band: &'static str,
    /// The same in words.
    text: String,
}

/// A field that changes.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ChurnFieldChange")]
struct FieldChange {
    /// Its name.
    column: String,
    /// What it is.
    from: FieldValue,
    /// What it would be.
    to: FieldValue,
}

/// A value of a field.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(inline)]
enum FieldValue {
    Number(Full),
    Boolean(bool),
    Text(String),
}

impl WouldChange {
    /// In words.
    #[cfg(test)]
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// `None` where the risk is low already.
pub fn respond(change: &Change<'_>, band: RiskBand, language: Language) -> Option<WouldChange> {
    let (reached, is_enough) = match change {
        Change::NotNeeded => return None,
        Change::Found(reached) => (reached, true),
        Change::NotPossible(reached) => (reached, false),
    };
    let changes = reached.steps.iter().map(|step| FieldChange {
        column: step.feature.to_owned(),
        from: value(step.from),
        to: value(step.to),
    });
    Some(WouldChange {
        is_enough,
        is_proven: reached.is_exact,
        changes: changes.collect(),
        churn_probability: Score::new(reached.probability),
        risk_band: band_code(reached.band),
        text: if is_enough {
            enough(reached, band, language)
        } else {
            not_enough(reached, band, language)
        },
    })
}

fn value(value: FactorValue<'_>) -> FieldValue {
    match value {
        FactorValue::Number(number) => FieldValue::Number(Full::new(number)),
        FactorValue::Boolean(yes) => FieldValue::Boolean(yes),
        FactorValue::Text(text) => FieldValue::Text(text.to_owned()),
        FactorValue::Missing => unreachable!("a value that is missing can't be changed"),
    }
}

fn enough(reached: &Reached<'_>, band: RiskBand, language: Language) -> String {
    let steps = steps(&reached.steps, language);
    let (p, band) = (
        of_chance_below(reached.probability, band.threshold(), language),
        band_word(reached.band, language),
    );
    sentence!(
        language,
        "With {steps}, the model would see a {band} risk ({p}): an association in your data, not a promise.",
        "Con {steps}, el modelo vería un riesgo {band}, {p}: es una asociación en sus datos, no una promesa.",
        "Com {steps}, o modelo veria um risco {band}, {p}: é uma associação nos seus dados, não uma promessa."
    )
}

fn not_enough(reached: &Reached<'_>, band: RiskBand, language: Language) -> String {
    let threshold = percent(band.threshold(), 0, language);
    let tried = if reached.is_exact {
        sentence!(
            language,
            "No change of actionable fields brings the model's risk below {threshold}",
            "Ningún cambio en los campos accionables lleva el riesgo del modelo por debajo del {threshold}",
            "Nenhuma mudança nos campos acionáveis leva o risco do modelo abaixo de {threshold}"
        )
    } else {
        sentence!(
            language,
            "No change of actionable fields that was tried brings the model's risk below {threshold}",
            "Ninguno de los cambios probados en los campos accionables lleva el riesgo del modelo por debajo del {threshold}",
            "Nenhuma das mudanças testadas nos campos acionáveis leva o risco do modelo abaixo de {threshold}"
        )
    };
    if reached.steps.is_empty() {
        return tried + ".";
    }
    let steps = steps(&reached.steps, language);
    let p = of_chance(reached.probability, language);
    sentence!(
        language,
        "{tried}; with {steps} it would be {p}.",
        "{tried}; con {steps} sería {p}.",
        "{tried}; com {steps} seria {p}."
    )
}

fn steps(steps: &[Step<'_>], language: Language) -> String {
    let told: Vec<String> = steps.iter().map(|found| step(found, language)).collect();
    let told: Vec<&str> = told.iter().map(String::as_str).collect();
    list(&told, language)
}

/// `1 service ticket instead of 5`
fn step(step: &Step<'_>, language: Language) -> String {
    let from = factor_value(step.from, language);
    let counted = Documented::of(step.feature).filter(|column| *column != Documented::Tenure);
    if let (Some(column), FactorValue::Number(to)) = (counted, step.to) {
        let to = documented_value(column, to, language);
        return sentence!(
            language,
            "{to} instead of {from}",
            "{to} en lugar de {from}",
            "{to} em vez de {from}"
        );
    }
    let (name, to) = (
        column_name(step.feature, language),
        factor_value(step.to, language),
    );
    sentence!(
        language,
        "{name} at {to} instead of {from}",
        "{name} en {to} en lugar de {from}",
        "{name} em {to} em vez de {from}"
    )
}
