use clientela_learn::labels::{NOISE, number_by_first_point};
use clientela_learn::{Dbscan, DbscanParams};
use clientela_numerics::StopToken;

use crate::fixture::{self, integers, z_scores};

/// Border points are left out: scikit-learn gives them to the first cluster that reaches them, we to the nearest core point.
#[test]
fn core_points_their_clusters_and_noise_match_scikit_learn() {
    let mut n_runs = 0;
    for fixture in fixture::stored() {
        let points = z_scores(&fixture.columns().expect("stored"));
        for run in fixture.list("dbscan") {
            let params = DbscanParams {
                eps: run["eps"].as_f64().expect("a number"),
                min_samples: run["min_samples"].as_u64().expect("a count") as usize,
            };
            let model = Dbscan::fit(
                &points,
                &params.check().expect("in range"),
                &StopToken::new(),
            )
            .expect("a model");
            let (labels, is_core) = (
                points.to_samples(&model.labels),
                points.to_samples(&model.is_core),
            );

            let core: Vec<i64> = (0..labels.len())
                .filter(|&i| is_core[i])
                .map(|i| i as i64)
                .collect();
            assert_eq!(core, integers(&run["core"]), "{}", fixture.name());
            let noise: Vec<i64> = (0..labels.len())
                .filter(|&i| labels[i] == NOISE)
                .map(|i| i as i64)
                .collect();
            assert_eq!(noise, integers(&run["noise"]), "{}", fixture.name());

            let mut given: Vec<i32> = core.iter().map(|&i| labels[i as usize]).collect();
            let mut expected: Vec<i32> = integers(&run["core_labels"])
                .iter()
                .map(|&label| label as i32)
                .collect();
            assert_eq!(
                number_by_first_point(&mut given),
                number_by_first_point(&mut expected)
            );
            assert_eq!(given, expected, "{}", fixture.name());
            n_runs += 1;
        }
    }
    assert_eq!(n_runs, 9);
}
