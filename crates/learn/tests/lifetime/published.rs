//! Published parameters, standard errors, likelihoods and expectations.

use clientela_learn::lifetime::{CountFamily, Histories, fit_counts, fit_spending};
use clientela_numerics::StopToken;

use crate::shared_data::cdnow;

/// Half of the last printed digit, or 0.02 %.
fn check(given: f64, printed: f64, half_digit: f64) {
    let tolerance = half_digit.max(2e-4 * printed.abs());
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
