//! Sums that are exact and do not depend on the order of their terms.
//!
//! Source: the binary half is the superaccumulator of Kulisch in the form of R. M. Neal (2015), "Fast exact summation
//! using small and large superaccumulators", arXiv 1505.05571. Preferred to an expansion of doubles as in Python's
//! `fsum`, because terms with a count, and an exact quotient of a mixed total, follow without further care.
//! Differs from the source: chunks of 32 bits in 64 (room for 2^29 additions between carries), and a decimal half.
//! Cost: a few nanoseconds for a term with up to two decimals; the total costs nanoseconds where all terms are decimals.
//! Tested against: exact rational figures, and sums of the same terms in any order.

/// Chunks of 32 bits: from 2^-1074 to beyond 2^64 terms of `f64::MAX`, each with a count of up to 2^64.
const N_CHUNKS: usize = 72;
/// Each addition brings less than 2^33 to a chunk, so 2^29 of them stay within 63 bits.
const ADDITIONS_BETWEEN_CARRIES: u32 = 1 << 29;
/// Exponent of the lowest bit of the smallest positive double: 2^-1074.
const LOWEST_EXPONENT: usize = 1074;
const TWO_POW_53: f64 = 9_007_199_254_740_992.0;
const NANOS: i128 = 1_000_000_000;
const POWERS_OF_TEN: [f64; 10] = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];

/// Exact sum of doubles in which a decimal counts as the decimal it was written as.
///
/// A term equal to `r / 10^k` for a whole `|r| < 2^53` and `k ≤ 9` counts as exactly that decimal: 520.55 is
/// 520.55 and not the nearest double to it. Every other term counts as the double it is. The total is exact, so
/// that the order of the terms, and how they were grouped and merged, does not matter.
///
/// Range: terms must be finite. A total beyond the largest double is given as the largest double; decimal totals
/// saturate at 1.7e29, which 10^13 terms of the largest decimal do not reach. An empty sum is 0.
///
/// # Examples
/// ```
/// use clientela_numerics::ExactSum;
/// let total: ExactSum = [520.55, 398.4, 310.0].into_iter().collect();
/// assert_eq!(total.value(), 1228.95);
/// ```
#[derive(Clone, Debug, Default)]
pub struct ExactSum {
    nanos: i128,
    binary: Option<Box<Superaccumulator>>,
}

impl ExactSum {
    /// The empty sum.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one term.
    ///
    /// # Panics
    /// On a term that is not finite.
    pub fn add(&mut self, term: f64) {
        self.add_weighted(term, 1);
    }

    /// Adds `count` times the same term.
    ///
    /// # Panics
    /// On a term that is not finite.
    pub fn add_weighted(&mut self, term: f64, count: u64) {
        assert!(term.is_finite(), "a sum of finite terms");
        if let Some(nanos) = decimal_nanos(term) {
            self.nanos = self
                .nanos
                .saturating_add(nanos.saturating_mul(i128::from(count)));
        } else {
            self.binary.get_or_insert_default().add(term, count);
        }
    }

    /// Adds all terms of another sum.
    pub fn merge(&mut self, other: &Self) {
        self.nanos = self.nanos.saturating_add(other.nanos);
        if let Some(binary) = &other.binary {
            self.binary.get_or_insert_default().merge(binary);
        }
    }

    /// The double nearest to the exact total; ties go to the even one.
    #[must_use]
    pub fn value(&self) -> f64 {
        self.divided_by(1)
    }

    /// The double nearest to the exact total divided by `count`: the mean of `count` terms, rounded once.
    ///
    /// # Panics
    /// When `count` is 0.
    #[must_use]
    pub fn divided_by(&self, count: u64) -> f64 {
        assert!(count > 0, "a quotient needs a divisor");
        match &self.binary {
            None => decimal_quotient(self.nanos, count),
            Some(binary) => nearest_quotient(binary.clone(), self.nanos, count),
        }
    }
}

