//! Hold-outs, what they choose, and what is said where they do not reach.

use clientela_methods::clv::{
    Baseline, BoostingUnavailable, Evidence, Family, FamilyChoice, Origin, Remark, Selection,
    Shortfall,
};

use crate::shops::{Truth, by_models, forecast_of, forecast_with, has, regular, shop, simulated};

#[test]
fn hold_outs_are_pooled_over_rolling_splits_with_three_baselines_beside_them() {
    let report = forecast_of(&shop(600, &simulated(400, 600, &Truth::default())), 3);
    let validation = &report.validation;
    assert_eq!(validation.evidence, Evidence::Sound);
    assert_eq!(
        (validation.window_days, validation.origins.len()),
        (Some(92), 3)
    );
    let n: usize = validation
        .origins
        .iter()
        .map(|origin| origin.n_customers)
        .sum();
    assert!(
        validation
            .families
            .iter()
            .all(|score| score.scores.n == n && score.n_origins == 3)
    );
    let baselines: Vec<Baseline> = validation.baselines.iter().map(|b| b.baseline).collect();
    assert_eq!(baselines, Baseline::ALL);
    let zero = &validation.baselines[1].scores;
    assert_eq!((zero.forecast_total, zero.bias), (0.0, Some(-1.0)));
    let actual: f64 = validation
        .origins
        .iter()
        .map(|origin| origin.actual_value)
        .sum();
    assert!((zero.mae * n as f64 - actual).abs() < 1e-6);
    let deciles = &validation.calibration;
    assert_eq!(deciles.iter().map(|decile| decile.n).sum::<usize>(), n);
    assert!(deciles.is_sorted_by(|a, b| a.mean_forecast <= b.mean_forecast));
    assert!(validation.verdict.iter().all(|one| one.rmse_is_lower));
}

#[test]
fn totals_are_spread_by_how_far_those_of_the_hold_outs_were_off() {
    let table = shop(600, &simulated(400, 600, &Truth::default()));
    for families in [FamilyChoice::Probabilistic, FamilyChoice::Boosting] {
        let report = forecast_with(&table, |options| {
            options.horizon_months = 3;
            options.families = families;
        });
        let logs = report
            .validation
            .origins
            .iter()
            .filter_map(|origin| Some((origin.actual_value / origin.expected_value?).ln()));
        let logs: Vec<f64> = logs.collect();
        let squares: f64 = logs.iter().map(|log| log * log).sum();
        let spread = ((2.0 * 0.04 + squares) / (2.0 + logs.len() as f64)).sqrt();
        assert!(!logs.is_empty());
        assert!(
            (report.model.total_spread - spread).abs() < 1e-12,
            "{families:?}"
        );
    }
    let untested = forecast_of(&shop(400, &simulated(15, 400, &Truth::default())), 3);
    assert!((untested.model.total_spread - 0.2).abs() < 1e-15);
}

#[test]
fn weak_evidence_is_shown_and_does_not_choose() {
    let report = forecast_of(&shop(400, &simulated(60, 400, &Truth::default())), 3);
    let Evidence::Weak(Shortfall::FewCustomers { n_customers }) = report.validation.evidence else {
        panic!("{:?}", report.validation.evidence);
    };
    assert!((20..100).contains(&n_customers));
    assert_eq!(report.validation.selection, Selection::NoEvidence);
    assert_eq!(
        (report.best, report.validation.origins.len()),
        (Family::Probabilistic, 1)
    );
    assert!(has(&report, |r| matches!(r, Remark::WeakEvidence(_))));
}

