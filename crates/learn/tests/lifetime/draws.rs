//! Draws have the distribution of the models, as it is known in closed form and as event times have it.

use clientela_learn::lifetime::{CountFamily, CountModel, History, Outlook, Predictive};
use clientela_numerics::RandomStream;

use crate::simulation::{FAMILIES, SPENDING, futures, spending_rates, truth};

const N_DRAWS: usize = 50_000;
const WEEKS: f64 = 39.0;

fn history(x: u32, t_x: f64, t: f64) -> History {
    History { x, t_x, t }
}

/// Draws, as they are and given any, have the probabilities P(X ≥ n) and the mean of the model.
fn check(outlook: &Outlook, weeks: f64, stream: &mut RandomStream, case: &str) {
    let ahead = outlook.purchases_ahead(weeks);
    let any = ahead.probability_of_any();
    assert!((1.0 - any - outlook.probability_zero(weeks)).abs() < 1e-15);
    let plain: Vec<u32> = (0..N_DRAWS).map(|_| ahead.draw(stream)).collect();
    let given_any: Vec<u32> = (0..N_DRAWS).map(|_| ahead.draw_given_any(stream)).collect();
    for (draws, any) in [(plain, 1.0), (given_any, any)] {
        let n = N_DRAWS as f64;
        for (least, at_least) in (1..40).zip(outlook.purchase_distribution(weeks)) {
            let expected = at_least / any;
            let share = draws.iter().filter(|&&drawn| drawn >= least).count() as f64 / n;
            let error = (expected * (1.0 - expected) / n).max(0.0).sqrt();
            assert!(
                (share - expected).abs() < 5.0 * error + 1e-4,
                "{case}, at least {least}: {share}, not {expected}"
            );
        }
        let mean = draws.iter().map(|&drawn| f64::from(drawn)).sum::<f64>() / n;
        let squares = draws.iter().map(|&drawn| (f64::from(drawn) - mean).powi(2));
        let error = (squares.sum::<f64>() / n / n).sqrt();
        let expected = outlook.expected_purchases(weeks) / any;
        assert!(
            (mean - expected).abs() < 5.0 * error + 1e-4,
            "{case}, mean: {mean}, not {expected}"
        );
    }
}

#[test]
fn draws_have_the_exact_distribution() {
    let histories = [
        history(0, 0.0, 0.0),
        history(0, 0.0, 30.0),
        history(3, 20.0, 38.0),
        // Hardly ever still a customer.
        history(3, 2.0, 38.0),
        history(26, 30.857, 31.0),
        history(400, 38.0, 38.5),
    ];
    for family in FAMILIES {
        let mut stream = RandomStream::new(5, "draws", 0);
        for history in histories {
            let outlook = truth(family).outlook(history);
            for weeks in [1e-6, WEEKS, 260.0] {
                let case = format!("{family:?} {history:?} {weeks}");
                check(&outlook, weeks, &mut stream, &case);
            }
        }
    }
}

#[test]
fn draws_have_the_exact_distribution_with_parameters_far_from_those_of_shops() {
    // Few with huge rates; leaving at once or never; both spans of time far apart.
    let params = [
        [1e-3, 0.05, 0.8, 2.4],
        [1e-3, 1e-4, 5.0, 0.01],
        [30.0, 900.0, 0.01, 8.0],
        [0.5, 2000.0, 40.0, 3.0],
        [2.0, 3.0, 0.05, 1e-3],
    ];
    for family in FAMILIES {
        let mut stream = RandomStream::new(6, "draws", 0);
        for params in params {
            let model = CountModel { family, params };
            for history in [history(0, 0.0, 0.1), history(2, 0.5, 3.0)] {
                let case = format!("{family:?} {params:?} {history:?}");
                check(&model.outlook(history), WEEKS, &mut stream, &case);
            }
        }
    }
}

