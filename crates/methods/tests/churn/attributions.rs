//! What columns add to log-odds: sums, Shapley values, and what must not change them.

use clientela_learn::boosting::{Node, Tree};
use clientela_learn::calibration::Calibrator;
use clientela_methods::churn::{
    Attributions, Family, FittedModel, RiskBand, RiskOptions, RiskReport, attributions, score,
};
use clientela_numerics::{RandomStream, StopToken};

use crate::bases::{Row, Value, customers, customers_by_class, risk_of, risk_with, table, text};
use crate::models::{calibrators, served_by};

pub const KEEP: RiskOptions = RiskOptions {
    seed: 42,
    keep_model: true,
    label_window_days: None,
};

/// Customers with a column of words, one of yes and no, and missing values everywhere; every seventh has no label.
pub fn mixed(n: usize, seed: u64) -> Vec<Row> {
    let mut stream = RandomStream::new(seed, "holes", 0);
    let rows = customers(n, seed).into_iter().enumerate();
    rows.map(|(number, mut row)| {
        let word = text(["basic", "plus", "pro", "rare"][number % 13 % 4]);
        row = row.with("plan", word);
        row = row.with("on_contract", Value::Boolean(stream.uniform() < 0.4));
        for (_, value) in &mut row.cells {
            if stream.uniform() < 0.08 {
                *value = Value::Missing;
            }
        }
        if number % 7 == 3 {
            row.churned = None;
        }
        row
    })
    .collect()
}

/// The attributions of a report, which add up for every row.
#[track_caller]
pub fn explained(rows: &[Row], report: &RiskReport) -> Attributions {
    let explained = attributions(&table(rows), report, &StopToken::new()).expect("not stopped");
    assert_eq!(explained.n_rows(), rows.len());
    for (row, customer) in report.customers.iter().enumerate() {
        let sum: f64 = explained.of_row(row).iter().sum();
        let all = explained.base(row) + sum + explained.adjustment(row);
        assert!(
            (all - customer.log_odds).abs() < 1e-9,
            "{all} is not {}, row {row}",
            customer.log_odds
        );
    }
    explained
}

#[test]
fn attributions_of_every_family_and_calibrator_add_up_whatever_few_rows_take_away() {
    for (rows, is_few) in [
        (mixed(400, 1), false),
        (customers_by_class(7, 150, 2), true),
    ] {
        let learned = risk_with(&rows, &KEEP);
        for family in Family::ALL {
            for calibrator in calibrators() {
                let report = served_by(learned.clone(), &rows, family, &calibrator);
                let explained = explained(&rows, &report);
                let mut n_adjusted = 0;
                for (row, customer) in report.customers.iter().enumerate() {
                    let taken = customer.log_odds - customer.calibrated_log_odds;
                    let of_no_column = explained.adjustment(row) - taken;
                    let most = if calibrator.line().is_some() {
                        0.0
                    } else {
                        1e-3
                    };
                    assert!(of_no_column.abs() <= most, "{of_no_column}");
                    n_adjusted += usize::from(taken.abs() > 1e-3);
                }
                // Only the few rows at a bound are adjusted where labelled ones are many.
                let is_usual = 2 * n_adjusted > rows.len();
                assert_eq!(is_usual, is_few, "{family:?}: {n_adjusted} rows");
            }
        }
    }
}

#[test]
fn attributions_of_bases_of_all_sizes_add_up() {
    for (n, seed) in [(8, 3), (30, 4), (90, 5), (1500, 6)] {
        let rows = mixed(n, seed);
        let report = risk_with(&rows, &KEEP);
        let first = explained(&rows, &report);
        assert_eq!(first, explained(&rows, &report));
        if let Some(model) = report.saved_model(&table(&rows), &KEEP) {
            let new = mixed(40, seed + 100);
            let scored = score(&table(&new), &model, &StopToken::new()).expect("not stopped");
            let of_new = explained(&new, &scored);
            assert_eq!(of_new.features(), first.features());
        }
    }
}

#[test]
fn without_a_model_the_terms_of_the_formula_are_told_even_of_a_single_row() {
    let row = customers(1, 7).remove(0);
    let row = Row {
        churned: None,
        ..row
            .but("service_tickets", Value::Number(8.0))
            .but("nps", Value::Missing)
    };
    let row = row
        .but("tenure", Value::Number(20.0))
        .but("payment_events", Value::Number(1.0));
    let rows = [row.but("usage_frequency", Value::Number(0.0))];
    let explained = explained(&rows, &risk_of(&rows));
    let names = [
        "tenure",
        "usage_frequency",
        "service_tickets",
        "nps",
        "payment_events",
    ];
    assert_eq!(explained.features(), names);
    // Against 365 days, one session, no tickets, no payment trouble; what nobody knows is no reason.
    let expected = [0.345, 0.25, 3.0, 0.0, 0.5];
    for (found, expected) in explained.of_row(0).iter().zip(expected) {
        assert!((found - expected).abs() < 1e-12, "{found}");
    }
    assert!((explained.base(0) - (-2.0 - 0.365 - 0.25)).abs() < 1e-12);
    assert_eq!(explained.adjustment(0), 0.0);
}

#[test]
fn columns_that_the_formula_lacks_are_part_of_the_base() {
    let rows: Vec<Row> = ["a", "b"]
        .map(|id| Row {
            id: id.to_owned(),
            cells: vec![
                ("tenure", Value::Number(1000.0)),
                ("other", Value::Number(1.0)),
            ],
            ..Row::default()
        })
        .to_vec();
    let explained = explained(&rows, &risk_of(&rows));
    assert_eq!(explained.features(), ["tenure"]);
    assert!((explained.of_row(1)[0] + 0.635).abs() < 1e-12);
}

