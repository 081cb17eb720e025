//! Sentences of this crate in every language.

/// The same sentence in three languages, each with the same arguments in scope.
macro_rules! words {
    ($en:literal, $es:literal, $pt:literal $(,)?) => {
        ::clientela_narrative::Words {
            en: format!($en),
            es: format!($es),
            pt: format!($pt),
        }
    };
}
pub(crate) use words;
