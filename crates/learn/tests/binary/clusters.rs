//! Several rows of one customer: intervals by what they are worth.

use clientela_learn::metrics::binary::{Interval, RankedOutcomes};
use clientela_numerics::{RandomStream, StopToken};

use crate::data::{assert_close, at, shuffled};

const LEVEL: f64 = 0.95;

/// Customers seen on several dates.
struct Seen {
    scores: Vec<f64>,
    outcomes: Vec<bool>,
    customers: Vec<u32>,
}

impl Seen {
    fn ranked(&self) -> RankedOutcomes {
        RankedOutcomes::clustered(&self.scores, &self.outcomes, &self.customers)
    }

    /// Customers who each keep one score, and a rate of their own that has nothing to do with it.
    fn persistent_noise(n_customers: u32, n_dates: u32, seed: u64) -> Self {
        let mut stream = RandomStream::new(seed, "persistent noise", 0);
        Self::of(n_customers, n_dates, |_| {
            let (score, rate) = (
                stream.normal(),
                1.0 / (1.0 + (-2.5 * stream.normal()).exp()),
            );
            let outcomes = (0..n_dates).map(|_| stream.uniform() < rate);
            outcomes.map(|churned| (score, churned)).collect()
        })
    }

    /// Customers whose rows follow forecasts that are exactly right, but who often decide once for all their dates.
    fn honest(n_customers: u32, n_dates: u32, seed: u64) -> Self {
        let mut stream = RandomStream::new(seed, "honest", 0);
        Self::of(n_customers, n_dates, |_| {
            let (center, common) = (stream.uniform(), stream.uniform());
            let mut row = || {
                let p = 0.05 + 0.8 * center + 0.1 * stream.uniform();
                let own = stream.uniform();
                let drawn = if stream.uniform() < 0.8 { common } else { own };
                (p, drawn < p)
            };
            (0..n_dates).map(|_| row()).collect()
        })
    }

    fn of(n_customers: u32, n_dates: u32, mut rows: impl FnMut(u32) -> Vec<(f64, bool)>) -> Self {
        let of_customers: Vec<(f64, bool)> = (0..n_customers).flat_map(&mut rows).collect();
        Self {
            scores: of_customers.iter().map(|row| row.0).collect(),
            outcomes: of_customers.iter().map(|row| row.1).collect(),
            customers: (0..n_customers * n_dates)
                .map(|row| row / n_dates)
                .collect(),
        }
    }
}

/// Obuchowski's variance by its definition: every positive against every negative, cluster by cluster.
fn slowly(seen: &Seen) -> f64 {
    let rows = || 0..seen.scores.len();
    let of = |class: bool| rows().filter(move |&row| seen.outcomes[row] == class);
    let wins = |x: usize, y: usize| {
        let (x, y) = (seen.scores[x], seen.scores[y]);
        f64::from(u8::from(x > y)) + 0.5 * f64::from(u8::from(x == y))
    };
    let (n1, n0) = (of(true).count() as f64, of(false).count() as f64);
    let v10 = |x: usize| of(false).map(|y| wins(x, y)).sum::<f64>() / n0;
    let v01 = |y: usize| of(true).map(|x| wins(x, y)).sum::<f64>() / n1;
    let area = of(true).map(v10).sum::<f64>() / n1;
    let n_customers = seen.customers.iter().max().expect("customers") + 1;
    let sums = |class: bool, value: &dyn Fn(usize) -> f64| -> Vec<Option<f64>> {
        let of_customer = |customer: u32| {
            let own = of(class).filter(move |&row| seen.customers[row] == customer);
            let values: Vec<f64> = own.map(|row| value(row) - area).collect();
            (!values.is_empty()).then(|| values.iter().sum())
        };
        (0..n_customers).map(of_customer).collect()
    };
    let (d, g) = (sums(true, &v10), sums(false, &v01));
    let share = |sums: &[Option<f64>], n: f64| {
        let present: Vec<f64> = sums.iter().flatten().copied().collect();
        let count = present.len() as f64;
        count / (count - 1.0) * present.iter().map(|s| s * s).sum::<f64>() / (n * n)
    };
    let both: f64 = d
        .iter()
        .zip(&g)
        .map(|(d, g)| d.unwrap_or(0.0) * g.unwrap_or(0.0))
        .sum();
    let count = f64::from(n_customers);
    share(&d, n1) + share(&g, n0) + 2.0 * count / (count - 1.0) * both / (n1 * n0)
}

