//! What drives the risks of the whole base, and what sets each band apart.

use clientela_methods::churn::{
    BandProfile, BandTrait, BandValue, ColumnKind, Driver as Found, Drivers, Effect, Level,
    LevelEffect,
};
use clientela_narrative::{Language, percent, sentence};
use schemars::JsonSchema;
use serde::Serialize;

use super::table::Table;
use super::terms::{
    amount, band_code, band_word, column_name, column_title, of_chance, quoted, share, yes_or_no,
};
use crate::wire::{Count, Money, Score};

/// What a field does in the whole base.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ChurnDriver")]
pub struct Driver {
    /// The field.
    feature: String,
    /// Mean size of what it adds to log-odds.
    #[schemars(extend("minimum" = 0))]
    mean_attribution: Score,
    /// Its share of that over all fields.
    #[schemars(extend("minimum" = 0, "maximum" = 1))]
    share: Score,
    /// Whether the risk `rises` or `falls` with the value (with yes), `depends`, or goes by `words`.
    #[schemars(extend("enum" = ["rises", "falls", "depends", "words"]))]
    direction: &'static str,
    /// The word with the highest mean attribution; left out for numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    highest: Option<LevelShare>,
    /// The one with the lowest.
    #[serde(skip_serializing_if = "Option::is_none")]
    lowest: Option<LevelShare>,
    /// Rows without a value; left out where all have one.
    #[serde(skip_serializing_if = "Option::is_none")]
    missing: Option<LevelShare>,
    /// The same in words.
    text: String,
}

/// What rows with the same value get.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ChurnLevel")]
struct LevelShare {
    /// The word, `true` or `false`; left out for rows without a value, and for words too rare to be told apart.
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<String>,
    /// Rows.
    n_rows: Count,
    /// What it adds to their log-odds in the mean.
    mean_attribution: Score,
}

/// A band of risks.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ChurnBand")]
pub struct Band {
    /// Its name.
    #[schemars(extend("enum" = ["High", "Medium", "Low"]))]
    risk_band: &'static str,
    /// Rows in it.
    n_rows: Count,
    /// Their share of all rows.
    share: Score,
    /// Mean of their probabilities.
    mean_probability: Score,
    /// Rows whose outcome is known.
    n_labelled: Count,
    /// The share of those who left; left out without any.
    #[serde(skip_serializing_if = "Option::is_none")]
    churn_rate: Option<Score>,
    /// Sum of `revenue_at_risk`; left out without a value column.
    #[serde(skip_serializing_if = "Option::is_none")]
    revenue_at_risk: Option<Money>,
    /// What sets its rows apart from all, the strongest first.
    traits: Vec<Trait>,
    /// The same in words.
    text: String,
}

/// A field in which a band differs from all rows.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ChurnBandTrait")]
struct Trait {
    /// The field.
    feature: String,
    /// Its mean attribution in the band, less that of all rows.
    difference: Score,
    /// The value that is more common here than elsewhere; left out for numbers, missing values and rare words.
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<String>,
    /// Of numbers the median in the band, else the share of that value.
    in_band: Score,
    /// The same of all rows.
    overall: Score,
}

/// Traits of a band that a sentence tells.
const TOLD_TRAITS: usize = 3;

pub fn drivers(found: &Drivers, language: Language) -> Vec<Driver> {
    let drivers = found.features.iter();
    drivers.map(|driver| of_feature(driver, language)).collect()
}

fn of_feature(found: &Found, language: Language) -> Driver {
    let (direction, highest, lowest) = match &found.effect {
        Effect::Rises => ("rises", None, None),
        Effect::Falls => ("falls", None, None),
        Effect::Depends => ("depends", None, None),
        Effect::Words { highest, lowest } => ("words", Some(level(highest)), Some(level(lowest))),
    };
    Driver {
        feature: found.feature.clone(),
        mean_attribution: Score::new(found.mean_absolute),
        share: Score::new(found.share),
        direction,
        highest,
        lowest,
        missing: found.missing.as_ref().map(level),
        text: told(found, language),
    }
}

fn level(found: &LevelEffect) -> LevelShare {
    LevelShare {
        value: level_value(&found.level),
        n_rows: found.n as Count,
        mean_attribution: Score::new(found.mean_attribution),
    }
}

fn level_value(level: &Level) -> Option<String> {
    match level {
        Level::Yes => Some("true".to_owned()),
        Level::No => Some("false".to_owned()),
        Level::Word(word) => Some(word.clone()),
        Level::Other | Level::Missing => None,
    }
}

/// A value in running text.
fn level_text(level: &Level, language: Language) -> String {
    match level {
        Level::Yes => yes_or_no(true, language),
        Level::No => yes_or_no(false, language),
        Level::Word(word) => quoted(word, language),
        Level::Other => sentence!(
            language,
            "rare values",
            "valores poco comunes",
            "valores pouco comuns"
        ),
        Level::Missing => sentence!(
            language,
            "missing values",
            "valores ausentes",
            "valores ausentes"
        ),
    }
}

/// One sentence: how much, and which way.
pub fn told(found: &Found, language: Language) -> String {
    let name = column_title(&found.feature, language);
    if found.share == 0.0 {
        return sentence!(
            language,
            "{name} does not tell customers apart.",
            "{name} no distingue a los clientes.",
            "{name} não distingue os clientes."
        );
    }
    let of_all = of_all(found.share, language);
    let way = way(found, language);
    sentence!(
        language,
        "{name} makes up {of_all} of what tells customers apart; {way}.",
        "{name}: {of_all} de lo que distingue a los clientes; {way}.",
        "{name}: {of_all} do que distingue os clientes; {way}."
    )
}

