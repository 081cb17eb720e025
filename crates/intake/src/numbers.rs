//! Numbers as people and programs write them: decimal point or comma, marks between thousands, currencies around.
//!
//! `1.234` is a thousand or a little more than one, and no single line can tell: which mark parts the decimals is
//! decided for a whole file ([`mark_evidence`]), and then every number is read by it ([`parse_number`]).

use std::str::FromStr;

use crate::Decimal;

/// The character between whole and fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecimalMark {
    /// `1,234.56`
    Point,
    /// `1.234,56`
    Comma,
}

impl DecimalMark {
    fn byte(self) -> u8 {
        match self {
            Self::Point => b'.',
            Self::Comma => b',',
        }
    }

    /// The word by which it is declared.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Point => "point",
            Self::Comma => "comma",
        }
    }
}

impl FromStr for DecimalMark {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "point" | "." => Ok(Self::Point),
            "comma" | "," => Ok(Self::Comma),
            _ => Err("a decimal mark is one of: point, comma".into()),
        }
    }
}

/// What one number says about the decimal mark of its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MarkEvidence {
    /// It has no mark, or is no number.
    Silent,
    /// It can only be read with this mark.
    Only(DecimalMark),
    /// One mark before three last digits: `1.234` reads as a thousand or as a fraction.
    Either,
}

/// What `text` says about the decimal mark.
pub(crate) fn mark_evidence(text: &str) -> MarkEvidence {
    let Some(bare) = strip(text) else {
        return MarkEvidence::Silent;
    };
    let digits = bare.digits.as_bytes();
    let points = digits.iter().filter(|&&byte| byte == b'.').count();
    let commas = digits.iter().filter(|&&byte| byte == b',').count();
    match (points, commas) {
        (0, 0) => MarkEvidence::Silent,
        (1, 0) => single_mark(bare.digits, DecimalMark::Point, DecimalMark::Comma),
        (0, 1) => single_mark(bare.digits, DecimalMark::Comma, DecimalMark::Point),
        (_, 0) => MarkEvidence::Only(DecimalMark::Comma),
        (0, _) => MarkEvidence::Only(DecimalMark::Point),
        _ if digits.iter().rposition(|&byte| byte == b'.')
            > digits.iter().rposition(|&byte| byte == b',') =>
        {
            MarkEvidence::Only(DecimalMark::Point)
        }
        _ => MarkEvidence::Only(DecimalMark::Comma),
    }
}

fn single_mark(digits: &str, found: DecimalMark, other: DecimalMark) -> MarkEvidence {
    let at = digits
        .bytes()
        .position(|byte| byte == found.byte())
        .unwrap_or(0);
    let (before, after) = (&digits[..at], &digits[at + 1..]);
    // `0.125` can't be thousands, and where thousands are already parted by another mark this one parts the decimals.
    let may_be_thousands = after.len() == 3
        && (1..=3).contains(&before.len())
        && !before.starts_with('0')
        && before.bytes().all(|byte| byte.is_ascii_digit());
    if !before
        .bytes()
        .chain(after.bytes())
        .any(|byte| byte.is_ascii_digit())
    {
        MarkEvidence::Silent
    } else if may_be_thousands {
        MarkEvidence::Either
    } else if parse_number(digits, found).is_some() {
        MarkEvidence::Only(found)
    } else if parse_number(digits, other).is_some() {
        MarkEvidence::Only(other)
    } else {
        MarkEvidence::Silent
    }
}

/// The number in `text`, or `None` where it is none when read with `mark`.
///
/// Accepted around the digits: white space, a sign before or after them, accounting brackets `(12.50)` for a negative
/// number, a currency symbol or a three-letter currency code. Accepted between thousands: the mark that does not part
/// the decimals, a space of any width, an apostrophe; groups must have three digits.
pub(crate) fn parse_number(text: &str, mark: DecimalMark) -> Option<Decimal> {
    let bare = strip(text)?;
    let (whole, fraction) = match bare.digits.bytes().position(|byte| byte == mark.byte()) {
        Some(at) => (&bare.digits[..at], &bare.digits[at + 1..]),
        None => (bare.digits, ""),
    };
    let size = if whole.bytes().all(|byte| byte.is_ascii_digit()) {
        Decimal::from_digits(whole.as_bytes(), fraction.as_bytes())
    } else {
        Decimal::from_digits(&ungrouped(whole, mark)?, fraction.as_bytes())
    }?;
    Some(if bare.is_negative { -size } else { size })
}

