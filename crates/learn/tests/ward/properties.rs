//! Fast against slow, and what holds for any data.

use clientela_learn::ward::{self, LinkageRow, Tree};
use clientela_learn::{FitError, Points};
use clientela_numerics::StopToken;
use proptest::prelude::*;

use crate::data::{SHAPES, Shape, any_data};
use crate::linkage;
use crate::oracle::greedy;
use crate::stream::{Stream, standardized};

fn cases(n_cases: u32) -> ProptestConfig {
    ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(n_cases)
    }
}

fn permutation(n: usize, seed: u64) -> Vec<usize> {
    let mut stream = Stream(seed);
    let mut order: Vec<usize> = (0..n).collect();
    for i in (1..n).rev() {
        order.swap(i, stream.below(i + 1) as usize);
    }
    order
}

fn permuted(columns: &[Vec<f64>], order: &[usize]) -> Vec<Vec<f64>> {
    columns
        .iter()
        .map(|column| order.iter().map(|&i| column[i]).collect())
        .collect()
}

fn total_sum_of_squares(points: &Points) -> f64 {
    let n = points.n_samples() as f64;
    let of_column = |column: &Vec<f64>| -> f64 {
        let weighted = |f: &dyn Fn(f64) -> f64| -> f64 {
            column
                .iter()
                .zip(points.weights())
                .map(|(&x, w)| w * f(x))
                .sum()
        };
        let mean = weighted(&|x| x) / n;
        weighted(&|x| (x - mean) * (x - mean))
    };
    points.columns().iter().map(of_column).sum()
}

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn the_tree_equals_the_greedy_one_bit_for_bit((shape, n, d, seed) in any_data(90), scaled in any::<bool>()) {
        let columns = shape.columns(n, d, seed);
        let points = if scaled { standardized(&columns) } else { Points::from_columns(&columns) };
        let tree = linkage(&points);
        prop_assert_eq!(tree.merges(), greedy(&points));
    }
}

proptest! {
    #![proptest_config(cases(64))]

    #[test]
    fn half_the_squared_heights_add_up_to_the_total_sum_of_squares((shape, n, d, seed) in any_data(1500)) {
        let points = standardized(&shape.columns(n, d, seed));
        let halves: f64 = linkage(&points).merges().iter().map(|merge| merge.height * merge.height / 2.0).sum();
        let total = total_sum_of_squares(&points);
        prop_assert!((halves - total).abs() <= 1e-9 * total.max(1e-300), "{} {}", halves, total);
    }

    #[test]
    fn the_order_of_the_samples_changes_no_merge_and_no_cut((shape, n, d, seed) in any_data(300), k in 1..12_usize) {
        let columns = shape.columns(n, d, seed);
        let order = permutation(n, seed);
        let (points, shuffled) = (standardized(&columns), standardized(&permuted(&columns, &order)));
        let (tree, other) = (linkage(&points), linkage(&shuffled));
        prop_assert_eq!(&tree, &other);
        let k = k.min(points.n_points());
        let labels = points.to_samples(&tree.cut(k));
        let expected: Vec<i32> = order.iter().map(|&i| labels[i]).collect();
        prop_assert_eq!(shuffled.to_samples(&other.cut(k)), expected);
    }

    #[test]
    fn cuts_are_nested_complete_and_numbered_by_first_point((shape, n, d, seed) in any_data(200)) {
        let points = standardized(&shape.columns(n, d, seed));
        let tree = linkage(&points);
        let counts: Vec<usize> = (1..=points.n_points()).rev().step_by(3).collect();
        for (k, labels) in counts.iter().zip(tree.cuts(&counts)) {
            prop_assert_eq!(&labels, &tree.cut(*k));
            prop_assert_eq!(&labels, &cut_step_by_step(&tree, *k));
        }
    }

    #[test]
    fn linkage_matrices_keep_their_convention((shape, n, d, seed) in any_data(200), max_leaves in 1..250_usize) {
        let columns = shape.columns(n, d, seed);
        let points = Points::from_columns(&columns);
        let tree = linkage(&points);
        let rows = tree.to_linkage_matrix(&points);
        prop_assert_eq!(rows.len(), n - 1);
        check_convention(&rows, &vec![1; n]);
        prop_assert_eq!(heights(&rows), heights_with_duplicates(&tree, n));

        let top = tree.condensed(&points, max_leaves);
        prop_assert!(top.leaves.len() <= max_leaves);
        let sizes: Vec<usize> = top.leaves.iter().map(|leaf| leaf.n_samples).collect();
        prop_assert_eq!(sizes.iter().sum::<usize>(), n);
        prop_assert!(top.leaves.is_sorted_by_key(|leaf| leaf.first_sample));
        prop_assert_eq!(top.rows.len() + 1, top.leaves.len());
        check_convention(&top.rows, &sizes);
        for (height, full) in heights(&top.rows).iter().zip(&heights(&rows)[n - top.leaves.len()..]) {
            prop_assert!((height - full).abs() <= 1e-7 * full, "{} {}", height, full);
        }
    }
}

