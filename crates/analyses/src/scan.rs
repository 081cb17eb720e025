//! One pass over the raw body, before it is parsed: what a typed parser does not tell.
//!
//! Finds nesting beyond the limit, repeated keys (also of fields that are otherwise ignored), numbers too large for a
//! double, integers too long for 64 bits, and where the top-level fields lie. It does not judge whether the body is JSON:
//! the parser does. What the parser would stumble over, or round, is replaced by marked strings that
//! [`Field`] and [`Dictionary`](crate::wire::Dictionary) understand, so that one walk finds every other error as well.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::ops::Range;

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::limits::{ERRORS_MAX, NESTING_MAX};
use crate::wire::messages::shortened;
use crate::wire::{Field, Kind, Wire};

/// Stands in the parsed body for a number that no double can hold.
pub const OVERFLOW: &str = "\u{1}number too large for a double";
/// Stands in the parsed body before the text of an integer that the parser would round.
pub const LONG_INTEGER: &str = "\u{1}integer ";
/// Stands in the parsed body for a key that its object has already.
pub const REPEATED_KEY: &str = "\u{1}repeated key";

/// What the pass found.
#[derive(Debug, Default)]
pub struct Scan {
    /// Nested deeper than [`NESTING_MAX`].
    pub too_deep: bool,
    /// Paths of keys that stand twice in one object: the first [`ERRORS_MAX`].
    pub repeated: Vec<String>,
    /// How many keys stand twice; one that stands three times counts once, as far as paths are kept.
    pub n_repeated: usize,
    /// What is to be replaced before parsing, in the order of the body.
    marks: Vec<(Range<usize>, Mark)>,
    /// Top-level keys as they are written, and where their values begin.
    top: Vec<(Range<usize>, usize)>,
}

/// What stands in the way of the parser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    Overflow,
    LongInteger,
    /// The text between the quotes of a key.
    RepeatedKey,
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
    many: Option<HashSet<Cow<'a, [u8]>>>,
}

struct Scanner<'a> {
    body: &'a [u8],
    frames: Vec<Frame<'a>>,
    /// Keys of all open objects without their escapes, innermost last.
    keys: Vec<Cow<'a, [u8]>>,
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
        let key = unescaped(self.body, &span);
        if self.frames.len() == 1 {
            self.found.top.push((span.clone(), value));
        }
        let frame = self.frames.last_mut().expect("a key stands in an object");
        let known = &self.keys[frame.first_key..];
        let repeated = if known.len() <= FEW_KEYS {
            known.contains(&key)
        } else {
            !frame
                .many
                .get_or_insert_with(|| known.iter().cloned().collect())
                .insert(key.clone())
        };
        self.keys.push(key);
        if repeated {
            self.found.marks.push((span, Mark::RepeatedKey));
            self.note_repeated();
        }
    }

    /// Notes that the key that was read last stands in its object already.
    fn note_repeated(&mut self) {
        if self.found.repeated.len() == ERRORS_MAX {
            self.found.n_repeated += 1;
            return;
        }
        let path = self.path();
        if !self.found.repeated.contains(&path) {
            self.found.repeated.push(path);
            self.found.n_repeated += 1;
        }
    }

    /// Steps over the number at `from`, marking it when the parser would refuse or round it.
    fn number(&mut self, from: usize) -> usize {
        let rest = &self.body[from..];
        let length = rest
            .iter()
            .position(|byte| !matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E'));
        let end = from + length.unwrap_or(rest.len());
        let mark = mark_of_number(&self.body[from..end]);
        // In the place of a key a number is no JSON, and must not become a string that would be.
        if let Some(mark) = mark
            && self.body.get(skip_space(self.body, end)) != Some(&b':')
        {
            self.found.marks.push((from..end, mark));
        }
        end
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
                // An object that was entered without a key is no JSON, which the parser will say.
                let Some(key) = self.keys[frame.first_key..end].last() else {
                    continue;
                };
                if !path.is_empty() {
                    path.push('.');
                }
                path.push_str(&shortened(&String::from_utf8_lossy(key)));
            } else {
                path.push_str(&format!("[{}]", frame.index));
            }
        }
        path
    }
}

