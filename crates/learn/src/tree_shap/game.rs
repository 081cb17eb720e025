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

use clientela_numerics::quadrature::GaussLegendre16;

use super::branches::Leaf;

/// Points of the rule.
const POINTS: usize = 16;
/// Conditions up to which one panel is exact: polynomials of degree 2 · 16 − 1.
const EXACT_MAX: usize = 2 * POINTS;

/// The rule, and memory for products.
pub(super) struct Game {
    rule: GaussLegendre16,
    /// For each condition the product over those before it, by point.
    before: Vec<[f64; POINTS]>,
}

impl Game {
    pub(super) fn new() -> Self {
        Self {
            rule: GaussLegendre16::new(),
            before: Vec::new(),
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
        for (points, weights) in panels(&self.rule, leaf.conditions.len()) {
            self.integrate(leaf, &is_met, &points, weights, attributions);
        }
        let both = attributions.iter_mut().zip(&leaf.conditions);
        for (i, (attribution, condition)) in both.enumerate() {
            let met = f64::from(u8::from(is_met(i)));
            *attribution *= leaf.value * (met - condition.share);
        }
    }

    /// Adds the integrals over one panel.
    fn integrate(
        &mut self,
        leaf: &Leaf,
        is_met: impl Fn(usize) -> bool,
        points: &[f64; POINTS],
        weights: [f64; POINTS],
        integrals: &mut [f64],
    ) {
        let factors = |j: usize| {
            let met = f64::from(u8::from(is_met(j)));
            let share = leaf.conditions[j].share;
            points.map(|t| t * met + (1.0 - t) * share)
        };
        self.before.clear();
        let mut product = weights;
        for j in 0..integrals.len() {
            self.before.push(product);
            product = times(product, factors(j));
        }
        let mut after = [1.0; POINTS];
        for (j, integral) in integrals.iter_mut().enumerate().rev() {
            *integral += total(times(self.before[j], after));
            after = times(after, factors(j));
        }
    }
}

/// Points and weights on [0, 1], panel by panel, for a product of so many factors less one.
///
/// Beyond [`EXACT_MAX`] a panel of length h ≤ 16 / m is off by at most 3·10⁻⁵⁵ · h³³ · m³², the rule's error term with the largest
/// derivative that a product of factors in [0, 1] can have: together the panels are off by about 10⁻¹⁶.
fn panels(
    rule: &GaussLegendre16,
    n_conditions: usize,
) -> impl Iterator<Item = ([f64; POINTS], [f64; POINTS])> + use<> {
    let n_panels = if n_conditions <= EXACT_MAX {
        1
    } else {
        n_conditions.div_ceil(POINTS)
    };
    let half = 0.5 / n_panels as f64;
    let (nodes, weights) = (rule.nodes, rule.weights);
    (0..n_panels).map(move |panel| {
        let middle = (2 * panel + 1) as f64 * half;
        (
            nodes.map(|node| middle + half * node),
            weights.map(|weight| half * weight),
        )
    })
}

#[inline]
fn times(mut a: [f64; POINTS], b: [f64; POINTS]) -> [f64; POINTS] {
    for (a, b) in a.iter_mut().zip(b) {
        *a *= b;
    }
    a
}

/// The sum of all entries, halves first: an order that several lanes can follow.
#[inline]
fn total(terms: [f64; POINTS]) -> f64 {
    let mut sums = [0.0; 4];
    for four in terms.as_chunks::<4>().0 {
        for (sum, term) in sums.iter_mut().zip(four) {
            *sum += term;
        }
    }
    (sums[0] + sums[1]) + (sums[2] + sums[3])
}
