//! Scores that compare the spread within clusters with the spread between their centroids.

use crate::labels::number_by_first_point;
use crate::points::Points;

/// Davies–Bouldin score: the mean over clusters of the worst ratio of spread to separation. Lower is better, 0 is best.
///
/// ```text
/// 1/k · Σ_i max_{j≠i} (s_i + s_j) / |c_i − c_j|      s_i = mean distance of the samples of cluster i to their centroid c_i
/// ```
///
/// `labels` has one label per point; negative ones are noise and left out. `None` for fewer than 2 clusters. Two clusters
/// with the same centroid count as ratio 0 for each other, as in scikit-learn.
///
/// Source: Davies, Bouldin (1979), "A Cluster Separation Measure", IEEE TPAMI 1(2), 224–227.
///
/// # Panics
/// When there is not one label per point.
#[must_use]
pub fn davies_bouldin(points: &Points, labels: &[i32]) -> Option<f64> {
    let clusters = Clusters::of(points, labels);
    let n_clusters = clusters.weights.len();
    if n_clusters < 2 {
        return None;
    }
    let mut spreads = vec![0.0; n_clusters];
    clusters.for_each_member(points, |cluster, weight, square| {
        spreads[cluster] += weight * square.sqrt();
    });
    for (spread, weight) in spreads.iter_mut().zip(&clusters.weights) {
        *spread /= weight;
    }
    let worst = |i: usize| {
        let ratios = (0..n_clusters).filter(|&j| j != i).map(|j| {
            let separation = square_distance(&clusters.centroids[i], &clusters.centroids[j]).sqrt();
            if separation > 0.0 {
                (spreads[i] + spreads[j]) / separation
            } else {
                0.0
            }
        });
        ratios.fold(0.0, f64::max)
    };
    Some((0..n_clusters).map(worst).sum::<f64>() / n_clusters as f64)
}

/// Calinski–Harabasz score: dispersion between clusters over dispersion within them, each per degree of freedom. Higher is better.
///
/// ```text
/// (B / (k − 1)) / (W / (n − k))      B = Σ_i n_i·|c_i − c|²      W = Σ_x |x − c_x|²
/// ```
///
/// n, n_i and the common mean c count samples, noise left out. `None` for fewer than 2 clusters or no more samples than
/// clusters. 1 where there is no dispersion within any cluster, as in scikit-learn.
///
/// Source: Caliński, Harabasz (1974), "A Dendrite Method for Cluster Analysis", Communications in Statistics 3(1), 1–27.
///
/// # Panics
/// When there is not one label per point.
#[must_use]
pub fn calinski_harabasz(points: &Points, labels: &[i32]) -> Option<f64> {
    let clusters = Clusters::of(points, labels);
    let k = clusters.weights.len() as f64;
    let n_samples: f64 = clusters.weights.iter().sum();
    if k < 2.0 || n_samples <= k {
        return None;
    }
    let mut within = 0.0;
    clusters.for_each_member(points, |_, weight, square| within += weight * square);
    if within == 0.0 {
        return Some(1.0);
    }
    let mean = clusters.common_mean(n_samples);
    let between: f64 = clusters
        .weights
        .iter()
        .zip(&clusters.centroids)
        .map(|(weight, c)| weight * square_distance(c, &mean))
        .sum();
    Some(between * (n_samples - k) / (within * (k - 1.0)))
}

/// Centroids and sizes, numbered by first point.
struct Clusters {
    labels: Vec<i32>,
    weights: Vec<f64>,
    centroids: Vec<Vec<f64>>,
}

