//! The customers of a base as they were known at the end of one day.

use clientela_numerics::{ExactSum, StopToken, Stopped};
use rayon::prelude::*;

use super::base::{Base, CustomerState};
use super::calendar::weeks;

/// Customers that one task takes at least.
const CUSTOMERS_PER_TASK: usize = 4096;

/// A base at the end of a day.
#[derive(Clone, Debug)]
pub struct Snapshot<'a> {
    base: Base<'a>,
    day: i32,
    /// Customers of whom anything was known, as places in the table.
    members: Vec<u32>,
    /// What was known of each member.
    states: Vec<CustomerState>,
}

impl<'a> Snapshot<'a> {
    /// What was known at the end of `day`.
    ///
    /// # Errors
    /// [`Stopped`] when the stop token is set.
    pub fn at(base: Base<'a>, day: i32, stop: &StopToken) -> Result<Self, Stopped> {
        let all: Vec<u32> = (0..base.n_customers() as u32).collect();
        let members: Vec<u32> = all
            .into_iter()
            .filter(|&customer| base.first_day_of(customer as usize) <= day)
            .collect();
        let states = members
            .par_iter()
            .with_min_len(CUSTOMERS_PER_TASK)
            .enumerate()
            .map(|(at, &customer)| {
                if at % CUSTOMERS_PER_TASK == 0 {
                    stop.poll()?;
                }
                Ok(base.state(customer as usize, day))
            })
            .collect::<Result<_, Stopped>>()?;
        Ok(Self {
            base,
            day,
            members,
            states,
        })
    }

    /// The base.
    pub fn base(&self) -> Base<'a> {
        self.base
    }

    /// The day at whose end it was taken.
    pub fn day(&self) -> i32 {
        self.day
    }

    /// Customers known by then, as places in the table, ascending.
    pub fn members(&self) -> &[u32] {
        &self.members
    }

    /// What was known of each member.
    pub fn states(&self) -> &[CustomerState] {
        &self.states
    }

    /// Members with a purchase.
    pub fn n_customers(&self) -> usize {
        self.count(|state| state.n_purchases > 0)
    }

    /// Members with a repeat purchase.
    pub fn n_repeat(&self) -> usize {
        self.count(|state| state.n_purchases > 1)
    }

    fn count(&self, holds: impl Fn(&CustomerState) -> bool) -> usize {
        self.states.iter().filter(|state| holds(state)).count()
    }

    /// Weeks from a member's first purchase to its last, and to the day of the snapshot.
    pub fn recency_and_age(&self, state: &CustomerState) -> (f64, f64) {
        (
            weeks(state.last_day - state.first_day),
            weeks(self.day - state.first_day),
        )
    }

    /// Repeat purchases of all members over the weeks they were known; 0 where no time has passed.
    pub fn repeat_rate(&self) -> f64 {
        let buyers = || self.states.iter().filter(|state| state.n_purchases > 0);
        let repeats: u64 = buyers().map(|state| u64::from(state.frequency())).sum();
        let days: i64 = buyers()
            .map(|state| i64::from(self.day - state.first_day))
            .sum();
        if days > 0 {
            repeats as f64 * super::calendar::DAYS_OF_WEEK / days as f64
        } else {
            0.0
        }
    }

    /// What a purchase brought on average, refunds taken off; 0 without purchases.
    pub fn mean_purchase_value(&self) -> f64 {
        let total: ExactSum = self.states.iter().map(|state| state.value).collect();
        let n: u64 = self.states.iter().map(|s| u64::from(s.n_purchases)).sum();
        if n > 0 { total.divided_by(n) } else { 0.0 }
    }

    /// What a repeat purchase brought on average; 0 without repeat purchases.
    pub fn mean_repeat_value(&self) -> f64 {
        let repeaters = || self.states.iter().filter(|state| state.frequency() > 0);
        let total: ExactSum = repeaters().map(|state| state.repeat_value).collect();
        let n: u64 = repeaters().map(|state| u64::from(state.frequency())).sum();
        if n > 0 { total.divided_by(n) } else { 0.0 }
    }

    /// What each member brought after `start` and until the end of `end`.
    ///
    /// # Errors
    /// [`Stopped`] when the stop token is set.
    pub fn values_between(
        &self,
        start: i32,
        end: i32,
        stop: &StopToken,
    ) -> Result<Vec<f64>, Stopped> {
        self.of_members(stop, |customer| {
            self.base.value_between(customer, start, end)
        })
    }

    /// Purchases of each member after the snapshot and until the end of `end`.
    ///
    /// # Errors
    /// [`Stopped`] when the stop token is set.
    pub fn purchases_until(&self, end: i32, stop: &StopToken) -> Result<Vec<u32>, Stopped> {
        self.of_members(stop, |customer| {
            self.base.purchases_between(customer, self.day, end)
        })
    }

    fn of_members<T: Send>(
        &self,
        stop: &StopToken,
        figure: impl Fn(usize) -> T + Sync,
    ) -> Result<Vec<T>, Stopped> {
        self.members
            .par_iter()
            .with_min_len(CUSTOMERS_PER_TASK)
            .enumerate()
            .map(|(at, &customer)| {
                if at % CUSTOMERS_PER_TASK == 0 {
                    stop.poll()?;
                }
                Ok(figure(customer as usize))
            })
            .collect()
    }

    /// Members in an order that no payload decides: by history, then value, then id.
    ///
    /// Customers with the same history stand side by side, and the random stream of a customer is that of its place.
    pub fn canonical_order(&self) -> Vec<u32> {
        let mut order: Vec<u32> = (0..self.members.len() as u32).collect();
        let ids = self.base.histories().ids();
        order.par_sort_unstable_by(|&a, &b| {
            let (left, right) = (&self.states[a as usize], &self.states[b as usize]);
            let days = |state: &CustomerState| (state.n_purchases, state.first_day, state.last_day);
            let id = |at: u32| &ids[self.members[at as usize] as usize];
            days(left)
                .cmp(&days(right))
                .then_with(|| left.repeat_value.total_cmp(&right.repeat_value))
                .then_with(|| left.value.total_cmp(&right.value))
                .then_with(|| id(a).cmp(id(b)))
        });
        order
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{base, day, histories};
    use super::*;

    #[test]
    fn a_snapshot_holds_who_was_known_and_rates_leave_out_first_purchases() {
        let table = histories(
            "2025-04-24",
            &[
                ("late", &["2025-04-01 5"]),
                ("b", &["2025-01-01 10", "2025-01-15 30"]),
                ("gone", &["2025-01-01 10 o", "2025-01-02 -10 o"]),
                ("a", &["2025-01-15 20"]),
            ],
        );
        let stop = StopToken::new();
        let snapshot = Snapshot::at(base(&table), day("2025-01-29"), &stop).unwrap();
        assert_eq!(snapshot.members(), [1, 2, 3]);
        assert_eq!((snapshot.n_customers(), snapshot.n_repeat()), (2, 1));
        // One repeat in four and two weeks.
        assert_eq!(snapshot.repeat_rate(), 1.0 / 6.0);
        assert_eq!(snapshot.mean_purchase_value(), 20.0);
        assert_eq!(snapshot.mean_repeat_value(), 30.0);
        assert_eq!(snapshot.canonical_order(), [1, 2, 0]);
        let until = snapshot.purchases_until(day("2025-04-24"), &stop);
        assert_eq!(until, Ok(vec![0, 0, 0]));
        let values = snapshot.values_between(day("2025-01-14"), day("2025-01-29"), &stop);
        assert_eq!(values, Ok(vec![30.0, 0.0, 20.0]));
    }
}
