#![doc = include_str!("page.md")]

mod prose;
mod wire;

use clientela_methods::features;
use clientela_narrative::Language;
use clientela_tables::{FeatureVector, Purchases};

use crate::csv::CsvRows;
use crate::spine::{Analysis, Facts, Scope};
use crate::wire::Check;
use crate::{Failure, Warning};

pub struct CustomerFeatures;

impl Analysis for CustomerFeatures {
    const ROUTES: &'static [&'static str] = &["customer_features"];
    const SUMMARY: &'static str = "Six figures for every customer, ready for segmentation";
    const PAGE: &'static str = include_str!("page.md");
    const EXAMPLE: &'static str =
        include_str!("../../tests/golden/customer_features/basic/request.json");
    const CSV: Option<CsvRows> = Some(CsvRows::Array("customers"));

    type Request<'a> = wire::CustomerFeaturesRequest<'a>;
    type Table = Purchases;
    type Report = Vec<FeatureVector>;
    type Response = wire::CustomerFeaturesResponse;

    fn validate(request: Self::Request<'_>, scope: &Scope, check: &mut Check) -> Option<Purchases> {
        wire::validate(request, scope, check)
    }
    fn facts(table: &Purchases) -> Facts {
        Facts {
            n_rows: table.customers.len(),
            today: Some(table.today),
        }
    }
    fn analyze(table: &Purchases, scope: &Scope) -> Result<Vec<FeatureVector>, Failure> {
        scope.stop.poll()?;
        Ok(features::measure(table))
    }
    fn warnings(table: &Purchases, _: &Vec<FeatureVector>) -> Vec<Warning> {
        prose::warnings(table)
    }
    fn respond(table: &Purchases, report: &Vec<FeatureVector>, _: Language) -> Self::Response {
        wire::respond(table, report)
    }
}
