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
        if let [OrderLine { date, amount, .. }] = *lines {
            // A sum of one term, which is never a negative zero.
            return vec![Self {
                date,
                amount: amount + 0.0,
            }];
        }
        let mut orders: Vec<(Date, ExactSum)> = Vec::with_capacity(lines.len());
        let mut index_of = OrderIndex::for_lines(lines.len());
        for line in lines {
            let fresh = orders.len();
            let id = line.transaction_id.as_ref().map(AsRef::as_ref);
            let index = id.map_or(fresh, |id| index_of.find_or_add(id, fresh));
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

/// The order of each transaction id. Most customers have few lines, where comparing is faster than hashing.
enum OrderIndex<'a> {
    Few(Vec<(&'a str, usize)>),
    Many(HashMap<&'a str, usize>),
}

impl<'a> OrderIndex<'a> {
    fn for_lines(n_lines: usize) -> Self {
        const FEW: usize = 16;
        if n_lines <= FEW {
            Self::Few(Vec::new())
        } else {
            Self::Many(HashMap::with_capacity(n_lines))
        }
    }

    fn find_or_add(&mut self, id: &'a str, fresh: usize) -> usize {
        match self {
            Self::Few(known) => {
                let found = known.iter().find(|(other, _)| *other == id);
                let index = found.map_or(fresh, |(_, index)| *index);
                if index == fresh {
                    known.push((id, fresh));
                }
                index
            }
            Self::Many(known) => *known.entry(id).or_insert(fresh),
        }
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

    #[test]
    fn many_lines_are_grouped_as_few_are() {
        let day = Date::parse("2025-03-02").unwrap();
        for n_lines in [1, 15, 16, 17, 18, 60] {
            let lines: Vec<OrderLine<String>> = (0..n_lines)
                .map(|i| OrderLine {
                    transaction_id: (i % 7 != 3).then(|| (i * i % 11).to_string()),
                    date: day,
                    amount: f64::from(i),
                })
                .collect();
            let mut expected: Vec<(Option<&str>, f64)> = Vec::new();
            for line in &lines {
                let id = line.transaction_id.as_deref();
                match expected
                    .iter_mut()
                    .find(|(other, _)| id.is_some() && *other == id)
                {
                    Some((_, amount)) => *amount += line.amount,
                    None => expected.push((id, line.amount)),
                }
            }
            let found: Vec<f64> = Order::from_lines(&lines)
                .iter()
                .map(|order| order.amount)
                .collect();
            let expected: Vec<f64> = expected.into_iter().map(|(_, amount)| amount).collect();
            assert_eq!(found, expected, "{n_lines} lines");
        }
    }
}
