//! Data sets of many shapes, most of them full of ties.

use proptest::prelude::*;

use crate::stream::Stream;

/// The shapes on which fast and slow Ward are compared.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    Continuous,
    Duplicated,
    Lattice,
    EquallySpaced,
    Retail,
    Collinear,
    Constant,
    GrowingGaps,
    OneHot,
    HeavyWeights,
}

pub const SHAPES: [Shape; 10] = [
    Shape::Continuous,
    Shape::Duplicated,
    Shape::Lattice,
    Shape::EquallySpaced,
    Shape::Retail,
    Shape::Collinear,
    Shape::Constant,
    Shape::GrowingGaps,
    Shape::OneHot,
    Shape::HeavyWeights,
];

impl Shape {
    /// Columns of the samples.
    pub fn columns(self, n_samples: usize, n_features: usize, seed: u64) -> Vec<Vec<f64>> {
        let mut stream = Stream(seed);
        let stream = &mut stream;
        match self {
            Self::Continuous => stream.columns(n_samples, n_features, |s, _, _| s.unit() - 0.5),
            Self::Duplicated => {
                let rows = stream.columns(n_samples / 3 + 1, n_features, |s, _, _| s.unit());
                let picks: Vec<usize> = (0..n_samples)
                    .map(|_| stream.below(rows[0].len()) as usize)
                    .collect();
                rows.iter()
                    .map(|column| picks.iter().map(|&i| column[i]).collect())
                    .collect()
            }
            Self::Lattice => stream.columns(n_samples, n_features, |s, _, _| s.below(6)),
            Self::EquallySpaced => stream.columns(n_samples, n_features, |_, i, j| {
                if j == 0 { 0.1 * i as f64 } else { 0.3 }
            }),
            Self::Retail => stream.columns(n_samples, n_features, |s, _, j| match j % 3 {
                0 => 1.0 + (s.unit() * s.unit() * 30.0).floor(),
                1 => (s.unit() * s.unit() * s.unit() * 400.0).round(),
                _ => 1.0 + s.below(5),
            }),
            Self::Collinear => {
                let along: Vec<f64> = (0..n_samples)
                    .map(|_| stream.below(2 * n_samples))
                    .collect();
                (1..=n_features)
                    .map(|j| along.iter().map(|t| 0.7 * j as f64 * t).collect())
                    .collect()
            }
            Self::Constant => vec![vec![2.5; n_samples]; n_features],
            Self::GrowingGaps => stream.columns(n_samples, n_features, |_, i, j| {
                if j == 0 { 1.05_f64.powi(i as i32) } else { 0.0 }
            }),
            Self::OneHot => {
                let levels: Vec<usize> = (0..n_samples)
                    .map(|_| stream.below(n_features.max(2)) as usize)
                    .collect();
                (0..n_features)
                    .map(|j| {
                        levels
                            .iter()
                            .map(|&level| f64::from(u8::from(level == j)))
                            .collect()
                    })
                    .collect()
            }
            Self::HeavyWeights => {
                let cubed = |s: &mut Stream| (s.unit() * s.unit() * s.unit() * 12.0).floor();
                stream.columns(n_samples, n_features, |s, _, _| cubed(s))
            }
        }
    }
}

/// A shape, its number of samples and features, and a seed.
pub fn any_data(n_samples_max: usize) -> impl Strategy<Value = (Shape, usize, usize, u64)> {
    (
        prop::sample::select(SHAPES.to_vec()),
        1..=n_samples_max,
        1..=13_usize,
        any::<u64>(),
    )
}
