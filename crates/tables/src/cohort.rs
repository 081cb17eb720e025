//! Measures of a cohort that is to be ranked, by column; only those that are asked for.

use crate::Ids;

/// A measure of a customer that loyalty is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LoyaltyMetric {
    /// Money spent in all.
    PurchaseTotal,
    /// Number of orders.
    VisitFrequency,
    /// Money spent per order.
    AvgTicket,
    /// Number of distinct products.
    ProductDiversity,
    /// Days since the last order; fewer is better.
    RecencyDays,
}

/// Number of metrics.
pub const N_METRICS: usize = 5;

impl LoyaltyMetric {
    /// All metrics, in their order on the wire.
    pub const ALL: [Self; N_METRICS] = [
        Self::PurchaseTotal,
        Self::VisitFrequency,
        Self::AvgTicket,
        Self::ProductDiversity,
        Self::RecencyDays,
    ];

    /// Its name on the wire; never translated.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::PurchaseTotal => "purchase_total",
            Self::VisitFrequency => "visit_frequency",
            Self::AvgTicket => "avg_ticket",
            Self::ProductDiversity => "product_diversity",
            Self::RecencyDays => "recency_days",
        }
    }

    /// The metric with this name.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|metric| metric.key() == key)
    }

    /// Whether a lower value is the better one.
    #[must_use]
    pub fn is_inverted(self) -> bool {
        self == Self::RecencyDays
    }

    /// Decimals in which its values are stated: money in hundredths, counts and days whole.
    #[must_use]
    pub fn decimals(self) -> u32 {
        match self {
            Self::PurchaseTotal | Self::AvgTicket => 2,
            Self::VisitFrequency | Self::ProductDiversity | Self::RecencyDays => 0,
        }
    }
}

/// A cohort, by column.
///
/// Holds: at least one customer, no two with the same id; at least one metric, each with one finite value ≥ 0 per
/// customer.
#[derive(Clone, Debug, PartialEq)]
pub struct Cohort {
    /// Ids in the order of the payload.
    pub ids: Ids,
    /// One column for each of [`LoyaltyMetric::ALL`]; empty where the metric is not asked for.
    pub columns: [Vec<f64>; N_METRICS],
}
