//! The sufficient statistics of a base, each distinct history once.

use std::ops::Range;

use clientela_numerics::{StopToken, Stopped};
use rayon::prelude::*;

use crate::blocks::BLOCK;

/// What the count models know of one customer.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct History {
    /// Repeat purchases: purchases after the first one.
    pub x: u32,
    /// Weeks from the first to the last purchase; 0 where there is only one.
    pub t_x: f64,
    /// Weeks from the first purchase to the end of observation, at least `t_x`.
    pub t: f64,
}

/// The histories of many customers; identical ones are one row with a weight.
///
/// Rows stand in lexicographic order of (x, t_x, T), so that nothing computed from them depends on the order of the customers.
#[derive(Clone, Debug)]
pub struct Histories {
    pub(super) t_x: Vec<f64>,
    pub(super) t: Vec<f64>,
    pub(super) weight: Vec<f64>,
    pub(super) runs: Vec<Run>,
    pub(super) blocks: Vec<Block>,
    row_of_customer: Vec<u32>,
}

/// All rows with the same number of repeat purchases.
#[derive(Clone, Debug)]
pub(super) struct Run {
    pub x: f64,
    pub rows: Range<usize>,
    /// Customers in these rows.
    pub weight: f64,
}

/// A part of a run: the unit of parallel work.
#[derive(Clone, Debug)]
pub(super) struct Block {
    pub run: usize,
    pub rows: Range<usize>,
}

/// Rows of a run that are enough to choose a start of the fit from.
const THINNED_RUN: usize = 512;

/// A history as one whole number that never orders two histories the wrong way round, and the customer it belongs to.
type Prefix = (u64, u32);

impl Histories {
    /// Compresses the histories of customers.
    ///
    /// Times must be finite and not negative, with `t_x ≤ t`; `t_x` of a customer without repeat purchases counts as 0.
    ///
    /// # Errors
    /// [`Stopped`] when the stop token is set.
    pub fn new(customers: &[History], stop: &StopToken) -> Result<Self, Stopped> {
        let prefixes = sorted(prefixes(customers), stop)?;
        let mut histories = Self::empty(customers.len());
        let mut equal: Vec<(Key, u32)> = Vec::new();
        for prefixes in prefixes.chunk_by(|a, b| a.0 == b.0) {
            equal.clear();
            equal.extend(
                prefixes
                    .iter()
                    .map(|&(_, customer)| (key(customers[customer as usize]), customer)),
            );
            if equal.iter().any(|(key, _)| *key != equal[0].0) {
                equal.sort_unstable();
            }
            for &((x, t_x, t), customer) in &equal {
                histories.push_customer(x, f64::from_bits(t_x), f64::from_bits(t), customer);
            }
        }
        histories.set_blocks();
        Ok(histories)
    }

    fn empty(n_customers: usize) -> Self {
        Self {
            t_x: Vec::new(),
            t: Vec::new(),
            weight: Vec::new(),
            runs: Vec::new(),
            blocks: Vec::new(),
            row_of_customer: vec![0; n_customers],
        }
    }

    fn set_blocks(&mut self) {
        for (run, Run { rows, .. }) in self.runs.iter().enumerate() {
            let starts = rows.clone().step_by(BLOCK);
            self.blocks.extend(starts.map(|start| Block {
                run,
                rows: start..(start + BLOCK).min(rows.end),
            }));
        }
    }

    /// Adds a customer who is not before any added so far.
    fn push_customer(&mut self, x: u32, t_x: f64, t: f64, customer: u32) {
        let x = f64::from(x);
        let before = self.runs.last().map(|run| run.x);
        if (before, self.t_x.last(), self.t.last()) != (Some(x), Some(&t_x), Some(&t)) {
            self.push_row(x, t_x, t);
        }
        let row = self.t.len() - 1;
        self.weight[row] += 1.0;
        self.runs.last_mut().expect("a run").weight += 1.0;
        self.row_of_customer[customer as usize] = row as u32;
    }

    fn push_row(&mut self, x: f64, t_x: f64, t: f64) {
        let row = self.t.len();
        self.t_x.push(t_x);
        self.t.push(t);
        self.weight.push(0.0);
        match self.runs.last_mut() {
            Some(run) if run.x == x => run.rows.end = row + 1,
            _ => self.runs.push(Run {
                x,
                rows: row..row + 1,
                weight: 0.0,
            }),
        }
    }

