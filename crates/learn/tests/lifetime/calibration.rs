//! Intervals hold what they promise on simulated customers, whose parameters are known.

use clientela_learn::lifetime::{
    CountFamily, CountFit, GammaGammaFit, Histories, History, Spending, draw_parameters,
    draw_spending_parameters, fit_counts, fit_spending,
};
use clientela_numerics::{RandomStream, StopToken};
use rayon::prelude::*;

use crate::simulation::{SPENDING, Simulated, simulate, truth};

const N_CUSTOMERS: usize = 2500;
const N_SEEDS: u64 = 200;
const WEEKS: f64 = 39.0;

fn fits(family: CountFamily, customers: &[Simulated]) -> (CountFit, GammaGammaFit) {
    let stop = StopToken::new();
    let histories: Vec<History> = customers.iter().map(|customer| customer.history).collect();
    let histories = Histories::new(&histories, &stop).expect("not stopped");
    let spendings: Vec<Spending> = customers
        .iter()
        .filter(|customer| customer.history.x > 0)
        .map(|customer| Spending {
            x: customer.history.x,
            mean: customer.mean,
        })
        .collect();
    (
        fit_counts(family, &histories, None, &stop).expect("a fit"),
        fit_spending(&spendings, None, &stop).expect("a fit"),
    )
}

/// For each parameter, whether the 95 % interval of its logarithm holds the true one.
fn covered(family: CountFamily, seed: u64) -> [bool; 7] {
    let mut stream = RandomStream::new(seed, "coverage", 0);
    let (counts, spending) = fits(
        family,
        &simulate(&truth(family), N_CUSTOMERS, 0.0, &mut stream),
    );
    let holds = |estimate: f64, truth: f64, variance: f64| {
        (estimate / truth).ln().abs() <= 1.959_964 * variance.sqrt()
    };
    let model = spending.model;
    let spent = [
        (model.p, SPENDING.p),
        (model.q, SPENDING.q),
        (model.gamma, SPENDING.gamma),
    ];
    let truth = truth(family).params;
    std::array::from_fn(|i| match i.checked_sub(4) {
        None => holds(
            counts.model.params[i],
            truth[i],
            counts.log_covariance[i][i],
        ),
        Some(i) => holds(spent[i].0, spent[i].1, spending.log_covariance[i][i]),
    })
}

fn check_coverage(family: CountFamily, n_seeds: u64) {
    let covered: Vec<[bool; 7]> = (0..n_seeds)
        .into_par_iter()
        .map(|seed| covered(family, seed))
        .collect();
    for i in 0..7 {
        let share = covered.iter().filter(|covered| covered[i]).count() as f64 / n_seeds as f64;
        assert!(
            (0.9..=0.99).contains(&share),
            "{family:?}, parameter {i}: {share}"
        );
    }
}

#[test]
fn intervals_of_bg_nbd_and_gamma_gamma_parameters_hold_the_truth() {
    check_coverage(CountFamily::BgNbd, N_SEEDS);
}

#[test]
fn intervals_of_mbg_nbd_parameters_hold_the_truth() {
    check_coverage(CountFamily::MbgNbd, N_SEEDS);
}

/// Where the truth lies among the draws, ties broken at random: uniform in [0, 1) if the truth is one of them.
fn randomized_rank(truth: f64, draws: &[f64], stream: &mut RandomStream) -> f64 {
    let below = draws.iter().filter(|&&draw| draw < truth).count() as f64;
    let ties = draws.iter().filter(|&&draw| draw == truth).count() as f64;
    (below + stream.uniform() * (ties + 1.0)) / (draws.len() as f64 + 1.0)
}

/// Whether the truth lies between the 10 % and the 90 % quantile of the draws, both included.
fn in_closed_interval(truth: f64, draws: &mut [f64]) -> bool {
    draws.sort_by(f64::total_cmp);
    let at = |level: f64| draws[(level * draws.len() as f64).ceil() as usize - 1];
    at(0.1) <= truth && truth <= at(0.9)
}

/// What one simulated base says: ranks of the truth of each customer, closed intervals, the ranks of the totals.
#[derive(Default)]
struct Outcome {
    purchases: Vec<f64>,
    value: Vec<f64>,
    closed: Vec<bool>,
    totals: [f64; 2],
    plug_in_totals: [f64; 2],
}

const N_REPLICATES: usize = 40;

fn outcome(family: CountFamily, seed: u64) -> Outcome {
    let mut stream = RandomStream::new(seed, "outcomes", 0);
    let customers = simulate(&truth(family), N_CUSTOMERS, WEEKS, &mut stream);
    let (counts, spending) = fits(family, &customers);
    let (purchases, value) = draws(&customers, &counts, &spending, true, &mut stream);
    let (plug_in_purchases, plug_in_value) =
        draws(&customers, &counts, &spending, false, &mut stream);
    let mut outcome = Outcome::default();
    for (i, customer) in customers.iter().enumerate() {
        let of_customer = |draws: &[f64]| -> Vec<f64> {
            draws.iter().skip(i).step_by(N_CUSTOMERS).copied().collect()
        };
        let (mut of_purchases, mut of_value) = (of_customer(&purchases), of_customer(&value));
        let truth = (f64::from(customer.later_purchases), customer.later_value);
        outcome
            .purchases
            .push(randomized_rank(truth.0, &of_purchases, &mut stream));
        outcome
            .value
            .push(randomized_rank(truth.1, &of_value, &mut stream));
        outcome
            .closed
            .push(in_closed_interval(truth.0, &mut of_purchases));
        outcome
            .closed
            .push(in_closed_interval(truth.1, &mut of_value));
    }
    let total_purchases = customers
        .iter()
        .map(|customer| f64::from(customer.later_purchases))
        .sum();
    let total_value = customers.iter().map(|customer| customer.later_value).sum();
    let mut rank = |truth: f64, draws: &[f64]| {
        let totals: Vec<f64> = draws
            .chunks(N_CUSTOMERS)
            .map(|draws| draws.iter().sum())
            .collect();
        randomized_rank(truth, &totals, &mut stream)
    };
    outcome.totals = [rank(total_purchases, &purchases), rank(total_value, &value)];
    outcome.plug_in_totals = [
        rank(total_purchases, &plug_in_purchases),
        rank(total_value, &plug_in_value),
    ];
    outcome
}

