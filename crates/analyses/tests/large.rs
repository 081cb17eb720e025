//! Large payloads are answered in full, and quickly. The times are printed; run with `--release -- --nocapture` to read
//! them. In debug builds the payloads are a twentieth as large.

use std::fmt::Write as _;
use std::time::Duration;

use clientela_analyses::{Context, Document, Format, Language, Models, StopToken, by_route};
use clientela_numerics::RandomStream;
use clientela_tables::Date;
use serde_json::Value;

/// How much smaller the payloads of a debug build are.
const SHRINK: usize = if cfg!(debug_assertions) { 20 } else { 1 };

/// Far more than needed, so that only an algorithm of the wrong order fails on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// The same of a forecast with its hold-outs, both families and all draws, which two free cores have in 12 s.
const FORECAST_PATIENCE: Duration = Duration::from_secs(60);

fn answer(route: &str, body: &str, format: Format) -> Document {
    answer_within(PATIENCE, route, body, format)
}

fn answer_within(patience: Duration, route: &str, body: &str, format: Format) -> Document {
    let context = Context {
        language: Some(Language::En),
        today: "2025-04-24".parse().expect("a date"),
        format,
        models: Models::none(),
        stop: StopToken::new(),
    };
    let analysis = by_route(route).expect("a route");
    let document = analysis
        .run(body.as_bytes(), &context)
        .expect("a valid payload");
    let total: Duration = document.timings.iter().map(|(_, time)| *time).sum();
    report(route, body, format, &document);
    assert!(total < patience, "{route} took {total:?}");
    document
}

#[expect(clippy::print_stderr, reason = "the times are what one runs it for")]
fn report(route: &str, body: &str, format: Format, document: &Document) {
    let megabytes = body.len() as f64 / f64::from(1 << 20);
    eprintln!(
        "{route} ({format}), {megabytes:.1} MiB: {:?}",
        document.timings
    );
}

/// A date of 2024, as text.
fn day(stream: &mut RandomStream) -> String {
    format!(
        "2024-{:02}-{:02}",
        1 + stream.below(12),
        1 + stream.below(28)
    )
}

fn features_payload(bytes: usize) -> (String, usize) {
    let mut stream = RandomStream::new(1, "large", 0);
    let mut body = String::from("{\"customers\":[");
    let mut n_customers = 0;
    while body.len() < bytes {
        let comma = if n_customers == 0 { "" } else { "," };
        write!(
            body,
            "{comma}{{\"customer_id\":\"C-{n_customers}\",\"transactions\":["
        )
        .expect("text");
        for line in 0..=stream.below(5) {
            let comma = if line == 0 { "" } else { "," };
            let (date, product) = (day(&mut stream), stream.below(2_000));
            let amount = stream.below(50_000) as f64 / 100.0;
            write!(
                body,
                "{comma}{{\"transaction_id\":\"T-{n_customers}-{}\",\"date\":\"{date}\",\"amount\":{amount},\"product_id\":\"P-{product}\"}}",
                line / 2
            )
            .expect("text");
        }
        body.push_str("]}");
        n_customers += 1;
    }
    body.push_str("]}");
    (body, n_customers)
}

#[test]
fn twenty_megabytes_of_purchases_become_features_and_loyalty_scores() {
    let (body, n_customers) = features_payload((20 << 20) / SHRINK - 256);
    let document = answer("customer_features", &body, Format::Json);
    let features: Value = serde_json::from_slice(&document.body).expect("JSON");
    assert_eq!(
        features["customers"].as_array().map(Vec::len),
        Some(n_customers)
    );

    let body = serde_json::json!({ "customers": features["customers"] }).to_string();
    let document = answer("customer_loyalty", &body, Format::Json);
    let scores: Value = serde_json::from_slice(&document.body).expect("JSON");
    assert_eq!(
        scores["customers"].as_array().map(Vec::len),
        Some(n_customers)
    );
    let table = answer("customer_loyalty", &body, Format::Csv);
    assert_eq!(n_lines(&table.body), n_customers + 1);
}

#[test]
fn two_hundred_and_fifty_thousand_rows_are_labeled() {
    let n_rows = 250_000 / SHRINK;
    let mut stream = RandomStream::new(2, "large", 0);
    let rows: Vec<String> = (0..n_rows)
        .map(|i| {
            let last = day(&mut stream);
            format!("{{\"customer_id\":{i},\"snapshot_date\":\"2025-01-31\",\"last_purchase_date\":\"{last}\"}}")
        })
        .collect();
    let body = format!(
        "{{\"business_type\":\"ecommerce\",\"data\":[{}]}}",
        rows.join(",")
    );
    let document = answer("churn_label", &body, Format::Json);
    let labels: Vec<Value> = serde_json::from_slice(&document.body).expect("JSON");
    assert_eq!(labels.len(), n_rows);
    let table = answer("churn_label", &body, Format::Csv);
    assert_eq!(n_lines(&table.body), n_rows + 1);
}