/// A share that is not 0, and so not said to be.
fn of_all(share: f64, language: Language) -> String {
    if share >= 0.005 {
        return percent(share, 0, language);
    }
    let least = percent(0.01, 0, language);
    sentence!(
        language,
        "less than {least}",
        "menos del {least}",
        "menos de {least}"
    )
}

fn way(found: &Found, language: Language) -> String {
    let is_yes_or_no = found.kind == ColumnKind::Boolean;
    match &found.effect {
        Effect::Rises if is_yes_or_no => sentence!(
            language,
            "the risk is higher with yes",
            "el riesgo es mayor con sí",
            "o risco é maior com sim"
        ),
        Effect::Falls if is_yes_or_no => sentence!(
            language,
            "the risk is lower with yes",
            "el riesgo es menor con sí",
            "o risco é menor com sim"
        ),
        Effect::Rises => sentence!(
            language,
            "the risk rises with it",
            "a mayor valor, mayor riesgo",
            "quanto maior o valor, maior o risco"
        ),
        Effect::Falls => sentence!(
            language,
            "the risk falls as it rises",
            "a mayor valor, menor riesgo",
            "quanto maior o valor, menor o risco"
        ),
        Effect::Depends => sentence!(
            language,
            "which way it points depends on the value or on other fields",
            "hacia dónde apunta depende del valor o de otros campos",
            "para onde aponta depende do valor ou de outros campos"
        ),
        Effect::Words { highest, lowest } => {
            let [high, low] = [highest, lowest].map(|found| level_text(&found.level, language));
            sentence!(
                language,
                "the risk is highest with {high} and lowest with {low}",
                "el riesgo es máximo con {high} y mínimo con {low}",
                "o risco é máximo com {high} e mínimo com {low}"
            )
        }
    }
}

/// All bands that have rows, the highest first; `at_risk` is the sum of money of each.
pub fn bands(
    found: &Drivers,
    table: &Table,
    at_risk: impl Fn(&BandProfile) -> Option<f64>,
    language: Language,
) -> Vec<Band> {
    let n_rows = table.read.traits.len();
    let band = |profile: &BandProfile| Band {
        risk_band: band_code(profile.band),
        n_rows: profile.n as Count,
        share: Score::new(profile.n as f64 / n_rows as f64),
        mean_probability: Score::new(profile.mean_probability),
        n_labelled: profile.n_labelled as Count,
        churn_rate: profile.churn_rate.map(Score::new),
        revenue_at_risk: at_risk(profile).map(Money::new),
        traits: profile.traits.iter().map(of_trait).collect(),
        text: band_text(profile, table, language),
    };
    found.bands.iter().map(band).collect()
}

fn of_trait(found: &BandTrait) -> Trait {
    let (value, in_band, overall) = match &found.value {
        BandValue::Number { median, overall } => (None, *median, *overall),
        BandValue::Level {
            level,
            share,
            overall,
        } => (level_value(level), *share, *overall),
    };
    Trait {
        feature: found.feature.clone(),
        difference: Score::new(found.difference),
        value,
        in_band: Score::new(in_band),
        overall: Score::new(overall),
    }
}

/// How many, how likely, and what they have in common.
pub fn band_text(profile: &BandProfile, table: &Table, language: Language) -> String {
    let band = band_word(profile.band, language);
    let rows = table.noun().counted(profile.n, language);
    let of_all = share(profile.n as f64 / table.read.traits.len() as f64, language);
    let mean = of_chance(profile.mean_probability, language);
    let first = sentence!(
        language,
        "{rows} ({of_all}) at {band} risk, with a mean probability of {mean}",
        "{rows} ({of_all}) con riesgo {band} y una probabilidad media {mean}",
        "{rows} ({of_all}) com risco {band} e probabilidade média {mean}"
    );
    let told: Vec<String> = profile
        .traits
        .iter()
        .filter(|found| is_seen(&found.value))
        .take(TOLD_TRAITS)
        .map(|found| trait_text(found, language))
        .collect();
    if told.is_empty() {
        return first + ".";
    }
    let told = told.join("; ");
    sentence!(
        language,
        "{first}. What sets them apart: {told}.",
        "{first}. Qué distingue a este grupo: {told}.",
        "{first}. O que distingue este grupo: {told}."
    )
}

/// Whether the difference shows in the figures that are told: medians of few different numbers are often equal.
fn is_seen(value: &BandValue) -> bool {
    match value {
        BandValue::Number { median, overall } => median != overall,
        BandValue::Level { share, overall, .. } => share != overall,
    }
}

fn trait_text(found: &BandTrait, language: Language) -> String {
    let name = column_name(&found.feature, language);
    match &found.value {
        BandValue::Number { median, overall } => {
            let [own, all] = [median, overall].map(|value| amount(*value, language));
            sentence!(
                language,
                "{name} (median {own}, of all {all})",
                "{name} (mediana {own}; del total, {all})",
                "{name} (mediana {own}; do total, {all})"
            )
        }
        BandValue::Level {
            level,
            share: own,
            overall,
        } => {
            let [own, all] = [own, overall].map(|rate| share(*rate, language));
            let level = level_text(level, language);
            sentence!(
                language,
                "{name} {level} ({own}, of all {all})",
                "{name} {level} ({own}; del total, {all})",
                "{name} {level} ({own}; do total, {all})"
            )
        }
    }
}
