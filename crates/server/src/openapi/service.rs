//! The operations that are no analyses.

use serde_json::{Map, Value, json};

use super::parts::{self, ADMIN_TAG, MODELS_TAG, SERVICE_TAG};
use super::schemas::Schemas;
use crate::admin::{
    CreatedCustomer, Customer, CustomerChange, Customers, NewCustomer, RotatedCustomer,
};
use crate::models::{Model, ModelList};

/// Adds the routes of models, of tenants and of the service, and the shapes of problems.
pub fn describe(schemas: &mut Schemas, paths: &mut Map<String, Value>) {
    schemas.plain("Problem", parts::problem_schema());
    schemas.plain("InvalidInput", parts::invalid_input_schema());
    models(schemas, paths);
    customers(schemas, paths);
    service(paths);
}

/// What may go wrong on every route of models and of the admin.
const COMMON: [u16; 6] = [401, 403, 405, 414, 500, 503];
/// What may go wrong with a body besides.
const WITH_BODY: [u16; 5] = [400, 408, 413, 415, 422];

fn operation(id: &str, summary: &str, answer: (u16, &str, Value), problems: &[u16]) -> Value {
    let (status, description, schema) = answer;
    let mut responses = Map::new();
    let mut headers = vec![("X-Request-Id", "RequestId")];
    if status == 201 {
        headers.push(("Location", "Location"));
    }
    responses.insert(
        status.to_string(),
        json!({
            "description": description,
            "headers": parts::header_references(&headers),
            "content": { "application/json": { "schema": schema } },
        }),
    );
    let mut statuses: Vec<u16> = COMMON.iter().chain(problems).copied().collect();
    statuses.sort_unstable();
    responses.extend(parts::problems(&statuses));
    json!({
        "operationId": id,
        "tags": [ADMIN_TAG],
        "summary": summary,
        "security": parts::admin_security(),
        "parameters": [],
        "responses": responses,
    })
}

fn with_body(mut operation: Value, schema: &Value, example: &Value) -> Value {
    operation["requestBody"] = json!({
        "required": false,
        "content": { "application/json": { "schema": schema, "example": example } },
    });
    operation
}

/// Listing, reading and removing the caller's own models.
fn models(schemas: &mut Schemas, paths: &mut Map<String, Value>) {
    let list = schemas.written::<ModelList>();
    let model = schemas.written::<Model>();
    let described = |id: &str, summary: &str, answer: (&str, &Value), problems: &[u16]| {
        let (description, schema) = answer;
        let mut operation = operation(id, summary, (200, description, schema.clone()), problems);
        operation["tags"] = json!([MODELS_TAG]);
        operation["security"] = parts::analysis_security();
        operation["responses"]["200"]["headers"] = Value::Object(parts::header_references(&[
            ("X-Request-Id", "RequestId"),
            ("X-Secret-Age-Days", "SecretAgeDays"),
        ]));
        operation
    };
    let listed = described(
        "list_models",
        "Your saved models, newest first",
        ("The models.", &list),
        &[],
    );
    paths.insert("/api/v1/models".to_owned(), json!({ "get": listed }));
    let get = described(
        "get_model",
        "One of your saved models",
        ("The model.", &model),
        &[404],
    );
    let delete = described(
        "delete_model",
        "Removes one of your saved models; requests that name it are 422 from then on",
        ("The model that was removed.", &model),
        &[404],
    );
    paths.insert(
        "/api/v1/models/{model_id}".to_owned(),
        json!({
            "parameters": [{ "$ref": "#/components/parameters/modelId" }],
            "get": get, "delete": delete,
        }),
    );
}

fn customers(schemas: &mut Schemas, paths: &mut Map<String, Value>) {
    let id = json!([{ "$ref": "#/components/parameters/customerApiId" }]);
    let [list, create] = [list(schemas), create(schemas)];
    paths.insert(
        "/admin/customers".to_owned(),
        json!({ "get": list, "post": create }),
    );
    let [get, update, disable] = one(schemas);
    paths.insert(
        "/admin/customers/{customer_api_id}".to_owned(),
        json!({ "parameters": id, "get": get, "put": update, "delete": disable }),
    );
    let rotated = schemas.written::<RotatedCustomer>();
    let rotate = operation(
        "rotate_secret",
        "A new secret; the one before stays valid for a while",
        (200, "The customer and its new secret.", rotated),
        &[404],
    );
    paths.insert(
        "/admin/customers/{customer_api_id}/rotate".to_owned(),
        json!({ "parameters": id, "post": rotate }),
    );
}

