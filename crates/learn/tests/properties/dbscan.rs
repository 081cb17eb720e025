use clientela_learn::labels::{NOISE, number_by_first_point};
use clientela_learn::{Dbscan, DbscanParams, Points};
use clientela_numerics::StopToken;
use proptest::prelude::*;

use crate::samples::{Shape, distance_squared, row, shapes};

/// The definition, pair by pair.
fn dbscan_slowly(points: &Points, eps: f64, min_samples: usize) -> (Vec<i32>, Vec<bool>) {
    let n_points = points.n_points();
    let rows: Vec<Vec<f64>> = (0..n_points).map(|i| row(points.columns(), i)).collect();
    let near = |i: usize, j: usize| distance_squared(&rows[i], &rows[j]) <= eps * eps;
    let samples_near = |i: usize| -> f64 {
        (0..n_points)
            .filter(|&j| near(i, j))
            .map(|j| points.weights()[j])
            .sum()
    };
    let is_core: Vec<bool> = (0..n_points)
        .map(|i| samples_near(i) >= min_samples as f64)
        .collect();

    let mut labels = vec![NOISE; n_points];
    for first in 0..n_points {
        if !is_core[first] || labels[first] != NOISE {
            continue;
        }
        let mut pending = vec![first];
        while let Some(i) = pending.pop() {
            labels[i] = first as i32;
            pending
                .extend((0..n_points).filter(|&j| is_core[j] && labels[j] == NOISE && near(i, j)));
        }
    }
    for i in (0..n_points).filter(|&i| !is_core[i]) {
        let cores = (0..n_points).filter(|&j| is_core[j] && near(i, j));
        let nearest = cores.min_by(|&j, &k| {
            distance_squared(&rows[i], &rows[j])
                .total_cmp(&distance_squared(&rows[i], &rows[k]))
                .then(j.cmp(&k))
        });
        labels[i] = nearest.map_or(NOISE, |j| labels[j]);
    }
    number_by_first_point(&mut labels);
    (labels, is_core)
}

fn check(points: &Points, eps: f64, min_samples: usize) {
    let params = DbscanParams { eps, min_samples }.check().expect("in range");
    let model = Dbscan::fit(points, &params, &StopToken::new()).expect("not stopped");
    let (labels, is_core) = dbscan_slowly(points, eps, min_samples);
    assert_eq!(model.is_core, is_core);
    assert_eq!(model.labels, labels);
    assert_eq!(
        model.n_clusters as i32,
        labels.iter().copied().max().unwrap_or(NOISE) + 1
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn the_tree_finds_what_comparing_all_pairs_finds(
        shape in shapes(1..250),
        // On the lattice, 1 and 2 are exact distances: the edge of the neighborhood matters.
        eps in prop_oneof![Just(1.0), Just(2.0), 0.05..3.0_f64],
        min_samples in 1..12_usize,
    ) {
        check(&shape.points(), eps, min_samples);
    }

    #[test]
    fn gaps_that_grow_without_end_are_no_trouble(n in 2..200_i32, eps in 1e-3..1e3_f64) {
        let column: Vec<f64> = (0..n).map(|i| 1.2_f64.powi(i)).collect();
        check(&Points::from_columns(&[column.clone(), column]), eps, 2);
    }
}

#[test]
fn thousands_of_neighbors_are_joined_as_by_comparing_all_pairs() {
    for kind in 0..3 {
        let shape = Shape {
            seed: 5,
            n_samples: 2500,
            n_features: 3,
            kind,
        };
        check(&shape.points(), 1.5, 5);
        check(&shape.points(), 0.4, 20);
    }
}
