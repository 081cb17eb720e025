//! Data that break careless estimators.

use clientela_learn::FitError;
use clientela_learn::calibration::{CalibrationKind, Calibrator, probability};
use clientela_learn::logistic::{Column, Design, ElasticNet, Samples, Term};
use clientela_numerics::StopToken;

use crate::data::{Data, params};

/// Chooses a penalty, fits, and returns the model with the log-odds of the rows.
fn learn(columns: Vec<Column<'_>>, outcomes: &[bool]) -> (ElasticNet, Vec<f64>) {
    let design = Design::new(columns, outcomes.len());
    let samples = Samples::new(&design, outcomes);
    let stop = StopToken::new();
    let choice = ElasticNet::choose_lambda(&samples, &params(0.5), 42, &stop).expect("a choice");
    let model = ElasticNet::fit(&samples, choice.lambda, &params(0.5), &stop).expect("a model");
    let log_odds = model.log_odds(&design, &stop).expect("not stopped");
    (model, log_odds)
}

fn coefficient(model: &ElasticNet, column: usize) -> f64 {
    match model.terms[column] {
        Term::Numeric { coefficient, .. } => coefficient,
        Term::Categorical { .. } => panic!("a numeric column"),
    }
}

#[test]
fn perfect_separation_is_finite() {
    let column: Vec<f64> = (0..1000).map(f64::from).collect();
    let outcomes: Vec<bool> = (0..1000).map(|i| i >= 700).collect();
    let codes: Vec<u32> = outcomes.iter().map(|&y| u32::from(y)).collect();
    let category = Column::Categorical {
        codes: &codes,
        n_levels: 2,
    };
    for columns in [
        vec![Column::Numeric(&column)],
        vec![category],
        vec![Column::Numeric(&column), category],
    ] {
        let (_, log_odds) = learn(columns, &outcomes);
        for (s, y) in log_odds.iter().zip(&outcomes) {
            let p = probability(*s);
            assert!(s.is_finite() && p > 0.0 && p < 1.0);
            assert!((*s > 0.0) == *y || s.abs() < 1.0, "{s} {y}");
        }
    }
}

#[test]
fn constant_columns_get_no_coefficient() {
    let data = Data::drawn(500, 1);
    let constant = vec![123_456.789; 500];
    let codes = vec![2_u32; 500];
    let category = Column::Categorical {
        codes: &codes,
        n_levels: 3,
    };
    let columns = vec![
        Column::Numeric(&constant),
        Column::Numeric(&data.numeric[0]),
        category,
    ];
    let (model, with) = learn(columns, &data.outcomes);
    assert_eq!(coefficient(&model, 0), 0.0);
    assert!(coefficient(&model, 1) > 0.1);
    let Term::Categorical { coefficients, .. } = &model.terms[2] else {
        panic!("a category");
    };
    assert_eq!(coefficients, &[0.0; 3]);
    let (_, without) = learn(vec![Column::Numeric(&data.numeric[0])], &data.outcomes);
    assert_eq!(with, without);
}

#[test]
fn columns_that_say_nothing_leave_the_base_rate() {
    let outcomes: Vec<bool> = (0..40).map(|i| i < 10).collect();
    for columns in [vec![], vec![Column::Numeric(&[1.0; 40])]] {
        let (model, log_odds) = learn(columns, &outcomes);
        assert!((model.base + libm::log(3.0)).abs() < 1e-15);
        assert_eq!(log_odds, vec![model.base; 40]);
    }
}

#[test]
fn two_rows_are_enough_for_a_doubt() {
    let (model, log_odds) = learn(vec![Column::Numeric(&[3.0, 5.0])], &[false, true]);
    assert!(coefficient(&model, 0) > 0.0);
    assert!(log_odds[0] < 0.0 && log_odds[0] > -3.0 && log_odds[1] > 0.0 && log_odds[1] < 3.0);
}

