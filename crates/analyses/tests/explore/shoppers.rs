//! What holds of profiles, trees and segments within segments, whatever the base.

use std::collections::{BTreeMap, BTreeSet};

use clientela_analyses::Format;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{answer, send};

/// Frequency, hundredths spent, product types, label.
type Row = (u32, u32, Vec<&'static str>, i32);

fn row() -> impl Strategy<Value = Row> {
    let types = prop::collection::vec(prop::sample::select(vec!["tea", "rum", "ink", "pen"]), 1..4);
    (1_u32..30, 0_u32..200_000, types, -1..4_i32)
}

/// Bases with some equal rows.
fn rows() -> impl Strategy<Value = Vec<Row>> {
    prop::collection::vec(row(), 1..30).prop_map(|mut rows| {
        let again: Vec<Row> = rows.iter().step_by(3).cloned().collect();
        rows.extend(again);
        rows
    })
}

/// The base in an order: customers keep their ids.
fn request(rows: &[Row], order: &[usize], options: Value) -> Value {
    let customer = |&i: &usize| {
        let (frequency, hundredths, types, _) = &rows[i];
        json!({ "id": i, "frequency": frequency, "amount_spent": f64::from(*hundredths) / 100.0, "product_types": types })
    };
    let Value::Object(mut request) = options else {
        unreachable!("options are an object")
    };
    request.insert("customers".into(), order.iter().map(customer).collect());
    request.into()
}

fn labels(rows: &[Row]) -> Value {
    let label = |(i, row): (usize, &Row)| (i.to_string(), json!(row.3));
    rows.iter()
        .enumerate()
        .map(label)
        .collect::<Map<_, _>>()
        .into()
}

fn straight(rows: &[Row]) -> Vec<usize> {
    (0..rows.len()).collect()
}

/// An order that moves every row.
fn shuffled(rows: &[Row]) -> Vec<usize> {
    let n = rows.len();
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by_key(|&i| (i * 7_919 + 13) % 101);
    order
}

/// Groups of ids, without their numbering.
fn groups(labels: &Value) -> BTreeSet<Vec<String>> {
    let mut groups: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (id, label) in labels.as_object().expect("labels") {
        groups
            .entry(label.to_string())
            .or_default()
            .push(id.clone());
    }
    groups
        .into_values()
        .map(|mut ids| {
            ids.sort();
            ids
        })
        .collect()
}

fn numbers<'a>(rows: &'a Value, key: &'a str) -> impl Iterator<Item = f64> + 'a {
    let rows = rows.as_array().expect("rows").iter();
    rows.filter_map(move |row| row[key].as_f64())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn profiles_account_for_every_customer_and_all_revenue(rows in rows()) {
        let options = json!({ "labels": labels(&rows) });
        let found = answer("segment_cluster_profiles", &request(&rows, &straight(&rows), options.clone()));
        let profiles = &found["cluster_profiles"];
        let n_noise = rows.iter().filter(|row| row.3 < 0).count();
        let n_customers: f64 = numbers(profiles, "n_customers").sum();
        prop_assert_eq!(n_customers as usize + n_noise, rows.len());

        let spent = |noise: bool| -> u64 {
            rows.iter().filter(|row| noise || row.3 >= 0).map(|row| u64::from(row.1)).sum()
        };
        let shares: Vec<f64> = numbers(profiles, "share_of_revenue_pct").collect();
        if spent(true) > 0 {
            let expected = 100.0 * spent(false) as f64 / spent(true) as f64;
            prop_assert!((shares.iter().sum::<f64>() - expected).abs() <= 0.005 * shares.len() as f64 + 1e-9);
        } else {
            prop_assert!(shares.is_empty());
        }

        // Ties between categories go by the payload; all else does not.
        let mut again = answer("segment_cluster_profiles", &request(&rows, &shuffled(&rows), options));
        let mut found = found;
        for answer in [&mut found, &mut again] {
            for profile in answer["cluster_profiles"].as_array_mut().expect("profiles") {
                profile.as_object_mut().expect("an object").retain(|key, _| !key.starts_with("top_categories"));
            }
        }
        prop_assert_eq!(&found["cluster_profiles"], &again["cluster_profiles"]);
    }

    #[test]
    fn subsegments_divide_their_segment(rows in rows(), scaling in prop::sample::select(vec!["none", "zscore", "log_zscore"])) {
        let options = json!({ "labels": labels(&rows), "scaling": scaling, "k_range": [2, 3, 4] });
        let found = answer("segment_subsegment_explore", &request(&rows, &straight(&rows), options.clone()));
        let permuted = answer("segment_subsegment_explore", &request(&rows, &shuffled(&rows), options.clone()));
        let results = found["subsegment_results"].as_object().expect("results");
        prop_assert_eq!(results.len(), permuted["subsegment_results"].as_object().map_or(0, Map::len));
        for (parent, result) in results {
            let parent_id: i32 = parent.parse().expect("a label");
            let members: BTreeSet<String> =
                (0..rows.len()).filter(|&i| rows[i].3 == parent_id).map(|i| i.to_string()).collect();
            let nested = result["nested_labels"].as_object().expect("labels");
            prop_assert_eq!(&nested.keys().cloned().collect::<BTreeSet<_>>(), &members);
            let best_k = result["best_k"].as_u64().expect("a number") as usize;
            prop_assert_eq!(groups(&result["nested_labels"]).len(), best_k);
            let sizes: Vec<f64> = numbers(&result["nested_cluster_legend"], "n_customers").collect();
            prop_assert_eq!(sizes.iter().sum::<f64>() as usize, members.len());
            prop_assert!(sizes.is_sorted_by(|a, b| a >= b));
            prop_assert_eq!(result["nested_centroids"]["values"].as_array().map(Vec::len), Some(best_k));

            let other = &permuted["subsegment_results"][parent];
            prop_assert_eq!(groups(&result["nested_labels"]), groups(&other["nested_labels"]));
            prop_assert_eq!(&result["benchmark"], &other["benchmark"]);
            prop_assert_eq!(&result["selection_description"], &other["selection_description"]);

            let mut alone = options.clone();
            alone["target_cluster"] = json!(parent_id);
            let alone = answer("segment_subsegment_explore", &request(&rows, &straight(&rows), alone));
            prop_assert_eq!(&alone["subsegment_results"][parent], result);
        }
    }

    #[test]
    fn a_dendrogram_can_be_drawn_as_it_is(rows in rows(), max_leaves in 1_usize..40) {
        let options = json!({ "dendrogram_max_leaves": max_leaves, "scaling": "zscore" });
        let found = answer("purchasing_segmentation_dendrogram", &request(&rows, &straight(&rows), options));
        let sizes: f64 = numbers(&found["dendrogram"]["cluster_legend"], "n_customers").sum();
        prop_assert_eq!(sizes as usize, rows.len());
        let body = json!({ "dendrogram": found["dendrogram"] }).to_string();
        for format in [Format::Json, Format::Sunburst, Format::Newick, Format::Svg] {
            let document = send("segment_hierarchy_chart", &body, format).expect("a valid tree");
            // A tree condensed above its clusters does not show them, and among equal distances another cut may be meant.
            let remarks_max = usize::from(format == Format::Svg);
            prop_assert!(document.n_warnings <= remarks_max, "{format}");
        }
    }
}
