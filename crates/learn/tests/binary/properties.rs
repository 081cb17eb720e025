//! What must hold on any data.

use clientela_learn::calibration::{CalibrationKind, Calibrator};
use clientela_learn::logistic::{ElasticNet, Samples};
use clientela_learn::metrics::binary::RankedOutcomes;
use clientela_numerics::{RandomStream, StopToken};
use proptest::prelude::*;

use crate::data::{Data, assert_close, at, params, shuffled};

const KINDS: [CalibrationKind; 4] = [
    CalibrationKind::None,
    CalibrationKind::Platt,
    CalibrationKind::Beta,
    CalibrationKind::Isotonic,
];

fn calibrators(scores: &[f64], outcomes: &[bool], weights: Option<&[f64]>) -> Vec<Calibrator> {
    let fit = |kind| Calibrator::fit(kind, scores, outcomes, weights, &StopToken::new());
    KINDS
        .iter()
        .map(|&kind| fit(kind).expect("both classes"))
        .collect()
}

/// All that is learned from the data.
#[derive(Debug, PartialEq)]
struct Findings {
    lambda: f64,
    model: ElasticNet,
    log_odds: Vec<f64>,
    contributions: Vec<f64>,
    calibrators: Vec<Calibrator>,
    ranked: RankedOutcomes,
    by_chance: Option<f64>,
}

fn learn(data: &Data) -> Findings {
    let stop = StopToken::new();
    let design = data.design();
    let samples = Samples::new(&design, &data.outcomes).with_weights(&data.weights);
    let choice = ElasticNet::choose_lambda(&samples, &params(0.5), 42, &stop).expect("a choice");
    let model = ElasticNet::fit(&samples, choice.lambda, &params(0.5), &stop).expect("a model");
    let log_odds = model.log_odds(&design, &stop).expect("not stopped");
    let probabilities: Vec<f64> = log_odds
        .iter()
        .map(|&s| Calibrator::None.probability(s))
        .collect();
    let ranked = RankedOutcomes::with_weights(&probabilities, &data.outcomes, &data.weights);
    Findings {
        lambda: choice.lambda,
        contributions: model.contributions(&design, &stop).expect("not stopped"),
        calibrators: calibrators(&log_odds, &data.outcomes, Some(&data.weights)),
        by_chance: ranked
            .expected_calibration_error_by_chance(10, 20, 1, &stop)
            .expect("not stopped"),
        ranked,
        log_odds,
        model,
    }
}

#[test]
fn the_number_of_threads_changes_not_a_bit() {
    let data = Data::drawn(70_000, 1);
    let on = |n_threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(n_threads)
            .build()
            .expect("a pool");
        pool.install(|| learn(&data))
    };
    let one = on(1);
    for n_threads in [2, 3, 7] {
        assert_eq!(on(n_threads), one, "{n_threads} threads");
    }
}

#[test]
fn the_order_of_the_rows_changes_rounding_only() {
    let data = Data::drawn(9000, 2);
    let order = shuffled(9000, 3);
    let other = data.at(&order);
    for l1_ratio in [0.1, 0.5, 1.0] {
        let model = data.fit(2e-3, &params(l1_ratio)).expect("a model");
        let given = other.fit(2e-3, &params(l1_ratio)).expect("a model");
        let (given, expected) = (other.log_odds(&given), at(&data.log_odds(&model), &order));
        for (given, expected) in given.iter().zip(expected) {
            assert_close(*given, expected, 1e-9, "log-odds");
        }
    }
    let scores: Vec<f64> = data.numeric[0]
        .iter()
        .map(|x| (x * 20.0).round() / 20.0)
        .collect();
    assert_eq!(
        RankedOutcomes::with_weights(&scores, &data.outcomes, &data.weights),
        RankedOutcomes::with_weights(&at(&scores, &order), &other.outcomes, &other.weights),
    );
    let maps = calibrators(&scores, &data.outcomes, Some(&data.weights));
    let others = calibrators(&at(&scores, &order), &other.outcomes, Some(&other.weights));
    for (map, other) in maps.iter().zip(&others) {
        for s in [-3.0, -0.2, 0.4, 2.0] {
            assert_close(
                map.log_odds(s),
                other.log_odds(s),
                1e-8,
                "calibrated log-odds",
            );
        }
    }
}

