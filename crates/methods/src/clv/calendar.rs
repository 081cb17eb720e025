//! Days, months and weeks of a horizon.

use clientela_tables::Date;

/// Models count time in weeks.
pub const DAYS_OF_WEEK: f64 = 7.0;
/// Days of a month on average: 365.25 / 12.
pub const DAYS_OF_MONTH: f64 = 30.4375;
/// Days of the shortest history and hold-out that has seen every season.
pub const DAYS_OF_YEAR: u32 = 365;

/// Weeks of a whole number of days.
pub fn weeks(days: i32) -> f64 {
    f64::from(days) / DAYS_OF_WEEK
}

/// Days from `date` to the same day of the month so many months later, or to the end of that month where it is
/// shorter.
pub fn days_to_months_later(date: Date, months: u32) -> i32 {
    let (year, month, day) = in_range(date);
    let months = month - 1 + months;
    let later = last_before(year + (months / 12) as i32, months % 12 + 1, day);
    later - last_before(year, month, day)
}

/// Days from `date` to the end of each month of a horizon, the first being 0 months.
pub fn month_ends(date: Date, months: u32) -> Vec<i32> {
    (0..=months)
        .map(|month| days_to_months_later(date, month))
        .collect()
}

/// For each month of the year, January first, the days of it in `(date, date + days]`.
pub fn days_in_months(date: Date, days: i32) -> [u32; 12] {
    let (mut year, mut month, day) = in_range(date);
    let mut counts = [0; 12];
    let start = last_before(year, month, day);
    let mut from = start;
    while from < start + days {
        let (next_year, next_month) = if month == 12 {
            (year + 1, 1)
        } else {
            (year, month + 1)
        };
        // The last day of this month.
        let end = last_before(next_year, next_month, 1) - 1;
        let until = end.min(start + days);
        counts[month as usize - 1] += (until - from).unsigned_abs();
        from = until;
        (year, month) = (next_year, next_month);
    }
    counts
}

/// Year, month and day, a century earlier where a horizon would leave the range of dates.
///
/// A horizon of five years holds the same days a century earlier: neither 2100 nor 2200 is a leap year, and the
/// years around them fall alike.
fn in_range(date: Date) -> (i32, u32, u32) {
    let (year, month, day) = date.ymd();
    let year = if year + 6 > *Date::YEARS.end() {
        year - 100
    } else {
        year
    };
    (year, month, day)
}

/// The day, or the last one before it that the month has.
fn last_before(year: i32, month: u32, day: u32) -> i32 {
    (1..=day)
        .rev()
        .find_map(|day| Date::from_ymd(year, month, day))
        .expect("a month of a year in range")
        .days_since_epoch()
}

#[cfg(test)]
mod tests {
    use super::super::testing::date;
    use super::*;

    #[test]
    fn a_horizon_ends_on_the_same_day_or_on_the_last_of_a_shorter_month() {
        for (from, months, to) in [
            ("2025-04-24", 1, "2025-05-24"),
            ("2025-04-24", 12, "2026-04-24"),
            ("2025-01-31", 1, "2025-02-28"),
            ("2024-02-29", 12, "2025-02-28"),
            ("2024-02-29", 48, "2028-02-29"),
            ("2025-12-31", 60, "2030-12-31"),
        ] {
            let days = date(to).days_since(date(from));
            assert_eq!(days_to_months_later(date(from), months), days, "{from}");
        }
        // Two leap years lie within, 2196 and 2200 being one and none.
        assert_eq!(days_to_months_later(Date::LAST, 60), 5 * 365 + 1);
        assert_eq!(month_ends(date("2025-01-31"), 2), [0, 28, 59]);
    }

    #[test]
    fn days_are_counted_in_the_months_they_fall_in() {
        let mut expected = [0; 12];
        (expected[0], expected[1], expected[2]) = (1, 28, 3);
        assert_eq!(days_in_months(date("2025-01-30"), 32), expected);
        let year = days_in_months(date("2025-06-15"), 365);
        assert_eq!(year, [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]);
        let far = days_in_months(Date::LAST, 59);
        assert_eq!((far[0], far[1]), (31, 28));
    }
}
