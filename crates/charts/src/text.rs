//! How wide a text will be. No font is at hand, so widths are estimates on the safe side: a text is cut a little early
//! rather than run over its neighbor.

use std::borrow::Cow;

/// The estimated width of a text at a font size.
pub(crate) fn width(text: &str, size: f64) -> f64 {
    text.chars().map(advance).sum::<f64>() * size
}

/// The advance of a character in em, by class, after the wider ones of the common interface fonts.
fn advance(c: char) -> f64 {
    match c {
        'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' | ' ' | '\u{a0}' => 0.31,
        'f' | 't' | 'r' | '(' | ')' | '[' | ']' | '-' | '/' | '"' => 0.4,
        'm' | 'w' | 'M' | 'W' | '@' | '%' | '…' | '—' => 0.95,
        'A'..='Z' => 0.7,
        '\u{300}'..='\u{36f}' | '\u{200b}'..='\u{200d}' | '\u{fe00}'..='\u{fe0f}' => 0.0,
        c if (c as u32) < 0x1100 => 0.59,
        // Ideographs, Hangul, emoji and their like fill a square.
        _ => 1.05,
    }
}

/// The text, cut with an ellipsis where it would be wider than the room.
pub(crate) fn fit(text: &str, size: f64, room: f64) -> Cow<'_, str> {
    // A room that was measured from the very text must hold it, whatever the last bit of the sum.
    let room = room / size + 1e-6;
    let ellipsis = advance('…');
    let (mut used, mut end) = (0.0, 0);
    for (at, c) in text.char_indices() {
        used += advance(c);
        if used > room {
            return Cow::Owned(format!("{}…", text[..end].trim_end()));
        }
        if used + ellipsis <= room {
            end = at + c.len_utf8();
        }
    }
    Cow::Borrowed(text)
}

/// The text in lines no wider than the room, at most so many; the last is cut where more would be needed.
pub(crate) fn wrap(text: &str, size: f64, room: f64, lines_max: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut words = text.split_whitespace().peekable();
    while let Some(word) = words.peek() {
        if lines.len() == lines_max {
            let rest = words.collect::<Vec<_>>().join(" ");
            if let Some(last) = lines.last_mut() {
                *last = fit(&format!("{last} {rest}"), size, room).into_owned();
            }
            return lines;
        }
        let mut line = fit(word, size, room).into_owned();
        words.next();
        while let Some(word) =
            words.next_if(|word| width(&line, size) + width(word, size) + 0.31 * size <= room)
        {
            line.push(' ');
            line.push_str(word);
        }
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_fits_is_left_alone() {
        assert_eq!(fit("Ana", 12.0, 100.0), "Ana");
        assert_eq!(fit("", 12.0, 0.0), "");
    }

    #[test]
    fn a_text_that_does_not_fit_ends_in_an_ellipsis_within_the_room() {
        for text in [
            "a very long name of a customer",
            "顧客顧客顧客顧客顧客顧客顧客顧客",
            "e\u{301}".repeat(50).as_str(),
        ] {
            let cut = fit(text, 12.0, 80.0);
            assert!(cut.ends_with('…') && width(&cut, 12.0) <= 80.0, "{cut}");
        }
    }

    #[test]
    fn words_wrap_into_lines_and_the_last_is_cut() {
        let lines = wrap(
            "one two three four five six seven eight nine ten",
            12.0,
            80.0,
            3,
        );
        assert_eq!(lines.len(), 3);
        assert!(lines[2].ends_with('…'));
        assert!(lines.iter().all(|line| width(line, 12.0) <= 80.0));
        assert_eq!(wrap("one two", 12.0, 80.0, 3), ["one two"]);
        assert!(wrap("  ", 12.0, 80.0, 3).is_empty());
    }
}
