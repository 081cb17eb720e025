//! What few labelled customers allow to say: their model is mixed with the formula, and no probability is more certain than the
//! customers are many.
//!
//! Customers are counted and not their rows: a dozen dates of one customer tell of one customer.

use clientela_learn::calibration::{log_odds, probability};
use serde::{Deserialize, Serialize};

use super::heuristic::Heuristic;

/// Customers of the rarer class from which on the model stands alone.
pub const CUSTOMERS_OF_RARER_CLASS: usize = 20;

/// From a calibrated probability p̂ to the one that is served.
///
/// ```text
/// p = w h + (1 − w) p̂      w = max(0, 1 − n / 20),  n = min(n₁, n₀)
/// 1 / (n₀ + 2) ≤ p ≤ 1 − 1 / (n₁ + 2)
/// ```
///
/// n₁ customers have a labelled row that churned, n₀ one that did not. Where so few customers have so many rows that the
/// smoothed rate of the rows lies beyond a bound, the rate is the bound.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Adjustment {
    /// w, in [0, 1].
    pub weight_of_heuristic: f64,
    /// The formula h, its mean over labelled rows being their smoothed rate, (churned + 1) / (rows + 2).
    pub heuristic: Heuristic,
    /// The lowest probability that is served.
    pub lowest: f64,
    /// The highest.
    pub highest: f64,
}

impl Adjustment {
    /// For `n_churned` of the labelled rows, whose formula says `heuristic_log_odds`, and so many customers of each class.
    pub(super) fn of(
        n_churned: usize,
        [churners, others]: [usize; 2],
        heuristic: &Heuristic,
        heuristic_log_odds: &[f64],
    ) -> Self {
        let (n1, n0) = (churners as f64, others as f64);
        let rarer = churners.min(others) as f64;
        let mean = (n_churned as f64 + 1.0) / (heuristic_log_odds.len() as f64 + 2.0);
        Self {
            weight_of_heuristic: (1.0 - rarer / CUSTOMERS_OF_RARER_CLASS as f64).max(0.0),
            heuristic: heuristic.moved_to(heuristic_log_odds, mean),
            lowest: (1.0 / (n0 + 2.0)).min(mean),
            highest: (1.0 - 1.0 / (n1 + 2.0)).max(mean),
        }
    }

    /// Customers of the rarer class where they are too few for the model to stand alone.
    #[must_use]
    pub fn few_customers(&self) -> Option<usize> {
        let w = self.weight_of_heuristic;
        let n = (CUSTOMERS_OF_RARER_CLASS as f64 * (1.0 - w)).round();
        (w > 0.0).then_some(n as usize)
    }

    /// Log-odds of the served probability, from calibrated log-odds and those of the (moved) formula.
    ///
    /// Where neither the formula nor a bound changes anything, the calibrated log-odds to the last bit.
    #[must_use]
    pub fn log_odds(&self, calibrated: f64, heuristic: f64) -> f64 {
        let w = self.weight_of_heuristic;
        let mixed = if w > 0.0 {
            log_odds(w * probability(heuristic) + (1.0 - w) * probability(calibrated))
        } else {
            calibrated
        };
        mixed.clamp(log_odds(self.lowest), log_odds(self.highest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEURISTIC: Heuristic = Heuristic {
        intercept: -2.0,
        stand_ins: [365.0, 1.0, 0.0, 0.0, 0.0],
    };

    fn adjustment(n_churned: usize, n_others: usize) -> Adjustment {
        let log_odds = vec![-2.0; n_churned + n_others];
        Adjustment::of(n_churned, [n_churned, n_others], &HEURISTIC, &log_odds)
    }

    #[test]
    fn twelve_dates_of_a_customer_are_one_customer() {
        // Thirty customers, a dozen rows each; nine of them churned, all of them stayed at first.
        let many = Adjustment::of(9, [9, 30], &HEURISTIC, &[-2.0; 360]);
        assert_eq!(many.few_customers(), Some(9));
        assert_eq!(
            (many.weight_of_heuristic, many.highest),
            (1.0 - 9.0 / 20.0, 1.0 - 1.0 / 11.0)
        );
        // The rate of the rows is below one in 32 customers.
        assert_eq!(many.lowest, 10.0 / 362.0);
        let moved = probability(-2.0 + (many.heuristic.intercept - HEURISTIC.intercept));
        assert!((moved - 10.0 / 362.0).abs() < 1e-9, "{moved}");
        for n in 1..20 {
            assert_eq!(adjustment(n, 40).few_customers(), Some(n));
        }
        assert_eq!(adjustment(20, 40).few_customers(), None);
    }

    #[test]
    fn below_twenty_rows_the_formula_has_its_share() {
        let few = adjustment(5, 300);
        assert_eq!(few.weight_of_heuristic, 0.75);
        let p = probability(few.log_odds(log_odds(0.4), log_odds(0.1)));
        assert!((p - (0.75 * 0.1 + 0.25 * 0.4)).abs() < 1e-15, "{p}");
        assert_eq!(adjustment(20, 300).weight_of_heuristic, 0.0);
        assert_eq!(adjustment(300, 20).log_odds(0.3, -5.0), 0.3);
    }

    #[test]
    fn no_probability_is_more_certain_than_the_rows() {
        let served = |n1, n0, log_odds| {
            let adjustment = adjustment(n1, n0);
            probability(adjustment.log_odds(log_odds, adjustment.heuristic.intercept))
        };
        assert!((served(40, 98, -60.0) - 0.01).abs() < 1e-12);
        assert!((served(40, 98, 60.0) - (1.0 - 1.0 / 42.0)).abs() < 1e-12);
        // Two of four: whatever the model says, between 1/4 and 3/4.
        assert!((0.25..=0.75).contains(&served(2, 2, 50.0)));
    }

    #[test]
    fn the_formula_is_moved_to_the_rate_of_the_rows() {
        let moved = adjustment(5, 13).heuristic;
        let p = probability(-2.0 + (moved.intercept - HEURISTIC.intercept));
        assert!((p - 6.0 / 20.0).abs() < 1e-9, "{p}");
    }
}
