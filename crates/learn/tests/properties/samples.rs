//! Random samples of several shapes.

use clientela_learn::Points;
use clientela_numerics::RandomStream;
use proptest::prelude::*;

/// Columns of one random data set: seed, samples, columns, shape.
#[derive(Clone, Debug)]
pub struct Shape {
    pub seed: u64,
    pub n_samples: usize,
    pub n_features: usize,
    /// 0: clouds, 1: a lattice with many equal rows and distances, 2: heavy tails.
    pub kind: u32,
}

pub fn shapes(n_samples: std::ops::Range<usize>) -> impl Strategy<Value = Shape> {
    (any::<u64>(), n_samples, 1..5_usize, 0..3_u32).prop_map(
        |(seed, n_samples, n_features, kind)| Shape {
            seed,
            n_samples,
            n_features,
            kind,
        },
    )
}

impl Shape {
    pub fn stream(&self, name: &str) -> RandomStream {
        RandomStream::new(self.seed, name, 0)
    }

    pub fn columns(&self) -> Vec<Vec<f64>> {
        let mut stream = self.stream("columns");
        let value = |stream: &mut RandomStream, i: usize| match self.kind {
            0 => 3.0 * (i % 4) as f64 + stream.normal(),
            1 => stream.below(4) as f64,
            _ => libm::exp(1.5 * stream.normal()),
        };
        (0..self.n_features)
            .map(|_| (0..self.n_samples).map(|i| value(&mut stream, i)).collect())
            .collect()
    }

    pub fn points(&self) -> Points {
        Points::from_columns(&self.columns())
    }

    /// Random labels of points: `n_labels` clusters, and noise where `with_noise`.
    pub fn labels(&self, points: &Points, name: &str, n_labels: u64, with_noise: bool) -> Vec<i32> {
        let mut stream = self.stream(name);
        let lowest = i32::from(with_noise);
        (0..points.n_points())
            .map(|_| stream.below(n_labels + lowest as u64) as i32 - lowest)
            .collect()
    }
}

/// The values of row `i`.
pub fn row(columns: &[Vec<f64>], i: usize) -> Vec<f64> {
    columns.iter().map(|column| column[i]).collect()
}

pub fn distance_squared(a: &[f64], b: &[f64]) -> f64 {
    let mut sum = 0.0;
    for (x, y) in a.iter().zip(b) {
        sum += (x - y) * (x - y);
    }
    sum
}
