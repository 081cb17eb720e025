//! Purchase histories: on which days customers bought, for how much, and what came back. What lifetime value is
//! computed from.

use std::collections::HashMap;

use clientela_numerics::ExactSum;

use crate::{Date, Ids};

/// The purchase histories of a customer base at one date.
///
/// Holds: at least one customer, no two with the same id, every customer with at least one posting, no posting after
/// `today`.
#[derive(Clone, Debug, PartialEq)]
pub struct PurchaseHistories {
    today: Date,
    ids: Ids,
    /// Postings of customer `i` are `postings[starts[i]..starts[i + 1]]`.
    starts: Vec<usize>,
    postings: Vec<Posting>,
    has_costs: Vec<bool>,
}

/// What one calendar day added to one purchase occasion of a customer.
///
/// An occasion is a calendar day on which the customer ordered. Lines of one order belong to the day of the order's
/// earliest line, so that a refund lowers the order it names; a refund of a later day is a posting of its own, because
/// at a date between the two it was not yet known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Posting {
    /// The day of the occasion.
    pub occasion: Date,
    /// The day of the lines, not before the occasion.
    pub posted: Date,
    /// The sum of the lines, exact in the decimals given; refunds count negative.
    pub amount: f64,
    /// The sum of amount − cost; the amount where a line has no cost.
    pub margin: f64,
    /// Whether one of the lines is a refund.
    pub has_refund: bool,
}

/// One line of an order as a payload has it.
#[derive(Clone, Debug, PartialEq)]
pub struct PurchaseLine<Id> {
    /// Lines with the same id are one order; a line without one is an order of its own.
    pub transaction_id: Option<Id>,
    /// Date of the line.
    pub date: Date,
    /// Amount of the line; negative for a refund.
    pub amount: f64,
    /// What the goods cost the seller, not negative, where that is known.
    pub cost: Option<f64>,
}

impl PurchaseHistories {
    /// The date up to which purchases are known.
    #[must_use]
    pub fn today(&self) -> Date {
        self.today
    }

    /// Number of customers.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there are none; never true of a validated table.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// Ids in the order of the payload.
    #[must_use]
    pub fn ids(&self) -> &Ids {
        &self.ids
    }

    /// A customer's postings by occasion, then by day; at least one.
    #[must_use]
    pub fn postings_of(&self, customer: usize) -> &[Posting] {
        &self.postings[self.starts[customer]..self.starts[customer + 1]]
    }

    /// Whether every line of this customer has a cost.
    #[must_use]
    pub fn has_costs(&self, customer: usize) -> bool {
        self.has_costs[customer]
    }

    /// Whether every line of the base has a cost.
    #[must_use]
    pub fn all_have_costs(&self) -> bool {
        self.has_costs.iter().all(|&has| has)
    }

    /// Number of postings of all customers together.
    #[must_use]
    pub fn n_postings(&self) -> usize {
        self.postings.len()
    }
}

/// Builds [`PurchaseHistories`] customer by customer.
#[derive(Clone, Debug)]
pub struct PurchaseHistoriesBuilder {
    starts: Vec<usize>,
    postings: Vec<Posting>,
    has_costs: Vec<bool>,
}

impl Default for PurchaseHistoriesBuilder {
    fn default() -> Self {
        Self {
            starts: vec![0],
            postings: Vec::new(),
            has_costs: Vec::new(),
        }
    }
}

impl PurchaseHistoriesBuilder {
    /// A table without customers.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a customer with at least one line, in any order.
    pub fn push<Id: AsRef<str>>(&mut self, lines: &[PurchaseLine<Id>]) {
        let mut dated: Vec<(Date, &PurchaseLine<Id>)> =
            occasions_of(lines).into_iter().zip(lines).collect();
        dated.sort_by_key(|(occasion, line)| (*occasion, line.date));
        let same = |a: &(Date, &PurchaseLine<Id>), b: &(Date, &PurchaseLine<Id>)| {
            (a.0, a.1.date) == (b.0, b.1.date)
        };
        self.postings
            .extend(dated.chunk_by(same).map(|lines| posting(lines)));
        self.starts.push(self.postings.len());
        self.has_costs
            .push(lines.iter().all(|line| line.cost.is_some()));
    }

    /// The finished table; `ids` are those of the customers that were added, in their order, and no line lies after
    /// `today`.
    #[must_use]
    pub fn finish(self, today: Date, ids: Ids) -> PurchaseHistories {
        debug_assert_eq!(ids.len(), self.has_costs.len(), "an id for each customer");
        debug_assert!(self.postings.iter().all(|posting| posting.posted <= today));
        PurchaseHistories {
            today,
            ids,
            starts: self.starts,
            postings: self.postings,
            has_costs: self.has_costs,
        }
    }
}

