//! HTTP: router, credentials, problem+json, OpenAPI.
//!
//! ```text
//! socket ──▶ observe (id, log, figures) ──▶ cors ──▶ compression ──▶ problems said ──▶ body read to its end
//!        ──▶ gate (open server, draining) ──▶ router ──▶ analyze: credentials, format, body, queue ──▶ analysis
//! ```
//!
//! One handler serves the whole list of analyses; nothing here knows any of them by name. Models that they save lie in the
//! store, each with its owner (`models`). Statuses of errors are known
//! in `problem` alone.

mod admin;
mod analyze;
mod app;
mod body;
mod config;
mod cors;
mod credentials;
mod format;
mod guard;
mod language;
mod linger;
mod local;
mod metrics;
mod models;
mod observe;
pub mod openapi;
mod pages;
mod problem;
mod queue;
mod router;
mod serve;
mod service;

pub use app::{Analyses, App};
pub use config::{AdminSecret, AdminSecretTooShort, ServeError, ServerConfig};
pub use problem::{CatalogueEntry, Code, catalogue};
pub use router::router;
pub use serve::{Bound, bind};
