//! Bases that break other implementations: always an answer, with a reason where the data do not determine it.

use clientela_learn::FitError;
use clientela_learn::lifetime::{
    CountFamily, CountFit, Histories, History, NotIdentified, Spending, default_priors, fit_counts,
    fit_spending,
};
use clientela_numerics::{RandomStream, StopToken};

use crate::simulation::{simulate, truth};

const FAMILIES: [CountFamily; 3] = [
    CountFamily::BgNbd,
    CountFamily::MbgNbd,
    CountFamily::ParetoNbd,
];

fn compressed(customers: &[History]) -> Histories {
    Histories::new(customers, &StopToken::new()).expect("not stopped")
}

fn fit(family: CountFamily, customers: &[History]) -> CountFit {
    fit_counts(family, &compressed(customers), None, &StopToken::new()).expect("a fit")
}

fn once(t: f64) -> History {
    History { x: 0, t_x: 0.0, t }
}

/// Every figure of every customer is finite and within its range.
fn check_figures(fit: &CountFit, customers: &[History]) {
    let finite = |figures: &[f64]| figures.iter().all(|figure| figure.is_finite());
    assert!(
        finite(&fit.model.params) && finite(&fit.standard_errors),
        "{fit:?}"
    );
    assert!(
        finite(&fit.log_covariance.concat()) && fit.log_likelihood.is_finite(),
        "{fit:?}"
    );
    assert!(fit.gradient_norm_per_customer < 1e-6, "{fit:?}");
    for &customer in customers {
        let outlook = fit.model.outlook(customer);
        assert!(
            (0.0..=1.0).contains(&outlook.probability_alive()),
            "{customer:?}"
        );
        for weeks in [0.0, 1.0, 52.0, 260.0] {
            let expected = outlook.expected_purchases(weeks);
            let zero = outlook.probability_zero(weeks);
            assert!(
                expected.is_finite() && expected >= 0.0,
                "{customer:?}: {expected}"
            );
            assert!((-1e-12..=1.0).contains(&zero), "{customer:?}: {zero}");
            assert!(
                1.0 - zero <= expected + 1e-9,
                "{customer:?}: {expected}, {zero}"
            );
        }
        let next = outlook.weeks_to_next_purchase(0.5);
        assert!(
            next.is_none_or(|weeks| weeks.is_finite() && weeks >= 0.0),
            "{customer:?}"
        );
    }
}

fn regular(x: u32) -> History {
    History {
        x,
        t_x: f64::from(x),
        t: f64::from(x) + 0.5,
    }
}

#[test]
fn bases_that_identify_nothing_get_priors_and_a_reason() {
    let bases: [(&str, Vec<History>); 8] = [
        ("one customer", vec![once(10.0)]),
        ("one customer of today", vec![once(0.0)]),
        ("all bought today", vec![once(0.0); 500]),
        (
            "all bought once",
            (0..500).map(|day| once(f64::from(day) / 7.0)).collect(),
        ),
        ("one repeat buyer", vec![regular(30)]),
        (
            "all alike",
            vec![
                History {
                    x: 4,
                    t_x: 20.0,
                    t: 26.0
                };
                300
            ],
        ),
        ("nobody leaves", (5..60).map(regular).collect()),
        (
            "everybody leaves",
            vec![
                History {
                    x: 1,
                    t_x: 0.1,
                    t: 200.0
                };
                300
            ],
        ),
    ];
    for (name, customers) in bases {
        for family in FAMILIES {
            let fit = fit(family, &customers);
            assert!(
                !fit.identified && fit.why_not.is_some(),
                "{name}, {family:?}: {fit:?}"
            );
            check_figures(&fit, &customers);
        }
    }
}

