use std::thread;
use std::time::{Duration, Instant};

use clientela_learn::metrics::silhouettes;
use clientela_learn::{
    Dbscan, DbscanParams, FitError, GaussianMixture, GaussianMixtureParams, KMeans, KMeansParams,
    Points, ward,
};
use clientela_numerics::StopToken;

use crate::samples::Shape;

/// Moments of the work, in milliseconds: its preparation, its first steps, the midst of it.
const MOMENTS_MS: [u64; 4] = [2, 30, 120, 400];
/// The cores are to be free within 200 ms of a deadline; half of that is left to the layers above.
const WAIT_MAX: Duration = Duration::from_millis(100);
/// A busy machine may delay an attempt, but hardly each of so many.
const ATTEMPTS: usize = 5;

/// Stops work that takes a second or more at several moments, and asserts that it ends soon each time.
fn check_stops(name: &str, work: impl Fn(&StopToken) -> Result<(), FitError> + Sync) {
    for moment in MOMENTS_MS.map(Duration::from_millis) {
        let mut waits = (0..ATTEMPTS).map(|_| wait_after(&work, moment));
        assert!(
            waits.any(|wait| wait < WAIT_MAX),
            "{name}, stopped after {moment:?}, goes on for more than {WAIT_MAX:?}"
        );
    }
}

/// How long the work goes on after it was asked to stop.
fn wait_after(
    work: &(impl Fn(&StopToken) -> Result<(), FitError> + Sync),
    moment: Duration,
) -> Duration {
    let stop = StopToken::new();
    thread::scope(|scope| {
        let worker = scope.spawn(|| work(&stop));
        thread::sleep(moment);
        let asked = Instant::now();
        stop.stop();
        // A fast machine may be done by then, which is no fault.
        let outcome = worker.join().expect("no panic");
        assert!(matches!(outcome, Ok(()) | Err(FitError::Stopped)));
        asked.elapsed()
    })
}

fn shape(n_samples: usize, n_features: usize) -> Shape {
    Shape {
        seed: 1,
        n_samples,
        n_features,
        kind: 0,
    }
}

#[test]
fn preparing_many_rows_stops_soon_after_it_is_asked_to() {
    let columns = shape(1_000_000, 6).columns();
    check_stops("sorting the rows", |stop| {
        Ok(Points::from_columns_until(&columns, stop).map(|_| ())?)
    });
    let points = Points::from_columns(&columns);
    check_stops("ward", |stop| ward::linkage(&points, stop).map(|_| ()));
    let labelings: Vec<Vec<i32>> = (2..12)
        .map(|k| (0..points.n_points()).map(|i| (i * 7 % k) as i32).collect())
        .collect();
    check_stops("silhouettes", |stop| {
        Ok(silhouettes(&points, &labelings, stop).map(|_| ())?)
    });
}

#[test]
fn learners_of_many_columns_stop_soon_after_they_are_asked_to() {
    let wide = shape(60_000, 53).points();
    check_stops("kmeans", |stop| {
        let params = KMeansParams {
            n_clusters: 20,
            ..KMeansParams::default()
        };
        KMeans::fit(&wide, &params.check().expect("in range"), 42, stop).map(|_| ())
    });
    check_stops("gaussian mixture", |stop| {
        let params = GaussianMixtureParams {
            n_components: 10,
            ..GaussianMixtureParams::default()
        };
        GaussianMixture::fit(&wide, &params.check().expect("in range"), 42, stop).map(|_| ())
    });
    check_stops("dbscan", |stop| {
        let params = DbscanParams {
            eps: 8.0,
            min_samples: 500,
        };
        Dbscan::fit(&wide, &params.check().expect("in range"), stop).map(|_| ())
    });
    check_stops("ward", |stop| ward::linkage(&wide, stop).map(|_| ()));
}
