//! Ids of customers, in the order of the payload.

use std::hash::BuildHasher;
use std::ops::Index;

use foldhash::fast::RandomState;
use hashbrown::HashTable;

/// Ids in one block of text: a base has as many as customers, and most are shorter than what a string of its own takes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ids {
    text: String,
    /// Id `i` ends before this byte of `text`, and the next begins there.
    ends: Vec<usize>,
}

impl Ids {
    /// Number of ids.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The ids in their order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &str> + Clone {
        (0..self.len()).map(|index| &self[index])
    }

    fn push(&mut self, id: &str) {
        self.text.push_str(id);
        self.ends.push(self.text.len());
    }
}

impl Index<usize> for Ids {
    type Output = str;

    fn index(&self, index: usize) -> &str {
        let start = index.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.text[start..self.ends[index]]
    }
}

impl<S: AsRef<str>> FromIterator<S> for Ids {
    fn from_iter<I: IntoIterator<Item = S>>(ids: I) -> Self {
        let mut all = Self::default();
        for id in ids {
            all.push(id.as_ref());
        }
        all
    }
}

/// Ids that are collected one by one, each only once.
#[derive(Clone, Debug, Default)]
pub struct UniqueIds {
    ids: Ids,
    /// Where each stands in `ids`.
    positions: HashTable<u32>,
    hasher: RandomState,
}

impl UniqueIds {
    /// No ids yet, and room for `n_ids` without growing.
    #[must_use]
    pub fn with_capacity(n_ids: usize) -> Self {
        Self {
            positions: HashTable::with_capacity(n_ids),
            ..Self::default()
        }
    }

    /// Adds `id`, and tells whether it was new; a known one changes nothing.
    ///
    /// # Panics
    /// Beyond 2³² ids.
    pub fn insert(&mut self, id: &str) -> bool {
        let Self {
            ids,
            positions,
            hasher,
        } = self;
        let hash = hasher.hash_one(id);
        if positions
            .find(hash, |&position| &ids[position as usize] == id)
            .is_some()
        {
            return false;
        }
        let position = u32::try_from(ids.len()).expect("at most 2³² customers");
        ids.push(id);
        positions.insert_unique(hash, position, |&position| {
            hasher.hash_one(&ids[position as usize])
        });
        true
    }

    /// All ids, in the order in which they came.
    #[must_use]
    pub fn into_ids(self) -> Ids {
        self.ids
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_come_back_in_order_and_only_once() {
        let mut unique = UniqueIds::with_capacity(7);
        let came = ["b", "ñandú", "", "a", "b", "", "ab"];
        let is_new = came.map(|id| unique.insert(id));
        assert_eq!(is_new, [true, true, true, true, false, false, true]);
        let ids = unique.into_ids();
        assert_eq!(
            ids.iter().collect::<Vec<_>>(),
            ["b", "ñandú", "", "a", "ab"]
        );
        assert_eq!((&ids[1], &ids[2], ids.len()), ("ñandú", "", 5));
        assert_eq!(ids, came[..4].iter().chain(&["ab"]).collect());
    }

    #[test]
    fn a_thousand_ids_are_found_again_after_the_table_has_grown() {
        let mut unique = UniqueIds::default();
        let ids: Vec<String> = (0..1000).map(|i| format!("c{}", i * 7)).collect();
        assert!(ids.iter().all(|id| unique.insert(id)));
        assert!(!ids.iter().any(|id| unique.insert(id)));
        assert_eq!(unique.into_ids(), ids.iter().collect());
    }
}
