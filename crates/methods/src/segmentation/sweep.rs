//! Every algorithm with every number of clusters, scored on the same terms.

use clientela_learn::labels::number_by_first_point;
use clientela_learn::metrics::{calinski_harabasz, davies_bouldin, silhouettes};
use clientela_learn::ward::{self, Tree};
use clientela_learn::{
    Dbscan, DbscanParams, FitError, GaussianMixture, GaussianMixtureParams, KMeans, KMeansParams,
    Points, Restarts,
};
use clientela_numerics::StopToken;
use rayon::prelude::*;

use super::space::Space;

/// K-Means restarts, for its own sake and as starts of the mixture.
const N_INIT: usize = 10;
/// Added to each variance of a mixture component, as a share of the variance of the column.
const COVARIANCE_FLOOR: f64 = 1e-6;
/// Share of noise beyond which a partition says nothing about the base.
const NOISE_SHARE_MAX: f64 = 0.5;

/// The families of algorithms, in the order in which they win a tie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    /// Ward linkage, cut.
    Agglomerative,
    /// K-Means.
    KMeans,
    /// Gaussian mixture with full covariances.
    GaussianMixture,
    /// Density-based clusters with noise.
    Dbscan,
}

impl Family {
    /// All families, in the order in which they win a tie.
    pub const ALL: [Self; 4] = [
        Self::Agglomerative,
        Self::KMeans,
        Self::GaussianMixture,
        Self::Dbscan,
    ];
}

/// What DBSCAN calls a neighborhood.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DbscanOptions {
    /// Radius in z-scored space, > 0.
    pub eps: f64,
    /// Customers within the radius, the point itself included, that make a core point; at least 1.
    pub min_samples: usize,
}

/// What a sweep tries.
#[derive(Clone, Debug, PartialEq)]
pub struct SweepOptions {
    /// Numbers of clusters, each at least 2, none twice.
    pub ks: Vec<usize>,
    /// Families, none twice.
    pub families: Vec<Family>,
    /// For [`Family::Dbscan`].
    pub dbscan: DbscanOptions,
    /// Seed of all random streams.
    pub seed: u64,
}

/// How good a partition is; all three count customers, not distinct rows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scores {
    /// Mean silhouette, −1 to 1; higher is better.
    pub silhouette: f64,
    /// Davies–Bouldin, ≥ 0; lower is better.
    pub davies_bouldin: f64,
    /// Calinski–Harabasz, ≥ 0; higher is better.
    pub calinski_harabasz: f64,
}

/// One algorithm with one number of clusters, and how well it did.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Configuration {
    /// The family.
    pub family: Family,
    /// Clusters asked for; for DBSCAN those found.
    pub k: usize,
    /// Clusters found.
    pub n_clusters: usize,
    /// `None` where the partition can't win: fewer than 2 clusters, or more than half of the customers noise.
    pub scores: Option<Scores>,
    /// Bayesian information criterion of a Gaussian mixture; lower is better.
    pub bic: Option<f64>,
}

/// All partitions of a base.
#[derive(Clone, Debug, PartialEq)]
pub struct Sweep {
    /// By k, then family as in [`Family::ALL`]; DBSCAN last.
    pub configurations: Vec<Configuration>,
    /// For each configuration the cluster of each distinct row, −1 for noise.
    pub labelings: Vec<Vec<i32>>,
    /// Numbers of clusters that the base is too small or too uniform for.
    pub left_out: Vec<usize>,
}

impl Sweep {
    /// The DBSCAN partition, for another sweep over the same neighborhoods.
    #[must_use]
    pub fn dbscan_labels(&self) -> Option<&[i32]> {
        let dbscan = self
            .configurations
            .iter()
            .position(|it| it.family == Family::Dbscan);
        dbscan.map(|index| self.labelings[index].as_slice())
    }
}

