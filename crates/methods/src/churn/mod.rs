//! Churn risk: who will leave, how sure that is, and how it was tested.
//!
//! Every family gives log-odds for a row; a calibrator brings them to honest log-odds, learned from rows that the model did
//! not see; few rows and bounds take the rest of the certainty. Rows are put in an order that no payload decides before
//! anything is computed.
//!
//! The rules of evidence are those of the API contract's §12. Deterministic: the same on any number of threads.

mod attributions;
mod calibration;
mod canonical;
mod change;
mod columns;
mod cross_validation;
mod distribution;
mod drift;
mod drivers;
mod duplicates;
mod encoding;
mod evidence;
mod factors;
mod families;
mod features;
mod few_rows;
mod folds;
mod heuristic;
mod leaks;
mod lesson;
mod model;
mod money;
mod remark;
mod remarks;
mod report;
mod risk;
mod saved;
mod selection;
mod serving;
pub mod snapshots;
mod temporal;
mod values;

pub use attributions::{Attributions, attributions};
pub use calibration::{CalibrationCandidate, CalibrationChoice};
pub use change::{
    ActionDirection, Actionable, Change, ChangeGoal, Changes, Reached, Step, changes,
};
pub use columns::{ColumnKind, ColumnReport, ColumnUsage, Documented, Ignored};
pub use distribution::{Distribution, RowCounts};
pub use drift::{BinValues, ColumnDrift, Drift, DriftLevel, Shift, ShiftBin, drift};
pub use drivers::{
    BandProfile, BandTrait, BandValue, Driver, Drivers, Effect, Level, LevelEffect, drivers,
};
pub use duplicates::Duplicates;
pub use encoding::{Flag, LinearColumn, LinearEncoding, LinearRows, TreeColumn, TreeEncoding};
pub use evidence::{Evidence, FamilyEvidence, Metrics, ServedEvidence, TemporalEvidence};
pub use factors::{
    Comparison, Factor, FactorValue, Factors, NEGLIGIBLE_LOG_ODDS, NEGLIGIBLE_SHARE, factors,
};
pub use families::{Family, FittedModel};
pub use features::{Feature, FeatureValues, Features};
pub use few_rows::{Adjustment, CUSTOMERS_OF_RARER_CLASS};
pub use heuristic::Heuristic;
pub use leaks::Leak;
pub use model::ModelBytesError;
pub use money::{BandMoney, Money, NetSensitivity, TopTenth, WhatIf, WhatIfRow, WhatIfTable};
pub use remark::{NoModel, Remark};
pub use report::{
    Basis, CustomerRisk, RiskBand, RiskModels, RiskOptions, RiskReport, ServedModel, Source,
};
pub use risk::risk;
pub use saved::{SavedEvidence, SavedFeature, SavedModel, score};
pub use selection::Criterion;
pub use values::ColumnValues;
