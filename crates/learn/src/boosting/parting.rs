//! Moving the rows of a node to their sides of a split, and summing up one side on the way.

use clientela_numerics::{StopToken, Stopped};
use rayon::prelude::*;

use super::cells::Scratch;
use super::histogram::{Source, task_size};
use super::split::{Split, goes_left};

/// Rows parted between two looks at the stop token; still at hand when they are summed up.
const BLOCK: usize = 4096;

/// A side of a split.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Left,
    Right,
}

/// How rows are to be parted.
pub(super) struct Parting<'a> {
    /// The bins of the feature, by row.
    pub(super) bins: &'a [u8],
    pub(super) split: Split,
    /// The side of which a histogram is wanted.
    pub(super) summed: Option<Side>,
    pub(super) source: Source<'a>,
}

/// Rows of which every task has moved its left ones to the front of its rows, the others to the front of its spare room.
pub(super) struct Parted {
    task: usize,
    /// Rows that went left, by task.
    n_left: Vec<usize>,
}

impl Parting<'_> {
    /// Parts rows; both sides stay in ascending order. Each task leaves its sums in its scratch.
    pub(super) fn run(
        &self,
        rows: &mut [u32],
        spare: &mut [u32],
        scratch: &mut [Scratch],
        stop: &StopToken,
    ) -> Result<Parted, Stopped> {
        let task = task_size(rows.len(), scratch.len());
        let tasks = rows.par_chunks_mut(task).zip(spare.par_chunks_mut(task));
        let n_left = tasks
            .zip(scratch)
            .map(|((rows, spare), scratch)| self.run_task(rows, spare, scratch, stop))
            .collect::<Result<_, Stopped>>()?;
        Ok(Parted { task, n_left })
    }

    fn run_task(
        &self,
        rows: &mut [u32],
        spare: &mut [u32],
        scratch: &mut Scratch,
        stop: &StopToken,
    ) -> Result<usize, Stopped> {
        let (bins, threshold, missing_left) = (self.bins, self.split.bin, self.split.missing_left);
        scratch.clear(self.source.layout);
        let (mut n_left, mut n_right) = (0, 0);
        for start in (0..rows.len()).step_by(BLOCK) {
            stop.poll()?;
            let before = (n_left, n_right);
            for i in start..(start + BLOCK).min(rows.len()) {
                let row = rows[i];
                // Both places are written and one of them kept: no branch that depends on the data.
                rows[n_left] = row;
                spare[n_right] = row;
                let left = goes_left(bins[row as usize], threshold, missing_left);
                n_left += usize::from(left);
                n_right += usize::from(!left);
            }
            match self.summed {
                Some(Side::Left) => scratch.add(&rows[before.0..n_left], self.source),
                Some(Side::Right) => scratch.add(&spare[before.1..n_right], self.source),
                None => {}
            }
        }
        Ok(n_left)
    }
}

impl Parted {
    pub(super) fn n_tasks(&self) -> usize {
        self.n_left.len()
    }

    /// Brings together what the tasks have parted: the left rows before the others.
    pub(super) fn gather(&self, rows: &mut [u32], spare: &[u32]) {
        let mut end = 0;
        for (task, &n_left) in self.n_left.iter().enumerate() {
            let start = task * self.task;
            rows.copy_within(start..start + n_left, end);
            end += n_left;
        }
        for (spare, &n_left) in spare.chunks(self.task).zip(&self.n_left) {
            let right = &spare[..spare.len() - n_left];
            rows[end..end + right.len()].copy_from_slice(right);
            end += right.len();
        }
    }
}
