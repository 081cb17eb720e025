//! Rows and transactions in SQLite.
//!
//! One connection writes, and its transactions begin with `BEGIN IMMEDIATE`: a transaction that reads first and writes
//! later would fail at once with "busy", whatever the time-out, when another one wrote in between. Other connections
//! only read; in WAL mode they wait for nobody. A second process (the command line beside a running server) waits
//! for the write lock up to [`BUSY_TIMEOUT`].

mod models;
mod opening;
mod statements;
#[cfg(test)]
mod tests;

use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqliteSynchronous,
};
use sqlx::{Sqlite, Transaction};

use self::opening::{connect_writer, create_directory, create_file, migrate, pool};
use self::statements::{end_secrets, forget_secrets, insert_secret, insert_tenant, update_tenant};
use crate::error::StoreError;
use crate::secret::Digest;
use crate::tenant::{Tenant, TenantId};

const FILE_NAME: &str = "clientela.db";
/// Longer than any transaction here takes, shorter than a client's patience.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// A lookup takes under 100 µs of a connection, so four serve more requests than the analyses behind them.
const READERS: u32 = 4;
/// Secrets of one tenant that can be valid at the same time. Each promised lifetime is kept when a tenant is rotated
/// again, for whoever lost a new secret must not lock out the service that still runs on the old one; beyond this
/// number the oldest ends early.
const SECRETS_MAX: u32 = 4;

/// A secret as it is kept: `valid_until` is absent for the current one.
#[derive(Debug, Clone)]
pub(crate) struct StoredSecret {
    pub(crate) digest: Digest,
    pub(crate) ts_create: Timestamp,
    pub(crate) valid_until: Option<Timestamp>,
}

#[derive(Debug, Clone)]
pub(crate) struct Database {
    writer: SqlitePool,
    reader: SqlitePool,
    /// Where it is, for messages.
    place: String,
}

impl Database {
    /// Whether [`Database::open`] would find a file in `data_dir`.
    pub(crate) fn exists(data_dir: &Path) -> bool {
        data_dir.join(FILE_NAME).exists()
    }