#[test]
fn the_error_of_the_area_is_that_of_obuchowski_1997() {
    for seed in 0..20 {
        let mut seen = Seen::persistent_noise(15, 6, seed);
        let mut stream = RandomStream::new(seed, "rounding", 0);
        for (score, churned) in seen.scores.iter_mut().zip(&seen.outcomes) {
            // Some rows of a customer differ, many scores are equal, and they tell something.
            let lift = f64::from(u8::from(*churned));
            *score = (2.0 * *score + stream.normal() + lift).round();
        }
        // Unequal numbers of rows.
        seen.scores.truncate(83);
        seen.outcomes.truncate(83);
        seen.customers.truncate(83);
        let given = seen.ranked().roc_auc_interval(LEVEL).expect("both classes");
        let error = given.standard_error.expect("customers of both classes");
        assert_close(error * error, slowly(&seen), 1e-12, "variance");
    }
}

#[test]
fn customers_of_one_row_change_not_a_bit() {
    let seen = Seen::honest(400, 1, 1);
    let plain = RankedOutcomes::new(&seen.scores, &seen.outcomes);
    assert_eq!(seen.ranked(), plain);
}

#[test]
fn the_order_of_the_rows_changes_not_a_bit() {
    let seen = Seen::honest(60, 5, 2);
    let order = shuffled(300, 3);
    let other = RankedOutcomes::clustered(
        &at(&seen.scores, &order),
        &at(&seen.outcomes, &order),
        &at(&seen.customers, &order),
    );
    assert_eq!(seen.ranked(), other);
}

#[test]
fn rows_sent_twice_leave_the_area_as_sure_as_it_was() {
    let once = Seen::honest(150, 1, 4);
    let twice: Vec<usize> = (0..300).map(|row| row / 2).collect();
    let scores = at(&once.scores, &twice);
    let (outcomes, customers) = (at(&once.outcomes, &twice), at(&once.customers, &twice));
    let twice = RankedOutcomes::clustered(&scores, &outcomes, &customers);
    let once = once.ranked();
    let area = |ranked: &RankedOutcomes| ranked.roc_auc_interval(LEVEL).expect("both classes");
    assert_close(area(&twice).lower, area(&once).lower, 1e-12, "area");
    let same = |given: Option<Interval>, expected: Option<Interval>| {
        let [given, expected] = [given, expected].map(|ends| ends.expect("rows"));
        // n / (n − 1) of customers against that of rows.
        assert!(
            (given.lower - expected.lower).abs() < 2e-3,
            "{given:?} {expected:?}"
        );
        assert!(
            (given.upper - expected.upper).abs() < 2e-3,
            "{given:?} {expected:?}"
        );
    };
    same(
        twice.average_precision_interval(LEVEL),
        once.average_precision_interval(LEVEL),
    );
    same(
        twice.base_rate_interval(LEVEL),
        once.base_rate_interval(LEVEL),
    );
    let [given, expected] = [&twice, &once].map(|ranked| ranked.decisions(0.5));
    same(
        given.accuracy_interval(LEVEL),
        expected.accuracy_interval(LEVEL),
    );
    same(given.f1_interval(LEVEL), expected.f1_interval(LEVEL));
    let [given, expected] = [&twice, &once].map(|ranked| ranked.reliability(5, LEVEL));
    for (given, expected) in given.iter().zip(&expected) {
        assert!(
            (given.lower - expected.lower).abs() < 0.01,
            "{given:?} {expected:?}"
        );
    }
}

