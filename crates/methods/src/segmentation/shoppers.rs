//! The segmentation of shoppers, from table to clusters.

use clientela_learn::FitError;
use clientela_learn::ward::Tree;
use clientela_numerics::StopToken;
use clientela_tables::Shoppers;

use super::benchmark::Benchmark;
use super::dendrogram::Dendrogram;
use super::space::{Columns, Scaling, ShopperColumns, Space, VarianceShare};
use super::summary::ClusterMeans;
use super::sweep::{Configuration, Family, Known, SweepOptions, linkage, sweep};
use super::{numbering::Numbered, winner};
use crate::categories::{CategoryCounts, CategoryScore};

/// Categories named for each cluster.
pub const N_TOP_CATEGORIES: usize = 3;

/// How shoppers are segmented.
#[derive(Clone, Debug, PartialEq)]
pub struct ShopperOptions {
    /// What is tried.
    pub sweep: SweepOptions,
    /// Units of the columns.
    pub scaling: Scaling,
    /// Which columns count.
    pub columns: ShopperColumns,
    /// Leaves up to which the whole Ward tree is given, at least 1; `None` for no tree.
    pub dendrogram_max_leaves: Option<usize>,
}

/// A segmented base.
#[derive(Clone, Debug, PartialEq)]
pub struct ShopperSegmentation {
    /// Everything that was tried, and the clusters of the winner.
    pub benchmark: Benchmark,
    /// How much of the distances each column decides.
    pub variance_shares: Vec<VarianceShare>,
    /// What would have won in z-scores; `None` where nothing could.
    pub z_scored_best: Option<Configuration>,
    /// The Ward tree, where it was asked for.
    pub dendrogram: Option<Dendrogram>,
    /// What is typical of each cluster.
    pub summary: ShopperSummary,
}

/// Segments a base of shoppers.
///
/// # Errors
/// [`FitError::Stopped`].
pub fn segment(
    shoppers: &Shoppers,
    options: &ShopperOptions,
    stop: &StopToken,
) -> Result<ShopperSegmentation, FitError> {
    let columns = Columns::of_shoppers(shoppers, options.columns, stop)?;
    let space = columns.space(options.scaling);
    stop.poll()?;
    let needs_tree = options.sweep.families.contains(&Family::Agglomerative);
    let tree = (needs_tree || options.dendrogram_max_leaves.is_some())
        .then(|| linkage(&space, stop))
        .transpose()?;
    let known = Known {
        tree: tree.as_ref(),
        dbscan_labels: None,
    };
    let swept = sweep(&space, &options.sweep, known, stop)?;
    let z_scored_best = match options.scaling {
        Scaling::ZScore => winner::winner(&swept.configurations).map(|i| swept.configurations[i]),
        Scaling::None => z_scored_best(&columns, options, swept.dbscan_labels(), stop)?,
        Scaling::LogZScore => z_scored_best(&columns, options, None, stop)?,
    };
    let benchmark = Benchmark::of(swept, &space);
    stop.poll()?;
    let dendrogram = drawn(
        tree.as_ref(),
        &space,
        shoppers,
        options.dendrogram_max_leaves,
    );
    stop.poll()?;
    let summary = ShopperSummary::of(shoppers, &columns, &benchmark.clusters);
    let variance_shares = space.variance_shares().to_vec();
    Ok(ShopperSegmentation {
        benchmark,
        variance_shares,
        z_scored_best,
        dendrogram,
        summary,
    })
}

/// What wins in z-scores; `dbscan_labels` where the neighborhoods are the same and were searched before.
fn z_scored_best(
    columns: &Columns,
    options: &ShopperOptions,
    dbscan_labels: Option<&[i32]>,
    stop: &StopToken,
) -> Result<Option<Configuration>, FitError> {
    let known = Known {
        tree: None,
        dbscan_labels,
    };
    let swept = sweep(&columns.space(Scaling::ZScore), &options.sweep, known, stop)?;
    Ok(winner::winner(&swept.configurations).map(|index| swept.configurations[index]))
}

fn drawn(
    tree: Option<&Tree>,
    space: &Space,
    shoppers: &Shoppers,
    max_leaves: Option<usize>,
) -> Option<Dendrogram> {
    Some(Dendrogram::new(
        tree?,
        space.points(),
        shoppers.ids(),
        max_leaves?,
    ))
}

/// What is typical of each cluster of shoppers.
#[derive(Clone, Debug, PartialEq)]
pub struct ShopperSummary {
    /// Means of frequency, amount spent and number of product types.
    pub means: ClusterMeans,
    /// Up to [`N_TOP_CATEGORIES`] for each cluster, best first.
    pub top_categories: Vec<Vec<CategoryScore>>,
    /// Customers of the base by category.
    pub category_counts: CategoryCounts,
}

impl ShopperSummary {
    /// Describes the clusters of a base; `columns` are those of its shoppers.
    #[must_use]
    pub fn of(shoppers: &Shoppers, columns: &Columns, clusters: &Numbered) -> Self {
        let n_types = shoppers.n_types();
        let numbers = [shoppers.frequency(), shoppers.amount_spent(), &n_types];
        let spread = [0, 1, 2].map(|column| columns.moments(column));
        let category_counts = CategoryCounts::of(shoppers);
        let top_categories = category_counts.top(
            shoppers,
            &clusters.labels,
            clusters.n_clusters(),
            N_TOP_CATEGORIES,
        );
        let means = ClusterMeans::of(&numbers, &spread, clusters);
        Self {
            means,
            top_categories,
            category_counts,
        }
    }
}
