#![doc = include_str!("page.md")]

mod wire;

use clientela_methods::churn_label;
use clientela_narrative::Language;
use clientela_tables::ChurnSnapshot;

use crate::Failure;
use crate::csv::CsvRows;
use crate::spine::{Analysis, Facts, Scope};
use crate::wire::Check;

pub struct ChurnLabel;

/// Snapshots to label, and how long a silence counts as a loss.
pub struct Table {
    snapshots: Vec<ChurnSnapshot>,
    window_days: u32,
}

impl Analysis for ChurnLabel {
    const ROUTES: &'static [&'static str] = &["churn_label"];
    const SUMMARY: &'static str = "Who counts as lost, by the rule of the business";
    const PAGE: &'static str = include_str!("page.md");
    const EXAMPLE: &'static str = include_str!("../../tests/golden/churn_label/basic/request.json");
    const CSV: Option<CsvRows> = Some(CsvRows::Array(""));
    const BARE: bool = true;

    type Request<'a> = wire::ChurnLabelRequest<'a>;
    type Table = Table;
    type Report = Vec<bool>;
    type Response = Vec<wire::ChurnLabelRow>;

    fn validate(request: Self::Request<'_>, scope: &Scope, check: &mut Check) -> Option<Table> {
        wire::validate(request, scope, check)
    }
    fn facts(table: &Table) -> Facts {
        Facts {
            n_rows: table.snapshots.len(),
            today: None,
        }
    }
    fn analyze(table: &Table, scope: &Scope) -> Result<Vec<bool>, Failure> {
        scope.stop.poll()?;
        let snapshots = table.snapshots.iter();
        Ok(snapshots
            .map(|snapshot| churn_label::is_churned(snapshot, table.window_days))
            .collect())
    }
    fn respond(table: &Table, report: &Vec<bool>, _: Language) -> Self::Response {
        wire::respond(table, report)
    }
}
