//! A balanced k-d tree over the slots: which cluster is cheapest to merge with a given one.
//!
//! The tree has no pointers. Level `l` has `2^l` nodes; node `j` of it covers the slots from `j·n >> l` up to
//! `(j + 1)·n >> l`, and its number is `2^l + j`, so that the children of node `i` are `2i` and `2i + 1`. Each node
//! has a box around its centroids and the smallest size in it. Neither the splits nor the order of the slots decide
//! anything: a search returns the smallest key, whatever the tree looks like.

use clientela_numerics::StopToken;

use super::clusters::Clusters;
use super::key::{self, Key};

/// Below this many slots a subtree is arranged without asking for another thread.
const PARALLEL_SLOTS_MIN: usize = 4096;

/// Leaves looked at between two looks at the stop token: under a millisecond for any reasonable number of features.
const LEAVES_PER_POLL: u32 = 256;

/// Levels never exceed the bits of a slot number.
const LEVELS_MAX: usize = 33;

/// Boxes and smallest sizes over the slots of [`Clusters`].
pub(super) struct KdTree<const D: usize> {
    n_slots: usize,
    levels: u32,
    /// Per node the lower corner, then the upper one.
    boxes: Vec<f64>,
    min_sizes: Vec<f64>,
}

/// What a search found.
#[derive(Clone, Copy, Debug)]
pub(super) struct Nearest {
    /// Slot of the neighbor; none where all others cost more than the cutoff.
    pub slot: Option<u32>,
    /// Key of the pair, or the last key within the cutoff.
    pub key: Key,
}

impl<const D: usize> KdTree<D> {
    /// Number of levels below the root, so that no leaf holds more than `leaf_slots`.
    pub fn levels_for(n_slots: usize, leaf_slots: usize) -> u32 {
        n_slots
            .div_ceil(leaf_slots)
            .next_power_of_two()
            .trailing_zeros()
    }

    /// An order of the given slots in which each node of a tree of so many levels is compact.
    pub fn arrangement(
        clusters: &Clusters<D>,
        slots: &[u32],
        levels: u32,
        stop: &StopToken,
    ) -> Vec<u32> {
        let mut entries: Vec<(f64, u32)> = slots.iter().map(|&slot| (0.0, slot)).collect();
        let split = Split {
            n_slots: slots.len(),
            levels,
            stop,
        };
        arrange(clusters, &mut entries, 1, &split);
        entries.into_iter().map(|(_, slot)| slot).collect()
    }

    /// The tree over all slots, none of them vacant, in the order of [`KdTree::arrangement`].
    pub fn new(clusters: &Clusters<D>, levels: u32) -> Self {
        let width = clusters.width();
        let n_nodes = 2_usize << levels;
        let mut tree = Self {
            n_slots: clusters.n_slots(),
            levels,
            boxes: vec![0.0; n_nodes * 2 * width],
            min_sizes: vec![f64::INFINITY; n_nodes],
        };
        for node in (1..n_nodes).rev() {
            tree.enclose(clusters, node);
        }
        tree
    }

    /// Box and smallest size of a node from its slots or its children.
    fn enclose(&mut self, clusters: &Clusters<D>, node: usize) {
        let width = clusters.width();
        let (above, below) = self.boxes.split_at_mut((node + 1) * 2 * width);
        let (lower, upper) = above[node * 2 * width..].split_at_mut(width);
        lower.fill(f64::INFINITY);
        upper.fill(f64::NEG_INFINITY);
        let mut include = |low: &[f64], high: &[f64]| {
            for j in 0..width {
                lower[j] = lower[j].min(low[j]);
                upper[j] = upper[j].max(high[j]);
            }
        };
        if node >> self.levels == 1 {
            let (from, to) = slot_range(self.n_slots, node);
            for slot in from..to {
                include(clusters.centroid(slot), clusters.centroid(slot));
                self.min_sizes[node] = self.min_sizes[node].min(clusters.size(slot));
            }
        } else {
            for child in [2 * node, 2 * node + 1] {
                let corners = &below[(child - node - 1) * 2 * width..][..2 * width];
                include(&corners[..width], &corners[width..]);
                self.min_sizes[node] = self.min_sizes[node].min(self.min_sizes[child]);
            }
        }
    }

    /// Widens the boxes above a slot around its new centroid. The smallest sizes stay: sizes only grow.
    pub fn widen(&mut self, clusters: &Clusters<D>, slot: u32) {
        let width = clusters.width();
        let centroid = clusters.centroid(slot);
        let mut node = self.leaf_of(slot);
        while node > 0 {
            let (lower, upper) =
                self.boxes[node * 2 * width..(node + 1) * 2 * width].split_at_mut(width);
            let mut grew = false;
            for j in 0..width {
                grew |= centroid[j] < lower[j] || centroid[j] > upper[j];
                lower[j] = lower[j].min(centroid[j]);
                upper[j] = upper[j].max(centroid[j]);
            }
            if !grew {
                return;
            }
            node /= 2;
        }
    }

    /// Leaf that holds a slot: the last one that starts at or before it.
    fn leaf_of(&self, slot: u32) -> usize {
        let n_leaves = 1_usize << self.levels;
        n_leaves + ((slot as usize + 1) * n_leaves - 1) / self.n_slots
    }

