//! The description of the service for programs: OpenAPI 3.1, built from the list of analyses.
//!
//! Deterministic: the order of everything follows the lists it is built from, and the answers of the examples are
//! computed for one fixed date, without their durations.

mod analyses;
mod parts;
mod schemas;
mod service;

use std::sync::OnceLock;

use serde_json::{Map, Value, json};

/// The whole document.
#[must_use]
pub fn document() -> Value {
    let mut schemas = schemas::Schemas::new();
    let mut examples = Map::new();
    let mut paths = Map::new();
    for &analysis in clientela_analyses::ALL {
        analyses::describe(analysis, &mut schemas, &mut examples, &mut paths);
    }
    service::describe(&mut schemas, &mut paths);
    json!({
        "openapi": "3.1.0",
        "info": info(),
        "servers": [{ "url": "/", "description": "This server." }],
        "tags": parts::tags(),
        "paths": paths,
        "components": {
            "schemas": schemas.finish(),
            "responses": parts::problem_responses(),
            "parameters": parts::parameters(),
            "examples": examples,
            "headers": parts::headers(),
            "securitySchemes": parts::security_schemes(),
        },
    })
}

/// Schema names that stand for two different shapes; a test holds this empty.
#[must_use]
pub fn ambiguous_schema_names() -> Vec<String> {
    let mut schemas = schemas::Schemas::new();
    for &analysis in clientela_analyses::ALL {
        schemas.request(analysis);
        schemas.response(analysis);
    }
    service::describe(&mut schemas, &mut Map::new());
    schemas.ambiguous()
}

/// The document, built once.
pub(crate) fn shared() -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT.get_or_init(document)
}

fn info() -> Value {
    json!({
        "title": "Clientela",
        "version": env!("CARGO_PKG_VERSION"),
        "summary": "Customer intelligence: segments, scores, loyalty and churn, explained.",
        "description": include_str!("introduction.md"),
        "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
    })
}