/// The occasion of each line: the earliest date of its order.
fn occasions_of<Id: AsRef<str>>(lines: &[PurchaseLine<Id>]) -> Vec<Date> {
    let mut earliest: HashMap<&str, Date> = HashMap::new();
    // A single line needs no map, and most customers of most shops have just one.
    if lines.len() > 1 {
        for line in lines {
            if let Some(id) = &line.transaction_id {
                let date = earliest.entry(id.as_ref()).or_insert(line.date);
                *date = line.date.min(*date);
            }
        }
    }
    let occasion = |line: &PurchaseLine<Id>| {
        let id = line.transaction_id.as_ref()?;
        earliest.get(id.as_ref()).copied()
    };
    lines
        .iter()
        .map(|line| occasion(line).unwrap_or(line.date))
        .collect()
}

/// Adds up lines of one occasion and one day.
fn posting<Id>(lines: &[(Date, &PurchaseLine<Id>)]) -> Posting {
    let (occasion, first) = lines[0];
    let (mut amount, mut margin) = (ExactSum::new(), ExactSum::new());
    for (_, line) in lines {
        amount.add(line.amount);
        margin.add(line.amount);
        margin.add(-line.cost.unwrap_or(0.0));
    }
    Posting {
        occasion,
        posted: first.date,
        amount: amount.value(),
        margin: margin.value(),
        has_refund: lines.iter().any(|(_, line)| line.amount < 0.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> Date {
        Date::parse(text).unwrap()
    }

    fn line(
        id: Option<&'static str>,
        day: &str,
        amount: f64,
        cost: Option<f64>,
    ) -> PurchaseLine<&'static str> {
        PurchaseLine {
            transaction_id: id,
            date: date(day),
            amount,
            cost,
        }
    }

    fn table(customers: &[&[PurchaseLine<&'static str>]]) -> PurchaseHistories {
        let mut builder = PurchaseHistoriesBuilder::new();
        for lines in customers {
            builder.push(lines);
        }
        let ids: Vec<String> = (0..customers.len()).map(|i| format!("c{i}")).collect();
        builder.finish(date("2025-04-24"), ids.iter().collect())
    }

    fn amounts(table: &PurchaseHistories) -> Vec<(String, String, f64, bool)> {
        let postings = table.postings_of(0).iter();
        postings
            .map(|posting| {
                let Posting {
                    occasion, posted, ..
                } = posting;
                let days = (occasion.to_string(), posted.to_string());
                (days.0, days.1, posting.amount, posting.has_refund)
            })
            .collect()
    }

    #[test]
    fn orders_of_one_day_are_one_occasion_whatever_their_order() {
        let mut lines = vec![
            line(Some("b"), "2025-03-02", 0.2, None),
            line(None, "2025-03-01", 7.0, None),
            line(Some("a"), "2025-03-02", 0.1, None),
        ];
        let expected = [
            ("2025-03-01".to_owned(), "2025-03-01".to_owned(), 7.0, false),
            ("2025-03-02".to_owned(), "2025-03-02".to_owned(), 0.3, false),
        ];
        assert_eq!(amounts(&table(&[&lines])), expected);
        lines.reverse();
        assert_eq!(amounts(&table(&[&lines])), expected);
    }

    #[test]
    fn a_refund_lowers_the_order_it_names_from_the_day_it_was_made() {
        let lines = [
            line(Some("a"), "2025-03-01", 50.0, None),
            line(Some("a"), "2025-03-01", -10.0, None),
            line(Some("a"), "2025-03-20", -40.0, None),
            line(None, "2025-03-20", 5.0, None),
        ];
        let expected = [
            ("2025-03-01", "2025-03-01", 40.0, true),
            ("2025-03-01", "2025-03-20", -40.0, true),
            ("2025-03-20", "2025-03-20", 5.0, false),
        ];
        let expected = expected.map(|(occasion, posted, amount, refund)| {
            (occasion.to_owned(), posted.to_owned(), amount, refund)
        });
        assert_eq!(amounts(&table(&[&lines])), expected);
    }

    #[test]
    fn costs_count_for_a_customer_only_where_every_line_has_one() {
        let table = table(&[
            &[
                line(None, "2025-03-01", 520.55, Some(312.33)),
                line(None, "2025-03-01", 0.1, Some(0.0)),
            ],
            &[
                line(None, "2025-03-01", 10.0, Some(4.0)),
                line(None, "2025-03-02", 10.0, None),
            ],
        ]);
        assert_eq!([0, 1].map(|i| table.has_costs(i)), [true, false]);
        assert!(!table.all_have_costs());
        assert_eq!(table.postings_of(0)[0].margin, 208.32);
        assert_eq!((table.len(), table.n_postings()), (2, 3));
        assert!(!table.is_empty());
        assert_eq!(&table.ids()[1], "c1");
        assert_eq!(table.today(), date("2025-04-24"));
    }
}
