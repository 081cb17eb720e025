#![doc = include_str!("page.md")]

mod analysis;
mod newick;
mod prose;
mod request;
mod response;
mod sunburst;
mod svg;

use clientela_narrative::Language;
use clientela_tables::Hierarchy;

use self::analysis::Report;
use crate::spine::{Analysis, Facts, Scope};
use crate::wire::Check;
use crate::{Failure, Format, Warning};

pub struct SegmentHierarchyChart;

/// A tree and what its sender says of its clusters.
pub struct Table {
    hierarchy: Hierarchy,
    legend: Vec<request::LegendEntry>,
}

impl Analysis for SegmentHierarchyChart {
    const ROUTES: &'static [&'static str] = &["segment_hierarchy_chart"];
    const SUMMARY: &'static str =
        "A dendrogram as nodes and links, sunburst, Newick tree or drawing";
    const PAGE: &'static str = include_str!("page.md");
    const EXAMPLE: &'static str =
        include_str!("../../tests/golden/segment_hierarchy_chart/basic/request.json");
    const DRAWINGS: &'static [Format] = &[Format::Sunburst, Format::Newick, Format::Svg];

    type Request<'a> = request::SegmentHierarchyChartRequest<'a>;
    type Table = Table;
    type Report = Report;
    type Response = response::SegmentHierarchyChartResponse;

    fn validate(request: Self::Request<'_>, _: &Scope, check: &mut Check) -> Option<Table> {
        request::validate(request, check)
    }
    fn facts(table: &Table) -> Facts {
        Facts {
            n_rows: table.hierarchy.n_leaves(),
            today: None,
        }
    }
    fn analyze(table: &Table, scope: &Scope) -> Result<Report, Failure> {
        scope.stop.poll()?;
        Ok(analysis::analyze(table, scope.format))
    }
    fn warnings(_: &Table, report: &Report) -> Vec<Warning> {
        prose::warnings(report)
    }
    fn respond(table: &Table, report: &Report, _: Language) -> Self::Response {
        response::respond(table, report)
    }
    fn render(response: &Self::Response, format: Format, language: Language) -> Vec<u8> {
        match format {
            Format::Sunburst => sunburst::write(response),
            Format::Newick => newick::write(response),
            Format::Svg => svg::draw(response, language),
            Format::Json | Format::Csv => unreachable!("{format} is no drawing"),
        }
        .into_bytes()
    }
}
