//! Exact decimal amounts.
//!
//! A sum of money read from text is a decimal, not a binary fraction: 3 × 1.1 is 3.3 here and 3.3000000000000003
//! in doubles. Amounts are held as whole billionths, so that sums and products of what shops write are exact; what is
//! longer than nine places (`4.3500000000000005`, the trace of somebody's doubles) is rounded to nine.

use std::fmt;
use std::ops::{Add, AddAssign, Neg, Sub, SubAssign};

/// A decimal number with nine places, of less than 10¹⁵ in size as long as it comes from text or a product.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Decimal(i128);

/// Places that are kept.
const PLACES: usize = 9;
/// Billionths in one.
const ONE: i128 = 1_000_000_000;
/// Larger amounts are no amounts of a shop; the bound keeps sums of billions of lines far from overflow.
const WHOLE_DIGITS_MAX: usize = 15;

impl Decimal {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// The decimal written with these ASCII digits before and after the decimal mark, rounded half to even to nine
    /// places; `None` where there is no digit at all, another character, or more than fifteen digits before the mark.
    #[must_use]
    pub fn from_digits(whole: &[u8], fraction: &[u8]) -> Option<Self> {
        let leading_zeros = whole.iter().take_while(|&&digit| digit == b'0').count();
        let only_digits = whole.iter().chain(fraction).all(u8::is_ascii_digit);
        let has_digits = !(whole.is_empty() && fraction.is_empty());
        if !only_digits || !has_digits || whole.len() - leading_zeros > WHOLE_DIGITS_MAX {
            return None;
        }
        let (kept, rest) = fraction.split_at(fraction.len().min(PLACES));
        let digits = whole
            .iter()
            .chain(kept)
            .fold(0_i128, |value, digit| value * 10 + i128::from(digit - b'0'));
        let value = digits * 10_i128.pow((PLACES - kept.len()) as u32);
        Some(Self(value + i128::from(rounds_up(rest, value % 2 == 1))))
    }

    /// The whole number `value`.
    #[must_use]
    pub fn from_whole(value: i64) -> Self {
        Self(i128::from(value) * ONE)
    }

    /// The product, exact to nine places (half to even beyond); `None` where it has more than fifteen digits before
    /// the mark.
    #[must_use]
    pub fn checked_mul(self, other: Self) -> Option<Self> {
        let product = Self(divide_half_even(self.0.checked_mul(other.0)?, ONE));
        (product.0.abs() < 10_i128.pow(WHOLE_DIGITS_MAX as u32) * ONE).then_some(product)
    }

    /// The nearest double.
    #[must_use]
    pub fn to_f64(self) -> f64 {
        const EXACT: u128 = 1 << 53;
        if self.0.unsigned_abs() <= EXACT {
            // The quotient of two whole numbers that are exact is rounded once.
            return self.0 as f64 / ONE as f64;
        }
        self.to_string().parse().expect("the text is a number")
    }

    /// Whether it is below zero.
    #[must_use]
    pub fn is_negative(self) -> bool {
        self.0 < 0
    }

    /// Whether it is zero.
    #[must_use]
    pub fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The size without the sign.
    #[must_use]
    pub fn abs(self) -> Self {
        Self(self.0.abs())
    }
}

fn rounds_up(rest: &[u8], is_odd: bool) -> bool {
    match rest {
        [] | [b'0'..=b'4', ..] => false,
        [b'5', tail @ ..] => is_odd || tail.iter().any(|&digit| digit != b'0'),
        _ => true,
    }
}

/// `numerator / denominator` rounded half to even, for a positive denominator.
fn divide_half_even(numerator: i128, denominator: i128) -> i128 {
    let quotient = numerator.div_euclid(denominator);
    let remainder = numerator.rem_euclid(denominator);
    let complement = denominator - remainder;
    let up = remainder > complement || (remainder == complement && quotient % 2 != 0);
    quotient + i128::from(up)
}

impl Add for Decimal {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl AddAssign for Decimal {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl Sub for Decimal {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl SubAssign for Decimal {
    fn sub_assign(&mut self, other: Self) {
        self.0 -= other.0;
    }
}

impl Neg for Decimal {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl std::iter::Sum for Decimal {
    fn sum<I: Iterator<Item = Self>>(values: I) -> Self {
        values.fold(Self::ZERO, Add::add)
    }
}

/// The shortest exact text with a decimal point, which is also a JSON number: `4.35`, `-12`, `0.5`.
impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = self.0.unsigned_abs();
        let (whole, mut fraction) = (size / ONE as u128, size % ONE as u128);
        if self.0 < 0 {
            f.write_str("-")?;
        }
        write!(f, "{whole}")?;
        if fraction == 0 {
            return Ok(());
        }
        let mut places = PLACES;
        while fraction % 10 == 0 {
            fraction /= 10;
            places -= 1;
        }
        write!(f, ".{fraction:0places$}")
    }
}

impl serde::Serialize for Decimal {
    /// As text: a JSON number would pass through a double.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        let (sign, size) = text.strip_prefix('-').map_or((1, text), |size| (-1, size));
        let (whole, fraction) = size.split_once('.').unwrap_or((size, ""));
        let value = Decimal::from_digits(whole.as_bytes(), fraction.as_bytes()).expect("digits");
        Decimal(value.0 * sign)
    }

    #[test]
    fn doubles_are_the_nearest() {
        for text in [
            "0",
            "0.1",
            "-4.35",
            "520.55",
            "9007199.254740993",
            "999999999999999.999999999",
        ] {
            let parts = text
                .trim_start_matches('-')
                .split_once('.')
                .unwrap_or((text, ""));
            let size = Decimal::from_digits(parts.0.as_bytes(), parts.1.as_bytes());
            let size = size.expect("a decimal");
            let decimal = if text.starts_with('-') { -size } else { size };
            assert_eq!(
                decimal.to_f64().to_bits(),
                text.parse::<f64>().expect("a number").to_bits(),
                "{text}"
            );
        }
    }

    #[test]
    fn quantity_times_price_is_exact_where_doubles_are_not() {
        assert_ne!((3.0 * 1.1).to_string(), "3.3");
        for (quantity, price, amount) in [
            ("3", "1.1", "3.3"),
            ("3", "1.45", "4.35"),
            ("-2", "0.005", "-0.01"),
        ] {
            assert_eq!(
                decimal(quantity)
                    .checked_mul(decimal(price))
                    .unwrap()
                    .to_string(),
                amount
            );
        }
    }

    #[test]
    fn text_survives_the_round_trip_without_trailing_zeros() {
        for (written, shown) in [
            ("0", "0"),
            ("1.10", "1.1"),
            ("-12.00", "-12"),
            ("0.000000001", "0.000000001"),
            ("999999999999999.999999999", "999999999999999.999999999"),
            ("4.3500000000000005", "4.35"),
            ("0.0000000005", "0"),
            ("0.0000000015", "0.000000002"),
            ("0.00000000051", "0.000000001"),
            ("000000000000000000012", "12"),
        ] {
            assert_eq!(decimal(written).to_string(), shown, "{written}");
        }
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        assert_eq!(Decimal::from_digits(b"", b""), None);
        assert_eq!(Decimal::from_digits(b"1a", b""), None);
        assert_eq!(Decimal::from_digits(b"1000000000000000", b""), None);
        let large = decimal("100000000");
        assert_eq!(large.checked_mul(large), None);
    }
}