/// The currency that stands beside a number: an ISO 4217 code where the symbol has just one, else the symbol itself.
pub(crate) fn currency_of(text: &str) -> Option<&str> {
    strip(text)?.currency
}

/// The digits of `1.234` or `1 234` or `1'234` without the marks between thousands.
fn ungrouped(whole: &str, mark: DecimalMark) -> Option<Vec<u8>> {
    let mut digits = Vec::with_capacity(whole.len());
    let mut separator = None;
    let mut group = 0;
    for character in whole.chars() {
        if let Some(digit) = character.to_digit(10) {
            digits.push(b'0' + digit as u8);
            group += 1;
            continue;
        }
        let may_part_thousands =
            matches!(character, '.' | ',' | '\'' | '’') || character.is_whitespace();
        let is_the_same = separator.is_none_or(|before| before == character);
        let ends_a_group = if separator.is_none() {
            (1..=3).contains(&group)
        } else {
            group == 3
        };
        if !may_part_thousands
            || u32::from(mark.byte()) == u32::from(character)
            || !is_the_same
            || !ends_a_group
        {
            return None;
        }
        separator = Some(character);
        group = 0;
    }
    (group == 3).then_some(digits)
}

struct Bare<'a> {
    is_negative: bool,
    /// Digits, marks and spaces.
    digits: &'a str,
    currency: Option<&'a str>,
}

/// Takes sign, brackets and currency away; `None` where no digits remain or something else does.
fn strip(text: &str) -> Option<Bare<'_>> {
    if !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.' || byte == b',')
    {
        return Some(Bare {
            is_negative: false,
            digits: text,
            currency: None,
        }); // nearly every number of nearly every file
    }
    let mut rest = text.trim();
    let mut signs = 0;
    if let Some(inner) = rest
        .strip_prefix('(')
        .and_then(|inner| inner.strip_suffix(')'))
    {
        rest = inner.trim();
        signs += 1;
    }
    let mut currency = None;
    while let Some((shorter, part)) = without_one_part(rest) {
        match part {
            Part::Minus => signs += 1,
            Part::Plus => {}
            Part::Currency(_) if currency.is_some() => return None,
            Part::Currency(name) => currency = Some(name),
        }
        rest = shorter.trim();
    }
    let first_is_digit = rest.starts_with(|c: char| c.is_ascii_digit() || c == '.' || c == ',');
    (signs <= 1 && first_is_digit && rest.bytes().any(|byte| byte.is_ascii_digit())).then_some(
        Bare {
            is_negative: signs == 1,
            digits: rest,
            currency,
        },
    )
}

enum Part<'a> {
    Minus,
    Plus,
    Currency(&'a str),
}

/// Symbols with their code where they have just one; longer ones first, so that `US$` is not read as `$`.
const SYMBOLS: [(&str, &str); 14] = [
    ("US$", "USD"),
    ("MX$", "MXN"),
    ("R$", "BRL"),
    ("S/.", "PEN"),
    ("S/", "PEN"),
    ("Bs.", "BOB"),
    ("Bs", "BOB"),
    ("€", "EUR"),
    ("£", "GBP"),
    ("₡", "CRC"),
    ("₲", "PYG"),
    ("₹", "INR"),
    ("¥", "¥"),
    ("$", "$"),
];

