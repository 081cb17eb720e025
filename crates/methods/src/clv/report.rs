//! What a forecast is asked for, and what it answers: numbers, no words.

use super::base::ValueBasis;
use super::remark::Remark;
use super::validation::Validation;

/// What to forecast, and how.
#[derive(Clone, Debug, PartialEq)]
pub struct ForecastOptions {
    /// Months to forecast: until the same calendar day so many months later; 1–60.
    pub horizon_months: u32,
    /// The families that may serve.
    pub families: FamilyChoice,
    /// The count model.
    pub count_model: CountModelChoice,
    /// Yearly rate by which later value counts less; above −1.
    pub discount_rate_annual: f64,
    /// Probability that a prediction interval is to hold; in (0, 1).
    pub confidence_level: f64,
    /// Decides the draws of intervals and the samples of the booster.
    pub random_seed: u64,
}

impl Default for ForecastOptions {
    fn default() -> Self {
        Self {
            horizon_months: 12,
            families: FamilyChoice::Both,
            count_model: CountModelChoice::Auto,
            discount_rate_annual: 0.0,
            confidence_level: 0.9,
            random_seed: 42,
        }
    }
}

/// Which families may serve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FamilyChoice {
    /// Both compete.
    Both,
    /// Only BG/NBD + Gamma-Gamma.
    Probabilistic,
    /// GradientBoosting serves wherever it can be trained.
    Boosting,
}

/// Which count model to use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CountModelChoice {
    /// BG/NBD and MBG/NBD are fitted, the higher log-likelihood serves, MBG/NBD where they are close.
    Auto,
    /// This one.
    Forced(CountModelName),
}

/// A model of purchase counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CountModelName {
    /// Beta-geometric / negative binomial: dropout after a purchase.
    BgNbd,
    /// The same with dropout after the first purchase too.
    MbgNbd,
    /// Pareto / negative binomial: dropout at any time.
    ParetoNbd,
}

impl CountModelName {
    /// The name on the wire; never translated.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::BgNbd => "bg_nbd",
            Self::MbgNbd => "mbg_nbd",
            Self::ParetoNbd => "pareto_nbd",
        }
    }
}

/// A way to forecast.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    /// A count model and the Gamma-Gamma model of value.
    Probabilistic,
    /// Boosted trees.
    GradientBoosting,
    /// A mean, where there are too few repeat buyers for either.
    HistoricalMean,
}

impl Family {
    /// The name on the wire; never translated.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Probabilistic => "BG/NBD + Gamma-Gamma",
            Self::GradientBoosting => "GradientBoosting",
            Self::HistoricalMean => "HistoricalMean",
        }
    }
}

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
    /// Probability of still being a customer; `None` where the model knows no dropout, or there is no model.
    pub probability_alive: Option<f64>,
    /// Probability of no purchase within the horizon; `None` without a model.
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

/// The models as fitted on everything.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ModelParameters {
    /// The count model that serves; `None` with too few repeat buyers.
    pub count: Option<CountParameters>,
    /// All count models that were fitted, with their log-likelihoods.
    pub tried: Vec<TriedModel>,
    /// The value model; `None` where no customer has a positive mean repeat value.
    pub value: Option<ValueParameters>,
    /// How often repeat buyers buy and for how much: the value model takes the two for independent. `None` where too few
    /// repeat buyers differ.
    pub value_independence: Option<Correlation>,
    /// Monthly factors by which a horizon that is not whole years is multiplied, January first; their product is 1.
    pub season: Option<[f64; 12]>,
    /// The factor the season gives this horizon; 1 without one.
    pub season_factor: f64,
    /// What totals are spread by beyond the model's own noise: the standard deviation of the logarithm.
    pub total_spread: f64,
    /// How the booster was trained on everything, where it serves.
    pub boosting: Option<BoostingParameters>,
}

/// A parameter and how sure it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parameter {
    /// The name in the literature.
    pub name: &'static str,
    /// Its estimate.
    pub estimate: f64,
    /// Its standard error; `None` where the information has none to give.
    pub standard_error: Option<f64>,
}

/// A fitted count model; time is in weeks.
#[derive(Clone, Debug, PartialEq)]
pub struct CountParameters {
    /// Which.
    pub model: CountModelName,
    /// r, alpha, a, b, or r, alpha, s, beta.
    pub parameters: Vec<Parameter>,
    /// Log-likelihood of the data, without priors.
    pub log_likelihood: f64,
    /// Whether the data alone determine the parameters.
    pub not_identified: Option<NotIdentified>,
    /// Whether customers leave at all: a / (a + b) of at least 0.001.
    pub has_dropout: bool,
}

/// A fitted value model.
#[derive(Clone, Debug, PartialEq)]
pub struct ValueParameters {
    /// p, q, gamma.
    pub parameters: Vec<Parameter>,
    /// Log-likelihood of the data, without priors.
    pub log_likelihood: f64,
    /// Whether the data alone determine the parameters.
    pub not_identified: Option<NotIdentified>,
    /// Repeat buyers with a positive mean value, who were fitted.
    pub n_customers: usize,
}

/// A rank correlation and where it lies with a probability of 95 %.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Correlation {
    /// Spearman's ρ, −1 to 1.
    pub estimate: f64,
    /// Lower end of the interval.
    pub lower: f64,
    /// Upper end of the interval.
    pub upper: f64,
    /// Customers compared.
    pub n_customers: usize,
}

/// Why priors had to help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotIdentified {
    /// Fewer than 20 repeat buyers.
    FewRepeatBuyers,
    /// There is no hold-out to test on.
    NoHoldOut,
    /// The likelihood rises toward the edge of a parameter's range.
    AtBound,
    /// The information at the optimum is not positive definite.
    NotPositiveDefinite,
}

/// A count model that was fitted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TriedModel {
    /// Which.
    pub model: CountModelName,
    /// Log-likelihood of the data.
    pub log_likelihood: f64,
    /// Whether the data alone determine its parameters.
    pub identified: bool,
}

/// How a booster was trained.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BoostingParameters {
    /// Days of the window it learned.
    pub window_days: u32,
    /// Rows it learned from.
    pub n_rows: usize,
    /// Rows there were; more where it learned from a sample.
    pub n_rows_available: usize,
    /// Trees it kept.
    pub n_trees: usize,
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
