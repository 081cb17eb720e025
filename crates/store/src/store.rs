//! The rules of tenants and secrets, whatever database keeps them. Those of saved models are in `model`.

use std::path::Path;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::error::StoreError;
use crate::secret::{Digest, Secret};
use crate::sqlite::{Database, StoredSecret};
use crate::tenant::{NewTenant, Tenant, TenantId, TenantPatch};

/// How long a replaced secret stays valid unless the caller says otherwise: 72 hours.
pub const KEEP_PREVIOUS_SECRET: Duration = Duration::from_secs(72 * 60 * 60);

/// The tenants, their secrets and what they may call; the models that were saved for them.
#[derive(Debug, Clone)]
pub struct Store {
    pub(crate) database: Database,
}

/// The answer to a pair of credentials.
#[derive(Debug, Clone, PartialEq)]
pub enum Authentication {
    /// Both halves are right. Whether the tenant is enabled, and for which routes, is for the caller to look at.
    Accepted {
        /// The tenant, enabled or not.
        tenant: Box<Tenant>,
        /// When the secret that was sent was made.
        secret_created_at: Timestamp,
        /// Whole days since then.
        secret_age_days: i64,
    },
    /// At least one half is wrong; nothing says which.
    Rejected,
}

/// A tenant with its new secret.
#[derive(Debug, Clone, PartialEq)]
pub struct Rotation {
    /// The tenant after the rotation.
    pub tenant: Tenant,
    /// The new secret, shown only here.
    pub secret: Secret,
    /// Until when the secret that was current before is still accepted.
    pub previous_valid_until: Timestamp,
}

impl Store {
    /// Whether there is a store in `data_dir`; [`Store::open`] would make one.
    #[must_use]
    pub fn exists(data_dir: &Path) -> bool {
        Database::exists(data_dir)
    }

    /// Opens the store in `data_dir`. Creates the directory (mode 0700) and the file `clientela.db` (mode 0600) where
    /// they don't exist, and leaves the modes of what exists as they are. Several processes may have it open.
    ///
    /// # Errors
    ///
    /// Where the directory or file can't be made, read or written, or holds something else.
    pub async fn open(data_dir: &Path) -> Result<Self, StoreError> {
        Ok(Self {
            database: Database::open(data_dir).await?,
        })
    }

    /// An empty store that is gone when the last clone of it is dropped.
    ///
    /// # Errors
    ///
    /// Where the database can't be set up at all.
    pub async fn in_memory() -> Result<Self, StoreError> {
        Ok(Self {
            database: Database::in_memory().await?,
        })
    }

    /// Waits for running statements and closes the file. Later calls fail.
    pub async fn close(&self) {
        self.database.close().await;
    }