#[test]
fn a_weight_is_so_many_equal_rows() {
    let data = Data::drawn(700, 4);
    let repeated: Vec<usize> = (0..700)
        .flat_map(|row| vec![row; data.weights[row] as usize])
        .collect();
    let mut repeated = data.at(&repeated);
    repeated.weights.fill(1.0);
    let model = data.fit(5e-3, &params(0.5)).expect("a model");
    let other = repeated.fit(5e-3, &params(0.5)).expect("a model");
    for (given, expected) in data.log_odds(&other).iter().zip(data.log_odds(&model)) {
        assert_close(*given, expected, 1e-9, "log-odds");
    }
    let (weighted, plain) = (&data.numeric[0], &repeated.numeric[0]);
    assert_eq!(
        RankedOutcomes::with_weights(weighted, &data.outcomes, &data.weights),
        RankedOutcomes::new(plain, &repeated.outcomes),
    );
    let maps = calibrators(weighted, &data.outcomes, Some(&data.weights));
    let others = calibrators(plain, &repeated.outcomes, None);
    for (map, other) in maps.iter().zip(&others) {
        for s in [-2.0, 0.1, 1.5] {
            assert_close(
                map.log_odds(s),
                other.log_odds(s),
                1e-8,
                "calibrated log-odds",
            );
        }
    }
}

#[test]
fn the_unit_of_a_column_does_not_matter() {
    let data = Data::drawn(1500, 5);
    let mut other = data.clone();
    // A power of two changes no digit, another factor the last ones.
    other.numeric[0].iter_mut().for_each(|x| *x *= 0.125);
    let expected = learn(&data);
    let given = learn(&other);
    assert_eq!(
        (given.lambda, &given.log_odds),
        (expected.lambda, &expected.log_odds)
    );
    other.numeric[1]
        .iter_mut()
        .for_each(|x| *x = *x * 1e-7 + 3.0);
    other.numeric[2].iter_mut().for_each(|x| *x *= -1e9);
    let lambda = expected.lambda;
    let model = other.fit(lambda, &params(0.5)).expect("a model");
    for (given, expected) in other.log_odds(&model).iter().zip(&expected.log_odds) {
        assert_close(*given, *expected, 1e-6, "log-odds");
    }
}

#[test]
fn the_seed_changes_the_folds_and_nothing_else_does() {
    let data = Data::drawn(300, 6);
    assert_eq!(learn(&data), learn(&data));
    let design = data.design();
    let samples = Samples::new(&design, &data.outcomes);
    let losses = |seed| {
        let choice = ElasticNet::choose_lambda(&samples, &params(0.5), seed, &StopToken::new());
        choice.expect("a choice").candidates[8].log_loss
    };
    assert_ne!(losses(1), losses(2));
}

