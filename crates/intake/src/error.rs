//! Why an import stopped, in sentences that name the file, the line, what is wrong and how to mend it.

use std::fmt;

use serde::Serialize;

use crate::roles::Role;
use crate::summary::{ImportSummary, grouped};

/// A line of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The name of the file.
    pub file: String,
    /// The line on which the record begins, from 1.
    pub line: u64,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} line {}", self.file, self.line)
    }
}

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// Where.
    pub place: Place,
    /// The text of the field.
    pub text: String,
}

impl fmt::Display for Example {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\" ({})", self.text, self.place)
    }
}

/// Why an import stopped.
#[derive(Debug)]
pub enum IntakeError {
    /// No file was named.
    NoFiles,
    /// The same file was named twice.
    FileTwice {
        /// The file.
        file: String,
    },
    /// The file can't be opened or read to its end.
    Unreadable {
        /// The file.
        file: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file is a spreadsheet or an archive, not text.
    NotText {
        /// The file.
        file: String,
    },
    /// The file has no header, or nothing below it.
    Empty {
        /// The file.
        file: String,
    },
    /// No delimiter parts the header into columns.
    NoColumns {
        /// The file.
        file: String,
        /// Its first line, shortened.
        first_line: String,
    },
    /// A quote was opened and not closed within a thousand lines.
    OpenQuote {
        /// Where the record begins.
        place: Place,
    },
    /// A column that is needed was neither recognized nor named.
    ColumnMissing {
        /// The file.
        file: String,
        /// What is missing.
        role: Role,
        /// The names in the header.
        header: Vec<String>,
    },
    /// A column was named that the file does not have.
    ColumnUnknown {
        /// The file.
        file: String,
        /// What the column was to hold.
        role: Role,
        /// The name that was given.
        name: String,
        /// The names in the header.
        header: Vec<String>,
    },
    /// Two columns have the same name.
    ColumnTwice {
        /// The file.
        file: String,
        /// What they hold.
        role: Role,
        /// The name.
        name: String,
    },
    /// Every date can be read with the day or with the month first.
    AmbiguousDates {
        /// One of them.
        example: Example,
    },
    /// Some dates have the day first, others the month.
    MixedDates {
        /// A date that has the day first.
        day_first: Example,
        /// A date that has the month first.
        month_first: Example,
    },
    /// Years have two digits, so that nothing tells which number is the year.
    TwoDigitYears {
        /// One of them.
        example: Example,
    },
    /// Every number with a mark can be read with decimals or with thousands.
    AmbiguousNumbers {
        /// One of them.
        example: Example,
    },
    /// Some numbers have a decimal point, others a decimal comma.
    MixedNumbers {
        /// A number with a decimal point.
        point: Example,
        /// A number with a decimal comma.
        comma: Example,
    },
    /// Amounts carry different currencies.
    MixedCurrencies {
        /// An amount.
        one: Example,
        /// An amount in another currency.
        other: Example,
    },
    /// There are refunds, and how they count was not declared.
    Refunds {
        /// The first of them.
        first: Vec<Place>,
        /// How many there are.
        n_lines: u64,
        /// Whether the request would hold them with dates of their own.
        are_dated: bool,
    },
    /// No line was kept.
    NothingKept {
        /// What became of the lines.
        summary: Box<ImportSummary>,
    },
}

/// Names of a header that are shown; the rest is counted.
const NAMES_SHOWN_MAX: usize = 20;

pub(crate) fn listed(header: &[String]) -> String {
    let shown: Vec<String> = header
        .iter()
        .take(NAMES_SHOWN_MAX)
        .map(|name| name.trim().to_owned())
        .collect();
    match header.len().saturating_sub(NAMES_SHOWN_MAX) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

impl fmt::Display for IntakeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ColumnMissing { .. } | Self::ColumnUnknown { .. } | Self::ColumnTwice { .. } => {
                self.write_column(f)
            }
            Self::AmbiguousDates { .. } | Self::MixedDates { .. } | Self::TwoDigitYears { .. } => {
                self.write_dates(f)
            }
            Self::AmbiguousNumbers { .. }
            | Self::MixedNumbers { .. }
            | Self::MixedCurrencies { .. } => self.write_numbers(f),
            Self::Refunds {
                first,
                n_lines,
                are_dated,
            } => write_refunds(f, first, *n_lines, *are_dated),
            Self::NothingKept { summary } => {
                let summary = summary.to_string();
                write!(f, "No line could be kept. {}", summary.trim_end())
            }
            _ => self.write_file(f),
        }
    }
}

