//! Snapshots of a shop's customers: from sales to rows that a model of churn can learn from, and those it is asked about.
//!
//! A snapshot tells of each customer what was known at the end of one day. Whether the customer then stayed away is seen
//! `window_days` later, by the rule of shops in [`churn_label`](crate::churn_label):
//!
//! ```text
//!        date − window            date              date + window
//! ───────────┼─────────────────────┼─────────────────────┼──────▶
//!            └── has a purchase ───┤                     │
//!  features: all up to date ───────┤                     │
//!                                  └─ none: churned = 1 ─┘
//! ```
//!
//! In the words of that rule: labeled at date + window, with columns known a window before. Only customers with a purchase
//! in the window before the date take part; the others are gone already and are counted apart. The last snapshot is that
//! of today, whose outcomes nobody knows.
//!
//! Source: the API contract's §12 and its rules of evidence, "Snapshots".
//! Cost: O(lines · log lines of a customer + customers · snapshots). Deterministic, whatever the order of the lines.
//! Tested against: each row computed anew from the lines up to its date.

mod activity;
mod history;

use clientela_tables::{Cell, CustomerTraits, CustomerTraitsBuilder, Date, Ids, Sales};

use crate::churn_label::is_silent;

pub use activity::Activity;
use history::History;

/// Which snapshots are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SnapshotOptions {
    /// The last day that counts as known.
    pub today: Date,
    /// Days without a purchase after which a customer counts as lost, at least 1.
    pub window_days: u32,
    /// Snapshots to learn from, each a window before the next, besides the one of today.
    pub n_snapshots: usize,
}

/// Snapshots of a base.
#[derive(Clone, Debug, PartialEq)]
pub struct ChurnSnapshots {
    /// Days without a purchase after which a customer counts as lost.
    pub window_days: u32,
    /// Each day, ascending; the last one is today.
    pub days: Vec<SnapshotDay>,
    /// Days asked for that the sales do not reach back to: the window before would not be whole.
    pub n_days_out_of_reach: usize,
    /// The rows of each day, customers in the order of the sales.
    pub rows: Vec<SnapshotRow>,
}

/// How many customers a snapshot has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SnapshotDay {
    /// Its day.
    pub date: Date,
    /// Customers with a purchase in the window before: its rows.
    pub n_active: usize,
    /// Customers with earlier purchases only, who are gone already.
    pub n_gone: usize,
    /// Rows without a purchase in the window after; `None` for today.
    pub n_churned: Option<usize>,
}

/// A customer at the end of a day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SnapshotRow {
    /// Place in the sales.
    pub customer: usize,
    /// The day.
    pub date: Date,
    /// Whether there was no purchase in the window after; `None` for today.
    pub churned: Option<bool>,
    /// What was known.
    pub activity: Activity,
}

impl ChurnSnapshots {
    /// The snapshots of the sales; lines after today count for nothing.
    ///
    /// # Panics
    /// On a window of no days.
    #[must_use]
    pub fn of(sales: &Sales, options: &SnapshotOptions) -> Self {
        assert!(options.window_days > 0, "a window of no days");
        let dates = days_in_reach(sales, options);
        let n_days_out_of_reach = options.n_snapshots - (dates.len() - 1);
        let mut days: Vec<SnapshotDay> = dates.iter().map(SnapshotDay::of).collect();
        let mut rows: Vec<Vec<SnapshotRow>> = vec![Vec::new(); days.len()];
        for customer in 0..sales.len() {
            let history = History::of(sales.lines_of(customer), options.today);
            for (day, rows) in days.iter_mut().zip(&mut rows) {
                if let Some(row) = day.count(&history, customer, options) {
                    rows.push(row);
                }
            }
        }
        Self {
            window_days: options.window_days,
            days,
            n_days_out_of_reach,
            rows: rows.concat(),
        }
    }

    /// Names of the columns, in the order of [`Activity::cells`].
    #[must_use]
    pub fn columns(&self) -> Vec<String> {
        Activity::columns(self.window_days)
    }

    /// The rows as a table, with the spend of the last window as what today's customers are worth.
    #[must_use]
    pub fn traits(&self, sales: &Sales) -> CustomerTraits {
        let mut builder = CustomerTraitsBuilder::new();
        let columns: Vec<usize> = self
            .columns()
            .iter()
            .map(|name| builder.column(name))
            .collect();
        for row in &self.rows {
            let cells = row.activity.cells(sales);
            for (&column, cell) in columns.iter().zip(cells) {
                if cell != Cell::Missing {
                    builder.set(column, cell);
                }
            }
            builder.finish_row(Some(row.date), row.churned, row.worth());
        }
        let ids: Ids = self
            .rows
            .iter()
            .map(|row| &sales.ids()[row.customer])
            .collect();
        builder.finish(ids)
    }
}

impl SnapshotRow {
    /// What today's customer is worth: the spend of the last window, which the next one would bring again; not negative.
    /// `None` for customers of earlier days, whose money is no longer at risk.
    #[must_use]
    pub fn worth(&self) -> Option<f64> {
        let is_asked_about = self.churned.is_none();
        is_asked_about.then(|| self.activity.spend_in_window.max(0.0))
    }
}

impl SnapshotDay {
    fn of(date: &Date) -> Self {
        Self {
            date: *date,
            n_active: 0,
            n_gone: 0,
            n_churned: None,
        }
    }

    /// Counts a customer, and gives the row of one who takes part.
    fn count(
        &mut self,
        history: &History<'_>,
        customer: usize,
        options: &SnapshotOptions,
    ) -> Option<SnapshotRow> {
        let window = options.window_days;
        let last = history.last_purchase(self.date)?;
        if is_silent(last, self.date, window) {
            self.n_gone += 1;
            return None;
        }
        self.n_active += 1;
        let churned = after(self.date, window)
            .filter(|seen| *seen <= options.today)
            .map(|seen| is_silent(history.last_purchase(seen).unwrap_or(last), seen, window));
        if let Some(churned) = churned {
            *self.n_churned.get_or_insert(0) += usize::from(churned);
        }
        Some(SnapshotRow {
            customer,
            date: self.date,
            churned,
            activity: Activity::of(history, self.date, window),
        })
    }
}

/// The days of the snapshots, ascending: today, and before it those whose window the sales cover.
fn days_in_reach(sales: &Sales, options: &SnapshotOptions) -> Vec<Date> {
    let window = i64::from(options.window_days);
    let first = sales.period().map_or(options.today, |(first, _)| first);
    let reach = i64::from(options.today.days_since(first)) + 1;
    // The snapshot `k` windows ago looks back on one more.
    let n_in_reach = usize::try_from(reach / window - 1).unwrap_or(0);
    let n = options.n_snapshots.min(n_in_reach);
    let days_ago = |k: usize| i64::from(options.today.days_since_epoch()) - k as i64 * window;
    let days = (0..=n).rev().map(days_ago);
    days.filter_map(|days| Date::from_days(i32::try_from(days).ok()?))
        .collect()
}

/// The day so many days later, if there is one.
fn after(date: Date, days: u32) -> Option<Date> {
    let days = i64::from(date.days_since_epoch()) + i64::from(days);
    Date::from_days(i32::try_from(days).ok()?)
}

#[cfg(test)]
mod tests;
