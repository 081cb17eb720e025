//! One or many: which form of a word a count takes.
//!
//! Source: the CLDR plural rules, read through ICU4X. English and Spanish take the singular for 1 only. Portuguese of
//! Brazil takes it for everything whose whole part is 0 or 1, as its grammars ask: `0 cliente`, `1,5 compra`; a sentence
//! about nothing usually reads better with `nenhum` than with a zero. Spanish and Portuguese put `de` after whole
//! millions: `1.000.000 de clientes`.

use fixed_decimal::{Decimal, SignDisplay};
use icu_plurals::{PluralCategory, PluralOperands, PluralRules, PluralRulesOptions};

use crate::Language;
use crate::numbers::{NO_NUMBER, format, index, locale_of, rounded};

/// The form of a word that goes with a whole count.
#[must_use]
pub fn plural<'a>(n: u64, one: &'a str, many: &'a str, language: Language) -> &'a str {
    choose(category(&Decimal::from(n), language), one, many)
}

/// The form of a word that goes with a number of so many decimals: `1.0 purchases`, `1,0 compra` in Portuguese.
#[must_use]
pub fn plural_of<'a>(
    value: f64,
    decimals: usize,
    one: &'a str,
    many: &'a str,
    language: Language,
) -> &'a str {
    rounded(value, 0, decimals).map_or(many, |decimal| {
        choose(category(&decimal, language), one, many)
    })
}

/// A whole count with its word: `1 customer`, `12,000 customers`, `1.000.000 de clientes`.
#[must_use]
pub fn counted(n: u64, one: &str, many: &str, language: Language) -> String {
    join(Decimal::from(n), one, many, language)
}

/// A number of so many decimals with its word: `8.8 purchases`, `1,0 compra` in Portuguese.
#[must_use]
pub fn measured(value: f64, decimals: usize, one: &str, many: &str, language: Language) -> String {
    match rounded(value, 0, decimals) {
        Some(decimal) => join(decimal, one, many, language),
        None => format!("{NO_NUMBER} {many}"),
    }
}

fn join(decimal: Decimal, one: &str, many: &str, language: Language) -> String {
    let category = category(&decimal, language);
    let of = if category == PluralCategory::Many {
        "de "
    } else {
        ""
    };
    let number = format(decimal, SignDisplay::Negative, language);
    format!("{number} {of}{}", choose(category, one, many))
}

fn choose<'a>(category: PluralCategory, one: &'a str, many: &'a str) -> &'a str {
    if category == PluralCategory::One {
        one
    } else {
        many
    }
}

fn category(decimal: &Decimal, language: Language) -> PluralCategory {
    thread_local! {
        static RULES: [PluralRules; 3] = Language::ALL.map(rules);
    }
    RULES.with(|rules| rules[index(language)].category_for(PluralOperands::from(decimal)))
}

fn rules(language: Language) -> PluralRules {
    PluralRules::try_new(locale_of(language).into(), PluralRulesOptions::default())
        .expect("the data of this locale is compiled in")
}

#[cfg(test)]
mod tests {
    use super::*;

    const CUSTOMER: [(&str, &str); 3] = [
        ("customer", "customers"),
        ("cliente", "clientes"),
        ("cliente", "clientes"),
    ];

    #[track_caller]
    fn check(n: u64, expected: [&str; 3]) {
        for (language, ((one, many), expected)) in Language::ALL
            .into_iter()
            .zip(CUSTOMER.into_iter().zip(expected))
        {
            assert_eq!(counted(n, one, many, language), expected);
            assert!(expected.ends_with(plural(n, one, many, language)));
        }
    }

    #[test]
    fn counts_take_the_form_their_language_asks() {
        check(0, ["0 customers", "0 clientes", "0 cliente"]);
        check(1, ["1 customer", "1 cliente", "1 cliente"]);
        check(2, ["2 customers", "2 clientes", "2 clientes"]);
        check(21, ["21 customers", "21 clientes", "21 clientes"]);
        check(
            1_000,
            ["1,000 customers", "1000 clientes", "1.000 clientes"],
        );
        check(
            1_000_000,
            [
                "1,000,000 customers",
                "1.000.000 de clientes",
                "1.000.000 de clientes",
            ],
        );
        check(
            3_000_000,
            [
                "3,000,000 customers",
                "3.000.000 de clientes",
                "3.000.000 de clientes",
            ],
        );
        check(
            1_000_001,
            [
                "1,000,001 customers",
                "1.000.001 clientes",
                "1.000.001 clientes",
            ],
        );
    }

    #[test]
    fn decimals_take_the_form_their_language_asks() {
        let cases = [
            (8.8, 1, ["8.8 purchases", "8,8 compras", "8,8 compras"]),
            (1.0, 1, ["1.0 purchases", "1,0 compra", "1,0 compra"]),
            (1.0, 0, ["1 purchase", "1 compra", "1 compra"]),
            (0.96, 1, ["1.0 purchases", "1,0 compra", "1,0 compra"]),
            (1.5, 1, ["1.5 purchases", "1,5 compras", "1,5 compra"]),
            (0.0, 1, ["0.0 purchases", "0,0 compras", "0,0 compra"]),
            (f64::NAN, 1, ["– purchases", "– compras", "– compras"]),
        ];
        let words = [
            ("purchase", "purchases"),
            ("compra", "compras"),
            ("compra", "compras"),
        ];
        for (value, decimals, expected) in cases {
            for (language, ((one, many), expected)) in Language::ALL
                .into_iter()
                .zip(words.into_iter().zip(expected))
            {
                assert_eq!(measured(value, decimals, one, many, language), expected);
                assert!(expected.ends_with(plural_of(value, decimals, one, many, language)));
            }
        }
    }
}
