//! The count models: what they assume, their parameters, and what they say of a customer.

use clientela_numerics::newton::Evaluation;
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

    /// Log-likelihood of the histories.
    ///
    /// # Errors
    /// [`Stopped`] when the stop token is set.
    pub fn log_likelihood(&self, histories: &Histories, stop: &StopToken) -> Result<f64, Stopped> {
        Ok(evaluate(self.family, histories, &self.params, stop)?.value)
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

/// Log-likelihood at natural parameters, with derivatives for them.
pub(super) fn evaluate(
    family: CountFamily,
    histories: &Histories,
    params: &[f64; 4],
    stop: &StopToken,
) -> Result<Evaluation<4>, Stopped> {
    match family {
        CountFamily::BgNbd => beta_geometric::evaluate(histories, params, 0.0, stop),
        CountFamily::MbgNbd => beta_geometric::evaluate(histories, params, 1.0, stop),
        CountFamily::ParetoNbd => pareto_nbd::evaluate(histories, params, stop),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FAMILIES: [CountFamily; 3] = [
        CountFamily::BgNbd,
        CountFamily::MbgNbd,
        CountFamily::ParetoNbd,
    ];

    fn histories() -> Histories {
        let history = |x, t_x, t| History { x, t_x, t };
        let customers = [
            history(0, 0.0, 0.0),
            history(0, 0.0, 39.0),
            history(1, 3.0, 39.0),
            history(1, 3.0, 39.0),
            history(2, 30.43, 38.86),
            history(26, 30.857, 31.0),
            history(900, 40.0, 90.0),
        ];
        Histories::new(&customers, &StopToken::new()).expect("not stopped")
    }

    #[test]
    fn derivatives_equal_central_differences() {
        let (histories, stop) = (histories(), StopToken::new());
        for family in FAMILIES {
            for params in [
                [0.243, 4.41, 0.79, 2.43],
                [2.0, 0.3, 1.0, 40.0],
                [0.01, 90.0, 7.0, 0.1],
            ] {
                let at =
                    |params: [f64; 4]| evaluate(family, &histories, &params, &stop).expect("runs");
                let here = at(params);
                for i in 0..4 {
                    let step = 1e-5 * params[i];
                    let moved = |by: f64| {
                        let mut params = params;
                        params[i] += by;
                        at(params)
                    };
                    let (up, down) = (moved(step), moved(-step));
                    let close = |given: f64, up: f64, down: f64, size: f64| {
                        let difference = (up - down) / (2.0 * step);
                        let tolerance =
                            1e-6 * (given.abs() + difference.abs()) + 1e-9 * size.abs() / step;
                        assert!(
                            (given - difference).abs() <= tolerance,
                            "{family:?} {params:?} {i}: {given}, {difference}"
                        );
                    };
                    close(here.gradient[i], up.value, down.value, 1e-3 * here.value);
                    for j in 0..4 {
                        close(
                            here.hessian[i][j],
                            up.gradient[j],
                            down.gradient[j],
                            1e-3 * here.gradient[j],
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn the_customer_who_just_bought_first_is_the_new_customer() {
        let model = CountModel {
            family: CountFamily::MbgNbd,
            params: [0.5, 6.0, 1.0, 3.0],
        };
        let outlook = model.outlook_of_new();
        assert!((outlook.probability_alive() - 0.75).abs() < 1e-15);
        assert_eq!(outlook.expected_purchases(0.0), 0.0);
    }
}
