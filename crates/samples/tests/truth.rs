//! Drawn bases hold what they promise: the stated parameters in the long run, the same bits, sensible dates.

use std::collections::HashSet;

use clientela_samples::{
    Base, Customer, SHOPPER_TYPES, SampleParams, ShopperType, Transaction, benchmark_shoppers,
    segmentation_request,
};
use clientela_tables::Date;
use sha2::{Digest, Sha256};

fn base(n_customers: usize, seed: u64) -> Base {
    Base::generate(&SampleParams {
        n_customers,
        seed,
        ..SampleParams::default()
    })
}

fn of_type(base: &Base, shopper_type: usize) -> Vec<&Customer> {
    base.customers
        .iter()
        .filter(|customer| customer.truth.shopper_type == shopper_type)
        .collect()
}

/// Mean of `value` within five of its own standard errors of `expected`.
fn assert_mean(what: &str, values: &[f64], expected: f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values
        .iter()
        .map(|value| (value - mean) * (value - mean))
        .sum::<f64>()
        / (n - 1.0);
    let error = (variance / n).sqrt();
    assert!(
        (mean - expected).abs() < 5.0 * error,
        "{what}: {mean} ± {error}, not {expected}"
    );
    assert!(error < 0.1 * expected, "{what}: {n} values say too little");
}

#[test]
fn in_the_long_run_the_stated_parameters_show() {
    let base = base(40_000, 1);
    for (
        at,
        ShopperType {
            name,
            share,
            r,
            alpha,
            a,
            b,
            p,
            q,
            gamma,
            ..
        },
    ) in SHOPPER_TYPES.into_iter().enumerate()
    {
        let customers = of_type(&base, at);
        let truth = |value: fn(&Customer) -> f64| -> Vec<f64> {
            customers.iter().map(|one| value(one)).collect()
        };
        let is_type: Vec<f64> = base
            .customers
            .iter()
            .map(|one| f64::from(u8::from(one.truth.shopper_type == at)))
            .collect();
        assert_mean(&format!("share of {name}"), &is_type, share);
        assert_mean(
            &format!("rate of {name}"),
            &truth(|one| one.truth.lambda),
            r / alpha,
        );
        assert_mean(
            &format!("dropout of {name}"),
            &truth(|one| one.truth.dropout),
            a / (a + b),
        );
        assert_mean(
            &format!("mean order of {name}"),
            &truth(|one| one.truth.mean_order),
            p * gamma / (q - 1.0),
        );
        let first_order = |one: &Customer| {
            let first = &one.transactions[0].transaction_id;
            one.transactions
                .iter()
                .filter(|line| line.transaction_id == *first)
                .map(Transaction::amount)
                .sum()
        };
        assert_mean(
            &format!("first order of {name}"),
            &truth(first_order),
            p * gamma / (q - 1.0),
        );
    }
    assert!((SHOPPER_TYPES.iter().map(|one| one.share).sum::<f64>() - 1.0).abs() < 1e-12);
}

/// Gauss's hypergeometric series for 0 ≤ z < 1.
fn hypergeometric(a: f64, b: f64, c: f64, z: f64) -> f64 {
    let mut term = 1.0;
    let mut sum = 1.0;
    for n in 0..20_000 {
        let n = f64::from(n);
        term *= (a + n) * (b + n) / ((c + n) * (n + 1.0)) * z;
        sum += term;
    }
    sum
}

/// Equation 9 of Fader, Hardie, Lee (2005): the expected repeat purchases of a customer in `t` weeks.
fn expected_repeats(of: &ShopperType, t: f64) -> f64 {
    let &ShopperType { r, alpha, a, b, .. } = of;
    let ratio = alpha / (alpha + t);
    (a + b - 1.0) / (a - 1.0)
        * (1.0 - libm::pow(ratio, r) * hypergeometric(r, b, a + b - 1.0, t / (alpha + t)))
}

