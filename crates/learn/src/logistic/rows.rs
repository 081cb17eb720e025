//! Rows in standard units, and the log loss of a model on them with its derivatives.
//!
//! A category is kept as the number of its level; sums over its columns of zeros and ones are taken over the rows of each
//! level and then brought to standard units, so that a row costs a step a category and not a step a level.

use std::ops::Range;

use clientela_numerics::exponential::exponentials;
use clientela_numerics::logarithm::logarithms;
use clientela_numerics::{StopToken, Stopped};
use rayon::prelude::*;

use super::design::{Column, Samples};
use super::scaling::{Scale, standardized};
use super::slots::Slots;
use super::sums::{Evaluation, Extent, Sums, dot, total};
use super::working::RowDerivatives;

/// Rows that are computed together, so that their values stay in the nearest cache.
const BLOCK: usize = 256;
/// Rows that are worth a task of their own. A constant, because the bits of sums depend on it.
const CHUNK_MIN: usize = 4096;
const CHUNKS_MAX: usize = 16;
/// Entries that the matrices of all chunks may have together: 64 MB.
const ENTRIES_MAX: usize = 1 << 23;

/// A model in standard units: the log-odds of a row is `base` + Σ coefficient · standardized value.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Point {
    pub base: f64,
    /// Of the numeric columns first, then of the levels of each category.
    pub coefficients: Vec<f64>,
}

/// Rows in standard units.
pub(super) struct StandardRows<'a> {
    pub slots: &'a Slots,
    /// Numeric columns.
    pub numeric: Vec<Vec<f64>>,
    /// The slots of each row's levels, row after row.
    pub levels: Vec<u32>,
    /// 1 for yes, −1 for no.
    signs: Vec<f64>,
    weights: Vec<f64>,
}

impl<'a> StandardRows<'a> {
    pub(super) fn new(
        samples: &Samples<'_>,
        rows: &[u32],
        weights: Vec<f64>,
        slots: &'a Slots,
        stop: &StopToken,
    ) -> Result<Self, Stopped> {
        let mut numeric = Vec::with_capacity(slots.n_numeric);
        let mut coded = Vec::with_capacity(slots.n_categories);
        let mut first = slots.n_numeric;
        for (column, scale) in samples.design.columns.iter().zip(&slots.scales) {
            match (*column, scale) {
                (Column::Numeric(values), &Scale::Numeric { mean, deviation }) => {
                    let standard = |row: u32| standardized(values[row as usize], mean, deviation);
                    let fill = |rows: &[u32], place: &mut [f64]| {
                        for (z, &row) in place.iter_mut().zip(rows) {
                            *z = standard(row);
                        }
                    };
                    numeric.push(gathered(rows, 1, fill, stop)?);
                }
                (Column::Categorical { codes, n_levels }, _) => {
                    coded.push((codes, first as u32));
                    first += n_levels;
                }
                (Column::Numeric(_), Scale::Categorical { .. }) => {
                    unreachable!("scales are made from the columns")
                }
            }
        }
        let fill = |rows: &[u32], place: &mut [u32]| {
            for (slots, &row) in place.chunks_mut(coded.len()).zip(rows) {
                for (slot, (codes, first)) in slots.iter_mut().zip(&coded) {
                    *slot = first + codes[row as usize];
                }
            }
        };
        let sign = |&row: &u32| {
            if samples.outcomes[row as usize] {
                1.0
            } else {
                -1.0
            }
        };
        Ok(Self {
            slots,
            numeric,
            levels: gathered(rows, coded.len(), fill, stop)?,
            signs: rows.iter().map(sign).collect(),
            weights,
        })
    }

    /// The model that gives every row the share of positives, weighted.
    pub(super) fn null_point(&self) -> Point {
        let weights_of = |class: f64| -> f64 {
            let rows = self.signs.iter().zip(&self.weights);
            rows.filter(|row| *row.0 == class).map(|row| row.1).sum()
        };
        Point {
            base: libm::log(weights_of(1.0) / weights_of(-1.0)),
            coefficients: vec![0.0; self.slots.len()],
        }
    }

    /// Whether second derivatives cost less than what is needed anyway: the exponential and logarithm of each row.
    pub(super) fn has_cheap_curvature(&self) -> bool {
        /// Products that take as long as the rest of a row: 13 ns, measured on 2 to 16 columns.
        const PRODUCTS_MAX: usize = 60;
        let n = self.numeric.len();
        n * (n + 1) / 2 + self.slots.n_categories * (n + 2 * self.slots.n_categories)
            <= PRODUCTS_MAX
    }

