//! The shape of the evidence: what held-out rows showed.

use std::collections::BTreeMap;

use clientela_learn::calibration::CalibrationKind;
use clientela_learn::metrics::binary::{
    AreaInterval, Interval, LiftBin, PrecisionRecallPoint, ReliabilityBin, RocPoint,
};
use clientela_methods::churn::{
    CalibrationChoice, Criterion, Evidence as Found, FamilyEvidence, Leak, Metrics, RiskReport,
    TemporalEvidence,
};
use clientela_narrative::Language;
use schemars::JsonSchema;
use serde::Serialize;

use super::selection;
use crate::wire::{Count, Score};

/// Figures of rows that the model did not see; intervals hold with 95 % confidence.
#[derive(Clone, Serialize, JsonSchema)]
#[schemars(rename = "ChurnMetrics")]
pub struct FamilyMetrics {
    /// How often someone who left ranks above someone who stayed: 0.5 is chance, 1 without a mistake.
    #[schemars(extend("minimum" = 0, "maximum" = 1))]
    pub roc_auc: Score,
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
    pub ece: Score,
    /// What a perfectly calibrated model would show with as many rows.
    pub ece_expected: Score,
    /// How scores became probabilities; left out where it was not chosen for these figures.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("enum" = ["none", "platt", "beta", "isotonic"]))]
    calibration: Option<&'static str>,
}

/// What held-out rows showed.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ChurnEvidence")]
pub struct Evidence {
    /// Rows whose outcome is known.
    n_labelled: Count,
    /// Those of them who left.
    n_churned: Count,
    /// Their share.
    pub base_rate: Score,
    /// Parts that took turns at being held out.
    n_folds: Count,
    /// What a part keeps together: the `row`, or the `customer` where some have several rows.
    #[schemars(extend("enum" = ["row", "customer"]))]
    folds_by: &'static str,
    /// What decided which family serves.
    selection: Selection,
    /// How its scores became probabilities.
    calibration: Calibration,
    /// The probabilities that are served, on the rows whose outcome is known.
    pub served: Served,
    /// Log loss of giving everyone the rate of the base: what `log_loss` has to be below.
    log_loss_of_rate: Score,
    /// Area under the ROC curve of the published formula, which nobody fitted to these rows.
    heuristic_roc_auc: Score,
    /// Fields that alone tell who left; most likely they were written afterwards.
    leaks: Vec<LeakingColumn>,
    /// The families without those fields; empty where there are none.
    #[schemars(extend("propertyNames" = { "enum": super::response::FAMILIES }))]
    without_leaks: BTreeMap<&'static str, FamilyMetrics>,
    /// Rows that repeat others.
    duplicates: DuplicateRows,
    /// The best family on the last date, taught by earlier ones; with three dates or more.
    #[serde(skip_serializing_if = "Option::is_none")]
    temporal: Option<Temporal>,
}

/// What decided between the families.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ChurnSelection")]
struct Selection {
    /// Stable code.
    #[schemars(extend("enum" = ["only_family", "roc_auc", "f1", "accuracy", "simplicity"]))]
    rule: &'static str,
    /// The same in words.
    reason: String,
}

/// Maps from scores to probabilities.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ChurnCalibration")]
struct Calibration {
    /// The one that serves.
    #[schemars(extend("enum" = ["none", "platt", "beta", "isotonic"]))]
    kind: &'static str,
    /// All that were tried, from the simplest on.
    candidates: Vec<Candidate>,
}

/// A map that was tried.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ChurnCalibrationCandidate")]
struct Candidate {
    /// Its name.
    #[schemars(extend("enum" = ["none", "platt", "beta", "isotonic"]))]
    kind: &'static str,
    /// Log loss on rows that it was not fitted to.
    log_loss: Score,
    /// By how much that is above the lowest.
    excess: Score,
    /// Standard error of the excess; the simplest map within one of them serves.
    standard_error: Score,
}

/// The probabilities that are served.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ChurnServed")]
pub struct Served {
    /// Their figures.
    #[serde(flatten)]
    pub metrics: FamilyMetrics,
    /// Forecast and outcome in ten bins of equal count, lowest probabilities first.
    #[schemars(extend("maxItems" = 10))]
    reliability: Vec<Reliability>,
    /// Tenths of the rows, highest probabilities first.
    #[schemars(extend("maxItems" = 10))]
    lift: Vec<Lift>,
    /// The ROC curve, thinned.
    #[schemars(extend("maxItems" = 200))]
    roc_curve: Vec<RocCurvePoint>,
    /// The precision–recall curve, thinned.
    #[schemars(extend("maxItems" = 200))]
    precision_recall_curve: Vec<PrecisionRecallCurvePoint>,
}

