//! `/health`, `/ready`, `/metrics`, `/`.

use super::support::*;

#[tokio::test]
async fn health_and_readiness_need_no_credentials() {
    let server = Server::usual().await;
    let health = server.send(get("/health")).await.ok();
    assert_eq!(health["status"], "ok");
    assert_eq!(health["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(server.send(get("/ready")).await.ok()["status"], "ready");
    let head = request("HEAD", "/health").body("".into()).unwrap();
    let head = server.send(head).await;
    assert_eq!(head.status, 200);
    assert!(head.body.is_empty());
}

#[tokio::test]
async fn bodies_and_media_types_of_a_get_are_ignored() {
    let server = Server::usual().await;
    let request = request("GET", "/health")
        .header("content-type", "text/plain")
        .body("anything".into())
        .unwrap();
    server.send(request).await.ok();
}

#[tokio::test]
async fn while_draining_only_the_watched_addresses_answer() {
    let server = Server::usual().await;
    server.app.start_draining();
    for request in [post(RFM, RFM_BODY).admin(), get("/docs"), get("/nothing")] {
        let answer = server.send(request).await;
        answer.problem(503, "draining");
        assert!(answer.header("retry-after").parse::<u32>().unwrap() > 0);
    }
    server.send(get("/ready")).await.problem(503, "draining");
    server.send(get("/health")).await.ok();
    assert_eq!(server.send(get("/metrics")).await.status, 200);
}

#[tokio::test]
async fn figures_count_by_route_and_never_name_a_tenant() {
    let server = Server::usual().await;
    let tenant = server.tenant(clientela_store::NewTenant::default()).await;
    for body in [RFM_BODY, "{", RFM_BODY] {
        server.send(post(RFM, body).credentials(&tenant)).await;
    }
    server.send(get("/api/made/up/by/a/client")).await;
    let answer = server.send(get("/metrics")).await;
    assert!(
        answer
            .header("content-type")
            .starts_with("text/plain; version=0.0.4")
    );
    let text = answer.text();
    for line in [
        "clientela_requests_total{route=\"customer_rfm\",status=\"2xx\"} 2",
        "clientela_requests_total{route=\"customer_rfm\",status=\"4xx\"} 1",
        "clientela_requests_total{route=\"other\",status=\"4xx\"} 1",
        "clientela_request_duration_seconds_count{route=\"customer_rfm\"} 3",
        "clientela_request_duration_seconds_bucket{route=\"customer_rfm\",le=\"+Inf\"} 3",
    ] {
        assert!(text.lines().any(|found| found == line), "{line}\n{text}");
    }
    assert!(!text.contains(&tenant.id) && !text.contains("made"));
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (_, value) = line.rsplit_once(' ').unwrap();
        assert!(value.parse::<f64>().is_ok(), "{line}");
    }
}

#[tokio::test]
async fn the_start_leads_to_the_documentation() {
    let server = Server::usual().await;
    let answer = server.send(get("/")).await;
    assert_eq!(answer.status, 307);
    assert_eq!(answer.header("location"), "/docs");
}
