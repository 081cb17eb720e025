//! Gradient boosting on shop-like rows, 250,000 × 5 and 100 trees, and on churn-like ones, 200 trees; the data are built
//! outside the timing.
//!
//! `boosting_peers.py TABLE.csv` times LightGBM, XGBoost and CatBoost on the five folds of a churn table and writes the table;
//! with its path in `CHURN_TABLE` this bench times the same folds instead, and prints the area under the ROC curve too.

use std::ffi::OsStr;
use std::time::{Duration, Instant};

use clientela_learn::boosting::{GradientBoosting, GradientBoostingParams, Loss, Samples};
use clientela_learn::metrics::binary::RankedOutcomes;
use clientela_numerics::{RandomStream, StopToken};
use divan::Bencher;
use libm::{exp, log1p};

const SIZES: [usize; 3] = [10_000, 100_000, 250_000];
/// Rounds over the five folds, of which the fastest counts: other work on the machine only ever adds to the time.
const ROUNDS: usize = 5;

fn main() {
    match std::env::var_os("CHURN_TABLE") {
        Some(path) => time_folds(&path),
        None => divan::main(),
    }
}

struct Shop {
    columns: Vec<Vec<f64>>,
    spent: Vec<f64>,
}

/// Recency, frequency, mean amount, a score with a fifth missing, the month; what is spent is compound Poisson.
fn shop(n_rows: usize) -> Shop {
    let mut stream = RandomStream::new(42, "bench boosting", 0);
    let mut shop = Shop {
        columns: vec![Vec::new(); 5],
        spent: Vec::new(),
    };
    for _ in 0..n_rows {
        let recency = (stream.exponential() * 200.0).round();
        let frequency = stream.poisson(3.0) as f64;
        let amount = (stream.gamma(2.0) * 3000.0).round() / 100.0;
        let score = stream.normal();
        let month = 1.0 + stream.below(12) as f64;
        let level = log1p(frequency) + 0.5 * log1p(amount) - recency / 400.0 + 0.3 * score - 3.0;
        let purchases = stream.poisson(exp(level));
        let spent = (0..purchases).map(|_| 3.0 * stream.gamma(2.0)).sum();
        let score = if stream.uniform() < 0.2 {
            f64::NAN
        } else {
            score
        };
        let row = [recency, frequency, amount, score, month];
        for (column, value) in shop.columns.iter_mut().zip(row) {
            column.push(value);
        }
        shop.spent.push(spent);
    }
    shop
}

fn fit(shop: &Shop, loss: Loss) -> GradientBoosting {
    let params = GradientBoostingParams {
        loss,
        ..GradientBoostingParams::default()
    };
    let params = params.check().expect("in range");
    let samples = Samples::new(&shop.columns, &shop.spent);
    GradientBoosting::fit(&samples, None, &params, 42, &StopToken::new()).expect("a model")
}

#[divan::bench(args = SIZES, sample_count = 5)]
fn fit_squared(bencher: Bencher<'_, '_>, n_rows: usize) {
    let shop = shop(n_rows);
    bencher.bench(|| fit(&shop, Loss::Squared));
}

#[divan::bench(args = SIZES, sample_count = 5)]
fn fit_tweedie(bencher: Bencher<'_, '_>, n_rows: usize) {
    let shop = shop(n_rows);
    bencher.bench(|| fit(&shop, Loss::TWEEDIE));
}

#[divan::bench(args = SIZES, sample_count = 5)]
fn predict(bencher: Bencher<'_, '_>, n_rows: usize) {
    let shop = shop(n_rows);
    let model = fit(&shop, Loss::TWEEDIE);
    bencher.bench(|| model.predict(&shop.columns, None, &StopToken::new()));
}

/// Months, sessions, tickets, a score and failed payments, and who left.
struct Churn {
    columns: Vec<Vec<f64>>,
    left: Vec<f64>,
}

/// Drawn as in `boosting_peers.py`.
fn churn(n_rows: usize) -> Churn {
    let mut stream = RandomStream::new(42, "bench churn", 0);
    let mut churn = Churn {
        columns: vec![Vec::new(); 5],
        left: Vec::new(),
    };
    for _ in 0..n_rows {
        let tenure = (14.0 * stream.gamma(2.0)).min(120.0);
        let usage = 6.0 * stream.gamma(1.5);
        let level = stream.uniform();
        let tickets = stream.poisson(0.6 + 4.8 * level * level * level) as f64;
        let score = (8.0 - 0.6 * tickets + 2.0 * stream.normal()).round();
        let score = score.clamp(0.0, 10.0);
        let failed = stream.poisson(if usage < 3.0 { 0.8 } else { 0.3 }) as f64;
        let odds = -1.1 - 0.03 * tenure - 0.09 * usage + 0.35 * tickets - 0.18 * (score - 6.0)
            + 0.6 * failed
            + if tickets >= 3.0 && score <= 5.0 {
                0.8
            } else {
                0.0
            }
            - if tenure > 36.0 && usage > 10.0 {
                0.5
            } else {
                0.0
            };
        let row = [tenure, usage, tickets, score, failed];
        for (column, value) in churn.columns.iter_mut().zip(row) {
            column.push(value);
        }
        let leaves = stream.uniform() < 1.0 / (1.0 + exp(-odds));
        churn.left.push(f64::from(u8::from(leaves)));
    }
    churn
}

fn fit_to(churn: &Churn) -> GradientBoosting {
    let params = GradientBoostingParams {
        loss: Loss::Logistic,
        n_trees: 200,
        ..GradientBoostingParams::default()
    };
    let params = params.check().expect("in range");
    let samples = Samples::new(&churn.columns, &churn.left);
    GradientBoosting::fit(&samples, None, &params, 42, &StopToken::new()).expect("a model")
}

#[divan::bench(args = SIZES, sample_count = 5)]
fn fit_logistic(bencher: Bencher<'_, '_>, n_rows: usize) {
    let churn = churn(n_rows);
    bencher.bench(|| fit_to(&churn));
}

#[divan::bench(args = SIZES, sample_count = 5)]
fn predict_churn(bencher: Bencher<'_, '_>, n_rows: usize) {
    let churn = churn(n_rows);
    let model = fit_to(&churn);
    bencher.bench(|| model.predict(&churn.columns, None, &StopToken::new()));
}

/// The rows of a table whose last two columns are the target and the fold.
fn table(path: &OsStr) -> (Churn, Vec<u8>) {
    let mut reader = csv::Reader::from_path(path).expect("a table");
    let mut churn = Churn {
        columns: vec![Vec::new(); 5],
        left: Vec::new(),
    };
    let mut folds = Vec::new();
    for record in reader.deserialize() {
        let (row, left, fold): ([f64; 5], f64, u8) = record.expect("a row");
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
            let model = fit_to(training);
            took[0] += begun.elapsed();
            let begun = Instant::now();
            let forecasts = model.predict(&test.columns, None, &StopToken::new());
            took[1] += begun.elapsed();
            let outcomes: Vec<bool> = test.left.iter().map(|&left| left > 0.0).collect();
            let ranked = RankedOutcomes::new(&forecasts.expect("nobody asks to stop"), &outcomes);
            area += ranked.roc_auc().expect("both outcomes") / 5.0;
        }
        fastest = [0, 1].map(|k| fastest[k].min(took[k]));
    }
    #[expect(clippy::print_stdout, reason = "the figures are what the bench is for")]
    {
        let [fits, forecasts] = fastest.map(|took| took.as_secs_f64());
        println!("5 fits {fits:.3} s, 5 forecasts {forecasts:.3} s, AUC {area:.5}");
    }
}
