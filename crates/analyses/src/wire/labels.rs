//! Labels that a client sends along: which customer is in which cluster.

use std::borrow::Cow;
use std::collections::HashMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::field::{Expected, Kind, Wire};
use super::messages::words;
use super::{Check, Dictionary, Field, messages};
use crate::limits::CLUSTER_ID_MAX;

/// A cluster id: an integer, also written as a string.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Label(pub i64);

impl Wire<'_> for Label {
    const EXPECTED: Expected = Expected::Whole;
    fn from_integer(value: i64) -> Result<Self, Kind> {
        Ok(Self(value))
    }
    fn from_float(value: f64) -> Result<Self, Kind> {
        if value.fract() == 0.0 {
            Ok(Self(value as i64))
        } else {
            Err(Kind::Fraction)
        }
    }
    fn from_text(text: Cow<'_, str>) -> Result<Self, Kind> {
        text.trim().parse().map(Self).map_err(|_| Kind::Text)
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
        json_schema!({ "anyOf": [{ "type": "integer", "minimum": -1 }, { "type": "string", "pattern": "^-?[0-9]+$" }] })
    }
}

/// The cluster of each customer in the order of `ids`: every customer has exactly one label, every label a customer.
pub fn labels(
    field: Field<Dictionary<'_, Label>>,
    ids: &[String],
    check: &mut Check,
) -> Option<Vec<i32>> {
    let Dictionary(entries) = check.required("labels", field)?;
    let index_of: HashMap<&str, usize> = ids
        .iter()
        .enumerate()
        .map(|(index, id)| (id.as_str(), index))
        .collect();
    let mut found: Vec<Option<i32>> = vec![None; ids.len()];
    let mut has_label = vec![false; ids.len()];
    check.within("labels", |check| {
        for (id, field) in entries {
            let key = || Cow::Owned(messages::shortened(&id));
            let Some(&index) = index_of.get(id.as_ref()) else {
                check.reject(key(), no_such_customer());
                continue;
            };
            has_label[index] = true;
            let Some(Label(label)) = check.required(key(), field) else {
                continue;
            };
            if (-1..=CLUSTER_ID_MAX).contains(&label) {
                found[index] = Some(label as i32);
            } else {
                check.reject(
                    key(),
                    messages::out_of_whole_range(label, -1, CLUSTER_ID_MAX),
                );
            }
        }
        for (id, _) in ids.iter().zip(&has_label).filter(|(_, has)| !**has) {
            check.reject(messages::shortened(id), messages::required());
        }
    });
    found.into_iter().collect()
}

fn no_such_customer() -> clientela_narrative::Words {
    words!(
        "is not the id of a customer of this request",
        "no es el id de ningún cliente de esta solicitud",
        "não é o id de nenhum cliente desta requisição",
    )
}