impl Extend<f64> for ExactSum {
    fn extend<I: IntoIterator<Item = f64>>(&mut self, terms: I) {
        for term in terms {
            self.add(term);
        }
    }
}

impl FromIterator<f64> for ExactSum {
    fn from_iter<I: IntoIterator<Item = f64>>(terms: I) -> Self {
        let mut sum = Self::new();
        sum.extend(terms);
        sum
    }
}

/// The term in units of 1e-9, where it is a decimal in the sense of [`ExactSum`].
fn decimal_nanos(term: f64) -> Option<i128> {
    if term.abs() >= TWO_POW_53 {
        return None;
    }
    let whole = term as i64;
    if whole as f64 == term {
        return Some(i128::from(whole) * NANOS);
    }
    // A decimal is within half an ulp of the term, and the product is within half an ulp of that: anything farther
    // from a whole number of units needs no closer look. The allowance is twice what is needed.
    let scaled = term.abs() * 1e9;
    if scaled < 1e15 && (scaled - nearest_whole(scaled) as f64).abs() > scaled * f64::EPSILON * 2.0
    {
        return None;
    }
    (1..POWERS_OF_TEN.len()).find_map(|digits| {
        let power = POWERS_OF_TEN[digits];
        let scaled = term * power;
        if scaled.abs() >= TWO_POW_53 {
            return None;
        }
        let numerator = nearest_whole(scaled);
        (numerator as f64 / power == term)
            .then(|| i128::from(numerator) * 10_i128.pow(9 - digits as u32))
    })
}

/// Nearest whole number of a magnitude below 2^53; which of two equally near ones does not matter to the callers.
fn nearest_whole(value: f64) -> i64 {
    (value + 0.5_f64.copysign(value)) as i64
}

/// `nanos · 1e-9 / count`, rounded once.
fn decimal_quotient(nanos: i128, count: u64) -> f64 {
    let mut numerator = nanos;
    let mut denominator = NANOS * i128::from(count);
    // Money has two decimals, so most large totals become small by dropping seven zeros.
    if numerator.unsigned_abs() >= 1 << 53 && numerator % 10_000_000 == 0 {
        numerator /= 10_000_000;
        denominator /= 10_000_000;
    }
    if numerator.unsigned_abs() < 1 << 53 && denominator < 1 << 53 {
        return numerator as f64 / denominator as f64;
    }
    nearest_quotient(Box::default(), nanos, count)
}

/// `(binary + nanos · 1e-9) / count`, rounded once.
fn nearest_quotient(mut total: Box<Superaccumulator>, nanos: i128, count: u64) -> f64 {
    total.scale_to_nanos();
    total.add_units(nanos);
    let negative = total.make_magnitude();
    let magnitude = total.divided_by(NANOS as u128 * u128::from(count));
    if negative { -magnitude } else { magnitude }
}

/// A signed binary number of 72 · 32 bits; chunk `i` has the weight `2^(32·i − 1074)`.
#[derive(Clone, Debug)]
struct Superaccumulator {
    chunks: [i64; N_CHUNKS],
    additions: u32,
}

impl Default for Superaccumulator {
    fn default() -> Self {
        Self {
            chunks: [0; N_CHUNKS],
            additions: 0,
        }
    }
}

impl Superaccumulator {
    /// Adds `count · term` for a finite term.
    fn add(&mut self, term: f64, count: u64) {
        let bits = term.to_bits();
        let biased = (bits >> 52 & 0x7ff) as usize;
        let fraction = bits & ((1 << 52) - 1);
        let mantissa = if biased == 0 {
            fraction
        } else {
            fraction | 1 << 52
        };
        let product = u128::from(mantissa) * u128::from(count);
        self.add_shifted(product, biased.max(1) - 1, term.is_sign_negative());
    }

