//! Orders of customers: what RFM tiers and lifetime value are computed from.

use std::collections::HashMap;

use clientela_numerics::sum::ExactSum;

use crate::Date;

/// The orders of a customer base at one point in time.
///
/// Holds: at least one customer, no two with the same id, every customer with at least one order, no order after
/// `today`.
#[derive(Clone, Debug, PartialEq)]
pub struct Orders {
    /// The date at which recency is counted.
    pub today: Date,
    /// Customers in the order of the payload.
    pub customers: Vec<CustomerOrders>,
}

/// One customer's orders, by first appearance in the payload.
#[derive(Clone, Debug, PartialEq)]
pub struct CustomerOrders {
    /// The customer's id, not empty.
    pub id: String,
    /// At least one.
    pub orders: Vec<Order>,
}

/// One order: all lines with the same transaction id, added up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Order {
    /// The earliest date of its lines.
    pub date: Date,
    /// The sum of its lines, exact in the decimals given; not negative.
    pub amount: f64,
}

/// One line of an order as a payload has it.
#[derive(Clone, Debug, PartialEq)]
pub struct OrderLine<Id> {
    /// Lines with the same id are one order; a line without one is an order of its own.
    pub transaction_id: Option<Id>,
    /// Date of the line.
    pub date: Date,
    /// Amount of the line; not negative.
    pub amount: f64,
}

impl Order {
    /// Adds up the lines of one customer: lines with the same transaction id are one order on the earliest date.
    #[must_use]
    pub fn from_lines<Id: AsRef<str>>(lines: &[OrderLine<Id>]) -> Vec<Self> {
        let mut index_of: HashMap<&str, usize> = HashMap::new();
        let mut orders: Vec<(Date, ExactSum)> = Vec::with_capacity(lines.len());
        for line in lines {
            let fresh = orders.len();
            let id = line.transaction_id.as_ref().map(AsRef::as_ref);
            let index = id.map_or(fresh, |id| *index_of.entry(id).or_insert(fresh));
            if index == fresh {
                orders.push((line.date, ExactSum::new()));
            }
            let (date, amount) = &mut orders[index];
            *date = line.date.min(*date);
            amount.add(line.amount);
        }
        let finished = |(date, amount): (Date, ExactSum)| Self {
            date,
            amount: amount.value(),
        };
        orders.into_iter().map(finished).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_one_transaction_are_one_order_on_its_earliest_date() {
        let date = |text| Date::parse(text).unwrap();
        let line = |transaction_id, day, amount| OrderLine {
            transaction_id,
            date: date(day),
            amount,
        };
        let orders = Order::from_lines(&[
            line(Some("a"), "2025-03-02", 0.1),
            line(None, "2025-03-05", 7.0),
            line(Some("b"), "2025-03-01", 1.0),
            line(Some("a"), "2025-03-01", 0.2),
            line(None, "2025-03-05", 7.0),
        ]);
        let found: Vec<(String, f64)> = orders
            .iter()
            .map(|order| (order.date.to_string(), order.amount))
            .collect();
        let expected = [
            ("2025-03-01", 0.3),
            ("2025-03-05", 7.0),
            ("2025-03-01", 1.0),
            ("2025-03-05", 7.0),
        ];
        assert_eq!(
            found,
            expected.map(|(day, amount)| (day.to_owned(), amount))
        );
    }
}
