//! What is typical of each cluster, in original units, and what sets it apart from the base.

use clientela_numerics::ExactSum;
use clientela_numerics::stats::Moments;

use super::numbering::Numbered;

/// From this ratio to the mean of the base a mean counts as high.
const HIGH_RATIO: f64 = 1.3;
/// Up to this ratio to the mean of the base a mean counts as low.
const LOW_RATIO: f64 = 0.7;

/// Means of every cluster and of the base.
#[derive(Clone, Debug, PartialEq)]
pub struct ClusterMeans {
    /// `means[cluster][column]`, exact in the decimals given and rounded once.
    pub means: Vec<Vec<f64>>,
    /// Mean and variance of every column over all customers.
    pub base: Vec<Moments>,
}

/// Where a mean stands beside that of the base.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// At least 1.3 times.
    High,
    /// At most 0.7 times.
    Low,
}

/// One column of one cluster beside the base.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Contrast {
    /// Index of the column.
    pub column: usize,
    /// Mean of the cluster.
    pub mean: f64,
    /// Mean of the base.
    pub base: f64,
    /// `(mean − base) / σ` with the deviation of the base; 0 for a column without spread.
    pub deviations: f64,
    /// `None` in between, for a base mean of 0, and for a column without spread.
    pub mark: Option<Mark>,
}

impl ClusterMeans {
    /// Means of `columns` (one value per customer, in payload order); `spread` gives mean and variance of each over all
    /// customers, noise included.
    #[must_use]
    pub fn of(columns: &[&[f64]], spread: &[Moments], clusters: &Numbered) -> Self {
        let mut means = vec![Vec::with_capacity(columns.len()); clusters.n_clusters()];
        let mut base = Vec::with_capacity(columns.len());
        for (column, moments) in columns.iter().zip(spread) {
            let mut sums = vec![ExactSum::new(); clusters.n_clusters()];
            let mut total = ExactSum::new();
            for (&value, &label) in column.iter().zip(&clusters.labels) {
                match usize::try_from(label) {
                    Ok(cluster) => sums[cluster].add(value),
                    Err(_) => total.add(value),
                }
            }
            for ((sum, &size), means) in sums.iter().zip(&clusters.sizes).zip(&mut means) {
                total.merge(sum);
                means.push(sum.divided_by(size as u64));
            }
            base.push(Moments {
                mean: total.divided_by(column.len() as u64),
                ..*moments
            });
        }
        Self { means, base }
    }

    /// One column of one cluster beside the base.
    #[must_use]
    pub fn contrast(&self, cluster: usize, column: usize) -> Contrast {
        let mean = self.means[cluster][column];
        let base = self.base[column];
        let mark = if base.mean <= 0.0 || base.variance <= 0.0 {
            None
        } else if mean >= HIGH_RATIO * base.mean {
            Some(Mark::High)
        } else if mean <= LOW_RATIO * base.mean {
            Some(Mark::Low)
        } else {
            None
        };
        Contrast {
            column,
            mean,
            base: base.mean,
            deviations: base.z_score(mean).unwrap_or(0.0),
            mark,
        }
    }

    /// All columns of one cluster, those that set it apart most first; equal ones by column.
    #[must_use]
    pub fn contrasts(&self, cluster: usize) -> Vec<Contrast> {
        let mut contrasts: Vec<Contrast> = (0..self.base.len())
            .map(|column| self.contrast(cluster, column))
            .collect();
        contrasts.sort_by(|a, b| b.deviations.abs().total_cmp(&a.deviations.abs()));
        contrasts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn means(columns: &[&[f64]], labels: &[i32]) -> ClusterMeans {
        let spread: Vec<Moments> = columns
            .iter()
            .map(|column| Moments::of(column).expect("values"))
            .collect();
        ClusterMeans::of(columns, &spread, &Numbered::by_size(labels))
    }

    #[test]
    fn means_are_exact_and_the_base_counts_noise() {
        let found = means(&[&[0.1, 0.2, 0.3, 1.4]], &[0, 0, 0, -1]);
        assert_eq!(found.means, [[0.2]]);
        assert_eq!(found.base[0].mean, 0.5);
    }

    #[test]
    fn marks_need_a_distance_of_three_tenths() {
        let column = [13.0, 7.0, 9.0, 11.0];
        let found = means(&[&column], &[0, 1, 2, 3]);
        let mark = |cluster| found.contrast(cluster, 0).mark;
        assert_eq!(
            [0, 1, 2, 3].map(mark),
            [Some(Mark::High), Some(Mark::Low), None, None]
        );
    }

    #[test]
    fn a_column_without_spread_or_with_mean_zero_has_no_mark() {
        let found = means(&[&[5.0, 5.0], &[0.0, 0.0], &[1.0, 9.0]], &[0, 1]);
        let contrasts = found.contrasts(1);
        assert_eq!(contrasts[0].column, 2);
        assert_eq!(contrasts[0].mark, Some(Mark::High));
        assert_eq!(contrasts[0].deviations, 1.0);
        assert!(
            contrasts[1..]
                .iter()
                .all(|c| c.mark.is_none() && c.deviations == 0.0)
        );
    }
}
