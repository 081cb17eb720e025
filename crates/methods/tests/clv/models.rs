//! Which model serves, and what it says of its parameters.

use clientela_methods::clv::{
    CountModelName, Family, FamilyChoice, NotIdentified, Reason, Remark, Selection, ValueBasis,
};

use crate::shops::{
    Sale, Truth, by_models, forced, forecast_of, forecast_with, has, regular, sale, shop, simulated,
};

/// So many repeat buyers and so many who bought once, over 300 days.
fn few(n_repeat: i32, n_once: i32) -> Vec<Vec<Sale>> {
    let repeat = (0..n_repeat).map(|i| vec![sale(i, 10.0), sale(120 + 7 * i, 20.0)]);
    let once = (0..n_once).map(|i| vec![sale(5 * i % 200, 15.0)]);
    repeat.chain(once).collect()
}

#[test]
fn below_ten_repeat_buyers_a_mean_is_all_there_is() {
    let table = shop(300, &few(9, 31));
    let report = forecast_of(&table, 6);
    assert_eq!(report.best, Family::HistoricalMean);
    let rule = Selection::TooFewRepeatBuyers { n_repeat: 9 };
    assert_eq!(report.validation.selection, rule);
    assert!(has(&report, |r| *r == Remark::HistoricalMean { n_repeat: 9 }));
    let all = || report.customers.iter();
    assert!(all().all(|c| c.prediction.is_none() && c.probability_alive.is_none()));
    assert!(report.model.count.is_none() && report.totals.all.value_interval.is_none());
    // The formula, for the first customer: (1 + 1) / (T + ΣT/Σx) · weeks · 2/3.
    let ages = (0..9)
        .map(|i| 300 - i)
        .chain((0..31).map(|i| 300 - 5 * i % 200));
    let weeks = ages.map(f64::from).sum::<f64>() / 7.0;
    let horizon = f64::from(report.horizon_days) / 7.0;
    let expected = 2.0 / (300.0 / 7.0 + weeks / 9.0) * horizon * 2.0 / 3.0;
    assert!((report.customers[0].purchases - expected).abs() < 1e-9);
    let mean = (9.0 * 30.0 + 31.0 * 15.0) / 49.0;
    let value = (30.0 + 2.0 * mean) / 4.0;
    assert!((report.customers[0].value_per_purchase - value).abs() < 1e-9);
}

#[test]
fn ten_repeat_buyers_are_a_model_with_priors() {
    let report = forecast_of(&shop(300, &few(10, 30)), 6);
    assert_eq!(report.best, Family::Probabilistic);
    let count = report.model.count.as_ref().expect("a count model");
    assert_eq!(count.not_identified, Some(NotIdentified::FewRepeatBuyers));
    assert!(count.parameters.iter().all(|p| p.standard_error.is_some()));
    let remark = Remark::CountModelNotIdentified(NotIdentified::FewRepeatBuyers);
    assert!(has(&report, |r| *r == remark));
    assert!(report.customers.iter().all(|c| c.prediction.is_some()));
}

#[test]
fn without_a_hold_out_priors_take_part_and_the_answer_says_so() {
    // All purchases within two days: no window of a whole day is left.
    let customers: Vec<_> = (0..60).map(|i| regular(0, i % 3, 1, 5.0)).collect();
    let report = forecast_of(&shop(2, &customers), 1);
    let count = report.model.count.as_ref().expect("a count model");
    assert_eq!(count.not_identified, Some(NotIdentified::NoHoldOut));
    assert!(has(&report, |r| matches!(r, Remark::NoHoldOut(_))));
    assert_eq!(report.validation.selection, Selection::NoEvidence);
    assert!(report.validation.families.is_empty() && report.validation.window_days.is_none());
}

#[test]
fn a_base_that_nobody_leaves_has_no_probability_of_being_alive() {
    let customers: Vec<_> = (0..150)
        .map(|i| regular(i % 60, 400, 20 + i as usize % 30, 10.0 + f64::from(i % 7)))
        .collect();
    let report = by_models(&shop(400, &customers), 3);
    let count = report.model.count.as_ref().expect("a count model");
    assert!(!count.has_dropout && count.not_identified.is_some());
    assert!(has(&report, |r| *r == Remark::NoDropout));
    assert!(
        report
            .customers
            .iter()
            .all(|c| c.probability_alive.is_none())
    );
    assert!(
        report
            .customers
            .iter()
            .all(|c| c.probability_zero.is_some())
    );
}

