//! The shape of the request. A row may carry any field, since `group_by` may name any.

use std::borrow::Cow;
use std::fmt;

use clientela_tables::answers::Group;
use clientela_tables::{Answer, Answers, Date};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::{Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

use super::{Grouping, Table};
use crate::limits::{GROUP_FIELDS_MAX, ID_BYTES_MAX};
use crate::spine::Scope;
use crate::wire::messages;
use crate::wire::transactions::Dated;
use crate::wire::{
    Calendar, Check, Expected, Field, Id, Key, Kind, Maybe, Row, Scalar, Text, Whole, Wire,
};
use clientela_narrative::words;

/// A survey to score.
#[derive(Deserialize, JsonSchema)]
pub struct NpsRequest<'a> {
    /// The field, or the fields, whose values make the groups.
    #[serde(borrow, default)]
    group_by: Maybe<GroupBy<'a>>,
    /// One row for each answer.
    #[schemars(extend("minItems" = 1))]
    #[serde(borrow)]
    data: Field<Vec<Field<Row<AnswerRow<'a>>>>>,
}

/// The name of a field, or a list of names.
enum GroupBy<'a> {
    Field(Cow<'a, str>),
    Fields(Vec<Field<Text<'a>>>),
}

impl<'de: 'a, 'a> Wire<'de> for GroupBy<'a> {
    const EXPECTED: Expected = Expected::TextOrArray;
    fn from_text(name: Cow<'de, str>) -> Result<Self, Kind> {
        Ok(Self::Field(name))
    }
    fn from_array<A: SeqAccess<'de>>(array: A) -> Result<Result<Self, Kind>, A::Error> {
        Ok(Vec::from_array(array)?.map(Self::Fields))
    }
}

impl JsonSchema for GroupBy<'_> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "GroupBy".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "anyOf": [
            { "type": "string", "minLength": 1 },
            { "type": "array", "items": { "type": "string", "minLength": 1 }, "maxItems": GROUP_FIELDS_MAX },
        ] })
    }
}

/// One answer. Any further field may be named in `group_by`.
#[derive(JsonSchema)]
#[schemars(rename = "NpsAnswer", transform = with_group)]
struct AnswerRow<'a> {
    /// Who answered; may answer more than once.
    customer_id: Field<Id<'a>>,
    /// How likely they are to recommend, 0–10.
    #[schemars(extend("minimum" = 0, "maximum" = 10))]
    answer: Field<Whole>,
    /// What was asked.
    #[schemars(default)]
    question: Maybe<Text<'a>>,
    /// When.
    #[schemars(default)]
    date: Maybe<Calendar>,
    /// Every other field, `group` among them.
    #[schemars(skip)]
    others: Vec<(Cow<'a, str>, Field<Scalar<'a>>)>,
}

/// Shows in the schema where a group usually stands.
fn with_group(schema: &mut Schema) {
    let group = serde_json::json!({
        "description": "What the answer may be grouped by: a string, a number or a boolean where `group_by` names it. Any other field will do as well.",
    });
    let properties = schema
        .get_mut("properties")
        .and_then(|value| value.as_object_mut());
    if let Some(properties) = properties {
        properties.insert("group".to_owned(), group);
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for AnswerRow<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(AnswerVisitor)
    }
}

struct AnswerVisitor;

impl<'de> Visitor<'de> for AnswerVisitor {
    type Value = AnswerRow<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Self::Value, A::Error> {
        let mut row = AnswerRow {
            customer_id: Field::Absent,
            answer: Field::Absent,
            question: Maybe::default(),
            date: Maybe::default(),
            others: Vec::new(),
        };
        let mut seen = [false; 4];
        while let Some(Key(key)) = object.next_key::<Key<'de>>()? {
            let known = ["customer_id", "answer", "question", "date"];
            let index = known.iter().position(|&name| name == key);
            // Two spellings of one key, such as "date" and "d\u0061te", are only seen here to be the same.
            if index.is_some_and(|index| std::mem::replace(&mut seen[index], true)) {
                return Err(A::Error::custom("a repeated key"));
            }
            match index {
                Some(0) => row.customer_id = object.next_value()?,
                Some(1) => row.answer = object.next_value()?,
                Some(2) => row.question = object.next_value()?,
                Some(3) => row.date = object.next_value()?,
                _ => row.others.push((key, object.next_value()?)),
            }
        }
        Ok(row)
    }
}

pub fn validate(request: NpsRequest<'_>, scope: &Scope, check: &mut Check) -> Option<Table> {
    let grouping = grouping(request.group_by, check);
    let names: Vec<&str> = match &grouping {
        None | Some(Grouping::None) => Vec::new(),
        Some(Grouping::Field(name)) => vec![name],
        Some(Grouping::Fields(names)) => names.iter().map(String::as_str).collect(),
    };
    let last_day = scope.last_day(newest(&request.data));
    let mut questions = Shared::Nothing;
    let rows = check.rows("data", request.data, |check, row| {
        let group = group(&row, &names, check);
        let customer = check.id("customer_id", row.customer_id);
        let answer = answer(row.answer, check);
        let question = check.optional("question", row.question);
        let date = check.optional_date_until("date", row.date, last_day);
        questions.add(question?.map(|Text(question)| question));
        customer?;
        Some(Answer {
            answer: answer?,
            date: date?,
            group: group?,
        })
    });
    let answers = Answers::from_rows(rows?);
    Some(Table {
        answers,
        grouping: grouping?,
        question: questions.value(),
    })
}