fn list(schemas: &mut Schemas) -> Value {
    let mut list = operation(
        "list_customers",
        "All customers, oldest first",
        (200, "The customers.", schemas.written::<Customers>()),
        &[422],
    );
    list["parameters"] = json!([{
        "name": "include_disabled", "in": "query", "required": false,
        "description": "Whether disabled customers are listed too.",
        "schema": { "type": "boolean", "default": false },
    }]);
    list
}

fn create(schemas: &mut Schemas) -> Value {
    let created = schemas.written::<CreatedCustomer>();
    let create = operation(
        "create_customer",
        "A new customer, with the only sight of its secret",
        (201, "The customer and its secret.", created),
        &[&WITH_BODY[..], &[409]].concat(),
    );
    with_body(
        create,
        &schemas.read::<NewCustomer>(),
        &json!({ "name": "Corner shop", "allowed_routes": ["customer_rfm"], "plan": "trial" }),
    )
}

/// Reading, changing and disabling one customer.
fn one(schemas: &mut Schemas) -> [Value; 3] {
    let customer = schemas.written::<Customer>();
    let get = operation(
        "get_customer",
        "One customer",
        (200, "The customer.", customer.clone()),
        &[404],
    );
    let update = operation(
        "update_customer",
        "Changes what is sent",
        (200, "The customer after the change.", customer.clone()),
        &[&WITH_BODY[..], &[404]].concat(),
    );
    let update = with_body(
        update,
        &schemas.read::<CustomerChange>(),
        &json!({ "allowed_routes": ["*"], "enabled": true }),
    );
    let disable = operation(
        "disable_customer",
        "Disables a customer; it can be enabled again",
        (200, "The customer, disabled.", customer),
        &[404],
    );
    [get, update, disable]
}

/// A route without credentials: path, what it tells, media type of the answer, and the statuses of its problems.
type Open = (&'static str, &'static str, &'static str, &'static [u16]);

const OPEN: [Open; 5] = [
    ("/health", "Whether the process answers", JSON, &[405, 500]),
    (
        "/ready",
        "Whether requests would be served",
        JSON,
        &[405, 500, 503],
    ),
    (
        "/metrics",
        "Figures for Prometheus; they tell of load, never of customers",
        "text/plain",
        &[405, 500],
    ),
    ("/openapi.json", "This document", JSON, &[405, 500, 503]),
    (
        "/docs",
        "Documentation for people",
        "text/html",
        &[405, 500, 503],
    ),
];
const JSON: &str = "application/json";

fn service(paths: &mut Map<String, Value>) {
    for (path, summary, media_type, problems) in OPEN {
        let mut responses = Map::new();
        responses.insert(
            "200".to_owned(),
            json!({
                "description": summary,
                "headers": parts::header_references(&[("X-Request-Id", "RequestId")]),
                "content": { media_type: { "schema": answer_of(path) } },
            }),
        );
        responses.extend(parts::problems(problems));
        let id = path.trim_start_matches('/').trim_end_matches(".json");
        paths.insert(
            path.to_owned(),
            json!({ "get": {
                "operationId": id,
                "tags": [SERVICE_TAG],
                "summary": summary,
                "security": [],
                "responses": responses,
            } }),
        );
    }
}

fn answer_of(path: &str) -> Value {
    let text = json!({ "type": "string" });
    match path {
        "/health" => json!({
            "type": "object",
            "required": ["status", "version"],
            "properties": { "status": text, "version": text },
        }),
        "/ready" => json!({
            "type": "object",
            "required": ["status"],
            "properties": { "status": text },
        }),
        "/openapi.json" => json!({ "type": "object" }),
        _ => text,
    }
}
