//! Requests: lines rolled up as a route wants them, and written as JSON.

use std::collections::HashMap;
use std::hash::Hash;
use std::io::{self, BufWriter, Write};
use std::sync::Arc;

use clientela_tables::Date;

use crate::Decimal;
use crate::lines::Line;
use crate::options::Target;

/// The body of a request, ready to be written.
#[derive(Debug)]
pub struct ImportedRequest {
    /// `today`, where declared.
    today: Option<Date>,
    /// An ISO 4217 code.
    currency: Option<String>,
    customers: Customers,
}

#[derive(Debug)]
enum Customers {
    Transactions {
        people: Vec<Person<Transaction>>,
        texts: Texts,
        target: Target,
    },
    Shoppers {
        people: Vec<Shopper>,
        texts: Texts,
    },
}

/// The texts that lines refer to by number.
#[derive(Debug)]
pub(crate) struct Texts {
    pub customers: Vec<Arc<str>>,
    pub transactions: Vec<Arc<str>>,
    pub products: Vec<Arc<str>>,
    pub kinds: Vec<Arc<str>>,
}

/// A customer and what belongs to it, in the order of the files.
#[derive(Debug)]
pub(crate) struct Person<T> {
    pub customer: u32,
    pub rows: Vec<T>,
}

#[derive(Clone, Copy, Debug)]
struct Transaction {
    transaction: u32,
    date: Date,
    amount: Decimal,
    /// `None` where a line of the order has none.
    cost: Option<Decimal>,
    product: Option<u32>,
}

#[derive(Debug)]
struct Shopper {
    customer: u32,
    n_orders: usize,
    amount: Decimal,
    kinds: Vec<u32>,
}

/// Product types that a request for shoppers holds of one customer: more say little about taste and fill a request.
const TYPES_MAX: usize = 50;

/// Types that did not fit.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cut {
    pub n_customers: u64,
    pub n_types: u64,
}

impl ImportedRequest {
    /// The request of `target`.
    pub(crate) fn of_transactions(
        rows: &[Line],
        texts: Texts,
        target: Target,
        today: Option<Date>,
        currency: Option<String>,
    ) -> Self {
        let people = by_customer(rows, texts.customers.len()).into_iter();
        let people = people.map(|person| {
            let lines = person.rows.iter().map(Transaction::of_line);
            let rows = match target {
                Target::CustomerFeatures => lines.collect(),
                Target::CustomerRfm => orders(lines, Transaction::order),
                Target::CustomerClvFeatures | Target::CustomerClvForecast => {
                    orders(lines, Transaction::order_day)
                }
            };
            Person {
                customer: person.customer,
                rows,
            }
        });
        Self {
            today,
            currency,
            customers: Customers::Transactions {
                people: people.collect(),
                texts,
                target,
            },
        }
    }

    /// The request for shoppers; every customer has at least one line with a kind of product.
    pub(crate) fn of_shoppers(
        rows: &[Line],
        texts: Texts,
        currency: Option<String>,
    ) -> (Self, Cut) {
        let mut cut = Cut::default();
        let people = by_customer(rows, texts.customers.len()).into_iter();
        let people = people.map(|person| {
            let kinds = kinds_of(&person.rows);
            if kinds.len() > TYPES_MAX {
                cut.n_customers += 1;
                cut.n_types += (kinds.len() - TYPES_MAX) as u64;
            }
            Shopper {
                customer: person.customer,
                n_orders: orders(
                    person.rows.iter().map(Transaction::of_line),
                    Transaction::order,
                )
                .len(),
                amount: person.rows.iter().map(|line| line.amount).sum(),
                kinds: most_worth(&kinds),
            }
        });
        let people = people.collect();
        (
            Self {
                today: None,
                currency,
                customers: Customers::Shoppers { people, texts },
            },
            cut,
        )
    }

    /// Customers in the request.
    #[must_use]
    pub fn n_customers(&self) -> usize {
        match &self.customers {
            Customers::Transactions { people, .. } => people.len(),
            Customers::Shoppers { people, .. } => people.len(),
        }
    }

    /// Writes the body as JSON, one customer a line: customers by first appearance in the files, their rows in the order
    /// of the files. Amounts are written in full, as exact decimals.
    ///
    /// # Errors
    /// What `out` returns.
    pub fn write_json<W: Write>(&self, out: W) -> io::Result<()> {
        let mut out = BufWriter::with_capacity(1 << 16, out);
        out.write_all(b"{")?;
        if let Some(today) = self.today {
            write!(out, "\"today\":\"{today}\",")?;
        }
        if let Some(currency) = &self.currency {
            write!(out, "\"currency\":\"{currency}\",")?;
        }
        out.write_all(b"\"customers\":[")?;
        match &self.customers {
            Customers::Transactions {
                people,
                texts,
                target,
            } => {
                list(&mut out, people, b"\n", |out, person| {
                    write_customer(out, person, texts, *target)
                })?;
            }
            Customers::Shoppers { people, texts } => {
                list(&mut out, people, b"\n", |out, shopper| {
                    write_shopper(out, shopper, texts)
                })?;
            }
        }
        out.write_all(b"\n]}\n")?;
        out.flush()
    }
}

