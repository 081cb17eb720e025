//! Dates and date-times as exports write them.
//!
//! Year-first dates speak for themselves. `03/04/2024` does not: whether the day or the month comes first is declared,
//! or decided by the whole file ([`order_evidence`]), never guessed from one line.

use std::str::FromStr;

use clientela_tables::Date;

/// Which comes first where the year comes last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateOrder {
    /// `DD/MM/YYYY`
    DayFirst,
    /// `MM/DD/YYYY`
    MonthFirst,
}

impl DateOrder {
    /// The word by which it is declared.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::DayFirst => "day-first",
            Self::MonthFirst => "month-first",
        }
    }
}

impl FromStr for DateOrder {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.to_ascii_lowercase().as_str() {
            "day-first" | "dmy" | "dd/mm/yyyy" => Ok(Self::DayFirst),
            "month-first" | "mdy" | "mm/dd/yyyy" => Ok(Self::MonthFirst),
            _ => Err("a date order is one of: day-first, month-first".into()),
        }
    }
}

/// A moment in UTC, to the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Moment {
    pub date: Date,
    pub second_of_day: u32,
}

/// What one date says about the order of day and month in its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OrderEvidence {
    /// Year first, the same in both readings, or no date at all.
    Silent,
    /// It is a date in this order only.
    Only(DateOrder),
    /// It is two different dates.
    Either,
    /// The year has two digits, so that any of the three numbers could be it.
    TwoDigitYear,
}

/// What `text` says about the order of day and month.
pub(crate) fn order_evidence(text: &str) -> OrderEvidence {
    let Some(Written::YearLast(date)) = written(split_time(text).0) else {
        return OrderEvidence::Silent;
    };
    let day_first = date.in_order(DateOrder::DayFirst);
    let month_first = date.in_order(DateOrder::MonthFirst);
    match (day_first, month_first) {
        (None, None) => OrderEvidence::Silent,
        _ if date.has_two_digit_year => OrderEvidence::TwoDigitYear,
        (Some(_), None) => OrderEvidence::Only(DateOrder::DayFirst),
        (None, Some(_)) => OrderEvidence::Only(DateOrder::MonthFirst),
        (Some(one), Some(other)) if one == other => OrderEvidence::Silent,
        _ => OrderEvidence::Either,
    }
}

/// The moment in `text`, or `None` where it is none.
///
/// Accepted: `YYYY-MM-DD` and `YYYYMMDD`; with `order` also days and months before the year; each with `-`, `/` or `.`,
/// and with a time of day after a space or a `T` (`8:26`, `08:26:00.5`, `8:26 PM`, `8h26`) with or without an offset
/// from UTC. Without an offset the time counts as UTC.
pub(crate) fn parse_moment(text: &str, order: Option<DateOrder>) -> Option<Moment> {
    let (date, time) = split_time(text);
    let date = match (written(date)?, order) {
        (Written::YearFirst(date), _) => Some(date),
        (Written::YearLast(date), Some(order)) => date.in_order(order),
        // The same day of the same month reads alike in both orders.
        (Written::YearLast(date), None)
            if date.first == date.second && !date.has_two_digit_year =>
        {
            date.in_order(DateOrder::DayFirst)
        }
        (Written::YearLast(_), None) => None,
    }?;
    let Some(time) = time else {
        return Some(Moment {
            date,
            second_of_day: 0,
        });
    };
    let second = second_in_utc(time)?;
    let date = match second.div_euclid(86_400) {
        0 => date,
        1 => following(date)?,
        _ => preceding(date)?,
    };
    Some(Moment {
        date,
        second_of_day: second.rem_euclid(86_400) as u32,
    })
}

enum Written {
    YearFirst(Date),
    YearLast(YearLast),
}

struct YearLast {
    first: u32,
    second: u32,
    year: i32,
    has_two_digit_year: bool,
}

impl YearLast {
    fn in_order(&self, order: DateOrder) -> Option<Date> {
        match order {
            DateOrder::DayFirst => Date::from_ymd(self.year, self.second, self.first),
            DateOrder::MonthFirst => Date::from_ymd(self.year, self.first, self.second),
        }
    }
}

fn split_time(text: &str) -> (&str, Option<&str>) {
    let text = text.trim();
    match text.find(['T', ' ', '\u{a0}']) {
        Some(at) => (
            &text[..at],
            Some(text[at..].trim_start_matches(['T', ' ', '\u{a0}'])),
        ),
        None => (text, None),
    }
}

