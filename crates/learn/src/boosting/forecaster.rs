//! Scores of many rows: values are coded once, then all trees see codes.

use super::GradientBoosting;
use super::coded_tree::{BLOCK, CodedTree};
use super::tree::Node;

/// Thresholds of a feature for which there are codes.
const THRESHOLDS_MAX: usize = 254;

/// A booster whose trees have been coded.
pub(super) struct Forecaster<'a> {
    model: &'a GradientBoosting,
    /// The distinct thresholds of each feature, ascending.
    thresholds: Vec<Vec<f64>>,
    trees: Vec<CodedTree>,
}

impl<'a> Forecaster<'a> {
    /// `None` where a feature has more thresholds than there are codes, as no fitted model has.
    pub(super) fn of(model: &'a GradientBoosting) -> Option<Self> {
        let mut thresholds = vec![Vec::new(); model.n_features];
        for node in model.trees.iter().flat_map(|tree| &tree.nodes) {
            if let Node::Split {
                feature, threshold, ..
            } = *node
            {
                thresholds[feature as usize].push(threshold);
            }
        }
        for thresholds in &mut thresholds {
            thresholds.sort_by(f64::total_cmp);
            thresholds.dedup();
        }
        if thresholds.iter().any(|all| all.len() > THRESHOLDS_MAX) {
            return None;
        }
        let code = |node: &Node| match *node {
            Node::Leaf { .. } => 0,
            Node::Split {
                feature, threshold, ..
            } => code_of(&thresholds[feature as usize], threshold),
        };
        let trees = model.trees.iter().map(|tree| {
            let codes: Vec<u8> = tree.nodes.iter().map(code).collect();
            CodedTree::new(tree, &codes)
        });
        Some(Self {
            model,
            trees: trees.collect(),
            thresholds,
        })
    }

    /// Adds base score and trees to the scores of up to [`BLOCK`] neighboring rows.
    pub(super) fn add_scores(&self, columns: &[Vec<f64>], first: usize, scores: &mut [f64]) {
        let rows = first..first + scores.len();
        let coded = columns.iter().zip(&self.thresholds);
        let codes: Vec<Vec<u8>> = coded
            .map(|(column, thresholds)| {
                let values = &column[rows.clone()];
                values
                    .iter()
                    .map(|&value| code_of(thresholds, value))
                    .collect()
            })
            .collect();
        for score in &mut *scores {
            *score += self.model.base_score;
        }
        let mut leaves = [0; BLOCK];
        let leaves = &mut leaves[..scores.len()];
        for tree in &self.trees {
            tree.find_leaves(|feature| &codes[feature], leaves);
            for (score, &leaf) in scores.iter_mut().zip(&*leaves) {
                *score += tree.values[leaf as usize];
            }
        }
    }
}

/// 0 for NaN, else 1 and the number of thresholds below the value: of values, who is at most a threshold has at most its code.
fn code_of(thresholds: &[f64], value: f64) -> u8 {
    if value.is_nan() {
        0
    } else {
        (thresholds.partition_point(|&threshold| threshold < value) + 1) as u8
    }
}