/// Scores from a few values or many, and outcomes that may have nothing to do with them; both classes occur.
fn scored(n: usize, seed: u64, spread: f64, n_values: u64) -> (Vec<f64>, Vec<bool>) {
    let mut stream = RandomStream::new(seed, "scored", 0);
    let scores: Vec<f64> = (0..n)
        .map(|_| spread * (stream.below(n_values) as f64 / n_values as f64 - 0.4))
        .collect();
    let mut outcomes: Vec<bool> = scores
        .iter()
        .map(|s| s + 0.3 * spread * stream.normal() > 0.0)
        .collect();
    outcomes[0] = true;
    outcomes[1] = false;
    (scores, outcomes)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn calibrators_never_fall_and_are_never_certain(
        seed in any::<u64>(), n in 2..80_usize, spread in prop::sample::select(vec![1e-6, 1.0, 10.0, 1e4]), n_values in 1..40_u64
    ) {
        let (scores, outcomes) = scored(n, seed, spread, n_values);
        for map in calibrators(&scores, &outcomes, None) {
            let mut last = f64::NEG_INFINITY;
            for step in -50..=50 {
                let s = spread * f64::from(step) / 20.0;
                let (log_odds, p) = (map.log_odds(s), map.probability(s));
                prop_assert!(log_odds.is_finite() && p > 0.0 && p < 1.0, "{map:?} {s} {log_odds}");
                prop_assert!(log_odds >= last - 1e-12 * last.abs().max(1.0), "{map:?} {s} {log_odds} {last}");
                last = log_odds;
            }
        }
    }

    #[test]
    fn figures_keep_their_bounds(seed in any::<u64>(), n in 2..120_usize, n_values in 1..200_u64) {
        let (scores, outcomes) = scored(n, seed, 4.0, n_values);
        let probabilities: Vec<f64> = scores.iter().map(|&s| Calibrator::None.probability(s)).collect();
        let ranked = RankedOutcomes::new(&probabilities, &outcomes);
        let area = ranked.roc_auc_interval(0.95).expect("both classes");
        prop_assert!(0.0 <= area.lower && area.lower <= area.area && area.area <= area.upper && area.upper <= 1.0);
        prop_assert!(area.lower < area.upper);
        let precision = ranked.average_precision().expect("positives");
        let ends = ranked.average_precision_interval(0.95).expect("positives");
        prop_assert!(0.0 < ends.lower && ends.lower <= precision && precision <= ends.upper && ends.upper <= 1.0);
        let error = ranked.expected_calibration_error(10).expect("rows");
        prop_assert!((0.0..=1.0).contains(&error));
        let bins = ranked.reliability(10, 0.95);
        let rows: f64 = bins.iter().map(|bin| bin.n).sum();
        let positives: f64 = bins.iter().map(|bin| bin.n * bin.rate).sum();
        prop_assert!((rows - n as f64).abs() < 1e-9 && (positives - ranked.n_positives()).abs() < 1e-9);
        prop_assert!(bins.iter().all(|bin| bin.lower <= bin.rate && bin.rate <= bin.upper && bin.lower < bin.upper));
        prop_assert!(bins.windows(2).all(|pair| pair[0].mean_forecast <= pair[1].mean_forecast + 1e-12));
        let curve = ranked.roc_curve(200);
        let rises = curve.windows(2).all(|pair| {
            pair[0].false_positive_rate <= pair[1].false_positive_rate
                && pair[0].true_positive_rate <= pair[1].true_positive_rate
        });
        prop_assert!(rises);
    }

    #[test]
    fn log_odds_turned_around_turn_the_area_around(seed in any::<u64>(), n in 2..120_usize) {
        let (scores, outcomes) = scored(n, seed, 1.0, 30);
        let turned: Vec<f64> = scores.iter().map(|s| -s).collect();
        let given = RankedOutcomes::new(&scores, &outcomes).roc_auc_interval(0.9).expect("both");
        let turned = RankedOutcomes::new(&turned, &outcomes).roc_auc_interval(0.9).expect("both");
        prop_assert!((given.area + turned.area - 1.0).abs() < 1e-12);
        prop_assert!((given.lower + turned.upper - 1.0).abs() < 1e-9);
        prop_assert!((given.upper + turned.lower - 1.0).abs() < 1e-9);
    }

    #[test]
    fn small_fits_are_finite(seed in any::<u64>(), n in 2..25_usize) {
        let data = Data::of_both_classes(n, seed);
        let lambda = data.choose().expect("both classes");
        prop_assert!(lambda > 0.0);
        let model = data.fit(lambda, &params(0.5)).expect("a model");
        prop_assert!(data.log_odds(&model).iter().all(|s| s.is_finite()));
    }
}
