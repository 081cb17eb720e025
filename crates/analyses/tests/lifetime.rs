//! What must hold of lifetime value whatever the base: the past is seen as it was known then.

use clientela_analyses::{Context, Format, Models, StopToken, by_route};
use clientela_numerics::RandomStream;
use serde_json::{Value, json};

fn answer(route: &str, request: &Value) -> Value {
    let context = Context {
        language: None,
        today: "2026-01-01".parse().expect("a date"),
        format: Format::Json,
        models: Models::none(),
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

/// Customers who buy again and again and stop at some time, over two years.
fn buyers(n_customers: u64, stream: &mut RandomStream) -> Vec<Value> {
    (0..n_customers)
        .map(|customer| {
            let mut lines = Vec::new();
            let (mut day, usual) = (stream.below(500), 10 + stream.below(60));
            while day < 720 {
                let (year, month, date) = (2024 + day / 360, 1 + day % 360 / 30, 1 + day % 28);
                let amount = (500 + stream.below(20_000)) as f64 / 100.0;
                lines.push(
                    json!({ "date": format!("{year}-{month:02}-{date:02}"), "amount": amount }),
                );
                if stream.below(4) == 0 {
                    break;
                }
                day += 1 + stream.below(2 * usual);
            }
            json!({ "customer_id": customer, "transactions": lines })
        })
        .collect()
}

#[test]
fn who_stands_first_decides_nothing_but_the_order_of_the_forecasts() {
    let mut stream = RandomStream::new(12, "lifetime", 0);
    let mut base = buyers(220, &mut stream);
    let forecast = |customers: &[Value]| {
        let request = json!({ "today": "2026-01-01", "horizon_months": 3, "customers": customers });
        let mut answer = answer("customer_clv_forecast", &request);
        answer["run"] = Value::Null;
        let rows = answer["customers"].as_array_mut().expect("customers");
        rows.sort_by_key(|row| row["customer_id"].to_string());
        answer
    };
    let expected = forecast(&base);
    assert_eq!(expected["validation"]["evidence"], "sound");
    for _ in 0..3 {
        stream.shuffle(&mut base);
        assert!(forecast(&base) == expected);
    }
}

#[test]
fn a_forecast_of_a_past_day_knows_nothing_of_what_came_later() {
    let base = buyers(130, &mut RandomStream::new(13, "lifetime", 0));
    let today = "2025-06-30";
    let request = |customers: Vec<Value>, ignore: bool| json!({ "today": today, "horizon_months": 3, "ignore_later_transactions": ignore, "customers": customers });
    let then = answer(
        "customer_clv_forecast",
        &request(as_exported(&base, today), false),
    );
    let later = answer("customer_clv_forecast", &request(base, true));
    for key in [
        "customers",
        "totals",
        "validation",
        "model_parameters",
        "tracking",
    ] {
        assert!(then[key] == later[key], "{key}");
    }
}

#[test]
fn tiers_and_totals_add_up() {
    let base = buyers(130, &mut RandomStream::new(14, "lifetime", 0));
    let request = json!({ "today": "2026-01-01", "customers": base });
    let answer = answer("customer_clv_forecast", &request);
    let rows = answer["customers"].as_array().expect("customers");
    let number = |value: &Value| value.as_f64().expect("a number");
    let sum: f64 = rows.iter().map(|row| number(&row["predicted_clv"])).sum();
    let total = number(&answer["totals"]["predicted_clv"]);
    assert!(
        (sum - total).abs() < 0.01 * rows.len() as f64,
        "{sum} {total}"
    );
    let tiers = answer["totals"]["tiers"].as_array().expect("tiers");
    let n_customers: u64 = tiers
        .iter()
        .filter_map(|tier| tier["n_customers"].as_u64())
        .sum();
    assert_eq!(n_customers, rows.len() as u64);
    for row in rows {
        assert_eq!(row["predicted_txns"], row["expected_purchases"]);
        assert!(number(&row["confidence_lower"]) <= number(&row["confidence_upper"]));
        assert!(number(&row["expected_lower"]) <= number(&row["expected_upper"]));
    }
}
