//! What a booster sees of a customer: figures of the purchases known at the end of a day, and what the count and value
//! models make of them. A figure that the history does not give is missing (NaN), not 0.

use clientela_numerics::{StopToken, Stopped};
use clientela_tables::Date;
use rayon::prelude::*;

use super::base::Occasion;
use super::calendar::DAYS_OF_YEAR;
use super::probabilistic::Expected;
use super::snapshot::Snapshot;

/// Figures of a customer.
pub const N_FEATURES: usize = 25;
/// Customers that one task takes at least, between two looks at the stop token.
const CUSTOMERS_PER_TASK: usize = 1024;
/// The last days whose value is a figure of its own.
const LAST_DAYS: [i32; 4] = [30, 90, 180, 365];
/// A straight line through fewer points says nothing.
const TREND_POINTS_MIN: usize = 3;

/// The figures of the given members (places in the snapshot, each with a purchase), by column.
///
/// `expected` holds what the models expect of every member within the window that is to be forecast.
///
/// # Errors
/// [`Stopped`] when the stop token is set.
pub fn columns(
    snapshot: &Snapshot<'_>,
    places: &[u32],
    expected: &[Expected],
    window_days: u32,
    stop: &StopToken,
) -> Result<Vec<Vec<f64>>, Stopped> {
    let season = Season::of(snapshot, window_days);
    let rows = places
        .par_chunks(CUSTOMERS_PER_TASK)
        .map(|places| {
            stop.poll()?;
            let row = |&at: &u32| row(snapshot, at as usize, &expected[at as usize], &season);
            Ok(places.iter().map(row).collect())
        })
        .collect::<Result<Vec<Vec<[f64; N_FEATURES]>>, Stopped>>()?
        .concat();
    let column = |feature| rows.iter().map(|row| row[feature]).collect();
    Ok((0..N_FEATURES).map(column).collect())
}

/// What the calendar says at the end of a day.
struct Season {
    /// Month of the year, missing where the base has not seen a year.
    month: f64,
    window_days: i32,
}

impl Season {
    fn of(snapshot: &Snapshot<'_>, window_days: u32) -> Self {
        let day = snapshot.day();
        let has_year = snapshot.base().first_day() <= day - DAYS_OF_YEAR as i32;
        let month = Date::from_days(day).map(|date| f64::from(date.ymd().1));
        Self {
            month: month.filter(|_| has_year).unwrap_or(f64::NAN),
            window_days: window_days as i32,
        }
    }
}

fn row(
    snapshot: &Snapshot<'_>,
    at: usize,
    expected: &Expected,
    season: &Season,
) -> [f64; N_FEATURES] {
    let day = snapshot.day();
    let customer = snapshot.members()[at] as usize;
    let occasions: Vec<Occasion> = snapshot.base().occasions(customer, day).collect();
    let timing = timing(&occasions, day);
    let values = values(&occasions, day);
    let postings = snapshot.base().histories().postings_of(customer);
    let known = postings
        .iter()
        .filter(|p| p.posted.days_since_epoch() <= day);
    let n_refunds = known.filter(|posting| posting.has_refund).count() as f64;
    let last_year = share_of_season(&occasions, day, season.window_days);
    let others = [
        expected.purchases,
        expected.per_purchase,
        expected.value(),
        season.month,
        last_year,
        n_refunds,
    ];
    let figures = timing.iter().chain(&values).chain(&others);
    let mut row = [f64::NAN; N_FEATURES];
    for (place, &figure) in row.iter_mut().zip(figures) {
        *place = figure;
    }
    row
}

/// Days since the last purchase, repeat purchases, days since the first, days between them; mean, spread, shortest and
/// longest gap, how gaps grow, the last gap and the days since the last purchase over the mean gap.
fn timing(occasions: &[Occasion], day: i32) -> [f64; 11] {
    let days: Vec<i32> = purchases(occasions).map(|purchase| purchase.day).collect();
    let (first, last) = (days[0], days[days.len() - 1]);
    let gaps: Vec<f64> = days
        .windows(2)
        .map(|pair| f64::from(pair[1] - pair[0]))
        .collect();
    let recency = f64::from(day - last);
    let mean = mean(&gaps);
    [
        recency,
        gaps.len() as f64,
        f64::from(day - first),
        f64::from(last - first),
        mean,
        spread(&gaps, mean),
        gaps.iter().copied().fold(f64::NAN, f64::min),
        gaps.iter().copied().fold(f64::NAN, f64::max),
        trend(&gaps) / mean,
        if gaps.len() > 1 {
            gaps[gaps.len() - 1] / mean
        } else {
            f64::NAN
        },
        recency / mean,
    ]
}

/// Mean, last and highest value of a purchase, how values grow, and the value of the last days.
fn values(occasions: &[Occasion], day: i32) -> [f64; 8] {
    let values: Vec<f64> = purchases(occasions)
        .map(|purchase| purchase.value)
        .collect();
    let mean = mean(&values);
    let [month, quarter, half, year] =
        LAST_DAYS.map(|days| value_within(occasions, day - days, day));
    [
        mean,
        values[values.len() - 1],
        values.iter().copied().fold(f64::NAN, f64::max),
        if mean > 0.0 {
            trend(&values) / mean
        } else {
            f64::NAN
        },
        month,
        quarter,
        half,
        year,
    ]
}

