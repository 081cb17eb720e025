//! Why a table of customers was not understood, and how to mend it.

use std::fmt;

use crate::error::{IntakeError, listed};

/// Why a table of customers did not become a request.
#[derive(Debug)]
pub enum CustomersError {
    /// The file can't be read as a table.
    File(IntakeError),
    /// No column holds customer ids.
    NoCustomers {
        /// The file.
        file: String,
        /// The names in the header.
        header: Vec<String>,
    },
    /// A column was named that the file does not have.
    ColumnUnknown {
        /// The file.
        file: String,
        /// The option that named it.
        option: &'static str,
        /// The name.
        name: String,
        /// The names in the header.
        header: Vec<String>,
    },
    /// Two columns have the same name.
    ColumnTwice {
        /// The file.
        file: String,
        /// The name.
        name: String,
    },
    /// A column has the name of a field that means something else.
    NameTaken {
        /// The name.
        name: String,
    },
    /// Whether a customer left is said in words that may mean either.
    OutcomeUnclear {
        /// The column.
        column: String,
        /// Words that were not understood, or that were named and do not occur.
        words: Vec<String>,
        /// Whether these words were named.
        are_declared: bool,
    },
    /// A date can't be read.
    BadDate {
        /// The column.
        column: String,
        /// The first that can't.
        text: String,
    },
    /// How long someone has been a customer is not a number everywhere.
    TenureNotNumeric {
        /// The column.
        column: String,
    },
    /// Numbers can be read with a decimal point or with a decimal comma.
    MarkUnclear {
        /// A number, and one that speaks against it where there is one.
        examples: Vec<String>,
    },
    /// No row was kept.
    NothingKept {
        /// The file.
        file: String,
        /// Rows below the header.
        n_read: u64,
    },
}

impl CustomersError {
    pub(super) fn unreadable(file: &str, source: std::io::Error) -> Self {
        let file = file.to_owned();
        Self::File(IntakeError::Unreadable { file, source })
    }
}

impl From<IntakeError> for CustomersError {
    fn from(error: IntakeError) -> Self {
        Self::File(error)
    }
}

impl fmt::Display for CustomersError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(error) => error.fmt(f),
            Self::NoCustomers { file, header } => write!(
                f,
                "{file} has no column that is known to hold customer ids. Its columns are: {}.\n\
                 Name it: --customer-column NAME.",
                listed(header)
            ),
            Self::ColumnUnknown {
                file,
                option,
                name,
                header,
            } => write!(
                f,
                "{option} {name}: {file} has no such column. Its columns are: {}.",
                listed(header)
            ),
            Self::ColumnTwice { file, name } => write!(
                f,
                "{file} has two columns named \"{name}\". Rename one, or leave it out: --ignore-columns."
            ),
            Self::NameTaken { name } => write!(
                f,
                "Column \"{name}\" has the name of a field that holds something else. Rename it, or leave it out: \
                 --ignore-columns."
            ),
            Self::OutcomeUnclear {
                column,
                words,
                are_declared: false,
            } => write!(
                f,
                "Column \"{column}\" says who left in words that may mean either: {}.\n\
                 Say which mean that a customer left: --churned-values WORD,WORD.",
                listed(words)
            ),
            Self::OutcomeUnclear { column, words, .. } => write!(
                f,
                "--churned-values: column \"{column}\" never says {}.",
                listed(words)
            ),
            Self::BadDate { column, text } => write!(
                f,
                "Column \"{column}\": \"{text}\" can't be read as a date.\n\
                 Where the year comes last, say whether the day or the month comes first: --date-order."
            ),
            Self::TenureNotNumeric { column } => write!(
                f,
                "Column \"{column}\" says how long someone has been a customer, but not everywhere in numbers.\n\
                 Name another one with --tenure-column, or leave it out with --ignore-columns."
            ),
            Self::MarkUnclear { examples } => write!(
                f,
                "Whether point or comma comes before decimals can't be told from {}.\n\
                 Say which: --decimal-mark point or comma.",
                examples.join(" and ")
            ),
            Self::NothingKept { file, n_read } => write!(
                f,
                "No row of {file} could be kept: of {n_read} none has a customer id and a field for each column."
            ),
        }
    }
}

impl std::error::Error for CustomersError {}