impl Clusters {
    fn of(points: &Points, labels: &[i32]) -> Self {
        assert_eq!(labels.len(), points.n_points(), "one label per point");
        let mut labels = labels.to_vec();
        let n_clusters = number_by_first_point(&mut labels);
        let mut weights = vec![0.0; n_clusters];
        for (&label, weight) in labels.iter().zip(points.weights()) {
            if label >= 0 {
                weights[label as usize] += weight;
            }
        }
        let mut centroids = vec![vec![0.0; points.n_features()]; n_clusters];
        for (j, column) in points.columns().iter().enumerate() {
            let center = column_center(column);
            for ((&label, weight), value) in labels.iter().zip(points.weights()).zip(column) {
                if label >= 0 {
                    centroids[label as usize][j] += weight * (value - center);
                }
            }
            for (centroid, weight) in centroids.iter_mut().zip(&weights) {
                centroid[j] = center + centroid[j] / weight;
            }
        }
        Self {
            labels,
            weights,
            centroids,
        }
    }

    /// Calls `visit(cluster, weight, squared distance to its centroid)` for every point that is no noise, in order.
    fn for_each_member(&self, points: &Points, mut visit: impl FnMut(usize, f64, f64)) {
        for (i, (&label, &weight)) in self.labels.iter().zip(points.weights()).enumerate() {
            if label < 0 {
                continue;
            }
            let centroid = &self.centroids[label as usize];
            let mut square = 0.0;
            for (column, center) in points.columns().iter().zip(centroid) {
                let difference = column[i] - center;
                square += difference * difference;
            }
            visit(label as usize, weight, square);
        }
    }

    fn common_mean(&self, n_samples: f64) -> Vec<f64> {
        let n_features = self.centroids[0].len();
        let base = &self.centroids[0];
        let mean_of = |j: usize| {
            let terms = self
                .centroids
                .iter()
                .zip(&self.weights)
                .map(|(c, weight)| weight * (c[j] - base[j]));
            base[j] + terms.sum::<f64>() / n_samples
        };
        (0..n_features).map(mean_of).collect()
    }
}

/// A value in the middle of a column: differences from it keep the digits of columns far from 0.
fn column_center(column: &[f64]) -> f64 {
    let low = column.iter().copied().fold(f64::INFINITY, f64::min);
    let high = column.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    0.5 * low + 0.5 * high
}

fn square_distance(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| (x - y) * (x - y)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs() -> Points {
        Points::from_columns(&[vec![0.0, 0.0, 10.0, 10.0], vec![0.0, 2.0, 0.0, 2.0]])
    }

    #[test]
    fn scores_of_two_pairs_are_those_of_paper_and_pencil() {
        // Spread 1 each, centroids 10 apart: (1 + 1) / 10. Between 4 · 25, within 4 · 1: 100 / 1 over 4 / 2.
        assert_eq!(davies_bouldin(&pairs(), &[0, 0, 1, 1]), Some(0.2));
        assert_eq!(calinski_harabasz(&pairs(), &[1, 1, 0, 0]), Some(50.0));
    }

    #[test]
    fn one_cluster_or_none_has_no_score() {
        for labels in [[0, 0, 0, 0], [-1, -1, -1, -1], [3, -1, 3, -1]] {
            assert_eq!(davies_bouldin(&pairs(), &labels), None);
            assert_eq!(calinski_harabasz(&pairs(), &labels), None);
        }
    }

    #[test]
    fn clusters_without_spread_are_perfect() {
        assert_eq!(davies_bouldin(&pairs(), &[0, 1, 2, 3]), Some(0.0));
        assert_eq!(calinski_harabasz(&pairs(), &[0, 1, 2, 3]), None);
        let twice = Points::from_columns(&[vec![1.0, 1.0, 5.0]]);
        assert_eq!(calinski_harabasz(&twice, &[0, 1]), Some(1.0));
    }

    #[test]
    fn noise_is_left_out() {
        let with_noise = Points::from_columns(&[
            vec![0.0, 0.0, 10.0, 10.0, 500.0],
            vec![0.0, 2.0, 0.0, 2.0, 1.0],
        ]);
        assert_eq!(davies_bouldin(&with_noise, &[0, 0, 1, 1, -1]), Some(0.2));
        assert_eq!(
            calinski_harabasz(&with_noise, &[0, 0, 1, 1, -1]),
            Some(50.0)
        );
    }
}
