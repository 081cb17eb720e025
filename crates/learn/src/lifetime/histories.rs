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

/// A history as whole numbers in the order of its values, and the customer it belongs to.
type Key = (u32, u64, u64, u32);

impl Histories {
    /// Compresses the histories of customers.
    ///
    /// Times must be finite and not negative, with `t_x ≤ t`; `t_x` of a customer without repeat purchases counts as 0.
    ///
    /// # Errors
    /// [`Stopped`] when the stop token is set.
    pub fn new(customers: &[History], stop: &StopToken) -> Result<Self, Stopped> {
        let mut keys: Vec<Key> = (0_u32..)
            .zip(customers)
            .map(|(customer, history)| {
                let t_x = if history.x == 0 { 0.0 } else { history.t_x };
                // Adding 0 turns −0 into 0; then the bits of values ≥ 0 are in the order of the values.
                let bits = |value: f64| (value + 0.0).to_bits();
                (history.x, bits(t_x), bits(history.t), customer)
            })
            .collect();
        stop.poll()?;
        keys.par_sort_unstable();
        stop.poll()?;
        Ok(Self::of_sorted(&keys))
    }

    fn of_sorted(keys: &[Key]) -> Self {
        let mut histories = Self {
            t_x: Vec::new(),
            t: Vec::new(),
            weight: Vec::new(),
            runs: Vec::new(),
            blocks: Vec::new(),
            row_of_customer: vec![0; keys.len()],
        };
        let mut before = None;
        for &(x, t_x, t, customer) in keys {
            if before != Some((x, t_x, t)) {
                histories.push_row(f64::from(x), f64::from_bits(t_x), f64::from_bits(t));
                before = Some((x, t_x, t));
            }
            let row = histories.t.len() - 1;
            histories.weight[row] += 1.0;
            histories.runs.last_mut().expect("a run").weight += 1.0;
            histories.row_of_customer[customer as usize] = row as u32;
        }
        for (run, Run { rows, .. }) in histories.runs.iter().enumerate() {
            let starts = rows.clone().step_by(BLOCK);
            histories.blocks.extend(starts.map(|start| Block {
                run,
                rows: start..(start + BLOCK).min(rows.end),
            }));
        }
        histories
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
        let mut ages: Vec<(u64, f64)> = self
            .t
            .iter()
            .zip(&self.weight)
            .map(|(t, &weight)| (t.to_bits(), weight))
            .collect();
        ages.par_sort_unstable_by_key(|&(age, _)| age);
        let half = 0.5 * self.n_customers() as f64;
        let mut below = 0.0;
        let median = ages.iter().find(|(_, weight)| {
            below += weight;
            below >= half
        });
        median.map_or(0.0, |&(age, _)| f64::from_bits(age))
    }
}
