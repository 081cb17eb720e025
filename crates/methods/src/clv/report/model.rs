//! The models as they were fitted.

use super::options::CountModelName;

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
    /// It hardly says how likely customers are to leave: their odds could as well be 50 times as high or low.
    DropoutOpen,
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
