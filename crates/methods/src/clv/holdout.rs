//! Hold-outs: days in the past at which a forecast is made as if nothing later were known, and what came then.

use clientela_numerics::{ExactSum, StopToken, Stopped};

use super::base::Base;
use super::snapshot::Snapshot;
use super::validation::{Evidence, Shortfall};

/// Hold-outs at most.
const ORIGINS_MAX: usize = 3;
/// Parts of the history: two to learn from, one to test on.
const PARTS: u32 = 3;
/// Days of a window to choose by.
const WINDOW_DAYS_MIN: u32 = 28;
/// Days from the first date to the start of a booster's training window.
const LEAD_DAYS_MIN: i32 = 28;
/// Customers before the split to choose by.
const CUSTOMERS_MIN: usize = 100;
/// Customers before the split to show anything.
const CUSTOMERS_SHOWN_MIN: usize = 20;
/// Repeat buyers before the split to choose by.
const REPEAT_BUYERS_MIN: usize = 30;
/// Purchases in the window to choose by.
const PURCHASES_MIN: usize = 30;

/// The hold-outs of a base.
#[derive(Clone, Debug)]
pub struct HoldOuts<'a> {
    /// How much weight they bear.
    pub evidence: Evidence,
    /// Days of a window.
    pub window_days: u32,
    /// Latest first; empty without evidence.
    pub origins: Vec<HoldOut<'a>>,
}

/// One hold-out.
#[derive(Clone, Debug)]
pub struct HoldOut<'a> {
    /// What was known at the split.
    pub snapshot: Snapshot<'a>,
    /// The last day of the window.
    pub end_day: i32,
    /// What each member brought in the window.
    pub actual: Vec<f64>,
    /// Purchases of each member in the window.
    pub purchases: Vec<u32>,
    /// Customers who were not known at the split, as places in the table, ascending.
    pub born: Vec<u32>,
    /// What these brought.
    pub value_of_new: f64,
}

impl HoldOut<'_> {
    /// Purchases of all members in the window.
    pub fn n_purchases(&self) -> usize {
        self.purchases.iter().map(|&n| n as usize).sum()
    }

    /// Days of the window.
    pub fn days(&self) -> u32 {
        (self.end_day - self.snapshot.day()).unsigned_abs()
    }
}

/// The window of a horizon: no longer than the horizon, nor than a third of the history.
pub fn window_days(base: Base<'_>, horizon_days: u32) -> u32 {
    let history = (base.today() - base.first_day()).unsigned_abs();
    horizon_days.min(history / PARTS)
}

/// The ends of days at which the past is forecast as if they were today, latest first: one window before today, and on
/// from there half a window apart, as far as the history goes.
///
/// Halves of an odd window are rounded as counted from today, so that hold-outs and the days boosters learn from are days
/// of one list, and models fitted for the one serve the other.
pub fn origin_days(base: Base<'_>, window_days: u32) -> impl Iterator<Item = i32> {
    let (today, window) = (base.today(), window_days as i32);
    let history = today - base.first_day();
    (2..=2 * history / window.max(1)).map(move |halves| today - halves * window / 2)
}

/// Days from the first date to where a booster's training window before `split_day` would start; at least 28 are needed.
pub fn lead_days(base: Base<'_>, split_day: i32, window_days: u32) -> i32 {
    split_day - window_days as i32 - base.first_day()
}

/// Whether so many days before its training window are enough for a booster.
pub fn is_lead(days: i32) -> bool {
    days >= LEAD_DAYS_MIN
}

/// The hold-outs that a base allows for a horizon: up to three where they are large enough to choose by, else the latest.
///
/// # Errors
/// [`Stopped`] when the stop token is set.
pub fn plan<'a>(
    base: Base<'a>,
    horizon_days: u32,
    stop: &StopToken,
) -> Result<HoldOuts<'a>, Stopped> {
    let window_days = window_days(base, horizon_days);
    let absent = |shortfall| HoldOuts {
        evidence: Evidence::Absent(shortfall),
        window_days,
        origins: Vec::new(),
    };
    if window_days == 0 {
        return Ok(absent(Shortfall::ShortWindow { days: 0 }));
    }
    let mut splits = origin_days(base, window_days).take(ORIGINS_MAX);
    let split = splits.next().expect("three windows in the history");
    let latest = hold_out(base, split, window_days, stop)?;
    let n_customers = latest.snapshot.n_customers();
    if n_customers < CUSTOMERS_SHOWN_MIN {
        return Ok(absent(Shortfall::FewCustomers { n_customers }));
    }
    if let Some(shortfall) = shortfall(&latest) {
        return Ok(HoldOuts {
            evidence: Evidence::Weak(shortfall),
            window_days,
            origins: vec![latest],
        });
    }
    let mut origins = vec![latest];
    for split in splits {
        let earlier = hold_out(base, split, window_days, stop)?;
        if shortfall(&earlier).is_some() {
            break;
        }
        origins.push(earlier);
    }
    Ok(HoldOuts {
        evidence: Evidence::Sound,
        window_days,
        origins,
    })
}

