//! Customers with several rows: they are counted once wherever rows would promise too much.

use clientela_learn::metrics::binary::RankedOutcomes;
use clientela_methods::churn::Remark;
use clientela_numerics::RandomStream;
use clientela_tables::Date;

use crate::bases::{Row, Value, customers, evidence_of, risk_of};

/// Every customer on so many dates, with a rate of leaving of the customer's own that no column knows.
fn persistent_noise(n_customers: usize, n_dates: usize, seed: u64) -> Vec<Row> {
    let mut stream = RandomStream::new(seed, "persistent noise", 0);
    let mut rows = Vec::new();
    for customer in 0..n_customers {
        let rate = 1.0 / (1.0 + (-2.5 * stream.normal()).exp());
        let [a, b] = [stream.normal(), stream.normal()];
        for month in 1..=n_dates {
            rows.push(Row {
                id: format!("c{customer}"),
                date: Date::parse(&format!("2024-{month:02}-01")),
                churned: Some(stream.uniform() < rate),
                cells: vec![("a", Value::Number(a)), ("b", Value::Number(b))],
            });
        }
    }
    rows
}

/// Every row of customers again on so many dates.
fn repeated(rows: &[Row], n_dates: usize) -> Vec<Row> {
    let on = |row: &Row, month: usize| Row {
        date: Date::parse(&format!("2024-{month:02}-01")),
        ..row.clone()
    };
    let dates = |row| (1..=n_dates).map(move |month| on(row, month));
    rows.iter().flat_map(dates).collect()
}

/// Whether the order of a base passes for more than chance: as reported, and were its rows independent.
fn passes(seed: u64) -> [bool; 2] {
    let rows = persistent_noise(40, 6, seed);
    let report = risk_of(&rows);
    let by_chance = |remark: &Remark| matches!(remark, Remark::NotBetterThanChance { .. });
    let outcomes: Vec<bool> = rows.iter().map(|row| row.churned == Some(true)).collect();
    let served: Vec<f64> = report.customers.iter().map(|c| c.probability).collect();
    let by_rows = RankedOutcomes::new(&served, &outcomes).roc_auc_interval(0.95);
    let is_reported = !report.remarks.iter().any(by_chance);
    [is_reported, by_rows.expect("both classes").lower > 0.5]
}

#[test]
fn outcomes_that_persist_do_not_pass_noise_for_an_order() {
    // One in forty, and some more as the best of three families serves; as often as in bases of one row for each customer.
    let seeds: Vec<[bool; 2]> = (0..60).map(passes).collect();
    let [reported, by_rows] = [0, 1].map(|k| seeds.iter().filter(|passed| passed[k]).count());
    assert!(reported <= 7, "{reported} of 60");
    assert!(by_rows >= 2 * reported, "{by_rows} of 60");
}

#[test]
fn intervals_are_those_of_customers() {
    let rows = persistent_noise(60, 5, 100);
    let report = risk_of(&rows);
    let outcomes: Vec<bool> = rows.iter().map(|row| row.churned == Some(true)).collect();
    let served: Vec<f64> = report.customers.iter().map(|c| c.probability).collect();
    let customers: Vec<u32> = (0..300).map(|row| row / 5).collect();
    let ranked = RankedOutcomes::clustered(&served, &outcomes, &customers);
    let by_rows = RankedOutcomes::new(&served, &outcomes);
    let evidence = evidence_of(&report);
    let metrics = evidence.served.metrics;
    let area = ranked.roc_auc_interval(0.95).expect("both classes");
    // Sums are of customers in another order.
    assert!((metrics.roc_auc.lower - area.lower).abs() < 1e-12);
    let wider = by_rows.roc_auc_interval(0.95).expect("both classes");
    assert!(area.upper - area.lower > 1.3 * (wider.upper - wider.lower));
    let accuracy = metrics.accuracy_interval.expect("rows");
    let expected = ranked.decisions(0.5).accuracy_interval(0.95).expect("rows");
    assert!((accuracy.lower - expected.lower).abs() < 1e-12);
    for (bin, expected) in evidence
        .served
        .reliability
        .iter()
        .zip(ranked.reliability(10, 0.95))
    {
        assert!((bin.lower - expected.lower).abs() < 1e-12);
        assert!((bin.upper - expected.upper).abs() < 1e-12);
    }
    for (bin, by_rows) in evidence
        .served
        .reliability
        .iter()
        .zip(by_rows.reliability(10, 0.95))
    {
        assert!(bin.upper - bin.lower > by_rows.upper - by_rows.lower);
    }
    let stop = clientela_numerics::StopToken::new();
    let drawn = by_rows.expected_calibration_error_by_chance(10, 200, 42, &stop);
    let drawn = drawn.expect("not stopped").expect("rows");
    assert!(
        metrics.ece_expected > 1.3 * drawn,
        "{} {drawn}",
        metrics.ece_expected
    );
}

#[test]
fn twelve_dates_of_few_customers_are_few() {
    // Ten churners and thirty others, twelve times each.
    let mut rows = crate::bases::customers_by_class(10, 30, 101);
    for (number, row) in rows.iter_mut().enumerate() {
        row.id = format!("customer {number}");
    }
    let report = risk_of(&repeated(&rows, 12));
    let evidence = evidence_of(&report);
    assert_eq!((report.n_churned, evidence.few_customers), (120, Some(10)));
    let expected = Remark::FewOfRarerClass {
        n_customers: 10,
        weight_of_heuristic: 0.5,
    };
    assert!(report.remarks.contains(&expected), "{:?}", report.remarks);
    for customer in &report.customers {
        let p = customer.probability;
        assert!(
            (1.0 / 32.0 - 1e-12..=1.0 - 1.0 / 12.0 + 1e-12).contains(&p),
            "{p}"
        );
    }
}

#[test]
fn a_leak_takes_twenty_customers_of_each_class() {
    let leaks = |n_churned: usize| {
        let mut rows = crate::bases::customers_by_class(n_churned, 60, 102);
        for (number, row) in rows.iter_mut().enumerate() {
            row.id = format!("customer {number}");
            let churned = f64::from(u8::from(row.churned == Some(true)));
            row.cells.push(("closed", Value::Number(churned)));
        }
        evidence_of(&risk_of(&repeated(&rows, 3))).leaks.len()
    };
    assert_eq!([19, 20].map(leaks), [0, 1]);
}

#[test]
fn a_date_of_each_customer_changes_no_figure() {
    let rows = customers(300, 103);
    let dated: Vec<Row> = repeated(&rows, 1);
    let [plain, dated] = [rows, dated].map(|rows| risk_of(&rows));
    assert_eq!(evidence_of(&plain).served, evidence_of(&dated).served);
}
