//! Sums of derivatives by feature and bin.

use std::ops::{AddAssign, Sub, SubAssign};

use clientela_numerics::{StopToken, Stopped};
use rayon::prelude::*;

use super::bundles::{BundledRows, Digit};
use super::cells::Scratch;
use super::derivatives::Derivatives;

/// Rows added between two looks at the stop token.
const BLOCK: usize = 16_384;
/// Rows that are worth a task of their own.
const TASK_MIN: usize = 4096;

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

/// Where the histograms of one tree keep the bins of the features it may use.
pub(super) struct Layout {
    /// The bundles that hold these features, by their place in a line.
    pub(super) bundles: Vec<usize>,
    pub(super) features: Vec<Place>,
    pub(super) n_cells: usize,
}

/// A feature of a [`Layout`].
pub(super) struct Place {
    /// Its bundle, by its place among those of the layout.
    pub(super) bundle: usize,
    /// Codes of the bundle.
    pub(super) n_codes: usize,
    pub(super) digit: Digit,
    /// The cell of missing values; those of the bins follow.
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Layout {
    pub(super) fn of(features: &[u32], rows: &BundledRows) -> Self {
        let digits: Vec<Digit> = features
            .iter()
            .map(|&feature| rows.digit(feature))
            .collect();
        let holds = |bundle: &usize| digits.iter().any(|digit| digit.bundle == *bundle);
        let bundles: Vec<usize> = (0..rows.width()).filter(holds).collect();
        let mut n_cells = 0;
        let features = digits.into_iter().map(|digit| {
            let start = n_cells;
            n_cells += digit.first_bin + digit.n_bins;
            Place {
                bundle: bundles.partition_point(|&bundle| bundle < digit.bundle),
                n_codes: rows.n_codes(digit.bundle),
                digit,
                start,
                end: n_cells,
            }
        });
        Self {
            features: features.collect(),
            n_cells,
            bundles,
        }
    }
}

/// What a histogram is summed up from.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    pub(super) bundles: &'a BundledRows,
    pub(super) derivatives: &'a Derivatives,
    pub(super) layout: &'a Layout,
}

/// The number of rows of one task where so many are shared by so many threads.
pub(super) fn task_size(n_rows: usize, n_threads: usize) -> usize {
    n_rows.div_ceil(n_threads).max(TASK_MIN)
}

/// The sums of one node's rows by bin, for each of the features a tree may use.
#[derive(Clone, Debug, Default)]
pub(super) struct Histogram(pub(super) Vec<Sums>);

impl Histogram {
    /// Sums up rows in place of what was there; `scratch` has memory for each thread.
    ///
    /// Sums of integers do not depend on their order, so that tasks may be cut to the number of threads.
    pub(super) fn sum_up(
        &mut self,
        rows: &[u32],
        source: Source<'_>,
        scratch: &mut [Scratch],
        stop: &StopToken,
    ) -> Result<(), Stopped> {
        let task = task_size(rows.len(), scratch.len());
        let parts = rows.par_chunks(task).zip(scratch.par_iter_mut());
        parts.try_for_each(|(rows, scratch)| {
            scratch.clear(source.layout);
            for rows in rows.chunks(BLOCK) {
                stop.poll()?;
                scratch.add(rows, source);
            }
            Ok(())
        })?;
        let n_tasks = rows.len().div_ceil(task);
        self.read(&mut scratch[..n_tasks], source);
        Ok(())
    }

    /// Takes what tasks have summed up, in place of what was there.
    pub(super) fn read(&mut self, scratch: &mut [Scratch], source: Source<'_>) {
        self.0.resize(source.layout.n_cells, Sums::default());
        match scratch.split_first_mut() {
            None => self.0.fill(Sums::default()),
            Some((first, others)) => {
                others.iter().for_each(|other| first.merge(other));
                first.read(source, &mut self.0);
            }
        }
    }

    /// Takes the rows of `part` away.
    pub(super) fn take_away(&mut self, part: &Self) {
        let cells = self.0.iter_mut().zip(&part.0);
        cells.for_each(|(to, &from)| *to -= from);
    }

    /// The sums over all rows; `None` without features.
    pub(super) fn total(&self, layout: &Layout) -> Option<Sums> {
        let place = layout.features.first()?;
        let mut total = Sums::default();
        for &sums in &self.0[place.start..place.end] {
            total += sums;
        }
        Some(total)
    }

