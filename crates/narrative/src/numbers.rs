//! Numbers as each language writes them: marks, grouping, signs, percentages.
//!
//! Source: the Unicode CLDR, read through ICU4X, for the locales `en`, `es` (of Spain) and `pt` (of Brazil). The
//! language alone decides; nothing is guessed from a country, a currency or the machine.
//!
//! A value is rounded half to even on its shortest decimal text, the rule of every figure on the wire, so a sentence and
//! the figure beside it can't part. A value that was rounded before passes unchanged.

use fixed_decimal::{Decimal, SignDisplay, SignedRoundingMode, UnsignedRoundingMode};
use icu_decimal::DecimalFormatter;
use icu_locale_core::{Locale, locale};

use crate::Language;

/// Between a number and its unit: a line never breaks there.
pub(crate) const NO_BREAK_SPACE: char = '\u{a0}';

/// What stands for a value that is not finite.
pub(crate) const NO_NUMBER: &str = "–";

/// A number with a fixed number of decimals: `12,345.6` in English, `12.345,6` in Spanish and Portuguese.
///
/// Spanish groups digits only from five digits of whole part on (`1234,5`), as CLDR and the Spanish academies ask.
/// A value that rounds to zero has no sign. A value that is not finite is a dash: there is no number to state.
#[must_use]
pub fn number(value: f64, decimals: usize, language: Language) -> String {
    match rounded(value, 0, decimals) {
        Some(decimal) => format(decimal, SignDisplay::Negative, language),
        None => NO_NUMBER.to_owned(),
    }
}

/// A whole number with the language's grouping: `12,345`, `12.345`.
#[must_use]
pub fn integer(n: i64, language: Language) -> String {
    format(Decimal::from(n), SignDisplay::Negative, language)
}

/// A number that always carries its sign, for changes and differences: `+1.5`, `-1.5`; what rounds to zero has none.
#[must_use]
pub fn signed(value: f64, decimals: usize, language: Language) -> String {
    match rounded(value, 0, decimals) {
        Some(decimal) => format(decimal, SignDisplay::ExceptZero, language),
        None => NO_NUMBER.to_owned(),
    }
}

/// A share in 0–1 as a percentage: `12.3%` in English, `12,3 %` (no-break space) in Spanish, `12,3%` in Portuguese.
///
/// The share is moved by two decimal places in its decimal text, not multiplied, so 0.07 is 7 and not 7.000000000000001.
#[must_use]
pub fn percent(share: f64, decimals: usize, language: Language) -> String {
    percentage(share, decimals, SignDisplay::Negative, language)
}

/// A difference of shares with its sign, as a percentage: `+2.5%`.
#[must_use]
pub fn signed_percent(share: f64, decimals: usize, language: Language) -> String {
    percentage(share, decimals, SignDisplay::ExceptZero, language)
}

fn percentage(share: f64, decimals: usize, sign: SignDisplay, language: Language) -> String {
    let Some(decimal) = rounded(share, 2, decimals) else {
        return NO_NUMBER.to_owned();
    };
    let mut text = format(decimal, sign, language);
    if language == Language::Es {
        text.push(NO_BREAK_SPACE);
    }
    text.push('%');
    text
}

/// The value times ten to the power of `shift`, rounded half to even on its shortest decimal text to exactly so many
/// decimals; `None` where it is not finite.
pub(crate) fn rounded(value: f64, shift: i16, decimals: usize) -> Option<Decimal> {
    if !value.is_finite() {
        return None;
    }
    // The standard library prints the shortest text that reads back as the same double, without an exponent.
    let mut decimal = Decimal::try_from_str(&value.to_string())
        .expect("a finite double prints as a decimal number");
    decimal.multiply_pow10(shift);
    // A double has at most 1,074 decimals, so more than that many asked for are zeros nobody reads.
    let position = -i16::try_from(decimals.min(1_100)).expect("1,100 fits");
    decimal.round_with_mode(
        position,
        SignedRoundingMode::Unsigned(UnsignedRoundingMode::HalfEven),
    );
    decimal.absolute.trim_start();
    decimal.absolute.trim_end();
    decimal.absolute.pad_end(position);
    Some(decimal)
}

pub(crate) fn format(decimal: Decimal, sign: SignDisplay, language: Language) -> String {
    // Formatters keep reference-counted data and can't be shared between threads.
    thread_local! {
        static FORMATTERS: [DecimalFormatter; 3] = Language::ALL.map(formatter);
    }
    let decimal = decimal.with_sign_display(sign);
    FORMATTERS.with(|formatters| formatters[index(language)].format(&decimal).to_string())
}

fn formatter(language: Language) -> DecimalFormatter {
    DecimalFormatter::try_new(locale_of(language).into(), Default::default())
        .expect("the data of this locale is compiled in")
}

