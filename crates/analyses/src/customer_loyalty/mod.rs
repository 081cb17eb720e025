#![doc = include_str!("page.md")]

mod prose;
mod remarks;
mod request;
mod response;
mod thresholds;

use clientela_methods::loyalty::{self, LoyaltyParams, LoyaltyReport};
use clientela_narrative::Language;
use clientela_tables::Cohort;

use crate::csv::CsvRows;
use crate::spine::{Analysis, Facts, Scope};
use crate::wire::Check;
use crate::{Failure, Warning};

pub struct CustomerLoyalty;

/// A cohort and what its scores are made of.
pub struct Table {
    cohort: Cohort,
    params: LoyaltyParams,
}

impl Analysis for CustomerLoyalty {
    const ROUTES: &'static [&'static str] = &["customer_loyalty"];
    const SUMMARY: &'static str = "A loyalty score for every customer, what it is made of, and what lifts it to the next tier";
    const PAGE: &'static str = include_str!("page.md");
    const EXAMPLE: &'static str =
        include_str!("../../tests/golden/customer_loyalty/basic/request.json");
    const CSV: Option<CsvRows> = Some(CsvRows::Array("customers"));

    type Request<'a> = request::CustomerLoyaltyRequest<'a>;
    type Table = Table;
    type Report = LoyaltyReport;
    type Response = response::CustomerLoyaltyResponse;

    fn validate(request: Self::Request<'_>, _: &Scope, check: &mut Check) -> Option<Table> {
        request::validate(request, check)
    }
    fn facts(table: &Table) -> Facts {
        Facts {
            n_rows: table.cohort.ids.len(),
            today: None,
        }
    }
    fn analyze(table: &Table, scope: &Scope) -> Result<LoyaltyReport, Failure> {
        scope.stop.poll()?;
        Ok(loyalty::score(&table.cohort, &table.params))
    }
    fn warnings(table: &Table, report: &LoyaltyReport) -> Vec<Warning> {
        remarks::warnings(table, report)
    }
    fn respond(table: &Table, report: &LoyaltyReport, language: Language) -> Self::Response {
        response::respond(table, report, language)
    }
}
