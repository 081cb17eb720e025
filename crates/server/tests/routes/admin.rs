//! `/admin/customers`.

use axum::body::Body;
use axum::http::Request;
use clientela_server::ServerConfig;
use clientela_store::NewTenant;
use serde_json::{Value, json};

use super::support::*;

const CUSTOMERS: &str = "/admin/customers";
const ID: &str = "3f0a6c1e-9d52-4b7a-8c31-5e2f7d90ab46";

fn send_json(method: &str, uri: &str, body: &Value) -> Request<Body> {
    request(method, uri)
        .header("content-type", "application/json")
        .body(body.to_string().into())
        .unwrap()
        .admin()
}

fn plain(method: &str, uri: &str) -> Request<Body> {
    // Published clients send this header with every request.
    request(method, uri)
        .header("content-type", "application/json")
        .body(Body::empty())
        .unwrap()
        .admin()
}

async fn create(server: &Server, body: &Value) -> Value {
    let answer = server.send(send_json("POST", CUSTOMERS, body)).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let created = answer.json();
    let id = created["customer_api_id"].as_str().unwrap();
    assert_eq!(answer.header("location"), format!("{CUSTOMERS}/{id}"));
    assert_eq!(answer.header("cache-control"), "no-store");
    created
}

fn uri_of(customer: &Value) -> String {
    format!(
        "{CUSTOMERS}/{}",
        customer["customer_api_id"].as_str().unwrap()
    )
}

#[tokio::test]
async fn a_new_customer_shows_its_secret_once_and_can_use_it() {
    let server = Server::usual().await;
    let created = create(&server, &json!({ "name": "Shop", "plan": "trial" })).await;
    assert_eq!(created["name"], "Shop");
    assert_eq!(created["enabled"], true);
    assert_eq!(created["allowed_routes"], json!(["*"]));
    assert_eq!(created["metadata"], json!({ "plan": "trial" }));
    assert_eq!(created["secret"].as_str().unwrap().len(), 64);
    assert_eq!(created["ts_create"], created["ts_update"]);
    let credentials = Credentials {
        id: created["customer_api_id"].as_str().unwrap().to_owned(),
        secret: created["secret"].as_str().unwrap().to_owned(),
    };
    let request = post(RFM, RFM_BODY).credentials(&credentials);
    server.send(request).await.ok();
    let read = server.send(plain("GET", &uri_of(&created))).await.ok();
    assert_eq!(read["secret"], Value::Null);
    assert_eq!(read["customer_api_id"], created["customer_api_id"]);
}

#[tokio::test]
async fn an_empty_body_creates_a_customer_with_defaults() {
    let server = Server::usual().await;
    for body in ["", "{}", "[]"] {
        let request = post(CUSTOMERS, body).admin();
        let answer = server.send(request).await;
        assert_eq!(answer.status, 201, "{body:?}");
        assert_eq!(answer.json()["name"], Value::Null);
    }
}

#[tokio::test]
async fn camel_case_is_accepted_and_a_taken_id_is_409() {
    let server = Server::usual().await;
    let body = json!({ "customerApiId": ID, "allowedRoutes": ["nps", "/api/x"], "enabled": 0 });
    let created = create(&server, &body).await;
    assert_eq!(created["customer_api_id"], ID);
    assert_eq!(created["allowed_routes"], json!(["nps", "/api/x"]));
    assert_eq!(created["enabled"], false);
    assert_eq!(created["metadata"], json!({}));
    let answer = server.send(send_json("POST", CUSTOMERS, &body)).await;
    answer.problem(409, "customer-id-taken");
    let both = json!({ "allowedRoutes": [], "allowed_routes": [] });
    let answer = server.send(send_json("POST", CUSTOMERS, &both)).await;
    let problem = answer.problem(422, "invalid-input");
    assert!(problem["errors"]["allowedRoutes"].is_array());
}

