//! Ward linkage on data of several shapes; the data are built outside the timing.

use clientela_learn::ward;
use clientela_numerics::StopToken;
use divan::Bencher;

#[path = "../tests/ward/stream.rs"]
mod stream;

use stream::{Stream, standardized};

const SIZES: [usize; 3] = [10_000, 40_000, 100_000];
const FEATURES: [usize; 2] = [3, 6];

fn main() {
    divan::main();
}

fn bench_linkage(bencher: Bencher<'_, '_>, columns: &[Vec<f64>]) {
    let points = standardized(columns);
    bencher.bench(|| ward::linkage(&points, &StopToken::new()));
}

#[divan::bench(args = SIZES, consts = FEATURES, sample_count = 5)]
fn gaussian_mixture<const D: usize>(bencher: Bencher<'_, '_>, n_samples: usize) {
    bench_linkage(bencher, &mixture(n_samples, D));
}

#[divan::bench(args = SIZES, consts = FEATURES, sample_count = 5)]
fn retail<const D: usize>(bencher: Bencher<'_, '_>, n_samples: usize) {
    bench_linkage(bencher, &shoppers(n_samples, D, 100.0));
}

#[divan::bench(args = SIZES, sample_count = 5)]
fn retail_in_whole_units(bencher: Bencher<'_, '_>, n_samples: usize) {
    bench_linkage(bencher, &shoppers(n_samples, 3, 1.0));
}

#[divan::bench(args = SIZES, sample_count = 5)]
fn lattice(bencher: Bencher<'_, '_>, n_samples: usize) {
    let side = (n_samples as f64).cbrt() as usize;
    let place = |i: usize, j: u32| ((i / side.pow(j)) % side) as f64;
    let columns: Vec<Vec<f64>> = (0..3)
        .map(|j| (0..side.pow(3)).map(|i| place(i, j)).collect())
        .collect();
    bench_linkage(bencher, &columns);
}

#[divan::bench(args = SIZES, sample_count = 5)]
fn chain_with_growing_gaps(bencher: Bencher<'_, '_>, n_samples: usize) {
    let growth = 1.0 + 20.0 / n_samples as f64;
    let column = (0..n_samples).scan(1.0, |x, _| {
        *x *= growth;
        Some(*x)
    });
    bench_linkage(bencher, &[column.collect()]);
}

#[divan::bench(args = [2_000, 10_000, 20_000], sample_count = 2)]
fn three_numbers_and_fifty_categories(bencher: Bencher<'_, '_>, n_samples: usize) {
    bench_linkage(bencher, &with_categories(n_samples));
}

#[divan::bench(args = SIZES, sample_count = 5)]
fn linkage_matrix(bencher: Bencher<'_, '_>, n_samples: usize) {
    let points = standardized(&shoppers(n_samples, 3, 100.0));
    let tree = ward::linkage(&points, &StopToken::new()).expect("a tree");
    bencher.bench(|| tree.to_linkage_matrix(&points));
}

#[divan::bench(args = SIZES, sample_count = 5)]
fn nine_cuts(bencher: Bencher<'_, '_>, n_samples: usize) {
    let points = standardized(&shoppers(n_samples, 3, 100.0));
    let tree = ward::linkage(&points, &StopToken::new()).expect("a tree");
    bencher.bench(|| tree.cuts(&[2, 3, 4, 5, 6, 7, 8, 9, 10]));
}

/// Nearly normal: the sum of four uniform numbers, standardized.
fn normal(stream: &mut Stream) -> f64 {
    let sum: f64 = (0..4).map(|_| stream.unit()).sum();
    (sum - 2.0) * 3.0_f64.sqrt()
}

fn mixture(n_samples: usize, n_features: usize) -> Vec<Vec<f64>> {
    let mut stream = Stream(7);
    let centers = stream.columns(8, n_features, |s, _, _| 6.0 * s.unit());
    let blobs: Vec<usize> = (0..n_samples).map(|_| stream.below(8) as usize).collect();
    stream.columns(n_samples, n_features, |s, i, j| {
        centers[j][blobs[i]] + normal(s)
    })
}

/// Purchases, spend in hundredths or units, product types, then a second set of the same kind.
fn shoppers(n_samples: usize, n_features: usize, parts_per_unit: f64) -> Vec<Vec<f64>> {
    let mut stream = Stream(11);
    stream.columns(n_samples, n_features, |s, i, j| {
        let loyal = [0.3, 1.0, 2.0, 3.0][i % 4];
        match j % 3 {
            0 => 1.0 + (8.0 * loyal * s.unit() * s.unit()).floor(),
            1 => (60.0 * loyal * (0.7 * normal(s)).exp() * parts_per_unit).round() / parts_per_unit,
            _ => 1.0 + s.below(5),
        }
    })
}

/// The three numbers, and fifty product types of which each shopper bought one to eight.
fn with_categories(n_samples: usize) -> Vec<Vec<f64>> {
    let mut columns = shoppers(n_samples, 3, 100.0);
    let mut stream = Stream(13);
    let mut bought = vec![vec![0.0; n_samples]; 50];
    for i in 0..n_samples {
        for _ in 0..columns[2][i] as usize {
            bought[(stream.unit() * stream.unit() * 50.0) as usize][i] = 1.0;
        }
    }
    columns.append(&mut bought);
    columns
}