#[test]
fn a_base_that_leaves_open_whether_anyone_leaves_has_priors_and_says_why() {
    // One repeat purchase in a hundred is the last: 200 customers hardly tell that from none.
    let truth = Truth {
        r: 1.0,
        alpha: 4.0,
        a: 0.05,
        b: 5.0,
        ..Truth::default()
    };
    let report = |n_customers| {
        let table = shop(420, &simulated(n_customers, 420, &truth));
        by_models(&table, 12)
    };
    let few = report(200);
    let count = few.model.count.as_ref().expect("a count model");
    assert_eq!(count.not_identified, Some(NotIdentified::DropoutOpen));
    let remark = Remark::CountModelNotIdentified(NotIdentified::DropoutOpen);
    assert!(has(&few, |r| *r == remark));
    for parameter in &count.parameters {
        let error = parameter.standard_error.expect("an error");
        assert!(error < 2.0 * parameter.estimate, "{parameter:?}");
    }
    let many = report(400);
    assert_eq!(
        many.model.count.expect("a count model").not_identified,
        None
    );
}

#[test]
fn the_likelier_count_model_serves_and_of_close_ones_that_with_dropout_at_once() {
    let chosen = |n_customers, truth: &Truth| {
        let table = shop(500, &simulated(n_customers, 500, truth));
        let report = by_models(&table, 3);
        let [bg, mbg] = [0, 1].map(|at| report.model.tried[at].log_likelihood);
        (report.model.count.expect("a count model").model, bg - mbg)
    };
    // Half of the repeat purchases are the last, and no first one is: that tells the two apart.
    let leaving = Truth {
        a: 1.5,
        b: 1.5,
        ..Truth::default()
    };
    let (model, difference) = chosen(300, &leaving);
    assert!(
        model == CountModelName::BgNbd && difference >= 2.0,
        "{difference}"
    );
    // Few leave, and few customers show it: BG/NBD is likelier by less than two units, and does not serve.
    let staying = Truth {
        a: 0.3,
        b: 6.0,
        ..Truth::default()
    };
    let (model, difference) = chosen(200, &staying);
    assert!(model == CountModelName::MbgNbd, "{difference}");
    assert!(difference > 0.0 && difference < 2.0, "{difference}");
}

#[test]
fn a_forced_count_model_serves_and_is_the_only_one_tried() {
    let table = shop(500, &simulated(300, 500, &Truth::default()));
    let auto = forecast_with(&table, |o| o.families = FamilyChoice::Probabilistic);
    let tried: Vec<_> = auto.model.tried.iter().map(|one| one.model).collect();
    assert_eq!(tried, [CountModelName::BgNbd, CountModelName::MbgNbd]);
    let likelihood = |report: &clientela_methods::clv::ClvReport| {
        report
            .model
            .count
            .as_ref()
            .map(|count| count.log_likelihood)
    };
    for name in [
        CountModelName::BgNbd,
        CountModelName::MbgNbd,
        CountModelName::ParetoNbd,
    ] {
        let report = forecast_with(&table, forced(name));
        let count = report.model.count.as_ref().expect("a count model");
        assert_eq!((count.model, report.model.tried.len()), (name, 1));
        let of_auto = auto.model.tried.iter().find(|one| one.model == name);
        if let Some(tried) = of_auto {
            assert_eq!(Some(tried.log_likelihood), likelihood(&report));
        }
        // Under BG/NBD whoever bought once is a customer still.
        let once = report
            .customers
            .iter()
            .find(|c| c.explanation.orders.n_purchases == 1);
        let alive = once
            .and_then(|c| c.probability_alive)
            .expect("a probability");
        assert_eq!(alive == 1.0, name == CountModelName::BgNbd);
    }
}

