//! The segmentation of shoppers by Ward linkage alone: one tree, cut at every number of clusters.

use clientela_learn::FitError;
use clientela_numerics::StopToken;
use clientela_tables::Shoppers;

use super::benchmark::Benchmark;
use super::dendrogram::Dendrogram;
use super::shoppers::ShopperSummary;
use super::space::{Columns, Scaling, ShopperColumns, VarianceShare};
use super::sweep::{DbscanOptions, Family, Known, SweepOptions, linkage, sweep};

/// The finest cut that is scored.
pub const N_CLUSTERS_MAX: usize = 10;

/// How shoppers are segmented.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WardOptions {
    /// Units of the columns.
    pub scaling: Scaling,
    /// Which columns count.
    pub columns: ShopperColumns,
    /// Leaves up to which the whole tree is given, at least 1.
    pub dendrogram_max_leaves: usize,
    /// Seed of all random streams; Ward linkage has none.
    pub seed: u64,
}

/// A base divided by Ward linkage.
#[derive(Clone, Debug, PartialEq)]
pub struct WardSegmentation {
    /// Every cut into 2 to [`N_CLUSTERS_MAX`] clusters, fewer than customers, and the clusters of the best.
    pub benchmark: Benchmark,
    /// How much of the distances each column decides.
    pub variance_shares: Vec<VarianceShare>,
    /// The tree.
    pub dendrogram: Dendrogram,
    /// What is typical of each cluster.
    pub summary: ShopperSummary,
}

/// Divides a base by Ward linkage, the number of clusters being that of the best cut.
///
/// # Errors
/// [`FitError::Stopped`].
pub fn segment_by_ward(
    shoppers: &Shoppers,
    options: &WardOptions,
    stop: &StopToken,
) -> Result<WardSegmentation, FitError> {
    let columns = Columns::of_shoppers(shoppers, options.columns, stop)?;
    let space = columns.space(options.scaling);
    stop.poll()?;
    let tree = linkage(&space, stop)?;
    // Two clusters are always asked for, so that a base too small for them is told so.
    let finest = N_CLUSTERS_MAX.min(shoppers.len() - 1).max(2);
    let cuts = SweepOptions {
        ks: (2..=finest).collect(),
        families: vec![Family::Agglomerative],
        // Not among the families.
        dbscan: DbscanOptions {
            eps: 1.0,
            min_samples: 1,
        },
        seed: options.seed,
    };
    let known = Known {
        tree: Some(&tree),
        dbscan_labels: None,
    };
    let benchmark = Benchmark::of(sweep(&space, &cuts, known, stop)?, &space);
    stop.poll()?;
    let dendrogram = Dendrogram::new(
        &tree,
        space.points(),
        shoppers.ids(),
        options.dendrogram_max_leaves,
    );
    stop.poll()?;
    Ok(WardSegmentation {
        summary: ShopperSummary::of(shoppers, &columns, &benchmark.clusters),
        benchmark,
        variance_shares: space.variance_shares().to_vec(),
        dendrogram,
    })
}

#[cfg(test)]
mod tests {
    use clientela_tables::ShoppersBuilder;

    use super::*;

    fn segmented(amounts: &[f64]) -> WardSegmentation {
        let mut builder = ShoppersBuilder::new();
        let tea = builder.type_index("tea");
        for &amount in amounts {
            builder.push(1.0, amount, &[tea]);
        }
        let options = WardOptions {
            scaling: Scaling::None,
            columns: ShopperColumns::Numeric,
            dendrogram_max_leaves: 100,
            seed: 42,
        };
        segment_by_ward(
            &builder.finish((0..amounts.len()).map(|index| index.to_string()).collect()),
            &options,
            &StopToken::new(),
        )
        .expect("a base")
    }

    #[test]
    fn every_cut_up_to_ten_is_tried_and_the_clearest_wins() {
        let groups: Vec<f64> = (0..15).map(|i| f64::from(i % 3 * 100 + i / 3)).collect();
        let found = segmented(&groups);
        let ks: Vec<usize> = found
            .benchmark
            .configurations
            .iter()
            .map(|it| it.k)
            .collect();
        assert_eq!(ks, [2, 3, 4, 5, 6, 7, 8, 9, 10]);
        assert_eq!(found.benchmark.best.map(|best| best.k), Some(3));
        assert_eq!(found.benchmark.clusters.sizes, [5, 5, 5]);
        assert!(found.benchmark.left_out.is_empty());
    }

    #[test]
    fn a_base_too_small_stays_whole_and_has_a_tree() {
        for (amounts, n_merges) in [(&[1.0][..], 0), (&[1.0, 9.0], 1), (&[4.0, 4.0, 4.0], 2)] {
            let found = segmented(amounts);
            assert_eq!(found.benchmark.best, None);
            assert_eq!(found.benchmark.left_out, [2]);
            assert_eq!(found.benchmark.clusters.sizes, [amounts.len()]);
            assert_eq!(found.dendrogram.linkage.len(), n_merges);
        }
    }
}
