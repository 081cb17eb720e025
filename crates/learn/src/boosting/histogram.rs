//! Sums of derivatives by feature and bin.

use std::ops::{AddAssign, Sub, SubAssign};

use clientela_numerics::{StopToken, Stopped};
use rayon::prelude::*;

use super::binning::BinnedRows;
use super::fixed_point::FixedPoint;

/// Rows added between two looks at the stop token, and by one task.
const BLOCK: usize = 16_384;
/// Cells of a feature: one for each value of a byte, so that a bin is always in range.
const CELLS: usize = 256;

/// First and second derivatives of rows in fixed point.
pub(super) struct Derivatives {
    pub(super) of_rows: Vec<[i64; 2]>,
    /// The units of both.
    pub(super) units: [FixedPoint; 2],
    /// The largest magnitude of both.
    pub(super) largest: [f64; 2],
}

impl Derivatives {
    /// Puts derivatives that sum over at most their own number of rows into fixed point.
    pub(super) fn encode(of_rows: &[[f64; 2]], stop: &StopToken) -> Result<Self, Stopped> {
        let largest = of_rows
            .par_chunks(BLOCK)
            .map(|rows| {
                [0, 1].map(|k| rows.iter().fold(0.0, |top: f64, row| top.max(row[k].abs())))
            })
            .reduce(|| [0.0; 2], |a, b| [a[0].max(b[0]), a[1].max(b[1])]);
        let units = largest.map(|largest| FixedPoint::for_terms(of_rows.len(), largest));
        let mut encoded = vec![[0; 2]; of_rows.len()];
        let blocks = encoded.par_chunks_mut(BLOCK).zip(of_rows.par_chunks(BLOCK));
        blocks.try_for_each(|(places, rows)| {
            stop.poll()?;
            for (place, row) in places.iter_mut().zip(rows) {
                *place = [units[0].encode(row[0]), units[1].encode(row[1])];
            }
            Ok(())
        })?;
        Ok(Self {
            of_rows: encoded,
            units,
            largest,
        })
    }

    /// The sums over some rows.
    pub(super) fn total(&self, rows: &[u32]) -> Sums {
        let mut total = Sums::default();
        for &row in rows {
            let [gradient, hessian] = self.of_rows[row as usize];
            total += Sums {
                gradient,
                hessian,
                n_rows: 1,
            };
        }
        total
    }
}

/// Sums over some rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sums {
    pub(super) gradient: i64,
    pub(super) hessian: i64,
    pub(super) n_rows: i64,
}

impl AddAssign for Sums {
    #[inline]
    fn add_assign(&mut self, other: Self) {
        self.gradient += other.gradient;
        self.hessian += other.hessian;
        self.n_rows += other.n_rows;
    }
}

impl SubAssign for Sums {
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}

impl Sub for Sums {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self {
            gradient: self.gradient - other.gradient,
            hessian: self.hessian - other.hessian,
            n_rows: self.n_rows - other.n_rows,
        }
    }
}

/// The sums of one node's rows by bin, for each of the features a tree may use.
#[derive(Clone, Debug)]
pub(super) struct Histogram(Vec<[Sums; CELLS]>);

impl Histogram {
    /// The histogram of rows, over the given features in their order.
    ///
    /// Sums of integers do not depend on their order, so that tasks may be cut wherever a thread is free.
    pub(super) fn of_rows(
        rows: &[u32],
        features: &[u32],
        bins: &BinnedRows,
        derivatives: &Derivatives,
        stop: &StopToken,
    ) -> Result<Self, Stopped> {
        if rows.len() < 2 * BLOCK {
            let mut histogram = Self::empty(features.len());
            histogram.add_rows(rows, features, bins, derivatives);
            return stop.poll().map(|()| histogram);
        }
        rows.par_chunks(BLOCK)
            .try_fold(
                || Self::empty(features.len()),
                |mut histogram, rows| {
                    stop.poll()?;
                    histogram.add_rows(rows, features, bins, derivatives);
                    Ok(histogram)
                },
            )
            .try_reduce(
                || Self::empty(features.len()),
                |mut sum, part| {
                    let cells = sum.0.as_flattened_mut().iter_mut();
                    cells
                        .zip(part.0.as_flattened())
                        .for_each(|(to, &from)| *to += from);
                    Ok(sum)
                },
            )
    }

    fn empty(n_features: usize) -> Self {
        Self(vec![[Sums::default(); CELLS]; n_features])
    }

    fn add_rows(
        &mut self,
        rows: &[u32],
        features: &[u32],
        bins: &BinnedRows,
        derivatives: &Derivatives,
    ) {
        for &row in rows {
            let [gradient, hessian] = derivatives.of_rows[row as usize];
            let line = bins.line(row);
            for (cells, &feature) in self.0.iter_mut().zip(features) {
                cells[usize::from(line[feature as usize])] += Sums {
                    gradient,
                    hessian,
                    n_rows: 1,
                };
            }
        }
    }

    /// What is left when the rows of `part` are taken away.
    pub(super) fn without(mut self, part: &Self) -> Self {
        let cells = self.0.as_flattened_mut().iter_mut();
        cells
            .zip(part.0.as_flattened())
            .for_each(|(to, &from)| *to -= from);
        self
    }

    /// The sums of each bin of one feature, by its place in the list of features; the bin of missing values comes first.
    pub(super) fn bins(&self, place: usize, n_bins: usize) -> &[Sums] {
        &self.0[place][..=n_bins]
    }
}
