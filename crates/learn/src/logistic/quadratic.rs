//! The quadratic model of a Newton step under the elastic net penalty, minimized exactly.
//!
//! ```text
//! minimize over b:  −hᵀ(b − b₀) + ½ (b − b₀)ᵀ C (b − b₀) + λ α Σ|b| + ½ λ (1 − α) Σ b²
//! ```
//!
//! Coordinate descent with covariance updates (Friedman, Hastie, Tibshirani 2010, section 2.2) finds out which coefficients
//! are zero. Where columns are nearly collinear it would take thousands of rounds to settle the others; after some rounds
//! these are found by the linear system that they satisfy, as in the feature-sign search of Lee, Battle, Raina, Ng (2006),
//! "Efficient Sparse Coding Algorithms", NIPS, section 3.

use clientela_numerics::matrix::Cholesky;
use clientela_numerics::{StopToken, Stopped};

/// Linear systems of more coefficients take too long between two looks at the stop token.
const SYSTEM_MAX: usize = 400;
const ROUNDS_MAX: usize = 1000;
/// What is added to the diagonal of a singular system, as a share of it.
const RIDGE: f64 = 1e-8;

/// The penalty on the coefficients in standard units.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Penalty {
    /// λ α, on absolute values.
    pub absolute: f64,
    /// λ (1 − α), on halved squares.
    pub square: f64,
}

impl Penalty {
    pub(super) fn new(lambda: f64, l1_ratio: f64) -> Self {
        Self {
            absolute: lambda * l1_ratio,
            square: lambda * (1.0 - l1_ratio),
        }
    }

    pub(super) fn of(&self, coefficients: &[f64]) -> f64 {
        let of_one = |b: &f64| self.absolute * b.abs() + 0.5 * self.square * b * b;
        coefficients.iter().map(of_one).sum()
    }
}

/// The problem under way.
pub(super) struct Quadratic<'a> {
    /// C, `n × n`, symmetric.
    curvature: &'a [f64],
    penalty: Penalty,
    /// b₀
    start: &'a [f64],
    /// h
    first_slopes: Vec<f64>,
    /// b
    coefficients: Vec<f64>,
    /// h − C (b − b₀)
    slopes: Vec<f64>,
}

impl<'a> Quadratic<'a> {
    /// From coefficients b₀, the slopes h there, and C, `n × n`.
    pub(super) fn new(
        curvature: &'a [f64],
        slopes: Vec<f64>,
        start: &'a [f64],
        penalty: Penalty,
    ) -> Self {
        Self {
            curvature,
            penalty,
            start,
            first_slopes: slopes.clone(),
            coefficients: start.to_vec(),
            slopes,
        }
    }

    /// The coefficients of the minimum; no coordinate could gain more than `tolerance` alone.
    pub(super) fn minimize(
        mut self,
        tolerance: f64,
        stop: &StopToken,
    ) -> Result<Vec<f64>, Stopped> {
        let all: Vec<usize> = (0..self.coefficients.len()).collect();
        for _ in 0..ROUNDS_MAX {
            stop.poll()?;
            if self.sweep(&all) <= tolerance {
                break;
            }
            self.settle_active(tolerance, stop)?;
        }
        Ok(self.coefficients)
    }

    /// One round of coordinate descent; the largest gain of a coordinate.
    fn sweep(&mut self, coordinates: &[usize]) -> f64 {
        let n = self.coefficients.len();
        let mut most = 0.0_f64;
        for &j in coordinates {
            let line = &self.curvature[j * n..(j + 1) * n];
            let steepness = line[j] + self.penalty.square;
            let old = self.coefficients[j];
            let pull = self.slopes[j] + line[j] * old;
            let beyond = pull.abs() - self.penalty.absolute;
            let new = if beyond > 0.0 && line[j] > 0.0 {
                (beyond / steepness).copysign(pull)
            } else {
                0.0
            };
            if new != old {
                self.coefficients[j] = new;
                for (slope, c) in self.slopes.iter_mut().zip(line) {
                    *slope -= c * (new - old);
                }
                most = most.max(steepness * (new - old) * (new - old));
            }
        }
        most
    }

    /// Brings the coefficients that are not zero to their best values.
    fn settle_active(&mut self, tolerance: f64, stop: &StopToken) -> Result<(), Stopped> {
        let active = self.active();
        // A round costs n · |active|, the system a third of |active|³.
        let n_rounds = 10 + active.len() / 3;
        for round in 0..ROUNDS_MAX {
            stop.poll()?;
            if self.sweep(&active) <= tolerance {
                break;
            }
            if round >= n_rounds && self.solve_active() {
                break;
            }
        }
        Ok(())
    }

    fn active(&self) -> Vec<usize> {
        let is_active = |&j: &usize| self.coefficients[j] != 0.0;
        (0..self.coefficients.len()).filter(is_active).collect()
    }

