//! The quadratic model of a Newton step, minimized on the rows: no matrix of second derivatives is ever built.
//!
//! Where categories have thousands of levels, the matrix of [`super::quadratic`] would take gigabytes and most of the time. Here
//! coordinates are descended with the naive updates of Friedman, Hastie, Tibshirani (2010), section 2.1: what is left of the
//! outcome is kept for every row, and a level touches only the rows that have it, so that a round over all coefficients costs
//! O(n_rows · n_columns) and so does all that is kept.
//!
//! Only coefficients of a working set are looked at: those that are not zero, those that the sequential strong rule of Tibshirani
//! et al. (2012), "Strong Rules for Discarding Predictors in Lasso-type Problems", Journal of the Royal Statistical Society B
//! 74(2), section 2, does not screen out, and those that turn out to break the conditions of the minimum without being in it.

use clientela_numerics::{StopToken, Stopped};

use super::quadratic::Penalty;
use super::rows::StandardRows;
use super::sums::{dot, total};

const ROUNDS_MAX: usize = 1000;
/// Far from the minimum the model is only roughly right: rounds end where they gain this share of what the first did.
const INEXACT: f64 = 1e-4;
/// Penalties far below the last one screen nothing out; so many times the penalty does from the start.
const SCREEN_MIN: f64 = 0.5;

/// The rows of each level, and the coefficients that may be other than zero.
pub(super) struct WorkingSet {
    lists: LevelRows,
    /// Ascending.
    members: Vec<usize>,
    is_member: Vec<bool>,
    /// The penalty on absolute values under which the coefficients are at their minimum.
    last: f64,
}

/// Rows by level.
struct LevelRows {
    n_numeric: usize,
    /// Where the rows of each level start; one more than there are levels.
    starts: Vec<usize>,
    rows: Vec<u32>,
}

/// What each row contributes to the derivatives at a point.
#[derive(Clone, Debug, Default)]
pub(super) struct RowDerivatives {
    /// weight · (y − p)
    pub residuals: Vec<f64>,
    /// weight · p (1 − p)
    pub bends: Vec<f64>,
}

/// The problem under way. The base is always at its best: `residuals` leave it out, and their sum tells how far it would go.
struct RowQuadratic<'a> {
    rows: &'a StandardRows<'a>,
    lists: &'a LevelRows,
    penalty: Penalty,
    bends: &'a [f64],
    residuals: Vec<f64>,
    /// Σ residual
    residual: f64,
    /// Σ bend
    bend: f64,
    coefficients: Vec<f64>,
    coordinates: Vec<Coordinate>,
}

/// A coefficient of the working set.
#[derive(Clone, Copy)]
struct Coordinate {
    slot: usize,
    /// Σ bend · z; the column of a level is summed without its mean, which the base makes up for.
    mixed: f64,
    /// Second derivative where the base follows.
    curvature: f64,
}

impl WorkingSet {
    /// Empty, at the model without coefficients, whose scores are given.
    pub(super) fn new(rows: &StandardRows<'_>, scores: &[f64]) -> Self {
        Self {
            lists: LevelRows::of(rows),
            members: Vec::new(),
            is_member: vec![false; rows.slots.len()],
            last: scores.iter().map(|score| score.abs()).fold(0.0, f64::max),
        }
    }

    /// Starts the search of a minimum under another penalty from that under the last one.
    pub(super) fn screen(&mut self, penalty: Penalty, scores: &[f64], coefficients: &[f64]) {
        let strong = 2.0 * penalty.absolute - self.last;
        let limit = strong.max(SCREEN_MIN * penalty.absolute);
        for (slot, is_member) in self.is_member.iter_mut().enumerate() {
            *is_member = coefficients[slot] != 0.0 || scores[slot].abs() > limit;
        }
        self.last = penalty.absolute;
        self.gather();
    }

    /// Takes in what breaks the conditions of a minimum; whether there was anything.
    pub(super) fn widen(&mut self, penalty: Penalty, scores: &[f64]) -> bool {
        let before = self.members.len();
        for (is_member, score) in self.is_member.iter_mut().zip(scores) {
            *is_member |= score.abs() > penalty.absolute;
        }
        self.gather();
        self.members.len() > before
    }

    fn gather(&mut self) {
        let slots = 0..self.is_member.len();
        self.members = slots.filter(|&slot| self.is_member[slot]).collect();
    }

    /// How far the base goes and the coefficients at the minimum of the model over the working set; no coordinate could gain more than `tolerance` alone, or a
    /// small share of what the first round gained.
    pub(super) fn minimize(
        &self,
        rows: &StandardRows<'_>,
        derivatives: &RowDerivatives,
        coefficients: &[f64],
        penalty: Penalty,
        tolerance: f64,
        stop: &StopToken,
    ) -> Result<(f64, Vec<f64>), Stopped> {
        let bend = total(&derivatives.bends).max(f64::MIN_POSITIVE);
        let mut quadratic = RowQuadratic {
            rows,
            lists: &self.lists,
            penalty,
            bends: &derivatives.bends,
            residual: total(&derivatives.residuals),
            residuals: derivatives.residuals.clone(),
            bend,
            coefficients: coefficients.to_vec(),
            coordinates: Vec::with_capacity(self.members.len()),
        };
        for &slot in &self.members {
            stop.poll()?;
            let coordinate = quadratic.coordinate(slot);
            quadratic.coordinates.push(coordinate);
        }
        quadratic.descend(tolerance, stop)?;
        Ok(quadratic.minimum(coefficients))
    }
}

