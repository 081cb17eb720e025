//! `/openapi.json`: true to what the server does.

use std::collections::BTreeSet;

use clientela_test_support::recall::RECALL;
use serde_json::{Value, json};

use super::support::*;

/// A validator for the schema at `pointer`, with the document's own schemas in reach.
fn validator(document: &Value, schema: &Value) -> jsonschema::Validator {
    let mut whole = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "allOf": [schema],
    });
    whole["components"] = document["components"].clone();
    jsonschema::validator_for(&whole).expect("a valid schema")
}

#[track_caller]
fn validate(document: &Value, schema: &Value, value: &Value, what: &str) {
    let validator = validator(document, schema);
    let errors: Vec<String> = validator
        .iter_errors(value)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{what}: {errors:#?}");
}

fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            if operation.is_object() {
                found.push((path.clone(), method.to_uppercase(), operation.clone()));
            }
        }
    }
    found
}

fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    match value["$ref"].as_str() {
        Some(reference) => document.pointer(&reference[1..]).expect("a target"),
        None => value,
    }
}

#[tokio::test]
async fn every_example_is_answered_as_described() {
    let server = Server::usual().await;
    let document = server.send(get("/openapi.json")).await.ok();
    assert_eq!(document["openapi"], "3.1.0");
    let mut n_examples = 0;
    for (path, method, operation) in operations(&document) {
        if !path.starts_with("/api/v1/ai/") {
            continue;
        }
        let content = &operation["requestBody"]["content"]["application/json"];
        let example = resolved(&document, &content["examples"]["basic"]);
        validate(&document, &content["schema"], &example["value"], &path);
        assert_eq!(method, "POST");
        let answer = server
            .send(post(&path, example["value"].to_string()).admin())
            .await
            .ok();
        let described = &operation["responses"]["200"]["content"]["application/json"];
        validate(&document, &described["schema"], &answer, &path);
        let shown = resolved(&document, &described["examples"]["basic"]);
        if shown.is_object() {
            validate(&document, &described["schema"], &shown["value"], &path);
        }
        n_examples += 1;
    }
    let n_routes: usize = clientela_analyses::ALL
        .iter()
        .map(|analysis| analysis.routes().len())
        .sum();
    assert_eq!(n_examples, n_routes);
}

#[tokio::test]
async fn problems_look_as_described() {
    let server = Server::usual().await;
    let document = server.send(get("/openapi.json")).await.ok();
    for (path, _, operation) in operations(&document) {
        if !path.starts_with("/api/v1/ai/") {
            continue;
        }
        for (request, status) in [
            (post(&path, "{}"), 401),
            (post(&path, "{").admin(), 400),
            (post(&path, "3").admin(), 422),
            (
                post(&path, "x").admin().with("content-type", "text/csv"),
                415,
            ),
            (post(&path, "x").admin().with("accept", "video/mp4"), 406),
        ] {
            let answer = server.send(request).await;
            assert_eq!(answer.status, status, "{path}");
            let described = resolved(&document, &operation["responses"][status.to_string()]);
            let schema = &described["content"]["application/problem+json"]["schema"];
            validate(&document, schema, &answer.json(), &path);
        }
    }
}

#[tokio::test]
async fn the_admin_routes_do_as_described() {
    let server = Server::usual().await;
    let document = server.send(get("/openapi.json")).await.ok();
    let described = |path: &str, method: &str, status: &str| {
        document["paths"][path][method]["responses"][status]["content"]["application/json"]
            ["schema"]
            .clone()
    };
    let one = "/admin/customers/{customer_api_id}";
    let operation = &document["paths"]["/admin/customers"]["post"];
    let example = &operation["requestBody"]["content"]["application/json"];
    validate(&document, &example["schema"], &example["example"], "create");
    let creation = post("/admin/customers", example["example"].to_string()).admin();
    let created = server.send(creation).await.json();
    let schema = described("/admin/customers", "post", "201");
    validate(&document, &schema, &created, "create");
    let uri = format!(
        "/admin/customers/{}",
        created["customer_api_id"].as_str().unwrap()
    );
    let change =
        document["paths"][one]["put"]["requestBody"]["content"]["application/json"]["example"]
            .to_string();
    let put = || request("PUT", &uri).body(change.clone().into()).unwrap();
    let delete = || request("DELETE", &uri).body("".into()).unwrap();
    for (request, path, method) in [
        (get("/admin/customers"), "/admin/customers", "get"),
        (get(&uri), one, "get"),
        (put(), one, "put"),
        (
            post(&format!("{uri}/rotate"), ""),
            "/admin/customers/{customer_api_id}/rotate",
            "post",
        ),
        (delete(), one, "delete"),
    ] {
        let answer = server.send(request.admin()).await.ok();
        let schema = described(path, method, "200");
        validate(&document, &schema, &answer, &format!("{method} {path}"));
    }
}

#[tokio::test]
async fn the_routes_of_models_do_as_described() {
    let server = Server::with(config(), RECALL).await;
    let document = clientela_server::openapi::document();
    let body = r#"{"values": [1, 2, 6], "save_model": true}"#;
    let saved = post("/api/recall", body).admin();
    let id = server.send(saved).await.ok()["model_id"].clone();
    let uri = format!("/api/v1/models/{}", id.as_str().unwrap());
    let one = "/api/v1/models/{model_id}";
    let delete = || request("DELETE", &uri).body("".into()).unwrap();
    for (request, path, method, status) in [
        (get("/api/v1/models"), "/api/v1/models", "get", 401),
        (get("/api/v1/models").admin(), "/api/v1/models", "get", 200),
        (get(&uri).admin(), one, "get", 200),
        (delete().admin(), one, "delete", 200),
        (get(&uri).admin(), one, "get", 404),
        (delete().admin(), one, "delete", 404),
    ] {
        let answer = server.send(request).await;
        assert_eq!(answer.status, status, "{method} {path}");
        let described = &document["paths"][path][method]["responses"][status.to_string()];
        let content = &resolved(&document, described)["content"];
        let schema = &content[answer.header("content-type")]["schema"];
        assert!(schema.is_object(), "{method} {path} {status}");
        validate(
            &document,
            schema,
            &answer.json(),
            &format!("{method} {path}"),
        );
    }
}

#[test]
fn no_two_shapes_share_a_name() {
    let ambiguous = clientela_server::openapi::ambiguous_schema_names();
    assert!(ambiguous.is_empty(), "{ambiguous:?}");
}

#[test]
fn the_document_is_the_same_each_time_and_every_reference_has_a_target() {
    let document = clientela_server::openapi::document();
    assert_eq!(
        document.to_string(),
        clientela_server::openapi::document().to_string()
    );
    let mut references = BTreeSet::new();
    collect_references(&document, &mut references);
    for reference in references {
        let target = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(target).is_some(), "{reference}");
    }
    let ids: Vec<Value> = operations(&document)
        .into_iter()
        .map(|(_, _, operation)| operation["operationId"].clone())
        .collect();
    let unique: BTreeSet<String> = ids.iter().map(ToString::to_string).collect();
    assert_eq!(unique.len(), ids.len());
}

fn collect_references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(reference)) = fields.get("$ref") {
                found.insert(reference.clone());
            }
            for inner in fields.values() {
                collect_references(inner, found);
            }
        }
        Value::Array(items) => {
            for item in items {
                collect_references(item, found);
            }
        }
        _ => {}
    }
}
