//! Answers with one row per customer as a table that joins back to a client's own.
//!
//! A serializer that writes cells as it meets them: a tree of the whole answer would take many times its size.

use std::collections::HashMap;
use std::ops::Range;

use serde::Serialize;
use serde::ser::{
    Impossible, SerializeMap, SerializeSeq, SerializeStruct, SerializeTuple, Serializer,
};

/// Where the rows lie in a response.
#[derive(Clone, Copy, Debug)]
pub enum CsvRows {
    /// An array of objects under this key, or the response itself where the key is empty.
    Array(&'static str),
    /// An object from id to value under this key; the names of the two columns.
    Pairs(&'static str, [&'static str; 2]),
}

/// The rows as RFC 4180 text with a header line. Nested objects become `outer.inner` columns, lists are joined by `; `,
/// lists of objects stand as JSON.
pub fn table(response: &impl Serialize, rows: CsvRows) -> Vec<u8> {
    let mut sheet = Sheet::default();
    let place = match rows {
        CsvRows::Array("") => Place::Rows,
        CsvRows::Array(key) => Place::Response(key, Inside::Rows),
        CsvRows::Pairs(key, columns) => Place::Response(key, Inside::Pairs(columns)),
    };
    response
        .serialize(Cells {
            sheet: &mut sheet,
            place,
        })
        .expect("responses have text keys and finite numbers");
    sheet.into_text()
}

type Error = serde_json::Error;

/// Cells that were met, in the order they were met.
#[derive(Default)]
struct Sheet {
    /// Column names by first appearance.
    columns: Vec<String>,
    index_of: HashMap<String, usize>,
    /// Whether a column has any cell that is not `null`.
    has_values: Vec<bool>,
    /// The texts of all cells, end to end.
    texts: Vec<u8>,
    /// Column and text of each cell.
    cells: Vec<(usize, Range<usize>)>,
    /// Where each row begins in `cells`.
    rows: Vec<usize>,
    /// The name of the column that is being written.
    path: String,
    /// The column after the one written last: most rows have the same columns.
    next: usize,
}

impl Sheet {
    fn begin_row(&mut self) {
        self.rows.push(self.cells.len());
        self.next = 0;
    }

    /// Writes into the column that `path` names.
    fn cell(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        let column = self.column();
        let start = self.texts.len();
        write(&mut self.texts);
        self.has_values[column] = true;
        self.cells.push((column, start..self.texts.len()));
        self.next = column + 1;
    }

    fn null(&mut self) {
        let column = self.column();
        self.next = column + 1;
    }

    fn column(&mut self) -> usize {
        if self
            .columns
            .get(self.next)
            .is_some_and(|name| *name == self.path)
        {
            return self.next;
        }
        if let Some(&column) = self.index_of.get(&self.path) {
            return column;
        }
        let column = self.columns.len();
        self.columns.push(self.path.clone());
        self.index_of.insert(self.path.clone(), column);
        self.has_values.push(false);
        column
    }

    /// Runs `inside` with the path one key longer.
    fn within(
        &mut self,
        key: &str,
        inside: impl FnOnce(&mut Self) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let length = self.path.len();
        if length > 0 {
            self.path.push('.');
        }
        self.path.push_str(key);
        let outcome = inside(self);
        self.path.truncate(length);
        outcome
    }

    /// Columns in the order they are written: those of one outer key together, and without the column of an object that
    /// was `null` in some row.
    fn order(&self) -> Vec<usize> {
        let outer = |column: usize| self.columns[column].split('.').next().unwrap_or_default();
        let mut first_of: HashMap<&str, usize> = HashMap::new();
        let mut nested: HashMap<&str, bool> = HashMap::new();
        for column in 0..self.columns.len() {
            first_of.entry(outer(column)).or_insert(column);
            *nested.entry(outer(column)).or_default() |= self.columns[column].contains('.');
        }
        let is_shadow = |column: usize| {
            !self.has_values[column]
                && !self.columns[column].contains('.')
                && nested[self.columns[column].as_str()]
        };
        let mut order: Vec<usize> = (0..self.columns.len())
            .filter(|&column| !is_shadow(column))
            .collect();
        order.sort_by_key(|&column| first_of[outer(column)]);
        order
    }

    fn into_text(self) -> Vec<u8> {
        let order = self.order();
        let mut text = Vec::with_capacity(self.texts.len() + 2 * self.cells.len());
        let names = order.iter().map(|&column| self.columns[column].as_bytes());
        write_line(&mut text, names);
        let mut found: Vec<&[u8]> = vec![b""; self.columns.len()];
        for (row, &start) in self.rows.iter().enumerate() {
            let end = self.rows.get(row + 1).copied().unwrap_or(self.cells.len());
            found.fill(b"");
            for (column, span) in &self.cells[start..end] {
                found[*column] = &self.texts[span.clone()];
            }
            write_line(&mut text, order.iter().map(|&column| found[column]));
        }
        text
    }
}

