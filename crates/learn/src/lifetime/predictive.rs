//! The predictive distribution of a figure that may be zero, from draws of what it is otherwise.
//!
//! ```text
//! F(v) = Σ over replicates r of [P_r(zero) · 1(0 ≤ v) + (1 − P_r(zero)) · 1(V_r ≤ v)] / R
//! ```
//!
//! with V_r drawn given that it is not zero for lack of a purchase. The mass at zero is known and not counted from draws, so that
//! quantiles agree with the probability of zero, and all draws serve the part that is open.
//!
//! Source: Blackwell (1947), "Conditional Expectation and Unbiased Sequential Estimation", Annals of Mathematical Statistics 18(1):
//! the mean of a conditional probability has the expectation of the share that is counted, and less spread.

/// Probabilities are sums of hundreds of terms; a quantile is reached where rounding alone is missing.
const ROUNDING: f64 = 1e-12;

/// A distribution of weighted values, one of which is zero.
#[derive(Clone, Debug, PartialEq)]
pub struct Predictive {
    /// Values with their probabilities, in ascending order; zero is always among them.
    points: Vec<(f64, f64)>,
}

impl Predictive {
    /// Of a probability of zero and of values with the rest of the probability between them.
    ///
    /// Where the rest is left out, quantiles beyond the given probability are the largest value.
    #[must_use]
    pub fn new(zero: f64, mut points: Vec<(f64, f64)>) -> Self {
        points.push((0.0, zero));
        points.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        Self { points }
    }

    /// The smallest value whose distribution function reaches `probability`.
    #[must_use]
    pub fn quantile(&self, probability: f64) -> f64 {
        let mut reached = 0.0;
        let found = self.points.iter().find(|(_, weight)| {
            reached += weight;
            reached >= probability - ROUNDING
        });
        let (value, _) = found
            .or(self.points.last())
            .expect("zero is always among them");
        // A minus sign before zero says nothing.
        value + 0.0
    }

    /// The randomized probability integral transform `P(V < value) + u · P(V = value)`: uniform in [0, 1] for a `value` from this
    /// distribution and a uniform u.
    ///
    /// Source: Czado, Gneiting, Held (2009), "Predictive Model Assessment for Count Data", Biometrics 65(4), section 2.
    #[must_use]
    pub fn transform(&self, value: f64, u: f64) -> f64 {
        let (mut below, mut equal) = (0.0, 0.0);
        for &(point, weight) in &self.points {
            if point < value {
                below += weight;
            } else if point == value {
                equal += weight;
            }
        }
        below + u * equal
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_the_smallest_values_that_reach_their_probability() {
        let equal: Vec<(f64, f64)> = (1..=200).rev().map(|i| (f64::from(i), 0.005)).collect();
        let draws = Predictive::new(0.0, equal);
        for (probability, value) in [(0.05, 10.0), (0.5, 100.0), (0.95, 190.0), (0.9501, 191.0)] {
            assert_eq!(draws.quantile(probability), value);
        }
        let mostly_zero = Predictive::new(0.95, vec![(7.0, 0.03), (-4.0, 0.02)]);
        let quantiles = [0.01, 0.02, 0.021, 0.97, 0.971, 1.0].map(|p| mostly_zero.quantile(p));
        assert_eq!(quantiles, [-4.0, -4.0, 0.0, 0.0, 7.0, 7.0]);
        assert!(Predictive::new(1.0, Vec::new()).quantile(0.5) == 0.0);
        let worthless = Predictive::new(0.5, vec![(-0.0, 0.5)]);
        assert!(worthless.quantile(0.1).is_sign_positive());
    }

    #[test]
    fn a_probable_value_has_a_transform_anywhere_within() {
        let predictive = Predictive::new(0.75, vec![(5.0, 0.25)]);
        let at_zero = [0.0, 0.5, 1.0].map(|u| predictive.transform(0.0, u));
        assert_eq!(at_zero, [0.0, 0.375, 0.75]);
        assert_eq!(predictive.transform(1.0, 0.5), 0.75);
        assert_eq!(predictive.transform(5.0, 1.0), 1.0);
        assert_eq!(
            (
                predictive.transform(-1.0, 0.5),
                predictive.transform(9.0, 0.5)
            ),
            (0.0, 1.0)
        );
    }
}
