//! Who may call what.

use clientela_server::{App, ServeError, ServerConfig};
use clientela_store::{NewTenant, Store, TenantPatch};
use jiff::{SignedDuration, Timestamp};

use super::support::*;

async fn call(server: &Server, headers: &[(&'static str, &str)]) -> Answer {
    let mut request = post(RFM, RFM_BODY);
    for (name, value) in headers {
        request = request.with(name, value);
    }
    server.send(request).await
}

#[tokio::test]
async fn nobody_and_anybody_wrong_is_401_without_telling_which_half() {
    let server = Server::usual().await;
    let tenant = server.tenant(NewTenant::default()).await;
    let other = server.tenant(NewTenant::default()).await;
    let unknown = "3f0a6c1e-9d52-4b7a-8c31-5e2f7d90ab46";
    let (id, secret) = ("x-customer-api-id", "x-secret");
    let cases: [&[(&'static str, &str)]; 8] = [
        &[],
        &[(id, ""), (secret, "  ")],
        &[(id, &tenant.id)],
        &[(secret, &tenant.secret)],
        &[(id, &tenant.id), (secret, &other.secret)],
        &[(id, unknown), (secret, &tenant.secret)],
        &[(id, "no uuid"), (secret, &tenant.secret)],
        &[(id, &tenant.id), (secret, &tenant.secret[1..])],
    ];
    let mut said = Vec::new();
    for headers in cases {
        let answer = call(&server, headers).await;
        let problem = answer.problem(401, "unauthorized");
        assert!(answer.header("www-authenticate").starts_with("ApiKey"));
        said.push(problem["detail"].clone());
    }
    said.dedup();
    assert_eq!(said.len(), 1, "{said:?}");
}

#[tokio::test]
async fn right_credentials_open_around_white_space() {
    let server = Server::usual().await;
    let tenant = server.tenant(NewTenant::default()).await;
    let id = format!(" {} ", tenant.id.to_uppercase());
    let secret = format!("\t{} ", tenant.secret);
    let headers = [("x-customer-api-id", &*id), ("x-secret", &*secret)];
    call(&server, &headers).await.ok();
    // Clients send all three headers, empty where nothing is configured.
    let headers = [headers[0], headers[1], ("x-admin-secret", "")];
    call(&server, &headers).await.ok();
}

#[tokio::test]
async fn a_non_empty_admin_header_decides_alone() {
    let server = Server::usual().await;
    let tenant = server.tenant(NewTenant::default()).await;
    let own = [
        ("x-customer-api-id", &*tenant.id),
        ("x-secret", &*tenant.secret),
    ];
    call(&server, &[("x-admin-secret", ADMIN)]).await.ok();
    let wrong = [("x-admin-secret", "wrong"), own[0], own[1]];
    call(&server, &wrong).await.problem(401, "unauthorized");
    let right = [
        ("x-admin-secret", ADMIN),
        ("x-customer-api-id", "wrong"),
        ("x-secret", "wrong"),
    ];
    call(&server, &right).await.ok();
}

#[tokio::test]
async fn without_a_configured_admin_secret_there_is_no_admin() {
    let server = Server::new(ServerConfig {
        admin_secret: None,
        ..config()
    })
    .await;
    let answer = call(&server, &[("x-admin-secret", ADMIN)]).await;
    answer.problem(401, "unauthorized");
    let answer = server.send(get("/admin/customers").admin()).await;
    answer.problem(401, "unauthorized");
}

#[tokio::test]
async fn a_disabled_tenant_is_403_only_with_the_right_secret() {
    let server = Server::usual().await;
    let tenant = server.tenant(NewTenant::default()).await;
    let id = tenant.id.parse().unwrap();
    server.store.disable(id, Timestamp::now()).await.unwrap();
    let send = || post(RFM, RFM_BODY).credentials(&tenant);
    server.send(send()).await.problem(403, "tenant-disabled");
    let wrong = send().with("x-secret", "wrong");
    server.send(wrong).await.problem(401, "unauthorized");
    let enable = TenantPatch {
        enabled: Some(true),
        ..TenantPatch::default()
    };
    let now = Timestamp::now();
    server.store.update(id, enable, now).await.unwrap();
    server.send(send()).await.ok();
}

#[tokio::test]
async fn all_spellings_of_an_allowed_route_open_it() {
    let server = Server::usual().await;
    for (entries, status) in [
        (&["*"][..], 200),
        (&["customer_rfm"], 200),
        (&["/api/customer_rfm"], 200),
        (&["nps", "/api/v1/ai/customer_rfm"], 200),
        (&[], 403),
        (&["nps", "/api/nlp_analisys", "customer"], 403),
    ] {
        let allowed_routes = entries.iter().map(ToString::to_string).collect();
        let tenant = server
            .tenant(NewTenant {
                allowed_routes,
                ..NewTenant::default()
            })
            .await;
        for uri in [RFM, "/api/customer_rfm"] {
            let request = post(uri, RFM_BODY).credentials(&tenant);
            let answer = server.send(request).await;
            assert_eq!(answer.status, status, "{entries:?} {uri}");
            if status == 403 {
                answer.problem(403, "route-not-allowed");
            }
        }
    }
}

#[tokio::test]
async fn from_day_90_a_header_reminds_of_the_age() {
    let server = Server::usual().await;
    for (days, expected) in [(0, ""), (89, ""), (90, "90"), (400, "400")] {
        let since = Timestamp::now() - SignedDuration::from_hours(24 * days + 1);
        let tenant = server.tenant_since(NewTenant::default(), since).await;
        for body in [RFM_BODY, "{"] {
            let request = post(RFM, body).credentials(&tenant);
            let answer = server.send(request).await;
            assert_eq!(answer.header("x-secret-age-days"), expected);
        }
    }
}

#[tokio::test]
async fn the_anonymous_tenant_serves_requests_without_credentials_within_its_routes() {
    let store = Store::in_memory().await.unwrap();
    let new = NewTenant {
        allowed_routes: vec!["customer_rfm".to_owned()],
        ..NewTenant::default()
    };
    let (tenant, _) = store.create(new, Timestamp::now()).await.unwrap();
    let config = ServerConfig {
        anonymous_tenant: Some(tenant.customer_api_id.to_string()),
        ..config()
    };
    let analyses = clientela_analyses::ALL;
    let server = Server::on(config, analyses, store).await;
    call(&server, &[]).await.ok();
    call(&server, &[("x-secret", "wrong")])
        .await
        .problem(401, "unauthorized");
    call(&server, &[("x-admin-secret", "wrong")])
        .await
        .problem(401, "unauthorized");
    let answer = server.send(get("/admin/customers")).await;
    answer.problem(401, "unauthorized");

    let id = tenant.customer_api_id;
    let none = TenantPatch {
        allowed_routes: Some(Vec::new()),
        ..TenantPatch::default()
    };
    server
        .store
        .update(id, none, Timestamp::now())
        .await
        .unwrap();
    call(&server, &[]).await.problem(403, "route-not-allowed");
    server.store.disable(id, Timestamp::now()).await.unwrap();
    call(&server, &[]).await.problem(403, "tenant-disabled");
}

#[tokio::test]
async fn an_anonymous_tenant_must_exist_at_the_start() {
    for id in ["3f0a6c1e-9d52-4b7a-8c31-5e2f7d90ab46", "nobody"] {
        let config = ServerConfig {
            anonymous_tenant: Some(id.to_owned()),
            ..config()
        };
        let store = Store::in_memory().await.unwrap();
        let refused = App::new(config, store).await.err();
        assert!(matches!(refused, Some(ServeError::NoSuchTenant { .. })));
    }
    let both = ServerConfig {
        anonymous_tenant: Some("3f0a6c1e-9d52-4b7a-8c31-5e2f7d90ab46".to_owned()),
        ..open_config()
    };
    let store = Store::in_memory().await.unwrap();
    let refused = App::new(both, store).await.err();
    assert!(matches!(refused, Some(ServeError::TwoAnonymousTenants)));
}

#[tokio::test]
async fn a_store_that_is_away_is_503_and_only_for_those_who_need_it() {
    let server = Server::usual().await;
    let tenant = server.tenant(NewTenant::default()).await;
    server.store.close().await;
    let answer = server.send(post(RFM, RFM_BODY).credentials(&tenant)).await;
    answer.problem(503, "store-away");
    assert!(answer.header("retry-after").parse::<u32>().unwrap() > 0);
    let answer = server.send(get("/ready")).await;
    answer.problem(503, "store-away");
    server.send(post(RFM, RFM_BODY).admin()).await.ok();
    server.send(get("/health")).await.ok();
}
