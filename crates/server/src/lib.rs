//! HTTP: router, credentials, problem+json, OpenAPI.
