//! Customers at a date, with what tells whether they have left.

use crate::Date;

/// One customer at one date. A customer may appear at several dates.
#[derive(Clone, Debug, PartialEq)]
pub struct ChurnSnapshot {
    /// The customer's id, not empty.
    pub customer_id: String,
    /// The date of the snapshot.
    pub date: Date,
    /// What is known at that date.
    pub evidence: ChurnEvidence,
}

/// What tells whether a customer has left, by kind of business.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ChurnEvidence {
    /// A shop: the date of the last purchase, not after the snapshot.
    LastPurchase(Date),
    /// A subscription: whether it was cancelled.
    Subscription {
        /// Whether it was.
        cancelled: bool,
    },
    /// Prepaid credit.
    Prepaid {
        /// The balance after the cycle, negative where there is a debt.
        balance: f64,
        /// Whether credit was added within the cycle.
        topped_up: bool,
    },
}
