//! The statements that write, each on a connection that the caller chose.

use jiff::Timestamp;
use sqlx::sqlite::SqliteConnection;

use super::{SECRETS_MAX, StoredSecret};
use crate::tenant::{Tenant, TenantId};

pub(super) async fn insert_tenant(
    connection: &mut SqliteConnection,
    tenant: &Tenant,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO tenants (customer_api_id, name, enabled, ts_create, ts_update, allowed_routes, metadata)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )
    .bind(tenant.customer_api_id.to_string())
    .bind(tenant.name.as_deref())
    .bind(tenant.enabled)
    .bind(time_text(tenant.ts_create))
    .bind(time_text(tenant.ts_update))
    .bind(serde_json::Value::from(tenant.allowed_routes.as_slice()).to_string())
    .bind(serde_json::Value::from(tenant.metadata.clone()).to_string())
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn update_tenant(
    connection: &mut SqliteConnection,
    tenant: &Tenant,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE tenants SET name = ?2, enabled = ?3, ts_update = ?4, allowed_routes = ?5, metadata = ?6
         WHERE customer_api_id = ?1",
    )
    .bind(tenant.customer_api_id.to_string())
    .bind(tenant.name.as_deref())
    .bind(tenant.enabled)
    .bind(time_text(tenant.ts_update))
    .bind(serde_json::Value::from(tenant.allowed_routes.as_slice()).to_string())
    .bind(serde_json::Value::from(tenant.metadata.clone()).to_string())
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn insert_secret(
    connection: &mut SqliteConnection,
    id: TenantId,
    secret: &StoredSecret,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO secrets (customer_api_id, digest, ts_create, valid_until) VALUES (?1, ?2, ?3, ?4)",
    )
    .bind(id.to_string())
    .bind(secret.digest.to_string())
    .bind(time_text(secret.ts_create))
    .bind(secret.valid_until.map(time_text))
    .execute(connection)
    .await?;
    Ok(())
}

/// Lets no secret be valid beyond `end`, and drops those that expired by `now`.
pub(super) async fn end_secrets(
    connection: &mut SqliteConnection,
    id: TenantId,
    now: Timestamp,
    end: Timestamp,
) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM secrets WHERE customer_api_id = ?1 AND valid_until <= ?2")
        .bind(id.to_string())
        .bind(time_text(now))
        .execute(&mut *connection)
        .await?;
    sqlx::query(
        "UPDATE secrets SET valid_until = ?2
         WHERE customer_api_id = ?1 AND (valid_until IS NULL OR valid_until > ?2)",
    )
    .bind(id.to_string())
    .bind(time_text(end))
    .execute(connection)
    .await?;
    Ok(())
}

/// Drops all secrets of a tenant but the newest [`SECRETS_MAX`].
pub(super) async fn forget_secrets(
    connection: &mut SqliteConnection,
    id: TenantId,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "DELETE FROM secrets WHERE customer_api_id = ?1 AND id NOT IN
         (SELECT id FROM secrets WHERE customer_api_id = ?1 ORDER BY id DESC LIMIT ?2)",
    )
    .bind(id.to_string())
    .bind(SECRETS_MAX)
    .execute(connection)
    .await?;
    Ok(())
}

/// RFC 3339 in UTC with three decimals always, so that text order is time order.
pub(super) fn time_text(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}
