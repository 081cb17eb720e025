//! What churn risks promise over the wire: figures that add up, an answer with a reason for hard data, models that serve again.

use clientela_analyses::{Context, Document, Format, Models, SavedModel, StopToken, by_route};
use clientela_numerics::RandomStream;
use serde_json::{Value, json};

fn run(request: &Value, models: Models) -> Document {
    let context = Context {
        language: None,
        today: "2025-04-24".parse().expect("a date"),
        format: Format::Json,
        models,
        stop: StopToken::new(),
    };
    let body = request.to_string();
    let analysis = by_route("churn_risk").expect("a route");
    analysis.run(body.as_bytes(), &context).expect("an answer")
}

fn parsed(document: &Document) -> Value {
    serde_json::from_slice(&document.body).expect("JSON")
}

fn answer(request: &Value) -> Value {
    parsed(&run(request, Models::none()))
}

fn number(value: &Value) -> f64 {
    value.as_f64().expect("a number")
}

/// Customers with three traits; the more tickets, the more of them lost.
fn base(n_rows: usize, seed: u64) -> Vec<Value> {
    let mut stream = RandomStream::new(seed, "churn", 0);
    let row = |i: usize| {
        let tickets = stream.below(7);
        let plan = ["monthly", "yearly"][stream.below(2) as usize];
        json!({
            "customer_id": format!("c{i}"), "tenure": stream.below(1_000), "service_tickets": tickets,
            "plan": plan,
            "churned": stream.below(10) < tickets,
        })
    };
    (0..n_rows).map(row).collect()
}

fn warned_of(answer: &Value, code: &str) -> bool {
    let warnings = answer["warnings"].as_array().expect("warnings");
    warnings.iter().any(|warning| warning["code"] == code)
}

fn doubted_for(answer: &Value, code: &str) -> bool {
    let reasons = answer["verdict"]["reasons"].as_array().expect("reasons");
    reasons.iter().any(|reason| reason["code"] == code)
}

/// ln(p / (1 − p)) against base, attributions and adjustment, all rounded to 6 decimals.
fn assert_adds_up(answer: &Value) {
    for row in answer["results"].as_array().expect("results") {
        let attributions = row["attributions"].as_object().expect("an object");
        let sum: f64 = attributions.values().map(number).sum();
        let adjustment = row["adjustment"].as_f64().unwrap_or_default();
        let log_odds = number(&row["base_log_odds"]) + sum + adjustment;
        let p = number(&row["churn_probability"]);
        // A probability that is off by half a millionth moves its log-odds by that over p (1 − p).
        let tolerance = 1e-6 * (attributions.len() + 3) as f64 + 1e-6 / (p * (1.0 - p));
        assert!(((p / (1.0 - p)).ln() - log_odds).abs() < tolerance, "{row}");
    }
}

#[test]
fn attributions_add_up_to_the_probability_whatever_it_rests_on() {
    let mut rows = base(300, 1);
    for row in &mut rows[250..] {
        row["churned"] = Value::Null;
    }
    assert_adds_up(&answer(&json!({ "data": rows })));
    // Few of the rarer class, and none at all.
    assert_adds_up(&answer(&json!({ "data": &rows[..40] })));
    assert_adds_up(&answer(&json!({ "data": &rows[250..] })));
}

#[test]
fn one_who_left_among_ten_thousand_teaches_nothing_and_the_answer_says_so() {
    let mut rows = base(10_000, 2);
    for (i, row) in rows.iter_mut().enumerate() {
        row["churned"] = (i == 4_321).into();
    }
    let answer = answer(&json!({ "data": rows, "max_factors": 1 }));
    assert_eq!(answer["best_algorithm"], "Heuristic");
    assert_eq!(answer["evaluation_metrics"], json!({}));
    assert!(warned_of(&answer, "heuristic"));
    // The formula expects some two thousand.
    assert_eq!(answer["verdict"]["code"], "do_not_use");
    assert!(doubted_for(&answer, "formula_off"));
}

#[test]
fn five_who_left_among_ten_thousand_are_no_certainty() {
    let mut rows = base(10_000, 3);
    for (i, row) in rows.iter_mut().enumerate() {
        row["churned"] = (i % 2_000 == 7).into();
        if i % 2_000 == 7 {
            row["service_tickets"] = json!(9);
        }
    }
    let answer = answer(&json!({ "data": rows, "max_factors": 0 }));
    assert!(warned_of(&answer, "few_of_rarer_class"));
    assert!(doubted_for(&answer, "few_of_rarer_class"));
    let results = answer["results"].as_array().expect("results");
    let sum: f64 = results
        .iter()
        .map(|row| number(&row["churn_probability"]))
        .sum();
    assert!((2.0..12.0).contains(&sum), "{sum} of 5 expected");
}

#[test]
fn a_field_that_knows_the_answer_is_named_and_nothing_is_certain() {
    let mut rows = base(400, 4);
    for row in &mut rows {
        row["closed_account"] = row["churned"].clone();
    }
    let answer = answer(&json!({ "data": rows }));
    assert!(warned_of(&answer, "leak") && doubted_for(&answer, "leak"));
    assert_eq!(answer["verdict"]["code"], "do_not_use");
    let without = answer["evidence"]["without_leaks"]
        .as_object()
        .expect("families");
    assert!(
        without
            .values()
            .all(|figures| number(&figures["roc_auc"]) < 0.95)
    );
    for row in answer["results"].as_array().expect("results") {
        let p = number(&row["churn_probability"]);
        assert!((0.001..0.999).contains(&p), "{p}");
    }
}

