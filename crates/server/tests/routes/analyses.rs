//! `/api/v1/ai/{route}` and `/api/{route}`.

use base64::Engine as _;

use super::support::*;

#[tokio::test]
async fn both_addresses_of_every_name_serve_the_same_handler() {
    let server = Server::misbehaving(config()).await;
    for route in ["echo", "second_echo"] {
        for prefix in ["/api/v1/ai/", "/api/"] {
            let answer = server
                .send(post(&format!("{prefix}{route}"), r#"{"a":1}"#))
                .await;
            assert_eq!(answer.ok()["a"], 1);
        }
    }
    for analysis in clientela_analyses::ALL {
        let server = Server::usual().await;
        for route in analysis.routes() {
            for prefix in ["/api/v1/ai/", "/api/"] {
                let request = post(&format!("{prefix}{route}"), analysis.example());
                let answer = server.send(request.admin()).await;
                assert_eq!(answer.status, 200, "{route}: {}", answer.text());
            }
        }
    }
}

#[tokio::test]
async fn an_answer_carries_what_a_client_needs_to_know_of_it() {
    let server = Server::usual().await;
    let answer = server
        .send(post(RFM, RFM_BODY).admin().with("x-request-id", "my-id.7"))
        .await;
    assert_eq!(answer.ok()["customers"].as_array().unwrap().len(), 2);
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("x-request-id"), "my-id.7");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("content-language"), "en");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert_eq!(answer.header("x-run"), "");
    let timing = answer.header("server-timing");
    for step in ["queue;dur=", "read;dur=", "analyze;dur=", "render;dur="] {
        assert!(timing.contains(step), "{timing}");
    }
    let vary: Vec<_> = answer.headers.get_all("vary").iter().collect();
    let vary = format!("{vary:?}");
    for header in ["accept-language", "accept,", "origin", "accept-encoding"] {
        assert!(vary.contains(header.trim_end_matches(',')), "{vary}");
    }
}

#[tokio::test]
async fn where_the_body_has_no_place_headers_carry_the_run() {
    let server = Server::usual().await;
    for request in [
        post(&format!("{RFM}?format=csv"), RFM_BODY),
        post(RFM, RFM_BODY).with("accept", "text/csv"),
    ] {
        let answer = server.send(request.admin()).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8");
        assert_eq!(answer.text().lines().count(), 3);
        let run = base64::prelude::BASE64_URL_SAFE_NO_PAD
            .decode(answer.header("x-run"))
            .unwrap();
        let run: serde_json::Value = serde_json::from_slice(&run).unwrap();
        assert_eq!(run["n_rows"], 2);
        assert!(answer.header("x-warnings").parse::<u32>().is_ok());
    }
}

#[tokio::test]
async fn a_format_that_there_is_not_is_406_and_names_those_there_are() {
    let server = Server::usual().await;
    for request in [
        post(&format!("{RFM}?format=pdf"), RFM_BODY),
        post(&format!("{RFM}?format=svg"), RFM_BODY),
        post(RFM, RFM_BODY).with("accept", "text/html"),
        post(RFM, "not even json").with("accept", "image/png"),
    ] {
        let answer = server.send(request.admin()).await;
        let problem = answer.problem(406, "format-not-available");
        assert_eq!(problem["available"], serde_json::json!(["json", "csv"]));
        assert!(problem["detail"].as_str().unwrap().contains("csv"));
    }
}

#[tokio::test]
async fn errors_are_problems_although_only_json_is_accepted() {
    let server = Server::usual().await;
    let answer = server
        .send(post(RFM, "{").admin().with("accept", "application/json"))
        .await;
    answer.problem(400, "not-json");
}

#[tokio::test]
async fn an_address_that_is_not_there_is_404_before_anything_else() {
    let server = Server::usual().await;
    for uri in [
        "/api/v1/ai/no_such_route",
        "/api/no_such_route",
        "/api/v1/ai/",
        "/api/v1/ai/customer_rfm/",
        "/api",
        "/nothing/here",
        "/admin",
        "/admin/customers/",
        "/api/v1/models/",
        "/api/v1/models/one/more",
        "/api/%ff",
    ] {
        for request in [get(uri), post(uri, "x")] {
            let answer = server.send(request).await;
            answer.problem(404, "not-found");
        }
    }
}

#[tokio::test]
async fn another_method_is_405_and_names_those_there_are() {
    let server = Server::usual().await;
    for method in ["GET", "PUT", "DELETE", "PATCH", "TRACE", "QUERY"] {
        let request = request(method, RFM).body("x".into()).unwrap();
        let answer = server.send(request).await;
        answer.problem(405, "method-not-allowed");
        assert_eq!(answer.header("allow"), "POST");
    }
    let head = server
        .send(request("HEAD", RFM).body("".into()).unwrap())
        .await;
    assert_eq!(head.status, 405);
    assert!(head.body.is_empty());
    let answer = server.send(post("/health", "x")).await;
    answer.problem(405, "method-not-allowed");
    assert_eq!(answer.header("allow"), "GET,HEAD");
}

#[tokio::test]
async fn options_needs_no_credentials() {
    let server = Server::usual().await;
    let request = request("OPTIONS", RFM).body("".into()).unwrap();
    let answer = server.send(request).await;
    assert_eq!(answer.status, 204);
    assert_eq!(answer.header("allow"), "POST");
}

/// 404/405, 401, 403, 415, 406, 413, 400, then values: each request breaks its rule and all later ones.
#[tokio::test]
async fn checks_come_in_the_order_of_the_contract() {
    let server = Server::new(clientela_server::ServerConfig {
        body_bytes_max: 1000,
        ..config()
    })
    .await;
    let limited = server
        .tenant(clientela_store::NewTenant {
            allowed_routes: vec!["nps".to_owned()],
            ..clientela_store::NewTenant::default()
        })
        .await;
    let free = server.tenant(clientela_store::NewTenant::default()).await;
    let large = "x".repeat(2000);
    let bad = |body: &str| {
        post(RFM, body.to_owned())
            .with("content-type", "text/plain")
            .with("accept", "image/png")
    };
    let asking = |body: &str| post(RFM, body.to_owned()).credentials(&free);

    let answer = server.send(bad(&large)).await;
    answer.problem(401, "unauthorized");
    let answer = server.send(bad(&large).credentials(&limited)).await;
    answer.problem(403, "route-not-allowed");
    let answer = server.send(bad(&large).credentials(&free)).await;
    answer.problem(415, "unsupported-media-type");
    let answer = server
        .send(asking(&large).with("accept", "image/png"))
        .await;
    answer.problem(406, "format-not-available");
    let answer = server.send(asking(&large)).await;
    answer.problem(413, "body-too-large");
    let answer = server.send(asking("{")).await;
    answer.problem(400, "not-json");
    let answer = server.send(asking(r#"{"customers": []}"#)).await;
    answer.problem(422, "invalid-input");
    let answer = server.send(asking(RFM_BODY)).await;
    answer.ok();
}

#[tokio::test]
async fn a_wish_for_later_is_answered_at_once() {
    let server = Server::usual().await;
    let request = post(RFM, RFM_BODY).admin();
    let answer = server.send(request.with("prefer", "respond-async")).await;
    answer.ok();
}
