//! Golden runner and tolerant comparison (dev-dependency only).