#[test]
fn fifty_thousand_answers_fall_into_a_thousand_groups() {
    let (n_rows, n_groups) = (50_000, 1_000);
    let mut stream = RandomStream::new(3, "large", 0);
    let rows: Vec<String> = (0..n_rows)
        .map(|i| {
            let (answer, date) = (stream.below(11), day(&mut stream));
            format!(
                "{{\"customer_id\":{i},\"answer\":{answer},\"date\":\"{date}\",\"shop\":{}}}",
                i % n_groups
            )
        })
        .collect();
    let body = format!("{{\"group_by\":\"shop\",\"data\":[{}]}}", rows.join(","));
    let document = answer("nps", &body, Format::Json);
    let scores: Value = serde_json::from_slice(&document.body).expect("JSON");
    assert_eq!(scores["by_group"].as_array().map(Vec::len), Some(n_groups));
    assert_eq!(scores["trend"].as_array().map(Vec::len), Some(12));
}

/// Customers who buy at rates of their own until they leave, over the two years before the context's date.
fn buyers_payload(n_customers: usize) -> String {
    const DAYS: f64 = 730.0;
    let today = Date::parse("2025-04-24").expect("a date");
    let first = today.days_since_epoch() - DAYS as i32;
    let mut stream = RandomStream::new(4, "large", 0);
    let mut body = String::from("{\"horizon_months\":6,\"customers\":[");
    for customer in 0..n_customers {
        let comma = if customer == 0 { "" } else { "," };
        write!(
            body,
            "{comma}{{\"customer_id\":\"C-{customer}\",\"transactions\":["
        )
        .expect("text");
        let (mut day, mut comma) = (stream.uniform() * DAYS, "");
        let rate = stream.gamma(0.6) / 60.0;
        while day <= DAYS {
            let date = Date::from_days(first + day as i32).expect("a date");
            let amount = (500 + stream.below(20_000)) as f64 / 100.0;
            write!(body, "{comma}{{\"date\":\"{date}\",\"amount\":{amount}}}").expect("text");
            if stream.below(6) == 0 {
                break;
            }
            (day, comma) = (day + stream.exponential() / rate, ",");
        }
        body.push_str("]}");
    }
    body.push_str("]}");
    body
}

#[test]
fn the_lifetime_value_of_a_hundred_thousand_customers_is_forecast_and_tested() {
    let n_customers = 100_000 / SHRINK;
    let body = buyers_payload(n_customers);
    let document = answer("customer_clv_features", &body, Format::Json);
    let features: Value = serde_json::from_slice(&document.body).expect("JSON");
    assert_eq!(features["summary"]["n_customers"], n_customers);

    let document = answer_within(
        FORECAST_PATIENCE,
        "customer_clv_forecast",
        &body,
        Format::Json,
    );
    let forecast: Value = serde_json::from_slice(&document.body).expect("JSON");
    let customers = forecast["customers"].as_array().expect("customers");
    assert_eq!(customers.len(), n_customers);
    let families = forecast["evaluation_mae"].as_object().expect("families");
    assert_eq!(forecast["validation"]["evidence"], "sound");
    assert_eq!(families.len(), 2, "{}", forecast["validation"]);
    let interval = |of: &Value| {
        let end = |name: &str| of[name].as_f64().expect("a number");
        end("confidence_lower")..=end("confidence_upper")
    };
    let total = forecast["totals"]["predicted_clv"].as_f64();
    assert!(interval(&forecast["totals"]).contains(&total.expect("a total")));
    assert!(
        customers
            .iter()
            .all(|customer| !interval(customer).is_empty())
    );
}

/// Customers with the documented traits, more of them lost the more tickets they have.
fn risk_payload(n_rows: usize) -> String {
    let mut stream = RandomStream::new(5, "large", 0);
    let rows: Vec<String> = (0..n_rows)
        .map(|i| {
            let (tickets, nps) = (stream.below(8), stream.below(201) as i64 - 100);
            let (tenure, usage) = (stream.below(2_000), stream.below(700) as f64 / 100.0);
            let lost = stream.below(12) < tickets;
            format!(
                "{{\"customer_id\":\"C-{i}\",\"tenure\":{tenure},\"usage_frequency\":{usage},\"service_tickets\":{tickets},\"nps\":{nps},\"payment_events\":{},\"churned\":{lost}}}",
                stream.below(3)
            )
        })
        .collect();
    format!("{{\"data\":[{}]}}", rows.join(","))
}

#[test]
fn two_hundred_and_fifty_thousand_customers_have_their_risks_with_reasons() {
    let n_rows = 250_000 / SHRINK;
    let body = risk_payload(n_rows);
    let document = answer_within(FORECAST_PATIENCE, "churn_risk", &body, Format::Json);
    let risks: Value = serde_json::from_slice(&document.body).expect("JSON");
    assert_eq!(risks["results"].as_array().map(Vec::len), Some(n_rows));
    assert_eq!(risks["verdict"]["code"], "use");
    let table = answer_within(FORECAST_PATIENCE, "churn_risk", &body, Format::Csv);
    assert_eq!(n_lines(&table.body), n_rows + 1);
}

fn n_lines(text: &[u8]) -> usize {
    text.iter().filter(|byte| **byte == b'\n').count()
}
