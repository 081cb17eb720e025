//! Calendar dates, as days since 1970-01-01.

use std::fmt;

/// A date in the proleptic Gregorian calendar, between 1900-01-01 and 2200-12-31.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(i32);

impl Date {
    /// Years that a date may lie in.
    pub const YEARS: std::ops::RangeInclusive<i32> = 1900..=2200;

    /// The date of a year, month (1–12) and day (1–31); `None` where there is no such day or the year is outside
    /// [`Date::YEARS`].
    #[must_use]
    pub fn from_ymd(year: i32, month: u32, day: u32) -> Option<Self> {
        let in_range = Self::YEARS.contains(&year) && (1..=12).contains(&month) && day >= 1;
        (in_range && day <= days_in_month(year, month))
            .then(|| Self(days_from_civil(year, month, day)))
    }

    /// Reads `YYYY-MM-DD`, or a date-time of which the UTC date counts (without an offset: UTC).
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = *text.as_bytes() {
            let year = number(&[y1, y2, y3, y4])?;
            return Self::from_ymd(year as i32, number(&[m1, m2])?, number(&[d1, d2])?);
        }
        // A date-time begins with a full date; shorter or odder forms (week dates, `20250424`) are not accepted.
        if text.len() < 16 || text.as_bytes()[4] != b'-' {
            return None;
        }
        let date = match text.parse::<jiff::Timestamp>() {
            Ok(instant) => instant.to_zoned(jiff::tz::TimeZone::UTC).date(),
            Err(_) => text.parse::<jiff::civil::DateTime>().ok()?.date(),
        };
        Self::from_ymd(
            i32::from(date.year()),
            date.month() as u32,
            date.day() as u32,
        )
    }

    /// Today in UTC by the clock of this machine.
    #[must_use]
    pub fn today_utc() -> Self {
        let date = jiff::Timestamp::now()
            .to_zoned(jiff::tz::TimeZone::UTC)
            .date();
        Self::from_ymd(
            i32::from(date.year()),
            date.month() as u32,
            date.day() as u32,
        )
        .expect("a clock within 1900–2200")
    }

    /// Days from 1970-01-01; negative before.
    #[must_use]
    pub fn days_since_epoch(self) -> i32 {
        self.0
    }

    /// Days from `earlier` to this date; negative when `earlier` is later.
    #[must_use]
    pub fn days_since(self, earlier: Self) -> i32 {
        self.0 - earlier.0
    }

    /// Year, month (1–12), day (1–31).
    #[must_use]
    pub fn ymd(self) -> (i32, u32, u32) {
        civil_from_days(self.0)
    }
}

/// The text was no date; see [`Date::parse`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotADate;

impl std::str::FromStr for Date {
    type Err = NotADate;

    fn from_str(text: &str) -> Result<Self, NotADate> {
        Self::parse(text).ok_or(NotADate)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.ymd();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

fn number(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |value, &digit| {
        digit
            .is_ascii_digit()
            .then(|| value * 10 + u32::from(digit - b'0'))
    })
}

fn days_in_month(year: i32, month: u32) -> u32 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `days_from_civil`: eras of 400 years that begin on
/// 1 March, so that the leap day comes last.
fn days_from_civil(year: i32, month: u32, day: u32) -> i32 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month_from_march = (month as i32 + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day as i32 - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// The inverse of [`days_from_civil`].
fn civil_from_days(days: i32) -> (i32, u32, u32) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = (day_of_year - (153 * month_from_march + 2) / 5 + 1) as u32;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    } as u32;
    (year_of_era + era * 400 + i32::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_of_three_centuries_survives_the_round_trip() {
        let first = Date::from_ymd(1900, 1, 1).unwrap().days_since_epoch();
        let last = Date::from_ymd(2200, 12, 31).unwrap().days_since_epoch();
        assert_eq!(last - first + 1, 109_938); // 301 years of 365 days and 73 leap days
        for days in first..=last {
            let text = Date(days).to_string();
            assert_eq!(Date::parse(&text), Some(Date(days)), "{text}");
        }
    }

    #[test]
    fn dates_that_do_not_exist_are_refused() {
        for text in [
            "2025-02-30",
            "2023-02-29",
            "1899-12-31",
            "2201-01-01",
            "2025-13-01",
            "2025-00-10",
            "2025-1-1",
            "20250101",
            "24/04/2025",
            "",
            "today",
            "2025-04-24T25:00:00",
            "2025-W17-4T10:00",
            "+2025-04-24",
        ] {
            assert_eq!(Date::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_date_time_counts_by_its_utc_date() {
        for (text, date) in [
            ("2025-04-24T10:30:00", "2025-04-24"),
            ("2025-04-24 10:30:00", "2025-04-24"),
            ("2025-04-24T23:30:00Z", "2025-04-24"),
            ("2025-04-24T23:30:00-03:00", "2025-04-25"),
            ("2025-04-24T01:30:00.123456+02:00", "2025-04-23"),
            ("1970-01-01", "1970-01-01"),
        ] {
            assert_eq!(
                Date::parse(text).map(|d| d.to_string()).as_deref(),
                Some(date),
                "{text}"
            );
        }
        assert_eq!(Date::from_ymd(1970, 1, 1).unwrap().days_since_epoch(), 0);
    }
}
