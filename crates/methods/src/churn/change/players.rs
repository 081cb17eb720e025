//! The columns of a row that may be changed, and to what.

use super::ActionDirection;
use super::columns::Column;
use super::ground::Ground;
use super::together::NO_LEVEL;
use super::trees::{MISSING, Range};
use crate::churn::heuristic::contribution;

/// A value that a column of a row may be changed to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Choice {
    /// Its place among the candidates.
    pub(super) candidate: usize,
    pub(super) value: f64,
    pub(super) cost: f64,
    pub(super) cell: u32,
    /// What it adds to the score, without trees.
    pub(super) gain: f64,
    /// What it adds to z.
    pub(super) gain_of_formula: f64,
    /// Which level it is; [`NO_LEVEL`] for numbers.
    pub(super) level: u32,
    /// The columns of the ground (as a set) whose present values do not go with it.
    pub(super) conflicts: u64,
}

/// A column of a row that may be changed.
pub(super) struct Player<'g> {
    pub(super) column: &'g Column<'g>,
    /// Among the columns of the ground.
    pub(super) index: usize,
    pub(super) own: Own,
    pub(super) own_cell: u32,
    /// By cost, then by value.
    pub(super) choices: Vec<Choice>,
    /// All cells it may be in.
    pub(super) span: Range,
}

/// What is known of a row before its search.
pub(super) struct Start {
    pub(super) score: f64,
    /// z of the formula.
    pub(super) z: f64,
    /// One for each column of the ground.
    pub(super) own: Vec<Own>,
    /// The cells of all features; empty without trees.
    pub(super) cells: Vec<u32>,
    /// The levels of all features.
    pub(super) levels: Vec<u32>,
}

/// What a row has in a column of the ground.
#[derive(Clone, Copy, Debug)]
pub(super) struct Own {
    /// Words are their place among the words; NaN where there is none.
    pub(super) value: f64,
    pub(super) percentile: f64,
    /// What it adds to the score, without trees.
    pub(super) term: f64,
}

impl<'g> Player<'g> {
    /// `None` where there is nothing to change: no value, or no other that the direction allows.
    pub(super) fn of(ground: &'g Ground<'g>, index: usize, start: &Start) -> Option<Self> {
        let column = &ground.columns[index];
        let own = start.own[index];
        if own.value.is_nan() {
            return None;
        }
        let own_cell = start.cells.get(column.feature).copied();
        let own_cell = own_cell.unwrap_or(MISSING);
        let mut choices = by_cost(column, own, own_cell);
        choices.retain_mut(
            |choice| match ground.conflicts(index, choice, &start.levels) {
                Some(conflicts) => {
                    choice.conflicts = conflicts;
                    true
                }
                None => false,
            },
        );
        let cells = || choices.iter().map(|choice| choice.cell).chain([own_cell]);
        let span = [cells().min()?, cells().max()?];
        if own_cell != MISSING && column.formula.is_empty() && column.numbers.is_some() {
            // Of the values of a cell the cheapest.
            let mut is_new = vec![true; (span[1] - span[0]) as usize + 1];
            choices.retain(|choice| std::mem::take(&mut is_new[(choice.cell - span[0]) as usize]));
        }
        (!choices.is_empty()).then_some(Self {
            column,
            index,
            own,
            own_cell,
            choices,
            span,
        })
    }

    /// The nearest number between a choice and the candidate before it whose gain is enough, where the choice's is.
    ///
    /// Between two candidates what numbers count is a line, and the candidate before the choice is not enough.
    pub(super) fn refined(&self, choice: Choice, is_enough: impl Fn(f64) -> bool) -> Choice {
        let candidates = &self.column.candidates;
        let Some(numbers) = self.column.numbers.filter(|_| candidates.is_coarse) else {
            return choice;
        };
        let (from, gain_from) = self.before(&choice);
        let slope = (choice.gain - gain_from) / (choice.value - from);
        let gain_at = |value: f64| gain_from + slope * (value - from);
        let is_enough = |number: &f64| is_enough(gain_at(*number));
        let end = candidates.places[choice.candidate] as usize;
        let distinct = &numbers.distinct;
        let place = if choice.value > self.own.value {
            let start = distinct.partition_point(|&number| number <= from);
            start + distinct[start..end].partition_point(|number| !is_enough(number))
        } else {
            let stop = distinct.partition_point(|&number| number < from);
            end + distinct[end + 1..stop].partition_point(is_enough)
        };
        if place == end {
            return choice;
        }
        Choice {
            value: distinct[place],
            cost: (numbers.percentile_at(place) - self.own.percentile).abs(),
            gain: gain_at(distinct[place]),
            ..choice
        }
    }

