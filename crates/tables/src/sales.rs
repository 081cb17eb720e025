//! Lines of sales by customer: on which day, for how much, and of what. What snapshots of customers are made of.

use crate::{Date, Ids};

/// The sales of a customer base.
///
/// Holds: at least one customer, no two with the same id, every customer with at least one line.
#[derive(Clone, Debug, PartialEq)]
pub struct Sales {
    ids: Ids,
    /// Lines of customer `i` are `lines[starts[i]..starts[i + 1]]`.
    starts: Vec<usize>,
    lines: Vec<SaleLine>,
    categories: Vec<String>,
}

/// One line: of an invoice, an order, a receipt.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SaleLine {
    /// The day of the line.
    pub date: Date,
    /// What it came to; negative for a refund.
    pub amount: f64,
    /// A number for each product, where lines tell one.
    pub product: Option<u32>,
    /// Place of the kind of product in [`Sales::categories`], where lines tell one.
    pub category: Option<u32>,
}

impl SaleLine {
    /// Whether it is a refund. A line of nothing is a purchase.
    #[must_use]
    pub fn is_refund(&self) -> bool {
        self.amount < 0.0
    }
}

impl Sales {
    /// The sales of customers with these ids and lines, in the same order.
    ///
    /// Lines are sorted by date, those of a day by what they hold, and categories by name.
    ///
    /// # Panics
    /// On another number of ids than customers, a customer without a line, an amount that is not finite or a category
    /// that is not among `categories`.
    #[must_use]
    pub fn new(ids: Ids, customers: Vec<Vec<SaleLine>>, categories: &[String]) -> Self {
        assert_eq!(ids.len(), customers.len(), "an id for each customer");
        let (categories, places) = sorted(categories);
        let mut starts = vec![0];
        let mut lines = Vec::with_capacity(customers.iter().map(Vec::len).sum());
        for mut of_customer in customers {
            assert!(!of_customer.is_empty(), "a customer without a line");
            for line in &mut of_customer {
                assert!(line.amount.is_finite(), "an amount that is a number");
                line.category = line.category.map(|category| places[category as usize]);
            }
            of_customer.sort_unstable_by(|a, b| {
                let rest = |line: &SaleLine| (line.product, line.category);
                let by_amount = || a.amount.total_cmp(&b.amount);
                let by_rest = || rest(a).cmp(&rest(b));
                a.date.cmp(&b.date).then_with(by_amount).then_with(by_rest)
            });
            lines.append(&mut of_customer);
            starts.push(lines.len());
        }
        Self {
            ids,
            starts,
            lines,
            categories,
        }
    }

    /// Number of customers.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there are none; never true of sales that were imported.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// Ids by customer.
    #[must_use]
    pub fn ids(&self) -> &Ids {
        &self.ids
    }

    /// A customer's lines by date; at least one.
    #[must_use]
    pub fn lines_of(&self, customer: usize) -> &[SaleLine] {
        &self.lines[self.starts[customer]..self.starts[customer + 1]]
    }

    /// Kinds of product.
    #[must_use]
    pub fn categories(&self) -> &[String] {
        &self.categories
    }

    /// The first and the last day of a line; `None` without lines.
    #[must_use]
    pub fn period(&self) -> Option<(Date, Date)> {
        let dates = || self.lines.iter().map(|line| line.date);
        Some((dates().min()?, dates().max()?))
    }

    /// Whether some line tells a product.
    #[must_use]
    pub fn has_products(&self) -> bool {
        self.lines.iter().any(|line| line.product.is_some())
    }
}

/// The names, ascending, and the new place of each.
fn sorted(names: &[String]) -> (Vec<String>, Vec<u32>) {
    let mut order: Vec<u32> = (0..names.len() as u32).collect();
    order.sort_unstable_by(|&a, &b| names[a as usize].cmp(&names[b as usize]));
    let mut places = vec![0; names.len()];
    for (place, &name) in order.iter().enumerate() {
        places[name as usize] = place as u32;
    }
    let sorted = order.iter().map(|&name| names[name as usize].clone());
    (sorted.collect(), places)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_stand_by_customer_and_date_whatever_the_order_of_the_files() {
        let line = |day: &str, amount, product| SaleLine {
            date: Date::parse(day).expect("a date"),
            amount,
            product,
            category: None,
        };
        let mut lines = vec![
            line("2025-03-02", 7.0, None),
            line("2025-03-02", 7.0, Some(1)),
            line("2025-03-02", -7.0, None),
            line("2025-03-01", 9.0, Some(4)),
        ];
        let sales = |lines: &[SaleLine]| {
            let others = vec![line("2025-01-31", 1.0, None)];
            let ids: Ids = ["a", "b"].iter().collect();
            Sales::new(ids, vec![others, lines.to_vec()], &[])
        };
        let one = sales(&lines);
        let found: Vec<f64> = one.lines_of(1).iter().map(|line| line.amount).collect();
        assert_eq!(found, [9.0, -7.0, 7.0, 7.0]);
        lines.reverse();
        assert_eq!(sales(&lines), one);
        assert!(one.lines_of(1)[1].is_refund() && one.has_products());
        let period = ["2025-01-31", "2025-03-02"].map(|day| Date::parse(day).expect("a date"));
        assert_eq!(one.period(), Some((period[0], period[1])));
        assert_eq!((one.len(), &one.ids()[1]), (2, "b"));
        assert!(!one.is_empty() && one.categories().is_empty());
    }

    #[test]
    fn categories_are_sorted_and_lines_keep_theirs() {
        let line = |category| SaleLine {
            date: Date::parse("2025-03-02").expect("a date"),
            amount: 1.0,
            product: None,
            category,
        };
        let lines = vec![line(Some(2)), line(None), line(Some(0)), line(Some(1))];
        let names = ["tea", "wine", "cheese"].map(str::to_owned);
        let sales = Sales::new(["a"].iter().collect(), vec![lines], &names);
        assert_eq!(sales.categories(), ["cheese", "tea", "wine"]);
        let found: Vec<Option<u32>> = sales.lines_of(0).iter().map(|line| line.category).collect();
        assert_eq!(found, [None, Some(0), Some(1), Some(2)]);
        assert!(!sales.has_products());
    }
}
