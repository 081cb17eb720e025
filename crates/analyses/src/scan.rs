//! One pass over the raw body, before it is parsed: what a typed parser does not tell.
//!
//! Finds nesting beyond the limit, repeated keys (also of fields that are otherwise ignored), numbers too large for a
//! double, and where the top-level fields lie. It does not judge whether the body is JSON: the parser does.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::ops::Range;

use memchr::memchr2;
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::limits::{ERRORS_MAX, NESTING_MAX};
use crate::wire::{Field, Kind, Wire};

/// Stands in the parsed body for a number that no double can hold.
pub const OVERFLOW: &str = "\u{1}number too large for a double";

/// What the pass found.
#[derive(Debug, Default)]
pub struct Scan {
    /// Nested deeper than [`NESTING_MAX`].
    pub too_deep: bool,
    /// Paths of keys that stand twice in one object: the first [`ERRORS_MAX`].
    pub repeated: Vec<String>,
    /// How many keys stand twice.
    pub n_repeated: usize,
    /// Where numbers too large for a double stand.
    overflows: Vec<Range<usize>>,
    /// Top-level keys as they are written, and where their values begin.
    top: Vec<(Range<usize>, usize)>,
}

/// Keys up to which a repeated one is found by comparing with each.
const FEW_KEYS: usize = 12;

/// An array or object that is open.
struct Frame<'a> {
    is_object: bool,
    /// Where its keys begin in `Scanner::keys`.
    first_key: usize,
    /// Elements begun, for arrays.
    index: usize,
    /// Its keys, once there are many.
    many: Option<HashSet<&'a [u8]>>,
}

struct Scanner<'a> {
    body: &'a [u8],
    frames: Vec<Frame<'a>>,
    /// Keys of all open objects, innermost last.
    keys: Vec<&'a [u8]>,
    found: Scan,
}

/// Walks `body` once.
pub fn scan(body: &[u8]) -> Scan {
    let mut scanner = Scanner {
        body,
        frames: Vec::new(),
        keys: Vec::new(),
        found: Scan::default(),
    };
    scanner.walk();
    scanner.found
}

impl<'a> Scanner<'a> {
    fn walk(&mut self) {
        let body = self.body;
        let mut at = 0;
        while let Some(&byte) = body.get(at) {
            match byte {
                b'"' => {
                    let end = end_of_string(body, at + 1);
                    let next = skip_space(body, end);
                    if body.get(next) == Some(&b':')
                        && self.frames.last().is_some_and(|frame| frame.is_object)
                    {
                        self.key(at + 1..end - 1, next + 1);
                        at = next + 1;
                    } else {
                        at = end;
                    }
                    continue;
                }
                b'{' | b'[' => {
                    if self.frames.len() == NESTING_MAX {
                        self.found.too_deep = true;
                        return;
                    }
                    let first_key = self.keys.len();
                    self.frames.push(Frame {
                        is_object: byte == b'{',
                        first_key,
                        index: 0,
                        many: None,
                    });
                }
                b'}' | b']' => {
                    if let Some(frame) = self.frames.pop() {
                        self.keys.truncate(frame.first_key);
                    }
                }
                b',' => {
                    if let Some(frame) = self.frames.last_mut() {
                        frame.index += 1;
                    }
                }
                b'-' | b'0'..=b'9' => {
                    at = self.number(at);
                    continue;
                }
                _ => {}
            }
            at += 1;
        }
    }

    /// Notes the key at `span` of the innermost object; its value begins at `value`.
    fn key(&mut self, span: Range<usize>, value: usize) {
        let key = &self.body[span.clone()];
        if self.frames.len() == 1 {
            self.found.top.push((span, value));
        }
        let frame = self.frames.last_mut().expect("a key stands in an object");
        let known = &self.keys[frame.first_key..];
        let repeated = if known.len() <= FEW_KEYS {
            known.contains(&key)
        } else {
            !frame
                .many
                .get_or_insert_with(|| known.iter().copied().collect())
                .insert(key)
        };
        self.keys.push(key);
        if repeated {
            self.found.n_repeated += 1;
            if self.found.repeated.len() < ERRORS_MAX {
                let path = self.path();
                self.found.repeated.push(path);
            }
        }
    }

