//! What can go wrong before and during a fit, and the proof that parameters were checked.

use std::fmt;
use std::ops::Deref;

use clientela_numerics::Stopped;

/// A parameter outside its range.
#[derive(Clone, Debug, PartialEq)]
pub struct ParamError {
    /// Name of the parameter as the field's literature has it.
    pub name: &'static str,
    /// What is required of it, for a person: `"must be at least 1"`.
    pub requirement: &'static str,
    /// The value that was given.
    pub given: f64,
}

impl fmt::Display for ParamError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}, got {}", self.name, self.requirement, self.given)
    }
}

impl std::error::Error for ParamError {}

/// Why an estimator has no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FitError {
    /// Fewer distinct rows than the model needs.
    TooFewSamples {
        /// Distinct rows needed.
        needed: usize,
        /// Distinct rows given.
        given: usize,
    },
    /// The data carry no information for this model; the text says which.
    Degenerate(&'static str),
    /// The iteration limit was reached before convergence.
    NotConverged {
        /// Iterations done.
        iterations: usize,
    },
    /// The stop token was set.
    Stopped,
}

impl From<Stopped> for FitError {
    fn from(_: Stopped) -> Self {
        Self::Stopped
    }
}

impl fmt::Display for FitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooFewSamples { needed, given } => {
                write!(f, "needs {needed} distinct rows, got {given}")
            }
            Self::Degenerate(why) => write!(f, "degenerate data: {why}"),
            Self::NotConverged { iterations } => {
                write!(f, "no convergence in {iterations} iterations")
            }
            Self::Stopped => write!(f, "stopped"),
        }
    }
}

impl std::error::Error for FitError {}

/// Parameters that passed their `.check()`; estimators accept nothing else.
#[derive(Clone, Debug, PartialEq)]
pub struct Checked<P>(P);

impl<P> Checked<P> {
    /// Only the `check` of a parameter struct may call this.
    pub(crate) fn vouch(params: P) -> Self {
        Self(params)
    }
}

impl<P> Deref for Checked<P> {
    type Target = P;
    fn deref(&self) -> &P {
        &self.0
    }
}
