//! Rows in an order that no payload decides, so that permuting a payload permutes the answer and nothing else.

use std::cmp::Ordering;

use clientela_numerics::{StopToken, Stopped};
use clientela_tables::{CustomerTraits, TraitValues};
use rayon::prelude::*;

use super::columns::canonical_columns;

/// Rows sorted by id, date and content.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct CanonicalRows {
    /// The row of the table at each place.
    pub(super) order: Vec<u32>,
    /// The customer at each place, counted from 0 in the order of ids.
    pub(super) customers: Vec<u32>,
    pub(super) n_customers: usize,
}

impl CanonicalRows {
    pub(super) fn of(traits: &CustomerTraits, stop: &StopToken) -> Result<Self, Stopped> {
        let ids = traits.ids();
        stop.poll()?;
        // Most comparisons are settled by the first bytes, without a look at the text.
        let key = |row: u32| (prefix(&ids[row as usize]), row);
        let mut keys: Vec<(u64, u32)> = (0..traits.len() as u32).map(key).collect();
        let columns = canonical_columns(traits);
        keys.par_sort_unstable_by(|&(a_prefix, a), &(b_prefix, b)| {
            let by_id = || ids[a as usize].cmp(&ids[b as usize]);
            a_prefix
                .cmp(&b_prefix)
                .then_with(by_id)
                .then_with(|| compare_content(traits, &columns, a as usize, b as usize))
                // Rows alike in everything may stand in any order: their answers are alike too.
                .then(a.cmp(&b))
        });
        stop.poll()?;
        let order: Vec<u32> = keys.into_iter().map(|(_, row)| row).collect();
        let mut customers = Vec::with_capacity(order.len());
        let mut n_customers = 0;
        for (place, &row) in order.iter().enumerate() {
            if place == 0 || ids[row as usize] != ids[order[place - 1] as usize] {
                n_customers += 1;
            }
            customers.push(n_customers as u32 - 1);
        }
        Ok(Self {
            order,
            customers,
            n_customers,
        })
    }
}

/// The first eight bytes as a number that sorts as they do.
fn prefix(id: &str) -> u64 {
    let mut bytes = [0; 8];
    let n = id.len().min(8);
    bytes[..n].copy_from_slice(&id.as_bytes()[..n]);
    u64::from_be_bytes(bytes)
}

/// Date, outcome, worth and all columns.
fn compare_content(traits: &CustomerTraits, columns: &[usize], a: usize, b: usize) -> Ordering {
    let (dates, churned, worth) = (traits.dates(), traits.churned(), traits.worth());
    let by_worth = || {
        let bits = |row: usize| worth[row].map(f64::to_bits);
        bits(a).cmp(&bits(b))
    };
    dates[a]
        .cmp(&dates[b])
        .then(churned[a].cmp(&churned[b]))
        .then_with(by_worth)
        .then_with(|| compare_columns(traits, columns, a, b))
}

fn compare_columns(traits: &CustomerTraits, columns: &[usize], a: usize, b: usize) -> Ordering {
    let by_column = |&index: &usize| match &traits.columns()[index].values {
        TraitValues::Numeric(values) => values[a].total_cmp(&values[b]),
        TraitValues::Boolean(values) => values[a].cmp(&values[b]),
        TraitValues::Text { codes, .. } => codes[a].cmp(&codes[b]),
    };
    let mut orders = columns.iter().map(by_column);
    orders
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
}

#[cfg(test)]
mod tests {
    use clientela_tables::{Cell, CustomerTraitsBuilder, Date};

    use super::*;

    fn order_of(rows: &[(&str, &str, f64)]) -> (Vec<u32>, Vec<u32>) {
        let mut builder = CustomerTraitsBuilder::new();
        let column = builder.column("x");
        for (_, date, x) in rows {
            builder.set(column, Cell::Number(*x));
            builder.finish_row(Date::parse(date), None, None);
        }
        let table = builder.finish(rows.iter().map(|row| row.0).collect());
        let canonical = CanonicalRows::of(&table, &StopToken::new()).expect("not stopped");
        (canonical.order, canonical.customers)
    }

    #[test]
    fn ids_sort_as_text_then_dates_then_content() {
        let rows = [
            ("customer-2", "2025-01-02", 1.0),
            ("customer-10", "2025-01-01", 1.0),
            ("customer-2", "2025-01-01", 3.0),
            ("customer-2", "2025-01-01", -2.0),
        ];
        assert_eq!(order_of(&rows), (vec![1, 3, 2, 0], vec![0, 1, 1, 1]));
    }
}
