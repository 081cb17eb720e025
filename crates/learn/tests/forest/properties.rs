//! What must hold on any data.

use std::thread;
use std::time::{Duration, Instant};

use clientela_learn::FitError;
use clientela_learn::boosting::Node;
use clientela_learn::forest::{RandomForest, RandomForestParams};
use clientela_learn::tree_shap::TreeExplainer;
use clientela_numerics::StopToken;

use crate::data::{Data, fit};

fn default_params() -> RandomForestParams {
    RandomForestParams::default()
}

#[test]
fn the_same_bits_on_any_number_of_threads_and_others_from_another_seed() {
    let data = Data::drawn(6000, 1);
    let forest = fit(&data.samples(), default_params());
    let scores = data.log_odds(&forest);
    for n_threads in [1, 2, 5] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads);
        let pool = pool.build().expect("a pool");
        let (again, its_scores) = pool.install(|| {
            let again = fit(&data.samples(), default_params());
            let scores = data.log_odds(&again);
            (again, scores)
        });
        assert!(again == forest && its_scores == scores, "{n_threads}");
    }
    let params = default_params().check().expect("in range");
    let other = RandomForest::fit(&data.samples(), &params, 43, &StopToken::new());
    assert!(other.expect("a forest") != forest);
}

#[test]
fn scores_are_the_mean_of_the_trees_alone_and_among_others() {
    let data = Data::drawn(3000, 2);
    for max_leaves in [20, 128, 1000] {
        let forest = fit(
            &data.samples(),
            RandomForestParams {
                max_leaves,
                min_rows_leaf: 2,
                n_trees: 30,
                ..default_params()
            },
        );
        let scores = data.log_odds(&forest);
        let some: Vec<usize> = (0..data.n_rows()).step_by(50).collect();
        let few = data.at(&some);
        for (&row, few_score) in some.iter().zip(few.log_odds(&forest)) {
            let values: Vec<f64> = data.columns.iter().map(|column| column[row]).collect();
            let sum: f64 = forest.trees.iter().map(|tree| tree.value(&values)).sum();
            assert!((scores[row] - sum / 30.0).abs() < 1e-12);
            assert_eq!(scores[row], few_score);
        }
    }
}

#[test]
fn attributions_and_base_add_up_to_the_score() {
    let data = Data::drawn(5000, 3);
    let forest = fit(&data.samples(), default_params());
    let explainer = TreeExplainer::new(&forest.trees, forest.scale(), 5);
    let attributions = explainer.explain(&data.columns, &StopToken::new());
    let attributions = attributions.expect("nobody asks to stop");
    for (line, score) in attributions.chunks(5).zip(data.log_odds(&forest)) {
        let sum = explainer.base() + line.iter().sum::<f64>();
        assert!((sum - score).abs() < 1e-12, "{sum}, not {score}");
    }
}

#[test]
fn leaves_have_rows_enough_and_are_not_too_many() {
    let data = Data::drawn(4000, 4);
    let params = RandomForestParams {
        max_leaves: 37,
        min_rows_leaf: 33,
        ..default_params()
    };
    for tree in fit(&data.samples(), params).trees {
        let leaves = tree
            .nodes
            .iter()
            .filter(|node| matches!(node, Node::Leaf { .. }));
        assert!(leaves.clone().all(|leaf| leaf.cover() >= 33.0));
        assert_eq!(leaves.count(), 37);
        for node in &tree.nodes {
            if let Node::Split { left, right, .. } = *node {
                let below = [left, right].map(|child| tree.nodes[child as usize].cover());
                assert_eq!(node.cover(), below[0] + below[1]);
            }
        }
    }
}

#[test]
fn only_the_order_of_a_feature_matters() {
    let data = Data::drawn(3000, 5);
    let mut stretched = data.clone();
    for value in stretched.columns.iter_mut().flatten() {
        *value = (*value + 10.0).powi(3);
    }
    let of = |data: &Data| data.log_odds(&fit(&data.samples(), default_params()));
    assert_eq!(of(&data), of(&stretched));
}

