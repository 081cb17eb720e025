//! Data of which little or nothing can be learned.

use clientela_learn::FitError;
use clientela_learn::boosting::{Node, Samples};
use clientela_learn::forest::{RandomForest, RandomForestParams};
use clientela_numerics::StopToken;

use crate::data::{Data, fit};

fn outcome(samples: &Samples<'_>) -> Result<RandomForest, FitError> {
    let params = RandomForestParams::default().check().expect("in range");
    RandomForest::fit(samples, &params, 1, &StopToken::new())
}

/// Every row gets about the log-odds of the rate.
fn assert_base_rate(data: &Data) {
    let forest = fit(&data.samples(), RandomForestParams::default());
    let alone = |node: &Node| matches!(node, Node::Leaf { .. });
    assert!(forest.trees.iter().all(|tree| alone(&tree.nodes[0])));
    let rate = data.target.iter().sum::<f64>() / data.n_rows() as f64;
    for score in data.log_odds(&forest) {
        assert!(
            (score - libm::log(rate / (1.0 - rate))).abs() < 0.1,
            "{score}"
        );
    }
}

#[test]
fn constant_missing_and_absent_columns_give_the_base_rate() {
    let target: Vec<f64> = (0..900).map(|i| f64::from(u8::from(i % 3 == 0))).collect();
    for columns in [
        vec![vec![7.0; 900]],
        vec![vec![f64::NAN; 900], vec![f64::NAN; 900]],
        vec![vec![7.0; 900], vec![f64::NAN; 900]],
        vec![],
    ] {
        let target = target.clone();
        assert_base_rate(&Data { columns, target });
    }
}

#[test]
fn missing_or_not_can_be_all_there_is_to_know() {
    let target: Vec<f64> = (0..900).map(|i| f64::from(u8::from(i % 3 == 0))).collect();
    let column = target
        .iter()
        .map(|&y| if y == 1.0 { f64::NAN } else { 4.0 });
    let data = Data {
        columns: vec![vec![1.0; 900], column.collect()],
        target,
    };
    let forest = fit(&data.samples(), RandomForestParams::default());
    for (score, y) in data.log_odds(&forest).into_iter().zip(&data.target) {
        assert!(
            if *y == 1.0 { score > 3.0 } else { score < -3.0 },
            "{score}"
        );
    }
}

#[test]
fn one_row_one_class_or_no_weight_is_an_error_with_a_reason() {
    let columns = [vec![1.0, 2.0, 3.0]];
    let degenerate = |outcome| matches!(outcome, Err(FitError::Degenerate(_)));
    assert!(degenerate(outcome(&Samples::new(&[vec![1.0]], &[1.0]))));
    for target in [[0.0; 3], [1.0; 3], [0.0, 1.0, 0.5]] {
        assert!(degenerate(outcome(&Samples::new(&columns, &target))));
    }
    let mixed = Samples::new(&columns, &[0.0, 0.0, 1.0]);
    assert!(degenerate(outcome(&mixed.with_weights(&[1.0, 1.0, 0.0]))));
    let nothing = FitError::TooFewSamples {
        needed: 1,
        given: 0,
    };
    assert_eq!(
        outcome(&mixed.with_weights(&[0.0; 3])),
        Err(nothing.clone())
    );
    assert_eq!(outcome(&Samples::new(&[vec![]], &[])), Err(nothing));
}

#[test]
fn two_rows_are_a_forest_of_stumps_near_even_odds() {
    let data = Data {
        columns: vec![vec![1.0, 2.0]],
        target: vec![0.0, 1.0],
    };
    for score in data.log_odds(&fit(&data.samples(), RandomForestParams::default())) {
        assert!(score.abs() < 0.3, "{score}");
    }
}

#[test]
fn one_yes_among_ten_thousand_leaves_every_score_low_and_finite() {
    let mut data = Data::drawn(10_000, 1);
    data.target.fill(0.0);
    data.target[777] = 1.0;
    let forest = fit(&data.samples(), RandomForestParams::default());
    for score in data.log_odds(&forest) {
        assert!((-11.0..-8.0).contains(&score), "{score}");
    }
}

#[test]
fn columns_given_twice_and_perfect_separation_are_no_trouble() {
    let mut data = Data::drawn(1000, 2);
    let answer = data.target.clone();
    data.columns.extend([answer.clone(), answer]);
    let scores = data.log_odds(&fit(&data.samples(), RandomForestParams::default()));
    assert_eq!(data.area(&scores), 1.0);
    assert!(scores.iter().all(|score| score.abs() < 10.0));
}

#[test]
fn values_at_the_ends_of_the_range_of_doubles_are_values_like_others() {
    let ends = [-f64::MAX, -1e-310, 0.0, 1e-310, f64::MAX];
    let data = Data {
        columns: vec![(0..1000).map(|i| ends[i % 5]).collect()],
        target: (0..1000).map(|i| f64::from(u8::from(i % 5 >= 3))).collect(),
    };
    let scores = data.log_odds(&fit(&data.samples(), RandomForestParams::default()));
    assert_eq!(data.area(&scores), 1.0);
    let weights: Vec<f64> = (0..1000)
        .map(|i| if i % 2 == 0 { 1e300 } else { 2e300 })
        .collect();
    let forest = fit(
        &data.samples().with_weights(&weights),
        RandomForestParams::default(),
    );
    assert_eq!(data.area(&data.log_odds(&forest)), 1.0);
}
