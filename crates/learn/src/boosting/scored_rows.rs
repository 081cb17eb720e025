//! Rows in bins with the scores that the trees so far give them.

use clientela_numerics::{StopToken, Stopped};
use rayon::prelude::*;

use super::binning::{BinnedRows, Cuts};
use super::fixed_point;
use super::loss::{Loss, Scored};
use super::samples::Samples;

/// Rows whose losses are computed together, between two looks at the stop token.
const BLOCK: usize = 2048;

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
        let sums = [0, 1].map(|k| {
            let terms: Vec<f64> = terms.iter().map(|term| term[k]).collect();
            fixed_point::sum(&terms)
        });
        Ok(loss.constant_of(sums))
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
        let blocks = places.par_chunks_mut(BLOCK).enumerate();
        blocks.try_for_each(|(block, places)| {
            stop.poll()?;
            let rows = block * BLOCK..block * BLOCK + places.len();
            places.copy_from_slice(&entries(Scored {
                target: &self.samples.target[rows.clone()],
                weights: self.samples.weights.map(|weights| &weights[rows.clone()]),
                scores: &self.scores[rows],
            }));
            Ok(())
        })
    }
}