impl Transaction {
    fn of_line(line: &&Line) -> Self {
        let &Line {
            transaction,
            moment,
            amount,
            cost,
            product,
            ..
        } = *line;
        Self {
            transaction,
            date: moment.date,
            amount,
            cost,
            product,
        }
    }

    fn order(&self) -> u32 {
        self.transaction
    }

    /// What can be one row where days count: of an order that was refunded in full on its own day, purchase and refund
    /// in one row would be a purchase of amount 0.
    fn order_day(&self) -> (u32, Date, bool) {
        (self.transaction, self.date, self.amount.is_negative())
    }
}

/// Lines by customer, customers by first appearance.
pub(crate) fn by_customer(rows: &[Line], n_customers: usize) -> Vec<Person<&Line>> {
    let mut places = vec![None; n_customers];
    let mut people: Vec<Person<&Line>> = Vec::new();
    for line in rows {
        let place = *places[line.customer as usize].get_or_insert_with(|| {
            people.push(Person {
                customer: line.customer,
                rows: Vec::new(),
            });
            people.len() - 1
        });
        people[place].rows.push(line);
    }
    people
}

/// One customer's lines added up by `key`, rows by first appearance; the earliest date counts.
fn orders<K: Eq + Hash>(
    lines: impl Iterator<Item = Transaction>,
    key: impl Fn(&Transaction) -> K,
) -> Vec<Transaction> {
    let mut orders: Vec<Transaction> = Vec::new();
    let mut places = HashMap::new();
    for line in lines {
        let place = *places.entry(key(&line)).or_insert(orders.len());
        let Some(order) = orders.get_mut(place) else {
            orders.push(line);
            continue;
        };
        order.amount += line.amount;
        order.date = order.date.min(line.date);
        order.cost = order.cost.zip(line.cost).map(|(sum, cost)| sum + cost);
    }
    orders
}

/// How many orders there are; a refund is none.
pub(crate) fn n_orders(rows: &[Line]) -> u64 {
    let orders: std::collections::HashSet<_> = rows
        .iter()
        .filter(|line| !line.is_refund)
        .map(|line| (line.customer, line.transaction))
        .collect();
    orders.len() as u64
}

/// Kinds of product by first appearance, with what was spent on each.
fn kinds_of(rows: &[&Line]) -> Vec<(u32, Decimal)> {
    let mut kinds: Vec<(u32, Decimal)> = Vec::new();
    let mut places = HashMap::new();
    for line in rows {
        let Some(kind) = line.kind else { continue };
        let place = *places.entry(kind).or_insert(kinds.len());
        match kinds.get_mut(place) {
            Some((_, amount)) => *amount += line.amount,
            None => kinds.push((kind, line.amount)),
        }
    }
    kinds
}

/// The kinds that most was spent on, still by first appearance; of equals the one that appeared first.
fn most_worth(kinds: &[(u32, Decimal)]) -> Vec<u32> {
    let mut places: Vec<usize> = (0..kinds.len()).collect();
    places.sort_by_key(|&place| std::cmp::Reverse(kinds[place].1));
    places.truncate(TYPES_MAX);
    places.sort_unstable();
    places.into_iter().map(|place| kinds[place].0).collect()
}

fn list<W: Write, T>(
    out: &mut W,
    items: &[T],
    before: &[u8],
    mut write_item: impl FnMut(&mut W, &T) -> io::Result<()>,
) -> io::Result<()> {
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            out.write_all(b",")?;
        }
        out.write_all(before)?;
        write_item(out, item)?;
    }
    Ok(())
}

fn write_customer<W: Write>(
    out: &mut W,
    person: &Person<Transaction>,
    texts: &Texts,
    target: Target,
) -> io::Result<()> {
    out.write_all(b"{\"customer_id\":")?;
    write_text(out, &texts.customers[person.customer as usize])?;
    out.write_all(b",\"transactions\":[")?;
    list(out, &person.rows, b"", |out, row| {
        out.write_all(b"{\"transaction_id\":")?;
        write_text(out, &texts.transactions[row.transaction as usize])?;
        write!(out, ",\"date\":\"{}\",\"amount\":{}", row.date, row.amount)?;
        if let Some(cost) = row.cost.filter(|_| target.wants_costs()) {
            write!(out, ",\"cost\":{cost}")?;
        }
        if let Some(product) = row.product.filter(|_| !target.wants_orders()) {
            out.write_all(b",\"product_id\":")?;
            write_text(out, &texts.products[product as usize])?;
        }
        out.write_all(b"}")
    })?;
    out.write_all(b"]}")
}

fn write_shopper<W: Write>(out: &mut W, shopper: &Shopper, texts: &Texts) -> io::Result<()> {
    out.write_all(b"{\"id\":")?;
    write_text(out, &texts.customers[shopper.customer as usize])?;
    write!(
        out,
        ",\"frequency\":{},\"amount_spent\":{},\"product_types\":[",
        shopper.n_orders, shopper.amount
    )?;
    list(out, &shopper.kinds, b"", |out, &kind| {
        write_text(out, &texts.kinds[kind as usize])
    })?;
    out.write_all(b"]}")
}

fn write_text<W: Write>(out: &mut W, text: &str) -> io::Result<()> {
    serde_json::to_writer(out, text).map_err(io::Error::from)
}
