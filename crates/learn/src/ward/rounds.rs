//! Rounds of reciprocal nearest neighbors: search in parallel, merge one after the other.

use clientela_numerics::{StopToken, Stopped};
use rayon::prelude::*;

use super::Schedule;
use super::arrangement::arrangement;
use super::clusters::Clusters;
use super::kd_tree::{KdTree, Nearest};
use super::lanes::LANES;
use super::neighbors::Neighbors;
use super::record::Record;
use super::start::Start;

/// Searches of one round that are not worth another thread.
const PARALLEL_SEARCHES_MIN: usize = 32;

/// With so few clusters left a bound on the cost of the next merges saves nothing.
const LAYERED_CLUSTERS_MIN: usize = 64;

/// A layer ends at least so much higher than the one before.
const LAYER_GROWTH_MIN: f64 = 1.3;

/// Searches look so much further than the layer needs; the same speed from 2 to 16, slower without.
const CUTOFF_PER_LAYER: f64 = 4.0;

/// The state between two rounds.
struct Rounds<'a, const D: usize> {
    clusters: Clusters<D>,
    tree: KdTree<D>,
    neighbors: Neighbors,
    /// For a vacant slot, the slot into which its cluster went.
    moved_to: Vec<u32>,
    n_live: usize,
    /// Upper end of the layer of costs that is being worked on.
    layer: f64,
    n_points: usize,
    records: Vec<Record>,
    schedule: &'a Schedule,
    stop: &'a StopToken,
}

/// All merges of the start's clusters, in the order in which they were made.
pub(super) fn merge_all<const D: usize>(
    mut start: Start,
    n_points: usize,
    schedule: &Schedule,
    stop: &StopToken,
) -> Result<Vec<Record>, Stopped> {
    let n_clusters = start.sizes.len();
    let records = std::mem::take(&mut start.records);
    let clusters: Clusters<D> = Clusters::new(start, stop)?;
    let n_slots = clusters.n_slots();
    let mut rounds = Rounds {
        tree: KdTree::new(&clusters, stop)?,
        clusters,
        neighbors: Neighbors::unknown(n_slots),
        moved_to: (0..n_slots as u32).collect(),
        n_live: n_clusters,
        layer: if schedule.layers { 0.0 } else { f64::INFINITY },
        n_points,
        records,
        schedule,
        stop,
    };
    rounds.run()?;
    Ok(rounds.records)
}

