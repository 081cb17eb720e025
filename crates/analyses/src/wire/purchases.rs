//! Customers with purchases, costs and refunds, as the routes of lifetime value have them.

use clientela_narrative::{Language, terms::Noun, words};
use clientela_tables::{
    Date, Ids, PurchaseHistories, PurchaseHistoriesBuilder, PurchaseLine, UniqueIds,
};
use schemars::JsonSchema;
use serde::Deserialize;

use super::transactions::{self, Dated};
use super::{Calendar, Check, Field, Flag, Id, Maybe, Number, Row, messages};
use crate::Warning;
use crate::limits::AMOUNT_MAX;
use crate::spine::Scope;

/// One customer and all purchases and refunds.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "BuyerRow")]
pub struct BuyerRow<'a> {
    /// The customer's id; each only once.
    #[serde(borrow)]
    customer_id: Field<Id<'a>>,
    /// At least one.
    #[schemars(extend("minItems" = 1))]
    #[serde(borrow)]
    transactions: Field<Vec<Field<Row<PurchaseRow<'a>>>>>,
}

/// One line of an order, or a refund.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "PurchaseLine")]
struct PurchaseRow<'a> {
    /// Lines of one customer with the same id are one order. Needed of a refund, unless `allow_refunds` is set.
    #[serde(borrow, default)]
    transaction_id: Maybe<Id<'a>>,
    /// When.
    date: Field<Calendar>,
    /// How much; negative for a refund.
    #[schemars(extend("minimum" = -AMOUNT_MAX, "maximum" = AMOUNT_MAX))]
    amount: Field<Number>,
    /// What the line cost you; value is margin (amount − cost) where all lines have one.
    #[serde(default)]
    #[schemars(extend("minimum" = 0, "maximum" = AMOUNT_MAX))]
    cost: Maybe<Number>,
}

impl Dated for PurchaseRow<'_> {
    fn date(&self) -> Option<Date> {
        self.date.date()
    }
}

/// The rows of a base as a request holds them.
pub type BuyerRows<'a> = Field<Vec<Field<Row<BuyerRow<'a>>>>>;

/// What a request says about its rows.
pub struct Options {
    /// The field `today`.
    pub today: Maybe<Calendar>,
    /// The field `allow_refunds`.
    pub allow_refunds: Maybe<Flag>,
    /// The field `ignore_later_transactions`.
    pub ignore_later: Maybe<Flag>,
}

/// How rows are read.
struct Rules {
    today: Date,
    allow_refunds: bool,
    ignore_later: bool,
}

/// A base as it was read.
pub struct Buyers {
    /// The purchases of every customer up to today.
    pub histories: PurchaseHistories,
    /// Whether some lines have a cost and others do not.
    pub has_costs_in_part: bool,
}

/// The rows at `customers` as a table.
pub fn buyers(
    rows: BuyerRows<'_>,
    options: Options,
    scope: &Scope,
    check: &mut Check,
) -> Option<Buyers> {
    let given = check.optional_date("today", options.today);
    let newest = transactions::newest(&rows, |row| &row.transactions);
    let today = scope.today(given, newest, check);
    let allow_refunds = check.optional("allow_refunds", options.allow_refunds);
    let ignore_later = check.optional("ignore_later_transactions", options.ignore_later);
    let is_set = |flag: Option<Option<Flag>>| flag.flatten().is_some_and(|Flag(is_set)| is_set);
    let rules = Rules {
        today,
        // Where the option is wrong nobody knows what it would allow, and one mistake is not to be told as many.
        allow_refunds: allow_refunds.is_none() || is_set(allow_refunds),
        ignore_later: ignore_later.is_none() || is_set(ignore_later),
    };
    let read = read(rows, &rules, check);
    given?;
    allow_refunds?;
    ignore_later?;
    let Read {
        builder,
        ids,
        n_lines,
        n_with_cost,
        n_later,
        n_not_yet,
    } = read?;
    if ids.is_empty() {
        check.reject("customers", || nothing_by(today));
        return None;
    }
    if n_later > 0 {
        check.warn(later_ignored(today, n_later, n_not_yet));
    }
    Some(Buyers {
        histories: builder.finish(today, ids),
        has_costs_in_part: 0 < n_with_cost && n_with_cost < n_lines,
    })
}

/// The rows up to today.
struct Read {
    builder: PurchaseHistoriesBuilder,
    ids: Ids,
    n_lines: usize,
    n_with_cost: usize,
    n_later: usize,
    n_not_yet: usize,
}

