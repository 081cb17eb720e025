//! A monthly index: how much more or less is bought in each month of the year than the count model expects.

use clientela_numerics::{StopToken, Stopped};
use clientela_tables::Date;
use libm::{exp, log};

use super::calendar::days_in_months;
use super::tracking::RepeatPurchases;

/// Whole years of a history from which on an index is computed.
const YEARS_MIN: i32 = 2;
/// No history of fewer days has so many years.
pub const DAYS_MIN: i32 = 729;
const MONTHS_OF_YEAR: usize = 12;
/// Purchases that stand for "no season": the index is pulled toward 1 as by a prior with a standard deviation of 0.3 on
/// its logarithm, since a count of N has a logarithm with a variance of 1/N, and 1/0.3² is about 11.
const PSEUDO_PURCHASES: f64 = 11.0;

/// Monthly factors, January first; their product is 1.
pub type SeasonIndex = [f64; MONTHS_OF_YEAR];

/// The index of a history of at least 24 months up to the end of `day`; `None` for a shorter one.
///
/// ```text
/// index(m) ∝ (Σ actual + 11) / (Σ expected · actual total / expected total + 11)
/// ```
///
/// Sums run over the last whole years, so that each month of the year counts equally often.
///
/// # Errors
/// [`Stopped`] when the stop token is set.
pub fn index(
    purchases: &RepeatPurchases,
    day: i32,
    stop: &StopToken,
) -> Result<Option<SeasonIndex>, Stopped> {
    let Some(start) = start_of_whole_years(purchases.first_day(), day) else {
        return Ok(None);
    };
    let (mut actual, mut expected) = ([0.0; MONTHS_OF_YEAR], [0.0; MONTHS_OF_YEAR]);
    for part in parts_of_months(start, day).windows(2) {
        stop.poll()?;
        let month = date_of(part[1]).ymd().1 as usize - 1;
        actual[month] += purchases.actual_between(part[0], part[1]) as f64;
        expected[month] += purchases.expected_until(part[1]) - purchases.expected_until(part[0]);
    }
    Ok(shrunken(&actual, &expected))
}

/// The factor of a horizon of so many days after `date`; 1 for whole years.
///
/// The mean of the index over the days of the horizon, over its mean in the year after `date`: a year that is put
/// together from parts comes to as much as one in a piece, so that a longer horizon never expects less.
pub fn factor(index: &SeasonIndex, date: Date, days: u32) -> f64 {
    let years = days / 365;
    // A whole year has a leap day or none.
    if years > 0 && days % 365 <= years {
        return 1.0;
    }
    mean_over(index, date, days as i32) / mean_over(index, date, 365)
}

/// How much more or less comes in each month of a horizon after `date`, whose months end after so many days, the first
/// being 0: the mean of the index over the days of the month.
pub fn of_months(index: &SeasonIndex, date: Date, ends: &[i32]) -> Vec<f64> {
    let sums: Vec<f64> = ends.iter().map(|&end| sum_over(index, date, end)).collect();
    let months = sums.windows(2).zip(ends.windows(2));
    months
        .map(|(sums, ends)| (sums[1] - sums[0]) / f64::from(ends[1] - ends[0]))
        .collect()
}

/// The mean of the index over so many days after `date`; 1 for none.
fn mean_over(index: &SeasonIndex, date: Date, days: i32) -> f64 {
    if days == 0 {
        return 1.0;
    }
    sum_over(index, date, days) / f64::from(days)
}

/// The sum of the index over so many days after `date`.
fn sum_over(index: &SeasonIndex, date: Date, days: i32) -> f64 {
    let counts = days_in_months(date, days).map(f64::from);
    let weighted = counts.iter().zip(index).map(|(n, index)| n * index);
    weighted.sum()
}

/// `None` where nothing was bought again.
fn shrunken(actual: &SeasonIndex, expected: &SeasonIndex) -> Option<SeasonIndex> {
    let scale = actual.iter().sum::<f64>() / expected.iter().sum::<f64>();
    if !(scale > 0.0 && scale.is_finite()) {
        return None;
    }
    let logs: SeasonIndex = std::array::from_fn(|month| {
        log((actual[month] + PSEUDO_PURCHASES) / (expected[month] * scale + PSEUDO_PURCHASES))
    });
    let mean = logs.iter().sum::<f64>() / MONTHS_OF_YEAR as f64;
    Some(logs.map(|log| exp(log - mean)))
}

/// The day at whose end the last whole years up to `day` begin; `None` where they are fewer than two.
fn start_of_whole_years(first_day: i32, day: i32) -> Option<i32> {
    let (year, month, day_of_month) = date_of(day).ymd();
    let years_before = |n: i32| {
        // The 29th of February has the 28th before it in most years.
        let same_day = Date::from_ymd(year - n, month, day_of_month);
        let same_day = same_day.or_else(|| Date::from_ymd(year - n, month, day_of_month - 1));
        same_day.map(Date::days_since_epoch)
    };
    let is_covered = |start: &i32| *start >= first_day - 1;
    (YEARS_MIN..)
        .map_while(|n| years_before(n).filter(is_covered))
        .last()
}

