use std::thread;
use std::time::{Duration, Instant};

use clientela_learn::metrics::silhouettes;
use clientela_learn::{
    Dbscan, DbscanParams, FitError, GaussianMixture, GaussianMixtureParams, KMeans, KMeansParams,
    Points,
};
use clientela_numerics::StopToken;

use crate::samples::Shape;

/// Starts work that takes seconds, stops it soon after, and asserts that it did stop and did not take long about it.
fn check_stops(name: &str, work: impl FnOnce(&StopToken) -> Result<(), FitError> + Send) {
    let stop = StopToken::new();
    thread::scope(|scope| {
        let worker = scope.spawn(|| work(&stop));
        thread::sleep(Duration::from_millis(30));
        stop.stop();
        let asked = Instant::now();
        assert_eq!(
            worker.join().expect("no panic"),
            Err(FitError::Stopped),
            "{name}"
        );
        // A few milliseconds on a quiet machine; the bound leaves room for a busy one.
        let waited = asked.elapsed();
        assert!(
            waited < Duration::from_secs(1),
            "{name} went on for {waited:?}"
        );
    });
}

fn many_points(n_features: usize) -> Points {
    Shape {
        seed: 1,
        n_samples: 100_000,
        n_features,
        kind: 0,
    }
    .points()
}

#[test]
fn every_learner_stops_soon_after_it_is_asked_to() {
    let (points, wide) = (many_points(3), many_points(8));
    let labels: Vec<i32> = (0..points.n_points()).map(|i| (i % 5) as i32).collect();
    check_stops("kmeans", |stop| {
        let params = KMeansParams {
            n_clusters: 50,
            n_init: 50,
            ..KMeansParams::default()
        }
        .check()
        .expect("in range");
        KMeans::fit(&wide, &params, 42, stop).map(|_| ())
    });
    check_stops("gaussian mixture", |stop| {
        let params = GaussianMixtureParams {
            n_components: 20,
            ..GaussianMixtureParams::default()
        };
        GaussianMixture::fit(&wide, &params.check().expect("in range"), 42, stop).map(|_| ())
    });
    check_stops("dbscan", |stop| {
        let params = DbscanParams {
            eps: 1.0,
            min_samples: 500,
        }
        .check()
        .expect("in range");
        Dbscan::fit(&wide, &params, stop).map(|_| ())
    });
    check_stops("silhouettes", |stop| {
        silhouettes(&points, &[labels], stop)
            .map(|_| ())
            .map_err(FitError::from)
    });
}
