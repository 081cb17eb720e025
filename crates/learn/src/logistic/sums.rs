//! Mean log loss with its derivatives, and the sums over rows that they are made from.

use super::slots::Slots;

/// How far the derivatives of the loss are needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Extent {
    Loss,
    Score,
    Curvature,
}

/// Mean log loss at a point.
#[derive(Clone, Debug)]
pub(super) struct Evaluation {
    pub loss: f64,
    /// −∂ loss / ∂ base
    pub score_of_base: f64,
    /// −∂ loss / ∂ coefficients
    pub scores: Vec<f64>,
    pub curvature: Option<Curvature>,
}

/// Second derivatives of the mean log loss.
#[derive(Clone, Debug)]
pub(super) struct Curvature {
    /// ∂² by base.
    pub total: f64,
    /// ∂² by base and coefficient.
    pub mixed: Vec<f64>,
    /// ∂² by coefficients where the base follows to its best value, `n × n`.
    pub centered: Vec<f64>,
}
/// Sums over the rows of a chunk; levels as columns of zeros and ones.
pub(super) struct Sums {
    pub loss: f64,
    pub residual: f64,
    /// Σ residual · x
    pub residuals: Vec<f64>,
    pub bend: f64,
    /// Σ bend · x
    pub bends: Vec<f64>,
    /// Σ bend · x · x′, lower triangle
    pub products: Vec<f64>,
    extent: Extent,
}

impl Sums {
    pub(super) fn new(n: usize, extent: Extent) -> Self {
        let with = |needed: Extent, len: usize| {
            if extent >= needed {
                vec![0.0; len]
            } else {
                Vec::new()
            }
        };
        Self {
            loss: 0.0,
            residual: 0.0,
            residuals: with(Extent::Score, n),
            bend: 0.0,
            bends: with(Extent::Curvature, n),
            products: with(Extent::Curvature, n * n),
            extent,
        }
    }

    pub(super) fn plus(mut self, other: &Self) -> Self {
        self.loss += other.loss;
        self.residual += other.residual;
        self.bend += other.bend;
        crate::blocks::add(&mut self.residuals, &other.residuals);
        crate::blocks::add(&mut self.bends, &other.bends);
        crate::blocks::add(&mut self.products, &other.products);
        self
    }

    pub(super) fn in_standard_units(&mut self, slots: &Slots) -> Evaluation {
        let centered = |sum: f64, slot: usize, total: f64| {
            slots.factors[slot] * (sum - slots.means[slot] * total)
        };
        let standard = |sums: &[f64], total: f64| -> Vec<f64> {
            let sums = sums.iter().enumerate();
            sums.map(|(slot, &sum)| centered(sum, slot, total))
                .collect()
        };
        Evaluation {
            loss: self.loss,
            score_of_base: self.residual,
            scores: standard(&self.residuals, self.residual),
            curvature: (self.extent == Extent::Curvature).then(|| Curvature {
                total: self.bend,
                mixed: standard(&self.bends, self.bend),
                centered: self.centered_products(slots),
            }),
        }
    }

    /// Products around the weighted means: what is left when the base follows. The shift to the means of the units drops out.
    fn centered_products(&mut self, slots: &Slots) -> Vec<f64> {
        let n = slots.len();
        let mut products = std::mem::take(&mut self.products);
        for j in 0..n {
            let share = self.bends[j] / self.bend.max(f64::MIN_POSITIVE);
            for k in 0..=j {
                let factor = slots.factors[j] * slots.factors[k];
                let product = factor * (products[j * n + k] - share * self.bends[k]);
                products[j * n + k] = product;
                products[k * n + j] = product;
            }
        }
        products
    }
}

const LANES: usize = 8;

/// Σ a·b in eight sums side by side, which the compiler can keep in vector registers.
pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
    let mut sums = [0.0; LANES];
    for (a, b) in a.iter().zip(b) {
        for lane in 0..LANES {
            sums[lane] += a[lane] * b[lane];
        }
    }
    let rest: f64 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f64>() + rest
}

/// Σ a, as [`dot`].
pub(super) fn total(a: &[f64]) -> f64 {
    let (a, rest) = a.as_chunks::<LANES>();
    let mut sums = [0.0; LANES];
    for a in a {
        for lane in 0..LANES {
            sums[lane] += a[lane];
        }
    }
    sums.iter().sum::<f64>() + rest.iter().sum::<f64>()
}
