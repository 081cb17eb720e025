//! Columns brought to comparable units before distances are taken.

use clientela_numerics::stats::Moments;
use rayon::prelude::*;

use crate::points::Points;

/// Points whose columns have mean 0 and population standard deviation 1.
#[derive(Clone, Debug, PartialEq)]
pub struct ZScores {
    /// The scaled points; columns without spread are left out, the others keep their order.
    pub points: Points,
    /// Mean and variance of every given column, left out or not.
    pub moments: Vec<Moments>,
    /// Indices of the columns that were left out because all samples agree in them.
    pub left_out: Vec<usize>,
}

/// Scales every column to z-scores over all samples.
///
/// ```text
/// z = (x − mean) / σ      σ² = Σ w·(x − mean)² / Σ w
/// ```
///
/// Degenerate case: a column in which all samples are equal carries no distance and is left out; where that holds for all
/// columns (a single point, for instance) the result has no columns.
#[must_use]
pub fn z_scores(points: &Points) -> ZScores {
    let moments: Vec<Moments> = points
        .columns()
        .par_iter()
        .map(|column| {
            Moments::of_weighted(column, points.weights()).unwrap_or(Moments {
                mean: 0.0,
                variance: 0.0,
            })
        })
        .collect();
    // A spread too small for a double in its square counts as none.
    let has_spread = |index: &usize| moments[*index].variance > 0.0;
    let (kept, left_out): (Vec<usize>, Vec<usize>) = (0..points.n_features()).partition(has_spread);
    let scaled = kept
        .par_iter()
        .map(|&index| {
            let (mean, deviation) = (moments[index].mean, moments[index].standard_deviation());
            points.columns()[index]
                .iter()
                .map(|value| (value - mean) / deviation)
                .collect()
        })
        .collect();
    ZScores {
        points: points.with_columns(scaled),
        moments,
        left_out,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn z_scores_weigh_points_by_their_samples() {
        let points = Points::from_columns(&[vec![1.0, 1.0, 1.0, 5.0], vec![2.0, 2.0, 2.0, 2.0]]);
        let scaled = z_scores(&points);
        assert_eq!(scaled.left_out, [1]);
        assert_eq!(
            scaled.moments[0],
            Moments {
                mean: 2.0,
                variance: 3.0
            }
        );
        assert_eq!(
            scaled.points.columns(),
            [[-1.0 / 3_f64.sqrt(), 3.0 / 3_f64.sqrt()]]
        );
        assert_eq!(scaled.points.weights(), [3.0, 1.0]);
    }

    #[test]
    fn a_single_point_has_no_column_with_spread() {
        let scaled = z_scores(&Points::from_columns(&[vec![4.0, 4.0], vec![0.0, 0.0]]));
        assert_eq!(
            (
                scaled.left_out,
                scaled.points.n_features(),
                scaled.points.n_points()
            ),
            (vec![0, 1], 0, 1)
        );
    }
}
