//! Which way a field can be changed, as a request says it: a word, or the texts that it may become.

use std::borrow::Cow;

use clientela_methods::churn::{ActionDirection, Actionable};
use clientela_narrative::{Words, words};
use clientela_tables::{CustomerTraits, TraitValues};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::SeqAccess;

use crate::wire::messages;
use crate::wire::{Check, Dictionary, Expected, Field, Kind, Maybe, Text, Wire};

/// Which way a field can be changed.
pub enum Direction<'a> {
    /// One of [`WORDS`].
    Word(Cow<'a, str>),
    /// The texts it may become.
    Texts(Vec<Field<Text<'a>>>),
}

const WORDS: [&str; 3] = ["decrease", "increase", "either"];

impl<'de: 'a, 'a> Wire<'de> for Direction<'a> {
    const EXPECTED: Expected = Expected::TextOrArray;
    fn from_text(word: Cow<'de, str>) -> Result<Self, Kind> {
        Ok(Self::Word(word))
    }
    fn from_array<A: SeqAccess<'de>>(array: A) -> Result<Result<Self, Kind>, A::Error> {
        Ok(Vec::from_array(array)?.map(Self::Texts))
    }
}

impl JsonSchema for Direction<'_> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "ChurnDirection".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "anyOf": [
            { "enum": WORDS },
            { "type": "array", "items": { "type": "string" }, "minItems": 1, "description": "The texts that the field may become." },
        ] })
    }
}

/// Columns that can be changed; `None` within where the request does not say.
#[allow(
    clippy::option_option,
    reason = "absent and wrong are different answers"
)]
pub fn actionable(
    field: Maybe<Dictionary<'_, Direction<'_>>>,
    check: &mut Check,
) -> Option<Option<Vec<Actionable>>> {
    let Some(Dictionary(entries)) = check.optional("actionable", field)? else {
        return Some(None);
    };
    let n_entries = entries.len();
    let found: Vec<Actionable> = check.within("actionable", |check| {
        let mut found = Vec::with_capacity(n_entries);
        for (name, direction) in entries {
            let key = messages::shortened(&name);
            let direction = check.required(key.clone(), direction);
            let direction = direction.and_then(|direction| read(&key, direction, check));
            found.extend(direction.map(|direction| Actionable {
                column: name.into_owned(),
                direction,
            }));
        }
        found
    });
    (found.len() == n_entries).then_some(Some(found))
}

fn read(key: &str, direction: Direction<'_>, check: &mut Check) -> Option<ActionDirection> {
    let word = match direction {
        Direction::Texts(texts) => return to(key, texts, check),
        Direction::Word(word) => word,
    };
    match &*word {
        "decrease" => Some(ActionDirection::Decrease),
        "increase" => Some(ActionDirection::Increase),
        "either" => Some(ActionDirection::Either),
        _ => {
            check.reject(key.to_owned(), || messages::unknown_word(&word, &WORDS));
            None
        }
    }
}

fn to(key: &str, texts: Vec<Field<Text<'_>>>, check: &mut Check) -> Option<ActionDirection> {
    if texts.is_empty() {
        check.reject(key.to_owned(), messages::empty_list);
        return None;
    }
    let n_texts = texts.len();
    let found: Vec<String> = check.within(key.to_owned(), |check| {
        let texts = texts.into_iter().enumerate();
        let read = |(index, text)| {
            let text = check.at(index, |check| check.value_here(text));
            text.map(|Text(text)| text.into_owned())
        };
        texts.filter_map(read).collect()
    });
    (found.len() == n_texts).then_some(ActionDirection::To(found))
}

/// Refuses texts for a column of numbers, or of yes and no.
pub fn reject_texts_of_numbers(actions: &[Actionable], traits: &CustomerTraits, check: &mut Check) {
    let has_texts = |action: &&Actionable| matches!(action.direction, ActionDirection::To(_));
    for action in actions.iter().filter(has_texts) {
        let values = traits.column(&action.column).map(|column| &column.values);
        let is_other = match values {
            Some(TraitValues::Numeric(numbers)) => numbers.iter().any(|x| !x.is_nan()),
            Some(TraitValues::Boolean(_)) => true,
            Some(TraitValues::Text { .. }) | None => false,
        };
        if is_other {
            let key = messages::shortened(&action.column);
            check.within("actionable", |check| check.reject(key, texts_of_numbers));
        }
    }
}

fn texts_of_numbers() -> Words {
    words!(
        "must be decrease, increase or either: only a field of texts takes a list of those it may become",
        "debe ser decrease, increase o either: solo un campo de texto admite la lista de los textos que puede llegar a tener",
        "deve ser decrease, increase ou either: só um campo de texto aceita a lista dos textos que pode vir a ter",
    )
}
