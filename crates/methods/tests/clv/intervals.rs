//! Intervals: of customers, tiers and totals.

use clientela_methods::clv::{ClvTier, CountModelName, FamilyChoice, Interval};

use crate::shops::{Sale, Truth, forced, forecast_with, sale, shop, simulated};

fn report_at(level: f64) -> clientela_methods::clv::ClvReport {
    let table = shop(500, &simulated(400, 500, &Truth::default()));
    forecast_with(&table, |options| {
        options.horizon_months = 6;
        options.confidence_level = level;
        options.families = FamilyChoice::Probabilistic;
    })
}

#[test]
fn higher_levels_have_wider_intervals_and_draws_are_shared() {
    let [narrow, wide] = [0.5, 0.95].map(report_at);
    let contains = |outer: Option<Interval>, inner: Option<Interval>| {
        let (outer, inner) = (outer.expect("an interval"), inner.expect("an interval"));
        outer.lower <= inner.lower && inner.lower <= inner.upper && inner.upper <= outer.upper
    };
    for (wide, narrow) in wide.customers.iter().zip(&narrow.customers) {
        assert!(contains(wide.prediction, narrow.prediction));
        assert!(contains(wide.expectation, narrow.expectation));
        assert_eq!(wide.value, narrow.value);
    }
    let total = |report: &clientela_methods::clv::ClvReport| report.totals.all.value_interval;
    assert!(contains(total(&wide), total(&narrow)));
}

#[test]
fn an_expectation_is_known_better_than_what_will_come_and_zero_is_often_likely() {
    let report = report_at(0.9);
    for customer in &report.customers {
        let prediction = customer.prediction.expect("an interval");
        let expectation = customer.expectation.expect("an interval");
        assert!(expectation.lower <= customer.value * 1.0001);
        assert!(expectation.upper >= customer.value * 0.9999);
        assert!(prediction.lower <= prediction.upper);
    }
    let active = report.customers.iter().filter(|c| c.purchases > 1.0);
    let width = |interval: Option<Interval>| interval.map_or(0.0, |i| i.upper - i.lower);
    assert!(active.clone().count() > 20);
    assert!(
        active
            .clone()
            .all(|c| width(c.prediction) > width(c.expectation))
    );
}

/// An interval begins or ends at zero exactly where the probability of zero beside it says so.
#[test]
fn intervals_never_contradict_the_probability_of_zero() {
    let table = shop(500, &simulated(400, 500, &Truth::default()));
    let (mut at_zero, mut beyond) = (0, 0);
    for name in [
        CountModelName::BgNbd,
        CountModelName::MbgNbd,
        CountModelName::ParetoNbd,
    ] {
        for level in [0.5, 0.8, 0.9, 0.99] {
            let report = forecast_with(&table, |options| {
                options.horizon_months = 6;
                options.confidence_level = level;
                options.families = FamilyChoice::Probabilistic;
                forced(name)(options);
            });
            let tail = (1.0 - level) / 2.0;
            for customer in &report.customers {
                let prediction = customer.prediction.expect("an interval");
                let zero = customer.probability_zero.expect("a probability");
                assert!(customer.value > 0.0);
                assert_eq!(prediction.upper == 0.0, zero >= 1.0 - tail, "{customer:?}");
                assert_eq!(prediction.lower == 0.0, zero >= tail, "{customer:?}");
                at_zero += usize::from(prediction.upper == 0.0);
                beyond += usize::from(prediction.lower > 0.0);
            }
        }
    }
    assert!(at_zero > 100 && beyond > 100, "{at_zero} {beyond}");
}

/// Whoever buys is still a customer, also where a small base leaves the parameters open.
#[test]
fn no_purchase_is_likelier_than_still_being_a_customer() {
    let mut n = 0;
    for size in [30, 60, 120] {
        let table = shop(500, &simulated(size, 500, &Truth::default()));
        for name in [CountModelName::BgNbd, CountModelName::MbgNbd] {
            let report = forecast_with(&table, |options| {
                options.families = FamilyChoice::Probabilistic;
                forced(name)(options);
            });
            for customer in &report.customers {
                let zero = customer.probability_zero.expect("a probability");
                if let Some(alive) = customer.probability_alive {
                    assert!(1.0 - zero <= alive && alive <= 1.0, "{customer:?}");
                    n += 1;
                }
            }
        }
    }
    assert!(n > 200, "{n}");
}

