//! Sums of derivatives by feature and bin.

use std::ops::{AddAssign, Sub, SubAssign};

use clientela_numerics::{StopToken, Stopped};
use rayon::prelude::*;

use super::binning::BinnedRows;
use super::fixed_point::FixedPoint;

/// Rows added between two looks at the stop token; twice as many are worth a second thread.
const BLOCK: usize = 16_384;
/// Cells of a feature: one for each value of a byte, so that a bin is always in range.
const CELLS: usize = 256;

/// First and second derivatives of rows in fixed point.
pub(super) struct Derivatives {
    of_rows: Vec<[i64; 2]>,
    /// The units of both.
    pub(super) units: [FixedPoint; 2],
    /// The largest magnitude of both.
    pub(super) largest: [f64; 2],
}

impl Derivatives {
    /// Room for so many rows.
    pub(super) fn with_rows(n_rows: usize) -> Self {
        Self {
            of_rows: vec![[0; 2]; n_rows],
            units: [FixedPoint::for_terms(n_rows, 0.0); 2],
            largest: [0.0; 2],
        }
    }

    /// Puts the derivatives of as many rows into fixed point.
    pub(super) fn encode(&mut self, of_rows: &[[f64; 2]], stop: &StopToken) -> Result<(), Stopped> {
        let largest_of = |rows: &[[f64; 2]]| {
            rows.iter().fold([0.0_f64; 2], |top, row| {
                [top[0].max(row[0].abs()), top[1].max(row[1].abs())]
            })
        };
        let largest = of_rows
            .par_chunks(BLOCK)
            .map(largest_of)
            .reduce(|| [0.0; 2], |a, b| [a[0].max(b[0]), a[1].max(b[1])]);
        let units = largest.map(|largest| FixedPoint::for_terms(of_rows.len(), largest));
        (self.largest, self.units) = (largest, units);
        let blocks = self
            .of_rows
            .par_chunks_mut(BLOCK)
            .zip(of_rows.par_chunks(BLOCK));
        blocks.try_for_each(|(places, rows)| {
            stop.poll()?;
            for (place, row) in places.iter_mut().zip(rows) {
                *place = [units[0].encode(row[0]), units[1].encode(row[1])];
            }
            Ok(())
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
#[derive(Clone, Debug, Default)]
pub(super) struct Histogram(Vec<[Sums; CELLS]>);

impl Histogram {
    /// Sums up rows, over the given features in their order, in place of what was there.
    ///
    /// Sums of integers do not depend on their order, so that tasks may be cut to the number of threads.
    pub(super) fn sum_up(
        &mut self,
        rows: &[u32],
        features: &[u32],
        bins: &BinnedRows,
        derivatives: &Derivatives,
        stop: &StopToken,
    ) -> Result<(), Stopped> {
        self.clear(features.len());
        if rows.len() < 2 * BLOCK {
            return self.add_rows(rows, features, bins, derivatives, stop);
        }
        let (mine, others) = rows.split_at(rows.len().div_ceil(rayon::current_num_threads()));
        let task = mine.len();
        let (added, parts) = rayon::join(
            || self.add_rows(mine, features, bins, derivatives, stop),
            || {
                let parts = others.par_chunks(task).map(|rows| {
                    let mut part = Self::default();
                    part.clear(features.len());
                    part.add_rows(rows, features, bins, derivatives, stop)?;
                    Ok(part)
                });
                parts.collect::<Result<Vec<Self>, Stopped>>()
            },
        );
        added?;
        for part in parts? {
            let cells = self.0.as_flattened_mut().iter_mut();
            cells
                .zip(part.0.as_flattened())
                .for_each(|(to, &from)| *to += from);
        }
        Ok(())
    }

    fn clear(&mut self, n_features: usize) {
        self.0.clear();
        self.0.resize(n_features, [Sums::default(); CELLS]);
    }

    fn add_rows(
        &mut self,
        rows: &[u32],
        features: &[u32],
        bins: &BinnedRows,
        derivatives: &Derivatives,
        stop: &StopToken,
    ) -> Result<(), Stopped> {
        for rows in rows.chunks(BLOCK) {
            stop.poll()?;
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
        Ok(())
    }

    /// Takes the rows of `part` away.
    pub(super) fn take_away(&mut self, part: &Self) {
        let cells = self.0.as_flattened_mut().iter_mut();
        cells
            .zip(part.0.as_flattened())
            .for_each(|(to, &from)| *to -= from);
    }

    /// The sums over all rows; `None` without features.
    pub(super) fn total(&self) -> Option<Sums> {
        let cells = self.0.first()?;
        Some(cells.iter().fold(Sums::default(), |mut total, &sums| {
            total += sums;
            total
        }))
    }

    /// The sums of each bin of one feature, by its place in the list of features; the bin of missing values comes first.
    pub(super) fn bins(&self, place: usize, n_bins: usize) -> &[Sums] {
        &self.0[place][..=n_bins]
    }
}
