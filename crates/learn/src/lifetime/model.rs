//! The count models: what they assume and their parameters.

/// Which story the count model tells. All share: while active, a customer buys at random times with a rate λ of their own, and
/// λ ~ Gamma(r, α) over customers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CountFamily {
    /// After each repeat purchase the customer leaves with a probability p ~ Beta(a, b).
    ///
    /// Source: Fader, Hardie, Lee (2005), "'Counting Your Customers' the Easy Way: An Alternative to the Pareto/NBD Model",
    /// Marketing Science 24(2), 275–284.
    BgNbd,
    /// As [`CountFamily::BgNbd`], but the customer may also leave after the first purchase.
    ///
    /// Source: Batislam, Denizel, Filiztekin (2007), "Empirical validation and comparison of models for customer base
    /// analysis", International Journal of Research in Marketing 24(3), 201–209.
    MbgNbd,
}

/// A count model with its parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CountModel {
    /// The family.
    pub family: CountFamily,
    /// r, α (weeks), a, b.
    pub params: [f64; 4],
}

impl CountFamily {
    /// Names of the parameters as the literature has them.
    #[must_use]
    pub fn parameter_names(self) -> [&'static str; 4] {
        match self {
            Self::BgNbd | Self::MbgNbd => ["r", "alpha", "a", "b"],
        }
    }
}
