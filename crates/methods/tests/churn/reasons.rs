//! Factors of rows and drivers of a base, against counting by hand.

use clientela_methods::churn::{
    ActionDirection, Actionable, Change, ChangeGoal, ColumnValues, attributions, changes, score,
};
use clientela_methods::churn::{
    Attributions, BandValue, Comparison, Drivers, Effect, Factor, FactorValue, Factors, Level,
    NEGLIGIBLE_LOG_ODDS, NEGLIGIBLE_SHARE, RiskBand, RiskReport, drivers, factors,
};
use clientela_numerics::{RandomStream, StopToken};
use clientela_tables::CustomerTraits;

use crate::attributions::{KEEP, explained, mixed};
use crate::bases::{Row, Value, customers, customers_by_class, risk_of, risk_with, table, text};

/// All reasons of a report.
fn reasons(rows: &[Row], report: &RiskReport, most: usize) -> (Attributions, Factors, Drivers) {
    let (table, stop) = (table(rows), StopToken::new());
    let attributions = attributions(&table, report, &stop).expect("not stopped");
    let values = ColumnValues::of(&table, report, &stop).expect("not stopped");
    let factors = factors(&values, report, &attributions, most);
    let drivers = drivers(&values, report, &attributions, &stop).expect("not stopped");
    (attributions, factors, drivers)
}

/// What holds of the reasons of every report: sums, finite figures, and changes that come to what they promise.
pub fn check_reasons(traits: &CustomerTraits, report: &RiskReport) {
    let stop = StopToken::new();
    let attributions = attributions(traits, report, &stop).expect("not stopped");
    let values = ColumnValues::of(traits, report, &stop).expect("not stopped");
    let factors = factors(&values, report, &attributions, 5);
    for (row, customer) in report.customers.iter().enumerate() {
        let sum: f64 = attributions.of_row(row).iter().sum();
        let all = attributions.base(row) + sum + attributions.adjustment(row);
        assert!((all - customer.log_odds).abs() < 1e-9, "{all} {customer:?}");
        for factor in factors.of_row(row) {
            if let Comparison::Number {
                median,
                share_lower,
                share_higher,
            } = factor.comparison
            {
                assert!(median.is_finite() && share_lower >= 0.0 && share_higher >= 0.0);
                assert!(share_lower + share_higher <= 1.0);
            }
        }
    }
    let drivers = drivers(&values, report, &attributions, &stop).expect("not stopped");
    assert!(
        drivers
            .features
            .iter()
            .all(|driver| (0.0..=1.0).contains(&driver.share))
    );
    let actions = attributions.features().iter().take(4);
    let actions: Vec<Actionable> = actions
        .map(|column| Actionable {
            column: column.clone(),
            direction: ActionDirection::Either,
        })
        .collect();
    let changes = changes(&values, report, &actions, ChangeGoal::NextBand, &stop);
    let changes = changes.expect("not stopped");
    for (row, customer) in report.customers.iter().enumerate() {
        let (reached, is_lower) = match changes.of_row(row) {
            Change::NotNeeded => {
                assert_eq!(customer.band, RiskBand::Low);
                continue;
            }
            Change::Found(reached) => (reached, true),
            Change::NotPossible(reached) => (reached, false),
        };
        assert!(reached.probability > 0.0 && reached.probability < 1.0);
        assert_eq!(
            reached.band < customer.band,
            is_lower,
            "{reached:?} {customer:?}"
        );
        assert!(
            reached
                .steps
                .iter()
                .all(|step| (0.0..=1.0).contains(&step.cost))
        );
    }
}

fn value<'a>(row: &'a Row, column: &str) -> &'a Value {
    let cell = row.cells.iter().find(|cell| cell.0 == column);
    &cell.expect("a cell of this name").1
}

fn as_factor_value(value: &Value) -> FactorValue<'_> {
    match value {
        Value::Missing => FactorValue::Missing,
        Value::Number(number) => FactorValue::Number(*number),
        Value::Boolean(yes) => FactorValue::Boolean(*yes),
        Value::Text(word) => FactorValue::Text(word),
    }
}

