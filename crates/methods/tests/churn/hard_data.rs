//! Bases that models choke on: an answer with a reason each time.

use clientela_methods::churn::{Basis, ColumnUsage, Ignored, NoModel, Remark, RiskReport};
use clientela_numerics::RandomStream;

use crate::bases::{Row, Value, customers, customers_by_class, evidence_of, risk_of, text};

fn usage<'r>(report: &'r RiskReport, name: &str) -> &'r ColumnUsage {
    let column = report.columns.iter().find(|column| column.name == name);
    &column.expect("a column of this name").usage
}

#[test]
fn four_rows_get_careful_probabilities_and_are_told_why() {
    let report = risk_of(&customers_by_class(2, 2, 1));
    assert!(matches!(report.basis, Basis::Learned(_)));
    let expected = Remark::FewOfRarerClass {
        n_customers: 2,
        weight_of_heuristic: 0.9,
    };
    assert!(report.remarks.contains(&expected), "{:?}", report.remarks);
    for customer in &report.customers {
        assert!(
            (0.25..=0.75).contains(&customer.probability),
            "{customer:?}"
        );
    }
    assert_eq!(evidence_of(&report).n_folds, 2);
}

#[test]
fn one_class_one_row_of_a_class_and_no_labels_are_left_to_the_formula() {
    let check = |rows: &[Row], expected: NoModel| {
        let report = risk_of(rows);
        assert_eq!(report.basis, Basis::Heuristic(expected));
        assert_eq!(report.remarks[0], Remark::Heuristic(expected));
        assert!(report.evidence.is_none() && report.models.is_none());
        // Nobody's risk is lower for more tickets: the formula orders by what is known of all businesses.
        let rows = rows.iter().zip(&report.customers);
        for (row, customer) in rows {
            let z = by_hand(row);
            assert!((customer.log_odds - z).abs() < 1e-12, "{z} {customer:?}");
        }
    };
    let labelled = customers_by_class(5, 5, 2);
    let all = |class: Option<bool>| -> Vec<Row> {
        let label = |row: &Row| Row {
            churned: class,
            ..row.clone()
        };
        labelled.iter().map(label).collect()
    };
    check(&all(None), NoModel::NoLabels { n_rows: 10 });
    let one_class = |churned| NoModel::OneClass {
        n_labelled: 10,
        churned,
    };
    check(&all(Some(true)), one_class(true));
    check(&all(Some(false)), one_class(false));
    let why = NoModel::OneRowOfAClass {
        n_churned: 1,
        n_others: 5,
    };
    check(&labelled[4..], why);
}

/// The formula of the contract.
fn by_hand(row: &Row) -> f64 {
    let of = |name| match row.cells.iter().find(|cell| cell.0 == name) {
        Some((_, Value::Number(number))) => *number,
        _ => panic!("a number"),
    };
    -2.0 + 0.5 * of("service_tickets").min(6.0) - 0.02 * of("nps")
        + 0.5 * of("payment_events").min(4.0)
        - 0.25 * of("usage_frequency").min(7.0)
        - 0.001 * of("tenure").min(1000.0)
}

#[test]
fn one_churner_in_ten_thousand_is_left_to_the_formula() {
    let mut rows = customers(10_000, 3);
    for (number, row) in rows.iter_mut().enumerate() {
        row.churned = Some(number == 77);
    }
    let why = NoModel::OneRowOfAClass {
        n_churned: 1,
        n_others: 9_999,
    };
    assert_eq!(risk_of(&rows).basis, Basis::Heuristic(why));
}

#[test]
fn three_churners_in_ten_thousand_do_not_raise_everyone() {
    let mut rows = customers(10_000, 3);
    for (number, row) in rows.iter_mut().enumerate() {
        row.churned = Some(number % 4000 == 77);
    }
    let report = risk_of(&rows);
    assert!(matches!(report.basis, Basis::Learned(_)));
    let mean = report.customers.iter().map(|c| c.probability).sum::<f64>() / 10_000.0;
    assert!(mean < 0.002, "{mean}");
    let floor = 1.0 / (9_997.0 + 2.0);
    let lowest = report
        .customers
        .iter()
        .map(|c| c.probability)
        .fold(1.0, f64::min);
    assert!(lowest >= floor * (1.0 - 1e-12), "{lowest}");
}

