//! Greedy k-means++: each next centroid is a point drawn with a probability proportional to its weighted squared distance
//! from the centroids so far; of several candidates the one that lowers the total most is kept.

use clientela_numerics::{RandomStream, StopToken};

use super::{Rows, distance_squared};
use crate::blocks::{BLOCK, map_blocks};
use crate::error::FitError;

/// Indices of the points that become the first centroids.
pub(super) fn plus_plus(
    rows: &Rows,
    n_clusters: usize,
    stream: &mut RandomStream,
    stop: &StopToken,
) -> Result<Vec<usize>, FitError> {
    // 2 + ln k candidates, as in scikit-learn.
    let n_candidates = 2 + libm::log(n_clusters as f64) as usize;
    let first = stream.weighted_index(&rows.weights);
    let mut seeds = vec![first];
    let mut potential = Potential::of_first(rows, first);
    while seeds.len() < n_clusters {
        stop.poll()?;
        if potential.total() <= 0.0 {
            return Err(FitError::TooFewSamples {
                needed: n_clusters,
                given: seeds.len(),
            });
        }
        let candidates: Vec<usize> = (0..n_candidates)
            .map(|_| potential.draw(rows, stream))
            .collect();
        let best = potential.best_of(rows, &candidates, stop)?;
        potential.add(rows, best);
        seeds.push(best);
    }
    Ok(seeds)
}

/// Squared distance of every point to its nearest seed, and the weighted sums of them by block.
struct Potential {
    nearest: Vec<f64>,
    block_sums: Vec<f64>,
}

impl Potential {
    fn of_first(rows: &Rows, first: usize) -> Self {
        let mut potential = Self {
            nearest: vec![f64::INFINITY; rows.n_points()],
            block_sums: Vec::new(),
        };
        potential.add(rows, first);
        potential
    }

    fn total(&self) -> f64 {
        self.block_sums.iter().sum()
    }

    /// A point with a probability proportional to its weighted squared distance.
    fn draw(&self, rows: &Rows, stream: &mut RandomStream) -> usize {
        let mut target = stream.uniform() * self.total();
        let mut block = 0;
        while block + 1 < self.block_sums.len() && target >= self.block_sums[block] {
            target -= self.block_sums[block];
            block += 1;
        }
        let range = block * BLOCK..((block + 1) * BLOCK).min(rows.n_points());
        let terms = range
            .clone()
            .map(|point| rows.weights[point] * self.nearest[point]);
        range.start + first_beyond(terms, target).unwrap_or(0)
    }

    /// The candidate that leaves the lowest total; the first of equal ones.
    fn best_of(
        &self,
        rows: &Rows,
        candidates: &[usize],
        stop: &StopToken,
    ) -> Result<usize, FitError> {
        let blocks = map_blocks(rows.n_points(), |range| {
            let mut totals = vec![0.0; candidates.len()];
            if stop.is_stopped() {
                return totals;
            }
            for point in range {
                let (row, weight, nearest) =
                    (rows.row(point), rows.weights[point], self.nearest[point]);
                for (total, &candidate) in totals.iter_mut().zip(candidates) {
                    *total += weight * distance_squared(row, rows.row(candidate)).min(nearest);
                }
            }
            totals
        });
        stop.poll()?;
        let mut best = (f64::INFINITY, candidates[0]);
        for (index, &candidate) in candidates.iter().enumerate() {
            let total: f64 = blocks.iter().map(|totals| totals[index]).sum();
            if total < best.0 {
                best = (total, candidate);
            }
        }
        Ok(best.1)
    }

    /// Takes a point among the seeds.
    fn add(&mut self, rows: &Rows, seed: usize) {
        let nearest = &self.nearest;
        let blocks = map_blocks(rows.n_points(), |range| {
            let updated: Vec<f64> = range
                .clone()
                .map(|point| distance_squared(rows.row(point), rows.row(seed)).min(nearest[point]))
                .collect();
            let sum: f64 = range
                .zip(&updated)
                .map(|(point, distance)| rows.weights[point] * distance)
                .sum();
            (updated, sum)
        });
        self.nearest.clear();
        self.block_sums.clear();
        for (updated, sum) in blocks {
            self.nearest.extend(updated);
            self.block_sums.push(sum);
        }
    }
}

/// An index with a probability proportional to its term; `None` where no term is above 0.
pub(super) fn draw_proportional(terms: &[f64], stream: &mut RandomStream) -> Option<usize> {
    let total: f64 = terms.iter().sum();
    first_beyond(terms.iter().copied(), stream.uniform() * total)
}

/// The first index at which the running total passes the target; where rounding keeps it below, the last with a term above 0.
fn first_beyond(terms: impl Iterator<Item = f64>, target: f64) -> Option<usize> {
    let mut below = 0.0;
    let mut last_possible = None;
    for (index, term) in terms.enumerate() {
        below += term;
        if term > 0.0 {
            last_possible = Some(index);
            if below > target {
                break;
            }
        }
    }
    last_possible
}
