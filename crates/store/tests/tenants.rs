//! What callers see of tenants and secrets.

use std::time::Duration;

use clientela_store::{
    Authentication, KEEP_PREVIOUS_SECRET, NewTenant, Secret, Store, StoreError, Tenant, TenantId,
    TenantPatch,
};
use jiff::{SignedDuration, Timestamp};

fn noon() -> Timestamp {
    "2026-03-01T12:00:00.123Z".parse().unwrap()
}

fn hours(n: i64) -> SignedDuration {
    SignedDuration::from_hours(n)
}

async fn is_accepted(store: &Store, tenant: &Tenant, secret: &Secret, now: Timestamp) -> bool {
    let id = tenant.customer_api_id.to_string();
    let answer = store.authenticate(&id, secret.expose(), now).await.unwrap();
    matches!(answer, Authentication::Accepted { .. })
}

fn metadata(json: &str) -> serde_json::Map<String, serde_json::Value> {
    serde_json::from_str(json).unwrap()
}

#[tokio::test]
async fn a_new_tenant_is_found_as_it_was_made() {
    let store = Store::in_memory().await.unwrap();
    assert!(store.is_empty().await.unwrap());
    let new = NewTenant {
        name: Some("Panadería São João".to_owned()),
        allowed_routes: vec!["customer_rfm".to_owned(), "/api/nps".to_owned()],
        metadata: metadata(r#"{"plan": "gold", "nested": {"b": 1, "a": [null, 2.5]}}"#),
        ..NewTenant::default()
    };
    let (tenant, secret) = store.create(new.clone(), noon()).await.unwrap();
    assert_eq!(secret.expose().len(), 64);
    assert_eq!(tenant.ts_create.to_string(), "2026-03-01T12:00:00.123Z");
    assert_eq!(tenant.ts_create, tenant.ts_update);
    assert!(tenant.enabled);
    assert_eq!(tenant.name, new.name);
    assert_eq!(tenant.allowed_routes, new.allowed_routes);
    assert_eq!(tenant.metadata, new.metadata);
    assert_eq!(store.get(tenant.customer_api_id).await.unwrap(), tenant);
    assert!(!store.is_empty().await.unwrap());
    store.ping().await.unwrap();
}

#[tokio::test]
async fn times_are_returned_as_they_are_stored() {
    let store = Store::in_memory().await.unwrap();
    let now = "2026-03-01T12:00:00.123456789Z".parse().unwrap();
    let (tenant, _) = store.create(NewTenant::default(), now).await.unwrap();
    assert_eq!(store.get(tenant.customer_api_id).await.unwrap(), tenant);
    let rotation = store
        .rotate(tenant.customer_api_id, KEEP_PREVIOUS_SECRET, now)
        .await
        .unwrap();
    assert_eq!(
        rotation.previous_valid_until.to_string(),
        "2026-03-04T12:00:00.123Z"
    );
    let stored = store.get(tenant.customer_api_id).await.unwrap();
    assert_eq!(stored, rotation.tenant);
}

#[tokio::test]
async fn a_tenant_without_wishes_may_call_everything() {
    let store = Store::in_memory().await.unwrap();
    let (tenant, _) = store.create(NewTenant::default(), noon()).await.unwrap();
    assert_eq!(tenant.allowed_routes, ["*"]);
    assert_eq!(tenant.name, None);
    assert!(tenant.metadata.is_empty());
}

#[tokio::test]
async fn a_taken_id_is_refused_in_either_case_and_leaves_the_first_tenant_alone() {
    let store = Store::in_memory().await.unwrap();
    let lower: TenantId = "3f0a6c1e-9d52-4b7a-8c31-5e2f7d90ab46".parse().unwrap();
    let upper: TenantId = "3F0A6C1E-9D52-4B7A-8C31-5E2F7D90AB46".parse().unwrap();
    let with_id = |id| NewTenant {
        customer_api_id: Some(id),
        ..NewTenant::default()
    };
    let (first, secret) = store.create(with_id(lower), noon()).await.unwrap();
    let error = store.create(with_id(upper), noon()).await.unwrap_err();
    assert!(matches!(error, StoreError::Taken { id } if id == lower));
    assert!(!error.is_outage());
    assert!(is_accepted(&store, &first, &secret, noon()).await);
    assert_eq!(store.list(true).await.unwrap(), [first]);
}

#[tokio::test]
async fn the_list_is_in_order_of_creation_and_hides_the_disabled() {
    let store = Store::in_memory().await.unwrap();
    let mut made = Vec::new();
    for _ in 0..5 {
        made.push(store.create(NewTenant::default(), noon()).await.unwrap().0);
    }
    assert_eq!(store.list(false).await.unwrap(), made);

    let gone = made[2].customer_api_id;
    let disabled = store.disable(gone, noon() + hours(1)).await.unwrap();
    assert!(!disabled.enabled);
    let ids = |tenants: Vec<Tenant>| -> Vec<TenantId> {
        tenants.iter().map(|t| t.customer_api_id).collect()
    };
    let enabled = ids(store.list(false).await.unwrap());
    assert_eq!(enabled.len(), 4);
    assert!(!enabled.contains(&gone));
    assert_eq!(ids(store.list(true).await.unwrap()), ids(made));
}

#[tokio::test]
async fn an_update_changes_only_what_it_names() {
    let store = Store::in_memory().await.unwrap();
    let new = NewTenant {
        name: Some("before".to_owned()),
        metadata: metadata(r#"{"a": 1, "b": 2, "c": 3}"#),
        ..NewTenant::default()
    };
    let (before, secret) = store.create(new, noon()).await.unwrap();
    let id = before.customer_api_id;
    let later = noon() + hours(1);

    let unchanged = store.update(id, TenantPatch::default(), later).await;
    assert_eq!(unchanged.unwrap(), before);

    let patch = TenantPatch {
        name: Some("after".to_owned()),
        metadata: metadata(r#"{"b": null, "c": [4], "d": 5}"#),
        ..TenantPatch::default()
    };
    let after = store.update(id, patch, later).await.unwrap();
    let expected = Tenant {
        name: Some("after".to_owned()),
        metadata: metadata(r#"{"a": 1, "c": [4], "d": 5}"#),
        ts_update: later,
        ..before
    };
    assert_eq!(after, expected);
    assert_eq!(store.get(id).await.unwrap(), expected);
    assert!(is_accepted(&store, &after, &secret, later).await);

    let patch = TenantPatch {
        allowed_routes: Some(vec![]),
        ..TenantPatch::default()
    };
    let closed = store.update(id, patch, later).await.unwrap();
    assert!(closed.allowed_routes.is_empty());
    assert_eq!(closed.name.as_deref(), Some("after"));
}

#[tokio::test]
async fn a_disabled_tenant_still_authenticates_as_disabled_and_can_be_enabled_again() {
    let store = Store::in_memory().await.unwrap();
    let (tenant, secret) = store.create(NewTenant::default(), noon()).await.unwrap();
    let id = tenant.customer_api_id;
    store.disable(id, noon()).await.unwrap();
    let answer = store
        .authenticate(&id.to_string(), secret.expose(), noon())
        .await
        .unwrap();
    let Authentication::Accepted { tenant, .. } = answer else {
        panic!("the credentials are right");
    };
    assert!(!tenant.enabled);
    let wrong = store.authenticate(&id.to_string(), "wrong", noon()).await;
    assert_eq!(wrong.unwrap(), Authentication::Rejected);

    let patch = TenantPatch {
        enabled: Some(true),
        ..TenantPatch::default()
    };
    assert!(store.update(id, patch, noon()).await.unwrap().enabled);
}

#[tokio::test]
async fn wrong_credentials_are_one_answer() {
    let store = Store::in_memory().await.unwrap();
    let (tenant, secret) = store.create(NewTenant::default(), noon()).await.unwrap();
    let (_, other) = store.create(NewTenant::default(), noon()).await.unwrap();
    let id = tenant.customer_api_id.to_string();
    let nobody = TenantId::random().to_string();
    let right = secret.expose();
    let pairs = [
        (id.as_str(), ""),
        (id.as_str(), "wrong"),
        (id.as_str(), &right[..63]),
        (id.as_str(), other.expose()),
        (nobody.as_str(), right),
        ("", right),
        ("' OR 1 = 1 --", right),
        ("not an id", ""),
    ];
    for (id, secret) in pairs {
        let answer = store.authenticate(id, secret, noon()).await.unwrap();
        assert_eq!(answer, Authentication::Rejected, "{id}");
    }
    let answer = store.authenticate(&id.to_uppercase(), right, noon()).await;
    assert!(matches!(answer.unwrap(), Authentication::Accepted { .. }));
}

#[tokio::test]
async fn the_age_of_a_secret_is_the_age_of_the_one_that_was_sent() {
    let store = Store::in_memory().await.unwrap();
    let (tenant, old) = store.create(NewTenant::default(), noon()).await.unwrap();
    let id = tenant.customer_api_id;
    let rotated_at = noon() + hours(24 * 89);
    let new = store
        .rotate(id, KEEP_PREVIOUS_SECRET, rotated_at)
        .await
        .unwrap()
        .secret;
    let now = noon() + hours(24 * 90);
    for (secret, age, created_at) in [(&old, 90, noon()), (&new, 1, rotated_at)] {
        let answer = store
            .authenticate(&id.to_string(), secret.expose(), now)
            .await
            .unwrap();
        let Authentication::Accepted {
            secret_age_days,
            secret_created_at,
            ..
        } = answer
        else {
            panic!("both secrets are valid");
        };
        assert_eq!((secret_age_days, secret_created_at), (age, created_at));
    }
}

#[tokio::test]
async fn after_a_rotation_the_old_secret_is_valid_until_its_end() {
    let store = Store::in_memory().await.unwrap();
    let (tenant, old) = store.create(NewTenant::default(), noon()).await.unwrap();
    let rotation = store
        .rotate(tenant.customer_api_id, KEEP_PREVIOUS_SECRET, noon())
        .await
        .unwrap();
    assert_ne!(rotation.secret, old);
    assert_eq!(rotation.previous_valid_until, noon() + hours(72));
    let just_before = rotation.previous_valid_until - SignedDuration::from_millis(1);
    assert!(is_accepted(&store, &tenant, &old, just_before).await);
    assert!(!is_accepted(&store, &tenant, &old, rotation.previous_valid_until).await);
    let years_later = noon() + hours(24 * 3650);
    assert!(is_accepted(&store, &tenant, &rotation.secret, years_later).await);
}

#[tokio::test]
async fn a_second_rotation_keeps_the_promise_of_the_first() {
    let store = Store::in_memory().await.unwrap();
    let (tenant, first) = store.create(NewTenant::default(), noon()).await.unwrap();
    let id = tenant.customer_api_id;
    let second = store
        .rotate(id, KEEP_PREVIOUS_SECRET, noon())
        .await
        .unwrap();
    let later = noon() + hours(1);
    let third = store.rotate(id, KEEP_PREVIOUS_SECRET, later).await.unwrap();
    let end = second.previous_valid_until;
    let just_before = end - SignedDuration::from_millis(1);
    for secret in [&first, &second.secret, &third.secret] {
        assert!(is_accepted(&store, &tenant, secret, just_before).await);
    }
    assert!(!is_accepted(&store, &tenant, &first, end).await);
    assert!(is_accepted(&store, &tenant, &second.secret, end).await);
}

#[tokio::test]
async fn a_rotation_that_keeps_nothing_ends_every_older_secret_at_once() {
    let store = Store::in_memory().await.unwrap();
    let (tenant, first) = store.create(NewTenant::default(), noon()).await.unwrap();
    let id = tenant.customer_api_id;
    let second = store
        .rotate(id, KEEP_PREVIOUS_SECRET, noon())
        .await
        .unwrap();
    let third = store.rotate(id, Duration::ZERO, noon()).await.unwrap();
    assert!(!is_accepted(&store, &tenant, &first, noon()).await);
    assert!(!is_accepted(&store, &tenant, &second.secret, noon()).await);
    assert!(is_accepted(&store, &tenant, &third.secret, noon()).await);
}

#[tokio::test]
async fn of_many_rotations_the_last_four_secrets_are_valid() {
    let store = Store::in_memory().await.unwrap();
    let (tenant, first) = store.create(NewTenant::default(), noon()).await.unwrap();
    let mut secrets = vec![first];
    for _ in 0..6 {
        let rotation = store
            .rotate(tenant.customer_api_id, KEEP_PREVIOUS_SECRET, noon())
            .await
            .unwrap();
        secrets.push(rotation.secret);
    }
    for (index, secret) in secrets.iter().enumerate() {
        let accepted = is_accepted(&store, &tenant, secret, noon()).await;
        assert_eq!(accepted, index >= 3, "secret {index}");
    }
}

#[tokio::test]
async fn an_unknown_tenant_is_unknown_to_every_call() {
    let store = Store::in_memory().await.unwrap();
    let id = TenantId::random();
    let patch = TenantPatch {
        name: Some("nobody".to_owned()),
        ..TenantPatch::default()
    };
    let errors = [
        store.get(id).await.unwrap_err(),
        store.update(id, patch, noon()).await.unwrap_err(),
        store.disable(id, noon()).await.unwrap_err(),
        store
            .rotate(id, KEEP_PREVIOUS_SECRET, noon())
            .await
            .unwrap_err(),
    ];
    for error in errors {
        assert!(
            matches!(error, StoreError::Unknown { id: named } if named == id),
            "{error:?}"
        );
        assert!(!error.is_outage());
    }
    assert!(store.is_empty().await.unwrap());
}

#[tokio::test]
async fn two_memory_stores_share_nothing() {
    let one = Store::in_memory().await.unwrap();
    let two = Store::in_memory().await.unwrap();
    one.create(NewTenant::default(), noon()).await.unwrap();
    assert!(two.is_empty().await.unwrap());
    assert!(!one.clone().is_empty().await.unwrap());
}
