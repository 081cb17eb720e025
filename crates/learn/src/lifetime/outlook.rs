//! What a count model knows of the time ahead of one customer.
//!
//! Given the history, and that the customer is still active, the purchase rate is λ ~ Gamma(r+x, α+T), and the probability of
//! leaving p ~ Beta(a, b+k) (or, for Pareto/NBD, the rate of leaving μ ~ Gamma(s, β+T)), all independent. Everything below follows
//! from this, with N the purchases in the given weeks if nobody left:
//!
//! ```text
//! BG/NBD, MBG/NBD:  P(X ≥ n) = P(alive) · P(N ≥ n) · E[(1−p)^(n−1)]
//! Pareto/NBD:       P(X ≥ n) = P(alive) · the average of P(N(u) ≥ n) over the time u until leaving
//! ```
//!
//! Source: Fader, Hardie, Lee (2005), section 4.3 and appendix, whose equation 10 is the sum over n of the above in closed form;
//! Batislam, Denizel, Filiztekin (2007), section 2.
//! Differs from the source: the closed form divides by a − 1 and multiplies a ₂F₁ that may be huge with a factor that may be tiny;
//! here all terms are positive, so that neither a near 1 nor thousands of purchases lose digits.

use super::negative_binomial::NegativeBinomial;
use super::{leaving, pareto_nbd};
use libm::{expm1, log1p};

/// The time ahead of a customer with a known history.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outlook {
    /// Probability that the customer is still active.
    pub(super) alive: f64,
    /// r + x.
    pub(super) shape: f64,
    /// α + T.
    pub(super) rate: f64,
    pub(super) leaving: Leaving,
}

/// How an active customer will leave.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Leaving {
    /// After each purchase with probability p ~ Beta(a, b).
    AfterPurchases { a: f64, b: f64 },
    /// With a rate μ ~ Gamma(s, beta).
    AtAnyTime { s: f64, beta: f64 },
}

impl Outlook {
    /// Probability in [0, 1] that the customer is still active at the end of observation.
    #[must_use]
    pub fn probability_alive(&self) -> f64 {
        self.alive
    }

    /// Purchases to be expected in the next `weeks` ≥ 0.
    #[must_use]
    pub fn expected_purchases(&self, weeks: f64) -> f64 {
        let if_alive = match self.leaving {
            Leaving::AfterPurchases { a, b } => {
                leaving::expected_purchases(self.purchases_without_leaving(weeks), a, b)
            }
            Leaving::AtAnyTime { s, beta } => {
                pareto_nbd::expected_purchases(self.purchases_without_leaving(weeks), s, beta)
            }
        };
        self.alive * if_alive
    }

    /// Probability of no purchase in the next `weeks` ≥ 0.
    #[must_use]
    pub fn probability_zero(&self, weeks: f64) -> f64 {
        1.0 - self.probability_of_purchase(weeks)
    }

    /// P(X ≥ 1), precise also where it is tiny.
    pub(super) fn probability_of_purchase(&self, weeks: f64) -> f64 {
        self.alive * self.probability_of_purchase_if_alive(weeks)
    }

    /// P(X ≥ n) for n = 1, 2, … of the purchases X in the next `weeks`; falls to 0 without end.
    pub fn purchase_distribution(&self, weeks: f64) -> impl Iterator<Item = f64> + use<> {
        let alive = self.alive;
        let purchases = self.purchases_without_leaving(weeks);
        let (geometric, pareto) = match self.leaving {
            Leaving::AfterPurchases { a, b } => {
                (Some(leaving::distribution(purchases, a, b)), None)
            }
            Leaving::AtAnyTime { s, beta } => {
                (None, Some(pareto_nbd::distribution(purchases, s, beta)))
            }
        };
        // One of the two is empty.
        let if_alive = geometric
            .into_iter()
            .flatten()
            .chain(pareto.into_iter().flatten());
        if_alive.map(move |probability| alive * probability)
    }

    /// Weeks until the next purchase has been made with probability `quantile`; `None` where it never reaches that probability.
    ///
    /// ```text
    /// BG/NBD, MBG/NBD:  (α+T) · ((1 − quantile / P(alive))^(−1/(r+x)) − 1)
    /// Pareto/NBD:       by bisection, up to 10¹² weeks
    /// ```
    #[must_use]
    pub fn weeks_to_next_purchase(&self, quantile: f64) -> Option<f64> {
        let share = quantile / self.alive;
        if !(0.0..1.0).contains(&share) {
            return None;
        }
        let weeks = match self.leaving {
            Leaving::AfterPurchases { .. } => self.rate * expm1(-log1p(-share) / self.shape),
            Leaving::AtAnyTime { .. } => self.weeks_until(share)?,
        };
        weeks.is_finite().then_some(weeks)
    }

    /// The first time at which an active customer has bought with probability `share`, by bisection on its logarithm.
    fn weeks_until(&self, share: f64) -> Option<f64> {
        const WEEKS_MAX: f64 = 1e12;
        if share == 0.0 {
            return Some(0.0);
        }
        let reached = |weeks: f64| self.probability_of_purchase_if_alive(weeks) >= share;
        let (mut low, mut high) = (1e-12, WEEKS_MAX);
        if !reached(high) {
            return None;
        }
        for _ in 0..80 {
            let middle = (low * high).sqrt();
            if reached(middle) {
                high = middle;
            } else {
                low = middle;
            }
        }
        Some(high)
    }

    pub(super) fn purchases_without_leaving(&self, weeks: f64) -> NegativeBinomial {
        NegativeBinomial::new(self.shape, self.rate, weeks)
    }

    fn probability_of_purchase_if_alive(&self, weeks: f64) -> f64 {
        match self.leaving {
            Leaving::AfterPurchases { .. } => -expm1(-self.shape * log1p(weeks / self.rate)),
            Leaving::AtAnyTime { s, beta } => {
                let purchases = self.purchases_without_leaving(weeks);
                pareto_nbd::probability_of_purchase(purchases, s, beta)
            }
        }
    }
}
