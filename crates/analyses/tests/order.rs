//! The order of the rows decides the order of the answer and nothing else.

use clientela_analyses::{Context, Format, Models, StopToken, by_route};
use clientela_numerics::RandomStream;
use serde_json::{Value, json};

fn answer(route: &str, request: &Value) -> Value {
    let context = Context {
        language: None,
        today: "2025-04-24".parse().expect("a date"),
        format: Format::Json,
        models: Models::none(),
        stop: StopToken::new(),
    };
    let analysis = by_route(route).expect("a route");
    let body = request.to_string();
    let document = analysis.run(body.as_bytes(), &context).expect("an answer");
    let mut answer: Value = serde_json::from_slice(&document.body).expect("JSON");
    if let Some(answer) = answer.as_object_mut() {
        answer.remove("run");
    }
    answer
}

/// Sorts the list at `pointer` by the text of its elements.
fn sorted(mut answer: Value, pointer: &str) -> Value {
    let list = answer.pointer_mut(pointer).and_then(Value::as_array_mut);
    list.expect("a list").sort_by_key(Value::to_string);
    answer
}

/// Answers `rows` under `key` in five orders; the list at `pointer` follows the order of the request.
fn check(route: &str, key: &str, pointer: &str, options: &Value, mut rows: Vec<Value>) {
    let mut stream = RandomStream::new(7, route, 0);
    let request = |rows: &[Value]| {
        let mut request = options.clone();
        request[key] = rows.into();
        request
    };
    let expected = sorted(answer(route, &request(&rows)), pointer);
    for _ in 0..5 {
        stream.shuffle(&mut rows);
        let found = sorted(answer(route, &request(&rows)), pointer);
        assert_eq!(found, expected, "{route}");
    }
}

fn money(stream: &mut RandomStream) -> f64 {
    stream.below(100_000) as f64 / 100.0
}

#[test]
fn customers_in_any_order_have_the_same_features_and_tiers() {
    let mut stream = RandomStream::new(1, "order", 0);
    let customers: Vec<Value> = (0..60)
        .map(|i| {
            let lines: Vec<Value> = (0..=stream.below(6))
                .map(|line| {
                    json!({
                        "transaction_id": line / 2,
                        "date": format!("2025-0{}-1{}", 1 + stream.below(3), stream.below(10)),
                        "amount": money(&mut stream),
                        "product_id": stream.below(4),
                    })
                })
                .collect();
            json!({ "customer_id": i, "transactions": lines })
        })
        .collect();
    let options = json!({ "today": "2025-04-24" });
    check(
        "customer_features",
        "customers",
        "/customers",
        &options,
        customers.clone(),
    );
    for route in ["customer_rfm", "customer_clv_features"] {
        check(
            route,
            "customers",
            "/customers",
            &options,
            customers.clone(),
        );
    }
}

#[test]
fn a_cohort_in_any_order_has_the_same_scores_and_summary() {
    let mut stream = RandomStream::new(2, "order", 0);
    let customers: Vec<Value> = (0..80)
        .map(|i| {
            json!({ "customer_id": i, "features": {
                "purchase_total": money(&mut stream), "visit_frequency": stream.below(9),
                "avg_ticket": money(&mut stream), "product_diversity": stream.below(5),
                "recency_days": stream.below(300),
            } })
        })
        .collect();
    check(
        "customer_loyalty",
        "customers",
        "/customers",
        &json!({}),
        customers,
    );
}

#[test]
fn answers_in_any_order_have_the_same_scores() {
    let mut stream = RandomStream::new(3, "order", 0);
    let rows: Vec<Value> = (0..200)
        .map(|i| {
            json!({ "customer_id": i % 150, "answer": stream.below(11), "shop": stream.below(6),
                "date": format!("2025-0{}-01", 1 + stream.below(4)) })
        })
        .collect();
    check(
        "nps",
        "data",
        "/by_group",
        &json!({ "group_by": "shop" }),
        rows,
    );
}

#[test]
fn snapshots_in_any_order_have_the_same_labels() {
    let mut stream = RandomStream::new(4, "order", 0);
    let rows: Vec<Value> = (0..200)
        .map(|i| {
            json!({ "customer_id": i % 90, "snapshot_date": "2025-04-01",
                "last_purchase_date": format!("2025-0{}-01", 1 + stream.below(4)) })
        })
        .collect();
    check(
        "churn_label",
        "data",
        "",
        &json!({ "business_type": "ecommerce" }),
        rows,
    );
}

#[test]
fn customers_in_any_order_have_the_same_risks_reasons_and_evidence() {
    let mut stream = RandomStream::new(5, "order", 0);
    let rows: Vec<Value> = (0..120)
        .map(|i| {
            let tickets = stream.below(6);
            let plan = ["a", "b", "c"][stream.below(3) as usize];
            let mut row = json!({
                "customer_id": i, "tenure": stream.below(900), "service_tickets": tickets,
                "nps": stream.below(200) as f64 - 100.0, "plan": plan,
                "churned": stream.below(6) < tickets, "worth": money(&mut stream),
            });
            if i % 7 == 0 {
                row["churned"] = Value::Null;
                row["late"] = json!({ "nested": i });
            }
            if i % 5 == 0 {
                row["usage_frequency"] = json!(stream.uniform());
            }
            row
        })
        .collect();
    let options =
        json!({ "value_column": "worth", "what_if": { "cost_per_contact": 5, "save_rate": 0.3 } });
    check("churn_risk", "data", "/results", &options, rows);
}
