//! One customer's sales, laid out so that what was known on any day is found by looking it up.

use clientela_tables::{Date, SaleLine};

/// What a customer bought up to today.
pub(super) struct History<'a> {
    /// By date.
    pub(super) lines: &'a [SaleLine],
    /// Days with a purchase, ascending, each once.
    pub(super) purchase_days: Vec<Date>,
    /// The day of the first purchase of each product, ascending.
    pub(super) product_days: Vec<Date>,
    /// The day of the first purchase of each kind of product, ascending.
    pub(super) category_days: Vec<Date>,
}

impl<'a> History<'a> {
    /// Of a customer's lines by date.
    pub(super) fn of(lines: &'a [SaleLine], today: Date) -> Self {
        let lines = &lines[..lines.partition_point(|line| line.date <= today)];
        let purchases = || lines.iter().filter(|line| !line.is_refund());
        let mut purchase_days: Vec<Date> = purchases().map(|line| line.date).collect();
        purchase_days.dedup();
        Self {
            lines,
            purchase_days,
            product_days: first_days(
                purchases().filter_map(|line| Some((line.product?, line.date))),
            ),
            category_days: first_days(
                purchases().filter_map(|line| Some((line.category?, line.date))),
            ),
        }
    }

    /// The last day with a purchase up to a day.
    pub(super) fn last_purchase(&self, date: Date) -> Option<Date> {
        let n = n_up_to(&self.purchase_days, date);
        n.checked_sub(1).map(|at| self.purchase_days[at])
    }

    /// The lines up to a day.
    pub(super) fn known(&self, date: Date) -> &'a [SaleLine] {
        &self.lines[..self.lines.partition_point(|line| line.date <= date)]
    }
}

/// How many of ascending days lie up to a day.
pub(super) fn n_up_to(days: &[Date], date: Date) -> usize {
    days.partition_point(|&day| day <= date)
}

/// The first day of each thing, ascending.
fn first_days(dated: impl Iterator<Item = (u32, Date)>) -> Vec<Date> {
    let mut dated: Vec<(u32, Date)> = dated.collect();
    dated.sort_unstable();
    dated.dedup_by_key(|(thing, _)| *thing);
    let mut days: Vec<Date> = dated.into_iter().map(|(_, day)| day).collect();
    days.sort_unstable();
    days
}
