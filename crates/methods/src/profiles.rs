//! What each cluster of a labeled base brings, and what its customers buy.
//!
//! Source: the API contract's §6. The interval is Student's: Student (1908), "The Probable Error of a Mean", Biometrika
//! 6(1), 1–25.
//! Cost: O(n log n). Deterministic; the order of the customers decides nothing but ties between categories.

use clientela_numerics::quantile::{Level, quantile_of_sorted};
use clientela_numerics::stats::mean_interval;
use clientela_numerics::sum::ExactSum;
use clientela_tables::{Labeling, Shoppers};

use crate::categories::{CategoryCounts, CategoryScore};

/// Confidence level of [`Profile::spend_interval`].
pub const CONFIDENCE_LEVEL: f64 = 0.95;
/// Percentage of all revenue from which a cluster has to be kept before anything else.
const MAINSTAY_PCT: f64 = 30.0;

/// One cluster.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    /// The client's id.
    pub cluster_id: i32,
    /// At least 1.
    pub n_customers: usize,
    /// Mean money spent, exact in the decimals given and rounded once.
    pub avg_spend: f64,
    /// Lower quartile, median and upper quartile of money spent (type 7).
    pub spend_quartiles: [f64; 3],
    /// Student's interval of the mean money spent at [`CONFIDENCE_LEVEL`]; `None` for a single customer.
    pub spend_interval: Option<(f64, f64)>,
    /// Mean number of purchases.
    pub avg_frequency: f64,
    /// The product types with the highest TF-IDF, best first; at least 1.
    pub top_categories: Vec<CategoryScore>,
    /// 0–100, of the money that all customers spent, noise included; `None` where nobody spent anything.
    pub share_of_revenue_pct: Option<f64>,
}

/// What a cluster is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It brings at least 30 % of all revenue: not to be lost.
    Mainstay,
    /// Any other.
    Potential,
}

impl Profile {
    /// What follows from its share of revenue. Where nobody spent anything, all clusters have potential only.
    #[must_use]
    pub fn role(&self) -> Role {
        match self.share_of_revenue_pct {
            Some(share) if share >= MAINSTAY_PCT => Role::Mainstay,
            _ => Role::Potential,
        }
    }
}

/// All clusters of a base.
#[derive(Clone, Debug, PartialEq)]
pub struct Profiles {
    /// By id.
    pub clusters: Vec<Profile>,
    /// Customers that are in no cluster.
    pub n_noise: usize,
    /// 0–100, what they bring of all revenue; `None` where nobody spent anything.
    pub noise_share_pct: Option<f64>,
}

/// Describes every cluster by money, purchases and its `n_top_categories` most telling product types.
///
/// `labeling` has one label for each shopper.
#[must_use]
pub fn profiles(shoppers: &Shoppers, labeling: &Labeling, n_top_categories: usize) -> Profiles {
    let members = labeling.members();
    let total = Revenue::of(shoppers.amount_spent().iter().copied());
    let counts = CategoryCounts::of(shoppers);
    let top = counts.top(
        shoppers,
        labeling.places(),
        labeling.n_clusters(),
        n_top_categories,
    );
    let clusters = labeling.cluster_ids().iter().zip(&members).zip(top);
    let clusters = clusters.map(|((&cluster_id, members), top_categories)| {
        let of =
            |column: &[f64]| -> Vec<f64> { members.iter().map(|&i| column[i as usize]).collect() };
        let mut spend = of(shoppers.amount_spent());
        // Sorted once for the quartiles, and for the interval, whose sums are rounded as they go.
        spend.sort_unstable_by(f64::total_cmp);
        let revenue = Revenue::of(spend.iter().copied());
        let frequency: ExactSum = of(shoppers.frequency()).into_iter().collect();
        let n_customers = members.len();
        Profile {
            cluster_id,
            n_customers,
            avg_spend: revenue.sum.divided_by(n_customers as u64),
            spend_quartiles: [1, 2, 3].map(|i| quartile(&spend, i)),
            spend_interval: mean_interval(&spend, CONFIDENCE_LEVEL),
            avg_frequency: frequency.divided_by(n_customers as u64),
            top_categories,
            share_of_revenue_pct: revenue.percent_of(&total),
        }
    });
    let clusters = clusters.collect();
    let noise = labeling.places().iter().zip(shoppers.amount_spent());
    let noise = Revenue::of(noise.filter(|(place, _)| **place < 0).map(|(_, &x)| x));
    Profiles {
        clusters,
        n_noise: labeling.n_noise(),
        noise_share_pct: noise.percent_of(&total),
    }
}

fn quartile(sorted: &[f64], quarters: u64) -> f64 {
    quantile_of_sorted(sorted, Level::new(quarters, 4)).expect("a cluster has customers")
}

