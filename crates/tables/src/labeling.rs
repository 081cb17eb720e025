//! A partition of customers as a client sends it: cluster ids of its own, with gaps, and noise.

/// The cluster of each customer, under the client's ids and under places without gaps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Labeling {
    /// Ascending, each ≥ 0.
    cluster_ids: Vec<i32>,
    /// Place in `cluster_ids` of each customer, −1 for noise.
    places: Vec<i32>,
}

impl Labeling {
    /// Orders the clusters of one label per customer by id; a negative label is noise.
    #[must_use]
    pub fn new(labels: &[i32]) -> Self {
        let mut cluster_ids: Vec<i32> =
            labels.iter().copied().filter(|&label| label >= 0).collect();
        cluster_ids.sort_unstable();
        cluster_ids.dedup();
        let place = |label: &i32| {
            cluster_ids
                .binary_search(label)
                .map_or(-1, |place| place as i32)
        };
        let places = labels.iter().map(place).collect();
        Self {
            cluster_ids,
            places,
        }
    }

    /// The client's ids, ascending.
    #[must_use]
    pub fn cluster_ids(&self) -> &[i32] {
        &self.cluster_ids
    }

    /// Number of clusters; 0 where all customers are noise.
    #[must_use]
    pub fn n_clusters(&self) -> usize {
        self.cluster_ids.len()
    }

    /// For each customer the place of its cluster in [`Labeling::cluster_ids`], −1 for noise.
    #[must_use]
    pub fn places(&self) -> &[i32] {
        &self.places
    }

    /// Customers that are in no cluster.
    #[must_use]
    pub fn n_noise(&self) -> usize {
        self.places.iter().filter(|&&place| place < 0).count()
    }

    /// The customers of each cluster in payload order, clusters by place.
    #[must_use]
    pub fn members(&self) -> Vec<Vec<u32>> {
        let mut members = vec![Vec::new(); self.n_clusters()];
        for (customer, &place) in self.places.iter().enumerate() {
            if place >= 0 {
                members[place as usize].push(customer as u32);
            }
        }
        members
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clusters_go_by_id_whatever_the_gaps_and_the_order() {
        let labeling = Labeling::new(&[7, -1, 2, 1_000_000_000, 7]);
        assert_eq!(labeling.cluster_ids(), [2, 7, 1_000_000_000]);
        assert_eq!(labeling.places(), [1, -1, 0, 2, 1]);
        assert_eq!(labeling.members(), [vec![2], vec![0, 4], vec![3]]);
        assert_eq!(labeling.n_noise(), 1);
    }

    #[test]
    fn noise_alone_makes_no_cluster() {
        let labeling = Labeling::new(&[-1, -1]);
        assert_eq!((labeling.n_clusters(), labeling.n_noise()), (0, 2));
        assert!(labeling.members().is_empty());
    }
}
