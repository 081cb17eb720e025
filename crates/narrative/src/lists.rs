//! Lists in running text: `a, b, and c`, `a, b y c`, `a, b e c`.
//!
//! Source: the CLDR list patterns; for the Spanish `y` → `e` and `o` → `u` before a like sound, the Diccionario
//! panhispánico de dudas, entries "y" and "o".

use crate::Language;

/// The items joined by "and"; empty for none.
#[must_use]
pub fn list(items: &[&str], language: Language) -> String {
    join(items, language, |last| match language {
        Language::En => "and",
        Language::Es if sounds_like_i(last) => "e",
        Language::Es => "y",
        Language::Pt => "e",
    })
}

/// The items joined by "or"; empty for none.
#[must_use]
pub fn either(items: &[&str], language: Language) -> String {
    join(items, language, |last| match language {
        Language::En => "or",
        Language::Es if sounds_like_o(last) => "u",
        Language::Es => "o",
        Language::Pt => "ou",
    })
}

fn join(items: &[&str], language: Language, word: impl Fn(&str) -> &'static str) -> String {
    match items {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [first, last] => format!("{first} {} {last}", word(last)),
        [start @ .., last] => {
            // Only English puts a comma before the last item.
            let comma = if language == Language::En { "," } else { "" };
            format!("{}{comma} {} {last}", start.join(", "), word(last))
        }
    }
}

/// Whether a Spanish word starts with the vowel i. In `hie`, `hia` and `hio` it is a consonant (`y hierro`); a y before
/// a consonant is a vowel (`e Ybarra`).
fn sounds_like_i(word: &str) -> bool {
    let mut letters = letters(word);
    match letters.next() {
        Some('i' | 'í') => true,
        Some('h') => match letters.next() {
            Some('í') => true,
            Some('i') => !matches!(letters.next(), Some('a' | 'e' | 'o' | 'á' | 'é' | 'ó')),
            _ => false,
        },
        Some('y') => letters
            .next()
            .is_some_and(|next| next.is_alphabetic() && !"aeiouáéíóú".contains(next)),
        _ => false,
    }
}

/// Whether a Spanish word or number starts with the vowel o: `ocho` (8, 80, 800 …) and `once` (11, 11.000 …) do.
fn sounds_like_o(word: &str) -> bool {
    let mut start = letters(word);
    match start.next() {
        Some('o' | 'ó') => true,
        Some('h') => matches!(start.next(), Some('o' | 'ó')),
        Some('8') => true,
        Some('1') => {
            let whole: String = letters(word)
                .take_while(|c| *c != ',')
                .filter(char::is_ascii_digit)
                .collect();
            whole.starts_with("11") && whole.len() % 3 == 2
        }
        _ => false,
    }
}

/// The letters of a word in lower case, from its first letter or digit on: quotes and brackets have no sound.
fn letters(word: &str) -> impl Iterator<Item = char> + '_ {
    word.chars()
        .skip_while(|c| !c.is_alphanumeric())
        .take_while(|c| !c.is_whitespace())
        .flat_map(char::to_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_every_length_read_as_prose() {
        let cases: [(&[&str], [&str; 3]); 4] = [
            (&[], ["", "", ""]),
            (&["a"], ["a", "a", "a"]),
            (&["a", "b"], ["a and b", "a y b", "a e b"]),
            (&["a", "b", "c"], ["a, b, and c", "a, b y c", "a, b e c"]),
        ];
        for (items, expected) in cases {
            assert_eq!(
                Language::ALL.map(|language| list(items, language)),
                expected.map(str::to_owned)
            );
        }
        let either = Language::ALL.map(|language| either(&["a", "b", "c"], language));
        assert_eq!(either, ["a, b, or c", "a, b o c", "a, b ou c"]);
    }

    #[test]
    fn the_spanish_y_becomes_e_before_the_sound_i() {
        for word in [
            "iglesia",
            "Inés",
            "hilos",
            "hígado",
            "¿ideas?",
            "«imanes»",
            "Ybarra",
            "Hi",
        ] {
            assert_eq!(list(&["x", word], Language::Es), format!("x e {word}"));
        }
        for word in [
            "hierro", "hielo", "hiato", "yogur", "huevos", "uvas", "vino", "", "y", "12", "Yves",
        ] {
            let expected = if word == "Yves" { "e" } else { "y" };
            assert_eq!(
                list(&["x", word], Language::Es),
                format!("x {expected} {word}")
            );
        }
    }

    #[test]
    fn the_spanish_o_becomes_u_before_the_sound_o() {
        for word in [
            "ocho", "Óscar", "hombre", "hójas", "8", "80", "811", "11", "11.000", "11,5",
        ] {
            assert_eq!(either(&["x", word], Language::Es), format!("x u {word}"));
        }
        for word in ["uno", "hilo", "1", "110", "1100", "12", "111.000", ""] {
            assert_eq!(either(&["x", word], Language::Es), format!("x o {word}"));
        }
    }
}