#[test]
fn columns_that_say_nothing_are_ignored_and_named() {
    let mut rows = customers(400, 4);
    for (number, row) in rows.iter_mut().enumerate() {
        row.cells.push(("constant", Value::Number(7.0)));
        row.cells.push(("empty", Value::Missing));
        row.cells.push(("same_word", text("x")));
        row.cells
            .push(("account", Value::Number(10_000.0 + 3.0 * number as f64)));
        row.cells
            .push(("dense", Value::Number(((number * 37) % 400) as f64)));
        row.cells.push(("copy_of_nps", row.cells[3].1.clone()));
        row.cells
            .push(("email", text(&format!("{number}@example.org"))));
    }
    let report = risk_of(&rows);
    let ignored = |name: &str| match usage(&report, name) {
        ColumnUsage::Ignored(why) => why.clone(),
        ColumnUsage::Used { .. } => panic!("{name} is used"),
    };
    assert_eq!(ignored("constant"), Ignored::Constant);
    assert_eq!(ignored("same_word"), Ignored::Constant);
    assert_eq!(ignored("empty"), Ignored::Empty);
    assert_eq!(ignored("account"), Ignored::LikeAnId);
    assert_eq!(ignored("dense"), Ignored::LikeAnId);
    assert_eq!(ignored("copy_of_nps"), Ignored::SameAs("nps".to_owned()));
    let too_many = Ignored::TooManyLevels {
        n_levels: 400,
        n_levels_max: 40,
    };
    assert_eq!(ignored("email"), too_many);
    let plain = risk_of(&customers(400, 4));
    assert_eq!(report.customers, plain.customers, "they change nothing");
    assert_eq!(report.remarks.len(), plain.remarks.len() + 7);
}

#[test]
fn without_any_value_everyone_gets_the_rate_of_the_base() {
    let mut rows = customers_by_class(40, 60, 5);
    for row in &mut rows {
        for cell in &mut row.cells {
            cell.1 = Value::Missing;
        }
    }
    let report = risk_of(&rows);
    assert!(report.remarks.contains(&Remark::NoUsableColumns));
    for customer in &report.customers {
        assert!((customer.probability - 0.4).abs() < 0.02, "{customer:?}");
    }
    let empty = |remark: &&Remark| matches!(remark, Remark::EmptyColumn { .. });
    assert_eq!(report.remarks.iter().filter(empty).count(), 5);
}

#[test]
fn missing_values_of_documented_columns_are_counted_and_no_zero() {
    let mut rows = customers(600, 6);
    for row in rows.iter_mut().step_by(3) {
        *row = row.clone().but("usage_frequency", Value::Missing);
    }
    let report = risk_of(&rows);
    let imputed = Remark::Imputed {
        column: "usage_frequency".to_owned(),
        n_rows: 200,
    };
    assert!(report.remarks.contains(&imputed), "{:?}", report.remarks);
    let mut zeros = rows.clone();
    for row in zeros.iter_mut().step_by(3) {
        *row = row.clone().but("usage_frequency", Value::Number(0.0));
    }
    assert_ne!(report.customers, risk_of(&zeros).customers);
}

#[test]
fn missing_values_that_tell_are_learned() {
    // Churners are asked for nothing else, and have no value twice as often.
    let mut rows = customers(1500, 7);
    for (number, row) in rows.iter_mut().enumerate() {
        let is_missing = if row.churned == Some(true) {
            number % 10 < 8
        } else {
            number % 10 < 2
        };
        let value = if is_missing {
            Value::Missing
        } else {
            Value::Number((number % 7) as f64)
        };
        row.cells.push(("answer", value));
    }
    let with = evidence_of(&risk_of(&rows)).served.metrics.roc_auc.area;
    let without = risk_of(&customers(1500, 7));
    let without = evidence_of(&without).served.metrics.roc_auc.area;
    assert!(with > without + 0.05, "{with} against {without}");
}

#[test]
fn numbers_written_as_text_are_words_and_said_to_be() {
    let mut rows = customers(300, 8);
    for (number, row) in rows.iter_mut().enumerate() {
        row.cells.push(("price", text(&format!("{number}.99"))));
        row.cells.push(("grade", text(&(number % 3).to_string())));
    }
    let report = risk_of(&rows);
    let many = Remark::TooManyLevels {
        column: "price".to_owned(),
        n_levels: 300,
        n_levels_max: 30,
        looks_numeric: true,
    };
    assert!(report.remarks.contains(&many));
    let words = Remark::NumbersAsText {
        column: "grade".to_owned(),
    };
    assert!(report.remarks.contains(&words));
}

#[test]
fn rare_words_count_as_one() {
    let mut rows = customers(300, 9);
    for (number, row) in rows.iter_mut().enumerate() {
        let word = match number {
            0..=3 => "rare",
            4..=6 => "rarer",
            _ if number % 2 == 0 => "even",
            _ => "odd",
        };
        row.cells.push(("plan", text(word)));
    }
    let expected = ColumnUsage::Used {
        levels: vec!["even".to_owned(), "odd".to_owned()],
        rare_levels: vec!["rare".to_owned(), "rarer".to_owned()],
    };
    assert_eq!(*usage(&risk_of(&rows), "plan"), expected);
}

