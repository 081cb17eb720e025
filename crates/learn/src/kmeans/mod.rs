//! K-Means: clusters that minimize the squared distances to their means.
//!
//! Source: Lloyd (1982), "Least Squares Quantization in PCM", IEEE Transactions on Information Theory 28(2); seeding by
//! Arthur, Vassilvitskii (2007), "k-means++: The Advantages of Careful Seeding", SODA; bounds by Hamerly (2010), "Making
//! k-means Even Faster", SDM; random swaps by Fränti (2018), "Efficiency of random swap clustering", Journal of Big Data 5:13.
//! Differs from the sources: points carry weights; seeding is greedy (several candidates for each centroid, the best kept, as
//! in scikit-learn); a distance is skipped only where the bounds leave room for rounding, so that the partition is the one
//! plain Lloyd iterations give, to the last label.
//! Cost: O(n_points · n_clusters · n_features) for an iteration at worst, most distances skipped. Memory O(n_points). Deterministic.
//! Tested against: plain Lloyd iterations, scikit-learn's inertia.

mod lloyd;
mod seeding;
mod swaps;

use clientela_numerics::{RandomStream, StopToken, Stopped};
use rayon::prelude::*;

use crate::blocks::{fills_threads, map_blocks};
use crate::error::{Checked, FitError, ParamError};
use crate::labels::number_by_first_point;
use crate::points::Points;

/// Name of the random streams.
const ALGORITHM: &str = "kmeans";

/// Parameters of K-Means.
#[derive(Clone, Debug, PartialEq)]
pub struct KMeansParams {
    /// Number of clusters, at least 1.
    pub n_clusters: usize,
    /// Restarts with different seeds, of which the one with the lowest inertia is kept; at least 1.
    pub n_init: usize,
    /// Attempts to move one centroid of the best restart elsewhere; may be 0. On large
    /// samples fewer are made.
    pub n_swaps: usize,
    /// Iterations after which a restart or an attempt ends although labels still change; at least 1.
    pub max_iterations: usize,
}

impl Default for KMeansParams {
    fn default() -> Self {
        Self {
            n_clusters: 8,
            n_init: 10,
            n_swaps: 50,
            max_iterations: 300,
        }
    }
}

impl KMeansParams {
    /// Vouches for parameters within their ranges.
    ///
    /// # Errors
    /// Names the first parameter that is below 1.
    pub fn check(self) -> Result<Checked<Self>, ParamError> {
        for (name, given) in [
            ("n_clusters", self.n_clusters),
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
        Ok(Checked::vouch(self))
    }
}

/// A fitted K-Means model. Clusters are numbered in the order of their first points.
#[derive(Clone, Debug, PartialEq)]
pub struct KMeans {
    /// Cluster of each point.
    pub labels: Vec<i32>,
    /// Weighted mean of each cluster, `n_clusters × n_features`.
    pub centroids: Vec<Vec<f64>>,
    /// `Σ w·|x − centroid|²` over all points.
    pub inertia: f64,
    /// Iterations of the restart that was kept.
    pub n_iterations: usize,
    /// Whether its labels had stopped changing.
    pub converged: bool,
}

impl KMeans {
    /// Fits by `n_init` restarts of weighted Lloyd iterations from k-means++ seeds; the best of them is then improved by random
    /// swaps.
    ///
    /// Of restarts with equal inertia the first is kept. A cluster that loses all its points takes the point farthest from
    /// its centroid. A point equally near to several centroids belongs to the lowest of them.
    ///
    /// # Errors
    /// [`FitError::TooFewSamples`] for fewer distinct rows than clusters, [`FitError::Degenerate`] where a squared distance is
    /// beyond the largest double, [`FitError::Stopped`].
    pub fn fit(
        points: &Points,
        params: &Checked<KMeansParams>,
        seed: u64,
        stop: &StopToken,
    ) -> Result<Self, FitError> {
        let restarts = Restarts::run(points, params, seed, stop)?;
        Self::of_restarts(&restarts, params, seed, stop)
    }