#[test]
fn outcomes_that_persist_do_not_make_noise_significant() {
    let (mut held, mut held_by_rows, mut above) = (0, 0, 0);
    for seed in 0..400 {
        let seen = Seen::persistent_noise(40, 12, seed);
        let given = seen.ranked().roc_auc_interval(LEVEL).expect("both classes");
        held += usize::from(given.lower <= 0.5 && 0.5 <= given.upper);
        above += usize::from(given.lower > 0.5);
        let plain = RankedOutcomes::new(&seen.scores, &seen.outcomes);
        let plain = plain.roc_auc_interval(LEVEL).expect("both classes");
        held_by_rows += usize::from(plain.lower <= 0.5 && 0.5 <= plain.upper);
    }
    // 95 % of 400 within three standard errors; counted by rows it is little more than half.
    assert!((367..=393).contains(&held), "{held} of 400, {above} above");
    assert!(held_by_rows < 280, "{held_by_rows} of 400");
}

#[test]
fn intervals_of_shares_hold_the_truth_as_often_as_they_say() {
    let (mut accuracy, mut rate, mut precision) = (0, 0, 0);
    let truth = Seen::honest(40_000, 6, 1000).ranked();
    let true_rate = truth.base_rate().expect("rows");
    let true_accuracy = truth.decisions(0.5).accuracy().expect("rows");
    let true_precision = truth.average_precision().expect("positives");
    let holds = |ends: Option<Interval>, truth: f64| {
        let ends = ends.expect("rows");
        usize::from(ends.lower <= truth && truth <= ends.upper)
    };
    for seed in 0..400 {
        let ranked = Seen::honest(80, 6, seed).ranked();
        rate += holds(ranked.base_rate_interval(LEVEL), true_rate);
        accuracy += holds(
            ranked.decisions(0.5).accuracy_interval(LEVEL),
            true_accuracy,
        );
        precision += holds(ranked.average_precision_interval(LEVEL), true_precision);
    }
    for (held, what) in [(rate, "rate"), (accuracy, "accuracy")] {
        assert!((367..=393).contains(&held), "{what}: {held} of 400");
    }
    // The interval of average precision is wide by its making.
    assert!(precision >= 367, "average precision: {precision} of 400");
}

#[test]
fn what_chance_gives_a_calibrated_model_is_what_customers_of_many_rows_show() {
    let (mut shown, mut expected, mut by_rows) = (0.0, 0.0, 0.0);
    let stop = StopToken::new();
    for seed in 0..200 {
        let seen = Seen::honest(200, 6, seed);
        let plain = RankedOutcomes::new(&seen.scores, &seen.outcomes);
        let ranked = seen.ranked();
        shown += ranked.expected_calibration_error(10).expect("rows");
        let by_chance = |ranked: &RankedOutcomes| {
            let drawn = ranked.expected_calibration_error_by_chance(10, 50, seed, &stop);
            drawn.expect("not stopped").expect("rows")
        };
        expected += by_chance(&ranked);
        by_rows += by_chance(&plain);
    }
    assert!(
        (expected / shown - 1.0).abs() < 0.06,
        "{expected} for {shown}"
    );
    assert!(by_rows < 0.7 * shown, "{by_rows} for {shown}");
}

#[test]
fn one_customer_of_a_class_has_no_error() {
    let scores = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6];
    let outcomes = [false, false, true, true, true, true];
    let given = RankedOutcomes::clustered(&scores, &outcomes, &[0, 1, 2, 2, 2, 2]);
    let area = given.roc_auc_interval(LEVEL).expect("both classes");
    assert_eq!((area.area, area.standard_error), (1.0, None));
    // One pair of customers, won.
    assert!((area.lower - 0.025).abs() < 1e-12);
    let precision = given.average_precision_interval(LEVEL).expect("positives");
    assert!((precision.lower - 0.025).abs() < 1e-12);
}
