//! A model that outlives its request: plain data, and how rows are scored by it.

use clientela_numerics::{StopToken, Stopped};
use clientela_tables::{CustomerTraits, MISSING_TEXT, TraitValues};

use super::canonical::CanonicalRows;
use super::columns::{ColumnKind, ColumnUsage, Documented, Ignored, describe};
use super::evidence::Metrics;
use super::features::{Feature, FeatureValues, Features, values_of};
use super::heuristic::Heuristic;
use super::remark::Remark;
use super::remarks;
use super::report::{Basis, RiskModels, RiskReport, RowRisk, ServedModel, compared};

/// A model of all labelled rows with what it takes to score others.
#[derive(Clone, Debug, PartialEq)]
pub struct SavedModel {
    /// The columns it sees, in the order of its encoding.
    pub features: Vec<SavedFeature>,
    /// From features to probabilities.
    pub served: ServedModel,
    /// Labelled rows it learned from that churned.
    pub n_churned: usize,
    /// The others.
    pub n_others: usize,
    /// What its family showed on held-out rows.
    pub metrics: Metrics,
}

/// A column that a saved model sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedFeature {
    /// Its name.
    pub name: String,
    /// The type of its values.
    pub kind: ColumnKind,
    /// Words it tells apart, ascending by bytes; empty for numbers.
    pub levels: Vec<String>,
}

impl RiskReport {
    /// The model to be saved; `None` where none was learned from all rows.
    #[must_use]
    pub fn saved_model(&self) -> Option<SavedModel> {
        let (models, evidence) = (self.models.as_ref()?, self.evidence.as_ref()?);
        let feature = |feature: &Feature| SavedFeature {
            name: feature.name.clone(),
            kind: match feature.values {
                FeatureValues::Numeric(_) => ColumnKind::Numeric,
                FeatureValues::Text { .. } => ColumnKind::Text,
            },
            levels: kept_levels(&feature.values),
        };
        Some(SavedModel {
            features: models.features.columns.iter().map(feature).collect(),
            served: models.of_all.clone()?,
            n_churned: self.n_churned,
            n_others: self.n_others,
            metrics: evidence.served.metrics,
        })
    }
}

impl SavedModel {
    /// What the model does with a column.
    fn usage_of(&self, name: &str) -> ColumnUsage {
        let feature = self.features.iter().find(|feature| feature.name == name);
        feature.map_or(ColumnUsage::Ignored(Ignored::NotInModel), |feature| {
            ColumnUsage::Used {
                levels: feature.levels.clone(),
                rare_levels: Vec::new(),
            }
        })
    }
}

fn kept_levels(values: &FeatureValues) -> Vec<String> {
    let FeatureValues::Text {
        levels, is_kept, ..
    } = values
    else {
        return Vec::new();
    };
    let kept = levels.iter().zip(is_kept).filter(|(_, is_kept)| **is_kept);
    kept.map(|(level, _)| level.clone()).collect()
}