    /// [`KMeans::fit`] from restarts that were run with the same parameters and seed.
    ///
    /// # Errors
    /// [`FitError::Stopped`].
    pub fn of_restarts(
        restarts: &Restarts,
        params: &Checked<KMeansParams>,
        seed: u64,
        stop: &StopToken,
    ) -> Result<Self, FitError> {
        let Restarts { rows, partitions } = restarts;
        let inertias: Vec<f64> = partitions
            .iter()
            .map(|partition| partition.inertia)
            .collect();
        let lowest = inertias.iter().copied().fold(f64::INFINITY, f64::min);
        let best = inertias
            .iter()
            .position(|&inertia| inertia == lowest)
            .unwrap_or(0);
        let best = partitions[best].clone();
        let mut stream = RandomStream::new(seed, "kmeans swaps", 0);
        let partition = swaps::improve(
            rows,
            best,
            params.n_swaps,
            params.max_iterations,
            &mut stream,
            stop,
        )?;
        Ok(partition.into_model(rows.n_features))
    }
}

/// Weighted Lloyd iterations from several seeds: what K-Means chooses from, and where a Gaussian mixture of as many
/// components starts.
pub struct Restarts {
    rows: Rows,
    partitions: Vec<Partition>,
}

impl Restarts {
    /// Runs `n_init` restarts.
    ///
    /// # Errors
    /// As [`KMeans::fit`].
    pub fn run(
        points: &Points,
        params: &Checked<KMeansParams>,
        seed: u64,
        stop: &StopToken,
    ) -> Result<Self, FitError> {
        let rows = Rows::of(points, stop)?;
        let partitions = partitions(&rows, params, seed, stop)?;
        Ok(Self { rows, partitions })
    }

    /// The partitions, numbered by first point, each once.
    pub(crate) fn distinct(&self) -> Vec<Vec<i32>> {
        let mut distinct: Vec<Vec<i32>> = Vec::new();
        for partition in &self.partitions {
            let mut labels: Vec<i32> = partition.labels.iter().map(|&label| label as i32).collect();
            number_by_first_point(&mut labels);
            if !distinct.contains(&labels) {
                distinct.push(labels);
            }
        }
        distinct
    }
}

/// All restarts, in order.
fn partitions(
    rows: &Rows,
    params: &KMeansParams,
    seed: u64,
    stop: &StopToken,
) -> Result<Vec<Partition>, FitError> {
    if rows.n_points() < params.n_clusters {
        return Err(FitError::TooFewSamples {
            needed: params.n_clusters,
            given: rows.n_points(),
        });
    }
    if !rows.extent.is_finite() {
        return Err(FitError::Degenerate(
            "the values are too far apart for squared distances",
        ));
    }
    let restart = |restart: usize| {
        let mut stream = RandomStream::new(seed, ALGORITHM, restart as u64);
        let seeds = seeding::plus_plus(rows, params.n_clusters, &mut stream, stop)?;
        let centroids = seeds
            .iter()
            .flat_map(|&seed| rows.row(seed).iter().copied())
            .collect();
        lloyd::iterate(rows, centroids, params.max_iterations, stop)
    };
    if fills_threads(rows.n_points()) {
        (0..params.n_init).map(restart).collect()
    } else {
        (0..params.n_init).into_par_iter().map(restart).collect()
    }
}

/// Points by row, as distances read them.
struct Rows {
    values: Vec<f64>,
    weights: Vec<f64>,
    n_features: usize,
    /// Length of the diagonal of the box around all points.
    extent: f64,
}

impl Rows {
    fn of(points: &Points, stop: &StopToken) -> Result<Self, Stopped> {
        let spread = |column: &Vec<f64>| {
            let low = column.iter().copied().fold(f64::INFINITY, f64::min);
            let high = column.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            high - low
        };
        let extent = points
            .columns()
            .iter()
            .map(spread)
            .map(|spread| spread * spread)
            .sum::<f64>()
            .sqrt();
        Ok(Self {
            values: points.to_row_major(stop)?,
            weights: points.weights().to_vec(),
            n_features: points.n_features(),
            extent,
        })
    }

    fn n_points(&self) -> usize {
        self.weights.len()
    }