#[test]
fn thousands_of_purchases_days_as_unit_and_tiny_gaps_have_finite_figures() {
    let mut stream = RandomStream::new(1, "hard", 0);
    let customers: Vec<History> = simulate(&truth(CountFamily::BgNbd), 1000, 0.0, &mut stream)
        .iter()
        .map(|customer| customer.history)
        .collect();
    let days: Vec<History> = customers
        .iter()
        .map(|history| History {
            x: history.x,
            t_x: 7.0 * history.t_x,
            t: 7.0 * history.t,
        })
        .collect();
    let mut huge = customers.clone();
    huge.extend([
        History {
            x: 5000,
            t_x: 260.0,
            t: 260.0,
        },
        History {
            x: 20_000,
            t_x: 100.0,
            t: 260.0,
        },
        History {
            x: 1,
            t_x: 1e-9,
            t: 260.0,
        },
        History {
            x: 3,
            t_x: 0.0,
            t: 0.0,
        },
    ]);
    for family in FAMILIES {
        for customers in [&days, &huge] {
            check_figures(&fit(family, customers), customers);
        }
        let (weeks, days) = (fit(family, &customers), fit(family, &days));
        let [r, alpha, ..] = weeks.model.params;
        assert!((days.model.params[0] / r - 1.0).abs() < 1e-5);
        assert!((days.model.params[1] / (7.0 * alpha) - 1.0).abs() < 1e-5);
    }
}

#[test]
fn a_base_without_dropout_says_so() {
    let mut stream = RandomStream::new(2, "no dropout", 0);
    let customers: Vec<History> = (0..2000)
        .map(|_| {
            let rate = stream.gamma(2.0) / 8.0;
            let mut t_x = 0.0;
            let mut x = 0;
            loop {
                let next = t_x + stream.exponential() / rate;
                if next > 40.0 {
                    break;
                }
                (x, t_x) = (x + 1, next);
            }
            History { x, t_x, t: 40.0 }
        })
        .collect();
    for family in FAMILIES {
        let fit = fit(family, &customers);
        assert!(!fit.identified, "{family:?}: {fit:?}");
        check_figures(&fit, &customers[..50]);
        assert!(
            !fit.has_dropout || fit.model.dropout_per_purchase() < 0.02,
            "{fit:?}"
        );
    }
}

#[test]
fn priors_can_be_asked_for() {
    let customers: Vec<History> = (0..40).map(|week| regular(week % 7)).collect();
    let histories = compressed(&customers);
    for family in FAMILIES {
        let priors = default_priors(family, &histories);
        let fit = fit_counts(family, &histories, Some(&priors), &StopToken::new()).expect("a fit");
        assert_eq!(fit.why_not, Some(NotIdentified::PriorsRequested));
        assert!(!fit.identified);
        check_figures(&fit, &customers);
    }
}

#[test]
fn the_order_of_customers_and_the_number_of_threads_change_no_bit() {
    let mut stream = RandomStream::new(3, "order", 0);
    let mut customers: Vec<History> =
        simulate(&truth(CountFamily::BgNbd), 40_000, 0.0, &mut stream)
            .iter()
            .map(|customer| customer.history)
            .collect();
    for family in FAMILIES {
        let first = fit(family, &customers);
        stream.shuffle(&mut customers);
        let one_thread = rayon::ThreadPoolBuilder::new()
            .num_threads(1)
            .build()
            .expect("a pool");
        assert_eq!(first, one_thread.install(|| fit(family, &customers)));
    }
}

#[test]
fn figures_of_all_customers_are_those_of_each() {
    let mut stream = RandomStream::new(4, "all", 0);
    let customers: Vec<History> = simulate(&truth(CountFamily::BgNbd), 3000, 0.0, &mut stream)
        .iter()
        .map(|customer| History {
            t: customer.history.t.ceil(),
            ..customer.history
        })
        .collect();
    let (histories, stop) = (compressed(&customers), StopToken::new());
    assert!(histories.n_rows() < histories.n_customers());
    for family in FAMILIES {
        let model = truth(family);
        let expected = model
            .expected_purchases_of_all(&histories, 52.0, &stop)
            .expect("runs");
        let alive = model
            .probability_alive_of_all(&histories, &stop)
            .expect("runs");
        let zero = model
            .probability_zero_of_all(&histories, 52.0, &stop)
            .expect("runs");
        for (i, &customer) in customers.iter().enumerate() {
            let single = model.expected_purchases(customer, 52.0);
            assert!(
                (expected[i] - single).abs() <= 1e-11 * single,
                "{customer:?}"
            );
            assert!((alive[i] - model.probability_alive(customer)).abs() < 1e-13);
            assert!((zero[i] - model.probability_zero(customer, 52.0)).abs() < 1e-13);
        }
    }
}

