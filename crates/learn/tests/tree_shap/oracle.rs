//! The definition, word for word: every coalition, and both sides of each split that it does not know.

use clientela_learn::boosting::{Node, Tree};
use clientela_learn::tree_shap::TreeExplainer;
use clientela_numerics::RandomStream;

use crate::data::{drawn_columns, drawn_tree, explain, first_rows, row_of};

/// What a tree expects of a row of which the features of a coalition are known, a bit each.
fn worth(tree: &Tree, at: usize, row: &[f64], coalition: u32) -> f64 {
    match tree.nodes[at] {
        Node::Leaf { value, .. } => value,
        Node::Split {
            feature,
            threshold,
            missing_left,
            left,
            right,
            ..
        } => {
            let children = [left as usize, right as usize];
            if coalition >> feature & 1 == 1 {
                let value = row[feature as usize];
                let goes_left = if value.is_nan() {
                    missing_left
                } else {
                    value <= threshold
                };
                return worth(tree, children[usize::from(!goes_left)], row, coalition);
            }
            let covers = children.map(|child| tree.nodes[child].cover());
            let [l, r] = children.map(|child| worth(tree, child, row, coalition));
            (covers[0] * l + covers[1] * r) / (covers[0] + covers[1])
        }
    }
}

/// Shapley values by their definition: Shapley (1953), "A Value for n-Person Games".
fn shapley_values(worth: impl Fn(u32) -> f64, n_players: usize) -> Vec<f64> {
    let worths: Vec<f64> = (0..1_u32 << n_players).map(worth).collect();
    let factorial = |n: usize| (1..=n).map(|i| i as f64).product::<f64>();
    let value = |player: usize| {
        let others = (0..1_u32 << n_players).filter(|coalition| coalition >> player & 1 == 0);
        let terms = others.map(|coalition| {
            let size = coalition.count_ones() as usize;
            let weight = factorial(size) * factorial(n_players - size - 1) / factorial(n_players);
            weight * (worths[(coalition | 1 << player) as usize] - worths[coalition as usize])
        });
        terms.sum()
    };
    (0..n_players).map(value).collect()
}

/// Trees of all sizes; with few rows leaves are taken one by one, with many whole branches by tables.
#[test]
fn attributions_are_shapley_values_over_all_coalitions() {
    const N_ORACLE: usize = 12;
    let mut stream = RandomStream::new(3, "tree shap oracle", 0);
    for (n_features, n_splits) in [(1, 1), (1, 6), (2, 3), (3, 7), (5, 15), (6, 40), (7, 120)] {
        let trees: Vec<Tree> = (0..3)
            .map(|_| drawn_tree(n_splits, n_features, &mut stream))
            .collect();
        let explainer = TreeExplainer::new(&trees, 0.7, n_features);
        let columns = drawn_columns(3000, n_features, &mut stream);
        let expected = |row: usize| {
            let row = row_of(&columns, row);
            let worth = |coalition| {
                let worths = trees.iter().map(|tree| worth(tree, 0, &row, coalition));
                0.7 * worths.sum::<f64>()
            };
            assert!((explainer.base() - worth(0)).abs() < 1e-12);
            shapley_values(worth, n_features)
        };
        let expected: Vec<f64> = (0..N_ORACLE).flat_map(expected).collect();
        for n_rows in [N_ORACLE, 60, 300, 3000] {
            let found = explain(&explainer, &first_rows(&columns, n_rows));
            assert_eq!(found.len(), n_rows * n_features);
            for (found, expected) in found.iter().zip(&expected) {
                assert!(
                    (found - expected).abs() < 1e-12,
                    "{n_features} features, {n_splits} splits, {n_rows} rows: {found}, not {expected}"
                );
            }
        }
    }
}

/// A tree that asks for another feature at each split, and ends on the right where the value is above 0.
fn chain(shares: &[f64], values: &[f64]) -> Tree {
    let mut nodes = Vec::new();
    let mut cover = 1.0;
    for (i, &share) in shares.iter().enumerate() {
        let right = 2 * i as u32 + 1;
        nodes.push(Node::Split {
            feature: i as u32,
            threshold: 0.0,
            missing_left: false,
            gain: 1.0,
            cover,
            left: right + 1,
            right,
        });
        nodes.push(Node::Leaf {
            value: values[i],
            cover: cover * (1.0 - share),
        });
        cover *= share;
    }
    let value = values[shares.len()];
    nodes.push(Node::Leaf { value, cover });
    Tree { nodes }
}

/// The Shapley values of a leaf of such a tree by the coefficients of ∏ (o_j t + z_j), which count coalitions by their size.
fn leaf_by_sizes(value: f64, met: &[bool], shares: &[f64]) -> Vec<f64> {
    let n = met.len();
    let attribution = |i: usize| {
        let mut sizes = vec![1.0];
        for j in (0..n).filter(|&j| j != i) {
            sizes.push(0.0);
            for k in (0..sizes.len()).rev() {
                let joined = if k > 0 && met[j] { sizes[k - 1] } else { 0.0 };
                sizes[k] = sizes[k] * shares[j] + joined;
            }
        }
        // k! (n − 1 − k)! / n!, from one size to the next.
        let mut weight = 1.0 / n as f64;
        let mut sum = 0.0;
        for (k, size) in sizes.iter().enumerate() {
            sum += weight * size;
            weight *= (k + 1) as f64 / (n - 1 - k).max(1) as f64;
        }
        value * (f64::from(u8::from(met[i])) - shares[i]) * sum
    };
    (0..n).map(attribution).collect()
}

#[test]
fn ways_with_conditions_on_a_hundred_features_are_exact_too() {
    let mut stream = RandomStream::new(4, "tree shap chains", 0);
    for n in [14, 31, 32, 33, 40, 100] {
        let shares: Vec<f64> = (0..n).map(|_| 0.6 + 0.4 * stream.uniform()).collect();
        let values: Vec<f64> = (0..=n).map(|_| stream.normal()).collect();
        let explainer = TreeExplainer::new(&[chain(&shares, &values)], 1.0, n);
        for above in [n, n / 2, 3] {
            let row: Vec<f64> = (0..n)
                .map(|i| if i < above || i % 7 == 0 { -1.0 } else { 1.0 })
                .collect();
            let columns: Vec<Vec<f64>> = row.iter().map(|&value| vec![value]).collect();
            let found = explain(&explainer, &columns);
            let mut expected = vec![0.0; n];
            for (last, &value) in values.iter().enumerate() {
                let length = (last + 1).min(n);
                let ends_right = |i: usize| i == last;
                let met: Vec<bool> = (0..length)
                    .map(|i| (row[i] > 0.0) == ends_right(i))
                    .collect();
                let ways: Vec<f64> = (0..length)
                    .map(|i| {
                        if ends_right(i) {
                            1.0 - shares[i]
                        } else {
                            shares[i]
                        }
                    })
                    .collect();
                let attributions = leaf_by_sizes(value, &met, &ways);
                expected
                    .iter_mut()
                    .zip(attributions)
                    .for_each(|(to, from)| *to += from);
            }
            for (found, expected) in found.iter().zip(&expected) {
                assert!(
                    (found - expected).abs() < 1e-13,
                    "{n}: {found}, not {expected}"
                );
            }
        }
    }
}
