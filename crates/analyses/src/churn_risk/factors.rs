//! The strongest reasons for a risk as sentences: the customer's value, how it compares, and which way it points.

use std::collections::HashMap;

use clientela_methods::churn::{Comparison, Documented, Factor, FactorValue};
use clientela_narrative::terms::capitalized;
use clientela_narrative::{Language, sentence};

use super::terms::{self, amount, at_least, column_name, documented_value, factor_value, share};

/// Sentences that were written before: a base has few different values, and their sentences are the same for everyone.
pub struct Writer<'a> {
    language: Language,
    /// Share of the labelled rows that churned.
    churn_rate: Option<f64>,
    written: HashMap<(&'a str, Key<'a>, bool), String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Key<'a> {
    Number(u64),
    Boolean(bool),
    Text(&'a str),
    Missing,
}

/// Sentences that are kept at most; further ones are written anew each time.
const KEPT_MAX: usize = 100_000;

impl<'a> Writer<'a> {
    pub fn new(churn_rate: Option<f64>, language: Language) -> Self {
        Self {
            language,
            churn_rate,
            written: HashMap::new(),
        }
    }

    pub fn sentence(&mut self, factor: &Factor<'a>) -> String {
        let key = match factor.value {
            FactorValue::Number(number) => Key::Number(number.to_bits()),
            FactorValue::Boolean(yes) => Key::Boolean(yes),
            FactorValue::Text(text) => Key::Text(text),
            FactorValue::Missing => Key::Missing,
        };
        let key = (factor.feature, key, factor.raises());
        if let Some(known) = self.written.get(&key) {
            return known.clone();
        }
        let sentence = write(factor, self.churn_rate, self.language);
        if self.written.len() < KEPT_MAX {
            self.written.insert(key, sentence.clone());
        }
        sentence
    }
}

/// One sentence.
pub fn write(factor: &Factor<'_>, churn_rate: Option<f64>, language: Language) -> String {
    let fact = match (factor.value, factor.comparison) {
        (
            FactorValue::Number(value),
            Comparison::Number {
                median,
                share_lower,
                share_higher,
            },
        ) => {
            let place = Place::of(share_lower, share_higher);
            numeric(factor.feature, value, place, median, language)
        }
        (value, comparison) => {
            let stated = stated(factor.feature, value, language);
            format!("{stated}{}", compared(comparison, churn_rate, language))
        }
    };
    // What others call their columns keeps its case.
    let fact = match Documented::of(factor.feature) {
        Some(_) => capitalized(&fact),
        None => fact,
    };
    if factor.raises() {
        sentence!(
            language,
            "{fact}: a sign of leaving.",
            "{fact}: señal de abandono.",
            "{fact}: sinal de saída."
        )
    } else {
        sentence!(
            language,
            "{fact}: a sign of staying.",
            "{fact}: señal de permanencia.",
            "{fact}: sinal de permanência."
        )
    }
}

/// Where a number stands among those of others.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Place {
    Above(f64),
    Below(f64),
    Middle,
}

impl Place {
    fn of(share_lower: f64, share_higher: f64) -> Self {
        if share_lower >= 0.5 {
            Self::Above(share_lower)
        } else if share_higher >= 0.5 {
            Self::Below(share_higher)
        } else {
            Self::Middle
        }
    }
}

/// How a number is compared: more and fewer, higher and lower, longer and shorter.
fn numeric(feature: &str, value: f64, place: Place, median: f64, language: Language) -> String {
    let middle = amount(median, language);
    let documented = Documented::of(feature);
    let stated = match documented {
        Some(column) => documented_value(column, value, language),
        None => {
            let (name, value) = (column_name(feature, language), amount(value, language));
            sentence!(
                language,
                "{name} is {value}",
                "{name} es {value}",
                "{name} é {value}"
            )
        }
    };
    let comparison = match documented {
        Some(Documented::Tenure) => by_time(place, language),
        Some(
            Documented::ServiceTickets | Documented::PaymentEvents | Documented::UsageFrequency,
        ) => by_count(place, language),
        Some(Documented::Nps) | None => by_height(place, language),
    };
    match comparison {
        Some(comparison) => sentence!(
            language,
            "{stated}, {comparison} (median {middle})",
            "{stated}, {comparison} (mediana {middle})",
            "{stated}, {comparison} (mediana {middle})"
        ),
        None => sentence!(
            language,
            "{stated}, about the median ({middle})",
            "{stated}, en torno a la mediana ({middle})",
            "{stated}, em torno da mediana ({middle})"
        ),
    }
}

