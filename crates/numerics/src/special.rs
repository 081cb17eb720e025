//! Distribution functions for intervals: normal and Student t, by the incomplete beta function.
//!
//! All transcendental functions come from `libm`, so that a figure has the same bits on every machine.
#![expect(
    clippy::excessive_precision,
    reason = "the coefficients stand as published"
)]

use libm::{erfc, exp, lgamma, log, log1p};

/// Logarithm of the beta function for a, b > 0.
#[must_use]
pub fn ln_beta(a: f64, b: f64) -> f64 {
    lgamma(a) + lgamma(b) - lgamma(a + b)
}

/// Regularized incomplete beta function I_x(a, b): the probability that a Beta(a, b) variate is at most `x`.
///
/// Shapes: a, b > 0 and x in [0, 1]; the result is in [0, 1].
///
/// Source: the continued fraction of Didonato, Morris (1992), ACM TOMS 18(3), in the form of NIST DLMF 8.17.22,
/// evaluated by the modified Lentz method.
#[must_use]
pub fn incomplete_beta(a: f64, b: f64, x: f64) -> f64 {
    incomplete_beta_of(a, b, x, 1.0 - x)
}

/// As [`incomplete_beta`] with `1 − x` given, so that an `x` close to 1 loses no digits.
fn incomplete_beta_of(a: f64, b: f64, x: f64, complement: f64) -> f64 {
    if x <= 0.0 || complement <= 0.0 {
        return f64::from(x > 0.0);
    }
    // The fraction converges quickly only below the mean.
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - incomplete_beta_of(b, a, complement, x);
    }
    let ln_x = if x > 0.5 { log1p(-complement) } else { log(x) };
    let ln_complement = if complement > 0.5 {
        log1p(-x)
    } else {
        log(complement)
    };
    let ln_front = a * ln_x + b * ln_complement - ln_beta(a, b);
    (exp(ln_front) / (a * beta_fraction(a, b, x))).clamp(0.0, 1.0)
}

/// The denominator of the continued fraction: `1 + d1 / (1 + d2 / (1 + …))`.
fn beta_fraction(a: f64, b: f64, x: f64) -> f64 {
    const TINY: f64 = 1e-300;
    const ROUNDS_MAX: u32 = 10_000;
    let away_from_zero = |value: f64| if value.abs() < TINY { TINY } else { value };
    let (mut fraction, mut c, mut d) = (1.0, 1.0, 0.0);
    for round in 0..ROUNDS_MAX {
        let m = f64::from(round / 2);
        let numerator = match round {
            0 => -(a + b) * x / (a + 1.0),
            _ if round % 2 == 1 => {
                let m = m + 1.0;
                m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m))
            }
            _ => -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0)),
        };
        d = 1.0 / away_from_zero(1.0 + numerator * d);
        c = away_from_zero(1.0 + numerator / c);
        fraction *= c * d;
        if (c * d - 1.0).abs() < 1e-16 {
            break;
        }
    }
    fraction
}

/// Probability that a standard normal variate is at most `x`.
#[must_use]
pub fn normal_cdf(x: f64) -> f64 {
    0.5 * erfc(-x * std::f64::consts::FRAC_1_SQRT_2)
}

/// The value below which a standard normal variate falls with `probability`; −∞ at 0, ∞ at 1, NaN outside [0, 1].
///
/// Source: Wichura (1988), "Algorithm AS 241: The Percentage Points of the Normal Distribution", Applied Statistics
/// 37(3), 477–484, routine PPND16; about 16 digits.
#[must_use]
pub fn normal_quantile(probability: f64) -> f64 {
    let q = probability - 0.5;
    if q.abs() <= 0.425 {
        let r = 0.180_625 - q * q;
        return q * polynomial(&CENTRAL_NUMERATOR, r) / polynomial(&CENTRAL_DENOMINATOR, r);
    }
    let tail = if q < 0.0 {
        probability
    } else {
        1.0 - probability
    };
    if tail.is_nan() || tail < 0.0 {
        return f64::NAN;
    }
    if tail == 0.0 {
        return f64::INFINITY.copysign(q);
    }
    let r = (-log(tail)).sqrt();
    let magnitude = if r <= 5.0 {
        polynomial(&MIDDLE_NUMERATOR, r - 1.6) / polynomial(&MIDDLE_DENOMINATOR, r - 1.6)
    } else {
        polynomial(&FAR_NUMERATOR, r - 5.0) / polynomial(&FAR_DENOMINATOR, r - 5.0)
    };
    magnitude.copysign(q)
}

