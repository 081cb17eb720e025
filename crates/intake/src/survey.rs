//! The first reading of the files: how they are written.
//!
//! Whether `03/04/2024` is in March, whether `1.234` is a thousand and whether `é` is one byte or two can't be told
//! from one line, so every line is looked at before any is understood. Reading twice costs less than holding a file.

use crate::columns::{ColumnMap, ColumnNames};
use crate::dates::{DateOrder, OrderEvidence, order_evidence};
use crate::dialect::{Dialect, decoded};
use crate::error::{Example, IntakeError, Place};
use crate::numbers::{DecimalMark, MarkEvidence, currency_of, mark_evidence};
use crate::options::{Encoding, FileFormat};
use crate::progress::Meter;
use crate::source::Source;

/// How one file is written: all that its second reading needs.
pub(crate) struct Plan {
    pub dialect: Dialect,
    pub columns: ColumnMap,
    pub encoding: Encoding,
    /// `None` where no date needs it.
    pub date_order: Option<DateOrder>,
    pub decimal_mark: DecimalMark,
    pub currency: Option<String>,
    /// Whether an invoice number `C536379` among plain numbers cancels an invoice.
    pub has_cancellations: bool,
    /// Whether every customer id ends in `.0`.
    pub has_fractional_ids: bool,
    pub n_lines: u64,
}

/// What the lines of one file say.
#[derive(Default)]
struct Evidence {
    n_lines: u64,
    is_not_utf8: bool,
    day_first: Option<Example>,
    month_first: Option<Example>,
    either_first: Option<Example>,
    two_digit_year: Option<Example>,
    point: Option<Example>,
    comma: Option<Example>,
    either_mark: Option<Example>,
    currency: Option<(String, Example)>,
    n_plain_invoices: u64,
    n_c_invoices: u64,
    n_customers: u64,
    n_fractional_customers: u64,
}

/// Reads all files once and decides how each is written.
pub(crate) fn survey(
    files: &[Source],
    names: &ColumnNames,
    format: &FileFormat,
    meter: &mut Meter<'_>,
) -> Result<Vec<Plan>, IntakeError> {
    let mut looked = Vec::with_capacity(files.len());
    for source in files {
        let dialect = Dialect::detect(source, format.delimiter)?;
        let columns = ColumnMap::resolve(source.name(), &dialect.header, names)?;
        let evidence = look_at(source, &dialect, &columns, meter)?;
        if evidence.n_lines == 0 {
            return Err(IntakeError::Empty {
                file: source.name().into(),
            });
        }
        looked.push((dialect, columns, evidence));
    }
    one_currency(looked.iter().map(|(.., evidence)| evidence))?;
    // A file that can be read both ways is read as the others are, where these leave no doubt.
    let order_of_all = agreed(looked.iter().map(|(.., evidence)| evidence.order()));
    let mark_of_all = agreed(looked.iter().map(|(.., evidence)| evidence.mark()));
    let mut plans = Vec::with_capacity(looked.len());
    for (dialect, columns, evidence) in looked {
        plans.push(Plan {
            date_order: evidence.decide_order(format.date_order, order_of_all)?,
            decimal_mark: evidence.decide_mark(format.decimal_mark, mark_of_all)?,
            encoding: format.encoding.unwrap_or(evidence.encoding()),
            has_cancellations: evidence.n_c_invoices < evidence.n_plain_invoices,
            has_fractional_ids: evidence.n_customers > 0
                && evidence.n_customers == evidence.n_fractional_customers,
            n_lines: evidence.n_lines,
            currency: evidence.currency.map(|(currency, _)| currency),
            dialect,
            columns,
        });
    }
    Ok(plans)
}

/// A record of more lines than this has a quote that was never closed.
const LINES_OF_A_RECORD_MAX: u64 = 1_000;