fn by_count(place: Place, language: Language) -> Option<String> {
    Some(match place {
        Place::Above(share) => {
            let share = at_least(share, language);
            sentence!(
                language,
                "more than {share} of customers",
                "más que el {share} de los clientes",
                "mais que {share} dos clientes"
            )
        }
        Place::Below(share) => {
            let share = at_least(share, language);
            sentence!(
                language,
                "fewer than {share} of customers",
                "menos que el {share} de los clientes",
                "menos que {share} dos clientes"
            )
        }
        Place::Middle => return None,
    })
}

fn by_time(place: Place, language: Language) -> Option<String> {
    Some(match place {
        Place::Above(share) => {
            let share = at_least(share, language);
            sentence!(
                language,
                "longer than {share} of customers",
                "más tiempo que el {share} de los clientes",
                "mais tempo que {share} dos clientes"
            )
        }
        Place::Below(share) => {
            let share = at_least(share, language);
            sentence!(
                language,
                "a shorter time than {share} of customers",
                "menos tiempo que el {share} de los clientes",
                "menos tempo que {share} dos clientes"
            )
        }
        Place::Middle => return None,
    })
}

fn by_height(place: Place, language: Language) -> Option<String> {
    Some(match place {
        Place::Above(share) => {
            let share = at_least(share, language);
            sentence!(
                language,
                "higher than for {share} of customers",
                "más que en el {share} de los clientes",
                "mais que em {share} dos clientes"
            )
        }
        Place::Below(share) => {
            let share = at_least(share, language);
            sentence!(
                language,
                "lower than for {share} of customers",
                "menos que en el {share} de los clientes",
                "menos que em {share} dos clientes"
            )
        }
        Place::Middle => return None,
    })
}

/// What a value that is no number says.
fn stated(feature: &str, value: FactorValue<'_>, language: Language) -> String {
    let name = column_name(feature, language);
    if value == FactorValue::Missing {
        return sentence!(
            language,
            "{name} is missing",
            "falta {name}",
            "falta {name}"
        );
    }
    let value = factor_value(value, language);
    sentence!(
        language,
        "{name} is {value}",
        "{name} es {value}",
        "{name} é {value}"
    )
}

/// How those with the same value did, in brackets; nothing where nobody knows.
fn compared(comparison: Comparison, churn_rate: Option<f64>, language: Language) -> String {
    let Comparison::Same {
        share: of_all,
        churn_rate: own,
        is_other,
        ..
    } = comparison
    else {
        return String::new();
    };
    let (Some(own), Some(all)) = (own, churn_rate) else {
        let of_all = share(of_all, language);
        return sentence!(
            language,
            " (as for {of_all} of customers)",
            " (como en el {of_all} de los clientes)",
            " (como em {of_all} dos clientes)"
        );
    };
    let [own, all] = [own, all].map(|rate| terms::share(rate, language));
    if is_other {
        return sentence!(
            language,
            ", a rare value ({own} of customers with such values left, {all} of all)",
            ", un valor poco común (se fue el {own} de los clientes con valores así; del total, el {all})",
            ", um valor pouco comum (saíram {own} dos clientes com valores assim; do total, {all})"
        );
    }
    sentence!(
        language,
        " ({own} of such customers left, {all} of all)",
        " (se fue el {own} de esos clientes; del total, el {all})",
        " (saíram {own} desses clientes; do total, {all})"
    )
}
