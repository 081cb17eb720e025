//! What must hold of lifetime value whatever the base: the past is seen as it was known then.

use clientela_analyses::{Context, Format, StopToken, by_route};
use clientela_numerics::RandomStream;
use serde_json::{Value, json};

fn answer(route: &str, request: &Value) -> Value {
    let context = Context {
        language: None,
        today: "2026-01-01".parse().expect("a date"),
        format: Format::Json,
        stop: StopToken::new(),
    };
    let analysis = by_route(route).expect("a route");
    let body = request.to_string();
    let document = analysis.run(body.as_bytes(), &context).expect("an answer");
    serde_json::from_slice(&document.body).expect("JSON")
}

/// Purchases of 2024 and 2025, and refunds of some of them days or months later.
fn base(stream: &mut RandomStream) -> Vec<Value> {
    (0..80)
        .map(|customer| {
            let mut lines: Vec<Value> = Vec::new();
            for order in 0..=stream.below(7) {
                let (year, month) = (2024 + stream.below(2), 1 + stream.below(11));
                let date = |month: u64| format!("{year}-{month:02}-{:02}", 1 + customer % 28);
                let amount = stream.below(20_000) as f64 / 100.0;
                let id = format!("{customer}-{order}");
                lines.push(json!({ "transaction_id": id, "date": date(month), "amount": amount, "cost": amount / 2.0 }));
                if stream.below(4) == 0 {
                    let share = if stream.below(2) == 0 { 1.0 } else { 0.5 };
                    let refund = -share * amount;
                    lines.push(json!({ "transaction_id": id, "date": date(month + 1), "amount": refund, "cost": 0 }));
                }
            }
            json!({ "customer_id": customer, "transactions": lines })
        })
        .collect()
}

/// The base as an export of that day would have had it.
fn as_exported(base: &[Value], today: &str) -> Vec<Value> {
    let known = |customer: &Value| {
        let lines = customer["transactions"].as_array().expect("lines").iter();
        let lines: Vec<Value> = lines
            .filter(|line| line["date"].as_str().expect("a date") <= today)
            .cloned()
            .collect();
        (!lines.is_empty())
            .then(|| json!({ "customer_id": customer["customer_id"], "transactions": lines }))
    };
    base.iter().filter_map(known).collect()
}

#[test]
fn features_as_of_a_past_day_are_those_of_an_export_of_that_day() {
    let base = base(&mut RandomStream::new(11, "lifetime", 0));
    for today in ["2024-03-15", "2024-12-31", "2025-06-01"] {
        let then = json!({ "today": today, "customers": as_exported(&base, today) });
        let later = json!({ "today": today, "ignore_later_transactions": true, "customers": base });
        let expected = answer("customer_clv_features", &then);
        let found = answer("customer_clv_features", &later);
        assert!(!expected["customers"].as_array().expect("a list").is_empty());
        assert_eq!(found["customers"], expected["customers"], "{today}");
        assert_eq!(found["summary"], expected["summary"], "{today}");
        let codes: Vec<&Value> = found["warnings"]
            .as_array()
            .expect("warnings")
            .iter()
            .map(|warning| &warning["code"])
            .collect();
        assert!(codes.contains(&&json!("later_transactions_ignored")));
    }
}