#[test]
fn purchases_given_any_are_at_least_one_where_none_can_come() {
    for family in FAMILIES {
        let mut stream = RandomStream::new(7, "draws", 0);
        let ahead = truth(family)
            .outlook(history(2, 5.0, 9.0))
            .purchases_ahead(0.0);
        assert_eq!(ahead.probability_of_any(), 0.0);
        assert_eq!(ahead.draw(&mut stream), 0);
        assert_eq!(ahead.draw_given_any(&mut stream), 1);
    }
}

/// The share of weighted futures that hold, and its standard error.
fn weighted_share<T>(futures: &[(f64, T)], holds: impl Fn(&T) -> bool) -> (f64, f64) {
    let total: f64 = futures.iter().map(|(weight, _)| weight).sum();
    let holds = |future: &T| f64::from(u8::from(holds(future)));
    let terms = futures
        .iter()
        .map(|(weight, future)| weight * holds(future));
    let share = terms.sum::<f64>() / total;
    let squares = futures.iter().map(|(weight, future)| {
        let term = weight * (holds(future) - share);
        term * term
    });
    (share, squares.sum::<f64>().sqrt() / total)
}

/// A customer of `family` with a known history and mean value: what follows event by event, with weights.
fn events(
    family: CountFamily,
    history: History,
    mean: f64,
    stream: &mut RandomStream,
) -> Vec<(f64, (u32, f64))> {
    const N: usize = 300_000;
    let rates = spending_rates(history.x, mean, N, stream);
    let futures = futures(&truth(family), history, WEEKS, N, stream);
    let rows = futures.into_iter().zip(rates);
    rows.map(|(future, rate)| {
        let spent = (0..future.purchases).map(|_| stream.gamma(SPENDING.p) / rate);
        (future.weight, (future.purchases, spent.sum()))
    })
    .collect()
}

#[test]
fn draws_and_predictive_distributions_are_those_of_event_times() {
    let customers = [
        (history(0, 0.0, 30.0), 0.0),
        (history(1, 1.0, 39.0), 60.0),
        (history(1, 20.0, 30.0), 12.0),
        (history(4, 35.0, 38.0), 25.0),
    ];
    for family in FAMILIES {
        let mut stream = RandomStream::new(8, "events", 0);
        for (history, mean) in customers {
            let events = events(family, history, mean, &mut stream);
            let ahead = truth(family).outlook(history).purchases_ahead(WEEKS);
            let any = ahead.probability_of_any();
            let drawn: Vec<(u32, f64)> = (0..N_DRAWS)
                .map(|_| {
                    let n = ahead.draw_given_any(&mut stream);
                    (n, SPENDING.draw_value(history.x, mean, n, &mut stream))
                })
                .collect();
            let near = |given: f64, (share, error): (f64, f64), what: &str| {
                let own = any * 0.5 / (N_DRAWS as f64).sqrt();
                assert!(
                    (given - share).abs() < 5.0 * (error + own),
                    "{family:?} {history:?}, {what}: {given}, not {share}"
                );
            };
            for least in 1..8 {
                let share = drawn.iter().filter(|(n, _)| *n >= least).count() as f64;
                let expected = weighted_share(&events, |&(n, _)| n >= least);
                near(any * share / N_DRAWS as f64, expected, "purchases");
            }
            let weight = any / N_DRAWS as f64;
            let points = drawn.iter().map(|&(_, value)| (value, weight)).collect();
            let predictive = Predictive::new(1.0 - any, points);
            for value in [0.0, 5.0, 20.0, 50.0, 100.0, 400.0] {
                let reached = weighted_share(&events, |&(_, v)| v <= value);
                near(predictive.transform(value, 1.0), reached, "value");
            }
            for probability in [0.5, 0.9, 0.95, 0.99] {
                let quantile = predictive.quantile(probability);
                let below = weighted_share(&events, |&(_, v)| v < quantile);
                let reached = weighted_share(&events, |&(_, v)| v <= quantile);
                let tolerance = |(_, error): (f64, f64)| 5.0 * (error + any * 0.002);
                assert!(below.0 <= probability + tolerance(below));
                assert!(reached.0 >= probability - tolerance(reached));
            }
        }
    }
}
