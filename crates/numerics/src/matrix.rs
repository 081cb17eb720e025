//! Small dense symmetric positive definite matrices, by Cholesky factors.
//!
//! Source: Golub, Van Loan (2013), "Matrix Computations", 4th edition, section 4.2. Made for a handful of columns: plain
//! loops, row-major storage, no blocking.

use libm::log;

/// Lower triangular factor `L` of a symmetric positive definite matrix `A = L·Lᵀ`.
#[derive(Clone, Debug, PartialEq)]
pub struct Cholesky {
    n: usize,
    lower: Vec<f64>,
}

impl Cholesky {
    /// Factors an `n × n` row-major matrix, of which only the lower triangle is read.
    ///
    /// `None` where the matrix is not positive definite in double precision.
    ///
    /// # Panics
    /// When `matrix` does not have `n²` entries.
    #[must_use]
    pub fn factor(matrix: &[f64], n: usize) -> Option<Self> {
        assert_eq!(matrix.len(), n * n, "a square matrix");
        let mut lower = vec![0.0; n * n];
        for row in 0..n {
            for column in 0..=row {
                let known: f64 = (0..column)
                    .map(|k| lower[row * n + k] * lower[column * n + k])
                    .sum();
                let rest = matrix[row * n + column] - known;
                lower[row * n + column] = if row == column {
                    if rest.is_nan() || rest <= 0.0 {
                        return None;
                    }
                    rest.sqrt()
                } else {
                    rest / lower[column * n + column]
                };
            }
        }
        Some(Self { n, lower })
    }

    /// Number of rows.
    #[must_use]
    pub fn n(&self) -> usize {
        self.n
    }

    /// The factor, `n × n` row-major, zero above the diagonal.
    #[must_use]
    pub fn lower(&self) -> &[f64] {
        &self.lower
    }

    /// Logarithm of the determinant of `A`.
    #[must_use]
    pub fn log_determinant(&self) -> f64 {
        2.0 * (0..self.n)
            .map(|i| log(self.lower[i * self.n + i]))
            .sum::<f64>()
    }

    /// Solves `L·y = b` in place, so that `|y|² = bᵀ·A⁻¹·b`.
    ///
    /// # Panics
    /// When `b` does not have `n` entries.
    pub fn solve_lower(&self, b: &mut [f64]) {
        assert_eq!(b.len(), self.n, "one entry per row");
        for row in 0..self.n {
            let known: f64 = (0..row).map(|k| self.lower[row * self.n + k] * b[k]).sum();
            b[row] = (b[row] - known) / self.lower[row * self.n + row];
        }
    }

    /// Solves `A·x = b` in place.
    ///
    /// # Panics
    /// When `b` does not have `n` entries.
    pub fn solve(&self, b: &mut [f64]) {
        self.solve_lower(b);
        for row in (0..self.n).rev() {
            let known: f64 = (row + 1..self.n)
                .map(|k| self.lower[k * self.n + row] * b[k])
                .sum();
            b[row] = (b[row] - known) / self.lower[row * self.n + row];
        }
    }

    /// The inverse factor `L⁻¹`, `n × n` row-major, zero above the diagonal.
    #[must_use]
    pub fn inverse_lower(&self) -> Vec<f64> {
        let n = self.n;
        let mut inverse = vec![0.0; n * n];
        let mut unit = vec![0.0; n];
        for column in 0..n {
            unit.fill(0.0);
            unit[column] = 1.0;
            self.solve_lower(&mut unit);
            for row in column..n {
                inverse[row * n + column] = unit[row];
            }
        }
        inverse
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MATRIX: [f64; 9] = [4.0, 12.0, -16.0, 12.0, 37.0, -43.0, -16.0, -43.0, 98.0];

    #[test]
    fn the_factor_of_a_textbook_matrix_is_the_textbook_factor() {
        let factor = Cholesky::factor(&MATRIX, 3).expect("positive definite");
        assert_eq!(
            factor.lower(),
            [2.0, 0.0, 0.0, 6.0, 1.0, 0.0, -8.0, 5.0, 3.0]
        );
        assert!((factor.log_determinant() - 36_f64.ln()).abs() < 1e-15);
        assert_eq!(factor.n(), 3);
    }

    #[test]
    fn solutions_satisfy_their_equations() {
        let factor = Cholesky::factor(&MATRIX, 3).expect("positive definite");
        let mut x = [1.0, 2.0, 3.0];
        factor.solve(&mut x);
        for (row, expected) in MATRIX.chunks(3).zip([1.0, 2.0, 3.0]) {
            let product: f64 = row.iter().zip(x).map(|(a, b)| a * b).sum();
            assert!((product - expected).abs() < 1e-9, "{product}");
        }
    }

    #[test]
    fn the_inverse_factor_undoes_the_factor() {
        let factor = Cholesky::factor(&MATRIX, 3).expect("positive definite");
        let inverse = factor.inverse_lower();
        for row in 0..3 {
            for column in 0..3 {
                let entry: f64 = (0..3)
                    .map(|k| inverse[row * 3 + k] * factor.lower()[k * 3 + column])
                    .sum();
                assert!((entry - f64::from(u8::from(row == column))).abs() < 1e-14);
            }
        }
    }

    #[test]
    fn matrices_that_are_not_positive_definite_have_no_factor() {
        assert_eq!(Cholesky::factor(&[1.0, 2.0, 2.0, 1.0], 2), None);
        assert_eq!(Cholesky::factor(&[0.0], 1), None);
        assert_eq!(Cholesky::factor(&[f64::NAN], 1), None);
    }
}
