//! Sums by code: where rows are added up, before each feature takes the sums of its bins from them.

use std::ops::AddAssign;

use super::bundles::{CODES_MAX, Digit};
use super::derivatives::Packing;
use super::histogram::{Layout, Source, Sums};

/// Memory in which one thread sums up rows.
pub(super) enum Scratch {
    Plain(Cells<Plain>),
    Counting(Cells<Counting>),
}

impl Scratch {
    pub(super) fn of(packing: Packing) -> Self {
        match packing {
            Packing::Plain => Self::Plain(Cells(Vec::new())),
            Packing::Counting { .. } => Self::Counting(Cells(Vec::new())),
        }
    }

    pub(super) fn clear(&mut self, layout: &Layout) {
        match self {
            Self::Plain(cells) => cells.clear(layout),
            Self::Counting(cells) => cells.clear(layout),
        }
    }

    pub(super) fn add(&mut self, rows: &[u32], source: Source<'_>) {
        match self {
            Self::Plain(cells) => cells.add(rows, source),
            Self::Counting(cells) => cells.add(rows, source),
        }
    }

    /// Adds what another thread has summed up of the same derivatives.
    pub(super) fn merge(&mut self, other: &Self) {
        match (self, other) {
            (Self::Plain(cells), Self::Plain(others)) => cells.merge(others),
            (Self::Counting(cells), Self::Counting(others)) => cells.merge(others),
            _ => unreachable!("one packing for all threads"),
        }
    }

    /// Writes the sums of each feature's bins.
    pub(super) fn read(&self, source: Source<'_>, sums: &mut [Sums]) {
        match self {
            Self::Plain(cells) => cells.read(source, sums),
            Self::Counting(cells) => cells.read(source, sums),
        }
    }
}

/// The sums of one code.
pub(super) trait Cell: Copy + Default + AddAssign {
    fn add_row(&mut self, words: [i64; 2]);
    /// Reads the words; `bits` are those of [`Packing::Counting`].
    fn sums(self, bits: u32) -> Sums;
}

/// The words of [`Packing::Plain`] and the number of rows.
#[derive(Clone, Copy, Default)]
pub(super) struct Plain([i64; 2], i64);

impl AddAssign for Plain {
    #[inline]
    fn add_assign(&mut self, other: Self) {
        self.0 = [self.0[0] + other.0[0], self.0[1] + other.0[1]];
        self.1 += other.1;
    }
}

impl Cell for Plain {
    #[inline]
    fn add_row(&mut self, words: [i64; 2]) {
        *self += Self(words, 1);
    }

    #[inline]
    fn sums(self, _: u32) -> Sums {
        Packing::Plain.read(self.0, self.1)
    }
}

/// The words of [`Packing::Counting`].
#[derive(Clone, Copy, Default)]
pub(super) struct Counting([i64; 2]);

impl AddAssign for Counting {
    #[inline]
    fn add_assign(&mut self, other: Self) {
        self.0 = [self.0[0] + other.0[0], self.0[1] + other.0[1]];
    }
}

impl Cell for Counting {
    #[inline]
    fn add_row(&mut self, words: [i64; 2]) {
        *self += Self(words);
    }

    #[inline]
    fn sums(self, bits: u32) -> Sums {
        Packing::Counting { bits }.read(self.0, 0)
    }
}

/// The cells of each bundle of a layout.
pub(super) struct Cells<C>(Vec<[C; CODES_MAX]>);

impl<C: Cell> Cells<C> {
    fn clear(&mut self, layout: &Layout) {
        self.0.clear();
        self.0
            .resize(layout.bundles.len(), [C::default(); CODES_MAX]);
    }

    fn add(&mut self, rows: &[u32], source: Source<'_>) {
        let Source {
            bundles, layout, ..
        } = source;
        let of_rows = &*source.derivatives.of_rows;
        let (codes, width) = (bundles.codes(), bundles.width());
        let takes_all = layout.bundles.len() == width;
        for &row in rows {
            let words = of_rows[row as usize];
            let line = &codes[row as usize * width..][..width];
            if takes_all {
                for (cells, &code) in self.0.iter_mut().zip(line) {
                    cells[usize::from(code)].add_row(words);
                }
            } else {
                for (cells, &bundle) in self.0.iter_mut().zip(&layout.bundles) {
                    cells[usize::from(line[bundle])].add_row(words);
                }
            }
        }
    }

    fn merge(&mut self, other: &Self) {
        let cells = self.0.as_flattened_mut().iter_mut();
        cells
            .zip(other.0.as_flattened())
            .for_each(|(to, &from)| *to += from);
    }

    /// Adds each code to the bins it stands for, in place of what was there.
    fn read(&self, source: Source<'_>, sums: &mut [Sums]) {
        let bits = match source.derivatives.packing {
            Packing::Plain => 0,
            Packing::Counting { bits } => bits,
        };
        for place in &source.layout.features {
            let codes = &self.0[place.bundle][..place.n_codes];
            let Digit {
                weight,
                n_bins,
                first_bin,
                ..
            } = place.digit;
            let (before, bins) = sums[place.start..place.end].split_at_mut(first_bin);
            before.fill(Sums::default());
            if codes.len() == n_bins {
                for (bin, cell) in bins.iter_mut().zip(codes) {
                    *bin = cell.sums(bits);
                }
                continue;
            }
            bins.fill(Sums::default());
            for higher in codes.chunks_exact(weight * n_bins) {
                for (bin, cells) in bins.iter_mut().zip(higher.chunks_exact(weight)) {
                    for cell in cells {
                        *bin += cell.sums(bits);
                    }
                }
            }
        }
    }
}
