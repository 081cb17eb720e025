//! Making the directory and the file, connecting, and bringing the schema up to date.

use std::fs::{DirBuilder, OpenOptions};
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use sqlx::Connection;
use sqlx::migrate::Migrator;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqlitePool, SqlitePoolOptions};

use super::BUSY_TIMEOUT;
use crate::error::StoreError;

static MIGRATIONS: Migrator = sqlx::migrate!();

/// Opens the writing connection, which turns a new file to WAL mode. SQLite answers that switch with "busy" at once,
/// without its time-out, while another process does the same.
pub(super) async fn connect_writer(
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

pub(super) fn pool(max_connections: u32) -> SqlitePoolOptions {
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
pub(super) async fn migrate(writer: &SqlitePool, place: &str) -> Result<(), StoreError> {
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

pub(super) fn create_directory(path: &Path) -> Result<(), StoreError> {
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
pub(super) fn create_file(path: &Path) -> Result<(), StoreError> {
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
