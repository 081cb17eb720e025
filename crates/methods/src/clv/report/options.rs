//! What a forecast is asked for.

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
