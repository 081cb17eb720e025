//! Logistic regression, calibrators and metrics on churn-like rows; the data are built outside the timing.

use clientela_learn::calibration::{CalibrationKind, Calibrator};
use clientela_learn::logistic::{Column, Design, ElasticNet, ElasticNetParams, Samples};
use clientela_learn::metrics::binary::RankedOutcomes;
use clientela_numerics::{RandomStream, StopToken};
use divan::Bencher;
use libm::exp;

const SIZES: [usize; 4] = [1000, 5000, 50_000, 250_000];

fn main() {
    divan::main();
}

struct Customers {
    numeric: Vec<Vec<f64>>,
    codes: Vec<Vec<u32>>,
    churned: Vec<bool>,
    scores: Vec<f64>,
}

/// Tenure, usage, tickets, NPS and payment events; `n_categories` columns of two to four levels.
fn customers(n_rows: usize, n_categories: usize) -> Customers {
    let mut stream = RandomStream::new(42, "bench binary", 0);
    let mut customers = Customers {
        numeric: vec![Vec::new(); 5],
        codes: vec![Vec::new(); n_categories],
        churned: Vec::new(),
        scores: Vec::new(),
    };
    for _ in 0..n_rows {
        let tenure = 14.0 * stream.gamma(2.0);
        let usage = 6.0 * stream.gamma(1.5);
        let tickets = stream.poisson(1.0) as f64;
        let nps = (8.0 - 0.6 * tickets + 2.0 * stream.normal()).round();
        let payments = stream.poisson(if usage < 3.0 { 0.8 } else { 0.3 }) as f64;
        let mut level = -1.1 - 0.03 * tenure - 0.09 * usage + 0.35 * tickets - 0.18 * (nps - 6.0);
        let row = [tenure, usage, tickets, nps, payments];
        for (column, value) in customers.numeric.iter_mut().zip(row) {
            column.push(value);
        }
        for (i, column) in customers.codes.iter_mut().enumerate() {
            let code = stream.below(2 + i as u64 % 3) as u32;
            level += 0.2 * (f64::from(code) - 0.5);
            column.push(code);
        }
        level += 0.6 * payments;
        customers.scores.push(level + 0.3 * stream.normal());
        customers
            .churned
            .push(stream.uniform() < 1.0 / (1.0 + exp(-level)));
    }
    customers
}

impl Customers {
    fn design(&self) -> Design<'_> {
        let numeric = self.numeric.iter().map(|values| Column::Numeric(values));
        let category = |(i, codes)| Column::Categorical {
            codes,
            n_levels: 2 + i % 3,
        };
        let categories = self
            .codes
            .iter()
            .map(Vec::as_slice)
            .enumerate()
            .map(category);
        Design::new(numeric.chain(categories).collect(), self.churned.len())
    }
}

/// Chooses the penalty and fits.
fn learn(customers: &Customers) -> ElasticNet {
    let (design, stop) = (customers.design(), StopToken::new());
    let samples = Samples::new(&design, &customers.churned);
    let params = ElasticNetParams::default().check().expect("in range");
    let choice = ElasticNet::choose_lambda(&samples, &params, 42, &stop).expect("a choice");
    ElasticNet::fit(&samples, choice.lambda, &params, &stop).expect("a model")
}

#[divan::bench(args = SIZES, sample_count = 10)]
fn choose_and_fit_five_numbers(bencher: Bencher<'_, '_>, n_rows: usize) {
    let customers = customers(n_rows, 0);
    bencher.bench(|| learn(&customers));
}

#[divan::bench(args = [7043, 250_000], sample_count = 5)]
fn choose_and_fit_nineteen_columns(bencher: Bencher<'_, '_>, n_rows: usize) {
    let customers = customers(n_rows, 14);
    bencher.bench(|| learn(&customers));
}

#[divan::bench(args = SIZES, sample_count = 10)]
fn fit_five_numbers(bencher: Bencher<'_, '_>, n_rows: usize) {
    let customers = customers(n_rows, 0);
    let design = customers.design();
    let samples = Samples::new(&design, &customers.churned);
    let params = ElasticNetParams::default().check().expect("in range");
    bencher.bench(|| ElasticNet::fit(&samples, 1e-3, &params, &StopToken::new()));
}

#[divan::bench(args = SIZES, sample_count = 10)]
fn contributions(bencher: Bencher<'_, '_>, n_rows: usize) {
    let customers = customers(n_rows, 0);
    let (model, design) = (learn(&customers), customers.design());
    bencher.bench(|| model.contributions(&design, &StopToken::new()));
}

#[divan::bench(args = SIZES, consts = [1, 2, 3], sample_count = 10)]
fn calibrate<const KIND: usize>(bencher: Bencher<'_, '_>, n_rows: usize) {
    let customers = customers(n_rows, 0);
    let kinds = [
        CalibrationKind::None,
        CalibrationKind::Platt,
        CalibrationKind::Beta,
        CalibrationKind::Isotonic,
    ];
    let (kind, stop) = (kinds[KIND], StopToken::new());
    bencher.bench(|| Calibrator::fit(kind, &customers.scores, &customers.churned, None, &stop));
}

#[divan::bench(args = SIZES, sample_count = 10)]
fn rank(bencher: Bencher<'_, '_>, n_rows: usize) {
    let customers = customers(n_rows, 0);
    bencher.bench(|| RankedOutcomes::new(&customers.scores, &customers.churned));
}

#[divan::bench(args = SIZES, sample_count = 10)]
fn figures_of_a_ranking(bencher: Bencher<'_, '_>, n_rows: usize) {
    let customers = customers(n_rows, 0);
    let p: Vec<f64> = customers
        .scores
        .iter()
        .map(|&s| Calibrator::None.probability(s))
        .collect();
    let ranked = RankedOutcomes::new(&p, &customers.churned);
    bencher.bench(|| {
        (
            ranked.roc_auc_interval(0.95),
            ranked.average_precision_interval(0.95),
            [ranked.brier_score(), ranked.log_loss()],
            ranked.decisions(0.5).f1_interval(0.95),
            ranked.reliability(10, 0.95),
            ranked.lift(10),
            [
                ranked.roc_curve(200).len(),
                ranked.precision_recall_curve(200).len(),
            ],
        )
    });
}

#[divan::bench(args = SIZES, sample_count = 5)]
fn calibration_error_by_chance(bencher: Bencher<'_, '_>, n_rows: usize) {
    let customers = customers(n_rows, 0);
    let p: Vec<f64> = customers
        .scores
        .iter()
        .map(|&s| Calibrator::None.probability(s))
        .collect();
    let ranked = RankedOutcomes::new(&p, &customers.churned);
    let stop = StopToken::new();
    bencher.bench(|| ranked.expected_calibration_error_by_chance(10, 200, 42, &stop));
}
