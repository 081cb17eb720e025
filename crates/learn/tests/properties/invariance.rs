//! The order of the samples and the number of threads change nothing, not a bit.

use clientela_learn::metrics::{calinski_harabasz, davies_bouldin, silhouettes};
use clientela_learn::{
    Dbscan, DbscanParams, GaussianMixture, GaussianMixtureParams, KMeans, KMeansParams, Points,
    scale,
};
use clientela_numerics::StopToken;
use proptest::prelude::*;

use crate::samples::{Shape, shapes};

/// Everything that the learners say about a sample, labels by sample.
#[derive(Debug, PartialEq)]
struct Findings {
    kmeans: (Vec<i32>, Vec<Vec<f64>>, f64),
    mixture: (Vec<i32>, f64, f64),
    dbscan: Vec<i32>,
    silhouettes: Vec<Option<f64>>,
    others: [Option<f64>; 2],
}

fn learn(columns: &[Vec<f64>]) -> Findings {
    let points = scale::z_scores(&Points::from_columns(columns)).points;
    let stop = StopToken::new();
    let n_clusters = 3.min(points.n_points());
    let kmeans = KMeansParams {
        n_clusters,
        n_swaps: 5,
        ..KMeansParams::default()
    }
    .check()
    .expect("in range");
    let kmeans = KMeans::fit(&points, &kmeans, 42, &stop).expect("a model");
    let mixture = GaussianMixtureParams {
        n_components: n_clusters,
        n_init: 3,
        n_swaps: 2,
        max_iterations: 30,
        ..GaussianMixtureParams::default()
    };
    let mixture = GaussianMixture::fit(&points, &mixture.check().expect("in range"), 42, &stop);
    let mixture = mixture.map_or_else(
        |_| (Vec::new(), 0.0, 0.0),
        |model| (model.labels, model.mean_log_likelihood, model.bic),
    );
    let dbscan = DbscanParams {
        eps: 0.4,
        min_samples: 4,
    }
    .check()
    .expect("in range");
    let dbscan = Dbscan::fit(&points, &dbscan, &stop).expect("a model");
    let labelings = [kmeans.labels.clone(), dbscan.labels.clone()];
    Findings {
        silhouettes: silhouettes(&points, &labelings, &stop).expect("not stopped"),
        others: [
            davies_bouldin(&points, &kmeans.labels),
            calinski_harabasz(&points, &kmeans.labels),
        ],
        kmeans: (
            points.to_samples(&kmeans.labels),
            kmeans.centroids,
            kmeans.inertia,
        ),
        mixture: if mixture.0.is_empty() {
            mixture
        } else {
            (points.to_samples(&mixture.0), mixture.1, mixture.2)
        },
        dbscan: points.to_samples(&dbscan.labels),
    }
}

fn permuted<T: Copy>(values: &[T], order: &[usize]) -> Vec<T> {
    order.iter().map(|&i| values[i]).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn permuting_the_samples_changes_no_partition_and_no_score(shape in shapes(2..200)) {
        let columns = shape.columns();
        let mut order: Vec<usize> = (0..shape.n_samples).collect();
        shape.stream("order").shuffle(&mut order);
        let mixed: Vec<Vec<f64>> = columns.iter().map(|column| permuted(column, &order)).collect();

        let mut expected = learn(&columns);
        expected.kmeans.0 = permuted(&expected.kmeans.0, &order);
        expected.dbscan = permuted(&expected.dbscan, &order);
        if !expected.mixture.0.is_empty() {
            expected.mixture.0 = permuted(&expected.mixture.0, &order);
        }
        prop_assert_eq!(learn(&mixed), expected);
    }
}

proptest! {
    #[test]
    fn the_smallest_samples_are_answered_too(shape in shapes(1..9), n_clusters in 1..6_usize) {
        let points = shape.points();
        let stop = StopToken::new();
        let kmeans = KMeansParams { n_clusters, ..KMeansParams::default() }.check().expect("in range");
        let kmeans = KMeans::fit(&points, &kmeans, 1, &stop);
        prop_assert_eq!(kmeans.is_ok(), n_clusters <= points.n_points());
        let mixture = GaussianMixtureParams { n_components: n_clusters, ..GaussianMixtureParams::default() };
        let mixture = GaussianMixture::fit(&points, &mixture.check().expect("in range"), 1, &stop);
        prop_assert_eq!(mixture.is_ok(), n_clusters <= points.n_points() && points.n_points() > 1);
        let dbscan = DbscanParams { eps: 1.0, min_samples: n_clusters }.check().expect("in range");
        prop_assert!(Dbscan::fit(&points, &dbscan, &stop).is_ok());
    }
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    for (n_samples, kind) in [(300, 0), (25_000, 0), (25_000, 2)] {
        let columns = Shape {
            seed: 9,
            n_samples,
            n_features: 3,
            kind,
        }
        .columns();
        let findings: Vec<Findings> = [1, 2, 3, 7]
            .map(|n_threads| {
                let pool = rayon::ThreadPoolBuilder::new()
                    .num_threads(n_threads)
                    .build()
                    .expect("threads");
                pool.install(|| learn(&columns))
            })
            .into();
        for other in &findings[1..] {
            assert!(other == &findings[0], "{n_samples} samples of kind {kind}");
        }
    }
}
