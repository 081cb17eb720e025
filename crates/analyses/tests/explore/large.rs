//! Large payloads are answered in full, and quickly. The times are printed; run with `--release -- --nocapture` to read
//! them. In debug builds the payloads are a twentieth as large.

use std::fmt::Write as _;
use std::time::Duration;

use clientela_analyses::{Document, Format};
use clientela_numerics::RandomStream;
use serde_json::Value;

use super::hierarchy::{chain, depth};
use super::send;

/// How much smaller the payloads of a debug build are.
const SHRINK: usize = if cfg!(debug_assertions) { 20 } else { 1 };

/// Far more than needed, so that only an algorithm of the wrong order fails on a busy machine.
const PATIENCE: Duration = Duration::from_secs(40);

fn answer(route: &str, body: &str, format: Format) -> Document {
    let document = send(route, body, format).expect("a valid payload");
    let total: Duration = document.timings.iter().map(|(_, time)| *time).sum();
    report(route, body, format, &document);
    assert!(total < PATIENCE, "{route} took {total:?}");
    document
}

#[expect(clippy::print_stderr, reason = "the times are what one runs it for")]
fn report(route: &str, body: &str, format: Format, document: &Document) {
    let megabytes = |bytes: &[u8]| bytes.len() as f64 / f64::from(1 << 20);
    eprintln!(
        "{route} ({format}), {:.1} MiB in, {:.1} MiB out: {:?}",
        megabytes(body.as_bytes()),
        megabytes(&document.body),
        document.timings
    );
}

fn json(document: &Document) -> Value {
    serde_json::from_slice(&document.body).expect("JSON")
}

/// A tree in which neighbors merge, then neighboring pairs, and so on.
fn balanced(n_leaves: usize) -> String {
    let mut open: std::collections::VecDeque<(usize, usize)> =
        (0..n_leaves).map(|leaf| (leaf, 1)).collect();
    let mut rows = Vec::new();
    while let (Some((one, a)), Some((other, b))) = (open.pop_front(), open.pop_front()) {
        open.push_back((n_leaves + rows.len(), a + b));
        rows.push(format!(
            "[{},{},{},{}]",
            one.min(other),
            one.max(other),
            rows.len() as f64 / 7.0,
            a + b
        ));
        if open.len() == 1 {
            break;
        }
    }
    let labels: Vec<String> = (0..n_leaves).map(|leaf| format!("\"C {leaf}\"")).collect();
    format!(
        "{{\"dendrogram\":{{\"linkage_matrix\":[{}],\"leaf_labels\":[{}]}}}}",
        rows.join(","),
        labels.join(",")
    )
}

#[test]
fn a_hundred_thousand_leaves_are_drawn_in_every_form() {
    let n_leaves = 100_000 / SHRINK;
    for body in [chain(n_leaves).to_string(), balanced(n_leaves)] {
        let route = "segment_hierarchy_chart";
        let links = json(&answer(route, &body, Format::Json));
        assert_eq!(
            links["nodes"].as_array().map(Vec::len),
            Some(2 * n_leaves - 1)
        );
        let text = |format| String::from_utf8(answer(route, &body, format).body).expect("text");
        assert!(depth(&text(Format::Sunburst), b'{', b'}') <= 1_000);
        assert_eq!(
            text(Format::Newick).matches(',').count(),
            n_leaves - 1,
            "one comma a merge"
        );
        let drawing = text(Format::Svg);
        assert!(drawing.len() < 1 << 20);
        let is_condensed = n_leaves > 2_000;
        // The line below the title may break anywhere between words.
        let says = drawing.contains("a triangle stands") || drawing.contains("triangle stands for");
        assert_eq!(says, is_condensed, "the drawing says what it leaves out");
    }
}

/// Shoppers of a few kinds, most of them small; labels by kind.
fn shoppers(n_customers: usize, n_labels: u64, options: &str) -> String {
    let mut stream = RandomStream::new(4, "explore", 0);
    let (mut rows, mut labels) = (String::new(), String::new());
    for i in 0..n_customers {
        let kind = stream.below(n_labels);
        let comma = if i == 0 { "" } else { "," };
        let frequency = 1 + stream.below(4 + 6 * (kind % 5));
        let amount = stream.below(20_000 * frequency) as f64 / 100.0;
        let types: Vec<String> = (0..=stream.below(4))
            .map(|_| format!("\"type {}\"", stream.below(40 + 20 * (kind % 7))))
            .collect();
        write!(
            rows,
            "{comma}{{\"id\":\"C-{i}\",\"frequency\":{frequency},\"amount_spent\":{amount},\"product_types\":[{}]}}",
            types.join(",")
        )
        .expect("text");
        write!(labels, "{comma}\"C-{i}\":{kind}").expect("text");
    }
    format!("{{{options}\"customers\":[{rows}],\"labels\":{{{labels}}}}}")
}

#[test]
fn sixty_thousand_customers_are_profiled_and_divided() {
    let n_customers = 60_000 / SHRINK;
    for n_labels in [5, 2_000] {
        let body = shoppers(n_customers, n_labels, "");
        let profiles = json(&answer("segment_cluster_profiles", &body, Format::Json));
        let counted: u64 = profiles["cluster_profiles"]
            .as_array()
            .expect("profiles")
            .iter()
            .filter_map(|profile| profile["n_customers"].as_u64())
            .sum();
        assert_eq!(counted as usize, n_customers);
        let table = answer("segment_subsegment_explore", &body, Format::Csv).body;
        let n_lines = table.iter().filter(|byte| **byte == b'\n').count();
        assert_eq!(n_lines, n_customers + 1);
    }
    let body = shoppers(n_customers, 1, "\"scaling\":\"zscore\",");
    let whole = json(&answer("segment_subsegment_explore", &body, Format::Json));
    assert_eq!(
        whole["subsegment_results"]["0"]["nested_labels"]
            .as_object()
            .map(serde_json::Map::len),
        Some(n_customers)
    );
}

#[test]
fn sixty_thousand_customers_have_a_whole_tree() {
    let n_customers = 60_000 / SHRINK;
    let body = shoppers(n_customers, 1, "\"scaling\":\"log_zscore\",");
    let found = json(&answer(
        "purchasing_segmentation_dendrogram",
        &body,
        Format::Json,
    ));
    assert_eq!(
        found["dendrogram"]["linkage_matrix"]
            .as_array()
            .map(Vec::len),
        Some(n_customers - 1)
    );
}
