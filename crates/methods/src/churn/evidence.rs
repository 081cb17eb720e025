//! What held-out rows showed.
//!
//! Where customers have several rows, all intervals and what chance alone would give count customers: rows of one are not
//! independent (see [`RankedOutcomes::clustered`]).

use clientela_learn::calibration::{CalibrationKind, probability};
use clientela_learn::metrics::binary::{
    AreaInterval, Interval, LiftBin, PrecisionRecallPoint, RankedOutcomes, ReliabilityBin, RocPoint,
};
use clientela_numerics::{StopToken, Stopped};
use clientela_tables::Date;
use serde::{Deserialize, Serialize};

use super::calibration::CalibrationChoice;
use super::duplicates::Duplicates;
use super::families::Family;
use super::leaks::Leak;
use super::lesson::{Lesson, Pupils};
use super::selection::Criterion;

/// Bins of reliability, expected calibration error and lift.
const BINS: usize = 10;
/// Draws of a perfect model's calibration error.
const DRAWS: usize = 200;
/// Points of a curve at most.
const CURVE_POINTS_MAX: usize = 200;
/// The probability from which on a row is called a churner in F1 and accuracy.
const THRESHOLD: f64 = 0.5;
/// Confidence of all intervals.
const LEVEL: f64 = 0.95;

/// How good forecasts of rows are that their models did not see; all intervals at 95 %.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Metrics {
    /// Area under the ROC curve.
    pub roc_auc: AreaInterval,
    /// Area under the precision–recall curve.
    pub average_precision: f64,
    /// Its interval.
    pub average_precision_interval: Option<Interval>,
    /// F1 at a probability of 0.5.
    pub f1: f64,
    /// Its interval.
    pub f1_interval: Option<Interval>,
    /// Accuracy at a probability of 0.5.
    pub accuracy: f64,
    /// Its interval.
    pub accuracy_interval: Option<Interval>,
    /// Mean squared difference of probability and outcome.
    pub brier_score: f64,
    /// Mean of −ln of the probability given to what happened.
    pub log_loss: f64,
    /// Expected calibration error in ten bins of equal count.
    pub ece: f64,
    /// What a perfectly calibrated model would show with these probabilities.
    pub ece_expected: f64,
}

/// A family and what its held-out rows showed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FamilyEvidence {
    /// The family.
    pub family: Family,
    /// The map that calibrates it.
    pub calibration: CalibrationKind,
    /// Ranking by its scores, the rest by its calibrated probabilities.
    pub metrics: Metrics,
}

/// What the probabilities that are served showed on labelled rows.
#[derive(Clone, Debug, PartialEq)]
pub struct ServedEvidence {
    /// All figures.
    pub metrics: Metrics,
    /// Mean forecast and rate in ten bins of equal count.
    pub reliability: Vec<ReliabilityBin>,
    /// Tenths of the rows, highest probabilities first.
    pub lift: Vec<LiftBin>,
    /// The ROC curve.
    pub roc_curve: Vec<RocPoint>,
    /// The precision–recall curve.
    pub precision_recall_curve: Vec<PrecisionRecallPoint>,
}

/// All that was tested.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    /// Folds.
    pub n_folds: usize,
    /// Whether some customer has several rows, so that rows were dealt out by customer.
    pub is_grouped: bool,
    /// Customers of the rarer class, where they are fewer than the twenty from which on a model stands alone.
    pub few_customers: Option<usize>,
    /// The families that could be fitted, from the simplest on.
    pub families: Vec<FamilyEvidence>,
    /// The family that serves.
    pub best: Family,
    /// What decided.
    pub criterion: Criterion,
    /// How its scores are calibrated.
    pub calibration: CalibrationChoice,
    /// The probabilities that are served.
    pub served: ServedEvidence,
    /// Log loss of giving everyone the rate of the base.
    pub log_loss_of_rate: f64,
    /// Area under the ROC curve of the formula, which nobody fitted to these rows.
    pub heuristic_roc_auc: AreaInterval,
    /// Columns that know the answer.
    pub leaks: Vec<Leak>,
    /// The families without these columns; empty where there are none.
    pub without_leaks: Vec<FamilyEvidence>,
    /// Rows that repeat others.
    pub duplicates: Duplicates,
    /// The best family with all rows of the same content in one fold, where there are many.
    pub without_duplicates: Option<FamilyEvidence>,
    /// The best family on the last date; with three dates or more. That it is the best was found on all dates, the last among
    /// them; its models, their calibration and the share of the formula are of earlier ones alone.
    pub temporal: Option<TemporalEvidence>,
}

/// What models of earlier dates said about the last one; which family they are of was chosen on all dates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TemporalEvidence {
    /// The last date.
    pub date: Date,
    /// Labelled rows of that date.
    pub n_rows: usize,
    /// Earlier labelled rows whose outcome was known by then.
    pub n_rows_learned: usize,
    /// The latest date among them.
    pub learned_until: Date,
    /// Area under the ROC curve; `None` where the last date has one class only.
    pub roc_auc: Option<AreaInterval>,
    /// Log loss.
    pub log_loss: f64,
    /// Mean probability.
    pub mean_forecast: f64,
    /// The share that did churn.
    pub rate: f64,
    /// Its interval.
    pub rate_interval: Option<Interval>,
}

