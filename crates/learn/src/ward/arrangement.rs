//! An order of the slots in which every node of the k-d tree is compact.

use clientela_numerics::{StopToken, Stopped};

use super::clusters::Clusters;
use super::kd_tree::{leaves_of, levels_over};
use super::lanes::LANES;

/// Below this many slots a subtree is arranged without asking for another thread.
const PARALLEL_SLOTS_MIN: usize = 4096;

/// Slots looked at between two looks at the stop token.
const SLOTS_PER_POLL: usize = 4096;

/// The given slots in an order that keeps near clusters in the same leaves.
///
/// # Errors
/// [`Stopped`] when asked to stop.
pub(super) fn arrangement<const D: usize>(
    clusters: &Clusters<D>,
    slots: &[u32],
    stop: &StopToken,
) -> Result<Vec<u32>, Stopped> {
    let n_leaves = slots.len().div_ceil(LANES);
    let split = Split {
        clusters,
        n_leaves,
        levels: levels_over(n_leaves),
        stop,
    };
    let mut entries: Vec<(f64, u32)> = slots.iter().map(|&slot| (0.0, slot)).collect();
    split.arrange(&mut entries, 1)?;
    Ok(entries.into_iter().map(|(_, slot)| slot).collect())
}

/// What stays the same while the slots are split.
struct Split<'a, const D: usize> {
    clusters: &'a Clusters<D>,
    n_leaves: usize,
    levels: u32,
    stop: &'a StopToken,
}

impl<const D: usize> Split<'_, D> {
    /// Orders the entries of a node: each half has its own side of the feature that varies most.
    fn arrange(&self, entries: &mut [(f64, u32)], node: usize) -> Result<(), Stopped> {
        self.stop.poll()?;
        if node >> self.levels == 1 {
            return Ok(());
        }
        let (from, _) = leaves_of(node, self.n_leaves);
        let (middle, _) = leaves_of(2 * node + 1, self.n_leaves);
        let half = (middle - from) * LANES;
        if half > 0 && half < entries.len() {
            let feature = self.most_varied_feature(entries)?;
            for entries in entries.chunks_mut(SLOTS_PER_POLL) {
                self.stop.poll()?;
                for (value, slot) in entries {
                    *value = self.clusters.centroid(*slot)[feature];
                }
            }
            entries.select_nth_unstable_by(half, |a, b| a.0.total_cmp(&b.0));
        }
        let (left, right) = entries.split_at_mut(half.min(entries.len()));
        if left.len() < PARALLEL_SLOTS_MIN {
            self.arrange(left, 2 * node)?;
            self.arrange(right, 2 * node + 1)
        } else {
            let (left, right) = rayon::join(
                || self.arrange(left, 2 * node),
                || self.arrange(right, 2 * node + 1),
            );
            left.and(right)
        }
    }

    fn most_varied_feature(&self, entries: &[(f64, u32)]) -> Result<usize, Stopped> {
        let width = self.clusters.width();
        let origin = &self.clusters.centroid(entries[0].1)[..width];
        let mut sums = vec![[0.0; 2]; width];
        for entries in entries.chunks(SLOTS_PER_POLL) {
            self.stop.poll()?;
            for &(_, slot) in entries {
                let centroid = &self.clusters.centroid(slot)[..width];
                for ((sum, x), o) in sums.iter_mut().zip(centroid).zip(origin) {
                    sum[0] += x - o;
                    sum[1] += (x - o) * (x - o);
                }
            }
        }
        let n = entries.len() as f64;
        let variance = |j: usize| sums[j][1] - sums[j][0] * sums[j][0] / n;
        Ok((1..width).fold(0, |most, j| {
            if variance(j) > variance(most) {
                j
            } else {
                most
            }
        }))
    }
}
