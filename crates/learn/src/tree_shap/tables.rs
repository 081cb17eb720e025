//! Attributions looked up in tables: one for a branch, with an entry for each combination of intervals it tells apart.
//!
//! Of a feature, a branch tells apart only which of its leaves it leaves possible: a row that has left the way to the branch
//! already has one digit, whatever its value. A leaf alone is a branch with two digits a feature, met or not.

use clientela_numerics::{StopToken, Stopped};

use super::branches::{Branches, Leaf};
use super::game::Game;
use super::rows::{MISSING, Thresholds};
use crate::boosting::fixed_point::FixedPoint;

/// Numbers in a table at most: 256 KB, which the cache next to a core holds.
const NUMBERS_MAX: usize = 1 << 15;
/// Leaves of a branch at most: each has a bit.
const LEAVES_MAX: usize = 64;
/// To fill an entry costs a fifth of a row's look-up for each leaf; a branch cut in two costs each row one look-up more.
const FILLS_PER_ROW: usize = 5;

/// What rows go through: together all parts of a tree give its attributions.
pub(super) enum Part<'a> {
    /// A branch by its table.
    Table(Table),
    /// A leaf with conditions on too many features for a table, or for too few rows to be worth one.
    Leaf(&'a Leaf),
}

/// Cuts a tree into the largest branches that are worth a table.
pub(super) fn parts_of<'a>(
    tree: &'a Branches,
    thresholds: &Thresholds,
    n_rows: usize,
    game: &mut Game,
    unit: FixedPoint,
    stop: &StopToken,
) -> Result<Vec<Part<'a>>, Stopped> {
    let mut parts = Vec::new();
    let mut to_do = vec![0];
    while let Some(node) = to_do.pop() {
        stop.poll()?;
        let leaves = tree.leaves_of(node);
        if let Some(shape) = Shape::of(leaves, thresholds, n_rows) {
            parts.push(Part::Table(shape.fill(leaves, game, unit, stop)?));
        } else if let Some([left, right]) = tree.children_of(node) {
            to_do.extend([right, left]);
        } else {
            parts.extend(leaves.iter().map(Part::Leaf));
        }
    }
    Ok(parts)
}

impl Part<'_> {
    /// Adds the attributions of some rows to their lines; `codes` has the codes of a feature.
    pub(super) fn add<'c>(
        &self,
        codes: impl Fn(u32) -> &'c [u32],
        width: usize,
        sums: &mut [i64],
        game: &mut Game,
        unit: FixedPoint,
    ) {
        match self {
            Self::Table(table) => table.add(codes, width, sums),
            Self::Leaf(leaf) => add_leaf(leaf, codes, width, sums, game, unit),
        }
    }
}

/// The attributions of a leaf, row by row.
fn add_leaf<'c>(
    leaf: &Leaf,
    codes: impl Fn(u32) -> &'c [u32],
    width: usize,
    sums: &mut [i64],
    game: &mut Game,
    unit: FixedPoint,
) {
    let conditions = &leaf.conditions;
    let codes: Vec<&[u32]> = conditions.iter().map(|at| codes(at.feature)).collect();
    let mut attributions = vec![0.0; conditions.len()];
    for (row, sums) in sums.chunks_exact_mut(width).enumerate() {
        let is_met = |i: usize| conditions[i].is_met_by(codes[i][row]);
        game.play(leaf, is_met, &mut attributions);
        for (condition, &attribution) in conditions.iter().zip(&attributions) {
            sums[condition.feature as usize] += unit.encode(attribution);
        }
    }
}

/// What a branch tells apart.
struct Shape {
    /// Ascending.
    features: Vec<u32>,
    /// For each feature the digit of each code.
    digits: Vec<Vec<u32>>,
    /// For each feature and digit the leaves whose conditions on it are met, a bit each.
    met: Vec<Vec<u64>>,
    n_entries: usize,
}

