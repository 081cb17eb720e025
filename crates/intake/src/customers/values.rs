//! What a column holds: numbers, yes or no, or words.

use std::str::FromStr;

use super::error::CustomersError;
use super::{Places, Table};
use crate::Decimal;
use crate::numbers::{DecimalMark, MarkEvidence, mark_evidence, parse_number};

/// A column that becomes a field of the rows.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Column {
    pub(super) name: String,
    /// Its place in the header.
    pub(super) place: usize,
    pub(super) values: Values,
}

/// The values of a column; `None` where it says nothing.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Values {
    Numbers(Vec<Option<f64>>),
    Booleans(Vec<Option<bool>>),
    Words(Vec<Option<String>>),
}

/// What a tenure counts. The request counts days.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TenureUnit {
    /// Days.
    #[default]
    Days,
    /// Months of 30.4375 days: a twelfth of a year.
    Months,
    /// Years of 365.25 days.
    Years,
}

impl TenureUnit {
    /// Days in one.
    #[must_use]
    pub fn days(self) -> f64 {
        match self {
            Self::Days => 1.0,
            Self::Months => 30.4375,
            Self::Years => 365.25,
        }
    }

    /// The word by which it is declared.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Days => "days",
            Self::Months => "months",
            Self::Years => "years",
        }
    }
}

impl FromStr for TenureUnit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        [Self::Days, Self::Months, Self::Years]
            .into_iter()
            .find(|unit| unit.name() == text)
            .ok_or_else(|| "a unit of tenure is one of: days, months, years".to_owned())
    }
}

impl Column {
    pub(super) fn of(table: &Table, place: usize, mark: DecimalMark) -> Self {
        let texts = || table.column(place);
        let all = |is: &dyn Fn(&str) -> bool| texts().flatten().all(is);
        let values = if all(&|text| number(text, mark).is_some()) {
            Values::Numbers(texts().map(|text| number(text?, mark)).collect())
        } else if all(&|text| yes_or_no(text).is_some()) {
            Values::Booleans(texts().map(|text| yes_or_no(text?)).collect())
        } else {
            Values::Words(texts().map(|text| text.map(str::to_owned)).collect())
        };
        let name = table.name(place);
        Self {
            name,
            place,
            values,
        }
    }

    pub(super) fn is_numeric(&self) -> bool {
        matches!(self.values, Values::Numbers(_))
    }

    pub(super) fn n_missing(&self) -> usize {
        match &self.values {
            Values::Numbers(values) => n_missing(values),
            Values::Booleans(values) => n_missing(values),
            Values::Words(values) => n_missing(values),
        }
    }
}

fn n_missing<T>(values: &[Option<T>]) -> usize {
    values.iter().filter(|value| value.is_none()).count()
}

/// A number; one with zeros in front is a code.
fn number(text: &str, mark: DecimalMark) -> Option<f64> {
    let digits = text.trim_start_matches(['-', '+']);
    let is_code =
        digits.len() > 1 && digits.starts_with('0') && digits.as_bytes()[1].is_ascii_digit();
    if is_code {
        return None;
    }
    let decimal = parse_number(text, mark).map(Decimal::to_f64);
    // Programs write small and large numbers with an exponent.
    let begins_with_digit = digits.starts_with(|first: char| first.is_ascii_digit());
    let with_exponent = || {
        let value = text.parse::<f64>().ok();
        value.filter(|value| begins_with_digit && mark == DecimalMark::Point && value.is_finite())
    };
    decimal.or_else(with_exponent)
}

fn yes_or_no(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "yes" | "true" | "sí" | "si" | "sim" | "verdadero" | "verdadeiro" => Some(true),
        "no" | "false" | "não" | "nao" | "falso" => Some(false),
        _ => None,
    }
}

/// The mark before decimals: as declared, or as the columns of numbers prove together.
pub(super) fn decide_mark(
    table: &Table,
    places: &Places,
    declared: Option<DecimalMark>,
) -> Result<DecimalMark, CustomersError> {
    if let Some(mark) = declared {
        return Ok(mark);
    }
    let found = |wanted: MarkEvidence| {
        let columns = places.traits.iter();
        columns
            .filter_map(|&place| proof(table, place, wanted))
            .next()
    };
    let [point, comma] =
        [DecimalMark::Point, DecimalMark::Comma].map(|mark| found(MarkEvidence::Only(mark)));
    match (point, comma) {
        (Some(_), None) => Ok(DecimalMark::Point),
        (None, Some(_)) => Ok(DecimalMark::Comma),
        (Some(point), Some(comma)) => Err(CustomersError::MarkUnclear {
            examples: vec![point, comma],
        }),
        (None, None) => match found(MarkEvidence::Either) {
            Some(example) => Err(CustomersError::MarkUnclear {
                examples: vec![example],
            }),
            None => Ok(DecimalMark::Point),
        },
    }
}

/// A value that says so in a column of which all values are numbers by one mark or the other.
fn proof(table: &Table, place: usize, wanted: MarkEvidence) -> Option<String> {
    let texts = || table.column(place).flatten();
    let marks = [DecimalMark::Point, DecimalMark::Comma];
    let is_numeric = |mark: &DecimalMark| texts().all(|text| number(text, *mark).is_some());
    marks.iter().find(|mark| is_numeric(mark))?;
    let said = texts().find(|text| mark_evidence(text) == wanted)?;
    let column = table.name(place);
    let said: String = said.chars().take(40).collect();
    Some(format!("\"{said}\" (column \"{column}\")"))
}
