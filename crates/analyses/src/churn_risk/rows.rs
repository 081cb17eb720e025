//! The rows of a request, which may carry any fields: read into one list of cells, without a map for each row.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use clientela_tables::Cell;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::limits;
use crate::scan::REPEATED_KEY;
use crate::wire::{Calendar, Expected, Field, Flag, Id, Key, Kind, Maybe, Row, Wire};

/// The fields of a row that are no traits.
pub const FIELDS: [&str; 3] = ["customer_id", "snapshot_date", "churned"];

/// Rows with any fields.
#[derive(Default)]
pub struct TraitRows<'a> {
    /// Each element of the list.
    pub rows: Vec<TraitRow<'a>>,
    /// The names of all other fields, by first appearance; at most [`limits::TRAIT_COLUMNS_MAX`].
    pub columns: Vec<Cow<'a, str>>,
    /// Whether there were more of them.
    pub has_more_columns: bool,
    cells: Vec<GivenCell>,
    texts: Vec<Cow<'a, str>>,
    places: HashMap<Cow<'a, str>, u16>,
}

/// One element of the list.
pub struct TraitRow<'a> {
    /// What it is, where it is no object.
    pub is_other: Option<Option<Kind>>,
    /// Who it is about.
    pub customer_id: Field<Id<'a>>,
    /// When.
    pub snapshot_date: Maybe<Calendar>,
    /// Whether the customer was lost.
    pub churned: Maybe<Flag>,
    /// Where its cells end among those of all rows.
    end: usize,
}

/// What a row has in a column.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Given<'a> {
    /// A value that a table can hold.
    Cell(Cell<'a>),
    /// Anything else.
    Wrong(Kind),
}

/// A cell that is not `null`, and its column. A request may have some millions of them.
#[derive(Clone, Copy)]
enum GivenCell {
    Number(u16, f64),
    Boolean(u16, bool),
    /// Which of the texts.
    Text(u16, u32),
    Wrong(u16, Kind),
}

const _: () = assert!(size_of::<GivenCell>() == 16);

impl<'a> TraitRows<'a> {
    /// Cells of all rows that are not `null`.
    pub fn n_cells(&self) -> usize {
        self.cells.len()
    }

    /// Takes who a row is about, when and what is known out of it; its cells stay.
    pub fn take_head(&mut self, row: usize) -> TraitRow<'a> {
        let row = &mut self.rows[row];
        let empty = TraitRow {
            end: row.end,
            ..TraitRow::empty(row.is_other)
        };
        std::mem::replace(row, empty)
    }

    /// The cells of a row, with the place of their column.
    pub fn cells(&self, row: usize) -> impl Iterator<Item = (usize, Given<'_>)> {
        let start = row.checked_sub(1).map_or(0, |before| self.rows[before].end);
        self.cells[start..self.rows[row].end]
            .iter()
            .map(|cell| match *cell {
                GivenCell::Number(column, x) => (column.into(), Given::Cell(Cell::Number(x))),
                GivenCell::Boolean(column, yes) => (column.into(), Given::Cell(Cell::Boolean(yes))),
                GivenCell::Text(column, at) => {
                    let text = &self.texts[at as usize];
                    (column.into(), Given::Cell(Cell::Text(text)))
                }
                GivenCell::Wrong(column, kind) => (column.into(), Given::Wrong(kind)),
            })
    }

    /// The place of a column; `hint` is that of the field before, since rows mostly have the same fields in the same order.
    fn column(&mut self, name: Cow<'a, str>, hint: &mut usize) -> Option<u16> {
        let next = *hint;
        if self.columns.get(next).is_some_and(|known| *known == name) {
            *hint = next + 1;
            return Some(next as u16);
        }
        let place = match self.places.get(&name) {
            Some(&place) => place,
            None if self.columns.len() == limits::TRAIT_COLUMNS_MAX => {
                self.has_more_columns = true;
                return None;
            }
            None => {
                let place = self.columns.len() as u16;
                self.columns.push(name.clone());
                self.places.insert(name, place);
                place
            }
        };
        *hint = usize::from(place) + 1;
        Some(place)
    }

    fn push_cell(&mut self, column: u16, value: Field<CellValue<'a>>) {
        let cell = match value {
            Field::Absent => return,
            Field::Wrong(kind) => GivenCell::Wrong(column, kind),
            Field::Value(CellValue::Number(x)) => GivenCell::Number(column, x),
            Field::Value(CellValue::Boolean(yes)) => GivenCell::Boolean(column, yes),
            Field::Value(CellValue::Text(text)) => {
                self.texts.push(text);
                GivenCell::Text(column, (self.texts.len() - 1) as u32)
            }
        };
        self.cells.push(cell);
    }

    fn push_object<A: MapAccess<'a>>(&mut self, mut object: A) -> Result<(), A::Error> {
        let mut row = TraitRow::empty(None);
        let mut hint = 0;
        while let Some(Key(key)) = object.next_key::<Key<'a>>()? {
            match &*key {
                "customer_id" => row.customer_id = object.next_value()?,
                "snapshot_date" => row.snapshot_date = object.next_value()?,
                "churned" => row.churned = object.next_value()?,
                REPEATED_KEY => {
                    object.next_value::<IgnoredAny>()?;
                }
                _ => {
                    let column = self.column(key, &mut hint);
                    let value = object.next_value()?;
                    if let Some(column) = column {
                        self.push_cell(column, value);
                    }
                }
            }
        }
        row.end = self.cells.len();
        self.rows.push(row);
        Ok(())
    }

    fn push_other(&mut self, kind: Option<Kind>) {
        let end = self.cells.len();
        self.rows.push(TraitRow {
            end,
            ..TraitRow::empty(Some(kind))
        });
    }
}

