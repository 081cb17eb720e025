//! Gradient boosting on shop-like rows: 250,000 × 5 and 100 trees, as the comparison with LightGBM has them; the data are
//! built outside the timing.

use clientela_learn::boosting::{GradientBoosting, GradientBoostingParams, Loss, Samples};
use clientela_numerics::{RandomStream, StopToken};
use divan::Bencher;
use libm::{exp, log1p};

const SIZES: [usize; 3] = [10_000, 100_000, 250_000];

fn main() {
    divan::main();
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