/// Why the parser would refuse or round a number, if it would and it is one.
fn mark_of_number(text: &[u8]) -> Option<Mark> {
    // An integer has to have more than 18 digits to be beyond 64 bits, and without an exponent more than 300 to overflow.
    let is_integer = || text.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'-'));
    let has_exponent = || text.iter().any(|byte| matches!(byte, b'e' | b'E'));
    if text.len() <= 18 && !has_exponent() {
        return None;
    }
    let number = std::str::from_utf8(text).ok()?;
    let value: f64 = number.parse().ok()?;
    let mark = if value.is_infinite() {
        Mark::Overflow
    } else if is_integer() && number.parse::<i64>().is_err() {
        Mark::LongInteger
    } else {
        return None;
    };
    // Other readers of numbers allow more than JSON does: `01`, `1.`.
    serde_json::from_str::<IgnoredAny>(number)
        .is_ok()
        .then_some(mark)
}

/// The key between two quotes as the parser reads it.
fn unescaped<'a>(body: &'a [u8], span: &Range<usize>) -> Cow<'a, [u8]> {
    let raw = &body[span.clone()];
    if !raw.contains(&b'\\') {
        return Cow::Borrowed(raw);
    }
    let quoted = &body[span.start - 1..span.end + 1];
    // What can't be read is no JSON, which the parser will say.
    serde_json::from_slice::<String>(quoted)
        .map_or(Cow::Borrowed(raw), |key| Cow::Owned(key.into_bytes()))
}

/// The position after the closing quote of the string that begins at `from`.
///
/// Looks at eight bytes at once: most strings are shorter than what a search function is built for.
fn end_of_string(body: &[u8], mut from: usize) -> usize {
    while let Some(chunk) = body.get(from..).and_then(<[u8]>::first_chunk) {
        let word = u64::from_le_bytes(*chunk);
        let stops = zero_bytes(word ^ (LOW_BITS * u64::from(b'"')))
            | zero_bytes(word ^ (LOW_BITS * u64::from(b'\\')));
        if stops == 0 {
            from += chunk.len();
            continue;
        }
        from += stops.trailing_zeros() as usize / 8;
        if body[from] == b'"' {
            return from + 1;
        }
        from += 2;
    }
    while let Some(&byte) = body.get(from) {
        match byte {
            b'"' => return from + 1,
            b'\\' => from += 2,
            _ => from += 1,
        }
    }
    body.len()
}

/// The lowest bit of each byte of a word.
const LOW_BITS: u64 = u64::from_le_bytes([1; 8]);

/// The highest bit of each byte that is zero; bytes above the lowest such one may be marked too.
///
/// Source: Warren, "Hacker's Delight", section 6–1.
fn zero_bytes(word: u64) -> u64 {
    word.wrapping_sub(LOW_BITS) & !word & (LOW_BITS << 7)
}

fn skip_space(body: &[u8], from: usize) -> usize {
    from + body[from..]
        .iter()
        .take_while(|byte| byte.is_ascii_whitespace())
        .count()
}

