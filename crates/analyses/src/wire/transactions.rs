//! Transactions of customers as several requests have them.

use clientela_tables::Date;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Calendar, Field, Id, Maybe, Number, Row};
use crate::limits::AMOUNT_MAX;

/// One line of an order.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "Transaction")]
pub struct TransactionRow<'a> {
    /// Lines of one customer with the same id are one order.
    #[serde(borrow, default)]
    pub transaction_id: Maybe<Id<'a>>,
    /// When.
    pub date: Field<Calendar>,
    /// How much; not negative.
    #[schemars(extend("minimum" = 0, "maximum" = AMOUNT_MAX))]
    pub amount: Field<Number>,
}

/// A row that carries a date.
pub trait Dated {
    /// The date, as far as it could be read.
    fn date(&self) -> Option<Date>;
}

impl Dated for TransactionRow<'_> {
    fn date(&self) -> Option<Date> {
        self.date.date()
    }
}

impl Dated for Field<Calendar> {
    fn date(&self) -> Option<Date> {
        match self {
            Field::Value(Calendar(date)) => *date,
            _ => None,
        }
    }
}

/// The newest date of any transaction, before anything is validated: `today` may depend on it.
pub fn newest<C, T: Dated>(
    customers: &Field<Vec<Field<Row<C>>>>,
    transactions: impl Fn(&C) -> &Field<Vec<Field<Row<T>>>>,
) -> Option<Date> {
    let Field::Value(customers) = customers else {
        return None;
    };
    let dates = customers.iter().filter_map(|customer| {
        let Field::Value(Row(customer)) = customer else {
            return None;
        };
        let Field::Value(lines) = transactions(customer) else {
            return None;
        };
        lines
            .iter()
            .filter_map(|line| {
                if let Field::Value(Row(line)) = line {
                    line.date()
                } else {
                    None
                }
            })
            .max()
    });
    dates.max()
}
