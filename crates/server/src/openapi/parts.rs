//! What the operations share: parameters, headers, problems, credentials.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::problem::{MEDIA_TYPE, catalogue};

pub const ANALYSES_TAG: &str = "Analyses";
pub const MODELS_TAG: &str = "Models";
pub const ADMIN_TAG: &str = "Customers";
pub const SERVICE_TAG: &str = "Service";

pub fn tags() -> Value {
    json!([
        { "name": ANALYSES_TAG, "description": "One question about a customer base each." },
        { "name": MODELS_TAG, "description": "Models that answers have saved; each caller sees its own." },
        { "name": ADMIN_TAG, "description": "The customers of this service and their credentials; for the holder of the admin secret." },
        { "name": SERVICE_TAG, "description": "About the service itself; no credentials." },
    ])
}

pub fn security_schemes() -> Value {
    let key = |name: &str, description: &str| json!({ "type": "apiKey", "in": "header", "name": name, "description": description });
    json!({
        "customerId": key("X-Customer-Api-Id", "The public half of a customer's credentials, a version 4 UUID."),
        "customerSecret": key("X-Secret", "The secret half, 64 characters of base64url."),
        "adminSecret": key("X-Admin-Secret", "The operator's secret. Where it is sent, it decides alone."),
    })
}

/// Analyses and models: a customer's credentials, the admin secret, or none where the operator has decided so.
pub fn analysis_security() -> Value {
    json!([{ "customerId": [], "customerSecret": [] }, { "adminSecret": [] }, {}])
}

pub fn admin_security() -> Value {
    json!([{ "adminSecret": [] }])
}

pub fn parameters() -> Value {
    json!({
        "lang": {
            "name": "lang", "in": "query", "required": false,
            "description": "Language of all texts: en, es or pt. A value that names none of the three is passed over.",
            "schema": { "type": "string" }, "example": "es",
        },
        "acceptLanguage": {
            "name": "Accept-Language", "in": "header", "required": false,
            "description": "Languages in order of preference; `pt-BR` counts as `pt`.",
            "schema": { "type": "string" }, "example": "pt-BR, es;q=0.8",
        },
        "requestId": {
            "name": "X-Request-Id", "in": "header", "required": false,
            "description": "An id of your own, up to 128 plain characters, that answer and log will carry.",
            "schema": { "type": "string" },
        },
        "modelId": {
            "name": "model_id", "in": "path", "required": true,
            "description": "The model's id, as the answer that saved it has it.",
            "schema": { "type": "string", "pattern": "^[0-9a-f]{32}$" },
        },
        "customerApiId": {
            "name": "customer_api_id", "in": "path", "required": true,
            "description": "The customer's public id.",
            "schema": { "type": "string", "format": "uuid" },
        },
    })
}

pub fn headers() -> Value {
    let header = |kind: &str, description: &str| json!({ "description": description, "schema": { "type": kind } });
    json!({
        "RequestId": header("string", "The id of this request, as the log has it."),
        "ContentLanguage": header("string", "The language of the texts."),
        "ServerTiming": header("string", "Milliseconds in the waiting line, and for each step of the analysis."),
        "Run": header("string", "The run manifest as base64url JSON, where the body has no place for it."),
        "Warnings": header("integer", "How many warnings the JSON answer would carry."),
        "ModelId": header("string", "The id of the model that was saved with this answer."),
        "SecretAgeDays": header("integer", "From day 90: the age of the secret, a reminder to rotate it."),
        "RetryAfter": header("integer", "Seconds after which a new try makes sense."),
        "Location": header("string", "Where the new customer can be found."),
        "WwwAuthenticate": header("string", "That credentials go into headers."),
    })
}

pub fn header_references(names: &[(&str, &str)]) -> Map<String, Value> {
    names
        .iter()
        .map(|(name, component)| {
            let reference = json!({ "$ref": format!("#/components/headers/{component}") });
            ((*name).to_owned(), reference)
        })
        .collect()
}

/// One response for each status of a problem, naming its codes.
pub fn problem_responses() -> Value {
    let mut by_status: BTreeMap<u16, Vec<String>> = BTreeMap::new();
    for entry in catalogue() {
        for &status in &entry.statuses {
            let line = format!("`{}`: {}", entry.code, entry.title.en);
            by_status.entry(status).or_default().push(line);
        }
    }
    let responses = by_status.into_iter().map(|(status, codes)| {
        let mut headers = vec![
            ("X-Request-Id", "RequestId"),
            ("Content-Language", "ContentLanguage"),
        ];
        match status {
            401 => headers.push(("WWW-Authenticate", "WwwAuthenticate")),
            503 => headers.push(("Retry-After", "RetryAfter")),
            _ => {}
        }
        let schema = if status == 422 { "InvalidInput" } else { "Problem" };
        let response = json!({
            "description": codes.join("; "),
            "headers": header_references(&headers),
            "content": { MEDIA_TYPE: { "schema": { "$ref": format!("#/components/schemas/{schema}") } } },
        });
        (component_of(status), response)
    });
    Value::Object(responses.collect())
}

fn component_of(status: u16) -> String {
    format!("Problem{status}")
}

/// References to the problems with these statuses.
pub fn problems(statuses: &[u16]) -> Map<String, Value> {
    statuses
        .iter()
        .map(|&status| {
            let reference = format!("#/components/responses/{}", component_of(status));
            (status.to_string(), json!({ "$ref": reference }))
        })
        .collect()
}

/// The shape of every problem.
pub fn problem_schema() -> Value {
    json!({
        "type": "object",
        "description": "Why there is no answer (RFC 9457).",
        "required": ["type", "title", "status", "detail", "request_id"],
        "properties": {
            "type": { "type": "string", "description": "The code of the problem, and the address of its page.", "examples": ["/problems/invalid-input"] },
            "title": { "type": "string", "description": "The kind of problem, in the language asked for." },
            "status": { "type": "integer", "minimum": 400, "maximum": 599 },
            "detail": { "type": "string", "description": "One sentence about this very case." },
            "request_id": { "type": "string", "description": "The id of this request, as the log has it." },
            "errors": {
                "type": "object",
                "description": "From the path of a field to what is wrong with it; `$` is the whole body. At most 100 paths.",
                "additionalProperties": { "type": "array", "minItems": 1, "items": { "type": "string" } },
            },
            "errors_total": { "type": "integer", "minimum": 1, "description": "How many fields are wrong." },
            "available": { "type": "array", "items": { "type": "string" }, "description": "The formats there are." },
        },
    })
}

pub fn invalid_input_schema() -> Value {
    json!({
        "allOf": [{ "$ref": "#/components/schemas/Problem" }],
        "required": ["errors", "errors_total"],
        "description": "All errors of a payload at once.",
    })
}
