//! What is declared about an import. Everything has a default; enums are read from the words of the command line.

use std::str::FromStr;

use clientela_tables::Date;

use crate::columns::ColumnNames;
use crate::dates::DateOrder;
use crate::numbers::DecimalMark;

/// The route whose request is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Target {
    /// Invoice lines with products.
    #[default]
    CustomerFeatures,
    /// One row per order.
    CustomerRfm,
    /// One row per order and day, with its cost where every line has one; refunds in rows of their own.
    CustomerClvFeatures,
    /// As [`Target::CustomerClvFeatures`].
    CustomerClvForecast,
}

/// What happens to lines with a negative amount and to lines of cancelled invoices.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RefundRule {
    /// Refunds lower what was bought.
    ///
    /// A request for lifetime value ([`Target::takes_refunds`]) holds each as a negative amount with its own date, so that
    /// a purchase is known in full until the day it was refunded. Other requests hold no negative amounts: there a refund
    /// lowers the latest earlier purchase of the same customer and product; what exceeds it, the next earlier.
    Net,
    /// Refunds are left out; the purchases they belong to stay as they are.
    Drop,
    /// The import stops and names the first refunds: how they count is for the owner of the data to say.
    #[default]
    Error,
}

/// What happens to a line that is an exact copy of an earlier one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DuplicateRule {
    /// It counts: two equal lines of an invoice are often two scans of one product. The summary says how many there are.
    #[default]
    Keep,
    /// It is left out.
    Drop,
}

/// What happens to a line that came to nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ZeroRule {
    /// It is left out: a gift or a sample is no purchase.
    #[default]
    Drop,
    /// It counts as a purchase of amount 0.
    Keep,
}

/// How the bytes of a file spell characters. UTF-16 is recognized by its byte order mark and needs no declaration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, with or without a byte order mark.
    Utf8,
    /// Windows-1252, which holds what Latin-1 prints.
    Windows1252,
}

/// How files are written; what is `None` is detected.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileFormat {
    /// `--delimiter`
    pub delimiter: Option<Delimiter>,
    /// `--encoding`
    pub encoding: Option<Encoding>,
    /// `--date-order`
    pub date_order: Option<DateOrder>,
    /// `--decimal-mark`
    pub decimal_mark: Option<DecimalMark>,
}

/// The character between fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delimiter {
    /// `,`
    Comma,
    /// `;`
    Semicolon,
    /// A tab
    Tab,
    /// `|`
    Pipe,
}

/// What `import transactions` is told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TransactionsOptions {
    /// `--for`
    pub target: Target,
    /// `--today`: written into the request; later lines are left out.
    pub today: Option<Date>,
    /// `--currency`: an ISO 4217 code in capitals, which counts in place of what the files show.
    pub currency: Option<String>,
    /// Columns that are named rather than recognized.
    pub columns: ColumnNames,
    /// How the files are written.
    pub format: FileFormat,
    /// `--refunds`
    pub refunds: RefundRule,
    /// `--duplicates`
    pub duplicates: DuplicateRule,
    /// `--zero-amounts`
    pub zero_amounts: ZeroRule,
}

/// What `import shoppers` is told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShoppersOptions {
    /// Later lines are left out (`--today`).
    pub today: Option<Date>,
    /// `--currency`: an ISO 4217 code in capitals, which counts in place of what the files show.
    pub currency: Option<String>,
    /// Columns that are named rather than recognized. `category` says what the product types are; without it they are
    /// the category column if there is one, else the product's name, else its code.
    pub columns: ColumnNames,
    /// How the files are written.
    pub format: FileFormat,
    /// `--refunds`
    pub refunds: RefundRule,
    /// `--duplicates`
    pub duplicates: DuplicateRule,
    /// `--zero-amounts`
    pub zero_amounts: ZeroRule,
}

/// What `churn` is told about its files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SalesOptions {
    /// Later lines are left out (`--today`).
    pub today: Option<Date>,
    /// `--currency`: an ISO 4217 code in capitals, which counts in place of what the files show.
    pub currency: Option<String>,
    /// Columns that are named rather than recognized.
    pub columns: ColumnNames,
    /// How the files are written.
    pub format: FileFormat,
    /// `--refunds`: [`RefundRule::Net`] keeps each on its own day.
    pub refunds: RefundRule,
    /// `--duplicates`
    pub duplicates: DuplicateRule,
    /// `--zero-amounts`
    pub zero_amounts: ZeroRule,
}

impl Delimiter {
    /// Every delimiter, the likelier first.
    pub const ALL: [Self; 4] = [Self::Comma, Self::Semicolon, Self::Tab, Self::Pipe];