fn newest(rows: &Field<Vec<Field<Row<AnswerRow<'_>>>>>) -> Option<Date> {
    let Field::Value(rows) = rows else {
        return None;
    };
    let dates = rows.iter().filter_map(|row| match row {
        Field::Value(Row(row)) => row.date.0.date(),
        _ => None,
    });
    dates.max()
}

/// Repeated names count once; an empty list groups by nothing.
fn grouping(field: Maybe<GroupBy<'_>>, check: &mut Check) -> Option<Grouping> {
    match check.optional("group_by", field)? {
        None => Some(Grouping::None),
        Some(GroupBy::Field(name)) => {
            let name = field_name(name, |message| check.reject("group_by", || message))?;
            Some(Grouping::Field(name))
        }
        Some(GroupBy::Fields(names)) if names.is_empty() => Some(Grouping::None),
        Some(GroupBy::Fields(names)) if names.len() > GROUP_FIELDS_MAX => {
            check.reject("group_by", || too_many_fields(names.len()));
            None
        }
        Some(GroupBy::Fields(names)) => check.within("group_by", |check| {
            let n_names = names.len();
            let mut found: Vec<String> = Vec::with_capacity(n_names);
            let mut n_rejected = 0;
            for (index, name) in names.into_iter().enumerate() {
                let name = check.at(index, |check| {
                    let Text(name) = check.value_here(name)?;
                    field_name(name, |message| check.reject_here(|| message))
                });
                match name {
                    Some(name) if !found.contains(&name) => found.push(name),
                    Some(_) => {}
                    None => n_rejected += 1,
                }
            }
            (n_rejected == 0).then_some(Grouping::Fields(found))
        }),
    }
}

fn field_name(
    name: Cow<'_, str>,
    reject: impl FnOnce(clientela_narrative::Words),
) -> Option<String> {
    match name.len() {
        0 => reject(messages::empty_id()),
        bytes if bytes > ID_BYTES_MAX => reject(messages::id_too_long(bytes, ID_BYTES_MAX)),
        _ => return Some(name.into_owned()),
    }
    None
}

fn too_many_fields(given: usize) -> clientela_narrative::Words {
    words!(
        "must name at most {GROUP_FIELDS_MAX} fields, got {given}",
        "debe nombrar como máximo {GROUP_FIELDS_MAX} campos; se recibieron {given}",
        "deve nomear no máximo {GROUP_FIELDS_MAX} campos; foram recebidos {given}",
    )
}

/// 0–10. A whole number outside is one of the published exceptions; anything else is an ordinary mistake.
fn answer(field: Field<Whole>, check: &mut Check) -> Option<u8> {
    let Whole(answer) = check.required("answer", field)?;
    let found = u8::try_from(answer).ok().filter(|&answer| answer <= 10);
    if found.is_none() {
        check.reject_as_exception("answer", || messages::out_of_whole_range(answer, 0, 10));
    }
    found
}

/// The values of the named fields, as text.
fn group(row: &AnswerRow<'_>, names: &[&str], check: &mut Check) -> Option<Group> {
    let mut group = Vec::with_capacity(names.len());
    for &name in names {
        group.push(match name {
            "customer_id" => value_of(&row.customer_id, |Id(id)| id.to_string()),
            "answer" => value_of(&row.answer, |Whole(answer)| answer.to_string()),
            "question" => value_of(&row.question.0, |Text(question)| question.to_string()),
            "date" => row.date.0.date().map(|date| date.to_string()),
            _ => other_value(row, name, check)?,
        });
    }
    Some(group)
}

fn value_of<T>(field: &Field<T>, say: impl FnOnce(&T) -> String) -> Option<String> {
    match field {
        Field::Value(value) => Some(say(value)),
        _ => None,
    }
}

#[allow(
    clippy::option_option,
    reason = "absent and wrong are different answers"
)]
fn other_value(row: &AnswerRow<'_>, name: &str, check: &mut Check) -> Option<Option<String>> {
    let Some((_, field)) = row.others.iter().find(|(key, _)| key == name) else {
        return Some(None);
    };
    let message = match field {
        Field::Absent => return Some(None),
        Field::Value(Scalar(value)) if value.len() <= ID_BYTES_MAX => {
            return Some(Some(value.to_string()));
        }
        Field::Value(Scalar(value)) => messages::id_too_long(value.len(), ID_BYTES_MAX),
        Field::Wrong(kind) => messages::wrong_type(Expected::Scalar, Some(*kind)),
    };
    check.reject(messages::shortened(name), || message);
    None
}

/// A text as long as all rows have the same.
enum Shared {
    Nothing,
    Text(String),
    Different,
}

impl Shared {
    fn add(&mut self, text: Option<Cow<'_, str>>) {
        let is_same = match (&*self, &text) {
            (Self::Nothing, Some(_)) => true,
            (Self::Text(shared), Some(text)) => shared == text,
            _ => false,
        };
        if !is_same {
            *self = Self::Different;
        } else if let (Self::Nothing, Some(text)) = (&*self, text) {
            *self = Self::Text(text.into_owned());
        }
    }

    fn value(self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}