impl Shape {
    /// `None` where a table would be too large, or cost more than so many rows gain by it.
    fn of(leaves: &[Leaf], thresholds: &Thresholds, n_rows: usize) -> Option<Self> {
        if leaves.len() > LEAVES_MAX {
            return None;
        }
        let all = leaves.iter().flat_map(|leaf| &leaf.conditions);
        let mut features: Vec<u32> = all.map(|condition| condition.feature).collect();
        features.sort_unstable();
        features.dedup();
        let numbers_max = NUMBERS_MAX / features.len().max(1);
        let fills_max = if leaves.len() == 1 {
            n_rows
        } else {
            FILLS_PER_ROW.saturating_mul(n_rows) / leaves.len()
        };
        let entries_max = numbers_max.min(fills_max);
        if entries_max == 0 {
            return None;
        }
        let mut shape = Self {
            features: Vec::new(),
            digits: Vec::new(),
            met: Vec::new(),
            n_entries: 1,
        };
        for feature in features {
            let met = leaves_met(leaves, feature, thresholds.n_codes(feature));
            let (digits, met) = told_apart(&met, entries_max / shape.n_entries)?;
            shape.n_entries *= met.len();
            shape.features.push(feature);
            shape.digits.push(digits);
            shape.met.push(met);
        }
        // Conditions that every code meets have one digit, but still a bit in the patterns of their leaves.
        let patterns = |leaf: &Leaf| 1_usize.checked_shl(leaf.conditions.len() as u32);
        let fits = |leaf: &Leaf| patterns(leaf).is_some_and(|count| count <= entries_max);
        leaves.iter().all(fits).then_some(shape)
    }

    fn fill(
        self,
        leaves: &[Leaf],
        game: &mut Game,
        unit: FixedPoint,
        stop: &StopToken,
    ) -> Result<Table, Stopped> {
        let mut of_leaves = Vec::with_capacity(leaves.len());
        for (place, leaf) in leaves.iter().enumerate() {
            stop.poll()?;
            of_leaves.push(LeafTable::of(leaf, place, &self, game, unit));
        }
        let width = self.features.len();
        let mut numbers = vec![0_i64; self.n_entries * width];
        // The patterns that the digits so far leave each leaf with, by feature.
        let mut patterns = vec![vec![0_u32; leaves.len()]; width + 1];
        let mut digits = vec![0; width];
        let mut changed = 0;
        for entry in numbers.chunks_exact_mut(width.max(1)) {
            for f in changed..width {
                let (done, next) = patterns.split_at_mut(f + 1);
                let both = next[0].iter_mut().zip(&done[f]);
                for ((next, &before), leaf) in both.zip(&of_leaves) {
                    *next = before | leaf.bits[f][digits[f]];
                }
            }
            for (leaf, &pattern) in of_leaves.iter().zip(&patterns[width]) {
                leaf.add(pattern, entry);
            }
            changed = self.count_up(&mut digits);
        }
        Ok(self.into_table(numbers))
    }

    /// Goes on to the next combination of digits; the first place that changed.
    fn count_up(&self, digits: &mut [usize]) -> usize {
        for (f, digit) in digits.iter_mut().enumerate().rev() {
            *digit += 1;
            if *digit < self.met[f].len() {
                return f;
            }
            *digit = 0;
        }
        0
    }

    fn into_table(self, numbers: Vec<i64>) -> Table {
        let mut weight = self.features.len();
        let mut offsets = self.digits;
        for (offsets, met) in offsets.iter_mut().zip(&self.met).rev() {
            for offset in offsets {
                *offset *= weight as u32;
            }
            weight *= met.len();
        }
        Table {
            features: self.features,
            offsets,
            numbers,
        }
    }
}

/// For each code of a feature the leaves whose condition on it is met, a bit each; leaves without one are met by all.
fn leaves_met(leaves: &[Leaf], feature: u32, n_codes: usize) -> Vec<u64> {
    // Where a condition begins or ends to be met its bit changes.
    let mut met = vec![0_u64; n_codes + 1];
    let (mut with_missing, mut without_condition) = (0, u64::MAX);
    for (place, leaf) in leaves.iter().enumerate() {
        let mut conditions = leaf.conditions.iter();
        let Some(condition) = conditions.find(|condition| condition.feature == feature) else {
            continue;
        };
        let bit = 1 << place;
        without_condition &= !bit;
        with_missing |= if condition.with_missing { bit } else { 0 };
        if condition.above < condition.up_to {
            met[condition.above as usize + 1] ^= bit;
            met[n_codes.min(condition.up_to as usize + 1)] ^= bit;
        }
    }
    met.truncate(n_codes);
    let mut present = 0;
    for met in &mut met {
        present ^= *met;
        *met = present | without_condition;
    }
    met[MISSING as usize] = with_missing | without_condition;
    met
}