fn look_at(
    source: &Source,
    dialect: &Dialect,
    columns: &ColumnMap,
    meter: &mut Meter<'_>,
) -> Result<Evidence, IntakeError> {
    let unreadable = |error| IntakeError::Unreadable {
        file: source.name().into(),
        source: error,
    };
    let mut records = dialect.records(source).map_err(unreadable)?;
    let mut evidence = Evidence::default();
    let mut record = csv::ByteRecord::new();
    while let Some(span) = records.read(&mut record).map_err(unreadable)? {
        let place = || Place {
            file: source.name().into(),
            line: span.line,
        };
        if span.n_lines > LINES_OF_A_RECORD_MAX {
            return Err(IntakeError::OpenQuote { place: place() });
        }
        evidence.n_lines += 1;
        evidence.is_not_utf8 |= std::str::from_utf8(record.as_slice()).is_err();
        if record.len() >= columns.n_fields {
            evidence.add(&record, columns, &place)?;
        }
        meter.step(records.n_read());
    }
    meter.file_done(records.n_read());
    Ok(evidence)
}

impl Evidence {
    fn add(
        &mut self,
        record: &csv::ByteRecord,
        columns: &ColumnMap,
        place: &dyn Fn() -> Place,
    ) -> Result<(), IntakeError> {
        self.add_date(&text(record, columns.date), place);
        for at in columns.numeric() {
            self.add_number(&text(record, at), place)?;
        }
        if let Some(at) = columns.transaction {
            match record[at].trim_ascii() {
                [b'C' | b'c', digits @ ..] if is_number(digits) => self.n_c_invoices += 1,
                digits if is_number(digits) => self.n_plain_invoices += 1,
                _ => {}
            }
        }
        let customer = record[columns.customer].trim_ascii();
        if !is_missing(customer) {
            self.n_customers += 1;
            self.n_fractional_customers +=
                u64::from(customer.strip_suffix(b".0").is_some_and(is_number));
        }
        Ok(())
    }

    fn add_date(&mut self, text: &str, place: &dyn Fn() -> Place) {
        let slot = match order_evidence(text) {
            OrderEvidence::Silent => return,
            OrderEvidence::Only(DateOrder::DayFirst) => &mut self.day_first,
            OrderEvidence::Only(DateOrder::MonthFirst) => &mut self.month_first,
            OrderEvidence::Either => &mut self.either_first,
            OrderEvidence::TwoDigitYear => &mut self.two_digit_year,
        };
        slot.get_or_insert_with(|| example(text, place));
    }

    fn add_number(&mut self, text: &str, place: &dyn Fn() -> Place) -> Result<(), IntakeError> {
        let slot = match mark_evidence(text) {
            MarkEvidence::Silent => None,
            MarkEvidence::Only(DecimalMark::Point) => Some(&mut self.point),
            MarkEvidence::Only(DecimalMark::Comma) => Some(&mut self.comma),
            MarkEvidence::Either => Some(&mut self.either_mark),
        };
        if let Some(slot) = slot {
            slot.get_or_insert_with(|| example(text, place));
        }
        match (currency_of(text), &self.currency) {
            (Some(currency), None) => {
                self.currency = Some((currency.to_owned(), example(text, place)));
            }
            (Some(currency), Some((before, one))) if currency != before => {
                return Err(IntakeError::MixedCurrencies {
                    one: one.clone(),
                    other: example(text, place),
                });
            }
            _ => {}
        }
        Ok(())
    }

    /// The order of day and month that the dates prove, if they prove one.
    fn order(&self) -> Option<DateOrder> {
        match (&self.day_first, &self.month_first) {
            (Some(_), None) => Some(DateOrder::DayFirst),
            (None, Some(_)) => Some(DateOrder::MonthFirst),
            _ => None,
        }
    }

    fn mark(&self) -> Option<DecimalMark> {
        match (&self.point, &self.comma) {
            (Some(_), None) => Some(DecimalMark::Point),
            (None, Some(_)) => Some(DecimalMark::Comma),
            _ => None,
        }
    }

