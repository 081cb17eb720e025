//! Shoppers as the segmentation requests have them.

use clientela_tables::{Shoppers, ShoppersBuilder, UniqueIds};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Check, Field, Id, Number, Row, Text, Whole, messages};
use crate::limits;

/// One shopper.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "Shopper")]
pub struct ShopperRow<'a> {
    /// The shopper's id; each only once.
    #[serde(borrow)]
    pub id: Field<Id<'a>>,
    /// Number of purchases.
    #[schemars(extend("minimum" = 1, "maximum" = limits::FREQUENCY_MAX))]
    pub frequency: Field<Whole>,
    /// Money spent in all.
    #[schemars(extend("minimum" = 0, "maximum" = limits::AMOUNT_MAX))]
    pub amount_spent: Field<Number>,
    /// The kinds of product bought; surrounding space is cut, repeats count once.
    #[serde(borrow)]
    #[schemars(extend("minItems" = 1))]
    pub product_types: Field<Vec<Field<Text<'a>>>>,
}

/// The rows at `customers` as a table.
pub fn shoppers(
    rows: Field<Vec<Field<Row<ShopperRow<'_>>>>>,
    check: &mut Check,
) -> Option<Shoppers> {
    let mut builder = ShoppersBuilder::new();
    let mut ids = UniqueIds::with_capacity(rows.n_elements());
    check.rows("customers", rows, |check, row| {
        let id = check.unique_id("id", row.id, &mut ids);
        let frequency = check.whole("frequency", row.frequency, 1..=limits::FREQUENCY_MAX);
        let amount_spent = check.number("amount_spent", row.amount_spent, 0.0..=limits::AMOUNT_MAX);
        let types = product_types(row.product_types, check, &mut builder);
        id?;
        builder.push(frequency? as f64, amount_spent? + 0.0, &types?);
        Some(())
    })?;
    Some(builder.finish(ids.into_ids()))
}

fn product_types(
    field: Field<Vec<Field<Text<'_>>>>,
    check: &mut Check,
    builder: &mut ShoppersBuilder,
) -> Option<Vec<u32>> {
    let names = check.required("product_types", field)?;
    if names.is_empty() {
        check.reject("product_types", messages::empty_list);
        return None;
    }
    let n_names = names.len();
    let mut types = Vec::with_capacity(n_names);
    check.within("product_types", |check| {
        for (index, name) in names.into_iter().enumerate() {
            let product_type = check.at(index, |check| {
                let Text(name) = check.value_here(name)?;
                let name = name.trim();
                if name.is_empty() {
                    check.reject_here(messages::empty_id);
                    return None;
                }
                Some(builder.type_index(name))
            });
            types.extend(product_type);
        }
    });
    (types.len() == n_names).then_some(types)
}
