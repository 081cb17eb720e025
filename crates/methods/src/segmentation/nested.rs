//! Clusters within clusters: each parent of a labeled base divided by K-Means on its own.

use clientela_learn::FitError;
use clientela_numerics::StopToken;
use clientela_tables::{Labeling, Shoppers};
use rayon::prelude::*;

use super::benchmark::Benchmark;
use super::shoppers::N_TOP_CATEGORIES;
use super::space::{Columns, Scaling};
use super::summary::ClusterMeans;
use super::sweep::{DbscanOptions, Family, Known, SweepOptions, sweep};
use crate::categories::{CategoryCounts, CategoryScore};

/// How parents are divided.
#[derive(Clone, Debug, PartialEq)]
pub struct NestedOptions {
    /// Numbers of clusters tried in each parent, each at least 2, none twice.
    pub ks: Vec<usize>,
    /// Units of the columns, taken from the customers of the parent alone.
    pub scaling: Scaling,
    /// Seed of all random streams.
    pub seed: u64,
}

/// One parent and the clusters within it.
#[derive(Clone, Debug, PartialEq)]
pub struct NestedClusters {
    /// The client's id of the parent.
    pub parent_id: i32,
    /// Its customers, by index in payload order.
    pub members: Vec<u32>,
    /// What was tried, and the clusters of the best: labels stand in the order of `members`.
    pub benchmark: Benchmark,
    /// Means of frequency, amount spent and number of product types of every cluster, and of the parent.
    pub means: ClusterMeans,
    /// Up to [`N_TOP_CATEGORIES`] of every cluster, best first; rare is what few customers of the whole base bought.
    pub top_categories: Vec<Vec<CategoryScore>>,
}

/// Divides parents, given by their place in the labeling, each as if it were alone.
///
/// # Errors
/// [`FitError::Stopped`].
pub fn divide(
    shoppers: &Shoppers,
    labeling: &Labeling,
    parents: &[usize],
    options: &NestedOptions,
    stop: &StopToken,
) -> Result<Vec<NestedClusters>, FitError> {
    let members = labeling.members();
    let divided: Vec<NestedClusters> = parents
        .par_iter()
        .map(|&parent| {
            let parent_id = labeling.cluster_ids()[parent];
            divide_one(shoppers, parent_id, &members[parent], options, stop)
        })
        .collect::<Result<_, FitError>>()?;
    Ok(with_categories(shoppers, divided))
}

fn divide_one(
    shoppers: &Shoppers,
    parent_id: i32,
    members: &[u32],
    options: &NestedOptions,
    stop: &StopToken,
) -> Result<NestedClusters, FitError> {
    let columns = Columns::of_group(shoppers, members, stop)?;
    let space = columns.space(options.scaling);
    let tried = SweepOptions {
        ks: options.ks.clone(),
        families: vec![Family::KMeans],
        // Not among the families.
        dbscan: DbscanOptions {
            eps: 1.0,
            min_samples: 1,
        },
        seed: options.seed,
    };
    let swept = sweep(&space, &tried, Known::default(), stop)?;
    let benchmark = Benchmark::of(swept, &space);
    let rows = columns.rows();
    let numbers: Vec<Vec<f64>> = rows
        .columns()
        .iter()
        .map(|column| rows.to_samples(column))
        .collect();
    let numbers: Vec<&[f64]> = numbers.iter().map(Vec::as_slice).collect();
    let spread = [0, 1, 2].map(|column| columns.moments(column));
    Ok(NestedClusters {
        parent_id,
        members: members.to_vec(),
        means: ClusterMeans::of(&numbers, &spread, &benchmark.clusters),
        benchmark,
        top_categories: Vec::new(),
    })
}