    pub(crate) fn byte(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Semicolon => b';',
            Self::Tab => b'\t',
            Self::Pipe => b'|',
        }
    }

    /// The word by which it is declared.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Comma => "comma",
            Self::Semicolon => "semicolon",
            Self::Tab => "tab",
            Self::Pipe => "pipe",
        }
    }
}

impl Encoding {
    /// The word by which it is declared.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::Windows1252 => "windows-1252",
        }
    }
}

impl Target {
    /// The words by which targets are declared, in the order of the variants.
    pub const NAMES: [&'static str; 4] = [
        "customer-features",
        "customer-rfm",
        "customer-clv-features",
        "customer-clv-forecast",
    ];

    /// Whether the request holds one row per order rather than invoice lines.
    pub(crate) fn wants_orders(self) -> bool {
        self != Self::CustomerFeatures
    }

    /// Whether the rows of the request may carry a cost.
    pub(crate) fn wants_costs(self) -> bool {
        self.is_lifetime_value()
    }

    /// Whether the request holds refunds as negative amounts with dates of their own.
    ///
    /// A forecast is tested on days in the past, and what was refunded later was not yet known on these.
    #[must_use]
    pub fn takes_refunds(self) -> bool {
        self.is_lifetime_value()
    }

    fn is_lifetime_value(self) -> bool {
        matches!(self, Self::CustomerClvFeatures | Self::CustomerClvForecast)
    }
}

impl FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.replace('_', "-").as_str() {
            "customer-features" => Ok(Self::CustomerFeatures),
            "customer-rfm" => Ok(Self::CustomerRfm),
            "customer-clv-features" => Ok(Self::CustomerClvFeatures),
            "customer-clv-forecast" => Ok(Self::CustomerClvForecast),
            _ => Err(format!("a target is one of: {}", Self::NAMES.join(", "))),
        }
    }
}

impl FromStr for RefundRule {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "net" => Ok(Self::Net),
            "drop" => Ok(Self::Drop),
            "error" => Ok(Self::Error),
            _ => Err("a refund rule is one of: net, drop, error".into()),
        }
    }
}

impl FromStr for DuplicateRule {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "keep" => Ok(Self::Keep),
            "drop" => Ok(Self::Drop),
            _ => Err("a rule for duplicates is one of: keep, drop".into()),
        }
    }
}

impl FromStr for ZeroRule {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "keep" => Ok(Self::Keep),
            "drop" => Ok(Self::Drop),
            _ => Err("a rule for amounts of zero is one of: drop, keep".into()),
        }
    }
}

impl FromStr for Encoding {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.to_ascii_lowercase().as_str() {
            "utf-8" | "utf8" => Ok(Self::Utf8),
            "windows-1252" | "cp1252" | "latin-1" | "latin1" | "iso-8859-1" => {
                Ok(Self::Windows1252)
            }
            _ => Err("an encoding is one of: utf-8, windows-1252".into()),
        }
    }
}

impl FromStr for Delimiter {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "," | "comma" => Ok(Self::Comma),
            ";" | "semicolon" => Ok(Self::Semicolon),
            "\t" | "\\t" | "tab" => Ok(Self::Tab),
            "|" | "pipe" => Ok(Self::Pipe),
            _ => Err("a delimiter is one of: comma, semicolon, tab, pipe".into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_the_command_line_are_read_and_others_answered_with_the_choices() {
        for (name, target) in Target::NAMES.into_iter().zip([
            Target::CustomerFeatures,
            Target::CustomerRfm,
            Target::CustomerClvFeatures,
            Target::CustomerClvForecast,
        ]) {
            assert_eq!(name.parse(), Ok(target));
            assert_eq!(name.replace('-', "_").parse(), Ok(target));
        }
        for delimiter in Delimiter::ALL {
            assert_eq!(delimiter.name().parse(), Ok(delimiter));
            assert_eq!(
                (delimiter.byte() as char).to_string().parse(),
                Ok(delimiter)
            );
        }
        for encoding in [Encoding::Utf8, Encoding::Windows1252] {
            assert_eq!(encoding.name().parse(), Ok(encoding));
        }
        for order in [DateOrder::DayFirst, DateOrder::MonthFirst] {
            assert_eq!(order.name().parse(), Ok(order));
        }
        for mark in [DecimalMark::Point, DecimalMark::Comma] {
            assert_eq!(mark.name().parse(), Ok(mark));
        }
        assert_eq!("net".parse(), Ok(RefundRule::Net));
        assert_eq!("drop".parse(), Ok(DuplicateRule::Drop));
        assert_eq!("keep".parse(), Ok(ZeroRule::Keep));
        assert_eq!(
            "return".parse::<RefundRule>(),
            Err("a refund rule is one of: net, drop, error".into())
        );
        assert!(
            "nps"
                .parse::<Target>()
                .unwrap_err()
                .ends_with("customer-clv-forecast")
        );
    }
}
