//! The shape of the response.

use std::collections::BTreeMap;
use std::sync::Arc;

use clientela_methods::churn::{BandProfile, Basis, CustomerRisk, Source};
use clientela_narrative::Language;
use schemars::JsonSchema;
use serde::Serialize;

use super::Report;
use super::advice;
use super::attributions::RowAttributions;
use super::change::{self, WouldChange};
use super::columns::{self, Column};
use super::drift::{self, Drift};
use super::drivers::{self, Band, Driver};
use super::evidence::{self, Evidence, FamilyMetrics};
use super::factors::Writer;
use super::money::{self, MoneyAtRisk, WhatIfTable};
use super::occasion::{Occasion, Occasions};
use super::prose;
use super::svg::Drawn;
use super::table::{Known, Table};
use super::terms::band_code;
use super::verdict::{self, Verdict};
use crate::wire::{Count, Money, Score};

/// Names of families, as `evaluation_metrics` and `best_algorithm` have them.
pub const FAMILIES: [&str; 3] = ["Logistic Regression", "Random Forest", "Gradient Boosting"];

/// Who will leave, how sure that is, why, and what it is worth.
#[derive(Serialize, JsonSchema)]
pub struct ChurnRiskResponse {
    /// The family that serves, or `Heuristic` where nothing could be learned.
    #[schemars(extend("enum" = ["Logistic Regression", "Random Forest", "Gradient Boosting", "Heuristic"]))]
    pub best_algorithm: &'static str,
    /// What each family showed on held-out rows; empty where nothing was learned here.
    #[schemars(extend("propertyNames" = { "enum": FAMILIES }))]
    pub evaluation_metrics: BTreeMap<&'static str, FamilyMetrics>,
    /// The whole in words: how many at which risk, how far to trust it, what drives it.
    pub interpretation: String,
    /// Whether to use the answer.
    pub verdict: Verdict,
    /// In the order of the request.
    pub results: Vec<Risk>,
    /// Bands of risk that have rows, the highest first.
    #[schemars(extend("maxItems" = 3))]
    pub bands: Vec<Band>,
    /// What drives the risks of the whole base, the strongest first.
    pub drivers: Vec<Driver>,
    /// Each field of the rows, and what was done with it.
    pub columns: Vec<Column>,
    /// What held-out rows showed; left out where nothing was learned here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Evidence>,
    /// The saved model that served, and what it showed when it was learned; left out without `model_id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub saved_model: Option<SavedEvidence>,
    /// How far the rows are from those that the saved model learned from; left out without `model_id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drift: Option<Drift>,
    /// Revenue at risk; left out without `value_column`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub money: Option<MoneyAtRisk>,
    /// What contacting customers would bring, if what was assumed holds; left out without `what_if`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub what_if: Option<WhatIfTable>,
    /// The model that was saved, or that served; left out where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("pattern" = "^[0-9a-f]{32}$"))]
    pub model_id: Option<String>,
    /// For drawings only.
    #[serde(skip)]
    pub drawn: Drawn,
}

/// One row's risk.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ChurnRisk")]
pub struct Risk {
    /// As sent.
    customer_id: String,
    /// The date of the row; left out where it came without.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "date"))]
    snapshot_date: Option<String>,
    /// Calibrated probability of leaving.
    #[schemars(extend("minimum" = 0, "maximum" = 1))]
    churn_probability: Score,
    /// The strongest reasons, the one that makes the risk what it is first.
    top_factors: Vec<String>,
    /// What to do; begins with the band.
    recommended_action: String,
    /// What it is about, in a stable code.
    #[schemars(extend("enum" = ["service_tickets", "payment_events", "usage_frequency", "nps", "new_customer", "actionable", "general"]))]
    action_code: &'static str,
    /// The field that it is about, where that is `actionable`: one that the request declares so.
    #[serde(skip_serializing_if = "Option::is_none")]
    action_column: Option<String>,
    /// High from 0.60 on, Medium from 0.25 on, else Low.
    #[schemars(extend("enum" = ["High", "Medium", "Low"]))]
    risk_band: &'static str,
    /// Share of the rows with a lower risk, equal ones counting half.
    #[schemars(extend("minimum" = 0, "maximum" = 1))]
    risk_percentile: Score,
    /// Probability over the rate of the base (without outcomes: over the mean probability).
    #[schemars(extend("minimum" = 0))]
    lift: Score,
    /// Log-odds of the model before it knows anything of this customer; with `attributions` and `adjustment` it makes those of the probability.
    base_log_odds: Score,
    /// What each field adds to the log-odds; 0 where it is left out.
    attributions: RowAttributions,
    /// What belongs to no field: the formula's share where outcomes are few, and bounds; left out where it is 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    adjustment: Option<Score>,
    /// Where the probability comes from: a model that did not see the row (`out_of_fold`), one of `all_rows`, a `saved_model`, or the `heuristic`.
    #[schemars(extend("enum" = ["out_of_fold", "all_rows", "saved_model", "heuristic"]))]
    source: &'static str,
    /// What would bring the risk below its band; left out where it is low, and where nothing is actionable.
    #[serde(skip_serializing_if = "Option::is_none")]
    what_would_change: Option<WouldChange>,
    /// Probability times value; left out without a value.
    #[serde(skip_serializing_if = "Option::is_none")]
    revenue_at_risk: Option<Money>,
}

