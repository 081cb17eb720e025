//! Segmentation of feature vectors.

mod respond;
mod wire;

use clientela_methods::segmentation::sweep::{Known, sweep};
use clientela_methods::segmentation::{
    Benchmark, ClusterMeans, Columns, DbscanOptions, Family, Scaling, SweepOptions,
};
use clientela_narrative::Language;
use clientela_narrative::terms::Measure;
use clientela_tables::FeatureVectors;

use super::{PAGE, ROUTES, SUMMARY, warnings};
use crate::csv::CsvRows;
use crate::spine::{Analysis, Facts, Scope};
use crate::wire::{Check, Currency};
use crate::{Failure, Warning};

pub struct Vectors;

/// A base and how it is to be segmented.
pub struct Table {
    vectors: FeatureVectors,
    max_clusters: usize,
    dbscan: DbscanOptions,
    currency: Option<Currency>,
}

/// The clusters that were found.
pub struct Report {
    benchmark: Benchmark,
    means: ClusterMeans,
}

impl Analysis for Vectors {
    const ROUTES: &'static [&'static str] = ROUTES;
    const SUMMARY: &'static str = SUMMARY;
    const PAGE: &'static str = PAGE;
    const EXAMPLE: &'static str =
        include_str!("../../../tests/golden/purchasing_segmentation/vectors_basic/request.json");
    const CSV: Option<CsvRows> = Some(CsvRows::Array("customer_labels"));

    type Request<'a> = wire::VectorsRequest<'a>;
    type Table = Table;
    type Report = Report;
    type Response = respond::VectorsResponse;

    fn validate(request: Self::Request<'_>, scope: &Scope, check: &mut Check) -> Option<Table> {
        wire::validate(request, scope, check)
    }
    fn facts(table: &Table) -> Facts {
        Facts {
            n_rows: table.vectors.len(),
            today: None,
        }
    }
    fn analyze(table: &Table, scope: &Scope) -> Result<Report, Failure> {
        let columns = Columns::of_vectors(&table.vectors, &scope.stop)?;
        let space = columns.space(Scaling::ZScore);
        let options = SweepOptions {
            ks: (2..=table.max_clusters).collect(),
            families: Family::ALL.to_vec(),
            dbscan: table.dbscan,
            seed: scope.seed,
        };
        let swept = sweep(&space, &options, Known::default(), &scope.stop)?;
        let benchmark = Benchmark::of(swept, &space);
        let values = table.vectors.columns().each_ref().map(Vec::as_slice);
        let spread: Vec<_> = (0..values.len())
            .map(|column| columns.moments(column))
            .collect();
        let means = ClusterMeans::of(&values, &spread, &benchmark.clusters);
        Ok(Report { benchmark, means })
    }
    fn warnings(_: &Table, report: &Report) -> Vec<Warning> {
        let equal = Measure::FEATURES.into_iter().zip(&report.means.base);
        let equal =
            equal.filter(|(_, base)| base.variance <= 0.0 && report.benchmark.n_distinct > 1);
        warnings::of_benchmark(&report.benchmark, "max_clusters", "evaluation_metrics")
            .into_iter()
            .chain(equal.map(|(measure, _)| {
                warnings::without_spread(measure).at(format!("features.{}", measure.key()))
            }))
            .collect()
    }
    fn respond(table: &Table, report: &Report, language: Language) -> Self::Response {
        respond::respond(table, report, language)
    }
}
