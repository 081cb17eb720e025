//! Maximization of smooth functions of a few parameters within bounds, by Newton's method.

use crate::{StopToken, Stopped};

/// A function at one point, with its first and second derivatives.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Evaluation<const N: usize> {
    /// The value.
    pub value: f64,
    /// First derivatives.
    pub gradient: [f64; N],
    /// Second derivatives, symmetric.
    pub hessian: [[f64; N]; N],
}

/// Lower and upper bound of each parameter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds<const N: usize> {
    /// Smallest admissible values.
    pub lower: [f64; N],
    /// Largest admissible values.
    pub upper: [f64; N],
}

/// Where the search ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Maximum<const N: usize> {
    /// The best point found.
    pub point: [f64; N],
    /// The function there.
    pub evaluation: Evaluation<N>,
    /// Parameters held at a bound, beyond which the function still rises.
    pub at_bound: [bool; N],
    /// Newton steps taken.
    pub iterations: u32,
    /// Whether no step promised a gain any more.
    pub converged: bool,
}

/// No step moves a parameter by more than this: the quadratic model is trusted no further.
const STEP_MAX: f64 = 2.0;
/// A predicted gain below this is no gain. In units of a log-likelihood it is far below any evidence.
const GAIN_MIN: f64 = 1e-14;
/// Steps are halved at most so often.
const HALVINGS_MAX: u32 = 40;

/// Climbs from `start` to a maximum of `function` within `bounds`.
///
/// Newton's steps with the curvature made negative definite by the absolute values of its eigenvalues, cut to a trusted
/// length, halved until the function rises, and projected onto the bounds; a parameter at a bound is released as soon as the
/// function rises inwards. Function values that are not finite count as lower than any other.
///
/// Source: Nocedal, Wright (2006), "Numerical Optimization", 2nd edition, sections 3.4 and 16.7.
///
/// # Errors
/// [`Stopped`] when `function` returns it or the stop token is set.
pub fn maximize<const N: usize>(
    start: [f64; N],
    bounds: &Bounds<N>,
    iterations_max: u32,
    stop: &StopToken,
    mut function: impl FnMut(&[f64; N]) -> Result<Evaluation<N>, Stopped>,
) -> Result<Maximum<N>, Stopped> {
    let point = bounds.project(start);
    let mut best = Maximum {
        point,
        evaluation: function(&point)?,
        at_bound: [false; N],
        iterations: 0,
        converged: false,
    };
    while best.iterations < iterations_max {
        stop.poll()?;
        best.at_bound = bounds.holding(&best.point, &best.evaluation.gradient);
        let step = newton_step(&best.evaluation, &best.at_bound);
        if 0.5 * dot(&step, &best.evaluation.gradient) < GAIN_MIN {
            best.converged = true;
            break;
        }
        best.iterations += 1;
        let Some((point, evaluation)) = climb(&best, &step, bounds, &mut function)? else {
            // Rounding hides any further rise.
            best.converged = true;
            break;
        };
        (best.point, best.evaluation) = (point, evaluation);
    }
    best.at_bound = bounds.holding(&best.point, &best.evaluation.gradient);
    Ok(best)
}

/// The first of the halved steps from `best` that rises enough.
fn climb<const N: usize>(
    best: &Maximum<N>,
    step: &[f64; N],
    bounds: &Bounds<N>,
    function: &mut impl FnMut(&[f64; N]) -> Result<Evaluation<N>, Stopped>,
) -> Result<Option<([f64; N], Evaluation<N>)>, Stopped> {
    const SUFFICIENT: f64 = 1e-4;
    let mut scale = 1.0;
    for _ in 0..HALVINGS_MAX {
        let point = bounds.project(std::array::from_fn(|i| best.point[i] + scale * step[i]));
        let moved: [f64; N] = std::array::from_fn(|i| point[i] - best.point[i]);
        let promised = dot(&moved, &best.evaluation.gradient);
        let evaluation = function(&point)?;
        let gain = evaluation.value - best.evaluation.value;
        // Near the maximum the gain drowns in rounding; there the smaller gradient decides.
        let drowned = gain.abs() <= 1e-13 * best.evaluation.value.abs();
        let flatter = norm(&evaluation.gradient) < norm(&best.evaluation.gradient);
        if (gain > 0.0 && gain >= SUFFICIENT * promised) || (drowned && flatter) {
            return Ok(Some((point, evaluation)));
        }
        if drowned {
            // Shorter steps would drown too.
            break;
        }
        scale *= 0.5;
    }
    Ok(None)
}

