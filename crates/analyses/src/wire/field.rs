//! A field of a request: absent, a value, or what was there instead.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, MapDeserializer};
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::scan;

/// What a field was found to hold when something else was expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `true` or `false`.
    Boolean,
    /// A number.
    Number,
    /// A number with a fraction where a whole one is expected.
    Fraction,
    /// A number too large for a double.
    Overflow,
    /// A number written with a decimal point or an exponent where an integer literal is expected.
    Decimal,
    /// A string.
    Text,
    /// An array.
    Array,
    /// An object.
    Object,
}

/// What a field is expected to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// A string.
    Text,
    /// A string or an integer literal.
    Id,
    /// A number.
    Number,
    /// A whole number.
    Whole,
    /// `true`, `false`, 0 or 1.
    Flag,
    /// A date or date-time.
    Date,
    /// An array.
    Array,
    /// An object.
    Object,
    /// A string or an array of strings.
    TextOrArray,
    /// A string, a number or a boolean.
    Scalar,
    /// An object or an array of numbers.
    ObjectOrNumbers,
    /// Any value.
    Anything,
}

/// A type that a request can hold, and how it is read from each kind of JSON value. A kind that is not overridden is wrong.
pub trait Wire<'de>: Sized {
    /// What to tell the client that is expected.
    const EXPECTED: Expected;

    /// From `true` or `false`.
    fn from_bool(_: bool) -> Result<Self, Kind> {
        Err(Kind::Boolean)
    }
    /// From an integer literal within 64 bits.
    fn from_integer(_: i64) -> Result<Self, Kind> {
        Err(Kind::Number)
    }
    /// From an integer literal beyond 64 bits, as it was written.
    fn from_long_integer(literal: &str) -> Result<Self, Kind> {
        // Longer ones than a double can hold do not come this far.
        Self::from_float(literal.parse().unwrap_or(f64::INFINITY))
    }
    /// From any other number; finite.
    fn from_float(_: f64) -> Result<Self, Kind> {
        Err(Kind::Number)
    }
    /// From a string.
    fn from_text(_: Cow<'de, str>) -> Result<Self, Kind> {
        Err(Kind::Text)
    }
    /// From an array; must consume it.
    fn from_array<A: SeqAccess<'de>>(array: A) -> Result<Result<Self, Kind>, A::Error> {
        Ok(ignored_array(array)?.and(Err(Kind::Array)))
    }
    /// From an object; must consume it.
    fn from_object<A: MapAccess<'de>>(mut object: A) -> Result<Result<Self, Kind>, A::Error> {
        while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Err(Kind::Object))
    }
}

/// A required field.
#[derive(Clone, Debug, PartialEq)]
pub enum Field<T> {
    /// Missing, or `null`.
    Absent,
    /// As expected.
    Value(T),
    /// Something else.
    Wrong(Kind),
}

impl<T> Field<Vec<T>> {
    /// Number of elements, sound or not.
    pub fn n_elements(&self) -> usize {
        if let Self::Value(elements) = self {
            elements.len()
        } else {
            0
        }
    }
}

impl<'de, T: Wire<'de>> Deserialize<'de> for Field<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // `deserialize_option` is also what serde asks of a field that is missing from the object.
        deserializer.deserialize_option(FieldVisitor(PhantomData))
    }
}

struct FieldVisitor<T>(PhantomData<T>);

fn settled<T, E>(outcome: Result<T, Kind>) -> Result<Field<T>, E> {
    Ok(match outcome {
        Ok(value) => Field::Value(value),
        Err(kind) => Field::Wrong(kind),
    })
}

