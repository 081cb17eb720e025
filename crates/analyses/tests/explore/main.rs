//! The routes that look into a segmentation: the tree and its drawings, profiles, segments within segments.

mod hierarchy;
mod large;
mod shoppers;

use clientela_analyses::{
    Context, Document, Failure, Format, Language, Models, StopToken, by_route,
};
use clientela_test_support::compare;
use serde_json::Value;

/// Sends a request to a route.
fn send(route: &str, body: &str, format: Format) -> Result<Document, Failure> {
    let context = Context {
        language: Some(Language::En),
        today: "2025-04-24".parse().expect("a date"),
        format,
        models: Models::none(),
        stop: StopToken::new(),
    };
    by_route(route)
        .expect("a route")
        .run(body.as_bytes(), &context)
}

/// The text of an answer to a valid request.
fn text(route: &str, body: &str, format: Format) -> String {
    let document = send(route, body, format).expect("a valid request");
    String::from_utf8(document.body).expect("text")
}

/// The JSON answer to a valid request, without what a clock decides.
fn answer(route: &str, body: &Value) -> Value {
    let mut answer =
        serde_json::from_str(&text(route, &body.to_string(), Format::Json)).expect("JSON");
    compare::without_clock(&mut answer);
    answer
}
