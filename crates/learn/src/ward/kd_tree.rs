//! A balanced k-d tree over the leaves of [`Clusters`]: which cluster is cheapest to merge with a given one.
//!
//! The tree has no pointers. Level `l` has `2^l` nodes; node `j` of it covers the leaves from `j·n >> l` up to
//! `(j + 1)·n >> l`, and its number is `2^l + j`, so that the children of node `i` are `2i` and `2i + 1`. At the
//! bottom a node has one leaf or none. Each node has a box around its centroids and the smallest size in it. Neither
//! the splits nor the order of the slots decide anything: a search returns the smallest key, whatever the tree.

use clientela_numerics::{StopToken, Stopped};

use super::clusters::Clusters;
use super::key::Key;
use super::lanes::{LANES, Lanes, Viewpoint};

/// Leaves looked at between two looks at the stop token: under a millisecond for any reasonable number of features.
const LEAVES_PER_POLL: u32 = 256;

/// Levels never exceed the bits of a slot number.
const LEVELS_MAX: usize = 33;

/// Boxes and smallest sizes over the leaves of [`Clusters`].
///
/// Both children of a node are kept together, so that a search computes with the two at once.
pub(super) struct KdTree<const D: usize> {
    n_leaves: usize,
    levels: u32,
    /// By parent (0 for the root's own), then by feature.
    intervals: Vec<Intervals>,
    /// By parent: the smallest sizes in its children.
    min_sizes: Vec<[f64; 2]>,
}

/// The extent of two sibling boxes along one feature.
#[derive(Clone, Copy, Debug)]
struct Intervals {
    lower: [f64; 2],
    upper: [f64; 2],
}

impl Intervals {
    const EMPTY: Self = Self {
        lower: [f64::INFINITY; 2],
        upper: [f64::NEG_INFINITY; 2],
    };

    /// Makes room for an interval on one side; whether there was none.
    fn include(&mut self, side: usize, lower: f64, upper: f64) -> bool {
        let grows = lower < self.lower[side] || upper > self.upper[side];
        self.lower[side] = self.lower[side].min(lower);
        self.upper[side] = self.upper[side].max(upper);
        grows
    }
}

/// What a search found.
#[derive(Clone, Copy, Debug)]
pub(super) struct Nearest {
    /// Slot of the neighbor; none where all others cost more than the cutoff.
    pub slot: Option<u32>,
    /// Key of the pair, or the last key within the cutoff.
    pub key: Key,
}

/// Levels below the root, so that a node of the last one has at most one leaf.
pub(super) fn levels_over(n_leaves: usize) -> u32 {
    n_leaves.next_power_of_two().trailing_zeros()
}

/// Leaves of a node: from, and up to.
pub(super) fn leaves_of(node: usize, n_leaves: usize) -> (usize, usize) {
    let level = node.ilog2();
    let j = node - (1 << level);
    ((j * n_leaves) >> level, ((j + 1) * n_leaves) >> level)
}

impl<const D: usize> KdTree<D> {
    /// The tree over clusters in a compact arrangement.
    ///
    /// # Errors
    /// [`Stopped`] when asked to stop.
    pub fn new(clusters: &Clusters<D>, stop: &StopToken) -> Result<Self, Stopped> {
        let n_leaves = clusters.n_slots() / LANES;
        let levels = levels_over(n_leaves);
        let n_parents = 1_usize << levels;
        let mut tree = Self {
            n_leaves,
            levels,
            intervals: vec![Intervals::EMPTY; n_parents * clusters.width()],
            min_sizes: vec![[f64::INFINITY; 2]; n_parents],
        };
        for node in (1..2 * n_parents).rev() {
            stop.poll()?;
            tree.enclose(clusters, node);
        }
        Ok(tree)
    }

    /// Box and smallest size of a node from its clusters or its children.
    fn enclose(&mut self, clusters: &Clusters<D>, node: usize) {
        let width = clusters.width();
        let (parent, side) = (node / 2, node % 2);
        if node >> self.levels == 1 {
            let (from, to) = leaves_of(node, self.n_leaves);
            let slots = (from * LANES) as u32..(to * LANES) as u32;
            for slot in slots.filter(|&slot| !clusters.is_vacant(slot)) {
                self.include(parent, side, clusters.centroid(slot));
                let min_size = &mut self.min_sizes[parent][side];
                *min_size = min_size.min(clusters.size(slot));
            }
        } else {
            let (above, below) = self.intervals.split_at_mut(node * width);
            for (interval, of_children) in above[parent * width..].iter_mut().zip(&below[..width]) {
                let Intervals { lower, upper } = of_children;
                interval.include(side, lower[0].min(lower[1]), upper[0].max(upper[1]));
            }
            let [left, right] = self.min_sizes[node];
            self.min_sizes[parent][side] = left.min(right);
        }
    }