#[test]
fn repeat_purchases_follow_the_closed_form_of_fader_hardie_lee_2005() {
    let base = base(30_000, 2);
    let today = base.params.today;
    for (at, shopper_type) in SHOPPER_TYPES.iter().enumerate() {
        // Expected values per whole week of age are precise enough: an age is known to the day.
        let by_day: Vec<f64> = (0..=base.params.weeks * 7)
            .step_by(7)
            .map(|days| expected_repeats(shopper_type, days as f64 / 7.0))
            .collect();
        let expected = |days: f64| {
            let (week, part) = ((days / 7.0) as usize, (days / 7.0).fract());
            by_day[week] + part * (by_day.get(week + 1).unwrap_or(&by_day[week]) - by_day[week])
        };
        let differences: Vec<f64> = of_type(&base, at)
            .iter()
            .map(|customer| {
                let age = f64::from(today.days_since(customer.transactions[0].date)) + 0.5;
                customer.shopper().frequency as f64 - 1.0 - expected(age)
            })
            .collect();
        let n = differences.len() as f64;
        let mean = differences.iter().sum::<f64>() / n;
        let error = (differences.iter().map(|one| one * one).sum::<f64>() / n / n).sqrt();
        assert!(
            mean.abs() < 5.0 * error,
            "{}: {mean} ± {error} repeat purchases too many",
            shopper_type.name
        );
    }
}

#[test]
fn customers_without_repeat_purchases_are_alive_and_as_many_as_the_model_says() {
    let base = base(30_000, 3);
    let once = |customer: &Customer| customer.shopper().frequency == 1;
    assert!(
        base.customers
            .iter()
            .filter(|one| once(one))
            .all(|customer| customer.truth.alive)
    );
    for (at, ShopperType { r, alpha, name, .. }) in SHOPPER_TYPES.into_iter().enumerate() {
        let differences: Vec<f64> = of_type(&base, at)
            .iter()
            .map(|customer| {
                let age = (f64::from(base.params.today.days_since(customer.transactions[0].date))
                    + 0.5)
                    / 7.0;
                1.0 + f64::from(u8::from(once(customer))) - libm::pow(alpha / (alpha + age), r)
            })
            .collect();
        assert_mean(&format!("one-time buyers among {name}"), &differences, 1.0);
    }
}

#[test]
fn dates_lie_in_the_window_and_ascend() {
    let params = SampleParams {
        n_customers: 3_000,
        weeks: 30,
        ..SampleParams::default()
    };
    let base = Base::generate(&params);
    for customer in &base.customers {
        let dates: Vec<Date> = customer.transactions.iter().map(|line| line.date).collect();
        assert!(dates.is_sorted());
        assert!(
            dates
                .iter()
                .all(|&date| (0..210).contains(&params.today.days_since(date))),
            "{}",
            customer.id
        );
        assert!(
            customer
                .answer
                .is_none_or(|answer| (dates[0]..=params.today).contains(&answer.date))
        );
    }
    let newest = base
        .customers
        .iter()
        .flat_map(|customer| &customer.transactions)
        .map(|line| line.date)
        .max();
    assert_eq!(newest, Some(params.today));
}

#[test]
fn answers_know_the_type_and_whether_the_customer_left() {
    let base = base(30_000, 4);
    let mean = |shopper_type: usize, alive: bool| {
        let scores: Vec<f64> = of_type(&base, shopper_type)
            .iter()
            .filter(|customer| customer.truth.alive == alive)
            .filter_map(|customer| customer.answer.map(|answer| f64::from(answer.score)))
            .collect();
        assert!(scores.len() > 50);
        scores.iter().sum::<f64>() / scores.len() as f64
    };
    for (at, shopper_type) in SHOPPER_TYPES.iter().enumerate() {
        assert!(
            mean(at, true) > mean(at, false) + 1.0,
            "{}",
            shopper_type.name
        );
    }
    let (connoisseurs, home_makers) = (mean(2, true), mean(4, true));
    assert!(
        connoisseurs > home_makers + 2.0,
        "{connoisseurs} and {home_makers}"
    );
    let answered: Vec<f64> = base
        .customers
        .iter()
        .map(|one| f64::from(u8::from(one.answer.is_some())))
        .collect();
    assert_mean("share of answers", &answered, 0.4);
}

#[test]
fn a_smaller_base_is_the_beginning_of_a_larger_one_and_another_seed_is_another_base() {
    let large = base(500, 9);
    assert_eq!(base(200, 9).customers, large.customers[..200]);
    assert_ne!(base(200, 10).customers, large.customers[..200]);
    assert_eq!(benchmark_shoppers(50, 9), benchmark_shoppers(90, 9)[..50]);
}

