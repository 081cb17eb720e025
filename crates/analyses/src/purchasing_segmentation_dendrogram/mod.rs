#![doc = include_str!("page.md")]

mod wire;

use clientela_methods::segmentation::Scaling;
use clientela_methods::segmentation::ward::{WardOptions, WardSegmentation, segment_by_ward};
use clientela_narrative::Language;
use clientela_tables::Shoppers;

use crate::csv::CsvRows;
use crate::spine::{Analysis, Facts, Scope};
use crate::wire::Check;
use crate::wire::segmentation::warnings;
use crate::{Failure, Warning};

pub struct PurchasingSegmentationDendrogram;

/// A base and how it is to be segmented.
pub struct Table {
    shoppers: Shoppers,
    options: WardOptions,
}

impl Analysis for PurchasingSegmentationDendrogram {
    const ROUTES: &'static [&'static str] = &["purchasing_segmentation_dendrogram"];
    const SUMMARY: &'static str = "Customers in clusters by Ward linkage, with the whole tree";
    const PAGE: &'static str = include_str!("page.md");
    const EXAMPLE: &'static str =
        include_str!("../../tests/golden/purchasing_segmentation_dendrogram/basic/request.json");
    const CSV: Option<CsvRows> = Some(CsvRows::Pairs("labels", ["id", "cluster_id"]));

    type Request<'a> = wire::PurchasingSegmentationDendrogramRequest<'a>;
    type Table = Table;
    type Report = WardSegmentation;
    type Response = wire::PurchasingSegmentationDendrogramResponse;

    fn validate(request: Self::Request<'_>, scope: &Scope, check: &mut Check) -> Option<Table> {
        wire::validate(request, scope, check)
    }
    fn facts(table: &Table) -> Facts {
        Facts {
            n_rows: table.shoppers.len(),
            today: None,
        }
    }
    fn analyze(table: &Table, scope: &Scope) -> Result<WardSegmentation, Failure> {
        Ok(segment_by_ward(
            &table.shoppers,
            &table.options,
            &scope.stop,
        )?)
    }
    fn warnings(table: &Table, report: &WardSegmentation) -> Vec<Warning> {
        let scaled = table.options.scaling != Scaling::None && report.benchmark.n_distinct > 1;
        let columns = warnings::of_shopper_columns(&report.variance_shares);
        warnings::of_benchmark(&report.benchmark, "benchmark", "benchmark")
            .into_iter()
            .chain(columns.into_iter().filter(|_| scaled))
            .collect()
    }
    fn respond(table: &Table, report: &WardSegmentation, _: Language) -> Self::Response {
        wire::respond(table, report)
    }
}