#[test]
fn perfect_separation_is_named_a_leak_and_no_certainty() {
    let mut rows = customers(500, 10);
    for (number, row) in rows.iter_mut().enumerate() {
        let churned = row.churned == Some(true);
        let level = if churned { 100.0 } else { 0.0 };
        row.cells.push((
            "closing_balance",
            Value::Number(level + (number % 50) as f64),
        ));
    }
    let report = risk_of(&rows);
    let evidence = evidence_of(&report);
    assert_eq!(evidence.leaks.len(), 1);
    assert_eq!(evidence.leaks[0].column, "closing_balance");
    assert_eq!(evidence.leaks[0].roc_auc.area, 1.0);
    let is_leak = |remark: &Remark| matches!(remark, Remark::Leak { column, .. } if column == "closing_balance");
    assert!(report.remarks.iter().any(is_leak));
    // Named, not dropped; the figures without it are those of a base that never had it.
    assert_eq!(evidence.served.metrics.roc_auc.area, 1.0);
    let plain = risk_of(&customers(500, 10));
    assert_eq!(evidence.without_leaks, evidence_of(&plain).families);
    let (n1, n0) = (report.n_churned as f64, report.n_others as f64);
    for customer in &report.customers {
        let within = 1.0 / (n0 + 2.0)..=1.0 - 1.0 / (n1 + 2.0);
        let p = customer.probability;
        assert!(*within.start() <= p * (1.0 + 1e-12) && p <= within.end() * (1.0 + 1e-12));
    }
}

#[test]
fn a_leak_is_named_wherever_the_one_missing_value_stands() {
    // Without a mistake where missing counts as one end, with one where it counts as the other: of 260 against 40 the latter has
    // the higher lower bound (0.973 against 0.912), which alone names nothing.
    let name_of = |(class, [n_churned, n_others]): (bool, [usize; 2])| {
        let mut rows = customers_by_class(n_churned, n_others, 14);
        let mut stream = RandomStream::new(14, "leak", 0);
        for row in &mut rows {
            let sign = if row.churned == Some(true) { 1.0 } else { -1.0 };
            let days = sign * (1.0 + 80.0 * stream.uniform());
            row.cells.push(("days_since_cancel", Value::Number(days)));
        }
        let lacking = rows.iter().position(|row| row.churned == Some(class));
        let lacking = lacking.expect("both classes");
        let without = rows[lacking].clone();
        rows[lacking] = without.but("days_since_cancel", Value::Missing);
        let report = risk_of(&rows);
        let leaks = evidence_of(&report).leaks.clone();
        assert_eq!(leaks.len(), 1, "{class}");
        assert_eq!(leaks[0].roc_auc.area, 1.0);
        leaks[0].column.clone()
    };
    let bases = [(false, [40, 260]), (true, [260, 40])];
    assert_eq!(bases.map(name_of), ["days_since_cancel"; 2]);
}

#[test]
fn a_column_that_tells_both_ways_is_too_good_to_be_true() {
    let mut rows = customers(400, 15);
    let mut stream = RandomStream::new(15, "two sides", 0);
    for row in &mut rows {
        let is_out = if row.churned == Some(true) { 2.0 } else { 0.0 };
        let side = if stream.uniform() < 0.5 { 1.0 } else { -1.0 };
        let balance = side * (is_out + stream.uniform());
        row.cells.push(("balance", Value::Number(balance)));
    }
    let report = risk_of(&rows);
    let evidence = evidence_of(&report);
    assert!(evidence.leaks.is_empty());
    let roc_auc = evidence.served.metrics.roc_auc;
    assert!(report.remarks.contains(&Remark::TooGood { roc_auc }));
    let plain = risk_of(&customers(400, 15));
    let is_too_good = |remark: &Remark| matches!(remark, Remark::TooGood { .. });
    assert!(!plain.remarks.iter().any(is_too_good));
}

#[test]
fn words_and_missing_values_leak_too() {
    let mut rows = customers(600, 11);
    for row in &mut rows {
        let churned = row.churned == Some(true);
        row.cells
            .push(("status", text(if churned { "closed" } else { "open" })));
        let reason = if churned {
            text("price")
        } else {
            Value::Missing
        };
        row.cells.push(("exit_interview", reason));
        let date = if churned {
            Value::Number(3.0)
        } else {
            Value::Missing
        };
        row.cells.push(("days_since_exit", date));
    }
    let report = risk_of(&rows);
    let leaks = evidence_of(&report).leaks.iter();
    let names: Vec<&str> = leaks.map(|leak| leak.column.as_str()).collect();
    assert_eq!(names, ["days_since_exit", "exit_interview", "status"]);
}

#[test]
fn extreme_numbers_leave_figures_finite() {
    let mut rows = customers(300, 12);
    for (number, row) in rows.iter_mut().enumerate() {
        let huge = if number % 2 == 0 { 1e300 } else { -1e300 };
        row.cells.push(("huge", Value::Number(huge)));
        row.cells
            .push(("tiny", Value::Number(1e-300 * (number % 5) as f64)));
        let outlier = if number == 5 {
            1e15
        } else {
            (number % 9) as f64
        };
        row.cells.push(("outlier", Value::Number(outlier)));
    }
    assert!(matches!(risk_of(&rows).basis, Basis::Learned(_)));
}

#[test]
fn answers_in_place_of_scores_are_noticed() {
    let is_noticed = |nps: fn(usize) -> f64| {
        let mut rows = customers(100, 13);
        for (number, row) in rows.iter_mut().enumerate() {
            *row = row.clone().but("nps", Value::Number(nps(number)));
        }
        risk_of(&rows)
            .remarks
            .contains(&Remark::NpsLooksLikeAnswers)
    };
    assert!(is_noticed(|number| (number % 11) as f64));
    assert!(!is_noticed(|number| (number % 12) as f64));
}
