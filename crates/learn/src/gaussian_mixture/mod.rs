//! Gaussian mixture with full covariances, fitted by expectation maximization.
//!
//! Source: Dempster, Laird, Rubin (1977), "Maximum Likelihood from Incomplete Data via the EM Algorithm", JRSS B 39(1); short
//! runs from several starts, of which the best is continued, by Biernacki, Celeux, Govaert (2003), "Choosing starting values
//! for the EM algorithm", CSDA 41. Starts from k-means partitions as in scikit-learn.
//! The best start is then improved by random swaps, see `swaps.rs`.
//! Differs from the sources: points carry weights; everything is computed in logs, so that no density underflows; columns are
//! scaled inside, so that the floor of the covariances is relative to the variance of each column and the fit does not depend
//! on units once the starts are given.
//! Cost: O(n_points · n_components · n_features²) for an iteration, vectorized over points. Memory O(n_points). Deterministic.
//! Tested against: scikit-learn's log-likelihood, EM as the textbook has it, its likelihood that never falls.

mod expectation;
mod mixture;
mod run;
mod scaling;
mod swaps;

use clientela_numerics::{RandomStream, StopToken};
use rayon::prelude::*;

use crate::blocks::fills_threads;
use crate::error::{Checked, FitError, ParamError};
use crate::kmeans::{KMeansParams, Restarts};
use crate::points::Points;
use expectation::memberships;
use mixture::{Mixture, Sample};
use run::Run;
use scaling::Scale;

/// Change of the mean log-likelihood at which a start is judged; the best is then continued to the finer tolerance.
const TOLERANCE_OF_STARTS: f64 = 1e-3;

/// Products (points · columns² · components) after which a start is judged in any case, though not before three iterations.
const PRODUCTS_OF_A_START: usize = 300_000_000;

/// Parameters of the Gaussian mixture.
#[derive(Clone, Debug, PartialEq)]
pub struct GaussianMixtureParams {
    /// Number of components, at least 1.
    pub n_components: usize,
    /// K-Means restarts to start from, at least 1; equal partitions are used once.
    pub n_init: usize,
    /// Attempts to move one component of the best start elsewhere; may be 0. On large
    /// samples fewer are made.
    pub n_swaps: usize,
    /// Change of the mean log-likelihood per sample, in one iteration, that counts as converged; above 0.
    pub tolerance: f64,
    /// Iterations after which a run ends although it has not converged; at least 1.
    pub max_iterations: usize,
    /// Added to the diagonal of every covariance, as a share of the variance of the column; above 0.
    pub covariance_floor: f64,
}

impl Default for GaussianMixtureParams {
    fn default() -> Self {
        Self {
            n_components: 1,
            n_init: 10,
            n_swaps: 60,
            tolerance: 1e-5,
            max_iterations: 200,
            covariance_floor: 1e-6,
        }
    }
}

impl GaussianMixtureParams {
    /// Vouches for parameters within their ranges.
    ///
    /// # Errors
    /// Names the first parameter that is not.
    pub fn check(self) -> Result<Checked<Self>, ParamError> {
        for (name, given) in [
            ("n_components", self.n_components),
            ("n_init", self.n_init),
            ("max_iterations", self.max_iterations),
        ] {
            if given < 1 {
                return Err(ParamError {
                    name,
                    requirement: "must be at least 1",
                    given: given as f64,
                });
            }
        }
        for (name, given) in [
            ("tolerance", self.tolerance),
            ("covariance_floor", self.covariance_floor),
        ] {
            if !given.is_finite() || given <= 0.0 {
                return Err(ParamError {
                    name,
                    requirement: "must be finite and above 0",
                    given,
                });
            }
        }
        Ok(Checked::vouch(self))
    }
}

/// One component of a fitted mixture, in the units of the columns.
#[derive(Clone, Debug, PartialEq)]
pub struct GaussianComponent {
    /// Share of the samples, in [0, 1].
    pub weight: f64,
    /// Mean of each column.
    pub mean: Vec<f64>,
    /// Covariance, `n_features × n_features` row-major, symmetric.
    pub covariance: Vec<f64>,
}

/// A fitted Gaussian mixture.
#[derive(Clone, Debug, PartialEq)]
pub struct GaussianMixture {
    /// Most likely component of each point, the lowest of equally likely ones; numbered in the order of their first points.
    pub labels: Vec<i32>,
    /// Number of components that some point belongs to: labels are below it.
    pub n_clusters: usize,
    /// All components that kept some weight; the first `n_clusters` are those of the labels.
    pub components: Vec<GaussianComponent>,
    /// Mean log-likelihood per sample.
    pub mean_log_likelihood: f64,
    /// Bayesian information criterion, `p·ln n − 2·ln L` for p free parameters and n samples. Lower is better.
    pub bic: f64,
    /// Iterations of the start that was kept.
    pub n_iterations: usize,
    /// Whether it converged within the iterations allowed.
    pub converged: bool,
}

