//! Random swaps: the best restart is improved by moving one centroid to another place and iterating again.
//!
//! Source: Fränti (2018), "Efficiency of random swap clustering", Journal of Big Data 5:13.
//! Differs from the source: the centroid that moves is one of those that are missed least, and its new place is drawn as in
//! k-means++, so that few attempts are enough.

use clientela_numerics::{RandomStream, StopToken, Stopped};

use super::seeding::draw_proportional;
use super::{Partition, Rows, distance_squared, lloyd};
use crate::blocks::{map_blocks, sum_blocks};
use crate::error::FitError;

/// Iterations after which an attempt is judged: most hopeless ones are far off by then.
const TRIAL_ITERATIONS: usize = 6;
/// An attempt goes on to convergence only while its inertia is at most this many times the best.
const WORTH_CONTINUING: f64 = 1.05;

/// Values (points · columns) that all attempts together go through in one iteration each, at most.
const VALUES_IN_ALL_ATTEMPTS: usize = 2_000_000;

/// Attempts up to `n_swaps` moves; each that lowers the inertia is kept.
pub(super) fn improve(
    rows: &Rows,
    start: Partition,
    n_swaps: usize,
    max_iterations: usize,
    stream: &mut RandomStream,
    stop: &StopToken,
) -> Result<Partition, FitError> {
    let n_clusters = start
        .centroids
        .len()
        .checked_div(rows.n_features)
        .unwrap_or(1);
    let mut best = start;
    let n_swaps = affordable(n_swaps, rows);
    if n_clusters < 2 || n_swaps == 0 {
        return Ok(best);
    }
    let mut costs = Costs::of(rows, &best, n_clusters, stop)?;
    for _ in 0..n_swaps {
        stop.poll()?;
        // The lower of two ranks: every centroid may move, those missed least do so most often.
        let rank = stream
            .below(n_clusters as u64)
            .min(stream.below(n_clusters as u64)) as usize;
        let moved = costs.least_missed[rank];
        let Some(place) = draw_proportional(&costs.terms, stream) else {
            return Ok(best);
        };
        let mut centroids = best.centroids.clone();
        centroids[moved * rows.n_features..(moved + 1) * rows.n_features]
            .copy_from_slice(rows.row(place));
        let trial = lloyd::iterate(rows, centroids, TRIAL_ITERATIONS.min(max_iterations), stop)?;
        if trial.inertia > WORTH_CONTINUING * best.inertia {
            continue;
        }
        let attempt = lloyd::iterate(rows, trial.centroids, max_iterations, stop)?;
        if attempt.inertia < best.inertia {
            best = attempt;
            costs = Costs::of(rows, &best, n_clusters, stop)?;
        }
    }
    Ok(best)
}

/// How many of the attempts wanted are made: all on small samples, where luck matters most and an attempt costs least, and
/// fewer as the sample grows.
fn affordable(wanted: usize, rows: &Rows) -> usize {
    wanted.min(VALUES_IN_ALL_ATTEMPTS / (rows.n_points() * rows.n_features).max(1))
}

/// What each point and each centroid contributes to the inertia.
struct Costs {
    /// `w·d²` of each point.
    terms: Vec<f64>,
    /// Clusters in the order of what the inertia would gain if their points went to their second nearest centroids.
    least_missed: Vec<usize>,
}

impl Costs {
    fn of(
        rows: &Rows,
        partition: &Partition,
        n_clusters: usize,
        stop: &StopToken,
    ) -> Result<Self, Stopped> {
        let n_features = rows.n_features;
        let distance = |point: usize, cluster: usize| {
            let centroid = &partition.centroids[cluster * n_features..(cluster + 1) * n_features];
            distance_squared(rows.row(point), centroid)
        };
        let terms = map_blocks(rows.n_points(), |range| {
            range
                .map(|point| {
                    rows.weights[point] * distance(point, partition.labels[point] as usize)
                })
                .collect::<Vec<f64>>()
        })
        .concat();
        let losses = sum_blocks(rows.n_points(), n_clusters, |range, losses| {
            if stop.is_stopped() {
                return;
            }
            for point in range {
                let own = partition.labels[point] as usize;
                let others = (0..n_clusters).filter(|&cluster| cluster != own);
                let second = others
                    .map(|cluster| distance(point, cluster))
                    .fold(f64::INFINITY, f64::min);
                losses[own] += rows.weights[point] * second - terms[point];
            }
        });
        stop.poll()?;
        let mut least_missed: Vec<usize> = (0..n_clusters).collect();
        least_missed.sort_by(|&a, &b| losses[a].total_cmp(&losses[b]));
        Ok(Self {
            terms,
            least_missed,
        })
    }
}
