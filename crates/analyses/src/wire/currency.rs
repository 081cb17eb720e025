//! The currency of a client's money: named in texts, no figure depends on it.

use super::messages::not_a_currency;
use super::{Check, Maybe, Text};

/// An ISO 4217 code: three capital letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Currency([u8; 3]);

impl Currency {
    /// The currency with this code, in capital or small letters. Codes come and go, so any three letters are one.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        let letters: [u8; 3] = code.as_bytes().try_into().ok()?;
        let are_letters = letters.iter().all(u8::is_ascii_alphabetic);
        are_letters.then(|| Self(letters.map(|letter| letter.to_ascii_uppercase())))
    }

    /// The code in capital letters.
    #[must_use]
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).expect("ASCII letters")
    }

    /// An optional field with a code.
    #[allow(
        clippy::option_option,
        reason = "absent and wrong are different answers"
    )]
    pub fn optional(
        key: &'static str,
        field: Maybe<Text<'_>>,
        check: &mut Check,
    ) -> Option<Option<Self>> {
        let Some(Text(code)) = check.optional(key, field)? else {
            return Some(None);
        };
        let currency = Self::from_code(&code);
        if currency.is_none() {
            check.reject(key, || not_a_currency(&code));
        }
        currency.map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_letters_are_a_currency() {
        let code = |text| Currency::from_code(text).map(|currency| currency.code().to_owned());
        assert_eq!(code("EUR").as_deref(), Some("EUR"));
        assert_eq!(code("brl").as_deref(), Some("BRL"));
        for text in ["", "EU", "EURO", "E1R", "€", "ñu", " EUR"] {
            assert_eq!(code(text), None, "{text}");
        }
    }
}
