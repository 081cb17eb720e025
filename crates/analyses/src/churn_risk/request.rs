//! The shape of the request, and what its options ask for.

use clientela_methods::churn::{RiskOptions, WhatIf};
use clientela_narrative::{Words, words};
use schemars::JsonSchema;
use serde::Deserialize;

use super::direction::{self, Direction};
use super::model;
use super::plan::{Plan, Wishes};
use super::rows::TraitRows;
use super::table::{self, Known, Table};
use crate::limits;
use crate::models::SAVE_MODEL;
use crate::spine::Scope;
use crate::wire::choice::distinct;
use crate::wire::{Check, Dictionary, Field, Flag, Maybe, Number, Row, Text, Whole};

/// Customers whose risk of leaving is asked for.
#[derive(Deserialize, JsonSchema)]
pub struct ChurnRiskRequest<'a> {
    /// The customers, one row for each, or for each date that it is known at. Fields besides the documented ones are traits, too.
    #[serde(borrow)]
    data: Field<TraitRows<'a>>,
    /// The field that holds what a customer is worth, in money; no model sees it. Brings `revenue_at_risk`.
    #[serde(borrow, default)]
    #[schemars(extend("examples" = ["monthly_revenue"]))]
    value_column: Maybe<Text<'a>>,
    /// Fields that no model may see.
    #[serde(borrow, default)]
    #[schemars(extend("maxItems" = limits::TRAIT_COLUMNS_MAX))]
    ignore_columns: Maybe<Vec<Field<Text<'a>>>>,
    /// Fields that can be changed, and which way: `decrease`, `increase`, `either`, or the texts that a field of texts may
    /// become. By default fewer `service_tickets` and `payment_events`, a higher `usage_frequency` and `nps`.
    #[serde(borrow, default)]
    actionable: Maybe<Dictionary<'a, Direction<'a>>>,
    /// Days after a snapshot until it is known who has left; by default it is known at the snapshot.
    #[serde(default)]
    #[schemars(extend("minimum" = limits::WINDOW_DAYS.start(), "maximum" = limits::WINDOW_DAYS.end()))]
    label_window_days: Maybe<Whole>,
    /// What a campaign costs and achieves; needs `value_column`.
    #[serde(default)]
    what_if: Maybe<Row<WhatIfRow>>,
    /// Reasons to name for each row.
    #[serde(default)]
    #[schemars(extend("minimum" = limits::FACTORS.start(), "maximum" = limits::FACTORS.end(), "default" = DEFAULT_FACTORS))]
    max_factors: Maybe<Whole>,
    /// Whether to save the model; its `model_id` is then in the answer. Not together with `model_id`.
    #[serde(default)]
    #[schemars(extend("default" = false))]
    save_model: Maybe<Flag>,
    /// A saved model to score the rows with, instead of learning from them.
    #[serde(borrow, default)]
    #[schemars(extend("pattern" = "^[0-9a-f]{32}$"))]
    model_id: Maybe<Text<'a>>,
}

/// A campaign to keep customers.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "ChurnWhatIf")]
struct WhatIfRow {
    /// What it costs to contact a customer.
    #[schemars(extend("minimum" = 0, "maximum" = limits::AMOUNT_MAX))]
    cost_per_contact: Field<Number>,
    /// Share of those who would leave that a contact keeps.
    #[schemars(extend("minimum" = 0, "maximum" = 1))]
    save_rate: Field<Number>,
}

const DEFAULT_FACTORS: i64 = 3;