    /// The cluster whose pair with the one in slot `of` has the smallest key, if that costs no more than `cutoff`.
    ///
    /// `guess`, the slot of a cluster that may well be the answer, only makes it faster.
    pub fn nearest(
        &self,
        clusters: &Clusters<D>,
        of: u32,
        guess: Option<u32>,
        cutoff: f64,
        stop: &StopToken,
    ) -> Nearest {
        let mut search = Search::new(clusters, of, cutoff);
        if let Some(guess) = guess {
            search.consider(guess, clusters.squared_distance(of, guess));
        }
        let mut waiting = [(0_usize, 0.0_f64); LEVELS_MAX];
        waiting[0] = (1, 0.0);
        let mut n_waiting = 1;
        let mut n_leaves = 0_u32;
        while n_waiting > 0 {
            n_waiting -= 1;
            let (mut node, mut bound) = waiting[n_waiting];
            while bound <= search.reach && node >> self.levels == 0 {
                let (near, far) = self.children(&search, node);
                waiting[n_waiting] = far;
                n_waiting += 1;
                (node, bound) = near;
            }
            if bound <= search.reach {
                let (from, to) = slot_range(self.n_slots, node);
                search.scan(from, to);
                n_leaves += 1;
                if n_leaves.is_multiple_of(LEAVES_PER_POLL) && stop.is_stopped() {
                    break;
                }
            }
        }
        search.best
    }

    /// The children of a node with a lower bound of the cost, the nearer one first.
    fn children(&self, search: &Search<'_, D>, node: usize) -> ((usize, f64), (usize, f64)) {
        let left = (2 * node, self.bound(search, 2 * node));
        let right = (2 * node + 1, self.bound(search, 2 * node + 1));
        if right.1 < left.1 {
            (right, left)
        } else {
            (left, right)
        }
    }

    /// Nothing in the node costs less (up to a rounding far below the slack of [`Key::reach`]).
    fn bound(&self, search: &Search<'_, D>, node: usize) -> f64 {
        let width = search.clusters.width();
        let (lower, upper) = self.boxes[node * 2 * width..(node + 1) * 2 * width].split_at(width);
        let centroid = &search.centroid[..width];
        let gap = |j: usize| {
            (lower[j] - centroid[j])
                .max(centroid[j] - upper[j])
                .max(0.0)
        };
        let (s, m) = (search.size, self.min_sizes[node]);
        s * m / (s + m) * key::sum_of_squares::<D>(width, gap)
    }
}

/// What stays the same while a tree is split.
struct Split<'a> {
    n_slots: usize,
    levels: u32,
    stop: &'a StopToken,
}

/// Slots of a node: from, and up to.
fn slot_range(n_slots: usize, node: usize) -> (u32, u32) {
    let level = node.ilog2();
    let j = node - (1 << level);
    (
        ((j * n_slots) >> level) as u32,
        (((j + 1) * n_slots) >> level) as u32,
    )
}

/// One search under way.
struct Search<'a, const D: usize> {
    clusters: &'a Clusters<D>,
    of: u32,
    centroid: &'a [f64],
    size: f64,
    best: Nearest,
    /// Costs above this cannot improve on the best.
    reach: f64,
}

impl<'a, const D: usize> Search<'a, D> {
    fn new(clusters: &'a Clusters<D>, of: u32, cutoff: f64) -> Self {
        let key = Key::last_within(cutoff);
        Self {
            clusters,
            of,
            centroid: clusters.centroid(of),
            size: clusters.size(of),
            best: Nearest { slot: None, key },
            reach: key.reach(),
        }
    }

    /// Looks at every slot of a leaf. The division is left to the few that may be nearest.
    fn scan(&mut self, from: u32, to: u32) {
        for slot in from..to {
            let squared = key::squared_distance::<D>(self.centroid, self.clusters.centroid(slot));
            let t = self.clusters.size(slot);
            if self.size * t * squared <= self.reach * (self.size + t) {
                self.consider(slot, squared);
            }
        }
    }

    fn consider(&mut self, slot: u32, squared: f64) {
        if slot == self.of {
            return;
        }
        let t = self.clusters.size(slot);
        let key = self
            .clusters
            .key_at(self.of, slot, self.size * t / (self.size + t) * squared);
        if key.precedes(&self.best.key) {
            self.best = Nearest {
                slot: Some(slot),
                key,
            };
            self.reach = key.reach();
        }
    }
}

/// Orders the entries below a node so that both halves are compact: split at the middle of the widest feature.
fn arrange<const D: usize>(
    clusters: &Clusters<D>,
    entries: &mut [(f64, u32)],
    node: usize,
    split: &Split<'_>,
) {
    if node >> split.levels == 1 || split.stop.is_stopped() {
        return;
    }
    let feature = widest_feature(clusters, entries);
    for (value, slot) in entries.iter_mut() {
        *value = clusters.centroid(*slot)[feature];
    }
    let (from, _) = slot_range(split.n_slots, node);
    let (middle, _) = slot_range(split.n_slots, 2 * node + 1);
    let half = (middle - from) as usize;
    if half < entries.len() {
        entries.select_nth_unstable_by(half, |a, b| a.0.total_cmp(&b.0));
    }
    let (left, right) = entries.split_at_mut(half);
    if left.len() < PARALLEL_SLOTS_MIN {
        arrange(clusters, left, 2 * node, split);
        arrange(clusters, right, 2 * node + 1, split);
    } else {
        rayon::join(
            || arrange(clusters, left, 2 * node, split),
            || arrange(clusters, right, 2 * node + 1, split),
        );
    }
}

fn widest_feature<const D: usize>(clusters: &Clusters<D>, entries: &[(f64, u32)]) -> usize {
    let width = clusters.width();
    let mut lower = clusters.centroid(entries[0].1).to_vec();
    let mut upper = lower.clone();
    for &(_, slot) in entries {
        let centroid = &clusters.centroid(slot)[..width];
        for j in 0..width {
            lower[j] = lower[j].min(centroid[j]);
            upper[j] = upper[j].max(centroid[j]);
        }
    }
    let extent = |j: usize| upper[j] - lower[j];
    (1..width).fold(0, |widest, j| {
        if extent(j) > extent(widest) {
            j
        } else {
            widest
        }
    })
}
