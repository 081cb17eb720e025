//! Fields that hold one of several words, and lists of distinct values.

use clientela_narrative::Words;

use super::Check;
use super::field::{Field, Maybe, Wire};
use super::leaf::Text;
use super::messages::{self, unknown_word};

/// A list of at least one element, repeats dropped, in the order of first appearance.
pub fn distinct<'de, T: Wire<'de>, U: PartialEq>(
    key: &'static str,
    items: Vec<Field<T>>,
    check: &mut Check,
    mut read: impl FnMut(&mut Check, T) -> Option<U>,
) -> Option<Vec<U>> {
    if items.is_empty() {
        check.reject(key, messages::empty_list);
        return None;
    }
    let mut all_read = true;
    let mut found = Vec::new();
    check.within(key, |check| {
        for (index, item) in items.into_iter().enumerate() {
            let value = check.at(index, |check| {
                let item = check.value_here(item)?;
                read(check, item)
            });
            match value {
                Some(value) if found.contains(&value) => {}
                Some(value) => found.push(value),
                None => all_read = false,
            }
        }
    });
    all_read.then_some(found)
}

/// A list of distinct words; `None` within where the field is absent.
#[allow(
    clippy::option_option,
    reason = "absent and wrong are different answers"
)]
pub fn optional_words<'de, T: Copy + PartialEq>(
    key: &'static str,
    field: Maybe<Vec<Field<Text<'de>>>>,
    words: &[(&'static str, T)],
    check: &mut Check,
) -> Option<Option<Vec<T>>> {
    let Some(items) = check.optional(key, field)? else {
        return Some(None);
    };
    let found = distinct(key, items, check, |check, Text(name)| {
        let found = word(&name, words);
        if found.is_none() {
            check.reject_here(|| none_of(&name, words));
        }
        found
    });
    found.map(Some)
}

/// A field with one of several words; `None` within where it is absent.
#[allow(
    clippy::option_option,
    reason = "absent and wrong are different answers"
)]
pub fn optional_word<T: Copy>(
    key: &'static str,
    field: Maybe<Text<'_>>,
    words: &[(&'static str, T)],
    check: &mut Check,
) -> Option<Option<T>> {
    let Some(Text(given)) = check.optional(key, field)? else {
        return Some(None);
    };
    let found = word(&given, words);
    if found.is_none() {
        check.reject(key, || none_of(&given, words));
    }
    found.map(Some)
}

/// The word for a value.
///
/// # Panics
/// When it has none.
pub fn name_of<T: Copy + PartialEq>(value: T, words: &[(&'static str, T)]) -> &'static str {
    words
        .iter()
        .find(|(_, word)| *word == value)
        .expect("every value has a name")
        .0
}

fn word<T: Copy>(given: &str, words: &[(&'static str, T)]) -> Option<T> {
    let found = words.iter().find(|(word, _)| *word == given);
    found.map(|(_, value)| *value)
}

fn none_of<T>(given: &str, words: &[(&'static str, T)]) -> Words {
    let accepted: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
    unknown_word(given, &accepted)
}
