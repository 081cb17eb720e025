//! Which family serves: for each rule a shop on which it decides.

use clientela_methods::clv::{ClvReport, Family, Remark, Selection};
use clientela_numerics::RandomStream;

use crate::shops::{Sale, Truth, by_models, forecast_of, has, sale, shop, simulated};

const DAYS: i32 = 600;

/// Customers who buy twice within four days, and again about three months later; a third of them stop.
fn twice_a_quarter(n_customers: u64) -> Vec<Vec<Sale>> {
    let customer = |customer| {
        let mut stream = RandomStream::new(3, "twice a quarter", customer);
        let mut day = 120.0 * stream.uniform();
        let end = if stream.uniform() < 0.3 {
            200.0 + 200.0 * stream.uniform()
        } else {
            f64::from(DAYS)
        };
        let mut sales = Vec::new();
        while day < end {
            sales.extend([0, 4].map(|later| sale(day as i32 + later, 10.0)));
            day += 90.0 * (0.85 + 0.3 * stream.uniform());
        }
        sales.retain(|sale| sale.day <= DAYS);
        sales
    };
    (0..n_customers).map(customer).collect()
}

/// Customers who buy by chance for two months, and then no more.
fn two_months_each(n_customers: u64) -> Vec<Vec<Sale>> {
    let customer = |customer| {
        let mut stream = RandomStream::new(4, "two months", customer);
        let born = 0.9 * f64::from(DAYS) * stream.uniform();
        let mut day = born;
        let mut sales = Vec::new();
        while day < born + 60.0 && day <= f64::from(DAYS) {
            sales.push(sale(day as i32, 10.0));
            day += 10.0 * stream.exponential();
        }
        sales
    };
    (0..n_customers).map(customer).collect()
}

/// A few who buy by chance, and for very different amounts.
fn whales(n_customers: u64) -> Vec<Vec<Sale>> {
    let customer = |customer| {
        let mut stream = RandomStream::new(2, "whale", customer);
        let mut day = 200.0 * stream.uniform();
        let mut sales = Vec::new();
        while day <= f64::from(DAYS) {
            sales.push(sale(day as i32, 200.0 * stream.exponential()));
            day += 40.0 * stream.exponential();
        }
        sales
    };
    (0..n_customers).map(customer).collect()
}

/// What the hold-outs show of both families: bias, mean absolute and root mean squared errors.
fn errors(report: &ClvReport) -> [(f64, f64, f64); 2] {
    let families = &report.validation.families;
    assert_eq!(
        [families[0].family, families[1].family],
        [Family::Probabilistic, Family::GradientBoosting]
    );
    [0, 1].map(|at| {
        let scores = &families[at].scores;
        (
            scores.bias.expect("something came"),
            scores.mae,
            scores.rmse,
        )
    })
}

#[test]
fn a_clearly_lower_error_lets_the_booster_serve() {
    let report = forecast_of(&shop(DAYS, &twice_a_quarter(250)), 2);
    let Selection::LowerError {
        difference,
        standard_error,
    } = report.validation.selection
    else {
        panic!("{:?}", report.validation.selection);
    };
    let [models, booster] = errors(&report);
    assert!((models.1 - booster.1 - difference).abs() < 1e-9);
    assert!(difference > standard_error && booster.2 <= 1.02 * models.2);
    assert_eq!(report.best, Family::GradientBoosting);
}

#[test]
fn a_lower_error_with_larger_errors_among_it_does_not() {
    let mut customers = twice_a_quarter(250);
    customers.extend(whales(5));
    let report = forecast_of(&shop(DAYS, &customers), 2);
    let Selection::LargerErrors { rmse_ratio } = report.validation.selection else {
        panic!("{:?}", report.validation.selection);
    };
    let [models, booster] = errors(&report);
    assert!(booster.1 < models.1, "by the mean error the booster wins");
    assert!(rmse_ratio > 1.02 && (booster.2 / models.2 - rmse_ratio).abs() < 1e-12);
    assert_eq!(report.best, Family::Probabilistic);
}

#[test]
fn a_total_off_by_a_third_puts_a_family_out() {
    let report = forecast_of(&shop(DAYS, &two_months_each(400)), 3);
    let Selection::TotalOff { other_bias, bias } = report.validation.selection else {
        panic!("{:?}", report.validation.selection);
    };
    let [models, booster] = errors(&report);
    assert_eq!((models.0, booster.0), (other_bias, bias));
    // Where the family that is off serves all the same, it is said.
    let is_off = |report: &ClvReport| has(report, |r| matches!(r, Remark::TotalOff { .. }));
    assert!(!is_off(&report));
    assert!(is_off(&by_models(&shop(DAYS, &two_months_each(400)), 3)));
    assert!(other_bias.abs() > 0.3 && bias.abs() <= 0.3 && booster.2 <= 1.02 * models.2);
    assert_eq!(report.best, Family::GradientBoosting);
}

#[test]
fn where_the_models_are_the_truth_they_serve() {
    let report = forecast_of(&shop(DAYS, &simulated(400, DAYS, &Truth::default())), 3);
    let Selection::NotClearlyLower {
        difference,
        standard_error,
    } = report.validation.selection
    else {
        panic!("{:?}", report.validation.selection);
    };
    let [models, booster] = errors(&report);
    assert!((models.1 - booster.1 - difference).abs() < 1e-9 && difference <= standard_error);
    assert_eq!(report.best, Family::Probabilistic);
}
