//! Cluster ids: by descending size, ties by the first customer in payload order.

use clientela_learn::labels::number_by_first_point;

/// A partition of customers with its final numbering.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Numbered {
    /// Cluster of each customer, from 0; −1 for noise.
    pub labels: Vec<i32>,
    /// Customers in each cluster; never increasing, each at least 1.
    pub sizes: Vec<usize>,
}

impl Numbered {
    /// Numbers the clusters of a labeling from anywhere. Labels may be any whole numbers; a negative one is noise.
    #[must_use]
    pub fn by_size(labels: &[i32]) -> Self {
        let mut labels = labels.to_vec();
        let n_clusters = number_by_first_point(&mut labels);
        let mut sizes = vec![0; n_clusters];
        for &label in labels.iter().filter(|&&label| label >= 0) {
            sizes[label as usize] += 1;
        }
        let mut order: Vec<usize> = (0..n_clusters).collect();
        // The sort is stable, and clusters stand by their first customer.
        order.sort_by_key(|&cluster| std::cmp::Reverse(sizes[cluster]));
        let mut id_of = vec![0; n_clusters];
        for (id, &cluster) in order.iter().enumerate() {
            id_of[cluster] = id as i32;
        }
        for label in labels.iter_mut().filter(|label| **label >= 0) {
            *label = id_of[*label as usize];
        }
        let sizes = order.into_iter().map(|cluster| sizes[cluster]).collect();
        Self { labels, sizes }
    }

    /// All customers in one cluster.
    #[must_use]
    pub fn undivided(n_customers: usize) -> Self {
        Self {
            labels: vec![0; n_customers],
            sizes: vec![n_customers],
        }
    }

    /// Number of clusters.
    #[must_use]
    pub fn n_clusters(&self) -> usize {
        self.sizes.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(labels: &[i32], expected: &[i32], sizes: &[usize]) {
        let numbered = Numbered::by_size(labels);
        assert_eq!(numbered.labels, expected);
        assert_eq!(numbered.sizes, sizes);
        assert_eq!(
            Numbered::by_size(&numbered.labels),
            numbered,
            "numbering twice changes nothing"
        );
    }

    #[test]
    fn the_largest_cluster_is_the_first() {
        check(&[7, 3, 3, 9, 3, 9], &[2, 0, 0, 1, 0, 1], &[3, 2, 1]);
    }

    #[test]
    fn clusters_of_one_size_go_by_their_first_customer() {
        check(
            &[5, 1, 5, 1, 2_000_000_000, 8],
            &[0, 1, 0, 1, 2, 3],
            &[2, 2, 1, 1],
        );
    }

    #[test]
    fn noise_keeps_its_label_and_counts_nowhere() {
        check(&[-1, 4, -1, 0, 4, -7], &[-1, 0, -1, 1, 0, -1], &[2, 1]);
        check(&[-1, -1], &[-1, -1], &[]);
    }

    #[test]
    fn an_undivided_base_is_one_cluster() {
        assert_eq!(Numbered::undivided(2), Numbered::by_size(&[4, 4]));
    }
}