/// What is known of a space before it is swept.
#[derive(Clone, Copy, Debug, Default)]
pub struct Known<'a> {
    /// Its Ward tree.
    pub tree: Option<&'a Tree>,
    /// Its DBSCAN partition.
    pub dbscan_labels: Option<&'a [i32]>,
}

/// The Ward tree of a space.
///
/// # Errors
/// [`FitError::Stopped`].
pub fn linkage(space: &Space, stop: &StopToken) -> Result<Tree, FitError> {
    ward::linkage(space.points(), stop)
}

/// Tries everything that the options name and scores it in the space.
///
/// A number of clusters is left out where it is above the number of distinct rows or not below the number of customers.
///
/// # Errors
/// [`FitError::Stopped`].
pub fn sweep(
    space: &Space,
    options: &SweepOptions,
    known: Known<'_>,
    stop: &StopToken,
) -> Result<Sweep, FitError> {
    let n_samples = space.points().n_samples();
    let fits = |&k: &usize| k <= space.n_distinct() && k < n_samples;
    let mut ks = options.ks.clone();
    ks.sort_unstable();
    let (ks, left_out): (Vec<usize>, Vec<usize>) = ks.into_iter().partition(fits);
    let partitions = partitions(space, options, &ks, known, stop)?;
    let (configurations, labelings) = score(space.points(), partitions, stop)?;
    Ok(Sweep {
        configurations,
        labelings,
        left_out,
    })
}

/// A configuration before its partition is judged.
struct Partition {
    family: Family,
    /// `None` for DBSCAN.
    k: Option<usize>,
    labels: Vec<i32>,
    bic: Option<f64>,
}

/// The partitions by k, then family, DBSCAN last.
fn partitions(
    space: &Space,
    options: &SweepOptions,
    ks: &[usize],
    known: Known<'_>,
    stop: &StopToken,
) -> Result<Vec<Partition>, FitError> {
    let mut families = options.families.clone();
    families.sort_unstable();
    let cuts = if families.contains(&Family::Agglomerative) && !ks.is_empty() {
        cuts(space, ks, known.tree, stop)?
    } else {
        Vec::new()
    };
    let with_k = |place: usize| -> Result<Vec<Partition>, FitError> {
        let k = ks[place];
        let cut = cuts.get(place);
        partitions_into(space.points(), k, &families, cut, options.seed, stop)
    };
    let without_k = || -> Result<Vec<Partition>, FitError> {
        let labels = match (families.contains(&Family::Dbscan), known.dbscan_labels) {
            (false, _) => return Ok(Vec::new()),
            (true, Some(labels)) => labels.to_vec(),
            (true, None) => dbscan(space.neighborhoods(), options.dbscan, stop)?,
        };
        Ok(vec![Partition {
            family: Family::Dbscan,
            k: None,
            labels,
            bic: None,
        }])
    };
    let (with_k, without_k) = rayon::join(
        || {
            let places = (0..ks.len()).into_par_iter().map(with_k);
            places.collect::<Result<Vec<_>, FitError>>()
        },
        without_k,
    );
    Ok(with_k?.into_iter().flatten().chain(without_k?).collect())
}

