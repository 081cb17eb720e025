//! K-Means, Gaussian mixture, DBSCAN and silhouettes on shopper-like data in z-scores; the data are built outside the timing.

use clientela_learn::metrics::{calinski_harabasz, davies_bouldin, silhouettes};
use clientela_learn::{
    Dbscan, DbscanParams, GaussianMixture, GaussianMixtureParams, KMeans, KMeansParams, Points,
    scale,
};
use clientela_numerics::{RandomStream, StopToken};
use divan::Bencher;

const SIZES: [usize; 3] = [1_000, 10_000, 100_000];
const FEATURES: [usize; 2] = [3, 8];
/// The sizes of the silhouette sweep, whose cost is quadratic.
const SWEEP_SIZES: [usize; 3] = [1_000, 20_000, 60_000];

fn main() {
    divan::main();
}

/// Four kinds of shoppers: counts, log-normal amounts and more columns of either sort, in z-scores.
fn shoppers(n_samples: usize, n_features: usize) -> Points {
    let mut stream = RandomStream::new(42, "bench shoppers", 0);
    let mut columns = vec![Vec::new(); n_features];
    for _ in 0..n_samples {
        let kind = stream.weighted_index(&[0.45, 0.3, 0.15, 0.1]);
        for (j, column) in columns.iter_mut().enumerate() {
            let level = [2.0, 8.0, 20.0, 4.0][(kind + j / 3) % 4];
            column.push(match j % 3 {
                0 => 1.0 + stream.poisson(level) as f64,
                1 => (level * 30.0 * libm::exp(0.5 * stream.normal()) * 100.0).round() / 100.0,
                _ => 1.0 + stream.below(2 + level as u64 / 4) as f64,
            });
        }
    }
    scale::z_scores(&Points::from_columns(&columns)).points
}

fn kmeans(points: &Points, n_clusters: usize) -> KMeans {
    let params = KMeansParams {
        n_clusters,
        ..KMeansParams::default()
    }
    .check()
    .expect("in range");
    KMeans::fit(points, &params, 42, &StopToken::new()).expect("a model")
}

fn mixture(points: &Points, n_components: usize) -> GaussianMixture {
    let params = GaussianMixtureParams {
        n_components,
        ..GaussianMixtureParams::default()
    }
    .check()
    .expect("in range");
    GaussianMixture::fit(points, &params, 42, &StopToken::new()).expect("a model")
}

fn dbscan(points: &Points) -> Dbscan {
    let params = DbscanParams {
        eps: 0.4,
        min_samples: 5,
    }
    .check()
    .expect("in range");
    Dbscan::fit(points, &params, &StopToken::new()).expect("a model")
}

/// Thirteen partitions: K-Means for k = 3 … 14 and DBSCAN.
fn labelings(points: &Points) -> Vec<Vec<i32>> {
    let partitions = (3..15).map(|n_clusters| {
        let params = KMeansParams {
            n_clusters,
            n_init: 1,
            n_swaps: 0,
            ..KMeansParams::default()
        };
        KMeans::fit(
            points,
            &params.check().expect("in range"),
            42,
            &StopToken::new(),
        )
        .expect("a model")
        .labels
    });
    partitions.chain([dbscan(points).labels]).collect()
}

#[divan::bench(args = SIZES, consts = FEATURES, sample_count = 3)]
fn kmeans_of_five<const D: usize>(bencher: Bencher<'_, '_>, n_samples: usize) {
    let points = shoppers(n_samples, D);
    bencher.bench(|| kmeans(&points, 5));
}

#[divan::bench(args = SIZES, consts = FEATURES, sample_count = 3)]
fn mixture_of_five<const D: usize>(bencher: Bencher<'_, '_>, n_samples: usize) {
    let points = shoppers(n_samples, D);
    bencher.bench(|| mixture(&points, 5));
}

#[divan::bench(args = SIZES, consts = FEATURES, sample_count = 3)]
fn dbscan_of_dense_regions<const D: usize>(bencher: Bencher<'_, '_>, n_samples: usize) {
    let points = shoppers(n_samples, D);
    bencher.bench(|| dbscan(&points));
}

