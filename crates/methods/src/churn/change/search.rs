//! The search for the smallest change of one row: each column alone, then each pair, then step by step.

use super::ground::Ground;
use super::players::{Choice, Start};
use super::row::{Memory, Row};

/// Columns that are changed together at most.
const COLUMNS_MAX: usize = 4;
/// What a further step has to lower the level by.
const LEAST_GAIN: f64 = 1e-12;

/// What a search found.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Found {
    pub(super) steps: Vec<Step>,
    pub(super) probability: f64,
    pub(super) is_enough: bool,
    /// Whether nothing smaller, or nothing at all, would be enough.
    pub(super) is_exact: bool,
}

/// A change of one column of the ground.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Step {
    pub(super) column: usize,
    pub(super) from: f64,
    pub(super) to: f64,
    pub(super) cost: f64,
}

/// The smallest change that brings a row to the limit; for pairs of columns no more work is done than allowed.
pub(super) fn search<'g>(
    ground: &'g Ground<'g>,
    start: &Start,
    limit: f64,
    work_max: u64,
    memory: &'g mut Memory,
) -> Found {
    let mut row = Row::of(ground, start, limit, memory);
    if row.players.is_empty() {
        return row.outcome(false, true);
    }
    let is_coarse = row.is_coarse();
    if row.alone() {
        return row.outcome(true, !(ground.is_mixed && is_coarse));
    }
    let may_be_enough = row.bound() <= limit;
    let mut are_pairs_known = true;
    if may_be_enough && row.players.len() > 1 {
        let pairs = row.in_pairs(work_max);
        if pairs.is_found {
            return row.outcome(true, pairs.is_complete && !is_coarse);
        }
        are_pairs_known = pairs.is_complete;
    }
    let is_enough = row.step_by_step() && may_be_enough;
    let is_proven = !may_be_enough || are_pairs_known && row.players.len() <= 2;
    row.outcome(
        is_enough,
        !is_enough && is_proven && !(ground.is_mixed && is_coarse),
    )
}

impl Row<'_> {
    /// The smallest change of one column; chosen if there is one.
    fn alone(&mut self) -> bool {
        let mut best: Option<(usize, Choice)> = None;
        self.see_lines();
        for player in 0..self.players.len() {
            for rises in [false, true] {
                let own = self.players[player].own.value;
                let mut choices = self.players[player].choices.iter();
                let enough = choices.find(|choice| {
                    (choice.value > own) == rises
                        && self.level_with(player, choice) <= self.limit
                        && self.is_feasible(player, choice)
                });
                let Some(&choice) = enough else { continue };
                let choice = self.refined(player, choice);
                if best.is_none_or(|(_, best)| choice.cost < best.cost) {
                    best = Some((player, choice));
                }
            }
        }
        if let Some((player, choice)) = best {
            self.choose(player, Some(choice));
        }
        best.is_some()
    }

    /// Lowers the level column by column, each time by the choice that lowers it most, until that is enough; then takes back
    /// what is not needed.
    fn step_by_step(&mut self) -> bool {
        let mut level = self.ground.level(self.score, self.z);
        while level > self.limit {
            let Some((player, choice, lower)) = self.best_step(level) else {
                return false;
            };
            self.choose(player, Some(choice));
            level = lower;
        }
        for player in 0..self.players.len() {
            if self.chosen[player].is_none() {
                continue;
            }
            if self.can_stay(player) {
                let chosen = self.chosen[player];
                self.choose(player, None);
                if self.ground.level(self.score, self.z) <= self.limit {
                    continue;
                }
                self.choose(player, chosen);
            }
            self.see_lines();
            let mut choices = self.players[player].choices.iter();
            let smaller = choices.find(|choice| {
                self.level_with(player, choice) <= self.limit && self.is_feasible(player, choice)
            });
            if let Some(&choice) = smaller {
                self.choose(player, Some(choice));
            }
        }
        true
    }

    /// The choice that lowers the level most, if any does.
    fn best_step(&mut self, level: f64) -> Option<(usize, Choice, f64)> {
        let n_changed = self.chosen.iter().flatten().count();
        let mut best: Option<(usize, Choice, f64)> = None;
        self.see_lines();
        for (player, of_player) in self.players.iter().enumerate() {
            if self.chosen[player].is_none() && n_changed == COLUMNS_MAX {
                continue;
            }
            for choice in &of_player.choices {
                let lower = self.level_with(player, choice);
                let least = best.map_or(level - LEAST_GAIN, |(_, _, best)| best);
                if lower < least && self.is_feasible(player, choice) {
                    best = Some((player, *choice, lower));
                }
            }
        }
        best
    }
}
