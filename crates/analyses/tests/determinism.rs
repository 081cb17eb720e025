//! The same request gives the same bytes on any number of threads, run after run.

use std::path::{Path, PathBuf};

use clientela_analyses::{ALL, AnyAnalysis, Context, Format, Models, StopToken};
use clientela_samples::{Base, SampleParams};
use clientela_test_support::compare;
use serde_json::Value;

const THREADS: [usize; 4] = [1, 2, 3, 7];
const RUNS: usize = 10;

/// The answer without what a clock decides.
fn answer(analysis: &dyn AnyAnalysis, request: &[u8]) -> Vec<u8> {
    let context = Context {
        language: None,
        today: "2025-04-24".parse().expect("a date"),
        format: Format::Json,
        models: Models::none(),
        stop: StopToken::new(),
    };
    let document = analysis
        .run(request, &context)
        .unwrap_or_else(|failure| panic!("{}: {failure}", analysis.name()));
    let mut value: Value = serde_json::from_slice(&document.body).expect("JSON");
    compare::without_clock(&mut value);
    serde_json::to_vec(&value).expect("JSON")
}

fn assert_same_on_any_number_of_threads(analysis: &dyn AnyAnalysis, request: &[u8], n_runs: usize) {
    let expected = answer(analysis, request);
    for n_threads in THREADS {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(n_threads)
            .build()
            .expect("a pool");
        for run in 0..n_runs {
            let found = pool.install(|| answer(analysis, request));
            assert!(
                found == expected,
                "{} differs on {n_threads} threads in run {run}",
                analysis.name()
            );
        }
    }
}

fn golden(analysis: &dyn AnyAnalysis) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(analysis.name())
        .join("basic/request.json")
}

#[test]
fn every_analysis_answers_its_example_alike_on_any_number_of_threads() {
    for analysis in ALL {
        let request = std::fs::read(golden(*analysis)).expect("a golden case");
        assert_same_on_any_number_of_threads(*analysis, &request, RUNS);
    }
}

#[test]
fn a_sample_base_is_segmented_alike_on_any_number_of_threads() {
    let base = Base::generate(&SampleParams {
        n_customers: 600,
        ..SampleParams::default()
    });
    let analysis = clientela_analyses::by_route("purchasing_segmentation").expect("a listed route");
    assert_same_on_any_number_of_threads(analysis, &base.segmentation_request(), 2);
}
