//! Documentation for people: pages rendered from the analyses' own texts and schemas, without scripts or foreign hosts.

mod html;
mod problems;
mod schema;
mod site;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use bytes::Bytes;
use clientela_analyses::Language;
use http::header::{CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE, VARY};
use http::{HeaderValue, Uri};

use crate::language;
use crate::problem::{Code, Problem};
use crate::service::{ONE_HOUR, not_found};

const STYLE: &str = include_str!("style.css");
/// Nothing but our own style sheet.
const POLICY: &str = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The pages under `/docs` by the last part of their address; the index has none. Rendered once: the examples in them
/// are computed, and nothing in them changes while the program runs.
fn pages() -> &'static BTreeMap<&'static str, Bytes> {
    static PAGES: OnceLock<BTreeMap<&'static str, Bytes>> = OnceLock::new();
    PAGES.get_or_init(|| {
        let mut pages = BTreeMap::new();
        pages.insert("", site::index().into());
        for &analysis in clientela_analyses::ALL {
            let page = Bytes::from(site::analysis(analysis));
            for &route in analysis.routes() {
                pages.insert(route, page.clone());
            }
        }
        pages
    })
}

/// `GET /docs`
pub async fn index() -> Result<Response, Problem> {
    named("").await
}

/// `GET /docs/{page}`
pub async fn page(request: Request) -> Result<Response, Problem> {
    named(&last_part(request.uri())).await
}

async fn named(name: &str) -> Result<Response, Problem> {
    // The first visitor's page computes all examples, which is not for a thread that serves requests.
    let pages = tokio::task::spawn_blocking(pages)
        .await
        .map_err(|error| Problem::internal(error.to_string()))?;
    match pages.get(name) {
        Some(page) => Ok(html_page(page.clone(), Language::En)),
        None => Err(not_found().await),
    }
}

/// `GET /docs/style.css`
pub async fn style() -> Response {
    let mut response = Response::new(Body::from(STYLE));
    let headers = response.headers_mut();
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("text/css; charset=utf-8"),
    );
    headers.insert(CACHE_CONTROL, ONE_HOUR);
    response
}

/// `GET /problems`
pub async fn problems(request: Request) -> Response {
    let language = asked(&request);
    html_page(problems::index(language).into(), language)
}

/// `GET /problems/{code}`
pub async fn problem(request: Request) -> Result<Response, Problem> {
    let slug = last_part(request.uri());
    let Some(code) = Code::ALL.into_iter().find(|code| code.slug() == slug) else {
        return Err(not_found().await);
    };
    let language = asked(&request);
    Ok(html_page(problems::one(code, language).into(), language))
}

fn asked(request: &Request) -> Language {
    language::asked(request.uri().query(), request.headers()).unwrap_or_default()
}

fn last_part(uri: &Uri) -> String {
    let path = uri.path();
    path.rsplit('/').next().unwrap_or_default().to_owned()
}

fn html_page(page: Bytes, language: Language) -> Response {
    let mut response = Response::new(Body::from(page));
    let headers = response.headers_mut();
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("text/html; charset=utf-8"),
    );
    headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(language.code()));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(CACHE_CONTROL, ONE_HOUR);
    headers.append(VARY, HeaderValue::from_static("accept-language"));
    response
}
