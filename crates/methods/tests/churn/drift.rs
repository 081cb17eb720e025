//! Drift of rows that a saved model scores.

use clientela_methods::churn::{BinValues, Drift, DriftLevel, SavedModel, drift, score};
use clientela_numerics::StopToken;

use crate::attributions::{KEEP, mixed};
use crate::bases::{Row, Value, risk_with, table, text};

fn model() -> SavedModel {
    let rows = mixed(1500, 91);
    let saved = risk_with(&rows, &KEEP).saved_model(&table(&rows), &KEEP);
    saved.expect("a model to keep")
}

fn drift_of(rows: &[Row], model: &SavedModel) -> Drift {
    let scored = score(&table(rows), model, &StopToken::new()).expect("not stopped");
    drift(model, &scored)
}

fn names(drift: &Drift) -> Vec<&str> {
    let drifted = drift.drifted();
    drifted.iter().map(|column| &*column.column).collect()
}

#[test]
fn rows_of_the_same_kind_show_no_drift_however_few() {
    let model = model();
    for n in [1, 10, 30, 200, 3000] {
        let drift = drift_of(&mixed(n, 92), &model);
        assert_eq!(names(&drift), Vec::<&str>::new(), "{n} rows");
        assert_eq!(drift.probabilities.level, DriftLevel::Stable, "{n} rows");
        assert_eq!(
            (drift.n_training, drift.n_scored),
            (model.n_churned + model.n_others, n)
        );
    }
}

#[test]
fn columns_that_moved_are_named_with_the_farthest_first() {
    let model = model();
    let rows: Vec<Row> = mixed(600, 93)
        .into_iter()
        .enumerate()
        .map(|(number, row)| {
            let tickets = Value::Number((number % 5) as f64 + 4.0);
            let word = if number % 2 == 0 { "premium" } else { "basic" };
            row.but("service_tickets", tickets).but("plan", text(word))
        })
        .collect();
    let drift = drift_of(&rows, &model);
    let mut found = names(&drift);
    let psi: Vec<f64> = drift
        .drifted()
        .iter()
        .map(|column| column.shift.psi)
        .collect();
    assert!(psi[0] >= psi[1] && psi[1] > 0.25, "{psi:?}");
    found.sort_unstable();
    assert_eq!(found, ["plan", "service_tickets"]);
    assert_eq!(
        drift.probabilities.level,
        DriftLevel::Large,
        "more tickets, more risk"
    );
    let plan = drift.columns.iter().find(|column| column.column == "plan");
    let bins = &plan.expect("a column").shift.bins;
    let scored = |values: &BinValues| {
        let bin = bins.iter().find(|bin| bin.values == *values);
        bin.map(|bin| (bin.training_share, bin.scored_share))
    };
    // A word that the model never saw is one of the others, of which it had none.
    assert_eq!(scored(&BinValues::Other), Some((0.0, 0.5)));
    let basic = scored(&BinValues::Level("basic".to_owned()));
    assert_eq!(basic.expect("a bin").1, 0.5);
}

#[test]
fn a_column_that_is_gone_is_missing_everywhere() {
    let model = model();
    let mut rows = mixed(300, 94);
    for row in &mut rows {
        row.cells.retain(|cell| cell.0 != "tenure");
    }
    let drift = drift_of(&rows, &model);
    assert_eq!(names(&drift), ["tenure"]);
    let missing = drift.drifted()[0].shift.bins.last().expect("a bin");
    assert_eq!(
        (&missing.values, missing.scored_share),
        (&BinValues::Missing, 1.0)
    );
}

#[test]
fn shares_add_up_and_the_order_of_rows_does_not_matter() {
    let model = model();
    let mut rows = mixed(150, 95);
    let there = drift_of(&rows, &model);
    for column in &there.columns {
        let shift = &column.shift;
        let sums = shift.bins.iter().fold((0.0, 0.0), |sums, bin| {
            (sums.0 + bin.training_share, sums.1 + bin.scored_share)
        });
        assert!((sums.0 - 1.0_f64).abs() < 1e-12 && (sums.1 - 1.0_f64).abs() < 1e-12);
        assert!(shift.psi >= 0.0 && shift.by_chance < shift.by_chance_upper);
    }
    rows.reverse();
    assert_eq!(drift_of(&rows, &model), there);
}