pub(crate) fn locale_of(language: Language) -> Locale {
    match language {
        Language::En => locale!("en"),
        Language::Es => locale!("es"),
        Language::Pt => locale!("pt"),
    }
}

/// The position of a language in [`Language::ALL`].
pub(crate) fn index(language: Language) -> usize {
    match language {
        Language::En => 0,
        Language::Es => 1,
        Language::Pt => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(format: impl Fn(Language) -> String, en: &str, es: &str, pt: &str) {
        assert_eq!(Language::ALL.map(format), [en, es, pt].map(str::to_owned));
    }

    #[test]
    fn whole_numbers_are_grouped_as_each_language_groups_them() {
        check(|language| integer(0, language), "0", "0", "0");
        check(|language| integer(1, language), "1", "1", "1");
        check(|language| integer(21, language), "21", "21", "21");
        check(
            |language| integer(1_000, language),
            "1,000",
            "1000",
            "1.000",
        );
        check(
            |language| integer(-12_345, language),
            "-12,345",
            "-12.345",
            "-12.345",
        );
        check(
            |language| integer(1_000_000, language),
            "1,000,000",
            "1.000.000",
            "1.000.000",
        );
        check(
            |language| integer(i64::MIN, language),
            "-9,223,372,036,854,775,808",
            "-9.223.372.036.854.775.808",
            "-9.223.372.036.854.775.808",
        );
    }

    #[test]
    fn decimals_use_the_mark_of_the_language() {
        check(
            |language| number(12_345.6, 1, language),
            "12,345.6",
            "12.345,6",
            "12.345,6",
        );
        check(
            |language| number(1_234.5, 1, language),
            "1,234.5",
            "1234,5",
            "1.234,5",
        );
        check(|language| number(0.5, 2, language), "0.50", "0,50", "0,50");
        check(|language| number(7.0, 0, language), "7", "7", "7");
        check(
            |language| number(-0.25, 2, language),
            "-0.25",
            "-0,25",
            "-0,25",
        );
    }

    #[test]
    fn ties_go_to_the_even_digit_of_the_decimal_text() {
        check(
            |language| number(2.675, 2, language),
            "2.68",
            "2,68",
            "2,68",
        );
        check(
            |language| number(2.665, 2, language),
            "2.66",
            "2,66",
            "2,66",
        );
        check(|language| number(0.5, 0, language), "0", "0", "0");
        check(
            |language| number(9.995, 2, language),
            "10.00",
            "10,00",
            "10,00",
        );
    }

    #[test]
    fn what_rounds_to_zero_has_no_sign() {
        check(|language| number(-0.0, 0, language), "0", "0", "0");
        check(
            |language| number(-0.001, 2, language),
            "0.00",
            "0,00",
            "0,00",
        );
        check(
            |language| percent(-0.000_01, 1, language),
            "0.0%",
            "0,0\u{a0}%",
            "0,0%",
        );
        check(
            |language| signed(-0.001, 2, language),
            "0.00",
            "0,00",
            "0,00",
        );
        check(
            |language| signed(0.001, 2, language),
            "0.00",
            "0,00",
            "0,00",
        );
    }

    #[test]
    fn a_signed_number_shows_its_plus() {
        check(|language| signed(1.5, 1, language), "+1.5", "+1,5", "+1,5");
        check(
            |language| signed(-12_000.0, 0, language),
            "-12,000",
            "-12.000",
            "-12.000",
        );
        check(
            |language| signed_percent(0.025, 1, language),
            "+2.5%",
            "+2,5\u{a0}%",
            "+2,5%",
        );
    }

    #[test]
    fn a_percentage_stands_close_except_in_spanish() {
        check(
            |language| percent(0.123, 1, language),
            "12.3%",
            "12,3\u{a0}%",
            "12,3%",
        );
        check(
            |language| percent(1.0, 0, language),
            "100%",
            "100\u{a0}%",
            "100%",
        );
        check(
            |language| percent(0.07, 14, language),
            "7.00000000000000%",
            "7,00000000000000\u{a0}%",
            "7,00000000000000%",
        );
        check(
            |language| percent(12.5, 0, language),
            "1,250%",
            "1250\u{a0}%",
            "1.250%",
        );
    }

    #[test]
    fn extreme_values_are_written_out_and_what_is_not_finite_is_a_dash() {
        for language in Language::ALL {
            for value in [f64::MAX, f64::MIN, f64::MIN_POSITIVE, 5e-324, 1e21] {
                assert!(
                    number(value, 2, language).contains(if language == Language::En {
                        '.'
                    } else {
                        ','
                    })
                );
            }
            for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
                assert_eq!(number(value, 2, language), "–");
                assert_eq!(percent(value, 2, language), "–");
                assert_eq!(signed(value, 2, language), "–");
            }
        }
        assert_eq!(number(5e-324, 2_000, Language::En).len(), 1_102);
    }
}
