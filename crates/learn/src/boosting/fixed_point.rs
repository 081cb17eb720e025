//! Sums that do not depend on their order: reals as whole multiples of a power of two.
//!
//! Addition of integers is associative, so that histograms may be filled by any number of threads, in any order, and one
//! histogram may be subtracted from another without rounding; with doubles each of these would change the last bits.

use libm::{frexp, ldexp};

/// Sums stay below 2^62 in magnitude.
pub(super) const SUM_BITS: i32 = 62;
/// Bits of terms that [`FixedPoint::encode_short`] can take.
const SHORT_BITS: i32 = 50;
/// Adding 1.5 · 2^52 leaves a whole number in the low bits of the sum.
const ROUNDER: f64 = 6_755_399_441_055_744.0;

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
        let count_bits = (usize::BITS - n.leading_zeros()) as i32;
        Self::with_bits(SUM_BITS - count_bits, largest)
    }

    /// The same for terms of at most [`SHORT_BITS`] bits, whose sums leave the highest `spare` bits free.
    pub(super) fn for_short_terms(n: usize, largest: f64, spare: u32) -> Self {
        let count_bits = (usize::BITS - n.leading_zeros()) as i32;
        let bits = SUM_BITS - spare as i32 - count_bits;
        Self::with_bits(bits.min(SHORT_BITS), largest)
    }

    /// The unit in which a term of magnitude `largest` has so many bits.
    fn with_bits(bits: i32, largest: f64) -> Self {
        let (_, exponent) = frexp(largest);
        // Beyond ±1000 the scale or its inverse would leave the range of doubles.
        let shift = (bits - exponent).clamp(-1000, 1000);
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

    /// The nearest multiple of the unit of a short term, by additions alone: several at once.
    #[inline]
    pub(super) fn encode_short(self, term: f64) -> i64 {
        (term * self.scale + ROUNDER).to_bits() as i64 - ROUNDER.to_bits() as i64
    }

    /// The least sum that stands for at least this much (≥ 0).
    pub(super) fn least(self, real: f64) -> i64 {
        let mut sum = libm::ceil(real * self.scale) as i64;
        // The product may have been rounded, by less than a unit as long as it is below 2^53.
        while sum > 0 && self.decode(sum - 1) >= real {
            sum -= 1;
        }
        while sum < i64::MAX && self.decode(sum) < real {
            sum += 1;
        }
        sum
    }

    /// The real that a sum of encoded terms stands for.
    pub(crate) fn decode(self, sum: i64) -> f64 {
        sum as f64 * self.unit
    }
}

/// The sum of finite terms: the same bits in any order.
pub(super) fn sum(terms: &[f64]) -> f64 {
    let unit = FixedPoint::for_terms(terms.len(), largest(terms));
    unit.decode(terms.iter().map(|&term| unit.encode(term)).sum())
}

/// The largest magnitude among the terms; 0 without any.
pub(super) fn largest(terms: &[f64]) -> f64 {
    // Four at once; `f64::max` would spend most of its time on NaN.
    let mut largest = [0.0_f64; 4];
    let (fours, rest) = terms.as_chunks::<4>();
    for four in fours {
        for (largest, term) in largest.iter_mut().zip(four) {
            let magnitude = term.abs();
            *largest = if magnitude > *largest {
                magnitude
            } else {
                *largest
            };
        }
    }
    let all = rest.iter().map(|term| term.abs()).chain(largest);
    all.fold(0.0, f64::max)
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
    fn short_terms_are_rounded_to_the_nearest() {
        for largest in [1e-250, 0.25, 1.0, 12_345.678] {
            for spare in [0, 18] {
                let unit = FixedPoint::for_short_terms(200_000, largest, spare);
                for term in [largest, -largest, largest / 3.0, -largest / 7e4, 0.0] {
                    let short = unit.encode_short(term);
                    assert!(short.abs() <= 1 << 50, "{short}");
                    let off = unit.decode(short) - term;
                    assert!(off.abs() <= unit.unit / 2.0, "{term}: {off}");
                }
            }
        }
    }

    #[test]
    fn the_least_sum_is_the_least() {
        for largest in [1e-9, 0.25, 1.0, 12_345.678, 1e12] {
            let unit = FixedPoint::for_terms(1000, largest);
            for share in [0.0, 1e-13, 1e-3, 1.0 / 3.0, 1.0, 17.3, 999.0] {
                let real = largest * share;
                let least = unit.least(real);
                assert!(unit.decode(least) >= real, "{least}");
                assert!(least == 0 || unit.decode(least - 1) < real, "{least}");
            }
            assert!(unit.least(1e300) >= 1 << 62);
        }
    }

    #[test]
    fn the_largest_is_found_wherever_it_is() {
        for length in 1..20 {
            for place in 0..length {
                let mut terms = vec![0.5; length];
                terms[place] = -3.0;
                assert_eq!(largest(&terms), 3.0);
            }
        }
        assert_eq!(largest(&[]), 0.0);
    }

    #[test]
    fn nothing_adds_up_to_nothing() {
        assert_eq!(sum(&[]), 0.0);
        assert_eq!(sum(&[0.0, -0.0]), 0.0);
    }
}
