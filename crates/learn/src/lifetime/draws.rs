//! Joint predictive draws: the purchases and the value of a customer in the time ahead, without event times.
//!
//! ```text
//! alive ~ Bernoulli(P(alive))     λ ~ Gamma(r+x, α+T)     p ~ Beta(a, b+k)     X = min(Poisson(λ h), Geometric(p))
//! ν ~ Gamma(q + p x, γ + x m)     value ~ Gamma(p X, ν)
//! ```
//!
//! For Pareto/NBD the customer leaves at τ ~ Exponential(μ), μ ~ Gamma(s, β+T), and X ~ Poisson(λ min(h, τ)).
//!
//! A Poisson variate whose mean is a gamma variate is a negative binomial one, which needs a single uniform variate where few
//! purchases are likely. Exact, because the parameters of one customer are independent given the history and being active. Parameters of the model are
//! drawn once for all customers of a replicate, so that totals carry their uncertainty.
//!
//! Source: the posterior distributions in Fader, Hardie, Lee (2005), appendix, and Fader, Hardie (2013), section 3.

use clientela_numerics::RandomStream;
use clientela_numerics::newton::symmetric_eigen;
use libm::{exp, floor, log1p};

use super::count_fit::CountFit;
use super::gamma_gamma::{GammaGamma, GammaGammaFit};
use super::histories::History;
use super::model::CountModel;
use super::negative_binomial::NegativeBinomial;
use super::outlook::{Leaving, Outlook};

/// What one customer does in one replicate.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Drawn {
    /// Purchases in the time ahead.
    pub purchases: u32,
    /// What is spent on them.
    pub value: f64,
}

/// A draw no further than this from the estimate on the logarithmic scale: a direction that the data hardly determine must not
/// lead to parameters outside the range of doubles.
const LOG_DISTANCE_MAX: f64 = 10.0;

/// One customer in one replicate; `mean` is the mean value of the `history.x` repeat purchases (unused without any).
pub fn draw_customer(
    model: &CountModel,
    spending: &GammaGamma,
    history: History,
    mean: f64,
    weeks: f64,
    stream: &mut RandomStream,
) -> Drawn {
    let purchases = model.outlook(history).draw_purchases(weeks, stream);
    Drawn {
        purchases,
        value: spending.draw_value(history.x, mean, purchases, stream),
    }
}

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

impl Outlook {
    /// Purchases in the next `weeks`.
    pub fn draw_purchases(&self, weeks: f64, stream: &mut RandomStream) -> u32 {
        let uniform = stream.uniform();
        if uniform >= self.alive {
            return 0;
        }
        match self.leaving {
            Leaving::AfterPurchases { a, b } => {
                // Below `alive` the same uniform variate is uniform again.
                let purchases = self
                    .purchases_without_leaving(weeks)
                    .draw(uniform / self.alive, stream);
                // The first of them is made in any case.
                if purchases > 1 {
                    purchases.min(draw_geometric(stream.beta(a, b), stream))
                } else {
                    purchases
                }
            }
            Leaving::AtAnyTime { s, beta } => {
                let rate = stream.gamma(self.shape) / self.rate;
                let leaves_after = stream.exponential() / (stream.gamma(s) / beta);
                draw_poisson(rate * leaves_after.min(weeks), stream)
            }
        }
    }
}

impl NegativeBinomial {
    /// A Poisson variate with a gamma variate as its mean: by inversion of `uniform` where few purchases are likely.
    fn draw(&self, uniform: f64, stream: &mut RandomStream) -> u32 {
        const MEAN_MAX: f64 = 8.0;
        /// Beyond this rounding decides where an inversion ends.
        const NEGLIGIBLE: f64 = 1e-18;
        if self.shape * self.weeks / self.rate >= MEAN_MAX {
            let rate = stream.gamma(self.shape) / self.rate;
            return draw_poisson(rate * self.weeks, stream);
        }
        let mut below = 0.0;
        let mut counts = (0..u32::MAX).zip(self.probabilities());
        let drawn = counts.find(|(_, probability)| {
            below += probability;
            uniform < below || *probability < NEGLIGIBLE
        });
        drawn.map_or(u32::MAX, |(count, _)| count)
    }
}

impl GammaGamma {
    /// What a customer with a mean of `mean` over `x` purchases spends on `purchases` more.
    pub fn draw_value(&self, x: u32, mean: f64, purchases: u32, stream: &mut RandomStream) -> f64 {
        if purchases == 0 {
            return 0.0;
        }
        let x = f64::from(x);
        let spent = if x > 0.0 { x * mean } else { 0.0 };
        let rate = stream.gamma(self.q + self.p * x) / (self.gamma + spent);
        let value = stream.gamma(self.p * f64::from(purchases)) / rate;
        // A rate below the smallest double has a probability that no number of draws meets by chance.
        value.min(f64::MAX)
    }
}

/// Counts beyond 2³² − 1 are given as that.
fn draw_poisson(mean: f64, stream: &mut RandomStream) -> u32 {
    const MEAN_MAX: f64 = 4e9;
    stream.poisson(mean.min(MEAN_MAX)).min(u64::from(u32::MAX)) as u32
}

/// The number of the purchase after which the customer leaves: 1, 2, …
fn draw_geometric(p: f64, stream: &mut RandomStream) -> u32 {
    // `as` saturates where p is so small that the quotient is infinite.
    ((1.0 + floor(stream.exponential() / -log1p(-p))) as u32).max(1)
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
