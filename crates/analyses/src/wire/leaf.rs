//! The leaves of a request.

use std::borrow::Cow;

use clientela_tables::Date;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{IgnoredAny, MapAccess, SeqAccess};

use super::field::{Expected, Field, Kind, Wire};

/// A string.
#[derive(Clone, Debug, PartialEq)]
pub struct Text<'a>(pub Cow<'a, str>);

/// An id: a string, or an integer literal, compared as text.
#[derive(Clone, Debug, PartialEq)]
pub struct Id<'a>(pub Cow<'a, str>);

/// A number, as a finite double.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Number(pub f64);

/// A whole number; `3.0` is one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Whole(pub i64);

/// A boolean; 0 and 1 are accepted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Flag(pub bool);

/// A string, a number or a boolean, compared as text: `2`, `2.0` and `"2"` are one value.
#[derive(Clone, Debug, PartialEq)]
pub struct Scalar<'a>(pub Cow<'a, str>);

/// A date; `None` where the string is not one, so that the message can say so.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Calendar(pub Option<Date>);

/// An object with free keys, in the order of the payload. An empty array counts as an empty object.
#[derive(Clone, Debug, PartialEq)]
pub struct Dictionary<'a, T>(pub Vec<(Cow<'a, str>, Field<T>)>);

impl<'de: 'a, 'a> Wire<'de> for Text<'a> {
    const EXPECTED: Expected = Expected::Text;
    fn from_text(text: Cow<'de, str>) -> Result<Self, Kind> {
        Ok(Self(text))
    }
}

impl<'de: 'a, 'a> Wire<'de> for Id<'a> {
    const EXPECTED: Expected = Expected::Id;
    fn from_text(text: Cow<'de, str>) -> Result<Self, Kind> {
        Ok(Self(text))
    }
    fn from_integer(value: i64) -> Result<Self, Kind> {
        Ok(Self(value.to_string().into()))
    }
    fn from_float(value: f64) -> Result<Self, Kind> {
        // Integer literals from 2^63 to 2^64 arrive here; only those that a double holds exactly can be told apart.
        if value.fract() == 0.0 {
            Err(Kind::Number)
        } else {
            Err(Kind::Fraction)
        }
    }
}

impl Wire<'_> for Number {
    const EXPECTED: Expected = Expected::Number;
    fn from_integer(value: i64) -> Result<Self, Kind> {
        Ok(Self(value as f64))
    }
    fn from_float(value: f64) -> Result<Self, Kind> {
        if value.is_finite() {
            Ok(Self(value))
        } else {
            Err(Kind::Overflow)
        }
    }
}

impl Wire<'_> for Whole {
    const EXPECTED: Expected = Expected::Whole;
    fn from_integer(value: i64) -> Result<Self, Kind> {
        Ok(Self(value))
    }
    fn from_float(value: f64) -> Result<Self, Kind> {
        if value.fract() != 0.0 {
            return Err(Kind::Fraction);
        }
        // The cast saturates; a number this large is beyond every range that is checked next.
        Ok(Self(value as i64))
    }
}

impl Wire<'_> for Flag {
    const EXPECTED: Expected = Expected::Flag;
    fn from_bool(value: bool) -> Result<Self, Kind> {
        Ok(Self(value))
    }
    fn from_integer(value: i64) -> Result<Self, Kind> {
        match value {
            0 => Ok(Self(false)),
            1 => Ok(Self(true)),
            _ => Err(Kind::Number),
        }
    }
    fn from_float(value: f64) -> Result<Self, Kind> {
        if value == 0.0 || value == 1.0 {
            Ok(Self(value == 1.0))
        } else {
            Err(Kind::Number)
        }
    }
}

impl<'de: 'a, 'a> Wire<'de> for Scalar<'a> {
    const EXPECTED: Expected = Expected::Scalar;
    fn from_bool(value: bool) -> Result<Self, Kind> {
        Ok(Self(if value { "true" } else { "false" }.into()))
    }
    fn from_integer(value: i64) -> Result<Self, Kind> {
        Ok(Self(value.to_string().into()))
    }
    fn from_float(value: f64) -> Result<Self, Kind> {
        if value.is_finite() {
            Ok(Self(value.to_string().into()))
        } else {
            Err(Kind::Overflow)
        }
    }
    fn from_text(text: Cow<'de, str>) -> Result<Self, Kind> {
        Ok(Self(text))
    }
}

impl<'de> Wire<'de> for Calendar {
    const EXPECTED: Expected = Expected::Date;
    fn from_text(text: Cow<'de, str>) -> Result<Self, Kind> {
        Ok(Self(Date::parse(&text)))
    }
}

impl<'de: 'a, 'a, T: Wire<'de>> Wire<'de> for Dictionary<'a, T> {
    const EXPECTED: Expected = Expected::Object;

    fn from_object<A: MapAccess<'de>>(mut object: A) -> Result<Result<Self, Kind>, A::Error> {
        let mut entries = Vec::new();
        while let Some((key, value)) = object.next_entry::<Key<'de>, Field<T>>()? {
            entries.push((key.0, value));
        }
        Ok(Ok(Self(entries)))
    }
    fn from_array<A: SeqAccess<'de>>(mut array: A) -> Result<Result<Self, Kind>, A::Error> {
        let mut empty = true;
        while array.next_element::<IgnoredAny>()?.is_some() {
            empty = false;
        }
        Ok(if empty {
            Ok(Self(Vec::new()))
        } else {
            Err(Kind::Array)
        })
    }
}

/// An object key, borrowed from the body where it has no escapes.
#[derive(serde::Deserialize)]
pub struct Key<'a>(#[serde(borrow)] pub Cow<'a, str>);

macro_rules! leaf_schema {
    ($leaf:ty, $name:literal, $schema:expr) => {
        impl JsonSchema for $leaf {
            fn inline_schema() -> bool {
                true
            }
            fn schema_name() -> Cow<'static, str> {
                $name.into()
            }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                $schema
            }
        }
    };
}
leaf_schema!(Text<'_>, "Text", json_schema!({ "type": "string" }));
leaf_schema!(
    Id<'_>,
    "Id",
    json_schema!({
        "oneOf": [{ "type": "string", "minLength": 1, "maxLength": 256 }, { "type": "integer", "format": "int64" }],
        "description": "A non-empty string of at most 256 bytes, or an integer; 1 and \"1\" are one id."
    })
);
leaf_schema!(Number, "Number", json_schema!({ "type": "number" }));
leaf_schema!(Whole, "Whole", json_schema!({ "type": "integer" }));
leaf_schema!(Flag, "Flag", json_schema!({ "enum": [true, false, 0, 1] }));
leaf_schema!(
    Scalar<'_>,
    "Scalar",
    json_schema!({ "type": ["string", "number", "boolean"] })
);
leaf_schema!(
    Calendar,
    "Date",
    json_schema!({ "type": "string", "examples": ["2025-04-24", "2025-04-24T10:30:00Z"],
    "description": "YYYY-MM-DD, or a date-time of which the UTC date counts." })
);

impl<T: JsonSchema> JsonSchema for Dictionary<'_, T> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        format!("DictionaryOf{}", T::schema_name()).into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "object", "additionalProperties": generator.subschema_for::<T>() })
    }
}
