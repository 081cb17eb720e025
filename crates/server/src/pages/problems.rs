//! The pages that the `type` of a problem leads to, in the language of the reader.

use clientela_analyses::{Language, Say as _};

use super::html::{Page, escaped, markdown};
use crate::problem::Code;

/// All codes.
pub fn index(language: Language) -> String {
    let title = match language {
        Language::En => "Problems",
        Language::Es => "Problemas",
        Language::Pt => "Problemas",
    };
    let entries: String = Code::ALL
        .into_iter()
        .map(|code| {
            format!(
                "<li><a href=\"{}\">{}</a> <span class=\"quiet\">{} · {}</span></li>\n",
                code.type_uri(),
                escaped(&code.title().say(language)),
                statuses(code),
                code.slug(),
            )
        })
        .collect();
    let main = format!("<h1>{title}</h1>\n<ul class=\"list\">\n{entries}</ul>\n");
    framed(title, "/problems", &main, language)
}

/// One code.
pub fn one(code: Code, language: Language) -> String {
    let title = code.title().say(language);
    let main = format!(
        "<h1>{}</h1>\n<p class=\"quiet\">HTTP {} · <code>{}</code></p>\n{}",
        escaped(&title),
        statuses(code),
        code.type_uri(),
        markdown(&code.remedy().say(language)),
    );
    framed(&title, &code.type_uri(), &main, language)
}

/// The usual one first.
fn statuses(code: Code) -> String {
    let statuses: Vec<String> = code.statuses().iter().map(u16::to_string).collect();
    statuses.join(", ")
}

fn framed(title: &str, address: &str, main: &str, language: Language) -> String {
    let codes = Code::ALL.into_iter();
    let navigation: Vec<(String, String)> = codes
        .map(|code| (code.type_uri(), code.title().say(language)))
        .collect();
    let page = Page {
        title,
        language,
        navigation: &navigation,
        address,
        main,
    };
    page.render()
}
