//! Numbers for data sets, and points as an analysis has them; the benches use these too.

use clientela_learn::Points;

/// A stream of numbers for data, not for statistics (a Weyl sequence through a mixer).
pub struct Stream(pub u64);

impl Stream {
    /// Uniform in [0, 1).
    pub fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Whole number in 0..n.
    pub fn below(&mut self, n: usize) -> f64 {
        (self.unit() * n as f64).floor()
    }

    /// Columns whose values come from `value(self, row, column)`.
    pub fn columns(
        &mut self,
        n_samples: usize,
        n_features: usize,
        value: impl Fn(&mut Self, usize, usize) -> f64,
    ) -> Vec<Vec<f64>> {
        let mut column = |j| (0..n_samples).map(|i| value(self, i, j)).collect();
        (0..n_features).map(&mut column).collect()
    }
}

/// Points as an analysis has them: distinct rows, z-scored where the column has spread.
pub fn standardized(columns: &[Vec<f64>]) -> Points {
    let points = Points::from_columns(columns);
    let n = points.n_samples() as f64;
    let scored = |column: &Vec<f64>| -> Vec<f64> {
        let weighted = |f: &dyn Fn(f64) -> f64| -> f64 {
            column
                .iter()
                .zip(points.weights())
                .map(|(&x, w)| w * f(x))
                .sum::<f64>()
                / n
        };
        let mean = weighted(&|x| x);
        let deviation = weighted(&|x| (x - mean) * (x - mean)).sqrt();
        column
            .iter()
            .map(|x| {
                if deviation > 0.0 {
                    (x - mean) / deviation
                } else {
                    0.0
                }
            })
            .collect()
    };
    points.with_columns(points.columns().iter().map(scored).collect())
}
