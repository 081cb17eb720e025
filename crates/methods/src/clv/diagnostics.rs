//! What a base shows about itself that the models do not know.

use clientela_numerics::quantile::median;
use clientela_numerics::{ExactSum, StopToken, Stopped};
use libm::{atanh, tanh};

use super::base::Base;
use super::calendar::DAYS_OF_MONTH;
use super::metrics::{Outcome, spearman};
use super::report::Correlation;
use super::snapshot::Snapshot;

/// Gaps from which on a customer's regularity is judged.
const GAPS_MIN: usize = 5;
/// Customers with so many gaps from which on their regularity decides which family serves.
const REGULAR_CUSTOMERS_MIN: usize = 10;
/// Purchases at random times have gaps with a coefficient of variation of 1; below this they are taken for regular.
const REGULAR_BELOW: f64 = 0.6;
/// First purchases in the first month over the monthly mean, beyond which customers are taken for older than they look.
const LEFT_TRUNCATED_ABOVE: f64 = 3.0;
/// First purchases in the first month below which nothing is concluded from their number: the first month has one by its
/// definition, and fewer than ten are three times the mean by chance in more than one base of a hundred.
const FIRST_PURCHASES_MIN: usize = 10;
/// Rank correlation of frequency and value from which on they are taken to depend on each other.
const DEPENDENT_FROM: f64 = 0.3;
/// The 97.5th percentile of the standard normal distribution.
const NORMAL_975: f64 = 1.959_963_984_540_054;

impl Correlation {
    /// Whether it is so strong that the value model's assumption is in doubt.
    #[must_use]
    pub fn is_strong(&self) -> bool {
        self.estimate.abs() >= DEPENDENT_FROM
    }
}

/// First purchases of the first month, and of a month on average.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FirstMonth {
    /// Of the month after the first date.
    pub n_first_month: usize,
    /// Of all months until today.
    pub monthly_mean: f64,
}

impl FirstMonth {
    /// Whether the first month has far more than others: the shop is older than its data.
    pub fn is_left_truncated(self) -> bool {
        self.n_first_month >= FIRST_PURCHASES_MIN
            && self.n_first_month as f64 > LEFT_TRUNCATED_ABOVE * self.monthly_mean
    }
}

/// Counts first purchases by month; `None` without a purchase.
pub fn first_month(snapshot: &Snapshot<'_>) -> Option<FirstMonth> {
    let firsts = || {
        let buyers = snapshot.states().iter().filter(|s| s.n_purchases > 0);
        buyers.map(|state| state.first_day)
    };
    let first = firsts().min()?;
    let days = snapshot.day() - first + 1;
    let months = (f64::from(days) / DAYS_OF_MONTH).max(1.0);
    Some(FirstMonth {
        n_first_month: firsts()
            .filter(|&day| f64::from(day - first) < DAYS_OF_MONTH)
            .count(),
        monthly_mean: firsts().count() as f64 / months,
    })
}

/// How regular the gaps between purchases are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Regularity {
    /// Median coefficient of variation of the gaps over the customers that have at least five.
    pub median_variation: f64,
    /// How many these are.
    pub n_customers: usize,
}

impl Regularity {
    /// Whether customers buy at regular gaps.
    pub fn is_regular(self) -> bool {
        self.median_variation < REGULAR_BELOW
    }

    /// Whether that speaks for the booster: of fewer than ten customers the median may be low by chance.
    pub fn decides(self) -> bool {
        self.is_regular() && self.n_customers >= REGULAR_CUSTOMERS_MIN
    }
}

/// Measures the gaps between purchases as of `day`; `None` where nobody has five gaps.
///
/// # Errors
/// [`Stopped`] when the stop token is set.
pub fn regularity(
    snapshot: &Snapshot<'_>,
    stop: &StopToken,
) -> Result<Option<Regularity>, Stopped> {
    let members = snapshot.members().iter().zip(snapshot.states());
    let mut variations = Vec::new();
    for (&customer, state) in members {
        if state.frequency() as usize >= GAPS_MIN {
            stop.poll()?;
            let gaps = gaps(snapshot.base(), customer as usize, snapshot.day());
            variations.push(variation(&gaps));
        }
    }
    Ok(median(&variations).map(|median_variation| Regularity {
        median_variation,
        n_customers: variations.len(),
    }))
}

