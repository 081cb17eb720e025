//! Customer data as validated domain tables. A table that exists is valid; nothing below checks it again.
#![deny(missing_docs)]

mod date;
pub mod feature_vectors;
pub mod orders;
pub mod shoppers;

pub use date::Date;
pub use feature_vectors::{FeatureVector, FeatureVectors};
pub use orders::{CustomerOrders, Order, OrderLine, Orders};
pub use shoppers::{Shoppers, ShoppersBuilder};
