//! Models that outlive their request.

use clientela_methods::churn::{
    Basis, ColumnUsage, Ignored, Remark, RiskOptions, SavedModel, Source, score,
};
use clientela_numerics::StopToken;

use crate::bases::{Row, Value, customers, risk_with, table, text};

const KEEP: RiskOptions = RiskOptions {
    seed: 42,
    keep_model: true,
    label_window_days: None,
};

fn with_plan(rows: Vec<Row>) -> Vec<Row> {
    let rows = rows.into_iter().enumerate();
    rows.map(|(number, row)| row.with("plan", text(["a", "b", "c"][number % 3])))
        .collect()
}

fn saved(rows: &[Row]) -> SavedModel {
    risk_with(rows, &KEEP)
        .saved_model(&table(rows), &KEEP)
        .expect("a model to keep")
}

#[test]
fn a_saved_model_says_of_unlabelled_rows_what_it_said_when_it_was_learned() {
    for n in [300, 3000] {
        let mut rows = with_plan(customers(n, 31));
        let new: Vec<Row> = with_plan(customers(200, 32))
            .into_iter()
            .map(|row| Row {
                id: format!("new {}", row.id),
                churned: None,
                ..row
            })
            .collect();
        rows.extend(new.clone());
        let learned = risk_with(&rows, &KEEP);
        let model = learned
            .saved_model(&table(&rows), &KEEP)
            .expect("a model to keep");
        let scored = score(&table(&new), &model, &StopToken::new()).expect("not stopped");
        assert!(matches!(scored.basis, Basis::Saved(_)));
        for (then, now) in learned.customers[n..].iter().zip(&scored.customers) {
            assert_eq!(then.source, Source::AllRows);
            assert_eq!((then.score, then.log_odds), (now.score, now.log_odds));
            assert_eq!(then.lift, now.lift);
        }
    }
}

#[test]
fn rows_that_lack_a_column_are_scored_and_the_column_is_named() {
    let model = saved(&with_plan(customers(800, 33)));
    let mut rows = customers(50, 34);
    for row in &mut rows {
        row.cells.retain(|cell| cell.0 != "nps");
        row.cells.push(("unknown", Value::Number(1.0)));
    }
    let scored = score(&table(&rows), &model, &StopToken::new()).expect("not stopped");
    let absent = |column: &str| Remark::AbsentColumn {
        column: column.to_owned(),
    };
    assert_eq!(scored.remarks, [absent("nps"), absent("plan")]);
    let unknown = scored
        .columns
        .iter()
        .find(|column| column.name == "unknown");
    let expected = ColumnUsage::Ignored(Ignored::NotInModel);
    assert_eq!(unknown.expect("a column").usage, expected);
}

#[test]
fn another_type_of_values_counts_as_missing_and_is_said() {
    let model = saved(&with_plan(customers(800, 33)));
    let rows: Vec<Row> = customers(60, 35)
        .into_iter()
        .map(|row| {
            row.but("usage_frequency", text("often"))
                .with("plan", Value::Number(3.0))
        })
        .collect();
    let scored = score(&table(&rows), &model, &StopToken::new()).expect("not stopped");
    let changed = Remark::ColumnTypeChanged {
        column: "usage_frequency".to_owned(),
    };
    let unseen = Remark::UnseenWords {
        column: "plan".to_owned(),
        n_rows: 60,
    };
    assert_eq!(scored.remarks, [changed, unseen]);
}

#[test]
fn words_it_never_saw_count_as_other() {
    let model = saved(&with_plan(customers(800, 33)));
    let of = |word: &str| {
        let rows: Vec<Row> = customers(40, 36)
            .into_iter()
            .map(|row| row.with("plan", text(word)))
            .collect();
        let scored = score(&table(&rows), &model, &StopToken::new()).expect("not stopped");
        scored
            .customers
            .iter()
            .map(|c| c.log_odds)
            .collect::<Vec<f64>>()
    };
    assert_eq!(of("never seen"), of("nor this"));
    assert_eq!(of("a").len(), 40);
}
