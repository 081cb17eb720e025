//! Exact mean silhouettes of several partitions in one sweep over all pairs of points.
//!
//! Source: Rousseeuw (1987), "Silhouettes: a graphical aid to the interpretation and validation of cluster analysis",
//! Journal of Computational and Applied Mathematics 20, 53–65.
//! Differs from the source: every distance is computed once for all partitions together. Points are sorted into cells, the
//! intersections of the clusters of all partitions; the sum of distances to a cluster is the sum over its cells.
//! Cost: O(n_points² · n_features) for any number of partitions. Memory O(n_points) and a table of cells × 16 for each thread.
//! Deterministic. Tested against: the definition computed pair by pair, scikit-learn's `silhouette_score`.

use clientela_numerics::{StopToken, Stopped};
use rayon::prelude::*;

use crate::labels::{NOISE, number_by_first_point};
use crate::order::sorted_indices;
use crate::points::Points;

/// Points whose distances to one row are computed side by side. Part of no sum's order: each lane has sums of its own.
const LANES: usize = 16;
/// Differences (lanes · rows · columns) between two looks at the stop token: about a millisecond.
const DIFFERENCES_BETWEEN_POLLS: usize = 1 << 22;

type Lanes = [f64; LANES];

/// Mean silhouette over all samples, one score for each labeling; in [−1, 1], higher is better.
///
/// ```text
/// s(x) = (b − a) / max(a, b)      a: mean distance of x to the other samples of its cluster
///                                 b: lowest mean distance of x to the samples of another cluster
/// ```
///
/// Distances are Euclidean. Each labeling has one label per point. A noise point (label below 0) and the only sample of a cluster
/// have the silhouette 0 and count in the mean; noise points are nobody's neighbors. Where a and b are both 0, so is s.
/// A point counts as many times as it has samples, the own cluster without x itself. `None` for fewer than 2 clusters.
///
/// Equal partitions get equal bits within one call, whatever the numbering of their clusters.
///
/// # Errors
/// [`Stopped`] when the stop token is set.
///
/// # Panics
/// When a labeling does not have one label per point.
pub fn silhouettes(
    points: &Points,
    labelings: &[Vec<i32>],
    stop: &StopToken,
) -> Result<Vec<Option<f64>>, Stopped> {
    let partitions: Vec<Partition> = labelings
        .par_iter()
        .map(|labels| {
            stop.poll()?;
            Ok(Partition::of(points, labels))
        })
        .collect::<Result<_, Stopped>>()?;
    let scored: Vec<&Partition> = partitions
        .iter()
        .filter(|partition| partition.sizes.len() >= 2)
        .collect();
    let totals = total_silhouettes(points, &scored, stop)?;
    let n_samples: f64 = points.weights().iter().sum();
    let mut means = totals.iter().map(|total| total / n_samples);
    Ok(partitions
        .iter()
        .map(|partition| {
            if partition.sizes.len() >= 2 {
                means.next()
            } else {
                None
            }
        })
        .collect())
}

/// A labeling numbered by first point, and the samples in each cluster.
struct Partition {
    labels: Vec<i32>,
    sizes: Vec<f64>,
}

impl Partition {
    fn of(points: &Points, labels: &[i32]) -> Self {
        assert_eq!(labels.len(), points.n_points(), "one label per point");
        let mut labels = labels.to_vec();
        let mut sizes = vec![0.0; number_by_first_point(&mut labels)];
        for (&label, weight) in labels.iter().zip(points.weights()) {
            if label != NOISE {
                sizes[label as usize] += weight;
            }
        }
        Self { labels, sizes }
    }
}

