use serde_json::{Value, json};

use super::*;
use crate::numbers::DecimalMark;

fn imported(
    lines: &str,
    options: &CustomersOptions,
) -> Result<(Value, CustomersSummary), CustomersError> {
    let file = Source::memory("customers.csv", lines.as_bytes());
    let (request, summary) = import_customers(&file, options)?;
    let mut body = Vec::new();
    request.write_json(&mut body).expect("writing to memory");
    assert_eq!(request.n_rows(), summary.n_rows);
    Ok((serde_json::from_slice(&body).expect("JSON"), summary))
}

#[track_caller]
fn check(lines: &str, options: &CustomersOptions, expected: &Value) {
    let (found, _) = imported(lines, options).expect("a table that can be read");
    assert_eq!(&found, expected);
}

/// What is told where it fails.
#[track_caller]
fn refused(lines: &str, options: &CustomersOptions) -> String {
    imported(lines, options).expect_err("a fault").to_string()
}

fn none() -> CustomersOptions {
    CustomersOptions::default()
}

#[test]
fn columns_are_numbers_yes_or_no_or_words_by_all_their_values() {
    let lines = "customerID,Partner,Contract,zip,MonthlyCharges,TotalCharges,Churn\n\
        a,Yes,Month-to-month,01234,29.85, ,No\n\
        b,No,One year,91234,1e-3,-56.95,Yes\n\
        c,,Two year,00501,7,3,\n";
    let row = |id: &str, rest: Value| {
        let mut row = json!({ "customer_id": id });
        let rest = rest.as_object().expect("an object").clone();
        row.as_object_mut().expect("an object").extend(rest);
        row
    };
    let expected = json!({ "data": [
        row("a", json!({ "Partner": true, "Contract": "Month-to-month", "zip": "01234", "MonthlyCharges": 29.85, "churned": 0 })),
        row("b", json!({ "Partner": false, "Contract": "One year", "zip": "91234", "MonthlyCharges": 0.001, "TotalCharges": -56.95, "churned": 1 })),
        row("c", json!({ "Contract": "Two year", "zip": "00501", "MonthlyCharges": 7, "TotalCharges": 3 })),
    ] });
    check(lines, &none(), &expected);
}

#[test]
fn spanish_tables_are_read_with_their_marks_and_words() {
    let lines = "Código de cliente;Antigüedad;Saldo;Activo;Baja\n\
        7;12;1.234,50;sí;Sí\n\
        8;3;0,5;no;no\n";
    let options = CustomersOptions {
        tenure_unit: TenureUnit::Months,
        value_column: Some("saldo".into()),
        ..none()
    };
    let expected = json!({ "value_column": "Saldo", "data": [
        { "customer_id": "7", "tenure": 365, "Saldo": 1234.5, "Activo": true, "churned": 1 },
        { "customer_id": "8", "tenure": 91, "Saldo": 0.5, "Activo": false, "churned": 0 },
    ] });
    check(lines, &options, &expected);
    let (_, summary) = imported(lines, &options).expect("a table");
    let told = summary.to_string();
    for part in [
        "2 rows read, 2 kept, 0 dropped.",
        "semicolon between fields, decimal comma.",
        "customer ids = Código de cliente",
        "numbers: Antigüedad (tenure in months), Saldo (what the customer is worth)",
        "yes or no: Activo",
        "Outcome by Baja: 1 left (\"Sí\"), 1 stayed (\"no\"), 0 open.",
    ] {
        assert!(told.contains(part), "{part} in {told}");
    }
}

#[test]
fn words_and_columns_that_are_named_count_as_named() {
    let lines = "id,when,state,plan,extra\n\
        a,03/04/2025,gone,x,1\n\
        b,13/04/2025,paused,y,2\n\
        c,,on,y,3\n";
    let options = CustomersOptions {
        customer_column: Some("ID".into()),
        churned_column: Some("state".into()),
        churned_values: vec!["gone".into(), "paused".into()],
        date_column: Some("when".into()),
        ignore_columns: vec!["extra".into()],
        format: FileFormat {
            date_order: Some(crate::DateOrder::DayFirst),
            ..FileFormat::default()
        },
        ..none()
    };
    let expected = json!({ "data": [
        { "customer_id": "a", "snapshot_date": "2025-04-03", "plan": "x", "churned": 1 },
        { "customer_id": "b", "snapshot_date": "2025-04-13", "plan": "y", "churned": 1 },
        { "customer_id": "c", "plan": "y", "churned": 0 },
    ] });
    check(lines, &options, &expected);
}

#[test]
fn rows_that_can_not_be_used_are_dropped_and_counted() {
    let lines = "customer_id,churned,x\na,1,2\n,0,3\nb,0\nc,0,5,\nd,1,2,3\n";
    let (body, summary) = imported(lines, &none()).expect("a table");
    assert_eq!(body["data"].as_array().map(Vec::len), Some(2));
    let counts = (summary.n_read, summary.n_uneven, summary.n_without_id);
    assert_eq!(counts, (5, 2, 1));
    let told = summary.to_string();
    assert!(told.contains("5 rows read, 2 kept, 3 dropped."), "{told}");
}

#[test]
fn a_table_that_says_nothing_of_who_left_is_for_a_saved_model() {
    let (body, summary) = imported("customer_id,x\na,1\n", &none()).expect("a table");
    assert_eq!(body, json!({ "data": [{ "customer_id": "a", "x": 1 }] }));
    assert!(summary.to_string().contains("--churned-column NAME"));
}

#[test]
fn what_can_not_be_understood_is_told_with_the_remedy() {
    let named = |name: &str| CustomersOptions {
        churned_column: Some(name.into()),
        ..none()
    };
    let with_word = |word: &str| CustomersOptions {
        churned_values: vec![word.into()],
        ..none()
    };
    let with_date = CustomersOptions {
        date_column: Some("x".into()),
        ..none()
    };
    for (lines, options, part) in [
        ("who,x\na,1\n", none(), "--customer-column NAME"),
        (
            "customer_id,x\na,1\n",
            named("gone"),
            "--churned-column gone: customers.csv has no such column",
        ),
        (
            "customer_id,churn\na,maybe\n",
            none(),
            "words that may mean either: maybe",
        ),
        (
            "customer_id,churn\na,no\n",
            with_word("gone"),
            "column \"churn\" never says gone",
        ),
        (
            "customer_id,x,x\na,1,2\n",
            none(),
            "two columns named \"x\"",
        ),
        (
            "customer_id,x\na,03/13/2025\n",
            with_date,
            "\"03/13/2025\" can't be read as a date",
        ),
        ("customer_id,tenure\na,long\n", none(), "--tenure-column"),
        (
            "customer_id,x\na,\"1,234\"\n",
            none(),
            "--decimal-mark point or comma",
        ),
        (
            "customer_id,x,y\na,\"1,5\",1.5\n",
            none(),
            "\"1.5\" (column \"y\") and \"1,5\" (column \"x\")",
        ),
        (
            "customer_id,x\n,1\n",
            none(),
            "No row of customers.csv could be kept",
        ),
        ("customer_id\n", none(), "customers.csv"),
    ] {
        let told = refused(lines, &options);
        assert!(told.contains(part), "{part} in {told}");
    }
    let declared = CustomersOptions {
        format: FileFormat {
            decimal_mark: Some(DecimalMark::Comma),
            ..FileFormat::default()
        },
        ..none()
    };
    let expected = json!({ "data": [{ "customer_id": "a", "x": 1.234 }] });
    check("customer_id,x\na,\"1,234\"\n", &declared, &expected);
}
