//! What holds of every segmentation, whatever the base: the order of the payload decides nothing but the order of the
//! answer, threads decide nothing at all, and a stop is heard at once.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::{Duration, Instant};

use clientela_analyses::{Context, Failure, Format, Models, StopToken, by_route};
use clientela_numerics::RandomStream;
use clientela_test_support::compare;
use proptest::prelude::*;
use serde_json::{Value, json};

fn run(request: &[u8], stop: StopToken) -> Result<Vec<u8>, Failure> {
    let context = Context {
        language: None,
        today: "2025-04-24".parse().expect("a date"),
        format: Format::Json,
        models: Models::none(),
        stop,
    };
    let analysis = by_route("purchasing_segmentation").expect("a route");
    Ok(analysis.run(request, &context)?.body)
}

fn answer(request: &Value) -> Value {
    let body = run(request.to_string().as_bytes(), StopToken::new()).expect("a valid request");
    let mut answer: Value = serde_json::from_slice(&body).expect("JSON");
    compare::without_clock(&mut answer);
    answer
}

/// Cluster of each customer, by id, numbered by the smallest id of its cluster: the partition without its numbering.
fn partition(labels: impl Iterator<Item = (String, i64)>) -> BTreeMap<String, i64> {
    let sorted: BTreeMap<String, i64> = labels.collect();
    let mut number_of: BTreeMap<i64, i64> = BTreeMap::new();
    let number = |(id, label): (String, i64)| {
        let fresh = number_of.len() as i64;
        let number = if label < 0 {
            -1
        } else {
            *number_of.entry(label).or_insert(fresh)
        };
        (id, number)
    };
    sorted.into_iter().map(number).collect()
}

fn shopper_partition(answer: &Value) -> BTreeMap<String, i64> {
    let labels = answer["labels"].as_object().expect("labels");
    partition(
        labels
            .iter()
            .map(|(id, label)| (id.clone(), label.as_i64().expect("a label"))),
    )
}

fn vector_partition(answer: &Value) -> BTreeMap<String, i64> {
    let labels = answer["customer_labels"].as_array().expect("labels");
    let pair = |label: &Value| {
        let id = label["customer_id"].as_str().expect("an id").to_owned();
        (id, label["cluster_id"].as_i64().expect("a label"))
    };
    partition(labels.iter().map(pair))
}

/// The merges as what they join: distance and number of customers, ascending.
fn merges(answer: &Value) -> Vec<(String, u64)> {
    let rows = answer["dendrogram"]["linkage_matrix"]
        .as_array()
        .expect("rows");
    let row = |row: &Value| (row[2].to_string(), row[3].as_u64().expect("a count"));
    let mut merges: Vec<(String, u64)> = rows.iter().map(row).collect();
    merges.sort();
    merges
}

/// Few values, so that ties and duplicates are frequent.
fn shopper() -> impl Strategy<Value = (u32, u32, Vec<&'static str>)> {
    let types = prop::sample::subsequence(vec!["tea", "wine", "bread", "soap"], 1..=3);
    (1_u32..6, 0_u32..8, types)
}

