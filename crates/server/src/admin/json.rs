//! Reads a small JSON object strictly: a repeated key and too deep nesting are errors, as in the bodies of analyses.

use std::fmt;

use clientela_analyses::limits::{ERRORS_MAX, NESTING_MAX};
use clientela_analyses::wire::{Expected, Kind, messages};
use clientela_analyses::{InvalidClass, words};
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::problem::{Code, Problem, WrongField};

/// The object in `body`; an empty body and an empty array count as an empty one.
///
/// # Errors
/// Where it is not JSON, something else than an object, or has a repeated key.
pub fn object(body: &[u8]) -> Result<Map<String, Value>, Problem> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    if body.trim_ascii().is_empty() {
        return Ok(Map::new());
    }
    let mut repeated = Vec::new();
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let strict = Strict {
        depth: 0,
        path: String::new(),
        repeated: &mut repeated,
    };
    let value = strict
        .deserialize(&mut deserializer)
        .and_then(|value| deserializer.end().map(|()| value))
        .map_err(|error| unreadable(&error))?;
    if !repeated.is_empty() {
        let total = repeated.len();
        let wrong = repeated
            .into_iter()
            .take(ERRORS_MAX)
            .map(|path| WrongField::new(path, messages::repeated_key()))
            .collect();
        return Err(Problem::invalid(InvalidClass::Values, wrong, total));
    }
    match value {
        Value::Object(object) => Ok(object),
        Value::Array(array) if array.is_empty() => Ok(Map::new()),
        other => {
            let message = messages::wrong_type(Expected::Object, kind_of(&other));
            let wrong = vec![WrongField::new("$", message)];
            Err(Problem::invalid(InvalidClass::Values, wrong, 1))
        }
    }
}

/// What was found, as the messages name it; `None` for `null`.
pub fn kind_of(value: &Value) -> Option<Kind> {
    match value {
        Value::Null => None,
        Value::Bool(_) => Some(Kind::Boolean),
        Value::Number(_) => Some(Kind::Number),
        Value::String(_) => Some(Kind::Text),
        Value::Array(_) => Some(Kind::Array),
        Value::Object(_) => Some(Kind::Object),
    }
}

const TOO_DEEP: &str = "nested too deeply";
const TOO_LARGE: &str = "number out of range";

fn unreadable(error: &serde_json::Error) -> Problem {
    let said = error.to_string();
    if said.starts_with(TOO_LARGE) {
        let message = messages::wrong_type(Expected::Number, Some(Kind::Overflow));
        let wrong = vec![WrongField::new("$", message)];
        return Problem::invalid(InvalidClass::Values, wrong, 1);
    }
    let (line, column) = (error.line(), error.column());
    let detail = if said.starts_with(TOO_DEEP) || said.starts_with("recursion limit") {
        words!(
            "The body is nested more than {NESTING_MAX} levels deep.",
            "El cuerpo tiene más de {NESTING_MAX} niveles de anidamiento.",
            "O corpo tem mais de {NESTING_MAX} níveis de aninhamento.",
        )
    } else {
        words!(
            "The body is not valid JSON: look at line {line}, column {column}.",
            "El cuerpo no es JSON válido: revise la línea {line}, columna {column}.",
            "O corpo não é JSON válido: veja a linha {line}, coluna {column}.",
        )
    };
    Problem::new(Code::NotJson, detail)
}

/// Builds a value and notes the keys that stand twice in one object.
struct Strict<'a> {
    depth: usize,
    path: String,
    repeated: &'a mut Vec<String>,
}

impl Strict<'_> {
    fn inner(&mut self, path: String) -> Strict<'_> {
        Strict {
            depth: self.depth + 1,
            path,
            repeated: self.repeated,
        }
    }
    fn descend<E: serde::de::Error>(&self) -> Result<(), E> {
        if self.depth < NESTING_MAX {
            Ok(())
        } else {
            Err(E::custom(TOO_DEEP))
        }
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any JSON value")
    }
    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        let number = Number::from_f64(value).ok_or_else(|| E::custom(TOO_LARGE))?;
        Ok(number.into())
    }
    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_seq<A: SeqAccess<'de>>(mut self, mut array: A) -> Result<Value, A::Error> {
        self.descend()?;
        let mut items = Vec::new();
        loop {
            let path = format!("{}[{}]", self.path, items.len());
            match array.next_element_seed(self.inner(path))? {
                Some(item) => items.push(item),
                None => return Ok(items.into()),
            }
        }
    }
    fn visit_map<A: MapAccess<'de>>(mut self, mut object: A) -> Result<Value, A::Error> {
        self.descend()?;
        let mut fields = Map::new();
        while let Some(key) = object.next_key::<String>()? {
            let path = if self.path.is_empty() {
                key.clone()
            } else {
                format!("{}.{key}", self.path)
            };
            let value = object.next_value_seed(self.inner(path.clone()))?;
            if fields.insert(key, value).is_some() {
                self.repeated.push(path);
            }
        }
        Ok(fields.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_is_read_and_an_empty_body_is_an_empty_one() {
        for body in ["", "  \n", "{}", "[]", "\u{feff}{}"] {
            assert_eq!(object(body.as_bytes()).unwrap(), Map::new(), "{body:?}");
        }
        let read = object(br#"{"b": [1, {"c": null}], "a": 0.5}"#).unwrap();
        assert_eq!(
            Value::Object(read).to_string(),
            r#"{"b":[1,{"c":null}],"a":0.5}"#
        );
    }

    #[test]
    fn what_is_no_such_object_is_told_apart() {
        let deep = format!("{{\"a\": {}{}}}", "[".repeat(64), "]".repeat(64));
        let very_deep = "[".repeat(100_000);
        for (body, expected) in [
            ("{", "not-json"),
            ("{} x", "not-json"),
            ("\u{0}", "not-json"),
            (&deep, "not-json"),
            (&very_deep, "not-json"),
            ("3", "invalid-input"),
            ("null", "invalid-input"),
            ("[1]", "invalid-input"),
            (r#"{"a": 1e400}"#, "invalid-input"),
            (r#"{"a": 1, "a": 1}"#, "invalid-input"),
            (r#"{"m": [{"a": 1, "\u0061": 1}]}"#, "invalid-input"),
        ] {
            let problem = object(body.as_bytes()).unwrap_err();
            let shown = &body[..body.len().min(40)];
            assert_eq!(problem.code().slug(), expected, "{shown}");
        }
    }
}
