//! The figures lifetime value is computed from: frequency, recency, age, monetary value, and a tier made of them.
//!
//! Source: Fader, Hardie, Lee (2005), "Counting Your Customers the Easy Way", Marketing Science 24(2), for frequency,
//! recency and age; Fader, Hardie (2013), "The Gamma-Gamma Model of Monetary Value", for leaving out the first purchase.
//! Differs from the source: values may be margins, and refunds count. Cost: O(n log n). Deterministic.

use clientela_numerics::quantile::{Level, quantiles};
use clientela_tables::PurchaseHistories;

use super::base::{CustomerState, ValueBasis, occasion, state};

/// What lifetime value models know of one customer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClvFeatures {
    /// Repeat purchases: days with a purchase, less one.
    pub frequency: u32,
    /// Days from the first purchase to the last; 0 for one-time buyers.
    pub recency_days: u32,
    /// Days from the first purchase to today; from the first transaction where refunds left no purchase.
    pub age_days: u32,
    /// Mean value of the repeat purchases, lowered by refunds; 0 for one-time buyers.
    pub monetary_value: f64,
    /// Whether the last purchase is at least so many days ago as were asked for.
    pub churned: bool,
    /// Where the customer stands in the base.
    pub tier: PotentialTier,
    /// What the value stands for.
    pub basis: ValueBasis,
    /// Whether refunds left any purchase at all.
    pub has_purchases: bool,
}

/// What may be expected of a customer, by frequency and monetary value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PotentialTier {
    /// A repeat buyer from the 70th percentile of the monetary value of repeat buyers on.
    High,
    /// Any other repeat buyer.
    Medium,
    /// A customer without a repeat purchase.
    Low,
}

impl PotentialTier {
    /// All tiers, best first.
    pub const ALL: [Self; 3] = [Self::High, Self::Medium, Self::Low];

    /// The name on the wire; never translated.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::High => "High",
            Self::Medium => "Medium",
            Self::Low => "Low",
        }
    }
}

/// The figures of a base.
#[derive(Clone, Debug, PartialEq)]
pub struct ClvFeaturesReport {
    /// In the order of the table.
    pub customers: Vec<ClvFeatures>,
    /// Monetary value from which a repeat buyer is High; `None` without repeat buyers.
    pub high_from: Option<f64>,
    /// Customers whose value is an amount, because a cost is missing.
    pub n_by_amount: usize,
    /// Customers whose value is a margin.
    pub n_by_margin: usize,
    /// Customers of whom refunds left no purchase.
    pub n_without_purchases: usize,
}

/// Computes the figures of every customer as of the table's `today`.
///
/// Value is the margin for a customer all of whose lines have a cost, else the amount. A customer whose last purchase
/// is at least `churn_threshold_days` ago counts as churned.
#[must_use]
pub fn clv_features(histories: &PurchaseHistories, churn_threshold_days: u32) -> ClvFeaturesReport {
    let today = histories.today().days_since_epoch();
    let measured: Vec<ClvFeatures> = (0..histories.len())
        .map(|customer| measure(histories, customer, today, churn_threshold_days))
        .collect();
    let repeat_values: Vec<f64> = measured
        .iter()
        .filter(|features| features.frequency > 0)
        .map(|features| features.monetary_value)
        .collect();
    let high_from = quantiles(&repeat_values, &[Level::percent(70)]).map(|levels| levels[0]);
    let is_high = |value: f64| high_from.is_some_and(|from| value >= from);
    let tiered = measured.into_iter().map(|features| ClvFeatures {
        tier: match features.frequency {
            0 => PotentialTier::Low,
            _ if is_high(features.monetary_value) => PotentialTier::High,
            _ => PotentialTier::Medium,
        },
        ..features
    });
    let customers: Vec<ClvFeatures> = tiered.collect();
    let count = |holds: fn(&ClvFeatures) -> bool| customers.iter().filter(|c| holds(c)).count();
    ClvFeaturesReport {
        high_from,
        n_by_amount: count(|c| c.basis == ValueBasis::Amount),
        n_by_margin: count(|c| c.basis == ValueBasis::Margin),
        n_without_purchases: count(|c| !c.has_purchases),
        customers,
    }
}

fn measure(
    histories: &PurchaseHistories,
    customer: usize,
    today: i32,
    churn_threshold_days: u32,
) -> ClvFeatures {
    let basis = if histories.has_costs(customer) {
        ValueBasis::Margin
    } else {
        ValueBasis::Amount
    };
    let postings = histories.postings_of(customer);
    let occasions = postings
        .chunk_by(|a, b| a.occasion == b.occasion)
        .filter_map(|postings| occasion(postings, today, basis));
    let known: CustomerState = state(occasions);
    let has_purchases = known.n_purchases > 0;
    let (first, last) = if has_purchases {
        (known.first_day, known.last_day)
    } else {
        let first = postings[0].occasion.days_since_epoch();
        (first, first)
    };
    ClvFeatures {
        frequency: known.frequency(),
        recency_days: (last - first).unsigned_abs(),
        age_days: (today - first).unsigned_abs(),
        monetary_value: known.mean_repeat_value().unwrap_or(0.0),
        churned: (today - last).unsigned_abs() >= churn_threshold_days,
        tier: PotentialTier::Low,
        basis,
        has_purchases,
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::histories;
    use super::*;

    #[test]
    fn the_reference_customer_of_the_contract_is_reproduced() {
        let table = histories(
            "2025-04-24",
            &[(
                "a",
                &["2024-10-12 520.55 - 312.33", "2025-02-20 398.40 - 210.00"],
            )],
        );
        let report = clv_features(&table, 90);
        let expected = ClvFeatures {
            frequency: 1,
            recency_days: 131,
            age_days: 194,
            monetary_value: 188.4,
            churned: false,
            tier: PotentialTier::High,
            basis: ValueBasis::Margin,
            has_purchases: true,
        };
        assert_eq!(report.customers, [expected]);
        assert_eq!(report.high_from, Some(188.4));
    }

    #[test]
    fn one_time_buyers_are_low_and_a_missing_cost_makes_the_value_an_amount() {
        let table = histories(
            "2025-04-24",
            &[
                ("once", &["2025-04-24 10 - 4"]),
                ("twice", &["2025-01-01 10 - 4", "2025-01-24 10"]),
                ("best", &["2025-01-01 10 - 4", "2025-04-24 40 - 4"]),
                ("nothing", &["2025-01-01 10 a", "2025-01-05 -10 a"]),
            ],
        );
        let report = clv_features(&table, 90);
        let found: Vec<_> = report.customers.iter().map(|c| c.tier.name()).collect();
        assert_eq!(found, ["Low", "Medium", "High", "Low"]);
        let churned: Vec<_> = report.customers.iter().map(|c| c.churned).collect();
        assert_eq!(churned, [false, true, false, true]);
        let values: Vec<_> = report.customers.iter().map(|c| c.monetary_value).collect();
        assert_eq!(values, [0.0, 10.0, 36.0, 0.0]);
        assert_eq!((report.n_by_amount, report.n_by_margin), (2, 2));
        assert_eq!(report.n_without_purchases, 1);
        assert_eq!(report.customers[3].age_days, 113);
    }
}
