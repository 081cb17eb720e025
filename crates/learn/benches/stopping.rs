//! How long each learner goes on after it was asked to stop, at several moments of its work on large samples.
//!
//! A request beyond its deadline must free the cores within 200 ms; the longest wait is printed for each learner.

use std::thread;
use std::time::{Duration, Instant};

use clientela_learn::boosting::{GradientBoosting, GradientBoostingParams, Loss, Samples};
use clientela_learn::metrics::silhouettes;
use clientela_learn::{
    Dbscan, DbscanParams, FitError, GaussianMixture, GaussianMixtureParams, KMeans, KMeansParams,
    Points, scale, ward,
};
use clientela_numerics::{RandomStream, StopToken};

/// Each moment is so much later than the one before.
const GROWTH: f64 = 1.5;
/// Later moments are left out: the work repeats itself by then.
const LAST_MOMENT: Duration = Duration::from_secs(4);

fn main() {
    let only = std::env::args()
        .nth(1)
        .filter(|name| !name.starts_with('-'));
    let wanted = |name: &str| only.as_ref().is_none_or(|only| name.contains(only));
    if wanted("points") {
        let columns = shoppers(1_000_000, 6);
        report("points 1,000,000 x 6", |stop| {
            Points::from_columns_until(&columns, stop)
                .map(|_| ())
                .map_err(FitError::from)
        });
    }
    if wanted("boosting") {
        boosting();
    }
    for (n_samples, n_features) in [(60_000, 53), (200_000, 6), (1_000_000, 6)] {
        let points =
            scale::z_scores(&Points::from_columns(&shoppers(n_samples, n_features))).points;
        let labelings: Vec<Vec<i32>> = (2..12)
            .map(|k| (0..points.n_points()).map(|i| (i * 7 % k) as i32).collect())
            .collect();
        let measure = |name: &str, work: &(dyn Fn(&StopToken) -> Result<(), FitError> + Sync)| {
            let name = format!("{name} {n_samples} x {n_features}");
            if wanted(&name) {
                report(&name, work);
            }
        };
        measure("ward", &|stop| ward::linkage(&points, stop).map(|_| ()));
        measure("kmeans", &|stop| {
            let params = KMeansParams {
                n_clusters: 12,
                ..KMeansParams::default()
            };
            KMeans::fit(&points, &params.check().expect("in range"), 42, stop).map(|_| ())
        });
        measure("mixture", &|stop| {
            let params = GaussianMixtureParams {
                n_components: 12,
                ..GaussianMixtureParams::default()
            };
            GaussianMixture::fit(&points, &params.check().expect("in range"), 42, stop).map(|_| ())
        });
        measure("dbscan", &|stop| {
            let params = DbscanParams {
                eps: 0.4,
                min_samples: 5,
            };
            Dbscan::fit(&points, &params.check().expect("in range"), stop).map(|_| ())
        });
        measure("silhouettes", &|stop| {
            silhouettes(&points, &labelings, stop)
                .map(|_| ())
                .map_err(FitError::from)
        });
    }
}

/// Fits with weights, offsets and validation rows, which all have to be looked through, and forecasts.
fn boosting() {
    let columns = shoppers(1_000_000, 6);
    let is_frequent = |visits: &f64| f64::from(u8::from(*visits > 8.0));
    let target: Vec<f64> = columns[0].iter().map(is_frequent).collect();
    let weights: Vec<f64> = (0..target.len()).map(|i| 1.0 + (i % 3) as f64).collect();
    let offsets: Vec<f64> = (0..target.len()).map(|i| (i % 5) as f64 / 10.0).collect();
    let fit = |loss, stop: &StopToken| {
        let params = GradientBoostingParams {
            loss,
            n_trees: 30,
            ..GradientBoostingParams::default()
        };
        let params = params.check().expect("in range");
        let samples = Samples::new(&columns[1..], &target);
        let samples = samples.with_weights(&weights).with_offsets(&offsets);
        GradientBoosting::fit(&samples, Some(&samples), &params, 42, stop)
    };
    for loss in [Loss::Logistic, Loss::TWEEDIE] {
        report(&format!("boosting {loss:?} 1,000,000 x 5"), |stop| {
            fit(loss, stop).map(|_| ())
        });
    }
    let model = fit(Loss::Logistic, &StopToken::new()).expect("a model");
    report("boosting, forecasts of 1,000,000 x 5", |stop| {
        let forecasts = model.predict(&columns[1..], Some(&offsets), stop);
        forecasts.map(|_| ()).map_err(FitError::from)
    });
}

/// Stops the work at later and later moments, until one comes after its end, and prints the longest wait.
fn report(name: &str, work: impl Fn(&StopToken) -> Result<(), FitError> + Sync) {
    let mut moment = Duration::from_millis(1);
    let (mut longest, mut at) = (Duration::ZERO, Duration::ZERO);
    let mut finished = None;
    while finished.is_none() && moment < LAST_MOMENT {
        let stop = StopToken::new();
        let begun = Instant::now();
        let (outcome, ended) = thread::scope(|scope| {
            let worker = scope.spawn(|| (work(&stop), begun.elapsed()));
            thread::sleep(moment);
            stop.stop();
            worker.join().expect("no panic")
        });
        if outcome.is_ok() {
            finished = Some(ended);
        }
        let waited = ended.saturating_sub(moment);
        if waited > longest && outcome.is_err() {
            (longest, at) = (waited, moment);
        }
        moment = moment.mul_f64(GROWTH);
    }
    #[expect(clippy::print_stdout, reason = "the table is what the bench is for")]
    {
        println!("{name}: at most {longest:?} (asked after {at:?}), done in {finished:?}");
    }
}

/// Counts, log-normal amounts and a few kinds, as customers have them; from the seventh column on zeros and ones.
fn shoppers(n_samples: usize, n_features: usize) -> Vec<Vec<f64>> {
    let mut stream = RandomStream::new(42, "bench shoppers", 0);
    let mut columns = vec![Vec::with_capacity(n_samples); n_features];
    for _ in 0..n_samples {
        let level = [2.0, 8.0, 20.0, 4.0][stream.below(4) as usize];
        for (j, column) in columns.iter_mut().enumerate() {
            column.push(match j {
                0 | 3 => 1.0 + stream.poisson(level) as f64,
                1 | 4 => (level * 30.0 * libm::exp(0.5 * stream.normal()) * 100.0).round() / 100.0,
                2 | 5 => 1.0 + stream.below(2 + level as u64 / 4) as f64,
                _ => f64::from(u8::from(stream.below(8) == 0)),
            });
        }
    }
    columns
}
