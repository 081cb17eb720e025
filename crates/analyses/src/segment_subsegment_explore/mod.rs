#![doc = include_str!("page.md")]

mod findings;
mod request;
mod response;
mod warnings;
mod words;

use clientela_methods::segmentation::nested::{self, NestedClusters, NestedOptions};
use clientela_narrative::Language;
use clientela_tables::{Labeling, Shoppers};

use crate::csv::{self, CsvRows};
use crate::spine::{Analysis, Facts, Scope};
use crate::wire::Check;
use crate::{Failure, Format, Warning};

pub struct SegmentSubsegmentExplore;

/// A segmented base, and which of its segments are to be divided how.
pub struct Table {
    shoppers: Shoppers,
    labeling: Labeling,
    /// Places in the labeling.
    parents: Vec<usize>,
    /// Customers that would have been divided were they not noise.
    n_noise_skipped: usize,
    options: NestedOptions,
}

impl Analysis for SegmentSubsegmentExplore {
    const ROUTES: &'static [&'static str] = &["segment_subsegment_explore"];
    const SUMMARY: &'static str = "Each segment divided further, on its own";
    const PAGE: &'static str = include_str!("page.md");
    const EXAMPLE: &'static str =
        include_str!("../../tests/golden/segment_subsegment_explore/basic/request.json");
    /// A table, though not one that lies in the response as it is.
    const DRAWINGS: &'static [Format] = &[Format::Csv];

    type Request<'a> = request::SegmentSubsegmentExploreRequest<'a>;
    type Table = Table;
    type Report = Vec<NestedClusters>;
    type Response = response::SegmentSubsegmentExploreResponse;

    fn validate(request: Self::Request<'_>, scope: &Scope, check: &mut Check) -> Option<Table> {
        request::validate(request, scope, check)
    }
    fn facts(table: &Table) -> Facts {
        Facts {
            n_rows: table.shoppers.len(),
            today: None,
        }
    }
    fn analyze(table: &Table, scope: &Scope) -> Result<Vec<NestedClusters>, Failure> {
        let Table {
            shoppers,
            labeling,
            parents,
            options,
            ..
        } = table;
        Ok(nested::divide(
            shoppers,
            labeling,
            parents,
            options,
            &scope.stop,
        )?)
    }
    fn warnings(table: &Table, report: &Vec<NestedClusters>) -> Vec<Warning> {
        warnings::warnings(report, table.n_noise_skipped)
    }
    fn respond(table: &Table, report: &Vec<NestedClusters>, language: Language) -> Self::Response {
        response::respond(table, report, language)
    }
    fn render(response: &Self::Response, _: Format, _: Language) -> Vec<u8> {
        csv::table(&response.rows, CsvRows::Array(""))
    }
}
