//! Lloyd iterations that skip distances by Hamerly's bounds.
//!
//! Every iteration recomputes the centroids from all labels, in blocks of fixed order, so that they are a function of the
//! labels alone; only the search for the nearest centroid is shortened.

use clientela_numerics::StopToken;
use rayon::prelude::*;

use super::{Partition, Rows, distance_squared, inertia};
use crate::blocks::{BLOCK, add, map_blocks, sum_blocks};
use crate::error::FitError;

/// Runs from the given centroids until no label changes or `max_iterations` are done.
pub(super) fn iterate(
    rows: &Rows,
    centroids: Vec<f64>,
    max_iterations: usize,
    stop: &StopToken,
) -> Result<Partition, FitError> {
    let n_features = rows.n_features;
    let mut centroids = centroids;
    let mut bounds = Bounds::unknown(rows);
    let mut motion = Motion::none(&centroids, n_features);
    let mut converged = false;
    let mut n_iterations = 0;
    while n_iterations < max_iterations && !converged {
        n_iterations += 1;
        let (n_changed, mut sums) = bounds.assign(rows, &centroids, &motion, stop)?;
        let refilled = refill_empty_clusters(rows, &mut bounds, &centroids, &mut sums);
        converged = n_changed == 0 && !refilled;
        if !converged {
            let next = means(&sums, &centroids, n_features);
            motion = Motion::between(&centroids, &next, n_features);
            centroids = next;
        }
    }
    let inertia = inertia(rows, &bounds.labels, &centroids);
    Ok(Partition {
        labels: bounds.labels,
        centroids,
        inertia,
        n_iterations,
        converged,
    })
}

/// How far the centroids moved in the last update, and how far apart they are now.
struct Motion {
    moved: Vec<f64>,
    /// Half the distance to the nearest other centroid: a point closer than that to its own needs no comparison.
    half_gaps: Vec<f64>,
    farthest: usize,
    /// The longest way of a centroid other than the farthest.
    second_way: f64,
}

impl Motion {
    fn none(centroids: &[f64], n_features: usize) -> Self {
        Self::between(centroids, centroids, n_features)
    }

    fn between(old: &[f64], new: &[f64], n_features: usize) -> Self {
        let row =
            |centroids: &[f64], j: usize| centroids[j * n_features..(j + 1) * n_features].to_vec();
        let n_clusters = new.len().checked_div(n_features).unwrap_or(1);
        let moved: Vec<f64> = (0..n_clusters)
            .map(|j| distance_squared(&row(old, j), &row(new, j)).sqrt())
            .collect();
        let half_gaps = (0..n_clusters)
            .map(|j| {
                let others = (0..n_clusters).filter(|&other| other != j);
                let nearest = others.map(|other| distance_squared(&row(new, j), &row(new, other)));
                0.5 * nearest.fold(f64::INFINITY, f64::min).sqrt()
            })
            .collect();
        let mut farthest = 0;
        for (j, way) in moved.iter().enumerate() {
            if *way > moved[farthest] {
                farthest = j;
            }
        }
        let others = moved.iter().enumerate().filter(|&(j, _)| j != farthest);
        let second_way = others.fold(0.0, |longest: f64, (_, &way)| longest.max(way));
        Self {
            moved,
            half_gaps,
            farthest,
            second_way,
        }
    }

    /// The longest way of any centroid but this one.
    fn longest_other(&self, cluster: usize) -> f64 {
        if cluster == self.farthest {
            self.second_way
        } else {
            self.moved[self.farthest]
        }
    }
}

/// What is known of each point: its cluster, at most how far its centroid is, at least how far any other is.
struct Bounds {
    labels: Vec<u32>,
    upper: Vec<f64>,
    lower: Vec<f64>,
    /// Distances that differ by less than this are compared anew: far more than rounding gathers in the bounds.
    slack: f64,
}

impl Bounds {
    fn unknown(rows: &Rows) -> Self {
        let n_points = rows.n_points();
        Self {
            labels: vec![u32::MAX; n_points],
            upper: vec![f64::INFINITY; n_points],
            lower: vec![0.0; n_points],
            slack: 1e-11 * rows.extent,
        }
    }

