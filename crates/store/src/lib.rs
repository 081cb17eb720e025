//! Tenants, their secrets and their saved models in an embedded database.
//!
//! A [`Store`] is one file, `clientela.db` in the data directory, or lives in memory. It knows no HTTP and no clock:
//! where time decides something, the caller passes `now`. Every failure is a [`StoreError`] that reads as a sentence.
//!
//! ```text
//! caller ──▶ Store (rules: secrets, expiry, patches) ──▶ sqlite::Database (rows, transactions)
//! ```
//!
//! A second database gets a sibling of `sqlite` behind the same [`Store`]; there is no trait before there are two.

mod error;
mod model;
mod secret;
mod sqlite;
mod store;
mod tenant;

pub use error::StoreError;
pub use model::{ModelCard, ModelLimits, ModelOwner, NewModel, StoredModel};
pub use secret::Secret;
pub use store::{Authentication, KEEP_PREVIOUS_SECRET, Rotation, Store};
pub use tenant::{NewTenant, NotATenantId, Tenant, TenantId, TenantPatch};