#[test]
fn refunds_that_net_to_nothing_are_no_purchases_and_the_forecast_is_zero() {
    let mut customers = simulated(200, 400, &Truth::default());
    let with_order = |day, amount| Sale {
        order: Some("A1"),
        ..sale(day, amount)
    };
    customers.push(vec![with_order(50, 30.0), with_order(90, -30.0)]);
    customers.push(vec![sale(10, 20.0), sale(100, 20.0), sale(110, -90.0)]);
    let report = by_models(&shop(400, &customers), 3);
    let [nothing, lowered] = [200, 201].map(|at| &report.customers[at]);
    assert_eq!((nothing.value, nothing.purchases), (0.0, 0.0));
    assert_eq!(nothing.explanation.reason, Some(Reason::NoPurchases));
    assert_eq!(nothing.probability_zero, Some(1.0));
    assert!(has(&report, |r| *r
        == Remark::WithoutPurchases { n_customers: 1 }));
    let reason = Some(Reason::OwnValueNotPositive);
    assert_eq!(lowered.explanation.reason, reason);
    assert!(has(&report, |r| *r
        == Remark::ValueNotPositive { n_customers: 1 }));
    let mean = report.customers[0].explanation.value.base_mean;
    assert!((lowered.value_per_purchase - (2.0 * mean - 50.0) / 4.0).abs() < 1e-9);
}

#[test]
fn margins_are_forecast_where_every_line_has_a_cost() {
    let with_costs = |missing: usize| -> Vec<Vec<Sale>> {
        let mut customers = simulated(150, 400, &Truth::default());
        for (at, sales) in customers.iter_mut().enumerate() {
            for sale in sales.iter_mut().filter(|_| at >= missing) {
                sale.cost = Some(sale.amount / 4.0);
            }
        }
        customers
    };
    let amounts = by_models(&shop(400, &with_costs(150)), 3);
    let margins = by_models(&shop(400, &with_costs(0)), 3);
    let mixed = by_models(&shop(400, &with_costs(1)), 3);
    assert_eq!(margins.basis, ValueBasis::Margin);
    let ratio = margins.totals.all.value / amounts.totals.all.value;
    assert!((ratio - 0.75).abs() < 1e-3, "{ratio}");
    let remark = Remark::MixedCosts {
        n_with: 149,
        n_without: 1,
    };
    assert!(has(&mixed, |r| *r == remark));
    assert_eq!(mixed.basis, ValueBasis::Amount);
    assert_eq!(mixed.totals.all.value, amounts.totals.all.value);
}

#[test]
fn value_that_goes_with_frequency_is_noticed() {
    let mut customers = simulated(300, 400, &Truth::default());
    for sales in &mut customers {
        let n = sales.len() as f64;
        sales.iter_mut().for_each(|sale| sale.amount *= n);
    }
    let report = by_models(&shop(400, &customers), 3);
    assert!(has(
        &report,
        |r| matches!(r, Remark::ValueNotIndependent(c) if c.lower > 0.3)
    ));
    let plain = by_models(&shop(400, &simulated(300, 400, &Truth::default())), 3);
    let independence = plain.model.value_independence.expect("a correlation");
    assert!(independence.lower < 0.0 && independence.upper > 0.0);
}

#[test]
fn money_that_comes_later_counts_less() {
    let table = shop(500, &simulated(300, 500, &Truth::default()));
    let [now, later, sooner] = [0.0, 0.1, -0.1].map(|rate| {
        forecast_with(&table, |options| {
            options.discount_rate_annual = rate;
            options.families = FamilyChoice::Probabilistic;
        })
    });
    for ((now, later), sooner) in now
        .customers
        .iter()
        .zip(&later.customers)
        .zip(&sooner.customers)
    {
        assert_eq!(now.purchases, later.purchases);
        let discount = later.value / now.value;
        assert!(
            discount < 1.0 / 1.1_f64.powf(1.0 / 12.0) && discount > 1.0 / 1.1,
            "{discount}"
        );
        assert!(sooner.value > now.value);
        // Each draw counts less by the customer's own expected factor.
        let uppers = [now, later].map(|one| one.prediction.expect("an interval").upper);
        assert!(
            (uppers[1] - discount * uppers[0]).abs() <= 1e-9 * uppers[0],
            "{uppers:?}"
        );
    }
}
