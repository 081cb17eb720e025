#![doc = include_str!("page.md")]

mod advice;
mod evidence;
mod explain;
mod model;
mod prose;
mod remarks;
mod request;
mod response;
mod standing;
mod svg;
#[cfg(test)]
mod tests;
mod verdict;

use clientela_methods::clv::{self, ClvReport, ForecastOptions};
use clientela_narrative::Language;

use crate::csv::CsvRows;
use crate::spine::{Analysis, Facts, Scope};
use crate::wire::purchases::Buyers;
use crate::wire::{Check, Currency};
use crate::{Failure, Format, Warning};

pub struct CustomerClvForecast;

/// A base, what to forecast of it, and the currency to name in texts.
pub struct Table {
    buyers: Buyers,
    options: ForecastOptions,
    currency: Option<Currency>,
}

impl Analysis for CustomerClvForecast {
    const ROUTES: &'static [&'static str] = &["customer_clv_forecast"];
    const SUMMARY: &'static str =
        "What every customer will bring, how sure that is, and how the forecast was tested";
    const PAGE: &'static str = include_str!("page.md");
    const EXAMPLE: &'static str =
        include_str!("../../tests/golden/customer_clv_forecast/basic/request.json");
    const CSV: Option<CsvRows> = Some(CsvRows::Array("customers"));
    const DRAWINGS: &'static [Format] = &[Format::Svg];

    type Request<'a> = request::CustomerClvForecastRequest<'a>;
    type Table = Table;
    type Report = ClvReport;
    type Response = response::CustomerClvForecastResponse;

    fn validate(request: Self::Request<'_>, scope: &Scope, check: &mut Check) -> Option<Table> {
        request::validate(request, scope, check)
    }
    fn facts(table: &Table) -> Facts {
        Facts {
            n_rows: table.buyers.histories.len(),
            today: Some(table.buyers.histories.today()),
        }
    }
    fn analyze(table: &Table, scope: &Scope) -> Result<ClvReport, Failure> {
        let histories = &table.buyers.histories;
        Ok(clv::forecast(histories, &table.options, &scope.stop)?)
    }
    fn warnings(table: &Table, report: &ClvReport) -> Vec<Warning> {
        remarks::warnings(table, report)
    }
    fn respond(table: &Table, report: &ClvReport, language: Language) -> Self::Response {
        response::respond(table, report, language)
    }
    fn render(response: &Self::Response, _: Format, language: Language) -> Vec<u8> {
        svg::draw(response, language).into_bytes()
    }
}
