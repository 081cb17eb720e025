//! The shape of the evidence: how families and naive baselines forecast what is already known.

use super::report::{Family, Interval};

/// What hold-outs showed.
#[derive(Clone, Debug, PartialEq)]
pub struct Validation {
    /// How much weight the figures bear.
    pub evidence: Evidence,
    /// Days of a hold-out window; `None` without a hold-out.
    pub window_days: Option<u32>,
    /// The hold-outs, latest first; empty without one.
    pub origins: Vec<Origin>,
    /// The families, pooled over the hold-outs.
    pub families: Vec<FamilyScore>,
    /// The naive baselines, pooled over the same hold-outs.
    pub baselines: Vec<BaselineScore>,
    /// What decided which family serves.
    pub selection: Selection,
    /// Why there is no booster among the families.
    pub boosting_unavailable: Option<BoostingUnavailable>,
    /// The family that serves against each baseline, in the order of [`Baseline::ALL`].
    pub verdict: Vec<Comparison>,
    /// Tenths of customers by forecast of the family that serves, lowest first.
    pub calibration: Vec<CalibrationDecile>,
    /// How often the intervals of the family that serves held, at 50, 80 and 95 %.
    pub coverage: Vec<Coverage>,
    /// Value from customers born in a hold-out, whom its forecast did not know, over all value in it, pooled over the
    /// hold-outs as errors are: the share of what comes within a window that no forecast of it can hold. `None` without
    /// any value.
    pub new_customers_share: Option<f64>,
    /// Customers born in at least one hold-out, each counted once though hold-outs overlap.
    pub n_new_customers: usize,
}

/// How much weight hold-outs bear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// Enough customers and purchases to choose by.
    Sound,
    /// Too few to choose by; shown all the same.
    Weak(Shortfall),
    /// No hold-out.
    Absent(Shortfall),
}

/// What a hold-out lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shortfall {
    /// A window of so many days instead of at least 28.
    ShortWindow {
        /// Days it would have.
        days: u32,
    },
    /// So many customers before the split instead of 100, or of 20 to show anything.
    FewCustomers {
        /// Customers there are.
        n_customers: usize,
    },
    /// So many repeat buyers before the split instead of 30.
    FewRepeatBuyers {
        /// Repeat buyers there are.
        n_repeat: usize,
    },
    /// So many purchases in the window instead of 30.
    FewPurchases {
        /// Purchases there are.
        n_purchases: usize,
    },
}

/// One hold-out: forecast at the end of `split_day`, compared with what came until the end of `end_day`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Origin {
    /// Last day that forecasts knew, in days since 1970-01-01.
    pub split_day: i32,
    /// Last day compared.
    pub end_day: i32,
    /// Customers known at the split.
    pub n_customers: usize,
    /// Their purchases in the window.
    pub actual_purchases: u32,
    /// Their value in the window.
    pub actual_value: f64,
    /// Purchases that stand behind `expected_value`: those of the models, corrected as their value is where a booster
    /// serves; `None` where it could not be trained.
    pub expected_purchases: Option<f64>,
    /// Value that the family that serves expected of them; `None` where it could not be trained on this hold-out.
    pub expected_value: Option<f64>,
}

/// Errors of forecasts of value per customer, pooled over the hold-outs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scores {
    /// Customers times hold-outs.
    pub n: usize,
    /// Mean absolute error.
    pub mae: f64,
    /// Root of the mean squared error.
    pub rmse: f64,
    /// Sum of the forecasts.
    pub forecast_total: f64,
    /// Sum of what came.
    pub actual_total: f64,
    /// Forecast total over actual total, less one; `None` where nothing came.
    pub bias: Option<f64>,
    /// Rank correlation of forecast and value; `None` where either is constant.
    pub spearman: Option<f64>,
}

/// How a family did.
#[derive(Clone, Debug, PartialEq)]
pub struct FamilyScore {
    /// Which.
    pub family: Family,
    /// Its errors.
    pub scores: Scores,
    /// Its hold-outs.
    pub n_origins: usize,
    /// Tenths of customers by its forecast, lowest first.
    pub calibration: Vec<CalibrationDecile>,
    /// How often its intervals held, at 50, 80 and 95 %; empty for a mean, which has none.
    pub coverage: Vec<Coverage>,
}