/// How a value compares with labelled rows, by counting.
fn check_comparison(rows: &[Row], factor: &Factor<'_>) {
    let labelled = || rows.iter().filter(|row| row.churned.is_some());
    let own = |row: &&Row| as_factor_value(value(row, factor.feature)) == factor.value;
    match factor.comparison {
        Comparison::Number {
            median,
            share_lower,
            share_higher,
        } => {
            let FactorValue::Number(number) = factor.value else {
                panic!("{factor:?}")
            };
            let mut present: Vec<f64> = labelled()
                .filter_map(|row| match value(row, factor.feature) {
                    Value::Number(number) => Some(*number),
                    _ => None,
                })
                .collect();
            present.sort_by(f64::total_cmp);
            let n = present.len();
            let below = present.iter().filter(|&&other| other < number).count();
            let above = present.iter().filter(|&&other| other > number).count();
            assert_eq!(share_lower, below as f64 / n as f64);
            assert_eq!(share_higher, above as f64 / n as f64);
            assert_eq!(median, 0.5 * (present[(n - 1) / 2] + present[n / 2]));
        }
        Comparison::Same {
            share,
            n_labelled,
            churn_rate,
            is_other,
        } => {
            assert!(!is_other);
            let same: Vec<&Row> = labelled().filter(own).collect();
            assert_eq!(n_labelled, same.len());
            assert!((share - same.len() as f64 / labelled().count() as f64).abs() < 1e-12);
            let churned = same.iter().filter(|row| row.churned == Some(true)).count();
            let expected = (n_labelled > 0).then(|| churned as f64 / n_labelled as f64);
            assert_eq!(churn_rate, expected);
        }
    }
}

#[test]
fn factors_are_the_strongest_attributions_with_the_values_of_the_row_and_true_comparisons() {
    let rows = mixed(600, 41);
    let report = risk_with(&rows, &KEEP);
    let (attributions, factors, _) = reasons(&rows, &report, 3);
    let mut kinds = [0; 4];
    for (row, customer) in report.customers.iter().enumerate() {
        let of_row: Vec<Factor<'_>> = factors.of_row(row).collect();
        let all = attributions.of_row(row);
        let largest = all.iter().fold(0.0, |largest: f64, a| largest.max(a.abs()));
        let least = NEGLIGIBLE_LOG_ODDS.max(NEGLIGIBLE_SHARE * largest);
        let n_reasons = all.iter().filter(|a| a.abs() >= least).count();
        assert_eq!(of_row.len(), n_reasons.min(3));
        for factor in &of_row {
            let feature = attributions
                .features()
                .iter()
                .position(|f| f == factor.feature);
            assert_eq!(factor.attribution, all[feature.expect("a feature")]);
            assert_eq!(
                factor.value,
                as_factor_value(value(&rows[row], factor.feature))
            );
            check_comparison(&rows, factor);
            kinds[match factor.value {
                FactorValue::Number(_) => 0,
                FactorValue::Boolean(_) => 1,
                FactorValue::Text(_) => 2,
                FactorValue::Missing => 3,
            }] += 1;
        }
        if customer.band > RiskBand::Low {
            let n_raising = all.iter().filter(|&&a| a >= least).count();
            let first = of_row.iter().take(n_raising.min(3));
            assert!(first.clone().all(Factor::raises));
            assert!(
                first
                    .clone()
                    .is_sorted_by(|a, b| a.attribution >= b.attribution)
            );
        }
    }
    assert!(kinds.iter().all(|&n| n > 10), "{kinds:?}");
    let n_labelled = report.n_churned + report.n_others;
    let rate = report.n_churned as f64 / n_labelled as f64;
    assert_eq!(factors.churn_rate(), Some(rate));
}

#[test]
fn words_too_rare_to_be_told_apart_are_compared_as_one() {
    let rows: Vec<Row> = customers_by_class(150, 150, 42)
        .into_iter()
        .enumerate()
        .map(|(number, row)| {
            let is_rare = number % 30 == 7;
            let own = format!("rare {}", number / 75);
            let usual = if row.churned == Some(true) { "a" } else { "b" };
            row.with("plan", text(if is_rare { &own } else { usual }))
        })
        .collect();
    let (_, factors, _) = reasons(&rows, &risk_of(&rows), 6);
    let of_rare = factors.of_row(7).find(|factor| factor.feature == "plan");
    let of_rare = of_rare.expect("a strong column");
    assert_eq!(of_rare.value, FactorValue::Text("rare 0"));
    let Comparison::Same {
        share, is_other, ..
    } = of_rare.comparison
    else {
        panic!("{of_rare:?}")
    };
    assert!(is_other && (share - 10.0 / 300.0).abs() < 1e-12);
}

