//! A base seen from any day: only what was known at the end of that day counts.

use clientela_numerics::ExactSum;
use clientela_tables::{Posting, PurchaseHistories};

/// What an amount of money stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueBasis {
    /// Amount − cost.
    Margin,
    /// The amount.
    Amount,
}

/// A purchase base with one value basis. Days count from 1970-01-01.
#[derive(Clone, Copy, Debug)]
pub struct Base<'a> {
    histories: &'a PurchaseHistories,
    basis: ValueBasis,
}

/// A calendar day on which a customer ordered, as it was known at some later day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Occasion {
    /// The day.
    pub day: i32,
    /// What it brought, refunds taken off.
    pub value: f64,
    /// Whether something remained bought. A day of which refunds leave nothing is none.
    pub is_purchase: bool,
}

/// What the models know of a customer at the end of a day.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct CustomerState {
    /// Days with a purchase; 0 where none was known yet, or refunds left none.
    pub n_purchases: u32,
    /// The first of them; meaningless without a purchase.
    pub first_day: i32,
    /// The last of them; meaningless without a purchase.
    pub last_day: i32,
    /// Everything known to have come in, refunds taken off.
    pub value: f64,
    /// The same without the first purchase.
    pub repeat_value: f64,
}

impl CustomerState {
    /// Repeat purchases: the first one is never a rate.
    #[must_use]
    pub fn frequency(&self) -> u32 {
        self.n_purchases.saturating_sub(1)
    }

    /// Mean value of a repeat purchase, lowered by refunds that leave no purchase; `None` without a repeat.
    #[must_use]
    pub fn mean_repeat_value(&self) -> Option<f64> {
        let frequency = self.frequency();
        (frequency > 0).then(|| self.repeat_value / f64::from(frequency))
    }
}

impl<'a> Base<'a> {
    /// The base with margins where every line of the base has a cost, else with amounts.
    #[must_use]
    pub fn new(histories: &'a PurchaseHistories) -> Self {
        let basis = if histories.all_have_costs() {
            ValueBasis::Margin
        } else {
            ValueBasis::Amount
        };
        Self { histories, basis }
    }

    /// What values stand for.
    #[must_use]
    pub fn basis(&self) -> ValueBasis {
        self.basis
    }

    /// Number of customers.
    #[must_use]
    pub fn n_customers(&self) -> usize {
        self.histories.len()
    }

    /// The table behind it.
    #[must_use]
    pub fn histories(&self) -> &'a PurchaseHistories {
        self.histories
    }

    /// The last day that is known.
    #[must_use]
    pub fn today(&self) -> i32 {
        self.histories.today().days_since_epoch()
    }

    /// The first day of any posting.
    #[must_use]
    pub fn first_day(&self) -> i32 {
        let firsts = (0..self.n_customers()).map(|customer| self.first_day_of(customer));
        firsts.min().expect("at least one customer")
    }

    /// The day of a customer's first posting, whether or not it remained a purchase.
    #[must_use]
    pub fn first_day_of(&self, customer: usize) -> i32 {
        self.histories.postings_of(customer)[0]
            .occasion
            .days_since_epoch()
    }

    /// A customer's occasions by day, as they were known at the end of `day`.
    pub fn occasions(&self, customer: usize, day: i32) -> impl Iterator<Item = Occasion> + 'a {
        let basis = self.basis;
        let postings = self.histories.postings_of(customer);
        postings
            .chunk_by(|a, b| a.occasion == b.occasion)
            .filter_map(move |postings| occasion(postings, day, basis))
    }

    /// What came in from a customer after `start` and until the end of `end`, refunds of earlier purchases included.
    #[must_use]
    pub fn value_between(&self, customer: usize, start: i32, end: i32) -> f64 {
        let mut total = ExactSum::new();
        for posting in self.histories.postings_of(customer) {
            let posted = posting.posted.days_since_epoch();
            if start < posted && posted <= end {
                total.add(value_of(posting, self.basis));
            }
        }
        total.value()
    }

    /// Purchases of a customer after `start` and until the end of `end`, as known at `end`.
    #[must_use]
    pub fn purchases_between(&self, customer: usize, start: i32, end: i32) -> u32 {
        self.occasions(customer, end)
            .filter(|occasion| occasion.day > start && occasion.is_purchase)
            .count() as u32
    }

    /// What was known of a customer at the end of `day`.
    #[must_use]
    pub fn state(&self, customer: usize, day: i32) -> CustomerState {
        state(self.occasions(customer, day))
    }
}

