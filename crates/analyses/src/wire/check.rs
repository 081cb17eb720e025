//! The walk from a request to a table: runs every rule, collects every violation with its path.

use std::borrow::Cow;
use std::fmt;
use std::ops::RangeInclusive;

use clientela_narrative::Words;
use clientela_tables::{Date, UniqueIds};

use super::field::{Expected, Field, Kind, Maybe, Row, Wire};
use super::leaf::{Calendar, Id, Number, Text, Whole};
use super::messages;
use crate::limits::{ERRORS_MAX, ID_BYTES_MAX};
use crate::{Failure, InvalidClass, Violation, Warning};

#[derive(Clone, Debug)]
enum Step {
    Key(Cow<'static, str>),
    Index(usize),
}

/// Tells paths apart without a text for each: FNV-1a of the text it would have. Two paths of one body that share all 64
/// bits would count as one; no figure depends on it.
#[derive(Clone, Copy)]
struct Fingerprint(u64);

impl Default for Fingerprint {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Fingerprint {
    fn with(mut self, text: &str) -> Self {
        for &byte in text.as_bytes() {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
        }
        self
    }
}

impl fmt::Write for Fingerprint {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        *self = self.with(text);
        Ok(())
    }
}

/// Collects what is wrong, and what is imperfect, while a request becomes a table.
#[derive(Debug, Default)]
pub struct Check {
    path: Vec<Step>,
    violations: Vec<Violation>,
    /// The fingerprints of their paths.
    named: Vec<u64>,
    total: usize,
    ordinary: usize,
    /// The fingerprint of the last path that is counted but not named.
    last_unnamed: Option<u64>,
    warnings: Vec<Warning>,
    /// Why some rule could not be looked at.
    failure: Option<Failure>,
}

impl Check {
    /// Nothing found yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Ends the walk: the table, or everything that was wrong.
    ///
    /// # Errors
    /// [`Failure::Invalid`] when any rule was broken; else what [`Check::fail`] was given.
    ///
    /// # Panics
    /// When there is neither a table nor a violation nor a failure: a mistake of the caller.
    pub fn finish<T>(self, table: Option<T>) -> Result<(T, Vec<Warning>), Failure> {
        if self.total == 0 {
            if let Some(failure) = self.failure {
                return Err(failure);
            }
            return Ok((
                table.expect("a request without violations has a table"),
                self.warnings,
            ));
        }
        let class = if self.ordinary == 0 {
            InvalidClass::PublishedException
        } else {
            InvalidClass::Values
        };
        Err(Failure::Invalid {
            class,
            violations: self.violations,
            total: self.total,
        })
    }

    /// How many fields were rejected so far.
    #[must_use]
    pub fn n_rejected(&self) -> usize {
        self.total
    }

    /// Notes why a rule could not be looked at. Broken rules come first: they are known, and the client's to mend.
    pub fn fail(&mut self, failure: impl Into<Failure>) {
        self.failure.get_or_insert(failure.into());
    }

    /// Adds a remark that will travel with the answer.
    pub fn warn(&mut self, warning: Warning) {
        self.warnings.push(warning);
    }

    /// Rejects the field `key` of the current object.
    ///
    /// A message is written only where it will be read: a hostile body has millions of violations.
    pub fn reject(&mut self, key: impl Into<Cow<'static, str>>, message: impl FnOnce() -> Words) {
        self.ordinary += 1;
        self.push(Some(&Step::Key(key.into())), message);
    }

    /// Rejects the current object or element itself.
    pub fn reject_here(&mut self, message: impl FnOnce() -> Words) {
        self.ordinary += 1;
        self.push(None, message);
    }

    /// Rejects the field `key` under one of the published exceptions.
    pub fn reject_as_exception(
        &mut self,
        key: impl Into<Cow<'static, str>>,
        message: impl FnOnce() -> Words,
    ) {
        self.push(Some(&Step::Key(key.into())), message);
    }

    /// Rejects the current object or element itself under one of the published exceptions.
    pub fn reject_here_as_exception(&mut self, message: impl FnOnce() -> Words) {
        self.push(None, message);
    }

    /// Rejects keys that stand twice in one object: the paths that were kept, and how many there are in all.
    pub fn reject_repeated_keys(&mut self, paths: &[String], n_repeated: usize) {
        self.ordinary += n_repeated;
        for path in paths {
            if let Some(position) = self.place(Fingerprint::default().with(path)) {
                self.name(position, path.clone(), messages::repeated_key());
            }
        }
        self.total += n_repeated - paths.len();
    }