/// `Σ w·s(x)` for each partition.
fn total_silhouettes(
    points: &Points,
    partitions: &[&Partition],
    stop: &StopToken,
) -> Result<Vec<f64>, Stopped> {
    if partitions.is_empty() {
        return Ok(Vec::new());
    }
    let cells = Cells::of(points, partitions, stop)?;
    let groups: Vec<Vec<f64>> = (0..points.n_points().div_ceil(LANES))
        .into_par_iter()
        .map_init(
            || Scratch::of(&cells, partitions),
            |scratch, group| {
                scratch.sum_distances(&cells, group * LANES, stop)?;
                Ok(scratch.score(&cells, partitions, group * LANES))
            },
        )
        .collect::<Result<_, Stopped>>()?;
    let mut totals = vec![0.0; partitions.len()];
    for group in groups {
        crate::blocks::add(&mut totals, &group);
    }
    Ok(totals)
}

/// The points sorted so that those with the same cluster in every partition stand together.
struct Cells {
    n_features: usize,
    /// Row-major coordinates in the new order.
    rows: Vec<f64>,
    weights: Vec<f64>,
    /// Original index of each point.
    points: Vec<u32>,
    /// First point of each cell, and the end of the last.
    starts: Vec<usize>,
    /// Cluster of each cell in each partition: `cell · n_partitions + partition`.
    clusters: Vec<i32>,
}

impl Cells {
    fn of(points: &Points, partitions: &[&Partition], stop: &StopToken) -> Result<Self, Stopped> {
        let n_points = points.n_points();
        let n_partitions = partitions.len();
        let mut tuples: Vec<i32> = Vec::with_capacity(n_points * n_partitions);
        for i in 0..n_points {
            stop.poll()?;
            tuples.extend(partitions.iter().map(|partition| partition.labels[i]));
        }
        let tuple = |i: u32| &tuples[i as usize * n_partitions..(i as usize + 1) * n_partitions];
        let order = sorted_indices(n_points, |a, b| tuple(a).cmp(tuple(b)), stop)?;
        let mut starts = Vec::new();
        let mut clusters = Vec::new();
        for (position, &i) in order.iter().enumerate() {
            stop.poll()?;
            if position == 0 || tuple(order[position - 1]) != tuple(i) {
                starts.push(position);
                clusters.extend_from_slice(tuple(i));
            }
        }
        starts.push(n_points);
        let mut rows = Vec::with_capacity(n_points * points.n_features());
        for &i in &order {
            stop.poll()?;
            rows.extend(points.columns().iter().map(|column| column[i as usize]));
        }
        let weights = order
            .iter()
            .map(|&i| points.weights()[i as usize])
            .collect();
        Ok(Self {
            n_features: points.n_features(),
            rows,
            weights,
            points: order,
            starts,
            clusters,
        })
    }

    fn n_cells(&self) -> usize {
        self.starts.len() - 1
    }
}

/// One thread's sums for a group of 16 points.
struct Scratch {
    /// Coordinates of the group, by column.
    queries: Vec<Lanes>,
    /// Sum of distances to each cell.
    cell_sums: Vec<Lanes>,
    /// Sum of distances to each cluster of one partition.
    cluster_sums: Vec<Lanes>,
}

impl Scratch {
    fn of(cells: &Cells, partitions: &[&Partition]) -> Self {
        let n_clusters_max = partitions
            .iter()
            .map(|partition| partition.sizes.len())
            .max()
            .unwrap_or(0);
        Self {
            queries: vec![[0.0; LANES]; cells.n_features],
            cell_sums: vec![[0.0; LANES]; cells.n_cells()],
            cluster_sums: vec![[0.0; LANES]; n_clusters_max],
        }
    }