/// The ends of the parts into which the ends of months divide the time between two days, `start` first and `day` last.
fn parts_of_months(start: i32, day: i32) -> Vec<i32> {
    let (mut year, mut month, _) = date_of(start + 1).ymd();
    let mut ends = vec![start];
    loop {
        (year, month) = if month == 12 {
            (year + 1, 1)
        } else {
            (year, month + 1)
        };
        // There is no month after the last of all.
        let next = Date::from_ymd(year, month, 1).map(Date::days_since_epoch);
        match next.filter(|next| next - 1 < day) {
            Some(next) => ends.push(next - 1),
            None => break,
        }
    }
    ends.push(day);
    ends
}

fn date_of(day: i32) -> Date {
    Date::from_days(day).expect("a day of the table")
}

#[cfg(test)]
mod tests {
    use super::super::testing::{date, day};
    use super::*;

    #[test]
    fn whole_years_end_today_and_are_at_least_two() {
        let start = |first, today| start_of_whole_years(day(first), day(today));
        assert_eq!(start("2022-06-15", "2024-06-15"), Some(day("2022-06-15")));
        assert_eq!(start("2022-06-16", "2024-06-15"), Some(day("2022-06-15")));
        assert_eq!(start("2022-06-17", "2024-06-15"), None);
        assert_eq!(start("2020-01-01", "2024-02-29"), Some(day("2020-02-29")));
        assert_eq!(start("2020-03-02", "2024-02-29"), Some(day("2021-02-28")));
        assert_eq!(start("1900-01-01", "1902-01-01"), Some(day("1900-01-01")));
    }

    #[test]
    fn parts_end_with_the_months() {
        let parts = parts_of_months(day("2024-01-14"), day("2024-03-15"));
        let ends = ["2024-01-14", "2024-01-31", "2024-02-29", "2024-03-15"];
        assert_eq!(parts, ends.map(day));
        let parts = parts_of_months(day("2024-01-31"), day("2024-02-29"));
        assert_eq!(parts, [day("2024-01-31"), day("2024-02-29")]);
        let parts = parts_of_months(day("2200-11-30"), day("2200-12-31"));
        assert_eq!(parts, [day("2200-11-30"), day("2200-12-31")]);
    }

    #[test]
    fn the_index_has_a_product_of_one_and_is_pulled_toward_it() {
        let mut actual = [1000.0; 12];
        actual[11] = 3000.0;
        let index = shrunken(&actual, &[500.0; 12]).unwrap();
        let product: f64 = index.iter().product();
        assert!((product - 1.0).abs() < 1e-12);
        assert!((index[11] / index[0] - 3.0).abs() < 0.05);
        let small = shrunken(&actual.map(|n| n / 100.0), &[5.0; 12]).unwrap();
        assert!(small[11] / small[0] < 2.5 && small[11] > small[0]);
        assert_eq!(shrunken(&[0.0; 12], &[5.0; 12]), None);
    }

    #[test]
    fn whole_years_have_no_factor_and_half_years_that_of_their_months() {
        let mut index = [0.9; 12];
        index[11] = 3.0;
        assert_eq!(factor(&index, date("2025-04-24"), 365), 1.0);
        assert_eq!(factor(&index, date("2023-04-24"), 731), 1.0);
        let of_year = (334.0 * 0.9 + 31.0 * 3.0) / 365.0;
        let winter = factor(&index, date("2025-11-30"), 31);
        assert!((winter - 3.0 / of_year).abs() < 1e-12);
        assert!((factor(&index, date("2025-01-31"), 30) - 0.9 / of_year).abs() < 1e-12);
    }

    #[test]
    fn the_months_of_a_horizon_have_the_index_of_their_days() {
        let mut index = [0.9; 12];
        index[11] = 3.0;
        let months = of_months(&index, date("2025-11-20"), &[0, 30, 61, 92]);
        // Ten days of November and twenty of December, eleven of December and twenty of January, January and February.
        let expected = [(9.0 + 60.0) / 30.0, (33.0 + 18.0) / 31.0, 0.9];
        assert_eq!(months.len(), 3);
        for (found, expected) in months.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-12, "{found} {expected}");
        }
        assert!(of_months(&index, date("2025-11-20"), &[0]).is_empty());
    }

    #[test]
    fn a_longer_horizon_never_expects_less() {
        let mut index = [0.9; 12];
        index[11] = 3.0;
        let expected = |days: u32| f64::from(days) * factor(&index, date("2025-04-24"), days);
        for days in 1..1100 {
            // Within a day of a whole year, whose factor is 1 with or without a leap day.
            let slack = if days % 365 <= 3 { 1.0 } else { 0.0 };
            assert!(expected(days) <= expected(days + 1) + slack, "{days}");
        }
    }
}
