//! Seeded random streams: ChaCha8 by (seed, algorithm, restart), and the distributions drawn from them.
//!
//! Each stream is a function of its three names alone, so that restarts may run on any thread in any order. All
//! transcendental functions come from `libm`, so that a draw has the same bits on every machine.

use libm::{exp, floor, lgamma, log};
use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};

/// A reproducible stream of random numbers.
#[derive(Clone, Debug)]
pub struct RandomStream {
    generator: ChaCha8Rng,
}

impl RandomStream {
    /// The stream of one restart of one algorithm.
    ///
    /// `algorithm` is a name like `"kmeans"`; different names give unrelated streams for the same seed.
    #[must_use]
    pub fn new(seed: u64, algorithm: &str, restart: u64) -> Self {
        let mut key = [0_u8; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        key[8..16].copy_from_slice(&restart.to_le_bytes());
        key[16..].copy_from_slice(&fnv_1a_128(algorithm.as_bytes()).to_le_bytes());
        Self {
            generator: ChaCha8Rng::from_seed(key),
        }
    }

    /// 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.generator.next_u64()
    }

    /// Uniform in [0, 1), a multiple of 2^-53.
    pub fn uniform(&mut self) -> f64 {
        const STEP: f64 = 1.0 / 9_007_199_254_740_992.0;
        (self.bits() >> 11) as f64 * STEP
    }

    /// Uniform whole number below `n`, without bias.
    ///
    /// Source: Lemire (2019), "Fast Random Integer Generation in an Interval", ACM TOMACS 29(1).
    ///
    /// # Panics
    /// When `n` is 0.
    pub fn below(&mut self, n: u64) -> u64 {
        assert!(n > 0, "a number below at least 1");
        let too_low = n.wrapping_neg() % n;
        loop {
            let product = u128::from(self.bits()) * u128::from(n);
            if product as u64 >= too_low {
                return (product >> 64) as u64;
            }
        }
    }

    /// An index with a probability proportional to its weight (weights ≥ 0, not all 0).
    ///
    /// # Panics
    /// When no weight is positive.
    pub fn weighted_index(&mut self, weights: &[f64]) -> usize {
        let total: f64 = weights.iter().sum();
        let target = self.uniform() * total;
        let mut below = 0.0;
        let found = weights.iter().position(|&weight| {
            below += weight;
            weight > 0.0 && below > target
        });
        // Only rounding of the running total can leave the target unreached; it then belongs to the last weight.
        found
            .or_else(|| weights.iter().rposition(|&weight| weight > 0.0))
            .expect("a positive weight")
    }

    /// Shuffles in place; every order is equally likely (Fisher–Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last as u64 + 1) as usize);
        }
    }

    /// Standard normal, by the polar method.
    ///
    /// Source: Marsaglia, Bray (1964), "A Convenient Method for Generating Normal Variables", SIAM Review 6(3).
    pub fn normal(&mut self) -> f64 {
        loop {
            let x = 2.0 * self.uniform() - 1.0;
            let y = 2.0 * self.uniform() - 1.0;
            let s = x * x + y * y;
            if s < 1.0 && s > 0.0 {
                return x * (-2.0 * log(s) / s).sqrt();
            }
        }
    }

    /// Exponential with mean 1.
    pub fn exponential(&mut self) -> f64 {
        -log(1.0 - self.uniform())
    }

    /// Gamma with the given shape > 0 and scale 1 (mean = shape).
    ///
    /// Degenerate case: for shapes below about 0.001 the draw is often too small for a double, and 0.
    pub fn gamma(&mut self, shape: f64) -> f64 {
        exp(self.ln_gamma_variate(shape))
    }

    /// Beta with shapes a, b > 0: in [0, 1], mean a / (a + b).
    pub fn beta(&mut self, a: f64, b: f64) -> f64 {
        // In logs, so that small shapes do not end in 0 / 0.
        let (x, y) = (self.ln_gamma_variate(a), self.ln_gamma_variate(b));
        1.0 / (1.0 + exp(y - x))
    }

    /// Poisson with the given mean in [0, 2^53].
    pub fn poisson(&mut self, mean: f64) -> u64 {
        if mean < 10.0 {
            self.poisson_by_products(mean)
        } else {
            self.poisson_by_rejection(mean)
        }
    }

    /// Logarithm of a gamma variate.
    ///
    /// Source: Marsaglia, Tsang (2000), "A Simple Method for Generating Gamma Variables", ACM TOMS 26(3), 363–372;
    /// shapes below 1 by the note in its section 6, `Gamma(a) = Gamma(a + 1) · U^(1/a)`.
    fn ln_gamma_variate(&mut self, shape: f64) -> f64 {
        if shape < 1.0 {
            return self.ln_gamma_variate(shape + 1.0) - self.exponential() / shape;
        }
        let d = shape - 1.0 / 3.0;
        let c = 1.0 / (9.0 * d).sqrt();
        loop {
            let x = self.normal();
            let t = 1.0 + c * x;
            if t <= 0.0 {
                continue;
            }
            let ln_v = 3.0 * log(t);
            if -self.exponential() < 0.5 * x * x + d - d * exp(ln_v) + d * ln_v {
                return log(d) + ln_v;
            }
        }
    }

    /// Counts uniform factors until their product falls below e^-mean.
    fn poisson_by_products(&mut self, mean: f64) -> u64 {
        let limit = exp(-mean);
        let mut product = self.uniform();
        let mut count = 0;
        while product > limit {
            product *= self.uniform();
            count += 1;
        }
        count
    }

    /// PTRS of Hörmann (1993), "The transformed rejection method for generating Poisson random variables", Insurance:
    /// Mathematics and Economics 12(1), 39–45.
    fn poisson_by_rejection(&mut self, mean: f64) -> u64 {
        let b = 0.931 + 2.53 * mean.sqrt();
        let a = -0.059 + 0.02483 * b;
        let inverse_alpha = 1.1239 + 1.1328 / (b - 3.4);
        let v_r = 0.9277 - 3.6224 / (b - 2.0);
        loop {
            let u = self.uniform() - 0.5;
            let v = 1.0 - self.uniform();
            let u_s = 0.5 - u.abs();
            let k = floor((2.0 * a / u_s + b) * u + mean + 0.43);
            if u_s >= 0.07 && v <= v_r {
                return k as u64;
            }
            if k < 0.0 || (u_s < 0.013 && v > u_s) {
                continue;
            }
            let left = log(v * inverse_alpha / (a / (u_s * u_s) + b));
            if left <= k * log(mean) - mean - lgamma(k + 1.0) {
                return k as u64;
            }
        }
    }
}

