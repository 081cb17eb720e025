//! Why there is no answer. Knows no status codes: `clientela-server` translates.

use std::fmt;

use clientela_narrative::{Say, Words};

use crate::Format;

/// Why an analysis has no answer.
#[derive(Clone, Debug)]
pub enum Failure {
    /// The body is not JSON, or nested too deeply.
    Malformed {
        /// What is wrong, and where.
        detail: Words,
    },
    /// Values that break the contract.
    Invalid {
        /// Which class of rules was broken.
        class: InvalidClass,
        /// The first [`crate::limits::ERRORS_MAX`] of them, in the order of the payload.
        violations: Vec<Violation>,
        /// How many fields are wrong in all.
        total: usize,
    },
    /// The answer can't be had in the format asked for.
    NotAcceptable {
        /// The formats there are.
        available: Vec<Format>,
    },
    /// A saved model can't be read at the moment, or none can be saved. The text is for the log or a terminal, never for
    /// a client.
    ModelsAway {
        /// What happened.
        cause: String,
    },
    /// The stop token was set before the answer was ready.
    OutOfTime,
    /// A fault of this program. The text is for the log, never for the client.
    Internal {
        /// What happened.
        cause: String,
    },
}

/// Which class of rules an invalid payload broke: the public API answers them with different statuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvalidClass {
    /// Ordinary value errors.
    Values,
    /// The three published exceptions: an NPS answer outside 0–10, missing rule fields of `churn_label`, bad linkage rows.
    PublishedException,
}

/// What is wrong with one field.
#[derive(Clone, Debug, PartialEq)]
pub struct Violation {
    /// `customers[3].transactions[0].amount`, or `$` for the whole payload.
    pub path: String,
    /// One sentence for each broken rule.
    pub messages: Vec<Words>,
}

impl From<clientela_numerics::Stopped> for Failure {
    fn from(_: clientela_numerics::Stopped) -> Self {
        Self::OutOfTime
    }
}

impl From<clientela_learn::FitError> for Failure {
    /// Everything but a stop is a fault: analyses check what a learner needs before they call it.
    fn from(error: clientela_learn::FitError) -> Self {
        match error {
            clientela_learn::FitError::Stopped => Self::OutOfTime,
            other => Self::Internal {
                cause: other.to_string(),
            },
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed { detail } => f.write_str(&detail.en()),
            Self::Invalid { total, .. } => write!(f, "{total} invalid fields"),
            Self::NotAcceptable { .. } => f.write_str("format not available"),
            Self::ModelsAway { cause } => write!(f, "saved models are away: {cause}"),
            Self::OutOfTime => f.write_str("out of time"),
            Self::Internal { cause } => write!(f, "internal fault: {cause}"),
        }
    }
}

impl std::error::Error for Failure {}
