//! Numbers of a response: always finite, rounded once, here.

use std::borrow::Cow;

use clientela_numerics::round::round_decimal;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};

/// A finite number rounded to `DIGITS` decimals, half to even on its shortest decimal text.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Fixed<const DIGITS: u8>(f64);

/// Money and averages.
pub type Money = Fixed<2>;
/// A value between two scores.
pub type Threshold = Fixed<2>;
/// A percentage, 0–100.
pub type Percent = Fixed<2>;
/// A score or probability.
pub type Score = Fixed<6>;
/// A loyalty score, or a part of one.
pub type LoyaltyPoints = Fixed<4>;

impl<const DIGITS: u8> Fixed<DIGITS> {
    /// Rounds `value`.
    ///
    /// # Panics
    /// On NaN and infinity, which no analysis may produce.
    #[must_use]
    pub fn new(value: f64) -> Self {
        assert!(value.is_finite(), "a figure that is not finite");
        Self(round_decimal(value, u32::from(DIGITS)))
    }

    /// The rounded number.
    #[must_use]
    pub fn get(self) -> f64 {
        self.0
    }
}

/// A finite number that is not rounded.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Full(f64);

impl Full {
    /// Keeps `value`.
    ///
    /// # Panics
    /// On NaN and infinity, which no analysis may produce.
    #[must_use]
    pub fn new(value: f64) -> Self {
        assert!(value.is_finite(), "a figure that is not finite");
        Self(value + 0.0)
    }

    /// The number.
    #[must_use]
    pub fn get(self) -> f64 {
        self.0
    }
}

/// How many.
pub type Count = u64;

impl<const DIGITS: u8> Serialize for Fixed<DIGITS> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.0)
    }
}

impl Serialize for Full {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.0)
    }
}

impl<const DIGITS: u8> JsonSchema for Fixed<DIGITS> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        format!("Fixed{DIGITS}").into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "number" })
    }
}

impl JsonSchema for Full {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "Full".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "number" })
    }
}
