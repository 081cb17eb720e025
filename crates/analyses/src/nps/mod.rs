#![doc = include_str!("page.md")]

mod prose;
mod remarks;
mod request;
mod response;

use clientela_methods::nps::{self, NpsReport};
use clientela_narrative::Language;
use clientela_tables::Answers;

use crate::spine::{Analysis, Facts, Scope};
use crate::wire::Check;
use crate::{Failure, Warning};

pub struct Nps;

/// A survey and what it is grouped by.
pub struct Table {
    answers: Answers,
    grouping: Grouping,
    /// The question, where all rows share it.
    question: Option<String>,
}

/// How `group_by` was given, which decides the form of `group` in the answer.
pub enum Grouping {
    /// Not at all.
    None,
    /// The name of one field.
    Field(String),
    /// A list of names.
    Fields(Vec<String>),
}

impl Analysis for Nps {
    const ROUTES: &'static [&'static str] = &["nps"];
    const SUMMARY: &'static str =
        "Net promoter score: overall, by group and by month, with intervals";
    const PAGE: &'static str = include_str!("page.md");
    const EXAMPLE: &'static str = include_str!("../../tests/golden/nps/basic/request.json");

    type Request<'a> = request::NpsRequest<'a>;
    type Table = Table;
    type Report = NpsReport;
    type Response = response::NpsResponse;

    fn validate(request: Self::Request<'_>, scope: &Scope, check: &mut Check) -> Option<Table> {
        request::validate(request, scope, check)
    }
    fn facts(table: &Table) -> Facts {
        Facts {
            n_rows: table.answers.len(),
            today: None,
        }
    }
    fn analyze(table: &Table, scope: &Scope) -> Result<NpsReport, Failure> {
        scope.stop.poll()?;
        Ok(nps::score(&table.answers))
    }
    fn warnings(table: &Table, report: &NpsReport) -> Vec<Warning> {
        remarks::warnings(table, report)
    }
    fn respond(table: &Table, report: &NpsReport, language: Language) -> Self::Response {
        response::respond(table, report, language)
    }
}