/// FNV-1a with 128 bits: the names of algorithms are few and constant, so that no keyed hash is needed.
fn fnv_1a_128(bytes: &[u8]) -> u128 {
    const OFFSET_BASIS: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0100_0000_0000_0000_0000_013b;
    bytes.iter().fold(OFFSET_BASIS, |hash, &byte| {
        (hash ^ u128::from(byte)).wrapping_mul(PRIME)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const N_DRAWS: usize = 200_000;

    /// Mean and variance of many draws against the true ones, within five standard errors of the mean and 3 % of variance.
    fn check_moments(
        name: &str,
        mut draw: impl FnMut(&mut RandomStream) -> f64,
        mean: f64,
        variance: f64,
    ) {
        let mut stream = RandomStream::new(7, name, 0);
        let draws: Vec<f64> = (0..N_DRAWS).map(|_| draw(&mut stream)).collect();
        let n = N_DRAWS as f64;
        let drawn_mean = draws.iter().sum::<f64>() / n;
        let drawn_variance = draws
            .iter()
            .map(|x| (x - drawn_mean) * (x - drawn_mean))
            .sum::<f64>()
            / n;
        assert!(
            (drawn_mean - mean).abs() < 5.0 * (variance / n).sqrt(),
            "{name}: mean {drawn_mean}, not {mean}"
        );
        assert!(
            (drawn_variance / variance - 1.0).abs() < 0.03,
            "{name}: variance {drawn_variance}, not {variance}"
        );
    }

    #[test]
    fn draws_have_the_moments_of_their_distributions() {
        check_moments("uniform", RandomStream::uniform, 0.5, 1.0 / 12.0);
        check_moments("below", |stream| stream.below(7) as f64, 3.0, 4.0);
        check_moments("normal", RandomStream::normal, 0.0, 1.0);
        check_moments("exponential", RandomStream::exponential, 1.0, 1.0);
        for shape in [0.243, 0.9, 1.0, 4.414, 60.0] {
            check_moments("gamma", |stream| stream.gamma(shape), shape, shape);
        }
        for (a, b) in [(0.793_f64, 2.426_f64), (0.1, 0.1), (20.0, 3.0)] {
            let s = a + b;
            check_moments(
                "beta",
                |stream| stream.beta(a, b),
                a / s,
                a * b / (s * s * (s + 1.0)),
            );
        }
        for mean in [0.3, 4.0, 9.99, 10.0, 55.5, 1e6] {
            check_moments("poisson", |stream| stream.poisson(mean) as f64, mean, mean);
        }
        let weights = [1.0, 0.0, 3.0];
        check_moments(
            "weighted",
            |stream| stream.weighted_index(&weights) as f64,
            1.5,
            0.75,
        );
    }

    #[test]
    fn poisson_counts_have_the_right_frequencies() {
        let mut stream = RandomStream::new(3, "poisson", 0);
        for mean in [2.5, 12.0] {
            let mut counts = [0_usize; 64];
            for _ in 0..N_DRAWS {
                counts[(stream.poisson(mean) as usize).min(63)] += 1;
            }
            let mut probability = exp(-mean);
            for (k, &count) in counts.iter().enumerate().take(40) {
                let expected = probability * N_DRAWS as f64;
                assert!(
                    (count as f64 - expected).abs() < 5.0 * expected.sqrt() + 5.0,
                    "{k} of mean {mean}"
                );
                probability *= mean / (k + 1) as f64;
            }
        }
    }

    #[test]
    fn a_stream_is_a_function_of_its_three_names() {
        let first = |seed, name, restart| RandomStream::new(seed, name, restart).bits();
        assert_eq!(first(1, "kmeans", 0), first(1, "kmeans", 0));
        let others = [
            first(2, "kmeans", 0),
            first(1, "gmm", 0),
            first(1, "kmeans", 1),
        ];
        assert!(others.iter().all(|&bits| bits != first(1, "kmeans", 0)));
    }

    #[test]
    fn the_first_bits_of_a_stream_never_change() {
        let mut stream = RandomStream::new(42, "kmeans", 0);
        assert_eq!(
            [stream.bits(), stream.bits()],
            [12_348_346_054_122_070_775, 1_363_632_437_671_882_822]
        );
    }

    #[test]
    fn a_poisson_mean_of_zero_counts_nothing() {
        assert_eq!(RandomStream::new(0, "poisson", 0).poisson(0.0), 0);
    }

    #[test]
    fn shuffling_keeps_every_item() {
        let mut items: Vec<u32> = (0..100).collect();
        RandomStream::new(5, "shuffle", 0).shuffle(&mut items);
        assert_ne!(items, (0..100).collect::<Vec<_>>());
        items.sort_unstable();
        assert_eq!(items, (0..100).collect::<Vec<_>>());
    }
}
