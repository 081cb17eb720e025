//! From the rows of a request to a table of traits.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::RangeInclusive;

use clientela_methods::churn::{Actionable, Documented, RiskOptions, SavedModel, WhatIf};
use clientela_narrative::terms::Noun;
use clientela_narrative::{Words, words};
use clientela_tables::{Cell, CustomerTraits, CustomerTraitsBuilder, Date};

use super::plan::{Aside, Plan, Role};
use super::rows::{Given, TraitRow, TraitRows};
use crate::ModelId;
use crate::limits;
use crate::spine::Scope;
use crate::wire::messages::{self, shortened};
use crate::wire::transactions::Dated as _;
use crate::wire::{Check, Currency, Expected, Flag, Kind};

/// Customers with their traits, and what is asked about them.
pub struct Table {
    pub read: Read,
    pub options: RiskOptions,
    /// The saved model to score with.
    pub known: Option<Known>,
    pub what_if: Option<WhatIf>,
    pub max_factors: usize,
    pub currency: Option<Currency>,
}

/// A saved model, and the id it was asked for by.
pub struct Known {
    pub id: ModelId,
    pub model: SavedModel,
}

impl Table {
    /// Whether a field says what a customer is worth.
    pub fn is_valued(&self) -> bool {
        self.read.aside.iter().any(|(_, why)| *why == Aside::Value)
    }

    /// What a row of the answer stands for: customers, unless some have a row for each of several dates.
    pub fn noun(&self) -> Noun {
        let is_dated = self.read.traits.dates().iter().any(Option::is_some);
        if is_dated { Noun::Row } else { Noun::Customer }
    }
}

/// The rows as they were read.
pub struct Read {
    pub traits: CustomerTraits,
    /// Fields that are no traits, and why.
    pub aside: Vec<(String, Aside)>,
    pub actionable: Vec<Actionable>,
    /// Whether the request says what is actionable.
    pub is_declared: bool,
}

pub fn read(
    mut rows: TraitRows<'_>,
    plan: &Plan,
    scope: &Scope,
    check: &mut Check,
) -> Option<Read> {
    if rows.rows.is_empty() {
        check.reject("data", messages::empty_list);
        return None;
    }
    let dates = rows.rows.iter().map(|row| row.snapshot_date.0.date());
    let last_day = scope.last_day(dates.max().flatten());
    let names = std::mem::take(&mut rows.columns);
    let before = check.n_rejected();
    let mut reader = Reader::new(&names, &plan.roles, last_day, before);
    check.within("data", |check| {
        for row in 0..rows.rows.len() {
            let head = rows.take_head(row);
            check.at(row, |check| reader.row(head, rows.cells(row), check));
        }
        reject_repeated(&reader.heads, check);
    });
    (check.n_rejected() == before).then(|| reader.finish(plan))
}

/// Who a row is about and when.
struct Head<'a> {
    customer_id: Option<Cow<'a, str>>,
    is_dated: bool,
}

/// Fills the table row by row.
struct Reader<'r, 'a> {
    names: &'r [Cow<'a, str>],
    roles: &'r [Role],
    last_day: Date,
    /// Fields that were rejected before the first row.
    n_rejected: usize,
    /// The column of the table for each field that is a trait.
    columns: Vec<Option<usize>>,
    builder: CustomerTraitsBuilder,
    heads: Vec<Head<'a>>,
}

impl<'r, 'a> Reader<'r, 'a> {
    fn new(
        names: &'r [Cow<'a, str>],
        roles: &'r [Role],
        last_day: Date,
        n_rejected: usize,
    ) -> Self {
        let mut builder = CustomerTraitsBuilder::new();
        let mut column = |(name, role): (&Cow<'_, str>, &Role)| {
            let is_trait = matches!(role, Role::Trait | Role::Documented(_));
            is_trait.then(|| builder.column(name))
        };
        Self {
            columns: names.iter().zip(roles).map(&mut column).collect(),
            builder,
            names,
            roles,
            last_day,
            n_rejected,
            heads: Vec::new(),
        }
    }

    fn row<'c>(
        &mut self,
        row: TraitRow<'a>,
        cells: impl Iterator<Item = (usize, Given<'c>)>,
        check: &mut Check,
    ) {
        if let Some(kind) = row.is_other {
            check.reject_here(|| messages::wrong_type(Expected::Object, kind));
            return;
        }
        let customer_id = check.id("customer_id", row.customer_id);
        let date = check.optional_date_until("snapshot_date", row.snapshot_date, self.last_day);
        let churned = check.optional("churned", row.churned);
        let mut value = None;
        for (place, given) in cells {
            let cell = match self.roles[place] {
                Role::Aside(_) => continue,
                Role::Value => {
                    value = number(given, &limits::BALANCE, false, &self.names[place], check);
                    continue;
                }
                Role::Documented(column) => {
                    let (range, is_whole) = rule_of(column);
                    number(given, &range, is_whole, column.name(), check).map(Cell::Number)
                }
                Role::Trait => cell(given, &self.names[place], check),
            };
            // A table is only made of rows that are all sound.
            let are_sound = check.n_rejected() == self.n_rejected;
            if let (Some(cell), Some(column), true) = (cell, self.columns[place], are_sound) {
                self.builder.set(column, cell);
            }
        }
        self.heads.push(Head {
            customer_id,
            is_dated: date.flatten().is_some(),
        });
        let churned = churned.flatten().map(|Flag(churned)| churned);
        self.builder.finish_row(date.flatten(), churned, value);
    }

    fn finish(self, plan: &Plan) -> Read {
        let ids = self
            .heads
            .iter()
            .filter_map(|head| head.customer_id.as_deref());
        let named = self.names.iter().zip(self.roles);
        let aside = |(name, role): (&Cow<'_, str>, &Role)| match role {
            Role::Value => Some((name.to_string(), Aside::Value)),
            Role::Aside(why) => Some((name.to_string(), *why)),
            Role::Trait | Role::Documented(_) => None,
        };
        Read {
            traits: self.builder.finish(ids.collect()),
            aside: by_name(named.filter_map(aside)),
            actionable: plan.actionable.clone(),
            is_declared: plan.is_declared,
        }
    }
}