#[test]
fn customers_born_in_the_hold_out_are_reported_apart() {
    let truth = Truth {
        born_until: 1.0,
        ..Truth::default()
    };
    let table = shop(400, &simulated(500, 400, &truth));
    let report = by_models(&table, 3);
    let share = report.validation.new_customers_share.expect("a share");
    assert!(share > 0.1 && share < 0.9, "{share}");
    let known = report.validation.origins[0].n_customers;
    assert!(known < 500);
    // Hold-outs overlap by halves, and whoever came in the overlap was new to both: three hold-outs, one customer each.
    let origins = &report.validation.origins;
    assert_eq!(origins.len(), 3);
    let n_known_first = origins[2].n_customers;
    assert_eq!(report.validation.n_new_customers, 500 - n_known_first);
}

#[test]
fn a_horizon_beyond_what_was_tested_is_named() {
    let table = shop(400, &simulated(300, 400, &Truth::default()));
    let beyond = Remark::HorizonBeyondEvidence {
        horizon_days: 365,
        validated_days: 133,
    };
    let far = by_models(&table, 12);
    assert!(has(&far, |r| *r == beyond));
    let season = |window_days| Remark::SeasonNotCovered {
        window_days: Some(window_days),
        history_days: 400,
    };
    assert!(has(&far, |r| *r == season(133)));
    let near = by_models(&table, 6);
    assert!(!has(&near, |r| matches!(
        r,
        Remark::HorizonBeyondEvidence { .. }
    )));
}

#[test]
fn without_a_hold_out_every_horizon_is_beyond_what_was_tested() {
    let few: Vec<_> = simulated(15, 400, &Truth::default());
    for months in [1, 12] {
        let report = forecast_of(&shop(400, &few), months);
        let shortfall = Shortfall::FewCustomers { n_customers: 15 };
        assert!(matches!(report.validation.evidence, Evidence::Absent(_)));
        assert!(
            has(&report, |r| matches!(r, Remark::NoHoldOut(_))),
            "{shortfall:?}"
        );
        let beyond = Remark::HorizonBeyondEvidence {
            horizon_days: report.horizon_days,
            validated_days: 0,
        };
        assert!(has(&report, |r| *r == beyond), "{months}");
    }
}

#[test]
fn regular_buyers_are_named_and_left_to_the_booster() {
    let customers: Vec<_> = (0..240)
        .map(|i| {
            let until = if i % 3 == 0 { 200 + i } else { 600 };
            regular(
                i % 100,
                until,
                25 + i as usize % 20,
                10.0 + f64::from(i % 5),
            )
        })
        .collect();
    let report = forecast_of(&shop(600, &customers), 3);
    assert!(has(&report, |r| matches!(r, Remark::RegularBuyers { .. })));
    assert_eq!(report.validation.selection, Selection::RegularBuyers);
    assert_eq!(report.best, Family::GradientBoosting);
    let alone = forecast_with(&shop(600, &customers), |options| {
        options.families = FamilyChoice::Probabilistic;
    });
    assert_eq!(alone.best, Family::Probabilistic);
    let unavailable = alone.validation.boosting_unavailable;
    assert_eq!(unavailable, Some(BoostingUnavailable::NotAsked));
}

#[test]
fn a_booster_beyond_its_window_is_stretched_by_the_count_model() {
    let table = shop(500, &simulated(400, 500, &Truth::default()));
    let boosted = |months| {
        forecast_with(&table, |options| {
            options.horizon_months = months;
            options.families = FamilyChoice::Boosting;
        })
    };
    let report = boosted(12);
    assert_eq!(report.best, Family::GradientBoosting);
    assert_eq!(report.validation.selection, Selection::Asked);
    let beyond = Remark::BoosterBeyondWindow {
        horizon_days: 365,
        window_days: 166,
    };
    assert!(has(&report, |r| *r == beyond));
    let parameters = report.model.boosting.expect("how it was trained");
    assert_eq!(parameters.window_days, 166);
    let models = forecast_with(&table, |options| {
        options.families = FamilyChoice::Probabilistic;
    });
    // What the booster learned stays a ratio to the models of the whole horizon.
    for (boosted, by_models) in report.customers.iter().zip(&models.customers) {
        let learned = boosted.explanation.learned.expect("a ratio");
        assert!((boosted.value - learned * by_models.value).abs() < 1e-9 * boosted.value.max(1.0));
        let purchases = learned * by_models.purchases;
        assert!((boosted.purchases - purchases).abs() < 1e-9 * purchases.max(1.0));
    }
}

