//! The map that never falls and fits the outcomes best.

use clientela_numerics::StopToken;
use serde::{Deserialize, Serialize};

use super::{Calibrator, log_odds};
use crate::error::FitError;
use crate::metrics::binary::RankedOutcomes;

/// What a block without a positive, or without a negative, counts in addition: half a row of the missing class, as Jeffreys'
/// prior has it. Its log-odds would else be infinite.
const HALF: f64 = 0.5;

/// Lines between knots in log-odds, constant beyond the first and the last.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Isotonic {
    /// At least one; scores ascending, log-odds never falling.
    pub knots: Vec<Knot>,
}

/// A score and the log-odds it is mapped to.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Knot {
    /// Mean score of the rows of a block.
    pub score: f64,
    /// Log-odds of their rate.
    pub log_odds: f64,
}

/// Neighboring scores that share a rate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct IsotonicBlock {
    /// The lowest score.
    pub lowest: f64,
    /// The highest score.
    pub highest: f64,
    /// The mean score.
    pub mean: f64,
    /// Rows whose outcome is yes, by weight.
    pub positives: f64,
    /// Rows, by weight.
    pub n: f64,
}

impl IsotonicBlock {
    /// Share of rows whose outcome is yes.
    #[must_use]
    pub fn rate(&self) -> f64 {
        self.positives / self.n
    }

    fn joined(&self, next: &Self) -> Self {
        let n = self.n + next.n;
        let mean = self.mean + (next.mean - self.mean) * (next.n / n);
        Self {
            lowest: self.lowest,
            highest: next.highest,
            mean: mean.clamp(self.lowest, next.highest),
            positives: self.positives + next.positives,
            n,
        }
    }
}

/// The rates that never fall with the score and are closest to the outcomes: blocks of neighboring scores, rates ascending.
///
/// Equal scores are one from the start. Empty without rows.
///
/// Source: Ayer, Brunk, Ewing, Reid, Silverman (1955), "An Empirical Distribution Function for Sampling with Incomplete
/// Information", Annals of Mathematical Statistics 26(4), 641–647.
#[must_use]
pub fn pool_adjacent_violators(ranked: &RankedOutcomes) -> Vec<IsotonicBlock> {
    let mut blocks: Vec<IsotonicBlock> = Vec::new();
    for group in &ranked.groups {
        let mut block = IsotonicBlock {
            lowest: group.score,
            highest: group.score,
            mean: group.score,
            positives: group.positives,
            n: group.weight(),
        };
        // Compared by products, which are exact for counts.
        while let Some(before) =
            blocks.pop_if(|before| before.positives * block.n >= block.positives * before.n)
        {
            block = before.joined(&block);
        }
        blocks.push(block);
    }
    blocks
}

/// The isotonic map of scores and outcomes, of which there are both kinds.
pub(super) fn isotonic(
    scores: &[f64],
    outcomes: &[bool],
    weights: Option<&[f64]>,
    stop: &StopToken,
) -> Result<Calibrator, FitError> {
    let ranked = match weights {
        Some(weights) => RankedOutcomes::with_weights(scores, outcomes, weights),
        None => RankedOutcomes::new(scores, outcomes),
    };
    stop.poll()?;
    Ok(Calibrator::Isotonic(Isotonic::of(&ranked)))
}

impl Isotonic {
    /// Knots at the mean score and the rate of each block.
    ///
    /// Between the knots the log-odds rise on a line, as in centered isotonic regression (Oron, Flournoy 2017, "Centered Isotonic
    /// Regression: Point and Interval Estimation for Dose–Response Studies", Statistics in Biopharmaceutical Research 9(3)), so
    /// that rows of different scores are told apart inside a block too. A first block without a positive counts half of one,
    /// but never more than the next rate; a last one without a negative likewise.
    fn of(ranked: &RankedOutcomes) -> Self {
        let blocks = pool_adjacent_violators(ranked);
        let mut rates: Vec<f64> = blocks.iter().map(IsotonicBlock::rate).collect();
        let (first, last) = (0, blocks.len() - 1);
        if blocks[last].positives == blocks[last].n {
            let rate = 1.0 - HALF / (blocks[last].n + 1.0);
            rates[last] = rate.max(if last > 0 { rates[last - 1] } else { 0.0 });
        }
        if blocks[first].positives == 0.0 {
            let rate = HALF / (blocks[first].n + 1.0);
            rates[first] = rate.min(if last > 0 { rates[1] } else { 1.0 });
        }
        let knot = |(block, rate): (&IsotonicBlock, f64)| Knot {
            score: block.mean,
            log_odds: log_odds(rate),
        };
        Self {
            knots: blocks.iter().zip(rates).map(knot).collect(),
        }
    }

    pub(super) fn log_odds(&self, score: f64) -> f64 {
        let above = self.knots.partition_point(|knot| knot.score <= score);
        if above == 0 {
            return self.knots[0].log_odds;
        }
        let from = self.knots[above - 1];
        let Some(to) = self.knots.get(above) else {
            return from.log_odds;
        };
        let share = (score - from.score) / (to.score - from.score);
        // Rounding must not carry it beyond the next knot.
        (from.log_odds + share * (to.log_odds - from.log_odds)).min(to.log_odds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn isotonic(scores: &[f64], outcomes: &[bool]) -> Isotonic {
        Isotonic::of(&RankedOutcomes::new(scores, outcomes))
    }

    #[test]
    fn violators_are_pooled() {
        let scores = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0];
        let outcomes = [false, true, false, true, false, true, true];
        let blocks = pool_adjacent_violators(&RankedOutcomes::new(&scores, &outcomes));
        let found: Vec<[f64; 4]> = blocks
            .iter()
            .map(|block| [block.lowest, block.highest, block.mean, block.rate()])
            .collect();
        // 2 and 3 share a rate of 1/2, and so do 4 and 5: equal rates are one block, as are the two at the end.
        let expected = [
            [1.0, 1.0, 1.0, 0.0],
            [2.0, 5.0, 3.5, 0.5],
            [6.0, 7.0, 6.5, 1.0],
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn blocks_of_one_class_count_half_a_row_of_the_other() {
        let map = isotonic(&[0.0, 1.0, 4.0], &[false, false, true]);
        let expected = [(0.5, log_odds(1.0 / 6.0)), (4.0, log_odds(0.75))];
        let given: Vec<(f64, f64)> = map.knots.iter().map(|k| (k.score, k.log_odds)).collect();
        assert_eq!(given, expected);
        assert_eq!(map.log_odds(-1e300), expected[0].1);
        assert_eq!(map.log_odds(1e300), expected[1].1);
    }

    #[test]
    fn half_a_row_does_not_turn_the_order_around() {
        // One negative, then 999 negatives and a positive: half of one in two rows would be above 1 in 1,000.
        let mut scores = vec![2.0; 1000];
        let mut outcomes = vec![false; 1000];
        outcomes[7] = true;
        scores.extend([1.0, 3.0]);
        outcomes.extend([false, true]);
        let map = isotonic(&scores, &outcomes);
        assert_eq!(map.knots.len(), 3);
        assert_eq!(map.knots[0].log_odds, log_odds(0.001));
    }

    #[test]
    fn outcomes_that_fall_with_the_score_give_one_rate() {
        let map = isotonic(&[1.0, 2.0, 3.0, 4.0], &[true, true, false, false]);
        assert_eq!(map.knots.len(), 1);
        assert_eq!(map.log_odds(2.2), 0.0);
    }
}
