//! What must hold on any data.

use std::thread;
use std::time::{Duration, Instant};

use clientela_learn::boosting::{
    GradientBoosting, GradientBoostingParams, Loss, Node, Samples, Tree,
};
use clientela_learn::tree_shap::TreeExplainer;
use clientela_numerics::{RandomStream, StopToken, Stopped};
use proptest::prelude::*;

use crate::data::{drawn_columns, drawn_tree, explain, first_rows, row_of};

/// A booster of drawn rows, with some values missing and some rows that weigh more.
fn booster(columns: &[Vec<f64>], max_leaves: usize, n_trees: usize) -> GradientBoosting {
    let mut stream = RandomStream::new(9, "tree shap targets", 0);
    let n_rows = columns[0].len();
    let target: Vec<f64> = (0..n_rows)
        .map(|row| {
            let sum = columns.iter().map(|column| column[row]);
            let known: f64 = sum.filter(|value| !value.is_nan()).sum();
            f64::from(u8::from(known + 3.0 * stream.normal() > 15.0))
        })
        .collect();
    let weights: Vec<f64> = (0..n_rows).map(|row| 0.5 + (row % 3) as f64).collect();
    let params = GradientBoostingParams {
        loss: Loss::Logistic,
        n_trees,
        max_leaves,
        ..GradientBoostingParams::default()
    };
    let params = params.check().expect("in range");
    let samples = Samples::new(columns, &target).with_weights(&weights);
    GradientBoosting::fit(&samples, None, &params, 1, &StopToken::new()).expect("a model")
}

#[test]
fn attributions_and_base_add_up_to_the_score_of_a_fitted_booster() {
    let columns = drawn_columns(5000, 6, &mut RandomStream::new(1, "tree shap booster", 0));
    for (max_leaves, n_trees) in [(8, 60), (31, 60), (64, 20), (200, 10)] {
        let model = booster(&columns, max_leaves, n_trees);
        let explainer = TreeExplainer::new(&model.trees, 1.0, 6);
        let attributions = explain(&explainer, &columns);
        let scores = model
            .scores(&columns, None, &StopToken::new())
            .expect("scores");
        for (line, score) in attributions.chunks(6).zip(scores) {
            let sum = model.base_score + explainer.base() + line.iter().sum::<f64>();
            assert!((sum - score).abs() < 1e-12, "{sum}, not {score}");
        }
    }
}

#[test]
fn a_row_has_the_same_bits_alone_and_among_others_on_any_number_of_threads() {
    let columns = drawn_columns(9000, 6, &mut RandomStream::new(2, "tree shap threads", 0));
    let model = booster(&columns, 31, 40);
    let explainer = TreeExplainer::new(&model.trees, 1.0, 6);
    let all = explain(&explainer, &columns);
    for n_threads in [1, 2, 5] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads);
        let pool = pool.build().expect("a pool");
        assert!(pool.install(|| explain(&explainer, &columns)) == all);
    }
    for n_rows in [1, 20, 200, 2500] {
        assert!(explain(&explainer, &first_rows(&columns, n_rows)) == all[..n_rows * 6]);
    }
}

#[test]
fn a_feature_without_a_split_has_no_part_in_a_score() {
    let mut stream = RandomStream::new(5, "tree shap unused", 0);
    let tree = drawn_tree(12, 3, &mut stream);
    let columns = drawn_columns(400, 5, &mut stream);
    let found = explain(&TreeExplainer::new(&[tree], 1.0, 5), &columns);
    assert!(found.chunks(5).all(|line| line[3..] == [0.0, 0.0]));
}

#[test]
fn trees_without_a_split_leave_everything_to_the_base() {
    let leaf = |value| Tree {
        nodes: vec![Node::Leaf { value, cover: 3.0 }],
    };
    let explainer = TreeExplainer::new(&[leaf(2.0), leaf(-0.5)], 0.5, 2);
    assert_eq!(explainer.base(), 0.75);
    let columns = [vec![1.0, f64::NAN, 3.0], vec![0.0; 3]];
    assert_eq!(explain(&explainer, &columns), [0.0; 6]);
    let none = TreeExplainer::new(&[], 1.0, 2);
    assert_eq!((none.base(), explain(&none, &columns)), (0.0, vec![0.0; 6]));
    // Without a row, or a column, there is nothing to say.
    assert!(explain(&explainer, &[vec![], vec![]]).is_empty());
    assert!(explain(&TreeExplainer::new(&[leaf(2.0)], 1.0, 0), &[]).is_empty());
}

#[test]
fn sides_that_no_training_row_took_count_half_each_and_never_give_nan() {
    let split = |feature, cover, left| Node::Split {
        feature,
        threshold: 0.0,
        missing_left: true,
        gain: 1.0,
        cover,
        left,
        right: left + 1,
    };
    let leaf = |value, cover| Node::Leaf { value, cover };
    let tree = Tree {
        nodes: vec![
            split(0, 10.0, 1),
            leaf(1.0, 10.0),
            split(1, 0.0, 3),
            leaf(4.0, 0.0),
            leaf(8.0, 0.0),
        ],
    };
    let explainer = TreeExplainer::new(&[tree], 1.0, 2);
    assert_eq!(explainer.base(), 1.0);
    // Feature 0 takes a row from 1 to the mean of 4 and 8 alone, feature 1 nowhere alone; together they take it to 8.
    let found = explain(&explainer, &[vec![5.0, -5.0], vec![5.0, f64::NAN]]);
    let expected = [6.0, 1.0, 0.0, 0.0];
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() < 1e-14, "{found}, not {expected}");
    }
}

#[test]
fn whoever_asks_to_stop_is_heard_soon() {
    let columns = drawn_columns(200_000, 12, &mut RandomStream::new(7, "tree shap stop", 0));
    let model = booster(&first_rows(&columns, 20_000), 200, 60);
    let explainer = TreeExplainer::new(&model.trees, 1.0, 12);
    // A busy machine may delay an attempt, but hardly each of so many.
    for moment in [0, 20, 100].map(Duration::from_millis) {
        let mut waits = (0..5).map(|_| {
            let stop = StopToken::new();
            thread::scope(|scope| {
                let worker = scope.spawn(|| explainer.explain(&columns, &stop));
                thread::sleep(moment);
                let asked = Instant::now();
                stop.stop();
                // A fast machine may be done by then, which is no fault.
                let _ = worker.join().expect("no panic");
                asked.elapsed()
            })
        });
        assert!(waits.any(|wait| wait < Duration::from_millis(100)));
    }
    let stop = StopToken::new();
    stop.stop();
    assert_eq!(explainer.explain(&columns, &stop), Err(Stopped));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn attributions_add_up_whatever_the_trees(seed: u64, n_features in 1..9_usize, n_splits in 0..90_usize) {
        let mut stream = RandomStream::new(seed, "tree shap sums", 0);
        let trees: Vec<Tree> = (0..4)
            .map(|_| drawn_tree(n_splits, n_features, &mut stream))
            .collect();
        let columns = drawn_columns(500, n_features, &mut stream);
        let explainer = TreeExplainer::new(&trees, 1e6, n_features);
        let found = explain(&explainer, &columns);
        for (row, line) in found.chunks(n_features).enumerate() {
            let row = row_of(&columns, row);
            let score: f64 = trees.iter().map(|tree| 1e6 * tree.value(&row)).sum();
            let sum = explainer.base() + line.iter().sum::<f64>();
            prop_assert!((sum - score).abs() < 1e-9 * 1e6, "{sum}, not {score}");
        }
    }
}