    /// Brings every point to its nearest centroid; returns how many changed, and the weighted sums by cluster.
    fn assign(
        &mut self,
        rows: &Rows,
        centroids: &[f64],
        motion: &Motion,
        stop: &StopToken,
    ) -> Result<(usize, Vec<f64>), FitError> {
        let width = motion.moved.len() * (rows.n_features + 1);
        let slack = self.slack;
        let blocks: Vec<(usize, Vec<f64>)> = self
            .labels
            .par_chunks_mut(BLOCK)
            .zip(self.upper.par_chunks_mut(BLOCK))
            .zip(self.lower.par_chunks_mut(BLOCK))
            .enumerate()
            .with_min_len(8)
            .map(|(block, ((labels, upper), lower))| {
                let mut sums = vec![0.0; width];
                let block = Block {
                    first: block * BLOCK,
                    labels,
                    upper,
                    lower,
                };
                let n_changed = if stop.is_stopped() {
                    0
                } else {
                    block.assign(rows, centroids, motion, slack, &mut sums)
                };
                (n_changed, sums)
            })
            .collect();
        stop.poll()?;
        let mut sums = vec![0.0; width];
        for (_, block) in &blocks {
            add(&mut sums, block);
        }
        Ok((blocks.iter().map(|(n_changed, _)| n_changed).sum(), sums))
    }
}

/// What is known of the points of one block.
struct Block<'a> {
    first: usize,
    labels: &'a mut [u32],
    upper: &'a mut [f64],
    lower: &'a mut [f64],
}

impl Block<'_> {
    /// Brings the points to their nearest centroids and adds them to the sums; returns how many changed.
    fn assign(
        self,
        rows: &Rows,
        centroids: &[f64],
        motion: &Motion,
        slack: f64,
        sums: &mut [f64],
    ) -> usize {
        // The same code each time; where the compiler knows the number of columns, it is several times faster.
        match rows.n_features {
            2 => self.assign_in(2, rows, centroids, motion, slack, sums),
            3 => self.assign_in(3, rows, centroids, motion, slack, sums),
            4 => self.assign_in(4, rows, centroids, motion, slack, sums),
            6 => self.assign_in(6, rows, centroids, motion, slack, sums),
            n_features => self.assign_in(n_features, rows, centroids, motion, slack, sums),
        }
    }

    #[inline(always)]
    fn assign_in(
        self,
        n_features: usize,
        rows: &Rows,
        centroids: &[f64],
        motion: &Motion,
        slack: f64,
        sums: &mut [f64],
    ) -> usize {
        let mut n_changed = 0;
        let known = self.labels.iter_mut().zip(self.upper).zip(self.lower);
        for (i, ((label, upper), lower)) in known.enumerate() {
            let point = self.first + i;
            let row = &rows.values[point * n_features..(point + 1) * n_features];
            let mut known = Known {
                label: *label,
                upper: *upper,
                lower: *lower,
            };
            known.update(row, centroids, motion, slack);
            n_changed += usize::from(known.label != *label);
            (*label, *upper, *lower) = (known.label, known.upper, known.lower);
            add_row(sums, row, rows.weights[point], known.label as usize);
        }
        n_changed
    }
}

/// One point's cluster and bounds.
struct Known {
    label: u32,
    upper: f64,
    lower: f64,
}

impl Known {
    #[inline(always)]
    fn update(&mut self, row: &[f64], centroids: &[f64], motion: &Motion, slack: f64) {
        if self.upper < f64::INFINITY {
            let label = self.label as usize;
            self.upper += motion.moved[label];
            self.lower -= motion.longest_other(label);
            let others_at_least = self.lower.max(motion.half_gaps[label]);
            if self.is_below(others_at_least, slack) {
                return;
            }
            let centroid = &centroids[label * row.len()..(label + 1) * row.len()];
            self.upper = distance_squared(row, centroid).sqrt();
            if self.is_below(others_at_least, slack) {
                return;
            }
        }
        let (label, nearest, second) = two_nearest(row, centroids);
        (self.label, self.upper, self.lower) = (label, nearest.sqrt(), second.sqrt());
    }

    /// Whether the own centroid is nearer than all others by more than rounding can hide.
    fn is_below(&self, others_at_least: f64, slack: f64) -> bool {
        self.upper * (1.0 + 1e-9) + slack < others_at_least
    }
}

