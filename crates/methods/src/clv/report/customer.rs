//! What one customer is expected to bring, and what that rests on.

use super::Interval;

/// What one customer is expected to bring.
#[derive(Clone, Debug, PartialEq)]
pub struct CustomerForecast {
    /// Expected value within the horizon, discounted.
    pub value: f64,
    /// Expected purchases within the horizon.
    pub purchases: f64,
    /// Expected value of one purchase, not discounted.
    pub value_per_purchase: f64,
    /// Place of `value` in the base.
    pub tier: ClvTier,
    /// What the customer will bring, with the probability asked for or more; `None` without a model.
    pub prediction: Option<Interval>,
    /// Where the expectation itself lies, given what the parameters leave open; `None` without a model.
    pub expectation: Option<Interval>,
    /// Probability of still being a customer by the estimated parameters, and never below that of a purchase; `None` where
    /// the model knows no dropout, or there is no model.
    pub probability_alive: Option<f64>,
    /// Probability of no purchase within the horizon, averaged over what the parameters leave open, as `prediction` has it:
    /// that begins or ends at 0 where this reaches its tail. `None` without a model.
    pub probability_zero: Option<f64>,
    /// What the forecast rests on.
    pub explanation: Explanation,
}

/// Tiers by the 30th and 70th percentile of the predictions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClvTier {
    /// From the 70th percentile on.
    High,
    /// Between.
    Medium,
    /// Up to the 30th percentile.
    Low,
}

impl ClvTier {
    /// All tiers, best first.
    pub const ALL: [Self; 3] = [Self::High, Self::Medium, Self::Low];

    /// The name on the wire; never translated.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::High => "High",
            Self::Medium => "Medium",
            Self::Low => "Low",
        }
    }
}

/// What a forecast rests on, and how each part moves it.
///
/// A factor is a ratio: 1 leaves the forecast where it is, 2 doubles it. Of customers with a purchase the value is the
/// product of `orders.factor`, `gap.factor`, `value.factor`, `learned`, the discount, and a constant of the base.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// Purchases so far.
    pub orders: OrdersMover,
    /// How long the customer has been silent; `None` without a purchase.
    pub gap: Option<GapMover>,
    /// What a purchase brings.
    pub value: ValueMover,
    /// The booster's forecast over that of the models; `None` where the models serve or expect nothing.
    pub learned: Option<f64>,
    /// Why the forecast is 0 or a mean, where it is.
    pub reason: Option<Reason>,
}

/// Purchases so far.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OrdersMover {
    /// Days with a purchase, the first included.
    pub n_purchases: u32,
    /// The mean of the base.
    pub base_mean: f64,
    /// Expected purchases with this history, had the last one been today, over the same of the mean customer; `None`
    /// without a model.
    pub factor: Option<f64>,
}

/// The gap since the last purchase.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GapMover {
    /// Days since the last purchase.
    pub days_since_last: u32,
    /// Median days between the customer's purchases; `None` without a repeat.
    pub usual_gap_days: Option<f64>,
    /// Expected purchases over those expected had the last purchase been today; `None` without a model.
    pub factor: Option<f64>,
}

/// The value of a purchase.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ValueMover {
    /// Mean value of the repeat purchases so far, lowered by refunds; `None` without a repeat.
    pub mean_repeat_value: Option<f64>,
    /// Mean value of a purchase of the base.
    pub base_mean: f64,
    /// Expected value of a purchase over the mean expected value of the base; `None` where that mean is not positive.
    pub factor: Option<f64>,
}

/// Why a forecast is 0, or no model's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Refunds left no purchase: the forecast is 0.
    NoPurchases,
    /// No time has passed since anyone's first purchase, so that there is no rate: the forecast is 0.
    NoTimeObserved,
    /// Nobody has bought again yet, so that there is no rate: the forecast is 0.
    NobodyRepeats,
    /// What refunds took is more than the repeat purchases brought; a purchase is valued by the customer's own mean,
    /// shrunken toward the base's.
    OwnValueNotPositive,
}