    /// The sums of each bin of one feature, by its place in the list of features; the bin of missing values comes first.
    pub(super) fn bins(&self, layout: &Layout, place: usize) -> &[Sums] {
        let Place { start, end, .. } = layout.features[place];
        &self.0[start..end]
    }
}

#[cfg(test)]
mod tests {
    use super::super::binned::BinnedColumns;
    use super::super::binning::Cuts;
    use super::super::loss::Loss;
    use super::*;

    const N_ROWS: usize = 40_000;

    /// Columns of many and of few values, one of them with missing values.
    fn columns() -> Vec<Vec<f64>> {
        let column = |of: &dyn Fn(usize) -> f64| (0..N_ROWS).map(of).collect();
        vec![
            column(&|row| (row * 7919 % 10_007) as f64),
            column(&|row| (row * 31 % 13) as f64),
            column(&|row| {
                if row % 5 == 0 {
                    f64::NAN
                } else {
                    (row % 7) as f64
                }
            }),
            column(&|_| 1.0),
            column(&|row| (row % 2) as f64),
        ]
    }

    fn slope(row: usize) -> [f64; 2] {
        [(row % 17) as f64 - 8.0, 0.25 + (row % 3) as f64 / 4.0]
    }

    fn check(loss: Loss, features: &[u32], rows: &[u32], n_threads: usize) {
        let (columns, stop) = (columns(), StopToken::new());
        let cuts = Cuts::of_columns(&columns, None, 255, &stop).expect("nobody asks to stop");
        let bins = BinnedColumns::new(&columns, &cuts, N_ROWS, &stop).expect("likewise");
        let bundles = BundledRows::new(&bins, &cuts, &stop).expect("likewise");
        let mut derivatives = Derivatives::with_rows(N_ROWS, loss, None);
        let derive = |first: usize, [firsts, seconds]: [&mut [f64]; 2]| {
            for (i, (one, two)) in firsts.iter_mut().zip(seconds).enumerate() {
                [*one, *two] = slope(first + i);
            }
        };
        derivatives.write(derive, &stop).expect("likewise");
        let layout = Layout::of(features, &bundles);
        let source = Source {
            bundles: &bundles,
            derivatives: &derivatives,
            layout: &layout,
        };
        let packing = derivatives.packing;
        let mut scratch: Vec<Scratch> = (0..n_threads).map(|_| Scratch::of(packing)).collect();
        let mut histogram = Histogram::default();
        // The second time there is something to be cleared.
        for _ in 0..2 {
            let summed = histogram.sum_up(rows, source, &mut scratch, &stop);
            summed.expect("likewise");
        }
        for (place, &feature) in features.iter().enumerate() {
            let n_bins = cuts[feature as usize].n_bins();
            let mut expected = vec![([0.0; 2], 0); n_bins + 1];
            for &row in rows {
                let bin = usize::from(bins.column(feature as usize)[row as usize]);
                let ([first, second], n_rows) = &mut expected[bin];
                let slope = slope(row as usize);
                (*first, *second) = (*first + slope[0], *second + slope[1]);
                *n_rows += 1;
            }
            let found = histogram.bins(&layout, place).iter().map(|sums| {
                let [first, second] = derivatives.units;
                let slopes = [first.decode(sums.gradient), second.decode(sums.hessian)];
                (slopes, sums.n_rows)
            });
            assert_eq!(found.collect::<Vec<_>>(), expected, "{loss:?} {feature}");
        }
        let total = histogram.total(&layout).expect("features");
        assert_eq!(total, derivatives.total(rows));
    }

    #[test]
    fn sums_are_those_of_each_feature_alone() {
        let all: Vec<u32> = (0..N_ROWS as u32).collect();
        let some: Vec<u32> = (0..N_ROWS as u32).filter(|row| row % 9 < 4).collect();
        for loss in [Loss::Squared, Loss::Poisson] {
            for n_threads in [1, 2, 7] {
                check(loss, &[0, 1, 2, 3, 4], &all, n_threads);
                check(loss, &[0, 1, 2, 3, 4], &some, n_threads);
                check(loss, &[2, 4], &all, n_threads);
            }
        }
    }
}
