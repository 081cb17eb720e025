use std::f64::consts::PI;

use clientela_learn::{GaussianMixture, GaussianMixtureParams, KMeans, KMeansParams};
use clientela_numerics::StopToken;
use proptest::prelude::*;

use crate::samples::{Shape, row};

/// Weight, mean, and covariance of one component of two columns.
type Gaussian = (f64, [f64; 2], [f64; 3]);

/// Expectation maximization in two columns as the textbook has it: responsibilities per sample, no logs, no weights.
fn climb_slowly(
    rows: &[Vec<f64>],
    labels: &[i32],
    n_iterations: usize,
    floors: [f64; 2],
) -> (Vec<Gaussian>, f64) {
    let n_components = labels
        .iter()
        .max()
        .map_or(0, |&highest| highest as usize + 1);
    let mut responsibilities: Vec<Vec<f64>> = labels
        .iter()
        .map(|&label| {
            (0..n_components)
                .map(|c| f64::from(u8::from(c as i32 == label)))
                .collect()
        })
        .collect();
    let mut gaussians = maximize_slowly(rows, &responsibilities, floors);
    for _ in 0..n_iterations {
        for (row, responsibilities) in rows.iter().zip(&mut responsibilities) {
            let densities: Vec<f64> = gaussians
                .iter()
                .map(|gaussian| weighted_density(gaussian, row))
                .collect();
            let total: f64 = densities.iter().sum();
            *responsibilities = densities.iter().map(|density| density / total).collect();
        }
        gaussians = maximize_slowly(rows, &responsibilities, floors);
    }
    let log_density = |row: &Vec<f64>| {
        gaussians
            .iter()
            .map(|gaussian| weighted_density(gaussian, row))
            .sum::<f64>()
            .ln()
    };
    let mean_log_likelihood = rows.iter().map(log_density).sum::<f64>() / rows.len() as f64;
    (gaussians, mean_log_likelihood)
}

fn weighted_density((weight, mean, [a, b, c]): &Gaussian, row: &[f64]) -> f64 {
    let (x, y) = (row[0] - mean[0], row[1] - mean[1]);
    let determinant = a * c - b * b;
    let quadratic = (c * x * x - 2.0 * b * x * y + a * y * y) / determinant;
    weight * (-0.5 * quadratic).exp() / (2.0 * PI * determinant.sqrt())
}

fn maximize_slowly(
    rows: &[Vec<f64>],
    responsibilities: &[Vec<f64>],
    floors: [f64; 2],
) -> Vec<Gaussian> {
    let component = |c: usize| {
        let total: f64 = responsibilities.iter().map(|r| r[c]).sum();
        let mean_of = |value: &dyn Fn(&Vec<f64>) -> f64| {
            rows.iter()
                .zip(responsibilities)
                .map(|(row, r)| r[c] * value(row))
                .sum::<f64>()
                / total
        };
        let (x, y) = (mean_of(&|row| row[0]), mean_of(&|row| row[1]));
        let covariance = [
            mean_of(&|row| (row[0] - x) * (row[0] - x)) + floors[0],
            mean_of(&|row| (row[0] - x) * (row[1] - y)),
            mean_of(&|row| (row[1] - y) * (row[1] - y)) + floors[1],
        ];
        (total / rows.len() as f64, [x, y], covariance)
    };
    (0..responsibilities[0].len()).map(component).collect()
}

fn variance(column: &[f64]) -> f64 {
    let n = column.len() as f64;
    let mean = column.iter().sum::<f64>() / n;
    column.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n
}

fn fit(shape: &Shape, params: GaussianMixtureParams) -> GaussianMixture {
    GaussianMixture::fit(
        &shape.points(),
        &params.check().expect("in range"),
        7,
        &StopToken::new(),
    )
    .expect("a model")
}

fn close(given: f64, expected: f64) -> bool {
    (given - expected).abs() <= 1e-7 * expected.abs().max(1.0)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_fit_equals_textbook_iterations_from_the_same_start(seed in any::<u64>(), max_iterations in 1..12_usize) {
        let shape = Shape { seed, n_samples: 300, n_features: 2, kind: 0 };
        let n_components = 3;
        let params = GaussianMixtureParams {
            n_components,
            n_init: 1,
            n_swaps: 0,
            max_iterations,
            tolerance: 1e-12,
            ..GaussianMixtureParams::default()
        };
        let model = fit(&shape, params);

        let points = shape.points();
        let kmeans = KMeansParams { n_clusters: n_components, n_init: 1, n_swaps: 0, ..KMeansParams::default() };
        let kmeans = KMeans::fit(&points, &kmeans.check().expect("in range"), 7, &StopToken::new()).expect("a model");
        let columns = shape.columns();
        let rows: Vec<Vec<f64>> = (0..shape.n_samples).map(|i| row(&columns, i)).collect();
        let floors = [1e-6 * variance(&columns[0]), 1e-6 * variance(&columns[1])];
        let labels = points.to_samples(&kmeans.labels);
        let (gaussians, mean_log_likelihood) = climb_slowly(&rows, &labels, model.n_iterations, floors);

        prop_assert!(close(model.mean_log_likelihood, mean_log_likelihood), "{}", model.mean_log_likelihood);
        for component in &model.components {
            let same = |(weight, mean, [a, b, c]): &&Gaussian| {
                close(component.weight, *weight)
                    && component.mean.iter().zip(mean).all(|(x, y)| close(*x, *y))
                    && component.covariance.iter().zip([a, b, b, c]).all(|(x, y)| close(*x, *y))
            };
            prop_assert!(gaussians.iter().any(|gaussian| same(&gaussian)), "{component:?} in {gaussians:?}");
        }
    }

    #[test]
    fn more_iterations_never_lower_the_likelihood(seed in any::<u64>()) {
        let shape = Shape { seed, n_samples: 200, n_features: 3, kind: 0 };
        let mut before = f64::NEG_INFINITY;
        for max_iterations in [1, 2, 4, 8, 16] {
            let params = GaussianMixtureParams {
                n_components: 2,
                n_init: 1,
                n_swaps: 0,
                max_iterations,
                ..GaussianMixtureParams::default()
            };
            let model = fit(&shape, params);
            // The floor of the covariances is no part of the likelihood and may cost a little of it (and much of it on data
            // with repeated values, which is why these are clouds).
            prop_assert!(model.mean_log_likelihood >= before - 1e-3, "{} after {before}", model.mean_log_likelihood);
            before = model.mean_log_likelihood;
        }
    }

    #[test]
    fn weights_of_the_components_add_up_to_one(seed in any::<u64>(), kind in 0..3_u32) {
        let shape = Shape { seed, n_samples: 120, n_features: 2, kind };
        let model = fit(&shape, GaussianMixtureParams { n_components: 4, ..GaussianMixtureParams::default() });
        let total: f64 = model.components.iter().map(|component| component.weight).sum();
        prop_assert!((total - 1.0).abs() < 1e-12);
        prop_assert!(model.n_clusters <= model.components.len());
        prop_assert!((0..model.n_clusters as i32).all(|cluster| model.labels.contains(&cluster)));
    }
}