/// Of the last year's value, what came in the days that a year ago were those of the window; missing for a customer of
/// less than a year, or without value in it.
fn share_of_season(occasions: &[Occasion], day: i32, window_days: i32) -> f64 {
    let year_ago = day - DAYS_OF_YEAR as i32;
    let is_old = purchases(occasions)
        .next()
        .is_some_and(|first| first.day <= year_ago);
    let year = value_within(occasions, year_ago, day);
    if is_old && year > 0.0 {
        value_within(occasions, year_ago, (year_ago + window_days).min(day)) / year
    } else {
        f64::NAN
    }
}

fn purchases(occasions: &[Occasion]) -> impl Iterator<Item = &Occasion> {
    occasions.iter().filter(|occasion| occasion.is_purchase)
}

/// Value of the occasions after `start` and until the end of `end`.
fn value_within(occasions: &[Occasion], start: i32, end: i32) -> f64 {
    let within = occasions
        .iter()
        .filter(|occasion| start < occasion.day && occasion.day <= end);
    // The sum of no doubles would be −0.
    0.0 + within.map(|occasion| occasion.value).sum::<f64>()
}

/// NaN without values.
fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Standard deviation with n − 1; NaN below two values.
fn spread(values: &[f64], mean: f64) -> f64 {
    if values.len() < 2 {
        return f64::NAN;
    }
    let squares: f64 = values
        .iter()
        .map(|value| (value - mean) * (value - mean))
        .sum();
    (squares / (values.len() - 1) as f64).sqrt()
}

/// Slope of the least-squares line through the values in their order; NaN below three.
fn trend(values: &[f64]) -> f64 {
    let n = values.len();
    if n < TREND_POINTS_MIN {
        return f64::NAN;
    }
    let center = (n - 1) as f64 / 2.0;
    let along = values
        .iter()
        .enumerate()
        .map(|(i, value)| (i as f64 - center) * value);
    let squares = (0..n).map(|i| (i as f64 - center) * (i as f64 - center));
    along.sum::<f64>() / squares.sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::super::testing::{base, day, histories};
    use super::*;

    /// The figures of the first customer at the end of a day.
    fn figures(lines: &[&str], at: &str, window_days: u32) -> Vec<f64> {
        let table = histories("2026-06-30", &[("a", lines), ("old", &["2024-01-01 9"])]);
        let stop = StopToken::new();
        let snapshot = Snapshot::at(base(&table), day(at), &stop).unwrap();
        let expected = [Expected {
            purchases: 1.5,
            per_purchase: 20.0,
            discount: 1.0,
        }; 2];
        let columns = columns(&snapshot, &[0], &expected, window_days, &stop).unwrap();
        columns.iter().map(|column| column[0]).collect()
    }

    /// Missing values are written as −1.
    #[track_caller]
    fn check(found: &[f64], expected: &[f64]) {
        let found: Vec<f64> = found
            .iter()
            .map(|x| if x.is_nan() { -1.0 } else { *x })
            .collect();
        assert_eq!(found.len(), expected.len());
        for (i, (found, expected)) in found.iter().zip(expected).enumerate() {
            assert!(
                (found - expected).abs() < 1e-12,
                "figure {i}: {found}, not {expected}"
            );
        }
    }

    const LINES: [&str; 6] = [
        "2025-01-01 10",
        "2025-01-11 20",
        "2025-01-31 30",
        "2025-03-02 60",
        "2025-03-10 -5",
        "2025-12-24 1000",
    ];

    #[test]
    fn the_figures_of_a_history_are_these() {
        let found = figures(&LINES, "2025-03-12", 30);
        // Gaps of 10, 20 and 30 days; the refund of 10 March is an occasion without purchase.
        check(
            &found[..11],
            &[10.0, 3.0, 70.0, 60.0, 20.0, 10.0, 10.0, 30.0, 0.5, 1.5, 0.5],
        );
        check(
            &found[11..19],
            &[30.0, 60.0, 60.0, 16.0 / 30.0, 55.0, 115.0, 115.0, 115.0],
        );
        check(&found[19..22], &[1.5, 20.0, 30.0]);
        // March; less than a year of this customer; one refund.
        check(&found[22..], &[3.0, -1.0, 1.0]);
    }

    #[test]
    fn what_comes_later_changes_nothing() {
        let bits = |lines| -> Vec<u64> {
            let found = figures(lines, "2025-03-12", 30);
            found.into_iter().map(f64::to_bits).collect()
        };
        assert_eq!(bits(&LINES), bits(&LINES[..5]));
        let before_refund = figures(&LINES, "2025-03-09", 30);
        assert_eq!(before_refund[N_FEATURES - 1], 0.0);
        assert_eq!(before_refund[15], 60.0);
    }

    #[test]
    fn a_one_time_buyer_has_no_gaps_and_no_trend() {
        let found = figures(&["2025-01-01 10"], "2025-01-01", 30);
        check(
            &found[..11],
            &[0.0, 0.0, 0.0, 0.0, -1.0, -1.0, -1.0, -1.0, -1.0, -1.0, -1.0],
        );
        check(
            &found[11..19],
            &[10.0, 10.0, 10.0, -1.0, 10.0, 10.0, 10.0, 10.0],
        );
    }

    #[test]
    fn a_share_of_last_years_value_came_in_the_season_ahead() {
        let found = figures(
            &["2024-06-01 5", "2025-01-01 10", "2025-12-01 30"],
            "2025-12-31",
            30,
        );
        assert_eq!(found[23], 0.25);
        let found = figures(&["2024-06-01 5"], "2025-12-31", 30);
        assert!(found[23].is_nan(), "no value last year");
        assert!(
            figures(&["2024-06-01 5"], "2024-12-30", 30)[22].is_nan(),
            "no year of history"
        );
    }
}
