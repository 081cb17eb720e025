//! The scores from which the tiers begin, as a list or by name.

use std::borrow::Cow;

use clientela_methods::loyalty::{LoyaltyParams, LoyaltyTier};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{MapAccess, SeqAccess};

use crate::wire::messages;
use crate::wire::{Check, Dictionary, Expected, Field, Kind, Maybe, Number, Wire};
use clientela_narrative::words;

/// Thresholds by name, or the four in their order.
pub enum Thresholds<'a> {
    Named(Dictionary<'a, Number>),
    Listed(Vec<Field<Number>>),
}

impl<'de: 'a, 'a> Wire<'de> for Thresholds<'a> {
    const EXPECTED: Expected = Expected::ObjectOrNumbers;
    fn from_object<A: MapAccess<'de>>(object: A) -> Result<Result<Self, Kind>, A::Error> {
        Ok(Dictionary::from_object(object)?.map(Self::Named))
    }
    fn from_array<A: SeqAccess<'de>>(array: A) -> Result<Result<Self, Kind>, A::Error> {
        Ok(Vec::from_array(array)?.map(Self::Listed))
    }
}

impl JsonSchema for Thresholds<'_> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "SegmentThresholds".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let score = serde_json::json!({ "type": "number", "minimum": 0, "maximum": 1 });
        json_schema!({ "anyOf": [
            { "type": "object", "properties": { "Platinum": score, "Gold": score, "Silver": score, "Bronze": score },
              "additionalProperties": false },
            { "type": "array", "items": score, "minItems": 4, "maxItems": 4 },
        ] })
    }
}

/// The tiers that begin at a threshold: all but At-Risk.
fn named_tiers() -> [&'static str; 4] {
    std::array::from_fn(|index| LoyaltyTier::ALL[index].name())
}

/// The four thresholds in the order of their tiers.
pub fn thresholds(field: Maybe<Thresholds<'_>>, check: &mut Check) -> Option<[f64; 4]> {
    let defaults = LoyaltyParams::default().thresholds;
    let Some(given) = check.optional("segment_thresholds", field)? else {
        return Some(defaults);
    };
    let found = match given {
        // An empty list stands for an empty object.
        Thresholds::Listed(list) if list.is_empty() => Some(defaults),
        Thresholds::Listed(list) => listed(list, check),
        Thresholds::Named(Dictionary(entries)) => named(entries, defaults, check),
    }?;
    if found.windows(2).all(|pair| pair[0] > pair[1]) {
        return Some(found);
    }
    check.reject("segment_thresholds", || not_descending(&found));
    None
}

fn listed(list: Vec<Field<Number>>, check: &mut Check) -> Option<[f64; 4]> {
    let n_given = list.len();
    let Ok(fields) = <[Field<Number>; 4]>::try_from(list) else {
        let message = words!(
            "must be the four thresholds of Platinum, Gold, Silver and Bronze, got {n_given}",
            "deben ser los cuatro umbrales de Platinum, Gold, Silver y Bronze; se recibieron {n_given}",
            "devem ser os quatro limiares de Platinum, Gold, Silver e Bronze; foram recebidos {n_given}",
        );
        check.reject("segment_thresholds", || message);
        return None;
    };
    let mut index = 0;
    let found = check.within("segment_thresholds", |check| {
        fields.map(|field| {
            let value = check.at(index, |check| {
                let Number(value) = check.value_here(field)?;
                let is_score = (0.0..=1.0).contains(&value);
                if !is_score {
                    check.reject_here(|| messages::out_of_range(value, 0.0, 1.0));
                }
                is_score.then_some(value)
            });
            index += 1;
            value
        })
    });
    let [Some(a), Some(b), Some(c), Some(d)] = found else {
        return None;
    };
    Some([a, b, c, d])
}

/// Tiers are found whatever the case of their names; one that is `null` keeps its default.
fn named(
    entries: Vec<(Cow<'_, str>, Field<Number>)>,
    defaults: [f64; 4],
    check: &mut Check,
) -> Option<[f64; 4]> {
    let names = named_tiers();
    let mut found = [None; 4];
    let n_before = check.n_rejected();
    check.within("segment_thresholds", |check| {
        for (name, field) in entries {
            let tier = names
                .iter()
                .position(|tier| tier.eq_ignore_ascii_case(&name));
            let Some(tier) = tier else {
                let message = messages::unknown_word(&name, &names);
                check.reject(messages::shortened(&name), || message);
                continue;
            };
            let key = names[tier];
            if found[tier].is_some() {
                check.reject(key, messages::repeated_key);
            }
            let value = check.optional_number(key, Maybe(field), 0.0..=1.0);
            found[tier] = Some(value.flatten().unwrap_or(defaults[tier]));
        }
    });
    let filled = std::array::from_fn(|tier| found[tier].unwrap_or(defaults[tier]));
    (check.n_rejected() == n_before).then_some(filled)
}

fn not_descending(found: &[f64; 4]) -> clientela_narrative::Words {
    let stated: Vec<String> = named_tiers()
        .into_iter()
        .zip(found)
        .map(|(tier, value)| format!("{tier} {value}"))
        .collect();
    let stated = stated.join(", ");
    words!(
        "must descend from Platinum to Bronze, got {stated}",
        "deben ir en descenso de Platinum a Bronze; se recibió {stated}",
        "devem ser decrescentes de Platinum a Bronze; foi recebido {stated}",
    )
}
