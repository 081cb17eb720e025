//! The shape of the evidence: how families and naive baselines forecast what is already known.

use std::collections::BTreeMap;

use clientela_methods::clv::{
    CalibrationDecile, ClvReport, Coverage as FoundCoverage, Evidence, FamilyScore, Origin, Scores,
    Validation as Found,
};
use clientela_narrative::Language;
use schemars::JsonSchema;
use serde::Serialize;

use super::Table;
use super::response::{Purchases, day};
use super::verdict;
use crate::wire::{Count, Full, Money, Percent, Score};

/// How well the families forecast what is already known.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ClvValidation")]
pub struct Validation {
    /// How much weight the figures bear: `sound`, `weak` (shown, but did not choose) or `none` (no hold-out).
    #[schemars(extend("enum" = ["sound", "weak", "none"]))]
    pub evidence: &'static str,
    /// What it lacks, where it is not sound.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evidence_reason: Option<String>,
    /// The family that serves against the baselines, in words.
    pub verdict: String,
    /// Which rule decided the family that serves.
    pub selection: Selection,
    /// Days of a hold-out; left out without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("minimum" = 1))]
    pub validated_days: Option<u32>,
    /// The last day that each forecast knew, latest first.
    #[schemars(extend("items" = { "type": "string", "format": "date" }, "maxItems" = 3))]
    pub split_dates: Vec<String>,
    /// The hold-outs, latest first.
    #[schemars(extend("maxItems" = 3))]
    pub origins: Vec<HoldOut>,
    /// Each family, pooled over the hold-outs.
    pub families: BTreeMap<&'static str, FamilyEvidence>,
    /// Errors of three forecasts that need no model: `last_window` (the same amount as in the last window of that length), `zero`, and `population_mean` (mean repeat rate times value).
    pub baselines: BTreeMap<&'static str, Errors>,
    /// The family that serves against each baseline.
    pub comparisons: Vec<Comparison>,
    /// Tenths of customers by the forecast of the family that serves, lowest first; empty without a hold-out.
    #[schemars(extend("maxItems" = 10))]
    pub calibration: Vec<Decile>,
    /// How often intervals of the family that serves held.
    pub coverage: Vec<Coverage>,
    /// Value in the hold-outs from customers born in them, whom no forecast knew, over all value in them; left out without any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new_customers_share: Option<Score>,
    /// Customers born in at least one hold-out, each counted once.
    pub n_new_customers: Count,
    /// Why GradientBoosting could not compete; left out where it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub boosting_unavailable: Option<Unavailable>,
}

/// The rule that decided which family serves.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ClvSelection")]
pub struct Selection {
    /// Stable code.
    #[schemars(extend("enum" = [
        "asked", "asked_but_unavailable", "too_few_repeat_buyers", "no_evidence", "only_candidate", "total_off",
        "lower_error", "not_clearly_lower", "larger_errors", "regular_buyers"
    ]))]
    pub rule: &'static str,
    /// The same in words, with its figures.
    pub reason: String,
}

/// Why a family could not compete.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ClvUnavailable")]
pub struct Unavailable {
    /// Stable code.
    #[schemars(extend("enum" = ["not_asked", "no_hold_out", "no_training_window", "too_little_to_learn"]))]
    pub code: &'static str,
    /// The same in words.
    pub reason: String,
}

/// One hold-out.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ClvHoldOut")]
pub struct HoldOut {
    /// Last day that forecasts knew.
    #[schemars(extend("format" = "date"))]
    pub split_date: String,
    /// Last day compared.
    #[schemars(extend("format" = "date"))]
    pub end_date: String,
    /// Customers known at the split.
    n_customers: Count,
    /// Their purchases in the window.
    actual_purchases: Count,
    /// Purchases that the family that serves expected of them; left out where it could not forecast this hold-out.
    #[serde(skip_serializing_if = "Option::is_none")]
    expected_purchases: Option<Purchases>,
    /// Their value in the window.
    actual_value: Money,
    /// Value that the family that serves expected of them; left out where it could not forecast this hold-out.
    #[serde(skip_serializing_if = "Option::is_none")]
    expected_value: Option<Money>,
}

/// Errors of forecasts of value per customer.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ClvErrors")]
pub struct Errors {
    /// Customers times hold-outs.
    n: Count,
    /// Mean absolute error.
    #[schemars(extend("minimum" = 0))]
    mae: Money,
    /// Root of the mean squared error.
    #[schemars(extend("minimum" = 0))]
    rmse: Money,
    /// Forecast total over actual total, less one, in percent; left out where nothing came.
    #[serde(skip_serializing_if = "Option::is_none")]
    bias_pct: Option<Percent>,
    /// Sum of the forecasts.
    forecast_total: Money,
    /// Sum of what came.
    actual_total: Money,
    /// Rank correlation of forecast and value; left out where either is constant.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("minimum" = -1, "maximum" = 1))]
    spearman: Option<Score>,
}

/// How one family did.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ClvFamilyEvidence")]
pub struct FamilyEvidence {
    /// Its errors.
    #[serde(flatten)]
    errors: Errors,
    /// Tenths of customers by its forecast, lowest first.
    calibration: Vec<Decile>,
    /// How often its intervals held; empty for a mean, which has none.
    coverage: Vec<Coverage>,
}

