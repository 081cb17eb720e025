//! The smallest change of two columns: pairs in the order of what they may come to, as far as none can be smaller, and as far as
//! the work allowed for a row reaches.

use super::players::{Choice, Player};
use super::row::Row;
use super::trees::Range;

/// By how much, relative to 1 and the score, a sum in another order may differ.
const ROUNDING: f64 = 1e-9;
/// Work of a walk through a tree, in cells of a table: some 25 nodes, each of which takes as long as two cells.
const WORK_OF_TREE: u64 = 50;

/// What a search of all pairs came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PairSearch {
    pub(super) is_found: bool,
    /// Whether it ended before its work was used up: nothing smaller is enough.
    pub(super) is_complete: bool,
}

/// What the choices of a player do alone, in their order: by cost.
struct Reach {
    gains: Vec<f64>,
    /// The lowest gain so far.
    lowest: Vec<f64>,
    /// The lowest gain of the formula, of all.
    lowest_of_formula: f64,
}

/// A pair that may be enough, with the least that both do together beyond the sum of what each does alone.
struct OpenPair {
    bound: f64,
    interaction: f64,
    pair: [usize; 2],
}

struct Best {
    cost: f64,
    pair: [usize; 2],
    choices: [Choice; 2],
}

impl Best {
    /// Whether a pair at some cost is smaller than the best: of equal ones the first by columns.
    fn is_above(best: Option<&Self>, cost: f64, [first, second]: [usize; 2]) -> bool {
        best.is_none_or(|best| {
            let order = [best.pair[1], best.pair[0]];
            cost < best.cost || cost == best.cost && [second, first] < order
        })
    }
}

