//! Merges in the order of a key, where a merge can only come after those that make its children.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Items between two polls: about a millisecond.
const ITEMS_PER_POLL: usize = 8192;

/// Orders the items `0..n_items`: at every step the smallest key among those whose children came already.
///
/// Returns the order, and for each item its place in it.
///
/// # Errors
/// What `poll` returns, which is called now and then.
pub(super) fn available_first<K: Ord, E>(
    n_items: usize,
    key: impl Fn(usize) -> K,
    children: impl Fn(usize) -> [Option<usize>; 2],
    poll: impl Fn() -> Result<(), E>,
) -> Result<(Vec<u32>, Vec<u32>), E> {
    let mut parent_of = vec![u32::MAX; n_items];
    let mut n_missing = vec![0_u8; n_items];
    for (item, n_missing) in n_missing.iter_mut().enumerate() {
        if item.is_multiple_of(ITEMS_PER_POLL) {
            poll()?;
        }
        for child in children(item).into_iter().flatten() {
            parent_of[child] = item as u32;
            *n_missing += 1;
        }
    }
    let entry = |item: usize| Reverse((key(item), item as u32));
    let ready = (0..n_items).filter(|&item| n_missing[item] == 0);
    let mut heap: BinaryHeap<_> = ready.map(entry).collect();
    poll()?;
    let mut order = Vec::with_capacity(n_items);
    let mut place_of = vec![u32::MAX; n_items];
    while let Some(Reverse((_, item))) = heap.pop() {
        if order.len().is_multiple_of(ITEMS_PER_POLL) {
            poll()?;
        }
        place_of[item as usize] = order.len() as u32;
        order.push(item);
        let parent = parent_of[item as usize];
        if parent != u32::MAX {
            n_missing[parent as usize] -= 1;
            if n_missing[parent as usize] == 0 {
                heap.push(entry(parent as usize));
            }
        }
    }
    Ok((order, place_of))
}
