//! The second reading of the files: from records to lines whose customer, date and amount are known.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hasher};
use std::sync::Arc;

use clientela_tables::Date;

use crate::Decimal;
use crate::columns::{AmountSource, ColumnMap, CostSource};
use crate::dates::{Moment, parse_moment};
use crate::dialect::decoded;
use crate::error::IntakeError;
use crate::numbers::parse_number;
use crate::options::{DuplicateRule, ZeroRule};
use crate::progress::Meter;
use crate::roles::Role;
use crate::source::Source;
use crate::summary::Reason;
use crate::survey::{Plan, is_missing};
use crate::tally::{At, Tally};

/// A purchase, or a refund where `is_refund`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line {
    /// Negative on refunds.
    pub amount: Decimal,
    /// What the line cost the shop; without a sign.
    pub cost: Option<Decimal>,
    pub moment: Moment,
    pub customer: u32,
    pub transaction: u32,
    pub product: Option<u32>,
    pub kind: Option<u32>,
    pub is_refund: bool,
    pub is_cancelled: bool,
    pub at: At,
}

/// Texts that occur many times, each held once and numbered by first appearance.
#[derive(Debug, Default)]
pub(crate) struct Names {
    numbers: HashMap<Arc<str>, u32>,
    texts: Vec<Arc<str>>,
}

impl Names {
    fn number(&mut self, text: &str) -> u32 {
        if let Some(&number) = self.numbers.get(text) {
            return number;
        }
        let number =
            u32::try_from(self.texts.len()).expect("fewer than four billion names fit into memory");
        let text: Arc<str> = Arc::from(text);
        self.texts.push(Arc::clone(&text));
        self.numbers.insert(text, number);
        number
    }

    /// The texts by number.
    pub(crate) fn into_texts(self) -> Vec<Arc<str>> {
        self.texts
    }
}

/// Every line that is readable, in the order of the files.
#[derive(Default)]
pub(crate) struct Lines {
    pub rows: Vec<Line>,
    pub customers: Names,
    pub transactions: Names,
    pub products: Names,
    /// Kinds of product, for shoppers.
    pub kinds: Names,
    pub tally: Tally,
    pub amount_read: Decimal,
    pub n_duplicates_kept: u64,
    seen: HashSet<(u64, u64)>,
}

/// What lines are read for.
pub(crate) struct Needs {
    /// A line without a product is of no use.
    pub product: bool,
    pub cost: bool,
    /// What kind of product a line is about.
    pub kind: Kinds,
    /// Later lines are dropped.
    pub today: Option<Date>,
    pub duplicates: DuplicateRule,
    pub zero_amounts: ZeroRule,
}

/// Which column tells what kind of product a line is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kinds {
    /// None is needed.
    None,
    /// The category, where a file has it.
    Category,
    /// The category, else the product; a file without either is of no use.
    CategoryOrProduct,
}

/// Bytes of an id that the requests accept.
const ID_BYTES_MAX: usize = 256;

/// Reads all files by their plans.
pub(crate) fn read(
    files: &[Source],
    plans: &[Plan],
    needs: &Needs,
    meter: &mut Meter<'_>,
) -> Result<Lines, IntakeError> {
    let mut lines = Lines::default();
    for (file, (source, plan)) in files.iter().zip(plans).enumerate() {
        check_columns(source, plan, needs)?;
        lines.read_file(source, plan, needs, file as u32, meter)?;
    }
    Ok(lines)
}

fn check_columns(source: &Source, plan: &Plan, needs: &Needs) -> Result<(), IntakeError> {
    let ColumnMap {
        product,
        description,
        category,
        ..
    } = plan.columns;
    let missing = if needs.product && product.or(description).is_none() {
        Some(Role::Product)
    } else if needs.kind == Kinds::CategoryOrProduct
        && category.or(description).or(product).is_none()
    {
        Some(Role::Category)
    } else {
        None
    };
    missing.map_or(Ok(()), |role| {
        Err(IntakeError::ColumnMissing {
            file: source.name().into(),
            role,
            header: plan.dialect.header.clone(),
        })
    })
}

/// 128 bits of SipHash: at a million lines the chance that two different ones meet is 10⁻²⁷, so that the set of hashes
/// stands for the set of lines at a fraction of its memory.
fn hash_of<'a>(fields: impl Iterator<Item = &'a [u8]>) -> (u64, u64) {
    let mut hasher = DefaultHasher::new();
    for field in fields {
        hasher.write_usize(field.len());
        hasher.write(field);
    }
    let first = hasher.finish();
    hasher.write_u8(1);
    (first, hasher.finish())
}

