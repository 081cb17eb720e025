//! Customer data as validated domain tables. A table that exists is valid; nothing below checks it again.
#![deny(missing_docs)]

pub mod answers;
pub mod cohort;
mod date;
pub mod feature_vectors;
pub mod hierarchy;
pub mod ids;
pub mod labeling;
pub mod occasions;
pub mod orders;
pub mod purchases;
pub mod sales;
pub mod shoppers;
pub mod snapshots;
pub mod traits;

pub use answers::{Answer, Answers};
pub use cohort::{Cohort, LoyaltyMetric, N_METRICS};
pub use date::Date;
pub use feature_vectors::{FeatureVector, FeatureVectors};
pub use hierarchy::{Hierarchy, HierarchyMerge};
pub use ids::{Ids, UniqueIds};
pub use labeling::Labeling;
pub use occasions::{Posting, PurchaseHistories, PurchaseHistoriesBuilder, PurchaseLine};
pub use orders::{CustomerOrders, Order, OrderLine, Orders};
pub use purchases::{CustomerPurchases, Purchases};
pub use sales::{SaleLine, Sales};
pub use shoppers::{Shoppers, ShoppersBuilder};
pub use snapshots::{ChurnEvidence, ChurnSnapshot};
pub use traits::{Cell, CustomerTraits, CustomerTraitsBuilder, MISSING_TEXT, Trait, TraitValues};
