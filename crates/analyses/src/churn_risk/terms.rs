//! What columns, values and shares are called in running text.

use clientela_methods::churn::{Documented, FactorValue, RiskBand};
use clientela_narrative::terms::capitalized;
use clientela_narrative::{Language, Words, measured, number, percent, sentence};
use clientela_numerics::round_decimal;

use crate::wire::messages::{plain, shortened};

/// The same in all languages.
pub fn in_all(say: impl Fn(Language) -> String) -> Words {
    Words {
        en: say(Language::En),
        es: say(Language::Es),
        pt: say(Language::Pt),
    }
}

/// Decimals of a number of which little is known, and of one below a tenth.
const DECIMALS: u32 = 2;
const DECIMALS_OF_SMALL: u32 = 4;

/// Beyond this a number with all its digits is no longer read.
const LARGE: f64 = 1e15;

/// Decimals to write a number with: as few as say the same.
fn decimals_of(value: f64) -> usize {
    let most = if value.abs() < 0.1 {
        DECIMALS_OF_SMALL
    } else {
        DECIMALS
    };
    let rounded = round_decimal(value, most);
    let same = |decimals: &u32| round_decimal(value, *decimals) == rounded;
    (0..=most).find(same).unwrap_or(most) as usize
}

/// A number of whatever it may count: `3`, `0.25`, `1,234.5`.
pub fn amount(value: f64, language: Language) -> String {
    if value.abs() >= LARGE {
        return plain(value);
    }
    number(value, decimals_of(value), language)
}

fn amount_of(value: f64, [one, many]: [&str; 2], language: Language) -> String {
    measured(value, decimals_of(value), one, many, language)
}

/// The value of a documented column with what it counts: `5 service tickets`, `NPS of −40`.
pub fn documented_value(column: Documented, value: f64, language: Language) -> String {
    let plain = amount(value, language);
    match column {
        Documented::Tenure => {
            let days = amount_of(
                value,
                unit(["day", "days"], ["día", "días"], ["dia", "dias"], language),
                language,
            );
            sentence!(
                language,
                "customer for {days}",
                "cliente desde hace {days}",
                "cliente há {days}"
            )
        }
        Documented::UsageFrequency => {
            let unit = unit(
                ["session per week", "sessions per week"],
                ["sesión por semana", "sesiones por semana"],
                ["sessão por semana", "sessões por semana"],
                language,
            );
            amount_of(value, unit, language)
        }
        Documented::ServiceTickets => {
            let unit = unit(
                ["service ticket", "service tickets"],
                ["ticket de soporte", "tickets de soporte"],
                ["chamado de suporte", "chamados de suporte"],
                language,
            );
            amount_of(value, unit, language)
        }
        Documented::Nps => sentence!(
            language,
            "NPS of {plain}",
            "NPS de {plain}",
            "NPS de {plain}"
        ),
        Documented::PaymentEvents => {
            let unit = unit(
                ["payment problem", "payment problems"],
                ["problema de pago", "problemas de pago"],
                ["problema de pagamento", "problemas de pagamento"],
                language,
            );
            amount_of(value, unit, language)
        }
    }
}