#[test]
fn bodies_hold_the_same_base() {
    let base = base(400, 5);
    let parse =
        |body: Vec<u8>| -> serde_json::Value { serde_json::from_slice(&body).expect("JSON") };
    let [features, rfm] = [parse(base.features_request()), parse(base.rfm_request())];
    let shoppers = parse(base.segmentation_request());
    assert_eq!(features["today"], "2025-06-30");
    let hundredths = |amount: &serde_json::Value| (amount.as_f64().unwrap() * 100.0).round() as u64;
    for (at, customer) in base.customers.iter().enumerate() {
        let (lines, orders) = (
            &features["customers"][at]["transactions"],
            &rfm["customers"][at]["transactions"],
        );
        let (lines, orders) = (lines.as_array().unwrap(), orders.as_array().unwrap());
        let shopper = &shoppers["customers"][at];
        assert_eq!(shopper["id"], customer.id.as_str());
        assert_eq!(lines.len(), customer.transactions.len());
        assert_eq!(shopper["frequency"].as_u64(), Some(orders.len() as u64));
        let ids: HashSet<&str> = lines
            .iter()
            .map(|line| line["transaction_id"].as_str().unwrap())
            .collect();
        assert_eq!(ids.len(), orders.len());
        let total = |rows: &[serde_json::Value]| {
            rows.iter()
                .map(|row| hundredths(&row["amount"]))
                .sum::<u64>()
        };
        assert_eq!(total(lines), hundredths(&shopper["amount_spent"]));
        assert_eq!(total(orders), total(lines));
        let types = shopper["product_types"].as_array().unwrap();
        let prefixes: HashSet<&str> = lines
            .iter()
            .map(|line| {
                line["product_id"]
                    .as_str()
                    .unwrap()
                    .split('-')
                    .next()
                    .unwrap()
            })
            .collect();
        assert_eq!(types.len(), prefixes.len());
    }
    let nps = parse(base.nps_request());
    let n_answers = base
        .customers
        .iter()
        .filter(|customer| customer.answer.is_some())
        .count();
    assert_eq!(nps["data"].as_array().unwrap().len(), n_answers);
    assert_eq!(nps["group_by"], "channel");
}

#[test]
fn benchmark_shoppers_have_the_stated_segments() {
    let shoppers = benchmark_shoppers(40_000, 7);
    let column = |value: fn(&clientela_samples::Shopper) -> f64| -> Vec<f64> {
        shoppers.iter().map(value).collect()
    };
    // Σ share · (1 + mean count); Σ share · median · exp(spread² / 2); Σ share · mean number of types.
    assert_mean("frequency", &column(|one| one.frequency as f64), 9.49);
    let amount = 0.40 * 40.0 * libm::exp(0.18)
        + 0.28 * 250.0 * libm::exp(0.125)
        + 0.17 * 900.0 * libm::exp(0.10125)
        + (0.05 * 4_000.0 + 0.10 * 2_500.0) * libm::exp(0.125);
    assert_mean("amount", &column(|one| one.amount_spent), amount);
    assert_mean(
        "types",
        &column(|one| one.product_types.len() as f64),
        0.6 + 0.84 + 0.765 + 0.325 + 0.2,
    );
    assert!(shoppers.iter().all(
        |one| one.product_types.iter().collect::<HashSet<_>>().len() == one.product_types.len()
    ));
}

/// The digests were taken on x86-64; they are the same wherever doubles are IEEE 754.
#[test]
fn the_same_parameters_give_the_same_bytes_on_every_machine() {
    let digest = |body: Vec<u8>| {
        Sha256::digest(&body)
            .iter()
            .take(8)
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>()
    };
    let base = base(1_000, 42);
    let found = [
        digest(base.features_request()),
        digest(base.rfm_request()),
        digest(base.segmentation_request()),
        digest(base.nps_request()),
        digest(segmentation_request(benchmark_shoppers(1_000, 42))),
    ];
    assert_eq!(
        found,
        [
            "8382ad9f5601a6fb",
            "30a0ddf7cd6f1e80",
            "3a4e3f7de41e85b9",
            "e3bc7985a7f70b21",
            "6ac4f943ff8d91d8"
        ]
    );
}
