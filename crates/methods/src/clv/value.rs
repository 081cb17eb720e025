//! What a purchase of each customer is expected to bring.

use clientela_learn::lifetime::{self, GammaGammaFit, Spending};
use clientela_numerics::{StopToken, Stopped};

use super::base::CustomerState;
use super::count::{fitted, parameters, reason};
use super::historical_mean::shrunken_value;
use super::report::{NotIdentified, ValueParameters};
use super::snapshot::Snapshot;

/// The value model of a snapshot.
#[derive(Clone, Debug)]
pub struct ValueModel {
    /// The fit; `None` where nobody has a positive mean repeat value.
    pub fit: Option<GammaGammaFit>,
    /// Customers whose own mean stands in for the model.
    pub n_left_out: usize,
    mean_purchase_value: f64,
}

impl ValueModel {
    /// Fits the Gamma-Gamma model to repeat buyers with a positive mean value.
    ///
    /// # Errors
    /// [`Stopped`] when the stop token is set.
    pub fn fit(snapshot: &Snapshot<'_>, stop: &StopToken) -> Result<Self, Stopped> {
        let means = || {
            let states = snapshot.states().iter();
            states.filter_map(|state| Some((state.frequency(), state.mean_repeat_value()?)))
        };
        let rows: Vec<Spending> = means()
            .filter(|&(_, mean)| mean > 0.0)
            .map(|(x, mean)| Spending { x, mean })
            .collect();
        let fit = if rows.is_empty() {
            None
        } else {
            Some(fitted(lifetime::fit_spending(&rows, None, stop))?)
        };
        let states = snapshot.states().iter();
        let left_out = states.filter(|state| is_left_out(state));
        Ok(Self {
            fit,
            n_left_out: left_out.count(),
            mean_purchase_value: snapshot.mean_purchase_value(),
        })
    }

    /// Expected value of a purchase of a customer with at least one.
    ///
    /// By the Gamma-Gamma model; customers that are left out of it, and all where there is no model or its mean does not
    /// exist, have their own mean, pulled toward the base's.
    pub fn per_purchase(&self, state: &CustomerState) -> f64 {
        self.by_model(state)
            .unwrap_or_else(|| shrunken_value(state, self.mean_purchase_value))
    }

    fn by_model(&self, state: &CustomerState) -> Option<f64> {
        let model = self.fit.as_ref()?.model;
        if is_left_out(state) {
            return None;
        }
        let mean = state.mean_repeat_value().unwrap_or(0.0);
        model.expected_mean(state.frequency(), mean)
    }

    /// Why priors had to help.
    pub fn not_identified(&self) -> Option<NotIdentified> {
        self.fit.as_ref().and_then(|fit| fit.why_not).map(reason)
    }

    /// The fit as it is reported.
    pub fn report(&self) -> Option<ValueParameters> {
        let fit = self.fit.as_ref()?;
        let model = fit.model;
        Some(ValueParameters {
            parameters: parameters(
                &["p", "q", "gamma"],
                &[model.p, model.q, model.gamma],
                &fit.standard_errors,
            ),
            log_likelihood: fit.log_likelihood,
            not_identified: self.not_identified(),
            n_customers: fit.n_customers,
        })
    }
}

/// Whether a customer's own mean stands in for the model: the mean repeat value is not positive, or a one-time buyer has
/// refunds beside the first purchase, which the model would not see.
pub fn is_left_out(state: &CustomerState) -> bool {
    match state.mean_repeat_value() {
        Some(mean) => mean <= 0.0,
        None => state.n_purchases > 0 && state.repeat_value < 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{base, day, histories};
    use super::*;

    fn model_of(customers: &[(&str, &[&str])], check: impl FnOnce(&Snapshot<'_>, &ValueModel)) {
        let table = histories("2025-06-30", customers);
        let stop = StopToken::new();
        let snapshot = Snapshot::at(base(&table), day("2025-06-30"), &stop).unwrap();
        check(&snapshot, &ValueModel::fit(&snapshot, &stop).unwrap());
    }

    #[test]
    fn refunds_that_outweigh_repeats_leave_a_customer_out_of_the_model() {
        model_of(
            &[
                ("a", &["2025-01-01 10", "2025-02-01 12", "2025-03-01 9"]),
                ("b", &["2025-01-01 10", "2025-02-01 20"]),
                ("c", &["2025-01-01 10", "2025-02-01 15", "2025-05-01 14"]),
                ("lost", &["2025-01-01 10", "2025-02-01 5", "2025-02-02 -30"]),
                ("returned", &["2025-01-01 10", "2025-02-01 -10"]),
            ],
            |snapshot, model| {
                assert_eq!(model.n_left_out, 2);
                assert_eq!(model.fit.as_ref().unwrap().n_customers, 3);
                let lost = &snapshot.states()[3];
                assert!(is_left_out(lost));
                // All values are 85, of eleven purchases: (−15 + 2 · 85/11) / (2 + 2), and (0 + 2 · 85/11) / (1 + 2).
                let mean = 85.0 / 11.0;
                assert_eq!(snapshot.mean_purchase_value(), mean);
                assert_eq!(model.per_purchase(lost), (2.0 * mean - 15.0) / 4.0);
                let returned = &snapshot.states()[4];
                assert_eq!(model.per_purchase(returned), 2.0 * mean / 3.0);
                let frugal = model.per_purchase(&snapshot.states()[0]);
                assert!(frugal > 9.0 && frugal < model.per_purchase(&snapshot.states()[1]));
            },
        );
    }

    #[test]
    fn without_positive_repeat_values_everyone_has_a_shrunken_mean() {
        model_of(
            &[
                ("a", &["2025-01-01 10"]),
                ("b", &["2025-01-01 0", "2025-01-02 0"]),
            ],
            |snapshot, model| {
                assert!(model.fit.is_none() && model.report().is_none());
                let found: Vec<f64> = snapshot
                    .states()
                    .iter()
                    .map(|s| model.per_purchase(s))
                    .collect();
                assert_eq!(found, [(10.0 + 2.0 * 10.0 / 3.0) / 3.0, 20.0 / 3.0 / 4.0]);
            },
        );
    }
}
