//! What the fits of all lifetime models share: logarithms of parameters, priors, the observed information.

use clientela_numerics::newton::{Bounds, Evaluation, Maximum, maximize, symmetric_eigen};
use clientela_numerics::{StopToken, Stopped};
use libm::{exp, log};

/// Independent normal priors on the logarithms of N parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LogNormalPriors<const N: usize> {
    /// The parameters at the center.
    pub center: [f64; N],
    /// Standard deviation of each logarithm.
    pub standard_deviation: f64,
}

/// Why a likelihood has no inner maximum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotIdentified {
    /// The likelihood still rises where this parameter can't become smaller; the index of the parameter.
    AtLowerBound(usize),
    /// The likelihood still rises where this parameter can't become larger; the index of the parameter.
    AtUpperBound(usize),
    /// The observed information is not positive definite: some combination of parameters is not determined.
    InformationNotPositiveDefinite,
    /// The caller asked for priors, so that the data alone were not tried.
    PriorsRequested,
}

/// The estimate of one fit.
pub(super) struct Estimate<const N: usize> {
    pub params: [f64; N],
    /// Of the data alone.
    pub log_likelihood: f64,
    pub standard_errors: [f64; N],
    pub log_covariance: [[f64; N]; N],
    pub why_not: Option<NotIdentified>,
    pub gradient_norm: f64,
    pub iterations: u32,
}

/// A log-likelihood of N positive parameters, and where to look for its maximum.
pub(super) trait Likelihood<const N: usize>: Sized {
    /// At natural parameters, with derivatives for them.
    fn evaluate(&self, params: &[f64; N], stop: &StopToken) -> Result<Evaluation<N>, Stopped>;
    /// The same on a small systematic sample of the data, to choose where to start from; `None` where the data are few.
    fn thinned(&self) -> Option<Self>;
    /// Points from which the search starts.
    fn starts(&self) -> Vec<[f64; N]>;
    /// Smallest and largest parameters.
    fn bounds(&self) -> Bounds<N>;
    /// The priors for data that do not identify the parameters.
    fn default_priors(&self) -> LogNormalPriors<N>;
}

const ITERATIONS_MAX: u32 = 300;
/// A logarithm with a standard error of 10 is not determined: the parameter could as well be 20,000 times as large.
const EIGENVALUE_MIN: f64 = 0.01;

/// The maximum of the likelihood; where it has no inner one, or the caller gives priors, that of the posterior.
pub(super) fn estimate<const N: usize>(
    likelihood: &impl Likelihood<N>,
    priors: Option<&LogNormalPriors<N>>,
    stop: &StopToken,
) -> Result<Estimate<N>, Stopped> {
    let (why_not, spent) = if priors.is_some() {
        (NotIdentified::PriorsRequested, 0)
    } else {
        let mut starts = likelihood.starts();
        if let Some(thinned) = likelihood.thinned() {
            starts = vec![best_of(&thinned, &starts, None, stop)?.point.map(exp)];
        }
        let maximum = best_of(likelihood, &starts, None, stop)?;
        match reason(&maximum, &likelihood.bounds()) {
            None => return finish(likelihood, &maximum, None, None, stop),
            Some(why_not) => (why_not, maximum.iterations),
        }
    };
    let fallback = likelihood.default_priors();
    let priors = priors.unwrap_or(&fallback);
    let mut maximum = best_of(likelihood, &[priors.center], Some(priors), stop)?;
    maximum.iterations += spent;
    finish(likelihood, &maximum, Some(priors), Some(why_not), stop)
}

/// The highest of the maxima climbed to from all starts; of equal ones the first.
fn best_of<const N: usize>(
    likelihood: &impl Likelihood<N>,
    starts: &[[f64; N]],
    priors: Option<&LogNormalPriors<N>>,
    stop: &StopToken,
) -> Result<Maximum<N>, Stopped> {
    let bounds = likelihood.bounds();
    let bounds = Bounds {
        lower: bounds.lower.map(log),
        upper: bounds.upper.map(log),
    };
    let mut best: Option<Maximum<N>> = None;
    for start in starts {
        let maximum = maximize(start.map(log), &bounds, ITERATIONS_MAX, stop, |logs| {
            on_logs(likelihood, logs, priors, stop)
        })?;
        let higher = |best: &Maximum<N>| maximum.evaluation.value > best.evaluation.value + 1e-9;
        if best.as_ref().is_none_or(higher) {
            best = Some(maximum);
        }
    }
    Ok(best.expect("a start"))
}