#[test]
fn what_a_booster_corrects_is_in_the_purchases_of_hold_outs_too() {
    let mut customers = simulated(400, 500, &Truth::default());
    let sales = customers.iter_mut().flatten();
    sales.for_each(|sale| sale.amount = 10.0);
    let table = shop(500, &customers);
    let forecast = |families| {
        forecast_with(&table, |options| {
            options.horizon_months = 3;
            options.families = families;
        })
    };
    let boosted = forecast(FamilyChoice::Boosting);
    let by_models = forecast(FamilyChoice::Probabilistic);
    assert_eq!(boosted.best, Family::GradientBoosting);
    let pairs = boosted.validation.origins.iter();
    let mut n_boosted = 0;
    for (boosted, by_models) in pairs.zip(&by_models.validation.origins) {
        let figures = |origin: &Origin| origin.expected_value.zip(origin.expected_purchases);
        let Some((value, purchases)) = figures(boosted) else {
            assert_eq!(boosted.expected_purchases, None, "{boosted:?}");
            continue;
        };
        let (value_by_models, by_models) = figures(by_models).expect("models of every hold-out");
        // Every purchase brings the same, so that more value stands for more purchases.
        let ratio = (value / value_by_models) / (purchases / by_models);
        assert!((ratio - 1.0).abs() < 0.01, "{ratio}");
        n_boosted += usize::from((value / value_by_models - 1.0).abs() > 0.01);
    }
    assert!(n_boosted > 0, "the booster corrects something");
}

#[test]
fn without_a_training_window_the_models_serve_and_the_reason_is_given() {
    // A third of 60 days leaves 20 days before the training window.
    let customers: Vec<_> = (0..200)
        .map(|i| regular(i % 20, 60, 5 + i as usize % 9, 8.0))
        .collect();
    let report = forecast_with(&shop(60, &customers), |options| {
        options.families = FamilyChoice::Boosting;
    });
    let days = BoostingUnavailable::NoTrainingWindow { days: 20 };
    assert_eq!(report.validation.boosting_unavailable, Some(days));
    assert_eq!(report.validation.selection, Selection::AskedButUnavailable);
    assert_eq!(report.best, Family::Probabilistic);
}

#[test]
fn a_shop_that_is_older_than_its_data_and_cohorts_that_differ_are_noticed() {
    // Four hundred old customers at once who stop halfway, and later ones who never do.
    let mut customers: Vec<_> = (0..400)
        .map(|i| regular(i % 25, 230 + i % 40, 15 + i as usize % 40, 9.0))
        .collect();
    customers.extend((0..100).map(|i| regular(100 + i, 400, 15 + i as usize % 40, 9.0)));
    let report = by_models(&shop(400, &customers), 3);
    assert!(has(&report, |r| matches!(
        r,
        Remark::LeftTruncated {
            n_first_month: 400,
            ..
        }
    )));
    assert!(has(&report, |r| matches!(r, Remark::CohortsDiffer { .. })));
}

#[test]
fn a_tenth_of_customers_that_brings_far_more_than_its_forecast_is_named() {
    // Three hundred customers who had fallen silent come back within the hold-outs.
    let mut customers = simulated(600, 600, &Truth::default());
    let plain = by_models(&shop(600, &customers), 3);
    let is_off = |r: &Remark| matches!(r, Remark::CalibrationOff(_));
    assert!(!has(&plain, is_off));
    customers.extend((0..300).map(|i| {
        let mut sales = regular(i % 60, 200, 12, 10.0);
        sales.extend(regular(430 + i % 40, 600, 30, 10.0));
        sales
    }));
    let report = by_models(&shop(600, &customers), 3);
    let mut found = report.remarks.iter().filter_map(|remark| match remark {
        Remark::CalibrationOff(tenths) => Some(*tenths),
        _ => None,
    });
    let tenths = found.next().expect("a remark");
    let worst = report.validation.calibration[tenths.worst];
    assert!(tenths.is_off[tenths.worst]);
    assert_eq!(
        (tenths.mean_forecast, tenths.mean_actual),
        (worst.mean_forecast, worst.mean_actual)
    );
    assert!(worst.mean_actual > 1.5 * worst.mean_forecast);
}

