//! Amounts of money as each language writes them.
//!
//! Source: the currency symbols, patterns and decimals of CLDR (locales `en`, `es`, `pt`), as a table of our own: ICU4X
//! keeps currencies in its experimental part. A dollar or peso sign that could mean several currencies is avoided as
//! CLDR avoids it: `MX$` or `MXN`, never a bare `$` outside English US dollars.

use fixed_decimal::{Sign, SignDisplay};

use crate::Language;
use crate::numbers::{NO_BREAK_SPACE, NO_NUMBER, format, number, rounded};

/// An amount with the decimals of its currency (2 for most, 0 for CLP, JPY and their like).
///
/// `currency` is an ISO 4217 code. English and Portuguese put the symbol before the number (`€1,234.50`, `R$ 1.234,50`),
/// Spanish after it (`1234,50 €`). A code without a symbol is written itself, with a no-break space. Without a
/// currency: the plain number with 2 decimals.
#[must_use]
pub fn money(value: f64, currency: Option<&str>, language: Language) -> String {
    amount(value, currency.map_or(2, decimals), currency, language)
}

/// An amount without decimals, for prose where cents only distract.
#[must_use]
pub fn money_whole(value: f64, currency: Option<&str>, language: Language) -> String {
    amount(value, 0, currency, language)
}

fn amount(value: f64, decimals: usize, currency: Option<&str>, language: Language) -> String {
    let Some(code) = currency else {
        return number(value, decimals, language);
    };
    let Some(decimal) = rounded(value, 0, decimals) else {
        return NO_NUMBER.to_owned();
    };
    let minus = if decimal.sign() == Sign::Negative && !decimal.absolute.is_zero() {
        "-"
    } else {
        ""
    };
    let digits = format(decimal, SignDisplay::Never, language);
    let symbol = symbol(code, language);
    match language {
        Language::Es => format!("{minus}{digits}{NO_BREAK_SPACE}{symbol}"),
        Language::Pt => format!("{minus}{symbol}{NO_BREAK_SPACE}{digits}"),
        // A symbol that ends in a letter would run into the digits.
        Language::En if symbol.ends_with(char::is_alphanumeric) => {
            format!("{minus}{symbol}{NO_BREAK_SPACE}{digits}")
        }
        Language::En => format!("{minus}{symbol}{digits}"),
    }
}

fn symbol(code: &str, language: Language) -> &str {
    let (en, es, pt) = match code {
        "EUR" => ("€", "€", "€"),
        "USD" => ("$", "US$", "US$"),
        "GBP" => ("£", "GBP", "£"),
        "BRL" => ("R$", "BRL", "R$"),
        "MXN" => ("MX$", "MXN", "MX$"),
        "CAD" => ("CA$", "CAD", "CA$"),
        "AUD" => ("A$", "AUD", "AU$"),
        "JPY" => ("¥", "JPY", "JP¥"),
        "CNY" => ("CN¥", "CNY", "CN¥"),
        "INR" => ("₹", "INR", "₹"),
        // ARS, COP, CLP, PEN, UYU, CHF and the rest have no symbol of their own in these three locales.
        _ => (code, code, code),
    };
    match language {
        Language::En => en,
        Language::Es => es,
        Language::Pt => pt,
    }
}

/// The decimals of a currency by ISO 4217: the ones without a minor unit have none, all others are shown with the 2
/// that the figures of an answer have.
fn decimals(code: &str) -> usize {
    const WITHOUT_MINOR_UNIT: [&str; 15] = [
        "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV",
        "XAF", "XOF",
    ];
    if WITHOUT_MINOR_UNIT.contains(&code) {
        0
    } else {
        2
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As `Intl.NumberFormat` and Babel print them; `_` is a no-break space.
    #[test]
    fn amounts_follow_cldr() {
        let cases = [
            ("EUR", ["€12,345.50", "12.345,50_€", "€_12.345,50"]),
            ("USD", ["$12,345.50", "12.345,50_US$", "US$_12.345,50"]),
            ("GBP", ["£12,345.50", "12.345,50_GBP", "£_12.345,50"]),
            ("BRL", ["R$12,345.50", "12.345,50_BRL", "R$_12.345,50"]),
            ("MXN", ["MX$12,345.50", "12.345,50_MXN", "MX$_12.345,50"]),
            ("ARS", ["ARS_12,345.50", "12.345,50_ARS", "ARS_12.345,50"]),
            ("COP", ["COP_12,345.50", "12.345,50_COP", "COP_12.345,50"]),
            ("CLP", ["CLP_12,346", "12.346_CLP", "CLP_12.346"]),
            ("PEN", ["PEN_12,345.50", "12.345,50_PEN", "PEN_12.345,50"]),
            ("UYU", ["UYU_12,345.50", "12.345,50_UYU", "UYU_12.345,50"]),
            ("PYG", ["PYG_12,346", "12.346_PYG", "PYG_12.346"]),
            ("JPY", ["¥12,346", "12.346_JPY", "JP¥_12.346"]),
            ("CAD", ["CA$12,345.50", "12.345,50_CAD", "CA$_12.345,50"]),
            ("AUD", ["A$12,345.50", "12.345,50_AUD", "AU$_12.345,50"]),
            ("CHF", ["CHF_12,345.50", "12.345,50_CHF", "CHF_12.345,50"]),
            ("CNY", ["CN¥12,345.50", "12.345,50_CNY", "CN¥_12.345,50"]),
            ("INR", ["₹12,345.50", "12.345,50_INR", "₹_12.345,50"]),
            ("XYZ", ["XYZ_12,345.50", "12.345,50_XYZ", "XYZ_12.345,50"]),
        ];
        for (code, expected) in cases {
            let texts = Language::ALL.map(|language| money(12_345.5, Some(code), language));
            assert_eq!(texts, expected.map(|text| text.replace('_', "\u{a0}")));
        }
    }

    #[test]
    fn the_minus_stands_before_symbol_and_number() {
        let texts = Language::ALL.map(|language| money(-12.5, Some("EUR"), language));
        assert_eq!(texts, ["-€12.50", "-12,50\u{a0}€", "-€\u{a0}12,50"]);
        let nothing = Language::ALL.map(|language| money(-0.001, Some("EUR"), language));
        assert_eq!(nothing, ["€0.00", "0,00\u{a0}€", "€\u{a0}0,00"]);
    }

    #[test]
    fn without_a_currency_it_is_a_plain_number_with_two_decimals() {
        let texts = Language::ALL.map(|language| money(2_577.368, None, language));
        assert_eq!(texts, ["2,577.37", "2577,37", "2.577,37"]);
    }

    #[test]
    fn whole_amounts_have_no_decimals() {
        let texts = Language::ALL.map(|language| money_whole(2_577.368, Some("BRL"), language));
        assert_eq!(texts, ["R$2,577", "2577\u{a0}BRL", "R$\u{a0}2.577"]);
        let plain = Language::ALL.map(|language| money_whole(1_000_000.0, None, language));
        assert_eq!(plain, ["1,000,000", "1.000.000", "1.000.000"]);
    }

    #[test]
    fn an_amount_that_is_not_finite_is_a_dash() {
        assert_eq!(money(f64::NAN, Some("EUR"), Language::Es), "–");
        assert_eq!(money(f64::INFINITY, None, Language::Es), "–");
    }
}
