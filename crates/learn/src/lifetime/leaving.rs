//! Purchases of a customer who leaves after each of them with a probability p ~ Beta(a, b).

use libm::{exp, expm1, lgamma, log, log1p};

use super::negative_binomial::NegativeBinomial;
use clientela_numerics::gamma::{ln_rising_factorial, trigamma};

/// Beyond so many terms the sum is slower than the quadrature.
const TERMS_MAX: f64 = 600.0;

/// E[min(N, G)] with G the purchases after which the customer leaves.
pub(super) fn expected_purchases(purchases: NegativeBinomial, a: f64, b: f64) -> f64 {
    if purchases.weeks <= 0.0 {
        0.0
    } else if purchases.n_terms() > TERMS_MAX {
        by_quadrature(purchases, a, b)
    } else {
        by_terms(purchases, a, b)
    }
}

/// P(min(N, G) ≥ n) for n = 1, 2, …: P(N ≥ n) · E[(1−p)^(n−1)].
pub(super) fn distribution(
    purchases: NegativeBinomial,
    a: f64,
    b: f64,
) -> impl Iterator<Item = f64> {
    let mut at_least = 1.0_f64;
    let mut stays = 1.0;
    let mut n = 0.0;
    purchases.probabilities().map(move |probability| {
        at_least = (at_least - probability).max(0.0);
        let result = at_least * stays;
        stays *= (b + n) / (a + b + n);
        n += 1.0;
        result
    })
}

/// Σ P(N = m) · S(m), where S(m) = Σ over n ≤ m of E[(1−p)^(n−1)] is the expected number of the first m purchases made.
fn by_terms(purchases: NegativeBinomial, a: f64, b: f64) -> f64 {
    const NEGLIGIBLE: f64 = 1e-16;
    let mut probabilities = purchases.probabilities();
    let (mut sum, mut made, mut stays, mut n) = (0.0, 0.0, 1.0, 0.0);
    while let Some(probability) = probabilities.next() {
        let term = probability * made;
        sum += term;
        made += stays;
        stays *= (b + n) / (a + b + n);
        n += 1.0;
        // Later terms fall at least as fast as this ratio, which itself falls or is below the odds of a purchase.
        let ratio = probabilities.ratio() * (1.0 + 1.0 / n);
        if ratio < 1.0 && n > 2.0 && term <= NEGLIGIBLE * (1.0 - ratio) * sum {
            break;
        }
    }
    sum
}

/// ∫ Beta(p; a, b) · (1 − (1 + p weeks/rate)^−shape) / p dp by the trapezoidal rule for y = ln(p / (1−p)).
///
/// The integrand is analytic for |Im y| < π and, where b is large, like e^(−b e^y), which grows beyond |Im y| = π/2: the rule
/// converges like e^(−π²/step). A bell, where a and b are both large, needs steps in proportion to its width. Left of the first
/// node the integrand is a multiple of e^(a y), whose nodes form a geometric series.
///
/// Source: Trefethen, Weideman (2014), "The Exponentially Convergent Trapezoidal Rule", SIAM Review 56(3), section 5.
fn by_quadrature(purchases: NegativeBinomial, a: f64, b: f64) -> f64 {
    const NEGLIGIBLE: f64 = 1e-17;
    let NegativeBinomial { shape, rate, weeks } = purchases;
    let spread = (trigamma(a) + trigamma(b)).sqrt();
    let step = (0.7 * spread).min(0.25);
    let per_week = weeks / rate;
    // ln B(a, b) without the difference of two large logarithms.
    let ln_beta = lgamma(a.min(b)) - ln_rising_factorial(a.max(b), a.min(b));
    let ln_front = log(step) - ln_beta;
    let value = |y: f64| {
        // ln p and ln(1−p) without loss at either end.
        let (ln_p, ln_stay) = if y < 0.0 {
            (y - log1p(exp(y)), -log1p(exp(y)))
        } else {
            (-log1p(exp(-y)), -y - log1p(exp(-y)))
        };
        let p = exp(ln_p);
        let made = -expm1(-shape * log1p(p * per_week));
        // For the smallest p the quotient is shape · weeks/rate; there p itself may not be a double.
        let purchases = if p * per_week * shape < NEGLIGIBLE {
            shape * per_week
        } else {
            made / p
        };
        exp(ln_front + a * ln_p + b * ln_stay) * purchases
    };
    let first = log(NEGLIGIBLE / (1.0 + per_week * (shape + 1.0) + a + b));
    let mut sum = value(first) / -expm1(-a * step);
    let mut y = first + step;
    let mode = log(a / b);
    loop {
        let term = value(y);
        sum += term;
        if y > mode && term <= NEGLIGIBLE * sum {
            return sum;
        }
        y += step;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_and_quadrature_agree() {
        for shape in [0.243, 1.0, 26.243, 3000.0] {
            for (a, b) in [
                (0.793, 2.426),
                (1.0, 28.4),
                (1e-4, 3.0),
                (0.2, 0.05),
                (40.0, 60.0),
                (0.8, 3000.0),
            ] {
                for (rate, weeks) in [(4.4, 52.0), (35.4, 39.0), (70.0, 0.1), (2.0, 300.0)] {
                    let purchases = NegativeBinomial::new(shape, rate, weeks);
                    let (terms, quadrature) =
                        (by_terms(purchases, a, b), by_quadrature(purchases, a, b));
                    assert!(
                        (terms - quadrature).abs() <= 1e-11 * terms,
                        "{shape} {a} {b} {rate} {weeks}: {terms}, {quadrature}"
                    );
                }
            }
        }
    }
}