    /// Solves for the coefficients that are not zero, their signs kept; one that would change its sign becomes zero.
    ///
    /// False where that can't be done.
    fn solve_active(&mut self) -> bool {
        loop {
            let active = self.active();
            if active.is_empty() || active.len() > SYSTEM_MAX {
                return false;
            }
            let Some(step) = self.step_of(&active) else {
                return false;
            };
            // The first coefficient to reach zero on the way, and after which share of it.
            let mut first = (1.0, None);
            for (&j, step) in active.iter().zip(&step) {
                let b = self.coefficients[j];
                if (b + step) * b <= 0.0 && -b / step < first.0 {
                    first = (-b / step, Some(j));
                }
            }
            self.advance(&active, &step, first.0);
            let Some(crossing) = first.1 else {
                self.renew_slopes();
                return true;
            };
            let left = -self.coefficients[crossing];
            self.advance(&[crossing], &[left], 1.0);
            self.coefficients[crossing] = 0.0;
        }
    }

    /// The step at whose end the active coefficients have no slope.
    fn step_of(&self, active: &[usize]) -> Option<Vec<f64>> {
        let (n, m) = (self.coefficients.len(), active.len());
        let mut matrix = Vec::with_capacity(m * m);
        for &j in active {
            matrix.extend(active.iter().map(|&k| self.curvature[j * n + k]));
        }
        for i in 0..m {
            matrix[i * m + i] += self.penalty.square;
        }
        let slope = |&j: &usize| {
            let b = self.coefficients[j];
            self.slopes[j] - self.penalty.square * b - self.penalty.absolute.copysign(b)
        };
        let mut step: Vec<f64> = active.iter().map(slope).collect();
        let factor = Cholesky::factor(&matrix, m).or_else(|| {
            // A pure lasso has many minima where columns repeat each other; a trace of a ridge around the present coefficients
            // leads to one of them.
            for i in 0..m {
                matrix[i * m + i] *= 1.0 + RIDGE;
            }
            Cholesky::factor(&matrix, m)
        });
        factor?.solve(&mut step);
        step.iter().all(|length| length.is_finite()).then_some(step)
    }

    /// Rids the slopes of the rounding that many updates have left.
    fn renew_slopes(&mut self) {
        self.slopes.clone_from(&self.first_slopes);
        let moves = self.coefficients.iter().zip(self.start);
        for ((b, start), line) in moves.zip(self.curvature.chunks(self.start.len())) {
            for (slope, c) in self.slopes.iter_mut().zip(line) {
                *slope -= c * (b - start);
            }
        }
    }

    fn advance(&mut self, active: &[usize], step: &[f64], share: f64) {
        let n = self.coefficients.len();
        for (&j, step) in active.iter().zip(step) {
            self.coefficients[j] += share * step;
            for (slope, c) in self.slopes.iter_mut().zip(&self.curvature[j * n..]) {
                *slope -= c * share * step;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clientela_numerics::RandomStream;

    /// A curvature of `n` columns, the last of which is nearly the sum of the first two, and slopes.
    fn problem(n: usize, seed: u64) -> (Vec<f64>, Vec<f64>) {
        let mut stream = RandomStream::new(seed, "quadratic", 0);
        let rows: Vec<Vec<f64>> = (0..3 * n)
            .map(|_| {
                let mut row: Vec<f64> = (0..n).map(|_| stream.normal()).collect();
                row[n - 1] = row[0] + row[1] + 1e-4 * row[n - 1];
                row
            })
            .collect();
        let product = |j: usize, k: usize| rows.iter().map(|row| row[j] * row[k]).sum::<f64>();
        let curvature = (0..n * n).map(|i| product(i / n, i % n) / (3 * n) as f64);
        let targets: Vec<f64> = rows.iter().map(|_| stream.normal()).collect();
        let slope = |j: usize| {
            rows.iter()
                .zip(&targets)
                .map(|(row, y)| row[j] * y)
                .sum::<f64>()
        };
        let slopes = (0..n).map(|j| slope(j) / (3 * n) as f64);
        (curvature.collect(), slopes.collect())
    }

    #[test]
    fn minima_satisfy_their_conditions() {
        for (n, lambda, l1_ratio) in [
            (3, 0.5, 0.5),
            (12, 0.3, 0.9),
            (12, 1e-4, 0.5),
            (30, 0.01, 1.0),
            (30, 0.1, 0.0),
        ] {
            let (curvature, slopes) = problem(n, n as u64);
            let penalty = Penalty::new(lambda, l1_ratio);
            let start = vec![0.0; n];
            let quadratic = Quadratic::new(&curvature, slopes.clone(), &start, penalty);
            let b = quadratic
                .minimize(1e-26, &StopToken::new())
                .expect("not stopped");
            for j in 0..n {
                let product: f64 = (0..n).map(|k| curvature[j * n + k] * b[k]).sum();
                let slope = slopes[j] - product - penalty.square * b[j];
                let left = if b[j] == 0.0 {
                    (slope.abs() - penalty.absolute).max(0.0)
                } else {
                    (slope - penalty.absolute.copysign(b[j])).abs()
                };
                assert!(left < 1e-10, "{n} {lambda} {l1_ratio}: {left} of {j}");
            }
        }
    }

    #[test]
    fn a_column_without_curvature_keeps_no_coefficient() {
        let penalty = Penalty::new(0.5, 1.0);
        let quadratic = Quadratic::new(&[1.0, 0.0, 0.0, 0.0], vec![2.0, 0.0], &[0.0, 0.0], penalty);
        let b = quadratic
            .minimize(1e-20, &StopToken::new())
            .expect("not stopped");
        assert_eq!(b, [1.5, 0.0]);
    }
}