impl GaussianMixture {
    /// Fits by expectation maximization from the partitions of `n_init` K-Means restarts in the space of the points.
    ///
    /// Each distinct partition is continued until its mean log-likelihood changes by less than 1e-3 (on large samples in many
    /// columns for a few iterations only). The best of them is improved by random swaps and then continued until it changes by
    /// less than `tolerance`. A component whose weight vanishes is dropped. A column in which all samples are equal
    /// takes no part.
    ///
    /// # Errors
    /// [`FitError::TooFewSamples`] for fewer distinct rows than components, [`FitError::Degenerate`] where no column has any
    /// spread or a squared distance is beyond the largest double, [`FitError::Stopped`].
    pub fn fit(
        points: &Points,
        params: &Checked<GaussianMixtureParams>,
        seed: u64,
        stop: &StopToken,
    ) -> Result<Self, FitError> {
        let kmeans = KMeansParams {
            n_clusters: params.n_components,
            n_init: params.n_init,
            ..KMeansParams::default()
        };
        let scale = Scale::of(points, stop)?;
        let restarts = Restarts::run(points, &kmeans.check().expect("in range"), seed, stop)?;
        Self::fit_scaled(points, &scale, &restarts, params, seed, stop)
    }

    /// [`GaussianMixture::fit`] from K-Means restarts of the same points, `n_init` of them with `n_components` clusters.
    ///
    /// # Errors
    /// As [`GaussianMixture::fit`].
    pub fn fit_from(
        points: &Points,
        restarts: &Restarts,
        params: &Checked<GaussianMixtureParams>,
        seed: u64,
        stop: &StopToken,
    ) -> Result<Self, FitError> {
        let scale = Scale::of(points, stop)?;
        Self::fit_scaled(points, &scale, restarts, params, seed, stop)
    }

    fn fit_scaled(
        points: &Points,
        scale: &Scale,
        restarts: &Restarts,
        params: &GaussianMixtureParams,
        seed: u64,
        stop: &StopToken,
    ) -> Result<Self, FitError> {
        let starts = restarts.distinct();
        let sample = scale.apply(points, stop)?;
        let params_of_starts = params_of_starts(params, &sample);
        let start = |labels: &Vec<i32>| {
            let mixture = Mixture::of_partition(&sample, labels, params.covariance_floor, stop)?;
            Run::start(mixture, &sample, stop)?.climb(
                &sample,
                &params_of_starts,
                TOLERANCE_OF_STARTS,
                stop,
            )
        };
        let runs: Result<Vec<Run>, FitError> = if fills_threads(points.n_points()) {
            starts.iter().map(start).collect()
        } else {
            starts.par_iter().map(start).collect()
        };
        let mut stream = RandomStream::new(seed, "gaussian mixture swaps", 0);
        let best = swaps::improve(first_best(runs?), &sample, params, &mut stream, stop)?;
        let best = best.climb(&sample, params, params.tolerance, stop)?;
        let members = memberships(&sample, &best.mixture, stop)?;
        let labels: Vec<i32> = members.iter().map(|member| member.first as i32).collect();
        Ok(best.into_model(&labels, scale, &sample))
    }
}

/// On large samples the starts run only for as many iterations as tell them apart.
fn params_of_starts(params: &GaussianMixtureParams, sample: &Sample) -> GaussianMixtureParams {
    let affordable = PRODUCTS_OF_A_START / (sample.products() * params.n_components).max(1);
    GaussianMixtureParams {
        max_iterations: params.max_iterations.min(affordable.max(3)),
        ..params.clone()
    }
}

/// The run with the highest likelihood; the first of equal ones.
fn first_best(runs: Vec<Run>) -> Run {
    let likelihood = |run: &Run| run.expectation.mean_log_likelihood;
    runs.into_iter()
        .reduce(|best, run| {
            if likelihood(&run) > likelihood(&best) {
                run
            } else {
                best
            }
        })
        .expect("at least one start")
}

#[cfg(test)]
mod tests {
    use super::*;
    use clientela_numerics::stats::Moments;