impl<const D: usize> Rounds<'_, D> {
    /// Works through the layers until one cluster is left.
    fn run(&mut self) -> Result<(), Stopped> {
        let mut searching: Vec<u32> = self.live_slots().collect();
        let mut cutoff = f64::INFINITY;
        while self.n_live > 1 {
            assert!(
                !searching.is_empty(),
                "where all neighbors are known, the smallest key is reciprocal"
            );
            searching = self.round(&searching, cutoff)?;
            if searching.is_empty() {
                self.raise_layer();
                self.stop.poll()?;
                searching = self.waiting_in_layer();
            }
            cutoff = self.layer * CUTOFF_PER_LAYER;
        }
        Ok(())
    }

    /// Finds the neighbors of the given slots, merges what became reciprocal, and returns the slots of this layer
    /// whose neighbor changed.
    fn round(&mut self, searching: &[u32], cutoff: f64) -> Result<Vec<u32>, Stopped> {
        self.find_neighbors(searching, cutoff)?;
        let mut concerned = Vec::new();
        for (a, b) in self.reciprocal_pairs(searching) {
            self.stop.poll()?;
            self.merge(a, b, &mut concerned);
        }
        let n_slots = self.clusters.n_slots();
        let sparse = (self.n_live as f64) < self.schedule.live_share_min * n_slots as f64;
        if sparse && self.n_live + LANES <= n_slots {
            concerned = self.rebuild(&concerned)?;
        }
        Ok(concerned)
    }

    /// Finds the neighbors of the given slots, then notes them one after the other.
    fn find_neighbors(&mut self, searching: &[u32], cutoff: f64) -> Result<(), Stopped> {
        let find = |&slot: &u32| {
            let guess =
                Some(self.present(self.neighbors.guess(slot))).filter(|&guess| guess != slot);
            self.tree
                .nearest(&self.clusters, slot, guess, cutoff, self.stop)
        };
        let found: Vec<Nearest> = if searching.len() < PARALLEL_SEARCHES_MIN {
            searching.iter().map(find).collect()
        } else {
            searching
                .par_iter()
                .with_min_len(PARALLEL_SEARCHES_MIN / 2)
                .map(find)
                .collect()
        };
        self.stop.poll()?;
        let complete = cutoff.is_finite() || found.iter().all(|nearest| nearest.slot.is_some());
        assert!(complete, "two clusters or more, and no cutoff");
        for (&slot, nearest) in searching.iter().zip(&found) {
            self.stop.poll()?;
            self.note(slot, nearest);
        }
        Ok(())
    }

    /// Where the cluster of a slot is now.
    fn present(&self, mut slot: u32) -> u32 {
        while self.clusters.is_vacant(slot) {
            slot = self.moved_to[slot as usize];
        }
        slot
    }

    /// Notes the result of a search, and tells the neighbor where it gains by it.
    ///
    /// The neighbor gains only where a rounding made a union cheaper than its parts. With this step every cluster's
    /// key is at most that of any follower, whatever the rounding, so that the smallest key is always reciprocal.
    fn note(&mut self, slot: u32, nearest: &Nearest) {
        let cost = nearest.key.cost;
        let Some(neighbor) = nearest.slot else {
            self.neighbors.set_bound(slot, cost);
            return;
        };
        self.neighbors.set(slot, neighbor, cost);
        if cost > self.neighbors.cost(neighbor) {
            return;
        }
        match self.neighbors.known(neighbor) {
            Some(other) if nearest.key.precedes(&self.clusters.key(neighbor, other)) => {
                self.neighbors.set(neighbor, slot, cost);
            }
            Some(_) => {}
            None => self.neighbors.set_bound(neighbor, cost),
        }
    }

    /// Pairs that became reciprocal by the last searches, each once.
    fn reciprocal_pairs(&self, searched: &[u32]) -> Vec<(u32, u32)> {
        let known = |slot: u32| self.neighbors.known(slot);
        let mut pairs: Vec<(u32, u32)> = searched
            .iter()
            .filter_map(|&slot| known(slot).map(|neighbor| (slot, neighbor)))
            .filter(|&(slot, neighbor)| known(neighbor) == Some(slot))
            .map(|(slot, neighbor)| (slot.min(neighbor), slot.max(neighbor)))
            .collect();
        pairs.sort_unstable();
        pairs.dedup();
        pairs
    }

    /// Merges two clusters and adds to `concerned` the slots of this layer that have to look for another neighbor:
    /// the union and those whose neighbor was one of the two. What it cost them before is a lower bound now.
    fn merge(&mut self, a: u32, b: u32, concerned: &mut Vec<u32>) {
        let (first, second) = self.clusters.in_order(a, b);
        let cost = self.clusters.cost(first, second);
        let node = (self.n_points + self.records.len()) as u32;
        self.records.push(Record {
            left: self.clusters.node(first),
            right: self.clusters.node(second),
            key: self.clusters.key_at(first, second, cost),
            cost,
        });
        // In the slot of the larger one, whose box then grows least.
        let (kept, gone) = if self.clusters.size(b) > self.clusters.size(a) {
            (b, a)
        } else {
            (a, b)
        };
        self.clusters.merge(kept, gone, node);
        self.tree.widen(&self.clusters, kept);
        self.moved_to[gone as usize] = kept;
        self.n_live -= 1;
        for neighbor in [kept, gone] {
            while let Some(follower) = self.neighbors.pop_follower(neighbor, kept) {
                if follower != gone && self.neighbors.cost(follower) <= self.layer {
                    concerned.push(follower);
                }
            }
        }
    }

    /// Leaves vacant slots behind and arranges the others anew. Returns the new places of `concerned`.
    fn rebuild(&mut self, concerned: &[u32]) -> Result<Vec<u32>, Stopped> {
        let live: Vec<u32> = self.live_slots().collect();
        let order = arrangement(&self.clusters, &live, self.stop)?;
        let mut place_of = vec![u32::MAX; self.clusters.n_slots()];
        for (new, &old) in order.iter().enumerate() {
            place_of[old as usize] = new as u32;
        }
        let arranged = self.clusters.arranged(&order, self.stop)?;
        let n_slots = arranged.n_slots();
        let place = |slot: u32| place_of[self.present(slot) as usize];
        let neighbors = self
            .neighbors
            .rearranged(&order, n_slots, place, self.stop)?;
        let concerned = concerned.iter().map(|&slot| place(slot)).collect();
        self.tree = KdTree::new(&arranged, self.stop)?;
        self.clusters = arranged;
        self.neighbors = neighbors;
        self.moved_to = (0..n_slots as u32).collect();
        Ok(concerned)
    }

    fn live_slots(&self) -> impl Iterator<Item = u32> {
        (0..self.clusters.n_slots() as u32).filter(|&slot| !self.clusters.is_vacant(slot))
    }

    /// Live slots whose neighbor is not known.
    fn waiting(&self) -> impl Iterator<Item = u32> {
        self.live_slots()
            .filter(|&slot| self.neighbors.known(slot).is_none())
    }

    fn waiting_in_layer(&self) -> Vec<u32> {
        self.waiting()
            .filter(|&slot| self.neighbors.cost(slot) <= self.layer)
            .collect()
    }

    /// The next layer ends at the median of the lower bounds.
    fn raise_layer(&mut self) {
        let mut bounds: Vec<f64> = self
            .waiting()
            .map(|slot| self.neighbors.cost(slot))
            .collect();
        self.layer = if self.n_live <= LAYERED_CLUSTERS_MIN || bounds.is_empty() {
            f64::INFINITY
        } else {
            let middle = bounds.len() / 2;
            let (_, median, _) = bounds.select_nth_unstable_by(middle, f64::total_cmp);
            median.max(LAYER_GROWTH_MIN * self.layer)
        };
    }
}
