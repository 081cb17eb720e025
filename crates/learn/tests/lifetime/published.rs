//! Published parameters, standard errors, likelihoods and expectations.

use clientela_learn::lifetime::{
    CountFamily, CountModel, Histories, History, fit_counts, fit_spending,
};
use clientela_numerics::StopToken;

use crate::shared_data::{Base, apparel, cdnow};

/// Within 0.02 % of what the printed digits can stand for: the published optimizers stopped early.
fn check(given: f64, printed: f64, half_digit: f64) {
    let tolerance = half_digit + 2e-4 * printed.abs();
    assert!(
        (given - printed).abs() <= tolerance,
        "{given}, not {printed}"
    );
}

#[test]
fn bg_nbd_on_cdnow_matches_fader_hardie_lee_2005() {
    let Some(base) = cdnow() else { return };
    let stop = StopToken::new();
    let histories = Histories::new(&base.histories(), &stop).expect("not stopped");
    assert_eq!(
        (histories.n_customers(), histories.n_repeaters()),
        (2357, 946)
    );
    let fit = fit_counts(CountFamily::BgNbd, &histories, None, &stop).expect("a fit");
    assert!(fit.identified && fit.has_dropout, "{fit:?}");
    for (given, printed) in fit
        .model
        .params
        .iter()
        .zip([0.2426, 4.4136, 0.7929, 2.4259])
    {
        check(*given, printed, 0.5e-4);
    }
    for (given, printed) in fit
        .standard_errors
        .iter()
        .zip([0.0126, 0.3782, 0.1857, 0.7053])
    {
        check(*given, printed, 0.5e-4);
    }
    check(fit.log_likelihood, -9582.429, 0.5e-3);
    assert!(fit.log_likelihood > -9582.4295 && fit.gradient_norm_per_customer < 1e-6);
}

#[test]
fn gamma_gamma_on_cdnow_matches_fader_hardie_2013() {
    let Some(base) = cdnow() else { return };
    let spendings = base.spendings();
    let fit = fit_spending(&spendings, None, &StopToken::new()).expect("a fit");
    assert!(fit.identified, "{fit:?}");
    assert_eq!(fit.n_customers, 946);
    check(fit.model.p, 6.25, 0.005);
    check(fit.model.q, 3.74, 0.005);
    check(fit.model.gamma, 15.44, 0.005);
    check(fit.log_likelihood, -4055.92, 0.005);
    assert!(fit.gradient_norm_per_customer < 1e-6);
}

/// BG/NBD at the four-digit parameters of the BTYD vignette.
const CDNOW: CountModel = CountModel {
    family: CountFamily::BgNbd,
    params: [0.2426, 4.4136, 0.7929, 2.4259],
};

#[test]
fn bg_nbd_points_match_the_btyd_vignette() {
    let best = History {
        x: 26,
        t_x: 30.857,
        t: 31.0,
    };
    let near = |given: f64, printed: f64| assert!((given - printed).abs() < 1e-3, "{given}");
    near(CDNOW.expected_purchases_of_new(52.0), 1.444_004);
    near(CDNOW.expected_purchases(best, 52.0), 25.756_59);
    near(CDNOW.probability_alive(best), 0.968_852_3);
    let worked = CountModel {
        params: [0.243, 4.414, 0.793, 2.426],
        ..CDNOW
    };
    let customer = History {
        x: 2,
        t_x: 30.43,
        t: 38.86,
    };
    near(worked.expected_purchases(customer, 39.0), 1.226);
}

#[test]
fn expectations_by_class_match_the_btyd_vignette() {
    let Some(base) = cdnow() else { return };
    let bg_nbd = [
        0.2251, 0.5231, 1.0441, 1.5203, 2.1638, 2.6538, 3.5040, 6.1570,
    ];
    check_classes(&base, CountFamily::BgNbd, bg_nbd, 0.5e-4);
    let pareto_nbd = [0.138, 0.600, 1.196, 1.714, 2.399, 2.907, 3.819, 6.403];
    check_classes(&base, CountFamily::ParetoNbd, pareto_nbd, 0.5e-3);
}