fn write_line<'a>(text: &mut Vec<u8>, cells: impl Iterator<Item = &'a [u8]>) {
    for (index, cell) in cells.enumerate() {
        if index > 0 {
            text.push(b',');
        }
        if cell
            .iter()
            .any(|byte| matches!(byte, b'"' | b',' | b'\n' | b'\r'))
        {
            text.push(b'"');
            for &byte in cell {
                text.extend_from_slice(if byte == b'"' {
                    b"\"\""
                } else {
                    std::slice::from_ref(&byte)
                });
            }
            text.push(b'"');
        } else {
            text.extend_from_slice(cell);
        }
    }
    text.extend_from_slice(b"\r\n");
}

/// What the serializer stands at.
#[derive(Clone, Copy)]
enum Place {
    /// The whole response, of which only one field counts.
    Response(&'static str, Inside),
    /// The array of rows.
    Rows,
    /// The object from id to value.
    Pairs([&'static str; 2]),
    /// A value of a row.
    Value,
}

/// What the field of the response is.
#[derive(Clone, Copy)]
enum Inside {
    Rows,
    Pairs([&'static str; 2]),
}

impl From<Inside> for Place {
    fn from(inside: Inside) -> Self {
        match inside {
            Inside::Rows => Self::Rows,
            Inside::Pairs(columns) => Self::Pairs(columns),
        }
    }
}

struct Cells<'a> {
    sheet: &'a mut Sheet,
    place: Place,
}

impl Cells<'_> {
    /// A number or boolean as JSON writes it.
    fn plain(self, value: &impl Serialize) -> Result<(), Error> {
        let mut outcome = Ok(());
        self.sheet
            .cell(|text| outcome = serde_json::to_writer(text, value));
        outcome
    }
}

/// A field of an object at `place`.
fn field<T: Serialize + ?Sized>(
    sheet: &mut Sheet,
    place: Place,
    key: &str,
    value: &T,
) -> Result<(), Error> {
    match place {
        Place::Response(wanted, inside) if wanted == key => value.serialize(Cells {
            sheet,
            place: inside.into(),
        }),
        Place::Response(..) => Ok(()),
        Place::Pairs([id, name]) => {
            sheet.begin_row();
            sheet.within(id, |sheet| {
                sheet.cell(|text| text.extend_from_slice(key.as_bytes()));
                Ok(())
            })?;
            sheet.within(name, |sheet| value_of(sheet, value))
        }
        Place::Rows | Place::Value => sheet.within(key, |sheet| value_of(sheet, value)),
    }
}

fn value_of<T: Serialize + ?Sized>(sheet: &mut Sheet, value: &T) -> Result<(), Error> {
    value.serialize(Cells {
        sheet,
        place: Place::Value,
    })
}

/// An array: the rows themselves, or a list within a row.
struct Elements<'a> {
    sheet: &'a mut Sheet,
    place: Place,
    /// The elements of a list as JSON.
    list: Vec<String>,
}

impl Elements<'_> {
    fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        if matches!(self.place, Place::Rows) {
            self.sheet.begin_row();
            return value_of(self.sheet, value);
        }
        self.list.push(serde_json::to_string(value)?);
        Ok(())
    }

    fn finish(self) -> Result<(), Error> {
        if matches!(self.place, Place::Rows) {
            return Ok(());
        }
        let is_nested = self.list.iter().any(|item| item.starts_with(['{', '[']));
        let text = if is_nested {
            format!("[{}]", self.list.join(","))
        } else {
            let plain = self.list.iter().map(|item| match item.as_bytes() {
                [b'"', ..] => serde_json::from_str(item),
                b"null" => Ok(String::new()),
                _ => Ok(item.clone()),
            });
            plain.collect::<Result<Vec<String>, Error>>()?.join("; ")
        };
        self.sheet
            .cell(|cell| cell.extend_from_slice(text.as_bytes()));
        Ok(())
    }
}

impl SerializeSeq for Elements<'_> {
    type Ok = ();
    type Error = Error;
    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.element(value)
    }
    fn end(self) -> Result<(), Error> {
        self.finish()
    }
}

impl SerializeTuple for Elements<'_> {
    type Ok = ();
    type Error = Error;
    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.element(value)
    }
    fn end(self) -> Result<(), Error> {
        self.finish()
    }
}

/// An object, of either kind that serde knows.
struct Fields<'a> {
    sheet: &'a mut Sheet,
    place: Place,
    /// The key whose value comes next.
    key: String,
}

impl SerializeStruct for Fields<'_> {
    type Ok = ();
    type Error = Error;
    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        field(self.sheet, self.place, key, value)
    }
    fn end(self) -> Result<(), Error> {
        Ok(())
    }
}