/// The nearest centroid (the lowest of equally near ones), its squared distance and the second lowest one.
#[inline(always)]
fn two_nearest(row: &[f64], centroids: &[f64]) -> (u32, f64, f64) {
    let (mut label, mut nearest, mut second) = (0, f64::INFINITY, f64::INFINITY);
    if row.is_empty() {
        return (0, 0.0, f64::INFINITY);
    }
    for (j, centroid) in centroids.chunks_exact(row.len()).enumerate() {
        let distance = distance_squared(row, centroid);
        if distance < nearest {
            (label, second, nearest) = (j as u32, nearest, distance);
        } else if distance < second {
            second = distance;
        }
    }
    (label, nearest, second)
}

/// Adds a weighted row and its weight to the sums of its cluster.
#[inline(always)]
fn add_row(sums: &mut [f64], row: &[f64], weight: f64, label: usize) {
    let width = row.len() + 1;
    let sums = &mut sums[label * width..(label + 1) * width];
    for (sum, value) in sums.iter_mut().zip(row) {
        *sum += weight * value;
    }
    sums[width - 1] += weight;
}

/// The centroids; a cluster without points keeps the one it had.
fn means(sums: &[f64], old: &[f64], n_features: usize) -> Vec<f64> {
    let mut means = old.to_vec();
    for (j, cluster) in sums.chunks_exact(n_features + 1).enumerate() {
        let weight = cluster[n_features];
        if weight > 0.0 {
            for (mean, sum) in means[j * n_features..(j + 1) * n_features]
                .iter_mut()
                .zip(cluster)
            {
                *mean = sum / weight;
            }
        }
    }
    means
}

/// Gives each cluster without points the point farthest from its centroid; true where there was such a cluster.
fn refill_empty_clusters(
    rows: &Rows,
    bounds: &mut Bounds,
    centroids: &[f64],
    sums: &mut Vec<f64>,
) -> bool {
    let width = rows.n_features + 1;
    let empty: Vec<usize> = sums
        .chunks_exact(width)
        .enumerate()
        .filter(|(_, sums)| sums[width - 1] == 0.0)
        .map(|(j, _)| j)
        .collect();
    if empty.is_empty() {
        return false;
    }
    let labels = &bounds.labels;
    let distances = map_blocks(rows.n_points(), |range| {
        let distance = |point: usize| {
            let label = labels[point] as usize;
            let centroid = &centroids[label * rows.n_features..(label + 1) * rows.n_features];
            distance_squared(rows.row(point), centroid)
        };
        range.map(distance).collect::<Vec<f64>>()
    })
    .concat();
    let farthest = farthest_first(&distances, empty.len());
    // Seeds are distinct points, so that there are always at least as many places away from the centroids as empty clusters.
    for (&cluster, &point) in empty.iter().zip(&farthest) {
        bounds.labels[point] = cluster as u32;
        (bounds.upper[point], bounds.lower[point]) = (f64::INFINITY, 0.0);
    }
    let labels = &bounds.labels;
    *sums = sum_blocks(rows.n_points(), sums.len(), |range, sums| {
        for point in range {
            add_row(
                sums,
                rows.row(point),
                rows.weights[point],
                labels[point] as usize,
            );
        }
    });
    true
}

