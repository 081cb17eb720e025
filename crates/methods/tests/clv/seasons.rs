//! Seasons: what is not covered is said, and a history of two years has an index.

use clientela_methods::clv::{ClvReport, FamilyChoice, Remark};
use clientela_tables::PurchaseHistories;

use crate::shops::{Sale, Truth, forecast_with, has, sale, shop, simulated};

/// A shop that opened `days` ago, on whose days in season everyone buys twice.
fn seasonal(days: i32, is_in_season: impl Fn(i32) -> bool) -> PurchaseHistories {
    let truth = Truth {
        born_until: 0.3,
        ..Truth::default()
    };
    let mut customers = simulated(300, days, &truth);
    for sales in &mut customers {
        let again = |sale: &&Sale| is_in_season(days - sale.day) && sale.day + 3 <= days;
        let extra: Vec<Sale> = sales
            .iter()
            .skip(1)
            .filter(again)
            .map(|first| sale(first.day + 3, first.amount))
            .collect();
        sales.extend(extra);
    }
    shop(days, &customers)
}

/// From October to March; the shop's last day is 30 June.
fn is_winter(days_ago: i32) -> bool {
    (91..273).contains(&(days_ago % 365))
}

fn forecast(table: &PurchaseHistories, months: u32, rate: f64) -> ClvReport {
    forecast_with(table, |options| {
        options.horizon_months = months;
        options.families = FamilyChoice::Probabilistic;
        options.discount_rate_annual = rate;
    })
}

#[test]
fn a_season_longer_than_the_hold_out_is_not_covered_and_a_long_history_has_an_index() {
    let table = seasonal(900, is_winter);
    let summer = forecast(&table, 3, 0.0);
    let index = summer
        .model
        .season
        .expect("an index of more than two years");
    let product: f64 = index.iter().product();
    assert!((product - 1.0).abs() < 1e-9);
    assert!(index[0] > 1.15 && index[6] < 0.9, "{index:?}");
    // July to September.
    let factor = summer.model.season_factor;
    assert!(factor < 0.9);
    assert!(has(&summer, |r| *r == Remark::SeasonApplied { factor }));
    let uncovered = Remark::SeasonNotCovered {
        window_days: Some(92),
        history_days: 900,
    };
    assert!(has(&summer, |r| *r == uncovered));
    let year = forecast(&table, 12, 0.0);
    assert_eq!(year.model.season_factor, 1.0);
    assert!(year.model.season.is_some());
}

#[test]
fn a_history_of_less_than_two_years_has_no_index() {
    let report = forecast(&seasonal(700, is_winter), 3, 0.0);
    assert_eq!(
        (report.model.season, report.model.season_factor),
        (None, 1.0)
    );
    assert!(!has(&report, |r| matches!(r, Remark::SeasonApplied { .. })));
}

#[test]
fn what_comes_late_in_its_season_counts_less_and_purchases_stay_what_they_are() {
    let discount = |is_in_season: fn(i32) -> bool, months| {
        let table = seasonal(900, is_in_season);
        let [now, later] = [0.0, 0.5].map(|rate| forecast(&table, months, rate).totals.all);
        assert_eq!(now.purchases, later.purchases);
        later.value / now.value
    };
    // Of the half year from July on winter is the last part; of the whole year spring is.
    let is_spring: fn(i32) -> bool = |days_ago| days_ago % 365 < 181;
    for (late, months) in [(is_winter as fn(i32) -> bool, 6), (is_spring, 12)] {
        let [late, evenly] = [late, |_| false].map(|season| discount(season, months));
        assert!(late < evenly - 0.005, "{months}: {late} {evenly}");
    }
}