    /// Customers.
    #[must_use]
    pub fn n_customers(&self) -> usize {
        self.row_of_customer.len()
    }

    /// Distinct histories.
    #[must_use]
    pub fn n_rows(&self) -> usize {
        self.t.len()
    }

    /// Customers with at least one repeat purchase.
    #[must_use]
    pub fn n_repeaters(&self) -> usize {
        self.runs
            .iter()
            .filter(|run| run.x > 0.0)
            .map(|run| run.weight as usize)
            .sum()
    }

    /// The distinct history of each row, in lexicographic order of (x, t_x, T).
    pub fn rows(&self) -> impl Iterator<Item = History> + '_ {
        self.runs.iter().flat_map(move |run| {
            run.rows.clone().map(move |row| History {
                x: run.x as u32,
                t_x: self.t_x[row],
                t: self.t[row],
            })
        })
    }

    /// Customers in each row.
    pub fn weights(&self) -> &[f64] {
        &self.weight
    }

    /// The row of each customer, in the order they were given.
    #[must_use]
    pub fn row_of_customer(&self) -> &[u32] {
        &self.row_of_customer
    }

    /// Figures of rows as figures of customers.
    #[must_use]
    pub fn by_customer<T: Copy + Send + Sync>(&self, by_row: &[T]) -> Vec<T> {
        self.row_of_customer
            .par_iter()
            .with_min_len(BLOCK)
            .map(|&row| by_row[row as usize])
            .collect()
    }

    /// At most [`THINNED_RUN`] evenly spaced rows of each run, with the run's weight; `None` where that would not be much less.
    pub(super) fn thinned(&self) -> Option<Self> {
        let n_kept: usize = self
            .runs
            .iter()
            .map(|run| run.rows.len().min(THINNED_RUN))
            .sum();
        if 4 * n_kept > self.n_rows() {
            return None;
        }
        let mut thinned = Self::empty(0);
        for run in &self.runs {
            let first = thinned.t.len();
            let rows = run
                .rows
                .clone()
                .step_by(run.rows.len().div_ceil(THINNED_RUN));
            for row in rows {
                thinned.push_row(run.x, self.t_x[row], self.t[row]);
                thinned.weight[thinned.t.len() - 1] = self.weight[row];
            }
            let kept: f64 = thinned.weight[first..].iter().sum();
            for weight in &mut thinned.weight[first..] {
                *weight *= run.weight / kept;
            }
            thinned.runs.last_mut().expect("a run").weight = run.weight;
        }
        thinned.set_blocks();
        Some(thinned)
    }

    /// A figure of each row, in parallel.
    pub(super) fn map_rows<T: Send>(
        &self,
        stop: &StopToken,
        figure: impl Fn(History) -> T + Sync,
    ) -> Result<Vec<T>, Stopped> {
        let of_blocks: Vec<Vec<T>> = self
            .blocks
            .par_iter()
            .map(|block| {
                stop.poll()?;
                let x = self.runs[block.run].x as u32;
                let history = |row| History {
                    x,
                    t_x: self.t_x[row],
                    t: self.t[row],
                };
                Ok(block.rows.clone().map(history).map(&figure).collect())
            })
            .collect::<Result<_, Stopped>>()?;
        Ok(of_blocks.into_iter().flatten().collect())
    }

    /// The age T that half of the customers do not exceed; 0 without customers.
    #[must_use]
    pub fn median_age(&self) -> f64 {
        let mut ages = self.by_customer(&self.t);
        if ages.is_empty() {
            return 0.0;
        }
        let half = ages.len().div_ceil(2) - 1;
        *ages.select_nth_unstable_by(half, f64::total_cmp).1
    }
}

/// A history as whole numbers in the order of its values.
type Key = (u32, u64, u64);

fn key(history: History) -> Key {
    let t_x = if history.x == 0 { 0.0 } else { history.t_x };
    // Adding 0 turns −0 into 0; then the bits of values ≥ 0 are in the order of the values.
    (
        history.x,
        (t_x + 0.0).to_bits(),
        (history.t + 0.0).to_bits(),
    )
}

