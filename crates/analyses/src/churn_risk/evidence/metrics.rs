//! The figures that every test of probabilities gives.

use std::collections::BTreeMap;

use clientela_learn::calibration::CalibrationKind;
use clientela_learn::metrics::binary::Interval;
use clientela_methods::churn::{FamilyEvidence, Metrics};
use schemars::JsonSchema;
use serde::Serialize;

use crate::wire::Score;

/// Figures of rows that the model did not see; intervals hold with 95 % confidence.
#[derive(Clone, Serialize, JsonSchema)]
#[schemars(rename = "ChurnMetrics")]
pub struct FamilyMetrics {
    /// How often someone who left ranks above someone who stayed: 0.5 is chance, 1 without a mistake.
    #[schemars(extend("minimum" = 0, "maximum" = 1))]
    roc_auc: Score,
    /// F1 where a probability from 0.5 on counts as leaving.
    #[schemars(extend("minimum" = 0, "maximum" = 1))]
    f1: Score,
    /// Share of right answers where a probability from 0.5 on counts as leaving.
    #[schemars(extend("minimum" = 0, "maximum" = 1))]
    accuracy: Score,
    /// Lower end of the interval of `roc_auc`.
    roc_auc_lower: Score,
    /// Its upper end.
    roc_auc_upper: Score,
    /// Lower end of the interval of `f1`; left out where it can't be told.
    #[serde(skip_serializing_if = "Option::is_none")]
    f1_lower: Option<Score>,
    /// Its upper end.
    #[serde(skip_serializing_if = "Option::is_none")]
    f1_upper: Option<Score>,
    /// Lower end of the interval of `accuracy`.
    #[serde(skip_serializing_if = "Option::is_none")]
    accuracy_lower: Option<Score>,
    /// Its upper end.
    #[serde(skip_serializing_if = "Option::is_none")]
    accuracy_upper: Option<Score>,
    /// Area under the precision–recall curve (average precision); chance is the rate of the base.
    pr_auc: Score,
    /// Lower end of the interval of `pr_auc`; left out where it can't be told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pr_auc_lower: Option<Score>,
    /// Its upper end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pr_auc_upper: Option<Score>,
    /// Mean squared difference of probability and outcome.
    brier_score: Score,
    /// Mean of −ln of the probability given to what happened.
    log_loss: Score,
    /// Expected calibration error in ten bins of equal count: how far probabilities are off, on average.
    ece: Score,
    /// What a perfectly calibrated model would show with as many rows.
    ece_expected: Score,
    /// How scores became probabilities; left out where it was not chosen for these figures.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("enum" = ["none", "platt", "beta", "isotonic"]))]
    calibration: Option<&'static str>,
}

/// The figures of families by their names.
pub fn families(found: &[FamilyEvidence]) -> BTreeMap<&'static str, FamilyMetrics> {
    let named = found
        .iter()
        .map(|family| (family.family.name(), of_family(family)));
    named.collect()
}

/// The figures of a family.
pub fn of_family(found: &FamilyEvidence) -> FamilyMetrics {
    let kind = calibration_code(found.calibration);
    metrics(&found.metrics, Some(kind))
}

/// Figures, and the map that was chosen for them if one was.
pub fn metrics(found: &Metrics, calibration: Option<&'static str>) -> FamilyMetrics {
    let ends = |interval: Option<Interval>| {
        let lower = interval.map(|interval| Score::new(interval.lower));
        (lower, interval.map(|interval| Score::new(interval.upper)))
    };
    let (f1_lower, f1_upper) = ends(found.f1_interval);
    let (accuracy_lower, accuracy_upper) = ends(found.accuracy_interval);
    let (pr_auc_lower, pr_auc_upper) = ends(found.average_precision_interval);
    FamilyMetrics {
        roc_auc: Score::new(found.roc_auc.area),
        f1: Score::new(found.f1),
        accuracy: Score::new(found.accuracy),
        roc_auc_lower: Score::new(found.roc_auc.lower),
        roc_auc_upper: Score::new(found.roc_auc.upper),
        f1_lower,
        f1_upper,
        accuracy_lower,
        accuracy_upper,
        pr_auc: Score::new(found.average_precision),
        pr_auc_lower,
        pr_auc_upper,
        brier_score: Score::new(found.brier_score),
        log_loss: Score::new(found.log_loss),
        ece: Score::new(found.ece),
        ece_expected: Score::new(found.ece_expected),
        calibration,
    }
}

/// What a model showed when it was saved.
pub fn of_saved(found: &Metrics, calibration: CalibrationKind) -> FamilyMetrics {
    metrics(found, Some(calibration_code(calibration)))
}

/// The name of a map.
pub fn calibration_code(kind: CalibrationKind) -> &'static str {
    match kind {
        CalibrationKind::None => "none",
        CalibrationKind::Platt => "platt",
        CalibrationKind::Beta => "beta",
        CalibrationKind::Isotonic => "isotonic",
    }
}
