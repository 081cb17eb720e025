//! What holds for every body: each route answers it without a panic, and who stands first in a payload decides nothing
//! but the order of the answer.

use clientela_analyses::{ALL, Context, Failure, Format, Language, Models, StopToken, by_route};
use clientela_test_support::compare;
use proptest::collection::{hash_map, vec};
use proptest::prelude::*;
use serde_json::{Value, json};

fn context() -> Context {
    Context {
        language: Some(Language::En),
        today: "2025-04-24".parse().expect("a date"),
        format: Format::Json,
        models: Models::none(),
        stop: StopToken::new(),
    }
}

/// Every route must answer, or say what is wrong.
fn assert_answered(body: &[u8]) -> Result<(), TestCaseError> {
    for analysis in ALL {
        let Err(failure) = analysis.run(body, &context()) else {
            continue;
        };
        let is_explained = match &failure {
            Failure::Malformed { .. } => true,
            Failure::Invalid {
                violations, total, ..
            } => !violations.is_empty() && violations.len() <= *total,
            _ => false,
        };
        prop_assert!(is_explained, "{}: {failure:?}", analysis.name());
    }
    Ok(())
}

const KNOWN: [&str; 25] = [
    "customers",
    "data",
    "labels",
    "customer_id",
    "id",
    "transactions",
    "date",
    "amount",
    "answer",
    "today",
    "bins",
    "features",
    "weights",
    "linkage",
    "leaf_labels",
    "business_type",
    "lang",
    "churned",
    "tenure",
    "snapshot_date",
    "value_column",
    "actionable",
    "ignore_columns",
    "2025-01-31",
    "1",
];

/// Keys and texts that routes know are as likely as any others, so that values reach the rules.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => proptest::sample::select(&KNOWN[..]).prop_map(str::to_owned),
        1 => any::<String>(),
    ]
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (-5..12_i64).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 60, 8, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Value::from),
            hash_map(text(), inner, 0..6).prop_map(|fields| json!(fields)),
        ]
    })
}

/// A base for `customer_rfm`: customers with few different values, so that many are equal.
fn base() -> impl Strategy<Value = Vec<Value>> {
    let transaction = (1..28_u32, 0..40_u32, 0..4_u32).prop_map(|(day, quarters, id)| {
        let transaction_id = if id == 0 { Value::Null } else { json!(id) };
        json!({ "date": format!("2025-03-{day:02}"), "amount": f64::from(quarters) / 4.0, "transaction_id": transaction_id })
    });
    vec(vec(transaction, 1..5), 1..30).prop_map(|histories| {
        let customer = |(index, transactions): (usize, Vec<Value>)| json!({ "customer_id": format!("c{index}"), "transactions": transactions });
        histories.into_iter().enumerate().map(customer).collect()
    })
}

/// The answer of `customer_rfm`, customers by id, without what a clock or the bytes of the body decide.
fn answer(customers: &[Value], bins: u32) -> (Vec<String>, Value) {
    let body = json!({ "bins": bins, "today": "2025-04-24", "customers": customers }).to_string();
    let document = by_route("customer_rfm")
        .expect("a route")
        .run(body.as_bytes(), &context())
        .expect("a valid body");
    let mut answer: Value = serde_json::from_slice(&document.body).expect("JSON");
    compare::without_clock(&mut answer);
    answer["run"]["input_digest"] = Value::Null;
    let rows = answer["customers"].as_array_mut().expect("customers");
    let id = |row: &Value| row["customer_id"].as_str().expect("an id").to_owned();
    let ids = rows.iter().map(id).collect();
    rows.sort_by_key(id);
    (ids, answer)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_answered_without_a_panic(body in vec(any::<u8>(), 0..200)) {
        assert_answered(&body)?;
    }

    #[test]
    fn any_text_of_json_characters_is_answered_without_a_panic(body in "[\\[\\]{}\":,\\\\ntuefals01e+.-]{0,60}") {
        assert_answered(body.as_bytes())?;
    }

    #[test]
    fn any_json_is_answered_without_a_panic(body in any_json()) {
        assert_answered(body.to_string().as_bytes())?;
    }

    #[test]
    fn who_stands_first_decides_nothing_but_the_order_of_the_answer(
        (customers, shuffled) in base().prop_flat_map(|base| (Just(base.clone()), Just(base).prop_shuffle())),
        bins in 2..=10_u32,
    ) {
        let (ids, expected) = answer(&customers, bins);
        let (shuffled_ids, found) = answer(&shuffled, bins);
        let sent = |customers: &[Value]| -> Vec<String> {
            customers.iter().map(|customer| customer["customer_id"].as_str().expect("an id").to_owned()).collect()
        };
        prop_assert_eq!(ids, sent(&customers));
        prop_assert_eq!(shuffled_ids, sent(&shuffled));
        prop_assert_eq!(expected, found);
    }
}
