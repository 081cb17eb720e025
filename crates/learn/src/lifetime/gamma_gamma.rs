//! Gamma-Gamma: how much a customer spends on a purchase.
//!
//! Spend on one purchase ~ Gamma(p, ν), ν ~ Gamma(q, γ) over customers, independent of how often they buy.
//!
//! Source: Fader, Hardie (2013), "The Gamma-Gamma Model of Monetary Value", note, brucehardie.com/notes/025, equation 1a;
//! Fader, Hardie, Lee (2005), "RFM and CLV: Using Iso-Value Curves for Customer Base Analysis", Journal of Marketing Research
//! 42(4), 415–430.
//! Differs from the source: amounts are divided by their mean for the fit, so that cents and billions fit alike.

use std::ops::Range;

use clientela_numerics::gamma::{digamma, digamma_difference, trigamma, trigamma_difference};
use clientela_numerics::logarithm::logarithms;
use clientela_numerics::newton::{Bounds, Evaluation};
use clientela_numerics::{StopToken, Stopped};
use libm::{lgamma, log};
use rayon::prelude::*;

use super::estimate::{Likelihood, LogNormalPriors, NotIdentified, estimate};
use crate::FitError;
use crate::blocks::BLOCK;

/// The Gamma-Gamma model with its parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GammaGamma {
    /// Shape of the spend on one purchase.
    pub p: f64,
    /// Shape of the rates over customers.
    pub q: f64,
    /// Scale of the rates over customers, in the unit of the amounts (v in parts of the literature).
    pub gamma: f64,
}

/// A Gamma-Gamma model fitted to the spend of repeat buyers.
#[derive(Clone, Debug, PartialEq)]
pub struct GammaGammaFit {
    /// The model at the estimate.
    pub model: GammaGamma,
    /// Of the data alone, also where priors took part.
    pub log_likelihood: f64,
    /// Of p, q, γ, from the observed information (with priors: from the curvature of the posterior).
    pub standard_errors: [f64; 3],
    /// Covariance of the logarithms of p, q, γ.
    pub log_covariance: [[f64; 3]; 3],
    /// Whether the data alone determine the parameters.
    pub identified: bool,
    /// Why not; `None` where they do.
    pub why_not: Option<NotIdentified>,
    /// Customers the model was fitted on.
    pub n_customers: usize,
    /// Length of the gradient for the log parameters that are not held at a bound, divided by the number of customers.
    pub gradient_norm_per_customer: f64,
    /// Newton steps taken.
    pub iterations: u32,
}

/// Repeat purchases of one customer and the mean spend on one of them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spending {
    /// Purchases the mean is taken over, at least 1.
    pub x: u32,
    /// Mean spend on a purchase, above 0.
    pub mean: f64,
}

impl GammaGamma {
    /// Mean spend on a purchase to be expected of a customer with a mean of `mean` over `x` purchases.
    ///
    /// ```text
    /// E(M | x, m) = p (γ + x m) / (p x + q − 1)
    /// ```
    ///
    /// With `x` = 0 it is the population's mean, and `mean` does not matter. `None` where no mean exists: p x + q ≤ 1.
    ///
    /// Source: Fader, Hardie (2013), equation 5.
    #[must_use]
    pub fn expected_mean(&self, x: u32, mean: f64) -> Option<f64> {
        let x = f64::from(x);
        let spent = if x > 0.0 { x * mean } else { 0.0 };
        let shape = self.p * x + self.q;
        (shape > 1.0).then(|| self.p * (self.gamma + spent) / (shape - 1.0))
    }
}

