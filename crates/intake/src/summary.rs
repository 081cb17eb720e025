//! What became of every line: kept, or dropped for one reason.

use std::fmt;

use clientela_tables::Date;
use serde::{Serialize, Serializer};

use crate::Decimal;
use crate::error::Place;
use crate::roles::Role;

/// Why a line is not in the request. A line that has several faults counts under the first in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// All its fields are empty.
    Blank,
    /// It has more or fewer fields than the header: usually a delimiter or a quote inside a text.
    UnevenFields,
    /// It names no customer.
    MissingCustomer,
    /// An id is longer than 256 bytes.
    LongId,
    /// It has no date.
    MissingDate,
    /// Its date can't be read or does not exist.
    BadDate,
    /// Its date is after the declared today.
    AfterToday,
    /// It has no amount.
    MissingAmount,
    /// Its amount can't be read.
    BadAmount,
    /// It names no order, while the file has a column for it.
    MissingTransaction,
    /// It names no product, and the request needs one.
    MissingProduct,
    /// It came to nothing.
    ZeroAmount,
    /// It is an exact copy of an earlier line.
    Duplicate,
    /// It belongs to a cancelled invoice.
    CancelledInvoice,
    /// It is a refund, and refunds are left out.
    Refund,
    /// It is a refund that earlier purchases took up in full.
    RefundNetted,
    /// It is a refund that earlier purchases took up in part.
    RefundPartlyNetted,
    /// It is a refund without an earlier purchase of the same customer and product.
    RefundUnmatched,
    /// It is a purchase that was refunded in full.
    FullyRefunded,
    /// Nothing says what kind of product its customer ever bought.
    MissingCategory,
}

impl Reason {
    /// Every reason, in the order in which they are checked.
    pub const ALL: [Self; 20] = [
        Self::Blank,
        Self::UnevenFields,
        Self::MissingCustomer,
        Self::LongId,
        Self::MissingDate,
        Self::BadDate,
        Self::AfterToday,
        Self::MissingAmount,
        Self::BadAmount,
        Self::MissingTransaction,
        Self::MissingProduct,
        Self::ZeroAmount,
        Self::Duplicate,
        Self::CancelledInvoice,
        Self::Refund,
        Self::RefundNetted,
        Self::RefundPartlyNetted,
        Self::RefundUnmatched,
        Self::FullyRefunded,
        Self::MissingCategory,
    ];

    /// The reason in words, to stand after a count: "135,080 without a customer id".
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Blank => "blank",
            Self::UnevenFields => "with more or fewer fields than the header",
            Self::MissingCustomer => "without a customer id",
            Self::LongId => "with an id longer than 256 bytes",
            Self::MissingDate => "without a date",
            Self::BadDate => "with a date that can't be read",
            Self::AfterToday => "dated after today",
            Self::MissingAmount => "without an amount",
            Self::BadAmount => "with an amount that can't be read",
            Self::MissingTransaction => "without an order number",
            Self::MissingProduct => "without a product",
            Self::ZeroAmount => "that came to nothing",
            Self::Duplicate => "exact copies of an earlier line",
            Self::CancelledInvoice => "of cancelled invoices",
            Self::Refund => "refunds",
            Self::RefundNetted => "refunds, taken from earlier purchases",
            Self::RefundPartlyNetted => "refunds, taken in part from earlier purchases",
            Self::RefundUnmatched => "refunds without an earlier purchase",
            Self::FullyRefunded => "purchases refunded in full",
            Self::MissingCategory => "of customers without any product category",
        }
    }
}

/// Lines dropped for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Dropped {
    /// Why.
    pub reason: Reason,
    /// How many.
    pub n_lines: u64,
    /// What they add up to, of those whose amount can be read.
    pub amount: Decimal,
    /// The first of them.
    pub first: Place,
}

/// How one file was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FileSummary {
    /// Its name.
    pub name: String,
    /// Lines (records) below the header.
    pub n_lines: u64,
    /// `utf-8`, `utf-16` or `windows-1252`.
    pub encoding: &'static str,
    /// `comma`, `semicolon`, `tab` or `pipe`.
    pub delimiter: &'static str,
    /// `day-first` or `month-first`, where the year comes last.
    pub date_order: Option<&'static str>,
    /// `point` or `comma`.
    pub decimal_mark: &'static str,
    /// Whether `.0` was taken off every customer id: a program had read them as fractions.
    pub fractional_ids: bool,
    /// Which column was read as what.
    pub columns: Vec<(Role, String)>,
}