#[test]
fn customers_with_the_same_past_have_the_same_interval() {
    let mut customers = simulated(400, 500, &Truth::default());
    let twins: Vec<Vec<Sale>> = customers[..200]
        .iter()
        .map(|sales| sales.iter().map(|s| sale(s.day, s.amount)).collect())
        .collect();
    customers.extend(twins);
    let report = forecast_with(&shop(500, &customers), |options| {
        options.families = FamilyChoice::Probabilistic;
    });
    for (one, twin) in report.customers[..200].iter().zip(&report.customers[400..]) {
        assert_eq!(one.prediction, twin.prediction);
        assert_eq!(one.expectation, twin.expectation);
        assert_eq!(one.probability_zero, twin.probability_zero);
    }
    let open = report.customers.iter().filter_map(|c| c.prediction);
    assert!(open.filter(|i| i.lower < i.upper).count() > 200);
}

#[test]
fn purchases_that_bring_a_loss_have_intervals_below_zero_and_those_that_bring_nothing_none() {
    let mut customers = simulated(300, 500, &Truth::default());
    // Refunds far above what was ever paid, and purchases for nothing: neither has a place in the value model.
    let steady = |amount: f64| (0..20).map(move |week| sale(350 + 7 * week, amount));
    customers.push(steady(10.0).chain([sale(492, -9000.0)]).collect());
    customers.push(steady(0.0).collect());
    let report = forecast_with(&shop(500, &customers), |options| {
        options.confidence_level = 0.8;
        options.families = FamilyChoice::Probabilistic;
    });
    let lossy = &report.customers[300];
    let zero = lossy.probability_zero.expect("a probability");
    let prediction = lossy.prediction.expect("an interval");
    assert!(lossy.value < 0.0 && prediction.lower < 0.0, "{lossy:?}");
    assert_eq!(prediction.upper == 0.0, 1.0 - zero < 0.9, "{lossy:?}");
    let free = &report.customers[301];
    assert!(free.probability_zero.expect("a probability") < 0.2);
    let lower = free.prediction.expect("an interval").lower;
    assert!(lower >= 0.0 && lower.is_sign_positive(), "{free:?}");
}

#[test]
fn totals_have_intervals_of_their_own_that_are_no_sums() {
    let report = report_at(0.9);
    let all = report.totals.all;
    let sum: f64 = report.customers.iter().map(|c| c.value).sum();
    assert!((all.value / sum - 1.0).abs() < 1e-12);
    let of_tiers: f64 = report.totals.tiers.iter().map(|tier| tier.value).sum();
    assert!((of_tiers / sum - 1.0).abs() < 1e-12);
    let interval = all.value_interval.expect("an interval");
    assert!(interval.lower < all.value && all.value < interval.upper);
    let uppers: f64 = report
        .customers
        .iter()
        .filter_map(|c| c.prediction)
        .map(|i| i.upper)
        .sum();
    assert!(interval.upper < uppers);
    // Half a fifth of the total at least is left open, whatever the models believe of themselves.
    assert!(report.model.total_spread > 0.1);
    assert!(interval.upper > 1.1 * all.value && interval.lower < 0.9 * all.value);
}

#[test]
fn tiers_are_cut_at_the_thirtieth_and_seventieth_percentile() {
    let report = report_at(0.9);
    let mut values: Vec<f64> = report.customers.iter().map(|c| c.value).collect();
    values.sort_by(f64::total_cmp);
    for customer in &report.customers {
        let below = values
            .iter()
            .filter(|&&value| value < customer.value)
            .count();
        let share = below as f64 / 400.0;
        match customer.tier {
            ClvTier::High => assert!(share > 0.69),
            ClvTier::Medium => assert!((0.29..0.71).contains(&share)),
            ClvTier::Low => assert!(share < 0.31),
        }
    }
    let counts = report.totals.tiers.map(|tier| tier.n_customers);
    assert_eq!(counts.iter().sum::<usize>(), 400);
}

#[test]
fn intervals_of_a_known_truth_hold_as_often_as_they_state() {
    let table = shop(600, &simulated(1500, 600, &Truth::default()));
    let report = forecast_with(&table, |options| {
        options.horizon_months = 6;
        options.families = FamilyChoice::Probabilistic;
    });
    for coverage in &report.validation.coverage {
        // Closed intervals of figures that are often 0 hold more than they state.
        assert!(
            coverage.share_inside > coverage.level - 0.02,
            "{coverage:?}"
        );
        let randomized = coverage.share_inside_randomized;
        assert!((randomized - coverage.level).abs() < 0.03, "{coverage:?}");
        let totals = coverage.totals.iter().flatten();
        if coverage.level > 0.9 {
            assert!(totals.clone().all(|(inside, _)| *inside), "{coverage:?}");
        }
        assert_eq!(totals.count(), 3);
    }
    let bias = report.validation.families[0].scores.bias.expect("a bias");
    assert!(bias.abs() < 0.1, "{bias}");
}
