//! The one handler of all analyses: credentials, language, format and body in the order of the contract, then a core.

use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::Request;
use axum::response::{IntoResponse as _, Response};
use clientela_analyses::{
    AnyAnalysis, Context, Date, Document, Failure, Format, Language, StopToken, run_header,
};
use clientela_store::ModelOwner;
use http::header::{CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_TYPE, VARY};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde::Deserialize;

use crate::app::App;
use crate::credentials;
use crate::models;
use crate::problem::Problem;
use crate::queue::Outcome;
use crate::{body, format, language};

const RUN: HeaderName = HeaderName::from_static("x-run");
const WARNINGS: HeaderName = HeaderName::from_static("x-warnings");
const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");
/// Names the model that was saved with an answer: a table or a drawing has no place for it.
const MODEL_ID: HeaderName = HeaderName::from_static("x-model-id");

/// Answers one request to `analysis`.
pub async fn analyze(app: App, analysis: &'static dyn AnyAnalysis, request: Request) -> Response {
    let caller = match credentials::identify(&app, request.headers()).await {
        Ok(caller) => caller,
        Err(problem) => return problem.into_response(),
    };
    let answered = match caller.may_call(analysis) {
        Ok(()) => answer(&app, analysis, caller.owner(), request).await,
        Err(problem) => Err(problem),
    };
    caller.answered(answered)
}

async fn answer(
    app: &App,
    analysis: &'static dyn AnyAnalysis,
    owner: ModelOwner,
    request: Request,
) -> Result<Response, Problem> {
    let config = app.config();
    let (head, body) = request.into_parts();
    let query = head.uri.query();
    let announced = body::announced(&head.headers)?;
    let available = analysis.formats();
    let format = format::asked(query, &head.headers, &available)?;
    let place = app.queue().enter()?;
    let body = body::read(body, announced, config.body_bytes_max, config.deadline).await?;

    let stop = StopToken::new();
    let context = Context {
        language: language::asked(query, &head.headers),
        today: Date::today_utc(),
        format,
        models: models::of(app, owner),
        stop: stop.clone(),
    };
    let work = move || run(analysis, &body, &context);
    let Outcome { value, waited } = app.queue().run(place, stop, work).await?;
    let mut document = value?;
    if !document.artifacts.is_empty() {
        let saving = Instant::now();
        let saved = models::save(app, owner, &document.artifacts).await;
        saved.map_err(|problem| problem.in_language_of_body(Some(document.language)))?;
        document.timings.push(("save", saving.elapsed()));
    }
    let mut response = respond(document, waited);
    vary(response.headers_mut(), &available);
    Ok(response)
}

/// Runs on a thread of its own. A failure is said in the language of the body where the head asked for none.
fn run(analysis: &dyn AnyAnalysis, body: &[u8], context: &Context) -> Result<Document, Problem> {
    analysis.run(body, context).map_err(|failure| {
        let language = match (&failure, context.language) {
            (Failure::Invalid { .. } | Failure::ModelsAway { .. }, None) => language_of(body),
            _ => None,
        };
        Problem::from(failure).in_language_of_body(language)
    })
}

/// The language that a body names; it was JSON when it was found invalid.
fn language_of(body: &[u8]) -> Option<Language> {
    #[derive(Deserialize)]
    struct Said<'a> {
        #[serde(borrow)]
        lang: Option<std::borrow::Cow<'a, str>>,
    }
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let said: Said<'_> = serde_json::from_slice(body).ok()?;
    Language::from_tag(&said.lang?)
}

fn respond(document: Document, waited: Duration) -> Response {
    let mut response = Response::new(Body::from(document.body));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(document.media_type));
    headers.insert(
        CONTENT_LANGUAGE,
        HeaderValue::from_static(document.language.code()),
    );
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(run) = &document.run {
        let run = HeaderValue::try_from(run_header(run)).expect("base64 is plain");
        headers.insert(RUN, run);
        headers.insert(WARNINGS, HeaderValue::from(document.n_warnings));
    }
    for model in &document.artifacts {
        let id = HeaderValue::try_from(model.id().to_string()).expect("digits are plain");
        headers.append(MODEL_ID, id);
    }
    let steps = std::iter::once(("queue", waited)).chain(document.timings);
    let timing: Vec<String> = steps
        .map(|(step, took)| format!("{step};dur={:.3}", took.as_secs_f64() * 1e3))
        .collect();
    let timing = HeaderValue::try_from(timing.join(", ")).expect("steps have plain names");
    headers.insert(SERVER_TIMING, timing);
    response
}

fn vary(headers: &mut HeaderMap, available: &[Format]) {
    let depends_on = if available.len() > 1 {
        "accept-language, accept"
    } else {
        "accept-language"
    };
    headers.append(VARY, HeaderValue::from_static(depends_on));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_of_a_body_is_found_in_any_json() {
        for (body, expected) in [
            (r#"{"lang": "es"}"#, Some(Language::Es)),
            (
                r#"{"customers": [1e400], "lang": "pt-BR"}"#,
                Some(Language::Pt),
            ),
            ("\u{feff}{\"lang\": \"es\"}", Some(Language::Es)),
            (r#"{"lang": "fr"}"#, None),
            (r#"{"lang": 3}"#, None),
            (r#"{"lang": null}"#, None),
            ("[]", None),
            ("{", None),
        ] {
            assert_eq!(language_of(body.as_bytes()), expected, "{body}");
        }
    }
}