#[test]
fn the_order_of_rows_changes_no_bit() {
    for n in [60, 700] {
        let rows = mixed(n, 8);
        let forward = explained(&rows, &risk_with(&rows, &KEEP));
        let mut order: Vec<usize> = (0..n).collect();
        RandomStream::new(9, "order", 0).shuffle(&mut order);
        let permuted: Vec<Row> = order.iter().map(|&row| rows[row].clone()).collect();
        let other = explained(&permuted, &risk_with(&permuted, &KEEP));
        for (place, &row) in order.iter().enumerate() {
            assert_eq!(forward.of_row(row), other.of_row(place));
            assert_eq!(forward.base(row), other.base(place));
            assert_eq!(forward.adjustment(row), other.adjustment(place));
        }
    }
}

#[test]
fn a_bent_calibrator_keeps_signs_and_proportions() {
    let rows = mixed(300, 10);
    let learned = risk_with(&rows, &KEEP);
    let [none, _, beta, isotonic] = calibrators();
    let plain = served_by(learned.clone(), &rows, Family::GradientBoosting, &none);
    let plain = explained(&rows, &plain);
    for bent in [beta, isotonic] {
        let report = served_by(learned.clone(), &rows, Family::GradientBoosting, &bent);
        let bent = explained(&rows, &report);
        for row in 0..rows.len() {
            let pairs = plain.of_row(row).iter().zip(bent.of_row(row));
            let slopes: Vec<f64> = pairs.filter(|p| *p.0 != 0.0).map(|(a, b)| b / a).collect();
            assert!(slopes.iter().all(|slope| *slope >= 0.0));
            assert!(
                slopes
                    .windows(2)
                    .all(|p| (p[0] - p[1]).abs() < 1e-9 * (1.0 + p[0]))
            );
        }
    }
}

/// What a tree expects of a row of which only some features are known.
fn expected(tree: &Tree, node: usize, row: &[f64], known: u32) -> f64 {
    match tree.nodes[node] {
        Node::Leaf { value, .. } => value,
        Node::Split {
            feature,
            threshold,
            missing_left,
            left,
            right,
            ..
        } => {
            let of = |child: u32| expected(tree, child as usize, row, known);
            if known >> feature & 1 == 1 {
                let value = row[feature as usize];
                let goes_left = value <= threshold || (missing_left && value.is_nan());
                return of(if goes_left { left } else { right });
            }
            let cover = |child: u32| tree.nodes[child as usize].cover();
            let share = cover(left) / (cover(left) + cover(right));
            share * of(left) + (1.0 - share) * of(right)
        }
    }
}

/// Shapley values by all coalitions.
fn shapley(n: usize, worth: impl Fn(u32) -> f64) -> Vec<f64> {
    let factorial = |k: usize| (1..=k).map(|k| k as f64).product::<f64>();
    let of_player = |player: usize| {
        let others = (0..1_u32 << n).filter(|set| set >> player & 1 == 0);
        let gain = |set: u32| {
            let size = set.count_ones() as usize;
            let weight = factorial(size) * factorial(n - size - 1) / factorial(n);
            weight * (worth(set | 1 << player) - worth(set))
        };
        others.map(gain).sum()
    };
    (0..n).map(of_player).collect()
}

#[test]
fn attributions_of_trees_are_shapley_values_over_all_coalitions() {
    let rows = mixed(250, 11);
    let learned = risk_with(&rows, &KEEP);
    let line = Calibrator::Platt {
        slope: 0.8,
        intercept: 0.3,
    };
    for family in [Family::RandomForest, Family::GradientBoosting] {
        let report = served_by(learned.clone(), &rows, family, &line);
        let explained = explained(&rows, &report);
        let models = report.models.as_ref().expect("models");
        for place in (0..rows.len()).step_by(5) {
            let row = models.order[place] as usize;
            let (encoding, trees, scale) = match &models.of(report.customers[row].source).model {
                FittedModel::Forest { encoding, forest } => {
                    (encoding, &forest.trees, forest.scale())
                }
                FittedModel::Boosting { encoding, booster } => (encoding, &booster.trees, 1.0),
                FittedModel::Linear { .. } => unreachable!("a model of trees"),
            };
            let encoded = encoding.encode(&models.features, &[place as u32]);
            let values: Vec<f64> = encoded.iter().map(|column| column[0]).collect();
            let worth = |known| -> f64 {
                let of_trees = trees.iter().map(|tree| expected(tree, 0, &values, known));
                0.8 * scale * of_trees.sum::<f64>()
            };
            let exact = shapley(values.len(), worth);
            for (found, exact) in explained.of_row(row).iter().zip(exact) {
                assert!((found - exact).abs() < 1e-9, "{found} {exact}");
            }
        }
    }
}

#[test]
fn a_base_without_any_column_is_explained_by_its_base_alone() {
    let rows: Vec<Row> = customers_by_class(30, 60, 12)
        .into_iter()
        .map(|row| Row {
            cells: vec![("tenure", Value::Number(3.0))],
            ..row
        })
        .collect();
    let report = risk_of(&rows);
    let explained = explained(&rows, &report);
    assert!(explained.of_row(0).is_empty());
    assert!(report.customers.iter().all(|c| c.band >= RiskBand::Low));
}

#[test]
fn a_set_stop_token_is_obeyed() {
    let rows = customers(200, 13);
    let report = risk_of(&rows);
    let stop = StopToken::new();
    stop.stop();
    assert!(attributions(&table(&rows), &report, &stop).is_err());
}
