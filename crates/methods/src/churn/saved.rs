//! A model that outlives its request: plain data, and how rows are scored by it.

use clientela_learn::calibration::{CalibrationKind, probability};
use clientela_learn::metrics::binary::ReliabilityBin;
use clientela_numerics::{StopToken, Stopped};
use clientela_tables::{CustomerTraits, Date, MISSING_TEXT, TraitValues};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::canonical::CanonicalRows;
use super::columns::{ColumnKind, ColumnUsage, Documented, Ignored, describe};
use super::distribution::Distribution;
use super::evidence::{Evidence, FamilyEvidence, Metrics};
use super::features::{Feature, FeatureValues, Features, values_of};
use super::heuristic::Heuristic;
use super::remark::Remark;
use super::remarks;
use super::report::{
    Basis, RiskModels, RiskOptions, RiskReport, RowRisk, ServedModel, Source, compared,
};

/// A model of all labelled rows with what it takes to score others, and to say how good that is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SavedModel {
    /// The columns it sees, in the order of its encoding.
    pub features: Vec<SavedFeature>,
    /// From features to probabilities.
    pub served: ServedModel,
    /// Labelled rows it learned from that churned.
    pub n_churned: usize,
    /// The others.
    pub n_others: usize,
    /// What held-out rows showed when it was learned.
    pub evidence: SavedEvidence,
    /// The probabilities that this very model gives the rows it learned from: those of the models of the folds are of other models,
    /// from which it would differ though no row had moved.
    pub probabilities: Distribution,
    /// Of everything that was drawn.
    pub seed: u64,
    /// Days after a snapshot until its outcome was known; `None` where it was known at the snapshot.
    pub label_window_days: Option<u32>,
    /// The latest date of a labelled row; `None` where rows came without.
    #[serde(with = "days")]
    pub last_snapshot: Option<Date>,
}

/// A column that a saved model sees.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SavedFeature {
    /// Its name.
    pub name: String,
    /// The type of its values.
    pub kind: ColumnKind,
    /// Words it tells apart, ascending by bytes; empty for numbers.
    pub levels: Vec<String>,
    /// Its values in the rows that the model learned from.
    pub distribution: Distribution,
}

/// What held-out rows showed of a model that was saved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SavedEvidence {
    /// Folds.
    pub n_folds: usize,
    /// What its family showed, before few rows had their say.
    pub family: Metrics,
    /// The map that calibrates it.
    pub calibration: CalibrationKind,
    /// What the probabilities showed that were served.
    pub served: Metrics,
    /// Their mean and the rate in bins of equal count.
    pub reliability: Vec<ReliabilityBin>,
    /// Log loss of giving everyone the rate of the base.
    pub log_loss_of_rate: f64,
    /// Columns that knew the answer.
    pub leaks: Vec<String>,
}

impl RiskReport {
    /// The model to be saved, with the table and the options of the report; `None` where none was learned from all rows.
    ///
    /// # Panics
    /// On another table than that of the report.
    #[must_use]
    pub fn saved_model(
        &self,
        traits: &CustomerTraits,
        options: &RiskOptions,
    ) -> Option<SavedModel> {
        let (models, evidence) = (self.models.as_ref()?, self.evidence.as_ref()?);
        let served = models.of_all.clone()?;
        assert_eq!(traits.len(), self.customers.len(), "the report's table");
        let learned = Learned::of(self, traits, models);
        let probabilities = learned.probabilities(models, &served);
        let feature = |feature: &Feature| {
            let levels = kept_levels(&feature.values);
            let (rows, outcomes) = (&learned.places, &learned.outcomes);
            SavedFeature {
                kind: self.kind_of(&feature.name),
                distribution: Distribution::of(&feature.values, &levels, rows, outcomes),
                name: feature.name.clone(),
                levels,
            }
        };
        Some(SavedModel {
            features: models.features.columns.par_iter().map(feature).collect(),
            served,
            n_churned: self.n_churned,
            n_others: self.n_others,
            evidence: SavedEvidence::of(evidence),
            probabilities: Distribution::of_numbers(&probabilities, &learned.outcomes),
            seed: options.seed,
            label_window_days: options.label_window_days,
            last_snapshot: learned.last_snapshot,
        })
    }

    fn kind_of(&self, column: &str) -> ColumnKind {
        let report = self.columns.iter().find(|report| report.name == column);
        report.expect("a report of each feature").kind
    }
}

/// The labelled rows in canonical order.
struct Learned {
    /// Places in the features.
    places: Vec<u32>,
    outcomes: Vec<bool>,
    last_snapshot: Option<Date>,
}

impl Learned {
    fn of(report: &RiskReport, traits: &CustomerTraits, models: &RiskModels) -> Self {
        let row = |place: u32| models.order[place as usize] as usize;
        let is_labelled =
            |&place: &u32| matches!(report.customers[row(place)].source, Source::Fold(_));
        let places: Vec<u32> = (0..models.order.len() as u32).filter(is_labelled).collect();
        let rows = || places.iter().map(|&place| row(place));
        Self {
            outcomes: rows()
                .map(|row| traits.churned()[row] == Some(true))
                .collect(),
            last_snapshot: rows().filter_map(|row| traits.dates()[row]).max(),
            places,
        }
    }

    /// What a model of all of them gives them.
    fn probabilities(&self, models: &RiskModels, served: &ServedModel) -> Vec<f64> {
        let scores = served
            .model
            .log_odds(&models.features, &self.places, &StopToken::new());
        let scores = scores.expect("nobody asks to stop");
        let rows = self.places.iter().zip(scores);
        rows.map(|(&place, score)| {
            let z = models.heuristic_log_odds[place as usize];
            probability(served.risk(score, z).served)
        })
        .collect()
    }
}

impl SavedEvidence {
    fn of(evidence: &Evidence) -> Self {
        let is_best = |tested: &&FamilyEvidence| tested.family == evidence.best;
        let family = evidence.families.iter().find(is_best);
        Self {
            n_folds: evidence.n_folds,
            family: family.expect("the family that serves").metrics,
            calibration: evidence.calibration.kind,
            served: evidence.served.metrics,
            reliability: evidence.served.reliability.clone(),
            log_loss_of_rate: evidence.log_loss_of_rate,
            leaks: evidence
                .leaks
                .iter()
                .map(|leak| leak.column.clone())
                .collect(),
        }
    }
}

/// Dates as days since 1970-01-01.
mod days {
    use clientela_tables::Date;
    use serde::de::{Deserialize, Deserializer, Error};
    use serde::ser::{Serialize, Serializer};

    #[expect(clippy::ref_option, reason = "the signature that serde asks for")]
    pub(super) fn serialize<S: Serializer>(
        date: &Option<Date>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        date.map(Date::days_since_epoch).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Date>, D::Error> {
        let days: Option<i32> = Option::deserialize(deserializer)?;
        let date = |days| Date::from_days(days).ok_or_else(|| D::Error::custom("no such date"));
        days.map(date).transpose()
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
    let model = &saved.served.model;
    let scores = model.log_odds(&features, &all, stop)?;
    remarks.extend(remarks::on_unseen_words(model, &features, &all));
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