struct Rejected {
    reason: Reason,
    amount: Option<Decimal>,
}

/// What the numbers of a record come to.
struct Worth {
    /// Negative on refunds.
    amount: Result<Decimal, Reason>,
    is_refund: bool,
    is_cancelled: bool,
}

/// The checked fields of a record.
struct Fields<'a> {
    customer: &'a [u8],
    transaction: Option<&'a [u8]>,
    product: Option<&'a [u8]>,
    moment: Moment,
    amount: Decimal,
}

impl Lines {
    fn read_file(
        &mut self,
        source: &Source,
        plan: &Plan,
        needs: &Needs,
        file: u32,
        meter: &mut Meter<'_>,
    ) -> Result<(), IntakeError> {
        let unreadable = |error| IntakeError::Unreadable {
            file: source.name().into(),
            source: error,
        };
        let mut records = plan.dialect.records(source).map_err(unreadable)?;
        // The same fields under another header are another line.
        let header = hash_of(plan.dialect.header.iter().map(String::as_bytes))
            .0
            .to_ne_bytes();
        let mut record = csv::ByteRecord::new();
        while let Some(span) = records.read(&mut record).map_err(unreadable)? {
            let at = At {
                file,
                line: u32::try_from(span.line).unwrap_or(u32::MAX),
            };
            match self.read_record(&record, plan, needs, at) {
                Ok(row) => self.add(
                    row,
                    hash_of(std::iter::once(&header[..]).chain(&record)),
                    needs.duplicates,
                ),
                Err(rejected) => self.tally.drop_line(rejected.reason, rejected.amount, at),
            }
            meter.step(records.n_read());
        }
        meter.file_done(records.n_read());
        Ok(())
    }

    fn add(&mut self, row: Line, hash: (u64, u64), duplicates: DuplicateRule) {
        let is_new = self.seen.insert(hash);
        if !is_new && duplicates == DuplicateRule::Drop {
            self.tally
                .drop_line(Reason::Duplicate, Some(row.amount), row.at);
            return;
        }
        self.n_duplicates_kept += u64::from(!is_new);
        self.rows.push(row);
    }

    fn read_record(
        &mut self,
        record: &csv::ByteRecord,
        plan: &Plan,
        needs: &Needs,
        at: At,
    ) -> Result<Line, Rejected> {
        check_shape(record, plan.columns.n_fields).map_err(|reason| Rejected {
            reason,
            amount: None,
        })?;
        let worth = Worth::of(record, plan);
        self.amount_read += worth.amount.unwrap_or_default();
        let fields = Fields::of(record, plan, needs, &worth);
        let fields = fields.map_err(|reason| Rejected {
            reason,
            amount: worth.amount.ok(),
        })?;
        let text = |field| decoded(field, plan.encoding);
        Ok(Line {
            amount: fields.amount,
            cost: if needs.cost {
                cost_of(record, plan)
            } else {
                None
            },
            moment: fields.moment,
            customer: self.customers.number(&text(fields.customer)),
            transaction: match fields.transaction {
                Some(transaction) => self.transactions.number(&text(transaction)),
                None => self.transactions.number(&fields.moment.date.to_string()),
            },
            product: fields
                .product
                .map(|product| self.products.number(&text(product))),
            kind: self.kind_of(record, plan, needs.kind),
            is_refund: worth.is_refund,
            is_cancelled: worth.is_cancelled,
            at,
        })
    }

    fn kind_of(&mut self, record: &csv::ByteRecord, plan: &Plan, kinds: Kinds) -> Option<u32> {
        let ColumnMap {
            category,
            description,
            product,
            ..
        } = plan.columns;
        let column = match kinds {
            Kinds::None => None,
            Kinds::Category => category,
            Kinds::CategoryOrProduct => category.or(description).or(product),
        };
        let field = present(record, column?)?;
        // Trimmed once more, as the route does: Unicode knows more white space than ASCII.
        let text = decoded(field, plan.encoding);
        let text = text.trim();
        (!text.is_empty()).then(|| self.kinds.number(text))
    }
}

fn check_shape(record: &csv::ByteRecord, n_fields: usize) -> Result<(), Reason> {
    if record.iter().all(|field| field.trim_ascii().is_empty()) {
        return Err(Reason::Blank);
    }
    // Some systems end every line with a delimiter.
    let mut surplus = record.iter().skip(n_fields);
    if record.len() < n_fields || !surplus.all(<[u8]>::is_empty) {
        return Err(Reason::UnevenFields);
    }
    Ok(())
}

