//! Customer data as validated domain tables. A table that exists is valid.
#![deny(missing_docs)]