/// Adds up the occasions of one customer.
pub(super) fn state(occasions: impl Iterator<Item = Occasion>) -> CustomerState {
    let mut state = CustomerState::default();
    let (mut value, mut repeat_value) = (ExactSum::new(), ExactSum::new());
    for occasion in occasions {
        value.add(occasion.value);
        let is_first = occasion.is_purchase && state.n_purchases == 0;
        if is_first {
            state.first_day = occasion.day;
        } else {
            repeat_value.add(occasion.value);
        }
        if occasion.is_purchase {
            state.n_purchases += 1;
            state.last_day = occasion.day;
        }
    }
    state.value = value.value();
    state.repeat_value = repeat_value.value();
    state
}

pub(super) fn value_of(posting: &Posting, basis: ValueBasis) -> f64 {
    match basis {
        ValueBasis::Margin => posting.margin,
        ValueBasis::Amount => posting.amount,
    }
}

/// The postings of one occasion that were known at the end of `day`, added up.
///
/// What remains bought is decided by amounts: something sold below cost was sold. A day without a refund is a purchase
/// even at an amount of 0, which is how shops record what they gave away.
pub(super) fn occasion(postings: &[Posting], day: i32, basis: ValueBasis) -> Option<Occasion> {
    let known = |posting: &&Posting| posting.posted.days_since_epoch() <= day;
    let first = postings.iter().find(known)?;
    let (mut amount, mut value) = (ExactSum::new(), ExactSum::new());
    let mut has_refund = false;
    for posting in postings.iter().filter(known) {
        amount.add(posting.amount);
        value.add(value_of(posting, basis));
        has_refund |= posting.has_refund;
    }
    Some(Occasion {
        day: first.occasion.days_since_epoch(),
        value: value.value(),
        is_purchase: !has_refund || amount.value() > 0.0,
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{base, day, histories};
    use super::*;

    #[test]
    fn a_day_of_which_refunds_leave_nothing_is_no_purchase_but_lowers_the_value() {
        let table = histories(
            "2025-04-24",
            &[("a", &["2025-01-01 50", "2025-02-01 30", "2025-03-01 -20"])],
        );
        let state = base(&table).state(0, day("2025-04-24"));
        assert_eq!((state.n_purchases, state.frequency()), (2, 1));
        assert_eq!((state.value, state.mean_repeat_value()), (60.0, Some(10.0)));
        assert_eq!(state.last_day, day("2025-02-01"));
    }

    #[test]
    fn a_refund_is_not_known_before_the_day_it_was_made() {
        let table = histories(
            "2025-04-24",
            &[("a", &["2025-01-01 50 order", "2025-03-01 -50 order"])],
        );
        let base = base(&table);
        let before = base.state(0, day("2025-02-28"));
        let after = base.state(0, day("2025-03-01"));
        assert_eq!((before.n_purchases, before.value), (1, 50.0));
        assert_eq!((after.n_purchases, after.value), (0, 0.0));
        assert_eq!(
            base.value_between(0, day("2025-02-28"), day("2025-03-01")),
            -50.0
        );
        assert_eq!(
            base.purchases_between(0, day("2024-12-31"), day("2025-03-01")),
            0
        );
    }

    #[test]
    fn a_gift_is_a_purchase_and_the_future_is_not_seen() {
        let table = histories("2025-04-24", &[("a", &["2025-01-01 0", "2025-02-01 30"])]);
        let base = base(&table);
        assert_eq!(base.state(0, day("2025-01-31")).n_purchases, 1);
        assert_eq!(base.state(0, day("2024-12-31")), CustomerState::default());
        assert_eq!(base.first_day(), day("2025-01-01"));
        assert_eq!(
            base.purchases_between(0, day("2025-01-01"), day("2025-02-01")),
            1
        );
    }
}
