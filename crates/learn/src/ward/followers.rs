//! Who has whom as nearest neighbor: for each slot the list of its followers, so that a merge finds those it
//! concerns without looking at the others.

/// No slot.
const NONE: u32 = u32::MAX;

/// Doubly linked lists threaded through arrays by slot.
pub(super) struct Followers {
    first: Vec<u32>,
    next: Vec<u32>,
    previous: Vec<u32>,
}

impl Followers {
    /// Empty lists for so many slots.
    pub fn new(n_slots: usize) -> Self {
        Self {
            first: vec![NONE; n_slots],
            next: vec![NONE; n_slots],
            previous: vec![NONE; n_slots],
        }
    }

    /// Puts `follower` into the list of `leader`.
    pub fn add(&mut self, leader: u32, follower: u32) {
        let first = self.first[leader as usize];
        self.next[follower as usize] = first;
        self.previous[follower as usize] = NONE;
        if first != NONE {
            self.previous[first as usize] = follower;
        }
        self.first[leader as usize] = follower;
    }

    /// Takes `follower` out of the list of `leader`.
    pub fn remove(&mut self, leader: u32, follower: u32) {
        let (next, previous) = (
            self.next[follower as usize],
            self.previous[follower as usize],
        );
        if previous == NONE {
            self.first[leader as usize] = next;
        } else {
            self.next[previous as usize] = next;
        }
        if next != NONE {
            self.previous[next as usize] = previous;
        }
    }

    /// Takes the first follower of `leader` out of its list.
    pub fn pop(&mut self, leader: u32) -> Option<u32> {
        let follower = self.first[leader as usize];
        if follower == NONE {
            return None;
        }
        self.remove(leader, follower);
        Some(follower)
    }
}
