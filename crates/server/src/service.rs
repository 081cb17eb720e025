//! The routes about the service itself.

use clientela_analyses::words;
use std::sync::OnceLock;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION};
use http::{HeaderValue, Method, StatusCode};
use serde_json::json;

use crate::app::App;
use crate::openapi;
use crate::problem::{Code, Problem};

/// Text for people in this document and its pages changes with the version only.
pub const ONE_HOUR: HeaderValue = HeaderValue::from_static("public, max-age=3600");

/// `GET /health`: the process answers.
pub async fn health() -> Response {
    let body = json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION") });
    fresh("application/json", body.to_string())
}

/// `GET /ready`: requests would be served, that is, the store answers and no shutdown has begun.
pub async fn ready(State(app): State<App>) -> Result<Response, Problem> {
    if app.is_draining() {
        return Err(Problem::draining());
    }
    app.store().ping().await?;
    Ok(fresh(
        "application/json",
        json!({ "status": "ready" }).to_string(),
    ))
}

/// `GET /metrics`: figures for Prometheus. No credentials: they tell of load, never of tenants or their data.
pub async fn metrics(State(app): State<App>) -> Response {
    fresh(
        "text/plain; version=0.0.4; charset=utf-8",
        app.metrics().render(&app),
    )
}

fn fresh(media_type: &'static str, body: String) -> Response {
    let mut response = Response::new(Body::from(body));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// `GET /openapi.json`
pub async fn openapi() -> Response {
    static DOCUMENT: OnceLock<Bytes> = OnceLock::new();
    let document = DOCUMENT.get_or_init(|| openapi::document().to_string().into_bytes().into());
    let mut response = Response::new(Body::from(document.clone()));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, ONE_HOUR);
    response
}

/// `GET /`: whoever opens the address in a browser wants the documentation.
pub async fn start() -> Response {
    let mut response = StatusCode::TEMPORARY_REDIRECT.into_response();
    let headers = response.headers_mut();
    headers.insert(LOCATION, HeaderValue::from_static("/docs"));
    response
}

/// Nothing is at this address.
pub async fn not_found() -> Problem {
    Problem::new(
        Code::NotFound,
        words!(
            "There is nothing at this address; /docs lists the routes.",
            "No hay nada en esta dirección; /docs enumera las rutas.",
            "Não há nada neste endereço; /docs enumera as rotas.",
        ),
    )
}

/// The address exists for other methods, which the router names in `Allow`. `OPTIONS` asks for just these.
pub async fn other_method(request: Request) -> Response {
    if request.method() == Method::OPTIONS {
        return StatusCode::NO_CONTENT.into_response();
    }
    let method = request.method().as_str().to_owned();
    Problem::new(
        Code::MethodNotAllowed,
        words!(
            "{method} is not available here; the header Allow names the methods that are.",
            "{method} no está disponible aquí; el encabezado Allow enumera los métodos que sí lo están.",
            "{method} não está disponível aqui; o cabeçalho Allow enumera os métodos disponíveis.",
        ),
    )
    .into_response()
}
