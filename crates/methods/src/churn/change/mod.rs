//! What would change a risk: the smallest change of columns somebody can act on that brings a customer below their band.
//!
//! It is a statement about the model, not about causes: what the model would say of a customer who is the same in all else.
//!
//! - Values come from the compared rows of [`ColumnValues`], so that a change is to something that customers have: within the
//!   range, whole where all are whole, yes or no, a word that is told apart. A value that is missing, or that the model learned
//!   nothing of, can't be changed, nor anything be changed to one. Of the rows behind a saved model the deciles are known, and the
//!   values of the rows it scores.
//! - Words, and yes and no, must go together: a new one is proposed only where at least five compared rows have it with each word,
//!   yes or no that the customer keeps or would be given beside it. Under a saved model these are the rows it scores, and below
//!   200 of them nobody knows.
//! - What a change costs is the share of the compared rows between the old value and the new one (difference of mid-ranks); from
//!   one word to another ½, as from no to yes. Costs of several columns add up.
//! - One column comes before two, two before more; of those with as many the cheapest, of equal ones the first by columns.
//!
//! Exact are: trees, for which a column has as many different answers as there are cells between thresholds, one column and
//! pairs, over all values; the logistic regression and the formula for one column, which are lines between few bends, and for pairs
//! where no column has more than 256 values (of others those at steps of 1/256 of the rows are tried). Three and four columns
//! are searched step by step, the best first, and what was not needed is taken back: there may be smaller changes. That nothing
//! is enough is proven by a bound: each tree at its lowest leaf that the changes allow.
//!
//! Cost: for each row one walk through the trees for all columns and all bounds of pairs, then for each pair that its bound leaves
//! open O(nodes + cells²), those first that may come lowest, and only cells that cost less than the best so far. That is bounded:
//! a row's pairs may take 200,000 steps (a cell of a table of two columns each, a tree 50; of few rows more, 5 · 10⁸ together).
//! Where these are used up, the smallest pair of those that were searched is the answer, or what is found step by step, and it is
//! not called exact.

mod candidates;
mod columns;
mod ground;
mod near;
mod pairs;
mod players;
mod row;
mod search;
mod together;
mod trees;

#[cfg(test)]
mod tests;

use clientela_numerics::{StopToken, Stopped};
use clientela_tables::MISSING_TEXT;
use rayon::prelude::*;

use super::factors::FactorValue;
use super::features::FeatureValues;
use super::report::{RiskBand, RiskReport, Source};
use super::values::{ColumnValues, SpreadValues};
use columns::Column;
use ground::Ground;
use players::{Own, Start};
use row::Memory;
use search::{Found, search};
use together::Together;

/// Rows that are encoded together.
const BLOCK: usize = 256;

/// Work that the pairs of all rows may take, in cells of tables of two columns (about 1 ns each).
const WORK_MAX: u64 = 500_000_000;
/// Work that the pairs of one row may take however many rows there are: about as long as trees take to learn from a row.
const WORK_OF_ROW: u64 = 200_000;

/// A column that somebody can act on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actionable {
    /// Its name.
    pub column: String,
    /// Which way its values can be moved.
    pub direction: ActionDirection,
}

/// Which way values can be moved; a word for any other one, unless some are named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ActionDirection {
    /// Down, or from yes to no.
    Decrease,
    /// Up, or from no to yes.
    Increase,
    /// Both.
    Either,
    /// For one of these words; numbers, and yes and no, can't be moved so.
    To(Vec<String>),
}

/// How far down a risk is to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeGoal {
    /// Below its band: a high one below 0.60, a medium one below 0.25.
    NextBand,
    /// Below 0.25.
    Low,
}

/// What would change the risk of each row.
#[derive(Clone, Debug, PartialEq)]
pub struct Changes {
    columns: Vec<ActionColumn>,
    /// `None` for rows of low risk.
    of_rows: Vec<Option<Box<Found>>>,
    unused: Vec<String>,
}

/// What would change the risk of a row.
#[derive(Clone, Debug, PartialEq)]
pub enum Change<'a> {
    /// The risk is low.
    NotNeeded,
    /// This is enough.
    Found(Reached<'a>),
    /// Nothing that was tried is enough; this lowers the risk most of what was tried.
    NotPossible(Reached<'a>),
}

/// A change and what it comes to.
#[derive(Clone, Debug, PartialEq)]
pub struct Reached<'a> {
    /// One for each changed column, in the order they were declared.
    pub steps: Vec<Step<'a>>,
    /// Probability that would be served, in (0, 1).
    pub probability: f64,
    /// Its band.
    pub band: RiskBand,
    /// Of a change that is enough: none is smaller. Else: it is proven that no change of these columns is enough.
    pub is_exact: bool,
}

