#![doc = include_str!("page.md")]

mod prose;
mod wire;

use clientela_methods::rfm::{self, RfmReport};
use clientela_narrative::Language;
use clientela_tables::Orders;

use crate::csv::CsvRows;
use crate::spine::{Analysis, Facts, Scope};
use crate::wire::{Check, Currency};
use crate::{Failure, Warning};

pub struct CustomerRfm;

/// A base, the number of bins to score it in, and the currency to name in texts.
pub struct Table {
    orders: Orders,
    bins: u32,
    currency: Option<Currency>,
}

impl Analysis for CustomerRfm {
    const ROUTES: &'static [&'static str] = &["customer_rfm"];
    const SUMMARY: &'static str =
        "Recency, frequency and monetary scores, and the tiers made of them";
    const PAGE: &'static str = include_str!("page.md");
    const EXAMPLE: &'static str =
        include_str!("../../tests/golden/customer_rfm/basic/request.json");
    const CSV: Option<CsvRows> = Some(CsvRows::Array("customers"));

    type Request<'a> = wire::CustomerRfmRequest<'a>;
    type Table = Table;
    type Report = RfmReport;
    type Response = wire::CustomerRfmResponse;

    fn validate(request: Self::Request<'_>, scope: &Scope, check: &mut Check) -> Option<Table> {
        wire::validate(request, scope, check)
    }
    fn facts(table: &Table) -> Facts {
        Facts {
            n_rows: table.orders.customers.len(),
            today: Some(table.orders.today),
        }
    }
    fn analyze(table: &Table, scope: &Scope) -> Result<RfmReport, Failure> {
        scope.stop.poll()?;
        Ok(rfm::score(&table.orders, table.bins))
    }
    fn warnings(_: &Table, report: &RfmReport) -> Vec<Warning> {
        prose::warnings(report)
    }
    fn respond(table: &Table, report: &RfmReport, language: Language) -> Self::Response {
        wire::respond(table, report, language)
    }
}
