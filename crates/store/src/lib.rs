//! Tenants and their secrets in an embedded database.
