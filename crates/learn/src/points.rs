//! Distinct rows with multiplicities, in lexicographic order: the one shape in which learners see data.
//!
//! Sorting the raw rows before any arithmetic makes every later sum independent of the order of the payload, and
//! equal rows are computed once. The order of the points is also the order by which ties are broken.

use std::cmp::Ordering;
use std::ops::Range;

use clientela_numerics::{StopToken, Stopped};

use crate::blocks::filled_rows;
use crate::order::sorted_indices;

/// Weighted distinct rows, stored by column.
///
/// Shape: `n_points × n_features`. `weights[i] ≥ 1` is the number of samples equal to point `i`.
#[derive(Clone, Debug, PartialEq)]
pub struct Points {
    n_points: usize,
    columns: Vec<Vec<f64>>,
    weights: Vec<f64>,
    point_of_sample: Vec<u32>,
}

impl Points {
    /// Collapses equal rows and sorts the distinct ones lexicographically (first column first). `−0.0` counts as `0.0`.
    ///
    /// `columns[j][i]` is feature `j` of sample `i`; all columns have the same length and only finite values.
    ///
    /// # Panics
    /// On columns of different lengths, non-finite values, or more than `u32::MAX` samples.
    #[must_use]
    pub fn from_columns(columns: &[Vec<f64>]) -> Self {
        Self::from_columns_until(columns, &StopToken::new()).expect("nobody asks to stop")
    }

    /// [`Points::from_columns`] of large samples, with an eye on the stop token.
    ///
    /// # Errors
    /// [`Stopped`] when the stop token is set.
    ///
    /// # Panics
    /// As [`Points::from_columns`].
    pub fn from_columns_until(columns: &[Vec<f64>], stop: &StopToken) -> Result<Self, Stopped> {
        let n_samples = columns.first().map_or(0, Vec::len);
        assert!(
            columns.iter().all(|column| column.len() == n_samples),
            "columns of one length"
        );
        assert!(u32::try_from(n_samples).is_ok(), "at most u32::MAX samples");
        assert!(
            columns.iter().flatten().all(|value| value.is_finite()),
            "finite values only"
        );
        let compare = |a: usize, b: usize| -> Ordering {
            columns
                .iter()
                .map(|column| column[a].partial_cmp(&column[b]).expect("finite"))
                .find(|order| order.is_ne())
                .unwrap_or(Ordering::Equal)
        };
        let order = sorted_indices(n_samples, |a, b| compare(a as usize, b as usize), stop)?;
        let mut sorted: Vec<Vec<f64>> = vec![Vec::new(); columns.len()];
        let mut weights: Vec<f64> = Vec::new();
        let mut point_of_sample = vec![0_u32; n_samples];
        let mut previous: Option<usize> = None;
        for &sample in &order {
            stop.poll()?;
            let sample = sample as usize;
            if previous.is_some_and(|p| compare(p, sample).is_eq()) {
                *weights.last_mut().expect("a previous point") += 1.0;
            } else {
                for (to, from) in sorted.iter_mut().zip(columns) {
                    to.push(from[sample] + 0.0);
                }
                weights.push(1.0);
            }
            point_of_sample[sample] = (weights.len() - 1) as u32;
            previous = Some(sample);
        }
        Ok(Self {
            n_points: weights.len(),
            columns: sorted,
            weights,
            point_of_sample,
        })
    }

    /// The same samples with other columns, one value per point; the order and the weights stay.
    ///
    /// For transformations of the rows, such as z-scores. Equal rows may result; they stay separate points.
    ///
    /// # Panics
    /// On columns whose length is not `n_points`.
    #[must_use]
    pub fn with_columns(&self, columns: Vec<Vec<f64>>) -> Self {
        assert!(
            columns.iter().all(|column| column.len() == self.n_points),
            "one value per point"
        );
        Self {
            n_points: self.n_points,
            columns,
            weights: self.weights.clone(),
            point_of_sample: self.point_of_sample.clone(),
        }
    }

    /// Number of distinct rows.
    #[must_use]
    pub fn n_points(&self) -> usize {
        self.n_points
    }

    /// Number of samples, repetitions included.
    #[must_use]
    pub fn n_samples(&self) -> usize {
        self.point_of_sample.len()
    }

    /// Number of columns.
    #[must_use]
    pub fn n_features(&self) -> usize {
        self.columns.len()
    }

    /// The columns, each of length `n_points`.
    #[must_use]
    pub fn columns(&self) -> &[Vec<f64>] {
        &self.columns
    }

    /// How many samples each point stands for; whole numbers ≥ 1.
    #[must_use]
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// Point of each sample, in the order of the samples.
    #[must_use]
    pub fn point_of_sample(&self) -> &[u32] {
        &self.point_of_sample
    }

    /// Row-major copy: value `j` of point `i` at `i * n_features + j`.
    ///
    /// # Errors
    /// [`Stopped`] when the stop token is set.
    pub fn to_row_major(&self, stop: &StopToken) -> Result<Vec<f64>, Stopped> {
        let width = self.n_features();
        let fill = |points: Range<usize>, rows: &mut [f64]| {
            for (j, column) in self.columns.iter().enumerate() {
                for (row, value) in rows.chunks_exact_mut(width).zip(&column[points.clone()]) {
                    row[j] = *value;
                }
            }
        };
        filled_rows(self.n_points, width, fill, stop)
    }

    /// Spreads one value per point to one value per sample.
    ///
    /// # Panics
    /// When `per_point` does not have `n_points` values.
    #[must_use]
    pub fn to_samples<T: Copy>(&self, per_point: &[T]) -> Vec<T> {
        assert_eq!(per_point.len(), self.n_points, "one value per point");
        self.point_of_sample
            .iter()
            .map(|&point| per_point[point as usize])
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_rows_become_one_point_whatever_their_order() {
        let points = Points::from_columns(&[vec![2.0, 1.0, 2.0, -0.0], vec![5.0, 7.0, 5.0, 0.0]]);
        assert_eq!(points.columns(), [vec![0.0, 1.0, 2.0], vec![0.0, 7.0, 5.0]]);
        assert_eq!(points.weights(), [1.0, 1.0, 2.0]);
        assert_eq!(points.point_of_sample(), [2, 1, 2, 0]);
        assert_eq!(points.to_samples(&['a', 'b', 'c']), ['c', 'b', 'c', 'a']);
    }
}