impl Scan {
    /// The body with marked strings in place of what the parser would stumble over, or round.
    pub fn neutralize<'a>(&self, body: &'a [u8]) -> Cow<'a, [u8]> {
        if self.marks.is_empty() {
            return Cow::Borrowed(body);
        }
        let quoted = |text: &str| serde_json::to_string(text).expect("a string");
        let overflow = quoted(OVERFLOW);
        let integer = quoted(LONG_INTEGER);
        let integer = integer.trim_end_matches('"');
        let key = quoted(REPEATED_KEY);
        let key = key.trim_matches('"');
        let mut text = Vec::with_capacity(body.len() + 16 * self.marks.len());
        let mut from = 0;
        for (span, mark) in &self.marks {
            text.extend_from_slice(&body[from..span.start]);
            match mark {
                Mark::Overflow => text.extend_from_slice(overflow.as_bytes()),
                Mark::LongInteger => {
                    text.extend_from_slice(integer.as_bytes());
                    text.extend_from_slice(&body[span.clone()]);
                    text.push(b'"');
                }
                Mark::RepeatedKey => text.extend_from_slice(key.as_bytes()),
            }
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
        let is_value =
            |(span, mark): &(Range<usize>, Mark)| span.start == value && *mark == Mark::Overflow;
        if self.marks.iter().any(is_value) {
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
    fn keys_are_compared_without_their_escapes_and_named_once() {
        let body = br#"{"a": 1, "\u0061": 2, "a": 3, "b\"": 4, "b\u0022": 5, "c\\": 6, "c": 7}"#;
        let found = scan(body);
        assert_eq!(found.repeated, ["a", "b\""]);
        assert_eq!(found.n_repeated, 2);
    }

    #[test]
    fn a_long_key_is_shortened_in_its_path() {
        let key = "k".repeat(1000);
        let found = scan(format!("{{\"{key}\": 1, \"{key}\": 2}}").as_bytes());
        assert_eq!(found.repeated, [shortened(&key)]);
    }

    /// The body as the parser gets it.
    #[track_caller]
    fn neutralized(body: &str) -> serde_json::Value {
        let text = scan(body.as_bytes())
            .neutralize(body.as_bytes())
            .into_owned();
        serde_json::from_slice(&text).unwrap()
    }

    #[test]
    fn only_numbers_beyond_a_double_are_neutralized() {
        let value = neutralized(r#"{"a": 1e400, "b": -1E+999, "c": 1e308, "d": "1e400", "e": 12}"#);
        assert_eq!(value["a"], OVERFLOW);
        assert_eq!(value["b"], OVERFLOW);
        assert_eq!(value["c"], 1e308);
        assert_eq!(value["d"], "1e400");
        let long = format!("[{}]", "9".repeat(310));
        assert_eq!(neutralized(&long)[0], OVERFLOW);
    }

    #[test]
    fn integers_that_the_parser_would_round_keep_their_digits() {
        let value = neutralized(
            "[9223372036854775807, -9223372036854775808, 9223372036854775808, -123456789012345678901, \
             1234567890123456789012345.0]",
        );
        let long = |digits: &str| format!("{LONG_INTEGER}{digits}");
        assert_eq!(value[0], i64::MAX);
        assert_eq!(value[1], i64::MIN);
        assert_eq!(value[2], long("9223372036854775808"));
        assert_eq!(value[3], long("-123456789012345678901"));
        assert_eq!(value[4], 1_234_567_890_123_456_789_012_345.0);
    }

    #[test]
    fn a_repeated_key_is_renamed_where_it_stands_again() {
        let value = neutralized(r#"{"a": 1, "b": {"a": 2}, "a": [1e999]}"#);
        assert_eq!(value["a"], 1);
        assert_eq!(value["b"]["a"], 2);
        assert_eq!(value[REPEATED_KEY][0], OVERFLOW);
    }

    #[test]
    fn what_is_no_json_does_not_become_json() {
        for body in [
            "{1e400: 1}",
            "{99999999999999999999 : 1}",
            "[01e400]",
            "[1.e400]",
            "[.1e400]",
            "[+1e400]",
            "[1e400e1]",
            "[09999999999999999999]",
            "[9999999999-9999999999]",
            "[-]",
            "[1e400 1e400]",
        ] {
            let text = scan(body.as_bytes())
                .neutralize(body.as_bytes())
                .into_owned();
            assert!(
                serde_json::from_slice::<serde_json::Value>(&text).is_err(),
                "{body}"
            );
        }
    }

    #[test]
    fn strings_of_every_length_end_at_their_quote() {
        for length in 0..40 {
            for escape in ["", "\\\"", "\\\\", "\\n"] {
                let body = format!(
                    "\"{}{escape}{}\" : 1",
                    "x".repeat(length),
                    "é".repeat(length % 5)
                );
                let end = end_of_string(body.as_bytes(), 1);
                assert_eq!(&body[end..], " : 1", "{body}");
                assert_eq!(end_of_string(&body.as_bytes()[..end - 1], 1), end - 1);
            }
        }
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
            "{{\"\":\"\":",
            "{{\"a\":1,\"a\":2",
            "{[{\"a\":[{\"a\":{\"a\":1,\"a\":",
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
