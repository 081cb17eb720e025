//! Work in blocks of fixed size: the blocks may run on any thread, and their results are combined in order.

use std::ops::Range;

use clientela_numerics::{StopToken, Stopped};
use rayon::prelude::*;

/// Points in a block. A constant, because the bits of sums depend on it.
pub(crate) const BLOCK: usize = 1024;
/// Blocks that one task takes at least, so that small inputs stay on one thread.
const BLOCKS_PER_TASK: usize = 8;

/// Whether one pass over so many points is worth several threads; if not, restarts are run in parallel instead.
pub(crate) fn fills_threads(n_points: usize) -> bool {
    n_points > 2 * BLOCK * BLOCKS_PER_TASK
}

/// Runs `work(start..end)` for every block of `0..n` and returns the results in the order of the blocks.
pub(crate) fn map_blocks<T: Send>(n: usize, work: impl Fn(Range<usize>) -> T + Sync) -> Vec<T> {
    (0..n.div_ceil(BLOCK))
        .into_par_iter()
        .with_min_len(BLOCKS_PER_TASK)
        .map(|block| work(block * BLOCK..((block + 1) * BLOCK).min(n)))
        .collect()
}

/// As [`map_blocks`] for results that are arrays of one length: the sums of the blocks, added in order.
pub(crate) fn sum_blocks(
    n: usize,
    width: usize,
    work: impl Fn(Range<usize>, &mut [f64]) + Sync,
) -> Vec<f64> {
    let mut sums = vec![0.0; width];
    let blocks = map_blocks(n, |range| {
        let mut block = vec![0.0; width];
        work(range, &mut block);
        block
    });
    for block in blocks {
        add(&mut sums, &block);
    }
    sums
}

/// A row-major table, filled block by block: `fill(rows, place)` writes the given rows to their place.
///
/// # Errors
/// [`Stopped`] when the stop token is set.
pub(crate) fn filled_rows(
    n_rows: usize,
    width: usize,
    fill: impl Fn(Range<usize>, &mut [f64]) + Sync,
    stop: &StopToken,
) -> Result<Vec<f64>, Stopped> {
    let mut table = vec![0.0; n_rows * width];
    if width > 0 {
        table
            .par_chunks_mut(BLOCK * width)
            .enumerate()
            .try_for_each(|(block, place)| {
                stop.poll()?;
                let first = block * BLOCK;
                fill(first..first + place.len() / width, place);
                Ok(())
            })?;
    }
    Ok(table)
}

/// Adds `terms` to `sums`, entry by entry.
pub(crate) fn add(sums: &mut [f64], terms: &[f64]) {
    for (sum, term) in sums.iter_mut().zip(terms) {
        *sum += term;
    }
}
