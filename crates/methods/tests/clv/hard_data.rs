//! Data that break other tools: always an answer, finite throughout, with a reason where it is poor.

use clientela_methods::clv::{ClvReport, CountModelName, FamilyChoice};

use crate::checker::check_report;
use crate::shops::{
    Sale, TODAY, Truth, forced, forecast_of, forecast_with, regular, sale, shop_until, simulated,
};

/// Customers of most bases: as many as it takes for sound evidence.
const N_CUSTOMERS: usize = 110;
/// Customers of bases that are odd by their amounts: one hold-out shows what comes of them.
const N_PAYERS: usize = 60;

/// Forecasts a shop in several ways: as it is asked for most often, as near, and as far and with all else that can be asked.
#[track_caller]
fn check(name: &str, days: i32, customers: &[Vec<Sale>]) -> ClvReport {
    check_until(TODAY, name, days, customers)
}

#[track_caller]
fn check_until(today: &str, name: &str, days: i32, customers: &[Vec<Sale>]) -> ClvReport {
    let named: Vec<(usize, &Vec<Sale>)> = customers.iter().enumerate().collect();
    let table = shop_until(today, days, &named);
    check_report(name, &table, &forecast_of(&table, 1));
    let far = forecast_with(&table, |options| {
        options.horizon_months = 60;
        options.families = FamilyChoice::Boosting;
        options.discount_rate_annual = 0.1;
        forced(CountModelName::ParetoNbd)(options);
    });
    check_report(name, &table, &far);
    let report = forecast_of(&table, 12);
    check_report(name, &table, &report);
    assert!(
        !report.remarks.is_empty(),
        "{name}: a poor base has something to know"
    );
    report
}

fn repeated(n: usize, customer: impl Fn(i32) -> Vec<Sale>) -> Vec<Vec<Sale>> {
    (0..n as i32).map(customer).collect()
}

#[test]
fn bases_of_one_customer() {
    check("once, today", 0, &[vec![sale(0, 10.0)]]);
    check("once, long ago", 900, &[vec![sale(0, 10.0)]]);
    check("twice on one day", 10, &[vec![sale(0, 10.0), sale(0, 5.0)]]);
    check("twice", 100, &[vec![sale(0, 10.0), sale(100, 5.0)]]);
    check("every day for years", 1500, &[regular(0, 1500, 1, 9.99)]);
    check("for nothing", 100, &[vec![sale(0, 0.0), sale(50, 0.0)]]);
    check("returned", 100, &[vec![sale(0, 10.0), sale(50, -10.0)]]);
    check("only a refund", 100, &[vec![sale(0, -10.0)]]);
    check(
        "a refund first",
        100,
        &[vec![sale(0, -10.0), sale(50, 10.0), sale(80, 10.0)]],
    );
}

#[test]
fn bases_without_repeat_buyers_or_time() {
    let once = check(
        "all once",
        300,
        &repeated(200, |i| vec![sale(i % 300, 10.0)]),
    );
    assert!(once.customers.iter().all(|customer| customer.value == 0.0));
    let today = check("all today", 0, &repeated(200, |_| vec![sale(0, 10.0)]));
    assert!(
        today
            .customers
            .iter()
            .all(|customer| customer.explanation.reason.is_some())
    );
    // Two orders of one day are one purchase, and nobody has bought twice.
    let mut one_day = repeated(200, |i| vec![sale(i % 300, 10.0)]);
    one_day.push(vec![sale(30, 10.0), sale(30, 12.0)]);
    let once = check("one rebuyer, on one day", 300, &one_day);
    assert!(once.customers.iter().all(|customer| customer.value == 0.0));
    check(
        "two days, and five years ahead",
        2,
        &repeated(60, |i| regular(i % 2, 2, 1, 10.0)),
    );
    check(
        "a market's month",
        30,
        &repeated(120, |i| regular(i % 20, 30, 1 + i as usize % 6, 3000.0)),
    );
    check(
        "all on the first day",
        300,
        &repeated(200, |_| vec![sale(0, 10.0)]),
    );
    check(
        "yesterday and today",
        1,
        &repeated(200, |_| regular(0, 1, 1, 10.0)),
    );
    check(
        "all repeats today",
        100,
        &repeated(200, |i| vec![sale(i % 100, 10.0), sale(100, 5.0)]),
    );
}

#[test]
fn bases_with_huge_counts() {
    check(
        "every day",
        1200,
        &repeated(40, |i| regular(i % 9, 1200, 1, 3.0)),
    );
    let silent = check(
        "every day, then silence",
        1500,
        &repeated(60, |i| regular(i % 9, 500, 1, 3.0)),
    );
    let alive = silent.customers.iter().map(|c| c.probability_alive);
    assert!(alive.flatten().all(|alive| alive < 1e-6));
    check("one among many", 700, &{
        let mut customers = repeated(300, |i| vec![sale(i, 10.0)]);
        customers.extend(repeated(30, |i| vec![sale(i, 10.0), sale(200 + i, 20.0)]));
        customers.push(regular(0, 700, 1, 5.0));
        customers
    });
}

