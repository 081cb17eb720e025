//! A server without credentials, for this machine only.

use clientela_server::{App, ServeError, ServerConfig};
use clientela_store::Store;

use super::support::*;

#[tokio::test]
async fn requests_without_credentials_have_every_route_but_admin() {
    let server = Server::new(open_config()).await;
    server.send(post(RFM, RFM_BODY)).await.ok();
    let answer = server.send(get("/admin/customers")).await;
    answer.problem(401, "unauthorized");
    server.send(get("/admin/customers").admin()).await.ok();
}

#[tokio::test]
async fn a_credential_that_is_sent_and_wrong_is_401_here_too() {
    let server = Server::new(open_config()).await;
    for name in ["x-admin-secret", "x-secret", "x-customer-api-id"] {
        let answer = server.send(post(RFM, RFM_BODY).with(name, "wrong")).await;
        answer.problem(401, "unauthorized");
        let answer = server.send(post(RFM, RFM_BODY).with(name, " ")).await;
        answer.ok();
    }
}

#[tokio::test]
async fn another_host_or_a_foreign_page_is_403() {
    let server = Server::new(open_config()).await;
    for (host, origin, status) in [
        ("localhost", "", 200),
        ("127.0.0.1:9000", "http://localhost:5173", 200),
        ("[::1]:8080", "https://[::1]", 200),
        ("rebound.example.com", "", 403),
        ("localhost.example.com:8080", "", 403),
        ("192.168.1.4:8080", "", 403),
        ("localhost", "https://example.com", 403),
        ("localhost", "null", 403),
        ("", "", 403),
    ] {
        for request in [post(RFM, RFM_BODY), get("/health"), get("/nothing")] {
            let is_there = request.uri().path() != "/nothing";
            let mut request = request.with("host", host);
            if !origin.is_empty() {
                request = request.with("origin", origin);
            }
            let answer = server.send(request).await;
            if status == 403 {
                answer.problem(403, "not-local");
            } else if is_there {
                answer.ok();
            }
        }
    }
    let mut request = post(RFM, RFM_BODY);
    request.headers_mut().remove("host");
    server.send(request).await.problem(403, "not-local");
}

#[tokio::test]
async fn it_does_not_start_where_others_can_reach_it() {
    let config = ServerConfig {
        listen: "0.0.0.0:0".parse().unwrap(),
        ..open_config()
    };
    let store = Store::in_memory().await.unwrap();
    let refused = App::new(config, store).await.err();
    assert!(matches!(
        refused,
        Some(ServeError::OpenBeyondLoopback { .. })
    ));
}
