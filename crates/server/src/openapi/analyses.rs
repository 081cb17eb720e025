//! The operations of one analysis.

use clientela_analyses::{AnyAnalysis, Context, Date, Format, Language, Models, StopToken};
use serde_json::{Map, Value, json};

use super::parts::{self, ANALYSES_TAG};
use super::schemas::Schemas;

const PROBLEMS: [u16; 13] = [
    400, 401, 403, 405, 406, 408, 413, 414, 415, 422, 500, 503, 504,
];

/// What may go wrong besides where a model is saved.
const NO_ROOM: u16 = 409;

/// Adds every name of `analysis` as a path, with schemas and examples.
pub fn describe(
    analysis: &dyn AnyAnalysis,
    schemas: &mut Schemas,
    examples: &mut Map<String, Value>,
    paths: &mut Map<String, Value>,
) {
    let request = schemas.request(analysis);
    let response = answer_schema(analysis, schemas);
    let [asked, answered] = ["Request", "Response"].map(|end| format!("{}_{end}", analysis.name()));
    if let Ok(example) = serde_json::from_str::<Value>(analysis.example()) {
        examples.insert(
            asked.clone(),
            json!({ "summary": "An example", "value": example }),
        );
    }
    let answer = example_answer(analysis);
    let has_answer = answer.is_some();
    if let Some(answer) = answer {
        examples.insert(
            answered.clone(),
            json!({ "summary": "Its answer", "value": answer }),
        );
    }
    for (index, route) in analysis.routes().iter().enumerate() {
        let mut json_content = json!({ "schema": response });
        if has_answer {
            json_content["examples"] = example_reference(&answered);
        }
        let operation = json!({
            "operationId": route,
            "tags": [ANALYSES_TAG],
            "summary": analysis.summary(),
            "description": description(analysis, index),
            "security": parts::analysis_security(),
            "parameters": parameters(analysis),
            "requestBody": {
                "required": true,
                "content": { "application/json": {
                    "schema": request,
                    "examples": example_reference(&asked),
                } },
            },
            "responses": responses(analysis, json_content),
        });
        paths.insert(format!("/api/v1/ai/{route}"), json!({ "post": operation }));
    }
}

fn example_reference(name: &str) -> Value {
    json!({ "basic": { "$ref": format!("#/components/examples/{name}") } })
}

/// Where JSON has a second form, either may come.
fn answer_schema(analysis: &dyn AnyAnalysis, schemas: &mut Schemas) -> Value {
    let response = schemas.response(analysis);
    if !analysis.formats().contains(&Format::Sunburst) {
        return response;
    }
    let node = schemas.plain(
        "SunburstNode",
        json!({
            "type": "object",
            "description": "A node of a tree as sunburst charts read it; leaves have no children.",
            "required": ["name", "value"],
            "properties": {
                "name": { "type": "string" },
                "value": { "type": "number" },
                "children": { "type": "array", "items": { "$ref": "#/components/schemas/SunburstNode" } },
            },
        }),
    );
    json!({ "anyOf": [response, node] })
}

fn description(analysis: &dyn AnyAnalysis, index: usize) -> String {
    let name = analysis.name();
    let second = if index > 0 {
        format!("A second name for `{name}`. ")
    } else {
        String::new()
    };
    let route = analysis.routes()[index];
    format!("{second}Also served at `/api/{route}`. Method, limits and references: `/docs/{name}`.")
}

fn parameters(analysis: &dyn AnyAnalysis) -> Value {
    let names: Vec<&str> = analysis.formats().iter().map(|f| f.name()).collect();
    let reference = |name: &str| json!({ "$ref": format!("#/components/parameters/{name}") });
    json!([
        reference("lang"),
        {
            "name": "format", "in": "query", "required": false,
            "description": "Form of the answer; decides before `Accept`.",
            "schema": { "type": "string", "enum": names, "default": Format::default().name() },
        },
        reference("acceptLanguage"),
        reference("requestId"),
    ])
}

fn responses(analysis: &dyn AnyAnalysis, json_content: Value) -> Value {
    let mut content = Map::new();
    content.insert(Format::Json.media_type().to_owned(), json_content);
    for format in analysis.formats() {
        let media_type = format.media_type().split(';').next().unwrap_or_default();
        content
            .entry(media_type)
            .or_insert_with(|| json!({ "schema": { "type": "string" } }));
    }
    let mut headers = vec![
        ("X-Request-Id", "RequestId"),
        ("Content-Language", "ContentLanguage"),
        ("Server-Timing", "ServerTiming"),
        ("X-Secret-Age-Days", "SecretAgeDays"),
        ("X-Run", "Run"),
        ("X-Warnings", "Warnings"),
    ];
    let mut problems = PROBLEMS.to_vec();
    if analysis.has_models() {
        headers.push(("X-Model-Id", "ModelId"));
        problems.push(NO_ROOM);
        problems.sort_unstable();
    }
    let mut responses = Map::new();
    responses.insert(
        "200".to_owned(),
        json!({
            "description": "The answer.",
            "headers": parts::header_references(&headers),
            "content": content,
        }),
    );
    responses.extend(parts::problems(&problems));
    Value::Object(responses)
}

/// Larger answers would bury the document; their shape is told by the schema.
const EXAMPLE_BYTES_MAX: usize = 24 << 10;

/// What the analysis answers to its example, computed; its duration left out, so that the document is the same everywhere.
fn example_answer(analysis: &dyn AnyAnalysis) -> Option<Value> {
    let context = Context {
        language: Some(Language::En),
        today: Date::from_ymd(2025, 6, 30)?,
        format: Format::Json,
        models: Models::none(),
        stop: StopToken::new(),
    };
    let document = analysis.run(analysis.example().as_bytes(), &context).ok()?;
    if document.body.len() > EXAMPLE_BYTES_MAX {
        return None;
    }
    let mut answer: Value = serde_json::from_slice(&document.body).ok()?;
    if let Some(duration) = answer.pointer_mut("/run/duration_ms") {
        *duration = json!(1.5);
    }
    Some(answer)
}