#[test]
fn one_positive_in_ten_thousand_gives_small_probabilities() {
    let data = Data::drawn(10_000, 2);
    let mut outcomes = vec![false; 10_000];
    outcomes[4321] = true;
    let columns: Vec<Column<'_>> = data.numeric.iter().map(|x| Column::Numeric(x)).collect();
    let (_, log_odds) = learn(columns, &outcomes);
    let mean = log_odds.iter().map(|&s| probability(s)).sum::<f64>() / 10_000.0;
    assert!((mean - 1e-4).abs() < 1e-9, "{mean}");
    assert!(log_odds.iter().all(|&s| probability(s) < 0.5));
    for kind in [
        CalibrationKind::Platt,
        CalibrationKind::Beta,
        CalibrationKind::Isotonic,
    ] {
        let map = Calibrator::fit(kind, &log_odds, &outcomes, None, &StopToken::new());
        let map = map.expect("both classes");
        assert!(
            log_odds
                .iter()
                .all(|&s| (0.0..1.0).contains(&map.probability(s)))
        );
    }
}

#[test]
fn one_class_or_none_is_no_ground_to_learn_from() {
    let data = Data::drawn(30, 3);
    let stop = StopToken::new();
    let design = data.design();
    for class in [true, false] {
        let outcomes = vec![class; 30];
        let samples = Samples::new(&design, &outcomes);
        let fitted = ElasticNet::fit(&samples, 0.1, &params(0.5), &stop);
        assert!(matches!(fitted, Err(FitError::Degenerate(_))));
        let choice = ElasticNet::choose_lambda(&samples, &params(0.5), 1, &stop);
        assert!(matches!(choice, Err(FitError::Degenerate(_))));
        let map = Calibrator::fit(CalibrationKind::Platt, &[0.0; 30], &outcomes, None, &stop);
        assert!(matches!(map, Err(FitError::Degenerate(_))));
    }
    let weightless = [0.0; 30];
    let samples = Samples::new(&design, &data.outcomes).with_weights(&weightless);
    let fitted = ElasticNet::fit(&samples, 0.1, &params(0.5), &stop);
    assert!(matches!(fitted, Err(FitError::TooFewSamples { .. })));
    let map = Calibrator::fit(CalibrationKind::Isotonic, &[], &[], None, &stop);
    assert!(matches!(map, Err(FitError::TooFewSamples { .. })));
    let map = Calibrator::fit(CalibrationKind::None, &[0.3], &[true], None, &stop);
    assert_eq!(map, Ok(Calibrator::None));
}

#[test]
fn rows_of_weight_zero_are_not_even_looked_at() {
    let mut data = Data::drawn(400, 4);
    let kept: Vec<usize> = (0..400).filter(|row| row % 7 != 0).collect();
    let expected = data.at(&kept).fit(0.01, &params(0.5)).expect("a model");
    for row in (0..400).step_by(7) {
        data.weights[row] = 0.0;
        data.numeric[0][row] = 1e300;
    }
    assert_eq!(data.fit(0.01, &params(0.5)), Ok(expected));
}

#[test]
fn a_level_that_was_never_seen_adds_nothing() {
    let mut data = Data::drawn(600, 5);
    let model = data.fit(1e-3, &params(0.5)).expect("a model");
    data.categories[1].0.fill(3);
    let contributions = model
        .contributions(&data.design(), &StopToken::new())
        .expect("not stopped");
    assert!(contributions.chunks(5).all(|row| row[4] == 0.0));
}

#[test]
fn numbers_at_the_ends_of_doubles_are_finite() {
    let outcomes: Vec<bool> = (0..60).map(|i| i % 3 == 0).collect();
    let huge: Vec<f64> = (0..60)
        .map(|i| if i % 2 == 0 { f64::MAX } else { -f64::MAX })
        .collect();
    let tiny: Vec<f64> = (0..60)
        .map(|i| f64::from(i % 5) * f64::MIN_POSITIVE)
        .collect();
    let lonely: Vec<f64> = (0..60)
        .map(|i| if i == 7 { 1e300 } else { f64::from(i) })
        .collect();
    let far: Vec<f64> = (0..60).map(|i| 1e15 + f64::from(i % 3)).collect();
    let columns = [huge, tiny, lonely, far];
    let views: Vec<Column<'_>> = columns
        .iter()
        .map(|values| Column::Numeric(values))
        .collect();
    let (model, log_odds) = learn(views, &outcomes);
    assert!(
        log_odds.iter().all(|s| s.is_finite()),
        "{model:?} {log_odds:?}"
    );
    // The last column tells every third row apart.
    assert!(
        log_odds
            .iter()
            .zip(&outcomes)
            .all(|(s, y)| (*s > 0.0) == *y)
    );
    let strange = vec![vec![f64::MAX]; 4];
    let views = strange
        .iter()
        .map(|values| Column::Numeric(values))
        .collect();
    let stop = StopToken::new();
    let given = model
        .log_odds(&Design::new(views, 1), &stop)
        .expect("not stopped");
    assert!(given[0].is_finite());
}

