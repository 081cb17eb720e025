//! Repeat purchases as lines over time, and what came of them after the model's last day.

use clientela_tables::Date;

use crate::customer_clv_forecast::response::{Tracking, Week};

const DAYS_OF_WEEK: f64 = 7.0;

/// Cumulative repeat purchases; time is in weeks since the first purchase of all.
pub struct Tracked {
    pub actual: Vec<(f64, f64)>,
    pub expected: Vec<(f64, f64)>,
    /// Until when the model knew what came; `None` where it knew everything.
    pub split: Option<f64>,
    /// The same as a date.
    pub split_date: Option<Date>,
    /// The whole weeks that test the model, or all where none does; `None` where the split leaves less than a week.
    pub tested: Option<Period>,
}

/// What came and what was expected between two days, both included.
pub struct Period {
    pub first: Date,
    pub last: Date,
    pub actual: f64,
    pub expected: f64,
}

impl Tracked {
    /// `None` without a week.
    pub fn of(tracking: &Tracking) -> Option<Self> {
        let weeks = &tracking.weeks;
        // The last week may be shorter than seven days, which no other tells where it is the only one.
        let start = start_of(weeks)?;
        let at = |date: Date| f64::from(date.days_since(start)) / DAYS_OF_WEEK;
        let points = |value: fn(&Week) -> f64| {
            let weeks = weeks.iter();
            // Lines that begin at nothing.
            let origin = std::iter::once((0.0, 0.0));
            let points = weeks.filter_map(|week| Some((at(end_of(week)?), value(week))));
            origin.chain(points).collect()
        };
        let split_date = tracking.split_date.as_deref().and_then(Date::parse);
        Some(Self {
            actual: points(actual),
            expected: points(expected),
            split: split_date.map(at),
            split_date,
            tested: tested(weeks, start, split_date),
        })
    }
}

/// The last day before the first week.
fn start_of(weeks: &[Week]) -> Option<Date> {
    let end = end_of(weeks.first()?)?;
    Date::from_days(end.days_since_epoch() - DAYS_OF_WEEK as i32)
}

fn end_of(week: &Week) -> Option<Date> {
    Date::parse(&week.week_end)
}

fn actual(week: &Week) -> f64 {
    week.actual_cumulative as f64
}

fn expected(week: &Week) -> f64 {
    week.expected_cumulative.get()
}

/// The weeks of which the model knew no day: one that the split divides is left out. `None` where no week is left.
fn tested(weeks: &[Week], start: Date, split: Option<Date>) -> Option<Period> {
    let is_known = |week: &&Week| end_of(week) <= split;
    let n_known = weeks.iter().take_while(is_known).count();
    let end_of_known = |n: usize| {
        n.checked_sub(1)
            .map_or(Some(start), |at| end_of(&weeks[at]))
    };
    let is_divided = split.is_some() && end_of_known(n_known) < split;
    let n_before = n_known + usize::from(is_divided);
    let last = weeks.get(n_before..)?.last()?;
    let before = n_before.checked_sub(1).map(|at| &weeks[at]);
    let so_far = before.map_or((0.0, 0.0), |week| (actual(week), expected(week)));
    let day_before = end_of_known(n_before)?;
    Some(Period {
        first: Date::from_days(day_before.days_since_epoch() + 1)?,
        last: end_of(last)?,
        actual: actual(last) - so_far.0,
        expected: expected(last) - so_far.1,
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::response::Purchases;
    use super::*;

    /// Weeks that end on these days of January 2025, with one purchase for each day so far, and half of it expected.
    fn tracked(split: Option<&str>, ends: &[u32]) -> Tracked {
        let week = |(week, &end): (u32, &u32)| Week {
            week,
            week_end: format!("2025-01-{end:02}"),
            actual: 0,
            expected: Purchases::new(0.0),
            actual_cumulative: u64::from(end),
            expected_cumulative: Purchases::new(f64::from(end) / 2.0),
        };
        let tracking = Tracking {
            split_date: split.map(str::to_owned),
            weeks: (1..).zip(ends).map(week).collect(),
        };
        Tracked::of(&tracking).expect("at least one week")
    }

    #[track_caller]
    fn check(split: Option<&str>, expected: (&str, &str, f64)) {
        let tested = tracked(split, &[7, 14, 21, 24]).tested.expect("a period");
        let found = (tested.first.to_string(), tested.last.to_string());
        assert_eq!(
            (found.0.as_str(), found.1.as_str(), tested.actual),
            expected
        );
        assert_eq!(tested.expected, tested.actual / 2.0);
    }

    #[test]
    fn a_week_that_the_split_divides_is_no_test_of_the_model() {
        check(Some("2025-01-14"), ("2025-01-15", "2025-01-24", 10.0));
        check(Some("2025-01-13"), ("2025-01-15", "2025-01-24", 10.0));
        check(Some("2025-01-08"), ("2025-01-15", "2025-01-24", 10.0));
        check(Some("2025-01-07"), ("2025-01-08", "2025-01-24", 17.0));
        check(Some("2025-01-01"), ("2025-01-08", "2025-01-24", 17.0));
        check(None, ("2025-01-01", "2025-01-24", 24.0));
        assert!(
            tracked(Some("2025-01-22"), &[7, 14, 21, 24])
                .tested
                .is_none()
        );
    }

    #[test]
    fn the_split_and_a_short_last_week_stand_at_their_days() {
        let found = tracked(Some("2025-01-10"), &[7, 14, 18]);
        let weeks: Vec<f64> = found.actual.iter().map(|point| point.0).collect();
        assert_eq!(weeks, [0.0, 1.0, 2.0, 18.0 / 7.0]);
        assert_eq!(found.split, Some(10.0 / 7.0));
    }
}
