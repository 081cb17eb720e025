//! Answers with one row per customer as a table that joins back to a client's own.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::{Map, Value};

/// Where the rows lie in a response.
#[derive(Clone, Copy, Debug)]
pub enum CsvRows {
    /// An array of objects under this key, or the response itself where the key is empty.
    Array(&'static str),
    /// An object from id to value under this key; the names of the two columns.
    Pairs(&'static str, [&'static str; 2]),
}

/// The rows as RFC 4180 text with a header line. Nested objects become `outer.inner` columns, lists are joined by `; `.
pub fn table(response: &impl Serialize, rows: CsvRows) -> Vec<u8> {
    let response =
        serde_json::to_value(response).expect("responses have text keys and finite numbers");
    let rows: Vec<Map<String, Value>> = match rows {
        CsvRows::Array("") => objects(response),
        CsvRows::Array(key) => objects(response[key].clone()),
        CsvRows::Pairs(key, [id, value]) => {
            let pairs = response[key].as_object().cloned().unwrap_or_default();
            pairs
                .into_iter()
                .map(|(k, v)| Map::from_iter([(id.to_owned(), k.into()), (value.to_owned(), v)]))
                .collect()
        }
    };
    let rows: Vec<Map<String, Value>> = rows.into_iter().map(flat).collect();
    let mut header: Map<String, Value> = Map::new();
    for row in &rows {
        for key in row.keys() {
            if !header.contains_key(key) {
                header.insert(key.clone(), Value::Null);
            }
        }
    }
    let mut text = Vec::new();
    write_line(
        &mut text,
        header.keys().map(|key| Cow::Borrowed(key.as_str())),
    );
    for row in &rows {
        write_line(
            &mut text,
            header
                .keys()
                .map(|key| row.get(key).map_or(Cow::Borrowed(""), cell)),
        );
    }
    text
}

fn objects(rows: Value) -> Vec<Map<String, Value>> {
    let Value::Array(rows) = rows else {
        unreachable!("rows lie in an array")
    };
    rows.into_iter()
        .filter_map(|row| {
            if let Value::Object(row) = row {
                Some(row)
            } else {
                None
            }
        })
        .collect()
}

fn flat(row: Map<String, Value>) -> Map<String, Value> {
    if !row.values().any(Value::is_object) {
        return row;
    }
    let mut columns = Map::new();
    for (key, value) in row {
        match value {
            Value::Object(inner) => {
                columns.extend(
                    flat(inner)
                        .into_iter()
                        .map(|(name, value)| (format!("{key}.{name}"), value)),
                );
            }
            value => {
                columns.insert(key, value);
            }
        }
    }
    columns
}

fn cell(value: &Value) -> Cow<'_, str> {
    match value {
        Value::Null => "".into(),
        Value::String(text) => text.into(),
        Value::Array(items) => items
            .iter()
            .map(|item| cell(item).into_owned())
            .collect::<Vec<_>>()
            .join("; ")
            .into(),
        other => other.to_string().into(),
    }
}

fn write_line<'a>(text: &mut Vec<u8>, cells: impl Iterator<Item = Cow<'a, str>>) {
    for (index, cell) in cells.enumerate() {
        if index > 0 {
            text.push(b',');
        }
        if cell.contains(['"', ',', '\n', '\r']) {
            text.extend_from_slice(format!("\"{}\"", cell.replace('"', "\"\"")).as_bytes());
        } else {
            text.extend_from_slice(cell.as_bytes());
        }
    }
    text.extend_from_slice(b"\r\n");
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn rows_are_flattened_and_quoted() {
        let response = json!({ "customers": [
            { "id": "a,\"b\"", "score": 1.0, "features": { "x": 1, "y": null }, "list": ["p", "q"] },
            { "id": "c", "extra": true },
        ]});
        let text = String::from_utf8(table(&response, CsvRows::Array("customers"))).unwrap();
        assert_eq!(
            text,
            "id,score,features.x,features.y,list,extra\r\n\"a,\"\"b\"\"\",1.0,1,,p; q,\r\nc,,,,,true\r\n"
        );
    }

    #[test]
    fn pairs_become_two_columns_in_their_order() {
        let text = table(
            &json!({ "labels": { "z": 1, "a": 0 } }),
            CsvRows::Pairs("labels", ["id", "cluster_id"]),
        );
        assert_eq!(
            String::from_utf8(text).unwrap(),
            "id,cluster_id\r\nz,1\r\na,0\r\n"
        );
    }
}