/// Fits the Gamma-Gamma model by maximum likelihood.
///
/// Where the likelihood has no inner maximum, or where `priors` (on p, q, γ) are given, the parameters are the mode of the
/// posterior and `identified` is false; the priors for the former are p 2, q 3, γ such that the model's mean is that of the
/// data, each with a standard deviation of 1.5 on its logarithm.
///
/// # Errors
/// [`FitError::TooFewSamples`] without customers, [`FitError::Degenerate`] where a count is 0 or a mean not positive and finite,
/// [`FitError::Stopped`] when the stop token is set.
pub fn fit_spending(
    customers: &[Spending],
    priors: Option<&LogNormalPriors<3>>,
    stop: &StopToken,
) -> Result<GammaGammaFit, FitError> {
    let n = customers.len();
    if n == 0 {
        return Err(FitError::TooFewSamples {
            needed: 1,
            given: 0,
        });
    }
    let possible = |row: &Spending| row.x > 0 && row.mean > 0.0 && row.mean.is_finite();
    if !customers.iter().all(possible) {
        return Err(FitError::Degenerate(
            "a spending without purchases or without a positive mean",
        ));
    }
    let likelihood = SpendingLikelihood::new(customers, stop)?;
    let scale = likelihood.scale;
    let scaled = priors.map(|priors| {
        let [p, q, gamma] = priors.center;
        LogNormalPriors {
            center: [p, q, gamma / scale],
            ..*priors
        }
    });
    let found = estimate(&likelihood, scaled.as_ref(), stop)?;
    let [p, q, gamma] = found.params;
    let [p_error, q_error, gamma_error] = found.standard_errors;
    Ok(GammaGammaFit {
        model: GammaGamma {
            p,
            q,
            gamma: gamma * scale,
        },
        // The density of an amount is that of the scaled amount, divided by the scale.
        log_likelihood: found.log_likelihood - n as f64 * log(scale),
        standard_errors: [p_error, q_error, gamma_error * scale],
        log_covariance: found.log_covariance,
        identified: found.why_not.is_none(),
        why_not: found.why_not,
        n_customers: n,
        gradient_norm_per_customer: found.gradient_norm / n as f64,
        iterations: found.iterations,
    })
}

/// The data of the likelihood: customers in the order of x, then of what they spent, in units of the mean.
struct SpendingLikelihood {
    scale: f64,
    /// Spend on all repeat purchases, z = x m.
    total: Vec<f64>,
    groups: Vec<Group>,
    blocks: Vec<(usize, Range<usize>)>,
}

/// Customers with the same number of repeat purchases.
struct Group {
    x: f64,
    n: f64,
    /// Σ ln z.
    ln_total: f64,
    /// Customers that each of the rows stands for.
    per_row: f64,
    rows: Range<usize>,
}

impl SpendingLikelihood {
    fn new(customers: &[Spending], stop: &StopToken) -> Result<Self, Stopped> {
        let mut rows: Vec<(u32, u64)> = customers
            .iter()
            .map(|row| (row.x, row.mean.to_bits()))
            .collect();
        stop.poll()?;
        rows.par_sort_unstable();
        stop.poll()?;
        let n = rows.len() as f64;
        let scale = rows
            .iter()
            .map(|&(_, mean)| f64::from_bits(mean) / n)
            .sum::<f64>();
        let total: Vec<f64> = rows
            .iter()
            .map(|&(x, mean)| f64::from(x) * (f64::from_bits(mean) / scale))
            .collect();
        let (mut groups, mut start) = (Vec::new(), 0);
        for of_group in rows.chunk_by(|a, b| a.0 == b.0) {
            let rows = start..start + of_group.len();
            groups.push(Group {
                x: f64::from(of_group[0].0),
                n: of_group.len() as f64,
                ln_total: total[rows.clone()].iter().map(|&total| log(total)).sum(),
                per_row: 1.0,
                rows: rows.clone(),
            });
            start = rows.end;
        }
        Ok(Self {
            scale,
            total,
            blocks: blocks(&groups),
            groups,
        })
    }
}

/// Rows of each group in parts of limited size: the units of parallel work.
fn blocks(groups: &[Group]) -> Vec<(usize, Range<usize>)> {
    let of_group = |(index, group): (usize, &Group)| {
        let end = group.rows.end;
        let starts = group.rows.clone().step_by(BLOCK);
        starts.map(move |start| (index, start..(start + BLOCK).min(end)))
    };
    groups.iter().enumerate().flat_map(of_group).collect()
}

/// Σ ln(γ+z), Σ 1/(γ+z), Σ 1/(γ+z)² over the rows of one block.
fn block_sums(total: &[f64], gamma: f64) -> [f64; 3] {
    let mut logs = [0.0; BLOCK];
    let logs = &mut logs[..total.len()];
    for (log, total) in logs.iter_mut().zip(total) {
        *log = gamma + total;
    }
    logarithms(logs);
    let mut sums = [0.0; 3];
    for (total, log) in total.iter().zip(logs) {
        let inverse = 1.0 / (gamma + total);
        sums[0] += *log;
        sums[1] += inverse;
        sums[2] += inverse * inverse;
    }
    sums
}