impl SerializeMap for Fields<'_> {
    type Ok = ();
    type Error = Error;
    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Error> {
        let text = serde_json::to_string(key)?;
        self.key = if text.starts_with('"') {
            serde_json::from_str(&text)?
        } else {
            text
        };
        Ok(())
    }
    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        field(self.sheet, self.place, &self.key, value)
    }
    fn end(self) -> Result<(), Error> {
        Ok(())
    }
}

macro_rules! plain_values {
    ($($method:ident: $kind:ty),*) => {
        $(fn $method(self, value: $kind) -> Result<(), Error> {
            self.plain(&value)
        })*
    };
}

impl<'a> Serializer for Cells<'a> {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = Elements<'a>;
    type SerializeTuple = Elements<'a>;
    type SerializeTupleStruct = Impossible<(), Error>;
    type SerializeTupleVariant = Impossible<(), Error>;
    type SerializeMap = Fields<'a>;
    type SerializeStruct = Fields<'a>;
    type SerializeStructVariant = Impossible<(), Error>;

    plain_values!(
        serialize_bool: bool, serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64,
        serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64, serialize_f32: f32,
        serialize_f64: f64
    );
    fn serialize_char(self, value: char) -> Result<(), Error> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }
    fn serialize_str(self, value: &str) -> Result<(), Error> {
        self.sheet
            .cell(|text| text.extend_from_slice(value.as_bytes()));
        Ok(())
    }
    fn serialize_bytes(self, value: &[u8]) -> Result<(), Error> {
        self.collect_seq(value)
    }
    fn serialize_none(self) -> Result<(), Error> {
        self.sheet.null();
        Ok(())
    }
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Error> {
        value.serialize(self)
    }
    fn serialize_unit(self) -> Result<(), Error> {
        self.serialize_none()
    }
    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Error> {
        self.serialize_none()
    }
    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<(), Error> {
        self.serialize_str(variant)
    }
    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        value.serialize(self)
    }
    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        field(self.sheet, self.place, variant, value)
    }
    fn serialize_seq(self, _: Option<usize>) -> Result<Elements<'a>, Error> {
        Ok(Elements {
            sheet: self.sheet,
            place: self.place,
            list: Vec::new(),
        })
    }
    fn serialize_tuple(self, n: usize) -> Result<Elements<'a>, Error> {
        self.serialize_seq(Some(n))
    }
    fn serialize_tuple_struct(
        self,
        name: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleStruct, Error> {
        Err(no_column(name))
    }
    fn serialize_tuple_variant(
        self,
        name: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Error> {
        Err(no_column(name))
    }
    fn serialize_map(self, _: Option<usize>) -> Result<Fields<'a>, Error> {
        Ok(Fields {
            sheet: self.sheet,
            place: self.place,
            key: String::new(),
        })
    }
    fn serialize_struct(self, _: &'static str, n: usize) -> Result<Fields<'a>, Error> {
        self.serialize_map(Some(n))
    }
    fn serialize_struct_variant(
        self,
        name: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, Error> {
        Err(no_column(name))
    }
}

fn no_column(name: &str) -> Error {
    serde::ser::Error::custom(format!("{name} has no place in a table"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn text(response: &serde_json::Value, rows: CsvRows) -> String {
        String::from_utf8(table(response, rows)).expect("UTF-8")
    }

    #[test]
    fn rows_are_flattened_and_quoted() {
        let response = json!({ "summary": { "customers": 2 }, "customers": [
            { "id": "a,\"b\"", "score": 1.0, "features": { "x": 1, "y": null }, "list": ["p", "q\"r"] },
            { "id": "c", "extra": true, "list": [] },
        ]});
        assert_eq!(
            text(&response, CsvRows::Array("customers")),
            "id,score,features.x,features.y,list,extra\r\n\"a,\"\"b\"\"\",1.0,1,,\"p; q\"\"r\",\r\nc,,,,,true\r\n"
        );
    }

    #[test]
    fn an_object_that_is_null_in_some_rows_has_no_column_of_its_own() {
        let response = json!([
            { "next": null, "id": 1 },
            { "next": { "tier": "Gold", "changes": [{ "to": 4.0 }] }, "id": 2 },
        ]);
        assert_eq!(
            text(&response, CsvRows::Array("")),
            "next.tier,next.changes,id\r\n,,1\r\nGold,\"[{\"\"to\"\":4.0}]\",2\r\n"
        );
    }

    #[test]
    fn a_column_that_is_always_null_stays() {
        assert_eq!(
            text(&json!([{ "a": null, "b": 1 }]), CsvRows::Array("")),
            "a,b\r\n,1\r\n"
        );
    }

    #[test]
    fn pairs_become_two_columns_in_their_order() {
        let response = json!({ "labels": { "z": 1, "a": 0 }, "n": 2 });
        assert_eq!(
            text(&response, CsvRows::Pairs("labels", ["id", "cluster_id"])),
            "id,cluster_id\r\nz,1\r\na,0\r\n"
        );
    }
}
