use clientela_numerics::RandomStream;

use super::rounding::step;
use super::*;

fn cohort(rows: &[[f64; N_METRICS]]) -> Cohort {
    Cohort {
        ids: (0..rows.len()).map(|i| i.to_string()).collect(),
        columns: std::array::from_fn(|i| rows.iter().map(|row| row[i]).collect()),
    }
}

fn drawn(n: usize, stream: &mut RandomStream) -> Cohort {
    let rows: Vec<[f64; N_METRICS]> = (0..n)
        .map(|_| {
            [
                round_decimal(2_000.0 * stream.uniform(), 2),
                stream.below(12) as f64,
                round_decimal(90.0 * stream.uniform(), 2),
                stream.below(6) as f64,
                stream.below(200) as f64,
            ]
        })
        .collect();
    cohort(&rows)
}

#[test]
fn the_best_on_everything_scores_one_and_the_worst_zero() {
    let report = score(
        &cohort(&[
            [900.0, 9.0, 100.0, 5.0, 1.0],
            [100.0, 1.0, 50.0, 1.0, 101.0],
            [500.0, 5.0, 75.0, 3.0, 51.0],
        ]),
        &LoyaltyParams::default(),
    );
    let found: Vec<(f64, LoyaltyTier)> = report
        .customers
        .iter()
        .map(|customer| (customer.rounded, customer.tier))
        .collect();
    let expected = [
        (1.0, LoyaltyTier::Platinum),
        (0.0, LoyaltyTier::AtRisk),
        (0.5, LoyaltyTier::Silver),
    ];
    assert_eq!(found, expected);
    assert_eq!(
        report.customers[0].contributions,
        [2500, 3000, 1000, 1500, 2000]
    );
    assert_eq!((report.mean, report.median), (0.5, 0.5));
}

#[test]
fn a_metric_without_spread_leaves_its_weight_to_the_others() {
    let rows = [[10.0, 3.0, 1.0, 1.0, 8.0], [20.0, 3.0, 1.0, 1.0, 4.0]];
    let params = LoyaltyParams {
        weights: [1.0, 1.0, 0.0, 0.0, 3.0],
        ..LoyaltyParams::default()
    };
    let report = score(&cohort(&rows), &params);
    assert_eq!(report.without_spread, [LoyaltyMetric::VisitFrequency]);
    assert_eq!(report.weights, [Some(0.25), None, None, None, Some(0.75)]);
    assert_eq!(report.customers[1].score, 1.0);
}

#[test]
fn a_cohort_of_equals_scores_one() {
    let report = score(&cohort(&[[5.0; N_METRICS]; 2]), &LoyaltyParams::default());
    assert!(!report.is_ranked());
    assert_eq!(report.without_spread.len(), N_METRICS);
    assert!(report.customers.iter().all(|c| c.score == 1.0));
}

#[test]
fn given_ranges_make_batches_comparable() {
    let rows = [[10.0, 3.0, 1.0, 1.0, 8.0], [90.0, 3.0, 1.0, 1.0, 4.0]];
    let mut params = LoyaltyParams {
        weights: [1.0, 0.0, 0.0, 0.0, 0.0],
        ..LoyaltyParams::default()
    };
    params.ranges[0] = Some(Range {
        min: 20.0,
        max: 120.0,
    });
    let report = score(&cohort(&rows), &params);
    assert_eq!(report.customers[0].score, 0.0);
    assert_eq!(report.customers[1].score, 0.7);
    assert_eq!(report.n_outside, [1, 0, 0, 0, 0]);
}

#[test]
fn contributions_add_up_to_the_rounded_score() {
    let mut stream = RandomStream::new(1, "loyalty", 0);
    let cohort = drawn(500, &mut stream);
    for customer in score(&cohort, &LoyaltyParams::default()).customers {
        let total: u32 = customer.contributions.iter().sum();
        assert_eq!(f64::from(total) / SCORE_STEPS, customer.rounded);
    }
}

#[test]
fn every_change_lifts_its_customer_and_a_smaller_one_does_not() {
    let mut stream = RandomStream::new(2, "loyalty", 0);
    let cohort = drawn(60, &mut stream);
    let report = score(&cohort, &LoyaltyParams::default());
    let fixed = LoyaltyParams {
        ranges: report.ranges,
        ..LoyaltyParams::default()
    };
    let rounded_with = |row: usize, metric: LoyaltyMetric, value: f64| {
        let mut changed = cohort.clone();
        changed.columns[metric as usize][row] = value;
        score(&changed, &fixed).customers[row].rounded
    };
    let mut n_changes = 0;
    for (row, customer) in report.customers.iter().enumerate() {
        let Some(above) = (customer.tier as usize).checked_sub(1) else {
            assert_eq!(customer.next_tier, None);
            continue;
        };
        let threshold = report.thresholds[above];
        let changes = customer
            .next_tier
            .as_ref()
            .map_or(&[][..], |next| &next.changes);
        assert!(changes.is_sorted_by_key(|change| change.percentile_move));
        for metric in LoyaltyMetric::ALL {
            let range = report.ranges[metric as usize].expect("a weighted metric");
            let best = if metric.is_inverted() {
                range.min
            } else {
                range.max
            };
            let Some(change) = changes.iter().find(|change| change.metric == metric) else {
                assert!(
                    rounded_with(row, metric, best) < threshold,
                    "{row} {metric:?}"
                );
                continue;
            };
            n_changes += 1;
            assert!(
                rounded_with(row, metric, change.to) >= threshold,
                "{change:?}"
            );
            assert!(change.to == best || round_decimal(change.to, metric.decimals()) == change.to);
            let back = if metric.is_inverted() { 1.0 } else { -1.0 };
            // The rounding of a score forgives half of its last decimal, not a whole one.
            let weight = report.weights[metric as usize].expect("a weighted metric");
            let slack = (range.max - range.min) / (SCORE_STEPS * weight);
            let less = change.to + back * (step(metric.decimals()).max(slack) + slack);
            assert!(rounded_with(row, metric, less) < threshold, "{change:?}");
        }
    }
    assert!(n_changes > 50, "{n_changes} changes were tried");
}