    /// Makes room for a centroid in a box; whether there was none.
    fn include(&mut self, parent: usize, side: usize, centroid: &[f64]) -> bool {
        let width = centroid.len();
        let intervals = self.intervals[parent * width..].iter_mut().zip(centroid);
        intervals.fold(false, |grew, (interval, &x)| {
            interval.include(side, x, x) || grew
        })
    }

    /// Widens the boxes above a slot around its new centroid. The smallest sizes stay: sizes only grow.
    pub fn widen(&mut self, clusters: &Clusters<D>, slot: u32) {
        let mut node = self.node_of(slot as usize / LANES);
        while node > 1 && self.include(node / 2, node % 2, clusters.centroid(slot)) {
            node /= 2;
        }
    }

    /// Node at the bottom that has a leaf: the last one that starts at or before it.
    fn node_of(&self, leaf: usize) -> usize {
        let n_nodes = 1_usize << self.levels;
        n_nodes + ((leaf + 1) * n_nodes - 1) / self.n_leaves
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
        // Thousands of searches may still be waiting when a stop is asked for: they return at once.
        if stop.is_stopped() {
            return search.best;
        }
        if let Some(guess) = guess {
            search.consider(guess);
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
                if n_leaves % LEAVES_PER_POLL == LEAVES_PER_POLL - 1 && stop.is_stopped() {
                    break;
                }
                n_leaves += 1;
                search.scan(
                    leaves_of(node, self.n_leaves).0,
                    self.min_sizes[node / 2][node % 2],
                );
            }
        }
        search.best
    }

    /// The children of a node with a lower bound of the cost, the nearer one first.
    ///
    /// Nothing in a node costs less than its bound, up to a rounding far below the slack of [`Key::reach`]. For a
    /// node without leaves it is not a number, which no comparison lets through.
    #[inline(always)]
    fn children(&self, search: &Search<'_, D>, node: usize) -> ((usize, f64), (usize, f64)) {
        let width = search.clusters.width();
        let intervals = &self.intervals[node * width..][..width];
        let mut squared = [0.0; 2];
        for (Intervals { lower, upper }, x) in intervals.iter().zip(&search.centroid[..width]) {
            for side in 0..2 {
                let gap = larger(larger(lower[side] - x, x - upper[side]), 0.0);
                squared[side] += gap * gap;
            }
        }
        let bound = |side: usize| {
            let (s, m) = (search.size, self.min_sizes[node][side]);
            s * m / (s + m) * squared[side]
        };
        let (left, right) = ((2 * node, bound(0)), (2 * node + 1, bound(1)));
        if right.1 < left.1 {
            (right, left)
        } else {
            (left, right)
        }
    }
}

/// The larger of two numbers that are numbers: one instruction, unlike [`f64::max`].
#[inline(always)]
fn larger(a: f64, b: f64) -> f64 {
    if a > b { a } else { b }
}

/// One search under way.
struct Search<'a, const D: usize> {
    clusters: &'a Clusters<D>,
    of: u32,
    centroid: &'a [f64],
    viewpoint: Viewpoint<D>,
    size: f64,
    best: Nearest,
    /// Costs above this cannot improve on the best.
    reach: f64,
}

impl<'a, const D: usize> Search<'a, D> {
    fn new(clusters: &'a Clusters<D>, of: u32, cutoff: f64) -> Self {
        let key = Key::last_within(cutoff);
        let centroid = clusters.centroid(of);
        Self {
            clusters,
            of,
            centroid,
            viewpoint: Lanes::viewpoint(centroid),
            size: clusters.size(of),
            best: Nearest { slot: None, key },
            reach: key.reach(),
        }
    }

    /// Looks at the clusters of a leaf, none smaller than `min_size`, that may be nearer than the best.
    #[inline(always)]
    fn scan(&mut self, leaf: usize, min_size: f64) {
        let (s, m) = (self.size, min_size);
        let limit = self.reach * (s + m) / (s * m);
        let Some(squared) = self
            .clusters
            .lanes()
            .squared_distances(leaf, &self.viewpoint, limit)
        else {
            return;
        };
        let sizes = self.clusters.sizes_of_leaf(leaf);
        let mut hits = 0_u32;
        for lane in 0..LANES {
            let t = sizes[lane];
            hits |= u32::from(s * t * squared[lane] <= self.reach * (s + t)) << lane;
        }
        while hits != 0 {
            self.consider((leaf * LANES) as u32 + hits.trailing_zeros());
            hits &= hits - 1;
        }
    }

    fn consider(&mut self, slot: u32) {
        if slot == self.of {
            return;
        }
        let key = self.clusters.key(self.of, slot);
        if key.precedes(&self.best.key) {
            self.best = Nearest {
                slot: Some(slot),
                key,
            };
            self.reach = key.reach();
        }
    }
}
