//! The clusters of one stage in slot order: centroid, size, representative, node.

use clientela_numerics::{StopToken, Stopped};

use super::arrangement::arrangement;
use super::key::{self, Key};
use super::lanes::{LANES, Lanes};
use super::start::Start;

/// Clusters by slot. A slot whose cluster was merged into another one is vacant: its centroid is not a number, so
/// that no comparison of a search holds for it.
///
/// `D` is the number of coordinates where it is known at compile time, else 0.
pub(super) struct Clusters<const D: usize> {
    width: usize,
    centroids: Vec<f64>,
    lanes: Lanes<D>,
    sizes: Vec<f64>,
    representatives: Vec<u32>,
    nodes: Vec<u32>,
    largest_squared_norm: f64,
}

impl<const D: usize> Clusters<D> {
    /// The clusters of the start, arranged.
    ///
    /// # Errors
    /// [`Stopped`] when asked to stop.
    pub fn new(start: Start, stop: &StopToken) -> Result<Self, Stopped> {
        let squared_norm = |row: &[f64]| row.iter().map(|x| x * x).sum::<f64>();
        let squared_norms = start.rows.chunks_exact(start.width).map(squared_norm);
        let all: Vec<u32> = (0..start.sizes.len() as u32).collect();
        let clusters = Self {
            width: start.width,
            largest_squared_norm: squared_norms.fold(0.0, f64::max),
            centroids: start.rows,
            lanes: Lanes::new(start.width, 0.0),
            sizes: start.sizes,
            representatives: start.representatives,
            nodes: start.nodes,
        };
        let order = arrangement(&clusters, &all, stop)?;
        clusters.arranged(&order, stop)
    }

    /// Number of slots, vacant ones included.
    pub fn n_slots(&self) -> usize {
        self.sizes.len()
    }

    /// Coordinates per centroid.
    pub fn width(&self) -> usize {
        if D == 0 { self.width } else { D }
    }

    /// Centroid of the cluster in a slot.
    pub fn centroid(&self, slot: u32) -> &[f64] {
        let width = self.width();
        &self.centroids[slot as usize * width..(slot as usize + 1) * width]
    }

    /// Samples of the cluster in a slot.
    pub fn size(&self, slot: u32) -> f64 {
        self.sizes[slot as usize]
    }

    /// Samples of the clusters of a leaf.
    pub fn sizes_of_leaf(&self, leaf: usize) -> &[f64; LANES] {
        self.sizes[leaf * LANES..][..LANES]
            .try_into()
            .expect("a whole leaf")
    }

    /// The transposed copy of the centroids.
    pub fn lanes(&self) -> &Lanes<D> {
        &self.lanes
    }

    /// Node of the tree that the cluster in a slot is.
    pub fn node(&self, slot: u32) -> u32 {
        self.nodes[slot as usize]
    }

    /// Whether the slot holds no cluster any more.
    pub fn is_vacant(&self, slot: u32) -> bool {
        self.centroid(slot)[0].is_nan()
    }

    fn squared_distance(&self, a: u32, b: u32) -> f64 {
        key::squared_distance::<D>(self.centroid(a), self.centroid(b))
    }

    /// Growth of the sum of squares by merging two clusters: `s·t/(s+t) · |c − c'|²`. Symmetric to the last bit.
    pub fn cost(&self, a: u32, b: u32) -> f64 {
        let (s, t) = (self.size(a), self.size(b));
        s * t / (s + t) * self.squared_distance(a, b)
    }

    /// Place of the pair in the order of merging, from its cost.
    pub fn key_at(&self, a: u32, b: u32, cost: f64) -> Key {
        Key {
            cost: key::rounded(cost),
            size: self.size(a) + self.size(b),
            tie: key::mixed(
                self.representatives[a as usize],
                self.representatives[b as usize],
            ),
        }
    }

    /// Place of the pair in the order of merging.
    pub fn key(&self, a: u32, b: u32) -> Key {
        self.key_at(a, b, self.cost(a, b))
    }

    /// The two slots, the one with the smaller representative first.
    pub fn in_order(&self, a: u32, b: u32) -> (u32, u32) {
        if self.representatives[a as usize] < self.representatives[b as usize] {
            (a, b)
        } else {
            (b, a)
        }
    }

    /// Puts the union into slot `kept` and vacates slot `gone`.
    pub fn merge(&mut self, kept: u32, gone: u32, node: u32) {
        let (first, second) = self.in_order(kept, gone);
        let (s, t) = (self.size(first), self.size(second));
        let width = self.width();
        let at = |slot: u32, j: usize| slot as usize * width + j;
        for j in 0..width {
            let sum = s * self.centroids[at(first, j)] + t * self.centroids[at(second, j)];
            self.centroids[at(kept, j)] = sum / (s + t);
            self.centroids[at(gone, j)] = f64::NAN;
        }
        self.lanes
            .set(gone, &self.centroids[at(gone, 0)..][..width]);
        self.lanes
            .set(kept, &self.centroids[at(kept, 0)..][..width]);
        self.sizes[kept as usize] = s + t;
        self.representatives[kept as usize] = self.representatives[first as usize];
        self.nodes[kept as usize] = node;
    }

    /// The clusters of the given slots, in that order, and vacant slots up to the end of a leaf.
    ///
    /// # Errors
    /// [`Stopped`] when asked to stop.
    pub fn arranged(&self, slots: &[u32], stop: &StopToken) -> Result<Self, Stopped> {
        let n_slots = slots.len().next_multiple_of(LANES);
        let mut centroids = Vec::with_capacity(n_slots * self.width());
        let mut lanes = Lanes::new(self.width(), self.largest_squared_norm);
        for leaf in slots.chunks(LANES) {
            stop.poll()?;
            let start = centroids.len();
            for &slot in leaf {
                centroids.extend_from_slice(self.centroid(slot));
            }
            lanes.push_leaf(&centroids[start..]);
        }
        centroids.resize(n_slots * self.width(), f64::NAN);
        Ok(Self {
            width: self.width,
            lanes,
            centroids,
            sizes: taken(&self.sizes, slots, 1.0, n_slots),
            representatives: taken(&self.representatives, slots, u32::MAX, n_slots),
            nodes: taken(&self.nodes, slots, u32::MAX, n_slots),
            largest_squared_norm: self.largest_squared_norm,
        })
    }
}

/// The values of the given slots, and a filling for the vacant ones after them.
fn taken<T: Copy>(values: &[T], slots: &[u32], vacant: T, n_slots: usize) -> Vec<T> {
    let mut taken: Vec<T> = slots.iter().map(|&slot| values[slot as usize]).collect();
    taken.resize(n_slots, vacant);
    taken
}
