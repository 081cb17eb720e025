//! What must hold on any data.

use clientela_learn::FitError;
use clientela_learn::boosting::{GradientBoosting, GradientBoostingParams, Loss, Node, Samples};
use clientela_numerics::{RandomStream, StopToken};

use crate::data::{Data, fit};

fn tweedie() -> GradientBoostingParams {
    GradientBoostingParams {
        loss: Loss::TWEEDIE,
        n_trees: 20,
        ..GradientBoostingParams::default()
    }
}

/// On so many threads, with validation rows and sampling.
fn fit_on_threads(
    data: &Data,
    validation: &Data,
    n_threads: usize,
) -> (GradientBoosting, Vec<f64>) {
    let params = GradientBoostingParams {
        row_share: 0.7,
        column_share: 0.6,
        ..tweedie()
    };
    let params = params.check().expect("in range");
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(n_threads)
        .build()
        .expect("a pool");
    pool.install(|| {
        let stop = StopToken::new();
        let validation = validation.samples();
        let model = GradientBoosting::fit(&data.samples(), Some(&validation), &params, 7, &stop);
        let model = model.expect("a model");
        let forecasts = data.predict(&model);
        (model, forecasts)
    })
}

#[test]
fn the_number_of_threads_changes_not_a_bit() {
    let (data, validation) = (Data::drawn(70_000, 1), Data::drawn(5_000, 2));
    let one = fit_on_threads(&data, &validation, 1);
    assert!(one.0.trees.len() > 5);
    for n_threads in [2, 3, 7] {
        assert_eq!(
            fit_on_threads(&data, &validation, n_threads),
            one,
            "{n_threads} threads"
        );
    }
}

#[test]
fn the_order_of_the_rows_changes_not_a_bit() {
    let mut order: Vec<usize> = (0..3000).collect();
    RandomStream::new(4, "order", 0).shuffle(&mut order);
    for loss in [Loss::Squared, Loss::Poisson, Loss::TWEEDIE, Loss::Logistic] {
        let data = Data::drawn_for(loss, 3000, 3);
        let params = GradientBoostingParams { loss, ..tweedie() };
        let shuffled = fit(&data.reordered(&order).samples(), params.clone());
        assert_eq!(shuffled, fit(&data.samples(), params));
    }
}

#[test]
fn a_weight_is_so_many_equal_rows() {
    let data = Data::drawn(800, 5);
    let repeated: Vec<usize> = (0..800)
        .flat_map(|row| vec![row; data.weights[row] as usize])
        .collect();
    let mut repeated = data.reordered(&repeated);
    repeated.weights.fill(1.0);
    let params = GradientBoostingParams {
        min_rows_leaf: 1,
        min_hessian_leaf: 15.0,
        ..tweedie()
    };
    let (weighted, plain) = (
        fit(&data.samples(), params.clone()),
        fit(&repeated.samples(), params),
    );
    for (a, b) in data
        .predict(&weighted)
        .into_iter()
        .zip(data.predict(&plain))
    {
        assert!((a - b).abs() < 1e-9 * b, "{a}, not {b}");
    }
}

#[test]
fn rows_without_weight_count_for_nothing() {
    let mut data = Data::drawn(600, 6);
    let kept: Vec<usize> = (0..600).filter(|row| row % 3 != 0).collect();
    let few = data.reordered(&kept);
    for row in (0..600).step_by(3) {
        (data.weights[row], data.target[row], data.columns[1][row]) = (0.0, 1e9, -55.0);
    }
    let (all, few) = (
        fit(&data.samples(), tweedie()),
        fit(&few.samples(), tweedie()),
    );
    for (a, b) in data.predict(&all).into_iter().zip(data.predict(&few)) {
        assert!((a - b).abs() < 1e-9 * b, "{a}, not {b}");
    }
}

