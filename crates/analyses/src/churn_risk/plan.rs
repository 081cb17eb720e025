//! What each field of the rows is to be: a trait, what a customer is worth, or nothing.

use std::borrow::Cow;

use clientela_methods::churn::{Actionable, Documented};
use clientela_narrative::terms::Noun;
use clientela_narrative::{Language, Words, list, sentence, words};

use super::actions;
use super::rows::{FIELDS, Given, TraitRows};
use super::terms::{in_all, quoted};
use crate::Warning;
use crate::limits;
use crate::wire::messages::shortened;
use crate::wire::{Check, Kind};

/// What the options of a request say about fields.
pub struct Wishes<'a> {
    /// The one that holds what a customer is worth.
    pub value: Option<&'a str>,
    /// Those that no model may see.
    pub ignored: &'a [String],
    /// Those that can be changed; `None` where the request does not say.
    pub actionable: Option<&'a [Actionable]>,
}

/// What a field is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A trait whose meaning is known.
    Documented(Documented),
    /// Any other trait.
    Trait,
    /// What a customer is worth.
    Value,
    /// Nothing to look at.
    Aside(Aside),
}

/// Why a field is no trait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aside {
    /// The request asks for it.
    Asked,
    /// It holds what a customer is worth.
    Value,
    /// It holds lists or objects.
    Nested,
}

/// The roles of all fields.
pub struct Plan {
    /// By the place of the field.
    pub roles: Vec<Role>,
    /// What can be changed.
    pub actionable: Vec<Actionable>,
    /// Whether the request says so.
    pub is_declared: bool,
}

/// Names that a message lists at most.
const NAMES_MAX: usize = 12;

impl Plan {
    /// `None` where the fields can't make a table.
    pub fn of(rows: &TraitRows<'_>, wishes: &Wishes<'_>, check: &mut Check) -> Option<Self> {
        let is_sound = are_reasonable(rows, check);
        let nested = nested(rows);
        let role = |(place, name): (usize, &Cow<'_, str>)| {
            let name: &str = name;
            if wishes.value == Some(name) {
                Role::Value
            } else if wishes.ignored.iter().any(|ignored| ignored == name) {
                Role::Aside(Aside::Asked)
            } else if let Some(documented) = Documented::of(name) {
                Role::Documented(documented)
            } else if nested[place] > 0 {
                Role::Aside(Aside::Nested)
            } else {
                Role::Trait
            }
        };
        let roles: Vec<Role> = rows.columns.iter().enumerate().map(role).collect();
        let known = || rows.columns.iter().map(AsRef::as_ref);
        if let Some(value) = wishes.value
            && !known().any(|name| name == value)
        {
            check.reject("value_column", || {
                no_such_field(value, &known().collect::<Vec<_>>())
            });
        }
        let is_known = |name: &str| known().chain(FIELDS).any(|known| known == name);
        for name in wishes.ignored.iter().filter(|name| !is_known(name)) {
            check.warn(unknown_field("ignore_columns", name));
        }
        for (name, &n_rows) in rows.columns.iter().zip(&nested) {
            let place = known().position(|known| known == name);
            if place.is_some_and(|place| roles[place] == Role::Aside(Aside::Nested)) {
                check.warn(nested_field(name, n_rows));
            }
        }
        let actionable = actions::actionable(rows, &roles, wishes.actionable, check);
        is_sound.then_some(Self {
            roles,
            actionable,
            is_declared: wishes.actionable.is_some(),
        })
    }
}

/// Whether there are not more fields, longer names and more empty places than anyone means.
fn are_reasonable(rows: &TraitRows<'_>, check: &mut Check) -> bool {
    let before = check.n_rejected();
    if rows.has_more_columns {
        check.reject("data", too_many_fields);
    }
    let is_long = |name: &&Cow<'_, str>| name.len() > limits::TRAIT_NAME_BYTES_MAX;
    if let Some(name) = rows.columns.iter().find(is_long) {
        check.reject("data", || long_name(name));
    }
    let n_places = rows.rows.len() * rows.columns.len();
    if n_places > limits::EMPTY_PLACES_MAX.max(4 * rows.n_cells()) {
        check.reject("data", || mostly_empty(rows));
    }
    check.n_rejected() == before
}

