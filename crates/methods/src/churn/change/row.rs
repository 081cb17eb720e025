//! A row at risk: the columns to be changed, what has been chosen for each, and what the model says of it.

use super::ground::Ground;
use super::near::{Near, Open};
use super::players::{Choice, Player, Start};
use super::search::{Found, Step};
use super::trees::Range;

/// A row with its columns to be changed, and what has been chosen for each.
pub(super) struct Row<'g> {
    pub(super) ground: &'g Ground<'g>,
    /// The level up to which it is where it should be.
    pub(super) limit: f64,
    pub(super) score: f64,
    pub(super) z: f64,
    pub(super) players: Vec<Player<'g>>,
    /// The players, for trees.
    pub(super) open: Vec<Open>,
    pub(super) chosen: Vec<Option<Choice>>,
    pub(super) ranges: Vec<Range>,
    pub(super) memory: &'g mut Memory,
}

/// Room for scores, kept from row to row.
#[derive(Default)]
pub(super) struct Memory {
    pub(super) near: Near,
    pub(super) cells: Vec<f64>,
}

impl<'g> Row<'g> {
    pub(super) fn of(
        ground: &'g Ground<'g>,
        start: &Start,
        limit: f64,
        memory: &'g mut Memory,
    ) -> Self {
        let players: Vec<Player<'g>> = (0..ground.columns.len())
            .filter_map(|index| Player::of(ground, index, start))
            .collect();
        let open = |player: &Player<'_>| Open {
            feature: player.column.feature,
            span: player.span,
        };
        Self {
            ground,
            limit,
            score: start.score,
            z: start.z,
            chosen: vec![None; players.len()],
            open: players.iter().map(open).collect(),
            players,
            ranges: start.cells.iter().map(|&cell| [cell; 2]).collect(),
            memory,
        }
    }

    /// Whether some of the values between candidates were left out.
    pub(super) fn is_coarse(&self) -> bool {
        let mut players = self.players.iter();
        players.any(|player| player.column.candidates.is_coarse)
    }

    /// Finds what [`Row::level_with`] tells, of the row as it is now.
    pub(super) fn see_lines(&mut self) {
        if let Some(trees) = &self.ground.trees {
            let near = &mut self.memory.near;
            near.see_lines(trees, &mut self.ranges, &self.open);
        }
    }

    /// The level with another choice of a player, all others being as they are.
    pub(super) fn level_with(&self, player: usize, choice: &Choice) -> f64 {
        let before = self.chosen[player];
        let z = self.z - before.map_or(0.0, |choice| choice.gain_of_formula);
        let score = if self.ground.trees.is_some() {
            let near = &self.memory.near;
            near.score + near.gain(player, &self.open[player], choice.cell)
        } else {
            self.score - before.map_or(0.0, |choice| choice.gain) + choice.gain
        };
        self.ground.level(score, z + choice.gain_of_formula)
    }

    pub(super) fn choose(&mut self, player: usize, choice: Option<Choice>) {
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

    /// Whether a choice goes with all that the row keeps and with all that is chosen for other columns.
    pub(super) fn is_feasible(&self, player: usize, choice: &Choice) -> bool {
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
    pub(super) fn are_feasible(&self, pair: [usize; 2], [a, b]: [&Choice; 2]) -> bool {
        let [first, second] = pair.map(|player| self.players[player].index);
        a.conflicts & !bit(second) == 0
            && b.conflicts & !bit(first) == 0
            && self.ground.go_together((first, a), (second, b))
    }

    /// Whether what is chosen for other columns goes with what a player has.
    pub(super) fn can_stay(&self, player: usize) -> bool {
        let own = bit(self.players[player].index);
        let others = self.chosen.iter().enumerate();
        let mut others = others.filter(|(other, _)| *other != player);
        others.all(|(_, choice)| choice.is_none_or(|choice| choice.conflicts & own == 0))
    }

    /// The columns of the ground that are changed, as a set.
    fn changed(&self) -> u64 {
        let chosen = self.players.iter().zip(&self.chosen);
        let chosen = chosen.filter(|(_, choice)| choice.is_some());
        chosen.fold(0, |set, (player, _)| set | bit(player.index))
    }

    /// A level that no change of all players goes below.
    pub(super) fn bound(&mut self) -> f64 {
        let least = |gain: fn(&Choice) -> f64| {
            let of_player = |player: &Player<'_>| {
                let choices = player.choices.iter();
                choices.map(gain).fold(0.0, f64::min)
            };
            self.players.iter().map(of_player).sum::<f64>()
        };
        let z = self.z + least(|choice| choice.gain_of_formula);
        let mut score = self.score + least(|choice| choice.gain);
        if let Some(trees) = &self.ground.trees {
            let kept = self.ranges.clone();
            for open in &self.open {
                self.ranges[open.feature] = open.span;
            }
            score = trees.bound(&mut self.ranges);
            self.ranges = kept;
        }
        self.ground.level(score, z)
    }

    /// The nearest number that is enough, between a choice and the one before it, where what numbers count is a line.
    pub(super) fn refined(&self, player: usize, choice: Choice) -> Choice {
        if self.ground.trees.is_some() || self.ground.is_mixed {
            return choice;
        }
        let is_enough = |gain: f64| self.score + gain <= self.limit;
        self.players[player].refined(choice, is_enough)
    }

    pub(super) fn outcome(&self, is_enough: bool, is_exact: bool) -> Found {
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