#[test]
fn repeated_columns_share_their_coefficient() {
    let data = Data::drawn(2000, 6);
    let twice = vec![Column::Numeric(&data.numeric[0]); 2];
    let (model, _) = learn(twice, &data.outcomes);
    let (first, second) = (coefficient(&model, 0), coefficient(&model, 1));
    assert!(
        (first - second).abs() < 1e-9 && first > 0.1,
        "{first} {second}"
    );
    // Without a ridge part any split is a minimum; one of them is found.
    let design = Design::new(vec![Column::Numeric(&data.numeric[0]); 3], 2000);
    let samples = Samples::new(&design, &data.outcomes);
    let lasso = ElasticNet::fit(&samples, 0.01, &params(1.0), &StopToken::new()).expect("a model");
    let single = Design::new(vec![Column::Numeric(&data.numeric[0])], 2000);
    let samples = Samples::new(&single, &data.outcomes);
    let once = ElasticNet::fit(&samples, 0.01, &params(1.0), &StopToken::new()).expect("a model");
    let sum: f64 = (0..3).map(|column| coefficient(&lasso, column)).sum();
    assert!((sum - coefficient(&once, 0)).abs() < 1e-8);
}

#[test]
fn more_columns_than_rows_are_fitted_too() {
    let mut data = Data::of_both_classes(40, 7);
    for seed in 8..28 {
        let more = Data::drawn(40, seed);
        data.numeric.extend(more.numeric);
        data.categories.extend(more.categories);
    }
    for l1_ratio in [0.1, 0.5, 0.9, 1.0] {
        for lambda in [0.05, 1e-3, 1e-5] {
            let model = data.fit(lambda, &params(l1_ratio)).expect("a model");
            let distance = crate::logistic::distance_from_minimum(&data, &model, l1_ratio);
            assert!(distance < 1e-8, "{l1_ratio} {lambda}: {distance}");
        }
    }
}

/// Numbers, and categories of so many levels that there is no matrix of all coefficients.
fn wide(n_rows: usize, n_levels: usize) -> Data {
    let mut data = Data::of_both_classes(n_rows, 31);
    for seed in 32..42 {
        let numbers = Data::drawn(n_rows, seed).numeric;
        let code = |value: &f64| ((value * 1e6).abs() as u64 % n_levels as u64) as u32;
        for column in &numbers {
            let codes = column.iter().map(code).collect();
            data.categories.push((codes, n_levels));
        }
        data.numeric.extend(numbers);
    }
    data
}

#[test]
fn thousands_of_levels_are_fitted_too() {
    let data = wide(700, 60);
    for l1_ratio in [0.5, 1.0] {
        for lambda in [0.03, 3e-3] {
            let model = data.fit(lambda, &params(l1_ratio)).expect("a model");
            let distance = crate::logistic::distance_from_minimum(&data, &model, l1_ratio);
            assert!(distance < 1e-6, "{l1_ratio} {lambda}: {distance}");
        }
    }
}

#[test]
fn thousands_of_levels_are_the_same_on_any_number_of_threads() {
    let data = wide(2500, 60);
    let on = |n_threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads);
        pool.build().expect("a pool").install(|| {
            let lambda = data.choose().expect("a choice");
            (lambda, data.fit(lambda, &params(0.5)).expect("a model"))
        })
    };
    let one = on(1);
    for n_threads in [2, 5] {
        assert_eq!(on(n_threads), one, "{n_threads} threads");
    }
}