impl<'de, T: Wire<'de>> Visitor<'de> for FieldVisitor<T> {
    type Value = Field<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }
    fn visit_none<E>(self) -> Result<Self::Value, E> {
        Ok(Field::Absent)
    }
    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Field::Absent)
    }
    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        settled(T::from_bool(value))
    }
    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        settled(T::from_integer(value))
    }
    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        settled(i64::try_from(value).map_or_else(
            |_| T::from_long_integer(&value.to_string()),
            T::from_integer,
        ))
    }
    fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
        settled(T::from_float(value))
    }
    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Self::Value, E> {
        // The marks of the scan are escaped, so that they never come as borrowed text.
        settled(T::from_text(Cow::Borrowed(value)))
    }
    fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
        if value == scan::OVERFLOW {
            return Ok(Field::Wrong(Kind::Overflow));
        }
        if let Some(literal) = value.strip_prefix(scan::LONG_INTEGER) {
            return settled(T::from_long_integer(literal));
        }
        settled(T::from_text(Cow::Owned(value.to_owned())))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, array: A) -> Result<Self::Value, A::Error> {
        settled(T::from_array(array)?)
    }
    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Self::Value, A::Error> {
        settled(T::from_object(object)?)
    }
}

/// An optional field; to be marked `#[serde(default)]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Maybe<T>(pub Field<T>);

impl<T> Default for Maybe<T> {
    fn default() -> Self {
        Self(Field::Absent)
    }
}

impl<'de, T: Wire<'de>> Deserialize<'de> for Maybe<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Field::deserialize(deserializer).map(Self)
    }
}

/// An object with the fields of `T`. An empty array counts as an empty object, as some languages write it.
#[derive(Clone, Debug, PartialEq)]
pub struct Row<T>(pub T);

impl<'de, T: Deserialize<'de>> Wire<'de> for Row<T> {
    const EXPECTED: Expected = Expected::Object;

    fn from_object<A: MapAccess<'de>>(object: A) -> Result<Result<Self, Kind>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(object)).map(|row| Ok(Self(row)))
    }
    fn from_array<A: SeqAccess<'de>>(array: A) -> Result<Result<Self, Kind>, A::Error> {
        if let Err(kind) = ignored_array(array)? {
            return Ok(Err(kind));
        }
        let empty = std::iter::empty::<(&str, &str)>();
        T::deserialize(MapDeserializer::<_, A::Error>::new(empty)).map(|row| Ok(Self(row)))
    }
}

/// Consumes an array; only an empty one can stand for something else.
pub(super) fn ignored_array<'de, A: SeqAccess<'de>>(
    mut array: A,
) -> Result<Result<(), Kind>, A::Error> {
    let mut outcome = Ok(());
    while array.next_element::<IgnoredAny>()?.is_some() {
        outcome = Err(Kind::Array);
    }
    Ok(outcome)
}

impl<'de, T: Wire<'de>> Wire<'de> for Vec<Field<T>> {
    const EXPECTED: Expected = Expected::Array;

    fn from_array<A: SeqAccess<'de>>(mut array: A) -> Result<Result<Self, Kind>, A::Error> {
        // A payload has as many lists as customers, and many have one element: no room is taken that stays empty.
        let mut items = Vec::new();
        while let Some(item) = array.next_element()? {
            if items.is_empty() {
                items.reserve_exact(1);
            }
            items.push(item);
        }
        items.shrink_to_fit();
        Ok(Ok(items))
    }
}

macro_rules! schema_of_inner {
    ($outer:ident) => {
        impl<T: JsonSchema> JsonSchema for $outer<T> {
            fn inline_schema() -> bool {
                T::inline_schema()
            }
            fn schema_name() -> Cow<'static, str> {
                T::schema_name()
            }
            fn schema_id() -> Cow<'static, str> {
                T::schema_id()
            }
            fn json_schema(generator: &mut SchemaGenerator) -> Schema {
                T::json_schema(generator)
            }
        }
    };
}
schema_of_inner!(Field);
schema_of_inner!(Row);

impl<T: JsonSchema> JsonSchema for Maybe<T> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        format!("Maybe{}", T::schema_name()).into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Option::<T>::json_schema(generator)
    }
}