/// Product types that did not fit into the request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct TypesCut {
    /// Customers with more than fifty product types.
    pub n_customers: u64,
    /// Types left out, over all of them.
    pub n_types: u64,
}

/// What became of every line.
///
/// Always: `n_read = n_kept + Σ dropped.n_lines`, and
/// `amount_read = amount_kept + amount_reduced + Σ dropped.amount`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ImportSummary {
    /// How each file was read.
    pub files: Vec<FileSummary>,
    /// Lines below the headers of all files.
    pub n_read: u64,
    /// Lines whose amount is in the request.
    pub n_kept: u64,
    /// Lines that are not, by reason in the order of [`Reason`]; only reasons that occurred.
    pub dropped: Vec<Dropped>,
    /// What all lines add up to whose amount can be read; refunds count as negative.
    pub amount_read: Decimal,
    /// What the request adds up to.
    pub amount_kept: Decimal,
    /// Lines that are kept with a lower amount, because a part was refunded.
    pub n_reduced: u64,
    /// By how much, together.
    pub amount_reduced: Decimal,
    /// What refunds left over that no earlier purchase could take up; positive.
    pub amount_unmatched: Decimal,
    /// Refunds among the lines kept: negative amounts with dates of their own.
    pub n_refunds: u64,
    /// What they add up to; negative.
    pub amount_refunds: Decimal,
    /// What the files say that refunded goods had cost; the request can't credit it.
    pub cost_refunds: Decimal,
    /// Exact copies of earlier lines among those kept.
    pub n_duplicates_kept: u64,
    /// Lines kept without a cost, where the file has a column for it.
    pub n_costs_missing: u64,
    /// Customers in the request.
    pub n_customers: u64,
    /// Customers among them of whom there are refunds and no purchase.
    pub n_only_refunds: u64,
    /// Their orders; a refund is none.
    pub n_orders: u64,
    /// Whether an order is all that a customer bought on one day, because no column numbers the orders.
    pub orders_are_days: bool,
    /// The first date kept.
    #[serde(serialize_with = "as_text")]
    pub first_date: Option<Date>,
    /// The last date kept.
    #[serde(serialize_with = "as_text")]
    pub last_date: Option<Date>,
    /// The currency of the amounts, where the file shows one: an ISO 4217 code, or a symbol that several share.
    pub currency: Option<String>,
    /// Product types that did not fit into a request for shoppers.
    pub types_cut: TypesCut,
}

#[expect(clippy::ref_option, reason = "the signature that serde asks for")]
fn as_text<S: Serializer>(date: &Option<Date>, serializer: S) -> Result<S::Ok, S::Error> {
    match date {
        Some(date) => serializer.collect_str(date),
        None => serializer.serialize_none(),
    }
}

impl ImportSummary {
    /// The currency where it is an ISO 4217 code: `$` is half a dozen currencies, and no request takes it.
    #[must_use]
    pub fn currency_code(&self) -> Option<&str> {
        let is_code =
            |text: &&str| text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase());
        self.currency.as_deref().filter(is_code)
    }

    /// Lines that are not in the request.
    #[must_use]
    pub fn n_dropped(&self) -> u64 {
        self.dropped.iter().map(|dropped| dropped.n_lines).sum()
    }

    /// Lines dropped for `reason`.
    #[must_use]
    pub fn n_dropped_for(&self, reason: Reason) -> u64 {
        self.dropped
            .iter()
            .filter(|dropped| dropped.reason == reason)
            .map(|dropped| dropped.n_lines)
            .sum()
    }
}

/// A report of a dozen lines: counts, reasons, what the request holds, what to know about it.
impl fmt::Display for ImportSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (read, kept, dropped) = (
            grouped(self.n_read),
            grouped(self.n_kept),
            grouped(self.n_dropped()),
        );
        writeln!(f, "{read} lines read, {kept} kept, {dropped} dropped.")?;
        for row in &self.dropped {
            writeln!(
                f,
                "  {:>11} {} (first: {})",
                grouped(row.n_lines),
                row.reason.words(),
                row.first
            )?;
        }
        for file in &self.files {
            file.write(f)?;
        }
        if let (Some(first), Some(last)) = (self.first_date, self.last_date) {
            let (customers, orders) = (grouped(self.n_customers), grouped(self.n_orders));
            let currency = self
                .currency
                .as_ref()
                .map_or(String::new(), |currency| format!(" {currency}"));
            writeln!(
                f,
                "{customers} customers, {orders} orders, {}{currency} from {first} to {last}.",
                money(self.amount_kept)
            )?;
        }
        self.notes()
            .try_for_each(|note| writeln!(f, "Note: {note}"))
    }
}