/// Purchases and value, replicate by replicate, of all customers; with `joint` the parameters are drawn for each replicate.
fn draws(
    customers: &[Simulated],
    counts: &CountFit,
    spending: &GammaGammaFit,
    joint: bool,
    stream: &mut RandomStream,
) -> (Vec<f64>, Vec<f64>) {
    let (mut purchases, mut value) = (Vec::new(), Vec::new());
    for _ in 0..N_REPLICATES {
        let (model, spending) = if joint {
            (
                draw_parameters(counts, stream),
                draw_spending_parameters(spending, stream),
            )
        } else {
            (counts.model, spending.model)
        };
        for customer in customers {
            let history = customer.history;
            let drawn = model.outlook(history).draw_purchases(WEEKS, stream);
            purchases.push(f64::from(drawn));
            value.push(spending.draw_value(history.x, customer.mean, drawn, stream));
        }
    }
    (purchases, value)
}

fn share(of: impl Iterator<Item = bool>) -> f64 {
    let (mut held, mut n) = (0.0, 0.0);
    for holds in of {
        held += f64::from(u8::from(holds));
        n += 1.0;
    }
    held / n
}

fn inside(rank: f64) -> bool {
    0.1 < rank && rank < 0.9
}

#[test]
fn joint_draws_are_calibrated_for_customers_and_totals_and_plug_in_draws_are_not() {
    let outcomes: Vec<Outcome> = (0..N_SEEDS)
        .into_par_iter()
        .map(|seed| outcome(CountFamily::BgNbd, seed))
        .collect();
    let purchases: Vec<f64> = outcomes
        .iter()
        .flat_map(|outcome| outcome.purchases.clone())
        .collect();
    let value: Vec<f64> = outcomes
        .iter()
        .flat_map(|outcome| outcome.value.clone())
        .collect();
    for ranks in [purchases, value] {
        let held = share(ranks.iter().map(|&rank| inside(rank)));
        assert!((0.78..=0.82).contains(&held), "{held}");
        for bin in 0..10 {
            let share = share(ranks.iter().map(|&rank| (rank * 10.0) as usize == bin));
            assert!((share - 0.1).abs() <= 0.02, "bin {bin}: {share}");
        }
    }
    let closed = share(outcomes.iter().flat_map(|outcome| outcome.closed.clone()));
    assert!(closed >= 0.79, "{closed}");
    let mut missed = [0.0; 2];
    for (i, missed) in missed.iter_mut().enumerate() {
        let joint = share(outcomes.iter().map(|outcome| inside(outcome.totals[i])));
        let plug_in = share(
            outcomes
                .iter()
                .map(|outcome| inside(outcome.plug_in_totals[i])),
        );
        assert!((0.72..=0.88).contains(&joint), "totals {i}: {joint}");
        assert!(plug_in < joint - 0.05, "plug-in totals {i}: {plug_in}");
        *missed = 0.8 - plug_in;
    }
    // Without parameter noise the interval of the number of purchases is far too narrow; spending adds noise of its own.
    assert!(missed[0] > 0.08, "{missed:?}");
}

#[test]
fn draws_have_the_exact_distribution() {
    const N_DRAWS: usize = 100_000;
    let histories = [
        History {
            x: 0,
            t_x: 0.0,
            t: 30.0,
        },
        History {
            x: 3,
            t_x: 20.0,
            t: 38.0,
        },
        History {
            x: 26,
            t_x: 30.857,
            t: 31.0,
        },
    ];
    for family in [
        CountFamily::BgNbd,
        CountFamily::MbgNbd,
        CountFamily::ParetoNbd,
    ] {
        let mut stream = RandomStream::new(5, "draws", 0);
        for history in histories {
            let outlook = truth(family).outlook(history);
            let draws: Vec<u32> = (0..N_DRAWS)
                .map(|_| outlook.draw_purchases(WEEKS, &mut stream))
                .collect();
            for (n, expected) in (1..40).zip(outlook.purchase_distribution(WEEKS)) {
                let share =
                    draws.iter().filter(|&&drawn| drawn >= n).count() as f64 / N_DRAWS as f64;
                let error = (expected * (1.0 - expected) / N_DRAWS as f64).sqrt();
                assert!(
                    (share - expected).abs() < 5.0 * error + 1e-4,
                    "{family:?} {history:?} {n}"
                );
            }
        }
    }
}