    /// Opens or creates the file in `data_dir`, and brings its schema up to date.
    pub(crate) async fn open(data_dir: &Path) -> Result<Self, StoreError> {
        create_directory(data_dir)?;
        let file = data_dir.join(FILE_NAME);
        create_file(&file)?;
        let place = file.display().to_string();
        let options = SqliteConnectOptions::new()
            .filename(&file)
            .busy_timeout(BUSY_TIMEOUT);
        // A secret is shown once: it must not be lost with the power after that, hence a full sync for each commit.
        let writing = options
            .clone()
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full);
        let writer = connect_writer(writing, &place).await?;
        migrate(&writer, &place).await?;
        let reader = pool(READERS).connect_lazy_with(options.read_only(true));
        Ok(Self {
            writer,
            reader,
            place,
        })
    }

    /// A database that lives as long as its one connection, which both reads and writes.
    pub(crate) async fn in_memory() -> Result<Self, StoreError> {
        let place = "in memory".to_owned();
        let only = pool(1)
            .min_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .test_before_acquire(false)
            .connect_with(SqliteConnectOptions::new().in_memory(true))
            .await
            .map_err(|error| StoreError::from_sqlite(&place, error))?;
        migrate(&only, &place).await?;
        Ok(Self {
            writer: only.clone(),
            reader: only,
            place,
        })
    }

    pub(crate) async fn close(&self) {
        self.reader.close().await;
        self.writer.close().await;
    }

    pub(crate) async fn is_empty(&self) -> Result<bool, StoreError> {
        let any: bool = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM tenants)")
            .fetch_one(&self.reader)
            .await
            .map_err(|error| self.failure(error))?;
        Ok(!any)
    }

    pub(crate) async fn insert(
        &self,
        tenant: &Tenant,
        secret: &StoredSecret,
    ) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        insert_tenant(&mut transaction, tenant)
            .await
            .map_err(|error| match error.as_database_error() {
                Some(database) if database.is_unique_violation() => StoreError::Taken {
                    id: tenant.customer_api_id,
                },
                _ => self.failure(error),
            })?;
        insert_secret(&mut transaction, tenant.customer_api_id, secret)
            .await
            .map_err(|error| self.failure(error))?;
        self.commit(transaction).await
    }

    /// All tenants, oldest first.
    pub(crate) async fn list(&self, include_disabled: bool) -> Result<Vec<Tenant>, StoreError> {
        let rows: Vec<TenantRow> = sqlx::query_as(
            "SELECT customer_api_id, name, enabled, ts_create, ts_update, allowed_routes, metadata
             FROM tenants WHERE enabled = 1 OR ?1 ORDER BY ts_create, rowid",
        )
        .bind(include_disabled)
        .fetch_all(&self.reader)
        .await
        .map_err(|error| self.failure(error))?;
        rows.into_iter().map(|row| self.tenant(row)).collect()
    }

    pub(crate) async fn get(&self, id: TenantId) -> Result<Tenant, StoreError> {
        let mut connection = self
            .reader
            .acquire()
            .await
            .map_err(|error| self.failure(error))?;
        self.select(&mut connection, id).await
    }

    /// Applies `change` to the stored tenant in one transaction. A change that changes nothing writes nothing.
    pub(crate) async fn change(
        &self,
        id: TenantId,
        now: Timestamp,
        change: impl FnOnce(&mut Tenant),
    ) -> Result<Tenant, StoreError> {
        let mut transaction = self.begin().await?;
        let before = self.select(&mut transaction, id).await?;
        let mut tenant = before.clone();
        change(&mut tenant);
        if tenant != before {
            tenant.ts_update = now;
            update_tenant(&mut transaction, &tenant)
                .await
                .map_err(|error| self.failure(error))?;
        }
        self.commit(transaction).await?;
        Ok(tenant)
    }

    /// Makes `secret` the current one. Older ones end at `previous_valid_until`, or earlier if they already did,
    /// and of all only the newest [`SECRETS_MAX`] stay.
    pub(crate) async fn add_secret(
        &self,
        id: TenantId,
        secret: &StoredSecret,
        previous_valid_until: Timestamp,
    ) -> Result<Tenant, StoreError> {
        let mut transaction = self.begin().await?;
        let mut tenant = self.select(&mut transaction, id).await?;
        tenant.ts_update = secret.ts_create;
        end_secrets(&mut transaction, id, secret.ts_create, previous_valid_until)
            .await
            .map_err(|error| self.failure(error))?;
        insert_secret(&mut transaction, id, secret)
            .await
            .map_err(|error| self.failure(error))?;
        forget_secrets(&mut transaction, id)
            .await
            .map_err(|error| self.failure(error))?;
        update_tenant(&mut transaction, &tenant)
            .await
            .map_err(|error| self.failure(error))?;
        self.commit(transaction).await?;
        Ok(tenant)
    }

    /// The secrets of a tenant, newest first, filled up to [`SECRETS_MAX`] with decoys that match nothing and expired
    /// long ago. An unknown tenant has decoys only: finding, reading and comparing them takes the same time.
    pub(crate) async fn secrets(&self, id: TenantId) -> Result<Vec<StoredSecret>, StoreError> {
        const LONG_AGO: &str = "0001-01-01T00:00:00.000Z";
        let rows: Vec<(String, String, Option<String>)> = sqlx::query_as(
            "SELECT digest, ts_create, valid_until FROM (
                 SELECT id, digest, ts_create, valid_until FROM secrets WHERE customer_api_id = ?1
                 UNION ALL VALUES (-1, ?2, ?3, ?3), (-2, ?2, ?3, ?3), (-3, ?2, ?3, ?3), (-4, ?2, ?3, ?3)
             ) ORDER BY id DESC LIMIT ?4",
        )
        .bind(id.to_string())
        .bind(Digest::decoy().to_string())
        .bind(LONG_AGO)
        .bind(SECRETS_MAX)
        .fetch_all(&self.reader)
        .await
        .map_err(|error| self.failure(error))?;
        rows.into_iter()
            .map(|row| self.stored_secret(id, row))
            .collect()
    }

    fn stored_secret(
        &self,
        id: TenantId,
        (digest, ts_create, valid_until): (String, String, Option<String>),
    ) -> Result<StoredSecret, StoreError> {
        Ok(StoredSecret {
            digest: Digest::parse(&digest)
                .ok_or_else(|| self.damaged(format!("a secret of {id} is unreadable")))?,
            ts_create: self.time(&ts_create)?,
            valid_until: valid_until.map(|text| self.time(&text)).transpose()?,
        })
    }

    async fn begin(&self) -> Result<Transaction<'static, Sqlite>, StoreError> {
        self.writer
            .begin_with("BEGIN IMMEDIATE")
            .await
            .map_err(|error| self.failure(error))
    }

    async fn commit(&self, transaction: Transaction<'static, Sqlite>) -> Result<(), StoreError> {
        transaction
            .commit()
            .await
            .map_err(|error| self.failure(error))
    }

    async fn select(
        &self,
        connection: &mut SqliteConnection,
        id: TenantId,
    ) -> Result<Tenant, StoreError> {
        let row: Option<TenantRow> = sqlx::query_as(
            "SELECT customer_api_id, name, enabled, ts_create, ts_update, allowed_routes, metadata
             FROM tenants WHERE customer_api_id = ?1",
        )
        .bind(id.to_string())
        .fetch_optional(connection)
        .await
        .map_err(|error| self.failure(error))?;
        row.map_or(Err(StoreError::Unknown { id }), |row| self.tenant(row))
    }

    fn tenant(&self, row: TenantRow) -> Result<Tenant, StoreError> {
        let id = &row.customer_api_id;
        Ok(Tenant {
            customer_api_id: id
                .parse()
                .map_err(|_| self.damaged(format!("the tenant id {id} is unreadable")))?,
            ts_create: self.time(&row.ts_create)?,
            ts_update: self.time(&row.ts_update)?,
            allowed_routes: serde_json::from_str(&row.allowed_routes)
                .map_err(|_| self.damaged(format!("the routes of {id} are unreadable")))?,
            metadata: serde_json::from_str(&row.metadata)
                .map_err(|_| self.damaged(format!("the metadata of {id} are unreadable")))?,
            name: row.name,
            enabled: row.enabled,
        })
    }

    fn time(&self, text: &str) -> Result<Timestamp, StoreError> {
        text.parse()
            .map_err(|_| self.damaged(format!("the time {text} is unreadable")))
    }

    fn failure(&self, error: sqlx::Error) -> StoreError {
        StoreError::from_sqlite(&self.place, error)
    }

    fn damaged(&self, detail: String) -> StoreError {
        StoreError::damaged(&self.place, detail)
    }
}

#[derive(sqlx::FromRow)]
struct TenantRow {
    customer_api_id: String,
    name: Option<String>,
    enabled: bool,
    ts_create: String,
    ts_update: String,
    allowed_routes: String,
    metadata: String,
}
