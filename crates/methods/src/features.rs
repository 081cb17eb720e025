//! Feature vectors: what a customer's purchases come to, in six figures without scaling.
//!
//! Source: the API contract's §8.
//! Cost: O(number of orders). Deterministic.
//! Tested against: the contract's reference request, figure by figure.

use clientela_numerics::sum::ExactSum;
use clientela_tables::{CustomerPurchases, Date, FeatureVector, Purchases};

/// The feature vector of every customer, in the order of the table.
///
/// ```text
/// purchase_total = Σ amount      visit_frequency = orders      avg_ticket = purchase_total / visit_frequency
/// product_diversity = distinct products      recency_days = today − last order
/// ```
///
/// Total and average are exact in the decimals given and rounded once to the nearest double. `loyalty_score` is the
/// client's own, 0 where there is none.
#[must_use]
pub fn measure(purchases: &Purchases) -> Vec<FeatureVector> {
    let customers = purchases.customers.iter();
    customers
        .map(|customer| vector(customer, purchases.today))
        .collect()
}

fn vector(customer: &CustomerPurchases, today: Date) -> FeatureVector {
    let total: ExactSum = customer.orders.iter().map(|order| order.amount).collect();
    let last = customer.orders.iter().map(|order| order.date).max();
    let last = last.expect("at least one order");
    FeatureVector {
        purchase_total: total.value(),
        visit_frequency: customer.orders.len() as f64,
        avg_ticket: total.divided_by(customer.orders.len() as u64),
        product_diversity: f64::from(customer.n_products),
        loyalty_score: customer.loyalty_score.unwrap_or(0.0),
        recency_days: f64::from(today.days_since(last)),
    }
}

#[cfg(test)]
mod tests {
    use clientela_tables::Order;

    use super::*;

    #[test]
    fn recency_counts_from_the_last_order_wherever_it_stands() {
        let date = |text| Date::parse(text).expect("a date");
        let order = |day, amount| Order {
            date: date(day),
            amount,
        };
        let vectors = measure(&Purchases {
            today: date("2025-04-24"),
            customers: vec![CustomerPurchases {
                id: "a".into(),
                loyalty_score: None,
                orders: vec![order("2025-04-20", 0.1), order("2025-01-01", 0.2)],
                n_products: 3,
            }],
        });
        assert_eq!(vectors[0].to_array(), [0.3, 2.0, 0.15, 3.0, 0.0, 4.0]);
    }
}
