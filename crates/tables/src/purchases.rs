//! Purchases of customers with the products bought: what feature vectors are computed from.

use crate::{Date, Order};

/// The purchases of a customer base at one point in time.
///
/// Holds: at least one customer, no two with the same id, every customer with at least one order, no order after
/// `today`.
#[derive(Clone, Debug, PartialEq)]
pub struct Purchases {
    /// The date at which recency is counted.
    pub today: Date,
    /// Customers in the order of the payload.
    pub customers: Vec<CustomerPurchases>,
}

/// One customer's purchases.
#[derive(Clone, Debug, PartialEq)]
pub struct CustomerPurchases {
    /// The customer's id, not empty.
    pub id: String,
    /// The client's own loyalty score, 0–1, where there is one.
    pub loyalty_score: Option<f64>,
    /// At least one, by first appearance in the payload.
    pub orders: Vec<Order>,
    /// Number of distinct products in all orders; at least 1.
    pub n_products: u32,
}