#[test]
fn a_baseline_that_is_not_beaten_is_named() {
    // Everyone buys four times in each window of 92 days.
    let customers: Vec<_> = (0..150)
        .map(|i| regular(i % 23, 600, 23, if i % 10 == 0 { 200.0 } else { 10.0 }))
        .collect();
    let report = by_models(&shop(600, &customers), 3);
    let baselines = &report.validation.baselines;
    let rmse = report.validation.families[0].scores.rmse;
    for baseline in baselines {
        let named = Remark::NotBetterThanBaseline {
            baseline: baseline.baseline.name(),
            baseline_rmse: baseline.scores.rmse,
            rmse,
        };
        assert_eq!(has(&report, |r| *r == named), baseline.scores.rmse < rmse);
    }
    assert!(
        baselines[0].scores.rmse < rmse,
        "the last window comes again"
    );
}

#[test]
fn a_total_above_what_the_same_customers_brought_is_named() {
    // Half of the customers have come within the last two months.
    let customers: Vec<_> = (0..200)
        .map(|i| {
            regular(
                if i % 2 == 0 { i % 40 } else { 340 + i % 60 },
                400,
                9 + i as usize % 7,
                10.0,
            )
        })
        .collect();
    let report = by_models(&shop(400, &customers), 3);
    let mut found = report.remarks.iter().filter_map(|remark| match remark {
        Remark::AboveHistory {
            forecast, before, ..
        } => Some((*forecast, *before)),
        _ => None,
    });
    let (forecast, before) = found.next().expect("a remark");
    assert_eq!(forecast, report.totals.all.value);
    let sold = customers
        .iter()
        .flatten()
        .filter(|sale| sale.day > 400 - 92);
    assert_eq!(before, sold.map(|sale| sale.amount).sum::<f64>());
    assert!(forecast > 1.1 * before);
    // Without a history as long as the horizon there is nothing to compare with.
    let above = |r: &Remark| matches!(r, Remark::AboveHistory { .. });
    assert!(!has(&by_models(&shop(400, &customers), 24), above));
    let steady: Vec<_> = (0..200)
        .map(|i| regular(i % 40, 400, 9 + i as usize % 7, 10.0))
        .collect();
    assert!(!has(&by_models(&shop(400, &steady), 3), above));
}

#[test]
fn tracking_follows_customers_known_at_the_split_and_ends_today() {
    let table = shop(500, &simulated(300, 500, &Truth::default()));
    let report = by_models(&table, 3);
    let tracking = report.tracking.expect("a count model");
    assert_eq!(
        tracking.split_day,
        Some(report.validation.origins[0].split_day)
    );
    let last = tracking.weeks.last().expect("a week");
    assert_eq!(last.end_day, table.today().days_since_epoch());
    let weekly: u64 = tracking.weeks.iter().map(|week| week.actual).sum();
    assert_eq!(weekly, last.actual_cumulative);
    let ratio = last.expected_cumulative / last.actual_cumulative as f64;
    assert!((0.8..1.25).contains(&ratio), "{ratio}");
    let rises = |a: &clientela_methods::clv::TrackedWeek,
                 b: &clientela_methods::clv::TrackedWeek| {
        a.expected_cumulative <= b.expected_cumulative
    };
    assert!(tracking.weeks.is_sorted_by(rises));
}