/// Rows of neighboring probabilities.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ChurnReliabilityBin")]
struct Reliability {
    /// Rows.
    n: Count,
    /// Mean probability.
    mean_forecast: Score,
    /// The share who left.
    churn_rate: Score,
    /// Lower end of its interval.
    churn_rate_lower: Score,
    /// Its upper end.
    churn_rate_upper: Score,
}

/// A tenth of the rows, and all before it.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ChurnLiftBin")]
struct Lift {
    /// Rows.
    n: Count,
    /// Mean probability.
    mean_forecast: Score,
    /// The share who left.
    churn_rate: Score,
    /// That share over the rate of the base; 1 is chance.
    lift: Score,
    /// Share of all rows up to here.
    cumulative_share: Score,
    /// Share of all who left up to here.
    cumulative_gain: Score,
}

/// A point of the ROC curve.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ChurnRocPoint")]
struct RocCurvePoint {
    /// Share of those who stayed with at least the probability `threshold`.
    false_positive_rate: Score,
    /// Share of those who left with at least that probability.
    true_positive_rate: Score,
    /// The probability; left out at the start, where nobody counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    threshold: Option<Score>,
}

/// A point of the precision–recall curve.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ChurnPrecisionRecallPoint")]
struct PrecisionRecallCurvePoint {
    /// Share of those who left with at least the probability `threshold`.
    recall: Score,
    /// Share who left among all with at least that probability.
    precision: Score,
    /// The probability.
    threshold: Score,
}

/// A field that alone tells who left.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ChurnLeak")]
struct LeakingColumn {
    /// Its name.
    column: String,
    /// The area under its own ROC curve.
    roc_auc: Score,
    /// Lower end of the interval.
    roc_auc_lower: Score,
    /// Its upper end.
    roc_auc_upper: Score,
}

/// Rows that repeat others.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ChurnDuplicates")]
struct DuplicateRows {
    /// Rows beyond the first of equal content, the customer apart.
    n_rows: Count,
    /// Their share of the rows whose outcome is known.
    share: Score,
    /// The best family with rows of equal content in one fold; left out where they are few.
    #[serde(skip_serializing_if = "Option::is_none")]
    metrics: Option<FamilyMetrics>,
}

/// What models of earlier dates said about the last one.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ChurnTemporal")]
struct Temporal {
    /// The last date with known outcomes.
    #[schemars(extend("format" = "date"))]
    snapshot_date: String,
    /// Rows of that date.
    n_rows: Count,
    /// The latest date that the model learned from: its outcomes were known by then.
    #[schemars(extend("format" = "date"))]
    learned_until: String,
    /// Rows that it learned from.
    n_rows_learned: Count,
    /// Area under the ROC curve; left out where all or nobody left.
    #[serde(skip_serializing_if = "Option::is_none")]
    roc_auc: Option<Score>,
    /// Lower end of its interval.
    #[serde(skip_serializing_if = "Option::is_none")]
    roc_auc_lower: Option<Score>,
    /// Its upper end.
    #[serde(skip_serializing_if = "Option::is_none")]
    roc_auc_upper: Option<Score>,
    /// Mean of −ln of the probability given to what happened.
    log_loss: Score,
    /// Mean probability.
    mean_forecast: Score,
    /// The share who left.
    churn_rate: Score,
    /// Lower end of its interval.
    #[serde(skip_serializing_if = "Option::is_none")]
    churn_rate_lower: Option<Score>,
    /// Its upper end.
    #[serde(skip_serializing_if = "Option::is_none")]
    churn_rate_upper: Option<Score>,
}

pub fn respond(report: &RiskReport, found: &Found, language: Language) -> Evidence {
    let n_labelled = report.n_churned + report.n_others;
    let leaks = found.leaks.iter().map(leak);
    Evidence {
        n_labelled: n_labelled as Count,
        n_churned: report.n_churned as Count,
        base_rate: Score::new(report.n_churned as f64 / n_labelled as f64),
        n_folds: found.n_folds as Count,
        folds_by: if found.is_grouped { "customer" } else { "row" },
        selection: Selection {
            rule: criterion_code(found.criterion),
            reason: selection::reason(found, language),
        },
        calibration: calibration(&found.calibration),
        served: served(found),
        log_loss_of_rate: Score::new(found.log_loss_of_rate),
        heuristic_roc_auc: Score::new(found.heuristic_roc_auc.area),
        leaks: leaks.collect(),
        without_leaks: families(&found.without_leaks),
        duplicates: DuplicateRows {
            n_rows: found.duplicates.n_rows as Count,
            share: Score::new(found.duplicates.share),
            metrics: found.without_duplicates.as_ref().map(of_family),
        },
        temporal: found.temporal.as_ref().map(temporal),
    }
}

