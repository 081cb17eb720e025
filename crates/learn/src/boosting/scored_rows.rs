//! Rows in bins with the scores that the trees so far give them.

use clientela_numerics::{StopToken, Stopped};
use rayon::prelude::*;

use super::binned::BinnedColumns;
use super::binning::Cuts;
use super::coded_tree::{self, CodedTree};
use super::derivatives::Derivatives;
use super::fixed_point;
use super::loss::{Link, Loss, Raise, Scored};
use super::samples::Samples;

/// Rows whose losses are computed together, between two looks at the stop token.
const BLOCK: usize = 2048;
/// Rows whose scores stay near while one leaf after the other adds to them.
const LEAVES_BLOCK: usize = 8192;
/// Halving alone narrows any bracket of offsets to the last bit in so many steps; Newton's method takes about six.
const NEWTON_STEPS_MAX: usize = 100;
/// The constant is known to this share of itself, or of 1.
const NEWTON_TOLERANCE: f64 = 1e-14;

/// Rows of [`Samples`] during a fit.
pub(super) struct ScoredRows<'a> {
    samples: Samples<'a>,
    loss: Loss,
    pub(super) bins: BinnedColumns,
    /// The score of each row, or what the loss keeps of it: see [`Loss::to_levels`].
    levels: Vec<f64>,
}

impl<'a> ScoredRows<'a> {
    /// Puts the rows into bins; scores are the offsets until [`ScoredRows::start_at`].
    pub(super) fn new(
        samples: Samples<'a>,
        loss: Loss,
        cuts: &[Cuts],
        stop: &StopToken,
    ) -> Result<Self, Stopped> {
        let n_rows = samples.target.len();
        Ok(Self {
            samples,
            loss,
            bins: BinnedColumns::new(samples.columns, cuts, n_rows, stop)?,
            levels: match samples.offsets {
                Some(offsets) => offsets.to_vec(),
                None => vec![0.0; n_rows],
            },
        })
    }

    /// Adds the score that all rows start from to their offsets.
    pub(super) fn start_at(&mut self, constant: f64) {
        for level in &mut self.levels {
            *level += constant;
        }
        self.loss.to_levels(&mut self.levels);
    }

    /// Adds a tree to the scores of all rows.
    pub(super) fn add_tree(&mut self, tree: &CodedTree, stop: &StopToken) -> Result<(), Stopped> {
        let raises: Vec<Raise> = tree
            .values
            .iter()
            .map(|&value| self.loss.raise_by(value))
            .collect();
        let bins = &self.bins;
        let blocks = self.levels.par_chunks_mut(coded_tree::BLOCK).enumerate();
        blocks.try_for_each(|(block, levels)| {
            stop.poll()?;
            let mut leaves = [0; coded_tree::BLOCK];
            let leaves = &mut leaves[..levels.len()];
            tree.find_leaves(
                |feature| &bins.column(feature)[block * coded_tree::BLOCK..],
                leaves,
            );
            for (level, &leaf) in levels.iter_mut().zip(&*leaves) {
                *level = raises[leaf as usize].of(*level);
            }
            Ok(())
        })
    }

    /// Adds values to the scores of rows (ascending) of one leaf after the other, which are all rows together.
    pub(super) fn add_leaves(
        &mut self,
        leaves: &[(&[u32], f64)],
        stop: &StopToken,
    ) -> Result<(), Stopped> {
        let loss = self.loss;
        let blocks = self.levels.par_chunks_mut(LEAVES_BLOCK).enumerate();
        blocks.try_for_each(|(block, levels)| {
            stop.poll()?;
            let first = (block * LEAVES_BLOCK) as u32;
            for &(rows, value) in leaves {
                let rows = &rows[rows.partition_point(|&row| row < first)..];
                let n_here = rows.partition_point(|&row| row < first + levels.len() as u32);
                let raise = loss.raise_by(value);
                for &row in &rows[..n_here] {
                    let level = &mut levels[(row - first) as usize];
                    *level = raise.of(*level);
                }
            }
            Ok(())
        })
    }

