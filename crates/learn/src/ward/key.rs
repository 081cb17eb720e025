//! What a merge costs, and the order in which merges of equal cost are taken.

/// Mantissa bits below the 24 that decide a comparison (a double has 52 stored bits; 23 of them are kept).
const DROPPED_BITS: u32 = 29;

/// More than one step of the rounded scale: an unrounded cost above `rounded * REACH` cannot round to `rounded`.
const REACH: f64 = 1.0 + 1.0 / (1_u64 << 22) as f64;

/// The place of a pair of clusters in the order of merging: smallest first.
///
/// Compared by cost, then by the size of the merged cluster, then by a fixed mix of the two representatives. The
/// mix is a bijection of the pair of representatives, so two pairs of live clusters never have the same key.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Key {
    /// Growth of the sum of squares, rounded to 24 mantissa bits.
    pub cost: f64,
    /// Samples in the merged cluster.
    pub size: f64,
    /// Mix of the two representatives.
    pub tie: u64,
}

impl Key {
    /// The last of all keys within `cost`: anything that costs no more precedes it.
    pub fn last_within(cost: f64) -> Self {
        Self {
            cost,
            size: f64::INFINITY,
            tie: u64::MAX,
        }
    }

    /// Whether this pair is merged before the other.
    pub fn precedes(&self, other: &Self) -> bool {
        self.sortable() < other.sortable()
    }

    /// The key as integers of the same order; neither cost nor size is ever negative.
    pub fn sortable(&self) -> (u64, u64, u64) {
        (self.cost.to_bits(), self.size.to_bits(), self.tie)
    }

    /// No pair whose unrounded cost is above this precedes the key.
    pub fn reach(&self) -> f64 {
        self.cost * REACH
    }
}

/// The cost rounded to 24 mantissa bits, halves up: a monotone map, so a smaller cost never becomes the larger one.
pub(super) fn rounded(cost: f64) -> f64 {
    let half = 1_u64 << (DROPPED_BITS - 1);
    let mask = !((1_u64 << DROPPED_BITS) - 1);
    f64::from_bits((cost.to_bits() + half) & mask)
}

/// Mix of two representatives that does not depend on which is named first (finalizer of SplitMix64).
pub(super) fn mixed(a: u32, b: u32) -> u64 {
    let mut z = (u64::from(a.min(b)) << 32) | u64::from(a.max(b));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// `Σ (aⱼ − bⱼ)²` in four interleaved partial sums that are added in pairs.
///
/// The order of the sum is part of the tie rule; [`sum_of_squares`] is the one place that fixes it.
#[inline(always)]
pub(super) fn squared_distance<const D: usize>(a: &[f64], b: &[f64]) -> f64 {
    let width = if D == 0 { a.len() } else { D };
    let (a, b) = (&a[..width], &b[..width]);
    sum_of_squares::<D>(width, |j| a[j] - b[j])
}

/// Sum of the squares of `width` terms; `D` is the width where it is known at compile time, else 0 and `width` is
/// a multiple of four.
#[inline(always)]
pub(super) fn sum_of_squares<const D: usize>(width: usize, term: impl Fn(usize) -> f64) -> f64 {
    let mut lanes = [0.0_f64; 4];
    if D == 0 {
        for start in (0..width).step_by(4) {
            for (lane, sum) in lanes.iter_mut().enumerate() {
                let t = term(start + lane);
                *sum += t * t;
            }
        }
    } else {
        for j in 0..D {
            let t = term(j);
            lanes[j % 4] += t * t;
        }
    }
    (lanes[0] + lanes[1]) + (lanes[2] + lanes[3])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_keeps_24_bits_and_the_order() {
        assert_eq!(rounded(0.0), 0.0);
        assert_eq!(rounded(1.0 + f64::EPSILON), 1.0);
        assert_eq!(rounded(1.0 + 2.0_f64.powi(-23)), 1.0 + 2.0_f64.powi(-23));
        assert_eq!(rounded(1.0 + 2.0_f64.powi(-24)), 1.0 + 2.0_f64.powi(-23));
        assert_eq!(rounded(f64::INFINITY), f64::INFINITY);
        let mut value = 1.0;
        while value < 2.0 {
            let next = value * (1.0 + 1.3e-8);
            assert!(rounded(value) <= rounded(next));
            assert!(value <= Key::last_within(rounded(value)).reach());
            value = next * 1.01;
        }
    }

    #[test]
    fn the_mix_ignores_the_order_of_its_arguments() {
        assert_eq!(mixed(3, 8), mixed(8, 3));
        assert_ne!(mixed(3, 8), mixed(3, 9));
    }

    #[test]
    fn the_smaller_union_goes_first_among_equal_costs() {
        let small = Key {
            cost: 1.0,
            size: 2.0,
            tie: 9,
        };
        let large = Key {
            cost: 1.0,
            size: 3.0,
            tie: 1,
        };
        assert!(small.precedes(&large));
        assert!(small.precedes(&Key::last_within(1.0)));
        assert!(!small.precedes(&Key::last_within(0.5)));
    }
}
