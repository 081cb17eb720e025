//! The count models: what they assume, their parameters, and what they say of a customer.

use clientela_numerics::{StopToken, Stopped};

use super::beta_geometric;
use super::histories::{Histories, History};
use super::outlook::{Leaving, Outlook};
use super::pareto_nbd;

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
    /// The customer leaves after a time with a rate μ ~ Gamma(s, β), whether they buy or not.
    ///
    /// Source: Schmittlein, Morrison, Colombo (1987), "Counting Your Customers: Who Are They and What Will They Do Next?",
    /// Management Science 33(1), 1–24.
    ParetoNbd,
}

/// A count model with its parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CountModel {
    /// The family.
    pub family: CountFamily,
    /// r, α (weeks), a, b; for Pareto/NBD r, α (weeks), s, β (weeks).
    pub params: [f64; 4],
}

impl CountFamily {
    /// Names of the parameters as the literature has them.
    #[must_use]
    pub fn parameter_names(self) -> [&'static str; 4] {
        match self {
            Self::BgNbd | Self::MbgNbd => ["r", "alpha", "a", "b"],
            Self::ParetoNbd => ["r", "alpha", "s", "beta"],
        }
    }
}

impl CountModel {
    /// How likely a customer leaves for each purchase they make: the mean a / (a + b); for Pareto/NBD the mean rate of leaving over
    /// that of leaving or buying, (s/β) / (s/β + r/α).
    #[must_use]
    pub fn dropout_per_purchase(&self) -> f64 {
        let [r, alpha, a, b] = self.params;
        match self.family {
            CountFamily::BgNbd | CountFamily::MbgNbd => a / (a + b),
            CountFamily::ParetoNbd => {
                let (buying, leaving) = (r / alpha, a / b);
                leaving / (leaving + buying)
            }
        }
    }

    /// The time ahead of a customer; every figure below asks it, and whoever needs several asks it directly.
    #[must_use]
    pub fn outlook(&self, history: History) -> Outlook {
        let k = match self.family {
            CountFamily::BgNbd => f64::from(history.x),
            CountFamily::MbgNbd => f64::from(history.x) + 1.0,
            CountFamily::ParetoNbd => return self.pareto_outlook(history),
        };
        let [r, alpha, a, b] = self.params;
        Outlook {
            alive: beta_geometric::probability_alive(&self.params, history, k),
            shape: r + f64::from(history.x),
            rate: alpha + history.t,
            leaving: Leaving::AfterPurchases { a, b: b + k },
        }
    }

    fn pareto_outlook(&self, history: History) -> Outlook {
        let [r, alpha, s, beta] = self.params;
        Outlook {
            alive: pareto_nbd::probability_alive(&self.params, history),
            shape: r + f64::from(history.x),
            rate: alpha + history.t,
            leaving: Leaving::AtAnyTime {
                s,
                beta: beta + history.t,
            },
        }
    }

    /// The time ahead of a customer at the moment of their first purchase.
    #[must_use]
    pub fn outlook_of_new(&self) -> Outlook {
        self.outlook(History::default())
    }

    /// Probability in [0, 1] that the customer is still active.
    ///
    /// ```text
    /// k > 0:  1 / (1 + a / (b+k−1) · ((α+T) / (α+t_x))^(r+x))      k = 0:  1
    /// ```
    ///
    /// with k = x for BG/NBD, x + 1 for MBG/NBD; for Pareto/NBD the share of the still active in the likelihood of the history.
    /// Reading: 0 gone, 1 active. Without repeat purchases BG/NBD says 1 by definition.
    #[must_use]
    pub fn probability_alive(&self, history: History) -> f64 {
        self.outlook(history).probability_alive()
    }

    /// Purchases to be expected in the next `weeks`.
    #[must_use]
    pub fn expected_purchases(&self, history: History, weeks: f64) -> f64 {
        self.outlook(history).expected_purchases(weeks)
    }

    /// Probability of no purchase in the next `weeks`.
    #[must_use]
    pub fn probability_zero(&self, history: History, weeks: f64) -> f64 {
        self.outlook(history).probability_zero(weeks)
    }

    /// P(X ≥ n) for n = 1, 2, … of the purchases X in the next `weeks`; falls to 0 without end.
    pub fn purchase_distribution(
        &self,
        history: History,
        weeks: f64,
    ) -> impl Iterator<Item = f64> + use<> {
        self.outlook(history).purchase_distribution(weeks)
    }

    /// Repeat purchases to be expected in the `weeks` after a first purchase.
    #[must_use]
    pub fn expected_purchases_of_new(&self, weeks: f64) -> f64 {
        self.outlook_of_new().expected_purchases(weeks)
    }

    /// Weeks until the next purchase has been made with probability `quantile`; `None`: never with that probability.
    #[must_use]
    pub fn weeks_to_next_purchase(&self, history: History, quantile: f64) -> Option<f64> {
        self.outlook(history).weeks_to_next_purchase(quantile)
    }

    /// The time ahead of each distinct history; `histories.by_customer` makes it that of each customer.
    ///
    /// # Errors
    /// [`Stopped`] when the stop token is set.
    pub fn outlook_of_rows(
        &self,
        histories: &Histories,
        stop: &StopToken,
    ) -> Result<Vec<Outlook>, Stopped> {
        histories.map_rows(stop, |history| self.outlook(history))
    }

    /// [`CountModel::probability_alive`] of each customer.
    ///
    /// # Errors
    /// [`Stopped`] when the stop token is set.
    pub fn probability_alive_of_all(
        &self,
        histories: &Histories,
        stop: &StopToken,
    ) -> Result<Vec<f64>, Stopped> {
        let by_row = histories.map_rows(stop, |history| self.probability_alive(history))?;
        Ok(histories.by_customer(&by_row))
    }

    /// [`CountModel::expected_purchases`] of each customer.
    ///
    /// # Errors
    /// [`Stopped`] when the stop token is set.
    pub fn expected_purchases_of_all(
        &self,
        histories: &Histories,
        weeks: f64,
        stop: &StopToken,
    ) -> Result<Vec<f64>, Stopped> {
        let by_row = histories.map_rows(stop, |history| self.expected_purchases(history, weeks))?;
        Ok(histories.by_customer(&by_row))
    }

    /// [`CountModel::probability_zero`] of each customer.
    ///
    /// # Errors
    /// [`Stopped`] when the stop token is set.
    pub fn probability_zero_of_all(
        &self,
        histories: &Histories,
        weeks: f64,
        stop: &StopToken,
    ) -> Result<Vec<f64>, Stopped> {
        let by_row = histories.map_rows(stop, |history| self.probability_zero(history, weeks))?;
        Ok(histories.by_customer(&by_row))
    }
}
