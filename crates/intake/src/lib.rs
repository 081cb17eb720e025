//! Files to payloads: exports of a shop become requests of the analyses.
//!
//! ```text
//! files ──survey──▶ plans ──read──▶ lines ──settle refunds──▶ lines ──roll up──▶ request ──write──▶ JSON
//!         (how is each written?)      │                         │                  │
//!                                     └────────── every line that leaves is counted by its reason ──▶ summary
//! ```
//!
//! A file is text with a header, parted by comma, semicolon, tab or pipe; gzip, byte order marks, UTF-16 and
//! Windows-1252 are recognized, and so are the names of columns in English, Spanish and Portuguese. Nothing is guessed
//! from one line: whether the day comes before the month, and whether a comma parts decimals or thousands, is decided by
//! the whole file, and where even that leaves a doubt the import stops and says how to declare it.
//!
//! - **Amounts** are decimals, never doubles: [`Decimal`]. The amount of a line is its amount column, or quantity × unit
//!   price where the file has no such column or both were named.
//! - **Every line is accounted for**: kept + dropped = read, by [`Reason`], and the money as well: [`ImportSummary`].
//! - **Refunds** (a negative amount, a negative quantity, a line of an invoice `C…` among plain numbers) follow a
//!   declared [`RefundRule`]. Where they count, requests for lifetime value hold them on their own days; in others they
//!   are taken off the purchases before.
//! - **Orders** are the lines of one customer with one order number; where no column numbers the orders, all that a
//!   customer bought on one day.
//! - **Memory** grows with the lines that are kept, about a hundred bytes each; files are read twice and never held.
//!
//! Tables of customers, a row for each, are read by [`customers`].
//!
//! Flags that messages name, for the command line to offer: `--delimiter`, `--encoding`, `--date-order`,
//! `--decimal-mark`, `--refunds`, `--duplicates`, `--zero-amounts`, `--today`, `--currency`, and one `--…-column` per [`Role`].
#![deny(missing_docs)]

mod columns;
pub mod customers;
mod dates;
mod decimal;
mod dialect;
mod error;
mod lines;
mod numbers;
mod options;
mod progress;
mod refunds;
mod request;
mod roles;
mod sales;
mod source;
mod summary;
mod survey;
mod tally;

pub use columns::ColumnNames;
pub use dates::DateOrder;
pub use decimal::Decimal;
pub use error::{Example, IntakeError, Place};
pub use numbers::DecimalMark;
pub use options::{
    Delimiter, DuplicateRule, Encoding, FileFormat, RefundRule, SalesOptions, ShoppersOptions,
    Target, TransactionsOptions, ZeroRule,
};
pub use progress::Progress;
pub use request::ImportedRequest;
pub use roles::Role;
pub use source::Source;
pub use summary::{Dropped, FileSummary, ImportSummary, Reason, TypesCut};

use clientela_tables::Sales;

use lines::{Kinds, Lines, Needs};
use progress::Meter;
use refunds::Holds;
use request::{Texts, n_orders};
use survey::Plan;
use tally::Tally;

/// Reads `files` and makes the request of `options.target`: one row per invoice line for
/// [`Target::CustomerFeatures`], one per order for [`Target::CustomerRfm`], and for lifetime value one per order and day,
/// with refunds in rows of their own.
///
/// `progress` is called every few thousand lines.
///
/// # Errors
/// [`IntakeError`] where a file can't be read or understood without a declaration, where refunds occur without a rule,
/// and where no line remains.
pub fn import_transactions(
    files: &[Source],
    options: &TransactionsOptions,
    progress: &mut dyn FnMut(Progress),
) -> Result<(ImportedRequest, ImportSummary), IntakeError> {
    let needs = Needs {
        product: options.target == Target::CustomerFeatures,
        cost: options.target.wants_costs(),
        kind: Kinds::None,
        today: options.today,
        duplicates: options.duplicates,
        zero_amounts: options.zero_amounts,
    };
    let read = read_files(files, &options.columns, &options.format, &needs, progress)?;
    let holds = if options.target.takes_refunds() {
        let with_costs = read.has_costs;
        Holds::Refunds { with_costs }
    } else {
        Holds::Purchases
    };
    let settled = read.settle(options.refunds, holds)?;
    let mut summary = settled.summary()?;
    summary.currency = options.currency.clone().or(summary.currency);
    let currency = summary.currency_code().map(str::to_owned);
    let Settled { rows, texts, .. } = settled;
    let request =
        ImportedRequest::of_transactions(&rows, texts, options.target, options.today, currency);
    Ok((request, summary))
}

