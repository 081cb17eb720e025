//! The search for the smallest change of one row: each column alone, then each pair, then step by step.

use super::ground::Ground;
use super::players::{Choice, Player, Start};
use super::trees::Range;

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

/// A row with its columns to be changed, and what has been chosen for each.
struct Row<'g> {
    ground: &'g Ground<'g>,
    limit: f64,
    score: f64,
    z: f64,
    players: Vec<Player<'g>>,
    chosen: Vec<Option<Choice>>,
    ranges: Vec<Range>,
    memory: &'g mut Memory,
}

/// Room for scores, kept from row to row.
#[derive(Default)]
pub(super) struct Memory {
    line: Vec<f64>,
    cells: Vec<f64>,
}

/// The smallest change that brings a row to the limit.
pub(super) fn search<'g>(
    ground: &'g Ground<'g>,
    start: &Start,
    limit: f64,
    memory: &'g mut Memory,
) -> Found {
    let mut row = Row::of(ground, start, limit, memory);
    if row.players.is_empty() {
        return row.outcome(false, true);
    }
    let is_coarse = row
        .players
        .iter()
        .any(|player| player.column.candidates.is_coarse);
    if row.alone() {
        return row.outcome(true, !(ground.is_mixed && is_coarse));
    }
    let may_be_enough = row.bound() <= limit;
    if may_be_enough && row.players.len() > 1 && row.in_pairs() {
        return row.outcome(true, !is_coarse);
    }
    let is_enough = row.step_by_step() && may_be_enough;
    let is_proven = !may_be_enough || row.players.len() <= 2;
    row.outcome(
        is_enough,
        !is_enough && is_proven && !(ground.is_mixed && is_coarse),
    )
}

impl<'g> Row<'g> {
    fn of(ground: &'g Ground<'g>, start: &Start, limit: f64, memory: &'g mut Memory) -> Self {
        let players: Vec<Player<'g>> = (0..ground.columns.len())
            .filter_map(|index| Player::of(ground, index, start))
            .collect();
        Self {
            ground,
            limit,
            score: start.score,
            z: start.z,
            chosen: vec![None; players.len()],
            players,
            ranges: start.cells.iter().map(|&cell| [cell; 2]).collect(),
            memory,
        }
    }