fn written(date: &str) -> Option<Written> {
    let bytes = date.as_bytes();
    if bytes.len() == 8 && bytes.iter().all(u8::is_ascii_digit) {
        let (month, day) = (number(&bytes[4..6])?, number(&bytes[6..])?);
        return Date::from_ymd(number(&bytes[..4])? as i32, month, day).map(Written::YearFirst);
    }
    let separator = bytes
        .iter()
        .copied()
        .find(|byte| matches!(byte, b'-' | b'/' | b'.'))?;
    let mut parts = bytes.split(|&byte| byte == separator);
    let (one, two, three) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let (first, second, third) = (number(one)?, number(two)?, number(three)?);
    match (one.len(), two.len(), three.len()) {
        (4, 1..=2, 1..=2) => Date::from_ymd(first as i32, second, third).map(Written::YearFirst),
        (1..=2, 1..=2, year_digits @ (2 | 4)) => Some(Written::YearLast(YearLast {
            first,
            second,
            year: full_year(third, year_digits),
            has_two_digit_year: year_digits == 2,
        })),
        _ => None,
    }
}

/// Two digits mean 1970–2069.
fn full_year(year: u32, year_digits: usize) -> i32 {
    match (year_digits, year) {
        (2, 0..=69) => year as i32 + 2000,
        (2, _) => year as i32 + 1900,
        _ => year as i32,
    }
}

fn number(digits: &[u8]) -> Option<u32> {
    (1..=4).contains(&digits.len()).then_some(())?;
    digits.iter().try_fold(0, |value, &digit| {
        digit
            .is_ascii_digit()
            .then(|| value * 10 + u32::from(digit - b'0'))
    })
}

/// Seconds from the midnight in UTC of the written date; below 0 or above 86,399 where the offset crosses it.
fn second_in_utc(time: &str) -> Option<i32> {
    let (clock, offset) = split_offset(time)?;
    let (clock, noon) = split_noon(clock);
    let mut parts = clock.split([':', 'h']);
    let hour = number(parts.next()?.as_bytes())?;
    let minute = parts
        .next()
        .filter(|minute| !minute.is_empty())
        .map_or(Some(0), |minute| number(minute.as_bytes()))?;
    let second = parts.next().map_or(Some(0), |second| {
        let (whole, fraction) = second.split_once(['.', ',']).unwrap_or((second, "0"));
        fraction
            .bytes()
            .all(|byte| byte.is_ascii_digit())
            .then(|| number(whole.as_bytes()))?
    })?;
    let hour = match noon {
        None => hour,
        Some(_) if !(1..=12).contains(&hour) => return None,
        Some(is_afternoon) => hour % 12 + if is_afternoon { 12 } else { 0 },
    };
    let is_a_time = parts.next().is_none()
        && clock.contains([':', 'h'])
        && hour < 24
        && minute < 60
        && second < 60;
    is_a_time.then(|| (hour * 3600 + minute * 60 + second) as i32 - offset)
}

/// The time without its offset, and the offset in seconds east of Greenwich.
fn split_offset(time: &str) -> Option<(&str, i32)> {
    let time = time.trim();
    for utc in ["Z", "UTC", "GMT"] {
        if let Some(clock) = time.strip_suffix(utc) {
            return Some((clock.trim_end(), 0));
        }
    }
    let Some(at) = time.rfind(['+', '-']) else {
        return Some((time, 0));
    };
    let digits: Vec<u8> = time[at + 1..]
        .bytes()
        .filter(|&byte| byte != b':')
        .collect();
    let (hours, minutes) = match digits.len() {
        2 => (number(&digits)?, 0),
        4 => (number(&digits[..2])?, number(&digits[2..])?),
        _ => return None,
    };
    let sign = if time.as_bytes()[at] == b'-' { -1 } else { 1 };
    (hours <= 18 && minutes < 60).then(|| {
        (
            time[..at].trim_end(),
            sign * (hours * 3600 + minutes * 60) as i32,
        )
    })
}

/// The time without its half of the day (`PM`, `p.m.`, `p. m.`), and whether that is the afternoon.
fn split_noon(clock: &str) -> (&str, Option<bool>) {
    let digits = clock.trim_end_matches(|c: char| {
        matches!(c, 'a' | 'A' | 'p' | 'P' | 'm' | 'M' | '.') || c.is_whitespace()
    });
    let marks: Vec<u8> = clock[digits.len()..]
        .bytes()
        .filter(u8::is_ascii_alphabetic)
        .map(|b| b.to_ascii_lowercase())
        .collect();
    match marks.as_slice() {
        b"am" => (digits, Some(false)),
        b"pm" => (digits, Some(true)),
        _ => (clock, None),
    }
}