/// Days between the purchases of a customer, as known at the end of `day`.
pub fn gaps(base: Base<'_>, customer: usize, day: i32) -> Vec<f64> {
    let purchases: Vec<i32> = base
        .occasions(customer, day)
        .filter(|occasion| occasion.is_purchase)
        .map(|occasion| occasion.day)
        .collect();
    let pairs = purchases.windows(2);
    pairs.map(|pair| f64::from(pair[1] - pair[0])).collect()
}

/// Standard deviation of a sample over its mean, which is positive.
fn variation(gaps: &[f64]) -> f64 {
    let n = gaps.len() as f64;
    let mean = gaps.iter().sum::<f64>() / n;
    let squares = gaps.iter().map(|gap| (gap - mean) * (gap - mean));
    (squares.sum::<f64>() / (n - 1.0)).sqrt() / mean
}

/// Rank correlation of how often repeat buyers buy and for how much; `None` for fewer than four, or where either is the
/// same for all.
///
/// The interval is that of Fisher's z with the variance `(1 + ρ²/2) / (n − 3)`.
///
/// Source: Bonett, Wright (2000), "Sample size requirements for estimating Pearson, Kendall and Spearman correlations",
/// Psychometrika 65(1), 23–28.
pub fn value_independence(snapshot: &Snapshot<'_>) -> Option<Correlation> {
    let rows: Vec<Outcome> = snapshot
        .states()
        .iter()
        .filter_map(|state| {
            Some(Outcome {
                forecast: f64::from(state.frequency()),
                actual: state.mean_repeat_value()?,
            })
        })
        .collect();
    if rows.len() < 4 {
        return None;
    }
    let estimate = spearman(&rows)?;
    let n = rows.len() as f64;
    let half = NORMAL_975 * ((1.0 + estimate * estimate / 2.0) / (n - 3.0)).sqrt();
    // The transform of ±1 is infinite, and its inverse brings it back.
    let ends = [-half, half].map(|shift| tanh(atanh(estimate) + shift));
    Some(Correlation {
        estimate,
        lower: ends[0],
        upper: ends[1],
        n_customers: rows.len(),
    })
}

/// Forecast over actual of customers who came early and late.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cohorts {
    /// Of those whose first purchase is not after the median one.
    pub early_ratio: f64,
    /// Of the others.
    pub late_ratio: f64,
}

impl Cohorts {
    /// Whether the two differ by a ratio outside 0.8–1.25.
    pub fn differ(self) -> bool {
        !(0.8..=1.25).contains(&(self.early_ratio / self.late_ratio))
    }
}

