//! What a forecast is asked for, and what it answers: numbers, no words.

mod customer;
mod model;
mod options;

pub use customer::{
    ClvTier, CustomerForecast, Explanation, GapMover, OrdersMover, Reason, ValueMover,
};
pub use model::{
    BoostingParameters, Correlation, CountParameters, ModelParameters, NotIdentified, Parameter,
    TriedModel, ValueParameters,
};
pub use options::{CountModelChoice, CountModelName, Family, FamilyChoice, ForecastOptions};

use super::base::ValueBasis;
use super::remark::Remark;
use super::validation::Validation;

/// Everything that was found out about the future of a base.
#[derive(Clone, Debug, PartialEq)]
pub struct ClvReport {
    /// The family that serves all customers.
    pub best: Family,
    /// Days from today to the end of the horizon.
    pub horizon_days: u32,
    /// What values stand for.
    pub basis: ValueBasis,
    /// In the order of the table.
    pub customers: Vec<CustomerForecast>,
    /// All customers together.
    pub totals: Totals,
    /// How well the families forecast what is already known.
    pub validation: Validation,
    /// The fitted models.
    pub model: ModelParameters,
    /// Expected against actual purchases week by week; `None` where no count model was fitted.
    pub tracking: Option<Tracking>,
    /// What a reader of the figures has to know, sorted as they were found.
    pub remarks: Vec<Remark>,
}

/// A range of values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// The lower end.
    pub lower: f64,
    /// The upper end, not below the lower.
    pub upper: f64,
}

/// Sums over customers, with their own intervals: not sums of intervals.
#[derive(Clone, Debug, PartialEq)]
pub struct Totals {
    /// All customers of the request.
    pub all: GroupTotal,
    /// Each tier, best first.
    pub tiers: [GroupTotal; 3],
}

/// What a group of customers is expected to bring.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GroupTotal {
    /// Customers in it.
    pub n_customers: usize,
    /// Expected value, discounted.
    pub value: f64,
    /// Expected purchases.
    pub purchases: f64,
    /// Where the value will lie; holds purchase, parameter and model noise. `None` without a model.
    pub value_interval: Option<Interval>,
    /// Where the purchases will lie.
    pub purchases_interval: Option<Interval>,
}

/// Repeat purchases week by week against a model that did not see the last of them.
///
/// The model is fitted at the latest split, and purchases of customers known by then are counted on both sides; without
/// a hold-out it is the model fitted on everything.
#[derive(Clone, Debug, PartialEq)]
pub struct Tracking {
    /// Last day the model knew, in days since 1970-01-01; `None` where it knew everything.
    pub split_day: Option<i32>,
    /// From the first week on; the last one may be shorter.
    pub weeks: Vec<TrackedWeek>,
}

/// Purchases of one week and until its end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TrackedWeek {
    /// Last day of the week, in days since 1970-01-01.
    pub end_day: i32,
    /// Repeat purchases within the week.
    pub actual: u64,
    /// Repeat purchases the model expects within the week.
    pub expected: f64,
    /// All repeat purchases until then.
    pub actual_cumulative: u64,
    /// All repeat purchases the model expects until then.
    pub expected_cumulative: f64,
}
