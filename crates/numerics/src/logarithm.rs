//! The natural logarithm of many values at once, written so that the compiler can use vector instructions.
//!
//! Only sums, products, quotients and bit operations: the same bits on every machine. Error below 1e-15, relative or absolute.
#![expect(
    clippy::excessive_precision,
    reason = "ln 2 in two parts, as printed in the literature"
)]

/// The bits of √½: mantissas are taken from [√½, √2).
const SQRT_HALF: u64 = 0x3FE6_A09E_667F_3BCD;
const EXPONENTS: u64 = 0xFFF << 52;
/// 2^52, whose low bits are the ones of whole numbers.
const WHOLE: u64 = 0x4330_0000_0000_0000;
/// ln 2 in two parts, of which the first has 20 zero bits at its end, so that whole multiples of it are exact.
const LN_2_HIGH: f64 = 0.693_147_180_369_123_816_49;
const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;

/// Replaces each value, which must be positive, normal and finite, by its natural logarithm.
pub fn logarithms(values: &mut [f64]) {
    for value in values {
        *value = logarithm(*value);
    }
}

/// x = 2^k · m with m in [√½, √2), and ln m = 2 artanh((m − 1) / (m + 1)) by its series.
///
/// Source: NIST DLMF 4.6.4; the reduction as in Tang (1990), "Table-Driven Implementation of the Logarithm Function in IEEE
/// Floating-Point Arithmetic", ACM TOMS 16(4).
#[inline]
fn logarithm(x: f64) -> f64 {
    debug_assert!(x.is_normal() && x > 0.0, "within range");
    let bits = x.to_bits();
    // Biased by 2048 so that the shifted exponent is never negative.
    let above = bits.wrapping_sub(SQRT_HALF).wrapping_add(1024 << 52);
    let multiple = f64::from_bits(WHOLE | (above >> 52)) - (4_503_599_627_370_496.0 + 1024.0);
    let mantissa = f64::from_bits(bits.wrapping_sub((above & EXPONENTS).wrapping_sub(1024 << 52)));
    let s = (mantissa - 1.0) / (mantissa + 1.0);
    let square = s * s;
    let mut tail = 0.0;
    for odd in [21.0, 19.0, 17.0, 15.0, 13.0, 11.0, 9.0, 7.0, 5.0, 3.0] {
        tail = tail * square + 1.0 / odd;
    }
    let rest = mantissa - 1.0;
    // 2s = rest − s·rest, whose first term is exact.
    let series = rest - s * (rest - 2.0 * square * tail);
    multiple * LN_2_HIGH + (series + multiple * LN_2_LOW)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithms_agree_with_the_scalar_function() {
        let mut worst = 0.0_f64;
        let mut check = |x: f64| {
            let expected = libm::log(x);
            worst = worst.max((logarithm(x) - expected).abs() / expected.abs().max(1.0));
        };
        for step in 1..400_000 {
            let step = f64::from(step);
            check(step * 1e-5);
            check(step * 37.0 + 0.1);
            check(1.0 + step * 1e-12);
            check(libm::exp(step * 1.7e-3 - 340.0));
        }
        assert!(worst < 1e-15, "{worst}");
    }

    #[test]
    fn powers_of_two_and_the_ends_of_the_range_are_right() {
        let mut values = [1.0, 2.0, 0.5, f64::MAX, f64::MIN_POSITIVE];
        logarithms(&mut values);
        let expected = [1.0, 2.0, 0.5, f64::MAX, f64::MIN_POSITIVE].map(libm::log);
        assert_eq!(values[0], 0.0);
        for (value, expected) in values.iter().zip(expected) {
            assert!((value - expected).abs() <= 1e-15 * expected.abs());
        }
    }
}
