//! What needs a look inside the database.

use super::statements::time_text;
use super::*;
use crate::model::{ModelLimits, ModelOwner, NewModel};

async fn insert_some(database: &Database, n: usize) -> Result<(), StoreError> {
    let tenant = |id| Tenant {
        customer_api_id: id,
        name: Some("long ".repeat(1000)),
        enabled: true,
        ts_create: Timestamp::UNIX_EPOCH,
        ts_update: Timestamp::UNIX_EPOCH,
        allowed_routes: vec![],
        metadata: serde_json::Map::new(),
    };
    let secret = StoredSecret {
        digest: Digest::decoy(),
        ts_create: Timestamp::UNIX_EPOCH,
        valid_until: None,
    };
    for _ in 0..n {
        database
            .insert(&tenant(TenantId::random()), &secret)
            .await?;
    }
    Ok(())
}

async fn pragma(database: &Database, statement: &'static str) {
    sqlx::query(statement)
        .execute(&database.writer)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_full_disk_is_named_and_writing_goes_on_once_there_is_room() {
    let directory = tempfile::tempdir().unwrap();
    let database = Database::open(directory.path()).await.unwrap();
    insert_some(&database, 2).await.unwrap();
    pragma(&database, "PRAGMA max_page_count = 20").await;
    let error = insert_some(&database, 50).await.unwrap_err();
    assert!(matches!(error, StoreError::Full { .. }), "{error:?}");
    assert!(error.to_string().ends_with("the disk is full"), "{error}");

    let n_before = database.list(true).await.unwrap().len();
    // The limit belonged to the connection, which was replaced: a disk with room again.
    insert_some(&database, 1).await.unwrap();
    assert_eq!(database.list(true).await.unwrap().len(), n_before + 1);
}

#[tokio::test]
async fn a_database_that_can_only_be_read_says_so() {
    let database = Database::in_memory().await.unwrap();
    pragma(&database, "PRAGMA query_only = 1").await;
    let error = insert_some(&database, 1).await.unwrap_err();
    assert!(matches!(error, StoreError::ReadOnly { .. }), "{error:?}");
    assert!(database.is_empty().await.unwrap());
}

#[tokio::test]
async fn readers_cannot_write() {
    let directory = tempfile::tempdir().unwrap();
    let database = Database::open(directory.path()).await.unwrap();
    let error = sqlx::query("DELETE FROM tenants")
        .execute(&database.reader)
        .await
        .unwrap_err();
    let error = StoreError::from_sqlite(&database.place, error);
    assert!(matches!(error, StoreError::ReadOnly { .. }), "{error:?}");
}

#[tokio::test]
async fn a_schema_of_a_later_version_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let database = Database::open(directory.path()).await.unwrap();
    pragma(
        &database,
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
         VALUES (999, 'later', 1, x'00', 0)",
    )
    .await;
    database.close().await;
    let error = Database::open(directory.path()).await.unwrap_err();
    assert!(
        matches!(error, StoreError::Newer { version: 999, .. }),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_database_from_before_there_were_models_gets_room_for_them() {
    let directory = tempfile::tempdir().unwrap();
    let database = Database::open(directory.path()).await.unwrap();
    insert_some(&database, 1).await.unwrap();
    let tenants = database.list(true).await.unwrap();
    pragma(&database, "DROP TABLE models").await;
    pragma(&database, "DELETE FROM _sqlx_migrations WHERE version > 1").await;
    database.close().await;

    let database = Database::open(directory.path()).await.unwrap();
    assert_eq!(database.list(true).await.unwrap(), tenants);
    let owner = ModelOwner::Tenant(tenants[0].customer_api_id);
    assert!(database.models(owner).await.unwrap().is_empty());
}

#[tokio::test]
async fn an_unreadable_row_is_damage_and_names_the_tenant() {
    let database = Database::in_memory().await.unwrap();
    insert_some(&database, 1).await.unwrap();
    let id = database.list(true).await.unwrap()[0].customer_api_id;
    pragma(&database, "UPDATE tenants SET allowed_routes = 'all'").await;
    pragma(&database, "UPDATE secrets SET digest = 'plain'").await;
    for error in [
        database.get(id).await.unwrap_err(),
        database.secrets(id).await.unwrap_err(),
    ] {
        assert!(matches!(error, StoreError::Damaged { .. }), "{error:?}");
        assert!(error.to_string().contains(&id.to_string()), "{error}");
    }
}

#[tokio::test]
async fn a_lookup_finds_as_many_secrets_for_an_unknown_tenant_as_for_a_known_one() {
    let database = Database::in_memory().await.unwrap();
    insert_some(&database, 1).await.unwrap();
    let known = database.list(true).await.unwrap()[0].customer_api_id;
    for id in [known, TenantId::random()] {
        let secrets = database.secrets(id).await.unwrap();
        assert_eq!(secrets.len(), SECRETS_MAX as usize);
        let n_current = secrets.iter().filter(|s| s.valid_until.is_none()).count();
        assert_eq!(n_current, usize::from(id == known));
    }
}

#[test]
fn text_order_of_times_is_time_order() {
    let text = |millisecond| time_text(Timestamp::from_millisecond(millisecond).unwrap());
    assert_eq!(text(0), "1970-01-01T00:00:00.000Z");
    let times = [0, 1, 999, 1000, 1500, 60_000, 4_000_000_000_000];
    assert!(times.is_sorted_by(|&a, &b| text(a) < text(b)));
}

#[tokio::test]
async fn models_go_with_their_tenant_and_an_unreadable_one_is_damage() {
    let database = Database::in_memory().await.unwrap();
    insert_some(&database, 1).await.unwrap();
    let id = database.list(true).await.unwrap()[0].customer_api_id;
    let summary = serde_json::Map::new();
    let model = NewModel {
        model_id: "aa",
        route: "churn_risk",
        format: 1,
        n_rows: 10,
        summary: &summary,
        content: b"x",
    };
    let limits = ModelLimits {
        models_max: 1,
        bytes_max: 1,
    };
    let (tenant, open) = (ModelOwner::Tenant(id), ModelOwner::Open);
    for owner in [tenant, open] {
        let now = Timestamp::UNIX_EPOCH;
        let saved = database.insert_model(owner, model, limits, now).await;
        assert_eq!(saved.unwrap().size_bytes, 1);
    }
    pragma(&database, "UPDATE models SET summary = 'good'").await;
    let error = database.model(tenant, "aa").await.unwrap_err();
    assert!(matches!(error, StoreError::Damaged { .. }), "{error:?}");
    assert!(error.to_string().contains("aa"), "{error}");

    pragma(&database, "UPDATE models SET summary = '{}'").await;
    pragma(&database, "DELETE FROM tenants").await;
    assert!(database.models(tenant).await.unwrap().is_empty());
    assert_eq!(database.models(open).await.unwrap().len(), 1);
}
