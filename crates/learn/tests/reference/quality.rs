//! How good the optima are that the iterative estimators find.

use clientela_learn::{GaussianMixture, GaussianMixtureParams, KMeans, KMeansParams, Points};
use clientela_numerics::StopToken;

use crate::fixture::{self, Fixture, z_scores};
use crate::shared_data;

/// Calls `check` for every data set that can be had here.
fn for_each_set(check: impl Fn(&Fixture, &Points)) {
    for fixture in fixture::all() {
        let columns = fixture
            .columns()
            .or_else(|| shared_data::columns(fixture.name()));
        if let Some(columns) = columns {
            fixture.check_columns(&columns);
            check(&fixture, &z_scores(&columns));
        }
    }
}

#[test]
fn kmeans_inertia_is_at_most_a_thousandth_above_the_best_of_ten_of_scikit_learn() {
    for_each_set(|fixture, points| {
        for (n_clusters, expected) in fixture.by_k("kmeans_inertia") {
            let params = KMeansParams {
                n_clusters,
                ..KMeansParams::default()
            }
            .check()
            .expect("in range");
            let model = KMeans::fit(points, &params, 42, &StopToken::new()).expect("a model");
            let excess = model.inertia / expected - 1.0;
            assert!(
                excess <= 1e-3,
                "{} k = {n_clusters}: {} over {expected}",
                fixture.name(),
                model.inertia
            );
        }
    });
}

#[test]
fn mixture_log_likelihood_is_at_most_a_thousandth_below_the_best_of_ten_of_scikit_learn() {
    for_each_set(|fixture, points| {
        for (n_components, expected) in fixture.by_k("mixture_mean_log_likelihood") {
            let params = GaussianMixtureParams {
                n_components,
                ..GaussianMixtureParams::default()
            };
            let params = params.check().expect("in range");
            let model =
                GaussianMixture::fit(points, &params, 42, &StopToken::new()).expect("a model");
            let given = model.mean_log_likelihood;
            assert!(
                given >= expected - 1e-3,
                "{} k = {n_components}: {given} under {expected}",
                fixture.name()
            );
        }
    });
}
