//! The exponential function of many values at once, written so that the compiler can use vector instructions.
//!
//! Only sums, products and bit operations: the same bits on every machine. Relative error below 4e-16.
#![expect(
    clippy::excessive_precision,
    reason = "ln 2 in two parts, as printed in the literature"
)]

/// Below this the exponential is less than 1e-304 and given as 0.
const LOWEST: f64 = -700.0;
/// Adding and subtracting 1.5 · 2^52 rounds to a whole number, which then stands in the low bits of the sum.
const ROUNDER: f64 = 6_755_399_441_055_744.0;
/// ln 2 in two parts, of which the first has 20 zero bits at its end, so that whole multiples of it are exact.
const LN_2_HIGH: f64 = 0.693_147_180_369_123_816_49;
const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;
/// 1 / 2!, 1 / 3! … 1 / 13!: the series of exp on ±ln 2 / 2 is cut where the rest is below 1e-17.
const INVERSE_FACTORIALS: [f64; 12] = [
    1.0 / 2.0,
    1.0 / 6.0,
    1.0 / 24.0,
    1.0 / 120.0,
    1.0 / 720.0,
    1.0 / 5040.0,
    1.0 / 40_320.0,
    1.0 / 362_880.0,
    1.0 / 3_628_800.0,
    1.0 / 39_916_800.0,
    1.0 / 479_001_600.0,
    1.0 / 6_227_020_800.0,
];

/// Replaces each value, which must be at most 700, by its exponential.
///
/// Values below −700 (−∞ too) become 0.
pub fn exponentials(values: &mut [f64]) {
    for value in values {
        *value = exponential(*value);
    }
}

#[inline]
fn exponential(x: f64) -> f64 {
    debug_assert!(x <= -LOWEST, "within range");
    let inside = if x < LOWEST { LOWEST } else { x };
    let shifted = inside * std::f64::consts::LOG2_E + ROUNDER;
    let multiple = shifted - ROUNDER;
    let rest = (inside - multiple * LN_2_HIGH) - multiple * LN_2_LOW;
    let mut tail = 0.0;
    for coefficient in INVERSE_FACTORIALS.iter().rev() {
        tail = tail * rest + coefficient;
    }
    let series = 1.0 + (rest + rest * rest * tail);
    // Multiplying by 2^multiple is an addition to the exponent field.
    let scaled = f64::from_bits(series.to_bits().wrapping_add(shifted.to_bits() << 52));
    if x < LOWEST { 0.0 } else { scaled }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exponentials_agree_with_the_scalar_function() {
        let mut worst = 0.0_f64;
        for step in -700_000..700_000 {
            let x = f64::from(step) * 0.001 + 1e-7;
            if x <= 700.0 {
                worst = worst.max((exponential(x) / libm::exp(x) - 1.0).abs());
            }
        }
        assert!(worst < 4e-16, "{worst}");
    }

    #[test]
    fn the_ends_of_the_range_are_exact() {
        let mut values = [0.0, -0.0, -701.0, f64::NEG_INFINITY];
        exponentials(&mut values);
        assert_eq!(values, [1.0, 1.0, 0.0, 0.0]);
    }
}