    fn push(&mut self, last: Option<&Step>, message: impl FnOnce() -> Words) {
        let mut fingerprint = Fingerprint::default();
        self.write_path(last, &mut fingerprint);
        if let Some(position) = self.place(fingerprint) {
            let mut path = String::new();
            self.write_path(last, &mut path);
            self.name(position, path, message());
        }
    }

    /// Counts a path, and tells its position among the named ones; `None` beyond the limit.
    fn place(&mut self, Fingerprint(path): Fingerprint) -> Option<usize> {
        if let Some(position) = self.named.iter().position(|&named| named == path) {
            return Some(position);
        }
        if self.named.len() < ERRORS_MAX {
            self.total += 1;
            self.named.push(path);
            return Some(self.named.len() - 1);
        }
        // Beyond the limit a path counts again when another one came between: they are not kept.
        if self.last_unnamed.replace(path) != Some(path) {
            self.total += 1;
        }
        None
    }

    /// A path has one entry, whatever is wrong with it.
    fn name(&mut self, position: usize, path: String, message: Words) {
        match self.violations.get_mut(position) {
            None => self.violations.push(Violation {
                path,
                messages: vec![message],
            }),
            Some(known) if known.messages.contains(&message) => {}
            Some(known) => known.messages.push(message),
        }
    }

    fn write_path(&self, last: Option<&Step>, out: &mut impl fmt::Write) {
        let steps = self.path.iter().chain(last);
        let mut is_first = true;
        for step in steps {
            match step {
                Step::Key(key) if is_first => out.write_str(key),
                Step::Key(key) => out.write_char('.').and_then(|()| out.write_str(key)),
                Step::Index(index) => write!(out, "[{index}]"),
            }
            .expect("texts and fingerprints take any path");
            is_first = false;
        }
        if is_first {
            out.write_char('$').expect("as above");
        }
    }

    /// Runs `inside` with the path one key deeper.
    pub fn within<T>(
        &mut self,
        key: impl Into<Cow<'static, str>>,
        inside: impl FnOnce(&mut Self) -> T,
    ) -> T {
        self.path.push(Step::Key(key.into()));
        let outcome = inside(self);
        self.path.pop();
        outcome
    }

    /// Runs `inside` with the path at one element.
    pub fn at<T>(&mut self, index: usize, inside: impl FnOnce(&mut Self) -> T) -> T {
        self.path.push(Step::Index(index));
        let outcome = inside(self);
        self.path.pop();
        outcome
    }

    /// The value of the element or object at the current path.
    pub fn value_here<'de, T: Wire<'de>>(&mut self, field: Field<T>) -> Option<T> {
        match field {
            Field::Value(value) => Some(value),
            Field::Absent => {
                self.reject_here(|| messages::wrong_type(T::EXPECTED, None));
                None
            }
            Field::Wrong(kind) => {
                self.reject_here(|| messages::wrong_type(T::EXPECTED, Some(kind)));
                None
            }
        }
    }

    /// A required field.
    pub fn required<'de, T: Wire<'de>>(
        &mut self,
        key: impl Into<Cow<'static, str>>,
        field: Field<T>,
    ) -> Option<T> {
        match field {
            Field::Value(value) => Some(value),
            Field::Absent => {
                self.reject(key, messages::required);
                None
            }
            Field::Wrong(kind) => self.wrong(key, T::EXPECTED, kind),
        }
    }

    /// A field that `message` says is needed here; where it is missing, that is one of the published exceptions.
    pub fn required_by_rule<'de, T: Wire<'de>>(
        &mut self,
        key: &'static str,
        field: Maybe<T>,
        message: impl FnOnce() -> Words,
    ) -> Option<T> {
        let value = self.optional(key, field)?;
        if value.is_none() {
            self.reject_as_exception(key, message);
        }
        value
    }

    fn wrong<T>(
        &mut self,
        key: impl Into<Cow<'static, str>>,
        expected: Expected,
        kind: Kind,
    ) -> Option<T> {
        self.reject(key, || messages::wrong_type(expected, Some(kind)));
        None
    }