#[test]
fn rows_without_weight_and_equal_weights_change_nothing() {
    let data = Data::drawn(2000, 6);
    let kept: Vec<usize> = (0..1500).collect();
    let few = data.at(&kept);
    let weights: Vec<f64> = (0..2000)
        .map(|i| if i < 1500 { 0.3 } else { 0.0 })
        .collect();
    let weighted = fit(&data.samples().with_weights(&weights), default_params());
    assert!(weighted == fit(&few.samples(), default_params()));
}

#[test]
fn heavy_rows_decide() {
    // Two populations of opposite mind about column 0, apart by nothing else.
    let mut data = Data::drawn(4000, 7);
    for row in 0..4000 {
        let is_high = data.columns[0][row] >= 2.0;
        data.target[row] = f64::from(u8::from(is_high == (row % 2 == 0)));
    }
    let weights: Vec<f64> = (0..4000)
        .map(|row| if row % 2 == 0 { 9.0 } else { 1.0 })
        .collect();
    let forest = fit(&data.samples().with_weights(&weights), default_params());
    let scores = data.log_odds(&forest);
    for (row, score) in scores.into_iter().enumerate() {
        let is_high = data.columns[0][row] >= 2.0;
        assert_eq!(score > 0.0, is_high, "{score}");
        // The odds are 9 to 1, less what trees without column 0 near the root leave of them, and more where small leaves have
        // hardly a row of the lighter mind: at most 20 to none, with half a row of prior ln 41.
        assert!(score.abs() < libm::log(9.0) + 1.0, "{score}");
    }
}

#[test]
fn parameters_out_of_range_are_named() {
    let name = |params: RandomForestParams| params.check().expect_err("out of range").name;
    let default = default_params;
    assert_eq!(
        name(RandomForestParams {
            n_trees: 0,
            ..default()
        }),
        "n_trees"
    );
    assert_eq!(
        name(RandomForestParams {
            max_leaves: 0,
            ..default()
        }),
        "max_leaves"
    );
    assert_eq!(
        name(RandomForestParams {
            max_rows_tree: 0,
            ..default()
        }),
        "max_rows_tree"
    );
    assert_eq!(
        name(RandomForestParams {
            max_bins: 256,
            ..default()
        }),
        "max_bins"
    );
    for share in [0.0, 1.1, f64::NAN] {
        assert_eq!(
            name(RandomForestParams {
                row_share: share,
                ..default()
            }),
            "row_share"
        );
    }
    for rows in [0.0, f64::NAN, f64::INFINITY] {
        assert_eq!(
            name(RandomForestParams {
                prior_rows: rows,
                ..default()
            }),
            "prior_rows"
        );
    }
    let none = RandomForestParams {
        features_per_split: Some(0),
        ..default()
    };
    assert_eq!(name(none), "features_per_split");
}

#[test]
fn whoever_asks_to_stop_is_heard_soon() {
    let data = Data::drawn(300_000, 8);
    let params = RandomForestParams {
        row_share: 1.0,
        max_rows_tree: usize::MAX,
        ..default_params()
    };
    let params = params.check().expect("in range");
    // A busy machine may delay an attempt, but hardly each of so many.
    for moment in [0, 20, 100, 300].map(Duration::from_millis) {
        let mut waits = (0..5).map(|_| {
            let stop = StopToken::new();
            thread::scope(|scope| {
                let worker = scope.spawn(|| RandomForest::fit(&data.samples(), &params, 1, &stop));
                thread::sleep(moment);
                let asked = Instant::now();
                stop.stop();
                // A fast machine may be done by then, which is no fault.
                let outcome = worker.join().expect("no panic");
                assert!(matches!(outcome, Ok(_) | Err(FitError::Stopped)));
                asked.elapsed()
            })
        });
        assert!(waits.any(|wait| wait < Duration::from_millis(100)));
    }
}