#[test]
fn amounts_in_cents_and_billions_fit_alike() {
    let mut stream = RandomStream::new(6, "amounts", 0);
    let spendings: Vec<Spending> = simulate(&truth(CountFamily::BgNbd), 3000, 0.0, &mut stream)
        .iter()
        .filter(|customer| customer.history.x > 0)
        .map(|customer| Spending {
            x: customer.history.x,
            mean: customer.mean,
        })
        .collect();
    let fit = |scale: f64| {
        let scaled: Vec<Spending> = spendings
            .iter()
            .map(|row| Spending {
                mean: scale * row.mean,
                ..*row
            })
            .collect();
        fit_spending(&scaled, None, &StopToken::new()).expect("a fit")
    };
    let base = fit(1.0);
    assert!(base.identified);
    for scale in [1e-3, 1e8] {
        let scaled = fit(scale);
        assert!((scaled.model.p / base.model.p - 1.0).abs() < 1e-8);
        assert!((scaled.model.gamma / (scale * base.model.gamma) - 1.0).abs() < 1e-8);
        let moved = base.log_likelihood - base.n_customers as f64 * scale.ln();
        assert!((scaled.log_likelihood - moved).abs() < 1e-8 * moved.abs());
    }
}

#[test]
fn spending_that_identifies_nothing_gets_priors_and_a_reason() {
    let bases: [Vec<Spending>; 3] = [
        vec![Spending { x: 3, mean: 20.0 }],
        vec![Spending { x: 1, mean: 9.99 }; 400],
        (1..200).map(|x| Spending { x, mean: 5.0 }).collect(),
    ];
    for spendings in bases {
        let fit = fit_spending(&spendings, None, &StopToken::new()).expect("a fit");
        assert!(!fit.identified && fit.why_not.is_some(), "{fit:?}");
        assert!(
            fit.gradient_norm_per_customer < 1e-6 && fit.log_likelihood.is_finite(),
            "{fit:?}"
        );
        let mean = fit.model.expected_mean(3, 20.0).expect("a mean");
        assert!(mean.is_finite() && mean > 0.0);
    }
}

#[test]
fn impossible_bases_are_refused() {
    let stop = StopToken::new();
    let nobody = compressed(&[]);
    let none = Err(FitError::TooFewSamples {
        needed: 1,
        given: 0,
    });
    assert_eq!(fit_counts(CountFamily::BgNbd, &nobody, None, &stop), none);
    assert!(matches!(
        fit_spending(&[], None, &stop),
        Err(FitError::TooFewSamples { .. })
    ));
    for row in [(0, 1.0), (1, 0.0), (1, f64::NAN)] {
        let spending = Spending {
            x: row.0,
            mean: row.1,
        };
        assert!(matches!(
            fit_spending(&[spending], None, &stop),
            Err(FitError::Degenerate(_))
        ));
    }
}

#[test]
fn a_set_stop_token_ends_every_fit() {
    let stop = StopToken::new();
    let histories = compressed(&[once(3.0), regular(4)]);
    stop.stop();
    assert!(Histories::new(&[once(1.0)], &stop).is_err());
    for family in FAMILIES {
        assert_eq!(
            fit_counts(family, &histories, None, &stop),
            Err(FitError::Stopped)
        );
        assert!(
            truth(family)
                .probability_alive_of_all(&histories, &stop)
                .is_err()
        );
    }
    assert_eq!(
        fit_spending(&[Spending { x: 1, mean: 1.0 }], None, &stop),
        Err(FitError::Stopped)
    );
}
