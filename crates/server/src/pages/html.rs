//! The frame around every page, and text made safe for it.

use clientela_analyses::Language;
use pulldown_cmark::{Event, Options, Parser, html};

/// A page in its frame.
pub struct Page<'a> {
    pub title: &'a str,
    pub language: Language,
    /// Address and text of the links beside it, the current one first compared by address.
    pub navigation: &'a [(String, String)],
    pub address: &'a str,
    pub main: &'a str,
}

/// Text as it may stand between tags and in attributes.
pub fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            other => safe.push(other),
        }
    }
    safe
}

/// The same for names of routes, which may break after an underscore and nowhere else.
pub fn breakable(text: &str) -> String {
    escaped(text).replace('_', "_<wbr>")
}

/// Markdown as HTML; tags in it are shown, not followed.
pub fn markdown(text: &str) -> String {
    let events = Parser::new_ext(text, Options::ENABLE_TABLES).map(|event| match event {
        Event::Html(tags) | Event::InlineHtml(tags) => Event::Text(tags),
        other => other,
    });
    let mut rendered = String::new();
    html::push_html(&mut rendered, events);
    rendered
}

/// A block of code with a name for those who hear the page.
pub fn code(name: &str, text: &str) -> String {
    // A block wider than the window scrolls, and what scrolls must be reachable by keyboard.
    format!(
        "<figure><figcaption>{}</figcaption><pre tabindex=\"0\"><code>{}</code></pre></figure>\n",
        escaped(name),
        escaped(text)
    )
}

impl Page<'_> {
    pub fn render(&self) -> String {
        let (skip, contents) = match self.language {
            Language::En => ("Skip to the content", "Contents"),
            Language::Es => ("Ir al contenido", "Contenido"),
            Language::Pt => ("Ir para o conteúdo", "Conteúdo"),
        };
        let mut links = String::new();
        for (address, text) in self.navigation {
            let current = if address == self.address {
                " aria-current=\"page\""
            } else {
                ""
            };
            links.push_str(&format!(
                "<li><a href=\"{}\"{current}>{}</a></li>\n",
                escaped(address),
                breakable(text)
            ));
        }
        format!(
            r##"<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title} · Clientela</title>
<link rel="stylesheet" href="/docs/style.css">
</head>
<body>
<a class="skip" href="#content">{skip}</a>
<header><a href="/docs">Clientela</a> <span>{version}</span></header>
<div class="columns">
<nav aria-label="{contents}">
<ul>
{links}</ul>
</nav>
<main id="content">
{main}</main>
</div>
</body>
</html>
"##,
            language = self.language.code(),
            title = escaped(self.title),
            version = env!("CARGO_PKG_VERSION"),
            main = self.main,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_in_texts_are_shown_and_not_followed() {
        assert_eq!(escaped("a<b> & \"c\""), "a&lt;b&gt; &amp; &quot;c&quot;");
        let rendered = markdown("a <script>alert(1)</script>\n\n<img src=x>\n\n**b**");
        assert!(!rendered.contains("<script"), "{rendered}");
        assert!(!rendered.contains("<img"), "{rendered}");
        assert!(rendered.contains("<strong>b</strong>"), "{rendered}");
    }
}
