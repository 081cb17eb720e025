//! Segmentation of minimal shopper rows.

mod respond;
mod wire;

use clientela_methods::segmentation::Scaling;
use clientela_methods::segmentation::shoppers::{ShopperOptions, ShopperSegmentation, segment};
use clientela_narrative::Language;
use clientela_tables::Shoppers;

use super::{PAGE, ROUTES, SUMMARY, warnings};
use crate::csv::CsvRows;
use crate::spine::{Analysis, Facts, Scope};
use crate::wire::{Check, Currency};
use crate::{Failure, Warning};

pub struct ShopperRows;

/// A base and how it is to be segmented.
pub struct Table {
    shoppers: Shoppers,
    options: ShopperOptions,
    window_months: Option<f64>,
    currency: Option<Currency>,
}

impl Analysis for ShopperRows {
    const ROUTES: &'static [&'static str] = ROUTES;
    const SUMMARY: &'static str = SUMMARY;
    const PAGE: &'static str = PAGE;
    const EXAMPLE: &'static str =
        include_str!("../../../tests/golden/purchasing_segmentation/basic/request.json");
    const CSV: Option<CsvRows> = Some(CsvRows::Pairs("labels", ["id", "cluster_id"]));

    type Request<'a> = wire::ShoppersRequest<'a>;
    type Table = Table;
    type Report = ShopperSegmentation;
    type Response = respond::ShoppersResponse;

    fn validate(request: Self::Request<'_>, scope: &Scope, check: &mut Check) -> Option<Table> {
        wire::validate(request, scope, check)
    }
    fn facts(table: &Table) -> Facts {
        Facts {
            n_rows: table.shoppers.len(),
            today: None,
        }
    }
    fn analyze(table: &Table, scope: &Scope) -> Result<ShopperSegmentation, Failure> {
        Ok(segment(&table.shoppers, &table.options, &scope.stop)?)
    }
    fn warnings(table: &Table, report: &ShopperSegmentation) -> Vec<Warning> {
        let benchmark = &report.benchmark;
        let scaled = table.options.scaling != Scaling::None && benchmark.n_distinct > 1;
        let columns = warnings::of_shopper_columns(&report.variance_shares);
        warnings::of_benchmark(benchmark, "k_range", "benchmark")
            .into_iter()
            .chain(columns.into_iter().filter(|_| scaled))
            .collect()
    }
    fn respond(table: &Table, report: &ShopperSegmentation, language: Language) -> Self::Response {
        respond::respond(table, report, language)
    }
}