/// In an order that no payload decides.
fn by_name(aside: impl Iterator<Item = (String, Aside)>) -> Vec<(String, Aside)> {
    let mut aside: Vec<_> = aside.collect();
    aside.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
    aside
}

/// The numbers that a documented column takes, and whether they are whole.
fn rule_of(column: Documented) -> (RangeInclusive<f64>, bool) {
    match column {
        Documented::Tenure => (0.0..=limits::TENURE_DAYS_MAX, false),
        Documented::UsageFrequency => (0.0..=limits::USAGE_FREQUENCY_MAX, false),
        Documented::Nps => (-100.0..=100.0, false),
        Documented::ServiceTickets | Documented::PaymentEvents => {
            (0.0..=limits::FREQUENCY_MAX as f64, true)
        }
    }
}

fn number(
    given: Given<'_>,
    range: &RangeInclusive<f64>,
    is_whole: bool,
    name: &str,
    check: &mut Check,
) -> Option<f64> {
    let kind = match given {
        Given::Cell(Cell::Number(value)) if is_whole && value.fract() != 0.0 => Kind::Fraction,
        Given::Cell(Cell::Number(value)) if range.contains(&value) => return Some(value),
        Given::Cell(Cell::Number(value)) => {
            let (least, most) = (*range.start(), *range.end());
            check.reject(shortened(name), || {
                messages::out_of_range(value, least, most)
            });
            return None;
        }
        Given::Cell(Cell::Boolean(_)) => Kind::Boolean,
        Given::Cell(Cell::Text(_)) => Kind::Text,
        Given::Cell(Cell::Missing) => return None,
        Given::Wrong(kind) => kind,
    };
    let expected = if is_whole {
        Expected::Whole
    } else {
        Expected::Number
    };
    check.reject(shortened(name), || {
        messages::wrong_type(expected, Some(kind))
    });
    None
}

/// The value of a trait of any type. What is no cell but a list or an object has been set aside.
fn cell<'c>(given: Given<'c>, name: &str, check: &mut Check) -> Option<Cell<'c>> {
    match given {
        Given::Cell(Cell::Number(value)) if value.abs() > limits::TRAIT_MAX => {
            let most = limits::TRAIT_MAX;
            check.reject(shortened(name), || {
                messages::out_of_range(value, -most, most)
            });
            None
        }
        Given::Cell(cell) => Some(cell),
        Given::Wrong(kind) => {
            let message = || messages::wrong_type(Expected::Scalar, Some(kind));
            check.reject(shortened(name), message);
            None
        }
    }
}

/// A customer may stand in several rows where each of them carries its date.
fn reject_repeated(heads: &[Head<'_>], check: &mut Check) {
    let mut undated = HashSet::new();
    let ids = || {
        let rows = heads.iter().enumerate();
        rows.filter_map(|(row, head)| Some((row, head.customer_id.as_deref()?, head.is_dated)))
    };
    let mut repeated = Vec::new();
    for (row, id, _) in ids().filter(|(_, _, is_dated)| !is_dated) {
        if !undated.insert(id) {
            repeated.push((row, id));
        }
    }
    if !undated.is_empty() {
        let dated = ids().filter(|(_, id, is_dated)| *is_dated && undated.contains(id));
        repeated.extend(dated.map(|(row, id, _)| (row, id)));
    }
    for (row, id) in repeated {
        check.at(row, |check| {
            check.reject("customer_id", || repeated_without_date(id));
        });
    }
}

fn repeated_without_date(id: &str) -> Words {
    let id = shortened(id);
    words!(
        "customer \"{id}\" appears more than once; that takes a snapshot_date in each of its rows",
        "el cliente \"{id}\" aparece más de una vez; para eso cada una de sus filas necesita snapshot_date",
        "o cliente \"{id}\" aparece mais de uma vez; para isso cada uma das suas linhas precisa de snapshot_date",
    )
}
