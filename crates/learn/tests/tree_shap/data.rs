//! Trees and rows for the tests.

use clientela_learn::boosting::{Node, Tree};
use clientela_learn::tree_shap::TreeExplainer;
use clientela_numerics::{RandomStream, StopToken};

/// Values that splits and rows are drawn from.
const N_VALUES: u64 = 8;

/// A tree of random splits with covers that add up; features may be asked for again and again on the same way.
pub fn drawn_tree(n_splits: usize, n_features: usize, stream: &mut RandomStream) -> Tree {
    let mut nodes = vec![Node::Leaf {
        value: stream.normal(),
        cover: 1000.0,
    }];
    for _ in 0..n_splits {
        let leaves: Vec<usize> = (0..nodes.len())
            .filter(|&at| matches!(nodes[at], Node::Leaf { .. }))
            .collect();
        let at = leaves[stream.below(leaves.len() as u64) as usize];
        let (cover, left) = (nodes[at].cover(), nodes.len() as u32);
        nodes[at] = Node::Split {
            feature: stream.below(n_features as u64) as u32,
            threshold: match stream.below(N_VALUES + 1) {
                N_VALUES => f64::INFINITY,
                value => value as f64,
            },
            missing_left: stream.below(2) == 0,
            gain: 1.0,
            cover,
            left,
            right: left + 1,
        };
        let share = stream.uniform();
        for cover in [cover * share, cover * (1.0 - share)] {
            nodes.push(Node::Leaf {
                value: stream.normal(),
                cover,
            });
        }
    }
    Tree { nodes }
}

/// Rows by column; about one value in five is missing.
pub fn drawn_columns(n_rows: usize, n_features: usize, stream: &mut RandomStream) -> Vec<Vec<f64>> {
    let value = |stream: &mut RandomStream| {
        if stream.uniform() < 0.2 {
            f64::NAN
        } else {
            stream.below(N_VALUES + 2) as f64 - 0.5 * stream.below(2) as f64
        }
    };
    let mut column = || (0..n_rows).map(|_| value(stream)).collect();
    (0..n_features).map(|_| column()).collect()
}

pub fn row_of(columns: &[Vec<f64>], row: usize) -> Vec<f64> {
    columns.iter().map(|column| column[row]).collect()
}

pub fn explain(explainer: &TreeExplainer, columns: &[Vec<f64>]) -> Vec<f64> {
    let found = explainer.explain(columns, &StopToken::new());
    found.expect("nobody asks to stop")
}

/// The first rows, by column.
pub fn first_rows(columns: &[Vec<f64>], n_rows: usize) -> Vec<Vec<f64>> {
    let columns = columns.iter();
    columns.map(|column| column[..n_rows].to_vec()).collect()
}