/// The partitions into `k` clusters, in the order of the families. K-Means and the mixture share their restarts.
fn partitions_into(
    points: &Points,
    k: usize,
    families: &[Family],
    cut: Option<&Vec<i32>>,
    seed: u64,
    stop: &StopToken,
) -> Result<Vec<Partition>, FitError> {
    let params = KMeansParams {
        n_clusters: k,
        n_init: N_INIT,
        ..KMeansParams::default()
    };
    let params = params.check().expect("at least one cluster");
    let needs_restarts =
        |family: &Family| matches!(family, Family::KMeans | Family::GaussianMixture);
    let restarts = families
        .iter()
        .any(needs_restarts)
        .then(|| Restarts::run(points, &params, seed, stop));
    let restarts = || restarts.as_ref().expect("run for these families").as_ref();
    let partition = |&family: &Family| {
        let (labels, bic) = match family {
            Family::Agglomerative => (cut.expect("a cut for every k").clone(), None),
            Family::KMeans => {
                let fit = restarts()
                    .map_err(Clone::clone)
                    .and_then(|restarts| KMeans::of_restarts(restarts, &params, seed, stop));
                let labels = fit.map(|fit| fit.labels);
                (one_cluster_where_there_is_no_fit(labels, points)?, None)
            }
            Family::GaussianMixture => mixture(points, restarts(), k, seed, stop)?,
            Family::Dbscan => return Ok(None),
        };
        Ok(Some(Partition {
            family,
            k: Some(k),
            labels,
            bic,
        }))
    };
    let partitions = families.par_iter().map(partition);
    let partitions = partitions.collect::<Result<Vec<_>, FitError>>()?;
    Ok(partitions.into_iter().flatten().collect())
}

/// One tree, cut for every k.
fn cuts(
    space: &Space,
    ks: &[usize],
    tree: Option<&Tree>,
    stop: &StopToken,
) -> Result<Vec<Vec<i32>>, FitError> {
    match tree {
        Some(tree) => Ok(tree.cuts(ks)),
        None => Ok(linkage(space, stop)?.cuts(ks)),
    }
}

/// Where squared distances vanish or a likelihood has no maximum, the data are one cluster to a family, and that can't
/// win.
fn one_cluster_where_there_is_no_fit(
    labels: Result<Vec<i32>, FitError>,
    points: &Points,
) -> Result<Vec<i32>, FitError> {
    match labels {
        Err(FitError::Degenerate(_) | FitError::TooFewSamples { .. }) => {
            Ok(vec![0; points.n_points()])
        }
        labels => labels,
    }
}

/// Labels, and the Bayesian information criterion where there is a fit.
fn mixture(
    points: &Points,
    restarts: Result<&Restarts, &FitError>,
    n_components: usize,
    seed: u64,
    stop: &StopToken,
) -> Result<(Vec<i32>, Option<f64>), FitError> {
    let params = GaussianMixtureParams {
        n_components,
        n_init: N_INIT,
        covariance_floor: COVARIANCE_FLOOR,
        ..GaussianMixtureParams::default()
    };
    let params = params.check().expect("at least one component");
    let fit = restarts
        .map_err(Clone::clone)
        .and_then(|restarts| GaussianMixture::fit_from(points, restarts, &params, seed, stop));
    let bic = fit.as_ref().ok().map(|mixture| mixture.bic);
    let labels = one_cluster_where_there_is_no_fit(fit.map(|mixture| mixture.labels), points)?;
    Ok((labels, bic.filter(|bic| bic.is_finite())))
}

fn dbscan(
    neighborhoods: &Points,
    options: DbscanOptions,
    stop: &StopToken,
) -> Result<Vec<i32>, FitError> {
    let params = DbscanParams {
        eps: options.eps,
        min_samples: options.min_samples,
    };
    let params = params.check().expect("a radius above 0");
    Ok(Dbscan::fit(neighborhoods, &params, stop)?.labels)
}