    /// Weighted distances of 16 points from `first` on (the last one repeated beyond the end) to all points, summed by cell.
    fn sum_distances(
        &mut self,
        cells: &Cells,
        first: usize,
        stop: &StopToken,
    ) -> Result<(), Stopped> {
        let last = cells.points.len() - 1;
        for (j, query) in self.queries.iter_mut().enumerate() {
            for (lane, value) in query.iter_mut().enumerate() {
                *value = cells.rows[(first + lane).min(last) * cells.n_features + j];
            }
        }
        let rows_between_polls = DIFFERENCES_BETWEEN_POLLS / (LANES * cells.n_features.max(1));
        let mut rows_since_poll = 0;
        for (cell, sums) in self.cell_sums.iter_mut().enumerate() {
            *sums = [0.0; LANES];
            let (mut start, end) = (cells.starts[cell], cells.starts[cell + 1]);
            while start < end {
                let stretch = (end - start).min(rows_between_polls.max(1));
                let rows =
                    &cells.rows[start * cells.n_features..(start + stretch) * cells.n_features];
                add_distances(
                    sums,
                    &self.queries,
                    rows,
                    &cells.weights[start..start + stretch],
                );
                start += stretch;
                rows_since_poll += stretch;
                if rows_since_poll >= rows_between_polls {
                    rows_since_poll = 0;
                    stop.poll()?;
                }
            }
        }
        stop.poll()
    }

    /// `Σ w·s` over the points of the group, for each partition.
    fn score(&mut self, cells: &Cells, partitions: &[&Partition], first: usize) -> Vec<f64> {
        let n_lanes = LANES.min(cells.points.len() - first);
        let mut totals = Vec::with_capacity(partitions.len());
        for (p, partition) in partitions.iter().enumerate() {
            self.sum_by_cluster(cells, p, partitions.len(), partition.sizes.len());
            let mut total = 0.0;
            for lane in 0..n_lanes {
                let label = partition.labels[cells.points[first + lane] as usize];
                total += cells.weights[first + lane] * self.silhouette(partition, label, lane);
            }
            totals.push(total);
        }
        totals
    }

    fn sum_by_cluster(
        &mut self,
        cells: &Cells,
        partition: usize,
        n_partitions: usize,
        n_clusters: usize,
    ) {
        self.cluster_sums[..n_clusters].fill([0.0; LANES]);
        for (cell, sums) in self.cell_sums.iter().enumerate() {
            let cluster = cells.clusters[cell * n_partitions + partition];
            if cluster != NOISE {
                for (total, sum) in self.cluster_sums[cluster as usize].iter_mut().zip(sums) {
                    *total += sum;
                }
            }
        }
    }

    /// Silhouette of one point from the sums of its distances to the clusters.
    fn silhouette(&self, partition: &Partition, label: i32, lane: usize) -> f64 {
        if label == NOISE || partition.sizes[label as usize] <= 1.0 {
            return 0.0;
        }
        let own = label as usize;
        let a = self.cluster_sums[own][lane] / (partition.sizes[own] - 1.0);
        let mut b = f64::INFINITY;
        for (cluster, size) in partition.sizes.iter().enumerate() {
            if cluster != own {
                b = b.min(self.cluster_sums[cluster][lane] / size);
            }
        }
        let larger = a.max(b);
        if larger > 0.0 { (b - a) / larger } else { 0.0 }
    }
}

/// Adds the weighted distances of all rows to the 16 queries.
fn add_distances(sums: &mut Lanes, queries: &[Lanes], rows: &[f64], weights: &[f64]) {
    match queries.len() {
        1 => add_distances_in::<1>(sums, queries, rows, weights),
        2 => add_distances_in::<2>(sums, queries, rows, weights),
        3 => add_distances_in::<3>(sums, queries, rows, weights),
        4 => add_distances_in::<4>(sums, queries, rows, weights),
        5 => add_distances_in::<5>(sums, queries, rows, weights),
        6 => add_distances_in::<6>(sums, queries, rows, weights),
        0 => {}
        n_features => add_distances_in_any(sums, queries, rows, weights, n_features),
    }
}