impl Metrics {
    /// Ranking by `scores`, the rest by `log_odds` of the rows of a lesson.
    pub(super) fn of(
        scores: &[f64],
        log_odds: &[f64],
        lesson: &Lesson<'_>,
        stop: &StopToken,
    ) -> Result<Self, Stopped> {
        let (outcomes, groups) = (lesson.outcomes, lesson.groups);
        stop.poll()?;
        let by_score = RankedOutcomes::clustered(scores, outcomes, groups);
        stop.poll()?;
        let by_probability = ranked_probabilities(log_odds, outcomes, groups);
        stop.poll()?;
        Self::of_ranked(&by_score, &by_probability, lesson.seed, stop)
    }

    fn of_ranked(
        by_score: &RankedOutcomes,
        by_probability: &RankedOutcomes,
        seed: u64,
        stop: &StopToken,
    ) -> Result<Self, Stopped> {
        const BOTH: &str = "rows of both classes";
        let decisions = by_probability.decisions(THRESHOLD);
        let by_chance =
            by_probability.expected_calibration_error_by_chance(BINS, DRAWS, seed, stop)?;
        Ok(Self {
            roc_auc: by_score.roc_auc_interval(LEVEL).expect(BOTH),
            average_precision: by_score.average_precision().expect(BOTH),
            average_precision_interval: by_score.average_precision_interval(LEVEL),
            f1: decisions.f1_score(),
            f1_interval: decisions.f1_interval(LEVEL),
            accuracy: decisions.accuracy().expect(BOTH),
            accuracy_interval: decisions.accuracy_interval(LEVEL),
            brier_score: by_probability.brier_score().expect(BOTH),
            log_loss: by_probability.log_loss().expect(BOTH),
            ece: by_probability.expected_calibration_error(BINS).expect(BOTH),
            ece_expected: by_chance.expect(BOTH),
        })
    }
}

impl ServedEvidence {
    /// Of the log-odds that are served for the rows of a lesson.
    pub(super) fn of(
        log_odds: &[f64],
        lesson: &Lesson<'_>,
        stop: &StopToken,
    ) -> Result<Self, Stopped> {
        stop.poll()?;
        let ranked = ranked_probabilities(log_odds, lesson.outcomes, lesson.groups);
        stop.poll()?;
        Ok(Self {
            metrics: Metrics::of_ranked(&ranked, &ranked, lesson.seed, stop)?,
            reliability: ranked.reliability(BINS, LEVEL),
            lift: ranked.lift(BINS),
            roc_curve: ranked.roc_curve(CURVE_POINTS_MAX),
            precision_recall_curve: ranked.precision_recall_curve(CURVE_POINTS_MAX),
        })
    }
}

impl TemporalEvidence {
    /// Of log-odds for the labelled rows of the last date, of which there is at least one.
    pub(super) fn of(
        date: Date,
        learned_until: Date,
        n_rows_learned: usize,
        log_odds: &[f64],
        tested: &Pupils,
    ) -> Self {
        const ROWS: &str = "rows of the last date";
        let ranked = ranked_probabilities(log_odds, &tested.outcomes, &tested.groups);
        let sum: f64 = log_odds.iter().map(|&s| probability(s)).sum();
        Self {
            date,
            n_rows: tested.rows.len(),
            n_rows_learned,
            learned_until,
            roc_auc: ranked.roc_auc_interval(LEVEL),
            log_loss: ranked.log_loss().expect(ROWS),
            mean_forecast: sum / ranked.n(),
            rate: ranked.base_rate().expect(ROWS),
            rate_interval: ranked.base_rate_interval(LEVEL),
        }
    }
}

/// Mean of −ln of what the rate of these outcomes, of both classes, gives to each.
pub(super) fn log_loss_of_rate(outcomes: &[bool]) -> f64 {
    let n = outcomes.len() as f64;
    let n_churned = outcomes.iter().filter(|&&churned| churned).count() as f64;
    let rate = n_churned / n;
    -(rate * libm::log(rate) + (1.0 - rate) * libm::log(1.0 - rate))
}

/// The area under the ROC curve of scores of the rows of a lesson.
pub(super) fn area(scores: &[f64], lesson: &Lesson<'_>) -> AreaInterval {
    let ranked = RankedOutcomes::clustered(scores, lesson.outcomes, lesson.groups);
    ranked
        .roc_auc_interval(LEVEL)
        .expect("rows of both classes")
}

fn ranked_probabilities(log_odds: &[f64], outcomes: &[bool], groups: &[u32]) -> RankedOutcomes {
    let probabilities: Vec<f64> = log_odds.iter().map(|&s| probability(s)).collect();
    RankedOutcomes::clustered(&probabilities, outcomes, groups)
}
