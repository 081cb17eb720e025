//! What must hold on any data.

use clientela_learn::FitError;
use clientela_learn::boosting::{
    Direction, GradientBoosting, GradientBoostingParams, Loss, Node, Samples, Tree,
};
use clientela_numerics::{RandomStream, StopToken};

use crate::data::{Data, fit};

fn tweedie() -> GradientBoostingParams {
    GradientBoostingParams {
        loss: Loss::TWEEDIE,
        n_trees: 20,
        ..GradientBoostingParams::default()
    }
}

const LOSSES: [Loss; 4] = [Loss::Squared, Loss::Poisson, Loss::TWEEDIE, Loss::Logistic];

/// On so many threads, with validation rows.
fn fit_on_threads(
    data: &Data,
    validation: &Data,
    params: GradientBoostingParams,
    n_threads: usize,
) -> (GradientBoosting, Vec<f64>) {
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
    for (loss, share) in [
        (Loss::TWEEDIE, 0.7),
        (Loss::Logistic, 1.0),
        (Loss::Squared, 1.0),
    ] {
        let (data, validation) = (
            Data::drawn_for(loss, 70_000, 1),
            Data::drawn_for(loss, 5_000, 2),
        );
        let on = |n_threads| {
            let params = GradientBoostingParams {
                loss,
                row_share: share,
                column_share: 0.6,
                ..tweedie()
            };
            fit_on_threads(&data, &validation, params, n_threads)
        };
        let one = on(1);
        assert!(one.0.trees.len() > 5);
        for n_threads in [2, 3, 7] {
            assert_eq!(on(n_threads), one, "{loss:?} on {n_threads} threads");
        }
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
fn rows_that_weigh_next_to_nothing_are_learned_where_they_are_alone() {
    // Heavy rows are all alike, light ones differ by the second column.
    let n_rows = 2000;
    let column = |of: &dyn Fn(usize) -> usize| (0..n_rows).map(|row| of(row) as f64).collect();
    let columns: Vec<Vec<f64>> = vec![column(&|row| row % 2), column(&|row| row / 2 % 2)];
    let target: Vec<f64> = column(&|row| row % 2 * (row / 2 % 2));
    for spread in [1.0, 1e3, 1e9, 1e13] {
        let weights: Vec<f64> = (0..n_rows)
            .map(|row| if row % 2 == 0 { spread } else { 1.0 })
            .collect();
        let params = GradientBoostingParams {
            loss: Loss::Squared,
            n_trees: 100,
            ..GradientBoostingParams::default()
        };
        let model = fit(
            &Samples::new(&columns, &target).with_weights(&weights),
            params,
        );
        let found = model.predict(&columns, None, &StopToken::new());
        for (found, y) in found.expect("nobody asks to stop").iter().zip(&target) {
            assert!((found - y).abs() < 1e-3, "{found}, not {y}, at {spread}");
        }
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
fn few_rows_get_the_forecasts_they_get_among_many() {
    let data = Data::drawn(2500, 21);
    for max_leaves in [31, 100] {
        let params = GradientBoostingParams {
            max_leaves,
            min_rows_leaf: 3,
            ..tweedie()
        };
        let model = fit(&data.samples(), params);
        let forecasts = data.predict(&model);
        for rows in [0..7, 1000..1150] {
            let few = data.reordered(&rows.clone().collect::<Vec<usize>>());
            assert_eq!(few.predict(&model), forecasts[rows]);
        }
        let row: Vec<f64> = data.columns.iter().map(|column| column[3]).collect();
        let trees: f64 = model.trees.iter().map(|tree| tree.value(&row)).sum();
        let score = data.offsets[3] + model.base_score + trees;
        assert!((forecasts[3] / score.exp() - 1.0).abs() < 1e-12);
    }
}

#[test]
fn more_thresholds_than_there_are_bins_are_forecast_all_the_same() {
    let stump = |threshold: usize| Tree {
        nodes: vec![
            Node::Split {
                feature: 0,
                threshold: threshold as f64,
                missing_left: false,
                gain: 1.0,
                cover: 2.0,
                left: 1,
                right: 2,
            },
            Node::Leaf {
                value: 0.0,
                cover: 1.0,
            },
            Node::Leaf {
                value: 1.0,
                cover: 1.0,
            },
        ],
    };
    let model = GradientBoosting {
        loss: Loss::Squared,
        base_score: 0.0,
        trees: (0..1000).map(stump).collect(),
        validation_losses: Vec::new(),
        n_features: 1,
    };
    let columns = [(0..1000).map(|row| row as f64 + 0.5).collect::<Vec<f64>>()];
    let found = model
        .predict(&columns, None, &StopToken::new())
        .expect("nobody asks to stop");
    let expected: Vec<f64> = (1..=1000).map(f64::from).collect();
    assert_eq!(found, expected);
}

/// Rows that differ in the first column alone, from its lowest value to its highest; the other columns are those of a row.
fn along_the_first_column(data: &Data, row: usize) -> Vec<Vec<f64>> {
    let mut columns: Vec<Vec<f64>> = data
        .columns
        .iter()
        .map(|column| vec![column[row]; 300])
        .collect();
    columns[0] = (0..300).map(|step| f64::from(step) / 50.0 - 1.0).collect();
    columns
}

/// Whether no forecast falls along the first column.
fn never_falls(model: &GradientBoosting, data: &Data) -> bool {
    (0..200).all(|row| {
        let columns = along_the_first_column(data, row);
        let scores = model.scores(&columns, None, &StopToken::new());
        scores.expect("nobody asks to stop").is_sorted()
    })
}

#[test]
fn forecasts_follow_the_directions_they_are_given() {
    for loss in LOSSES {
        let mut data = Data::drawn_for(loss, 4000, 17);
        let params = GradientBoostingParams {
            loss,
            n_trees: 60,
            min_rows_leaf: 5,
            ..GradientBoostingParams::default()
        };
        let directed = |direction| GradientBoostingParams {
            directions: vec![
                direction,
                Direction::Free,
                Direction::Falling,
                Direction::Free,
            ],
            ..params.clone()
        };
        assert!(!never_falls(&fit(&data.samples(), params.clone()), &data));
        let rising = fit(&data.samples(), directed(Direction::Rising));
        assert!(never_falls(&rising, &data), "{loss:?}");
        assert!(rising.importance().iter().all(|&share| share > 0.0));
        let free = fit(&data.samples(), directed(Direction::Free));
        assert!(!never_falls(&free, &data), "{loss:?}");
        // What falls along a column rises along its negative.
        for value in &mut data.columns[0] {
            *value = 4.0 - *value;
        }
        let falling = fit(&data.samples(), directed(Direction::Falling));
        for value in &mut data.columns[0] {
            *value = 4.0 - *value;
        }
        let (a, b) = (rising.importance(), falling.importance());
        assert!(a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-9));
    }
}

#[test]
fn a_direction_costs_little_where_the_data_follow_it() {
    let columns = [(0..3000)
        .map(|row| f64::from(row % 100))
        .collect::<Vec<f64>>()];
    let mut stream = RandomStream::new(3, "noise", 0);
    let target: Vec<f64> = columns[0]
        .iter()
        .map(|x| x.sqrt() + stream.normal())
        .collect();
    let error = |directions: Vec<Direction>| {
        let params = GradientBoostingParams {
            directions,
            ..GradientBoostingParams::default()
        };
        let model = fit(&Samples::new(&columns, &target), params);
        let found = model.predict(&columns, None, &StopToken::new());
        let found = found.expect("nobody asks to stop");
        let off = found
            .iter()
            .zip(&columns[0])
            .map(|(found, x)| (found - x.sqrt()).powi(2));
        off.sum::<f64>() / 3000.0
    };
    // Noise cannot be learned by going back and forth.
    assert!(error(vec![Direction::Rising]) < 0.7 * error(vec![]));
    assert!(error(vec![Direction::Falling]) > 2.0);
}

#[test]
fn covers_are_the_weights_of_the_rows_that_came_by() {
    let data = Data::drawn(1500, 23);
    let model = fit(&data.samples(), tweedie());
    let total: f64 = data.weights.iter().sum();
    for tree in &model.trees {
        assert_eq!(tree.nodes[0].cover(), total);
        let mut covers = vec![0.0; tree.nodes.len()];
        for (row, weight) in data.weights.iter().enumerate() {
            let mut at = 0;
            covers[at] += weight;
            while let Node::Split {
                feature,
                threshold,
                missing_left,
                left,
                right,
                ..
            } = tree.nodes[at]
            {
                let value = data.columns[feature as usize][row];
                let goes_left = value <= threshold || (missing_left && value.is_nan());
                at = if goes_left { left } else { right } as usize;
                covers[at] += weight;
            }
        }
        let found: Vec<f64> = tree.nodes.iter().map(Node::cover).collect();
        assert_eq!(found, covers);
    }
    let unweighted = Samples::new(&data.columns, &data.target);
    let params = GradientBoostingParams {
        loss: Loss::Squared,
        row_share: 0.5,
        ..tweedie()
    };
    let sampled = fit(&unweighted, params);
    let cover = sampled.trees[0].nodes[0].cover();
    assert!(
        cover.fract() == 0.0 && (650.0..850.0).contains(&cover),
        "{cover}"
    );
}

#[test]
fn log_odds_start_above_offsets_where_the_slope_is_zero() {
    for spread in [0.3, 3.0, 60.0] {
        let mut data = Data::drawn(2000, 29).with_outcomes();
        data.offsets
            .iter_mut()
            .for_each(|offset| *offset *= spread / 0.3);
        let params = GradientBoostingParams {
            loss: Loss::Logistic,
            n_trees: 0,
            ..tweedie()
        };
        let found = data.predict(&fit(&data.samples(), params));
        let rows = found.iter().zip(data.target.iter().zip(&data.weights));
        let slope: f64 = rows.map(|(found, (y, weight))| weight * (found - y)).sum();
        let total: f64 = data.weights.iter().sum();
        assert!(
            slope.abs() < 1e-11 * total,
            "{slope} at offsets of ± {spread}"
        );
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
fn a_tree_that_sees_no_row_says_nothing() {
    let data = Data::drawn(50, 31);
    let params = GradientBoostingParams {
        row_share: 0.02,
        min_rows_leaf: 1,
        ..tweedie()
    };
    let model = fit(&data.samples(), params);
    let is_empty = |tree: &Tree| tree.nodes[0].cover() == 0.0;
    let empty: Vec<&Tree> = model.trees.iter().filter(|tree| is_empty(tree)).collect();
    assert!((2..20).contains(&empty.len()), "{}", empty.len());
    let nothing = [Node::Leaf {
        value: 0.0,
        cover: 0.0,
    }];
    assert!(empty.iter().all(|tree| tree.nodes == nothing));
}

#[test]
fn values_out_of_range_are_refused() {
    let refused = |feature: f64, target: f64, weight: f64, offset: f64| {
        let (columns, targets) = ([vec![0.0, feature]], [1.0, target]);
        let (weights, offsets) = ([1.0, weight], [0.0, offset]);
        std::panic::catch_unwind(|| {
            let samples = Samples::new(&columns, &targets);
            let samples = samples.with_weights(&weights).with_offsets(&offsets);
            fit(&samples, tweedie())
        })
        .is_err()
    };
    assert!(!refused(f64::NAN, 2.0, 0.0, -1.0));
    assert!(refused(f64::INFINITY, 2.0, 1.0, 0.0));
    for wrong in [f64::NAN, f64::NEG_INFINITY] {
        assert!(refused(1.0, wrong, 1.0, 0.0));
        assert!(refused(1.0, 2.0, wrong, 0.0));
        assert!(refused(1.0, 2.0, 1.0, wrong));
    }
    assert!(refused(1.0, 2.0, -1.0, 0.0));
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