    /// The candidate next to a choice on the side of the own value, or that, with what it adds to the score.
    fn before(&self, choice: &Choice) -> (f64, f64) {
        let (candidates, own) = (&self.column.candidates, self.own.value);
        let rises = choice.value > own;
        let next = if rises {
            choice.candidate.checked_sub(1)
        } else {
            Some(choice.candidate + 1)
        };
        let own_term = self.column.terms[choice.candidate] - choice.gain;
        let next = next.and_then(|at| Some((*candidates.values.get(at)?, self.column.terms[at])));
        let next = next.filter(|&(value, _)| value != own && (value > own) == rises);
        next.map_or((own, 0.0), |(value, term)| (value, term - own_term))
    }
}

/// The choices of a row, the cheapest first, of equal ones that of the lower value.
///
/// Going away from the own value costs more with every candidate, on either side: two ordered lists are merged. All words cost
/// the same.
fn by_cost(column: &Column<'_>, own: Own, own_cell: u32) -> Vec<Choice> {
    let candidates = &column.candidates;
    let choice = |candidate: &usize| column.choice(*candidate, own, own_cell);
    let n_candidates = candidates.values.len();
    if candidates.are_words() {
        return (0..n_candidates).filter_map(|at| choice(&at)).collect();
    }
    let n_below = candidates
        .values
        .partition_point(|&value| value < own.value);
    let (mut below, mut above) = (
        (0..n_below).rev().peekable(),
        (n_below..n_candidates).peekable(),
    );
    let cost = |candidate: &usize| candidates.cost(own.percentile, *candidate);
    let mut choices = Vec::with_capacity(n_candidates);
    loop {
        let is_below_next = match (below.peek(), above.peek()) {
            (Some(low), Some(high)) => cost(low) <= cost(high),
            (Some(_), None) => true,
            (None, Some(_)) => false,
            (None, None) => return choices,
        };
        let next = if is_below_next {
            below.next()
        } else {
            above.next()
        };
        choices.extend(next.as_ref().and_then(choice));
    }
}

impl Column<'_> {
    /// The change to a candidate, if it is one that the direction allows and the model notices.
    fn choice(&self, candidate: usize, own: Own, own_cell: u32) -> Option<Choice> {
        let value = self.candidates.values[candidate];
        if !self.is_known[candidate] {
            return None;
        }
        let is_allowed = match &self.direction {
            ActionDirection::To(_) => self.is_target[candidate] && value != own.value,
            _ if self.candidates.are_words() => value != own.value,
            ActionDirection::Decrease => value < own.value,
            ActionDirection::Increase => value > own.value,
            ActionDirection::Either => value != own.value,
        };
        let cell = self.cells.get(candidate).copied().unwrap_or(MISSING);
        let is_same = self.formula.is_empty() && cell != MISSING && cell == own_cell;
        let gain = |terms: &[f64], own: f64| terms.get(candidate).map_or(0.0, |term| term - own);
        let formula = |known| contribution(known, own.value);
        let own_formula = self.in_formula.map_or(0.0, formula);
        (is_allowed && !is_same).then(|| Choice {
            candidate,
            value,
            cost: self.candidates.cost(own.percentile, candidate),
            cell,
            gain: gain(&self.terms, own.term),
            gain_of_formula: gain(&self.formula, own_formula),
            level: self.levels.get(candidate).copied().unwrap_or(NO_LEVEL),
            conflicts: 0,
        })
    }
}
