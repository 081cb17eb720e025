//! Neither the order of rows and columns nor the number of threads decides a figure.

use std::time::{Duration, Instant};

use clientela_methods::churn::{CustomerRisk, RiskOptions, RiskReport, risk};
use clientela_numerics::{RandomStream, StopToken, Stopped};
use clientela_tables::Date;

use crate::bases::{Row, Value, customers, evidence_of, risk_of, risk_with, table, text};

/// Rows with all that can differ: words, missing values, unlabelled rows, mixed columns.
fn varied(n: usize) -> Vec<Row> {
    let mut rows = customers(n, 21);
    for (number, row) in rows.iter_mut().enumerate() {
        let word = ["basic", "plus", "pro"][(number * number) % 3];
        row.cells.push(("plan", text(word)));
        if number % 4 == 0 {
            row.cells.push(("has_app", Value::Boolean(number % 8 == 0)));
        }
        let mixed = match number % 5 {
            0 => Value::Number(1.0),
            1 => Value::Boolean(true),
            _ => text("a"),
        };
        row.cells.push(("mixed", mixed));
        if number % 9 == 0 {
            row.churned = None;
        }
    }
    rows
}

fn by_id(rows: &[Row], customers: &[CustomerRisk]) -> Vec<(String, CustomerRisk)> {
    let ids = rows.iter().map(|row| row.id.clone());
    let mut all: Vec<_> = ids.zip(customers.iter().copied()).collect();
    all.sort_by(|a, b| a.0.cmp(&b.0));
    all
}

#[test]
fn permuting_rows_and_columns_permutes_the_answer_and_nothing_else() {
    let rows = varied(700);
    let first = risk_of(&rows);
    let mut stream = RandomStream::new(1, "permute", 0);
    let mut permuted = rows.clone();
    stream.shuffle(&mut permuted);
    for row in &mut permuted {
        stream.shuffle(&mut row.cells);
    }
    let second = risk_of(&permuted);
    assert_eq!(
        by_id(&rows, &first.customers),
        by_id(&permuted, &second.customers)
    );
    assert_eq!(first.evidence, second.evidence);
    assert_eq!(first.remarks, second.remarks);
    assert_eq!(
        first.models.map(|m| m.of_all),
        second.models.map(|m| m.of_all)
    );
}

#[test]
fn permuting_snapshots_permutes_the_answer_and_nothing_else() {
    let mut rows = customers(600, 22);
    for (number, row) in rows.iter_mut().enumerate() {
        row.id = format!("c{}", number / 3);
        row.date = Date::parse(["2025-01-31", "2025-02-28", "2025-03-31"][number % 3]);
    }
    let first = risk_of(&rows);
    let mut permuted = rows.clone();
    RandomStream::new(2, "permute", 0).shuffle(&mut permuted);
    let second = risk_of(&permuted);
    assert_eq!(first.evidence, second.evidence);
    let sorted = |rows: &[Row], customers: &[CustomerRisk]| {
        let keys = rows.iter().map(|row| (row.id.clone(), row.date));
        let mut all: Vec<_> = keys.zip(customers.iter().copied()).collect();
        all.sort_by(|a, b| a.0.cmp(&b.0));
        all
    };
    assert_eq!(
        sorted(&rows, &first.customers),
        sorted(&permuted, &second.customers)
    );
}

#[test]
fn one_thread_and_many_give_the_same_bits() {
    let rows = varied(900);
    let on = |n_threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(n_threads)
            .build();
        pool.expect("a pool of threads").install(|| risk_of(&rows))
    };
    let (one, many) = (on(1), on(7));
    assert_eq!(one.customers, many.customers);
    assert_eq!(one.evidence, many.evidence);
    assert_eq!(
        one.models.map(|m| m.of_folds),
        many.models.map(|m| m.of_folds)
    );
}

#[test]
fn unlabelled_rows_change_nothing_for_labelled_ones() {
    let rows = customers(400, 23);
    let mut more = rows.clone();
    more.extend(customers(150, 24).into_iter().map(|row| Row {
        id: format!("new {}", row.id),
        churned: None,
        ..row
    }));
    let (alone, together) = (risk_of(&rows), risk_of(&more));
    assert_eq!(alone.evidence, together.evidence);
    let risk = |customer: &CustomerRisk| customer.log_odds;
    let alone: Vec<f64> = alone.customers.iter().map(risk).collect();
    let together: Vec<f64> = together.customers[..400].iter().map(risk).collect();
    assert_eq!(alone, together);
}

#[test]
fn seeds_matter_and_a_kept_model_does_not() {
    let rows = customers(500, 25);
    let with = |seed, keep_model| {
        let options = RiskOptions {
            seed,
            keep_model,
            ..RiskOptions::default()
        };
        risk_with(&rows, &options)
    };
    let (plain, kept, other) = (with(42, false), with(42, true), with(43, false));
    assert_eq!(plain.customers, kept.customers);
    assert_ne!(plain.customers, other.customers);
    assert_eq!(
        evidence_of(&plain).families.len(),
        evidence_of(&other).families.len()
    );
    let saved = |report: &RiskReport| {
        let options = RiskOptions::default();
        report.saved_model(&table(&rows), &options).is_some()
    };
    assert!(!saved(&plain) && saved(&kept));
}

#[test]
fn a_set_stop_token_stops() {
    let stop = StopToken::new();
    stop.stop();
    let table = table(&customers(100, 26));
    assert_eq!(risk(&table, &RiskOptions::default(), &stop), Err(Stopped));
}

#[test]
fn a_stop_in_the_middle_ends_the_work_soon() {
    let table = table(&customers(20_000, 27));
    let stop = StopToken::new();
    let token = stop.clone();
    let asked = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(20));
        token.stop();
        Instant::now()
    });
    let answer = risk(&table, &RiskOptions::default(), &stop);
    let ended = Instant::now();
    let asked = asked.join().expect("a thread that only sleeps");
    assert_eq!(answer, Err(Stopped), "20 ms are too few for 20,000 rows");
    // Far more than 10 ms of work, for machines that do much else.
    assert!(ended.duration_since(asked) < Duration::from_secs(2));
}