#[test]
fn drivers_are_mean_absolute_attributions_and_point_the_right_way() {
    let rows: Vec<Row> = customers(2500, 43)
        .into_iter()
        .enumerate()
        .map(|(number, mut row)| {
            // Two of three who churned are on plan b, one of three of the others.
            let is_b = (number % 3 == 0) != (row.churned == Some(true));
            row = row.with("plan", text(if is_b { "b" } else { "a" }));
            if number % 10 == 0 {
                row = row.but("nps", Value::Missing);
            }
            row
        })
        .collect();
    let report = risk_of(&rows);
    let (attributions, _, drivers) = reasons(&rows, &report, 3);
    let mut shares = 0.0;
    for driver in &drivers.features {
        let feature = attributions
            .features()
            .iter()
            .position(|f| *f == driver.feature);
        let feature = feature.expect("a feature");
        let all = (0..rows.len()).map(|row| attributions.of_row(row)[feature].abs());
        let expected = all.sum::<f64>() / rows.len() as f64;
        assert!((driver.mean_absolute - expected).abs() < 1e-12);
        shares += driver.share;
        match (&*driver.feature, &driver.effect) {
            ("tenure" | "usage_frequency" | "nps", effect) => assert_eq!(*effect, Effect::Falls),
            ("service_tickets" | "payment_events", effect) => assert_eq!(*effect, Effect::Rises),
            ("plan", Effect::Words { highest, lowest }) => {
                assert_eq!(highest.level, Level::Word("b".to_owned()));
                assert_eq!(lowest.level, Level::Word("a".to_owned()));
                assert!(highest.mean_attribution > 0.2 && lowest.mean_attribution < -0.2);
                assert_eq!(highest.n + lowest.n, rows.len());
            }
            other => panic!("{other:?}"),
        }
        let n_missing = driver.missing.as_ref().map(|missing| missing.n);
        assert_eq!(n_missing, (driver.feature == "nps").then_some(250));
    }
    assert!((shares - 1.0).abs() < 1e-12);
    assert!(
        drivers
            .features
            .is_sorted_by(|a, b| a.mean_absolute >= b.mean_absolute)
    );
}

#[test]
fn bands_are_told_with_their_rows_and_what_sets_them_apart() {
    let rows = mixed(900, 44);
    let report = risk_with(&rows, &KEEP);
    let (attributions, _, drivers) = reasons(&rows, &report, 3);
    assert_eq!(
        drivers.bands.iter().map(|band| band.n).sum::<usize>(),
        rows.len()
    );
    assert!(drivers.bands.is_sorted_by(|a, b| a.band > b.band));
    for band in &drivers.bands {
        let own: Vec<usize> = (0..rows.len())
            .filter(|&row| report.customers[row].band == band.band)
            .collect();
        let labelled = own.iter().filter_map(|&row| rows[row].churned);
        let n_churned = labelled.clone().filter(|&churned| churned).count();
        assert_eq!(
            (band.n, band.n_labelled),
            (own.len(), labelled.clone().count())
        );
        let rate = n_churned as f64 / band.n_labelled as f64;
        assert_eq!(band.churn_rate, Some(rate));
        assert!((band.mean_probability - rate).abs() < 0.12, "{band:?}");
        assert!(!band.traits.is_empty());
        for of_band in &band.traits {
            let feature = attributions
                .features()
                .iter()
                .position(|f| *f == of_band.feature);
            let feature = feature.expect("a feature");
            let mean = |rows: &mut dyn Iterator<Item = usize>| {
                let all: Vec<f64> = rows.map(|row| attributions.of_row(row)[feature]).collect();
                all.iter().sum::<f64>() / all.len() as f64
            };
            let expected = mean(&mut own.iter().copied()) - mean(&mut (0..rows.len()));
            assert!((of_band.difference - expected).abs() < 1e-12);
            if let BandValue::Level {
                level,
                share,
                overall,
            } = &of_band.value
            {
                assert!(share >= overall && *level != Level::Other);
            }
        }
    }
}