#[test]
fn every_tree_lowers_the_loss_and_gains_say_where() {
    let data = Data::drawn(2000, 8);
    let params = GradientBoostingParams {
        learning_rate: 0.3,
        ..tweedie()
    };
    let params = params.check().expect("in range");
    // Watched on its own rows, the loss must fall all the way.
    let model = GradientBoosting::fit(
        &data.samples(),
        Some(&data.samples()),
        &params,
        1,
        &StopToken::new(),
    );
    let model = model.expect("a model");
    assert_eq!((model.trees.len(), model.validation_losses.len()), (20, 21));
    assert!(
        model
            .validation_losses
            .windows(2)
            .all(|pair| pair[1] < pair[0])
    );
    let importance = model.importance();
    assert!((importance.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    assert!(importance.iter().all(|&share| share > 0.0));
}

#[test]
fn early_stopping_keeps_the_trees_up_to_the_best() {
    let (data, validation) = (Data::drawn(300, 9), Data::drawn(3000, 10));
    let params = GradientBoostingParams {
        n_trees: 500,
        learning_rate: 0.2,
        min_rows_leaf: 2,
        patience: 10,
        ..tweedie()
    };
    let params = params.check().expect("in range");
    let model = GradientBoosting::fit(
        &data.samples(),
        Some(&validation.samples()),
        &params,
        1,
        &StopToken::new(),
    );
    let model = model.expect("a model");
    let best = model.trees.len();
    assert!((1..400).contains(&best), "{best}");
    assert_eq!(model.validation_losses.len(), best + 1 + 10);
    assert!(
        model
            .validation_losses
            .iter()
            .all(|loss| *loss >= model.validation_losses[best])
    );
}

#[test]
fn a_sum_of_steps_approaches_the_mean_of_every_group() {
    // A log link must reach group means that differ by orders of magnitude.
    let means = [0.01, 1.0, 250.0, 1e5];
    let columns = [(0..400).map(|row| f64::from(row % 4)).collect::<Vec<f64>>()];
    let target: Vec<f64> = (0..400).map(|row| means[row % 4]).collect();
    for loss in [Loss::Squared, Loss::Poisson, Loss::TWEEDIE] {
        let params = GradientBoostingParams {
            loss,
            n_trees: 300,
            min_hessian_leaf: 0.0,
            ..tweedie()
        };
        let model = fit(&Samples::new(&columns, &target), params);
        let found = model
            .predict(&columns, None, &StopToken::new())
            .expect("nobody asks to stop");
        for (row, mean) in means.iter().enumerate() {
            let off = (found[row] - mean).abs() / mean.max(1.0);
            assert!(off < 1e-3, "{loss:?}: {} not {mean}", found[row]);
        }
    }
}

#[test]
fn log_odds_start_at_the_base_rate_and_approach_that_of_every_group() {
    let rates = [0.001, 0.1, 0.5, 0.98];
    let group = |row: usize| row % 4;
    let columns = [(0..8000).map(|row| group(row) as f64).collect::<Vec<f64>>()];
    let left = |row: usize| ((row / 4) as f64) < rates[group(row)] * 2000.0;
    let target: Vec<f64> = (0..8000)
        .map(|row| f64::from(u8::from(left(row))))
        .collect();
    let params = GradientBoostingParams {
        loss: Loss::Logistic,
        n_trees: 300,
        ..tweedie()
    };
    let model = fit(&Samples::new(&columns, &target), params);
    let rate = rates.iter().sum::<f64>() / 4.0;
    assert!((model.base_score - (rate / (1.0 - rate)).ln()).abs() < 1e-12);
    let found = model
        .predict(&columns, None, &StopToken::new())
        .expect("nobody asks to stop");
    for (found, rate) in found.iter().zip(rates) {
        assert!((found - rate).abs() < 1e-6, "{found} not {rate}");
    }
}

#[test]
fn groups_of_one_outcome_end_certain_and_finite() {
    // One event in ten thousand rows: a Newton step alone would carry its leaf to a log-odds of fifty at once.
    let columns = [(0..10_000)
        .map(|row| f64::from(u8::from(row < 21)))
        .collect::<Vec<f64>>()];
    let mut target = vec![0.0; 10_000];
    target[0] = 1.0;
    let params = GradientBoostingParams {
        loss: Loss::Logistic,
        n_trees: 300,
        ..tweedie()
    };
    let model = fit(&Samples::new(&columns, &target), params.clone());
    let found = model
        .predict(&columns, None, &StopToken::new())
        .expect("nobody asks to stop");
    assert!((found[0] - 1.0 / 21.0).abs() < 1e-4, "{}", found[0]);
    assert!((0.0..1e-6).contains(&found[9_999]), "{}", found[9_999]);
    let separated = fit(&Samples::new(&columns, &columns[0]), params);
    let found = separated
        .predict(&columns, None, &StopToken::new())
        .expect("nobody asks to stop");
    assert!(
        found
            .iter()
            .zip(&columns[0])
            .all(|(found, y)| (found - y).abs() < 1e-4)
    );
}

#[test]
fn values_never_seen_missing_follow_the_larger_side() {
    let columns = [(0..100)
        .map(|row| f64::from(u8::from(row >= 30)))
        .collect::<Vec<f64>>()];
    let target = columns[0].clone();
    let params = GradientBoostingParams {
        loss: Loss::Squared,
        n_trees: 1,
        learning_rate: 1.0,
        ..tweedie()
    };
    let model = fit(&Samples::new(&columns, &target), params);
    assert!(matches!(
        model.trees[0].nodes[0],
        Node::Split {
            missing_left: false,
            threshold: 0.5,
            ..
        }
    ));
    let forecasts = model.predict(&[vec![0.0, 1.0, f64::NAN]], None, &StopToken::new());
    let forecasts = forecasts.expect("nobody asks to stop");
    for (found, expected) in forecasts.iter().zip([0.0, 1.0, 1.0]) {
        assert!((found - expected).abs() < 1e-12, "{found}");
    }
}

#[test]
fn equal_targets_need_no_tree() {
    for (columns, target) in [
        (vec![vec![1.0, 2.0, 3.0]], vec![5.0; 3]),
        (vec![], vec![5.0, 5.0]),
        (vec![vec![f64::NAN]], vec![5.0]),
    ] {
        for loss in [Loss::Squared, Loss::Poisson, Loss::TWEEDIE] {
            let params = GradientBoostingParams {
                loss,
                min_rows_leaf: 1,
                ..tweedie()
            };
            let model = fit(&Samples::new(&columns, &target), params);
            let offsets = vec![0.0; target.len()];
            let found = model
                .predict(&columns, Some(&offsets), &StopToken::new())
                .expect("nobody asks to stop");
            assert!(
                found.iter().all(|value| (value - 5.0).abs() < 1e-12),
                "{loss:?} {found:?}"
            );
            assert!(model.importance().iter().all(|&share| share == 0.0));
        }
    }
}

#[test]
fn what_cannot_be_fitted_has_a_reason() {
    let columns = [vec![1.0, 2.0]];
    let reason = |target: &[f64], weights: &[f64], loss| {
        let params = GradientBoostingParams { loss, ..tweedie() }
            .check()
            .expect("in range");
        let samples = Samples::new(&columns, target).with_weights(weights);
        GradientBoosting::fit(&samples, None, &params, 1, &StopToken::new()).map(|_| ())
    };
    let none = FitError::TooFewSamples {
        needed: 1,
        given: 0,
    };
    assert_eq!(reason(&[1.0, 2.0], &[0.0, 0.0], Loss::Squared), Err(none));
    for (target, weights) in [
        ([-1.0, 2.0], [1.0, 1.0]),
        ([0.0, 0.0], [1.0, 1.0]),
        ([0.0, 3.0], [1.0, 0.0]),
    ] {
        assert!(matches!(
            reason(&target, &weights, Loss::Poisson),
            Err(FitError::Degenerate(_))
        ));
        assert_eq!(reason(&target, &weights, Loss::Squared), Ok(()));
    }
    for (target, weights) in [
        ([1.0, 2.0], [1.0, 1.0]),
        ([0.5, 0.0], [1.0, 1.0]),
        ([0.0, 0.0], [1.0, 1.0]),
        ([1.0, 1.0], [1.0, 1.0]),
        ([0.0, 1.0], [1.0, 0.0]),
    ] {
        assert!(matches!(
            reason(&target, &weights, Loss::Logistic),
            Err(FitError::Degenerate(_))
        ));
    }
    assert_eq!(reason(&[0.0, 1.0], &[1.0, 0.5], Loss::Logistic), Ok(()));
    let huge = reason(&[1e308, -1e308], &[1e5, 1.0], Loss::Squared);
    assert!(matches!(huge, Err(FitError::Degenerate(_))), "{huge:?}");
}

#[test]
fn a_stopped_fit_says_so() {
    let data = Data::drawn(500, 1);
    let stop = StopToken::new();
    stop.stop();
    let params = tweedie().check().expect("in range");
    let stopped = GradientBoosting::fit(&data.samples(), None, &params, 1, &stop);
    assert_eq!(stopped, Err(FitError::Stopped));
    let model = fit(&data.samples(), tweedie());
    assert!(model.predict(&data.columns, None, &stop).is_err());
}

#[test]
fn parameters_outside_their_ranges_are_named() {
    let default = GradientBoostingParams::default;
    let cases = [
        (
            "max_leaves",
            GradientBoostingParams {
                max_leaves: 0,
                ..default()
            },
        ),
        (
            "patience",
            GradientBoostingParams {
                patience: 0,
                ..default()
            },
        ),
        (
            "max_bins",
            GradientBoostingParams {
                max_bins: 256,
                ..default()
            },
        ),
        (
            "learning_rate",
            GradientBoostingParams {
                learning_rate: 0.0,
                ..default()
            },
        ),
        (
            "row_share",
            GradientBoostingParams {
                row_share: f64::NAN,
                ..default()
            },
        ),
        (
            "column_share",
            GradientBoostingParams {
                column_share: 1.1,
                ..default()
            },
        ),
        (
            "l2",
            GradientBoostingParams {
                l2: -1.0,
                ..default()
            },
        ),
        (
            "min_gain",
            GradientBoostingParams {
                min_gain: f64::INFINITY,
                ..default()
            },
        ),
        (
            "power",
            GradientBoostingParams {
                loss: Loss::Tweedie { power: 2.0 },
                ..default()
            },
        ),
    ];
    for (name, params) in cases {
        assert_eq!(params.check().map_err(|error| error.name), Err(name));
    }
}
