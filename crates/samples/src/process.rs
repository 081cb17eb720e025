//! One customer's purchases, drawn from BG/NBD and Gamma-Gamma.

use clientela_numerics::RandomStream;

use crate::shop::ShopperType;

/// What one customer did, in continuous time.
pub(crate) struct History {
    /// Purchases a week while active.
    pub lambda: f64,
    /// Chance of leaving after each repeat purchase.
    pub dropout: f64,
    /// The mean of the customer's orders, in money.
    pub mean_order: f64,
    /// Whether the customer had not left at the end.
    pub alive: bool,
    /// Weeks from the beginning of the window to each purchase, ascending; the first is always there.
    pub times: Vec<f64>,
    /// The value of each purchase.
    pub values: Vec<f64>,
}

impl History {
    /// Draws a customer of `shopper_type` whose first purchase falls anywhere in a window of `weeks`.
    pub(crate) fn draw(shopper_type: &ShopperType, weeks: f64, stream: &mut RandomStream) -> Self {
        let ShopperType {
            r,
            alpha,
            a,
            b,
            p,
            q,
            gamma,
            ..
        } = *shopper_type;
        let lambda = stream.gamma(r) / alpha;
        let dropout = stream.beta(a, b);
        let mean_order = p * gamma / stream.gamma(q);
        let mut history = Self {
            lambda,
            dropout,
            mean_order,
            alive: true,
            times: vec![weeks * stream.uniform()],
            values: Vec::new(),
        };
        history.buy_again(weeks, stream);
        // Gamma(p) / ν has the mean p / ν, which is `mean_order`.
        history.values = history
            .times
            .iter()
            .map(|_| stream.gamma(p) / p * mean_order)
            .collect();
        history
    }

    /// Repeat purchases, exponentially spaced, until the window ends or the customer leaves. As in the source a customer
    /// can leave only right after a repeat purchase, never after the first one.
    fn buy_again(&mut self, weeks: f64, stream: &mut RandomStream) {
        let mut time = self.times[0];
        while self.alive {
            // A rate that is too small for a double means an infinite wait.
            time += stream.exponential() / self.lambda;
            if time < weeks {
                self.times.push(time);
                self.alive = stream.uniform() >= self.dropout;
            } else {
                return;
            }
        }
    }
}
