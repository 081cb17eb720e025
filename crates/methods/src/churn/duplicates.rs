//! Rows that are alike in everything but the customer: a model that has seen one knows the other.

use clientela_numerics::{StopToken, Stopped};
use clientela_tables::{CustomerTraits, TraitValues};

/// Duplicates whose share is above this are remarked upon.
const SHARE_MAX: f64 = 0.05;

/// Rows that repeat others.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Duplicates {
    /// Labelled rows beyond the first of each content.
    pub n_rows: usize,
    /// Their share of the labelled rows.
    pub share: f64,
}

impl Duplicates {
    /// Whether there are so many that they may flatter the figures.
    #[must_use]
    pub fn are_many(&self) -> bool {
        self.share > SHARE_MAX
    }
}

/// Finds labelled rows (of the table) with equal date, outcome and columns; with groups in which they, and the rows of
/// each of the given groups, are together.
pub(super) fn duplicates(
    traits: &CustomerTraits,
    labelled: &[u32],
    groups: &[u32],
    stop: &StopToken,
) -> Result<(Duplicates, Vec<u32>), Stopped> {
    stop.poll()?;
    let prints = fingerprints(traits, labelled);
    let mut order: Vec<u32> = (0..labelled.len() as u32).collect();
    order.sort_unstable_by_key(|&place| (prints[place as usize], place));
    stop.poll()?;
    let n_groups = groups.iter().max().map_or(0, |&last| last as usize + 1);
    let mut together = Together::apart(n_groups);
    let mut n_rows = 0;
    for run in order.chunk_by(|&a, &b| prints[a as usize] == prints[b as usize]) {
        let first = run[0] as usize;
        for &place in &run[1..] {
            let place = place as usize;
            if are_alike(traits, labelled[first] as usize, labelled[place] as usize) {
                n_rows += 1;
                together.join(groups[first], groups[place]);
            }
        }
    }
    let joined = groups
        .iter()
        .map(|&group| together.first_of(group))
        .collect();
    let share = n_rows as f64 / labelled.len().max(1) as f64;
    Ok((Duplicates { n_rows, share }, joined))
}

/// A number for each row that rows of equal content share.
fn fingerprints(traits: &CustomerTraits, rows: &[u32]) -> Vec<u64> {
    let of_outcome = |&row: &u32| {
        let date = traits.dates()[row as usize].map_or(0, |date| date.days_since_epoch() as u64);
        mixed(
            date << 2,
            u64::from(traits.churned()[row as usize] == Some(true)),
        )
    };
    let mut prints: Vec<u64> = rows.iter().map(of_outcome).collect();
    for column in traits.columns() {
        for (print, &row) in prints.iter_mut().zip(rows) {
            *print = mixed(*print, bits(&column.values, row as usize));
        }
    }
    prints
}

fn bits(values: &TraitValues, row: usize) -> u64 {
    match values {
        TraitValues::Numeric(values) => values[row].to_bits(),
        TraitValues::Boolean(values) => values[row].map_or(2, u64::from),
        TraitValues::Text { codes, .. } => u64::from(codes[row]),
    }
}

/// The finalizer of SplitMix64 (Steele, Lea, Flood 2014, "Fast Splittable Pseudorandom Number Generators", OOPSLA) over both.
fn mixed(print: u64, value: u64) -> u64 {
    let bits = print.rotate_left(23).wrapping_mul(5) ^ value;
    let bits = bits.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

fn are_alike(traits: &CustomerTraits, a: usize, b: usize) -> bool {
    let same =
        |column: &clientela_tables::Trait| bits(&column.values, a) == bits(&column.values, b);
    traits.dates()[a] == traits.dates()[b]
        && traits.churned()[a] == traits.churned()[b]
        && traits.columns().iter().all(same)
}

/// Groups that grow together (union–find with path halving; the lowest number stands for all).
struct Together {
    parent: Vec<u32>,
}

impl Together {
    fn apart(n_groups: usize) -> Self {
        Self {
            parent: (0..n_groups as u32).collect(),
        }
    }

    fn first_of(&mut self, mut group: u32) -> u32 {
        while self.parent[group as usize] != group {
            let above = self.parent[self.parent[group as usize] as usize];
            self.parent[group as usize] = above;
            group = above;
        }
        group
    }

    fn join(&mut self, a: u32, b: u32) {
        let (a, b) = (self.first_of(a), self.first_of(b));
        self.parent[a.max(b) as usize] = a.min(b);
    }
}

#[cfg(test)]
mod tests {
    use clientela_tables::{Cell, CustomerTraitsBuilder};

    use super::*;

    #[test]
    fn rows_alike_in_everything_are_counted_and_kept_together() {
        let mut builder = CustomerTraitsBuilder::new();
        let [x, plan] = ["x", "plan"].map(|name| builder.column(name));
        for (number, word, churned) in [
            (1.0, "a", true),
            (1.0, "a", true),
            (1.0, "a", false),
            (1.0, "b", true),
            (1.0, "a", true),
        ] {
            builder.set(x, Cell::Number(number));
            builder.set(plan, Cell::Text(word));
            builder.finish_row(None, Some(churned), None);
        }
        let table = builder.finish(["a", "b", "c", "d", "e"].iter().collect());
        let found = duplicates(
            &table,
            &[0, 1, 2, 3, 4],
            &[0, 1, 2, 3, 3],
            &StopToken::new(),
        );
        let (duplicates, groups) = found.expect("not stopped");
        assert_eq!((duplicates.n_rows, duplicates.share), (2, 0.4));
        assert!(duplicates.are_many());
        assert_eq!(groups, [0, 0, 2, 0, 0]);
    }
}
