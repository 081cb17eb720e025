//! What is known about the nearest neighbor of each slot.

use clientela_numerics::{StopToken, Stopped};

use super::followers::Followers;

/// The nearest neighbor of a slot.
#[derive(Clone, Copy, Debug)]
enum Neighbor {
    /// The pair with this slot has the smallest key.
    Known(u32),
    /// It has to be searched for; this slot, perhaps vacant by now, is a good guess.
    Guess(u32),
}

/// Neighbors by slot, and in reverse the slots that have one as their neighbor.
pub(super) struct Neighbors {
    neighbors: Vec<Neighbor>,
    costs: Vec<f64>,
    followers: Followers,
}

impl Neighbors {
    /// Nothing is known yet.
    pub fn unknown(n_slots: usize) -> Self {
        Self {
            neighbors: (0..n_slots as u32).map(Neighbor::Guess).collect(),
            costs: vec![0.0; n_slots],
            followers: Followers::new(n_slots),
        }
    }

    /// The neighbor of a slot, where it is known.
    pub fn known(&self, slot: u32) -> Option<u32> {
        match self.neighbors[slot as usize] {
            Neighbor::Known(neighbor) => Some(neighbor),
            Neighbor::Guess(_) => None,
        }
    }

    /// A slot whose cluster, or the one that it went into, is probably near.
    pub fn guess(&self, slot: u32) -> u32 {
        match self.neighbors[slot as usize] {
            Neighbor::Known(neighbor) | Neighbor::Guess(neighbor) => neighbor,
        }
    }

    /// Rounded cost of merging with the neighbor: exact where it is known, else a lower bound.
    pub fn cost(&self, slot: u32) -> f64 {
        self.costs[slot as usize]
    }

    /// The neighbor of `slot` is `neighbor`, at this cost.
    pub fn set(&mut self, slot: u32, neighbor: u32, cost: f64) {
        if let Some(before) = self.known(slot) {
            self.followers.remove(before, slot);
        }
        self.neighbors[slot as usize] = Neighbor::Known(neighbor);
        self.costs[slot as usize] = cost;
        self.followers.add(neighbor, slot);
    }

    /// The neighbor of `slot`, which is not known, costs at least so much.
    pub fn set_bound(&mut self, slot: u32, cost: f64) {
        self.costs[slot as usize] = cost;
    }

    /// Takes one slot that has `neighbor` as its neighbor; its neighbor is not known any more, `guess` is a guess.
    /// What it cost remains as a lower bound.
    pub fn pop_follower(&mut self, neighbor: u32, guess: u32) -> Option<u32> {
        let follower = self.followers.pop(neighbor)?;
        self.neighbors[follower as usize] = Neighbor::Guess(guess);
        Some(follower)
    }

    /// The same knowledge after slots moved: slot `i` was `order[i]`, and what is now in slot `j` is found at
    /// `place(j)`.
    ///
    /// # Errors
    /// [`Stopped`] when asked to stop.
    pub fn rearranged(
        &self,
        order: &[u32],
        n_slots: usize,
        place: impl Fn(u32) -> u32,
        stop: &StopToken,
    ) -> Result<Self, Stopped> {
        let mut moved = Self::unknown(n_slots);
        for (new, &old) in order.iter().enumerate() {
            stop.poll()?;
            let cost = self.cost(old);
            match self.neighbors[old as usize] {
                Neighbor::Known(neighbor) => moved.set(new as u32, place(neighbor), cost),
                Neighbor::Guess(guess) => {
                    moved.neighbors[new] = Neighbor::Guess(place(guess));
                    moved.costs[new] = cost;
                }
            }
        }
        Ok(moved)
    }
}
