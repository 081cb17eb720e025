//! Intervals against the plain way: futures drawn event by event.

use clientela_learn::lifetime::{CountFamily, CountModel, History};
use clientela_numerics::{RandomStream, StopToken};

use super::super::probabilistic::history;
use super::super::report::{CountModelChoice, CountModelName};
use super::super::snapshot::Snapshot;
use super::super::testing::{base, simulated_shop};
use super::replicate::{REPLICATES, Replicate};
use super::*;

#[test]
fn ends_are_the_smallest_values_that_reach_the_tails() {
    let draws: Vec<f64> = (1..=200).map(f64::from).collect();
    for (level, lower, upper) in [(0.9, 10.0, 190.0), (0.5, 50.0, 150.0), (0.95, 5.0, 195.0)] {
        assert_eq!(
            interval(&draws, level),
            Interval { lower, upper },
            "{level}"
        );
    }
    let mut mostly_zero = vec![0.0; 190];
    mostly_zero.extend(vec![7.0; 10]);
    assert_eq!(interval(&mostly_zero, 0.9).upper, 0.0);
    assert_eq!(interval(&mostly_zero, 0.92).upper, 7.0);
    let one = Interval {
        lower: 3.0,
        upper: 3.0,
    };
    assert_eq!(interval(&[3.0], 0.8), one);
}

/// Purchases of a customer in the weeks ahead, event by event.
fn purchases(model: &CountModel, history: History, weeks: f64, stream: &mut RandomStream) -> u32 {
    if stream.uniform() >= model.probability_alive(history) {
        return 0;
    }
    let ([r, alpha, a, b], x) = (model.params, f64::from(history.x));
    let rate = stream.gamma(r + x) / (alpha + history.t);
    let (leaves, leaves_at) = match model.family {
        CountFamily::BgNbd => (stream.beta(a, b + x), f64::INFINITY),
        CountFamily::MbgNbd => (stream.beta(a, b + x + 1.0), f64::INFINITY),
        CountFamily::ParetoNbd => {
            let leaving = stream.gamma(a) / (b + history.t);
            (0.0, stream.exponential() / leaving)
        }
    };
    let mut n = 0;
    let mut now = stream.exponential() / rate;
    while now < weeks.min(leaves_at) {
        n += 1;
        if stream.uniform() < leaves {
            break;
        }
        now += stream.exponential() / rate;
    }
    n
}

/// Values of many futures of a customer, sorted: the same parameters as the intervals have, and one purchase after the other.
fn futures(
    replicates: &[Replicate],
    history: History,
    mean: f64,
    weeks: f64,
    stream: &mut RandomStream,
) -> Vec<f64> {
    const FUTURES: usize = 100;
    let x = f64::from(history.x);
    let mut values = Vec::new();
    for replicate in replicates {
        let spending = replicate.spending.expect("a value model");
        for _ in 0..FUTURES {
            let spent = spending.gamma + x * mean;
            let rate = stream.gamma(spending.q + spending.p * x) / spent;
            let n = purchases(&replicate.count, history, weeks, stream);
            values.push((0..n).map(|_| stream.gamma(spending.p) / rate).sum());
        }
    }
    values.sort_unstable_by(f64::total_cmp);
    values
}

/// Whether an end is where the distribution function reaches `probability`, within four standard errors: those of the futures, and
/// those of 200 draws of what comes if anything does, which is all that is drawn for the interval.
#[track_caller]
fn check_end(end: f64, probability: f64, futures: &[f64], zero: f64) {
    let n = futures.len() as f64;
    let below = futures.partition_point(|&value| value < end) as f64 / n;
    let reached = futures.partition_point(|&value| value <= end) as f64 / n;
    let any = 1.0 - zero;
    let within = ((probability - zero) / any).clamp(0.0, 1.0);
    let own = any * (within * (1.0 - within) / REPLICATES as f64).sqrt() + any / REPLICATES as f64;
    let tolerance = 4.0 * (own + (probability * (1.0 - probability) / n).sqrt());
    assert!(
        below <= probability + tolerance && reached >= probability - tolerance,
        "{end} at {probability}: {below} to {reached}, {zero}"
    );
}

