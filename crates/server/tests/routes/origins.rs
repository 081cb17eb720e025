//! Which web pages may read answers.

use clientela_server::ServerConfig;

use super::support::*;

fn preflight(origin: &str) -> axum::http::Request<axum::body::Body> {
    request("OPTIONS", RFM)
        .header("origin", origin)
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "x-secret")
        .body("".into())
        .unwrap()
}

async fn check(config: ServerConfig, origin: &str, expected: &str) {
    let server = Server::new(config).await;
    let answer = server.send(preflight(origin)).await;
    assert_eq!(answer.status, 204);
    assert_eq!(answer.header("access-control-allow-origin"), expected);
    let methods = answer.header("access-control-allow-methods");
    assert_eq!(methods.contains("POST"), !expected.is_empty());

    let answer = server
        .send(post(RFM, RFM_BODY).admin().with("origin", origin))
        .await;
    assert_eq!(answer.header("access-control-allow-origin"), expected);
    assert!(answer.headers.get_all("vary").iter().any(|v| v == "origin"));
}

#[tokio::test]
async fn only_listed_origins_may_read() {
    let listed = ServerConfig {
        cors_origins: vec!["https://app.example.com".to_owned()],
        ..config()
    };
    check(
        listed.clone(),
        "https://app.example.com",
        "https://app.example.com",
    )
    .await;
    check(listed.clone(), "https://example.com", "").await;
    check(listed, "http://localhost:3000", "").await;
    check(config(), "http://localhost:3000", "").await;
}

#[tokio::test]
async fn an_open_server_may_be_read_by_pages_of_this_machine() {
    check(
        open_config(),
        "http://localhost:3000",
        "http://localhost:3000",
    )
    .await;
}
