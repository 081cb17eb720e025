//! What can be changed about a customer: as the request declares it, or what any business can do something about.

use clientela_methods::churn::{ActionDirection, Actionable, Documented};
use clientela_narrative::{Words, sentence};

use super::plan::{Aside, Role, unknown_field};
use super::rows::TraitRows;
use super::terms::{in_all, quoted};
use crate::Warning;
use crate::wire::Check;
use crate::wire::messages::shortened;

/// Those of the declared fields that are traits, or the default where none are declared; remarks on all others.
pub fn actionable(
    rows: &TraitRows<'_>,
    roles: &[Role],
    declared: Option<&[Actionable]>,
    check: &mut Check,
) -> Vec<Actionable> {
    let role = |name: &str| {
        let place = rows.columns.iter().position(|known| known == name);
        place.map(|place| roles[place])
    };
    let is_trait = |action: &Actionable| {
        matches!(
            role(&action.column),
            Some(Role::Trait | Role::Documented(_))
        )
    };
    let Some(declared) = declared else {
        return by_default().into_iter().filter(is_trait).collect();
    };
    for action in declared {
        let name = &action.column;
        match role(name) {
            None => check.warn(unknown_field("actionable", name)),
            Some(Role::Value) => check.warn(not_actionable(name, is_value(name))),
            Some(Role::Aside(Aside::Asked)) => check.warn(not_actionable(name, is_ignored(name))),
            // That a field holds lists or objects is said elsewhere, once.
            Some(_) => {}
        }
    }
    declared
        .iter()
        .filter(|action| is_trait(action))
        .cloned()
        .collect()
}

/// How long a customer has been there nobody can change.
fn by_default() -> [Actionable; 4] {
    [
        (Documented::ServiceTickets, ActionDirection::Decrease),
        (Documented::PaymentEvents, ActionDirection::Decrease),
        (Documented::UsageFrequency, ActionDirection::Increase),
        (Documented::Nps, ActionDirection::Increase),
    ]
    .map(|(column, direction)| Actionable {
        column: column.name().to_owned(),
        direction,
    })
}

fn not_actionable(name: &str, words: Words) -> Warning {
    Warning::new("not_actionable", words)
        .at("actionable")
        .figure("column", shortened(name))
}

fn is_value(name: &str) -> Words {
    in_all(|language| {
        let name = quoted(name, language);
        sentence!(
            language,
            "{name} is the value_column, which no model sees, so changing it changes no risk.",
            "{name} es value_column, que ningún modelo ve, así que cambiarlo no cambia ningún riesgo.",
            "{name} é value_column, que nenhum modelo vê, então mudá-lo não muda nenhum risco."
        )
    })
}

fn is_ignored(name: &str) -> Words {
    in_all(|language| {
        let name = quoted(name, language);
        sentence!(
            language,
            "{name} is both in actionable and in ignore_columns; as no model sees it, changing it changes no risk.",
            "{name} está a la vez en actionable y en ignore_columns; como ningún modelo lo ve, cambiarlo no cambia ningún riesgo.",
            "{name} está ao mesmo tempo em actionable e em ignore_columns; como nenhum modelo o vê, mudá-lo não muda nenhum risco."
        )
    })
}

/// A declared field that models do not see, for a reason that `columns` gives.
pub fn unseen(name: &str) -> Warning {
    let words = in_all(|language| {
        let name = quoted(name, language);
        sentence!(
            language,
            "Models do not see {name} (columns says why), so changing it changes no risk.",
            "Los modelos no ven {name} (columns dice por qué), así que cambiarlo no cambia ningún riesgo.",
            "Os modelos não veem {name} (columns diz por quê), então mudá-lo não muda nenhum risco."
        )
    });
    not_actionable(name, words)
}