    /// The constant that, added to every score, minimizes the loss.
    pub(super) fn best_constant(&self, stop: &StopToken) -> Result<f64, Stopped> {
        let loss = self.loss;
        let terms = self.map(|rows| loss.constant_terms(rows), stop)?;
        let sums = [0, 1].map(|k| {
            let terms: Vec<f64> = terms.iter().map(|term| term[k]).collect();
            fixed_point::sum(&terms)
        });
        let constant = loss.constant_of(sums);
        match self.samples.offsets {
            Some(offsets) if loss.link() == Link::Logit && constant.is_finite() => {
                self.constant_above(offsets, constant, stop)
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
        stop: &StopToken,
    ) -> Result<f64, Stopped> {
        let (low, high) = extremes(offsets);
        let (mut low, mut high) = (without - high, without - low);
        let mut constant = low + (high - low) / 2.0;
        for _ in 0..NEWTON_STEPS_MAX {
            let [slope, curvature] = self.slopes_at(offsets, constant, stop)?;
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

    /// First and second derivative of the summed loss by a constant above the offsets.
    fn slopes_at(
        &self,
        offsets: &[f64],
        constant: f64,
        stop: &StopToken,
    ) -> Result<[f64; 2], Stopped> {
        let mut levels: Vec<f64> = offsets.iter().map(|offset| offset + constant).collect();
        self.loss.to_levels(&mut levels);
        let mut slopes = [0, 1].map(|_| vec![0.0; levels.len()]);
        let [first, second] = &mut slopes;
        let blocks = first
            .par_chunks_mut(BLOCK)
            .zip(second.par_chunks_mut(BLOCK));
        blocks
            .enumerate()
            .try_for_each(|(block, (first, second))| {
                stop.poll()?;
                let rows = self.rows_at(&levels, block * BLOCK, first.len());
                self.loss.derivatives(rows, [first, second]);
                Ok(())
            })?;
        Ok(slopes.map(|slopes| fixed_point::sum(&slopes)))
    }

    /// Writes the first and second derivative of each row's weighted loss.
    pub(super) fn write_derivatives(
        &self,
        derivatives: &mut Derivatives,
        stop: &StopToken,
    ) -> Result<(), Stopped> {
        let derive = |first: usize, places: [&mut [f64]; 2]| {
            let rows = self.rows_at(&self.levels, first, places[0].len());
            self.loss.derivatives(rows, places);
        };
        derivatives.write(derive, stop)
    }

    /// The weighted mean of the loss.
    pub(super) fn mean_loss(&self, stop: &StopToken) -> Result<f64, Stopped> {
        let losses = self.map(|rows| self.loss.losses(rows), stop)?;
        let n_rows = self.levels.len() as f64;
        Ok(fixed_point::sum(&losses) / self.samples.weights.map_or(n_rows, fixed_point::sum))
    }

    /// Entries of all rows.
    fn map<T: Send + Copy + Default>(
        &self,
        entries: impl Fn(Scored<'_>) -> Vec<T> + Sync,
        stop: &StopToken,
    ) -> Result<Vec<T>, Stopped> {
        let mut places = vec![T::default(); self.levels.len()];
        let blocks = places.par_chunks_mut(BLOCK).enumerate();
        blocks.try_for_each(|(block, places)| {
            stop.poll()?;
            let rows = self.rows_at(&self.levels, block * BLOCK, places.len());
            places.copy_from_slice(&entries(rows));
            Ok(())
        })?;
        Ok(places)
    }

    /// Neighboring rows at given levels of all rows.
    fn rows_at<'r>(&'r self, levels: &'r [f64], first: usize, n_rows: usize) -> Scored<'r> {
        let rows = first..first + n_rows;
        Scored {
            target: &self.samples.target[rows.clone()],
            weights: self.samples.weights.map(|weights| &weights[rows.clone()]),
            levels: &levels[rows],
        }
    }
}

/// The lowest and the highest value.
fn extremes(values: &[f64]) -> (f64, f64) {
    let start = (f64::INFINITY, f64::NEG_INFINITY);
    values.iter().fold(start, |(low, high), &value| {
        (low.min(value), high.max(value))
    })
}
