//! Any JSON value, to be handed back as it came.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{MapAccess, SeqAccess};
use serde_json::{Map, Value};

use super::Key;
use super::field::{Expected, Field, Kind, Wire};

/// Any JSON value but `null`; numbers that no double can hold are refused.
#[derive(Clone, Debug, PartialEq)]
pub struct Json(pub Value);

impl<'de> Wire<'de> for Json {
    const EXPECTED: Expected = Expected::Anything;

    fn from_bool(value: bool) -> Result<Self, Kind> {
        Ok(Self(value.into()))
    }
    fn from_integer(value: i64) -> Result<Self, Kind> {
        Ok(Self(value.into()))
    }
    fn from_float(value: f64) -> Result<Self, Kind> {
        Ok(Self(value.into()))
    }
    fn from_text(text: Cow<'de, str>) -> Result<Self, Kind> {
        Ok(Self(text.into()))
    }
    fn from_array<A: SeqAccess<'de>>(mut array: A) -> Result<Result<Self, Kind>, A::Error> {
        let mut items = Ok(Vec::new());
        while let Some(item) = array.next_element::<Field<Self>>()? {
            items = items.and_then(|mut items: Vec<Value>| {
                items.push(inner(item)?);
                Ok(items)
            });
        }
        Ok(items.map(|items| Self(items.into())))
    }
    fn from_object<A: MapAccess<'de>>(mut object: A) -> Result<Result<Self, Kind>, A::Error> {
        let mut entries = Ok(Map::new());
        while let Some((Key(key), value)) = object.next_entry::<Key<'de>, Field<Self>>()? {
            entries = entries.and_then(|mut entries: Map<String, Value>| {
                entries.insert(key.into_owned(), inner(value)?);
                Ok(entries)
            });
        }
        Ok(entries.map(|entries| Self(entries.into())))
    }
}

/// The value of a field within another, where `null` is one.
fn inner(field: Field<Json>) -> Result<Value, Kind> {
    match field {
        Field::Absent => Ok(Value::Null),
        Field::Value(Json(value)) => Ok(value),
        Field::Wrong(kind) => Err(kind),
    }
}

impl JsonSchema for Json {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "Json".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_back_as_they_were_sent() {
        let text = r#"{"b":[1,2.0,-3.5e-7,null,true,"é\n",{}],"a":{"z":[],"y":1e300}}"#;
        let Field::Value(Json(value)) = serde_json::from_str(text).expect("JSON") else {
            panic!("a value");
        };
        assert_eq!(
            value,
            serde_json::from_str::<Value>(text).expect("JSON"),
            "as serde_json reads it"
        );
        let keys: Vec<&String> = value.as_object().expect("an object").keys().collect();
        assert_eq!(keys, ["b", "a"]);
    }

    #[test]
    fn a_number_beyond_a_double_is_refused_wherever_it_stands() {
        let body = br#"{"a": [1, {"b": 1e400}]}"#;
        let text = crate::scan::scan(body).neutralize(body).into_owned();
        let field: Field<Json> = serde_json::from_slice(&text).expect("JSON");
        assert_eq!(field, Field::Wrong(Kind::Overflow));
    }
}
