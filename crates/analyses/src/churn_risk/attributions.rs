//! What each field adds to the log-odds of a row, written from the one table of all rows.

use std::borrow::Cow;
use std::sync::Arc;

use clientela_methods::churn::Attributions;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::wire::Score;

/// The attributions of one row, by field. Those that round to 0 are left out.
pub struct RowAttributions {
    pub all: Arc<Attributions>,
    pub row: usize,
}

impl Serialize for RowAttributions {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let values = self
            .all
            .of_row(self.row)
            .iter()
            .map(|&value| Score::new(value));
        let mut map = serializer.serialize_map(None)?;
        for (name, value) in self.all.features().iter().zip(values) {
            if value.get() != 0.0 {
                map.serialize_entry(name, &value)?;
            }
        }
        map.end()
    }
}

impl JsonSchema for RowAttributions {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "ChurnAttributions".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "object", "additionalProperties": { "type": "number" } })
    }
}
