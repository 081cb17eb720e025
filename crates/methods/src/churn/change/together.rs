//! Which words go together: a customer without an internet line can't be given its security, whatever a model would say of it.

use clientela_numerics::{StopToken, Stopped};
use rayon::prelude::*;

use super::ActionDirection;
use crate::churn::values::{ColumnValues, SpreadValues};

/// Compared rows that must have two words together, as many as a word needs to be told apart.
const ROWS_TOGETHER_MIN: u32 = 5;
/// Rows that a saved model must be given for their words to tell which go together.
const ROWS_SCORED_MIN: usize = 200;
/// The level of a number, or of a value that is missing.
pub(super) const NO_LEVEL: u32 = u32::MAX;
/// Columns whose conflicts fit a set.
const COLUMNS_MAX: usize = u64::BITS as usize;

/// How many compared rows have each two levels of columns of words, and of yes and no.
#[derive(Clone, Debug)]
pub(super) struct Together {
    /// Levels of each feature, missing not among them; 0 of numbers.
    n_levels: Vec<usize>,
    /// The place of a feature among the actions.
    action_of: Vec<Option<usize>>,
    /// For each action and each feature the counts, a line of the feature's levels for each of the action's; empty where
    /// nothing is counted.
    counts: Vec<Vec<Vec<u32>>>,
}

impl Together {
    pub(super) fn of(
        values: &ColumnValues<'_>,
        actions: &[(usize, ActionDirection)],
        stop: &StopToken,
    ) -> Result<Self, Stopped> {
        let n_levels: Vec<usize> = values
            .spreads
            .iter()
            .map(|spread| match &spread.values {
                SpreadValues::Numbers(_) => 0,
                SpreadValues::Booleans(groups) => groups.len(),
                SpreadValues::Words { groups, .. } => groups.len(),
            })
            .collect();
        let has_levels = actions.iter().any(|action| n_levels[action.0] > 0);
        let levels = if has_levels {
            levels_of_columns(values, &n_levels)
        } else {
            vec![Vec::new(); n_levels.len()]
        };
        let is_known = !values.is_saved || values.compared.len() >= ROWS_SCORED_MIN;
        let of_action = |(action, _): &(usize, ActionDirection)| {
            let count = |feature: usize| {
                stop.poll()?;
                let (own, width) = (n_levels[*action], n_levels[feature]);
                let mut counts = vec![0; own * width];
                if !is_known || feature == *action || counts.is_empty() {
                    return Ok(Vec::new());
                }
                for (&a, &b) in levels[*action].iter().zip(&levels[feature]) {
                    if a != NO_LEVEL && b != NO_LEVEL {
                        counts[a as usize * width + b as usize] += 1;
                    }
                }
                Ok(counts)
            };
            (0..n_levels.len()).map(count).collect()
        };
        let counts = actions.par_iter().map(of_action);
        Ok(Self {
            counts: counts.collect::<Result<_, Stopped>>()?,
            action_of: (0..n_levels.len())
                .map(|feature| actions.iter().position(|action| action.0 == feature))
                .collect(),
            n_levels,
        })
    }

    /// The levels of all features of a row.
    pub(super) fn levels(&self, values: &ColumnValues<'_>, place: u32) -> Vec<u32> {
        let features = self.n_levels.iter().enumerate();
        features
            .map(|(feature, &n_levels)| level(values, n_levels, feature, place))
            .collect()
    }

    /// The actions (as a set of their places) whose present levels do not go with another level of an action; `None` where that
    /// is so of a column that stays.
    pub(super) fn conflicts(&self, action: usize, to: u32, present: &[u32]) -> Option<u64> {
        let mut conflicts = 0;
        for (feature, counts) in self.counts[action].iter().enumerate() {
            if counts.is_empty() || to == NO_LEVEL || present[feature] == NO_LEVEL {
                continue;
            }
            if counts[to as usize * self.n_levels[feature] + present[feature] as usize]
                >= ROWS_TOGETHER_MIN
            {
                continue;
            }
            let other = self.action_of[feature].filter(|&other| other < COLUMNS_MAX)?;
            conflicts |= 1 << other;
        }
        Some(conflicts)
    }

    /// Whether two levels of two actions go together.
    pub(super) fn go_together(&self, a: (usize, u32), b: (usize, u32)) -> bool {
        let feature = self
            .action_of
            .iter()
            .position(|action| *action == Some(b.0));
        let Some(feature) = feature.filter(|_| a.1 != NO_LEVEL && b.1 != NO_LEVEL) else {
            return true;
        };
        let counts = &self.counts[a.0][feature];
        let at = a.1 as usize * self.n_levels[feature] + b.1 as usize;
        counts.get(at).is_none_or(|&n| n >= ROWS_TOGETHER_MIN)
    }
}

/// The levels of the compared rows, by feature.
fn levels_of_columns(values: &ColumnValues<'_>, n_levels: &[usize]) -> Vec<Vec<u32>> {
    let of_feature = |(feature, &n_levels): (usize, &usize)| {
        let places = values.compared.iter();
        places
            .map(|&place| level(values, n_levels, feature, place))
            .collect()
    };
    n_levels.par_iter().enumerate().map(of_feature).collect()
}

fn level(values: &ColumnValues<'_>, n_levels: usize, feature: usize, place: u32) -> u32 {
    let level = values.level_at(feature, place as usize);
    let level = level.filter(|&level| level < n_levels);
    level.map_or(NO_LEVEL, |level| level as u32)
}
