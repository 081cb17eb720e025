//! Sums that do not depend on their order: reals as whole multiples of a power of two.
//!
//! Addition of integers is associative, so that histograms may be filled by any number of threads, in any order, and one
//! histogram may be subtracted from another without rounding; with doubles each of these would change the last bits.

use libm::{frexp, ldexp};

/// Sums stay below 2^62 in magnitude.
const SUM_BITS: i32 = 62;

/// A power of two by which terms are multiplied before they become integers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct FixedPoint {
    scale: f64,
    unit: f64,
}

impl FixedPoint {
    /// The finest unit in which a sum of `n` terms of magnitude at most `largest` (finite) cannot overflow.
    ///
    /// A term keeps 62 − log₂ n bits below the largest: 44 of them at 250,000 rows.
    pub(crate) fn for_terms(n: usize, largest: f64) -> Self {
        let (_, exponent) = frexp(largest);
        let count_bits = (usize::BITS - n.leading_zeros()) as i32;
        // Beyond ±1000 the scale or its inverse would leave the range of doubles.
        let shift = (SUM_BITS - count_bits - exponent).clamp(-1000, 1000);
        Self {
            scale: ldexp(1.0, shift),
            unit: ldexp(1.0, -shift),
        }
    }

    /// The nearest multiple of the unit.
    pub(crate) fn encode(self, term: f64) -> i64 {
        let scaled = term * self.scale;
        (scaled + 0.5_f64.copysign(scaled)) as i64
    }

    /// The real that a sum of encoded terms stands for.
    pub(crate) fn decode(self, sum: i64) -> f64 {
        sum as f64 * self.unit
    }
}

/// The sum of finite terms: the same bits in any order.
pub(crate) fn sum(terms: &[f64]) -> f64 {
    let unit = FixedPoint::for_terms(terms.len(), largest(terms));
    unit.decode(terms.iter().map(|&term| unit.encode(term)).sum())
}

/// The largest magnitude among the terms; 0 without any.
pub(crate) fn largest(terms: &[f64]) -> f64 {
    terms
        .iter()
        .fold(0.0, |largest, term| term.abs().max(largest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_is_the_same_in_any_order() {
        let terms: Vec<f64> = (1..2000).map(|i| 1.0 / f64::from(i * i - 7)).collect();
        let reversed: Vec<f64> = terms.iter().rev().copied().collect();
        assert_eq!(sum(&terms).to_bits(), sum(&reversed).to_bits());
        let plain: f64 = terms.iter().sum();
        assert!((sum(&terms) - plain).abs() < 1e-13, "{plain}");
    }

    #[test]
    fn the_largest_terms_do_not_overflow() {
        for largest in [1e-250, 1e-9, 1.0, 12_345.678, 1e290] {
            let terms = vec![largest; 100_000];
            let relative = sum(&terms) / (largest * 100_000.0);
            assert!((relative - 1.0).abs() < 1e-12, "{largest}: {relative}");
        }
    }

    #[test]
    fn nothing_adds_up_to_nothing() {
        assert_eq!(sum(&[]), 0.0);
        assert_eq!(sum(&[0.0, -0.0]), 0.0);
    }
}