impl ImportSummary {
    /// What a reader should know beyond the counts; worded so that one and many read alike.
    fn notes(&self) -> impl Iterator<Item = String> {
        let when = |holds: bool, note: String| holds.then_some(note);
        let TypesCut {
            n_customers,
            n_types,
        } = self.types_cut;
        [
            when(self.n_reduced > 0, format!(
                "kept lines that refunds lowered: {}, by {}.", grouped(self.n_reduced), money(self.amount_reduced)
            )),
            when(!self.amount_unmatched.is_zero(), format!(
                "refunds that found no earlier purchase: {}.", money(self.amount_unmatched)
            )),
            when(self.n_refunds > 0, format!(
                "refunds, each counted from its own day on: {} lines, {} in all.", grouped(self.n_refunds), money(self.amount_refunds)
            )),
            when(self.n_only_refunds > 0, format!(
                "customers with refunds and no purchase: {}.", grouped(self.n_only_refunds)
            )),
            when(!self.cost_refunds.is_zero(), format!(
                "the cost of what was refunded, {}, can't be credited: margins are lower by up to that.", money(self.cost_refunds)
            )),
            when(self.n_duplicates_kept > 0, format!(
                "kept lines that are exact copies of earlier ones: {}; --duplicates drop leaves them out.", grouped(self.n_duplicates_kept)
            )),
            when(self.orders_are_days, "no column numbers the orders, so that all a customer bought on one day is one order.".into()),
            when(self.n_costs_missing > 0, format!(
                "kept lines without a readable cost: {}; margins need the cost of every line, else amounts count.", grouped(self.n_costs_missing)
            )),
            when(n_types > 0, format!(
                "customers with more than 50 product types: {}; types cut, those with the least revenue: {}.", grouped(n_customers), grouped(n_types)
            )),
        ]
        .into_iter()
        .flatten()
    }
}

impl FileSummary {
    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let order = self
            .date_order
            .map_or(String::new(), |order| format!(", {order} dates"));
        let lines = grouped(self.n_lines);
        let (encoding, delimiter, mark) = (self.encoding, self.delimiter, self.decimal_mark);
        writeln!(
            f,
            "{}: {lines} lines, {encoding}, {delimiter} between fields, decimal {mark}{order}.",
            self.name
        )?;
        let columns: Vec<String> = self
            .columns
            .iter()
            .map(|(role, name)| format!("{} = {name}", role.words()))
            .collect();
        writeln!(f, "  {}", columns.join(", "))?;
        if self.fractional_ids {
            writeln!(f, "  \".0\" was taken off every customer id.")?;
        }
        Ok(())
    }
}

/// At least two decimals, all that there are: `77.6` → `77.60`, `0.125` → `0.125`.
fn money(amount: impl fmt::Display) -> String {
    let mut text = grouped(amount);
    let n_decimals = text
        .split_once('.')
        .map_or(0, |(_, decimals)| decimals.len());
    if n_decimals == 0 {
        text.push('.');
    }
    text.push_str(&"0".repeat(2_usize.saturating_sub(n_decimals)));
    text
}

/// `541909` → `541,909`, `-1234.5` → `-1,234.5`.
pub(crate) fn grouped(number: impl fmt::Display) -> String {
    let number = number.to_string();
    let whole = number.split('.').next().unwrap_or_default().len();
    let mut text = String::with_capacity(number.len() + number.len() / 3);
    for (at, character) in number.char_indices() {
        let is_inside = at > 0 && at < whole && !text.ends_with('-');
        if is_inside && (whole - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(character);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_listed_in_the_order_of_their_variants() {
        assert!(Reason::ALL.is_sorted());
        for (at, reason) in Reason::ALL.into_iter().enumerate() {
            assert_eq!(reason as usize, at);
        }
    }

    #[test]
    fn money_has_at_least_two_decimals() {
        for (amount, expected) in [
            ("1310", "1,310.00"),
            ("-77.6", "-77.60"),
            ("0.125", "0.125"),
        ] {
            assert_eq!(money(amount), expected);
        }
    }

    #[test]
    fn numbers_are_grouped_by_thousands() {
        for (number, text) in [
            ("0", "0"),
            ("999", "999"),
            ("1000", "1,000"),
            ("541909", "541,909"),
            ("-100.2575", "-100.2575"),
            ("-1000000.25", "-1,000,000.25"),
        ] {
            assert_eq!(grouped(number), text);
        }
    }
}