    /// Adds `± number · 2^(position − 1074)`.
    fn add_shifted(&mut self, number: u128, position: usize, negative: bool) {
        let (first, shift) = (position / 32, position % 32);
        let mut rest = number;
        let mut chunk = first;
        while rest != 0 {
            let piece = (rest as u32 as u64) << shift;
            let (low, high) = ((piece & 0xffff_ffff) as i64, (piece >> 32) as i64);
            self.chunks[chunk] += if negative { -low } else { low };
            self.chunks[chunk + 1] += if negative { -high } else { high };
            rest >>= 32;
            chunk += 1;
        }
        self.additions += 1;
        if self.additions == ADDITIONS_BETWEEN_CARRIES {
            self.carry();
        }
    }

    fn merge(&mut self, other: &Self) {
        let mut other = other.clone();
        other.carry();
        self.carry();
        for (to, from) in self.chunks.iter_mut().zip(other.chunks) {
            *to += from;
        }
        self.additions = 1;
    }

    /// Brings all chunks but the highest into `0..2^32`; the highest carries the sign.
    fn carry(&mut self) {
        let mut carry = 0;
        let (highest, lower) = self.chunks.split_last_mut().expect("chunks");
        for chunk in lower {
            let sum = *chunk + carry;
            *chunk = sum & 0xffff_ffff;
            carry = sum >> 32;
        }
        *highest += carry;
        self.additions = 0;
    }

    /// Multiplies by 1e9, after which a chunk has the weight `2^(32·i − 1074) · 1e-9`.
    fn scale_to_nanos(&mut self) {
        self.carry();
        for chunk in &mut self.chunks {
            *chunk *= NANOS as i64;
        }
        self.carry();
    }

    fn add_units(&mut self, units: i128) {
        self.add_shifted(units.unsigned_abs(), LOWEST_EXPONENT, units < 0);
        self.carry();
    }

    /// Makes the number positive; true where it was negative.
    fn make_magnitude(&mut self) -> bool {
        let negative = self.chunks[N_CHUNKS - 1] < 0;
        if negative {
            for chunk in &mut self.chunks {
                *chunk = -*chunk;
            }
            self.carry();
        }
        negative
    }

    /// The double nearest to this magnitude over `divisor < 2^95`; ties go to the even one.
    fn divided_by(&self, divisor: u128) -> f64 {
        // Long division, from the highest chunk on, into two chunks below the lowest double: these hold the bits
        // that decide the rounding of subnormal results.
        const BELOW: usize = 2;
        let mut quotient = [0_u32; N_CHUNKS + BELOW];
        let mut remainder = 0_u128;
        for index in (0..quotient.len()).rev() {
            let chunk = if index < BELOW {
                0
            } else {
                self.chunks[index - BELOW] as u128
            };
            let dividend = remainder << 32 | chunk;
            if dividend >= divisor {
                quotient[index] = (dividend / divisor) as u32;
                remainder = dividend % divisor;
            } else {
                remainder = dividend;
            }
        }
        round_to_double(&quotient, remainder != 0, 32 * BELOW)
    }
}

