//! Sorting that can be stopped: in blocks, which are then merged in pairs.

use std::cmp::Ordering;

use clientela_numerics::{StopToken, Stopped};
use rayon::prelude::*;

/// Indices sorted or merged between two looks at the stop token: a few milliseconds, whatever the comparison reads.
const BLOCK: usize = 8192;

/// The indices `0..n` in the order of `compare`; equal ones stay in ascending order.
///
/// # Errors
/// [`Stopped`] when the stop token is set.
pub(crate) fn sorted_indices(
    n: usize,
    compare: impl Fn(u32, u32) -> Ordering + Sync,
    stop: &StopToken,
) -> Result<Vec<u32>, Stopped> {
    let mut order: Vec<u32> = (0..n as u32).collect();
    order.par_chunks_mut(BLOCK).try_for_each(|block| {
        stop.poll()?;
        block.sort_unstable_by(|&a, &b| compare(a, b).then(a.cmp(&b)));
        Ok(())
    })?;
    let mut merged = vec![0; n];
    let mut width = BLOCK;
    while width < n {
        let pairs = order.par_chunks(2 * width);
        pairs
            .zip(merged.par_chunks_mut(2 * width))
            .try_for_each(|(pair, merged)| {
                let (left, right) = pair.split_at(width.min(pair.len()));
                merge(left, right, merged, &compare, stop)
            })?;
        std::mem::swap(&mut order, &mut merged);
        width *= 2;
    }
    Ok(order)
}

/// Merges two sorted runs; of equal indices those of the left run come first, which are the lower ones.
fn merge<'a>(
    mut left: &'a [u32],
    mut right: &'a [u32],
    merged: &mut [u32],
    compare: impl Fn(u32, u32) -> Ordering,
    stop: &StopToken,
) -> Result<(), Stopped> {
    for block in merged.chunks_mut(BLOCK) {
        stop.poll()?;
        for place in block {
            let from = match (left.first(), right.first()) {
                (Some(&a), Some(&b)) if compare(b, a).is_lt() => &mut right,
                (Some(_), _) => &mut left,
                (None, _) => &mut right,
            };
            (*place, *from) = (from[0], &from[1..]);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clientela_numerics::RandomStream;

    #[test]
    fn blocks_and_their_merges_give_the_order_of_one_stable_sort() {
        let mut stream = RandomStream::new(1, "keys", 0);
        for n in [0, 1, BLOCK, BLOCK + 1, 5 * BLOCK + 17] {
            let keys: Vec<u64> = (0..n).map(|_| stream.below(1 + n as u64 / 3)).collect();
            let compare = |a: u32, b: u32| keys[a as usize].cmp(&keys[b as usize]);
            let mut expected: Vec<u32> = (0..n as u32).collect();
            expected.sort_by(|&a, &b| compare(a, b));
            let found = sorted_indices(n, compare, &StopToken::new());
            assert_eq!(found, Ok(expected), "{n} keys");
        }
    }

    #[test]
    fn a_set_stop_token_stops() {
        let stop = StopToken::new();
        stop.stop();
        assert_eq!(sorted_indices(3, |a, b| a.cmp(&b), &stop), Err(Stopped));
    }
}