impl TraitRow<'_> {
    fn empty(is_other: Option<Option<Kind>>) -> Self {
        Self {
            is_other,
            customer_id: Field::Absent,
            snapshot_date: Maybe::default(),
            churned: Maybe::default(),
            end: 0,
        }
    }
}

impl<'de: 'a, 'a> Wire<'de> for TraitRows<'a> {
    const EXPECTED: Expected = Expected::Array;

    fn from_array<A: SeqAccess<'de>>(mut array: A) -> Result<Result<Self, Kind>, A::Error> {
        let mut rows = TraitRows::default();
        while array.next_element_seed(NextRow(&mut rows))?.is_some() {}
        rows.places = HashMap::new();
        Ok(Ok(rows))
    }
}

/// Reads one element into the rows.
struct NextRow<'r, 'a>(&'r mut TraitRows<'a>);

impl<'de> DeserializeSeed<'de> for NextRow<'_, 'de> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for NextRow<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }
    fn visit_unit<E>(self) -> Result<(), E> {
        self.0.push_other(None);
        Ok(())
    }
    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        self.0.push_other(Some(Kind::Boolean));
        Ok(())
    }
    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        self.0.push_other(Some(Kind::Number));
        Ok(())
    }
    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        self.0.push_other(Some(Kind::Number));
        Ok(())
    }
    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        self.0.push_other(Some(Kind::Number));
        Ok(())
    }
    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        // Numbers that no double can hold come as marked text.
        let kind = if text == crate::scan::OVERFLOW {
            Kind::Overflow
        } else if text.starts_with(crate::scan::LONG_INTEGER) {
            Kind::Number
        } else {
            Kind::Text
        };
        self.0.push_other(Some(kind));
        Ok(())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, array: A) -> Result<(), A::Error> {
        match Row::<IgnoredAny>::from_array(array)? {
            // An empty array counts as an empty object.
            Ok(_) => {
                let end = self.0.cells.len();
                self.0.rows.push(TraitRow {
                    end,
                    ..TraitRow::empty(None)
                });
            }
            Err(kind) => self.0.push_other(Some(kind)),
        }
        Ok(())
    }
    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<(), A::Error> {
        self.0.push_object(object)
    }
}

/// A value of a trait.
enum CellValue<'a> {
    Number(f64),
    Boolean(bool),
    Text(Cow<'a, str>),
}

impl<'de: 'a, 'a> Wire<'de> for CellValue<'a> {
    const EXPECTED: Expected = Expected::Scalar;
    fn from_bool(value: bool) -> Result<Self, Kind> {
        Ok(Self::Boolean(value))
    }
    fn from_integer(value: i64) -> Result<Self, Kind> {
        Ok(Self::Number(value as f64))
    }
    fn from_float(value: f64) -> Result<Self, Kind> {
        Ok(Self::Number(value))
    }
    fn from_text(text: Cow<'de, str>) -> Result<Self, Kind> {
        Ok(Self::Text(text))
    }
}