impl Row<'_> {
    /// The smallest change of two columns; chosen if there is one. Nothing is chosen before.
    pub(super) fn in_pairs(&mut self, work_max: u64) -> PairSearch {
        let n_players = self.players.len() as u64;
        let mut work = n_players * (n_players - 1) / 2;
        let mut is_complete = work <= work_max;
        let mut best: Option<Best> = None;
        if is_complete {
            let reaches = self.reaches();
            for open in self.open_pairs(&reaches) {
                let Some(n_tried) = self.n_tried(&open, &reaches, best.as_ref()) else {
                    continue;
                };
                let spans = self.spans(open.pair, n_tried);
                let more = self.work_of_surface(spans);
                if work + more > work_max {
                    is_complete = false;
                    continue;
                }
                self.score_surface(open.pair, spans);
                work += more + self.try_pair(&open, &reaches, n_tried, spans, &mut best);
            }
        }
        let is_found = best.is_some();
        if let Some(Best { pair, choices, .. }) = best {
            for (player, choice) in pair.into_iter().zip(choices) {
                self.choose(player, Some(choice));
            }
        }
        PairSearch {
            is_found,
            is_complete,
        }
    }

    /// What each player does alone.
    fn reaches(&mut self) -> Vec<Reach> {
        if let Some(trees) = &self.ground.trees {
            let near = &mut self.memory.near;
            near.see_pairs(trees, &mut self.ranges, &self.open);
        }
        let gain = |player: usize, choice: &Choice| match self.ground.trees {
            Some(_) => (self.memory.near).gain(player, &self.open[player], choice.cell),
            None => choice.gain,
        };
        let reach = |(index, player): (usize, &Player<'_>)| {
            let choices = player.choices.iter();
            let gains: Vec<f64> = choices.map(|choice| gain(index, choice)).collect();
            let lowest = gains.iter().scan(f64::INFINITY, |lowest, &gain| {
                *lowest = gain.min(*lowest);
                Some(*lowest)
            });
            let of_formula = player.choices.iter().map(|choice| choice.gain_of_formula);
            Reach {
                lowest: lowest.collect(),
                gains,
                lowest_of_formula: of_formula.fold(f64::INFINITY, f64::min),
            }
        };
        self.players.iter().enumerate().map(reach).collect()
    }

    /// Pairs that may be enough, those first that may come lowest.
    fn open_pairs(&self, reaches: &[Reach]) -> Vec<OpenPair> {
        let mut open = Vec::new();
        for second in 1..reaches.len() {
            for first in 0..second {
                let pair = [first, second];
                let alone = pair.map(|player| reaches[player].lowest.last().copied());
                let alone = alone.into_iter().flatten().sum::<f64>();
                let (of_trees, interaction) = match self.ground.trees {
                    Some(_) => self.memory.near.bounds(first, second).into(),
                    None => (alone, 0.0),
                };
                let bound = of_trees.max(alone + interaction);
                let of_formula = pair.map(|player| reaches[player].lowest_of_formula);
                if self.may_be_enough(bound, of_formula.iter().sum()) {
                    open.push(OpenPair {
                        bound,
                        interaction,
                        pair,
                    });
                }
            }
        }
        open.sort_by(|a, b| {
            let by_columns = || [a.pair[1], a.pair[0]].cmp(&[b.pair[1], b.pair[0]]);
            a.bound.total_cmp(&b.bound).then_with(by_columns)
        });
        open
    }

    /// Whether gains that are no lower than these may be enough.
    fn may_be_enough(&self, gain: f64, gain_of_formula: f64) -> bool {
        let rounding = ROUNDING * (1.0 + self.score.abs() + self.z.abs());
        let (score, z) = (self.score + gain, self.z + gain_of_formula);
        self.ground.level(score - rounding, z - rounding) <= self.limit
    }

    /// How many choices of each of two players are cheap enough to be smaller than the best; `None` where these are not enough.
    fn n_tried(
        &self,
        open: &OpenPair,
        reaches: &[Reach],
        best: Option<&Best>,
    ) -> Option<[usize; 2]> {
        let pair = open.pair;
        let [a, b] = pair.map(|player| &self.players[player].choices);
        let n_below = |choices: &[Choice], cheapest: f64| {
            choices.partition_point(|choice| Best::is_above(best, choice.cost + cheapest, pair))
        };
        let n_tried = [n_below(a, b[0].cost), n_below(b, a[0].cost)];
        let [last_a, last_b] = n_tried.map(|n| n.checked_sub(1));
        let [a, b] = pair.map(|player| &reaches[player]);
        let alone = a.lowest[last_a?] + b.lowest[last_b?];
        let of_formula = a.lowest_of_formula + b.lowest_of_formula;
        let bound = open.bound.max(alone + open.interaction);
        self.may_be_enough(bound, of_formula).then_some(n_tried)
    }

    /// The cells of the cheapest choices.
    fn spans(&self, pair: [usize; 2], n_tried: [usize; 2]) -> [Range; 2] {
        [0, 1].map(|k| {
            let choices = &self.players[pair[k]].choices[..n_tried[k]];
            let cells = choices.iter().map(|choice| choice.cell);
            cells.fold([u32::MAX, 0], |[low, high], cell| {
                [low.min(cell), high.max(cell)]
            })
        })
    }

    fn work_of_surface(&self, spans: [Range; 2]) -> u64 {
        self.ground.trees.as_ref().map_or(0, |trees| {
            let [height, width] = spans.map(|span| u64::from(span[1] - span[0]) + 2);
            height * width + WORK_OF_TREE * trees.roots.len() as u64
        })
    }

    /// Under trees, the scores of all cells of two players.
    fn score_surface(&mut self, pair: [usize; 2], spans: [Range; 2]) {
        let Some(trees) = &self.ground.trees else {
            return;
        };
        let features = pair.map(|player| self.open[player].feature);
        let own = features.map(|feature| self.ranges[feature]);
        for (feature, span) in features.into_iter().zip(spans) {
            self.ranges[feature] = span;
        }
        trees.surface(&mut self.ranges, features, &mut self.memory.cells);
        for (feature, own) in features.into_iter().zip(own) {
            self.ranges[feature] = own;
        }
    }

    /// Finds what is smaller than the best; returns how many pairs of choices were looked at.
    fn try_pair(
        &self,
        open: &OpenPair,
        reaches: &[Reach],
        n_tried: [usize; 2],
        spans: [Range; 2],
        best: &mut Option<Best>,
    ) -> u64 {
        let pair = open.pair;
        let [of_a, of_b] = pair.map(|player| &reaches[player]);
        let [a, b] = [0, 1].map(|k| &self.players[pair[k]].choices[..n_tried[k]]);
        let mut n_looked_at = 0;
        for (a, gain) in a.iter().zip(&of_a.gains) {
            n_looked_at += 1;
            let of_formula = a.gain_of_formula + of_b.lowest_of_formula;
            // The cheaper ones are not enough whatever they do together.
            let n_too_weak = of_b.lowest[..b.len()].partition_point(|lowest| {
                !self.may_be_enough(gain + lowest + open.interaction, of_formula)
            });
            for b in &b[n_too_weak..] {
                n_looked_at += 1;
                let cost = a.cost + b.cost;
                if !Best::is_above(best.as_ref(), cost, pair) {
                    break;
                }
                if self.level_of_pair(spans, [a, b]) <= self.limit
                    && self.are_feasible(pair, [a, b])
                {
                    *best = Some(Best {
                        cost,
                        pair,
                        choices: [*a, *b],
                    });
                    break;
                }
            }
        }
        n_looked_at
    }

    fn level_of_pair(&self, spans: [Range; 2], [a, b]: [&Choice; 2]) -> f64 {
        let z = self.z + a.gain_of_formula + b.gain_of_formula;
        let score = if self.ground.trees.is_some() {
            let width = (spans[1][1] - spans[1][0]) as usize + 2;
            let line = (a.cell - spans[0][0]) as usize * width;
            self.memory.cells[line + (b.cell - spans[1][0]) as usize]
        } else {
            self.score + a.gain + b.gain
        };
        self.ground.level(score, z)
    }
}