/// The log-posterior as a function of the logarithms θ of the parameters.
fn on_logs<const N: usize>(
    likelihood: &impl Likelihood<N>,
    logs: &[f64; N],
    priors: Option<&LogNormalPriors<N>>,
    stop: &StopToken,
) -> Result<Evaluation<N>, Stopped> {
    let params = logs.map(exp);
    let mut result = likelihood.evaluate(&params, stop)?;
    for i in 0..N {
        result.gradient[i] *= params[i];
        for j in 0..N {
            result.hessian[i][j] *= params[i] * params[j];
        }
    }
    for i in 0..N {
        result.hessian[i][i] += result.gradient[i];
    }
    if let Some(priors) = priors {
        add_priors(&mut result, logs, priors);
    }
    Ok(result)
}

fn add_priors<const N: usize>(
    result: &mut Evaluation<N>,
    logs: &[f64; N],
    priors: &LogNormalPriors<N>,
) {
    let precision = 1.0 / (priors.standard_deviation * priors.standard_deviation);
    for (i, (at, center)) in logs.iter().zip(priors.center).enumerate() {
        let off = at - log(center);
        result.value -= 0.5 * precision * off * off;
        result.gradient[i] -= precision * off;
        result.hessian[i][i] -= precision;
    }
}

/// Why the maximum is no inner one; `None` if it is.
fn reason<const N: usize>(maximum: &Maximum<N>, bounds: &Bounds<N>) -> Option<NotIdentified> {
    if let Some(held) = maximum.at_bound.iter().position(|&held| held) {
        let at_lower = exp(maximum.point[held]) < (bounds.lower[held] * bounds.upper[held]).sqrt();
        return Some(if at_lower {
            NotIdentified::AtLowerBound(held)
        } else {
            NotIdentified::AtUpperBound(held)
        });
    }
    let information = maximum
        .evaluation
        .hessian
        .map(|row| row.map(|entry| -entry));
    let (values, _) = symmetric_eigen(information);
    let determined = values.iter().all(|&value| value > EIGENVALUE_MIN);
    (!determined || !maximum.converged).then_some(NotIdentified::InformationNotPositiveDefinite)
}

fn finish<const N: usize>(
    likelihood: &impl Likelihood<N>,
    maximum: &Maximum<N>,
    priors: Option<&LogNormalPriors<N>>,
    why_not: Option<NotIdentified>,
    stop: &StopToken,
) -> Result<Estimate<N>, Stopped> {
    let params = maximum.point.map(exp);
    let log_covariance = covariance(&maximum.evaluation.hessian, priors);
    let log_likelihood = match priors {
        None => maximum.evaluation.value,
        Some(_) => likelihood.evaluate(&params, stop)?.value,
    };
    let slopes = maximum.evaluation.gradient.iter().zip(maximum.at_bound);
    let squares: f64 = slopes
        .map(|(slope, held)| if held { 0.0 } else { slope * slope })
        .sum();
    Ok(Estimate {
        params,
        log_likelihood,
        standard_errors: std::array::from_fn(|i| params[i] * log_covariance[i][i].sqrt()),
        log_covariance,
        why_not,
        gradient_norm: squares.sqrt(),
        iterations: maximum.iterations,
    })
}

/// The inverse of the observed information of the logarithms.
///
/// Where a prior was needed the information may still not be positive definite far from the normal shape; no direction is then
/// believed to be known worse than the prior knows it.
fn covariance<const N: usize>(
    hessian: &[[f64; N]; N],
    priors: Option<&LogNormalPriors<N>>,
) -> [[f64; N]; N] {
    let floor = priors.map_or(EIGENVALUE_MIN, |priors| {
        1.0 / (priors.standard_deviation * priors.standard_deviation)
    });
    let (values, vectors) = symmetric_eigen(hessian.map(|row| row.map(|entry| -entry)));
    std::array::from_fn(|i| {
        std::array::from_fn(|j| {
            (0..N)
                .map(|k| vectors[i][k] * vectors[j][k] / values[k].max(floor))
                .sum()
        })
    })
}