#[test]
fn amounts_of_every_size() {
    let scaled = |factor: f64| {
        let mut customers = simulated(N_PAYERS, 400, &Truth::default());
        let sales = customers.iter_mut().flatten();
        sales.for_each(|sale| sale.amount *= factor);
        customers
    };
    check("hundredths of cents", 400, &scaled(1e-4));
    check("billions", 400, &scaled(1e9));
    check("beyond all money", 400, &scaled(1e30));
    let of_amounts = |amount: fn(usize) -> f64| {
        let mut customers = simulated(N_PAYERS, 400, &Truth::default());
        for (at, sales) in customers.iter_mut().enumerate() {
            sales.iter_mut().for_each(|sale| sale.amount = amount(at));
        }
        customers
    };
    check("a single amount", 400, &of_amounts(|_| 10.0));
    check("all for nothing", 400, &of_amounts(|_| 0.0));
    check(
        "cents beside billions",
        400,
        &of_amounts(|i| if i % 9 == 0 { 1e9 } else { 0.01 }),
    );
    check(
        "one whale",
        400,
        &of_amounts(|i| if i == 0 { 1e7 } else { 10.0 }),
    );
    check(
        "most for nothing",
        400,
        &of_amounts(|i| if i % 20 == 0 { 10.0 } else { 0.0 }),
    );
}

#[test]
fn spending_that_no_mean_describes() {
    // Under a Gamma-Gamma model with q below 1 the mean is infinite; elsewhere such customers are worth less than nothing.
    let mut customers = simulated(N_PAYERS, 400, &Truth::default());
    for (at, sales) in customers.iter_mut().enumerate() {
        let share = (at as f64 + 0.5) / N_PAYERS as f64;
        let each = 10.0 * share.powf(-1.0 / 0.6);
        sales.iter_mut().for_each(|sale| sale.amount = each);
    }
    let report = check("a tail without a mean", 400, &customers);
    let values = report.customers.iter().map(|customer| customer.value);
    assert!(values.clone().all(|value| value > 0.0));
    let largest = 10.0 * (0.5_f64 / N_PAYERS as f64).powf(-1.0 / 0.6);
    let each = report.customers.iter().map(|c| c.value_per_purchase);
    assert!(each.into_iter().all(|value| value < 2.0 * largest));
    let truth = Truth {
        r: 5.0,
        alpha: 20.0,
        ..Truth::default()
    };
    let mut customers = simulated(N_PAYERS, 1000, &truth);
    for (at, sale) in customers.iter_mut().flatten().enumerate() {
        sale.amount = 400_000.0 * (1.0 + (at % 7) as f64 * (at % 5) as f64);
    }
    check(
        "nearly all repeat, for very different sums",
        1000,
        &customers,
    );
}

#[test]
fn refunds_of_every_kind() {
    let mut everything = simulated(N_PAYERS, 400, &Truth::default());
    for sales in &mut everything {
        let back: Vec<Sale> = sales.iter().map(|s| sale(s.day, -s.amount)).collect();
        sales.extend(back);
    }
    check("everything came back at once", 400, &everything);
    let mut later = simulated(N_PAYERS, 400, &Truth::default());
    for sales in &mut later {
        let back: Vec<Sale> = sales
            .iter()
            .map(|s| sale((s.day + 9).min(400), -s.amount))
            .collect();
        sales.extend(back);
    }
    check("everything came back later", 400, &later);
    check(
        "more came back than went",
        400,
        &repeated(N_PAYERS, |i| {
            vec![sale(i, 10.0), sale(i + 50, 10.0), sale(i + 60, -500.0)]
        }),
    );
    check(
        "refunds without purchases",
        400,
        &repeated(N_PAYERS, |i| vec![sale(i, -5.0)]),
    );
    check("losses", 400, &{
        let mut customers = simulated(N_PAYERS, 400, &Truth::default());
        let sales = customers.iter_mut().flatten();
        sales.for_each(|sale| sale.cost = Some(2.0 * sale.amount));
        customers
    });
}

#[test]
fn bases_that_no_model_is_made_for() {
    check(
        "everyone alike",
        400,
        &repeated(N_CUSTOMERS, |_| regular(0, 400, 30, 10.0)),
    );
    check(
        "two kinds",
        400,
        &repeated(N_CUSTOMERS, |i| {
            if i % 2 == 0 {
                regular(0, 400, 2, 10.0)
            } else {
                vec![sale(0, 10.0)]
            }
        }),
    );
    check(
        "all left at once",
        1000,
        &repeated(N_CUSTOMERS, |i| regular(i, 200, 5, 10.0)),
    );
    check(
        "all came back after years",
        3000,
        &repeated(N_CUSTOMERS, |i| {
            vec![sale(i, 10.0), sale(i + 1, 10.0), sale(3000 - i, 12.0)]
        }),
    );
    check(
        "three centuries of time",
        45_000,
        &repeated(40, |i| {
            vec![sale(i * 1000, 10.0), sale(i * 1000 + 400, 20.0)]
        }),
    );
    let mut ages = simulated(120, 400, &Truth::default());
    ages.iter_mut()
        .flatten()
        .for_each(|sale| sale.day += 18_000);
    ages.push(vec![sale(0, 10.0), sale(18_100, 10.0)]);
    check("one is fifty years older", 18_400, &ages);
    check(
        "ten repeat buyers",
        90,
        &repeated(10, |i| vec![sale(i, 10.0), sale(i + 30, 10.0)]),
    );
    check(
        "nine repeat buyers",
        90,
        &repeated(9, |i| vec![sale(i, 10.0), sale(i + 30, 10.0)]),
    );
}

#[test]
fn days_that_few_years_have() {
    let leap_days = repeated(40, |i| {
        vec![
            sale(0, 10.0),
            sale(1461, 12.0),
            sale(1461 - 7 * (i % 9), 9.0),
        ]
    });
    let report = check_until("2024-02-29", "leap days", 1461, &leap_days);
    assert_eq!(report.horizon_days, 365);
    let base = simulated(60, 400, &Truth::default());
    for today in ["2200-12-31", "1901-02-05", "2100-02-28", "2023-12-31"] {
        check_until(today, today, 400, &base);
    }
}
