//! Scores of many rows: values are coded once, then all trees see codes.

use clientela_numerics::{StopToken, Stopped};
use rayon::prelude::*;

use super::coded_tree::{BLOCK, CodedTree};
use super::tree::{Node, Tree};

/// Rows from which on it pays to code the trees first.
const MANY_ROWS: usize = 200;

/// Thresholds of a feature for which there are codes.
const THRESHOLDS_MAX: usize = 254;

/// Adds a base score and the value of each tree, in their order, to the scores of rows.
///
/// # Errors
/// [`Stopped`] when the stop token is set.
pub(crate) fn add_trees(
    trees: &[Tree],
    base_score: f64,
    columns: &[Vec<f64>],
    scores: &mut [f64],
    stop: &StopToken,
) -> Result<(), Stopped> {
    let forecaster = if scores.len() < MANY_ROWS {
        None
    } else {
        Forecaster::of(trees, columns.len())
    };
    let blocks = scores.par_chunks_mut(BLOCK).enumerate();
    blocks.try_for_each(|(block, scores)| {
        stop.poll()?;
        scores.iter_mut().for_each(|score| *score += base_score);
        match &forecaster {
            Some(forecaster) => forecaster.add_scores(columns, block * BLOCK, scores),
            None => add_row_by_row(trees, columns, block * BLOCK, scores),
        }
        Ok(())
    })
}

/// Adds trees to the scores of neighboring rows, one row after the other.
fn add_row_by_row(trees: &[Tree], columns: &[Vec<f64>], first: usize, scores: &mut [f64]) {
    for (i, score) in scores.iter_mut().enumerate() {
        let row: Vec<f64> = columns.iter().map(|column| column[first + i]).collect();
        *score = trees
            .iter()
            .fold(*score, |score, tree| score + tree.value(&row));
    }
}

/// Trees that have been coded.
struct Forecaster {
    /// The distinct thresholds of each feature, ascending.
    thresholds: Vec<Vec<f64>>,
    trees: Vec<CodedTree>,
}

impl Forecaster {
    /// `None` where a feature has more thresholds than there are codes, as no fitted model has.
    fn of(trees: &[Tree], n_features: usize) -> Option<Self> {
        let mut thresholds = vec![Vec::new(); n_features];
        for node in trees.iter().flat_map(|tree| &tree.nodes) {
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
        let trees = trees.iter().map(|tree| {
            let codes: Vec<u8> = tree.nodes.iter().map(code).collect();
            CodedTree::new(tree, &codes)
        });
        Some(Self {
            trees: trees.collect(),
            thresholds,
        })
    }

    /// Adds the trees to the scores of up to [`BLOCK`] neighboring rows.
    fn add_scores(&self, columns: &[Vec<f64>], first: usize, scores: &mut [f64]) {
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
