//! Seeded sample data with known truth.