impl<const N: usize> Bounds<N> {
    fn project(&self, point: [f64; N]) -> [f64; N] {
        std::array::from_fn(|i| point[i].clamp(self.lower[i], self.upper[i]))
    }

    fn holding(&self, point: &[f64; N], gradient: &[f64; N]) -> [bool; N] {
        std::array::from_fn(|i| {
            (point[i] <= self.lower[i] && gradient[i] <= 0.0)
                || (point[i] >= self.upper[i] && gradient[i] >= 0.0)
        })
    }
}

/// Gradient over |curvature| along each eigenvector of the free parameters, cut to the trusted length.
fn newton_step<const N: usize>(evaluation: &Evaluation<N>, at_bound: &[bool; N]) -> [f64; N] {
    let mut hessian = evaluation.hessian;
    let mut gradient = evaluation.gradient;
    for held in (0..N).filter(|&i| at_bound[i]) {
        for row in &mut hessian {
            row[held] = 0.0;
        }
        hessian[held] = [0.0; N];
        hessian[held][held] = -1.0;
        gradient[held] = 0.0;
    }
    let (values, vectors) = symmetric_eigen(hessian);
    let largest = values
        .iter()
        .fold(0.0_f64, |most, value| most.max(value.abs()));
    let mut step = [0.0; N];
    for (k, value) in values.iter().enumerate() {
        let along: f64 = (0..N).map(|i| vectors[i][k] * gradient[i]).sum();
        let length = along / value.abs().max(1e-14 * largest).max(f64::MIN_POSITIVE);
        for i in 0..N {
            step[i] += vectors[i][k] * length;
        }
    }
    let longest = step
        .iter()
        .fold(0.0_f64, |most, value| most.max(value.abs()));
    if longest > STEP_MAX {
        step = step.map(|value| value * (STEP_MAX / longest));
    }
    step
}

/// Eigenvalues of a symmetric matrix in no particular order, and the eigenvectors as the columns of a matrix.
///
/// Source: Golub, Van Loan (2013), "Matrix Computations", 4th edition, section 8.5 (cyclic Jacobi).
#[must_use]
pub fn symmetric_eigen<const N: usize>(mut matrix: [[f64; N]; N]) -> ([f64; N], [[f64; N]; N]) {
    const SWEEPS_MAX: u32 = 50;
    let mut vectors = [[0.0; N]; N];
    for (i, row) in vectors.iter_mut().enumerate() {
        row[i] = 1.0;
    }
    for _ in 0..SWEEPS_MAX {
        let mut rotated = false;
        for p in 0..N {
            for q in p + 1..N {
                rotated |= rotate(&mut matrix, &mut vectors, p, q);
            }
        }
        if !rotated {
            break;
        }
    }
    (std::array::from_fn(|i| matrix[i][i]), vectors)
}