    /// Mean loss at a point, with derivatives as far as asked for.
    pub(super) fn evaluate(
        &self,
        point: &Point,
        extent: Extent,
        stop: &StopToken,
    ) -> Result<Evaluation, Stopped> {
        let n_rows = self.signs.len();
        let effects = self.slots.effects(&point.coefficients);
        let chunk = self.chunk_length(extent);
        let of_chunk = |start: usize| {
            let mut sums = Sums::new(self.slots.len(), extent);
            let mut scratch = Scratch::default();
            for first in (start..(start + chunk).min(n_rows)).step_by(BLOCK) {
                stop.poll()?;
                let rows = first..(first + BLOCK).min(start + chunk).min(n_rows);
                self.add_block(rows, point, &effects, extent, &mut sums, &mut scratch);
            }
            Ok(sums)
        };
        let mut sums = if chunk >= n_rows {
            of_chunk(0)?
        } else {
            let starts: Vec<usize> = (0..n_rows).step_by(chunk).collect();
            let chunks: Vec<Sums> = starts
                .into_par_iter()
                .map(of_chunk)
                .collect::<Result<_, _>>()?;
            let mut chunks = chunks.into_iter();
            let first = chunks.next().expect("at least one chunk");
            chunks.fold(first, |sums, chunk| sums.plus(&chunk))
        };
        Ok(sums.in_standard_units(self.slots))
    }

    /// Rows of a chunk: a function of the shape of the data alone.
    fn chunk_length(&self, extent: Extent) -> usize {
        let n_rows = self.signs.len();
        let entries = self.slots.len() * self.slots.len();
        let n_chunks = match extent {
            Extent::Curvature => CHUNKS_MAX.min(ENTRIES_MAX / entries.max(1)).max(1),
            Extent::Loss | Extent::Score => CHUNKS_MAX,
        };
        n_rows
            .div_ceil(n_chunks)
            .max(CHUNK_MIN)
            .next_multiple_of(BLOCK)
    }

    fn add_block(
        &self,
        rows: Range<usize>,
        point: &Point,
        effects: &[f64],
        extent: Extent,
        sums: &mut Sums,
        scratch: &mut Scratch,
    ) {
        let n = rows.len();
        let Scratch {
            margins,
            falls,
            logs,
            residuals,
            bends,
            bent,
        } = scratch;
        let margins = &mut margins[..n];
        let (signs, weights) = (&self.signs[rows.clone()], &self.weights[rows.clone()]);
        let (falls, logs) = (&mut falls[..n], &mut logs[..n]);
        self.write_margins(rows.clone(), point, effects, margins, falls);
        for (log, fall) in logs.iter_mut().zip(falls.iter()) {
            *log = 1.0 + fall;
        }
        logarithms(logs);
        // ln(1 + e^−u) of the margin u, from e^−|u|.
        for (log, margin) in logs.iter_mut().zip(margins.iter()) {
            *log += (-margin).max(0.0);
        }
        sums.loss += dot(logs, weights);
        if extent == Extent::Loss {
            return;
        }
        let (residuals, bends) = (&mut residuals[..n], &mut bends[..n]);
        write_derivatives(margins, falls, signs, weights, residuals, bends);
        self.add_scores(rows.clone(), residuals, sums);
        if extent == Extent::Curvature {
            self.add_curvature(rows, bends, &mut bent[..n], sums);
        }
    }

    /// What each row contributes to the derivatives at a point.
    pub(super) fn derivatives(
        &self,
        point: &Point,
        stop: &StopToken,
    ) -> Result<RowDerivatives, Stopped> {
        let n_rows = self.signs.len();
        let effects = self.slots.effects(&point.coefficients);
        let mut residuals = vec![0.0; n_rows];
        let mut bends = vec![0.0; n_rows];
        let blocks = residuals
            .par_chunks_mut(BLOCK)
            .zip(bends.par_chunks_mut(BLOCK));
        blocks
            .enumerate()
            .try_for_each(|(block, (residuals, bends))| {
                stop.poll()?;
                let n = residuals.len();
                let rows = block * BLOCK..block * BLOCK + n;
                let (mut margins, mut falls) = ([0.0; BLOCK], [0.0; BLOCK]);
                let (margins, falls) = (&mut margins[..n], &mut falls[..n]);
                self.write_margins(rows.clone(), point, &effects, margins, falls);
                let (signs, weights) = (&self.signs[rows.clone()], &self.weights[rows]);
                write_derivatives(margins, falls, signs, weights, residuals, bends);
                Ok(())
            })?;
        Ok(RowDerivatives { residuals, bends })
    }

    /// The margins u of the rows, their log-odds with the sign of the outcome, and e^−|u|.
    fn write_margins(
        &self,
        rows: Range<usize>,
        point: &Point,
        effects: &[f64],
        margins: &mut [f64],
        falls: &mut [f64],
    ) {
        self.write_log_odds(rows.clone(), point, effects, margins);
        let signs = &self.signs[rows];
        for ((margin, sign), fall) in margins.iter_mut().zip(signs).zip(falls.iter_mut()) {
            *margin *= sign;
            *fall = -margin.abs();
        }
        exponentials(falls);
    }

