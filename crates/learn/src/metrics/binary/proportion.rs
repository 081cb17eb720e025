//! Intervals of a share.

use clientela_numerics::special::{incomplete_beta, normal_quantile};
use serde::{Deserialize, Serialize};

/// Two ends of a confidence interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// The lower end.
    pub lower: f64,
    /// The upper end.
    pub upper: f64,
}

/// Half of the width of a standard normal interval: 1.96 for a level of 0.95.
pub(super) fn normal_deviate(level: f64) -> f64 {
    assert!(level > 0.0 && level < 1.0, "a level between 0 and 1");
    normal_quantile(0.5 + 0.5 * level)
}

/// Wilson's interval of a share: never empty, within [0, 1], also where none or all succeed.
///
/// ```text
/// (p + z²/2n ± z √(p(1−p)/n + z²/4n²)) / (1 + z²/n)      p = successes / trials
/// ```
///
/// `successes` from 0 to `trials`, which may be fractions; `level` in (0, 1). `None` without trials.
///
/// Source: Wilson (1927), "Probable Inference, the Law of Succession, and Statistical Inference", JASA 22(158), 209–212.
#[must_use]
pub fn wilson_interval(successes: f64, trials: f64, level: f64) -> Option<Interval> {
    if trials <= 0.0 {
        return None;
    }
    let z = normal_deviate(level);
    let (share, square) = (successes / trials, z * z / trials);
    let center = share + 0.5 * square;
    let spread = z * (share * (1.0 - share) / trials + 0.25 * square / trials).sqrt();
    // At the ends the bound is 0 or 1, which rounding may miss.
    let lower = if successes > 0.0 {
        (center - spread) / (1.0 + square)
    } else {
        0.0
    };
    let upper = if successes < trials {
        (center + spread) / (1.0 + square)
    } else {
        1.0
    };
    Some(Interval {
        lower: lower.max(0.0),
        upper: upper.min(1.0),
    })
}

/// The exact interval of a share: at least `level` of such intervals hold the true share.
///
/// The lower end is the share at which so many successes or more have the probability (1 − level) / 2, the upper that at which
/// so few or fewer have it. `successes` may be a fraction, where the beta function interpolates. `None` without trials.
///
/// Source: Clopper, Pearson (1934), "The Use of Confidence or Fiducial Limits Illustrated in the Case of the Binomial",
/// Biometrika 26(4), 404–413.
#[must_use]
pub fn clopper_pearson_interval(successes: f64, trials: f64, level: f64) -> Option<Interval> {
    if trials <= 0.0 {
        return None;
    }
    let tail = 0.5 * (1.0 - level);
    let failures = trials - successes;
    let lower = if successes > 0.0 {
        share_where(|share| incomplete_beta(successes, failures + 1.0, share) < tail)
    } else {
        0.0
    };
    let upper = if failures > 0.0 {
        share_where(|share| incomplete_beta(successes + 1.0, failures, share) < 1.0 - tail)
    } else {
        1.0
    };
    Some(Interval { lower, upper })
}

/// The share up to which `below` holds, by halving [0, 1] to the last bits.
fn share_where(below: impl Fn(f64) -> bool) -> f64 {
    const HALVINGS: u32 = 60;
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..HALVINGS {
        let middle = 0.5 * (low + high);
        if below(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(given: Option<Interval>, lower: f64, upper: f64) {
        let given = given.expect("trials");
        assert!(
            (given.lower - lower).abs() < 5e-5 && (given.upper - upper).abs() < 5e-5,
            "{given:?}"
        );
    }

    #[test]
    fn wilson_intervals_match_newcombe_1998() {
        // Newcombe (1998), Statistics in Medicine 17, 857–872, table I, method 3.
        check(wilson_interval(81.0, 263.0, 0.95), 0.2553, 0.3662);
        check(wilson_interval(15.0, 148.0, 0.95), 0.0624, 0.1605);
        check(wilson_interval(0.0, 20.0, 0.95), 0.0, 0.1611);
        check(wilson_interval(1.0, 29.0, 0.95), 0.0061, 0.1718);
    }

    #[test]
    fn exact_intervals_match_newcombe_1998() {
        // The same table, method 5.
        check(clopper_pearson_interval(81.0, 263.0, 0.95), 0.2527, 0.3676);
        check(clopper_pearson_interval(15.0, 148.0, 0.95), 0.0578, 0.1617);
        check(clopper_pearson_interval(0.0, 20.0, 0.95), 0.0, 0.1684);
        check(clopper_pearson_interval(1.0, 29.0, 0.95), 0.0009, 0.1776);
    }

    #[test]
    fn both_intervals_are_mirrored_by_failures() {
        for (successes, trials) in [(0.0, 7.0), (2.5, 7.0), (7.0, 7.0)] {
            for interval in [wilson_interval, clopper_pearson_interval] {
                let given = interval(successes, trials, 0.9).expect("trials");
                let mirrored = interval(trials - successes, trials, 0.9).expect("trials");
                assert!((given.lower - (1.0 - mirrored.upper)).abs() < 1e-12);
                assert!(given.lower < given.upper);
            }
        }
    }

    #[test]
    fn without_trials_there_is_no_interval() {
        assert_eq!(wilson_interval(0.0, 0.0, 0.95), None);
        assert_eq!(clopper_pearson_interval(0.0, 0.0, 0.95), None);
    }
}
