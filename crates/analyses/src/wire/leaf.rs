//! The leaves of a request.

use std::borrow::Cow;

use clientela_tables::Date;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{MapAccess, SeqAccess};

use super::field::{Expected, Field, Kind, Wire, ignored_array};
use crate::limits::ID_BYTES_MAX;
use crate::scan::REPEATED_KEY;

/// A string.
#[derive(Clone, Debug, PartialEq)]
pub struct Text<'a>(pub Cow<'a, str>);

/// An id: a string, or an integer literal, compared as text.
#[derive(Clone, Debug, PartialEq)]
pub struct Id<'a>(pub Cow<'a, str>);

/// A number, as a finite double.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Number(pub f64);

/// A whole number; `3.0` is one. Those beyond 64 bits are the largest or smallest that there is: outside of every range.
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

/// An object with free keys, in the order of the payload; a repeated key only once. An empty array counts as an empty
/// object.
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
    fn from_long_integer(literal: &str) -> Result<Self, Kind> {
        Ok(Self(literal.to_owned().into()))
    }
    fn from_float(value: f64) -> Result<Self, Kind> {
        // The parser reads the integer literal -0 as a float, to keep its sign.
        if value == 0.0 && value.is_sign_negative() {
            Ok(Self("-0".into()))
        } else {
            Err(Kind::Decimal)
        }
    }
}

impl Wire<'_> for Number {
    const EXPECTED: Expected = Expected::Number;
    fn from_integer(value: i64) -> Result<Self, Kind> {
        Ok(Self(value as f64))
    }
    fn from_float(value: f64) -> Result<Self, Kind> {
        Ok(Self(value))
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
    fn from_long_integer(literal: &str) -> Result<Self, Kind> {
        Ok(Self(literal.to_owned().into()))
    }
    fn from_float(value: f64) -> Result<Self, Kind> {
        Ok(Self(value.to_string().into()))
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
        while let Some((Key(key), value)) = object.next_entry::<Key<'de>, Field<T>>()? {
            if key != REPEATED_KEY {
                entries.push((key, value));
            }
        }
        Ok(Ok(Self(entries)))
    }
    fn from_array<A: SeqAccess<'de>>(array: A) -> Result<Result<Self, Kind>, A::Error> {
        Ok(ignored_array(array)?.map(|()| Self(Vec::new())))
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
        "oneOf": [{ "type": "string", "minLength": 1, "maxLength": ID_BYTES_MAX }, { "type": "integer" }],
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::scan;

    /// A leaf as a request holds it.
    fn read<T: for<'a> Wire<'a>>(json: &str) -> Field<T> {
        let text = scan(json.as_bytes()).neutralize(json.as_bytes());
        serde_json::from_slice(&text).unwrap()
    }

    fn id(json: &str) -> Result<String, Kind> {
        let text = scan(json.as_bytes()).neutralize(json.as_bytes());
        match serde_json::from_slice::<Field<Id<'_>>>(&text).unwrap() {
            Field::Value(Id(id)) => Ok(id.into_owned()),
            Field::Wrong(kind) => Err(kind),
            Field::Absent => panic!("{json}"),
        }
    }

    #[test]
    fn an_id_is_a_string_or_an_integer_literal_of_any_length() {
        for literal in [
            "1",
            "-5",
            "-0",
            "9223372036854775807",
            "9223372036854775808",
            "18446744073709551616",
            "-123456789012345678901234567890",
        ] {
            assert_eq!(id(literal).as_deref(), Ok(literal));
            assert_eq!(id(&format!("\"{literal}\"")).as_deref(), Ok(literal));
        }
        assert_eq!(id("\" \\u00e9\\n\"").as_deref(), Ok(" é\n"));
        for (json, kind) in [
            ("1.0", Kind::Decimal),
            ("1e3", Kind::Decimal),
            ("-1.5", Kind::Decimal),
            ("1e400", Kind::Overflow),
            ("true", Kind::Boolean),
            ("[1]", Kind::Array),
            ("{}", Kind::Object),
        ] {
            assert_eq!(id(json), Err(kind), "{json}");
        }
    }

    #[test]
    fn a_whole_number_may_be_written_with_decimals_but_not_have_any() {
        for (json, expected) in [
            ("3", Field::Value(Whole(3))),
            ("3.0", Field::Value(Whole(3))),
            ("3e2", Field::Value(Whole(300))),
            ("-0", Field::Value(Whole(0))),
            ("-9223372036854775808", Field::Value(Whole(i64::MIN))),
            ("3.5", Field::Wrong(Kind::Fraction)),
            ("9223372036854775808", Field::Value(Whole(i64::MAX))),
            ("-1e30", Field::Value(Whole(i64::MIN))),
            ("1e400", Field::Wrong(Kind::Overflow)),
            ("\"3\"", Field::Wrong(Kind::Text)),
            ("true", Field::Wrong(Kind::Boolean)),
            ("null", Field::Absent),
        ] {
            assert_eq!(read::<Whole>(json), expected, "{json}");
        }
    }

    #[test]
    fn numbers_are_finite_and_no_strings_or_booleans() {
        for (json, expected) in [
            ("0.1", Field::Value(Number(0.1))),
            ("1e308", Field::Value(Number(1e308))),
            (
                "18446744073709551616",
                Field::Value(Number(18_446_744_073_709_551_616.0)),
            ),
            ("1e-400", Field::Value(Number(0.0))),
            ("-1e309", Field::Wrong(Kind::Overflow)),
            ("\"1\"", Field::Wrong(Kind::Text)),
            ("false", Field::Wrong(Kind::Boolean)),
        ] {
            assert_eq!(read::<Number>(json), expected, "{json}");
        }
    }

    #[test]
    fn flags_take_booleans_and_zero_and_one() {
        for (json, expected) in [
            ("true", Field::Value(Flag(true))),
            ("0", Field::Value(Flag(false))),
            ("1.0", Field::Value(Flag(true))),
            ("2", Field::Wrong(Kind::Number)),
            ("\"true\"", Field::Wrong(Kind::Text)),
        ] {
            assert_eq!(read::<Flag>(json), expected, "{json}");
        }
    }

    #[test]
    fn an_empty_array_stands_for_an_empty_object_and_no_other_does() {
        let dictionary = |json| {
            let field: Field<Dictionary<'_, Number>> = serde_json::from_str(json).unwrap();
            field
        };
        assert_eq!(dictionary("[]"), Field::Value(Dictionary(Vec::new())));
        assert_eq!(dictionary("[1]"), Field::Wrong(Kind::Array));
        assert_eq!(dictionary("[null]"), Field::Wrong(Kind::Array));
    }
}