/// Turns the axes p and q so that their common entry vanishes; false where it already has.
fn rotate<const N: usize>(
    matrix: &mut [[f64; N]; N],
    vectors: &mut [[f64; N]; N],
    p: usize,
    q: usize,
) -> bool {
    let common = matrix[p][q];
    if common.abs() <= 1e-17 * (matrix[p][p].abs() * matrix[q][q].abs()).sqrt() || common == 0.0 {
        return false;
    }
    let tau = (matrix[q][q] - matrix[p][p]) / (2.0 * common);
    let tangent = 1.0_f64.copysign(tau) / (tau.abs() + (1.0 + tau * tau).sqrt());
    let cosine = 1.0 / (1.0 + tangent * tangent).sqrt();
    let sine = tangent * cosine;
    for row in matrix.iter_mut() {
        (row[p], row[q]) = (
            cosine * row[p] - sine * row[q],
            sine * row[p] + cosine * row[q],
        );
    }
    let (at_p, at_q) = (matrix[p], matrix[q]);
    matrix[p] = std::array::from_fn(|k| cosine * at_p[k] - sine * at_q[k]);
    matrix[q] = std::array::from_fn(|k| sine * at_p[k] + cosine * at_q[k]);
    for row in vectors.iter_mut() {
        (row[p], row[q]) = (
            cosine * row[p] - sine * row[q],
            sine * row[p] + cosine * row[q],
        );
    }
    true
}

fn dot<const N: usize>(a: &[f64; N], b: &[f64; N]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn norm<const N: usize>(a: &[f64; N]) -> f64 {
    dot(a, a).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// −(x − 1)⁴ − (y − x²)², whose maximum (1, 1) has a curvature of rank one.
    fn valley(point: &[f64; 2]) -> Result<Evaluation<2>, Stopped> {
        let [x, y] = *point;
        let (u, v) = (x - 1.0, y - x * x);
        Ok(Evaluation {
            value: -u.powi(4) - v * v,
            gradient: [-4.0 * u.powi(3) + 4.0 * x * v, -2.0 * v],
            hessian: [
                [-12.0 * u * u + 4.0 * v - 8.0 * x * x, 4.0 * x],
                [4.0 * x, -2.0],
            ],
        })
    }

    #[test]
    fn a_curved_valley_is_followed_to_its_end() {
        let bounds = Bounds {
            lower: [-5.0; 2],
            upper: [5.0; 2],
        };
        let maximum = maximize([-3.0, 4.0], &bounds, 200, &StopToken::new(), valley).expect("runs");
        assert!(maximum.converged && maximum.at_bound == [false; 2]);
        assert!((maximum.point[0] - 1.0).abs() < 1e-2, "{maximum:?}");
        assert!(maximum.evaluation.value > -1e-9);
    }

    #[test]
    fn a_maximum_beyond_a_bound_is_found_on_the_bound() {
        let bounds = Bounds {
            lower: [-5.0; 2],
            upper: [0.5, 5.0],
        };
        let maximum = maximize([-3.0, 4.0], &bounds, 200, &StopToken::new(), valley).expect("runs");
        assert!(maximum.converged && maximum.at_bound == [true, false]);
        assert_eq!(maximum.point[0], 0.5);
        assert!((maximum.point[1] - 0.25).abs() < 1e-6);
    }

    #[test]
    fn eigenvalues_of_a_textbook_matrix_are_the_textbook_ones() {
        let matrix = [[2.0, -1.0, 0.0], [-1.0, 2.0, -1.0], [0.0, -1.0, 2.0]];
        let (values, vectors) = symmetric_eigen(matrix);
        let mut sorted = values;
        sorted.sort_by(f64::total_cmp);
        for (value, expected) in sorted
            .iter()
            .zip([2.0 - 2_f64.sqrt(), 2.0, 2.0 + 2_f64.sqrt()])
        {
            assert!((value - expected).abs() < 1e-14);
        }
        for k in 0..3 {
            for row in 0..3 {
                let image: f64 = (0..3).map(|j| matrix[row][j] * vectors[j][k]).sum();
                assert!((image - values[k] * vectors[row][k]).abs() < 1e-14);
            }
        }
    }

    #[test]
    fn a_set_stop_token_ends_the_search() {
        let stop = StopToken::new();
        stop.stop();
        let bounds = Bounds {
            lower: [-5.0; 2],
            upper: [5.0; 2],
        };
        assert_eq!(maximize([0.0; 2], &bounds, 9, &stop, valley), Err(Stopped));
    }
}