fn following(date: Date) -> Option<Date> {
    let (year, month, day) = date.ymd();
    Date::from_ymd(year, month, day + 1)
        .or_else(|| Date::from_ymd(year, month + 1, 1))
        .or_else(|| Date::from_ymd(year + 1, 1, 1))
}

fn preceding(date: Date) -> Option<Date> {
    let (year, month, day) = date.ymd();
    let last_of = |year, month| {
        (28..=31)
            .rev()
            .find_map(|day| Date::from_ymd(year, month, day))
    };
    Date::from_ymd(year, month, day - 1)
        .or_else(|| last_of(year, month - 1))
        .or_else(|| Date::from_ymd(year - 1, 12, 31))
}

#[cfg(test)]
mod tests {
    use super::DateOrder::{DayFirst, MonthFirst};
    use super::*;

    fn shown(text: &str, order: Option<DateOrder>) -> Option<String> {
        let moment = parse_moment(text, order)?;
        let (hours, seconds) = (moment.second_of_day / 3600, moment.second_of_day % 3600);
        Some(format!(
            "{} {hours:02}:{:02}:{:02}",
            moment.date,
            seconds / 60,
            seconds % 60
        ))
    }

    #[test]
    fn dates_and_times_are_read_in_the_forms_that_exports_use() {
        for (text, order, moment) in [
            ("2024-03-04", None, "2024-03-04 00:00:00"),
            ("2024/3/4", None, "2024-03-04 00:00:00"),
            ("20240304", None, "2024-03-04 00:00:00"),
            ("2010-12-01 08:26:00", None, "2010-12-01 08:26:00"),
            ("2024-03-04T10:00:00.125Z", None, "2024-03-04 10:00:00"),
            ("2024-12-31T22:30:00-03:00", None, "2025-01-01 01:30:00"),
            ("2024-03-01T01:00+0200", None, "2024-02-29 23:00:00"),
            ("2025-01-01 00:30:00+01", None, "2024-12-31 23:30:00"),
            ("04/03/2024", Some(DayFirst), "2024-03-04 00:00:00"),
            ("04/03/2024", Some(MonthFirst), "2024-04-03 00:00:00"),
            ("4.3.2024 8:05", Some(DayFirst), "2024-03-04 08:05:00"),
            ("04-03-24", Some(DayFirst), "2024-03-04 00:00:00"),
            ("12/1/10 8:26", Some(MonthFirst), "2010-12-01 08:26:00"),
            ("3/4/1999", Some(MonthFirst), "1999-03-04 00:00:00"),
            ("05/05/2024", None, "2024-05-05 00:00:00"),
            ("4/3/2024 8:26 PM", Some(DayFirst), "2024-03-04 20:26:00"),
            (
                "4/3/2024 12:05 a. m.",
                Some(DayFirst),
                "2024-03-04 00:05:00",
            ),
            ("04/03/2024 10h30", Some(DayFirst), "2024-03-04 10:30:00"),
            (" 2024-03-04 ", None, "2024-03-04 00:00:00"),
        ] {
            assert_eq!(shown(text, order).as_deref(), Some(moment), "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for (text, order) in [
            ("", None),
            ("soon", None),
            ("2024-02-30", None),
            ("2024-13-01", None),
            ("31/04/2024", Some(DayFirst)),
            ("13/13/2024", Some(DayFirst)),
            ("04/03/2024", None),
            ("05/05/24", None),
            ("1/2/3/4", Some(DayFirst)),
            ("45321", Some(DayFirst)),
            ("2024-03-04 25:00", None),
            ("2024-03-04 8:61", None),
            ("2024-03-04 13:00 PM", None),
            ("2024-03-04 noonish", None),
            ("2024-03-04 10:00 +99:00", None),
            ("1899-12-31", None),
            ("2200-12-31T23:00:00-05:00", None),
        ] {
            assert_eq!(shown(text, order), None, "{text}");
        }
    }

    #[test]
    fn each_date_says_what_it_knows_about_the_order_of_day_and_month() {
        for (text, evidence) in [
            ("2024-03-04", OrderEvidence::Silent),
            ("05/05/2024", OrderEvidence::Silent),
            ("nothing", OrderEvidence::Silent),
            ("31/31/2024", OrderEvidence::Silent),
            ("03/04/2024", OrderEvidence::Either),
            ("13/04/2024 10:00", OrderEvidence::Only(DayFirst)),
            ("04/13/2024", OrderEvidence::Only(MonthFirst)),
            ("03/04/24", OrderEvidence::TwoDigitYear),
        ] {
            assert_eq!(order_evidence(text), evidence, "{text}");
        }
    }
}