impl JsonSchema for TraitRows<'_> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "ChurnRiskRows".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "array", "minItems": 1, "items": generator.subschema_for::<RowSchema>() })
    }
}

/// What a row may have.
struct RowSchema;

impl JsonSchema for RowSchema {
    fn schema_name() -> Cow<'static, str> {
        "ChurnRiskRow".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let number = |maximum: f64, description: &str| json_schema!({ "type": ["number", "null"], "minimum": 0, "maximum": maximum, "description": description });
        let whole = |description: &str| json_schema!({ "type": ["integer", "null"], "minimum": 0, "maximum": limits::FREQUENCY_MAX, "description": description });
        json_schema!({
            "type": "object",
            "description": "A customer. Every field besides those named here is a trait that models learn from, too: a number, a boolean or a string.",
            "required": ["customer_id"],
            "properties": {
                "customer_id": generator.subschema_for::<Id<'static>>(),
                "snapshot_date": generator.subschema_for::<Maybe<Calendar>>(),
                "churned": { "enum": [true, false, 0, 1, null], "description": "Whether the customer left; null or absent where nobody knows yet." },
                "tenure": number(limits::TENURE_DAYS_MAX, "Days since the customer came."),
                "usage_frequency": number(limits::USAGE_FREQUENCY_MAX, "Sessions per week."),
                "service_tickets": whole("Service tickets opened."),
                "nps": { "type": ["number", "null"], "minimum": -100, "maximum": 100, "description": "Net promoter score of the customer, −100 to 100; not an answer from 0 to 10." },
                "payment_events": whole("Payments that failed or came late."),
            },
            "additionalProperties": true,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> TraitRows<'_> {
        match serde_json::from_str(json).expect("JSON") {
            Field::Value(rows) => rows,
            _ => panic!("rows"),
        }
    }

    fn cells<'r>(rows: &'r TraitRows<'_>, row: usize) -> Vec<(&'r str, Given<'r>)> {
        let named = |(column, cell): (usize, _)| (&*rows.columns[column], cell);
        rows.cells(row).map(named).collect()
    }

    #[test]
    fn rows_may_have_any_fields_in_any_order() {
        let rows = read(
            r#"[{"customer_id": "a", "x": 1, "plan": "basic", "is_new": true},
                {"plan": null, "is_new": false, "customer_id": 7, "late": 2.5, "churned": 1}]"#,
        );
        assert_eq!(rows.columns, ["x", "plan", "is_new", "late"]);
        let number = |x| Given::Cell(Cell::Number(x));
        let expected = [
            ("x", number(1.0)),
            ("plan", Given::Cell(Cell::Text("basic"))),
            ("is_new", Given::Cell(Cell::Boolean(true))),
        ];
        assert_eq!(cells(&rows, 0), expected);
        let expected = [
            ("is_new", Given::Cell(Cell::Boolean(false))),
            ("late", number(2.5)),
        ];
        assert_eq!(cells(&rows, 1), expected);
        assert_eq!(rows.rows[1].churned.0, Field::Value(Flag(true)));
        assert_eq!(rows.n_cells(), 5);
    }

    #[test]
    fn elements_that_are_no_objects_and_values_that_are_no_cells_are_kept_as_such() {
        let rows = read(r#"[{"x": [1]}, 5, null, [], [1], {"x": {"y": 1}}]"#);
        assert_eq!(cells(&rows, 0), [("x", Given::Wrong(Kind::Array))]);
        assert_eq!(cells(&rows, 5), [("x", Given::Wrong(Kind::Object))]);
        let others: Vec<_> = rows.rows.iter().map(|row| row.is_other).collect();
        let number = Some(Some(Kind::Number));
        let array = Some(Some(Kind::Array));
        assert_eq!(others, [None, number, Some(None), None, array, None]);
    }

    #[test]
    fn columns_beyond_the_limit_are_noticed_and_take_no_room() {
        let n = limits::TRAIT_COLUMNS_MAX + 5;
        let fields: Vec<String> = (0..n).map(|i| format!("\"k{i}\": {i}")).collect();
        let json = format!("[{{{}}}]", fields.join(","));
        let rows = read(&json);
        assert!(rows.has_more_columns);
        assert_eq!(rows.n_cells(), limits::TRAIT_COLUMNS_MAX);
    }
}
