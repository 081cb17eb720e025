//! Purchases in a span of time when the rate is gamma distributed and nobody leaves.

use libm::{exp, log, log1p};

/// The number N of events in `weeks` when λ ~ Gamma(shape, rate).
///
/// ```text
/// P(N = m) = Γ(shape+m) / (Γ(shape) m!) · (rate / (rate+weeks))^shape · (weeks / (rate+weeks))^m
/// ```
#[derive(Clone, Copy, Debug)]
pub(super) struct NegativeBinomial {
    pub shape: f64,
    pub rate: f64,
    pub weeks: f64,
}

/// P(N = 0), P(N = 1), … by their ratios.
///
/// The first ones may be far below the smallest double although later ones are not, so that they are held as `scaled` · e^`ln_scale`.
pub(super) struct Probabilities {
    shape: f64,
    odds: f64,
    m: f64,
    scaled: f64,
    ln_scale: f64,
    scale: f64,
}

/// When the scaled probability grows past this, the scale takes it over.
const LARGE: f64 = 1e200;

impl NegativeBinomial {
    pub fn new(shape: f64, rate: f64, weeks: f64) -> Self {
        Self { shape, rate, weeks }
    }

    pub fn probabilities(&self) -> Probabilities {
        let ln_scale = -self.shape * log1p(self.weeks / self.rate);
        Probabilities {
            shape: self.shape,
            odds: self.weeks / (self.rate + self.weeks),
            m: 0.0,
            scaled: 1.0,
            ln_scale,
            scale: exp(ln_scale),
        }
    }

    /// About how many probabilities matter to a double.
    pub fn n_terms(&self) -> f64 {
        let spread = 1.0 + self.weeks / self.rate;
        let mean = self.shape * self.weeks / self.rate;
        mean + 40.0 * spread + 10.0 * (mean * spread).sqrt()
    }
}

impl Probabilities {
    /// P(N = m + 1) / P(N = m) for the m that comes next.
    pub fn ratio(&self) -> f64 {
        self.odds * (self.shape + self.m) / (self.m + 1.0)
    }
}

impl Iterator for Probabilities {
    type Item = f64;

    fn next(&mut self) -> Option<f64> {
        let probability = self.scaled * self.scale;
        self.scaled *= self.ratio();
        self.m += 1.0;
        if self.scaled > LARGE {
            self.scaled /= LARGE;
            self.ln_scale += log(LARGE);
            self.scale = exp(self.ln_scale);
        }
        Some(probability)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probabilities_add_up_to_one_and_have_the_mean_also_for_long_histories() {
        for (shape, rate, weeks) in [
            (0.2, 4.4, 0.0),
            (0.2, 4.4, 52.0),
            (1.0, 40.0, 260.0),
            (5000.0, 60.0, 52.0),
            (30_000.0, 3.0, 260.0),
        ] {
            let purchases = NegativeBinomial::new(shape, rate, weeks);
            let n = purchases.n_terms().ceil() as usize;
            let (mut sum, mut mean) = (0.0, 0.0);
            for (m, probability) in purchases.probabilities().take(n).enumerate() {
                sum += probability;
                mean += probability * m as f64;
            }
            let expected = shape * weeks / rate;
            assert!((sum - 1.0).abs() < 1e-9, "{sum}");
            assert!((mean - expected).abs() <= 1e-9 * expected, "{mean}");
        }
    }
}