    fn encoding(&self) -> Encoding {
        if self.is_not_utf8 {
            Encoding::Windows1252
        } else {
            Encoding::Utf8
        }
    }

    fn decide_order(
        &self,
        declared: Option<DateOrder>,
        of_all: Option<DateOrder>,
    ) -> Result<Option<DateOrder>, IntakeError> {
        let last_year = [
            &self.day_first,
            &self.month_first,
            &self.either_first,
            &self.two_digit_year,
        ];
        if declared.is_some() {
            return Ok(declared.filter(|_| last_year.into_iter().any(Option::is_some)));
        }
        if let Some(example) = &self.two_digit_year {
            return Err(IntakeError::TwoDigitYears {
                example: example.clone(),
            });
        }
        match (&self.day_first, &self.month_first, &self.either_first) {
            (Some(day_first), Some(month_first), _) => Err(IntakeError::MixedDates {
                day_first: day_first.clone(),
                month_first: month_first.clone(),
            }),
            (None, None, Some(example)) if of_all.is_none() => Err(IntakeError::AmbiguousDates {
                example: example.clone(),
            }),
            (None, None, None) => Ok(None),
            _ => Ok(self.order().or(of_all)),
        }
    }

    fn decide_mark(
        &self,
        declared: Option<DecimalMark>,
        of_all: Option<DecimalMark>,
    ) -> Result<DecimalMark, IntakeError> {
        if let Some(mark) = declared {
            return Ok(mark);
        }
        match (&self.point, &self.comma, &self.either_mark) {
            (Some(point), Some(comma), _) => Err(IntakeError::MixedNumbers {
                point: point.clone(),
                comma: comma.clone(),
            }),
            (None, None, Some(example)) if of_all.is_none() => Err(IntakeError::AmbiguousNumbers {
                example: example.clone(),
            }),
            // Whole numbers only: nothing depends on the mark.
            _ => Ok(self.mark().or(of_all).unwrap_or(DecimalMark::Point)),
        }
    }
}

/// The encoding is not known yet: what is not UTF-8 is read as Windows-1252, which is all it can turn out to be.
fn text(record: &csv::ByteRecord, at: usize) -> std::borrow::Cow<'_, str> {
    let field = &record[at];
    let encoding = if std::str::from_utf8(field).is_ok() {
        Encoding::Utf8
    } else {
        Encoding::Windows1252
    };
    decoded(field, encoding)
}

fn example(text: &str, place: &dyn Fn() -> Place) -> Example {
    Example {
        place: place(),
        text: text.trim().chars().take(40).collect(),
    }
}

fn is_number(digits: &[u8]) -> bool {
    !digits.is_empty() && digits.iter().all(u8::is_ascii_digit)
}

/// Whether a field says "nothing" in one of the ways that programs write it.
pub(crate) fn is_missing(field: &[u8]) -> bool {
    const WORDS: [&str; 7] = ["null", "nan", "none", "nil", "n/a", "#n/a", "-"];
    field.is_empty()
        || (field.len() <= 4
            && WORDS
                .iter()
                .any(|word| field.eq_ignore_ascii_case(word.as_bytes())))
}

/// What all that say something agree on.
fn agreed<T: Copy + PartialEq>(said: impl Iterator<Item = Option<T>>) -> Option<T> {
    let mut said = said.flatten();
    let first = said.next()?;
    said.all(|other| other == first).then_some(first)
}

fn one_currency<'a>(files: impl Iterator<Item = &'a Evidence>) -> Result<(), IntakeError> {
    let mut first: Option<&(String, Example)> = None;
    for found in files.filter_map(|evidence| evidence.currency.as_ref()) {
        let (currency, one) = first.get_or_insert(found);
        if *currency != found.0 {
            return Err(IntakeError::MixedCurrencies {
                one: one.clone(),
                other: found.1.clone(),
            });
        }
    }
    Ok(())
}
