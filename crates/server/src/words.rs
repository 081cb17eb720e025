//! Sentences of this crate in every language.

use clientela_analyses::Say;

/// A sentence written in all languages, because the language is known only when it is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// In English.
    pub en: String,
    /// In Spanish.
    pub es: String,
    /// In Portuguese.
    pub pt: String,
}

impl Words {
    /// What another crate says.
    pub(crate) fn of(said: &impl Say) -> Self {
        Self {
            en: said.en(),
            es: said.es(),
            pt: said.pt(),
        }
    }
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

/// The same sentence in three languages, each with the same arguments in scope.
macro_rules! words {
    ($en:literal, $es:literal, $pt:literal $(,)?) => {
        $crate::words::Words {
            en: format!($en),
            es: format!($es),
            pt: format!($pt),
        }
    };
}
pub(crate) use words;