    fn fit(columns: &[Vec<f64>], n_components: usize) -> Result<GaussianMixture, FitError> {
        let params = GaussianMixtureParams {
            n_components,
            ..GaussianMixtureParams::default()
        };
        GaussianMixture::fit(
            &Points::from_columns(columns),
            &params.check().expect("in range"),
            42,
            &StopToken::new(),
        )
    }

    /// Two correlated clouds of 1000 and 3000 samples.
    fn clouds() -> Vec<Vec<f64>> {
        let mut stream = RandomStream::new(1, "clouds", 0);
        let rows = (0..4000).map(|i| {
            let (x, y) = (stream.normal(), stream.normal());
            if i < 1000 {
                [-10.0 + x, 0.5 * x + y]
            } else {
                [5.0 + 2.0 * x, 100.0 + 3.0 * y]
            }
        });
        let rows: Vec<[f64; 2]> = rows.collect();
        (0..2)
            .map(|j| rows.iter().map(|row| row[j]).collect())
            .collect()
    }

    #[test]
    fn the_parameters_of_two_clouds_are_recovered() {
        let model = fit(&clouds(), 2).expect("a model");
        let close = |given: f64, expected: f64| {
            assert!((given - expected).abs() < 0.25, "{given}, not {expected}");
        };
        let [small, large] = model.components.as_slice() else {
            panic!("two components")
        };
        assert!((small.weight - 0.25).abs() < 1e-9 && (large.weight - 0.75).abs() < 1e-9);
        for (given, expected) in small
            .mean
            .iter()
            .zip([-10.0, 0.0])
            .chain(large.mean.iter().zip([5.0, 100.0]))
        {
            close(*given, expected);
        }
        for (given, expected) in small.covariance.iter().zip([1.0, 0.5, 0.5, 1.25]) {
            close(*given, expected);
        }
        close(large.covariance[0], 4.0);
        assert!((large.covariance[3] - 9.0).abs() < 0.5);
        assert!(model.converged);
        assert_eq!(model.n_clusters, 2);
    }

    #[test]
    fn one_component_has_the_likelihood_of_a_single_gaussian() {
        let values = vec![1.0, 2.0, 4.0, 9.0, 9.0];
        let model = fit(std::slice::from_ref(&values), 1).expect("a model");
        let moments = Moments::of(&values).expect("values");
        let variance = moments.variance * (1.0 + 1e-6);
        let quadratic = values
            .iter()
            .map(|x| (x - moments.mean) * (x - moments.mean) / variance)
            .sum::<f64>()
            / 5.0;
        let expected = -0.5 * (quadratic + (2.0 * std::f64::consts::PI * variance).ln());
        assert!((model.mean_log_likelihood - expected).abs() < 1e-12);
        assert!((model.bic - (2.0 * 5_f64.ln() - 10.0 * expected)).abs() < 1e-10);
        assert!((model.components[0].covariance[0] - variance).abs() < 1e-12);
    }

    #[test]
    fn a_column_without_spread_changes_nothing() {
        let (x, constant) = (vec![1.0, 2.0, 10.0, 11.0, 13.0], vec![7.0; 5]);
        let with = fit(&[x.clone(), constant], 2).expect("a model");
        let without = fit(&[x], 2).expect("a model");
        assert_eq!((with.labels, with.bic), (without.labels, without.bic));
        assert_eq!(
            (
                with.components[0].mean[1],
                &with.components[0].covariance[1..]
            ),
            (7.0, [0.0; 3].as_slice())
        );
    }

    #[test]
    fn as_many_components_as_points_are_one_each() {
        let model =
            fit(&[vec![1.0, 2.0, 40.0, 40.0], vec![0.0, 7.0, 3.0, 3.0]], 3).expect("a model");
        assert_eq!(model.labels, [0, 1, 2]);
    }

    #[test]
    fn equal_samples_and_too_few_are_errors() {
        assert!(matches!(
            fit(&[vec![3.0, 3.0]], 1),
            Err(FitError::Degenerate(_))
        ));
        assert!(matches!(fit(&[vec![]], 1), Err(FitError::Degenerate(_))));
        assert!(matches!(
            fit(&[vec![1e200, -1e200]], 1),
            Err(FitError::Degenerate(_))
        ));
        assert_eq!(
            fit(&[vec![3.0, 4.0]], 3),
            Err(FitError::TooFewSamples {
                needed: 3,
                given: 2
            })
        );
    }

    #[test]
    fn parameters_out_of_range_are_refused() {
        let error = GaussianMixtureParams {
            tolerance: f64::NAN,
            ..GaussianMixtureParams::default()
        }
        .check();
        assert_eq!(error.expect_err("out of range").name, "tolerance");
    }
}