/// What is known of a saved model.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ChurnSavedModel")]
pub struct SavedEvidence {
    /// Rows with an outcome that it learned from.
    n_labelled: Count,
    /// Those of them who left.
    n_churned: Count,
    /// What its probabilities showed on rows that it had not seen.
    metrics: FamilyMetrics,
    /// Fields that it knew to tell by themselves who left.
    leaks: Vec<String>,
}

pub fn respond(table: &Table, report: &Report, language: Language) -> ChurnRiskResponse {
    let risk = &report.risk;
    let evidence = risk.evidence.as_ref();
    let at_risk = |profile: &BandProfile| {
        let mut bands = report.money.as_ref()?.by_band.iter();
        Some(bands.find(|band| band.band == profile.band)?.at_risk)
    };
    let verdict = verdict::respond(table, report, language);
    let families = evidence.map(|found| evidence::families(&found.families));
    ChurnRiskResponse {
        best_algorithm: name_of(risk.basis),
        evaluation_metrics: families.unwrap_or_default(),
        interpretation: prose::interpretation(table, report, &verdict, language),
        verdict,
        results: results(table, report, language),
        bands: drivers::bands(&report.drivers, table, at_risk, language),
        drivers: drivers::drivers(&report.drivers, language),
        columns: columns::respond(table, risk, language),
        evidence: evidence.map(|found| evidence::respond(risk, found, language)),
        saved_model: table.known.as_ref().map(saved_evidence),
        drift: report.drift.as_ref().map(drift::respond),
        money: report.money.as_ref().map(money::at_risk),
        what_if: report
            .what_if
            .as_ref()
            .map(|found| money::what_if(found, table, language)),
        model_id: report.model_id.map(|id| id.to_string()),
        drawn: Drawn::of(risk),
    }
}

/// The family that serves.
pub fn name_of(basis: Basis) -> &'static str {
    match basis {
        Basis::Learned(family) | Basis::Saved(family) => family.name(),
        Basis::Heuristic(_) => "Heuristic",
    }
}

fn saved_evidence(known: &Known) -> SavedEvidence {
    let model = &known.model;
    SavedEvidence {
        n_labelled: (model.n_churned + model.n_others) as Count,
        n_churned: model.n_churned as Count,
        metrics: evidence::of_saved(&model.evidence.served, model.evidence.calibration),
        leaks: model.evidence.leaks.clone(),
    }
}

fn results(table: &Table, report: &Report, language: Language) -> Vec<Risk> {
    let traits = &table.read.traits;
    let medians = report.risk.heuristic.stand_ins;
    let occasions = Occasions::of(&table.read, &report.attributions, medians);
    let mut writer = Writer::new(report.factors.churn_rate(), language);
    let changes = report.changes.as_ref();
    let rows = traits.ids().iter().zip(&report.risk.customers).enumerate();
    rows.map(|(row, (id, customer))| {
        let occasion = occasions.of_row(row, report.attributions.of_row(row));
        let factors = report.factors.of_row(row);
        let at_risk = report
            .money
            .as_ref()
            .and_then(|money| money.revenue_at_risk[row]);
        let adjustment = Score::new(report.attributions.adjustment(row));
        Risk {
            customer_id: id.to_owned(),
            snapshot_date: traits.dates()[row].map(|date| date.to_string()),
            churn_probability: Score::new(customer.probability),
            top_factors: factors.map(|factor| writer.sentence(&factor)).collect(),
            recommended_action: advice::action(occasion, customer.band, language),
            action_code: occasion.code(),
            action_column: match occasion {
                Occasion::Field { name, .. } => Some(name.to_owned()),
                _ => None,
            },
            risk_band: band_code(customer.band),
            risk_percentile: Score::new(customer.percentile),
            lift: Score::new(customer.lift),
            base_log_odds: Score::new(report.attributions.base(row)),
            attributions: RowAttributions {
                all: Arc::clone(&report.attributions),
                row,
            },
            adjustment: (adjustment.get() != 0.0).then_some(adjustment),
            source: source(customer, report.risk.basis),
            what_would_change: changes
                .and_then(|changes| change::respond(&changes.of_row(row), customer.band, language)),
            revenue_at_risk: at_risk.map(Money::new),
        }
    })
    .collect()
}

fn source(customer: &CustomerRisk, basis: Basis) -> &'static str {
    match (customer.source, basis) {
        (Source::Fold(_), _) => "out_of_fold",
        (Source::AllRows, Basis::Saved(_)) => "saved_model",
        (Source::AllRows, _) => "all_rows",
        (Source::Heuristic, _) => "heuristic",
    }
}