/// Coefficients from the constant term on.
fn polynomial(coefficients: &[f64], x: f64) -> f64 {
    coefficients
        .iter()
        .rev()
        .fold(0.0, |sum, coefficient| sum * x + coefficient)
}

const CENTRAL_NUMERATOR: [f64; 8] = [
    3.387_132_872_796_366_608,
    133.141_667_891_784_377_45,
    1_971.590_950_306_551_442_7,
    13_731.693_765_509_461_125,
    45_921.953_931_549_871_457,
    67_265.770_927_008_700_853,
    33_430.575_583_588_128_105,
    2_509.080_928_730_122_672_7,
];
const CENTRAL_DENOMINATOR: [f64; 8] = [
    1.0,
    42.313_330_701_600_911_252,
    687.187_007_492_057_908_3,
    5_394.196_021_424_751_107_7,
    21_213.794_301_586_595_867,
    39_307.895_800_092_710_61,
    28_729.085_735_721_942_674,
    5_226.495_278_852_854_561,
];
const MIDDLE_NUMERATOR: [f64; 8] = [
    1.423_437_110_749_683_577_34,
    4.630_337_846_156_545_295_9,
    5.769_497_221_460_691_405_5,
    3.647_848_324_763_204_605_04,
    1.270_458_252_452_368_382_58,
    0.241_780_725_177_450_611_77,
    0.022_723_844_989_269_184_583_3,
    7.745_450_142_783_414_076_4e-4,
];
const MIDDLE_DENOMINATOR: [f64; 8] = [
    1.0,
    2.053_191_626_637_758_821_87,
    1.676_384_830_183_803_849_4,
    0.689_767_334_985_100_004_55,
    0.148_103_976_427_480_074_59,
    0.015_198_666_563_616_457_196_6,
    5.475_938_084_995_344_946e-4,
    1.050_750_071_644_416_843_24e-9,
];
const FAR_NUMERATOR: [f64; 8] = [
    6.657_904_643_501_103_777_2,
    5.463_784_911_164_114_369_9,
    1.784_826_539_917_291_335_8,
    0.296_560_571_828_504_891_23,
    0.026_532_189_526_576_123_093,
    1.242_660_947_388_078_438_6e-3,
    2.711_555_568_743_487_578_15e-5,
    2.010_334_399_292_288_132_65e-7,
];
const FAR_DENOMINATOR: [f64; 8] = [
    1.0,
    0.599_832_206_555_887_937_69,
    0.136_929_880_922_735_805_31,
    0.014_875_361_290_850_614_852_5,
    7.868_691_311_456_132_591e-4,
    1.846_318_317_510_054_681_8e-5,
    1.421_511_758_316_445_888_7e-7,
    2.044_263_103_389_939_785_64e-15,
];

/// The value below which a Student t variate with `degrees_of_freedom` > 0 falls with `probability`.
///
/// −∞ at 0, ∞ at 1, NaN outside [0, 1].
#[must_use]
pub fn student_t_quantile(probability: f64, degrees_of_freedom: f64) -> f64 {
    let tail = probability.min(1.0 - probability);
    let start = -normal_quantile(tail);
    if !start.is_finite() || tail == 0.5 {
        return normal_quantile(probability);
    }
    // The upper tail is convex and heavier than the normal one, so Newton's steps climb towards the root from the
    // normal quantile and never pass it.
    let v = degrees_of_freedom;
    let ln_front = -0.5 * log(v) - ln_beta(0.5 * v, 0.5);
    let mut t = start;
    for _ in 0..200 {
        let density = exp(ln_front - 0.5 * (v + 1.0) * log1p(t * t / v));
        let step = (student_t_tail(t, v) - tail) / density;
        t += step;
        if step.abs() <= 1e-15 * t {
            break;
        }
    }
    if probability < 0.5 { -t } else { t }
}

