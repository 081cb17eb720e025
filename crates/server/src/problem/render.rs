//! Puts a problem into the words of one language and into the shape of RFC 9457.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use clientela_analyses::{Language, Say as _};
use futures_util::FutureExt as _;
use http::header::{CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_TYPE, VARY};
use http::{HeaderValue, Method};
use serde_json::{Map, Value, json};

use super::Problem;
use crate::guard;
use crate::language;

pub const MEDIA_TYPE: &str = "application/problem+json";

/// The id of a request, as it stands in answer and log.
#[derive(Clone, Debug)]
pub struct RequestId(pub Arc<str>);

/// A problem on its way to [`say_problems`], which knows the request's id and language.
#[derive(Clone)]
struct Unsaid(Problem);

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.0.status.into_response();
        response.extensions_mut().insert(Unsaid(self));
        response
    }
}

/// Writes the body of every problem that an inner layer left, a panic included.
pub async fn say_problems(request: Request, next: Next) -> Response {
    let id = request.extensions().get::<RequestId>().cloned();
    let id = id.map_or_else(|| Arc::from(""), |RequestId(id)| id);
    let asked = language::asked(request.uri().query(), request.headers());
    let is_head = request.method() == Method::HEAD;

    let answered = AssertUnwindSafe(next.run(request)).catch_unwind().await;
    let mut response =
        answered.unwrap_or_else(|panic| Problem::internal(guard::cause(&*panic)).into_response());
    let Some(Unsaid(problem)) = response.extensions_mut().remove() else {
        return response;
    };
    if let Some(cause) = &problem.0.cause {
        tracing::error!(request_id = %id, code = problem.code().slug(), cause, "no answer");
    }
    let language = asked.or(problem.0.language).unwrap_or_default();
    let said = problem.say(language, &id);
    dress(&mut response, &problem, language);
    if !is_head {
        *response.body_mut() = said.to_string().into();
    }
    response
}

fn dress(response: &mut Response, problem: &Problem, language: Language) {
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(language.code()));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.append(VARY, HeaderValue::from_static("accept-language"));
    for (name, value) in &problem.0.headers {
        headers.insert(name.clone(), value.clone());
    }
}

impl Problem {
    /// The members of RFC 9457, then ours.
    fn say(&self, language: Language, request_id: &str) -> Value {
        let parts = &*self.0;
        let mut body = Map::new();
        body.insert("type".into(), parts.code.type_uri().into());
        body.insert("title".into(), parts.code.title().say(language).into());
        body.insert("status".into(), parts.status.as_u16().into());
        body.insert("detail".into(), parts.detail.say(language).into());
        body.insert("request_id".into(), request_id.into());
        if let Some(fields) = &parts.fields {
            body.insert("errors_total".into(), fields.total.into());
            body.insert("errors".into(), fields.say(language));
        }
        if !parts.available.is_empty() {
            body.insert("available".into(), json!(parts.available));
        }
        Value::Object(body)
    }
}

impl super::Fields {
    /// From path to sentences; two rules that one field breaks come together.
    fn say(&self, language: Language) -> Value {
        let mut errors = Map::new();
        for field in &self.wrong {
            let said = field.messages.iter().map(|words| words.say(language));
            let messages = errors
                .entry(field.path.as_str())
                .or_insert_with(|| json!([]));
            if let Value::Array(messages) = messages {
                messages.extend(said.map(Value::from));
            }
        }
        Value::Object(errors)
    }
}
