//! Counts of rows by bin, and the best place to part them.

use std::ops::{Add, AddAssign, Sub, SubAssign};

use clientela_numerics::{StopToken, Stopped};

use super::draws::Drawn;
use crate::boosting::binning::MISSING;
use crate::boosting::bundles::{BundledRows, CODES_MAX, Digit};

/// Rows counted between two looks at the stop token.
const BLOCK: usize = 16_384;
/// A gain below this share of what both sides score is rounding, not information.
const ROUNDING: f64 = 1e-12;

/// The number of draws, and above 32 bits of those with the outcome yes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts(u64);

impl Counts {
    #[inline]
    pub(super) fn n(self) -> u64 {
        self.0 & 0xffff_ffff
    }

    #[inline]
    pub(super) fn n_yes(self) -> u64 {
        self.0 >> 32
    }

    /// `n_yes² / n`: what is left of the squares of outcomes when their mean is taken away is `n_yes` less this, so that the
    /// best split by it is the best by Gini's index.
    #[inline]
    fn score(self) -> f64 {
        let n_yes = self.n_yes() as f64;
        n_yes * n_yes / self.n() as f64
    }
}

impl From<Drawn> for Counts {
    #[inline]
    fn from(drawn: Drawn) -> Self {
        Self(drawn.counts())
    }
}

impl Add for Counts {
    type Output = Self;
    #[inline]
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl AddAssign for Counts {
    #[inline]
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sub for Counts {
    type Output = Self;
    #[inline]
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl SubAssign for Counts {
    #[inline]
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}

/// Memory in which rows are counted: the cells of each bundle.
pub(super) type Scratch = Vec<[Counts; CODES_MAX]>;

/// The counts of one node's rows by the codes of each bundle, one bundle after the other.
#[derive(Clone, Debug, Default)]
pub(super) struct Histogram(Vec<Counts>);

impl Histogram {
    /// Counts rows in place of what was there.
    pub(super) fn count(
        &mut self,
        rows: &[Drawn],
        lines: &BundledRows,
        scratch: &mut Scratch,
        stop: &StopToken,
    ) -> Result<(), Stopped> {
        let (codes, width) = (lines.codes(), lines.width());
        scratch.clear();
        scratch.resize(width, [Counts::default(); CODES_MAX]);
        for rows in rows.chunks(BLOCK) {
            stop.poll()?;
            for drawn in rows {
                let counts = Counts::from(*drawn);
                let line = &codes[drawn.row as usize * width..][..width];
                for (cells, &code) in scratch.iter_mut().zip(line) {
                    cells[usize::from(code)] += counts;
                }
            }
        }
        self.0.clear();
        for (bundle, cells) in scratch.iter().enumerate() {
            self.0.extend_from_slice(&cells[..lines.n_codes(bundle)]);
        }
        Ok(())
    }

    /// Takes the rows of `part` away.
    pub(super) fn take_away(&mut self, part: &Self) {
        let cells = self.0.iter_mut().zip(&part.0);
        cells.for_each(|(to, &from)| *to -= from);
    }

    /// Writes the counts of a feature's bins, that of missing values first; `start` is where its bundle begins.
    pub(super) fn read(&self, start: usize, n_codes: usize, digit: Digit, bins: &mut Vec<Counts>) {
        let Digit {
            weight,
            n_bins,
            first_bin,
            ..
        } = digit;
        bins.clear();
        bins.resize(first_bin + n_bins, Counts::default());
        let bins = &mut bins[first_bin..];
        let codes = &self.0[start..start + n_codes];
        if weight == 1 && n_codes == n_bins {
            bins.copy_from_slice(codes);
            return;
        }
        for higher in codes.chunks_exact(weight * n_bins) {
            for (bin, cells) in bins.iter_mut().zip(higher.chunks_exact(weight)) {
                for &cell in cells {
                    *bin += cell;
                }
            }
        }
    }
}

/// Bins up to `bin` go left, the others right, missing values where `missing_left` says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Split {
    pub(super) feature: u32,
    pub(super) bin: u8,
    pub(super) missing_left: bool,
    pub(super) gain: f64,
    pub(super) left: Counts,
    pub(super) right: Counts,
}

/// Whether the rows of a node differ in a feature.
pub(super) fn differ(bins: &[Counts]) -> bool {
    let filled = bins.iter().filter(|counts| counts.n() > 0);
    filled.take(2).count() == 2
}

/// The split of a feature that gains most and leaves `rows_leaf_min` on both sides; of equal ones the lowest bin.
pub(super) fn best_split(
    feature: u32,
    bins: &[Counts],
    whole: Counts,
    rows_leaf_min: u64,
) -> Option<Split> {
    let missing = bins[usize::from(MISSING)];
    let mut best = best_with_missing(bins, whole, rows_leaf_min, false);
    if missing.n() > 0 {
        let other = best_with_missing(bins, whole, rows_leaf_min, true);
        if let Some(other) = other
            && best.is_none_or(|best| other.gain > best.gain)
        {
            best = Some(other);
        }
    }
    best.map(|split| Split {
        feature,
        // Where a node has no missing values, later ones follow the larger side.
        missing_left: split.missing_left || (missing.n() == 0 && split.left.n() >= split.right.n()),
        ..split
    })
}

fn best_with_missing(
    bins: &[Counts],
    whole: Counts,
    rows_leaf_min: u64,
    missing_left: bool,
) -> Option<Split> {
    let before = whole.score();
    let mut left = Counts::default();
    if missing_left {
        left += bins[usize::from(MISSING)];
    }
    let mut best: Option<Split> = None;
    for (bin, &counts) in bins.iter().enumerate().skip(1) {
        if counts.n() == 0 {
            continue;
        }
        left += counts;
        let right = whole - left;
        if left.n() < rows_leaf_min {
            continue;
        }
        if right.n() < rows_leaf_min {
            break;
        }
        let after = left.score() + right.score();
        let gain = after - before;
        if gain > ROUNDING * after && best.is_none_or(|best| gain > best.gain) {
            best = Some(Split {
                feature: 0,
                bin: bin as u8,
                missing_left,
                gain,
                left,
                right,
            });
        }
    }
    best
}