    /// The log-odds of the rows.
    fn write_log_odds(
        &self,
        rows: Range<usize>,
        point: &Point,
        effects: &[f64],
        log_odds: &mut [f64],
    ) {
        log_odds.fill(point.base);
        for (column, &slope) in self.numeric.iter().zip(&point.coefficients) {
            if slope != 0.0 {
                for (sum, z) in log_odds.iter_mut().zip(&column[rows.clone()]) {
                    *sum += slope * z;
                }
            }
        }
        for (sum, levels) in log_odds.iter_mut().zip(self.levels_of(rows)) {
            for &slot in levels {
                *sum += effects[slot as usize];
            }
        }
    }

    /// The slots of the levels of each row; nothing without categories.
    fn levels_of(&self, rows: Range<usize>) -> impl Iterator<Item = &[u32]> {
        let width = self.slots.n_categories;
        self.levels[rows.start * width..rows.end * width].chunks(width.max(1))
    }

    fn add_scores(&self, rows: Range<usize>, residuals: &[f64], sums: &mut Sums) {
        sums.residual += total(residuals);
        for (column, sum) in self.numeric.iter().zip(&mut sums.residuals) {
            *sum += dot(&column[rows.clone()], residuals);
        }
        for (residual, levels) in residuals.iter().zip(self.levels_of(rows)) {
            for &slot in levels {
                sums.residuals[slot as usize] += residual;
            }
        }
    }

    /// Adds products of columns in the lower triangle.
    fn add_curvature(&self, rows: Range<usize>, bends: &[f64], bent: &mut [f64], sums: &mut Sums) {
        let n = self.slots.len();
        sums.bend += total(bends);
        for (j, column) in self.numeric.iter().enumerate() {
            for ((product, z), bend) in bent.iter_mut().zip(&column[rows.clone()]).zip(bends) {
                *product = bend * z;
            }
            sums.bends[j] += total(bent);
            for (k, other) in self.numeric[..=j].iter().enumerate() {
                sums.products[j * n + k] += dot(bent, &other[rows.clone()]);
            }
        }
        for ((row, bend), levels) in rows.clone().zip(bends).zip(self.levels_of(rows)) {
            for (i, &slot) in levels.iter().enumerate() {
                let slot = slot as usize;
                sums.bends[slot] += bend;
                let line = &mut sums.products[slot * n..(slot + 1) * n];
                for (product, column) in line.iter_mut().zip(&self.numeric) {
                    *product += bend * column[row];
                }
                for &other in &levels[..=i] {
                    line[other as usize] += bend;
                }
            }
        }
    }
}

/// weight · (y − p) and weight · p (1 − p) of each row, from its margin u and e^−|u|.
fn write_derivatives(
    margins: &[f64],
    falls: &[f64],
    signs: &[f64],
    weights: &[f64],
    residuals: &mut [f64],
    bends: &mut [f64],
) {
    for i in 0..margins.len() {
        let near = 1.0 / (1.0 + falls[i]);
        let far = falls[i] * near;
        let doubt = if margins[i] >= 0.0 { far } else { near };
        residuals[i] = weights[i] * signs[i] * doubt;
        bends[i] = weights[i] * far * near;
    }
}

/// `width` values of each of the rows, filled in chunks of rows.
fn gathered<T: Copy + Default + Send>(
    rows: &[u32],
    width: usize,
    fill: impl Fn(&[u32], &mut [T]) + Sync,
    stop: &StopToken,
) -> Result<Vec<T>, Stopped> {
    let mut values = vec![T::default(); rows.len() * width];
    if width > 0 {
        let places = values.par_chunks_mut(CHUNK_MIN * width);
        places
            .zip(rows.par_chunks(CHUNK_MIN))
            .try_for_each(|(place, rows)| {
                stop.poll()?;
                fill(rows, place);
                Ok(())
            })?;
    }
    Ok(values)
}

/// Values of the rows of a block.
struct Scratch {
    margins: [f64; BLOCK],
    falls: [f64; BLOCK],
    logs: [f64; BLOCK],
    residuals: [f64; BLOCK],
    bends: [f64; BLOCK],
    bent: [f64; BLOCK],
}

impl Default for Scratch {
    fn default() -> Self {
        Self {
            margins: [0.0; BLOCK],
            falls: [0.0; BLOCK],
            logs: [0.0; BLOCK],
            residuals: [0.0; BLOCK],
            bends: [0.0; BLOCK],
            bent: [0.0; BLOCK],
        }
    }
}