#[tokio::test]
async fn wrong_fields_are_422_all_together() {
    let server = Server::usual().await;
    let body = json!({
        "name": 3, "customer_api_id": "x", "allowed_routes": ["nps", 4, null],
        "enabled": "yes", "metadata": "none",
    });
    let created = create(&server, &json!({})).await;
    for (method, uri) in [("POST", CUSTOMERS), ("PUT", &uri_of(&created))] {
        let answer = server.send(send_json(method, uri, &body)).await;
        let problem = answer.problem(422, "invalid-input");
        let errors = problem["errors"].as_object().unwrap();
        let paths: Vec<&String> = errors.keys().collect();
        assert_eq!(
            paths,
            [
                "customer_api_id",
                "name",
                "allowed_routes[1]",
                "allowed_routes[2]",
                "enabled",
                "metadata"
            ]
        );
        assert_eq!(problem["errors_total"], 6);
    }
    let long = json!({ "name": "n".repeat(201), "allowed_routes": vec!["r"; 1001] });
    let answer = server.send(send_json("POST", CUSTOMERS, &long)).await;
    assert_eq!(answer.problem(422, "invalid-input")["errors_total"], 2);
}

#[tokio::test]
async fn bodies_are_checked_as_those_of_analyses() {
    let server = Server::usual().await;
    let send = |body: &str| server.send(post(CUSTOMERS, body.to_owned()).admin());
    send("{").await.problem(400, "not-json");
    send("3").await.problem(422, "invalid-input");
    let repeated = send(r#"{"name": "a", "name": "b"}"#).await;
    let problem = repeated.problem(422, "invalid-input");
    assert!(problem["errors"]["name"].is_array());
    let large = format!(r#"{{"name": "{}"}}"#, "x".repeat(300_000));
    send(&large).await.problem(413, "body-too-large");
    let form = post(CUSTOMERS, "name=a")
        .admin()
        .with("content-type", "application/x-www-form-urlencoded");
    let answer = server.send(form).await;
    answer.problem(415, "unsupported-media-type");
}

#[tokio::test]
async fn a_change_touches_only_what_is_sent() {
    let server = Server::usual().await;
    let created = create(
        &server,
        &json!({ "name": "Shop", "plan": "trial", "seats": 3 }),
    )
    .await;
    let uri = uri_of(&created);
    let put = |body: Value| {
        let request = send_json("PUT", &uri, &body);
        async { server.send(request).await.ok() }
    };
    let changed = put(json!({ "plan": "paid", "seats": null })).await;
    assert_eq!(changed["name"], "Shop");
    assert_eq!(changed["metadata"], json!({ "plan": "paid" }));
    assert_eq!(changed["secret"], Value::Null);
    let changed = put(json!({ "allowed_routes": [], "name": null })).await;
    assert_eq!(changed["name"], "Shop");
    assert_eq!(changed["allowed_routes"], json!([]));
    // What an answer showed can be sent back.
    let same = put(changed.clone()).await;
    assert_eq!(same, changed);
    let answer = server
        .send(send_json("PUT", &uri, &json!({ "customer_api_id": ID })))
        .await;
    let problem = answer.problem(422, "invalid-input");
    assert!(problem["errors"]["customer_api_id"].is_array());
    let empty = server.send(plain("PUT", &uri)).await.ok();
    assert_eq!(empty, same);
}

#[tokio::test]
async fn a_disabled_customer_is_listed_on_request_and_can_be_enabled_again() {
    let server = Server::usual().await;
    let kept = create(&server, &json!({ "name": "kept" })).await;
    let gone = create(&server, &json!({ "name": "gone" })).await;
    let disabled = server.send(plain("DELETE", &uri_of(&gone))).await.ok();
    assert_eq!(disabled["enabled"], false);
    assert_eq!(disabled["name"], "gone");
    for (query, expected) in [
        ("", vec!["kept"]),
        ("?include_disabled=false", vec!["kept"]),
        ("?include_disabled=true", vec!["kept", "gone"]),
        ("?include_disabled=1", vec!["kept", "gone"]),
    ] {
        let uri = format!("{CUSTOMERS}{query}");
        let listed = server.send(plain("GET", &uri)).await.ok();
        let listed = listed["customers"].as_array().unwrap();
        let names: Vec<&str> = listed.iter().map(|c| c["name"].as_str().unwrap()).collect();
        assert_eq!(names, expected, "{query}");
        assert!(listed.iter().all(|customer| customer["secret"].is_null()));
    }
    let odd = format!("{CUSTOMERS}?include_disabled=perhaps");
    let answer = server.send(plain("GET", &odd)).await;
    answer.problem(422, "invalid-input");
    let enable = send_json("PUT", &uri_of(&gone), &json!({ "enabled": true }));
    assert_eq!(server.send(enable).await.ok()["enabled"], true);
    assert_eq!(kept["enabled"], true);
}

#[tokio::test]
async fn a_rotation_keeps_the_old_secret_for_a_while() {
    let server = Server::usual().await;
    let old = server.tenant(NewTenant::default()).await;
    let uri = format!("{CUSTOMERS}/{}/rotate", old.id);
    let rotated = server.send(plain("POST", &uri)).await.ok();
    let new = Credentials {
        id: old.id.clone(),
        secret: rotated["secret"].as_str().unwrap().to_owned(),
    };
    let until: jiff::Timestamp = rotated["previous_valid_until"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    let hours = until.duration_since(jiff::Timestamp::now()).as_hours();
    assert!((71..=72).contains(&hours), "{hours}");
    for credentials in [&old, &new] {
        let request = post(RFM, RFM_BODY).credentials(credentials);
        server.send(request).await.ok();
    }

    let strict = ServerConfig {
        keep_old_secret_for: std::time::Duration::ZERO,
        ..config()
    };
    let server = Server::on(strict, clientela_analyses::ALL, server.store).await;
    server.send(plain("POST", &uri)).await.ok();
    for credentials in [&old, &new] {
        let request = post(RFM, RFM_BODY).credentials(credentials);
        server.send(request).await.problem(401, "unauthorized");
    }
}

#[tokio::test]
async fn an_unknown_customer_is_404() {
    let server = Server::usual().await;
    for id in [ID, "nobody", "..", "%20"] {
        let uri = format!("{CUSTOMERS}/{id}");
        for request in [
            plain("GET", &uri),
            send_json("PUT", &uri, &json!({})),
            plain("DELETE", &uri),
            plain("POST", &format!("{uri}/rotate")),
        ] {
            let answer = server.send(request).await;
            answer.problem(404, "customer-not-found");
        }
    }
}

#[tokio::test]
async fn only_the_admin_secret_opens_these_routes() {
    let server = Server::usual().await;
    let tenant = server.tenant(NewTenant::default()).await;
    let one = format!("{CUSTOMERS}/{}", tenant.id);
    for (method, uri) in [
        ("GET", CUSTOMERS),
        ("POST", CUSTOMERS),
        ("GET", &one),
        ("PUT", &one),
        ("DELETE", &one),
        ("POST", &format!("{one}/rotate")),
    ] {
        let send = || {
            request(method, uri)
                .header("content-type", "text/plain")
                .body(Body::empty())
                .unwrap()
        };
        server.send(send()).await.problem(401, "unauthorized");
        let wrong = send().with("x-admin-secret", "wrong");
        server.send(wrong).await.problem(401, "unauthorized");
        let own = send().credentials(&tenant);
        server.send(own).await.problem(403, "admin-only");
        let half = send().with("x-secret", &tenant.secret);
        server.send(half).await.problem(401, "unauthorized");
    }
    let listed = server.send(plain("GET", CUSTOMERS)).await.ok();
    assert_eq!(listed["customers"].as_array().unwrap().len(), 1);
}
