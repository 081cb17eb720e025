//! Labels that a client sends along: which customer is in which cluster.

use std::borrow::Cow;
use std::collections::HashMap;

use clientela_tables::Shoppers;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::field::{Expected, Kind, Wire};
use super::shoppers::{self, ShopperRow};
use super::{Check, Dictionary, Field, Id, Row, Whole, messages};
use crate::limits::CLUSTER_ID_MAX;
use clientela_narrative::words;

/// A cluster id: an integer, also written as a string.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Label(pub i64);

impl Wire<'_> for Label {
    const EXPECTED: Expected = Expected::Whole;
    fn from_integer(value: i64) -> Result<Self, Kind> {
        Ok(Self(value))
    }
    fn from_float(value: f64) -> Result<Self, Kind> {
        Whole::from_float(value).map(|Whole(value)| Self(value))
    }
    fn from_text(text: Cow<'_, str>) -> Result<Self, Kind> {
        let text = text.trim();
        if let Ok(value) = text.parse() {
            return Ok(Self(value));
        }
        // "2.0", as tables with gaps write whole numbers.
        let value: f64 = text.parse().map_err(|_| Kind::Text)?;
        Self::from_float(value).map_err(|_| Kind::Text)
    }
}

impl JsonSchema for Label {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "Label".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "anyOf": [{ "type": "integer", "minimum": -1, "maximum": CLUSTER_ID_MAX }, { "type": "string", "pattern": "^(-1|[0-9]{1,9})$" }] })
    }
}

/// The rows at `customers` as a table, and the cluster of each: every customer has exactly one label, every label a
/// customer.
pub fn labeled<'a>(
    customers: Field<Vec<Field<Row<ShopperRow<'a>>>>>,
    labels: Field<Dictionary<'a, Label>>,
    check: &mut Check,
) -> Option<(Shoppers, Vec<i32>)> {
    let readable = readable_ids(&customers);
    let shoppers = shoppers::shoppers(customers, check);
    let labels = match &shoppers {
        Some(shoppers) => labels_of(labels, shoppers.ids().iter(), true, check),
        None => {
            let ids = readable.ids.iter().map(AsRef::as_ref);
            labels_of(labels, ids, readable.are_all, check)
        }
    };
    Some((shoppers?, labels?))
}

/// Ids of customers as far as they can be read, each once.
struct ReadableIds<'a> {
    ids: Vec<Cow<'a, str>>,
    are_all: bool,
}

/// The ids that labels are held against even where rows are wrong, so that all errors of a payload come back together.
fn readable_ids<'a>(customers: &Field<Vec<Field<Row<ShopperRow<'a>>>>>) -> ReadableIds<'a> {
    let Field::Value(rows) = customers else {
        return ReadableIds {
            ids: Vec::new(),
            are_all: false,
        };
    };
    let id = |row: &Field<Row<ShopperRow<'a>>>| match row {
        Field::Value(Row(ShopperRow {
            id: Field::Value(Id(id)),
            ..
        })) if !id.is_empty() => Some(id.clone()),
        _ => None,
    };
    let mut ids: Vec<Cow<'a, str>> = rows.iter().filter_map(id).collect();
    let are_all = ids.len() == rows.len();
    ids.sort_unstable();
    ids.dedup();
    ReadableIds { ids, are_all }
}

/// The label of each id; `are_all` tells whether a label of any other id is wrong.
fn labels_of<'a>(
    field: Field<Dictionary<'_, Label>>,
    ids: impl Iterator<Item = &'a str> + Clone,
    are_all: bool,
    check: &mut Check,
) -> Option<Vec<i32>> {
    let Dictionary(entries) = check.required("labels", field)?;
    let index_of: HashMap<&str, usize> = ids.clone().zip(0..).collect();
    let mut found: Vec<Option<i32>> = vec![None; index_of.len()];
    let mut has_label = vec![false; index_of.len()];
    check.within("labels", |check| {
        for (id, field) in entries {
            let index = index_of.get(id.as_ref());
            if index.is_none() && are_all {
                check.reject(messages::shortened(&id), no_such_customer);
                continue;
            }
            let value = label(&id, field, check);
            if let Some(&index) = index {
                has_label[index] = true;
                found[index] = value;
            }
        }
        for (id, _) in ids.zip(&has_label).filter(|(_, has)| !**has) {
            check.reject(messages::shortened(id), messages::required);
        }
    });
    found.into_iter().collect()
}

fn label(id: &str, field: Field<Label>, check: &mut Check) -> Option<i32> {
    let Label(label) = check.required(messages::shortened(id), field)?;
    if (-1..=CLUSTER_ID_MAX).contains(&label) {
        return Some(label as i32);
    }
    check.reject(messages::shortened(id), || {
        messages::out_of_whole_range(label, -1, CLUSTER_ID_MAX)
    });
    None
}

fn no_such_customer() -> clientela_narrative::Words {
    words!(
        "is not the id of a customer of this request",
        "no es el id de ningún cliente de esta solicitud",
        "não é o id de nenhum cliente desta solicitação",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_a_whole_number_also_as_text() {
        for (json, expected) in [
            ("-1", Field::Value(Label(-1))),
            ("2.0", Field::Value(Label(2))),
            ("\"2\"", Field::Value(Label(2))),
            ("\" -1 \"", Field::Value(Label(-1))),
            ("\"2.0\"", Field::Value(Label(2))),
            ("2.5", Field::Wrong(Kind::Fraction)),
            ("\"2.5\"", Field::Wrong(Kind::Text)),
            ("\"nan\"", Field::Wrong(Kind::Text)),
            ("\"inf\"", Field::Wrong(Kind::Text)),
            ("\"\"", Field::Wrong(Kind::Text)),
            ("true", Field::Wrong(Kind::Boolean)),
        ] {
            let found: Field<Label> = serde_json::from_str(json).unwrap();
            assert_eq!(found, expected, "{json}");
        }
    }
}
