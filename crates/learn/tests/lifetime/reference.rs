//! High-precision values of the papers' formulas, and another implementation; SOURCE.md says where they come from.

use clientela_learn::lifetime::{CountFamily, CountModel, Histories, History, fit_counts};
use clientela_numerics::StopToken;
use serde_json::Value;

use crate::shared_data::cdnow;

fn fixture() -> Value {
    serde_json::from_str(include_str!("reference.json")).expect("JSON")
}

fn floats(value: &Value) -> Vec<f64> {
    let values = value.as_array().expect("a list").iter();
    values
        .map(|value| value.as_f64().expect("a number"))
        .collect()
}

fn model(case: &Value) -> CountModel {
    let family = match case["family"].as_str() {
        Some("bg_nbd") => CountFamily::BgNbd,
        Some("mbg_nbd") => CountFamily::MbgNbd,
        Some("pareto_nbd") => CountFamily::ParetoNbd,
        other => unreachable!("{other:?} is no family"),
    };
    let params = floats(&case["params"]).try_into().expect("four parameters");
    CountModel { family, params }
}

fn history(case: &Value) -> History {
    let [x, t_x, t] = floats(&case["history"])[..] else {
        unreachable!("a history has three figures")
    };
    History {
        x: x as u32,
        t_x,
        t,
    }
}

fn check(given: f64, expected: f64, tolerance: f64, case: &Value) {
    assert!(
        (given - expected).abs() <= tolerance * expected.abs().max(1e-290),
        "{given}, not {expected}: {case}"
    );
}

#[test]
fn likelihoods_and_expectations_match_the_closed_forms_in_60_digits() {
    let (fixture, stop) = (fixture(), StopToken::new());
    let weeks = floats(&fixture["weeks"]);
    let cases = fixture["cases"].as_array().expect("a list");
    assert_eq!(cases.len(), 132);
    for case in cases {
        let (model, history) = (model(case), history(case));
        let single = Histories::new(&[history], &stop).expect("not stopped");
        let expected = case["log_likelihood"].as_f64().expect("a number");
        let given = model.log_likelihood(&single, &stop).expect("not stopped");
        let error = (given - expected).abs();
        assert!(error <= 1e-11 * (1.0 + expected.abs()), "{given}: {case}");
        let alive = case["probability_alive"].as_f64().expect("a number");
        check(model.probability_alive(history), alive, 1e-10, case);
        let figures = weeks
            .iter()
            .zip(floats(&case["expected"]))
            .zip(floats(&case["zero"]));
        for ((&weeks, expected), zero) in figures {
            check(
                model.expected_purchases(history, weeks),
                expected,
                1e-9,
                case,
            );
            // One minus a probability keeps its absolute precision only.
            let given = model.probability_zero(history, weeks);
            assert!((given - zero).abs() < 1e-12, "{given}, not {zero}: {case}");
        }
    }
}

#[test]
fn purchase_distributions_match_the_closed_forms_in_60_digits() {
    let fixture = fixture();
    for case in fixture["distributions"].as_array().expect("a list") {
        let weeks = case["weeks"].as_f64().expect("a number");
        let given = model(case).purchase_distribution(history(case), weeks);
        for (given, expected) in given.zip(floats(&case["at_least"])) {
            assert!(
                (given - expected).abs() < 1e-11,
                "{given}, not {expected}: {case}"
            );
        }
    }
}

#[test]
fn mbg_nbd_on_cdnow_matches_lifetimes() {
    let Some(base) = cdnow() else { return };
    let (fixture, stop) = (fixture(), StopToken::new());
    let theirs = &fixture["mbg_nbd_on_cdnow"];
    let histories = Histories::new(&base.histories(), &stop).expect("not stopped");
    let fit = fit_counts(CountFamily::MbgNbd, &histories, None, &stop).expect("a fit");
    let ln = theirs["log_likelihood"].as_f64().expect("a number");
    assert!(
        fit.log_likelihood >= ln - 1e-9,
        "{} < {ln}",
        fit.log_likelihood
    );
    check(fit.log_likelihood, ln, 1e-9, theirs);
    for (given, expected) in fit.model.params.iter().zip(floats(&theirs["params"])) {
        check(*given, expected, 2e-4, theirs);
    }
    for (given, expected) in fit
        .standard_errors
        .iter()
        .zip(floats(&theirs["standard_errors"]))
    {
        check(*given, expected, 1e-3, theirs);
    }
    let of_theirs = CountModel {
        params: floats(&theirs["params"])
            .try_into()
            .expect("four parameters"),
        ..fit.model
    };
    check(
        of_theirs
            .log_likelihood(&histories, &stop)
            .expect("not stopped"),
        ln,
        1e-12,
        theirs,
    );
}