/// Finds the categories of all clusters of all parents in one pass over the base.
fn with_categories(shoppers: &Shoppers, mut divided: Vec<NestedClusters>) -> Vec<NestedClusters> {
    let mut labels = vec![-1; shoppers.len()];
    let mut n_clusters = 0;
    for parent in &divided {
        let clusters = &parent.benchmark.clusters;
        for (&member, &label) in parent.members.iter().zip(&clusters.labels) {
            labels[member as usize] = n_clusters as i32 + label;
        }
        n_clusters += clusters.n_clusters();
    }
    let counts = CategoryCounts::of(shoppers);
    let mut top = counts
        .top(shoppers, &labels, n_clusters, N_TOP_CATEGORIES)
        .into_iter();
    for parent in &mut divided {
        let n_clusters = parent.benchmark.clusters.n_clusters();
        parent.top_categories = top.by_ref().take(n_clusters).collect();
    }
    divided
}

#[cfg(test)]
mod tests {
    use clientela_tables::ShoppersBuilder;

    use super::*;

    fn base(amounts: &[(f64, &str)]) -> Shoppers {
        let mut builder = ShoppersBuilder::new();
        for &(amount, product_type) in amounts {
            let product_type = builder.type_index(product_type);
            builder.push(1.0, amount, &[product_type]);
        }
        builder.finish((0..amounts.len()).map(|index| index.to_string()).collect())
    }

    fn options() -> NestedOptions {
        NestedOptions {
            ks: vec![2, 3],
            scaling: Scaling::None,
            seed: 42,
        }
    }

    fn divided(amounts: &[(f64, &str)], labels: &[i32], parents: &[usize]) -> Vec<NestedClusters> {
        let (shoppers, labeling) = (base(amounts), Labeling::new(labels));
        let stop = StopToken::new();
        divide(&shoppers, &labeling, parents, &options(), &stop).expect("a base")
    }

    const BASE: [(f64, &str); 9] = [
        (1.0, "tea"),
        (900.0, "rum"),
        (2.0, "tea"),
        (901.0, "rum"),
        (10.0, "ink"),
        (20.0, "ink"),
        (11.0, "pen"),
        (5.0, "tea"),
        (21.0, "pen"),
    ];
    const LABELS: [i32; 9] = [7, 7, 7, 7, 3, 3, 3, -1, 3];

    #[test]
    fn every_parent_is_divided_by_itself() {
        let found = divided(&BASE, &LABELS, &[0, 1]);
        let [three, seven] = &found[..] else {
            panic!("two parents")
        };
        assert_eq!(
            (three.parent_id, &three.members[..]),
            (3, &[4, 5, 6, 8][..])
        );
        assert_eq!(three.benchmark.clusters.labels, [0, 1, 0, 1]);
        assert_eq!(seven.benchmark.clusters.labels, [0, 1, 0, 1]);
        assert_eq!(seven.means.means, [[1.0, 1.5, 1.0], [1.0, 900.5, 1.0]]);
        let names = base(&BASE);
        let name = |score: &CategoryScore| names.type_names()[score.category as usize].clone();
        assert_eq!(
            seven
                .top_categories
                .iter()
                .map(|top| name(&top[0]))
                .collect::<Vec<_>>(),
            ["tea", "rum"]
        );
    }

    #[test]
    fn a_parent_comes_out_the_same_alone_and_among_others() {
        let all = divided(&BASE, &LABELS, &[0, 1]);
        assert_eq!(divided(&BASE, &LABELS, &[1]), all[1..]);
        assert_eq!(divided(&BASE, &LABELS, &[0]), all[..1]);
        assert!(divided(&BASE, &LABELS, &[]).is_empty());
    }

    #[test]
    fn a_parent_too_small_stays_whole() {
        let found = divided(&[(1.0, "a"), (9.0, "b"), (5.0, "c")], &[0, 0, 1], &[0, 1]);
        for (parent, n_customers) in found.iter().zip([2, 1]) {
            assert_eq!(parent.benchmark.best, None);
            assert_eq!(parent.benchmark.clusters.sizes, [n_customers]);
            assert_eq!(parent.benchmark.left_out, [2, 3]);
            assert_eq!(parent.top_categories.len(), 1);
        }
    }
}