    fn row(&self, point: usize) -> &[f64] {
        &self.values[point * self.n_features..(point + 1) * self.n_features]
    }
}

/// One restart's result.
#[derive(Clone, Debug, PartialEq)]
struct Partition {
    labels: Vec<u32>,
    centroids: Vec<f64>,
    inertia: f64,
    n_iterations: usize,
    converged: bool,
}

impl Partition {
    fn into_model(self, n_features: usize) -> KMeans {
        let mut labels: Vec<i32> = self.labels.iter().map(|&label| label as i32).collect();
        let n_clusters = number_by_first_point(&mut labels);
        let mut centroids = vec![Vec::new(); n_clusters];
        for (&new, &old) in labels.iter().zip(&self.labels) {
            let centroid = &mut centroids[new as usize];
            if centroid.is_empty() {
                *centroid = self.centroids
                    [old as usize * n_features..(old as usize + 1) * n_features]
                    .to_vec();
            }
        }
        KMeans {
            labels,
            centroids,
            inertia: self.inertia,
            n_iterations: self.n_iterations,
            converged: self.converged,
        }
    }
}

/// Squared Euclidean distance, its terms added in the order of the columns.
#[inline(always)]
fn distance_squared(a: &[f64], b: &[f64]) -> f64 {
    let mut sum = 0.0;
    for (x, y) in a.iter().zip(b) {
        let difference = x - y;
        sum += difference * difference;
    }
    sum
}

/// `Σ w·|x − centroid|²`.
fn inertia(rows: &Rows, labels: &[u32], centroids: &[f64]) -> f64 {
    let n_features = rows.n_features;
    let blocks = map_blocks(rows.n_points(), |range| {
        let term = |point: usize| {
            let label = labels[point] as usize;
            let centroid = &centroids[label * n_features..(label + 1) * n_features];
            rows.weights[point] * distance_squared(rows.row(point), centroid)
        };
        range.map(term).sum::<f64>()
    });
    blocks.iter().sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fit(columns: &[Vec<f64>], n_clusters: usize) -> Result<KMeans, FitError> {
        let params = KMeansParams {
            n_clusters,
            ..KMeansParams::default()
        }
        .check()
        .expect("in range");
        KMeans::fit(
            &Points::from_columns(columns),
            &params,
            42,
            &StopToken::new(),
        )
    }

    #[test]
    fn two_groups_are_found_with_their_weighted_means() {
        let model = fit(&[vec![10.0, 0.0, 0.0, 0.0, 2.0, 12.0]], 2).expect("a model");
        assert_eq!(model.labels, [0, 0, 1, 1]);
        assert_eq!(model.centroids, [[0.5], [11.0]]);
        assert_eq!((model.inertia, model.converged), (5.0, true));
    }

    #[test]
    fn one_cluster_is_the_mean() {
        let model = fit(&[vec![1.0, 2.0, 6.0]], 1).expect("a model");
        assert_eq!(
            (model.centroids, model.labels),
            (vec![vec![3.0]], vec![0, 0, 0])
        );
    }

    #[test]
    fn as_many_clusters_as_points_leave_no_inertia() {
        let model = fit(&[vec![1.0, 2.0, 6.0, 6.0]], 3).expect("a model");
        assert_eq!((model.labels, model.inertia), (vec![0, 1, 2], 0.0));
    }

    #[test]
    fn fewer_distinct_rows_than_clusters_is_an_error() {
        let error = FitError::TooFewSamples {
            needed: 3,
            given: 2,
        };
        assert_eq!(fit(&[vec![1.0, 2.0, 2.0, 2.0]], 3), Err(error.clone()));
        let points =
            Points::from_columns(&[vec![1.0, 2.0, 3.0]]).with_columns(vec![vec![0.0, 7.0, 7.0]]);
        let params = KMeansParams {
            n_clusters: 3,
            ..KMeansParams::default()
        }
        .check()
        .expect("in range");
        assert_eq!(
            KMeans::fit(&points, &params, 1, &StopToken::new()),
            Err(error)
        );
    }

    #[test]
    fn distances_beyond_the_largest_double_are_an_error() {
        assert!(matches!(
            fit(&[vec![-1e200, 1.0, 1e200]], 2),
            Err(FitError::Degenerate(_))
        ));
    }

    #[test]
    fn a_stopped_fit_says_so() {
        let stop = StopToken::new();
        stop.stop();
        let params = KMeansParams::default().check().expect("in range");
        let points = Points::from_columns(&[(0..50).map(f64::from).collect()]);
        assert_eq!(
            KMeans::fit(&points, &params, 1, &stop),
            Err(FitError::Stopped)
        );
    }

    #[test]
    fn parameters_below_one_are_refused() {
        let error = KMeansParams {
            n_init: 0,
            ..KMeansParams::default()
        }
        .check()
        .expect_err("out of range");
        assert_eq!(error.to_string(), "n_init must be at least 1, got 0");
    }
}