/// A change of one column.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step<'a> {
    /// The column.
    pub feature: &'a str,
    /// The value of the row; not missing.
    pub from: FactorValue<'a>,
    /// Another one; not missing.
    pub to: FactorValue<'a>,
    /// Share of the compared rows between the two, ½ between words; in [0, 1].
    pub cost: f64,
}

/// A column that is acted on.
#[derive(Clone, Debug, PartialEq)]
struct ActionColumn {
    name: String,
    is_boolean: bool,
    words: Option<Vec<String>>,
}

impl Changes {
    /// What would change the risk of a row of the table.
    #[must_use]
    pub fn of_row(&self, row: usize) -> Change<'_> {
        let Some(found) = &self.of_rows[row] else {
            return Change::NotNeeded;
        };
        let step = |step: &search::Step| {
            let column = &self.columns[step.column];
            Step {
                feature: &column.name,
                from: column.value(step.from),
                to: column.value(step.to),
                cost: step.cost,
            }
        };
        let reached = Reached {
            steps: found.steps.iter().map(step).collect(),
            probability: found.probability,
            band: RiskBand::of(found.probability),
            is_exact: found.is_exact,
        };
        if found.is_enough {
            Change::Found(reached)
        } else {
            Change::NotPossible(reached)
        }
    }

    /// Columns that were declared and that models do not see.
    #[must_use]
    pub fn unused(&self) -> &[String] {
        &self.unused
    }
}

impl ActionColumn {
    fn value(&self, value: f64) -> FactorValue<'_> {
        match &self.words {
            Some(words) => FactorValue::Text(&words[value as usize]),
            None if self.is_boolean => FactorValue::Boolean(value != 0.0),
            None => FactorValue::Number(value),
        }
    }
}

/// The smallest change that brings each row of medium or high risk to the goal, by the model that its risk comes from.
///
/// Of a column that is declared twice the first declaration counts.
///
/// # Errors
/// [`Stopped`] when the stop token is set.
pub fn changes(
    values: &ColumnValues<'_>,
    report: &RiskReport,
    actionable: &[Actionable],
    goal: ChangeGoal,
    stop: &StopToken,
) -> Result<Changes, Stopped> {
    changes_within(values, report, actionable, goal, work_of_each, stop)
}

/// The changes, where so many rows at risk may take so much work each for their pairs.
fn changes_within(
    values: &ColumnValues<'_>,
    report: &RiskReport,
    actionable: &[Actionable],
    goal: ChangeGoal,
    work_of_each: impl Fn(u64) -> u64,
    stop: &StopToken,
) -> Result<Changes, Stopped> {
    let (actions, unused) = resolved(values, actionable);
    let mut of_sources: Vec<(Source, Vec<u32>)> = Vec::new();
    for (place, &row) in values.order.iter().enumerate() {
        let customer = &report.customers[row as usize];
        if customer.band == RiskBand::Low {
            continue;
        }
        match of_sources
            .iter_mut()
            .find(|(source, _)| *source == customer.source)
        {
            Some((_, places)) => places.push(place as u32),
            None => of_sources.push((customer.source, vec![place as u32])),
        }
    }
    let together = Together::of(values, &actions, stop)?;
    let ground = |(source, _): &(Source, Vec<u32>)| {
        let served = report.models.as_ref().map(|models| models.of(*source));
        Ground::of(served, values, &actions, &together, stop)
    };
    let grounds = of_sources.par_iter().map(ground);
    let grounds: Vec<Ground<'_>> = grounds.collect::<Result<_, Stopped>>()?;
    let blocks: Vec<(&Ground<'_>, &[u32])> = grounds
        .iter()
        .zip(&of_sources)
        .flat_map(|(ground, (_, places))| places.chunks(BLOCK).map(move |block| (ground, block)))
        .collect();
    let n_at_risk = of_sources.iter().map(|(_, places)| places.len() as u64);
    let work_max = work_of_each(n_at_risk.sum());
    let search = |&(ground, places): &(&Ground<'_>, &[u32])| {
        Searched {
            values,
            report,
            ground,
            together: &together,
            goal,
            work_max,
        }
        .block(places, stop)
    };
    let found: Vec<Vec<Found>> = blocks
        .par_iter()
        .with_max_len(1)
        .map(search)
        .collect::<Result<_, Stopped>>()?;
    let mut of_rows = vec![None; report.customers.len()];
    for ((_, places), found) in blocks.iter().zip(found) {
        for (&place, found) in places.iter().zip(found) {
            of_rows[values.order[place as usize] as usize] = Some(Box::new(found));
        }
    }
    Ok(Changes {
        columns: actions
            .iter()
            .map(|(feature, _)| action_column(values, *feature))
            .collect(),
        of_rows,
        unused,
    })
}

/// How much work the pairs of each of some rows at risk may take.
fn work_of_each(n_rows: u64) -> u64 {
    (WORK_MAX / n_rows.max(1)).max(WORK_OF_ROW)
}

/// The features of declared columns, and the names of those that are none.
fn resolved(
    values: &ColumnValues<'_>,
    actionable: &[Actionable],
) -> (Vec<(usize, ActionDirection)>, Vec<String>) {
    let mut actions: Vec<(usize, ActionDirection)> = Vec::new();
    let mut unused = Vec::new();
    for action in actionable {
        let mut columns = values.features.columns.iter();
        match columns.position(|column| column.name == action.column) {
            Some(feature) if actions.iter().all(|(earlier, _)| *earlier != feature) => {
                actions.push((feature, action.direction.clone()));
            }
            Some(_) => {}
            None => unused.push(action.column.clone()),
        }
    }
    (actions, unused)
}

fn action_column(values: &ColumnValues<'_>, feature: usize) -> ActionColumn {
    let column = &values.features.columns[feature];
    ActionColumn {
        name: column.name.clone(),
        is_boolean: matches!(values.spreads[feature].values, SpreadValues::Booleans(_)),
        words: match &column.values {
            FeatureValues::Text { levels, .. } => Some(levels.clone()),
            FeatureValues::Numeric(_) => None,
        },
    }
}

/// What a search of rows of one model looks at.
struct Searched<'a> {
    values: &'a ColumnValues<'a>,
    report: &'a RiskReport,
    ground: &'a Ground<'a>,
    together: &'a Together,
    goal: ChangeGoal,
    /// For the pairs of each row.
    work_max: u64,
}

