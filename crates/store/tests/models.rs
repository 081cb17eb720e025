//! Saved models: what one owner keeps, and nobody else sees.

use std::time::Duration;

use clientela_store::{
    ModelCard, ModelLimits, ModelOwner, NewModel, NewTenant, Store, StoreError, TenantId,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

const ROOMY: ModelLimits = ModelLimits {
    models_max: 100,
    bytes_max: 1 << 20,
};

fn noon() -> Timestamp {
    "2026-03-01T12:00:00.123Z".parse().unwrap()
}

fn minutes(n: i64) -> Timestamp {
    noon() + SignedDuration::from_mins(n)
}

fn summary() -> Map<String, Value> {
    serde_json::from_str(
        r#"{"family": "Gradient Boosting", "roc_auc": 0.84, "columns": ["b", "a"]}"#,
    )
    .unwrap()
}

/// Saves `content` under `id`, as a caller does who derives the one from the other.
async fn save(
    store: &Store,
    owner: ModelOwner,
    id: &str,
    content: &[u8],
    limits: ModelLimits,
    now: Timestamp,
) -> Result<ModelCard, StoreError> {
    let summary = summary();
    let model = NewModel {
        model_id: id,
        route: "churn_risk",
        format: 3,
        n_rows: 7043,
        summary: &summary,
        content,
    };
    store.save_model(owner, model, limits, now).await
}

async fn tenant(store: &Store) -> ModelOwner {
    let (tenant, _) = store.create(NewTenant::default(), noon()).await.unwrap();
    ModelOwner::Tenant(tenant.customer_api_id)
}

async fn ids(store: &Store, owner: ModelOwner) -> Vec<String> {
    let cards = store.models(owner).await.unwrap();
    cards.into_iter().map(|card| card.model_id).collect()
}

#[tokio::test]
async fn a_model_is_read_as_it_was_saved() {
    let store = Store::in_memory().await.unwrap();
    let owner = tenant(&store).await;
    let content: Vec<u8> = (0..=255).cycle().take(70_000).collect();
    let card = save(&store, owner, "aa", &content, ROOMY, noon())
        .await
        .unwrap();
    let expected = ModelCard {
        model_id: "aa".to_owned(),
        route: "churn_risk".to_owned(),
        format: 3,
        n_rows: 7043,
        summary: summary(),
        ts_create: noon(),
        size_bytes: 70_000,
    };
    assert_eq!(card, expected);
    assert_eq!(store.model(owner, "aa").await.unwrap(), expected);
    let stored = store.read_model(owner, "aa").await.unwrap();
    assert_eq!(stored.card, expected);
    assert_eq!(stored.content, content);
    let keys: Vec<&String> = stored.card.summary.keys().collect();
    assert_eq!(keys, ["family", "roc_auc", "columns"], "order is kept");
}

#[tokio::test]
async fn saving_twice_is_one_model_that_keeps_its_time() {
    let store = Store::in_memory().await.unwrap();
    let owner = tenant(&store).await;
    let first = save(&store, owner, "aa", b"x", ROOMY, noon())
        .await
        .unwrap();
    let full = ModelLimits {
        models_max: 1,
        bytes_max: 1,
    };
    let again = save(&store, owner, "aa", b"x", full, minutes(5))
        .await
        .unwrap();
    assert_eq!(again, first);
    assert_eq!(store.models(owner).await.unwrap(), [first]);
}

#[tokio::test]
async fn the_newest_model_comes_first() {
    let store = Store::in_memory().await.unwrap();
    let owner = tenant(&store).await;
    for (id, minute) in [("cc", 2), ("aa", 0), ("bb", 2), ("dd", 1)] {
        save(&store, owner, id, id.as_bytes(), ROOMY, minutes(minute))
            .await
            .unwrap();
    }
    assert_eq!(ids(&store, owner).await, ["bb", "cc", "dd", "aa"]);
}

#[tokio::test]
async fn nobody_sees_or_removes_the_models_of_others() {
    let store = Store::in_memory().await.unwrap();
    let owners = [
        tenant(&store).await,
        tenant(&store).await,
        ModelOwner::Operator,
        ModelOwner::Open,
    ];
    for (index, &owner) in owners.iter().enumerate() {
        // Each has the same model, and one of its own.
        for id in ["shared".to_owned(), format!("own-{index}")] {
            save(&store, owner, &id, id.as_bytes(), ROOMY, noon())
                .await
                .unwrap();
        }
    }
    for (index, &owner) in owners.iter().enumerate() {
        let own = format!("own-{index}");
        assert_eq!(ids(&store, owner).await, [own.as_str(), "shared"]);
        let others = (0..owners.len()).filter(|&other| other != index);
        for other in others.map(|other| format!("own-{other}")) {
            for error in [
                store.model(owner, &other).await.unwrap_err(),
                store.delete_model(owner, &other).await.unwrap_err(),
                store
                    .read_model(owner, &other)
                    .await
                    .map(|stored| stored.card)
                    .unwrap_err(),
            ] {
                assert!(
                    matches!(&error, StoreError::UnknownModel { model_id } if *model_id == other),
                    "{error:?}"
                );
                assert!(!error.is_outage());
            }
        }
    }
    store.delete_model(owners[0], "shared").await.unwrap();
    assert_eq!(ids(&store, owners[0]).await, ["own-0"]);
    assert_eq!(ids(&store, owners[1]).await.len(), 2);
}

#[tokio::test]
async fn a_removed_model_is_told_once_and_can_be_saved_again() {
    let store = Store::in_memory().await.unwrap();
    let owner = tenant(&store).await;
    let card = save(&store, owner, "aa", b"x", ROOMY, noon())
        .await
        .unwrap();
    assert_eq!(store.delete_model(owner, "aa").await.unwrap(), card);
    let error = store.delete_model(owner, "aa").await.unwrap_err();
    assert!(matches!(error, StoreError::UnknownModel { .. }));
    let again = save(&store, owner, "aa", b"x", ROOMY, minutes(1)).await;
    assert_eq!(again.unwrap().ts_create, minutes(1));
}

#[tokio::test]
async fn limits_count_what_one_owner_keeps() {
    let store = Store::in_memory().await.unwrap();
    let (owner, other) = (tenant(&store).await, tenant(&store).await);
    let limits = ModelLimits {
        models_max: 3,
        bytes_max: 10,
    };
    let save = |owner, id: &'static str, content: &'static [u8]| {
        save(&store, owner, id, content, limits, noon())
    };
    save(owner, "aa", b"1234").await.unwrap();
    save(owner, "bb", b"123456").await.unwrap();
    let error = save(owner, "cc", b"1").await.unwrap_err();
    assert!(
        matches!(error, StoreError::ModelsFull { n_models: 2, n_bytes: 10, limits: l } if l == limits),
        "{error:?}"
    );
    assert!(!error.is_outage());
    save(other, "cc", b"1234567890").await.unwrap();

    store.delete_model(owner, "bb").await.unwrap();
    save(owner, "cc", b"1").await.unwrap();
    save(owner, "dd", b"1").await.unwrap();
    let error = save(owner, "ee", b"1").await.unwrap_err();
    assert!(
        matches!(
            error,
            StoreError::ModelsFull {
                n_models: 3,
                n_bytes: 6,
                ..
            }
        ),
        "{error:?}"
    );
    assert_eq!(ids(&store, owner).await, ["dd", "cc", "aa"]);
}

#[tokio::test]
async fn a_tenant_that_does_not_exist_has_no_room() {
    let store = Store::in_memory().await.unwrap();
    let nobody = TenantId::random();
    let owner = ModelOwner::Tenant(nobody);
    let error = save(&store, owner, "aa", b"x", ROOMY, noon()).await;
    let error = error.unwrap_err();
    assert!(
        matches!(error, StoreError::Unknown { id } if id == nobody),
        "{error:?}"
    );
    assert!(ids(&store, owner).await.is_empty());
}

#[tokio::test]
async fn a_disabled_tenant_keeps_its_models() {
    let store = Store::in_memory().await.unwrap();
    let owner = tenant(&store).await;
    save(&store, owner, "aa", b"x", ROOMY, noon())
        .await
        .unwrap();
    let ModelOwner::Tenant(id) = owner else {
        unreachable!("a tenant was made")
    };
    store.disable(id, noon()).await.unwrap();
    assert_eq!(ids(&store, owner).await, ["aa"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn saves_at_the_same_moment_make_one_model_each_and_stay_within_the_limits() {
    const N_MODELS_MAX: usize = 5;
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(directory.path()).await.unwrap();
    let second = Store::open(directory.path()).await.unwrap();
    let owner = tenant(&store).await;
    let limits = ModelLimits {
        models_max: N_MODELS_MAX,
        bytes_max: 1 << 20,
    };
    let tasks: Vec<_> = (0..24)
        .map(|index| {
            let store = if index % 2 == 0 { &store } else { &second }.clone();
            // Eight models, each saved three times.
            let id = format!("model-{}", index % 8);
            tokio::spawn(
                async move { save(&store, owner, &id, id.as_bytes(), limits, noon()).await },
            )
        })
        .collect();
    let (mut n_saved, mut n_refused) = (0, 0);
    for task in tasks {
        match task.await.unwrap() {
            Ok(_) => n_saved += 1,
            Err(StoreError::ModelsFull { .. }) => n_refused += 1,
            Err(error) => panic!("{error:?}"),
        }
    }
    assert_eq!(store.models(owner).await.unwrap().len(), N_MODELS_MAX);
    assert_eq!(
        (n_saved, n_refused),
        (3 * N_MODELS_MAX, 3 * (8 - N_MODELS_MAX))
    );
}

#[tokio::test]
async fn models_are_there_after_reopening() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(directory.path()).await.unwrap();
    let owner = tenant(&store).await;
    let card = save(&store, owner, "aa", b"x", ROOMY, noon())
        .await
        .unwrap();
    store.close().await;
    let error = tokio::time::timeout(Duration::from_secs(5), store.models(owner))
        .await
        .expect("an answer at once")
        .unwrap_err();
    assert!(error.is_outage());
    let store = Store::open(directory.path()).await.unwrap();
    assert_eq!(store.models(owner).await.unwrap(), [card]);
    assert_eq!(store.read_model(owner, "aa").await.unwrap().content, b"x");
}
