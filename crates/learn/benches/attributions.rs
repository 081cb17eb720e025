//! TreeSHAP of every row of churn-like tables; data and models are built outside the timing.

use clientela_learn::boosting::{GradientBoosting, GradientBoostingParams, Loss, Samples};
use clientela_learn::tree_shap::TreeExplainer;
use clientela_numerics::{RandomStream, StopToken};
use divan::Bencher;
use libm::exp;

/// Rows, columns, trees and leaves of a tree.
const SIZES: [(usize, usize, usize, usize); 5] = [
    (1, 5, 200, 31),
    (5_000, 5, 200, 31),
    (7_043, 19, 300, 8),
    (250_000, 5, 200, 8),
    (250_000, 5, 200, 31),
];

fn main() {
    divan::main();
}

/// Two columns of many values to each of few, a tenth of the rows missing in every fifth one; who left.
fn churn(n_rows: usize, n_columns: usize) -> (Vec<Vec<f64>>, Vec<f64>) {
    let mut stream = RandomStream::new(42, "bench attributions", 0);
    let mut columns = vec![Vec::new(); n_columns];
    let mut left = Vec::new();
    for _ in 0..n_rows {
        let mut odds = -1.0;
        for (j, column) in columns.iter_mut().enumerate() {
            let value = match j % 3 {
                0 => 14.0 * stream.gamma(2.0),
                1 => stream.poisson(1.0 + (j % 4) as f64) as f64,
                _ => 6.0 * stream.gamma(1.5),
            };
            let is_missing = j % 5 == 4 && stream.uniform() < 0.1;
            odds += if j % 2 == 0 { -0.02 } else { 0.3 } * value / (1 + j / 4) as f64;
            column.push(if is_missing { f64::NAN } else { value });
        }
        left.push(f64::from(u8::from(
            stream.uniform() < 1.0 / (1.0 + exp(-odds)),
        )));
    }
    (columns, left)
}

#[divan::bench(args = SIZES, sample_count = 5)]
fn explain(
    bencher: Bencher<'_, '_>,
    (n_rows, n_columns, n_trees, max_leaves): (usize, usize, usize, usize),
) {
    let params = GradientBoostingParams {
        loss: Loss::Logistic,
        n_trees,
        max_leaves,
        ..GradientBoostingParams::default()
    };
    let params = params.check().expect("in range");
    let stop = StopToken::new();
    let (columns, left) = churn(n_rows.max(5000), n_columns);
    let model = GradientBoosting::fit(&Samples::new(&columns, &left), None, &params, 42, &stop);
    let trees = model.expect("a model").trees;
    let columns: Vec<Vec<f64>> = columns
        .iter()
        .map(|column| column[..n_rows].to_vec())
        .collect();
    bencher.bench(|| TreeExplainer::new(&trees, 1.0, n_columns).explain(&columns, &stop));
}
