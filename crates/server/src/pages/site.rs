//! The index, and one page for each analysis.

use std::fmt::Write as _;

use clientela_analyses::{AnyAnalysis, Language};
use serde_json::Value;

use super::html::{Page, breakable, code, escaped, markdown};
use super::schema;
use crate::openapi;

/// Where the lines to try expect the server.
const ADDRESS: &str = "http://127.0.0.1:8080";

/// The list of analyses, and what holds for all of them.
pub fn index() -> String {
    let mut main = String::from("<h1>Clientela</h1>\n");
    main.push_str(&markdown(include_str!("../openapi/introduction.md")));
    main.push_str("<h2>Analyses</h2>\n<ul class=\"list\">\n");
    for analysis in clientela_analyses::ALL {
        let (name, summary) = (analysis.name(), escaped(analysis.summary()));
        writeln!(
            main,
            "<li><a href=\"/docs/{name}\"><code>{name}</code></a> {summary}.</li>"
        )
        .expect("writing to a string");
    }
    main.push_str("</ul>\n");
    if let Some(first) = clientela_analyses::ALL.first() {
        main.push_str("<h2>A first request</h2>\n");
        main.push_str(&code("Save as request.json", &pretty(first.example())));
        main.push_str(&code("Then", &curl(first.name())));
    }
    main.push_str(&markdown(include_str!("service.md")));
    framed("Documentation", "/docs", &main)
}

/// The page of one analysis: its text, its fields, its example.
pub fn analysis(analysis: &dyn AnyAnalysis) -> String {
    let name = analysis.name();
    let document = openapi::shared();
    let post = &document["paths"][format!("/api/v1/ai/{name}")]["post"];
    // On a telephone the longest names are wider than the page.
    let heading = format!("<h1>{}</h1>", breakable(name));
    let mut main = markdown(analysis.page()).replacen(&format!("<h1>{name}</h1>"), &heading, 1);
    main.push_str(&addresses(analysis));
    main.push_str("<h2 id=\"request\">Request fields</h2>\n");
    let request = &post["requestBody"]["content"]["application/json"];
    main.push_str(&schema::tables("Request", &request["schema"], document));
    main.push_str("<h2 id=\"answer\">Answer fields</h2>\n");
    let answer = &post["responses"]["200"]["content"]["application/json"];
    main.push_str(&schema::tables("Answer", &answer["schema"], document));
    main.push_str("<h2 id=\"try\">Try it</h2>\n");
    main.push_str(&code("Save as request.json", &pretty(analysis.example())));
    main.push_str(&code("Over HTTP", &curl(name)));
    let subcommand = name.replace('_', "-");
    let line = format!("clientela {subcommand} request.json");
    main.push_str(&code("On the command line", &line));
    let example = &document["components"]["examples"][format!("{name}_Response")]["value"];
    if example.is_object() || example.is_array() {
        main.push_str(&code("Answer", &format!("{example:#}")));
    }
    framed(name, &format!("/docs/{name}"), &main)
}

fn addresses(analysis: &dyn AnyAnalysis) -> String {
    let mut html = String::from("<h2 id=\"addresses\">Addresses and formats</h2>\n<ul>\n");
    for route in analysis.routes() {
        writeln!(
            html,
            "<li><code>POST /api/v1/ai/{route}</code> or <code>POST /api/{route}</code></li>"
        )
        .expect("writing to a string");
    }
    let formats = analysis.formats();
    let formats: Vec<String> = formats
        .iter()
        .map(|format| format!("<code>{format}</code>"))
        .collect();
    writeln!(
        html,
        "<li>Formats (<code>?format=</code> or <code>Accept</code>): {}</li>\n</ul>",
        formats.join(", ")
    )
    .expect("writing to a string");
    html
}

fn curl(name: &str) -> String {
    format!(
        "curl {ADDRESS}/api/v1/ai/{name} \\\n  -H \"X-Customer-Api-Id: $CLIENTELA_ID\" -H \"X-Secret: $CLIENTELA_SECRET\" \\\n  -H 'Content-Type: application/json' --data-binary @request.json"
    )
}

fn pretty(json: &str) -> String {
    match serde_json::from_str::<Value>(json) {
        Ok(value) => format!("{value:#}"),
        Err(_) => json.to_owned(),
    }
}

fn framed(title: &str, address: &str, main: &str) -> String {
    let mut navigation = vec![("/docs".to_owned(), "Overview".to_owned())];
    for analysis in clientela_analyses::ALL {
        let name = analysis.name();
        navigation.push((format!("/docs/{name}"), name.to_owned()));
    }
    navigation.push(("/problems".to_owned(), "Problems".to_owned()));
    navigation.push(("/openapi.json".to_owned(), "OpenAPI document".to_owned()));
    let page = Page {
        title,
        language: Language::En,
        navigation: &navigation,
        address,
        main,
    };
    page.render()
}
