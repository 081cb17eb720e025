//! `/api/v1/models`, and the requests that save and read models.

use axum::body::Body;
use axum::http::Request;
use clientela_server::ServerConfig;
use clientela_store::{ModelLimits, ModelOwner, NewModel, NewTenant, Store, TenantPatch};
use clientela_test_support::recall::RECALL;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::support::*;

const RECALL_PATH: &str = "/api/v1/ai/recall";
const MODELS: &str = "/api/v1/models";
const NOBODYS: &str = "ba7816bf8f01cfea414140de5dae2223";

async fn server() -> Server {
    Server::with(config(), RECALL).await
}

/// A request whose answer saves the mean of one value.
fn saving(value: usize) -> Request<Body> {
    let body = json!({ "values": [value], "save_model": true });
    post(RECALL_PATH, body.to_string())
}

fn reading(id: &str) -> Request<Body> {
    let body = json!({ "values": [10], "model_id": id });
    post(RECALL_PATH, body.to_string())
}

fn one(id: &str) -> String {
    format!("{MODELS}/{id}")
}

fn delete(id: &str) -> Request<Body> {
    request("DELETE", &one(id)).body(Body::empty()).unwrap()
}

async fn save(server: &Server, request: Request<Body>) -> String {
    let answer = server.send(request).await.ok();
    answer["model_id"].as_str().expect("an id").to_owned()
}

async fn ids(server: &Server, request: Request<Body>) -> Vec<String> {
    let listed = server.send(request).await.ok();
    let models = listed["models"].as_array().unwrap();
    let ids = models.iter().map(|model| model["model_id"].as_str());
    ids.map(|id| id.unwrap().to_owned()).collect()
}

