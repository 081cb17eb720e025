//! Which web pages may read answers: CORS, for the origins that the operator lists, and on an open server for pages of
//! this machine.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, ORIGIN,
    VARY,
};
use http::{HeaderMap, HeaderValue, Method, StatusCode};

use crate::app::App;
use crate::local::is_local_origin;

const METHODS: &str = "GET, POST, PUT, DELETE, OPTIONS";
const REQUEST_HEADERS: &str = "accept, accept-language, content-type, content-encoding, idempotency-key, prefer, x-admin-secret, x-customer-api-id, x-request-id, x-secret";
const ANSWER_HEADERS: &str = "allow, content-language, location, retry-after, server-timing, x-model-id, x-request-id, x-run, x-secret-age-days, x-warnings";
/// Browsers ask again after ten minutes.
const MAX_AGE_SECONDS: &str = "600";

/// Answers preflight requests, which carry no credentials, and marks other answers as readable by a listed origin.
pub async fn cors(State(app): State<App>, request: Request, next: Next) -> Response {
    let allowed = allowed_origin(&app, request.headers());
    let is_preflight = request.method() == Method::OPTIONS
        && request.headers().contains_key(ORIGIN)
        && request
            .headers()
            .contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = if is_preflight {
        StatusCode::NO_CONTENT.into_response()
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    headers.append(VARY, HeaderValue::from_static("origin"));
    let Some(origin) = allowed else {
        return response;
    };
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    if is_preflight {
        headers.insert(
            ACCESS_CONTROL_ALLOW_METHODS,
            HeaderValue::from_static(METHODS),
        );
        headers.insert(
            ACCESS_CONTROL_ALLOW_HEADERS,
            HeaderValue::from_static(REQUEST_HEADERS),
        );
        headers.insert(
            ACCESS_CONTROL_MAX_AGE,
            HeaderValue::from_static(MAX_AGE_SECONDS),
        );
    } else {
        headers.insert(
            ACCESS_CONTROL_EXPOSE_HEADERS,
            HeaderValue::from_static(ANSWER_HEADERS),
        );
    }
    response
}

fn allowed_origin(app: &App, headers: &HeaderMap) -> Option<HeaderValue> {
    let sent = headers.get(ORIGIN)?;
    let origin = sent.to_str().ok()?;
    let config = app.config();
    let is_listed = |listed: &String| {
        listed == "*" || listed.trim_end_matches('/').eq_ignore_ascii_case(origin)
    };
    let is_allowed =
        config.cors_origins.iter().any(is_listed) || (config.open && is_local_origin(origin));
    is_allowed.then(|| sent.clone())
}