/// Number of the customer, frequency, amount, product types.
type ShopperRow = (usize, (u32, u32, Vec<&'static str>));
/// Number of the customer, and four features.
type VectorRow = (usize, (u32, u32, u32, u32));

fn shopper_request(rows: &[ShopperRow], options: &Value) -> Value {
    let customer = |(index, (frequency, tens, types)): &(usize, (u32, u32, Vec<&'static str>))| json!({ "id": format!("c{index:03}"), "frequency": frequency, "amount_spent": f64::from(*tens) * 10.1, "product_types": types });
    let mut request = options.clone();
    request["customers"] = rows.iter().map(customer).collect();
    request
}

fn shopper_options() -> impl Strategy<Value = Value> {
    let scaling = prop::sample::select(vec!["none", "zscore", "log_zscore"]);
    let features = prop::sample::select(vec!["numeric", "numeric+categories"]);
    (scaling, features).prop_map(|(scaling, features)| {
        json!({ "k_range": [2, 3, 4], "scaling": scaling, "features": features, "dbscan_eps": 0.9, "dbscan_min_samples": 3 })
    })
}

fn feature_row() -> impl Strategy<Value = (u32, u32, u32, u32)> {
    (0_u32..5, 0_u32..4, 0_u32..3, 0_u32..5)
}

fn vector_request(rows: &[VectorRow]) -> Value {
    let customer = |&(index, (total, visits, products, days)): &(usize, (u32, u32, u32, u32))| {
        json!({ "customer_id": format!("c{index:03}"), "features": {
            "purchase_total": f64::from(total) * 33.3, "visit_frequency": visits, "avg_ticket": f64::from(total) * 1.7,
            "product_diversity": products, "recency_days": days * 30 } })
    };
    let data: Value = rows.iter().map(customer).collect();
    json!({ "max_clusters": 5, "dbscan_eps": 0.9, "dbscan_min_samples": 3, "data": data })
}

#[test]
fn the_reference_base_gives_the_published_figures() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let request = folder.join("tests/golden/purchasing_segmentation/basic/request.json");
    let request = std::fs::read(request).expect("the reference base");
    let found = answer(&serde_json::from_slice(&request).expect("JSON"));
    let best = &found["best_model"];
    assert_eq!(
        (&best["algo"], &best["k"], &best["n_clusters"]),
        (&json!("agglo"), &json!(3), &json!(3))
    );
    for (score, published) in [("silhouette", 0.678_362), ("davies_bouldin", 0.376_152)] {
        let score = best[score].as_f64().expect("a score");
        assert!((score - published).abs() < 5e-5, "{score} for {published}");
    }
    assert_eq!(
        found["centroids"],
        json!([
            [8.81, 591.11, 1.97],
            [23.14, 2577.37, 2.29],
            [29.0, 4321.68, 4.0]
        ])
    );
    assert_eq!(
        (&found["labels"]["C001"], &found["labels"]["C002"]),
        (&json!(2), &json!(0))
    );
    assert_eq!(
        found["interpretations_en"]["0"],
        "31 customers, avg spend 591, 8.8 purchases. Top categories: wine, cheese, tea."
    );
    assert!(
        found["interpretations_en"]["1"]
            .as_str()
            .expect("text")
            .starts_with("7 customers, avg spend 2 577, ")
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_order_of_shoppers_changes_no_partition_score_or_height(
        rows in prop::collection::vec(shopper(), 1..40),
        options in shopper_options(),
        seed in any::<u64>(),
    ) {
        let mut rows: Vec<_> = rows.into_iter().enumerate().collect();
        let before = answer(&shopper_request(&rows, &options));
        RandomStream::new(seed, "order", 0).shuffle(&mut rows);
        let after = answer(&shopper_request(&rows, &options));
        prop_assert_eq!(shopper_partition(&before), shopper_partition(&after));
        prop_assert_eq!(merges(&before), merges(&after));
        for same in ["benchmark", "best_model", "alternative", "scaling_used", "warnings", "variance_share"] {
            prop_assert_eq!(&before[same], &after[same]);
        }
    }

    #[test]
    fn the_order_of_feature_vectors_changes_no_partition_or_score(
        rows in prop::collection::vec(feature_row(), 1..40),
        seed in any::<u64>(),
    ) {
        let mut rows: Vec<_> = rows.into_iter().enumerate().collect();
        let before = answer(&vector_request(&rows));
        RandomStream::new(seed, "order", 0).shuffle(&mut rows);
        let after = answer(&vector_request(&rows));
        prop_assert_eq!(vector_partition(&before), vector_partition(&after));
        for same in ["best_algorithm", "evaluation_metrics", "warnings"] {
            prop_assert_eq!(&before[same], &after[same]);
        }
    }

    #[test]
    fn what_an_answer_says_of_its_clusters_agrees_with_its_labels(
        rows in prop::collection::vec(shopper(), 1..40),
        options in shopper_options(),
    ) {
        let rows: Vec<_> = rows.into_iter().enumerate().collect();
        let found = answer(&shopper_request(&rows, &options));
        let n_clusters = found["best_model"]["n_clusters"].as_u64().expect("a count") as usize;
        let mut sizes = vec![0_u64; n_clusters];
        for label in found["labels"].as_object().expect("labels").values() {
            if let Ok(cluster) = usize::try_from(label.as_i64().expect("a label")) {
                sizes[cluster] += 1;
            }
        }
        prop_assert!(sizes.is_sorted_by(|a, b| a >= b) && sizes.iter().all(|&size| size > 0));
        let legend = found["dendrogram"]["cluster_legend"].as_array().expect("a legend");
        let legend: Vec<u64> = legend.iter().map(|entry| entry["n_customers"].as_u64().expect("a count")).collect();
        prop_assert_eq!(legend, sizes);
        prop_assert_eq!(found["centroids"].as_array().map(Vec::len), Some(n_clusters));
        prop_assert_eq!(found["interpretations_en"].as_object().map(serde_json::Map::len), Some(n_clusters));
        let names: Vec<&str> =
            found["personas"].as_array().expect("personas").iter().map(|p| p["name"].as_str().expect("a name")).collect();
        let distinct: std::collections::BTreeSet<&str> = names.iter().copied().collect();
        prop_assert_eq!((names.len(), distinct.len()), (n_clusters, n_clusters), "no name twice");
    }
}

/// Shoppers of three kinds with continuous spend, so that rows are distinct.
fn large_request(n_customers: usize, options: &str) -> String {
    let mut stream = RandomStream::new(3, "large", 0);
    let mut body = format!("{{{options}\"customers\":[");
    for i in 0..n_customers {
        let comma = if i == 0 { "" } else { "," };
        let kind = [2.0, 9.0, 30.0][stream.below(3) as usize];
        let frequency = 1 + (kind * stream.uniform()) as u32;
        let amount = (kind * kind * (1.0 + stream.uniform()) * 10_000.0).round() / 1_000.0;
        write!(
            body,
            "{comma}{{\"id\":{i},\"frequency\":{frequency},\"amount_spent\":{amount},\"product_types\":[\"t{}\",\"t{}\"]}}",
            stream.below(40),
            stream.below(9),
        )
        .expect("text");
    }
    body.push_str("]}");
    body
}

#[test]
fn a_base_that_fills_several_blocks_is_segmented_alike_on_any_number_of_threads() {
    let request = large_request(18_000, "\"k_range\":[3],\"scaling\":\"zscore\",");
    let on_threads = |n_threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(n_threads)
            .build();
        let body = pool
            .expect("a pool")
            .install(|| run(request.as_bytes(), StopToken::new()));
        let mut answer: Value = serde_json::from_slice(&body.expect("an answer")).expect("JSON");
        compare::without_clock(&mut answer);
        answer.to_string()
    };
    let expected = on_threads(1);
    for n_threads in [2, 3, 7] {
        assert!(
            on_threads(n_threads) == expected,
            "{n_threads} threads differ from one"
        );
    }
}

#[test]
fn a_stop_is_heard_in_every_stage() {
    let request = large_request(20_000, "\"features\":\"numeric+categories\",");
    let context = Context {
        language: None,
        today: "2025-04-24".parse().expect("a date"),
        format: Format::Json,
        models: Models::none(),
        stop: StopToken::new(),
    };
    let analysis = by_route("purchasing_segmentation").expect("a route");
    let started = Instant::now();
    analysis
        .check(request.as_bytes(), &context)
        .expect("a valid request");
    // Reading does not listen, and takes long in debug builds.
    let reading = started.elapsed();
    for wait_ms in [0, 100, 400, 1_500] {
        let stop = StopToken::new();
        let owner = stop.clone();
        let asked = std::thread::spawn(move || {
            std::thread::sleep(reading + Duration::from_millis(wait_ms));
            owner.stop();
            Instant::now()
        });
        let outcome = run(request.as_bytes(), stop);
        let ended = Instant::now();
        let delay = ended.saturating_duration_since(asked.join().expect("a time"));
        assert!(
            matches!(outcome, Err(Failure::OutOfTime)),
            "{wait_ms} ms into the analysis"
        );
        // The cores are to be free within 200 ms; a busy machine may hold the thread itself back.
        assert!(
            delay < Duration::from_millis(1_000),
            "heard after {delay:?}, {wait_ms} ms into the analysis"
        );
    }
}