/// The family that serves against one baseline.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ClvComparison")]
pub struct Comparison {
    /// The baseline.
    #[schemars(extend("enum" = ["last_window", "zero", "population_mean"]))]
    baseline: &'static str,
    /// Whether the family's mean absolute error is lower.
    mae_is_lower: bool,
    /// Whether its root mean squared error is lower.
    rmse_is_lower: bool,
    /// Whether its total is closer to what came.
    total_is_closer: bool,
}

/// A tenth of the customers of all hold-outs.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ClvCalibrationDecile")]
pub struct Decile {
    /// 1 for the lowest forecasts.
    #[schemars(extend("minimum" = 1, "maximum" = 10))]
    pub decile: u32,
    /// Customers in it.
    n: Count,
    /// Their mean forecast.
    pub mean_forecast: Money,
    /// What they brought on average.
    pub mean_actual: Money,
}

/// How often intervals of one level held.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ClvCoverage")]
pub struct Coverage {
    /// The probability they state.
    #[schemars(extend("minimum" = 0, "maximum" = 1))]
    level: Full,
    /// Share of customers whose value lay inside; where zero is likely, an interval holds more than it states.
    #[schemars(extend("minimum" = 0, "maximum" = 1))]
    share_inside: Score,
    /// The same without that surplus, by the randomized probability integral transform: of a true model it is the level.
    #[schemars(extend("minimum" = 0, "maximum" = 1))]
    share_inside_randomized: Score,
    /// Hold-outs whose total lay inside its interval.
    totals_inside: u32,
    /// Hold-outs whose total had an interval.
    n_totals: u32,
}

pub fn respond(table: &Table, report: &ClvReport, language: Language) -> Validation {
    let found = &report.validation;
    let evidence_reason = match found.evidence {
        Evidence::Sound => None,
        Evidence::Weak(shortfall) | Evidence::Absent(shortfall) => {
            Some(verdict::shortfall(shortfall, language))
        }
    };
    let families = found.families.iter();
    let baselines = found.baselines.iter();
    Validation {
        evidence: match found.evidence {
            Evidence::Sound => "sound",
            Evidence::Weak(_) => "weak",
            Evidence::Absent(_) => "none",
        },
        evidence_reason,
        verdict: verdict::verdict(table, report, language),
        selection: verdict::selection(found.selection, table.currency, language),
        validated_days: found.window_days,
        split_dates: found.origins.iter().map(|o| day(o.split_day)).collect(),
        origins: found.origins.iter().map(hold_out).collect(),
        families: families.map(|f| (f.family.name(), family(f))).collect(),
        baselines: baselines
            .map(|b| (b.baseline.name(), errors(&b.scores)))
            .collect(),
        comparisons: comparisons(found),
        calibration: calibration(&found.calibration),
        coverage: coverage(&found.coverage),
        new_customers_share: found.new_customers_share.map(Score::new),
        n_new_customers: found.n_new_customers as Count,
        boosting_unavailable: found
            .boosting_unavailable
            .map(|why| verdict::unavailable(why, language)),
    }
}

fn hold_out(origin: &Origin) -> HoldOut {
    HoldOut {
        split_date: day(origin.split_day),
        end_date: day(origin.end_day),
        n_customers: origin.n_customers as Count,
        actual_purchases: Count::from(origin.actual_purchases),
        expected_purchases: origin.expected_purchases.map(Purchases::new),
        actual_value: Money::new(origin.actual_value),
        expected_value: origin.expected_value.map(Money::new),
    }
}

fn errors(scores: &Scores) -> Errors {
    Errors {
        n: scores.n as Count,
        mae: Money::new(scores.mae),
        rmse: Money::new(scores.rmse),
        bias_pct: scores.bias.map(|bias| Percent::new(100.0 * bias)),
        forecast_total: Money::new(scores.forecast_total),
        actual_total: Money::new(scores.actual_total),
        spearman: scores.spearman.map(Score::new),
    }
}

fn comparisons(found: &Found) -> Vec<Comparison> {
    let compared = found.verdict.iter().map(|comparison| Comparison {
        baseline: comparison.baseline.name(),
        mae_is_lower: comparison.mae_is_lower,
        rmse_is_lower: comparison.rmse_is_lower,
        total_is_closer: comparison.total_is_closer,
    });
    compared.collect()
}

fn family(score: &FamilyScore) -> FamilyEvidence {
    FamilyEvidence {
        errors: errors(&score.scores),
        calibration: calibration(&score.calibration),
        coverage: coverage(&score.coverage),
    }
}

fn calibration(found: &[CalibrationDecile]) -> Vec<Decile> {
    let deciles = found.iter().zip(1..);
    let deciles = deciles.map(|(found, decile)| Decile {
        decile,
        n: found.n as Count,
        mean_forecast: Money::new(found.mean_forecast),
        mean_actual: Money::new(found.mean_actual),
    });
    deciles.collect()
}

fn coverage(found: &[FoundCoverage]) -> Vec<Coverage> {
    let levels = found.iter().map(|coverage| {
        let totals = coverage.totals.iter().flatten();
        Coverage {
            level: Full::new(coverage.level),
            share_inside: Score::new(coverage.share_inside),
            share_inside_randomized: Score::new(coverage.share_inside_randomized),
            totals_inside: totals.clone().filter(|(is_inside, _)| *is_inside).count() as u32,
            n_totals: totals.count() as u32,
        }
    });
    levels.collect()
}
