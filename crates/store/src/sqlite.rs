//! Rows and transactions in SQLite.
//!
//! One connection writes, and its transactions begin with `BEGIN IMMEDIATE`: a transaction that reads first and writes
//! later would fail at once with "busy", whatever the time-out, when another one wrote in between. Other connections
//! only read; in WAL mode they wait for nobody. A second process (the command line beside a running server) waits
//! for the write lock up to [`BUSY_TIMEOUT`].

use std::fs::{DirBuilder, OpenOptions};
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use sqlx::migrate::Migrator;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions,
    SqliteSynchronous,
};
use sqlx::{Connection, Sqlite, Transaction};

use crate::error::StoreError;
use crate::secret::Digest;
use crate::tenant::{Tenant, TenantId};

static MIGRATIONS: Migrator = sqlx::migrate!();

const FILE_NAME: &str = "clientela.db";
/// Longer than any transaction here takes, shorter than a client's patience.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// A lookup takes some 50 µs of a connection, so four serve more requests than the analyses behind them.
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

async fn insert_tenant(
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

async fn update_tenant(
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

async fn insert_secret(
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
async fn end_secrets(
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
async fn forget_secrets(
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

/// Opens the writing connection, which turns a new file to WAL mode. SQLite answers that switch with "busy" at once,
/// without its time-out, while another process does the same.
async fn connect_writer(
    options: SqliteConnectOptions,
    place: &str,
) -> Result<SqlitePool, StoreError> {
    const PAUSE: Duration = Duration::from_millis(20);
    let started = Instant::now();
    loop {
        let connected = pool(1)
            .before_acquire(|connection, _| Box::pin(is_between_transactions(connection)))
            .connect_with(options.clone())
            .await
            .map_err(|error| StoreError::from_sqlite(place, error));
        match connected {
            Err(StoreError::Busy { .. }) if started.elapsed() < BUSY_TIMEOUT => {
                tokio::time::sleep(PAUSE).await;
            }
            done => return done,
        }
    }
}

fn pool(max_connections: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(max_connections)
        .acquire_timeout(BUSY_TIMEOUT)
}

/// Whether a connection can begin a transaction. After a full disk or a failed read SQLite has rolled back by itself;
/// the driver's own rollback then fails, and it counts that transaction as open for as long as the connection lives.
/// Such a connection is replaced, or one full disk would end all writing until a restart.
async fn is_between_transactions(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    Ok(!connection.is_in_transaction())
}

/// All pending migrations in one transaction that holds the write lock, so that two processes that open a new
/// directory at the same moment don't both create its tables.
async fn migrate(writer: &SqlitePool, place: &str) -> Result<(), StoreError> {
    let failure = |error| StoreError::from_sqlite(place, error);
    let mut transaction = writer
        .begin_with("BEGIN IMMEDIATE")
        .await
        .map_err(failure)?;
    MIGRATIONS
        .run_direct(None, &mut *transaction, false)
        .await
        .map_err(|error| StoreError::from_migration(place, error))?;
    transaction.commit().await.map_err(failure)
}

fn create_directory(path: &Path) -> Result<(), StoreError> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(path)
        .map_err(|source| StoreError::Directory {
            path: path.to_owned(),
            source,
        })
}

/// Creates the file before SQLite does: the side files `-wal` and `-shm` take over its mode.
///
/// A file that exists is not opened here: POSIX drops all of a process's locks on a file when any descriptor of it is
/// closed, those of an open store included (<https://www.sqlite.org/howtocorrupt.html>, 2.2).
fn create_file(path: &Path) -> Result<(), StoreError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(StoreError::File {
            database: path.display().to_string(),
            detail: error.to_string(),
        }),
        _ => Ok(()),
    }
}

/// RFC 3339 in UTC with three decimals always, so that text order is time order.
fn time_text(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