/// Rows in which each field holds a list or an object.
fn nested(rows: &TraitRows<'_>) -> Vec<usize> {
    let mut n_rows = vec![0; rows.columns.len()];
    for row in 0..rows.rows.len() {
        for (place, given) in rows.cells(row) {
            if matches!(given, Given::Wrong(Kind::Array | Kind::Object)) {
                n_rows[place] += 1;
            }
        }
    }
    n_rows
}

fn too_many_fields() -> Words {
    let max = limits::TRAIT_COLUMNS_MAX;
    words!(
        "must have at most {max} different fields in all rows",
        "debe tener como máximo {max} campos distintos en todas las filas",
        "deve ter no máximo {max} campos diferentes em todas as linhas",
    )
}

fn long_name(name: &str) -> Words {
    let (max, name) = (limits::TRAIT_NAME_BYTES_MAX, shortened(name));
    words!(
        "must have names of fields of at most {max} bytes; \"{name}\" is longer",
        "debe tener nombres de campo de {max} bytes como máximo; \"{name}\" es más largo",
        "deve ter nomes de campo de no máximo {max} bytes; \"{name}\" é mais longo",
    )
}

fn mostly_empty(rows: &TraitRows<'_>) -> Words {
    let (n_rows, n_columns, n_cells) = (rows.rows.len(), rows.columns.len(), rows.n_cells());
    words!(
        "must have a value in at least a quarter of its places: {n_rows} rows with {n_columns} different fields hold only {n_cells} values; do not use data as names of fields",
        "debe tener un valor en al menos una cuarta parte de sus casillas: {n_rows} filas con {n_columns} campos distintos contienen solo {n_cells} valores; no use datos como nombres de campo",
        "deve ter um valor em pelo menos um quarto das suas casas: {n_rows} linhas com {n_columns} campos diferentes contêm só {n_cells} valores; não use dados como nomes de campo",
    )
}

fn no_such_field(given: &str, known: &[&str]) -> Words {
    let given = shortened(given);
    let shown: Vec<String> = known
        .iter()
        .take(NAMES_MAX)
        .map(|name| shortened(name))
        .collect();
    let shown: Vec<&str> = shown.iter().map(String::as_str).collect();
    let names = |language| list(&shown, language);
    let (en, es, pt) = (
        names(Language::En),
        names(Language::Es),
        names(Language::Pt),
    );
    if known.is_empty() {
        return words!(
            "must name a field of the rows, got \"{given}\"; they have no field that could hold a value",
            "debe nombrar un campo de las filas; se recibió \"{given}\" y no tienen ninguno que pueda contener un valor",
            "deve nomear um campo das linhas; foi recebido \"{given}\" e elas não têm nenhum que possa conter um valor",
        );
    }
    words!(
        "must name a field of the rows, got \"{given}\"; among those that they have: {en}",
        "debe nombrar un campo de las filas; se recibió \"{given}\". Entre los que tienen: {es}",
        "deve nomear um campo das linhas; foi recebido \"{given}\". Entre os que elas têm: {pt}",
    )
}

/// An option names a trait that no row has.
pub fn unknown_field(option: &'static str, name: &str) -> Warning {
    let words = in_all(|language| {
        let name = quoted(name, language);
        sentence!(
            language,
            "No row has a trait {name}, which {option} names; look for a misspelling.",
            "Ninguna fila tiene un atributo {name}, que {option} nombra; revise si está bien escrito.",
            "Nenhuma linha tem um atributo {name}, que {option} nomeia; veja se está bem escrito.",
        )
    });
    Warning::new("unknown_column", words)
        .at(option)
        .figure("column", shortened(name))
}

fn nested_field(name: &str, n_rows: usize) -> Warning {
    let column = shortened(name);
    let words = in_all(|language| {
        let name = quoted(name, language);
        let rows = Noun::Row.counted(n_rows, language);
        sentence!(
            language,
            "{name} holds lists or objects ({rows}), so it is not looked at. Send their parts as fields of their own.",
            "{name} contiene listas u objetos ({rows}), así que no se tiene en cuenta. Envíe sus partes como campos propios.",
            "{name} contém listas ou objetos ({rows}), então não é levado em conta. Envie as partes como campos próprios.",
        )
    });
    Warning::new("nested_column", words)
        .at(format!("columns.{column}"))
        .figure("column", column)
        .figure("n_rows", n_rows)
}