#[test]
fn what_no_model_may_see_changes_no_risk() {
    let rows = base(200, 5);
    let risks = |rows: &[Value], options: Value| {
        let mut request = options;
        request["data"] = rows.into();
        let answer = answer(&request);
        let results = answer["results"].as_array().expect("results");
        let risk = |row: &Value| row["churn_probability"].clone();
        results.iter().map(risk).collect::<Vec<Value>>()
    };
    let plain = risks(&rows, json!({}));
    let mut more = rows.clone();
    for (i, row) in more.iter_mut().enumerate() {
        row["worth"] = json!(100 + i);
        row["secret"] = row["churned"].clone();
        row["list"] = json!([i]);
    }
    let options = json!({ "value_column": "worth", "ignore_columns": ["secret"] });
    assert_eq!(risks(&more, options), plain);
    // Nor do the options that only ask for more to be said.
    let options = json!({ "max_factors": 0, "actionable": {}, "save_model": true });
    assert_eq!(risks(&rows, options), plain);
}

fn saved(rows: &[Value]) -> (Value, SavedModel) {
    let document = run(&json!({ "data": rows, "save_model": true }), Models::none());
    let answer = parsed(&document);
    let [model] = document.artifacts.try_into().expect("one model");
    (answer, model)
}

#[test]
fn a_saved_model_scores_as_it_did_when_it_was_learned() {
    let mut rows = base(300, 6);
    for row in &mut rows[280..] {
        row["churned"] = Value::Null;
    }
    let (learned, model) = saved(&rows);
    let id = learned["model_id"].as_str().expect("an id");
    assert_eq!(id, model.id().to_string());
    let request = json!({ "data": rows, "model_id": id });
    let scored = parsed(&run(&request, Models::of(vec![model.clone()])));
    assert_eq!(scored["best_algorithm"], learned["best_algorithm"]);
    assert_eq!(scored["model_id"], id);
    let (before, after) = (&learned["results"], &scored["results"]);
    for row in 280..300 {
        // The model of all rows served them then, and serves them now.
        assert_eq!(before[row]["source"], "all_rows");
        assert_eq!(after[row]["source"], "saved_model");
        for field in ["churn_probability", "attributions", "base_log_odds", "lift"] {
            assert_eq!(before[row][field], after[row][field], "{field}");
        }
    }
    assert_adds_up(&scored);
    let columns = scored["drift"]["columns"].as_array().expect("columns");
    assert!(columns.iter().all(|column| column["level"] == "stable"));
    assert!(!warned_of(&scored, "drift"));
    assert_eq!(scored["evaluation_metrics"], json!({}));
    assert_eq!(scored["saved_model"]["n_labelled"], 280);
}

#[test]
fn a_single_row_can_be_scored_by_a_saved_model() {
    let (_, model) = saved(&base(300, 7));
    let row = json!({ "customer_id": "new", "tenure": 3, "service_tickets": 6, "plan": "weekly" });
    let request = json!({ "data": [row], "model_id": model.id().to_string() });
    let scored = parsed(&run(&request, Models::of(vec![model])));
    let factors = scored["results"][0]["top_factors"]
        .as_array()
        .expect("factors");
    assert!(!factors.is_empty());
    assert_adds_up(&scored);
}

#[test]
fn the_bytes_of_another_model_are_a_fault_and_no_panic() {
    let (_, model) = saved(&base(60, 8));
    for bytes in [&model.bytes()[..model.bytes().len() / 2], b"something else"] {
        let broken = SavedModel::new(
            "churn_risk",
            model.format(),
            60,
            serde_json::Map::new(),
            bytes,
        );
        let body = json!({ "data": [{ "customer_id": 1 }], "model_id": broken.id().to_string() });
        let context = Context {
            language: None,
            today: "2025-04-24".parse().expect("a date"),
            format: Format::Json,
            models: Models::of(vec![broken]),
            stop: StopToken::new(),
        };
        let analysis = by_route("churn_risk").expect("a route");
        let outcome = analysis.run(body.to_string().as_bytes(), &context);
        assert!(matches!(
            outcome,
            Err(clientela_analyses::Failure::Internal { .. })
        ));
    }
}

#[test]
fn a_mostly_empty_table_is_refused_before_it_fills_memory() {
    let rows: Vec<Value> = (0..3_000)
        .map(|i| json!({ "customer_id": i, format!("k{}", i % 1_000): 1 }))
        .collect();
    let context = Context {
        language: None,
        today: "2025-04-24".parse().expect("a date"),
        format: Format::Json,
        models: Models::none(),
        stop: StopToken::new(),
    };
    let body = json!({ "data": rows }).to_string();
    let analysis = by_route("churn_risk").expect("a route");
    let outcome = analysis.run(body.as_bytes(), &context);
    let Err(clientela_analyses::Failure::Invalid { violations, .. }) = outcome else {
        panic!("{outcome:?}")
    };
    assert_eq!(violations[0].path, "data");
    assert!(violations[0].messages[0].en.contains("a quarter"));
}