/// For a number of columns that the compiler knows.
fn add_distances_in<const D: usize>(
    sums: &mut Lanes,
    queries: &[Lanes],
    rows: &[f64],
    weights: &[f64],
) {
    let queries: &[Lanes; D] = queries
        .try_into()
        .expect("as many columns as the dispatch says");
    let (rows, _) = rows.as_chunks::<D>();
    for (row, &weight) in rows.iter().zip(weights) {
        let mut squares = [0.0; LANES];
        for (query, &value) in queries.iter().zip(row) {
            for (square, coordinate) in squares.iter_mut().zip(query) {
                let difference = coordinate - value;
                *square += difference * difference;
            }
        }
        for (sum, square) in sums.iter_mut().zip(squares) {
            *sum += weight * square.sqrt();
        }
    }
}

/// For any number of columns.
fn add_distances_in_any(
    sums: &mut Lanes,
    queries: &[Lanes],
    rows: &[f64],
    weights: &[f64],
    n_features: usize,
) {
    for (row, &weight) in rows.chunks_exact(n_features).zip(weights) {
        let mut squares = [0.0; LANES];
        for (query, &value) in queries.iter().zip(row) {
            for (square, coordinate) in squares.iter_mut().zip(query) {
                let difference = coordinate - value;
                *square += difference * difference;
            }
        }
        for (sum, square) in sums.iter_mut().zip(squares) {
            *sum += weight * square.sqrt();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn score(column: Vec<f64>, labels: &[i32]) -> Option<f64> {
        let points = Points::from_columns(&[column]);
        silhouettes(&points, &[labels.to_vec()], &StopToken::new()).expect("not stopped")[0]
    }

    #[test]
    fn the_score_of_four_points_is_that_of_paper_and_pencil() {
        // 0: a 1, b 10.5; 1: a 1, b 9.5; the other two alike.
        let expected = (9.5 / 10.5 + 8.5 / 9.5) / 2.0;
        let given = score(vec![0.0, 1.0, 10.0, 11.0], &[0, 0, 1, 1]).expect("two clusters");
        assert!((given - expected).abs() < 1e-15, "{given}");
    }

    #[test]
    fn the_only_sample_of_a_cluster_and_noise_count_as_zero() {
        let given = score(vec![0.0, 1.0, 10.0], &[0, 0, 1]).expect("two clusters");
        assert!((given - (0.9 + 8.0 / 9.0) / 3.0).abs() < 1e-15, "{given}");
        let given = score(vec![0.0, 1.0, 4.0, 10.0], &[0, 0, -1, 1]).expect("two clusters");
        assert!((given - (0.9 + 8.0 / 9.0) / 4.0).abs() < 1e-15, "{given}");
    }

    #[test]
    fn repeated_samples_at_one_point_are_each_others_neighbors() {
        // Cluster 0 is one point with two samples, at distance 0 from each other: silhouette 1 both.
        assert_eq!(score(vec![0.0, 0.0, 10.0], &[0, 1]), Some(2.0 / 3.0));
    }

    #[test]
    fn fewer_than_two_clusters_have_no_score() {
        assert_eq!(score(vec![0.0, 1.0], &[0, 0]), None);
        assert_eq!(score(vec![0.0, 1.0], &[-1, 0]), None);
        assert_eq!(
            silhouettes(&Points::from_columns(&[vec![1.0]]), &[], &StopToken::new()),
            Ok(vec![])
        );
    }

    #[test]
    fn clusters_at_the_same_place_score_zero() {
        let points =
            Points::from_columns(&[vec![1.0, 2.0, 3.0, 4.0]]).with_columns(vec![vec![5.0; 4]]);
        let scores = silhouettes(&points, &[vec![0, 0, 1, 1]], &StopToken::new());
        assert_eq!(scores, Ok(vec![Some(0.0)]));
    }

    #[test]
    fn a_stopped_sweep_says_so() {
        let stop = StopToken::new();
        stop.stop();
        let points = Points::from_columns(&[vec![1.0, 2.0]]);
        assert_eq!(silhouettes(&points, &[vec![0, 1]], &stop), Err(Stopped));
    }
}
