use clientela_learn::calibration::{
    CalibrationKind, Calibrator, log_odds, pool_adjacent_violators, probability,
};
use clientela_learn::metrics::binary::RankedOutcomes;
use clientela_numerics::{RandomStream, StopToken};

use crate::data::assert_close;
use crate::fixture::{Entry, entries};

fn fit(entry: &Entry, kind: CalibrationKind) -> Calibrator {
    let weights = entry.numbers("weights");
    let (scores, outcomes) = (entry.numbers("scores"), entry.outcomes());
    Calibrator::fit(kind, &scores, &outcomes, Some(&weights), &StopToken::new())
        .expect("both classes")
}

#[test]
fn platts_line_matches_scikit_learn() {
    for entry in entries("calibration") {
        let expected = entry.numbers("platt");
        let (slope, intercept) = fit(&entry, CalibrationKind::Platt).line().expect("a line");
        // Its optimizer ends where the gradient is below 1e-6.
        assert_close(slope, expected[0], 1e-6, "slope");
        assert_close(intercept, expected[1], 1e-6, "intercept");
    }
}

#[test]
fn the_beta_map_matches_a_general_optimizer() {
    for entry in entries("calibration") {
        let Calibrator::Beta { a, b, c } = fit(&entry, CalibrationKind::Beta) else {
            panic!("a beta map");
        };
        for (given, expected) in [a, b, c].iter().zip(entry.numbers("beta")) {
            assert_close(*given, expected, 1e-6, "parameter");
        }
    }
}

#[test]
fn pooled_rates_match_scikit_learn() {
    for entry in entries("calibration") {
        let (scores, weights) = (entry.numbers("scores"), entry.numbers("weights"));
        let ranked = RankedOutcomes::with_weights(&scores, &entry.outcomes(), &weights);
        let blocks = pool_adjacent_violators(&ranked);
        for (score, expected) in scores.iter().zip(entry.numbers("isotonic")) {
            let block = blocks.partition_point(|block| block.highest < *score);
            assert_close(blocks[block].rate(), expected, 1e-12, "rate");
        }
    }
}

/// Scores of `n` rows, and outcomes whose log-odds are a function of them.
fn drawn(n: usize, seed: u64, truth: impl Fn(f64) -> f64) -> (Vec<f64>, Vec<bool>) {
    let mut stream = RandomStream::new(seed, "calibration", 0);
    let scores: Vec<f64> = (0..n).map(|_| 2.0 * stream.normal() - 1.0).collect();
    let outcomes = scores
        .iter()
        .map(|&s| stream.uniform() < probability(truth(s)))
        .collect();
    (scores, outcomes)
}

#[test]
fn maps_find_the_truth_that_they_can_express() {
    let bent = |s: f64| -1.2 * libm::log1p(libm::exp(-s)) + 0.4 * libm::log1p(libm::exp(s)) + 0.3;
    let truths: [(CalibrationKind, &dyn Fn(f64) -> f64); 3] = [
        (CalibrationKind::Platt, &|s| 0.6 * s - 0.5),
        (CalibrationKind::Beta, &bent),
        (CalibrationKind::Isotonic, &bent),
    ];
    for (kind, truth) in truths {
        let (scores, outcomes) = drawn(200_000, 3, truth);
        let map = Calibrator::fit(kind, &scores, &outcomes, None, &StopToken::new()).expect("both");
        let tolerance = if kind == CalibrationKind::Isotonic {
            0.02
        } else {
            0.005
        };
        for s in [-4.0, -2.0, -1.0, 0.0, 1.0, 2.0] {
            let (given, expected) = (map.probability(s), probability(truth(s)));
            assert!(
                (given - expected).abs() < tolerance,
                "{kind:?} at {s}: {given}, not {expected}"
            );
        }
    }
}

#[test]
fn honest_scores_are_left_nearly_as_they_are() {
    let (scores, outcomes) = drawn(100_000, 4, |s| s);
    for kind in [
        CalibrationKind::None,
        CalibrationKind::Platt,
        CalibrationKind::Beta,
    ] {
        let map = Calibrator::fit(kind, &scores, &outcomes, None, &StopToken::new()).expect("both");
        assert_eq!(map.kind(), kind);
        for s in [-3.0, -1.0, 0.5] {
            assert!((map.log_odds(s) - s).abs() < 0.1, "{map:?}");
        }
    }
    assert!((log_odds(0.25) + libm::log(3.0)).abs() < 1e-15);
}
