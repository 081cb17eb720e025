//! First and second derivatives of rows in fixed point.

use clientela_numerics::{StopToken, Stopped};
use rayon::prelude::*;

use super::fixed_point::{self, FixedPoint};
use super::histogram::Sums;
use super::loss::Loss;

/// Rows derived between two looks at the stop token.
const BLOCK: usize = 1024;
/// Second derivatives that share a word with the count of rows keep at least so many bits below the largest.
const COUNTING_BITS_MIN: u32 = 20;
/// The heaviest row may weigh so many times the lightest where they do: the lightest then keeps half of these bits.
const COUNTING_SPREAD_MAX: f64 = 1024.0;

/// How the two words of a row are to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Packing {
    /// Gradient and hessian.
    Plain,
    /// Gradient and hessian, the latter with the count of rows in this many low bits: two words are added where it would be
    /// three.
    Counting { bits: u32 },
}

impl Packing {
    /// Counting where hessians of like size leave room for it.
    fn of(loss: Loss, n_rows: usize, weights: Option<&[f64]>) -> Self {
        let bits = usize::BITS - n_rows.leading_zeros();
        let has_room = fixed_point::SUM_BITS as u32 >= 2 * bits + COUNTING_BITS_MIN;
        if has_room && loss.has_even_curvature() && spread(weights) <= COUNTING_SPREAD_MAX {
            Self::Counting { bits }
        } else {
            Self::Plain
        }
    }

    /// The units in which sums of so many terms up to `largest` cannot overflow.
    fn units_for(self, n_rows: usize, largest: [f64; 2]) -> [FixedPoint; 2] {
        match self {
            Self::Plain => largest.map(|largest| FixedPoint::for_terms(n_rows, largest)),
            Self::Counting { bits } => [
                FixedPoint::for_short_terms(n_rows, largest[0], 0),
                FixedPoint::for_short_terms(n_rows, largest[1], bits),
            ],
        }
    }

    fn encode(self, units: [FixedPoint; 2], reals: [&[f64]; 2], places: &mut [[i64; 2]]) {
        let rows = places.iter_mut().zip(reals[0].iter().zip(reals[1]));
        match self {
            Self::Plain => rows.for_each(|(place, (&first, &second))| {
                *place = [units[0].encode(first), units[1].encode(second)];
            }),
            Self::Counting { bits } => rows.for_each(|(place, (&first, &second))| {
                let counted = units[1].encode_short(second) << bits | 1;
                *place = [units[0].encode_short(first), counted];
            }),
        }
    }

    /// Reads sums of words; `n_rows` is what the words themselves do not say.
    #[inline]
    pub(super) fn read(self, [gradient, second]: [i64; 2], n_rows: i64) -> Sums {
        match self {
            Self::Plain => Sums {
                gradient,
                hessian: second,
                n_rows,
            },
            Self::Counting { bits } => Sums {
                gradient,
                hessian: second >> bits,
                n_rows: second & ((1 << bits) - 1),
            },
        }
    }
}

/// First and second derivatives of rows in fixed point.
pub(super) struct Derivatives {
    /// Two words a row; see [`Packing`].
    pub(super) of_rows: Vec<[i64; 2]>,
    pub(super) packing: Packing,
    /// The units of both.
    pub(super) units: [FixedPoint; 2],
    /// The largest magnitude of both.
    pub(super) largest: [f64; 2],
    /// What neither can exceed, where that is known before.
    bounds: Option<[f64; 2]>,
    /// Both before they are put into fixed point, where the unit depends on the largest.
    reals: [Vec<f64>; 2],
}

impl Derivatives {
    /// Room for so many rows.
    pub(super) fn with_rows(n_rows: usize, loss: Loss, weights: Option<&[f64]>) -> Self {
        let heaviest = weights.map_or(1.0, fixed_point::largest);
        let bounds = loss.bounds(heaviest);
        let kept = if bounds.is_some() { 0 } else { n_rows };
        Self {
            of_rows: vec![[0; 2]; n_rows],
            packing: Packing::of(loss, n_rows, weights),
            units: [FixedPoint::for_terms(n_rows, 0.0); 2],
            largest: [0.0; 2],
            bounds,
            reals: [vec![0.0; kept], vec![0.0; kept]],
        }
    }

