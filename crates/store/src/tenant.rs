//! A tenant: whoever holds credentials, and what they may call.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde_json::{Map, Value};
use uuid::{Uuid, Variant};

/// The public half of a tenant's credentials: a version 4 UUID, written in lowercase with hyphens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TenantId(Uuid);

/// The text is not a version 4 UUID with hyphens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a version 4 UUID such as 3f0a6c1e-9d52-4b7a-8c31-5e2f7d90ab46")]
pub struct NotATenantId;

impl TenantId {
    /// A new random id.
    pub fn random() -> Self {
        Self(Uuid::new_v4())
    }
}

impl FromStr for TenantId {
    type Err = NotATenantId;

    /// Reads an id in either case. Of the spellings of a UUID only the hyphenated one is taken,
    /// so that one tenant has one name in logs and in URLs.
    fn from_str(text: &str) -> Result<Self, NotATenantId> {
        const HYPHENATED_LENGTH: usize = 36;
        let uuid = Uuid::try_parse(text).map_err(|_| NotATenantId)?;
        let is_version_4 = uuid.get_version_num() == 4 && uuid.get_variant() == Variant::RFC4122;
        if text.len() == HYPHENATED_LENGTH && is_version_4 {
            Ok(Self(uuid))
        } else {
            Err(NotATenantId)
        }
    }
}

impl fmt::Display for TenantId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_hyphenated().fmt(formatter)
    }
}

/// One tenant as it is stored. The secret is not part of it: it is shown once, when it is made.
#[derive(Debug, Clone, PartialEq)]
pub struct Tenant {
    /// The public half of the credentials.
    pub customer_api_id: TenantId,
    /// A name for people, if one was given.
    pub name: Option<String>,
    /// A disabled tenant still authenticates; whoever serves it answers that it is disabled.
    pub enabled: bool,
    /// When it was created, to the millisecond.
    pub ts_create: Timestamp,
    /// When it was last changed, its secret included, to the millisecond.
    pub ts_update: Timestamp,
    /// Routes as they were given; what they match is not the store's business.
    pub allowed_routes: Vec<String>,
    /// Further fields that were sent with the tenant.
    pub metadata: Map<String, Value>,
}

/// What a new tenant is made of.
#[derive(Debug, Clone, PartialEq)]
pub struct NewTenant {
    /// An id that the caller chose; absent, a random one is made.
    pub customer_api_id: Option<TenantId>,
    /// A name for people.
    pub name: Option<String>,
    /// Whether the tenant may call anything yet.
    pub enabled: bool,
    /// Routes that it may call.
    pub allowed_routes: Vec<String>,
    /// Further fields to keep.
    pub metadata: Map<String, Value>,
}

impl Default for NewTenant {
    /// An enabled tenant with a random id that may call every route.
    fn default() -> Self {
        Self {
            customer_api_id: None,
            name: None,
            enabled: true,
            allowed_routes: vec!["*".to_owned()],
            metadata: Map::new(),
        }
    }
}

/// A change to a tenant; what is `None` stays as it is.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TenantPatch {
    /// The new name.
    pub name: Option<String>,
    /// `false` disables, `true` enables again.
    pub enabled: Option<bool>,
    /// The new list of routes, in place of the old one.
    pub allowed_routes: Option<Vec<String>>,
    /// Keys to set; `null` removes a key, and keys that are not named stay (RFC 7396 at the top level).
    pub metadata: Map<String, Value>,
}

impl TenantPatch {
    pub(crate) fn apply_to(self, tenant: &mut Tenant) {
        if let Some(name) = self.name {
            tenant.name = Some(name);
        }
        if let Some(enabled) = self.enabled {
            tenant.enabled = enabled;
        }
        if let Some(allowed_routes) = self.allowed_routes {
            tenant.allowed_routes = allowed_routes;
        }
        for (key, value) in self.metadata {
            if value.is_null() {
                tenant.metadata.shift_remove(&key);
            } else {
                tenant.metadata.insert(key, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_in_either_case_and_written_in_lowercase() {
        let id: TenantId = "3F0A6C1E-9D52-4B7A-8C31-5E2F7D90AB46".parse().unwrap();
        assert_eq!(id.to_string(), "3f0a6c1e-9d52-4b7a-8c31-5e2f7d90ab46");
        assert_eq!(id, id.to_string().parse().unwrap());
    }

    #[test]
    fn only_hyphenated_version_4_ids_are_read() {
        let refused = [
            "",
            "tenant",
            "3f0a6c1e9d524b7a8c315e2f7d90ab46",
            "{3f0a6c1e-9d52-4b7a-8c31-5e2f7d90ab46}",
            "urn:uuid:3f0a6c1e-9d52-4b7a-8c31-5e2f7d90ab46",
            " 3f0a6c1e-9d52-4b7a-8c31-5e2f7d90ab46",
            "3f0a6c1e-9d52-1b7a-8c31-5e2f7d90ab46",
            "3f0a6c1e-9d52-4b7a-0c31-5e2f7d90ab46",
            "00000000-0000-0000-0000-000000000000",
        ];
        for text in refused {
            assert_eq!(text.parse::<TenantId>(), Err(NotATenantId), "{text}");
        }
    }

    #[test]
    fn random_ids_are_valid_ids() {
        let id = TenantId::random();
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_ne!(id, TenantId::random());
    }
}