#[test]
fn the_order_of_rows_changes_no_reason() {
    let rows = mixed(500, 45);
    let mut order: Vec<usize> = (0..rows.len()).collect();
    RandomStream::new(46, "order", 0).shuffle(&mut order);
    let permuted: Vec<Row> = order.iter().map(|&row| rows[row].clone()).collect();
    let (_, factors, drivers) = reasons(&rows, &risk_with(&rows, &KEEP), 4);
    let (_, others, others_drivers) = reasons(&permuted, &risk_with(&permuted, &KEEP), 4);
    assert_eq!(drivers, others_drivers);
    for (place, &row) in order.iter().enumerate() {
        assert!(factors.of_row(row).eq(others.of_row(place)));
    }
}

#[test]
fn rows_scored_by_a_saved_model_and_by_the_formula_have_reasons_too() {
    let rows = mixed(800, 47);
    let model = risk_with(&rows, &KEEP).saved_model(&table(&rows), &KEEP);
    let model = model.expect("a model to keep");
    let mut new: Vec<Row> = mixed(60, 48);
    for row in &mut new {
        row.churned = None;
        row.cells.retain(|cell| cell.0 != "on_contract");
    }
    let scored = score(&table(&new), &model, &StopToken::new()).expect("not stopped");
    explained(&new, &scored);
    for report in [scored, risk_of(&new)] {
        let (_, factors, drivers) = reasons(&new, &report, 3);
        assert_eq!(factors.churn_rate(), None);
        assert!((0..new.len()).all(|row| factors.of_row(row).len() > 0));
        assert!(
            drivers
                .features
                .iter()
                .any(|driver| driver.mean_absolute > 0.1)
        );
        assert!(drivers.bands.iter().all(|band| band.churn_rate.is_none()));
    }
}

#[test]
fn a_single_row_that_a_saved_model_scores_is_compared_with_the_base_the_model_learned_from() {
    let rows = mixed(900, 49);
    let model = risk_with(&rows, &KEEP).saved_model(&table(&rows), &KEEP);
    let model = model.expect("a model to keep");
    let labelled = || rows.iter().filter(|row| row.churned.is_some());
    let n = labelled().count() as f64;
    let mut n_found = 0;
    for row in mixed(200, 50) {
        let row = [row];
        let (table, stop) = (table(&row), StopToken::new());
        let report = score(&table, &model, &stop).expect("not stopped");
        let attributions = attributions(&table, &report, &stop).expect("not stopped");
        let values = ColumnValues::of_saved(&table, &report, &model, &stop);
        let values = values.expect("not stopped");
        let factors = factors(&values, &report, &attributions, 7);
        let rate = labelled().filter(|row| row.churned == Some(true)).count() as f64 / n;
        assert_eq!(factors.churn_rate(), Some(rate));
        for factor in factors.of_row(0) {
            let of_others = || labelled().map(|row| value(row, factor.feature));
            match (factor.value, factor.comparison) {
                (
                    FactorValue::Number(own),
                    Comparison::Number {
                        share_lower,
                        share_higher,
                        ..
                    },
                ) => {
                    let share = |is_counted: &dyn Fn(f64) -> bool| {
                        let all = of_others().filter_map(|value| match value {
                            Value::Number(number) => Some(*number),
                            _ => None,
                        });
                        let counted = all.clone().filter(|&other| is_counted(other)).count();
                        counted as f64 / all.count() as f64
                    };
                    let (lower, higher) = (share(&|x| x < own), share(&|x| x > own));
                    // Within a bin nobody knows.
                    assert!(share_lower <= lower && share_higher <= higher);
                    assert!(lower - share_lower < 0.6 && higher - share_higher < 0.6);
                }
                (own, Comparison::Same { share, .. }) => {
                    let same = of_others()
                        .filter(|value| as_factor_value(value) == own)
                        .count();
                    assert!((share - same as f64 / n).abs() < 1e-12, "{factor:?}");
                }
                other => panic!("{other:?}"),
            }
        }
        let actions = ["usage_frequency", "plan", "on_contract"].map(|column| Actionable {
            column: column.to_owned(),
            direction: ActionDirection::Either,
        });
        let changes = changes(&values, &report, &actions, ChangeGoal::NextBand, &stop);
        if let Change::Found(reached) = changes.expect("not stopped").of_row(0) {
            assert!(reached.band < report.customers[0].band);
            assert!(
                reached
                    .steps
                    .iter()
                    .all(|step| step.cost > 0.0 && step.cost <= 1.0)
            );
            n_found += 1;
        }
    }
    assert!(n_found > 10, "{n_found}");
}
