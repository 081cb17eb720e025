//! Rounding of a double as a person would round the number that is printed.

/// 10^0 … 10^22 are exact doubles, so that `whole / 10^digits` is rounded once.
const POWERS_OF_TEN: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
];
const TWO_POW_52: f64 = 4_503_599_627_370_496.0;

/// Rounds to `digits` decimals, half to even, on the shortest decimal text of the value.
///
/// The shortest text that reads back as the same double is what a person sees, so 2.675 is a half (the double is a
/// little below it) and becomes 2.68, while 2.665 becomes 2.66.
///
/// Degenerate cases: values without decimals, infinities and NaN come back as they are; zero is never negative.
///
/// # Examples
/// ```
/// use clientela_numerics::round_decimal;
/// assert_eq!(round_decimal(2.675, 2), 2.68);
/// assert_eq!(round_decimal(0.125, 2), 0.12);
/// ```
#[must_use]
pub fn round_decimal(value: f64, digits: u32) -> f64 {
    if !value.is_finite() || value.abs() >= TWO_POW_52 * 2.0 {
        return value;
    }
    round_away_from_halves(value, digits).unwrap_or_else(|| round_text(value, digits)) + 0.0
}

/// The rounded value where the shortest text is surely no half, else `None`.
fn round_away_from_halves(value: f64, digits: u32) -> Option<f64> {
    let power = *POWERS_OF_TEN.get(digits as usize)?;
    let scaled = value.abs() * power;
    if scaled >= TWO_POW_52 {
        return None;
    }
    let below = scaled as u64;
    let from_half = scaled - below as f64 - 0.5;
    // The shortest text is within one ulp of the value, and the product within half an ulp of the true one.
    if from_half.abs() <= scaled * (4.0 * f64::EPSILON) {
        return None;
    }
    let whole = below + u64::from(from_half > 0.0);
    Some((whole as f64 / power).copysign(value))
}

/// Rounds the digits of the shortest text.
fn round_text(value: f64, digits: u32) -> f64 {
    let text = format!("{}", value.abs());
    let Some((whole, decimals)) = text.split_once('.') else {
        return value;
    };
    let digits = digits as usize;
    if decimals.len() <= digits {
        return value;
    }
    let (kept, dropped) = decimals.split_at(digits);
    let mut number: Vec<u8> = whole.bytes().chain(kept.bytes()).collect();
    let last_is_odd = number.last().is_some_and(|digit| digit % 2 == 1);
    let round_up = match dropped.bytes().next() {
        Some(b'5') => dropped.len() > 1 || last_is_odd,
        first => first > Some(b'5'),
    };
    if round_up {
        increment(&mut number);
    }
    let rounded = String::from_utf8(number).expect("digits");
    let rounded: f64 = format!("{rounded}e-{digits}").parse().expect("a number");
    rounded.copysign(value)
}

/// Adds one to a number of ASCII digits.
fn increment(number: &mut Vec<u8>) {
    for digit in number.iter_mut().rev() {
        if *digit < b'9' {
            *digit += 1;
            return;
        }
        *digit = b'0';
    }
    number.insert(0, b'1');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_of_the_printed_number_go_to_the_even_neighbor() {
        for (value, digits, expected) in [
            (2.675, 2, 2.68),
            (0.125, 2, 0.12),
            (2.665, 2, 2.66),
            (1.005, 2, 1.0),
            (1.015, 2, 1.02),
            (-2.675, 2, -2.68),
            (0.5, 0, 0.0),
            (1.5, 0, 2.0),
            (9.995, 2, 10.0),
            (99.5, 0, 100.0),
            (0.000_000_5, 6, 0.0),
            (1e-300, 2, 0.0),
            (1_234_567_890.125, 2, 1_234_567_890.12),
            (4_503_599_627_370_495.5, 0, 4_503_599_627_370_496.0),
            (1e22, 2, 1e22),
            (f64::MAX, 2, f64::MAX),
            (1.25e-20, 21, 1.2e-20),
            (0.1 + 0.2, 30, 0.1 + 0.2),
            (66.6, 2, 66.6),
        ] {
            assert_eq!(
                round_decimal(value, digits),
                expected,
                "{value} to {digits} decimals"
            );
        }
    }

    #[test]
    fn zero_is_never_negative() {
        assert!(round_decimal(-0.001, 2).is_sign_positive());
        assert!(round_decimal(-0.005, 2).is_sign_positive());
    }

    #[test]
    fn the_fast_way_agrees_with_the_text() {
        for numerator in -30_000_i64..30_000 {
            for (denominator, digits) in [(1000.0, 2), (7.0, 3), (64.0, 4), (1e7, 6), (3e5, 0)] {
                let value = numerator as f64 / denominator;
                assert_eq!(
                    round_decimal(value, digits),
                    round_text(value, digits) + 0.0,
                    "{value}"
                );
            }
        }
    }
}