impl Searched<'_> {
    /// The rows at some canonical places.
    fn block(&self, places: &[u32], stop: &StopToken) -> Result<Vec<Found>, Stopped> {
        let unknown = self.ground.unknown(&self.values.features, places);
        let unknown = unknown.as_ref();
        let cells = (self.ground).cells(&self.values.features, places, unknown);
        let terms = self.ground.terms(&self.values.features, places, stop)?;
        let n_features = self.values.spreads.len();
        let mut memory = Memory::default();
        let mut all = Vec::with_capacity(places.len());
        for (index, &place) in places.iter().enumerate() {
            stop.poll()?;
            let customer = &self.report.customers[self.values.order[place as usize] as usize];
            let band = match self.goal {
                ChangeGoal::NextBand => customer.band,
                ChangeGoal::Low => RiskBand::Medium,
            };
            let of_row = |all: &[f64]| {
                all.chunks(n_features.max(1))
                    .nth(index)
                    .map(<[f64]>::to_vec)
            };
            let start = Start {
                score: customer.score,
                z: self.z(place),
                own: self.own(
                    place as usize,
                    &of_row(&terms).unwrap_or_default(),
                    |feature| unknown.is_some_and(|unknown| unknown.is(feature, index)),
                ),
                cells: cells.iter().map(|column| column[index]).collect(),
                levels: self.together.levels(self.values, place),
            };
            let limit = self.ground.limit(band);
            all.push(search(
                self.ground,
                &start,
                limit,
                self.work_max,
                &mut memory,
            ));
        }
        Ok(all)
    }

    /// z of the formula.
    fn z(&self, place: u32) -> f64 {
        let models = self.report.models.as_ref();
        models.map_or(0.0, |models| models.heuristic_log_odds[place as usize])
    }

    /// What a row has in the columns of the ground; `terms` are those of all features, where the model has any.
    ///
    /// What is unknown to the model counts as missing: how far a change would lead from it nobody knows.
    fn own(&self, place: usize, terms: &[f64], is_unknown: impl Fn(usize) -> bool) -> Vec<Own> {
        let own = |column: &Column<'_>| {
            let feature = column.feature;
            let value = match &self.values.features.columns[feature].values {
                _ if is_unknown(feature) => f64::NAN,
                FeatureValues::Numeric(numbers) => numbers[place],
                FeatureValues::Text { codes, .. } => match codes[place] {
                    MISSING_TEXT => f64::NAN,
                    word => f64::from(word),
                },
            };
            Own {
                value,
                percentile: self.values.spreads[feature]
                    .percentile(value)
                    .unwrap_or(0.0),
                term: terms
                    .get(feature)
                    .copied()
                    .unwrap_or_else(|| self.ground.formula_term(column, value)),
            }
        };
        self.ground.columns.iter().map(own).collect()
    }
}