#[test]
fn intervals_and_zeros_are_those_of_event_times() {
    const WEEKS: f64 = 26.0;
    let (table, stop) = (simulated_shop(600), StopToken::new());
    let snapshot = Snapshot::at(base(&table), base(&table).today(), &stop).unwrap();
    let n = snapshot.members().len();
    let levels = [0.5, 0.8, 0.95];
    for name in [
        CountModelName::BgNbd,
        CountModelName::MbgNbd,
        CountModelName::ParetoNbd,
    ] {
        let choice = CountModelChoice::Forced(name);
        let model = Probabilistic::fit(&snapshot, choice, true, &stop);
        let model = model.unwrap().expect("purchases");
        let request = Request {
            weeks: WEEKS,
            season: 1.0,
            scale: &vec![1.0; n],
            groups: &vec![0; n],
            levels: &levels,
            total_spread: 0.0,
            actual: None,
            n_members_max: Some(24),
            seed: 42,
        };
        let drawn = draw(&model, &request, &stop).unwrap();
        let replicates = replicates(&model, 42);
        let mut stream = RandomStream::new(1, "event times", 0);
        for (place, &member) in drawn.members.iter().enumerate() {
            let state = &snapshot.states()[member as usize];
            let mean = state.mean_repeat_value().unwrap_or(0.0);
            let history = history(&snapshot, state);
            let futures = futures(&replicates, history, mean, WEEKS, &mut stream);
            let zero = drawn.probability_zero[place];
            let share =
                futures.partition_point(|&value| value <= 0.0) as f64 / futures.len() as f64;
            let error = (zero * (1.0 - zero) / futures.len() as f64).sqrt();
            assert!((share - zero).abs() < 4.0 * error, "{share}, not {zero}");
            for (level, interval) in levels.iter().zip(&drawn.prediction[place]) {
                let tail = (1.0 - level) / 2.0;
                check_end(interval.lower, tail, &futures, zero);
                check_end(interval.upper, 1.0 - tail, &futures, zero);
            }
        }
    }
}

/// Sums over customers spread as they must if what one of them does says nothing about another, and as much as plain draws.
#[test]
fn totals_are_joint_draws_in_which_customers_do_not_depend_on_each_other() {
    const SEEDS: u64 = 12;
    let (table, stop) = (simulated_shop(400), StopToken::new());
    let snapshot = Snapshot::at(base(&table), base(&table).today(), &stop).unwrap();
    let model = Probabilistic::fit(&snapshot, CountModelChoice::Auto, true, &stop);
    let mut model = model.unwrap().expect("purchases");
    // Parameters that are known leave chance alone, which adds up customer by customer.
    model.count.fit.log_covariance = [[0.0; 4]; 4];
    let weeks = 26.0;
    let outlook = |state| model.count.fit.model.outlook(history(&snapshot, state));
    let (mut mean, mut variance) = (0.0, 0.0);
    for state in snapshot.states() {
        let outlook = outlook(state);
        let expected = outlook.expected_purchases(weeks);
        let at_least = outlook.purchase_distribution(weeks).take(400);
        // E[X²] = Σ (2n − 1) P(X ≥ n).
        let squares: f64 = (1..)
            .zip(at_least)
            .map(|(n, p)| f64::from(2 * n - 1) * p)
            .sum();
        mean += expected;
        variance += squares - expected * expected;
    }
    let n = snapshot.members().len();
    let mut totals = Vec::new();
    for seed in 0..SEEDS {
        let request = Request {
            weeks,
            season: 1.0,
            scale: &vec![1.0; n],
            groups: &vec![0; n],
            levels: &[0.8],
            total_spread: 0.0,
            actual: None,
            n_members_max: None,
            seed,
        };
        let [_, purchases] = draw(&model, &request, &stop).unwrap().all;
        totals.extend(purchases);
    }
    let n = totals.len() as f64;
    let drawn_mean = totals.iter().sum::<f64>() / n;
    let squares = totals
        .iter()
        .map(|total| (total - drawn_mean) * (total - drawn_mean));
    let drawn_variance = squares.sum::<f64>() / (n - 1.0);
    let error = (variance / n).sqrt();
    assert!(
        (drawn_mean - mean).abs() < 4.0 * error,
        "{drawn_mean}, not {mean}"
    );
    let error = (2.0 / n).sqrt();
    assert!(
        (drawn_variance / variance - 1.0).abs() < 4.0 * error,
        "{drawn_variance}, not {variance}"
    );
}
