//! The digamma and trigamma functions, and differences of the gamma family that lose no digits where its values are large.
//!
//! All transcendental functions come from `libm`, so that a figure has the same bits on every machine.

use libm::{log, log1p};

/// From here on the asymptotic series below are exact to a double.
const ASYMPTOTIC: f64 = 15.0;

/// ψ(z), the derivative of lnΓ, for z > 0.
///
/// Source: NIST DLMF 5.5.2 (recurrence) and 5.11.2 (asymptotic series).
#[must_use]
pub fn digamma(z: f64) -> f64 {
    let (shifted, below) = shift(z, |value| 1.0 / value);
    log(shifted) + digamma_series(shifted) - below
}

/// ψ′(z), the second derivative of lnΓ, for z > 0.
///
/// Source: NIST DLMF 5.15.5 (recurrence) and 5.15.8 (asymptotic series).
#[must_use]
pub fn trigamma(z: f64) -> f64 {
    let (shifted, below) = shift(z, |value| 1.0 / (value * value));
    trigamma_series(shifted) + below
}

/// lnΓ(z + n) − lnΓ(z) for z > 0, n ≥ 0: the logarithm of the rising factorial (z)ₙ, also where lnΓ itself is huge.
///
/// Source: NIST DLMF 5.11.1, with the leading terms of the two series subtracted by hand.
#[must_use]
pub fn ln_rising_factorial(z: f64, n: f64) -> f64 {
    let (low, low_product) = shift_product(z);
    let (high, high_product) = shift_product(z + n);
    // Where both are shifted they are shifted by different amounts, so that their distance is not n.
    let distance = (high - (z + n)) - (low - z) + n;
    (low - 0.5) * log1p(distance / low) + distance * (log(high) - 1.0) + ln_gamma_series(high)
        - ln_gamma_series(low)
        + log(low_product)
        - log(high_product)
}

/// ψ(z + n) − ψ(z) for z > 0, n ≥ 0.
#[must_use]
pub fn digamma_difference(z: f64, n: f64) -> f64 {
    let (low, low_sum) = shift(z, |value| 1.0 / value);
    let (high, high_sum) = shift(z + n, |value| 1.0 / value);
    let distance = (high - (z + n)) - (low - z) + n;
    log1p(distance / low) + digamma_series(high) - digamma_series(low) + low_sum - high_sum
}

/// ψ′(z + n) − ψ′(z) for z > 0, n ≥ 0; never positive.
#[must_use]
pub fn trigamma_difference(z: f64, n: f64) -> f64 {
    trigamma(z + n) - trigamma(z)
}

/// The first z + k that is large enough for the series, and the sum of `term(z) … term(z + k − 1)`.
fn shift(z: f64, term: impl Fn(f64) -> f64) -> (f64, f64) {
    let (mut shifted, mut sum) = (z, 0.0);
    while shifted < ASYMPTOTIC {
        sum += term(shifted);
        shifted += 1.0;
    }
    (shifted, sum)
}

/// As [`shift`] with the product of the steps.
fn shift_product(z: f64) -> (f64, f64) {
    let (mut shifted, mut product) = (z, 1.0);
    while shifted < ASYMPTOTIC {
        product *= shifted;
        shifted += 1.0;
    }
    (shifted, product)
}

/// lnΓ(z) without (z − ½) ln z − z + ½ ln 2π.
fn ln_gamma_series(z: f64) -> f64 {
    let inverse = 1.0 / z;
    let square = inverse * inverse;
    inverse
        * (1.0 / 12.0
            - square
                * (1.0 / 360.0
                    - square * (1.0 / 1260.0 - square * (1.0 / 1680.0 - square * (1.0 / 1188.0)))))
}

/// ψ(z) without ln z.
fn digamma_series(z: f64) -> f64 {
    let inverse = 1.0 / z;
    let square = inverse * inverse;
    -0.5 * inverse
        - square
            * (1.0 / 12.0
                - square
                    * (1.0 / 120.0
                        - square * (1.0 / 252.0 - square * (1.0 / 240.0 - square * (1.0 / 132.0)))))
}

fn trigamma_series(z: f64) -> f64 {
    let inverse = 1.0 / z;
    let square = inverse * inverse;
    inverse
        + 0.5 * square
        + inverse
            * square
            * (1.0 / 6.0
                - square
                    * (1.0 / 30.0
                        - square * (1.0 / 42.0 - square * (1.0 / 30.0 - square * (5.0 / 66.0)))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(given: f64, expected: f64, tolerance: f64) {
        assert!(
            (given - expected).abs() <= tolerance * expected.abs().max(1e-300),
            "{given}, not {expected}"
        );
    }

    #[test]
    fn digamma_and_trigamma_match_closed_forms() {
        let euler = 0.577_215_664_901_532_9;
        let pi_squared = std::f64::consts::PI * std::f64::consts::PI;
        check(digamma(1.0), -euler, 1e-14);
        check(digamma(0.5), -euler - 2.0 * std::f64::consts::LN_2, 1e-14);
        check(digamma(1e-8), -1e8 - euler, 1e-15);
        check(trigamma(1.0), pi_squared / 6.0, 1e-14);
        check(trigamma(0.5), pi_squared / 2.0, 1e-14);
        check(trigamma(1e6), 1.000_000_500_000_166_7e-6, 1e-14);
    }

    #[test]
    fn differences_match_sums_over_whole_steps() {
        for z in [1e-4, 0.243, 0.999, 7.5, 14.99, 120.0, 1e7] {
            for n in [0_u32, 1, 2, 14, 15, 300] {
                let steps = (0..n).map(|k| z + f64::from(k));
                let logs: f64 = steps.clone().map(log).sum();
                let inverses: f64 = steps.clone().map(|value| 1.0 / value).sum();
                let squares: f64 = steps.map(|value| -1.0 / (value * value)).sum();
                let n = f64::from(n);
                let scale = logs.abs().max(1.0);
                assert!((ln_rising_factorial(z, n) - logs).abs() < 2e-14 * scale);
                assert!((digamma_difference(z, n) - inverses).abs() < 1e-14 * inverses.max(1.0));
                assert!(
                    (trigamma_difference(z, n) - squares).abs() < 1e-14 * squares.abs().max(1.0)
                );
            }
        }
    }
}
