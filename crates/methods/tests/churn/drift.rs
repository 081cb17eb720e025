//! Drift of rows that a saved model scores.

use clientela_methods::churn::{BinValues, Drift, DriftLevel, SavedModel, drift, risk, score};
use clientela_numerics::{RandomStream, StopToken};

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

/// What a base looks like: the columns of a row and the log-odds of churning.
type Base = fn(&mut RandomStream) -> (Vec<(&'static str, Value)>, f64);

fn two_answers(stream: &mut RandomStream) -> (Vec<(&'static str, Value)>, f64) {
    let [a, b] = [0.5, 0.3].map(|share| stream.uniform() < share);
    let cells = vec![("a", Value::Boolean(a)), ("b", Value::Boolean(b))];
    (cells, f64::from(u8::from(a)) - 1.0 - f64::from(u8::from(b)))
}

fn noise(stream: &mut RandomStream) -> (Vec<(&'static str, Value)>, f64) {
    let names = ["a", "b", "c", "d", "e", "f"];
    (
        names
            .map(|name| (name, Value::Number(stream.normal())))
            .to_vec(),
        -0.5,
    )
}

fn strong(stream: &mut RandomStream) -> (Vec<(&'static str, Value)>, f64) {
    let (cells, _) = noise(stream);
    let x = |at: usize| match cells[at].1 {
        Value::Number(x) => x,
        _ => unreachable!("numbers"),
    };
    let z = 1.5 * x(0) * x(1) + x(2) - 0.5;
    (cells, z)
}

fn rows_of(base: Base, n: usize, stream: &mut RandomStream) -> Vec<Row> {
    (0..n)
        .map(|number| {
            let (cells, z) = base(stream);
            Row {
                id: format!("c{number}"),
                date: None,
                churned: Some(stream.uniform() < 1.0 / (1.0 + (-z).exp())),
                cells,
            }
        })
        .collect()
}

/// A model of some rows of a base, those rows, and how the probabilities of fresh rows compare with theirs.
fn levels_of_fresh_rows(base: Base, n: usize, seed: u64) -> (DriftLevel, DriftLevel) {
    let mut stream = RandomStream::new(seed, "fresh", 0);
    let rows = rows_of(base, n, &mut stream);
    let fresh = rows_of(base, 500, &mut stream);
    let table = table(&rows);
    let report = risk(&table, &KEEP, &StopToken::new()).expect("not stopped");
    let model = report.saved_model(&table, &KEEP).expect("a model to keep");
    let own = drift_of(&rows, &model).probabilities;
    assert!(
        own.psi < 1e-12,
        "the training rows have moved by {}",
        own.psi
    );
    let moved: Vec<Row> = fresh.iter().cloned().map(moved).collect();
    let level = |rows: &[Row]| drift_of(rows, &model).probabilities.level;
    (level(&fresh), level(&moved))
}

/// A row of those that all have the answer yes, or the numbers of a higher risk.
fn moved(mut row: Row) -> Row {
    for (name, value) in &mut row.cells {
        match value {
            Value::Boolean(yes) => *yes = *name == "a",
            Value::Number(x) => *x = x.abs() + 0.5,
            Value::Missing | Value::Text(_) => {}
        }
    }
    row
}

#[test]
fn probabilities_of_fresh_rows_have_not_moved_and_those_of_a_moved_base_have() {
    const SEEDS: u64 = 12;
    let drifted = |level: DriftLevel| usize::from(level > DriftLevel::Stable);
    let (mut n_alarms, mut n_compared) = (0, 0);
    // On noise probabilities tell nothing, moved or not.
    for (base, tells) in [(two_answers as Base, true), (strong, true), (noise, false)] {
        for n in [300, 1000] {
            let mut n_found = 0;
            for seed in 0..SEEDS {
                let (fresh, moved) = levels_of_fresh_rows(base, n, seed);
                n_alarms += drifted(fresh);
                n_found += drifted(moved) as u64;
                n_compared += 1;
            }
            assert!(!tells || n_found == SEEDS, "{n_found} with {n} rows");
        }
    }
    assert!(20 * n_alarms <= n_compared, "{n_alarms} of {n_compared}");
}
