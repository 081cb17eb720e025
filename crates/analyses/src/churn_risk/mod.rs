#![doc = include_str!("page.md")]

mod actions;
mod advice;
mod attributions;
mod change;
mod columns;
mod direction;
mod drift;
mod drivers;
mod evidence;
mod factors;
mod headline;
mod model;
mod money;
mod occasion;
mod plan;
mod prose;
mod remarks;
mod request;
mod response;
mod rows;
mod selection;
mod svg;
mod table;
mod terms;
#[cfg(test)]
mod tests;
mod verdict;

use std::sync::Arc;

use clientela_methods::churn::{
    self, Attributions, ChangeGoal, Changes, ColumnValues, Drift, Drivers, Factors, Money,
    RiskReport, WhatIfTable,
};
use clientela_narrative::Language;

use self::table::Table;
use crate::csv::CsvRows;
use crate::spine::{Analysis, Facts, Scope};
use crate::wire::Check;
use crate::{Failure, Format, ModelId, SavedModel, Warning};

pub struct ChurnRisk;

/// Risks with their reasons, and what was asked about them.
pub struct Report {
    risk: RiskReport,
    attributions: Arc<Attributions>,
    factors: Factors,
    drivers: Drivers,
    /// What would change a risk; `None` where nothing is actionable.
    changes: Option<Changes>,
    money: Option<Money>,
    what_if: Option<WhatIfTable>,
    drift: Option<Drift>,
    /// The model to be kept.
    artifact: Option<SavedModel>,
    /// Its id, or that of the model that served.
    model_id: Option<ModelId>,
}

impl Analysis for ChurnRisk {
    const ROUTES: &'static [&'static str] = &["churn_risk"];
    const SUMMARY: &'static str = "Who will leave, how sure that is, why, and what it is worth";
    const PAGE: &'static str = include_str!("page.md");
    const EXAMPLE: &'static str = include_str!("../../tests/golden/churn_risk/basic/request.json");
    const CSV: Option<CsvRows> = Some(CsvRows::Array("results"));
    const DRAWINGS: &'static [Format] = &[Format::Svg];
    const MODEL_FORMAT: Option<u32> = Some(model::FORMAT);

    type Request<'a> = request::ChurnRiskRequest<'a>;
    type Table = Table;
    type Report = Report;
    type Response = response::ChurnRiskResponse;

    fn validate(request: Self::Request<'_>, scope: &Scope, check: &mut Check) -> Option<Table> {
        request::validate(request, scope, check)
    }
    fn facts(table: &Table) -> Facts {
        Facts {
            n_rows: table.read.traits.len(),
            today: None,
        }
    }
    fn analyze(table: &Table, scope: &Scope) -> Result<Report, Failure> {
        let (traits, stop) = (&table.read.traits, &scope.stop);
        let known = table.known.as_ref();
        let risk = match known {
            Some(known) => churn::score(traits, &known.model, stop)?,
            None => churn::risk(traits, &table.options, stop)?,
        };
        let attributions = churn::attributions(traits, &risk, stop)?;
        let values = match known {
            Some(known) => ColumnValues::of_saved(traits, &risk, &known.model, stop)?,
            None => ColumnValues::of(traits, &risk, stop)?,
        };
        let factors = churn::factors(&values, &risk, &attributions, table.max_factors);
        let drivers = churn::drivers(&values, &risk, &attributions, stop)?;
        let actionable = &table.read.actionable;
        let changes = || churn::changes(&values, &risk, actionable, ChangeGoal::NextBand, stop);
        let changes = (!actionable.is_empty()).then(changes).transpose()?;
        drop(values);
        let money = Money::of(traits, &risk);
        let what_if = table.what_if.as_ref().zip(money.as_ref());
        let reliability = match (known, &risk.evidence) {
            (Some(known), _) => &known.model.evidence.reliability[..],
            (None, Some(evidence)) => &evidence.served.reliability[..],
            (None, None) => &[],
        };
        let what_if = what_if.and_then(|(assumed, money)| money.what_if(assumed, reliability));
        let saved = table
            .options
            .keep_model
            .then(|| risk.saved_model(traits, &table.options));
        let artifact = saved
            .flatten()
            .map(|saved| model::write(&saved, &risk, Self::ROUTES[0]));
        let made = artifact.as_ref().map(SavedModel::id);
        Ok(Report {
            model_id: made.or(known.map(|known| known.id)),
            drift: known.map(|known| churn::drift(&known.model, &risk)),
            attributions: Arc::new(attributions),
            factors,
            drivers,
            changes,
            money,
            what_if,
            artifact,
            risk,
        })
    }
    fn warnings(table: &Table, report: &Report) -> Vec<Warning> {
        remarks::warnings(table, report)
    }
    fn artifacts(_: &Table, report: &Report) -> Vec<SavedModel> {
        report.artifact.iter().cloned().collect()
    }
    fn respond(table: &Table, report: &Report, language: Language) -> Self::Response {
        response::respond(table, report, language)
    }
    fn render(response: &Self::Response, _: Format, language: Language) -> Vec<u8> {
        svg::draw(&response.drawn, language).into_bytes()
    }
}