impl<'a> Fields<'a> {
    /// Checks in the order of [`Reason`].
    fn of(
        record: &'a csv::ByteRecord,
        plan: &Plan,
        needs: &Needs,
        worth: &Worth,
    ) -> Result<Self, Reason> {
        let columns = &plan.columns;
        let customer = present(record, columns.customer).ok_or(Reason::MissingCustomer)?;
        let customer = if plan.has_fractional_ids {
            &customer[..customer.len() - 2]
        } else {
            customer
        };
        let transaction = columns.transaction.map(|at| record[at].trim_ascii());
        // A line without a code is known by its name: delivery, gift wrapping, a discount.
        let product = [columns.product, columns.description].into_iter().flatten();
        let product = product.filter_map(|at| present(record, at)).next();
        let mut ids = [Some(customer), transaction, product].into_iter().flatten();
        if ids.any(|id| id.len() > ID_BYTES_MAX) {
            return Err(Reason::LongId);
        }
        let moment = moment_of(record, plan, needs)?;
        let amount = worth.amount?;
        if transaction.is_some_and(is_missing) {
            return Err(Reason::MissingTransaction);
        }
        if needs.product && product.is_none() {
            return Err(Reason::MissingProduct);
        }
        if amount.is_zero() && needs.zero_amounts == ZeroRule::Drop {
            return Err(Reason::ZeroAmount);
        }
        Ok(Self {
            customer,
            transaction,
            product,
            moment,
            amount,
        })
    }
}

/// The field without white space around it, unless it says "nothing".
fn present(record: &csv::ByteRecord, at: usize) -> Option<&[u8]> {
    let field = record[at].trim_ascii();
    (!is_missing(field)).then_some(field)
}

fn is_cancellation(transaction: &[u8]) -> bool {
    matches!(transaction, [b'C' | b'c', digits @ ..] if !digits.is_empty() && digits.iter().all(u8::is_ascii_digit))
}

fn moment_of(record: &csv::ByteRecord, plan: &Plan, needs: &Needs) -> Result<Moment, Reason> {
    let field = present(record, plan.columns.date).ok_or(Reason::MissingDate)?;
    let moment =
        parse_moment(&decoded(field, plan.encoding), plan.date_order).ok_or(Reason::BadDate)?;
    if needs.today.is_some_and(|today| moment.date > today) {
        return Err(Reason::AfterToday);
    }
    Ok(moment)
}

impl Worth {
    fn of(record: &csv::ByteRecord, plan: &Plan) -> Self {
        let transaction = plan.columns.transaction.map(|at| record[at].trim_ascii());
        let is_cancelled = plan.has_cancellations && transaction.is_some_and(is_cancellation);
        let signed = signed_amount(record, plan);
        let is_refund = is_cancelled
            || signed.is_ok_and(|(amount, is_return)| is_return || amount.is_negative());
        let amount = signed.map(|(amount, _)| if is_refund { -amount.abs() } else { amount });
        Self {
            amount,
            is_refund,
            is_cancelled,
        }
    }
}

/// The amount as written, and whether the quantity beside it is negative.
fn signed_amount(record: &csv::ByteRecord, plan: &Plan) -> Result<(Decimal, bool), Reason> {
    let number = |at| {
        let field = present(record, at).ok_or(Reason::MissingAmount)?;
        parse_number(&decoded(field, plan.encoding), plan.decimal_mark).ok_or(Reason::BadAmount)
    };
    match plan.columns.amount {
        AmountSource::Column(at) => {
            // The quantity beside an amount is only asked for its sign; what can't be read says nothing.
            let quantity = plan.columns.quantity.and_then(|at| number(at).ok());
            Ok((number(at)?, quantity.is_some_and(Decimal::is_negative)))
        }
        AmountSource::QuantityTimesPrice {
            quantity,
            unit_price,
        } => {
            let (quantity, unit_price) = (number(quantity)?, number(unit_price)?);
            let amount = quantity.checked_mul(unit_price).ok_or(Reason::BadAmount)?;
            Ok((amount, quantity.is_negative()))
        }
    }
}

/// The size of the cost: on refunds some systems write it negative.
fn cost_of(record: &csv::ByteRecord, plan: &Plan) -> Option<Decimal> {
    let number = |at| {
        parse_number(
            &decoded(present(record, at)?, plan.encoding),
            plan.decimal_mark,
        )
    };
    let cost = match plan.columns.cost? {
        CostSource::Column(at) => number(at)?,
        CostSource::QuantityTimesCost {
            quantity,
            unit_cost,
        } => number(quantity)?.checked_mul(number(unit_cost)?)?,
    };
    Some(cost.abs())
}
