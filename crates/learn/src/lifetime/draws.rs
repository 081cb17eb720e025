//! What is drawn once for all customers of a replicate, and what the purchases of one of them bring.
//!
//! ```text
//! ln parameters ~ Normal(estimate, covariance)     ν ~ Gamma(q + p x, γ + x m)     value ~ Gamma(p X, ν)
//! ```
//!
//! Parameters drawn once for all customers make totals carry their uncertainty. Exact beyond the normal approximation, because the
//! parameters of one customer are independent given the history and being active.
//!
//! Source: the posterior distributions in Fader, Hardie (2013), "The Gamma-Gamma Model of Monetary Value", section 3.

use clientela_numerics::RandomStream;
use clientela_numerics::newton::symmetric_eigen;
use libm::exp;

use super::count_fit::CountFit;
use super::gamma_gamma::{GammaGamma, GammaGammaFit};
use super::model::CountModel;

/// A draw no further than this from the estimate on the logarithmic scale: a direction that the data hardly determine must not
/// lead to parameters outside the range of doubles.
const LOG_DISTANCE_MAX: f64 = 10.0;

/// A count model with parameters drawn from the log-normal distribution around the estimate.
pub fn draw_parameters(fit: &CountFit, stream: &mut RandomStream) -> CountModel {
    CountModel {
        params: draw_log_normal(&fit.model.params, &fit.log_covariance, stream),
        ..fit.model
    }
}

/// A Gamma-Gamma model with parameters drawn from the log-normal distribution around the estimate.
pub fn draw_spending_parameters(fit: &GammaGammaFit, stream: &mut RandomStream) -> GammaGamma {
    let GammaGamma { p, q, gamma } = fit.model;
    let [p, q, gamma] = draw_log_normal(&[p, q, gamma], &fit.log_covariance, stream);
    GammaGamma { p, q, gamma }
}

impl GammaGamma {
    /// What a customer with a mean of `mean` over `x` purchases spends on `purchases` more.
    pub fn draw_value(&self, x: u32, mean: f64, purchases: u32, stream: &mut RandomStream) -> f64 {
        let relative = self.draw_relative_value(x, purchases, stream);
        self.value_of(x, mean, relative)
    }

    /// What `purchases` bring for each unit of γ + x m: the ratio of Gamma(p · purchases) and Gamma(q + p x) variates.
    ///
    /// It is the same for customers with the same x, whatever they spent; [`GammaGamma::value_of`] turns it into the value.
    pub fn draw_relative_value(&self, x: u32, purchases: u32, stream: &mut RandomStream) -> f64 {
        if purchases == 0 {
            return 0.0;
        }
        let spread = stream.gamma(self.q + self.p * f64::from(x));
        let spent = stream.gamma(self.p * f64::from(purchases));
        // Both are below the smallest double where their shapes are tiny.
        if spent > 0.0 { spent / spread } else { 0.0 }
    }

    /// A drawn relative value as the value of a customer with a mean of `mean` over `x` purchases, finite.
    #[must_use]
    pub fn value_of(&self, x: u32, mean: f64, relative: f64) -> f64 {
        let spent = if x > 0 { f64::from(x) * mean } else { 0.0 };
        ((self.gamma + spent) * relative).min(f64::MAX)
    }
}

fn draw_log_normal<const N: usize>(
    params: &[f64; N],
    log_covariance: &[[f64; N]; N],
    stream: &mut RandomStream,
) -> [f64; N] {
    let (values, vectors) = symmetric_eigen(*log_covariance);
    let normals: [f64; N] = std::array::from_fn(|_| stream.normal());
    std::array::from_fn(|i| {
        let distance: f64 = (0..N)
            .map(|k| vectors[i][k] * values[k].max(0.0).sqrt() * normals[k])
            .sum();
        params[i] * exp(distance.clamp(-LOG_DISTANCE_MAX, LOG_DISTANCE_MAX))
    })
}
