//! A base for the tests of this folder, and models of it.

use clientela_tables::{Date, PurchaseHistories, PurchaseHistoriesBuilder, PurchaseLine};

use super::super::probabilistic::Expected;
use super::super::snapshot::Snapshot;
use super::super::testing::date;

pub const N_CUSTOMERS: i32 = 400;
pub const WINDOW: u32 = 90;

/// Two years of customers who buy every 20 to 40 days; every other one stops after a while. Numbered `order`.
pub fn table(order: impl Fn(i32) -> i32, future: f64) -> PurchaseHistories {
    let today = date("2025-12-31");
    let start = today.days_since_epoch() - 730;
    let customers = || (0..N_CUSTOMERS).map(&order);
    let mut builder = PurchaseHistoriesBuilder::new();
    for customer in customers() {
        let last = if customer % 2 == 0 {
            730
        } else {
            60 + customer
        };
        let days = (customer % 60..=last).step_by(20 + customer as usize % 21);
        let lines: Vec<PurchaseLine<String>> = days
            .map(|day| PurchaseLine {
                transaction_id: None,
                date: Date::from_days(start + day).unwrap(),
                amount: if day > 730 - WINDOW as i32 {
                    future
                } else {
                    f64::from(10 + customer % 7)
                },
                cost: None,
            })
            .collect();
        builder.push(&lines);
    }
    builder.finish(
        today,
        customers().map(|customer| customer.to_string()).collect(),
    )
}

/// Models that expect the same of everyone.
pub fn flat(snapshot: &Snapshot<'_>) -> Vec<Expected> {
    let expected = Expected {
        purchases: 2.0,
        per_purchase: 13.0,
        discount: 1.0,
    };
    vec![expected; snapshot.members().len()]
}
