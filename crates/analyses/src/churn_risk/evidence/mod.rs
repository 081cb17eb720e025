//! The shape of the evidence: what held-out rows showed.

mod metrics;
mod served;

use std::collections::BTreeMap;

use clientela_learn::metrics::binary::AreaInterval;
use clientela_methods::churn::{
    CalibrationChoice, Criterion, Evidence as Found, Leak, RiskReport, TemporalEvidence,
};
use clientela_narrative::Language;
use schemars::JsonSchema;
use serde::Serialize;

pub use self::metrics::{FamilyMetrics, families, of_saved};
use self::metrics::{calibration_code, of_family};
use self::served::Served;
use super::selection;
use crate::wire::{Count, Score};

/// What held-out rows showed.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ChurnEvidence")]
pub struct Evidence {
    /// Rows whose outcome is known.
    n_labelled: Count,
    /// Those of them who left.
    n_churned: Count,
    /// Their share.
    base_rate: Score,
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
    served: Served,
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
        served: served::respond(&found.served),
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

fn criterion_code(criterion: Criterion) -> &'static str {
    match criterion {
        Criterion::OnlyFamily => "only_family",
        Criterion::RocAuc => "roc_auc",
        Criterion::F1 => "f1",
        Criterion::Accuracy => "accuracy",
        Criterion::Simplicity => "simplicity",
    }
}
