//! One merge as it was made, and the canonical order of all merges.

use clientela_numerics::{StopToken, Stopped};

use super::available::available_first;
use super::key::Key;

/// A merge; the record at position `i` makes node `n_points + i`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Record {
    /// The child with the smaller representative.
    pub left: u32,
    /// The other child.
    pub right: u32,
    /// Its place in the order of merging.
    pub key: Key,
    /// Growth of the sum of squares, not rounded, in squared units of the scaled rows.
    pub cost: f64,
}

impl Record {
    /// A merge of a point into those at the same place: before all merges that cost something, by the point's rank.
    pub fn coinciding(left: u32, point: u32) -> Self {
        let key = Key {
            cost: 0.0,
            size: 0.0,
            tie: u64::from(point),
        };
        Self {
            left,
            right: point,
            key,
            cost: 0.0,
        }
    }
}

/// The records as the sequential greedy algorithm makes them: at every step the smallest key among the merges whose
/// children exist. Node numbers follow the new positions.
///
/// # Errors
/// [`Stopped`] when asked to stop.
pub(super) fn in_greedy_order(
    records: &[Record],
    n_points: usize,
    stop: &StopToken,
) -> Result<Vec<Record>, Stopped> {
    let position = |node: u32| (node as usize).checked_sub(n_points);
    let (order, place_of) = available_first(
        records.len(),
        |i| records[i].key.sortable(),
        |i| [records[i].left, records[i].right].map(position),
        || stop.poll(),
    )?;
    let renumbered = |node: u32| position(node).map_or(node, |i| n_points as u32 + place_of[i]);
    let moved = |&i: &u32| {
        stop.poll()?;
        let record = records[i as usize];
        Ok(Record {
            left: renumbered(record.left),
            right: renumbered(record.right),
            ..record
        })
    };
    order.iter().map(moved).collect()
}