fn without_one_part(text: &str) -> Option<(&str, Part<'_>)> {
    if let Some(rest) = text
        .strip_prefix(['-', '−'])
        .or_else(|| text.strip_suffix(['-', '−']))
    {
        return Some((rest, Part::Minus));
    }
    if let Some(rest) = text.strip_prefix('+') {
        return Some((rest, Part::Plus));
    }
    for (symbol, name) in SYMBOLS {
        if let Some(rest) = text
            .strip_prefix(symbol)
            .or_else(|| text.strip_suffix(symbol))
        {
            return Some((rest, Part::Currency(name)));
        }
    }
    let is_code = |code: &str| code.bytes().all(|byte| byte.is_ascii_uppercase());
    if let Some((code, rest)) = text.split_at_checked(3).filter(|(code, _)| is_code(code)) {
        return Some((rest, Part::Currency(code)));
    }
    let (rest, code) = text
        .split_at_checked(text.len().checked_sub(3)?)
        .filter(|(_, code)| is_code(code))?;
    Some((rest, Part::Currency(code)))
}

#[cfg(test)]
mod tests {
    use super::DecimalMark::{Comma, Point};
    use super::*;

    #[test]
    fn numbers_are_read_as_people_write_them() {
        for (text, mark, value) in [
            ("1234.56", Point, "1234.56"),
            ("1,234.56", Point, "1234.56"),
            ("1.234,56", Comma, "1234.56"),
            ("1 234,56", Comma, "1234.56"),
            ("1\u{a0}234,5", Comma, "1234.5"),
            ("1'234'567.80", Point, "1234567.8"),
            ("R$ 1.234,56", Comma, "1234.56"),
            ("-R$ 12,00", Comma, "-12"),
            ("R$ -12,00", Comma, "-12"),
            ("12,50 €", Comma, "12.5"),
            ("€12.50", Point, "12.5"),
            ("US$ 7", Point, "7"),
            ("EUR 7,25", Comma, "7.25"),
            ("7,25 MXN", Comma, "7.25"),
            ("(12.50)", Point, "-12.5"),
            ("12.50-", Point, "-12.5"),
            ("−3", Point, "-3"),
            ("+3", Point, "3"),
            (".5", Point, "0.5"),
            ("5.", Point, "5"),
            (" 8 ", Point, "8"),
        ] {
            assert_eq!(
                parse_number(text, mark).map(|n| n.to_string()).as_deref(),
                Some(value),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_no_number_under_the_mark_is_refused() {
        for (text, mark) in [
            ("12.50", Comma),
            ("12,50", Point),
            ("1,23,456", Point),
            ("1.2.3", Point),
            ("1,234.56", Comma),
            ("1 23", Point),
            ("--5", Point),
            ("(-5)", Point),
            ("€5£", Point),
            ("abc", Point),
            ("", Point),
            ("-", Point),
            (".", Point),
            ("NaN", Point),
            ("1e5", Point),
            ("12 apples", Point),
        ] {
            assert_eq!(
                parse_number(text, mark),
                None,
                "{text} with a decimal {}",
                mark.name()
            );
        }
    }

    #[test]
    fn each_number_says_what_it_knows_about_the_decimal_mark() {
        for (text, evidence) in [
            ("12", MarkEvidence::Silent),
            ("pear", MarkEvidence::Silent),
            ("12.5", MarkEvidence::Only(Point)),
            ("12,50", MarkEvidence::Only(Comma)),
            ("R$ 12,50", MarkEvidence::Only(Comma)),
            ("1.234", MarkEvidence::Either),
            ("-1,234", MarkEvidence::Either),
            ("0.125", MarkEvidence::Only(Point)),
            ("1234.567", MarkEvidence::Only(Point)),
            ("1.234.567", MarkEvidence::Only(Comma)),
            ("1,234,567", MarkEvidence::Only(Point)),
            ("1,234.5", MarkEvidence::Only(Point)),
            ("1.234,5", MarkEvidence::Only(Comma)),
            ("1 234,500", MarkEvidence::Only(Comma)),
        ] {
            assert_eq!(mark_evidence(text), evidence, "{text}");
        }
    }

    #[test]
    fn currencies_are_named_by_code_where_the_symbol_has_just_one() {
        for (text, currency) in [
            ("12", None),
            ("R$ 1,00", Some("BRL")),
            ("5 €", Some("EUR")),
            ("$5", Some("$")),
            ("COP 5", Some("COP")),
        ] {
            assert_eq!(currency_of(text), currency, "{text}");
        }
    }
}
