#![doc = include_str!("page.md")]

mod prose;
mod wire;

use clientela_methods::profiles::{self, Profiles};
use clientela_narrative::Language;
use clientela_tables::{Labeling, Shoppers};

use crate::spine::{Analysis, Facts, Scope};
use crate::wire::Check;
use crate::{Failure, Warning};

pub struct SegmentClusterProfiles;

/// A base that someone has divided into clusters.
pub struct Table {
    shoppers: Shoppers,
    labeling: Labeling,
    n_top_categories: usize,
}

impl Analysis for SegmentClusterProfiles {
    const ROUTES: &'static [&'static str] = &["segment_cluster_profiles"];
    const SUMMARY: &'static str = "What each cluster brings and what its customers buy";
    const PAGE: &'static str = include_str!("page.md");
    const EXAMPLE: &'static str =
        include_str!("../../tests/golden/segment_cluster_profiles/basic/request.json");

    type Request<'a> = wire::SegmentClusterProfilesRequest<'a>;
    type Table = Table;
    type Report = Profiles;
    type Response = wire::SegmentClusterProfilesResponse;

    fn validate(request: Self::Request<'_>, _: &Scope, check: &mut Check) -> Option<Table> {
        wire::validate(request, check)
    }
    fn facts(table: &Table) -> Facts {
        Facts {
            n_rows: table.shoppers.len(),
            today: None,
        }
    }
    fn analyze(table: &Table, scope: &Scope) -> Result<Profiles, Failure> {
        scope.stop.poll()?;
        Ok(profiles::profiles(
            &table.shoppers,
            &table.labeling,
            table.n_top_categories,
        ))
    }
    fn warnings(table: &Table, report: &Profiles) -> Vec<Warning> {
        prose::warnings(report, table.shoppers.len())
    }
    fn respond(table: &Table, report: &Profiles, language: Language) -> Self::Response {
        wire::respond(table, report, language)
    }
}