/// Mean purchases in the 39 weeks after the calibration, by repeat purchases 0, 1, … 6, 7 and more.
fn check_classes(base: &Base, family: CountFamily, printed: [f64; 8], half_digit: f64) {
    let stop = StopToken::new();
    let histories = Histories::new(&base.histories(), &stop).expect("not stopped");
    let fit = fit_counts(family, &histories, None, &stop).expect("a fit");
    let forecast = fit
        .model
        .expected_purchases_of_all(&histories, 39.0, &stop)
        .expect("not stopped");
    let (mut expected, mut actual, mut n) = ([0.0; 8], [0.0; 8], [0.0; 8]);
    for (customer, forecast) in base.customers.iter().zip(forecast) {
        let class = customer.history.x.min(7) as usize;
        expected[class] += forecast;
        actual[class] += f64::from(customer.later);
        n[class] += 1.0;
    }
    assert_eq!(n, [1411.0, 439.0, 214.0, 100.0, 62.0, 38.0, 29.0, 64.0]);
    let means: [f64; 8] = std::array::from_fn(|class| actual[class] / n[class]);
    let printed_actual = [
        0.2367, 0.6970, 1.3925, 1.5600, 2.5323, 2.9474, 3.8621, 6.3594,
    ];
    for class in 0..8 {
        let mean = expected[class] / n[class];
        assert!(
            (mean - printed[class]).abs() < 1e-3_f64.min(20.0 * half_digit),
            "{class}: {mean}"
        );
        assert!((means[class] - printed_actual[class]).abs() <= 0.5e-4);
    }
}

#[test]
fn pareto_nbd_on_cdnow_matches_the_btyd_vignette() {
    let Some(base) = cdnow() else { return };
    let stop = StopToken::new();
    let histories = Histories::new(&base.histories(), &stop).expect("not stopped");
    let fit = fit_counts(CountFamily::ParetoNbd, &histories, None, &stop).expect("a fit");
    assert!(fit.identified && fit.has_dropout, "{fit:?}");
    for (given, printed) in fit.model.params.iter().zip([0.553, 10.578, 0.606, 11.669]) {
        check(*given, printed, 0.5e-3);
    }
    for (given, printed) in fit
        .standard_errors
        .iter()
        .zip([0.0476, 0.8427, 0.1873, 6.2105])
    {
        check(*given, printed, 0.5e-4);
    }
    check(fit.log_likelihood, -9595.0, 0.05);
    assert!(fit.gradient_norm_per_customer < 1e-6);
}

#[test]
fn pareto_nbd_on_apparel_matches_clvtools() {
    let Some(base) = apparel() else { return };
    let stop = StopToken::new();
    let histories = Histories::new(&base.histories(), &stop).expect("not stopped");
    let fit = fit_counts(CountFamily::ParetoNbd, &histories, None, &stop).expect("a fit");
    assert!(fit.identified && fit.has_dropout, "{fit:?}");
    for (given, printed) in fit
        .model
        .params
        .iter()
        .zip([0.7866, 5.3349, 0.3570, 11.6152])
    {
        check(*given, printed, 0.5e-4);
    }
    for (given, printed) in fit
        .standard_errors
        .iter()
        .zip([0.1324, 0.9027, 0.1838, 10.6598])
    {
        check(*given, printed, 0.5e-4);
    }
    check(fit.log_likelihood, -2879.4699, 0.5e-4);
    assert!(fit.gradient_norm_per_customer < 1e-6);
    let rows = [
        ("1", 0, 0.3572, 0.2213),
        ("10", 0, 0.4226, 0.9273),
        ("100", 23, 0.9155, 13.5449),
        ("1000", 23, 0.9968, 13.1767),
    ];
    for (id, later, alive, expected) in rows {
        let customer = base
            .customers
            .iter()
            .find(|customer| customer.id == id)
            .expect("in the file");
        assert_eq!(customer.later, later);
        let outlook = fit.model.outlook(customer.history);
        let weeks = 279.0 / 7.0;
        check(outlook.probability_alive(), alive, 0.5e-4);
        check(outlook.expected_purchases(weeks), expected, 0.5e-4);
    }
}
