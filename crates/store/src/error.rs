//! What can go wrong with the store, each a sentence for the person who runs the service.

use std::io;
use std::path::PathBuf;

use sqlx::migrate::MigrateError;

use crate::model::ModelLimits;
use crate::tenant::TenantId;

/// A failure of the store. The first four are answers to a caller; everything else means that the store is away.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A tenant with this id exists already, enabled or not.
    #[error("the id {id} is taken by another tenant")]
    Taken {
        /// The id that was asked for.
        id: TenantId,
    },
    /// There is no tenant with this id.
    #[error("there is no tenant {id}")]
    Unknown {
        /// The id that was asked for.
        id: TenantId,
    },
    /// The owner has no model with this id.
    #[error("there is no saved model {model_id}")]
    UnknownModel {
        /// The id that was asked for.
        model_id: String,
    },
    /// The owner has as many models, or as large ones, as may be kept.
    #[error("{n_models} models of {n_bytes} bytes are saved; {} of {} bytes may be kept", limits.models_max, limits.bytes_max)]
    ModelsFull {
        /// Models that are kept.
        n_models: usize,
        /// Bytes that they take.
        n_bytes: usize,
        /// How much may be kept.
        limits: ModelLimits,
    },
    /// The data directory can't be created or is no directory.
    #[error("the data directory {} can't be used: {source}", path.display())]
    Directory {
        /// The directory.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The database file can't be created or opened.
    #[error("the database {database} can't be opened: {detail}")]
    File {
        /// Where the database is.
        database: String,
        /// What the operating system or the driver said.
        detail: String,
    },
    /// The file is not a database, or its content is damaged.
    #[error(
        "the database {database} is damaged or is no database ({detail}); restore it from a backup or use another data directory"
    )]
    Damaged {
        /// Where the database is.
        database: String,
        /// What was found.
        detail: String,
    },
    /// The schema was written by a later version of the program.
    #[error(
        "the database {database} was written by a newer version of Clientela (schema {version}); use that version or another data directory"
    )]
    Newer {
        /// Where the database is.
        database: String,
        /// The schema version that this program doesn't know.
        version: i64,
    },
    /// The database can be read but not written.
    #[error("the database {database} can't be written: it or its directory is read-only")]
    ReadOnly {
        /// Where the database is.
        database: String,
    },
    /// There is no room left for the database.
    #[error("the database {database} can't be written: the disk is full")]
    Full {
        /// Where the database is.
        database: String,
    },
    /// Another process or request held the database for too long.
    #[error("the database {database} is busy; try again")]
    Busy {
        /// Where the database is.
        database: String,
    },
    /// The operating system gave no random bytes for a secret.
    #[error("the operating system gave no random bytes: {0}")]
    Randomness(getrandom::Error),
    /// Any other failure of the database.
    #[error("the database {database} failed: {source}")]
    Database {
        /// Where the database is.
        database: String,
        /// What the driver said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl StoreError {
    /// Whether the store itself is away, rather than the request having been answered with "no".
    pub fn is_outage(&self) -> bool {
        !matches!(
            self,
            Self::Taken { .. }
                | Self::Unknown { .. }
                | Self::UnknownModel { .. }
                | Self::ModelsFull { .. }
        )
    }

    pub(crate) fn damaged(database: &str, detail: impl Into<String>) -> Self {
        Self::Damaged {
            database: database.to_owned(),
            detail: detail.into(),
        }
    }

    pub(crate) fn from_sqlite(database: &str, error: sqlx::Error) -> Self {
        let database = database.to_owned();
        if matches!(error, sqlx::Error::PoolTimedOut) {
            return Self::Busy { database };
        }
        match primary_code(&error) {
            Some(SQLITE_BUSY | SQLITE_LOCKED) => Self::Busy { database },
            Some(SQLITE_READONLY) => Self::ReadOnly { database },
            Some(SQLITE_FULL) => Self::Full { database },
            Some(SQLITE_CANTOPEN) => Self::File {
                database,
                detail: detail_of(&error),
            },
            Some(SQLITE_CORRUPT | SQLITE_NOTADB) => Self::Damaged {
                database,
                detail: detail_of(&error),
            },
            _ => Self::Database {
                database,
                source: Box::new(error),
            },
        }
    }

    pub(crate) fn from_migration(database: &str, error: MigrateError) -> Self {
        match error {
            MigrateError::VersionMissing(version) => Self::Newer {
                database: database.to_owned(),
                version,
            },
            MigrateError::VersionMismatch(version) => Self::damaged(
                database,
                format!("its schema {version} is not the one of this program"),
            ),
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => {
                Self::from_sqlite(database, error)
            }
            other => Self::Database {
                database: database.to_owned(),
                source: Box::new(other),
            },
        }
    }
}

// Primary result codes, https://www.sqlite.org/rescode.html; an extended code carries its primary one in the low byte.
const SQLITE_BUSY: u32 = 5;
const SQLITE_LOCKED: u32 = 6;
const SQLITE_READONLY: u32 = 8;
const SQLITE_CORRUPT: u32 = 11;
const SQLITE_FULL: u32 = 13;
const SQLITE_CANTOPEN: u32 = 14;
const SQLITE_NOTADB: u32 = 26;

fn primary_code(error: &sqlx::Error) -> Option<u32> {
    let code: u32 = error.as_database_error()?.code()?.parse().ok()?;
    Some(code & 0xff)
}

fn detail_of(error: &sqlx::Error) -> String {
    error.as_database_error().map_or_else(
        || error.to_string(),
        |database| database.message().to_owned(),
    )
}
