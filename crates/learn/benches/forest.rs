//! Random forests on churn-like rows; the data are built outside the timing.
//!
//! With the path of a table of `boosting_peers.py` in `CHURN_TABLE` this bench times the table's five folds instead, and prints the
//! area under the ROC curve too.

use std::ffi::OsStr;
use std::time::{Duration, Instant};

use clientela_learn::boosting::Samples;
use clientela_learn::forest::{RandomForest, RandomForestParams};
use clientela_learn::metrics::binary::RankedOutcomes;
use clientela_learn::tree_shap::TreeExplainer;
use clientela_numerics::{RandomStream, StopToken};
use divan::Bencher;
use libm::exp;

const SIZES: [usize; 3] = [4_000, 20_000, 200_000];
const N_COLUMNS: usize = 5;
/// Rounds over the five folds, of which the fastest counts: other work on the machine only ever adds to the time.
const ROUNDS: usize = 5;

fn main() {
    match std::env::var_os("CHURN_TABLE") {
        Some(path) => time_folds(&path),
        None => divan::main(),
    }
}

/// Rows by column, and who left.
struct Churn {
    columns: Vec<Vec<f64>>,
    left: Vec<f64>,
}

impl Churn {
    fn fit(&self) -> RandomForest {
        let params = RandomForestParams::default().check().expect("in range");
        let samples = Samples::new(&self.columns, &self.left);
        RandomForest::fit(&samples, &params, 42, &StopToken::new()).expect("a forest")
    }

    fn log_odds(&self, forest: &RandomForest) -> Vec<f64> {
        let scores = forest.log_odds(&self.columns, self.left.len(), &StopToken::new());
        scores.expect("nobody asks to stop")
    }
}

/// Months, sessions, tickets, a score with a tenth missing, failed payments.
fn churn(n_rows: usize) -> Churn {
    let mut stream = RandomStream::new(42, "bench forest", 0);
    let mut churn = Churn {
        columns: vec![Vec::new(); N_COLUMNS],
        left: Vec::new(),
    };
    for _ in 0..n_rows {
        let tenure = (14.0 * stream.gamma(2.0)).min(120.0);
        let usage = 6.0 * stream.gamma(1.5);
        let tickets = stream.poisson(1.8) as f64;
        let score = (8.0 - 0.6 * tickets + 2.0 * stream.normal()).round();
        let failed = stream.poisson(if usage < 3.0 { 0.8 } else { 0.3 }) as f64;
        let odds = -1.1 - 0.03 * tenure - 0.09 * usage + 0.35 * tickets - 0.18 * (score - 6.0)
            + 0.6 * failed;
        let known = stream.uniform() >= 0.1;
        let score = if known { score } else { f64::NAN };
        let row = [tenure, usage, tickets, score, failed];
        for (column, value) in churn.columns.iter_mut().zip(row) {
            column.push(value);
        }
        let leaves = stream.uniform() < 1.0 / (1.0 + exp(-odds));
        churn.left.push(f64::from(u8::from(leaves)));
    }
    churn
}

#[divan::bench(args = SIZES, sample_count = 10)]
fn fit(bencher: Bencher<'_, '_>, n_rows: usize) {
    let churn = churn(n_rows);
    bencher.bench(|| churn.fit());
}

#[divan::bench(args = SIZES, sample_count = 10)]
fn log_odds(bencher: Bencher<'_, '_>, n_rows: usize) {
    let churn = churn(n_rows);
    let forest = churn.fit();
    bencher.bench(|| churn.log_odds(&forest));
}

#[divan::bench(args = SIZES, sample_count = 3)]
fn explain(bencher: Bencher<'_, '_>, n_rows: usize) {
    let churn = churn(n_rows);
    let forest = churn.fit();
    bencher.bench(|| {
        let explainer = TreeExplainer::new(&forest.trees, forest.scale(), N_COLUMNS);
        explainer.explain(&churn.columns, &StopToken::new())
    });
}

/// The rows of a table whose last two columns are the target and the fold.
fn table(path: &OsStr) -> (Churn, Vec<u8>) {
    let mut reader = csv::Reader::from_path(path).expect("a table");
    let mut churn = Churn {
        columns: vec![Vec::new(); N_COLUMNS],
        left: Vec::new(),
    };
    let mut folds = Vec::new();
    for record in reader.deserialize() {
        let (row, left, fold): ([f64; N_COLUMNS], f64, u8) = record.expect("a row");
        for (column, value) in churn.columns.iter_mut().zip(row) {
            column.push(value);
        }
        churn.left.push(left);
        folds.push(fold);
    }
    (churn, folds)
}

/// Fits without each fold, forecasts it, and prints the seconds of the fastest round.
fn time_folds(path: &OsStr) {
    let (churn, folds) = table(path);
    let part = |keeps: &dyn Fn(u8) -> bool| {
        let pick = |column: &Vec<f64>| {
            let rows = column.iter().zip(&folds).filter(|(_, fold)| keeps(**fold));
            rows.map(|(value, _)| *value).collect()
        };
        Churn {
            columns: churn.columns.iter().map(pick).collect(),
            left: pick(&churn.left),
        }
    };
    let parts: Vec<(Churn, Churn)> = (0..5)
        .map(|k| (part(&|fold| fold != k), part(&|fold| fold == k)))
        .collect();
    let mut fastest = [Duration::MAX; 2];
    let mut area = 0.0;
    for _ in 0..ROUNDS {
        let mut took = [Duration::ZERO; 2];
        area = 0.0;
        for (training, test) in &parts {
            let begun = Instant::now();
            let forest = training.fit();
            took[0] += begun.elapsed();
            let begun = Instant::now();
            let scores = test.log_odds(&forest);
            took[1] += begun.elapsed();
            let outcomes: Vec<bool> = test.left.iter().map(|&left| left > 0.0).collect();
            let fold = RankedOutcomes::new(&scores, &outcomes).roc_auc();
            area += fold.expect("both classes") / 5.0;
        }
        fastest = [0, 1].map(|i| fastest[i].min(took[i]));
    }
    let [fits, forecasts] = fastest.map(|took| took.as_secs_f64());
    #[expect(clippy::print_stdout, reason = "a bench says what it measured")]
    {
        println!("5 fits {fits:.3} s, 5 forecasts {forecasts:.3} s, AUC {area:.5}");
    }
}
