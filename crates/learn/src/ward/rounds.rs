//! Rounds of reciprocal nearest neighbors: search in parallel, merge one after the other.

use clientela_numerics::{StopToken, Stopped};
use rayon::prelude::*;

use super::Schedule;
use super::clusters::Clusters;
use super::followers::Followers;
use super::kd_tree::{KdTree, Nearest};
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

/// What is known about the nearest neighbor of a slot.
#[derive(Clone, Copy, Debug)]
enum Neighbor {
    /// This slot has the smallest key.
    Known(u32),
    /// It has to be searched for; this slot (perhaps vacant by now) is a good guess.
    Guess(u32),
}

/// The state between two rounds.
struct Rounds<'a, const D: usize> {
    clusters: Clusters<D>,
    tree: KdTree<D>,
    neighbors: Vec<Neighbor>,
    /// Rounded cost of merging with the neighbor: exact where it is known, else a lower bound.
    costs: Vec<f64>,
    followers: Followers,
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
    start: Start,
    n_points: usize,
    schedule: &Schedule,
    stop: &StopToken,
) -> Result<Vec<Record>, Stopped> {
    let n_clusters = start.sizes.len();
    let clusters: Clusters<D> = Clusters::new(
        start.width,
        start.rows,
        start.sizes,
        start.representatives,
        start.nodes,
    );
    let all: Vec<u32> = (0..n_clusters as u32).collect();
    let levels = KdTree::<D>::levels_for(n_clusters, schedule.leaf_slots);
    let clusters = clusters.arranged(&KdTree::arrangement(&clusters, &all, levels, stop));
    let mut rounds = Rounds {
        tree: KdTree::new(&clusters, levels),
        clusters,
        neighbors: (0..n_clusters as u32).map(Neighbor::Guess).collect(),
        costs: vec![0.0; n_clusters],
        followers: Followers::new(n_clusters),
        moved_to: all.clone(),
        n_live: n_clusters,
        layer: if schedule.layers { 0.0 } else { f64::INFINITY },
        n_points,
        records: start.records,
        schedule,
        stop,
    };
    rounds.run(&all)?;
    Ok(rounds.records)
}

