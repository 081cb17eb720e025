//! Rows in bins with the scores that the trees so far give them.

use clientela_numerics::{StopToken, Stopped};
use rayon::prelude::*;

use super::binning::{BinnedRows, Cuts};
use super::fixed_point;
use super::loss::{Link, Loss, Scored};
use super::samples::Samples;

/// Rows whose losses are computed together, between two looks at the stop token.
const BLOCK: usize = 2048;
/// Halving alone narrows any bracket of offsets to the last bit in so many steps; Newton's method takes about six.
const NEWTON_STEPS_MAX: usize = 100;
/// The constant is known to this share of itself, or of 1.
const NEWTON_TOLERANCE: f64 = 1e-14;

/// Rows of [`Samples`] during a fit.
pub(super) struct ScoredRows<'a> {
    samples: Samples<'a>,
    pub(super) bins: BinnedRows,
    pub(super) scores: Vec<f64>,
}

impl<'a> ScoredRows<'a> {
    /// Puts the rows into bins; scores start at the offsets.
    pub(super) fn new(
        samples: Samples<'a>,
        cuts: &[Cuts],
        stop: &StopToken,
    ) -> Result<Self, Stopped> {
        let n_rows = samples.target.len();
        Ok(Self {
            samples,
            bins: BinnedRows::new(samples.columns, cuts, n_rows, stop)?,
            scores: match samples.offsets {
                Some(offsets) => offsets.to_vec(),
                None => vec![0.0; n_rows],
            },
        })
    }

    /// Raises every score.
    pub(super) fn shift(&mut self, constant: f64) {
        for score in &mut self.scores {
            *score += constant;
        }
    }

    /// The constant that, added to every score, minimizes the loss.
    pub(super) fn best_constant(&self, loss: Loss, stop: &StopToken) -> Result<f64, Stopped> {
        let mut terms = vec![[0.0; 2]; self.scores.len()];
        self.fill(&mut terms, |rows| loss.constant_terms(rows), stop)?;
        let constant = loss.constant_of(column_sums(&terms));
        match self.samples.offsets {
            Some(offsets) if loss.link() == Link::Logit && constant.is_finite() => {
                self.constant_above(offsets, constant, loss, stop)
            }
            _ => Ok(constant),
        }
    }

    /// The best constant above offsets where only the slope says where it lies: Newton's method within a bracket.
    ///
    /// `without` is the best one above offsets of 0. With the highest offset taken from it no row is forecast higher than that
    /// one would be, with the lowest none lower: the best constant lies between them.
    fn constant_above(
        &self,
        offsets: &[f64],
        without: f64,
        loss: Loss,
        stop: &StopToken,
    ) -> Result<f64, Stopped> {
        let (low, high) = extremes(offsets);
        let (mut low, mut high) = (without - high, without - low);
        let mut constant = low + (high - low) / 2.0;
        let mut slopes = vec![[0.0; 2]; offsets.len()];
        for _ in 0..NEWTON_STEPS_MAX {
            let shifted: Vec<f64> = offsets.iter().map(|offset| offset + constant).collect();
            self.fill_at(&shifted, &mut slopes, |rows| loss.derivatives(rows), stop)?;
            let [slope, curvature] = column_sums(&slopes);
            if slope > 0.0 {
                high = constant;
            } else {
                low = constant;
            }
            let newton = constant - slope / curvature;
            let next = if newton > low && newton < high {
                newton
            } else {
                low + (high - low) / 2.0
            };
            let is_last = (next - constant).abs() <= NEWTON_TOLERANCE * constant.abs().max(1.0);
            constant = next;
            if is_last {
                break;
            }
        }
        Ok(constant)
    }

    /// Writes the first and second derivative of each row's weighted loss.
    pub(super) fn write_derivatives(
        &self,
        loss: Loss,
        places: &mut [[f64; 2]],
        stop: &StopToken,
    ) -> Result<(), Stopped> {
        self.fill(places, |rows| loss.derivatives(rows), stop)
    }

    /// The weighted mean of the loss.
    pub(super) fn mean_loss(&self, loss: Loss, stop: &StopToken) -> Result<f64, Stopped> {
        let mut losses = vec![0.0; self.scores.len()];
        self.fill(&mut losses, |rows| loss.losses(rows), stop)?;
        let n_rows = self.scores.len() as f64;
        Ok(fixed_point::sum(&losses) / self.samples.weights.map_or(n_rows, fixed_point::sum))
    }

    /// Writes one entry for each row.
    fn fill<T: Send + Copy>(
        &self,
        places: &mut [T],
        entries: impl Fn(Scored<'_>) -> Vec<T> + Sync,
        stop: &StopToken,
    ) -> Result<(), Stopped> {
        self.fill_at(&self.scores, places, entries, stop)
    }

    /// The same at other scores.
    fn fill_at<T: Send + Copy>(
        &self,
        scores: &[f64],
        places: &mut [T],
        entries: impl Fn(Scored<'_>) -> Vec<T> + Sync,
        stop: &StopToken,
    ) -> Result<(), Stopped> {
        let blocks = places.par_chunks_mut(BLOCK).enumerate();
        blocks.try_for_each(|(block, places)| {
            stop.poll()?;
            let rows = block * BLOCK..block * BLOCK + places.len();
            places.copy_from_slice(&entries(Scored {
                target: &self.samples.target[rows.clone()],
                weights: self.samples.weights.map(|weights| &weights[rows.clone()]),
                scores: &scores[rows],
            }));
            Ok(())
        })
    }
}

/// The sums of both columns: the same bits in any order of the rows.
fn column_sums(terms: &[[f64; 2]]) -> [f64; 2] {
    [0, 1].map(|k| {
        let terms: Vec<f64> = terms.iter().map(|term| term[k]).collect();
        fixed_point::sum(&terms)
    })
}

/// The lowest and the highest value.
fn extremes(values: &[f64]) -> (f64, f64) {
    let start = (f64::INFINITY, f64::NEG_INFINITY);
    values.iter().fold(start, |(low, high), &value| {
        (low.min(value), high.max(value))
    })
}
