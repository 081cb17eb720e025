//! The server through its router: only what HTTP adds. Each file mirrors a part of the addresses.

mod admin;
mod analyses;
mod bodies;
mod credentials;
mod docs;
mod languages;
mod logs;
mod models;
mod open;
mod openapi;
mod origins;
mod queue;
mod service;
mod socket;
mod support;