impl LevelRows {
    fn of(rows: &StandardRows<'_>) -> Self {
        let n_numeric = rows.slots.n_numeric;
        let width = rows.slots.n_categories.max(1);
        let mut starts = vec![0; rows.slots.len() - n_numeric + 1];
        for &slot in &rows.levels {
            starts[slot as usize - n_numeric + 1] += 1;
        }
        for level in 1..starts.len() {
            starts[level] += starts[level - 1];
        }
        let mut next = starts.clone();
        let mut listed = vec![0; rows.levels.len()];
        for (row, levels) in rows.levels.chunks(width).enumerate() {
            for &slot in levels {
                let place = &mut next[slot as usize - n_numeric];
                listed[*place] = row as u32;
                *place += 1;
            }
        }
        Self {
            n_numeric,
            starts,
            rows: listed,
        }
    }

    /// The rows of a level, ascending; `None` for a number.
    fn of_slot(&self, slot: usize) -> Option<&[u32]> {
        let level = slot.checked_sub(self.n_numeric)?;
        Some(&self.rows[self.starts[level]..self.starts[level + 1]])
    }
}

impl RowQuadratic<'_> {
    fn coordinate(&self, slot: usize) -> Coordinate {
        let [mixed, square] = match self.lists.of_slot(slot) {
            Some(rows) => {
                let factor = self.rows.slots.factors[slot];
                let bends = rows.iter().map(|&row| self.bends[row as usize]);
                let mixed = factor * bends.sum::<f64>();
                [mixed, factor * mixed]
            }
            None => {
                let column = &self.rows.numeric[slot];
                let bent = column.iter().zip(self.bends).map(|(z, bend)| z * z * bend);
                [dot(column, self.bends), bent.sum()]
            }
        };
        Coordinate {
            slot,
            mixed,
            curvature: (square - mixed / self.bend * mixed).max(0.0),
        }
    }

    /// Rounds over the working set, and over what is not zero in between.
    fn descend(&mut self, tolerance: f64, stop: &StopToken) -> Result<(), Stopped> {
        let all: Vec<Coordinate> = self.coordinates.clone();
        let mut tolerance = tolerance;
        let mut n_rounds = 0;
        while n_rounds < ROUNDS_MAX {
            let gain = self.round(&all, stop)?;
            if n_rounds == 0 {
                tolerance = tolerance.max(INEXACT * gain);
            }
            n_rounds += 1;
            if gain <= tolerance {
                break;
            }
            let is_active = |one: &&Coordinate| self.coefficients[one.slot] != 0.0;
            let active: Vec<Coordinate> = all.iter().filter(is_active).copied().collect();
            while n_rounds < ROUNDS_MAX {
                n_rounds += 1;
                if self.round(&active, stop)? <= tolerance {
                    break;
                }
            }
        }
        Ok(())
    }

    /// Brings each coefficient to its best value in turn; the largest gain of one.
    fn round(&mut self, coordinates: &[Coordinate], stop: &StopToken) -> Result<f64, Stopped> {
        let mut most = 0.0_f64;
        for coordinate in coordinates {
            stop.poll()?;
            let old = self.coefficients[coordinate.slot];
            let slope = self.slope(coordinate.slot) - coordinate.mixed / self.bend * self.residual;
            let pull = slope + coordinate.curvature * old;
            let beyond = pull.abs() - self.penalty.absolute;
            let steepness = coordinate.curvature + self.penalty.square;
            let new = if beyond > 0.0 && coordinate.curvature > 0.0 {
                (beyond / steepness).copysign(pull)
            } else {
                0.0
            };
            if new != old {
                self.advance(coordinate, new - old);
                self.coefficients[coordinate.slot] = new;
                most = most.max(steepness * (new - old) * (new - old));
            }
        }
        Ok(most)
    }

    /// Σ residual · z
    fn slope(&self, slot: usize) -> f64 {
        match self.lists.of_slot(slot) {
            Some(rows) => {
                let residuals = rows.iter().map(|&row| self.residuals[row as usize]);
                self.rows.slots.factors[slot] * residuals.sum::<f64>()
            }
            None => dot(&self.rows.numeric[slot], &self.residuals),
        }
    }

    fn advance(&mut self, coordinate: &Coordinate, step: f64) {
        let slot = coordinate.slot;
        match self.lists.of_slot(slot) {
            Some(rows) => {
                let rise = self.rows.slots.factors[slot] * step;
                for &row in rows {
                    self.residuals[row as usize] -= self.bends[row as usize] * rise;
                }
            }
            None => {
                let both = self.rows.numeric[slot].iter().zip(self.bends);
                for (residual, (z, bend)) in self.residuals.iter_mut().zip(both) {
                    *residual -= bend * (z * step);
                }
            }
        }
        self.residual -= coordinate.mixed * step;
    }

    fn minimum(self, start: &[f64]) -> (f64, Vec<f64>) {
        let slots = self.rows.slots;
        // In standard units the column of a level has its mean taken off, which is a move of the base.
        let of_means = |one: &Coordinate| {
            let step = self.coefficients[one.slot] - start[one.slot];
            step * slots.factors[one.slot] * slots.means[one.slot]
        };
        let moved: f64 = self.coordinates.iter().map(of_means).sum();
        (self.residual / self.bend + moved, self.coefficients)
    }
}
