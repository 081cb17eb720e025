//! The endpoints, one folder each, and the spine that runs them.