/// The definition of a cut: start from single points, merge, stop when `n_clusters` are left.
fn cut_step_by_step(tree: &Tree, n_clusters: usize) -> Vec<i32> {
    let n_points = tree.n_points();
    let mut node_of: Vec<u32> = (0..n_points as u32).collect();
    for (i, merge) in tree.merges()[..n_points - n_clusters].iter().enumerate() {
        for node in &mut node_of {
            if [merge.left, merge.right].contains(node) {
                *node = (n_points + i) as u32;
            }
        }
    }
    let mut seen: Vec<u32> = Vec::new();
    let mut label = |node: u32| {
        let known = seen.iter().position(|&other| other == node);
        known.unwrap_or_else(|| {
            seen.push(node);
            seen.len() - 1
        }) as i32
    };
    node_of.into_iter().map(&mut label).collect()
}

fn heights(rows: &[LinkageRow]) -> Vec<f64> {
    rows.iter().map(|row| row.distance).collect()
}

fn heights_with_duplicates(tree: &Tree, n_samples: usize) -> Vec<f64> {
    let mut heights = vec![0.0; n_samples - tree.n_points()];
    heights.extend(tree.merges().iter().map(|merge| merge.height));
    heights.sort_by(f64::total_cmp);
    heights
}

/// Every node but the last is used once and after its making; counts add up; rows ascend, equal ones by smallest leaf.
fn check_convention(rows: &[LinkageRow], leaf_sizes: &[usize]) {
    let n_leaves = leaf_sizes.len();
    let mut sizes = leaf_sizes.to_vec();
    let mut smallest: Vec<usize> = (0..n_leaves).collect();
    let mut used = vec![false; n_leaves + rows.len()];
    for (i, row) in rows.iter().enumerate() {
        assert!(
            row.child1 < row.child2 && row.child2 < n_leaves + i,
            "{row:?}"
        );
        for child in [row.child1, row.child2] {
            assert!(
                !std::mem::replace(&mut used[child], true),
                "{child} is used twice"
            );
        }
        assert_eq!(row.sample_count, sizes[row.child1] + sizes[row.child2]);
        sizes.push(row.sample_count);
        smallest.push(smallest[row.child1].min(smallest[row.child2]));
        let Some(before) = i.checked_sub(1).map(|i| rows[i]) else {
            continue;
        };
        assert!(before.distance <= row.distance, "{before:?} {row:?}");
        let follows = [row.child1, row.child2].contains(&(n_leaves + i - 1));
        if before.distance.to_bits() == row.distance.to_bits() && !follows {
            assert!(
                smallest[n_leaves + i - 1] < smallest[n_leaves + i],
                "{before:?} {row:?}"
            );
        }
    }
}

#[test]
fn larger_trees_of_every_shape_equal_the_greedy_one_bit_for_bit() {
    for shape in SHAPES {
        for (n, d) in [(420, 1), (350, 2), (350, 3), (300, 6), (250, 14)] {
            let points = standardized(&shape.columns(n, d, 42));
            assert_eq!(
                linkage(&points).merges(),
                greedy(&points),
                "{shape:?} {n} × {d}"
            );
        }
    }
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    for (shape, n, d) in [
        (Shape::Continuous, 12_000, 3),
        (Shape::Retail, 20_000, 6),
        (Shape::Lattice, 9_000, 12),
    ] {
        let points = standardized(&shape.columns(n, d, 5));
        let on = |n_threads| {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(n_threads)
                .build()
                .expect("threads");
            pool.install(|| linkage(&points))
        };
        let alone = on(1);
        for n_threads in [2, 3, 7] {
            assert_eq!(on(n_threads), alone, "{shape:?} on {n_threads} threads");
        }
    }
}