fn write_refunds(
    f: &mut fmt::Formatter<'_>,
    first: &[Place],
    n_lines: u64,
    are_dated: bool,
) -> fmt::Result {
    let places: Vec<String> = first.iter().map(ToString::to_string).collect();
    let lines = match n_lines {
        1 => "1 line is a refund or cancellation".to_owned(),
        _ => format!("{} lines are refunds or cancellations", grouped(n_lines)),
    };
    let lowers = if are_dated {
        "lowers what a customer brought from the day of each refund on"
    } else {
        "lowers the purchases they belong to"
    };
    write!(
        f,
        "{lines}, the first at {}. Say how they count: --refunds net {lowers}, --refunds drop leaves them out.",
        places.join(", ")
    )
}

impl IntakeError {
    fn write_file(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoFiles => write!(
                f,
                "No file was named. Name one or more files, or - for standard input."
            ),
            Self::FileTwice { file } => {
                write!(
                    f,
                    "{file} is named twice, so that every line would count twice. Name each file once."
                )
            }
            Self::Unreadable { file, source } => write!(f, "{file} can't be read: {source}."),
            Self::NotText { file } => write!(
                f,
                "{file} is a spreadsheet or an archive, not text. Save it as CSV, or unpack it, and import that."
            ),
            Self::Empty { file } => {
                write!(
                    f,
                    "{file} holds no lines below a header. The first line must name the columns."
                )
            }
            Self::NoColumns { file, first_line } => write!(
                f,
                "The first line of {file} is \"{first_line}\", which no comma, semicolon, tab or pipe parts into columns. \
                 The first line must name the columns."
            ),
            Self::OpenQuote { place } => write!(
                f,
                "The record that begins at {place} runs over more than a thousand lines: a quote is opened there and not \
                 closed. Close it, or take it out."
            ),
            _ => Ok(()),
        }
    }

    fn write_column(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ColumnMissing {
                file,
                role: Role::Amount,
                header,
            } => write!(
                f,
                "No column of {file} was recognized as amounts, or as quantities and unit prices. Name it with --amount-column, \
                 or both with --quantity-column and --unit-price-column. The file has: {}.",
                listed(header)
            ),
            Self::ColumnMissing { file, role, header } => write!(
                f,
                "No column of {file} was recognized as {}. Name it with {}. The file has: {}.",
                role.words(),
                role.flag(),
                listed(header)
            ),
            Self::ColumnUnknown {
                file,
                role,
                name,
                header,
            } => write!(
                f,
                "{file} has no column \"{name}\", which {} names. It has: {}.",
                role.flag(),
                listed(header)
            ),
            Self::ColumnTwice { file, role, name } => write!(
                f,
                "Two columns of {file} are called \"{name}\", and {} could be in either. Rename one, or name another with {}.",
                role.words(),
                role.flag()
            ),
            _ => Ok(()),
        }
    }

    fn write_dates(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AmbiguousDates { example } => write!(
                f,
                "Every date like {example} can be read with the day or with the month first. Say which: --date-order day-first \
                 or --date-order month-first."
            ),
            Self::MixedDates {
                day_first,
                month_first,
            } => write!(
                f,
                "{day_first} has the day first, {month_first} the month. Say which is right: --date-order day-first or \
                 --date-order month-first; lines with the other are then left out and counted."
            ),
            Self::TwoDigitYears { example } => write!(
                f,
                "The year of {example} has two digits, so that nothing tells day, month and year apart. Say what comes first: \
                 --date-order day-first or --date-order month-first."
            ),
            _ => Ok(()),
        }
    }

    fn write_numbers(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AmbiguousNumbers { example } => write!(
                f,
                "Every number like {example} can be read with decimals or with thousands. Say which mark parts the decimals: \
                 --decimal-mark point or --decimal-mark comma."
            ),
            Self::MixedNumbers { point, comma } => write!(
                f,
                "{point} has a decimal point, {comma} a decimal comma. Say which is right: --decimal-mark point or \
                 --decimal-mark comma; lines with the other are then left out and counted."
            ),
            Self::MixedCurrencies { one, other } => write!(
                f,
                "{one} and {other} are in different currencies, which can't be added up. Import one currency at a time."
            ),
            _ => Ok(()),
        }
    }
}

impl std::error::Error for IntakeError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Unreadable { source, .. } => Some(source),
            _ => None,
        }
    }
}