impl Likelihood<3> for SpendingLikelihood {
    /// The likelihood of x and z is Γ(px+q) / (Γ(px) Γ(q)) γ^q z^(px) / (γ+z)^(px+q) · x / z.
    fn evaluate(&self, params: &[f64; 3], stop: &StopToken) -> Result<Evaluation<3>, Stopped> {
        let gamma = params[2];
        let of_blocks: Vec<(usize, [f64; 3])> = self
            .blocks
            .par_iter()
            .with_min_len(8)
            .map(|(group, rows)| {
                stop.poll()?;
                Ok((*group, block_sums(&self.total[rows.clone()], gamma)))
            })
            .collect::<Result<_, Stopped>>()?;
        let mut sums = vec![[0.0; 3]; self.groups.len()];
        for (group, of_block) in of_blocks {
            crate::blocks::add(&mut sums[group], &of_block);
        }
        let mut result = Evaluation {
            value: 0.0,
            gradient: [0.0; 3],
            hessian: [[0.0; 3]; 3],
        };
        for (group, sums) in self.groups.iter().zip(&sums) {
            group.add_terms(params, sums, &mut result);
        }
        for i in 0..3 {
            for j in 0..i {
                result.hessian[i][j] = result.hessian[j][i];
            }
        }
        Ok(result)
    }

    fn thinned(&self) -> Option<Self> {
        /// Rows of a group that are enough to choose a start of the fit from.
        const THINNED_GROUP: usize = 1024;
        let sizes = self.groups.iter().map(|group| group.rows.len());
        if 4 * sizes.map(|n| n.min(THINNED_GROUP)).sum::<usize>() > self.total.len() {
            return None;
        }
        let (mut total, mut groups) = (Vec::new(), Vec::new());
        for group in &self.groups {
            let first = total.len();
            let step = group.rows.len().div_ceil(THINNED_GROUP);
            total.extend(self.total[group.rows.clone()].iter().step_by(step));
            groups.push(Group {
                per_row: group.n / (total.len() - first) as f64,
                rows: first..total.len(),
                ..*group
            });
        }
        Some(Self {
            scale: self.scale,
            total,
            blocks: blocks(&groups),
            groups,
        })
    }

    fn starts(&self) -> Vec<[f64; 3]> {
        vec![[2.0, 3.0, 1.0], [6.0, 4.0, 0.5], [1.0, 10.0, 9.0]]
    }

    fn bounds(&self) -> Bounds<3> {
        Bounds {
            lower: [1e-4, 1e-4, 1e-8],
            upper: [1e4, 1e4, 1e8],
        }
    }

    fn default_priors(&self) -> LogNormalPriors<3> {
        LogNormalPriors {
            center: [2.0, 3.0, 1.0],
            standard_deviation: 1.5,
        }
    }
}

impl Group {
    fn add_terms(&self, &[p, q, gamma]: &[f64; 3], sums: &[f64; 3], result: &mut Evaluation<3>) {
        let (x, n) = (self.x, self.n);
        let (px, shape) = (p * x, p * x + q);
        let [logs, inverses, squares] = sums.map(|sum| sum * self.per_row);
        result.value += n * (lgamma(shape) - lgamma(px) - lgamma(q) + q * log(gamma) + log(x))
            + (px - 1.0) * self.ln_total
            - shape * logs;
        result.gradient[0] += x * (n * digamma_difference(px, q) + self.ln_total - logs);
        result.gradient[1] += n * (digamma(shape) - digamma(q) + log(gamma)) - logs;
        result.gradient[2] += n * q / gamma - shape * inverses;
        result.hessian[0][0] += n * x * x * trigamma_difference(px, q);
        result.hessian[0][1] += n * x * trigamma(shape);
        result.hessian[0][2] -= x * inverses;
        result.hessian[1][1] += n * (trigamma(shape) - trigamma(q));
        result.hessian[1][2] += n / gamma - inverses;
        result.hessian[2][2] += shape * squares - n * q / (gamma * gamma);
    }
}