/// The nearest double to a number whose bit `lowest` has the weight 2^-1074; `sticky` says that more follows below.
fn round_to_double(chunks: &[u32], sticky: bool, lowest: usize) -> f64 {
    let Some(top_chunk) = chunks.iter().rposition(|&chunk| chunk != 0) else {
        return 0.0;
    };
    let top = 32 * top_chunk + 31 - chunks[top_chunk].leading_zeros() as usize;
    let bit = |position: usize| u64::from(chunks[position / 32] >> (position % 32) & 1);
    let last = top.saturating_sub(52).max(lowest);
    let mantissa = (last..=top.max(last))
        .rev()
        .fold(0, |mantissa, position| mantissa << 1 | bit(position));
    let half = bit(last - 1) == 1;
    let beyond_half = sticky || (0..last - 1).any(|position| bit(position) == 1);
    let round_up = half && (beyond_half || mantissa & 1 == 1);
    // A mantissa of 2^53 after rounding runs over into the exponent field, which is what it should do.
    let exponent = (last - lowest) as u64;
    let bits = (exponent << 52) + mantissa + u64::from(round_up);
    f64::from_bits(bits.min(f64::MAX.to_bits()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(terms: &[f64]) -> f64 {
        terms.iter().copied().collect::<ExactSum>().value()
    }

    #[test]
    fn decimals_add_up_as_they_are_written() {
        let cases: [(Vec<f64>, f64); 9] = [
            (vec![520.55, 398.4, 310.0], 1228.95),
            (vec![0.1, 0.2], 0.3),
            (vec![0.1; 10], 1.0),
            (vec![1e15 + 0.5, 0.25], 1e15 + 0.75),
            (
                vec![9_007_199_254_740_991.0, 0.1, -9_007_199_254_740_991.0],
                0.1,
            ),
            (vec![1234567.891, -0.001], 1234567.89),
            (vec![], 0.0),
            (vec![-0.0], 0.0),
            (vec![0.1, -0.1], 0.0),
        ];
        for (terms, expected) in cases {
            assert_eq!(sum(&terms).to_bits(), expected.to_bits(), "{terms:?}");
        }
    }

    #[test]
    fn what_is_no_decimal_adds_up_as_the_double_it_is() {
        let third = 1.0 / 3.0;
        let cases: [(Vec<f64>, f64); 7] = [
            (vec![1e300, third, -1e300], third),
            (vec![1e16, 1.0, -1e16], 1.0),
            (
                vec![f64::MIN_POSITIVE, f64::from_bits(1)],
                f64::from_bits(0x0010_0000_0000_0001),
            ),
            (
                vec![f64::from_bits(3), -f64::from_bits(1)],
                f64::from_bits(2),
            ),
            (vec![1.0, 2_f64.powi(-53)], 1.0),
            (
                vec![1.0, 2_f64.powi(-53), 2_f64.powi(-105)],
                1.0 + 2_f64.powi(-52),
            ),
            (
                vec![1.0 + 2_f64.powi(-52), 2_f64.powi(-53)],
                1.0 + 2_f64.powi(-51),
            ),
        ];
        for (terms, expected) in cases {
            assert_eq!(sum(&terms).to_bits(), expected.to_bits(), "{terms:?}");
        }
    }

    #[test]
    fn totals_beyond_the_largest_double_saturate() {
        assert_eq!(sum(&[f64::MAX, f64::MAX]), f64::MAX);
        assert_eq!(sum(&[-f64::MAX; 3]), -f64::MAX);
        let mut large = ExactSum::new();
        large.add_weighted(1e300, u64::MAX);
        assert_eq!(large.value(), f64::MAX);
        assert_eq!(large.divided_by(u64::MAX), 1e300);
    }

    #[test]
    fn a_count_is_the_same_as_so_many_terms() {
        for term in [0.1, 1.0 / 3.0, -2.675, 1e-12] {
            let mut counted = ExactSum::new();
            counted.add_weighted(term, 1000);
            assert_eq!(counted.value(), sum(&vec![term; 1000]));
        }
    }

    #[test]
    fn a_mean_is_rounded_once() {
        let total: ExactSum = [1.0, 1.01].into_iter().collect();
        assert_eq!(total.divided_by(2), 1.005);
        let total: ExactSum = [0.1, 0.1, 0.1, 0.4].into_iter().collect();
        assert_eq!(total.divided_by(7), 0.1);
        let total: ExactSum = [123_456_789_012.34, 98_765_432_109.87]
            .into_iter()
            .collect();
        assert_eq!(total.divided_by(3), 74_074_073_707.403_33);
        assert_eq!(
            (-1.0 / 3.0_f64),
            [-1.0].into_iter().collect::<ExactSum>().divided_by(3)
        );
    }
}
