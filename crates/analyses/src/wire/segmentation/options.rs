//! Options of a segmentation request, and their defaults by size.

use clientela_methods::segmentation::{DbscanOptions, Family, Scaling, ShopperColumns};

use crate::limits;
use crate::wire::choice::{distinct, name_of, optional_word, optional_words};
use crate::wire::{Check, Field, Maybe, Number, Text, Whole, messages};
use clientela_narrative::words;

/// What counts where a request leaves it open.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Defaults {
    /// Numbers of clusters tried for shoppers.
    pub k_range: &'static [usize],
    /// Highest number of clusters tried for feature vectors.
    pub max_clusters: usize,
    /// Neighborhoods of DBSCAN.
    pub dbscan: DbscanOptions,
}

impl Defaults {
    /// The defaults for so many customers: more customers allow finer clusters and narrower neighborhoods.
    #[must_use]
    pub fn for_customers(n_customers: usize) -> Self {
        let k_range: &[usize] = match n_customers {
            0..=50_000 => &[3, 4, 5],
            50_001..=250_000 => &[3, 4, 5, 6],
            _ => &[4, 5, 6, 7, 8],
        };
        let (max_clusters, eps, min_samples) = match n_customers {
            0..=10_000 => (10, 0.45, 5),
            10_001..=250_000 => (15, 0.40, 5),
            _ => (25, 0.35, 7),
        };
        Self {
            k_range,
            max_clusters,
            dbscan: DbscanOptions { eps, min_samples },
        }
    }
}

const SCALINGS: [(&str, Scaling); 3] = [
    ("none", Scaling::None),
    ("zscore", Scaling::ZScore),
    ("log_zscore", Scaling::LogZScore),
];

const COLUMNS: [(&str, ShopperColumns); 2] = [
    ("numeric", ShopperColumns::Numeric),
    ("numeric+categories", ShopperColumns::NumericAndCategories),
];

const ALGORITHMS: [(&str, Family); 4] = [
    ("kmeans", Family::KMeans),
    ("gmm", Family::GaussianMixture),
    ("agglo", Family::Agglomerative),
    ("dbscan", Family::Dbscan),
];

/// The field `scaling`.
pub fn scaling(field: Maybe<Text<'_>>, check: &mut Check) -> Option<Scaling> {
    optional_word("scaling", field, &SCALINGS, check).map(Option::unwrap_or_default)
}

/// The name of a scaling on the wire.
#[must_use]
pub fn scaling_name(scaling: Scaling) -> &'static str {
    name_of(scaling, &SCALINGS)
}

/// The field `features`.
pub fn shopper_columns(field: Maybe<Text<'_>>, check: &mut Check) -> Option<ShopperColumns> {
    optional_word("features", field, &COLUMNS, check).map(Option::unwrap_or_default)
}

/// The name of a family on the wire of the shopper routes.
#[must_use]
pub fn algorithm_name(family: Family) -> &'static str {
    name_of(family, &ALGORITHMS)
}

/// The field `algorithms`: all of them where it is absent.
pub fn algorithms(field: Maybe<Vec<Field<Text<'_>>>>, check: &mut Check) -> Option<Vec<Family>> {
    let given = optional_words("algorithms", field, &ALGORITHMS, check)?;
    Some(given.unwrap_or_else(|| Family::ALL.to_vec()))
}

/// The field `k_range`: numbers of clusters; `None` inside where it is absent.
#[allow(
    clippy::option_option,
    reason = "absent and wrong are different answers"
)]
pub fn cluster_counts(
    field: Maybe<Vec<Field<Whole>>>,
    check: &mut Check,
) -> Option<Option<Vec<usize>>> {
    let Some(items) = check.optional("k_range", field)? else {
        return Some(None);
    };
    let range = limits::SHOPPER_CLUSTERS;
    let counts = distinct("k_range", items, check, |check, Whole(k)| {
        if range.contains(&k) {
            return Some(k as usize);
        }
        check.reject_here(|| messages::out_of_whole_range(k, *range.start(), *range.end()));
        None
    });
    counts.map(Some)
}

/// What a request says of DBSCAN's neighborhoods.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GivenDbscan {
    eps: Option<f64>,
    min_samples: Option<usize>,
}

impl GivenDbscan {
    /// What counts: the given, else the default.
    #[must_use]
    pub fn or(self, defaults: DbscanOptions) -> DbscanOptions {
        DbscanOptions {
            eps: self.eps.unwrap_or(defaults.eps),
            min_samples: self.min_samples.unwrap_or(defaults.min_samples),
        }
    }
}

/// The fields `dbscan_eps` and `dbscan_min_samples`.
pub fn dbscan(
    eps: Maybe<Number>,
    min_samples: Maybe<Whole>,
    check: &mut Check,
) -> Option<GivenDbscan> {
    let eps = above_zero("dbscan_eps", eps, limits::DBSCAN_EPS_MAX, check);
    let min_samples = check.optional_whole(
        "dbscan_min_samples",
        min_samples,
        limits::DBSCAN_MIN_SAMPLES,
    );
    Some(GivenDbscan {
        eps: eps?,
        min_samples: min_samples?.map(|n| n as usize),
    })
}

/// The field `window_months`; `None` inside where it is absent.
#[allow(
    clippy::option_option,
    reason = "absent and wrong are different answers"
)]
pub fn window_months(field: Maybe<Number>, check: &mut Check) -> Option<Option<f64>> {
    above_zero("window_months", field, limits::WINDOW_MONTHS_MAX, check)
}

/// An optional number above 0 and up to a limit.
#[allow(
    clippy::option_option,
    reason = "absent and wrong are different answers"
)]
fn above_zero(
    key: &'static str,
    field: Maybe<Number>,
    max: f64,
    check: &mut Check,
) -> Option<Option<f64>> {
    let Some(Number(value)) = check.optional(key, field)? else {
        return Some(None);
    };
    if value > 0.0 && value <= max {
        return Some(Some(value));
    }
    let message = words!(
        "must be above 0 and at most {max}, got {value}",
        "debe ser mayor que 0 y como máximo {max}; se recibió {value}",
        "deve ser maior que 0 e no máximo {max}; foi recebido {value}",
    );
    check.reject(key, || message);
    None
}

/// The field `dendrogram_max_leaves`.
pub fn max_leaves(field: Maybe<Whole>, check: &mut Check) -> Option<usize> {
    let given = check.optional_whole("dendrogram_max_leaves", field, limits::DENDROGRAM_LEAVES)?;
    Some(given.map_or(limits::DENDROGRAM_LEAVES_DEFAULT, |n| n as usize))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_follow_the_number_of_customers() {
        let seen = [10_000, 10_001, 50_001, 250_000, 250_001].map(|n| {
            let defaults = Defaults::for_customers(n);
            let DbscanOptions { eps, min_samples } = defaults.dbscan;
            (
                defaults.k_range.len(),
                defaults.max_clusters,
                eps,
                min_samples,
            )
        });
        assert_eq!(
            seen,
            [
                (3, 10, 0.45, 5),
                (3, 15, 0.40, 5),
                (4, 15, 0.40, 5),
                (4, 15, 0.40, 5),
                (5, 25, 0.35, 7)
            ]
        );
    }
}
