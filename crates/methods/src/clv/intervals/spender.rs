//! What the purchases of one customer bring.

use super::super::base::CustomerState;
use super::super::probabilistic::Probabilistic;
use super::super::value::is_left_out;
use super::replicate::{Purchases, Replicate};

/// How much one customer's purchases bring.
pub struct Spender {
    x: u32,
    mean: f64,
    /// What the fitted models expect.
    expected: f64,
    by_model: bool,
}

impl Spender {
    /// By what is known of the customer.
    pub fn of(model: &Probabilistic<'_, '_>, state: &CustomerState) -> Self {
        Self {
            x: state.frequency(),
            mean: state.mean_repeat_value().unwrap_or(0.0),
            expected: model.value.per_purchase(state),
            by_model: !is_left_out(state),
        }
    }

    /// Repeat purchases so far.
    pub fn x(&self) -> u32 {
        self.x
    }

    /// What drawn purchases bring. Without a value model each brings what is expected.
    pub fn value(&self, replicate: &Replicate, purchases: &Purchases) -> f64 {
        match &replicate.spending {
            Some(spending) if self.by_model => {
                spending.value_of(self.x, self.mean, purchases.relative_value)
            }
            _ => self.expected * f64::from(purchases.n),
        }
    }

    /// What a purchase is expected to bring; by the fitted model where the replicate's has no mean.
    pub fn mean(&self, replicate: &Replicate) -> f64 {
        let spending = replicate.spending.as_ref().filter(|_| self.by_model);
        spending
            .and_then(|spending| spending.expected_mean(self.x, self.mean))
            .unwrap_or(self.expected)
    }
}