/// Probability above `t ≥ 0`.
fn student_t_tail(t: f64, v: f64) -> f64 {
    let square = t * t;
    0.5 * incomplete_beta_of(0.5 * v, 0.5, v / (v + square), square / (v + square))
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
    fn normal_quantiles_match_printed_tables() {
        for (probability, expected) in [
            (0.975, 1.959_963_984_540_054),
            (0.995, 2.575_829_303_548_900_4),
            (0.9, 1.281_551_565_544_600_4),
            (0.025, -1.959_963_984_540_054),
            (1e-10, -6.361_340_902_404_056),
            (0.6, 0.253_347_103_135_799_8),
        ] {
            check(normal_quantile(probability), expected, 1e-14);
            check(normal_cdf(expected), probability, 1e-13);
        }
        assert_eq!(normal_quantile(0.5), 0.0);
        assert_eq!(normal_quantile(0.0), f64::NEG_INFINITY);
        assert_eq!(normal_quantile(1.0), f64::INFINITY);
        assert!(normal_quantile(-0.1).is_nan() && normal_quantile(1.1).is_nan());
    }

    #[test]
    fn student_t_quantiles_match_printed_tables() {
        for (probability, degrees_of_freedom, expected) in [
            (0.975, 1.0, 12.706),
            (0.975, 2.0, 4.303),
            (0.975, 5.0, 2.571),
            (0.975, 10.0, 2.228),
            (0.95, 30.0, 1.697),
            (0.995, 4.0, 4.604),
            (0.975, 120.0, 1.980),
            (0.9995, 3.0, 12.924),
            (0.025, 10.0, -2.228),
        ] {
            let given = student_t_quantile(probability, degrees_of_freedom);
            assert!(
                (given - expected).abs() <= 0.0005,
                "{given}, not {expected}"
            );
        }
    }

    #[test]
    fn student_t_quantiles_match_scipy() {
        for (probability, degrees_of_freedom, expected) in [
            (0.975, 7.0, 2.364_624_251_592_784),
            (0.9, 33.0, 1.307_737_124_450_886_4),
            (0.999, 2.5, 13.822_193_110_865_96),
        ] {
            check(
                student_t_quantile(probability, degrees_of_freedom),
                expected,
                1e-12,
            );
        }
    }

    #[test]
    fn student_t_quantiles_match_closed_forms() {
        for probability in [0.001_f64, 0.3, 0.75, 0.99, 0.999_999] {
            let two = 2.0 * probability - 1.0;
            let expected = two * (2.0 / (1.0 - two * two)).sqrt();
            check(student_t_quantile(probability, 2.0), expected, 1e-9);
            check(
                student_t_quantile(probability, 1e9),
                normal_quantile(probability),
                1e-6,
            );
        }
        check(student_t_quantile(0.75, 1.0), 1.0, 1e-13);
        assert_eq!(student_t_quantile(0.5, 7.0), 0.0);
        assert_eq!(student_t_quantile(1.0, 7.0), f64::INFINITY);
    }

    /// Probability that a Student t variate is at most `t`.
    fn student_t_cdf(t: f64, degrees_of_freedom: f64) -> f64 {
        let tail = student_t_tail(t.abs(), degrees_of_freedom);
        if t < 0.0 { tail } else { 1.0 - tail }
    }

    #[test]
    fn student_t_quantile_and_cdf_are_inverse() {
        for degrees_of_freedom in [1.0, 1.5, 3.0, 17.0, 1000.0, 1e6] {
            for probability in [1e-6, 0.01, 0.2, 0.5, 0.51, 0.9, 0.999] {
                let t = student_t_quantile(probability, degrees_of_freedom);
                check(student_t_cdf(t, degrees_of_freedom), probability, 1e-11);
            }
        }
    }

    #[test]
    fn incomplete_beta_matches_closed_forms() {
        for x in [0.0, 1e-8, 0.1, 0.5, 0.83, 1.0] {
            check(incomplete_beta(1.0, 1.0, x), x, 1e-13);
            check(incomplete_beta(2.0, 1.0, x), x * x, 1e-13);
            check(
                incomplete_beta(1.0, 3.0, x),
                1.0 - (1.0 - x) * (1.0 - x) * (1.0 - x),
                1e-8,
            );
            check(
                incomplete_beta(2.0, 3.0, x),
                x * x * (6.0 - 8.0 * x + 3.0 * x * x),
                1e-12,
            );
        }
        check(incomplete_beta(500.0, 500.0, 0.5), 0.5, 1e-10);
    }
}
