//! Lifetime value: what each customer will bring, how sure that is, and how it was tested.
//!
//! A base is seen as of the end of any day ([`Base`]), so that the same code forecasts the future and, for the
//! evidence, a past that it does not know. Days count from 1970-01-01; models count in weeks.

mod base;
mod baselines;
mod booster;
mod calendar;
mod calibration;
mod challenger;
mod count;
mod coverage;
mod diagnostics;
mod evaluation;
mod evidence;
mod explain;
mod features;
mod forecast;
mod future;
mod historical_mean;
mod holdout;
mod intervals;
mod measures;
mod metrics;
mod probabilistic;
mod remark;
mod remarks;
mod report;
mod season;
mod selection;
mod served;
mod snapshot;
#[cfg(test)]
mod testing;
mod tracking;
mod validation;
mod value;

pub use base::{Base, CustomerState, Occasion, ValueBasis};
pub use forecast::forecast;
pub use measures::{ClvFeatures, ClvFeaturesReport, PotentialTier, clv_features};
pub use remark::Remark;
pub use report::{
    BoostingParameters, ClvReport, ClvTier, Correlation, CountModelChoice, CountModelName,
    CountParameters, CustomerForecast, Explanation, Family, FamilyChoice, ForecastOptions,
    GapMover, GroupTotal, Interval, ModelParameters, NotIdentified, OrdersMover, Parameter, Reason,
    Totals, TrackedWeek, Tracking, TriedModel, ValueMover, ValueParameters,
};
pub use validation::{
    Baseline, BaselineScore, BoostingUnavailable, CalibrationDecile, Comparison, Coverage,
    Evidence, FamilyScore, Origin, Scores, Selection, Shortfall, TenthsOff, Validation,
};
