//! Forecasts of the learned window, brought to another horizon.

use clientela_numerics::ExactSum;

use super::super::probabilistic::Expected;

/// Stretches forecasts of the window to another horizon by what the models expect within each.
///
/// A customer of whom the models expect nothing within the window is stretched as the base is.
pub fn stretched(forecast: &[f64], window: &[Expected], horizon: &[Expected]) -> Vec<f64> {
    let purchases = |expected: &Expected| expected.purchases * expected.discount;
    let sum = |all: &[Expected]| all.iter().map(purchases).collect::<ExactSum>().value();
    let of_base = ratio(sum(horizon), sum(window)).unwrap_or(1.0);
    let members = forecast.iter().zip(window.iter().zip(horizon));
    members
        .map(|(value, (window, horizon))| {
            value * ratio(purchases(horizon), purchases(window)).unwrap_or(of_base)
        })
        .collect()
}

fn ratio(over: f64, under: f64) -> Option<f64> {
    let ratio = over / under;
    (under > 0.0 && ratio.is_finite()).then_some(ratio)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beyond_the_window_each_customer_is_stretched_as_the_models_expect() {
        let expected = |purchases, discount| Expected {
            purchases,
            per_purchase: 7.0,
            discount,
        };
        let window = [expected(2.0, 1.0), expected(1.0, 1.0), expected(0.0, 1.0)];
        let horizon = [expected(3.0, 1.0), expected(3.0, 0.5), expected(0.0, 1.0)];
        let found = stretched(&[10.0, 10.0, 10.0], &window, &horizon);
        assert_eq!(found, [15.0, 15.0, 15.0]);
        let found = stretched(&[10.0, 10.0, 4.0], &window, &window);
        assert_eq!(found, [10.0, 10.0, 4.0]);
    }
}
