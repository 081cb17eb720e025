//! What a reader of a forecast has to know besides its figures.

use super::report::{Correlation, NotIdentified};
use super::validation::{Shortfall, TenthsOff};

/// One thing to know, with its figures.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Remark {
    /// Some lines have costs and some do not, so that amounts are forecast.
    MixedCosts {
        /// Customers all of whose lines have one.
        n_with: usize,
        /// The other customers.
        n_without: usize,
    },
    /// Refunds left no purchase of some customers.
    WithoutPurchases {
        /// How many.
        n_customers: usize,
    },
    /// The mean repeat value of some customers is not positive; they are left out of the value model.
    ValueNotPositive {
        /// How many.
        n_customers: usize,
    },
    /// Fewer than 10 repeat buyers: a mean is all there is.
    HistoricalMean {
        /// Repeat buyers there are.
        n_repeat: usize,
    },
    /// No time has passed since anyone's first purchase.
    NoTimeObserved,
    /// Nobody has bought again yet.
    NobodyRepeats,
    /// The data do not determine the count model.
    CountModelNotIdentified(NotIdentified),
    /// The data do not determine the value model.
    ValueModelNotIdentified(NotIdentified),
    /// Nobody's repeat purchases bring anything; there is no value model.
    NoValueModel,
    /// By the count model nobody ever leaves, so that there is no probability of being alive.
    NoDropout,
    /// There is no hold-out.
    NoHoldOut(Shortfall),
    /// The hold-outs are too small to choose by.
    WeakEvidence(Shortfall),
    /// The horizon is longer than 1.5 times what was tested.
    HorizonBeyondEvidence {
        /// Days of the horizon.
        horizon_days: u32,
        /// Days that were tested; 0 without a hold-out.
        validated_days: u32,
    },
    /// The window or the history is shorter than a year.
    SeasonNotCovered {
        /// Days of the window; `None` without one.
        window_days: Option<u32>,
        /// Days of the history.
        history_days: u32,
    },
    /// The customers are expected to bring clearly more than they did in as many days before today.
    AboveHistory {
        /// The forecast total.
        forecast: f64,
        /// What the same customers brought before.
        before: f64,
        /// Days of the horizon.
        horizon_days: u32,
    },
    /// The booster learned a window shorter than the horizon; its forecast is stretched by the count model.
    BoosterBeyondWindow {
        /// Days of the horizon.
        horizon_days: u32,
        /// Days of the window it learned.
        window_days: u32,
    },
    /// The booster learned from a sample.
    BoosterSampled {
        /// Rows it learned from.
        n_rows: usize,
        /// Rows there were.
        n_rows_available: usize,
    },
    /// Far more customers made their first purchase in the first month than in others: they are older than they look.
    LeftTruncated {
        /// First purchases in the first month.
        n_first_month: usize,
        /// First purchases of a month on average.
        monthly_mean: f64,
    },
    /// How often a customer buys and for how much go together, which the value model rules out.
    ValueNotIndependent(Correlation),
    /// Customers buy at regular gaps, which count models take for chance.
    RegularBuyers {
        /// Median coefficient of variation of the gaps.
        median_variation: f64,
        /// Customers with at least five gaps.
        n_customers: usize,
    },
    /// Early and late customers are forecast differently well.
    CohortsDiffer {
        /// Forecast over actual of the earlier half.
        early_ratio: f64,
        /// Forecast over actual of the later half.
        late_ratio: f64,
    },
    /// Some naive baseline has a lower root mean squared error than the family that serves.
    NotBetterThanBaseline {
        /// The name of the baseline.
        baseline: &'static str,
        /// Its root mean squared error.
        baseline_rmse: f64,
        /// That of the family.
        rmse: f64,
    },
    /// The tested total was off by more than 20 %.
    TotalOff {
        /// Forecast over actual, less one.
        bias: f64,
    },
    /// Some tenths of customers by forecast were off by half or more on the hold-outs, beyond what chance explains.
    CalibrationOff(TenthsOff),
    /// The horizon is not whole years, and an index of the months it covers multiplies the forecast.
    SeasonApplied {
        /// The factor of this horizon.
        factor: f64,
    },
}