/// Money of several customers.
struct Revenue {
    sum: ExactSum,
    /// 10,000 times the sum.
    scaled: ExactSum,
}

impl Revenue {
    fn of(amounts: impl Iterator<Item = f64>) -> Self {
        let (mut sum, mut scaled) = (ExactSum::new(), ExactSum::new());
        for amount in amounts {
            sum.add(amount);
            scaled.add_weighted(amount, 10_000);
        }
        Self { sum, scaled }
    }

    /// `100 · self / total`; `None` where the total is 0.
    ///
    /// In whole hundredths, as money is, the quotient is rounded once, so that no share that is exactly 30 % falls short.
    fn percent_of(&self, total: &Self) -> Option<f64> {
        let whole = total.sum.value();
        if whole <= 0.0 {
            return None;
        }
        let hundredths = (whole * 100.0).round();
        let percent = if hundredths < 2_f64.powi(53) && hundredths / 100.0 == whole {
            self.scaled.divided_by(hundredths as u64)
        } else {
            100.0 * (self.sum.value() / whole)
        };
        Some(percent.min(100.0))
    }
}

#[cfg(test)]
mod tests {
    use clientela_tables::ShoppersBuilder;

    use super::*;

    fn base(rows: &[(f64, f64, &str)]) -> Shoppers {
        let mut builder = ShoppersBuilder::new();
        for &(frequency, amount, product_type) in rows {
            let product_type = builder.type_index(product_type);
            builder.push(frequency, amount, &[product_type]);
        }
        builder.finish((0..rows.len()).map(|index| index.to_string()).collect())
    }

    fn shares(amounts: &[f64], labels: &[i32]) -> Vec<Option<f64>> {
        let rows: Vec<_> = amounts.iter().map(|&amount| (1.0, amount, "tea")).collect();
        let found = profiles(&base(&rows), &Labeling::new(labels), 5);
        found
            .clusters
            .iter()
            .map(|p| p.share_of_revenue_pct)
            .collect()
    }

    #[test]
    fn a_cluster_is_described_by_its_own_customers() {
        let rows = [
            (3.0, 10.0, "tea"),
            (1.0, 99.0, "ink"),
            (5.0, 20.0, "tea"),
            (1.0, 60.0, "rum"),
        ];
        let found = profiles(&base(&rows), &Labeling::new(&[4, 9, 4, 4]), 1);
        let four = &found.clusters[0];
        assert_eq!((four.cluster_id, four.n_customers), (4, 3));
        assert_eq!((four.avg_spend, four.avg_frequency), (30.0, 3.0));
        assert_eq!(four.spend_quartiles, [15.0, 20.0, 40.0]);
        assert_eq!(four.top_categories[0].n_customers, 2);
        // s = √700, t(0.975, 2) = 4.302653.
        let (lower, upper) = four.spend_interval.expect("three customers");
        assert!((upper - 95.7241).abs() < 1e-4 && (lower + 35.7241).abs() < 1e-4);
        assert_eq!(found.clusters[1].spend_interval, None);
    }

    #[test]
    fn shares_are_rounded_once_so_that_exactly_thirty_percent_is_no_less() {
        // In doubles 100 · 1.1 is more than 110, and 0.3 / 1.0 · 100 is more than 30.
        assert_eq!(shares(&[1.1, 98.9], &[0, 1]), [Some(1.1), Some(98.9)]);
        assert_eq!(shares(&[0.1, 0.2, 0.7], &[0, 0, 1])[0], Some(30.0));
        assert_eq!(shares(&[0.03, 0.04, 0.03], &[0, 1, 2])[2], Some(30.0));
    }

    #[test]
    fn amounts_finer_than_hundredths_have_shares_too() {
        assert_eq!(shares(&[0.001, 0.003], &[0, 1]), [Some(25.0), Some(75.0)]);
        assert_eq!(shares(&[1e-300, 3e-300], &[0, 1])[0], Some(25.0));
        assert_eq!(shares(&[1e300, 1e300], &[0, 1])[0], Some(50.0));
    }

    #[test]
    fn noise_counts_in_the_total_alone() {
        let rows = [(1.0, 50.0, "a"), (1.0, 30.0, "b"), (1.0, 20.0, "c")];
        let found = profiles(&base(&rows), &Labeling::new(&[-1, 0, 1]), 5);
        assert_eq!((found.n_noise, found.noise_share_pct), (1, Some(50.0)));
        let roles: Vec<Role> = found.clusters.iter().map(Profile::role).collect();
        assert_eq!(roles, [Role::Mainstay, Role::Potential]);
    }

    #[test]
    fn without_revenue_there_are_no_shares() {
        assert_eq!(shares(&[0.0, 0.0], &[0, 1]), [None, None]);
    }
}
