//! Gauss–Legendre quadrature.

use libm::cos;

/// The `N` nodes in [−1, 1] and weights that integrate polynomials of degree 2 · `N` − 1 exactly.
#[derive(Clone, Debug, PartialEq)]
pub struct GaussLegendre<const N: usize> {
    /// Ascending.
    pub nodes: [f64; N],
    /// Positive, with the sum 2.
    pub weights: [f64; N],
}

/// The rule of 16 nodes, for integrals of smooth functions.
pub type GaussLegendre16 = GaussLegendre<16>;

impl<const N: usize> GaussLegendre<N> {
    /// The rule, by Newton's method on the Legendre polynomial.
    ///
    /// Source: NIST DLMF 3.5(v) and 18.9 (recurrence); starts as in Press et al. (2007), "Numerical Recipes", section 4.6.
    #[must_use]
    pub fn new() -> Self {
        let (mut nodes, mut weights) = ([0.0; N], [0.0; N]);
        for i in 0..N.div_ceil(2) {
            let mut node = cos(std::f64::consts::PI * (i as f64 + 0.75) / (N as f64 + 0.5));
            let mut slope = 0.0;
            for _ in 0..10 {
                let (value, derivative) = legendre(N, node);
                node -= value / derivative;
                slope = derivative;
            }
            let weight = 2.0 / ((1.0 - node * node) * slope * slope);
            (nodes[i], nodes[N - 1 - i]) = (-node, node);
            (weights[i], weights[N - 1 - i]) = (weight, weight);
        }
        Self { nodes, weights }
    }
}

impl<const N: usize> Default for GaussLegendre<N> {
    fn default() -> Self {
        Self::new()
    }
}

/// The Legendre polynomial of the given degree and its derivative at |x| < 1.
fn legendre(degree: usize, x: f64) -> (f64, f64) {
    let (mut before, mut value) = (1.0, x);
    for k in 2..=degree {
        let k = k as f64;
        (before, value) = (
            value,
            ((2.0 * k - 1.0) * x * value - (k - 1.0) * before) / k,
        );
    }
    (value, degree as f64 * (x * value - before) / (x * x - 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every polynomial up to the degree that the rule integrates.
    fn check_degrees<const N: usize>() {
        let rule = GaussLegendre::<N>::new();
        for degree in 0..2 * N as i32 {
            let both = rule.nodes.iter().zip(rule.weights);
            let integral: f64 = both.map(|(node, weight)| weight * node.powi(degree)).sum();
            let expected = if degree % 2 == 0 {
                2.0 / f64::from(degree + 1)
            } else {
                0.0
            };
            assert!(
                (integral - expected).abs() < 1e-14,
                "{N} nodes, degree {degree}: {integral}"
            );
        }
    }

    #[test]
    fn polynomials_are_integrated_exactly() {
        check_degrees::<2>();
        check_degrees::<3>();
        check_degrees::<4>();
        check_degrees::<8>();
        check_degrees::<16>();
    }

    #[test]
    fn the_largest_node_is_the_tabulated_one() {
        let rule = GaussLegendre16::new();
        assert!((rule.nodes[15] - 0.989_400_934_991_649_9).abs() < 1e-15);
        assert!((rule.weights[15] - 0.027_152_459_411_754_095).abs() < 1e-15);
    }
}
