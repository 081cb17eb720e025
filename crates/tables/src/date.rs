//! Calendar dates, as days since 1970-01-01.

use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

/// A date in the proleptic Gregorian calendar, between 1900-01-01 and 2200-12-31.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(i32);

/// 1900-01-01.
const FIRST_DAY: i32 = -25_567;
/// 2200-12-31.
const LAST_DAY: i32 = 84_370;
const SECONDS_OF_DAY: u64 = 86_400;
const MINUTES_OF_DAY: i32 = 1_440;

impl Date {
    /// Years that a date may lie in.
    pub const YEARS: std::ops::RangeInclusive<i32> = 1900..=2200;
    /// The last date there is, 2200-12-31.
    pub const LAST: Self = Self(LAST_DAY);

    /// The date of a year, month (1–12) and day (1–31); `None` where there is no such day or the year is outside
    /// [`Date::YEARS`].
    #[must_use]
    pub fn from_ymd(year: i32, month: u32, day: u32) -> Option<Self> {
        Self::from_days(days_of(year, month, day)?)
    }

    /// Reads `YYYY-MM-DD`, or a date-time of which the UTC date counts (without an offset: UTC).
    ///
    /// A date-time is the date, `T` or a space, `HH:MM`, and optionally seconds with or without decimals and `Z`,
    /// `±HH`, `±HHMM` or `±HH:MM`. A leap second counts; 24:00 is refused, as RFC 3339 does.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (date, time) = text.as_bytes().split_first_chunk()?;
        let &[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = date else {
            return None;
        };
        let year = number(&[y1, y2, y3, y4])? as i32;
        let days = days_of(year, number(&[m1, m2])?, number(&[d1, d2])?)?;
        match time {
            [] => Self::from_days(days),
            [b'T' | b't' | b' ', time @ ..] => Self::from_days(days + days_to_utc(time)?),
            _ => None,
        }
    }

    /// Today in UTC by the clock of this machine.
    ///
    /// # Panics
    /// On a clock outside [`Date::YEARS`].
    #[must_use]
    pub fn today_utc() -> Self {
        let seconds = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_secs());
        i32::try_from(seconds / SECONDS_OF_DAY)
            .ok()
            .and_then(Self::from_days)
            .expect("a clock within 1900–2200")
    }

    /// The date so many days after 1970-01-01, if its year is within [`Date::YEARS`].
    #[must_use]
    pub fn from_days(days: i32) -> Option<Self> {
        (FIRST_DAY..=LAST_DAY).contains(&days).then_some(Self(days))
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

/// Days from 1970-01-01 to a day of any year; `None` where there is no such day.
fn days_of(year: i32, month: u32, day: u32) -> Option<i32> {
    let exists = (1..=12).contains(&month) && (1..=days_in_month(year, month)).contains(&day);
    exists.then(|| days_from_civil(year, month, day))
}

/// Whole days from the date that stands before this time to the date in UTC: −1, 0 or 1.
fn days_to_utc(time: &[u8]) -> Option<i32> {
    let &[h1, h2, b':', m1, m2, ref rest @ ..] = time else {
        return None;
    };
    let minutes = minutes(&[h1, h2], &[m1, m2])?;
    let offset = offset_minutes(without_seconds(rest)?)?;
    Some((minutes - offset).div_euclid(MINUTES_OF_DAY))
}

/// What stands after `:SS` and its decimals, where there are any.
fn without_seconds(time: &[u8]) -> Option<&[u8]> {
    let &[b':', s1, s2, ref rest @ ..] = time else {
        return Some(time);
    };
    // 60 is a leap second.
    if number(&[s1, s2])? > 60 {
        return None;
    }
    let [b'.' | b',', decimals @ ..] = rest else {
        return Some(rest);
    };
    let n_digits = decimals.iter().take_while(|byte| byte.is_ascii_digit());
    let n_digits = n_digits.count();
    (n_digits > 0).then(|| &decimals[n_digits..])
}

/// Minutes ahead of UTC; without an offset 0.
fn offset_minutes(offset: &[u8]) -> Option<i32> {
    let ahead = match *offset {
        [] | [b'Z' | b'z'] => return Some(0),
        [_, h1, h2] => minutes(&[h1, h2], b"00")?,
        [_, h1, h2, m1, m2] | [_, h1, h2, b':', m1, m2] => minutes(&[h1, h2], &[m1, m2])?,
        _ => return None,
    };
    match offset[0] {
        b'+' => Some(ahead),
        b'-' => Some(-ahead),
        _ => None,
    }
}

/// Minutes since midnight.
fn minutes(hours: &[u8], minutes: &[u8]) -> Option<i32> {
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    (hours < 24 && minutes < 60).then(|| (60 * hours + minutes) as i32)
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
        assert_eq!(Date::LAST.to_string(), "2200-12-31");
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
            "1900-02-29",
            "1899-12-31",
            "2201-01-01",
            "0000-01-01",
            "2025-13-01",
            "2025-00-10",
            "2025-01-00",
            "2025-1-1",
            "20250101",
            "24/04/2025",
            "",
            "today",
            "2025-04-24 ",
            " 2025-04-24",
            "+2025-04-24",
            "２０２５-04-24",
            "2025-W17-4T10:00",
        ] {
            assert_eq!(Date::parse(text), None, "{text}");
        }
    }

    #[test]
    fn times_that_do_not_exist_are_refused() {
        for time in [
            "T",
            "T10",
            "T10:3",
            "T1030",
            "T24:00:00",
            "T25:00:00",
            "T10:60",
            "T10:30:61",
            "T10:30:00.",
            "T10:30:00.Z",
            "T10:30:00ZZ",
            "T10:30:00 Z",
            "T10:30:00+",
            "T10:30:00+1",
            "T10:30:00+1:00",
            "T10:30:00+24:00",
            "T10:30:00+02:60",
            "T10:30:00*02:00",
            "T10:30:00[Europe/Madrid]",
            "_10:30:00",
            "TT10:30:00",
            "T-1:30:00",
        ] {
            assert_eq!(Date::parse(&format!("2025-04-24{time}")), None, "{time}");
        }
        for text in ["1900-01-01T00:30:00+01:00", "2200-12-31T23:30:00-01:00"] {
            assert_eq!(Date::parse(text), None, "{text} lies outside in UTC");
        }
    }

    #[test]
    fn a_date_time_counts_by_its_utc_date() {
        for (text, date) in [
            ("2025-04-24T10:30:00", "2025-04-24"),
            ("2025-04-24 10:30:00", "2025-04-24"),
            ("2025-04-24T10:30", "2025-04-24"),
            ("2025-04-24t10:30:00z", "2025-04-24"),
            ("2025-04-24T23:30:00Z", "2025-04-24"),
            ("2025-04-24T23:30:00-03:00", "2025-04-25"),
            ("2025-04-24T23:30-0030", "2025-04-25"),
            ("2025-04-24 23:30:00-00", "2025-04-24"),
            ("2025-04-24T01:30:00.123456+02:00", "2025-04-23"),
            ("2025-04-24T01:30:00,5+01", "2025-04-24"),
            ("2025-04-24T01:30:00.123456789012Z", "2025-04-24"),
            ("2024-02-29T00:00:00+23:59", "2024-02-28"),
            ("2024-12-31T12:00:00-12:00", "2025-01-01"),
            ("2016-12-31T23:59:60Z", "2016-12-31"),
            ("2016-12-31T18:59:60-05:00", "2016-12-31"),
            ("1899-12-31T23:30:00-01:00", "1900-01-01"),
            ("2201-01-01T00:30:00+01:00", "2200-12-31"),
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
