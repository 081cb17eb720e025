//! What is known of a customer at the end of a day.

use clientela_numerics::ExactSum;
use clientela_tables::{Cell, Date, SaleLine, Sales};

use super::history::{History, n_up_to};

/// What a customer had done by the end of a day. A purchase is a day with at least one line that is no refund.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Activity {
    /// Days since the first purchase.
    pub tenure_days: u32,
    /// Days since the last purchase.
    pub recency_days: u32,
    /// Purchases so far.
    pub n_purchases: usize,
    /// Purchases in the window that ends with the day.
    pub n_purchases_in_window: usize,
    /// Purchases in the window before that one.
    pub n_purchases_in_window_before: usize,
    /// What was spent so far, refunds taken off.
    pub spend: f64,
    /// What was spent in the window that ends with the day, refunds of these days taken off.
    pub spend_in_window: f64,
    /// Spend so far by purchase.
    pub spend_per_purchase: f64,
    /// Days between one purchase and the next, on average; `None` after a single one.
    pub days_between_purchases: Option<f64>,
    /// Days since the last purchase over those between purchases: 1 when the next is due; `None` after a single one.
    pub recency_in_gaps: Option<f64>,
    /// Refunds over purchases, in money; 0 where nothing came to anything.
    pub refund_share: f64,
    /// Distinct products; 0 where the sales tell none.
    pub n_products: usize,
    /// Distinct kinds of product; 0 where the sales tell none.
    pub n_categories: usize,
    /// The kind of product that most purchase lines were of, the first by name of several; place in
    /// [`Sales::categories`].
    pub main_category: Option<u32>,
}

impl Activity {
    /// At the end of a day up to which there is a purchase.
    pub(super) fn of(history: &History<'_>, date: Date, window_days: u32) -> Self {
        let known = history.known(date);
        let days = &history.purchase_days;
        let n_purchases = n_up_to(days, date);
        let (first, last) = (days[0], days[n_purchases - 1]);
        let recency_days = days_between(last, date);
        let gap = (n_purchases > 1)
            .then(|| f64::from(days_between(first, last)) / (n_purchases - 1) as f64);
        let start = before(date, window_days);
        let n_before = |end: Option<Date>| end.map_or(0, |end| n_up_to(days, end));
        let n_until_window = n_before(start);
        let n_until_window_before = n_before(start.and_then(|start| before(start, window_days)));
        let n_lines_until_window = start.map_or(0, |start| history.known(start).len());
        let spend = total(known, |_| true);
        Self {
            tenure_days: days_between(first, date),
            recency_days,
            n_purchases,
            n_purchases_in_window: n_purchases - n_until_window,
            n_purchases_in_window_before: n_until_window - n_until_window_before,
            spend,
            spend_in_window: total(&known[n_lines_until_window..], |_| true),
            spend_per_purchase: spend / n_purchases as f64,
            days_between_purchases: gap,
            recency_in_gaps: gap.map(|gap| f64::from(recency_days) / gap),
            refund_share: refund_share(known),
            n_products: n_up_to(&history.product_days, date),
            n_categories: n_up_to(&history.category_days, date),
            main_category: main_category(known),
        }
    }

    /// Names of the columns, for a window of so many days.
    pub(super) fn columns(window_days: u32) -> Vec<String> {
        [
            "tenure".to_owned(),
            "days_since_last_purchase".to_owned(),
            "purchases".to_owned(),
            format!("purchases_last_{window_days}_days"),
            format!("purchases_{window_days}_days_before"),
            "spend".to_owned(),
            format!("spend_last_{window_days}_days"),
            "spend_per_purchase".to_owned(),
            "days_between_purchases".to_owned(),
            "silence_in_usual_gaps".to_owned(),
            "refund_share".to_owned(),
            "products".to_owned(),
            "categories".to_owned(),
            "main_category".to_owned(),
        ]
        .into()
    }

    /// The values of the columns; of products and their kinds only where the sales tell them.
    #[must_use]
    pub fn cells<'a>(&self, sales: &'a Sales) -> [Cell<'a>; 14] {
        let count = |n: usize| Cell::Number(n as f64);
        let number = |value: Option<f64>| value.map_or(Cell::Missing, Cell::Number);
        let categories = sales.categories();
        let category = |place: u32| Cell::Text(&categories[place as usize]);
        [
            Cell::Number(f64::from(self.tenure_days)),
            Cell::Number(f64::from(self.recency_days)),
            count(self.n_purchases),
            count(self.n_purchases_in_window),
            count(self.n_purchases_in_window_before),
            Cell::Number(self.spend),
            Cell::Number(self.spend_in_window),
            Cell::Number(self.spend_per_purchase),
            number(self.days_between_purchases),
            number(self.recency_in_gaps),
            Cell::Number(self.refund_share),
            told(self.n_products),
            told(self.n_categories),
            self.main_category.map_or(Cell::Missing, category),
        ]
    }
}

/// A number of distinct things, which is missing where lines tell none.
fn told<'a>(n: usize) -> Cell<'a> {
    if n > 0 {
        Cell::Number(n as f64)
    } else {
        Cell::Missing
    }
}

/// From a day to one that is not earlier.
fn days_between(earlier: Date, later: Date) -> u32 {
    later.days_since(earlier).unsigned_abs()
}

/// The day so many days earlier; `None` before the first day there is, on which nobody bought.
fn before(date: Date, days: u32) -> Option<Date> {
    let days = i64::from(date.days_since_epoch()) - i64::from(days);
    Date::from_days(i32::try_from(days).ok()?)
}

/// The sum of the lines that count.
fn total(lines: &[SaleLine], counts: impl Fn(&SaleLine) -> bool) -> f64 {
    let amounts = lines.iter().filter(|line| counts(line));
    let sum: ExactSum = amounts.map(|line| line.amount).collect();
    sum.value()
}

fn refund_share(known: &[SaleLine]) -> f64 {
    let bought = total(known, |line| !line.is_refund());
    let refunded = -total(known, SaleLine::is_refund);
    if bought > 0.0 && refunded > 0.0 {
        refunded / bought
    } else {
        0.0
    }
}

/// Places of categories are in the order of their names.
fn main_category(known: &[SaleLine]) -> Option<u32> {
    let purchases = known.iter().filter(|line| !line.is_refund());
    let mut categories: Vec<u32> = purchases.filter_map(|line| line.category).collect();
    categories.sort_unstable();
    let runs = categories.chunk_by(|a, b| a == b);
    // The first of the longest: `max_by_key` would take the last.
    let longest = runs.rev().max_by_key(|run| run.len())?;
    longest.first().copied()
}