#[divan::bench(args = SWEEP_SIZES, consts = FEATURES, sample_count = 3)]
fn silhouettes_of_thirteen<const D: usize>(bencher: Bencher<'_, '_>, n_samples: usize) {
    let points = shoppers(n_samples, D);
    let labelings = labelings(&points);
    bencher.bench(|| silhouettes(&points, &labelings, &StopToken::new()));
}

#[divan::bench(args = SIZES, consts = FEATURES, sample_count = 3)]
fn dispersion_scores<const D: usize>(bencher: Bencher<'_, '_>, n_samples: usize) {
    let points = shoppers(n_samples, D);
    let labels = kmeans(&points, 5).labels;
    bencher.bench(|| {
        (
            davies_bouldin(&points, &labels),
            calinski_harabasz(&points, &labels),
        )
    });
}

/// Three numeric columns and fifty of categories, most of them rare.
mod with_categories {
    use super::*;

    const SIZES: [usize; 2] = [1_000, 20_000];

    fn categories(n_samples: usize) -> Points {
        let mut stream = RandomStream::new(42, "bench categories", 0);
        let mut columns = vec![Vec::new(); 53];
        for _ in 0..n_samples {
            let mut row = [0.0; 53];
            let kind = stream.below(4) as usize;
            for _ in 0..=stream.below(2 + 2 * kind as u64) {
                let common = stream.uniform() * stream.uniform();
                row[3 + (12 * kind + (common * 38.0) as usize) % 50] = 1.0;
            }
            row[0] = 1.0 + stream.poisson(3.0 * (1 + kind) as f64) as f64;
            row[1] = (100.0 * libm::exp(kind as f64 + 0.5 * stream.normal())).round();
            row[2] = row[3..].iter().sum();
            for (column, value) in columns.iter_mut().zip(row) {
                column.push(value);
            }
        }
        scale::z_scores(&Points::from_columns(&columns)).points
    }

    #[divan::bench(args = SIZES, sample_count = 1)]
    fn kmeans_of_five(bencher: Bencher<'_, '_>, n_samples: usize) {
        let points = categories(n_samples);
        bencher.bench(|| kmeans(&points, 5));
    }

    #[divan::bench(args = SIZES, sample_count = 1)]
    fn mixture_of_five(bencher: Bencher<'_, '_>, n_samples: usize) {
        let points = categories(n_samples);
        bencher.bench(|| mixture(&points, 5));
    }

    #[divan::bench(args = SIZES, sample_count = 1)]
    fn one_dbscan(bencher: Bencher<'_, '_>, n_samples: usize) {
        let points = categories(n_samples);
        bencher.bench(|| dbscan(&points));
    }

    #[divan::bench(args = SIZES, sample_count = 1)]
    fn thirteen_silhouettes(bencher: Bencher<'_, '_>, n_samples: usize) {
        let points = categories(n_samples);
        let labelings = labelings(&points);
        bencher.bench(|| silhouettes(&points, &labelings, &StopToken::new()));
    }
}

/// What one segmentation asks of these learners: four K-Means, four mixtures, DBSCAN and thirteen silhouettes.
mod sweep_of_60_000 {
    use super::*;

    #[divan::bench(sample_count = 3)]
    fn four_kmeans(bencher: Bencher<'_, '_>) {
        let points = shoppers(60_000, 3);
        bencher.bench(|| (3..7).map(|k| kmeans(&points, k).inertia).sum::<f64>());
    }

    #[divan::bench(sample_count = 3)]
    fn four_mixtures(bencher: Bencher<'_, '_>) {
        let points = shoppers(60_000, 3);
        bencher.bench(|| (3..7).map(|k| mixture(&points, k).bic).sum::<f64>());
    }

    #[divan::bench(sample_count = 3)]
    fn one_dbscan(bencher: Bencher<'_, '_>) {
        let points = shoppers(60_000, 3);
        bencher.bench(|| dbscan(&points));
    }

    #[divan::bench(sample_count = 3)]
    fn thirteen_silhouettes(bencher: Bencher<'_, '_>) {
        let points = shoppers(60_000, 3);
        let labelings = labelings(&points);
        bencher.bench(|| silhouettes(&points, &labelings, &StopToken::new()));
    }
}