/// Reads `files` and makes the `customers` shape of `purchasing_segmentation`: orders, amount spent and product types
/// per customer, of the types at most the fifty that most was spent on.
///
/// A line without a product type counts in orders and amount; a customer none of whose lines has one is left out.
///
/// # Errors
/// As [`import_transactions`].
pub fn import_shoppers(
    files: &[Source],
    options: &ShoppersOptions,
    progress: &mut dyn FnMut(Progress),
) -> Result<(ImportedRequest, ImportSummary), IntakeError> {
    let needs = Needs {
        product: false,
        cost: false,
        kind: Kinds::CategoryOrProduct,
        today: options.today,
        duplicates: options.duplicates,
        zero_amounts: options.zero_amounts,
    };
    let read = read_files(files, &options.columns, &options.format, &needs, progress)?;
    let mut settled = read.settle(options.refunds, Holds::Purchases)?;
    settled.drop_customers_without_kinds();
    let mut summary = settled.summary()?;
    summary.currency = options.currency.clone().or(summary.currency);
    let currency = summary.currency_code().map(str::to_owned);
    let (request, cut) = ImportedRequest::of_shoppers(&settled.rows, settled.texts, currency);
    summary.types_cut = TypesCut {
        n_customers: cut.n_customers,
        n_types: cut.n_types,
    };
    Ok((request, summary))
}

/// Reads `files` and lays the lines out by customer, refunds among them on their own days: what snapshots of customers are
/// made of.
///
/// Products are told apart by code, or by name where a line has none; kinds of product by the category column, if there is
/// one.
///
/// # Errors
/// As [`import_transactions`].
pub fn import_sales(
    files: &[Source],
    options: &SalesOptions,
    progress: &mut dyn FnMut(Progress),
) -> Result<(Sales, ImportSummary), IntakeError> {
    let needs = Needs {
        product: false,
        cost: false,
        kind: Kinds::Category,
        today: options.today,
        duplicates: options.duplicates,
        zero_amounts: options.zero_amounts,
    };
    let read = read_files(files, &options.columns, &options.format, &needs, progress)?;
    let settled = read.settle(options.refunds, Holds::Refunds { with_costs: false })?;
    let mut summary = settled.summary()?;
    summary.currency = options.currency.clone().or(summary.currency);
    Ok((sales::of_lines(&settled.rows, &settled.texts), summary))
}

fn read_files(
    files: &[Source],
    columns: &ColumnNames,
    format: &FileFormat,
    needs: &Needs,
    progress: &mut dyn FnMut(Progress),
) -> Result<Read, IntakeError> {
    if files.is_empty() {
        return Err(IntakeError::NoFiles);
    }
    for (at, source) in files.iter().enumerate() {
        if files[..at].iter().any(|before| before.is_same_file(source)) {
            return Err(IntakeError::FileTwice {
                file: source.name().into(),
            });
        }
    }
    let n_bytes_total = 2 * files.iter().map(Source::n_bytes).sum::<u64>();
    let mut meter = Meter::new(n_bytes_total, progress);
    let plans = survey::survey(files, columns, format, &mut meter)?;
    meter.second_reading();
    let lines = lines::read(files, &plans, needs, &mut meter)?;
    let has_costs = needs.cost && plans.iter().any(|plan| plan.columns.cost.is_some());
    let files = files
        .iter()
        .zip(&plans)
        .map(|(source, plan)| file_summary(source, plan))
        .collect();
    Ok(Read {
        lines,
        files,
        plans,
        has_costs,
    })
}

fn file_summary(source: &Source, plan: &Plan) -> FileSummary {
    FileSummary {
        name: source.name().to_owned(),
        n_lines: plan.n_lines,
        encoding: if plan.dialect.is_utf16 {
            "utf-16"
        } else {
            plan.encoding.name()
        },
        delimiter: plan.dialect.delimiter.name(),
        date_order: plan.date_order.map(DateOrder::name),
        decimal_mark: plan.decimal_mark.name(),
        fractional_ids: plan.has_fractional_ids,
        columns: plan.columns.used.clone(),
    }
}