/// x in the highest 16 bits, then t_x and T as multiples of 2^−24 of the largest T.
///
/// Sorting these is faster than sorting the histories themselves; those with equal prefixes are sorted again.
fn prefixes(customers: &[History]) -> Vec<Prefix> {
    const STEPS: f64 = 16_777_215.0;
    let longest = customers
        .iter()
        .fold(0.0_f64, |longest, history| longest.max(history.t));
    let scale = if longest > 0.0 { STEPS / longest } else { 0.0 };
    let prefix = |history: &History| {
        let t_x = if history.x == 0 { 0.0 } else { history.t_x };
        let steps = |time: f64| ((time * scale) as u64).min(STEPS as u64);
        (u64::from(history.x.min(0xFFFF)) << 48) | (steps(t_x) << 24) | steps(history.t)
    };
    (0_u32..)
        .zip(customers)
        .map(|(customer, history)| (prefix(history), customer))
        .collect()
}

/// Sorts in chunks that are then merged in pairs, with a look at the stop token before each.
fn sorted(mut prefixes: Vec<Prefix>, stop: &StopToken) -> Result<Vec<Prefix>, Stopped> {
    /// A chunk is sorted within a few milliseconds.
    const CHUNK: usize = 1 << 16;
    prefixes.par_chunks_mut(CHUNK).try_for_each(|chunk| {
        stop.poll()?;
        chunk.sort_unstable();
        Ok(())
    })?;
    let mut merged = vec![
        (0, 0);
        if prefixes.len() > CHUNK {
            prefixes.len()
        } else {
            0
        }
    ];
    let mut width = CHUNK;
    while width < prefixes.len() {
        let pairs = prefixes
            .par_chunks(2 * width)
            .zip(merged.par_chunks_mut(2 * width));
        pairs.try_for_each(|(pair, merged)| {
            stop.poll()?;
            merge(pair.split_at(width.min(pair.len())), merged);
            Ok(())
        })?;
        std::mem::swap(&mut prefixes, &mut merged);
        width *= 2;
    }
    Ok(prefixes)
}

fn merge((mut left, mut right): (&[Prefix], &[Prefix]), merged: &mut [Prefix]) {
    for place in merged {
        let from_left = match (left.first(), right.first()) {
            (Some(left), Some(right)) => left < right,
            (left, _) => left.is_some(),
        };
        let source = if from_left { &mut left } else { &mut right };
        *place = source[0];
        *source = &source[1..];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_the_distinct_histories_in_order_with_their_customers() {
        let history = |x, t_x, t| History { x, t_x, t };
        let customers = [
            history(2, 1.0, 2.0),
            history(0, 0.0, 9.0),
            history(100_000, 3.0, 9.0),
            history(70_000, 5.0, 9.0),
            history(2, 1.0, 1.0 + 2e-9),
            history(2, 1.0, 1.0 + 1e-9),
            history(2, 1.0, 2.0),
            history(0, 4.0, 9.0),
            history(0, -0.0, 1e12),
        ];
        let histories = Histories::new(&customers, &StopToken::new()).expect("not stopped");
        let rows: Vec<History> = histories.rows().collect();
        let expected = [
            history(0, 0.0, 9.0),
            history(0, 0.0, 1e12),
            history(2, 1.0, 1.0 + 1e-9),
            history(2, 1.0, 1.0 + 2e-9),
            history(2, 1.0, 2.0),
            history(70_000, 5.0, 9.0),
            history(100_000, 3.0, 9.0),
        ];
        assert_eq!(rows, expected);
        assert_eq!(histories.weights(), [2.0, 1.0, 1.0, 1.0, 2.0, 1.0, 1.0]);
        assert_eq!(histories.row_of_customer(), [4, 0, 6, 5, 3, 2, 4, 0, 1]);
        assert_eq!((histories.n_customers(), histories.n_repeaters()), (9, 6));
        assert_eq!(histories.median_age(), 9.0);
    }

    #[test]
    fn many_customers_are_sorted_as_one_by_one() {
        let customers: Vec<History> = (0..200_000_u32)
            .map(|i| {
                let mixed = i.wrapping_mul(2_654_435_761) >> 20;
                History {
                    x: mixed % 3,
                    t_x: f64::from(mixed % 5),
                    t: f64::from(mixed),
                }
            })
            .collect();
        let histories = Histories::new(&customers, &StopToken::new()).expect("not stopped");
        let rows: Vec<History> = histories.rows().collect();
        assert!(rows.windows(2).all(|pair| key(pair[0]) < key(pair[1])));
        let mut weights = vec![0.0; rows.len()];
        for (customer, &row) in customers.iter().zip(histories.row_of_customer()) {
            assert_eq!(key(*customer), key(rows[row as usize]));
            weights[row as usize] += 1.0;
        }
        assert_eq!(weights, histories.weights());
    }
}