    /// Brings them up to date: `derive` writes those of the rows from a place on.
    pub(super) fn write(
        &mut self,
        derive: impl Fn(usize, [&mut [f64]; 2]) + Sync,
        stop: &StopToken,
    ) -> Result<(), Stopped> {
        match self.bounds {
            Some(bounds) => self.write_within(bounds, derive, stop),
            None => {
                self.write_reals(derive, stop)?;
                self.encode_reals(stop)
            }
        }
    }

    /// In one pass where bounds are known.
    fn write_within(
        &mut self,
        bounds: [f64; 2],
        derive: impl Fn(usize, [&mut [f64]; 2]) + Sync,
        stop: &StopToken,
    ) -> Result<(), Stopped> {
        let packing = self.packing;
        let units = packing.units_for(self.of_rows.len(), bounds);
        self.units = units;
        let blocks = self.of_rows.par_chunks_mut(BLOCK).enumerate();
        let largest = blocks.map(|(block, places)| {
            stop.poll()?;
            let (mut first, mut second) = ([0.0; BLOCK], [0.0; BLOCK]);
            let (first, second) = (&mut first[..places.len()], &mut second[..places.len()]);
            derive(block * BLOCK, [first, second]);
            packing.encode(units, [first, second], places);
            Ok([first, second].map(|reals| fixed_point::largest(reals)))
        });
        self.largest = largest.try_reduce(|| [0.0; 2], |a, b| Ok(larger(a, b)))?;
        Ok(())
    }

    fn write_reals(
        &mut self,
        derive: impl Fn(usize, [&mut [f64]; 2]) + Sync,
        stop: &StopToken,
    ) -> Result<(), Stopped> {
        let [first, second] = &mut self.reals;
        let blocks = first
            .par_chunks_mut(BLOCK)
            .zip(second.par_chunks_mut(BLOCK));
        let largest = blocks.enumerate().map(|(block, (first, second))| {
            stop.poll()?;
            derive(block * BLOCK, [first, second]);
            Ok([first, second].map(|reals| fixed_point::largest(reals)))
        });
        self.largest = largest.try_reduce(|| [0.0; 2], |a, b| Ok(larger(a, b)))?;
        Ok(())
    }

    fn encode_reals(&mut self, stop: &StopToken) -> Result<(), Stopped> {
        let packing = self.packing;
        let units = packing.units_for(self.of_rows.len(), self.largest);
        self.units = units;
        let [first, second] = &self.reals;
        let reals = first.par_chunks(BLOCK).zip(second.par_chunks(BLOCK));
        let blocks = self.of_rows.par_chunks_mut(BLOCK).zip(reals);
        blocks.try_for_each(|(places, (first, second))| {
            stop.poll()?;
            packing.encode(units, [first, second], places);
            Ok(())
        })
    }

    /// The sums over some rows.
    pub(super) fn total(&self, rows: &[u32]) -> Sums {
        let total = rows.iter().fold([0; 2], |total, &row| {
            let words = self.of_rows[row as usize];
            [total[0] + words[0], total[1] + words[1]]
        });
        self.packing.read(total, rows.len() as i64)
    }
}

fn larger(a: [f64; 2], b: [f64; 2]) -> [f64; 2] {
    [a[0].max(b[0]), a[1].max(b[1])]
}

/// How many times the lightest row the heaviest weighs; rows without weight aside.
fn spread(weights: Option<&[f64]>) -> f64 {
    let positive = weights
        .into_iter()
        .flatten()
        .filter(|weight| **weight > 0.0);
    let (lightest, heaviest) = positive.fold((f64::INFINITY, 0.0_f64), |(low, high), &weight| {
        (low.min(weight), high.max(weight))
    });
    if weights.is_none() {
        1.0
    } else {
        heaviest / lightest
    }
}
