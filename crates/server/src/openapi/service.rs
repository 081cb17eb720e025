//! The operations that are no analyses.

use serde_json::{Map, Value, json};

use super::parts::{self, ADMIN_TAG, SERVICE_TAG};
use super::schemas::Schemas;
use crate::admin::{
    CreatedCustomer, Customer, CustomerChange, Customers, NewCustomer, RotatedCustomer,
};

/// Adds the routes of tenants and of the service, and the shapes of problems.
pub fn describe(schemas: &mut Schemas, paths: &mut Map<String, Value>) {
    schemas.plain("Problem", parts::problem_schema());
    schemas.plain("InvalidInput", parts::invalid_input_schema());
    customers(schemas, paths);
    service(paths);
}

/// What may go wrong on every admin route.
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

fn customers(schemas: &mut Schemas, paths: &mut Map<String, Value>) {
    let customer = schemas.written::<Customer>();
    let id = json!([{ "$ref": "#/components/parameters/customerApiId" }]);
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
    let create = operation(
        "create_customer",
        "A new customer, with the only sight of its secret",
        (
            201,
            "The customer and its secret.",
            schemas.written::<CreatedCustomer>(),
        ),
        &[&WITH_BODY[..], &[409]].concat(),
    );
    let create = with_body(
        create,
        &schemas.read::<NewCustomer>(),
        &json!({ "name": "Corner shop", "allowed_routes": ["customer_rfm"], "plan": "trial" }),
    );
    paths.insert(
        "/admin/customers".to_owned(),
        json!({ "get": list, "post": create }),
    );

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
    paths.insert(
        "/admin/customers/{customer_api_id}".to_owned(),
        json!({ "parameters": id, "get": get, "put": update, "delete": disable }),
    );

    let rotate = operation(
        "rotate_secret",
        "A new secret; the one before stays valid for a while",
        (
            200,
            "The customer and its new secret.",
            schemas.written::<RotatedCustomer>(),
        ),
        &[404],
    );
    paths.insert(
        "/admin/customers/{customer_api_id}/rotate".to_owned(),
        json!({ "parameters": id, "post": rotate }),
    );
}

fn service(paths: &mut Map<String, Value>) {
    let status = |words: &[&str]| {
        json!({
            "type": "object",
            "required": words,
            "properties": words.iter().map(|&word| (word.to_owned(), json!({ "type": "string" }))).collect::<Map<_, _>>(),
        })
    };
    let text = || json!({ "type": "string" });
    let routes = [
        (
            "/health",
            "health",
            "Whether the process answers",
            "application/json",
            status(&["status", "version"]),
            &[][..],
        ),
        (
            "/ready",
            "ready",
            "Whether requests would be served",
            "application/json",
            status(&["status"]),
            &[503],
        ),
        (
            "/metrics",
            "metrics",
            "Figures for Prometheus; they tell of load, never of customers",
            "text/plain",
            text(),
            &[],
        ),
        (
            "/openapi.json",
            "openapi",
            "This document",
            "application/json",
            json!({ "type": "object" }),
            &[503],
        ),
        (
            "/docs",
            "docs",
            "Documentation for people",
            "text/html",
            text(),
            &[503],
        ),
    ];
    for (path, id, summary, media_type, schema, problems) in routes {
        let mut responses = Map::new();
        responses.insert(
            "200".to_owned(),
            json!({
                "description": summary,
                "headers": parts::header_references(&[("X-Request-Id", "RequestId")]),
                "content": { media_type: { "schema": schema } },
            }),
        );
        let statuses = [&[405, 500], problems].concat();
        responses.extend(parts::problems(&statuses));
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
