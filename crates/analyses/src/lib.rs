//! The endpoints, one folder each, and the spine that runs them. Knows nothing of HTTP.
//!
//! ```text
//! wire ──validate──▶ table ──analyze──▶ report ──narrate──▶ findings ──respond──▶ wire
//! ```
//!
//! [`ALL`] is the one list: router, command line, OpenAPI, documentation pages and golden tests follow from it.

mod context;
mod csv;
mod failure;
pub mod limits;
mod models;
mod scan;
mod spine;
mod warning;
pub mod wire;

mod churn_label;
mod churn_risk;
mod customer_clv_features;
mod customer_clv_forecast;
mod customer_features;
mod customer_loyalty;
mod customer_rfm;
mod nps;
mod purchasing_segmentation;
mod purchasing_segmentation_dendrogram;
mod segment_cluster_profiles;
mod segment_hierarchy_chart;
mod segment_subsegment_explore;

pub use clientela_narrative::{Language, Say, Words, words};
pub use clientela_numerics::StopToken;
pub use clientela_tables::Date;
pub use context::{Context, Document, Format};
pub use failure::{Failure, InvalidClass, Violation};
pub use models::{ModelId, ModelSource, Models, ModelsAway, NotAModelId, SavedModel};
pub use spine::{Analysis, AnyAnalysis, Facts, Scope, by_route, run_header};
pub use warning::Warning;

/// Every analysis. Forgetting one here is a dead-code warning.
pub static ALL: &[&dyn AnyAnalysis] = &[
    &customer_features::CustomerFeatures,
    &customer_rfm::CustomerRfm,
    &customer_loyalty::CustomerLoyalty,
    &customer_clv_features::CustomerClvFeatures,
    &customer_clv_forecast::CustomerClvForecast,
    &nps::Nps,
    &churn_label::ChurnLabel,
    &churn_risk::ChurnRisk,
    &purchasing_segmentation::PurchasingSegmentation,
    &purchasing_segmentation_dendrogram::PurchasingSegmentationDendrogram,
    &segment_cluster_profiles::SegmentClusterProfiles,
    &segment_hierarchy_chart::SegmentHierarchyChart,
    &segment_subsegment_explore::SegmentSubsegmentExplore,
];