/// Compares the forecasts of early and late customers, given as first day, forecast and actual value; `None` where
/// either half has no positive total.
pub fn cohorts(rows: &[(i32, Outcome)]) -> Option<Cohorts> {
    let mut days: Vec<i32> = rows.iter().map(|&(day, _)| day).collect();
    days.sort_unstable();
    let middle = *days.get(days.len().checked_sub(1)? / 2)?;
    let ratio = |early: bool| {
        let half = || rows.iter().filter(|(day, _)| (*day <= middle) == early);
        let forecast: ExactSum = half().map(|(_, outcome)| outcome.forecast).collect();
        let actual: ExactSum = half().map(|(_, outcome)| outcome.actual).collect();
        let (forecast, actual) = (forecast.value(), actual.value());
        (forecast > 0.0 && actual > 0.0).then(|| forecast / actual)
    };
    Some(Cohorts {
        early_ratio: ratio(true)?,
        late_ratio: ratio(false)?,
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{base, day, histories};
    use super::*;

    fn snapshot_of<T>(customers: &[(&str, &[&str])], check: impl FnOnce(&Snapshot<'_>) -> T) -> T {
        let table = histories("2025-12-31", customers);
        let at = Snapshot::at(base(&table), day("2025-12-31"), &StopToken::new()).unwrap();
        check(&at)
    }

    #[test]
    fn gaps_of_a_clock_are_regular_and_those_of_chance_are_not() {
        let clock = [
            "2025-01-01 1",
            "2025-02-01 1",
            "2025-03-01 1",
            "2025-04-01 1",
            "2025-05-01 1",
            "2025-06-01 1",
        ];
        let chance = [
            "2025-01-01 1",
            "2025-01-02 1",
            "2025-04-01 1",
            "2025-04-03 1",
            "2025-04-09 1",
            "2025-09-01 1",
        ];
        let few = &clock[..5];
        let of = |lines: &[&str]| {
            snapshot_of(&[("a", lines)], |at| {
                regularity(at, &StopToken::new()).unwrap()
            })
        };
        let found = of(&clock).unwrap();
        assert!(found.is_regular() && !found.decides());
        let of_many = |n_customers| Regularity {
            n_customers,
            ..found
        };
        assert!(!of_many(9).decides() && of_many(10).decides());
        assert!(!of(&chance).unwrap().is_regular());
        assert_eq!(of(few), None);
    }

    #[test]
    fn a_first_month_with_far_more_than_others_is_left_truncated() {
        let check = |late: &str, expected| {
            let early: [&str; 1] = ["2025-01-01 1"];
            let late = [late];
            let mut customers: Vec<(&str, &[&str])> = vec![("early", &early[..]); 10];
            customers.extend(vec![("late", &late[..]); 10]);
            let found = snapshot_of(&customers, first_month).unwrap();
            assert_eq!(found.is_left_truncated(), expected, "{found:?}");
        };
        check("2025-01-30 1", true);
        check("2025-08-01 1", true);
        check("2025-02-28 1", true);
        // As skewed with nine of them.
        let lines: [&[&str]; 2] = [&["2025-01-01 1"], &["2025-08-01 1"]];
        let mut customers = vec![("early", lines[0]); 9];
        customers.extend(vec![("late", lines[1]); 9]);
        assert!(
            !snapshot_of(&customers, first_month)
                .unwrap()
                .is_left_truncated()
        );
        let spread: Vec<String> = (1..=12)
            .map(|month| format!("2025-{month:02}-01 1"))
            .collect();
        let lines: Vec<[&str; 1]> = spread.iter().map(|line| [line.as_str()]).collect();
        let customers: Vec<(&str, &[&str])> = lines.iter().map(|line| ("x", &line[..])).collect();
        let found = snapshot_of(&customers, first_month).unwrap();
        assert!(!found.is_left_truncated());
        assert_eq!(found.n_first_month, 1);
    }

    #[test]
    fn frequency_and_value_that_go_together_are_noticed() {
        let with_repeats = |counts: &[(usize, f64)]| -> Vec<Vec<String>> {
            let lines = |&(n, value): &(usize, f64)| {
                (1..=n + 1)
                    .map(|day| format!("2025-03-{day:02} {value}"))
                    .collect()
            };
            counts.iter().map(lines).collect()
        };
        let of = |counts: &[(usize, f64)]| {
            let owned = with_repeats(counts);
            let lines: Vec<Vec<&str>> = owned
                .iter()
                .map(|lines| lines.iter().map(String::as_str).collect())
                .collect();
            let customers: Vec<(&str, &[&str])> = lines.iter().map(|l| ("x", &l[..])).collect();
            snapshot_of(&customers, value_independence)
        };
        let together = of(&[(1, 5.0), (2, 6.0), (3, 7.0), (4, 8.0), (5, 8.5)]).unwrap();
        assert_eq!((together.estimate, together.upper), (1.0, 1.0));
        assert!(together.is_strong());
        let apart = of(&[(1, 5.0), (2, 7.0), (3, 4.0), (4, 6.0)]).unwrap();
        assert!(!apart.is_strong() && apart.lower < apart.estimate);
        assert_eq!(of(&[(1, 5.0), (2, 5.0), (3, 5.0), (4, 5.0)]), None);
        assert_eq!(of(&[(1, 5.0), (2, 6.0), (3, 5.0)]), None);
    }

    #[test]
    fn cohorts_differ_where_one_is_forecast_too_high() {
        let row = |day, forecast, actual| (day, Outcome { forecast, actual });
        let found = cohorts(&[
            row(1, 2.0, 1.0),
            row(2, 2.0, 1.0),
            row(3, 1.0, 1.0),
            row(4, 1.0, 1.0),
        ]);
        let found = found.unwrap();
        assert_eq!((found.early_ratio, found.late_ratio), (2.0, 1.0));
        assert!(found.differ());
        assert!(
            !Cohorts {
                early_ratio: 1.2,
                late_ratio: 1.0
            }
            .differ()
        );
        assert_eq!(cohorts(&[row(1, 1.0, 1.0), row(1, 1.0, 1.0)]), None);
        assert_eq!(cohorts(&[]), None);
    }
}