#[tokio::test]
async fn an_answer_saves_its_model_before_it_names_it() {
    let server = server().await;
    let tenant = server.tenant(NewTenant::default()).await;
    let before = Timestamp::now();
    let answer = server.send(saving(3).credentials(&tenant)).await;
    let id = answer.ok()["model_id"].as_str().unwrap().to_owned();
    assert_eq!(answer.header("x-model-id"), id);
    assert!(answer.header("server-timing").contains("save;dur="));

    let list = get(MODELS).credentials(&tenant);
    let answer = server.send(list).await;
    assert_eq!(answer.header("cache-control"), "no-store");
    let listed = answer.ok();
    let model = &listed["models"][0];
    let created: Timestamp = model["created"].as_str().unwrap().parse().unwrap();
    assert!(created.duration_since(before) > SignedDuration::from_millis(-2));
    let mut expected = json!({
        "model_id": id, "route": "recall", "created": model["created"], "n_rows": 1, "size_bytes": 8,
        "format_version": 2, "summary": { "mean": 3.0 },
    });
    assert_eq!(listed, json!({ "models": [expected] }));
    expected = server.send(get(&one(&id)).credentials(&tenant)).await.ok();
    assert_eq!(*model, expected);

    let unsaved = post(RECALL_PATH, r#"{"values": [3]}"#).credentials(&tenant);
    let answer = server.send(unsaved).await;
    assert_eq!(answer.header("x-model-id"), "");
    assert_eq!(answer.ok()["model_id"], Value::Null);
}

#[tokio::test]
async fn the_same_request_saves_one_model_even_many_times_at_once() {
    let server = server().await;
    let tenant = server.tenant(NewTenant::default()).await;
    let requests = (0..12).map(|index| server.send(saving(index % 3).credentials(&tenant)));
    for answer in futures_util::future::join_all(requests).await {
        answer.ok();
    }
    let mut known = ids(&server, get(MODELS).credentials(&tenant)).await;
    assert_eq!(known.len(), 3);
    let last = save(&server, saving(7).credentials(&tenant)).await;
    known.insert(0, last);
    let listed = ids(&server, get(MODELS).credentials(&tenant)).await;
    assert_eq!(listed, known, "the newest comes first");
}

#[tokio::test]
async fn a_saved_model_scores_later_requests_until_it_is_deleted() {
    let server = server().await;
    let tenant = server.tenant(NewTenant::default()).await;
    let id = save(&server, saving(3).credentials(&tenant)).await;
    let known = server.send(get(&one(&id)).credentials(&tenant)).await.ok();
    let scored = server.send(reading(&id).credentials(&tenant)).await.ok();
    assert_eq!(scored["deviations"], json!([7.0]));

    // Published clients send a body and its type with every request.
    let gone = request("DELETE", &one(&id))
        .header("content-type", "text/plain")
        .body("ignored".into())
        .unwrap();
    assert_eq!(server.send(gone.credentials(&tenant)).await.ok(), known);
    let answer = server.send(delete(&id).credentials(&tenant)).await;
    answer.problem(404, "model-not-found");
    let answer = server.send(reading(&id).credentials(&tenant)).await;
    let problem = answer.problem(422, "invalid-input");
    assert!(
        problem["errors"]["model_id"][0]
            .as_str()
            .unwrap()
            .contains("deleted")
    );
    assert_eq!(save(&server, saving(3).credentials(&tenant)).await, id);
    server.send(reading(&id).credentials(&tenant)).await.ok();
}

#[tokio::test]
async fn a_model_of_another_tenant_is_like_one_that_never_was() {
    let server = server().await;
    let owner = server.tenant(NewTenant::default()).await;
    let other = server.tenant(NewTenant::default()).await;
    let id = save(&server, saving(3).credentials(&owner)).await;
    assert!(
        ids(&server, get(MODELS).credentials(&other))
            .await
            .is_empty()
    );
    let without_request_id = |mut problem: Value| {
        problem["request_id"] = Value::Null;
        problem
    };
    for make in [
        |id: &str| get(&one(id)),
        |id: &str| delete(id),
        |id: &str| reading(id),
    ] {
        let [foreign, unknown] = [&*id, NOBODYS].map(|id| make(id).credentials(&other));
        let foreign = server.send(foreign).await;
        assert!(matches!(foreign.status.as_u16(), 404 | 422));
        let unknown = server.send(unknown).await;
        assert_eq!(
            without_request_id(foreign.json()),
            without_request_id(unknown.json())
        );
    }
    let same = save(&server, saving(3).credentials(&other)).await;
    assert_eq!(same, id);
    server.send(delete(&id).credentials(&other)).await.ok();
    server.send(reading(&id).credentials(&owner)).await.ok();
}

#[tokio::test]
async fn a_disabled_tenant_finds_its_models_again_once_it_is_enabled() {
    let server = server().await;
    let tenant = server.tenant(NewTenant::default()).await;
    let id = save(&server, saving(3).credentials(&tenant)).await;
    let tenant_id = tenant.id.parse().unwrap();
    let now = Timestamp::now();
    server.store.disable(tenant_id, now).await.unwrap();
    for request in [get(MODELS), get(&one(&id)), delete(&id), reading(&id)] {
        let answer = server.send(request.credentials(&tenant)).await;
        answer.problem(403, "tenant-disabled");
    }
    let enable = TenantPatch {
        enabled: Some(true),
        ..TenantPatch::default()
    };
    server.store.update(tenant_id, enable, now).await.unwrap();
    assert_eq!(ids(&server, get(MODELS).credentials(&tenant)).await, [id]);
}

#[tokio::test]
async fn a_tenant_sees_its_own_whatever_its_routes() {
    let server = server().await;
    let since = Timestamp::now() - SignedDuration::from_hours(24 * 100);
    let tenant = server.tenant_since(NewTenant::default(), since).await;
    let id = save(&server, saving(3).credentials(&tenant)).await;
    let none = TenantPatch {
        allowed_routes: Some(Vec::new()),
        ..TenantPatch::default()
    };
    let tenant_id = tenant.id.parse().unwrap();
    let now = Timestamp::now();
    server.store.update(tenant_id, none, now).await.unwrap();
    let answer = server.send(reading(&id).credentials(&tenant)).await;
    answer.problem(403, "route-not-allowed");
    for request in [get(MODELS), get(&one(&id)), delete(&id)] {
        let answer = server.send(request.credentials(&tenant)).await;
        answer.ok();
        assert_eq!(answer.header("x-secret-age-days"), "100");
    }
}

#[tokio::test]
async fn nobody_and_anybody_wrong_is_401() {
    let server = server().await;
    for request in [get(MODELS), get(&one(NOBODYS)), delete(NOBODYS)] {
        server.send(request).await.problem(401, "unauthorized");
    }
    let wrong = get(MODELS).with("x-admin-secret", "wrong");
    server.send(wrong).await.problem(401, "unauthorized");
}

#[tokio::test]
async fn the_admin_and_the_open_tenant_have_models_of_their_own() {
    let server = Server::with(open_config(), RECALL).await;
    let tenant = server.tenant(NewTenant::default()).await;
    let of_tenant = save(&server, saving(1).credentials(&tenant)).await;
    let of_admin = save(&server, saving(2).admin()).await;
    let of_open = save(&server, saving(3)).await;
    assert_eq!(
        ids(&server, get(MODELS).credentials(&tenant)).await,
        [of_tenant]
    );
    assert_eq!(ids(&server, get(MODELS).admin()).await, [of_admin.as_str()]);
    assert_eq!(ids(&server, get(MODELS)).await, [of_open.as_str()]);
    let answer = server.send(reading(&of_admin)).await;
    answer.problem(422, "invalid-input");
    server.send(reading(&of_open)).await.ok();
    let answer = server.send(delete(&of_open).admin()).await;
    answer.problem(404, "model-not-found");
}

#[tokio::test]
async fn the_anonymous_tenant_keeps_what_was_saved_without_credentials() {
    let store = Store::in_memory().await.unwrap();
    let now = Timestamp::now();
    let (tenant, secret) = store.create(NewTenant::default(), now).await.unwrap();
    let config = ServerConfig {
        anonymous_tenant: Some(tenant.customer_api_id.to_string()),
        ..config()
    };
    let server = Server::on(config, RECALL, store).await;
    let id = save(&server, saving(3)).await;
    assert_eq!(ids(&server, get(MODELS)).await, [id.as_str()]);
    let own = Credentials {
        id: tenant.customer_api_id.to_string(),
        secret: secret.expose().to_owned(),
    };
    assert_eq!(ids(&server, get(MODELS).credentials(&own)).await, [id]);
}

#[tokio::test]
async fn beyond_the_limit_a_model_is_409_and_the_known_ones_are_still_saved() {
    let server = server().await;
    let tenant = server.tenant(NewTenant::default()).await;
    let first = save(&server, saving(0).credentials(&tenant)).await;
    for value in 1..clientela_analyses::limits::MODELS_MAX {
        save(&server, saving(value).credentials(&tenant)).await;
    }
    for (language, expected) in [
        (
            "en",
            "The model was not saved: 100 are kept with 1 MiB together",
        ),
        ("es", "El modelo no se guardó: hay 100 guardados"),
        ("pt", "O modelo não foi salvo: há 100 salvos"),
    ] {
        // The language of the body decides, though the analysis itself had an answer.
        let body = json!({ "values": [1000], "save_model": true, "lang": language });
        let request = post(RECALL_PATH, body.to_string()).credentials(&tenant);
        let answer = server.send(request).await;
        let problem = answer.problem(409, "models-full");
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.starts_with(expected), "{detail}");
        assert_eq!(answer.header("x-model-id"), "");
    }
    assert_eq!(save(&server, saving(0).credentials(&tenant)).await, first);
    let other = server.tenant(NewTenant::default()).await;
    save(&server, saving(1000).credentials(&other)).await;

    server.send(delete(&first).credentials(&tenant)).await.ok();
    save(&server, saving(1000).credentials(&tenant)).await;
}

