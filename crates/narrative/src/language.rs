//! The languages, and the ways of saying something in all of them.

/// A language of the answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Language {
    /// English.
    #[default]
    En,
    /// Spanish.
    Es,
    /// Portuguese, Brazilian conventions.
    Pt,
}

impl Language {
    /// All languages, English first.
    pub const ALL: [Self; 3] = [Self::En, Self::Es, Self::Pt];

    /// The language that a tag such as `es`, `pt-BR` or `EN` names; `None` for any other.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.trim().split(['-', '_']).next().unwrap_or_default();
        Self::ALL
            .into_iter()
            .find(|language| primary.eq_ignore_ascii_case(language.code()))
    }

    /// The two-letter code: `en`, `es`, `pt`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Es => "es",
            Self::Pt => "pt",
        }
    }
}

/// Something that can be said in every language; a missing one does not compile.
pub trait Say {
    /// In English.
    fn en(&self) -> String;
    /// In Spanish.
    fn es(&self) -> String;
    /// In Portuguese.
    fn pt(&self) -> String;

    /// In the given language.
    fn say(&self, language: Language) -> String {
        match language {
            Language::En => self.en(),
            Language::Es => self.es(),
            Language::Pt => self.pt(),
        }
    }
}

/// A text already written in all languages, for the few sentences of an answer that are built before the language is
/// known: warnings and violations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// In English.
    pub en: String,
    /// In Spanish.
    pub es: String,
    /// In Portuguese.
    pub pt: String,
}

impl Say for Words {
    fn en(&self) -> String {
        self.en.clone()
    }
    fn es(&self) -> String {
        self.es.clone()
    }
    fn pt(&self) -> String {
        self.pt.clone()
    }
}

/// The sentence in one language, of the three that are written: its arguments are in scope as that language writes them.
///
/// ```
/// use clientela_narrative::{Language, number, sentence};
/// let language = Language::Es;
/// let k = number(1.5, 1, language);
/// assert_eq!(sentence!(language, "{k} points", "{k} puntos", "{k} pontos"), "1,5 puntos");
/// ```
#[macro_export]
macro_rules! sentence {
    ($language:expr, $en:literal, $es:literal, $pt:literal $(,)?) => {
        match $language {
            $crate::Language::En => ::std::format!($en),
            $crate::Language::Es => ::std::format!($es),
            $crate::Language::Pt => ::std::format!($pt),
        }
    };
}

/// The same sentence in English, Spanish and Portuguese, each with the same arguments in scope, as [`Words`].
#[macro_export]
macro_rules! words {
    ($en:literal, $es:literal, $pt:literal $(,)?) => {
        $crate::Words {
            en: ::std::format!($en),
            es: ::std::format!($es),
            pt: ::std::format!($pt),
        }
    };
}
