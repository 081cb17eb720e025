use clientela_learn::metrics::binary::RankedOutcomes;
use clientela_numerics::RandomStream;

use crate::data::assert_close;

/// Albumin, total protein, Krebs–Goplerud score, and whether surgery helped (DeLong et al. 1988).
const PATIENTS: [[f64; 4]; 43] = [
    [3.0, 5.8, 10.0, 0.0],
    [3.2, 6.3, 5.0, 1.0],
    [3.9, 6.8, 3.0, 1.0],
    [2.8, 4.8, 6.0, 0.0],
    [3.2, 5.8, 3.0, 1.0],
    [0.9, 4.0, 5.0, 0.0],
    [2.5, 5.7, 8.0, 0.0],
    [1.6, 5.6, 5.0, 1.0],
    [3.8, 5.7, 5.0, 1.0],
    [3.7, 6.7, 6.0, 1.0],
    [3.2, 5.4, 4.0, 1.0],
    [3.8, 6.6, 6.0, 1.0],
    [4.1, 6.6, 5.0, 1.0],
    [3.6, 5.7, 5.0, 1.0],
    [4.3, 7.0, 4.0, 1.0],
    [3.6, 6.7, 4.0, 0.0],
    [2.3, 4.4, 6.0, 1.0],
    [4.2, 7.6, 4.0, 0.0],
    [4.0, 6.6, 6.0, 0.0],
    [3.5, 5.8, 6.0, 1.0],
    [3.8, 6.8, 7.0, 1.0],
    [3.0, 4.7, 8.0, 0.0],
    [4.5, 7.4, 5.0, 1.0],
    [3.7, 7.4, 5.0, 1.0],
    [3.1, 6.6, 6.0, 1.0],
    [4.1, 8.2, 6.0, 1.0],
    [4.3, 7.0, 5.0, 1.0],
    [4.3, 6.5, 4.0, 1.0],
    [3.2, 5.1, 5.0, 1.0],
    [2.6, 4.7, 6.0, 1.0],
    [3.3, 6.8, 6.0, 0.0],
    [1.7, 4.0, 7.0, 0.0],
    [3.7, 6.1, 5.0, 1.0],
    [3.3, 6.3, 7.0, 1.0],
    [4.2, 7.7, 6.0, 1.0],
    [3.5, 6.2, 5.0, 1.0],
    [2.9, 5.7, 9.0, 0.0],
    [2.1, 4.8, 7.0, 1.0],
    [2.8, 6.2, 8.0, 0.0],
    [4.0, 7.0, 7.0, 1.0],
    [3.3, 5.7, 6.0, 1.0],
    [3.7, 6.9, 5.0, 1.0],
    [3.6, 6.6, 5.0, 1.0],
];

#[test]
fn areas_and_errors_match_the_example_of_delong_1988() {
    let outcomes: Vec<bool> = PATIENTS.iter().map(|patient| patient[3] == 1.0).collect();
    // The lower the Krebs–Goplerud score the better.
    for (column, sign, area, error, wald) in [
        (0, 1.0, 0.7366, 0.0927, [0.5549, 0.9182]),
        (1, 1.0, 0.6478, 0.1000, [0.4518, 0.8439]),
        (2, -1.0, 0.7258, 0.1028, [0.5243, 0.9273]),
    ] {
        let scores: Vec<f64> = PATIENTS
            .iter()
            .map(|patient| sign * patient[column])
            .collect();
        let given = RankedOutcomes::new(&scores, &outcomes)
            .roc_auc_interval(0.95)
            .expect("both classes");
        let given_error = given.standard_error.expect("rows of both classes");
        assert!((given.area - area).abs() < 5e-5 && (given_error - error).abs() < 5e-5);
        let half = 1.959_964 * given_error;
        assert!(
            (given.area - half - wald[0]).abs() < 5e-5
                && (given.area + half - wald[1]).abs() < 5e-5
        );
        // On the scale of log-odds it is a little lower, as the area is above one half.
        assert!(given.lower < wald[0] && given.upper < wald[1] && given.lower > wald[0] - 0.05);
    }
}

/// The definition: every positive against every negative.
fn slowly(scores: &[f64], outcomes: &[bool]) -> (f64, f64) {
    let of = |class: bool| -> Vec<f64> {
        let rows = scores.iter().zip(outcomes).filter(|row| *row.1 == class);
        rows.map(|row| *row.0).collect()
    };
    let (positives, negatives) = (of(true), of(false));
    let wins = |x: f64, y: f64| {
        if x > y {
            1.0
        } else if x == y {
            0.5
        } else {
            0.0
        }
    };
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let variance = |values: &[f64]| {
        let center = mean(values);
        values
            .iter()
            .map(|v| (v - center) * (v - center))
            .sum::<f64>()
            / (values.len() - 1) as f64
    };
    let v10: Vec<f64> = positives
        .iter()
        .map(|&x| mean(&negatives.iter().map(|&y| wins(x, y)).collect::<Vec<f64>>()))
        .collect();
    let v01: Vec<f64> = negatives
        .iter()
        .map(|&y| mean(&positives.iter().map(|&x| wins(x, y)).collect::<Vec<f64>>()))
        .collect();
    let square = variance(&v10) / v10.len() as f64 + variance(&v01) / v01.len() as f64;
    (mean(&v10), square.sqrt())
}

#[test]
fn the_fast_form_equals_the_definition() {
    let mut stream = RandomStream::new(1, "delong", 0);
    for (n, n_values) in [(6, 3), (50, 7), (200, 1000), (300, 2)] {
        let outcomes: Vec<bool> = (0..n).map(|i| i % 3 == 0).collect();
        let scores: Vec<f64> = outcomes
            .iter()
            .map(|&y| (stream.below(n_values) + u64::from(y)) as f64)
            .collect();
        let (area, error) = slowly(&scores, &outcomes);
        let given = RankedOutcomes::new(&scores, &outcomes)
            .roc_auc_interval(0.9)
            .expect("both");
        assert_close(given.area, area, 1e-13, "area");
        assert_close(given.standard_error.expect("rows"), error, 1e-13, "error");
        assert!(given.lower < area && area < given.upper);
    }
}

#[test]
fn intervals_hold_the_true_area_as_often_as_they_say() {
    // Two normal scores a standard deviation apart: Φ(1/√2) = 0.7602.
    const AREA: f64 = 0.760_249_938_906_523;
    for (n, positives) in [(60, 20), (300, 30), (2000, 1000)] {
        let mut held = 0;
        for seed in 0..1000 {
            let mut stream = RandomStream::new(seed, "coverage", n as u64);
            let outcomes: Vec<bool> = (0..n).map(|i| i < positives).collect();
            let scores: Vec<f64> = outcomes
                .iter()
                .map(|&y| stream.normal() + f64::from(u8::from(y)))
                .collect();
            let given = RankedOutcomes::new(&scores, &outcomes)
                .roc_auc_interval(0.95)
                .expect("both");
            held += usize::from(given.lower <= AREA && AREA <= given.upper);
        }
        assert!((930..=970).contains(&held), "{n}: {held} of 1000");
    }
}
