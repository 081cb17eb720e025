//! LightGBM's own trees and what it says its features contribute.

use clientela_learn::boosting::{Node, Tree};
use clientela_learn::tree_shap::TreeExplainer;
use serde_json::Value;

use crate::data::explain;

fn reals(value: &Value) -> Vec<f64> {
    let values = value.as_array().expect("a list").iter();
    values
        .map(|value| value.as_f64().unwrap_or(f64::NAN))
        .collect()
}

fn node(value: &Value) -> Node {
    match reals(value)[..] {
        [value, cover] => Node::Leaf { value, cover },
        [feature, threshold, missing_left, cover, left, right] => Node::Split {
            feature: feature as u32,
            threshold,
            missing_left: missing_left > 0.0,
            gain: 0.0,
            cover,
            left: left as u32,
            right: right as u32,
        },
        _ => panic!("a leaf or a split"),
    }
}

#[test]
fn attributions_match_lightgbm() {
    let fixture: Value = serde_json::from_str(include_str!("lightgbm.json")).expect("JSON");
    let list = |name: &str| fixture[name].as_array().expect("a list").clone();
    let trees: Vec<Tree> = list("trees")
        .iter()
        .map(|nodes| Tree {
            nodes: nodes.as_array().expect("nodes").iter().map(node).collect(),
        })
        .collect();
    let columns: Vec<Vec<f64>> = list("columns").iter().map(reals).collect();
    let n_features = columns.len();
    let explainer = TreeExplainer::new(&trees, 1.0, n_features);
    let found = explain(&explainer, &columns);
    let expected: Vec<Vec<f64>> = list("contributions").iter().map(reals).collect();
    assert!(trees.len() == 20 && expected.len() == 200);
    for (found, expected) in found.chunks(n_features).zip(&expected) {
        for (found, expected) in found.iter().chain([&explainer.base()]).zip(expected) {
            assert!((found - expected).abs() < 1e-12, "{found}, not {expected}");
        }
    }
}
