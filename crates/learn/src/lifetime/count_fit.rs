//! Fits of the count models by maximum likelihood.

use clientela_numerics::newton::{Bounds, Evaluation};
use clientela_numerics::{StopToken, Stopped};

use super::estimate::{Likelihood, LogNormalPriors, NotIdentified, estimate};
use super::histories::Histories;
use super::model::{self, CountFamily, CountModel};
use crate::FitError;
use std::borrow::Cow;

/// A count model fitted to histories.
#[derive(Clone, Debug, PartialEq)]
pub struct CountFit {
    /// The model at the estimate.
    pub model: CountModel,
    /// Of the data alone, also where priors took part.
    pub log_likelihood: f64,
    /// Of the parameters, from the observed information (with priors: from the curvature of the posterior).
    pub standard_errors: [f64; 4],
    /// Covariance of the logarithms of the parameters.
    pub log_covariance: [[f64; 4]; 4],
    /// Whether the data alone determine the parameters.
    pub identified: bool,
    /// Why not; `None` where they do.
    pub why_not: Option<NotIdentified>,
    /// Whether the fit sees customers leave at all: [`CountModel::dropout_per_purchase`] is at least 0.001.
    pub has_dropout: bool,
    /// Length of the gradient for the log parameters that are not held at a bound, divided by the number of customers.
    pub gradient_norm_per_customer: f64,
    /// Newton steps taken.
    pub iterations: u32,
}

/// Below this mean probability of leaving a fit is one without dropout.
const DROPOUT_MIN: f64 = 0.001;
/// Standard deviation of the priors on the log parameters.
const PRIOR_DEVIATION: f64 = 1.5;

/// Fits a count model by maximum likelihood.
///
/// Newton's method on the logarithms of the parameters from several starts. Where the likelihood has no inner maximum, or where
/// `priors` are given, the parameters are the mode of the posterior (`None` means the priors of [`default_priors`]) and
/// `identified` is false. Deterministic; the order of the customers does not matter.
///
/// # Errors
/// [`FitError::TooFewSamples`] without customers; [`FitError::Stopped`] when the stop token is set.
pub fn fit_counts(
    family: CountFamily,
    histories: &Histories,
    priors: Option<&LogNormalPriors<4>>,
    stop: &StopToken,
) -> Result<CountFit, FitError> {
    if histories.n_customers() == 0 {
        return Err(FitError::TooFewSamples {
            needed: 1,
            given: 0,
        });
    }
    let likelihood = CountLikelihood {
        family,
        histories: Cow::Borrowed(histories),
        priors: default_priors(family, histories),
    };
    let found = estimate(&likelihood, priors, stop)?;
    let model = CountModel {
        family,
        params: found.params,
    };
    Ok(CountFit {
        model,
        log_likelihood: found.log_likelihood,
        standard_errors: found.standard_errors,
        log_covariance: found.log_covariance,
        identified: found.why_not.is_none(),
        why_not: found.why_not,
        has_dropout: model.dropout_per_purchase() >= DROPOUT_MIN,
        gradient_norm_per_customer: found.gradient_norm / histories.n_customers() as f64,
        iterations: found.iterations,
    })
}

/// The priors for bases that do not identify the parameters: r 0.5, α a third of the median age, a 0.8, b 2.5 (Pareto/NBD: s 0.5, β as α), each
/// with a standard deviation of 1.5 on its logarithm.
#[must_use]
pub fn default_priors(family: CountFamily, histories: &Histories) -> LogNormalPriors<4> {
    let median = histories.median_age();
    // Where nobody was observed for any time, a week is as good as any other unit.
    let alpha = if median > 0.0 { median / 3.0 } else { 1.0 };
    let center = match family {
        CountFamily::BgNbd | CountFamily::MbgNbd => [0.5, alpha, 0.8, 2.5],
        CountFamily::ParetoNbd => [0.5, alpha, 0.5, alpha],
    };
    LogNormalPriors {
        center,
        standard_deviation: PRIOR_DEVIATION,
    }
}

struct CountLikelihood<'a> {
    family: CountFamily,
    histories: Cow<'a, Histories>,
    priors: LogNormalPriors<4>,
}

impl Likelihood<4> for CountLikelihood<'_> {
    fn evaluate(&self, params: &[f64; 4], stop: &StopToken) -> Result<Evaluation<4>, Stopped> {
        model::evaluate(self.family, &self.histories, params, stop)
    }

    fn thinned(&self) -> Option<Self> {
        Some(Self {
            family: self.family,
            histories: Cow::Owned(self.histories.thinned()?),
            priors: self.priors,
        })
    }

    fn starts(&self) -> Vec<[f64; 4]> {
        let [r, alpha, a, b] = self.priors.center;
        vec![
            [r, alpha, a, b],
            [2.0 * r, 3.0 * alpha, 0.2 * a, b],
            [0.5 * r, 0.3 * alpha, a, 2.0 * b],
        ]
    }

    fn bounds(&self) -> Bounds<4> {
        let scale = self.priors.center[1];
        // The last parameter is a shape as the others, or a time as α.
        let last = match self.family {
            CountFamily::BgNbd | CountFamily::MbgNbd => [1e-4, 1e4],
            CountFamily::ParetoNbd => [1e-5 * scale, 1e5 * scale],
        };
        Bounds {
            lower: [1e-4, 1e-5 * scale, 1e-4, last[0]],
            upper: [1e4, 1e5 * scale, 1e4, last[1]],
        }
    }

    fn default_priors(&self) -> LogNormalPriors<4> {
        self.priors
    }
}
