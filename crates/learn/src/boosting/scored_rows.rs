//! Rows in bins with the scores that the trees so far give them.

use clientela_numerics::{StopToken, Stopped};
use rayon::prelude::*;

use super::binning::{BinnedRows, Cuts};
use super::fixed_point;
use super::loss::{Loss, Scored};
use super::samples::Samples;

/// Rows whose losses are computed together, between two looks at the stop token.
const BLOCK: usize = 4096;

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
        let terms = self.of_blocks(|rows| loss.constant_terms(rows), stop)?;
        let sums = [0, 1].map(|k| {
            let terms: Vec<f64> = terms.iter().map(|term| term[k]).collect();
            fixed_point::sum(&terms)
        });
        Ok(loss.constant_of(sums))
    }

    /// First and second derivative of each row's weighted loss.
    pub(super) fn derivatives(
        &self,
        loss: Loss,
        stop: &StopToken,
    ) -> Result<Vec<[f64; 2]>, Stopped> {
        self.of_blocks(|rows| loss.derivatives(rows), stop)
    }

    /// The weighted mean of the loss.
    pub(super) fn mean_loss(&self, loss: Loss, stop: &StopToken) -> Result<f64, Stopped> {
        let total = fixed_point::sum(&self.of_blocks(|rows| loss.losses(rows), stop)?);
        Ok(total
            / self
                .samples
                .weights
                .map_or(self.scores.len() as f64, fixed_point::sum))
    }

    /// One entry for each row, in the order of the rows.
    fn of_blocks<T: Send + Clone>(
        &self,
        of: impl Fn(Scored<'_>) -> Vec<T> + Sync,
        stop: &StopToken,
    ) -> Result<Vec<T>, Stopped> {
        let n_rows = self.scores.len();
        let blocks = (0..n_rows.div_ceil(BLOCK)).into_par_iter().map(|block| {
            stop.poll()?;
            let rows = block * BLOCK..((block + 1) * BLOCK).min(n_rows);
            Ok(of(Scored {
                target: &self.samples.target[rows.clone()],
                weights: self.samples.weights.map(|weights| &weights[rows.clone()]),
                scores: &self.scores[rows],
            }))
        });
        Ok(blocks.collect::<Result<Vec<_>, Stopped>>()?.concat())
    }
}