#[test]
fn equal_samples_are_merged_first_as_a_chain_in_payload_order() {
    let points = Points::from_columns(&[vec![7.0, 1.0, 7.0, 1.0, 7.0, 4.0]]);
    let rows = linkage(&points).to_linkage_matrix(&points);
    let row = |child1, child2, distance, sample_count| LinkageRow {
        child1,
        child2,
        distance,
        sample_count,
    };
    assert_eq!(
        rows[..3],
        [row(0, 2, 0.0, 2), row(4, 6, 0.0, 3), row(1, 3, 0.0, 2)]
    );
    assert_eq!(
        (rows[3].child1, rows[3].child2, rows[3].sample_count),
        (5, 8, 3)
    );
    assert_eq!(
        (rows[4].child1, rows[4].child2, rows[4].sample_count),
        (7, 9, 6)
    );
}

#[test]
fn points_that_coincide_after_a_transformation_are_merged_at_height_0() {
    let points = Points::from_columns(&[vec![1.0, 2.0, 3.0, 4.0]])
        .with_columns(vec![vec![5.0, 0.0, 5.0, 5.0]]);
    let tree = linkage(&points);
    assert_eq!(tree.merges(), greedy(&points));
    let nodes = |i: usize| {
        (
            tree.merges()[i].left,
            tree.merges()[i].right,
            tree.merges()[i].height,
        )
    };
    assert_eq!([nodes(0), nodes(1)], [(0, 2, 0.0), (4, 3, 0.0)]);
    let without_columns = points.with_columns(Vec::new());
    assert!(
        linkage(&without_columns)
            .merges()
            .iter()
            .all(|merge| merge.height == 0.0)
    );
}

#[test]
fn units_from_the_smallest_to_the_largest_double_give_the_same_tree() {
    let columns = Shape::Continuous.columns(200, 3, 9);
    let tree = linkage(&Points::from_columns(&columns));
    for exponent in [-960, -300, 300, 1000] {
        let unit = 2.0_f64.powi(exponent);
        let scaled: Vec<Vec<f64>> = columns
            .iter()
            .map(|column| column.iter().map(|x| x * unit).collect())
            .collect();
        let other = linkage(&Points::from_columns(&scaled));
        for (merge, same) in tree.merges().iter().zip(other.merges()) {
            assert_eq!((merge.left, merge.right), (same.left, same.right));
            assert_eq!(merge.height * unit, same.height);
        }
    }
}

#[test]
fn heights_beyond_the_largest_double_stay_finite() {
    let points = Points::from_columns(&[
        vec![-1.7e308, 1.7e308, 1.6e308],
        vec![1.7e308, -1.7e308, 1.0],
    ]);
    let heights: Vec<f64> = linkage(&points)
        .merges()
        .iter()
        .map(|merge| merge.height)
        .collect();
    assert!(heights[0] > 1e308 && heights[1] == f64::MAX, "{heights:?}");
}

#[test]
fn a_set_stop_token_stops_and_no_points_are_too_few() {
    let points = Points::from_columns(&Shape::Continuous.columns(5_000, 3, 1));
    let stop = StopToken::new();
    stop.stop();
    assert_eq!(ward::linkage(&points, &stop), Err(FitError::Stopped));
    let nothing = Points::from_columns(&[Vec::new()]);
    let error = ward::linkage(&nothing, &StopToken::new());
    assert_eq!(
        error,
        Err(FitError::TooFewSamples {
            needed: 1,
            given: 0
        })
    );
}

#[test]
fn one_sample_is_a_tree_without_merges() {
    let points = Points::from_columns(&[vec![3.0]]);
    let tree = linkage(&points);
    assert!(tree.merges().is_empty() && tree.to_linkage_matrix(&points).is_empty());
    assert_eq!(tree.cut(1), [0]);
    assert_eq!(tree.condensed(&points, 5).leaves.len(), 1);
}