    /// The smallest change of one column; chosen if there is one.
    fn alone(&mut self) -> bool {
        let mut best: Option<(usize, Choice)> = None;
        for player in 0..self.players.len() {
            self.score_line(player);
            for rises in [false, true] {
                let own = self.players[player].own.value;
                let choices = self.players[player].choices.iter();
                let enough = choices.zip(&self.memory.line).find(|(choice, level)| {
                    let is_enough = **level <= self.limit && (choice.value > own) == rises;
                    is_enough && self.is_feasible(player, choice)
                });
                let Some((&choice, _)) = enough else { continue };
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

    /// The smallest change of two columns; chosen if there is one.
    fn in_pairs(&mut self) -> bool {
        let mut best: Option<[(usize, Choice); 2]> = None;
        let mut least = f64::INFINITY;
        for second in 1..self.players.len() {
            for first in 0..second {
                let pair = [first, second];
                if self.bound_of(&pair) > self.limit {
                    continue;
                }
                self.score_surface(pair);
                let [a, b] = pair.map(|player| &self.players[player].choices);
                for a in a {
                    // By cost: what comes later is no smaller.
                    for b in b.iter().take_while(|b| a.cost + b.cost < least) {
                        if self.level_of_pair(pair, [a, b]) <= self.limit
                            && self.are_feasible(pair, [a, b])
                        {
                            least = a.cost + b.cost;
                            best = Some([(first, *a), (second, *b)]);
                            break;
                        }
                    }
                }
            }
        }
        for (player, choice) in best.into_iter().flatten() {
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
            self.score_line(player);
            let mut choices = self.players[player].choices.iter().zip(&self.memory.line);
            let smaller = choices
                .find(|(choice, level)| **level <= self.limit && self.is_feasible(player, choice));
            if let Some((&choice, _)) = smaller {
                self.choose(player, Some(choice));
            }
        }
        true
    }

    /// The columns of the ground that are changed, as a set.
    fn changed(&self) -> u64 {
        let chosen = self.players.iter().zip(&self.chosen);
        let chosen = chosen.filter(|(_, choice)| choice.is_some());
        chosen.fold(0, |set, (player, _)| set | bit(player.index))
    }

    /// Whether a choice goes with all that the row keeps and with all that is chosen for other columns.
    fn is_feasible(&self, player: usize, choice: &Choice) -> bool {
        let index = self.players[player].index;
        let with_chosen = |(other, chosen): (&Player<'_>, &Option<Choice>)| {
            chosen.as_ref().is_none_or(|chosen| {
                let (a, b) = ((index, choice), (other.index, chosen));
                other.index == index || self.ground.go_together(a, b)
            })
        };
        choice.conflicts & !self.changed() == 0
            && self.players.iter().zip(&self.chosen).all(with_chosen)
    }

    /// Whether two choices go together and with all that the row keeps, where nothing is chosen yet.
    fn are_feasible(&self, pair: [usize; 2], [a, b]: [&Choice; 2]) -> bool {
        let [first, second] = pair.map(|player| self.players[player].index);
        a.conflicts & !bit(second) == 0
            && b.conflicts & !bit(first) == 0
            && self.ground.go_together((first, a), (second, b))
    }

    /// Whether what is chosen for other columns goes with what a player has.
    fn can_stay(&self, player: usize) -> bool {
        let own = bit(self.players[player].index);
        let others = self.chosen.iter().enumerate();
        let mut others = others.filter(|(other, _)| *other != player);
        others.all(|(_, choice)| choice.is_none_or(|choice| choice.conflicts & own == 0))
    }

    /// The choice that lowers the level most, if any does.
    fn best_step(&mut self, level: f64) -> Option<(usize, Choice, f64)> {
        let n_changed = self.chosen.iter().flatten().count();
        let mut best: Option<(usize, Choice, f64)> = None;
        for player in 0..self.players.len() {
            if self.chosen[player].is_none() && n_changed == COLUMNS_MAX {
                continue;
            }
            self.score_line(player);
            for (&choice, &lower) in self.players[player].choices.iter().zip(&self.memory.line) {
                let least = best.map_or(level - LEAST_GAIN, |(_, _, best)| best);
                if lower < least && self.is_feasible(player, &choice) {
                    best = Some((player, choice, lower));
                }
            }
        }
        best
    }

    fn choose(&mut self, player: usize, choice: Option<Choice>) {
        let before = self.chosen[player];
        let gain = |choice: Option<Choice>| choice.map_or(0.0, |choice| choice.gain);
        let of_formula =
            |choice: Option<Choice>| choice.map_or(0.0, |choice| choice.gain_of_formula);
        self.z += of_formula(choice) - of_formula(before);
        self.chosen[player] = choice;
        let own = &self.players[player];
        if let Some(trees) = &self.ground.trees {
            let cell = choice.map_or(own.own_cell, |choice| choice.cell);
            let feature = own.column.feature;
            self.ranges[feature] = [cell; 2];
            trees.line(&mut self.ranges, feature, &mut self.memory.cells);
            self.score = self.memory.cells[0];
        } else {
            self.score += gain(choice) - gain(before);
        }
    }

    /// The level of each choice of a player, all others being as they are.
    fn score_line(&mut self, player: usize) {
        let own = &self.players[player];
        let (feature, before) = (own.column.feature, self.chosen[player]);
        let z = self.z - before.map_or(0.0, |choice| choice.gain_of_formula);
        let mut line = std::mem::take(&mut self.memory.line);
        line.clear();
        if let Some(trees) = &self.ground.trees {
            let kept = std::mem::replace(&mut self.ranges[feature], own.span);
            trees.line(&mut self.ranges, feature, &mut self.memory.cells);
            self.ranges[feature] = kept;
            let first = own.span[0];
            line.extend(own.choices.iter().map(|choice| {
                let score = self.memory.cells[(choice.cell - first) as usize];
                self.ground.level(score, z + choice.gain_of_formula)
            }));
        } else {
            let score = self.score - before.map_or(0.0, |choice| choice.gain);
            line.extend(own.choices.iter().map(|choice| {
                self.ground
                    .level(score + choice.gain, z + choice.gain_of_formula)
            }));
        }
        self.memory.line = line;
    }

    /// Under trees, the scores of all cells of two players of whom nothing is chosen yet.
    fn score_surface(&mut self, pair: [usize; 2]) {
        let Some(trees) = &self.ground.trees else {
            return;
        };
        let [a, b] = pair.map(|player| &self.players[player]);
        let features = [a.column.feature, b.column.feature];
        let kept = features.map(|feature| self.ranges[feature]);
        self.ranges[features[0]] = a.span;
        self.ranges[features[1]] = b.span;
        trees.surface(&mut self.ranges, features, &mut self.memory.cells);
        self.ranges[features[0]] = kept[0];
        self.ranges[features[1]] = kept[1];
    }

    fn level_of_pair(&self, pair: [usize; 2], choices: [&Choice; 2]) -> f64 {
        let [a, b] = choices;
        let z = self.z + a.gain_of_formula + b.gain_of_formula;
        let score = if self.ground.trees.is_some() {
            let [first, second] = pair.map(|player| self.players[player].span);
            let width = (second[1] - second[0]) as usize + 2;
            let line = (a.cell - first[0]) as usize * width;
            self.memory.cells[line + (b.cell - second[0]) as usize]
        } else {
            self.score + a.gain + b.gain
        };
        self.ground.level(score, z)
    }

    /// A level that no change of all players goes below.
    fn bound(&mut self) -> f64 {
        let all: Vec<usize> = (0..self.players.len()).collect();
        self.bound_of(&all)
    }

    fn bound_of(&mut self, players: &[usize]) -> f64 {
        let least = |gain: fn(&Choice) -> f64| {
            let of_player = |&player: &usize| {
                let choices = self.players[player].choices.iter();
                choices.map(gain).fold(0.0, f64::min)
            };
            players.iter().map(of_player).sum::<f64>()
        };
        let z = self.z + least(|choice| choice.gain_of_formula);
        let mut score = self.score + least(|choice| choice.gain);
        if let Some(trees) = &self.ground.trees {
            let kept = self.ranges.clone();
            for &player in players {
                let own = &self.players[player];
                self.ranges[own.column.feature] = own.span;
            }
            score = trees.bound(&mut self.ranges);
            self.ranges = kept;
        }
        self.ground.level(score, z)
    }

    /// The nearest number that is enough, between a choice and the one before it, where what numbers count is a line.
    fn refined(&self, player: usize, choice: Choice) -> Choice {
        if self.ground.trees.is_some() || self.ground.is_mixed {
            return choice;
        }
        let is_enough = |gain: f64| self.score + gain <= self.limit;
        self.players[player].refined(choice, is_enough)
    }

    fn outcome(&self, is_enough: bool, is_exact: bool) -> Found {
        let chosen = self.chosen.iter().enumerate();
        let steps = chosen.filter_map(|(player, choice)| {
            let choice = choice.as_ref()?;
            let own = &self.players[player];
            Some(Step {
                column: own.index,
                from: own.own.value,
                to: choice.value,
                cost: choice.cost,
            })
        });
        Found {
            steps: steps.collect(),
            probability: self.ground.probability(self.score, self.z),
            is_enough,
            is_exact,
        }
    }
}

/// The set of one column; of those beyond the sets none.
fn bit(index: usize) -> u64 {
    1_u64.checked_shl(index as u32).unwrap_or(0)
}
