//! Dates in running text. Source: the long patterns of CLDR, but for the first of a month in Portuguese, which Brazilian
//! prose writes as an ordinal.

use crate::terms::Noun;
use crate::{Language, sentence};

const MONTHS: [[&str; 12]; 3] = [
    [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    [
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre",
    ],
    [
        "janeiro",
        "fevereiro",
        "março",
        "abril",
        "maio",
        "junho",
        "julho",
        "agosto",
        "setembro",
        "outubro",
        "novembro",
        "dezembro",
    ],
];

/// A date in full: `November 20, 2026`, `20 de noviembre de 2026`, `20 de novembro de 2026` (`1º de novembro`).
///
/// # Panics
/// On a month outside 1–12: a date that exists has none.
#[must_use]
pub fn date(year: i16, month: i8, day: i8, language: Language) -> String {
    let name = month_name(month, language);
    match (language, day) {
        (Language::En, _) => format!("{name} {day}, {year}"),
        (Language::Pt, 1) => format!("1º de {name} de {year}"),
        (Language::Es | Language::Pt, _) => format!("{day} de {name} de {year}"),
    }
}

/// A month of a year: `November 2026`, `noviembre de 2026`, `novembro de 2026`.
///
/// # Panics
/// On a month outside 1–12.
#[must_use]
pub fn month(year: i16, month: i8, language: Language) -> String {
    let name = month_name(month, language);
    match language {
        Language::En => format!("{name} {year}"),
        Language::Es | Language::Pt => format!("{name} de {year}"),
    }
}

/// How long ago a day was: `today`, `63 days ago`, `hace 63 días`, `há 63 dias`.
#[must_use]
pub fn days_ago(days: usize, language: Language) -> String {
    if days == 0 {
        return sentence!(language, "today", "hoy", "hoje");
    }
    let days = Noun::Day.counted(days, language);
    sentence!(language, "{days} ago", "hace {days}", "há {days}")
}

fn month_name(month: i8, language: Language) -> &'static str {
    let position = usize::try_from(month - 1)
        .ok()
        .filter(|position| *position < 12);
    MONTHS[crate::numbers::index(language)][position.expect("a month is from 1 to 12")]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_written_in_full() {
        let texts = Language::ALL.map(|language| date(2026, 11, 20, language));
        assert_eq!(
            texts,
            [
                "November 20, 2026",
                "20 de noviembre de 2026",
                "20 de novembro de 2026"
            ]
        );
        let first = Language::ALL.map(|language| date(1999, 1, 1, language));
        assert_eq!(
            first,
            [
                "January 1, 1999",
                "1 de enero de 1999",
                "1º de janeiro de 1999"
            ]
        );
    }

    #[test]
    fn months_are_named_with_their_year() {
        let texts = Language::ALL.map(|language| month(2026, 12, language));
        assert_eq!(
            texts,
            ["December 2026", "diciembre de 2026", "dezembro de 2026"]
        );
    }

    #[test]
    fn a_day_is_so_many_days_ago() {
        let say = |days| Language::ALL.map(|language| days_ago(days, language));
        assert_eq!(say(0), ["today", "hoy", "hoje"]);
        assert_eq!(say(1), ["1 day ago", "hace 1 día", "há 1 dia"]);
        assert_eq!(
            say(1_500),
            ["1,500 days ago", "hace 1500 días", "há 1.500 dias"]
        );
    }

    #[test]
    #[should_panic(expected = "a month is from 1 to 12")]
    fn a_thirteenth_month_is_a_fault_of_ours() {
        let _ = month(2026, 13, Language::En);
    }
}
