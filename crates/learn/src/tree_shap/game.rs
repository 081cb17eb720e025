//! The Shapley values of one leaf.
//!
//! Known to a coalition S, the leaf is reached with the share
//!
//! ```text
//! v(S) = w · ∏_{j ∈ S} o_j · ∏_{j ∉ S} z_j        o_j 1 where the row meets condition j, else 0;  z_j its share
//! ```
//!
//! and a coalition of k out of m − 1 others has the weight k! (m − 1 − k)! / m! = ∫₀¹ tᵏ (1 − t)^(m−1−k) dt, so that
//!
//! ```text
//! φ_i = w · (o_i − z_i) · ∫₀¹ ∏_{j ≠ i} (t · o_j + (1 − t) · z_j) dt
//! ```
//!
//! whose integrand is a polynomial of degree m − 1 without a negative factor: Gauss's rule is exact, and nothing cancels.

use clientela_numerics::quadrature::GaussLegendre;

use super::branches::Leaf;

/// Points of the largest rule; it is exact up to twice as many conditions.
const POINTS_MAX: usize = 16;

/// The rules, and memory for products; who plays takes a copy.
#[derive(Clone, Debug)]
pub(super) struct Game {
    four: Board<4>,
    eight: Board<8>,
    sixteen: Board<POINTS_MAX>,
}

impl Game {
    pub(super) fn new() -> Self {
        Self {
            four: Board::new(),
            eight: Board::new(),
            sixteen: Board::new(),
        }
    }

    /// Writes the attribution of each condition of a leaf; `is_met` tells for each whether the row meets it.
    pub(super) fn play(
        &mut self,
        leaf: &Leaf,
        is_met: impl Fn(usize) -> bool,
        attributions: &mut [f64],
    ) {
        attributions.fill(0.0);
        match leaf.conditions.len() {
            0..=8 => self.four.integrate(leaf, &is_met, attributions),
            9..=16 => self.eight.integrate(leaf, &is_met, attributions),
            _ => self.sixteen.integrate(leaf, &is_met, attributions),
        }
        let both = attributions.iter_mut().zip(&leaf.conditions);
        for (i, (attribution, condition)) in both.enumerate() {
            let met = f64::from(u8::from(is_met(i)));
            *attribution *= leaf.value * (met - condition.share);
        }
    }
}

/// A rule of N points.
#[derive(Clone, Debug)]
struct Board<const N: usize> {
    rule: GaussLegendre<N>,
    /// For each condition its factor and the product over those before it, by point.
    products: Vec<[[f64; N]; 2]>,
}

impl<const N: usize> Board<N> {
    fn new() -> Self {
        Self {
            rule: GaussLegendre::new(),
            products: Vec::new(),
        }
    }

    /// Adds the integral of each condition.
    ///
    /// Beyond twice the points of the largest rule there are panels: one of length h ≤ 16 / m is off by at most
    /// 3·10⁻⁵⁵ · h³³ · m³², the rule's error term with the largest derivative that a product of factors in [0, 1] can have;
    /// together they are off by about 10⁻¹⁶.
    fn integrate(&mut self, leaf: &Leaf, is_met: impl Fn(usize) -> bool, integrals: &mut [f64]) {
        let n = leaf.conditions.len();
        let n_panels = if n <= 2 * N { 1 } else { n.div_ceil(N) };
        let half = 0.5 / n_panels as f64;
        for panel in 0..n_panels {
            let middle = (2 * panel + 1) as f64 * half;
            let points = self.rule.nodes.map(|node| middle + half * node);
            let mut product = self.rule.weights.map(|weight| half * weight);
            self.products.clear();
            for (j, condition) in leaf.conditions.iter().enumerate() {
                let met = f64::from(u8::from(is_met(j)));
                let factor = points.map(|t| t * met + (1.0 - t) * condition.share);
                self.products.push([factor, product]);
                product = times(product, factor);
            }
            let mut after = [1.0; N];
            for (integral, [factor, before]) in integrals.iter_mut().zip(&self.products).rev() {
                *integral += times(*before, after).iter().sum::<f64>();
                after = times(after, *factor);
            }
        }
    }
}

#[inline]
fn times<const N: usize>(mut a: [f64; N], b: [f64; N]) -> [f64; N] {
    for (a, b) in a.iter_mut().zip(b) {
        *a *= b;
    }
    a
}