    /// Steps over the number at `from`, noting it when it overflows.
    fn number(&mut self, from: usize) -> usize {
        let rest = &self.body[from..];
        let length = rest
            .iter()
            .position(|byte| !matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E'));
        let length = length.unwrap_or(rest.len());
        let text = &rest[..length];
        // Without an exponent it takes more than 300 digits to overflow.
        let suspicious = length > 300 || text.iter().any(|byte| matches!(byte, b'e' | b'E'));
        let parsed = suspicious
            .then(|| std::str::from_utf8(text).ok()?.parse::<f64>().ok())
            .flatten();
        if parsed.is_some_and(f64::is_infinite) {
            self.found.overflows.push(from..from + length);
        }
        from + length
    }

    /// The path of the key that was read last.
    fn path(&self) -> String {
        let mut path = String::new();
        for (depth, frame) in self.frames.iter().enumerate() {
            if frame.is_object {
                // The key by which the next frame was entered is the last one of this frame.
                let end = self
                    .frames
                    .get(depth + 1)
                    .map_or(self.keys.len(), |inner| inner.first_key);
                let key = String::from_utf8_lossy(self.keys[end - 1]);
                if !path.is_empty() {
                    path.push('.');
                }
                path.push_str(&key);
            } else {
                path.push_str(&format!("[{}]", frame.index));
            }
        }
        path
    }
}

/// The position after the closing quote of the string that begins at `from`.
fn end_of_string(body: &[u8], mut from: usize) -> usize {
    while let Some(offset) = memchr2(b'"', b'\\', &body[from.min(body.len())..]) {
        from += offset;
        if body[from] == b'"' {
            return from + 1;
        }
        from += 2;
    }
    body.len()
}

fn skip_space(body: &[u8], from: usize) -> usize {
    from + body[from..]
        .iter()
        .take_while(|byte| byte.is_ascii_whitespace())
        .count()
}

impl Scan {
    /// The body with [`OVERFLOW`] in place of numbers that no double can hold.
    pub fn neutralize<'a>(&self, body: &'a [u8]) -> Cow<'a, [u8]> {
        if self.overflows.is_empty() {
            return Cow::Borrowed(body);
        }
        let marker = serde_json::to_vec(OVERFLOW).expect("a string");
        let mut text = Vec::with_capacity(body.len() + self.overflows.len() * marker.len());
        let mut from = 0;
        for span in &self.overflows {
            text.extend_from_slice(&body[from..span.start]);
            text.extend_from_slice(&marker);
            from = span.end;
        }
        text.extend_from_slice(&body[from..]);
        Cow::Owned(text)
    }

    /// Whether the top-level object has this field, and not as `null`.
    pub fn has(&self, body: &[u8], name: &str) -> bool {
        self.value_at(body, name)
            .is_some_and(|value| !body[value..].starts_with(b"null"))
    }

    /// Whether the first element of a top-level array is an object with this field.
    pub fn first_element_has(&self, body: &[u8], list: &str, field: &str) -> bool {
        let Some(open) = self.value_at(body, list) else {
            return false;
        };
        let Some(elements) = body[open..].strip_prefix(b"[") else {
            return false;
        };
        let mut parser = serde_json::Deserializer::from_slice(elements);
        let first = HashMap::<Cow<'_, str>, IgnoredAny>::deserialize(&mut parser);
        first.is_ok_and(|first| first.contains_key(field))
    }

    /// Where the value of a top-level field begins.
    fn value_at(&self, body: &[u8], name: &str) -> Option<usize> {
        let field = self
            .top
            .iter()
            .find(|(key, _)| &body[key.clone()] == name.as_bytes());
        field.map(|(_, value)| skip_space(body, *value))
    }

    /// A top-level field, read on its own.
    pub fn top_level<'a, T: Wire<'a>>(&self, body: &'a [u8], name: &str) -> Field<T> {
        let Some(value) = self.value_at(body, name) else {
            return Field::Absent;
        };
        if self.overflows.iter().any(|span| span.start == value) {
            return Field::Wrong(Kind::Overflow);
        }
        let mut parser = serde_json::Deserializer::from_slice(&body[value..]);
        Field::deserialize(&mut parser).unwrap_or(Field::Absent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Text;

    #[test]
    fn repeated_keys_are_found_where_they_stand() {
        let body =
            br#"{"a": [{"x": 1}, {"x": {"y": 1, "z": "\"y\": 2,", "y": 3}}], "b": 1, "a" : 2}"#;
        let found = scan(body);
        assert_eq!(found.repeated, ["a[1].x.y", "a"]);
        assert_eq!(found.n_repeated, 2);
    }

    #[test]
    fn repeated_keys_are_found_among_many() {
        let mut body: String = (0..1000).map(|i| format!("\"k{i}\": {i},")).collect();
        body.push_str("\"k500\": 0");
        assert_eq!(scan(format!("{{{body}}}").as_bytes()).repeated, ["k500"]);
    }

    #[test]
    fn only_numbers_beyond_a_double_are_neutralized() {
        let body = br#"{"a": 1e400, "b": -1E+999, "c": 1e308, "d": "1e400", "e": 12}"#;
        let text = scan(body).neutralize(body).into_owned();
        let value: serde_json::Value = serde_json::from_slice(&text).unwrap();
        assert_eq!(value["a"], OVERFLOW);
        assert_eq!(value["b"], OVERFLOW);
        assert_eq!(value["c"], 1e308);
        assert_eq!(value["d"], "1e400");
    }

    #[test]
    fn nesting_is_counted_to_the_limit() {
        let nested = |n: usize| format!("{}1{}", "[".repeat(n), "]".repeat(n));
        assert!(!scan(nested(NESTING_MAX).as_bytes()).too_deep);
        assert!(scan(nested(NESTING_MAX + 1).as_bytes()).too_deep);
    }

    #[test]
    fn bodies_that_are_not_json_do_no_harm() {
        for body in [
            "",
            "\"",
            "{\"",
            "}",
            "]]]",
            "{\"a\\",
            "\\",
            "{\"a\":",
            "{,,,:",
            "-",
            "[\"a\":1]",
            "\"a\":{",
        ] {
            scan(body.as_bytes());
        }
    }

    #[test]
    fn top_level_fields_are_read_on_their_own() {
        let body = br#"{"lang" : "pt-BR", "inner": {"lang": "es"}, "n": 3, "big": 1e999}"#;
        let found = scan(body);
        assert_eq!(
            found.top_level::<Text<'_>>(body, "lang"),
            Field::Value(Text("pt-BR".into()))
        );
        assert_eq!(
            found.top_level::<Text<'_>>(body, "n"),
            Field::Wrong(Kind::Number)
        );
        assert_eq!(
            found.top_level::<Text<'_>>(body, "big"),
            Field::Wrong(Kind::Overflow)
        );
        assert!(found.has(body, "inner") && !found.has(body, "x"));
        let body = br#"{"data": null, "customers": 3}"#;
        let found = scan(body);
        assert!(!found.has(body, "data") && found.has(body, "customers"));
    }

    #[test]
    fn the_first_element_of_a_list_is_looked_into() {
        let check = |body: &str, expected: bool| {
            let found = scan(body.as_bytes()).first_element_has(body.as_bytes(), "rows", "x");
            assert_eq!(found, expected, "{body}");
        };
        check(r#"{"rows": [ {"a": [{}], "x": {"b": 1}}, 5"#, true);
        check(r#"{"x": 1, "rows": [{"a": {"x": 1}}, {"x": 1}]}"#, false);
        for rows in [
            "[]",
            "[5, {\"x\": 1}]",
            "{\"x\": 1}",
            "\"x\"",
            "[{\"x\"",
            "null",
        ] {
            check(&format!("{{\"rows\": {rows}}}"), false);
        }
        check(r#"{"other": [{"x": 1}]}"#, false);
    }
}
