//! Repeat purchases that a count model expects of customers from their first purchase on, against those that came.

use clientela_learn::lifetime::CountModel;
use clientela_numerics::{StopToken, Stopped};
use rayon::prelude::*;

use super::calendar::weeks;
use super::report::TrackedWeek;
use super::snapshot::Snapshot;

const DAYS_OF_WEEK: i32 = 7;

/// Repeat purchases by day, and how many a model expects.
#[derive(Clone, Debug)]
pub struct RepeatPurchases {
    first_day: i32,
    last_day: i32,
    /// First purchases of each day that has any.
    firsts: Vec<(i32, u64)>,
    /// Repeat purchases of each day from `first_day` on.
    repeats: Vec<u64>,
    /// Expected repeat purchases of a customer so many days after the first purchase.
    expected_of_new: Vec<f64>,
}

impl RepeatPurchases {
    /// Counts repeat purchases of customers whose first purchase is not after `known_until`, as known at the end of the
    /// snapshot's day; `None` without such a customer.
    ///
    /// # Errors
    /// [`Stopped`] when the stop token is set.
    pub fn count(
        snapshot: &Snapshot<'_>,
        known_until: i32,
        model: &CountModel,
        stop: &StopToken,
    ) -> Result<Option<Self>, Stopped> {
        let members = || {
            let members = snapshot.members().iter().zip(snapshot.states());
            members.filter(|(_, state)| state.n_purchases > 0 && state.first_day <= known_until)
        };
        let Some(first_day) = members().map(|(_, state)| state.first_day).min() else {
            return Ok(None);
        };
        let last_day = snapshot.day();
        let n_days = (last_day - first_day + 1) as usize;
        let (mut firsts, mut repeats) = (vec![0_u64; n_days], vec![0_u64; n_days]);
        for (at, (&customer, state)) in members().enumerate() {
            if at % 1024 == 0 {
                stop.poll()?;
            }
            firsts[(state.first_day - first_day) as usize] += 1;
            let occasions = snapshot.base().occasions(customer as usize, last_day);
            for occasion in occasions.filter(|o| o.is_purchase && o.day > state.first_day) {
                repeats[(occasion.day - first_day) as usize] += 1;
            }
        }
        let firsts = firsts.into_iter().zip(first_day..);
        let firsts = firsts.filter(|&(n, _)| n > 0).map(|(n, day)| (day, n));
        Ok(Some(Self {
            first_day,
            last_day,
            firsts: firsts.collect(),
            repeats,
            expected_of_new: expected_of_new(model, n_days, stop)?,
        }))
    }

    /// The day of the first purchase of all.
    pub fn first_day(&self) -> i32 {
        self.first_day
    }

    /// Repeat purchases that came after `start` and until the end of `end`.
    pub fn actual_between(&self, start: i32, end: i32) -> u64 {
        let at = |day: i32| (day + 1 - self.first_day).max(0) as usize;
        self.repeats[at(start)..at(end)].iter().sum()
    }

    /// Repeat purchases expected until the end of `day`.
    pub fn expected_until(&self, day: i32) -> f64 {
        let since = self.firsts.iter().take_while(|(first, _)| *first <= day);
        since
            .map(|&(first, n)| n as f64 * self.expected_of_new[(day - first) as usize])
            .sum()
    }

    /// Week by week from the first day on.
    ///
    /// # Errors
    /// [`Stopped`] when the stop token is set.
    pub fn by_week(&self, stop: &StopToken) -> Result<Vec<TrackedWeek>, Stopped> {
        let mut weeks = Vec::new();
        let (mut actual_cumulative, mut expected_before) = (0, 0.0);
        let mut start = self.first_day - 1;
        while start < self.last_day {
            stop.poll()?;
            let end_day = (start + DAYS_OF_WEEK).min(self.last_day);
            let actual = self.actual_between(start, end_day);
            actual_cumulative += actual;
            let expected_cumulative = self.expected_until(end_day);
            weeks.push(TrackedWeek {
                end_day,
                actual,
                expected: expected_cumulative - expected_before,
                actual_cumulative,
                expected_cumulative,
            });
            (start, expected_before) = (end_day, expected_cumulative);
        }
        Ok(weeks)
    }
}

/// Expected repeat purchases of a new customer within 0, 1, … days.
///
/// They are computed at days whose distance is a 64th of the time that has passed, and lie on straight lines between: a
/// rate that falls no faster than as 1/t is then off by less than 1/(8 · 64²) of the total.
fn expected_of_new(
    model: &CountModel,
    n_days: usize,
    stop: &StopToken,
) -> Result<Vec<f64>, Stopped> {
    let nodes: Vec<usize> = std::iter::successors(Some(0), |day| {
        (day + 1 < n_days).then(|| day + 1 + day / 64)
    })
    .collect();
    let of_nodes = nodes
        .par_iter()
        .with_min_len(16)
        .map(|&days| {
            stop.poll()?;
            Ok(model.expected_purchases_of_new(weeks(days as i32)))
        })
        .collect::<Result<Vec<f64>, Stopped>>()?;
    let mut expected = Vec::with_capacity(n_days);
    for (days, values) in nodes.windows(2).zip(of_nodes.windows(2)) {
        let (steps, rise) = (days[1] - days[0], values[1] - values[0]);
        expected.extend((0..steps).map(|step| values[0] + rise * (step as f64 / steps as f64)));
    }
    expected.extend(of_nodes.last());
    expected.truncate(n_days);
    Ok(expected)
}

#[cfg(test)]
mod tests {
    use clientela_learn::lifetime::CountFamily;

    use super::*;

    #[test]
    fn straight_lines_between_days_are_as_good_as_every_day() {
        let model = CountModel {
            family: CountFamily::BgNbd,
            params: [0.243, 4.414, 0.793, 2.426],
        };
        let stop = StopToken::new();
        for n_days in [1, 2, 64, 65, 66, 700, 3000] {
            let expected = expected_of_new(&model, n_days, &stop).unwrap();
            assert_eq!(expected.len(), n_days);
            for (days, found) in expected.iter().enumerate() {
                let exact = model.expected_purchases_of_new(weeks(days as i32));
                assert!(
                    (found - exact).abs() <= 1e-4 * exact,
                    "{days}: {found} {exact}"
                );
            }
        }
    }
}
