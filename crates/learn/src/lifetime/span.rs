//! Integrals over the time in which something may have happened.
//!
//! ```text
//! ∫ from 0 to w of (A / (A+u))^c (B / (B+u))^d du
//! ```
//!
//! With v = ln(1 + u/m), m = min(A, B), both logarithms have slopes in [0, 1] and are analytic for |Im v| < π: Gauss–Legendre
//! panels of a fixed length, each over a limited decay, converge to the last digits for any exponents ≥ 0, from x = 0 to
//! thousands.

use std::sync::LazyLock;

use clientela_numerics::exponential::exponentials;
use clientela_numerics::logarithm::logarithms;
use clientela_numerics::quadrature::GaussLegendre16;
use libm::{ceil, expm1, log1p};

static RULE: LazyLock<GaussLegendre16> = LazyLock::new(GaussLegendre16::new);

/// A moment in the span.
#[derive(Clone, Copy, Debug)]
pub(super) struct Node {
    /// Time since the start of the span.
    pub after: f64,
    /// ln(1 + after/A).
    pub ln_a: f64,
    /// ln(1 + after/B).
    pub ln_b: f64,
}

/// Moments in a span of time with their weights in the integral.
pub(super) struct Span {
    nodes: Vec<(Node, f64)>,
}

/// The integrand is negligible beyond a decay by e^−40.
const DECAY_MAX: f64 = 40.0;
/// With 16 nodes a panel of this length in v, half as long as the singularities are away, has an error below 1e-17.
const PANEL_LENGTH: f64 = 3.5;
/// As has an exponential that falls by e^−14 within it.
const PANEL_DECAY: f64 = 14.0;

/// The integral over a span with `rates` A, B > 0, `exponents` c, d ≥ 0 and the length w ≥ 0.
pub(super) fn integral(rates: [f64; 2], exponents: [f64; 2], length: f64) -> f64 {
    let panels = Panels::new(rates, exponents, length, 1.0);
    let weights = panels.iter().flat_map(|panel| panel.weights);
    weights.sum()
}

impl Span {
    /// The nodes for `rates` A, B > 0, `exponents` c, d ≥ 0 and the length w ≥ 0; none where w is 0.
    pub fn new(rates: [f64; 2], exponents: [f64; 2], length: f64) -> Self {
        Self::with_panels(rates, exponents, length, 1.0)
    }

    /// As [`Span::new`], with at least so many panels.
    pub fn with_panels(rates: [f64; 2], exponents: [f64; 2], length: f64, panels_min: f64) -> Self {
        let panels = Panels::new(rates, exponents, length, panels_min);
        let mut nodes = Vec::with_capacity(16 * panels.n as usize);
        for panel in panels.iter() {
            nodes.extend((0..16).map(|i| {
                let node = Node {
                    after: panel.after[i],
                    ln_a: panel.ln_a[i],
                    ln_b: panel.ln_b[i],
                };
                (node, panel.weights[i])
            }));
        }
        Self { nodes }
    }

    /// The nodes and their weights in the integral.
    pub fn nodes(&self) -> impl Iterator<Item = (&Node, f64)> {
        self.nodes.iter().map(|(node, weight)| (node, *weight))
    }

    /// The integral.
    pub fn integral(&self) -> f64 {
        self.nodes.iter().map(|(_, weight)| weight).sum()
    }
}

/// How a span is divided.
struct Panels {
    rates: [f64; 2],
    exponents: [f64; 2],
    /// Half the length of a panel in v.
    half: f64,
    n: u32,
}

/// One panel of a span, node by node.
struct Panel {
    after: [f64; 16],
    ln_a: [f64; 16],
    ln_b: [f64; 16],
    weights: [f64; 16],
}

impl Panels {
    fn new([a, b]: [f64; 2], [c, d]: [f64; 2], length: f64, n_min: f64) -> Self {
        let until = length
            .min(a * expm1(DECAY_MAX / c))
            .min(b * expm1(DECAY_MAX / d));
        let (mut half, mut n) = (0.0, 0.0);
        if until > 0.0 {
            let end = log1p(until / a.min(b));
            let decay = c * log1p(until / a) + d * log1p(until / b);
            n = ceil((end / PANEL_LENGTH).max(decay / PANEL_DECAY)).max(n_min);
            half = 0.5 * end / n;
        }
        Self {
            rates: [a, b],
            exponents: [c, d],
            half,
            n: n as u32,
        }
    }

    fn iter(&self) -> impl Iterator<Item = Panel> + '_ {
        (0..self.n).map(|panel| self.panel(panel))
    }

    fn panel(&self, panel: u32) -> Panel {
        let ([a, b], [c, d]) = (self.rates, self.exponents);
        let m = a.min(b);
        let middle = self.half * (2.0 * f64::from(panel) + 1.0);
        let mut growth = RULE.nodes.map(|node| middle + self.half * node);
        exponentials(&mut growth);
        let after = growth.map(|growth| m * (growth - 1.0));
        let mut ln_a = after.map(|after| 1.0 + after / a);
        let mut ln_b = after.map(|after| 1.0 + after / b);
        logarithms(&mut ln_a);
        logarithms(&mut ln_b);
        let mut decay: [f64; 16] = std::array::from_fn(|i| -c * ln_a[i] - d * ln_b[i]);
        exponentials(&mut decay);
        let weight = |i: usize| self.half * RULE.weights[i] * m * growth[i] * decay[i];
        Panel {
            after,
            ln_a,
            ln_b,
            weights: std::array::from_fn(weight),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integrals_match_closed_forms() {
        for exponent in [0.3, 0.999, 5.5, 300.0, 20_000.0] {
            for length in [1e-9, 0.5, 39.0, 1e5] {
                for (a, b) in [(1e-3, 7.0), (4.4, 0.02), (60.0, 60.0)] {
                    let closed = |rate: f64| {
                        let passed = log1p(length / rate);
                        rate * -expm1(-(exponent - 1.0) * passed) / (exponent - 1.0)
                    };
                    for (exponents, rate) in [([exponent, 0.0], a), ([0.0, exponent], b)] {
                        let integral = Span::new([a, b], exponents, length).integral();
                        let expected = closed(rate);
                        assert!(
                            (integral - expected).abs() <= 1e-12 * expected,
                            "{exponent} {length} {a} {b}: {integral}, not {expected}"
                        );
                    }
                }
            }
        }
    }
}