/// Scores the partitions that can win, all silhouettes in one sweep.
fn score(
    points: &Points,
    partitions: Vec<Partition>,
    stop: &StopToken,
) -> Result<(Vec<Configuration>, Vec<Vec<i32>>), FitError> {
    let (mut configurations, mut labelings): (Vec<Configuration>, Vec<Vec<i32>>) =
        partitions.into_iter().map(unscored).unzip();
    let can_win = |&i: &usize| can_win(points, configurations[i].n_clusters, &labelings[i]);
    let contenders: Vec<usize> = (0..labelings.len()).filter(can_win).collect();
    let labels: Vec<Vec<i32>> = contenders
        .iter()
        .map(|&i| std::mem::take(&mut labelings[i]))
        .collect();
    let silhouettes = silhouettes(points, &labels, stop)?;
    let dispersions: Vec<Option<(f64, f64)>> = labels
        .par_iter()
        .map(|labels| {
            stop.poll()?;
            Ok(davies_bouldin(points, labels).zip(calinski_harabasz(points, labels)))
        })
        .collect::<Result<_, FitError>>()?;
    let scores = silhouettes
        .into_iter()
        .zip(dispersions)
        .map(|(silhouette, dispersion)| {
            let (davies_bouldin, calinski_harabasz) = dispersion?;
            // Quotients of spreads can differ by more than a double can hold.
            Some(Scores {
                silhouette: silhouette?,
                davies_bouldin: davies_bouldin.min(f64::MAX),
                calinski_harabasz: calinski_harabasz.min(f64::MAX),
            })
        });
    for ((i, labels), scores) in contenders.into_iter().zip(labels).zip(scores) {
        labelings[i] = labels;
        configurations[i].scores = scores;
    }
    Ok((configurations, labelings))
}

fn unscored(partition: Partition) -> (Configuration, Vec<i32>) {
    let Partition {
        family,
        k,
        mut labels,
        bic,
    } = partition;
    let n_clusters = number_by_first_point(&mut labels);
    let k = k.unwrap_or(n_clusters);
    (
        Configuration {
            family,
            k,
            n_clusters,
            scores: None,
            bic,
        },
        labels,
    )
}

fn can_win(points: &Points, n_clusters: usize, labels: &[i32]) -> bool {
    let weights = points.weights().iter().zip(labels);
    let noise: f64 = weights
        .filter(|(_, label)| **label < 0)
        .map(|(weight, _)| weight)
        .sum();
    n_clusters >= 2 && noise <= NOISE_SHARE_MAX * points.n_samples() as f64
}

#[cfg(test)]
mod tests {
    use clientela_tables::{Shoppers, ShoppersBuilder};

    use super::*;
    use crate::segmentation::{Benchmark, Columns, Scaling, ShopperColumns};

    fn base(rows: &[(f64, f64)]) -> Shoppers {
        let mut builder = ShoppersBuilder::new();
        let category = builder.type_index("tea");
        for &(frequency, amount) in rows {
            builder.push(frequency, amount, &[category]);
        }
        builder.finish((0..rows.len()).map(|index| index.to_string()).collect())
    }

    fn options(ks: &[usize], families: &[Family], eps: f64) -> SweepOptions {
        SweepOptions {
            ks: ks.to_vec(),
            families: families.to_vec(),
            dbscan: DbscanOptions {
                eps,
                min_samples: 3,
            },
            seed: 42,
        }
    }

    fn space(rows: &[(f64, f64)]) -> Space {
        Columns::of_shoppers(&base(rows), ShopperColumns::Numeric, &StopToken::new())
            .expect("time")
            .space(Scaling::None)
    }

    fn swept(space: &Space, options: &SweepOptions) -> Sweep {
        sweep(space, options, Known::default(), &StopToken::new()).expect("time")
    }

    /// Three tight groups, far from each other.
    fn groups() -> Vec<(f64, f64)> {
        let group = |at: f64| (0..6).map(move |i| (2.0, at + f64::from(i)));
        [0.0, 500.0, 1_000.0].into_iter().flat_map(group).collect()
    }

    #[test]
    fn every_family_finds_groups_that_are_far_apart() {
        let space = space(&groups());
        let found = swept(&space, &options(&[3], &Family::ALL, 0.5));
        assert_eq!(found.configurations.len(), 4);
        let benchmark = Benchmark::of(found, &space);
        for configuration in &benchmark.configurations {
            assert_eq!((configuration.k, configuration.n_clusters), (3, 3));
            assert_eq!(
                configuration.scores, benchmark.configurations[0].scores,
                "one partition, one score"
            );
        }
        let best = benchmark.best.expect("a winner");
        assert_eq!(best.family, Family::Agglomerative, "the first of equals");
        assert_eq!(benchmark.clusters.sizes, [6, 6, 6]);
        assert_eq!(benchmark.clusters.labels[..7], [0, 0, 0, 0, 0, 0, 1]);
    }

