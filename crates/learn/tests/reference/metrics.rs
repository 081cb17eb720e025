use clientela_learn::metrics::{calinski_harabasz, davies_bouldin, silhouettes};
use clientela_numerics::StopToken;

use crate::fixture::{self, integers, labels_of_points, z_scores};

#[test]
fn scores_match_scikit_learn() {
    for fixture in fixture::stored() {
        let points = z_scores(&fixture.columns().expect("stored"));
        let partitions = fixture.list("partitions");
        let labelings: Vec<Vec<i32>> = partitions
            .iter()
            .map(|partition| labels_of_points(&points, &integers(&partition["labels"])))
            .collect();
        let scores = silhouettes(&points, &labelings, &StopToken::new()).expect("not stopped");
        for ((partition, labels), silhouette) in partitions.iter().zip(&labelings).zip(scores) {
            for (score, given) in [
                ("silhouette", silhouette),
                ("davies_bouldin", davies_bouldin(&points, labels)),
                ("calinski_harabasz", calinski_harabasz(&points, labels)),
            ] {
                let expected = partition[score].as_f64().expect("a number");
                let given = given.expect("two clusters");
                let tolerance = 1e-9 * expected.abs().max(1.0);
                assert!(
                    (given - expected).abs() <= tolerance,
                    "{} {score}: {given}, not {expected}",
                    fixture.name()
                );
            }
        }
    }
}
