#![doc = include_str!("page.md")]

mod prose;
mod wire;

use clientela_methods::clv::{self, ClvFeaturesReport};
use clientela_narrative::Language;

use crate::csv::CsvRows;
use crate::spine::{Analysis, Facts, Scope};
use crate::wire::purchases::Buyers;
use crate::wire::{Check, Currency};
use crate::{Failure, Warning};

pub struct CustomerClvFeatures;

/// A base, after how many days without a purchase a customer counts as lost, and the currency to name in texts.
pub struct Table {
    buyers: Buyers,
    churn_threshold_days: u32,
    currency: Option<Currency>,
}

impl Analysis for CustomerClvFeatures {
    const ROUTES: &'static [&'static str] = &["customer_clv_features"];
    const SUMMARY: &'static str = "What lifetime value models know of every customer: repeat purchases, their span and their value";
    const PAGE: &'static str = include_str!("page.md");
    const EXAMPLE: &'static str =
        include_str!("../../tests/golden/customer_clv_features/basic/request.json");
    const CSV: Option<CsvRows> = Some(CsvRows::Array("customers"));

    type Request<'a> = wire::CustomerClvFeaturesRequest<'a>;
    type Table = Table;
    type Report = ClvFeaturesReport;
    type Response = wire::CustomerClvFeaturesResponse;

    fn validate(request: Self::Request<'_>, scope: &Scope, check: &mut Check) -> Option<Table> {
        wire::validate(request, scope, check)
    }
    fn facts(table: &Table) -> Facts {
        Facts {
            n_rows: table.buyers.histories.len(),
            today: Some(table.buyers.histories.today()),
        }
    }
    fn analyze(table: &Table, scope: &Scope) -> Result<ClvFeaturesReport, Failure> {
        scope.stop.poll()?;
        let report = clv::clv_features(&table.buyers.histories, table.churn_threshold_days);
        Ok(report)
    }
    fn warnings(table: &Table, report: &ClvFeaturesReport) -> Vec<Warning> {
        prose::warnings(&table.buyers, report)
    }
    fn respond(table: &Table, report: &ClvFeaturesReport, language: Language) -> Self::Response {
        wire::respond(table, report, language)
    }
}