/// Risks by a saved model, whether the rows have labels or not.
///
/// A column that is gone counts as missing in every row; columns that the model does not know play no part.
///
/// # Errors
/// [`Stopped`] when the stop token is set.
pub fn score(
    traits: &CustomerTraits,
    saved: &SavedModel,
    stop: &StopToken,
) -> Result<RiskReport, Stopped> {
    let rows = CanonicalRows::of(traits, stop)?;
    let all: Vec<u32> = (0..traits.len() as u32).collect();
    let mut columns = describe(traits, &rows, &all);
    for column in &mut columns {
        column.usage = saved.usage_of(&column.name);
    }
    let mut remarks = remarks::on_columns(traits, &columns);
    remarks.retain(|remark| !matches!(remark, Remark::NumbersAsText { .. }));
    let features = features_for(saved, traits, &rows.order, &mut remarks);
    let z = saved.served.adjustment.heuristic.log_odds(traits);
    let z: Vec<f64> = rows.order.iter().map(|&row| z[row as usize]).collect();
    let scores = saved.served.model.log_odds(&features, &all, stop)?;
    let rows_with_scores = scores.iter().zip(&z);
    let risks: Vec<RowRisk> = rows_with_scores
        .map(|(&score, &z)| saved.served.risk(score, z))
        .collect();
    let n_learned = (saved.n_churned + saved.n_others) as f64;
    let customers = compared(
        &risks,
        &rows.order,
        Some(saved.n_churned as f64 / n_learned),
    );
    let labelled = |class: bool| {
        let churned = traits.churned().iter();
        churned.filter(|churned| **churned == Some(class)).count()
    };
    Ok(RiskReport {
        basis: Basis::Saved(saved.served.model.family()),
        n_churned: labelled(true),
        n_others: labelled(false),
        customers,
        columns,
        evidence: None,
        remarks,
        heuristic: Heuristic::of(traits),
        models: Some(RiskModels {
            features,
            order: rows.order,
            heuristic_log_odds: z,
            of_folds: Vec::new(),
            of_all: Some(saved.served.clone()),
        }),
    })
}

/// The columns of the model as these rows have them.
fn features_for(
    saved: &SavedModel,
    traits: &CustomerTraits,
    order: &[u32],
    remarks: &mut Vec<Remark>,
) -> Features {
    let mut column = |feature: &SavedFeature| {
        let name = || feature.name.clone();
        let found = traits.column(&feature.name).map(|column| &column.values);
        let values = match (feature.kind, found) {
            (ColumnKind::Text, Some(values)) => words_of(values, order, &feature.levels),
            (_, Some(values @ (TraitValues::Numeric(_) | TraitValues::Boolean(_)))) => {
                values_of(values, order, &[])
            }
            (kind, found) => {
                remarks.push(if found.is_some() {
                    Remark::ColumnTypeChanged { column: name() }
                } else {
                    Remark::AbsentColumn { column: name() }
                });
                nothing_of(kind, order.len())
            }
        };
        Feature {
            documented: Documented::of(&feature.name),
            name: name(),
            values,
        }
    };
    Features {
        columns: saved.features.iter().map(&mut column).collect(),
        n_rows: order.len(),
    }
}

/// A column as words, whatever it holds.
fn words_of(values: &TraitValues, order: &[u32], kept: &[String]) -> FeatureValues {
    let text = |word: &dyn Fn(usize) -> Option<String>| {
        let words: Vec<Option<String>> = order.iter().map(|&row| word(row as usize)).collect();
        let mut levels: Vec<String> = words.iter().flatten().cloned().collect();
        levels.sort_unstable();
        levels.dedup();
        let code = |word: &Option<String>| match word {
            None => MISSING_TEXT,
            Some(word) => levels
                .binary_search(word)
                .map_or(MISSING_TEXT, |at| at as u32),
        };
        FeatureValues::Text {
            codes: words.iter().map(code).collect(),
            is_kept: levels
                .iter()
                .map(|level| kept.binary_search(level).is_ok())
                .collect(),
            levels,
        }
    };
    match values {
        TraitValues::Text { .. } => values_of(values, order, kept),
        TraitValues::Numeric(numbers) => text(&|row| {
            let number = numbers[row];
            (!number.is_nan()).then(|| number.to_string())
        }),
        TraitValues::Boolean(booleans) => text(&|row| {
            let word = |yes| if yes { "true" } else { "false" }.to_owned();
            booleans[row].map(word)
        }),
    }
}

/// A column without any value.
fn nothing_of(kind: ColumnKind, n_rows: usize) -> FeatureValues {
    match kind {
        ColumnKind::Text => FeatureValues::Text {
            levels: Vec::new(),
            is_kept: Vec::new(),
            codes: vec![MISSING_TEXT; n_rows],
        },
        ColumnKind::Numeric | ColumnKind::Boolean => FeatureValues::Numeric(vec![f64::NAN; n_rows]),
    }
}