/// The figures of families by their names.
pub fn families(found: &[FamilyEvidence]) -> BTreeMap<&'static str, FamilyMetrics> {
    let named = found
        .iter()
        .map(|family| (family.family.name(), of_family(family)));
    named.collect()
}

fn of_family(found: &FamilyEvidence) -> FamilyMetrics {
    let kind = calibration_code(found.calibration);
    metrics(&found.metrics, Some(kind))
}

fn metrics(found: &Metrics, calibration: Option<&'static str>) -> FamilyMetrics {
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

fn served(found: &Found) -> Served {
    let served = &found.served;
    Served {
        metrics: metrics(&served.metrics, None),
        reliability: served.reliability.iter().map(reliability).collect(),
        lift: served.lift.iter().map(lift).collect(),
        roc_curve: served.roc_curve.iter().map(roc_point).collect(),
        precision_recall_curve: served
            .precision_recall_curve
            .iter()
            .map(precision_recall_point)
            .collect(),
    }
}

fn reliability(bin: &ReliabilityBin) -> Reliability {
    Reliability {
        n: bin.n as Count,
        mean_forecast: Score::new(bin.mean_forecast),
        churn_rate: Score::new(bin.rate),
        churn_rate_lower: Score::new(bin.lower),
        churn_rate_upper: Score::new(bin.upper),
    }
}

fn lift(bin: &LiftBin) -> Lift {
    Lift {
        n: bin.n as Count,
        mean_forecast: Score::new(bin.mean_forecast),
        churn_rate: Score::new(bin.rate),
        lift: Score::new(bin.lift),
        cumulative_share: Score::new(bin.cumulative_share),
        cumulative_gain: Score::new(bin.cumulative_gain),
    }
}

fn roc_point(point: &RocPoint) -> RocCurvePoint {
    RocCurvePoint {
        false_positive_rate: Score::new(point.false_positive_rate),
        true_positive_rate: Score::new(point.true_positive_rate),
        threshold: point.threshold.map(Score::new),
    }
}

fn precision_recall_point(point: &PrecisionRecallPoint) -> PrecisionRecallCurvePoint {
    PrecisionRecallCurvePoint {
        recall: Score::new(point.recall),
        precision: Score::new(point.precision),
        threshold: Score::new(point.threshold),
    }
}

fn leak(leak: &Leak) -> LeakingColumn {
    LeakingColumn {
        column: leak.column.clone(),
        roc_auc: Score::new(leak.roc_auc.area),
        roc_auc_lower: Score::new(leak.roc_auc.lower),
        roc_auc_upper: Score::new(leak.roc_auc.upper),
    }
}

fn temporal(found: &TemporalEvidence) -> Temporal {
    let area = |end: fn(&AreaInterval) -> f64| found.roc_auc.as_ref().map(end).map(Score::new);
    Temporal {
        snapshot_date: found.date.to_string(),
        n_rows: found.n_rows as Count,
        learned_until: found.learned_until.to_string(),
        n_rows_learned: found.n_rows_learned as Count,
        roc_auc: area(|found| found.area),
        roc_auc_lower: area(|found| found.lower),
        roc_auc_upper: area(|found| found.upper),
        log_loss: Score::new(found.log_loss),
        mean_forecast: Score::new(found.mean_forecast),
        churn_rate: Score::new(found.rate),
        churn_rate_lower: found.rate_interval.map(|ends| Score::new(ends.lower)),
        churn_rate_upper: found.rate_interval.map(|ends| Score::new(ends.upper)),
    }
}

fn calibration(choice: &CalibrationChoice) -> Calibration {
    let candidates = choice.candidates.iter().map(|candidate| Candidate {
        kind: calibration_code(candidate.kind),
        log_loss: Score::new(candidate.log_loss),
        excess: Score::new(candidate.excess),
        standard_error: Score::new(candidate.standard_error),
    });
    Calibration {
        kind: calibration_code(choice.kind),
        candidates: candidates.collect(),
    }
}

fn calibration_code(kind: CalibrationKind) -> &'static str {
    match kind {
        CalibrationKind::None => "none",
        CalibrationKind::Platt => "platt",
        CalibrationKind::Beta => "beta",
        CalibrationKind::Isotonic => "isotonic",
    }
}

fn criterion_code(criterion: Criterion) -> &'static str {
    match criterion {
        Criterion::OnlyFamily => "only_family",
        Criterion::RocAuc => "roc_auc",
        Criterion::F1 => "f1",
        Criterion::Accuracy => "accuracy",
        Criterion::Simplicity => "simplicity",
    }
}