/// All readable lines, refunds among them.
struct Read {
    lines: Lines,
    files: Vec<FileSummary>,
    plans: Vec<Plan>,
    /// Whether costs were asked for and a file has them.
    has_costs: bool,
}

/// Lines after refunds were dealt with.
struct Settled {
    rows: Vec<lines::Line>,
    texts: Texts,
    tally: Tally,
    /// All that the rows themselves do not say.
    beginnings: ImportSummary,
    has_costs: bool,
}

impl Read {
    fn settle(mut self, rule: RefundRule, holds: Holds) -> Result<Settled, IntakeError> {
        let rows = std::mem::take(&mut self.lines.rows);
        let refunds = refunds::settle(rows, rule, holds, &mut self.lines.tally);
        let settled = refunds.map_err(|found| IntakeError::Refunds {
            first: found
                .first
                .into_iter()
                .map(|at| at.place(&self.files))
                .collect(),
            n_lines: found.n_lines,
            are_dated: holds != Holds::Purchases,
        })?;
        let beginnings = ImportSummary {
            n_read: self.files.iter().map(|file| file.n_lines).sum(),
            amount_read: self.lines.amount_read,
            n_reduced: settled.n_reduced,
            amount_reduced: settled.amount_reduced,
            amount_unmatched: settled.amount_unmatched,
            n_refunds: settled.n_dated,
            amount_refunds: settled.amount_dated,
            cost_refunds: settled.cost_dated,
            n_duplicates_kept: self.lines.n_duplicates_kept,
            orders_are_days: self
                .plans
                .iter()
                .any(|plan| plan.columns.transaction.is_none()),
            currency: self.plans.iter().find_map(|plan| plan.currency.clone()),
            files: self.files,
            ..ImportSummary::default()
        };
        let texts = Texts {
            customers: self.lines.customers.into_texts(),
            transactions: self.lines.transactions.into_texts(),
            products: self.lines.products.into_texts(),
            kinds: self.lines.kinds.into_texts(),
        };
        let (rows, tally) = (settled.rows, self.lines.tally);
        Ok(Settled {
            rows,
            texts,
            tally,
            beginnings,
            has_costs: self.has_costs,
        })
    }
}

fn n_distinct(customers: impl Iterator<Item = u32>) -> u64 {
    let mut customers: Vec<u32> = customers.collect();
    customers.sort_unstable();
    customers.dedup();
    customers.len() as u64
}

impl Settled {
    /// The summary of what is in `rows` now.
    fn summary(&self) -> Result<ImportSummary, IntakeError> {
        let n_customers = n_distinct(self.rows.iter().map(|line| line.customer));
        let purchases = self.rows.iter().filter(|line| !line.is_refund);
        let n_buyers = n_distinct(purchases.map(|line| line.customer));
        let n_costs_missing = self
            .rows
            .iter()
            .filter(|line| self.has_costs && line.cost.is_none())
            .count();
        let summary = ImportSummary {
            n_kept: self.rows.len() as u64,
            dropped: self.tally.dropped(&self.beginnings.files),
            amount_kept: self.rows.iter().map(|line| line.amount).sum(),
            n_customers,
            n_only_refunds: n_customers - n_buyers,
            n_orders: n_orders(&self.rows),
            n_costs_missing: n_costs_missing as u64,
            first_date: self.rows.iter().map(|line| line.moment.date).min(),
            last_date: self.rows.iter().map(|line| line.moment.date).max(),
            ..self.beginnings.clone()
        };
        if self.rows.is_empty() {
            return Err(IntakeError::NothingKept {
                summary: Box::new(summary),
            });
        }
        Ok(summary)
    }

    fn drop_customers_without_kinds(&mut self) {
        let mut has_kind = vec![false; self.texts.customers.len()];
        for line in &self.rows {
            has_kind[line.customer as usize] |= line.kind.is_some();
        }
        self.rows.retain(|line| {
            let is_kept = has_kind[line.customer as usize];
            if !is_kept {
                self.tally
                    .drop_line(Reason::MissingCategory, Some(line.amount), line.at);
            }
            is_kept
        });
    }
}