    /// Whether the store answers; for readiness probes.
    ///
    /// # Errors
    ///
    /// Where it doesn't.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.database.is_empty().await.map(drop)
    }

    /// Whether there is no tenant, disabled ones included.
    ///
    /// # Errors
    ///
    /// Where the store is away.
    pub async fn is_empty(&self) -> Result<bool, StoreError> {
        self.database.is_empty().await
    }

    /// Adds a tenant and makes its first secret, which is shown only here.
    ///
    /// # Errors
    ///
    /// [`StoreError::Taken`] where the chosen id exists.
    pub async fn create(
        &self,
        new: NewTenant,
        now: Timestamp,
    ) -> Result<(Tenant, Secret), StoreError> {
        let now = to_millisecond(now);
        let tenant = Tenant {
            customer_api_id: new.customer_api_id.unwrap_or_else(TenantId::random),
            name: new.name,
            enabled: new.enabled,
            ts_create: now,
            ts_update: now,
            allowed_routes: new.allowed_routes,
            metadata: new.metadata,
        };
        let (secret, stored) = make_secret(now)?;
        self.database.insert(&tenant, &stored).await?;
        Ok((tenant, secret))
    }

    /// All tenants, oldest first.
    ///
    /// # Errors
    ///
    /// Where the store is away.
    pub async fn list(&self, include_disabled: bool) -> Result<Vec<Tenant>, StoreError> {
        self.database.list(include_disabled).await
    }

    /// One tenant, disabled or not.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unknown`] where there is none.
    pub async fn get(&self, id: TenantId) -> Result<Tenant, StoreError> {
        self.database.get(id).await
    }

    /// Changes what the patch names. A patch that changes nothing leaves `ts_update` as it is.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unknown`] where there is no such tenant.
    pub async fn update(
        &self,
        id: TenantId,
        patch: TenantPatch,
        now: Timestamp,
    ) -> Result<Tenant, StoreError> {
        self.database
            .change(id, to_millisecond(now), |tenant| patch.apply_to(tenant))
            .await
    }

    /// Disables a tenant. It and its secret stay, so that it can be enabled again.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unknown`] where there is no such tenant.
    pub async fn disable(&self, id: TenantId, now: Timestamp) -> Result<Tenant, StoreError> {
        let patch = TenantPatch {
            enabled: Some(false),
            ..TenantPatch::default()
        };
        self.update(id, patch, now).await
    }

    /// Makes a new secret. The one before it is accepted for another `keep_old_for`, and older ones that have not
    /// expired end then at the latest: with zero, every older secret ends at once.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unknown`] where there is no such tenant.
    pub async fn rotate(
        &self,
        id: TenantId,
        keep_old_for: Duration,
        now: Timestamp,
    ) -> Result<Rotation, StoreError> {
        let now = to_millisecond(now);
        let previous_valid_until = later(now, keep_old_for);
        let (secret, stored) = make_secret(now)?;
        let tenant = self
            .database
            .add_secret(id, &stored, previous_valid_until)
            .await?;
        Ok(Rotation {
            tenant,
            secret,
            previous_valid_until,
        })
    }

    /// Looks at a pair of credentials as they were sent. An id that is no id, an unknown one and a wrong secret are
    /// one answer, reached by the same number of comparisons.
    ///
    /// # Errors
    ///
    /// Where the store is away: then nothing is known of the credentials.
    pub async fn authenticate(
        &self,
        id: &str,
        secret: &str,
        now: Timestamp,
    ) -> Result<Authentication, StoreError> {
        // An id that can't be a tenant's still goes through the lookup, as one that is nobody's.
        let id = id.parse().unwrap_or_else(|_| TenantId::random());
        let secrets = self.database.secrets(id).await?;
        let Some(accepted) = find_valid(&secrets, secret, now) else {
            return Ok(Authentication::Rejected);
        };
        Ok(Authentication::Accepted {
            tenant: Box::new(self.database.get(id).await?),
            secret_created_at: accepted.ts_create,
            secret_age_days: whole_days(accepted.ts_create, now),
        })
    }
}

/// The secret among `secrets` that was sent and is valid at `now`. Compares them all in any case, so that its time
/// doesn't tell which one was right.
fn find_valid<'a>(
    secrets: &'a [StoredSecret],
    sent: &str,
    now: Timestamp,
) -> Option<&'a StoredSecret> {
    let mut found = None;
    for stored in secrets {
        let is_equal = stored.digest.matches(sent);
        let is_valid = stored.valid_until.is_none_or(|end| now < end);
        if is_equal && is_valid {
            found = Some(stored);
        }
    }
    found
}

fn make_secret(now: Timestamp) -> Result<(Secret, StoredSecret), StoreError> {
    let secret = Secret::generate()?;
    let stored = StoredSecret {
        digest: Digest::of(&secret)?,
        ts_create: now,
        valid_until: None,
    };
    Ok((secret, stored))
}

/// What is stored has no finer time than a millisecond; what is returned must be what is stored.
pub(crate) fn to_millisecond(time: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(time.as_millisecond()).unwrap_or(time)
}

/// `time` moved on by `duration`, to the last possible moment where that goes beyond it.
fn later(time: Timestamp, duration: Duration) -> Timestamp {
    let moved = SignedDuration::try_from(duration)
        .ok()
        .and_then(|duration| time.checked_add(duration).ok());
    to_millisecond(moved.unwrap_or(Timestamp::MAX))
}

fn whole_days(from: Timestamp, to: Timestamp) -> i64 {
    const HOURS_PER_DAY: i64 = 24;
    (to.duration_since(from).as_hours() / HOURS_PER_DAY).max(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_whole_and_never_negative() {
        let from: Timestamp = "2026-01-01T12:00:00Z".parse().unwrap();
        let cases = [
            ("2026-01-01T12:00:00Z", 0),
            ("2026-01-02T11:59:59.999Z", 0),
            ("2026-01-02T12:00:00Z", 1),
            ("2026-04-01T12:00:00Z", 90),
            ("2025-12-01T12:00:00Z", 0),
        ];
        for (to, days) in cases {
            assert_eq!(whole_days(from, to.parse().unwrap()), days, "{to}");
        }
    }

    #[test]
    fn an_endless_duration_ends_at_the_last_possible_moment() {
        let end = later(Timestamp::UNIX_EPOCH, Duration::MAX);
        assert_eq!(end, to_millisecond(Timestamp::MAX));
        let hour = Duration::from_secs(3600);
        assert_eq!(
            later(Timestamp::UNIX_EPOCH, hour).to_string(),
            "1970-01-01T01:00:00Z"
        );
    }
}