/// A digit for each code, the same where the same leaves are met, and those leaves for each digit; `None` beyond so many.
fn told_apart(met: &[u64], digits_max: usize) -> Option<(Vec<u32>, Vec<u64>)> {
    let mut kinds: Vec<u64> = Vec::new();
    let mut digits: Vec<u32> = Vec::with_capacity(met.len());
    for (code, leaves) in met.iter().enumerate() {
        if code > 0 && met[code - 1] == *leaves {
            digits.push(digits[code - 1]);
            continue;
        }
        let known = kinds.iter().position(|kind| kind == leaves);
        let digit = known.unwrap_or_else(|| {
            kinds.push(*leaves);
            kinds.len() - 1
        });
        if digit == digits_max {
            return None;
        }
        digits.push(digit as u32);
    }
    Some((digits, kinds))
}

/// A leaf's attributions by which of its conditions are met, the first the lowest bit.
struct LeafTable {
    /// For each of the branch's features and digits, the bit of the leaf's condition where it is met.
    bits: Vec<Vec<u32>>,
    /// Where the features of its conditions have their places in an entry.
    places: Vec<usize>,
    /// Pattern after pattern.
    numbers: Vec<i64>,
}

impl LeafTable {
    fn of(leaf: &Leaf, place: usize, shape: &Shape, game: &mut Game, unit: FixedPoint) -> Self {
        let conditions = &leaf.conditions;
        let n = conditions.len();
        let condition_on = |feature| conditions.iter().position(|at| at.feature == feature);
        let bits_of = |(&feature, met): (&u32, &Vec<u64>)| {
            let bit = condition_on(feature).map_or(0, |i| 1_u32 << i);
            let of_digit = |met: &u64| bit * (met >> place & 1) as u32;
            met.iter().map(of_digit).collect()
        };
        let place_of = |feature: u32| shape.features.partition_point(|&other| other < feature);
        let mut attributions = vec![0.0; n];
        let mut numbers = Vec::with_capacity(n << n);
        for pattern in 0_u32..1 << n {
            game.play(leaf, |i| pattern >> i & 1 == 1, &mut attributions);
            numbers.extend(attributions.iter().map(|&real| unit.encode(real)));
        }
        Self {
            bits: shape.features.iter().zip(&shape.met).map(bits_of).collect(),
            places: conditions.iter().map(|at| place_of(at.feature)).collect(),
            numbers,
        }
    }

    #[inline]
    fn add(&self, pattern: u32, entry: &mut [i64]) {
        let n = self.places.len();
        let numbers = &self.numbers[pattern as usize * n..][..n];
        for (&place, number) in self.places.iter().zip(numbers) {
            entry[place] += number;
        }
    }
}

/// The attributions of a branch.
pub(super) struct Table {
    features: Vec<u32>,
    /// For each feature what each code adds to the place of an entry.
    offsets: Vec<Vec<u32>>,
    /// Entry after entry, one number for each feature.
    numbers: Vec<i64>,
}

impl Table {
    fn add<'c>(&self, codes: impl Fn(u32) -> &'c [u32], width: usize, sums: &mut [i64]) {
        let mut places = vec![0_u32; sums.len() / width];
        for (&feature, offsets) in self.features.iter().zip(&self.offsets) {
            for (place, &code) in places.iter_mut().zip(codes(feature)) {
                *place += offsets[code as usize];
            }
        }
        let n = self.features.len();
        for (sums, place) in sums.chunks_exact_mut(width).zip(places) {
            let entry = &self.numbers[place as usize..][..n];
            for (&feature, number) in self.features.iter().zip(entry) {
                sums[feature as usize] += number;
            }
        }
    }
}
