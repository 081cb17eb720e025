//! Sums of log-likelihoods with their derivatives.

use clientela_numerics::newton::Evaluation;

/// Nothing, to be added to.
pub(super) const ZERO: Evaluation<4> = Evaluation {
    value: 0.0,
    gradient: [0.0; 4],
    hessian: [[0.0; 4]; 4],
};

/// Adds `weight` times a part, of whose second derivatives the upper triangle counts.
pub(super) fn add(total: &mut Evaluation<4>, part: &Evaluation<4>, weight: f64) {
    total.value += weight * part.value;
    for i in 0..4 {
        total.gradient[i] += weight * part.gradient[i];
        for j in i..4 {
            total.hessian[i][j] += weight * part.hessian[i][j];
        }
    }
}

/// Copies the upper triangle of the second derivatives to the lower one.
pub(super) fn mirror(total: &mut Evaluation<4>) {
    for i in 0..4 {
        for j in 0..i {
            total.hessian[i][j] = total.hessian[j][i];
        }
    }
}