fn hold_out<'a>(
    base: Base<'a>,
    split: i32,
    window_days: u32,
    stop: &StopToken,
) -> Result<HoldOut<'a>, Stopped> {
    let end_day = split + window_days as i32;
    let snapshot = Snapshot::at(base, split, stop)?;
    let actual = snapshot.values_between(split, end_day, stop)?;
    let purchases = snapshot.purchases_until(end_day, stop)?;
    let born = (0..base.n_customers() as u32)
        .filter(|&customer| (split + 1..=end_day).contains(&base.first_day_of(customer as usize)));
    let born: Vec<u32> = born.collect();
    let values = born.iter();
    let value_of_new: ExactSum = values
        .map(|&customer| base.value_between(customer as usize, split, end_day))
        .collect();
    Ok(HoldOut {
        snapshot,
        end_day,
        actual,
        purchases,
        born,
        value_of_new: value_of_new.value(),
    })
}

/// What a hold-out lacks to choose by.
fn shortfall(hold_out: &HoldOut<'_>) -> Option<Shortfall> {
    let days = hold_out.days();
    let n_customers = hold_out.snapshot.n_customers();
    let n_repeat = hold_out.snapshot.n_repeat();
    let n_purchases = hold_out.n_purchases();
    if days < WINDOW_DAYS_MIN {
        Some(Shortfall::ShortWindow { days })
    } else if n_customers < CUSTOMERS_MIN {
        Some(Shortfall::FewCustomers { n_customers })
    } else if n_repeat < REPEAT_BUYERS_MIN {
        Some(Shortfall::FewRepeatBuyers { n_repeat })
    } else if n_purchases < PURCHASES_MIN {
        Some(Shortfall::FewPurchases { n_purchases })
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use clientela_tables::{PurchaseHistories, PurchaseHistoriesBuilder, PurchaseLine};

    use super::super::testing::{base, date};
    use super::*;

    /// So many customers who come from the first day on, one after the other, and buy again every `gap` days.
    fn table(n_customers: i32, n_repeat: i32, gap: i32, days: i32) -> PurchaseHistories {
        let today = date("2025-12-31");
        let first = today.days_since_epoch() - days;
        let mut builder = PurchaseHistoriesBuilder::new();
        for customer in 0..n_customers {
            let born = first + customer % 10.min(days + 1);
            let last = if customer < n_repeat {
                today.days_since_epoch()
            } else {
                born
            };
            let lines: Vec<PurchaseLine<String>> = (born..=last)
                .step_by(gap as usize)
                .map(|day| PurchaseLine {
                    transaction_id: None,
                    date: clientela_tables::Date::from_days(day).unwrap(),
                    amount: 1.0,
                    cost: None,
                })
                .collect();
            builder.push(&lines);
        }
        builder.finish(today, (0..n_customers).map(|i| i.to_string()).collect())
    }

    /// Customers who come on the first of 300 days, of whom some buy again on the tenth, and so many on the day before the last.
    fn silent_table(n_customers: i32, n_repeat: i32, n_late: i32) -> PurchaseHistories {
        let today = date("2025-12-31");
        let first = today.days_since_epoch() - 300;
        let mut builder = PurchaseHistoriesBuilder::new();
        for customer in 0..n_customers {
            let days = [
                (true, first),
                (customer < n_repeat, first + 10),
                (customer < n_late, first + 299),
            ];
            let lines = days
                .iter()
                .filter(|(buys, _)| *buys)
                .map(|&(_, day)| PurchaseLine {
                    transaction_id: None::<String>,
                    date: clientela_tables::Date::from_days(day).unwrap(),
                    amount: 1.0,
                    cost: None,
                });
            builder.push(&lines.collect::<Vec<_>>());
        }
        builder.finish(today, (0..n_customers).map(|i| i.to_string()).collect())
    }

    #[track_caller]
    fn check(table: &PurchaseHistories, horizon: u32, evidence: Evidence, n_origins: usize) {
        let plan = plan(base(table), horizon, &StopToken::new()).unwrap();
        assert_eq!((plan.evidence, plan.origins.len()), (evidence, n_origins));
    }

    #[test]
    fn the_window_is_the_horizon_or_a_third_of_the_history() {
        let table = table(120, 40, 20, 300);
        let windows = [31, 365].map(|horizon| window_days(base(&table), horizon));
        assert_eq!(windows, [31, 100]);
        let plan = plan(base(&table), 365, &StopToken::new()).unwrap();
        let today = base(&table).today();
        let splits: Vec<i32> = plan
            .origins
            .iter()
            .map(|o| today - o.snapshot.day())
            .collect();
        assert_eq!(splits, [100, 150, 200]);
        assert!(plan.origins.iter().all(|origin| origin.days() == 100));
        assert_eq!(lead_days(base(&table), today - 150, 100), 50);
        assert!(is_lead(28) && !is_lead(27));
    }

    #[test]
    fn the_days_of_an_odd_window_are_those_of_one_list() {
        let table = table(120, 40, 20, 300);
        let base = base(&table);
        let ago: Vec<i32> = origin_days(base, 31)
            .map(|day| base.today() - day)
            .collect();
        assert_eq!(&ago[..5], [31, 46, 62, 77, 93]);
        // What a booster learns as of the second hold-out ends by then, and is on the list too.
        let plan = plan(base, 31, &StopToken::new()).unwrap();
        let splits = plan.origins.iter().map(|o| base.today() - o.snapshot.day());
        assert_eq!(splits.collect::<Vec<_>>(), ago[..3]);
        assert_eq!(origin_days(base, 0).count(), 599);
        assert_eq!(origin_days(base, 301).count(), 0);
    }

    #[test]
    fn hold_outs_below_the_limits_are_shown_as_weak_or_not_at_all() {
        let sound = Evidence::Sound;
        check(&table(100, 30, 20, 300), 365, sound, 3);
        let weak = |shortfall| Evidence::Weak(shortfall);
        check(
            &table(100, 30, 3, 83),
            365,
            weak(Shortfall::ShortWindow { days: 27 }),
            1,
        );
        check(
            &table(99, 30, 20, 300),
            365,
            weak(Shortfall::FewCustomers { n_customers: 99 }),
            1,
        );
        check(
            &table(100, 29, 20, 300),
            365,
            weak(Shortfall::FewRepeatBuyers { n_repeat: 29 }),
            1,
        );
        // Forty repeat buyers who all bought for the last time before the window, but for a day in it.
        let until = |n_late: i32| silent_table(100, 40, n_late);
        check(&until(30), 90, sound, 1);
        check(
            &until(29),
            90,
            weak(Shortfall::FewPurchases { n_purchases: 29 }),
            1,
        );
        let absent = Evidence::Absent(Shortfall::FewCustomers { n_customers: 19 });
        check(&table(19, 9, 20, 300), 365, absent, 0);
        let absent = Evidence::Absent(Shortfall::ShortWindow { days: 0 });
        check(&table(100, 30, 1, 2), 365, absent, 0);
    }

    #[test]
    fn customers_born_in_the_window_are_counted_apart() {
        let mut builder = PurchaseHistoriesBuilder::new();
        let line = |day: &str, amount| PurchaseLine {
            transaction_id: None::<String>,
            date: date(day),
            amount,
            cost: None,
        };
        for _ in 0..20 {
            builder.push(&[line("2025-01-01", 1.0), line("2025-12-30", 2.0)]);
        }
        builder.push(&[line("2025-12-01", 5.0), line("2025-12-05", 5.0)]);
        let table = builder.finish(date("2025-12-31"), (0..21).map(|i| i.to_string()).collect());
        let plan = plan(base(&table), 90, &StopToken::new()).unwrap();
        let latest = &plan.origins[0];
        assert_eq!((&latest.born[..], latest.value_of_new), (&[20][..], 10.0));
        assert_eq!(
            (latest.n_purchases(), latest.actual.iter().sum()),
            (20, 40.0)
        );
        let few = Shortfall::FewCustomers { n_customers: 20 };
        assert_eq!(plan.evidence, Evidence::Weak(few));
    }
}