fn unit<'a>(
    en: [&'a str; 2],
    es: [&'a str; 2],
    pt: [&'a str; 2],
    language: Language,
) -> [&'a str; 2] {
    match language {
        Language::En => en,
        Language::Es => es,
        Language::Pt => pt,
    }
}

/// What a column is called: `tenure`, `la antigüedad`, `o tempo de casa`; others have the name that they came with.
pub fn column_name(name: &str, language: Language) -> String {
    let Some(column) = Documented::of(name) else {
        return shortened(name);
    };
    let (en, es, pt) = match column {
        Documented::Tenure => ("tenure", "la antigüedad", "o tempo de casa"),
        Documented::UsageFrequency => (
            "usage frequency",
            "la frecuencia de uso",
            "a frequência de uso",
        ),
        Documented::ServiceTickets => (
            "the number of service tickets",
            "el número de tickets de soporte",
            "o número de chamados de suporte",
        ),
        Documented::Nps => ("NPS", "el NPS", "o NPS"),
        Documented::PaymentEvents => (
            "the number of payment problems",
            "el número de problemas de pago",
            "o número de problemas de pagamento",
        ),
    };
    match language {
        Language::En => en,
        Language::Es => es,
        Language::Pt => pt,
    }
    .to_owned()
}

/// The same to open a sentence. What others call their columns keeps its case.
pub fn column_title(name: &str, language: Language) -> String {
    let name_in_text = column_name(name, language);
    if Documented::of(name).is_some() {
        capitalized(&name_in_text)
    } else {
        name_in_text
    }
}

/// The names of columns, at most so many, the rest by their number.
pub fn column_names(names: &[&str], most: usize, language: Language) -> String {
    let mut shown: Vec<String> = names
        .iter()
        .take(most)
        .map(|name| column_name(name, language))
        .collect();
    if let Some(others) = names.len().checked_sub(most).filter(|n| *n > 0) {
        shown.push(sentence!(
            language,
            "{others} more",
            "{others} más",
            "mais {others}"
        ));
    }
    let shown: Vec<&str> = shown.iter().map(String::as_str).collect();
    clientela_narrative::list(&shown, language)
}

/// `yes`, `sí`, `sim`.
pub fn yes_or_no(yes: bool, language: Language) -> String {
    if yes {
        sentence!(language, "yes", "sí", "sim")
    } else {
        sentence!(language, "no", "no", "não")
    }
}

/// A value by itself, as whatever it is.
pub fn factor_value(value: FactorValue<'_>, language: Language) -> String {
    match value {
        FactorValue::Number(number) => amount(number, language),
        FactorValue::Boolean(yes) => yes_or_no(yes, language),
        FactorValue::Text(text) => quoted(text, language),
        FactorValue::Missing => unreachable!("that a value is missing is said in other words"),
    }
}

/// A text of a client as its language quotes it.
pub fn quoted(text: &str, language: Language) -> String {
    let text = shortened(text);
    sentence!(language, "“{text}”", "«{text}»", "“{text}”")
}

/// A share rounded down to whole percents, so that what lies above it does: at most 99.
pub fn at_least(share: f64, language: Language) -> String {
    let whole = (share * 100.0).floor().min(99.0) / 100.0;
    percent(whole, 0, language)
}

/// A probability as a percentage, never as 0 or 100 %: `35%`, `under 1%`, `más del 99 %`.
pub fn chance(p: f64, language: Language) -> String {
    let (least, most) = (percent(0.01, 0, language), percent(0.99, 0, language));
    if p < 0.01 {
        sentence!(
            language,
            "under {least}",
            "menos del {least}",
            "menos de {least}"
        )
    } else if p > 0.99 {
        sentence!(language, "over {most}", "más del {most}", "mais de {most}")
    } else {
        percent(p, 0, language)
    }
}

/// The same with the preposition that a sentence needs before it: `35%`, `del 35 %`, `de más del 99 %`, `de 35%`.
pub fn of_chance(p: f64, language: Language) -> String {
    let text = chance(p, language);
    match language {
        Language::En => text,
        Language::Es if text.starts_with(char::is_numeric) => format!("del {text}"),
        Language::Es | Language::Pt => format!("de {text}"),
    }
}

/// A probability below a threshold that its whole percents would not be: `just under 25%`; else as [`of_chance`] has it.
pub fn of_chance_below(p: f64, threshold: f64, language: Language) -> String {
    let limit = percent(threshold, 0, language);
    if percent(p, 0, language) != limit {
        return of_chance(p, language);
    }
    sentence!(
        language,
        "just under {limit}",
        "de algo menos del {limit}",
        "de pouco menos de {limit}"
    )
}

/// A share of customers: with a decimal below a tenth.
pub fn share(share: f64, language: Language) -> String {
    let decimals = if share > 0.0 && share < 0.0995 { 1 } else { 0 };
    percent(share, decimals, language)
}

/// The word of a band, which is never translated.
pub fn band_code(band: RiskBand) -> &'static str {
    match band {
        RiskBand::Low => "Low",
        RiskBand::Medium => "Medium",
        RiskBand::High => "High",
    }
}

/// `high`, `alto`, `alto`: of the word for risk.
pub fn band_word(band: RiskBand, language: Language) -> String {
    match band {
        RiskBand::Low => sentence!(language, "low", "bajo", "baixo"),
        RiskBand::Medium => sentence!(language, "medium", "medio", "médio"),
        RiskBand::High => sentence!(language, "high", "alto", "alto"),
    }
}
