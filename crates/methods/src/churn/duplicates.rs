//! Rows that are alike in all that models see, but for the customer: a model that has seen one knows the other.
//!
//! Columns that no model sees do not count: a copied row with a number of its own is a copy.

use clientela_numerics::{StopToken, Stopped};
use clientela_tables::{CustomerTraits, TraitValues};

use super::columns::ColumnReport;

/// Duplicates whose share is above this are remarked upon.
const SHARE_MAX: f64 = 0.05;

/// Rows that repeat others.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
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

/// Finds labelled rows (of the table) with equal date, outcome and values of the used columns, where there are any; with groups
/// in which they, and the rows of each of the given groups, are together.
pub(super) fn duplicates(
    traits: &CustomerTraits,
    columns: &[ColumnReport],
    labelled: &[u32],
    groups: &[u32],
    stop: &StopToken,
) -> Result<(Duplicates, Vec<u32>), Stopped> {
    stop.poll()?;
    let seen = Seen::of(traits, columns);
    if seen.values.is_empty() {
        return Ok((Duplicates::default(), groups.to_vec()));
    }
    let prints = seen.fingerprints(labelled);
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
            if seen.are_alike(labelled[first] as usize, labelled[place] as usize) {
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

/// What models see of a table.
struct Seen<'a> {
    traits: &'a CustomerTraits,
    /// Values of the used columns.
    values: Vec<&'a TraitValues>,
}

impl<'a> Seen<'a> {
    fn of(traits: &'a CustomerTraits, columns: &[ColumnReport]) -> Self {
        let used = columns.iter().filter(|column| column.is_used());
        let values = |column: &ColumnReport| &traits.columns()[column.index].values;
        Self {
            traits,
            values: used.map(values).collect(),
        }
    }

    /// A number for each row that rows of equal content share.
    fn fingerprints(&self, rows: &[u32]) -> Vec<u64> {
        let (dates, churned) = (self.traits.dates(), self.traits.churned());
        let of_outcome = |&row: &u32| {
            let date = dates[row as usize].map_or(0, |date| date.days_since_epoch() as u64);
            mixed(date << 2, u64::from(churned[row as usize] == Some(true)))
        };
        let mut prints: Vec<u64> = rows.iter().map(of_outcome).collect();
        for values in &self.values {
            for (print, &row) in prints.iter_mut().zip(rows) {
                *print = mixed(*print, bits(values, row as usize));
            }
        }
        prints
    }

    fn are_alike(&self, a: usize, b: usize) -> bool {
        let (dates, churned) = (self.traits.dates(), self.traits.churned());
        let mut values = self.values.iter();
        dates[a] == dates[b]
            && churned[a] == churned[b]
            && values.all(|values| bits(values, a) == bits(values, b))
    }
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

    use super::super::columns::{ColumnKind, ColumnUsage, Ignored};
    use super::*;

    /// Copies among rows of a number, a word and a column that no model sees, of the customers 0, 1, 2, 3 and 3.
    fn found(own_numbers: &[f64]) -> (Duplicates, Vec<u32>) {
        let mut builder = CustomerTraitsBuilder::new();
        let [x, plan, number] = ["x", "plan", "number"].map(|name| builder.column(name));
        let rows = [
            (1.0, "a", true),
            (1.0, "a", true),
            (1.0, "a", false),
            (1.0, "b", true),
            (1.0, "a", true),
        ];
        for ((value, word, churned), own) in rows.into_iter().zip(own_numbers) {
            builder.set(x, Cell::Number(value));
            builder.set(plan, Cell::Text(word));
            builder.set(number, Cell::Number(*own));
            builder.finish_row(None, Some(churned), None);
        }
        let table = builder.finish(["a", "b", "c", "d", "e"].iter().collect());
        let column = |index: usize, usage: ColumnUsage| ColumnReport {
            name: table.columns()[index].name.clone(),
            index,
            documented: None,
            kind: ColumnKind::Numeric,
            is_mixed: false,
            looks_numeric: false,
            n_missing: 0,
            usage,
        };
        let used = || ColumnUsage::Used {
            levels: Vec::new(),
            rare_levels: Vec::new(),
        };
        let columns = [
            column(0, used()),
            column(1, used()),
            column(2, ColumnUsage::Ignored(Ignored::LikeAnId)),
        ];
        let (rows, groups) = ([0, 1, 2, 3, 4], [0, 1, 2, 3, 3]);
        duplicates(&table, &columns, &rows, &groups, &StopToken::new()).expect("not stopped")
    }

    #[test]
    fn rows_alike_in_all_that_models_see_are_counted_and_kept_together() {
        for own_numbers in [[7.0; 5], [1.0, 2.0, 3.0, 4.0, 5.0]] {
            let (duplicates, groups) = found(&own_numbers);
            assert_eq!((duplicates.n_rows, duplicates.share), (2, 0.4));
            assert!(duplicates.are_many());
            assert_eq!(groups, [0, 0, 2, 0, 0]);
        }
    }
}