/// Up to `n` points, at least one, in the order of their distances: farthest first, the lowest of equally far ones.
fn farthest_first(distances: &[f64], n: usize) -> Vec<usize> {
    let order = |&a: &usize, &b: &usize| distances[b].total_cmp(&distances[a]).then(a.cmp(&b));
    let mut farthest: Vec<usize> = (0..distances.len()).collect();
    let n = n.min(farthest.len());
    farthest.select_nth_unstable_by(n - 1, order);
    farthest.truncate(n);
    farthest.sort_unstable_by(order);
    farthest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::points::Points;
    use clientela_numerics::RandomStream;
    use proptest::prelude::*;

    /// Lloyd's iterations as the textbook has them: every distance, every time.
    fn iterate_plainly(
        rows: &Rows,
        seeds: &[usize],
        max_iterations: usize,
    ) -> (Vec<u32>, Vec<f64>, usize) {
        let mut centroids: Vec<f64> = seeds
            .iter()
            .flat_map(|&seed| rows.row(seed).to_vec())
            .collect();
        let mut labels = vec![u32::MAX; rows.n_points()];
        for n_iterations in 1..=max_iterations {
            let before = labels.clone();
            for (point, label) in labels.iter_mut().enumerate() {
                *label = two_nearest(rows.row(point), &centroids).0;
            }
            let far: Vec<f64> = (0..rows.n_points())
                .map(|point| {
                    let label = labels[point] as usize;
                    let centroid =
                        &centroids[label * rows.n_features..(label + 1) * rows.n_features];
                    distance_squared(rows.row(point), centroid)
                })
                .collect();
            let mut farthest_first: Vec<usize> = (0..rows.n_points()).collect();
            farthest_first.sort_by(|&a, &b| far[b].total_cmp(&far[a]));
            let empty = (0..seeds.len() as u32)
                .filter(|j| !labels.contains(j))
                .collect::<Vec<u32>>();
            for (cluster, point) in empty.into_iter().zip(farthest_first) {
                labels[point] = cluster;
            }
            if labels == before {
                return (labels, centroids, n_iterations);
            }
            let mut sums = vec![0.0; seeds.len() * (rows.n_features + 1)];
            for start in (0..rows.n_points()).step_by(BLOCK) {
                let mut block = vec![0.0; sums.len()];
                for (point, &label) in labels.iter().enumerate().skip(start).take(BLOCK) {
                    add_row(
                        &mut block,
                        rows.row(point),
                        rows.weights[point],
                        label as usize,
                    );
                }
                add(&mut sums, &block);
            }
            centroids = means(&sums, &centroids, rows.n_features);
        }
        (labels, centroids, max_iterations)
    }

    fn check_equal_to_plain(columns: &[Vec<f64>], n_clusters: usize, seed: u64) {
        let rows =
            Rows::of(&Points::from_columns(columns), &StopToken::new()).expect("nobody stops it");
        let mut all: Vec<usize> = (0..rows.n_points()).collect();
        RandomStream::new(seed, "seeds", 0).shuffle(&mut all);
        let seeds = &all[..n_clusters.min(all.len())];
        let centroids = seeds
            .iter()
            .flat_map(|&seed| rows.row(seed).to_vec())
            .collect();
        let fast = iterate(&rows, centroids, 50, &StopToken::new()).expect("not stopped");
        let plain = iterate_plainly(&rows, seeds, 50);
        assert_eq!((fast.labels, fast.centroids, fast.n_iterations), plain);
    }

    proptest! {
        #[test]
        fn bounds_change_no_label_of_plain_lloyd_iterations(
            seed in any::<u64>(),
            n_samples in 1..400_usize,
            n_features in 1..5_usize,
            n_clusters in 1..12_usize,
            shape in 0..4_u32,
        ) {
            let mut stream = RandomStream::new(seed, "data", 0);
            let value = |stream: &mut RandomStream| match shape {
                0 => stream.normal(),
                // A lattice: many points equally near to two centroids.
                1 => stream.below(5) as f64,
                2 => libm::exp(2.0 * stream.normal()),
                _ => 1e9 + stream.below(3) as f64 + 1e-3 * stream.normal(),
            };
            let columns: Vec<Vec<f64>> =
                (0..n_features).map(|_| (0..n_samples).map(|_| value(&mut stream)).collect()).collect();
            check_equal_to_plain(&columns, n_clusters, seed);
        }
    }

    #[test]
    fn several_blocks_give_the_same_as_plain_lloyd_iterations() {
        let mut stream = RandomStream::new(3, "data", 0);
        let columns: Vec<Vec<f64>> = (0..3)
            .map(|j| {
                (0..20_000)
                    .map(|i| f64::from(i % (4 + j)) + stream.normal())
                    .collect()
            })
            .collect();
        check_equal_to_plain(&columns, 6, 9);
    }

    #[test]
    fn a_cluster_that_loses_its_points_takes_the_farthest_point() {
        let rows = Rows::of(
            &Points::from_columns(&[vec![0.0, 1.0, 2.0, 50.0]]),
            &StopToken::new(),
        )
        .expect("nobody stops it");
        let mut bounds = Bounds::unknown(&rows);
        bounds.labels = vec![0, 0, 0, 0];
        let mut sums = vec![53.0, 4.0, 0.0, 0.0];
        assert!(refill_empty_clusters(
            &rows,
            &mut bounds,
            &[1.0, 99.0],
            &mut sums
        ));
        assert_eq!(
            (bounds.labels.clone(), sums.clone()),
            (vec![0, 0, 0, 1], vec![3.0, 3.0, 50.0, 1.0])
        );
        assert!(!refill_empty_clusters(
            &rows,
            &mut bounds,
            &[1.0, 50.0],
            &mut sums
        ));
    }
}