/// A forecast anyone can make without a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Baseline {
    /// The same amount as in the last window of that length.
    LastWindow,
    /// Nothing from anyone.
    Zero,
    /// The mean repeat rate of all customers times the value of a purchase.
    PopulationMean,
}

impl Baseline {
    /// All of them, in the order of reports.
    pub const ALL: [Self; 3] = [Self::LastWindow, Self::Zero, Self::PopulationMean];

    /// The name on the wire; never translated.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::LastWindow => "last_window",
            Self::Zero => "zero",
            Self::PopulationMean => "population_mean",
        }
    }
}

/// How a baseline did.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BaselineScore {
    /// Which.
    pub baseline: Baseline,
    /// Its errors.
    pub scores: Scores,
}

/// Whether the family that serves is better than a baseline.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Comparison {
    /// The baseline.
    pub baseline: Baseline,
    /// Whether the family's mean absolute error is lower.
    pub mae_is_lower: bool,
    /// Whether its root mean squared error is lower.
    pub rmse_is_lower: bool,
    /// Whether its total is closer to what came.
    pub total_is_closer: bool,
}

/// The rule that decided which family serves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Selection {
    /// The request allows only this family.
    Asked,
    /// The request asks for boosting alone, which could not be trained.
    AskedButUnavailable,
    /// Fewer than 10 repeat buyers: neither family can be fitted.
    TooFewRepeatBuyers {
        /// Repeat buyers there are.
        n_repeat: usize,
    },
    /// Hold-outs are missing or too weak to choose by.
    NoEvidence,
    /// Only one family could be trained on the hold-outs.
    OnlyCandidate,
    /// The other family's total is off by more than 30 %, this one's is not.
    TotalOff {
        /// The other family's bias.
        other_bias: f64,
        /// This family's bias.
        bias: f64,
    },
    /// Boosting's mean absolute error is lower by more than one standard error of the difference.
    LowerError {
        /// By how much it is lower.
        difference: f64,
        /// Standard error of that, customers resampled as wholes.
        standard_error: f64,
    },
    /// Boosting's mean absolute error is not lower by more than one standard error.
    NotClearlyLower {
        /// By how much boosting's error is lower; negative where it is higher.
        difference: f64,
        /// Standard error of that.
        standard_error: f64,
    },
    /// Boosting's root mean squared error is more than 2 % higher.
    LargerErrors {
        /// Boosting's root mean squared error over the other's.
        rmse_ratio: f64,
    },
    /// Customers buy at regular gaps, which no count model here knows, so that boosting is preferred.
    RegularBuyers,
}

/// Why boosting could not compete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BoostingUnavailable {
    /// The request does not ask for it.
    NotAsked,
    /// There is no hold-out it could be tested on.
    NoHoldOut,
    /// A training window before the split would start less than 28 days after the first date.
    NoTrainingWindow {
        /// Days from the first date to where it would start; may be negative.
        days: i32,
    },
    /// Too few customers or purchases to learn from, or nothing in them that the models do not know.
    TooLittleToLearn,
}

/// A tenth of the customers of all hold-outs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CalibrationDecile {
    /// Customers in it.
    pub n: usize,
    /// Their mean forecast of value.
    pub mean_forecast: f64,
    /// What they brought on average.
    pub mean_actual: f64,
}

/// Tenths of customers that brought half as much again as was forecast of them, or less than two thirds of it, beyond what
/// chance explains.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TenthsOff {
    /// For each tenth, lowest forecasts first, whether it is off.
    pub is_off: [bool; 10],
    /// The one that is off by the largest ratio, from 0.
    pub worst: usize,
    /// Its mean forecast of value.
    pub mean_forecast: f64,
    /// What its customers brought on average.
    pub mean_actual: f64,
}

/// How often intervals of one level held.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Coverage {
    /// The probability they state.
    pub level: f64,
    /// Share of customers whose value lay inside; more than the level where zero is likely, since intervals are closed.
    pub share_inside: f64,
    /// The same without that surplus: share of customers whose randomised probability integral transform,
    /// `P(V < v) + U · P(V = v)` with U uniform, lay between the tails. Of a true model it is the level.
    pub share_inside_randomized: f64,
    /// For each hold-out, latest first, whether the total lay inside its interval, and that interval.
    pub totals: [Option<(bool, Interval)>; 3],
}
