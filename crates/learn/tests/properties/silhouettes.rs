use clientela_learn::metrics::{calinski_harabasz, davies_bouldin, silhouettes};
use clientela_numerics::StopToken;
use proptest::prelude::*;

use crate::samples::{distance_squared, row, shapes};

/// The definition, sample by sample: every sample, repeated ones too, has its own line.
fn silhouette_slowly(columns: &[Vec<f64>], labels: &[i32]) -> Option<f64> {
    let mut clusters: Vec<i32> = labels.iter().copied().filter(|&label| label >= 0).collect();
    clusters.sort_unstable();
    clusters.dedup();
    if clusters.len() < 2 {
        return None;
    }
    let n_samples = labels.len();
    let mean_distance = |sample: usize, cluster: i32| {
        let others: Vec<usize> = (0..n_samples)
            .filter(|&i| i != sample && labels[i] == cluster)
            .collect();
        let distance =
            |&i: &usize| distance_squared(&row(columns, sample), &row(columns, i)).sqrt();
        (!others.is_empty()).then(|| others.iter().map(distance).sum::<f64>() / others.len() as f64)
    };
    let silhouette = |sample: usize| {
        let own = labels[sample];
        let Some(a) = mean_distance(sample, own).filter(|_| own >= 0) else {
            return 0.0;
        };
        let others = clusters.iter().filter(|&&cluster| cluster != own);
        let b = others
            .filter_map(|&cluster| mean_distance(sample, cluster))
            .fold(f64::INFINITY, f64::min);
        if a.max(b) > 0.0 {
            (b - a) / a.max(b)
        } else {
            0.0
        }
    };
    Some((0..n_samples).map(silhouette).sum::<f64>() / n_samples as f64)
}

fn check_close(given: Option<f64>, expected: Option<f64>) {
    match (given, expected) {
        (Some(given), Some(expected)) => {
            assert!((given - expected).abs() < 1e-12, "{given}, not {expected}");
        }
        _ => assert_eq!(given, expected),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn one_sweep_equals_the_definition_for_every_labeling(shape in shapes(1..70)) {
        let points = shape.points();
        let labelings: Vec<Vec<i32>> = [(2, false), (5, true), (1, true), (40, false), (3, true)]
            .iter()
            .enumerate()
            .map(|(i, &(n_labels, with_noise))| shape.labels(&points, &format!("labels {i}"), n_labels, with_noise))
            .collect();
        let scores = silhouettes(&points, &labelings, &StopToken::new()).expect("not stopped");
        for (labels, score) in labelings.iter().zip(scores) {
            check_close(score, silhouette_slowly(&shape.columns(), &points.to_samples(labels)));
        }
    }

    #[test]
    fn many_columns_equal_the_definition_too(seed in any::<u64>(), n_features in 5..12_usize) {
        let shape = crate::samples::Shape { seed, n_samples: 40, n_features, kind: 1 };
        let points = shape.points();
        let labels = shape.labels(&points, "labels", 3, true);
        let scores = silhouettes(&points, std::slice::from_ref(&labels), &StopToken::new()).expect("not stopped");
        check_close(scores[0], silhouette_slowly(&shape.columns(), &points.to_samples(&labels)));
    }

    #[test]
    fn no_score_depends_on_the_numbering_of_the_clusters(shape in shapes(2..80)) {
        let points = shape.points();
        let labels = shape.labels(&points, "labels", 4, true);
        let renumbered: Vec<i32> = labels.iter().map(|&label| if label < 0 { -7 } else { 1000 - 3 * label }).collect();
        let both = silhouettes(&points, &[labels.clone(), renumbered.clone()], &StopToken::new()).expect("not stopped");
        prop_assert_eq!(both[0].map(f64::to_bits), both[1].map(f64::to_bits));
        prop_assert_eq!(davies_bouldin(&points, &labels), davies_bouldin(&points, &renumbered));
        prop_assert_eq!(calinski_harabasz(&points, &labels), calinski_harabasz(&points, &renumbered));
    }

    #[test]
    fn scores_keep_their_bounds(shape in shapes(2..80)) {
        let points = shape.points();
        let labels = shape.labels(&points, "labels", 3, true);
        let scores = silhouettes(&points, std::slice::from_ref(&labels), &StopToken::new()).expect("not stopped");
        prop_assert!(scores[0].is_none_or(|score| (-1.0..=1.0).contains(&score)));
        prop_assert!(davies_bouldin(&points, &labels).is_none_or(|score| score >= 0.0 && score.is_finite()));
        prop_assert!(calinski_harabasz(&points, &labels).is_none_or(|score| score >= 0.0 && score.is_finite()));
    }
}
