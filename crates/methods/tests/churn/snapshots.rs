//! Customers at several dates.

use clientela_methods::churn::{Basis, NoModel, RiskOptions, RiskReport, Source};
use clientela_tables::Date;

use crate::bases::{Row, customers, evidence_of, risk_of, risk_with};

const DATES: [&str; 4] = ["2025-01-31", "2025-02-28", "2025-03-31", "2025-04-30"];

fn date(text: &str) -> Date {
    Date::parse(text).expect("a date")
}

/// Each customer at every date.
fn snapshots(n_customers: usize, n_dates: usize, seed: u64) -> Vec<Row> {
    let mut rows = customers(n_customers * n_dates, seed);
    for (number, row) in rows.iter_mut().enumerate() {
        row.id = format!("c{}", number / n_dates);
        row.date = Some(date(DATES[number % n_dates]));
    }
    rows
}

fn fold(report: &RiskReport, row: usize) -> u8 {
    match report.customers[row].source {
        Source::Fold(fold) => fold,
        source => panic!("{source:?}"),
    }
}

#[test]
fn all_rows_of_a_customer_are_in_one_fold() {
    let report = risk_of(&snapshots(200, 3, 41));
    assert!(evidence_of(&report).is_grouped);
    for first in (0..600).step_by(3) {
        let folds = [0, 1, 2].map(|k| fold(&report, first + k));
        assert_eq!(folds, [folds[0]; 3]);
    }
}

#[test]
fn a_copy_of_each_customer_under_its_own_id_does_not_flatter() {
    // Noise that names the customer: a model that has seen one copy knows the other.
    let mut rows = Vec::new();
    for (number, row) in customers(150, 42).into_iter().enumerate() {
        let churned = Some(number % 2 == 0);
        for day in ["2025-01-31", "2025-02-28"] {
            rows.push(Row {
                churned,
                date: Some(date(day)),
                ..row.clone()
            });
        }
    }
    let area = evidence_of(&risk_of(&rows)).served.metrics.roc_auc.area;
    assert!((0.4..0.6).contains(&area), "{area}");
}

#[test]
fn rows_that_repeat_others_are_counted_and_the_figures_also_given_without() {
    let mut rows = customers(300, 43);
    let again: Vec<Row> = rows[..60]
        .iter()
        .map(|row| Row {
            id: format!("again {}", row.id),
            ..row.clone()
        })
        .collect();
    rows.extend(again);
    let report = risk_of(&rows);
    let evidence = evidence_of(&report);
    assert_eq!(evidence.duplicates.n_rows, 60);
    assert!((evidence.duplicates.share - 60.0 / 360.0).abs() < 1e-15);
    let without = evidence.without_duplicates.expect("figures without");
    assert_eq!(without.family, evidence.best);
    let few = risk_of(&customers(300, 43));
    assert_eq!(evidence_of(&few).without_duplicates, None);
}

#[test]
fn the_last_of_three_dates_is_forecast_from_the_earlier_ones() {
    let rows = snapshots(400, 4, 44);
    let temporal = |window| {
        let options = RiskOptions {
            label_window_days: window,
            ..RiskOptions::default()
        };
        evidence_of(&risk_with(&rows, &options)).temporal
    };
    let all = temporal(None).expect("four dates");
    assert_eq!(
        (all.date, all.learned_until),
        (date(DATES[3]), date(DATES[2]))
    );
    assert_eq!((all.n_rows, all.n_rows_learned), (400, 1200));
    let area = all.roc_auc.expect("both classes").area;
    assert!(area > 0.7, "{area}");
    assert!((all.mean_forecast - all.rate).abs() < 0.08, "{all:?}");
    // 59 days lie between the second date and the last, 30 between the third and the last.
    let late = temporal(Some(59)).expect("two dates to learn from");
    assert_eq!(
        (late.learned_until, late.n_rows_learned),
        (date(DATES[1]), 800)
    );
    assert_eq!(temporal(Some(90)), None, "no outcome was known by then");
}

#[test]
fn two_dates_are_no_test_in_time() {
    assert_eq!(evidence_of(&risk_of(&snapshots(200, 2, 45))).temporal, None);
}

#[test]
fn churners_that_are_one_customer_are_nothing_to_learn_from() {
    let mut rows = snapshots(60, 3, 46);
    for (number, row) in rows.iter_mut().enumerate() {
        row.churned = Some(number < 3);
    }
    let why = NoModel::OneCustomerOfAClass {
        n_churned: 3,
        n_others: 177,
    };
    assert_eq!(risk_of(&rows).basis, Basis::Heuristic(why));
}
