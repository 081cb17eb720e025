use std::thread;
use std::time::{Duration, Instant};

use clientela_learn::FitError;
use clientela_learn::calibration::{CalibrationKind, Calibrator};
use clientela_learn::logistic::{ElasticNet, Samples};
use clientela_numerics::StopToken;

use crate::data::{Data, params};

/// The cores are to be free within 200 ms of a deadline; half of that is left to the layers above.
const WAIT_MAX: Duration = Duration::from_millis(100);
/// A busy machine may delay an attempt, but hardly each of so many.
const ATTEMPTS: usize = 5;

/// Stops the work at several moments, and asserts that it ends soon each time.
fn check_stops(name: &str, work: impl Fn(&StopToken) -> Result<(), FitError> + Sync) {
    for moment in [0, 5, 40, 150].map(Duration::from_millis) {
        let mut waits = (0..ATTEMPTS).map(|_| {
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
        });
        assert!(
            waits.any(|wait| wait < WAIT_MAX),
            "{name}, stopped after {moment:?}, goes on for more than {WAIT_MAX:?}"
        );
    }
}

#[test]
fn learning_from_many_rows_stops_soon_after_it_is_asked_to() {
    let mut data = Data::drawn(250_000, 1);
    for seed in 2..6 {
        let more = Data::drawn(250_000, seed);
        data.numeric.extend(more.numeric);
        data.categories.extend(more.categories);
    }
    let design = data.design();
    let samples = Samples::new(&design, &data.outcomes);
    check_stops("a fit", |stop| {
        ElasticNet::fit(&samples, 1e-4, &params(0.5), stop).map(|_| ())
    });
    check_stops("a choice", |stop| {
        ElasticNet::choose_lambda(&samples, &params(0.5), 1, stop).map(|_| ())
    });
    let model = ElasticNet::fit(&samples, 1e-4, &params(0.5), &StopToken::new()).expect("a model");
    check_stops("contributions", |stop| {
        Ok(model.contributions(&design, stop).map(|_| ())?)
    });
    let scores = data.log_odds(&model);
    for kind in [
        CalibrationKind::Platt,
        CalibrationKind::Beta,
        CalibrationKind::Isotonic,
    ] {
        check_stops("a calibrator", |stop| {
            Calibrator::fit(kind, &scores, &data.outcomes, None, stop).map(|_| ())
        });
    }
}

#[test]
fn whoever_asks_before_the_start_gets_no_model() {
    let data = Data::drawn(50, 9);
    let design = data.design();
    let samples = Samples::new(&design, &data.outcomes);
    let stop = StopToken::new();
    stop.stop();
    assert_eq!(
        ElasticNet::fit(&samples, 0.1, &params(0.5), &stop),
        Err(FitError::Stopped)
    );
    let choice = ElasticNet::choose_lambda(&samples, &params(0.5), 1, &stop);
    assert_eq!(choice, Err(FitError::Stopped));
    let map = Calibrator::fit(
        CalibrationKind::Platt,
        &data.numeric[0],
        &data.outcomes,
        None,
        &stop,
    );
    assert_eq!(map, Err(FitError::Stopped));
}