fn read(rows: BuyerRows<'_>, rules: &Rules, check: &mut Check) -> Option<Read> {
    let mut seen = UniqueIds::with_capacity(rows.n_elements());
    let mut builder = PurchaseHistoriesBuilder::new();
    let (mut n_lines, mut n_with_cost, mut n_later) = (0, 0, 0);
    let is_customer = check.rows("customers", rows, |check, row| {
        let id = check.unique_id("customer_id", row.customer_id, &mut seen);
        let lines = check.rows("transactions", row.transactions, |check, row| {
            line(row, rules, check)
        });
        let (_, lines) = (id?, lines?);
        let n_sent = lines.len();
        let known: Vec<_> = lines.into_iter().flatten().collect();
        n_lines += known.len();
        n_with_cost += known.iter().filter(|line| line.cost.is_some()).count();
        n_later += n_sent - known.len();
        if !known.is_empty() {
            builder.push(&known);
        }
        Some(!known.is_empty())
    })?;
    let n_not_yet = is_customer.iter().filter(|is| !**is).count();
    let ids = seen.into_ids();
    let ids = if n_not_yet == 0 {
        ids
    } else {
        let pairs = ids.iter().zip(&is_customer);
        pairs.filter(|(_, is)| **is).map(|(id, _)| id).collect()
    };
    Some(Read {
        builder,
        ids,
        n_lines,
        n_with_cost,
        n_later,
        n_not_yet,
    })
}

/// One line; `Some(None)` where it lies after today and is to be ignored.
#[allow(
    clippy::option_option,
    reason = "ignored and wrong are different answers"
)]
fn line<'a>(
    row: PurchaseRow<'a>,
    rules: &Rules,
    check: &mut Check,
) -> Option<Option<PurchaseLine<std::borrow::Cow<'a, str>>>> {
    let transaction_id = check.optional_id("transaction_id", row.transaction_id);
    let date = if rules.ignore_later {
        check.date("date", row.date)
    } else {
        check.date_until("date", row.date, rules.today)
    };
    let may_be_refund = rules.allow_refunds || !matches!(transaction_id, Some(None));
    let amount = amount(row.amount, may_be_refund, check);
    let cost = check.optional_number("cost", row.cost, 0.0..=AMOUNT_MAX);
    let line = PurchaseLine {
        transaction_id: transaction_id?,
        date: date?,
        amount: amount?,
        cost: cost?,
    };
    Some((line.date <= rules.today).then_some(line))
}

fn amount(field: Field<Number>, may_be_refund: bool, check: &mut Check) -> Option<f64> {
    let Number(amount) = check.required("amount", field)?;
    if !may_be_refund && (-AMOUNT_MAX..0.0).contains(&amount) {
        check.reject("amount", || messages::refund_without_order(amount));
        return None;
    }
    check.in_range("amount", amount, &(-AMOUNT_MAX..=AMOUNT_MAX))
}

fn nothing_by(today: Date) -> clientela_narrative::Words {
    words!(
        "must have a transaction on or before today ({today})",
        "debe tener alguna transacción de hoy ({today}) o anterior",
        "deve ter alguma transação de hoje ({today}) ou anterior",
    )
}

fn later_ignored(today: Date, n_later: usize, n_not_yet: usize) -> Warning {
    let transactions = |language| Noun::Transaction.counted(n_later, language);
    let customers = |language| Noun::Customer.counted(n_not_yet, language);
    let (en, es, pt) = (Language::En, Language::Es, Language::Pt);
    let [t_en, t_es, t_pt] = [en, es, pt].map(transactions);
    let [c_en, c_es, c_pt] = [en, es, pt].map(customers);
    let mut words = words!(
        "{t_en} after {today} left out, as \"ignore_later_transactions\" asks: the answer is what was known on that day.",
        "{t_es} después del {today} sin contar, como pide \"ignore_later_transactions\": la respuesta refleja lo que se sabía ese día.",
        "{t_pt} depois de {today} fora da conta, como pede \"ignore_later_transactions\": a resposta reflete o que se sabia naquele dia.",
    );
    if n_not_yet > 0 {
        words.en += &format!(" Without any by then, and so not in the answer: {c_en}.");
        words.es += &format!(" Aún sin ninguna y, por eso, fuera de la respuesta: {c_es}.");
        words.pt += &format!(" Ainda sem nenhuma e, por isso, fora da resposta: {c_pt}.");
    }
    Warning::new("later_transactions_ignored", words)
        .at("today")
        .figure("n_transactions", n_later)
        .figure("n_customers_left_out", n_not_yet)
}