    #[test]
    fn numbers_of_clusters_beyond_the_rows_are_left_out() {
        let space = space(&[(1.0, 5.0), (1.0, 5.0), (2.0, 5.0), (3.0, 9.0)]);
        let found = swept(&space, &options(&[4, 2, 3, 5], &[Family::KMeans], 0.5));
        assert_eq!(found.left_out, [4, 5]);
        let ks: Vec<usize> = found.configurations.iter().map(|it| it.k).collect();
        assert_eq!(ks, [2, 3]);
    }

    #[test]
    fn a_base_of_equals_stays_undivided() {
        let space = space(&[(1.0, 5.0); 8]);
        let found = swept(&space, &options(&[2, 3], &Family::ALL, 0.5));
        assert_eq!(found.left_out, [2, 3]);
        assert_eq!(found.configurations.len(), 1, "DBSCAN needs no k");
        let benchmark = Benchmark::of(found, &space);
        assert_eq!((benchmark.best, benchmark.n_distinct), (None, 1));
        assert_eq!(
            benchmark.clusters,
            crate::segmentation::Numbered::undivided(8)
        );
    }

    #[test]
    fn a_partition_that_is_mostly_noise_has_no_scores() {
        let apart = (0..20).map(|i| (1.0, f64::from(i) * 100.0));
        let dense = [(1.0, 0.0), (1.0, 0.0), (1.0, 1_900.0), (1.0, 1_900.0)];
        let rows: Vec<(f64, f64)> = apart.chain(dense).collect();
        let found = swept(&space(&rows), &options(&[2], &[Family::Dbscan], 0.05));
        let dbscan = found.configurations[0];
        assert_eq!((dbscan.k, dbscan.n_clusters, dbscan.scores), (2, 2, None));
    }

    #[test]
    fn a_known_partition_is_not_searched_again() {
        let space = space(&groups());
        let mut labels = vec![0; space.points().n_points()];
        labels[0] = 1;
        let known = Known {
            tree: None,
            dbscan_labels: Some(&labels),
        };
        let options = options(&[2], &[Family::Dbscan], 0.5);
        let found = sweep(&space, &options, known, &StopToken::new()).expect("time");
        assert_eq!(found.configurations[0].n_clusters, 2);
    }

    #[test]
    fn restarts_that_families_share_change_no_partition() {
        let rows = (0..60_u32).map(|i| (f64::from(1 + i * i % 11), f64::from(i * 37 % 101)));
        let space = space(&rows.collect::<Vec<_>>());
        let together = [Family::KMeans, Family::GaussianMixture];
        let shared = swept(&space, &options(&[3, 5], &together, 0.5));
        for (i, family) in together.into_iter().enumerate() {
            let alone = swept(&space, &options(&[3, 5], &[family], 0.5));
            assert_eq!(
                alone.labelings,
                [&shared.labelings[i][..], &shared.labelings[i + 2]]
            );
        }
        for (i, &k) in [3, 5].iter().enumerate() {
            let params = GaussianMixtureParams {
                n_components: k,
                ..GaussianMixtureParams::default()
            };
            let params = params.check().expect("in range");
            let fit = GaussianMixture::fit(space.points(), &params, 42, &StopToken::new());
            assert_eq!(shared.labelings[2 * i + 1], fit.expect("a model").labels);
        }
    }

    #[test]
    fn a_stopped_sweep_says_so() {
        let stop = StopToken::new();
        stop.stop();
        let options = options(&[2, 3], &Family::ALL, 0.5);
        let outcome = sweep(&space(&groups()), &options, Known::default(), &stop);
        assert_eq!(outcome, Err(FitError::Stopped));
    }
}
