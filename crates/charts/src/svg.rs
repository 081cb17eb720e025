//! The SVG document: elements, escaping, coordinates.

use std::fmt::Write as _;

use crate::captions::Captions;
use crate::style::STYLESHEET;

/// Which end of a text stands at its position.
#[derive(Clone, Copy)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

/// A picture under construction. Its height is set when it is known.
pub(crate) struct Drawing {
    pub(crate) width: f64,
    pub(crate) height: f64,
    body: String,
}

impl Drawing {
    /// An empty picture of that width; narrower than 240 units nothing is legible, wider than 10,000 nothing is found.
    pub(crate) fn new(width: f64) -> Self {
        let width = if width.is_finite() {
            width.clamp(240.0, 10_000.0)
        } else {
            960.0
        };
        Self {
            width,
            height: 0.0,
            body: String::new(),
        }
    }

    pub(crate) fn text(&mut self, x: f64, y: f64, class: &str, anchor: Anchor, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "",
            Anchor::Middle => r#" text-anchor="middle""#,
            Anchor::End => r#" text-anchor="end""#,
        };
        let (x, y) = (coordinate(x), coordinate(y));
        let _ = write!(
            self.body,
            r#"<text x="{x}" y="{y}" class="{class}"{anchor}>{}</text>"#,
            escaped(text)
        );
        self.body.push('\n');
    }

    /// A text turned a quarter to the left, centered at its position.
    pub(crate) fn upright_text(&mut self, x: f64, y: f64, class: &str, text: &str) {
        let (x, y) = (coordinate(x), coordinate(y));
        let _ = write!(
            self.body,
            r#"<text transform="translate({x} {y})rotate(-90)" class="{class}" text-anchor="middle">{}</text>"#,
            escaped(text)
        );
        self.body.push('\n');
    }

    pub(crate) fn rect(&mut self, corner: (f64, f64), size: (f64, f64), radius: f64, class: &str) {
        self.faded_rect(corner, size, radius, class, 1.0);
    }

    pub(crate) fn faded_rect(
        &mut self,
        (x, y): (f64, f64),
        (width, height): (f64, f64),
        radius: f64,
        class: &str,
        opacity: f64,
    ) {
        let [x, y, width, height] = [x, y, width, height].map(coordinate);
        let _ = write!(
            self.body,
            r#"<rect x="{x}" y="{y}" width="{width}" height="{height}""#
        );
        self.optional("rx", radius, 0.0);
        self.optional("fill-opacity", opacity, 1.0);
        let _ = writeln!(self.body, r#" class="{class}"/>"#);
    }

    /// Lines given as the data of a path.
    pub(crate) fn path(&mut self, data: &str, class: &str, stroke_width: f64) {
        if !data.is_empty() {
            let stroke_width = coordinate(stroke_width);
            let _ = writeln!(
                self.body,
                r#"<path d="{data}" class="{class}" fill="none" stroke-width="{stroke_width}"/>"#
            );
        }
    }

    /// Broken lines given as the data of a path, with the lengths of dash and gap.
    pub(crate) fn dashed_path(&mut self, data: &str, class: &str, stroke_width: f64, dashes: &str) {
        if !data.is_empty() {
            let stroke_width = coordinate(stroke_width);
            let _ = writeln!(
                self.body,
                r#"<path d="{data}" class="{class}" fill="none" stroke-width="{stroke_width}" stroke-dasharray="{dashes}"/>"#
            );
        }
    }

    /// Dots given as the data of a path of lines without length.
    pub(crate) fn dots(&mut self, data: &str, class: &str, diameter: f64) {
        let diameter = coordinate(diameter);
        let _ = writeln!(
            self.body,
            r#"<path d="{data}" class="{class}" fill="none" stroke-width="{diameter}" stroke-linecap="round" stroke-opacity="0.7"/>"#
        );
    }

    /// A closed shape given as the data of a path.
    pub(crate) fn shape(&mut self, data: &str, class: &str, opacity: f64) {
        let _ = write!(self.body, r#"<path d="{data}""#);
        self.optional("fill-opacity", opacity, 1.0);
        let _ = writeln!(self.body, r#" class="{class}"/>"#);
    }

    /// Opens a group that carries a name, which a pointer brings up and a screen reader can find.
    pub(crate) fn open_named(&mut self, name: &str) {
        // Enough for any name; a page of text as a label must not make the document as large as all of them together.
        const NAME_CHARS_MAX: usize = 300;
        let end = name
            .char_indices()
            .nth(NAME_CHARS_MAX)
            .map_or(name.len(), |(at, _)| at);
        self.body.push_str("<g>");
        if !name.is_empty() {
            let ellipsis = if end < name.len() { "…" } else { "" };
            let _ = write!(
                self.body,
                "<title>{}{ellipsis}</title>",
                escaped(&name[..end])
            );
        }
    }

    pub(crate) fn close(&mut self) {
        self.body.push_str("</g>\n");
    }

    /// The finished document; its size is whole, because a page that shows it has whole pixels.
    pub(crate) fn finish(self, captions: &Captions<'_>) -> String {
        let (width, height) = (
            coordinate(self.width.ceil()),
            coordinate(self.height.ceil()),
        );
        let [title, description, language] =
            [captions.title, captions.description, captions.language].map(escaped);
        let mut document = String::with_capacity(self.body.len() + STYLESHEET.len() + 1_024);
        let _ = writeln!(
            document,
            r#"<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" class="clientela-chart" role="img" lang="{language}" aria-label="{title}">"#
        );
        let _ = writeln!(
            document,
            "<title>{title}</title>\n<desc>{description}</desc>\n<style>{STYLESHEET}</style>"
        );
        let _ = writeln!(
            document,
            r#"<rect width="{width}" height="{height}" class="b"/>"#
        );
        document.push_str(&self.body);
        document.push_str("</svg>\n");
        document
    }

    fn optional(&mut self, name: &str, value: f64, default: f64) {
        if value != default {
            let _ = write!(self.body, r#" {name}="{}""#, coordinate(value));
        }
    }
}

/// A coordinate with at most 2 decimals and no superfluous zero.
pub(crate) fn coordinate(value: f64) -> String {
    // Beyond ten million units a picture has no pixels; the bound also takes in what is not finite.
    let hundredths = if value.is_nan() {
        0.0
    } else {
        (value * 100.0).round().clamp(-1e9, 1e9)
    };
    let hundredths = hundredths as i64;
    let sign = if hundredths < 0 { "-" } else { "" };
    let (whole, rest) = (hundredths.abs() / 100, hundredths.abs() % 100);
    match (rest, rest % 10) {
        (0, _) => format!("{sign}{whole}"),
        (_, 0) => format!("{sign}{whole}.{}", rest / 10),
        _ => format!("{sign}{whole}.{rest:02}"),
    }
}

/// Text that is safe as content and in quotes. What XML 1.0 can't hold becomes a replacement character, and marks that
/// turn the direction of writing are dropped: they would carry over into the text beside them.
pub(crate) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            '\t' | '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => safe.push(' '),
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {}
            '\u{fffe}' | '\u{ffff}' => safe.push('\u{fffd}'),
            c if c.is_control() => safe.push('\u{fffd}'),
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coordinates_have_at_most_two_decimals() {
        let cases = [
            (0.0, "0"),
            (-0.0, "0"),
            (-0.001, "0"),
            (1.5, "1.5"),
            (1.25, "1.25"),
            (2.999_9, "3"),
            (-12.05, "-12.05"),
            (1e300, "10000000"),
            (f64::NEG_INFINITY, "-10000000"),
            (f64::NAN, "0"),
        ];
        for (value, expected) in cases {
            assert_eq!(coordinate(value), expected);
        }
    }

    #[test]
    fn hostile_text_is_harmless() {
        assert_eq!(
            escaped("<script>\"a\" & 'b'"),
            "&lt;script&gt;&quot;a&quot; &amp; &#39;b&#39;"
        );
        assert_eq!(
            escaped("a\u{0}b\u{1b}c\nd\u{ffff}"),
            "a\u{fffd}b\u{fffd}c d\u{fffd}"
        );
        assert_eq!(escaped("\u{202e}evil\u{2066}"), "evil");
    }
}