impl<const D: usize> Rounds<'_, D> {
    /// Works through the layers until one cluster is left.
    fn run(&mut self, all: &[u32]) -> Result<(), Stopped> {
        let mut searching = self.round(all, f64::INFINITY)?;
        while self.n_live > 1 {
            if searching.is_empty() {
                self.raise_layer();
                searching = self.waiting_in_layer();
                assert!(
                    !searching.is_empty(),
                    "where all neighbors are known, the smallest key was merged"
                );
            }
            searching = self.round(&searching, self.layer * CUTOFF_PER_LAYER)?;
        }
        Ok(())
    }

    /// Finds the neighbors of the given slots, merges what became reciprocal, and returns the slots of this layer
    /// whose neighbor changed.
    fn round(&mut self, searching: &[u32], cutoff: f64) -> Result<Vec<u32>, Stopped> {
        self.find_neighbors(searching, cutoff)?;
        let mut concerned = Vec::new();
        for (a, b) in self.reciprocal_pairs(searching) {
            self.merge(a, b, &mut concerned);
        }
        if (self.n_live as f64) < self.schedule.live_share_min * self.clusters.n_slots() as f64 {
            concerned = self.rebuild(&concerned);
        }
        Ok(concerned)
    }

    /// Finds the neighbors of the given slots, then notes them one after the other.
    fn find_neighbors(&mut self, searching: &[u32], cutoff: f64) -> Result<(), Stopped> {
        let find = |&slot: &u32| {
            let guess = match self.neighbors[slot as usize] {
                Neighbor::Guess(guess) => Some(self.present(guess)).filter(|&guess| guess != slot),
                Neighbor::Known(_) => None,
            };
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
        for (&slot, nearest) in searching.iter().zip(&found) {
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
    /// The neighbor gains only where a rounding made a union cheaper than its parts; with this step every cluster's
    /// key is at most the key of any follower, whatever the rounding, so that the smallest key is always reciprocal.
    fn note(&mut self, slot: u32, nearest: &Nearest) {
        self.costs[slot as usize] = nearest.key.cost;
        let Some(neighbor) = nearest.slot else { return };
        self.follow(slot, neighbor);
        match self.neighbors[neighbor as usize] {
            Neighbor::Known(other) if other != slot => {
                if nearest.key.cost <= self.costs[neighbor as usize]
                    && nearest.key.precedes(&self.clusters.key(neighbor, other))
                {
                    self.costs[neighbor as usize] = nearest.key.cost;
                    self.follow(neighbor, slot);
                }
            }
            Neighbor::Known(_) => {}
            Neighbor::Guess(_) => {
                let bound = &mut self.costs[neighbor as usize];
                *bound = bound.min(nearest.key.cost);
            }
        }
    }

    fn follow(&mut self, slot: u32, leader: u32) {
        if let Neighbor::Known(before) = self.neighbors[slot as usize] {
            self.followers.remove(before, slot);
        }
        self.neighbors[slot as usize] = Neighbor::Known(leader);
        self.followers.add(leader, slot);
    }

    /// Pairs that became reciprocal by the last searches, each once.
    fn reciprocal_pairs(&self, searched: &[u32]) -> Vec<(u32, u32)> {
        let known = |slot: u32| match self.neighbors[slot as usize] {
            Neighbor::Known(neighbor) => Some(neighbor),
            Neighbor::Guess(_) => None,
        };
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

    /// Merges two clusters in the slot of the larger one, whose box then grows least.
    fn merge(&mut self, a: u32, b: u32, searching: &mut Vec<u32>) {
        let (first, second) = self.clusters.in_order(a, b);
        let cost = self.clusters.cost(first, second);
        let record = Record {
            left: self.clusters.node(first),
            right: self.clusters.node(second),
            key: self.clusters.key_at(first, second, cost),
            cost,
        };
        let node = (self.n_points + self.records.len()) as u32;
        self.records.push(record);
        let (kept, gone) = if self.clusters.size(b) > self.clusters.size(a) {
            (b, a)
        } else {
            (a, b)
        };
        self.clusters.merge(kept, gone, node);
        self.tree.widen(&self.clusters, kept);
        self.moved_to[gone as usize] = kept;
        self.n_live -= 1;
        for leader in [kept, gone] {
            while let Some(follower) = self.followers.pop(leader) {
                self.neighbors[follower as usize] = Neighbor::Guess(kept);
                if follower != gone && self.costs[follower as usize] <= self.layer {
                    searching.push(follower);
                }
            }
        }
        // `kept` followed `gone` and is among those just handled; so is its cost, a lower bound from now on.
    }

    /// Leaves vacant slots behind and arranges the others anew. Returns the new places of `searching`.
    fn rebuild(&mut self, searching: &[u32]) -> Vec<u32> {
        let live: Vec<u32> = self.live_slots().collect();
        let levels = KdTree::<D>::levels_for(live.len(), self.schedule.leaf_slots);
        let order = KdTree::arrangement(&self.clusters, &live, levels, self.stop);
        let mut place = vec![u32::MAX; self.clusters.n_slots()];
        for (new, &old) in order.iter().enumerate() {
            place[old as usize] = new as u32;
        }
        let moved = |neighbor: Neighbor| match neighbor {
            Neighbor::Known(slot) => Neighbor::Known(place[slot as usize]),
            Neighbor::Guess(slot) => Neighbor::Guess(place[self.present(slot) as usize]),
        };
        self.neighbors = order
            .iter()
            .map(|&old| moved(self.neighbors[old as usize]))
            .collect();
        self.costs = order.iter().map(|&old| self.costs[old as usize]).collect();
        self.clusters = self.clusters.arranged(&order);
        self.tree = KdTree::new(&self.clusters, levels);
        self.moved_to = (0..order.len() as u32).collect();
        self.followers = Followers::new(order.len());
        for (slot, neighbor) in self.neighbors.iter().enumerate() {
            if let Neighbor::Known(leader) = neighbor {
                self.followers.add(*leader, slot as u32);
            }
        }
        searching.iter().map(|&slot| place[slot as usize]).collect()
    }

    fn live_slots(&self) -> impl Iterator<Item = u32> {
        (0..self.clusters.n_slots() as u32).filter(|&slot| !self.clusters.is_vacant(slot))
    }

    /// Live slots whose neighbor is not known.
    fn waiting(&self) -> impl Iterator<Item = u32> {
        self.live_slots()
            .filter(|&slot| matches!(self.neighbors[slot as usize], Neighbor::Guess(_)))
    }

    /// The next layer ends at the median of the lower bounds.
    fn raise_layer(&mut self) {
        let mut bounds: Vec<f64> = self
            .waiting()
            .map(|slot| self.costs[slot as usize])
            .collect();
        self.layer = if self.n_live <= LAYERED_CLUSTERS_MIN || bounds.is_empty() {
            f64::INFINITY
        } else {
            let middle = bounds.len() / 2;
            let (_, median, _) = bounds.select_nth_unstable_by(middle, f64::total_cmp);
            median.max(LAYER_GROWTH_MIN * self.layer)
        };
    }

    fn waiting_in_layer(&self) -> Vec<u32> {
        self.waiting()
            .filter(|&slot| self.costs[slot as usize] <= self.layer)
            .collect()
    }
}