    /// An optional field: `Some(None)` when it is absent, `None` when it is wrong.
    #[allow(
        clippy::option_option,
        reason = "absent and wrong are different answers"
    )]
    pub fn optional<'de, T: Wire<'de>>(
        &mut self,
        key: impl Into<Cow<'static, str>>,
        field: Maybe<T>,
    ) -> Option<Option<T>> {
        match field.0 {
            Field::Value(value) => Some(Some(value)),
            Field::Absent => Some(None),
            Field::Wrong(kind) => self.wrong(key, T::EXPECTED, kind),
        }
    }

    /// A required id.
    pub fn id<'de>(&mut self, key: &'static str, field: Field<Id<'de>>) -> Option<Cow<'de, str>> {
        let Id(id) = self.required(key, field)?;
        self.sound_id(key, id)
    }

    /// An optional id.
    #[allow(
        clippy::option_option,
        reason = "absent and wrong are different answers"
    )]
    pub fn optional_id<'de>(
        &mut self,
        key: &'static str,
        field: Maybe<Id<'de>>,
    ) -> Option<Option<Cow<'de, str>>> {
        match self.optional(key, field)? {
            Some(Id(id)) => self.sound_id(key, id).map(Some),
            None => Some(None),
        }
    }

    /// Rejects an id that is empty or too long.
    fn sound_id<'de>(&mut self, key: &'static str, id: Cow<'de, str>) -> Option<Cow<'de, str>> {
        let problem = match id.len() {
            0 => messages::empty_id(),
            1..=ID_BYTES_MAX => return Some(id),
            n_bytes => messages::id_too_long(n_bytes, ID_BYTES_MAX),
        };
        self.reject(key, || problem);
        None
    }

    /// A required string.
    pub fn text<'de>(
        &mut self,
        key: &'static str,
        field: Field<Text<'de>>,
    ) -> Option<Cow<'de, str>> {
        self.required(key, field).map(|Text(text)| text)
    }

    /// A required number within `range`.
    pub fn number(
        &mut self,
        key: &'static str,
        field: Field<Number>,
        range: RangeInclusive<f64>,
    ) -> Option<f64> {
        let Number(value) = self.required(key, field)?;
        self.in_range(key, value, &range)
    }

    /// An optional number within `range`.
    #[allow(
        clippy::option_option,
        reason = "absent and wrong are different answers"
    )]
    pub fn optional_number(
        &mut self,
        key: &'static str,
        field: Maybe<Number>,
        range: RangeInclusive<f64>,
    ) -> Option<Option<f64>> {
        match self.optional(key, field)? {
            Some(Number(value)) => self.in_range(key, value, &range).map(Some),
            None => Some(None),
        }
    }

    /// Rejects a number outside `range`.
    pub fn in_range(
        &mut self,
        key: &'static str,
        value: f64,
        range: &RangeInclusive<f64>,
    ) -> Option<f64> {
        if range.contains(&value) {
            return Some(value);
        }
        self.reject(key, || {
            messages::out_of_range(value, *range.start(), *range.end())
        });
        None
    }

    /// A required whole number within `range`.
    pub fn whole(
        &mut self,
        key: &'static str,
        field: Field<Whole>,
        range: RangeInclusive<i64>,
    ) -> Option<i64> {
        let Whole(value) = self.required(key, field)?;
        self.in_whole_range(key, value, &range)
    }

    /// An optional whole number within `range`.
    #[allow(
        clippy::option_option,
        reason = "absent and wrong are different answers"
    )]
    pub fn optional_whole(
        &mut self,
        key: &'static str,
        field: Maybe<Whole>,
        range: RangeInclusive<i64>,
    ) -> Option<Option<i64>> {
        match self.optional(key, field)? {
            Some(Whole(value)) => self.in_whole_range(key, value, &range).map(Some),
            None => Some(None),
        }
    }

    fn in_whole_range(
        &mut self,
        key: &'static str,
        value: i64,
        range: &RangeInclusive<i64>,
    ) -> Option<i64> {
        if range.contains(&value) {
            return Some(value);
        }
        self.reject(key, || {
            messages::out_of_whole_range(value, *range.start(), *range.end())
        });
        None
    }

    /// A required date.
    pub fn date(&mut self, key: &'static str, field: Field<Calendar>) -> Option<Date> {
        let Calendar(date) = self.required(key, field)?;
        if date.is_none() {
            self.reject(key, messages::not_a_date);
        }
        date
    }

    /// A required date that is not after `today`.
    pub fn date_until(
        &mut self,
        key: &'static str,
        field: Field<Calendar>,
        today: Date,
    ) -> Option<Date> {
        let date = self.date(key, field)?;
        if date <= today {
            return Some(date);
        }
        self.reject(key, || messages::after_today(date, today));
        None
    }

    /// An optional date.
    #[allow(
        clippy::option_option,
        reason = "absent and wrong are different answers"
    )]
    pub fn optional_date(
        &mut self,
        key: &'static str,
        field: Maybe<Calendar>,
    ) -> Option<Option<Date>> {
        match self.optional(key, field)? {
            None => Some(None),
            Some(Calendar(Some(date))) => Some(Some(date)),
            Some(Calendar(None)) => {
                self.reject(key, messages::not_a_date);
                None
            }
        }
    }

    /// An optional date that is not after `last`.
    #[allow(
        clippy::option_option,
        reason = "absent and wrong are different answers"
    )]
    pub fn optional_date_until(
        &mut self,
        key: &'static str,
        field: Maybe<Calendar>,
        last: Date,
    ) -> Option<Option<Date>> {
        match field.0 {
            Field::Absent => Some(None),
            field => self.date_until(key, field, last).map(Some),
        }
    }

    /// A required, non-empty list of objects; `build` makes a row of the table from each.
    ///
    /// `None` when the list or any row was rejected.
    pub fn rows<'de, R, T>(
        &mut self,
        key: &'static str,
        field: Field<Vec<Field<Row<R>>>>,
        mut build: impl FnMut(&mut Self, R) -> Option<T>,
    ) -> Option<Vec<T>>
    where
        Row<R>: Wire<'de>,
    {
        let items = self.required(key, field)?;
        if items.is_empty() {
            self.reject(key, messages::empty_list);
            return None;
        }
        let n_items = items.len();
        let mut built = Vec::with_capacity(n_items);
        self.path.push(Step::Key(key.into()));
        for (index, item) in items.into_iter().enumerate() {
            self.path.push(Step::Index(index));
            let row = self.value_here(item).and_then(|Row(row)| build(self, row));
            self.path.pop();
            built.extend(row);
        }
        self.path.pop();
        (built.len() == n_items).then_some(built)
    }

    /// A required id that no row before had.
    pub fn unique_id<'de>(
        &mut self,
        key: &'static str,
        field: Field<Id<'de>>,
        seen: &mut UniqueIds,
    ) -> Option<Cow<'de, str>> {
        let id = self.id(key, field)?;
        if seen.insert(&id) {
            return Some(id);
        }
        self.reject(key, || messages::repeated_id(&id));
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn violations(check: Check) -> (Vec<Violation>, usize) {
        match check.finish(None::<()>) {
            Err(Failure::Invalid {
                violations, total, ..
            }) => (violations, total),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_path_has_one_entry_with_all_its_messages() {
        let mut check = Check::new();
        check.reject("a", messages::required);
        check.reject("b", messages::required);
        check.reject("a", messages::empty_id);
        check.reject("a", messages::required);
        let (violations, total) = violations(check);
        let found: Vec<(&str, usize)> = violations
            .iter()
            .map(|violation| (violation.path.as_str(), violation.messages.len()))
            .collect();
        assert_eq!((found, total), (vec![("a", 2), ("b", 1)], 2));
    }

    #[test]
    fn paths_beyond_the_limit_are_counted_but_not_named() {
        let mut check = Check::new();
        for index in 0..ERRORS_MAX + 50 {
            check.at(index, |check| {
                check.reject("a", messages::required);
                check.reject("a", messages::empty_id);
            });
        }
        check.at(0, |check| check.reject("a", messages::not_a_date));
        let (violations, total) = violations(check);
        assert_eq!(total, ERRORS_MAX + 50);
        assert_eq!(violations.len(), ERRORS_MAX);
        assert_eq!(violations[0].path, "[0].a");
        assert_eq!(violations[0].messages.len(), 3);
    }

    #[test]
    fn messages_beyond_the_limit_are_not_written() {
        let mut check = Check::new();
        for index in 0..ERRORS_MAX + 50 {
            check.at(index, |check| {
                check.reject_here(|| {
                    assert!(index < ERRORS_MAX);
                    messages::required()
                });
            });
        }
        assert_eq!(violations(check).1, ERRORS_MAX + 50);
    }

    #[test]
    fn repeated_keys_that_were_not_kept_are_counted() {
        let mut check = Check::new();
        check.reject_repeated_keys(&["a.b".to_owned(), "c".to_owned()], 7);
        check.reject("c", messages::required);
        let (violations, total) = violations(check);
        assert_eq!((violations.len(), total), (2, 7));
        assert_eq!(violations[1].messages.len(), 2);
    }
}