#[tokio::test]
async fn a_model_that_is_too_large_is_422() {
    let server = server().await;
    let size_bytes = clientela_analyses::limits::MODEL_BYTES_MAX + 1;
    let body = json!({ "values": [1], "save_model": true, "size_bytes": size_bytes });
    let answer = server
        .send(post(RECALL_PATH, body.to_string()).admin())
        .await;
    let problem = answer.problem(422, "invalid-input");
    assert!(problem["errors"]["save_model"].is_array());
    assert!(ids(&server, get(MODELS).admin()).await.is_empty());
}

#[tokio::test]
async fn a_store_that_is_away_is_503_for_whoever_needs_models() {
    let server = server().await;
    let id = save(&server, saving(3).admin()).await;
    server.store.close().await;
    for request in [
        get(MODELS),
        get(&one(&id)),
        delete(&id),
        saving(3),
        reading(&id),
    ] {
        let answer = server.send(request.admin()).await;
        answer.problem(503, "store-away");
        assert!(answer.header("retry-after").parse::<u32>().unwrap() > 0);
    }
    let plain = post(RECALL_PATH, r#"{"values": [3]}"#).admin();
    server.send(plain).await.ok();
    let spanish = json!({ "values": [3], "model_id": id, "lang": "es" });
    let spanish = post(RECALL_PATH, spanish.to_string()).admin();
    let problem = server.send(spanish).await.problem(503, "store-away");
    assert!(
        problem["detail"]
            .as_str()
            .unwrap()
            .starts_with("El almacén")
    );
}

#[tokio::test]
async fn a_model_whose_content_is_not_what_its_name_says_is_503() {
    let server = server().await;
    let summary = serde_json::Map::new();
    let damaged = NewModel {
        model_id: NOBODYS,
        route: "recall",
        format: 2,
        n_rows: 1,
        summary: &summary,
        content: b"12345678",
    };
    let limits = ModelLimits {
        models_max: 1,
        bytes_max: 8,
    };
    let now = Timestamp::now();
    let saved = server
        .store
        .save_model(ModelOwner::Operator, damaged, limits, now);
    saved.await.unwrap();
    let answer = server.send(reading(NOBODYS).admin()).await;
    answer.problem(503, "store-away");
    server.send(delete(NOBODYS).admin()).await.ok();
}

#[tokio::test]
async fn an_unknown_model_is_404_in_every_language() {
    let server = server().await;
    let upper = NOBODYS.to_uppercase();
    for id in [NOBODYS, &upper, "x", "..", "%20", "%FF", "%00"] {
        for (language, expected) in [
            ("en", "You have no saved model with this model_id."),
            (
                "es",
                "Usted no tiene ningún modelo guardado con este model_id.",
            ),
            ("pt", "Você não tem nenhum modelo salvo com este model_id."),
        ] {
            for request in [get(&one(id)), delete(id)] {
                let request = request.admin().with("accept-language", language);
                let answer = server.send(request).await;
                let problem = answer.problem(404, "model-not-found");
                assert_eq!(problem["detail"], expected);
            }
        }
    }
}

#[tokio::test]
async fn other_methods_and_addresses_are_refused() {
    let server = server().await;
    for (method, uri, allow) in [
        ("POST", MODELS.to_owned(), "GET,HEAD"),
        ("DELETE", MODELS.to_owned(), "GET,HEAD"),
        ("PUT", one(NOBODYS), "GET,HEAD,DELETE"),
    ] {
        let request = request(method, &uri).body(Body::empty()).unwrap();
        let answer = server.send(request.admin()).await;
        answer.problem(405, "method-not-allowed");
        assert_eq!(answer.header("allow"), allow);
    }
    for uri in ["/api/v1/ai/models", "/api/models"] {
        let answer = server.send(get(uri).admin()).await;
        answer.problem(404, "not-found");
    }
}