pub fn validate(request: ChurnRiskRequest<'_>, scope: &Scope, check: &mut Check) -> Option<Table> {
    let ignored = ignore_columns(request.ignore_columns, check);
    let actionable = direction::actionable(request.actionable, check);
    let value = check.optional("value_column", request.value_column);
    let window_days = request.label_window_days;
    let window = check.optional_whole("label_window_days", window_days, limits::WINDOW_DAYS);
    let what_if = what_if(request.what_if, value == Some(None), check);
    let max_factors = check.optional_whole("max_factors", request.max_factors, limits::FACTORS);
    let models = models(request.save_model, request.model_id, scope, check);
    let rows = check.required("data", request.data);
    let wishes = Wishes {
        value: value
            .as_ref()
            .and_then(Option::as_ref)
            .map(|Text(name)| &**name),
        ignored: ignored.as_deref().unwrap_or_default(),
        actionable: actionable.as_ref().and_then(Option::as_deref),
    };
    let read = rows.and_then(|rows| {
        let plan = Plan::of(&rows, &wishes, check)?;
        let read = table::read(rows, &plan, scope, check)?;
        direction::reject_texts_of_numbers(&read.actionable, &read.traits, check);
        Some(read)
    });
    value?;
    ignored?;
    actionable?;
    let Models { is_saved, known } = models?;
    Some(Table {
        read: read?,
        options: RiskOptions {
            seed: scope.seed,
            keep_model: is_saved,
            label_window_days: window?.map(|days| days as u32),
        },
        known,
        what_if: what_if?,
        max_factors: max_factors?.unwrap_or(DEFAULT_FACTORS) as usize,
        currency: scope.currency,
    })
}

/// Names of fields, each once; an empty list ignores nothing.
fn ignore_columns(field: Maybe<Vec<Field<Text<'_>>>>, check: &mut Check) -> Option<Vec<String>> {
    match check.optional("ignore_columns", field)? {
        None => Some(Vec::new()),
        Some(names) if names.is_empty() => Some(Vec::new()),
        Some(names) => distinct("ignore_columns", names, check, |_, Text(name)| {
            Some(name.into_owned())
        }),
    }
}

/// A campaign; `None` within where none is asked about.
#[allow(
    clippy::option_option,
    reason = "absent and wrong are different answers"
)]
fn what_if(
    field: Maybe<Row<WhatIfRow>>,
    is_without_value: bool,
    check: &mut Check,
) -> Option<Option<WhatIf>> {
    let Some(Row(row)) = check.optional("what_if", field)? else {
        return Some(None);
    };
    if is_without_value {
        check.reject("what_if", needs_value);
    }
    let (cost, rate) = check.within("what_if", |check| {
        let cost = check.number(
            "cost_per_contact",
            row.cost_per_contact,
            0.0..=limits::AMOUNT_MAX,
        );
        (cost, check.number("save_rate", row.save_rate, 0.0..=1.0))
    });
    Some(Some(WhatIf {
        cost_per_contact: cost?,
        save_rate: rate?,
    }))
}

/// Whether to save a model, and the one to score with.
struct Models {
    is_saved: bool,
    known: Option<Known>,
}

fn models(
    save: Maybe<Flag>,
    id: Maybe<Text<'_>>,
    scope: &Scope,
    check: &mut Check,
) -> Option<Models> {
    let save = check.optional(SAVE_MODEL, save);
    let is_saved = save.map(|save| save.is_some_and(|Flag(save)| save));
    let id = check.optional("model_id", id)?;
    if is_saved == Some(true) {
        if id.is_some() {
            check.reject(SAVE_MODEL, nothing_to_save);
        } else {
            scope.expect_to_save(check);
        }
    }
    let known = match id {
        None => None,
        Some(Text(id)) => {
            let saved = scope.saved_model("model_id", &id, check)?;
            match model::read(&saved) {
                Ok(model) => Some(Known {
                    id: saved.id(),
                    model,
                }),
                Err(failure) => {
                    check.fail(failure);
                    return None;
                }
            }
        }
    };
    Some(Models {
        is_saved: is_saved?,
        known,
    })
}

fn needs_value() -> Words {
    words!(
        "needs value_column, the field that says what a customer is worth",
        "necesita value_column, el campo que dice cuánto vale un cliente",
        "precisa de value_column, o campo que diz quanto vale um cliente",
    )
}

fn nothing_to_save() -> Words {
    words!(
        "must not be true together with model_id: rows scored by a saved model teach no new one",
        "no puede ser true junto con model_id: puntuar filas con un modelo guardado no crea otro nuevo",
        "não pode ser true junto com model_id: pontuar linhas com um modelo salvo não cria outro",
    )
}
