//! The probabilities that are served, against what happened.

use clientela_learn::metrics::binary::{LiftBin, PrecisionRecallPoint, ReliabilityBin, RocPoint};
use clientela_methods::churn::ServedEvidence;
use schemars::JsonSchema;
use serde::Serialize;

use super::metrics::{FamilyMetrics, metrics};
use crate::wire::{Count, Score};

/// The probabilities that are served.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ChurnServed")]
pub struct Served {
    /// Their figures.
    #[serde(flatten)]
    metrics: FamilyMetrics,
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

pub fn respond(served: &ServedEvidence) -> Served {
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
