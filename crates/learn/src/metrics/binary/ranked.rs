//! Outcomes in the order of their scores, equal scores together.

use libm::{log, log1p};
use rayon::prelude::*;

use super::clusters::Clusters;
use super::proportion::{Interval, wilson_interval};

/// The sign bit of a double.
const SIGN: u64 = 1 << 63;

/// Rows that share one score.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct ScoreGroup {
    pub score: f64,
    /// Weight of the rows whose outcome is yes.
    pub positives: f64,
    /// Weight of the others.
    pub negatives: f64,
}

impl ScoreGroup {
    pub(crate) fn weight(&self) -> f64 {
        self.positives + self.negatives
    }
}

/// Outcomes (yes or no) of rows, sorted by what was forecast for them: a score or a probability, the higher the likelier.
///
/// Rows are counted by weight, 1 where none is given; rows of equal scores stand together, so that nothing depends on the
/// order of the rows, not a bit.
#[derive(Clone, Debug, PartialEq)]
pub struct RankedOutcomes {
    /// Scores ascending.
    pub(crate) groups: Vec<ScoreGroup>,
    pub(crate) positives: f64,
    pub(crate) negatives: f64,
    /// Where some rows belong together.
    pub(crate) clusters: Option<Clusters>,
}

impl RankedOutcomes {
    /// Sorts outcomes by their scores.
    ///
    /// # Panics
    /// On slices of different lengths or scores that are not finite.
    #[must_use]
    pub fn new(scores: &[f64], outcomes: &[bool]) -> Self {
        assert_eq!(scores.len(), outcomes.len(), "an outcome for each score");
        let runs = [true, false].map(|class| {
            let of_class = scores.iter().zip(outcomes).filter(|row| *row.1 == class);
            let mut keys: Vec<u64> = of_class.map(|(&score, _)| key(score)).collect();
            keys.par_sort_unstable();
            let runs = keys.chunk_by(|a, b| a == b);
            runs.map(|run| (run[0], run.len() as f64)).collect()
        });
        Self::merged(runs)
    }

    /// As [`RankedOutcomes::new`] with a weight for each row that counts as so many rows; a row of weight 0 counts for nothing.
    ///
    /// # Panics
    /// As there, or on weights that are negative or not finite.
    #[must_use]
    pub fn with_weights(scores: &[f64], outcomes: &[bool], weights: &[f64]) -> Self {
        assert_eq!(scores.len(), outcomes.len(), "an outcome for each score");
        assert_eq!(scores.len(), weights.len(), "a weight for each score");
        assert!(
            weights.iter().all(|w| w.is_finite() && *w >= 0.0),
            "finite weights of at least 0"
        );
        let runs = [true, false].map(|class| {
            let of_class =
                (0..scores.len()).filter(|&row| outcomes[row] == class && weights[row] > 0.0);
            // Sorted by weight too, so that sums of weights do not depend on the order of the rows.
            let mut keys: Vec<(u64, u64)> = of_class
                .map(|row| (key(scores[row]), weights[row].to_bits()))
                .collect();
            keys.par_sort_unstable();
            let weight = |run: &[(u64, u64)]| run.iter().map(|row| f64::from_bits(row.1)).sum();
            let runs = keys.chunk_by(|a, b| a.0 == b.0);
            runs.map(|run| (run[0].0, weight(run))).collect()
        });
        Self::merged(runs)
    }

    /// Puts the runs (key, weight) of positives and negatives together.
    fn merged([positives, negatives]: [Vec<(u64, f64)>; 2]) -> Self {
        let mut groups = Vec::with_capacity(positives.len() + negatives.len());
        let (mut above, mut below) = (positives.iter().peekable(), negatives.iter().peekable());
        loop {
            let least = match (above.peek(), below.peek()) {
                (Some(a), Some(b)) => a.0.min(b.0),
                (Some(only), None) | (None, Some(only)) => only.0,
                (None, None) => break,
            };
            let positives = above.next_if(|run| run.0 == least).map_or(0.0, |run| run.1);
            let negatives = below.next_if(|run| run.0 == least).map_or(0.0, |run| run.1);
            groups.push(ScoreGroup {
                score: score(least),
                positives,
                negatives,
            });
        }
        Self {
            positives: groups.iter().map(|group| group.positives).sum(),
            negatives: groups.iter().map(|group| group.negatives).sum(),
            groups,
            clusters: None,
        }
    }

    /// Rows, by weight.
    #[must_use]
    pub fn n(&self) -> f64 {
        self.positives + self.negatives
    }

    /// Rows whose outcome is yes, by weight.
    #[must_use]
    pub fn n_positives(&self) -> f64 {
        self.positives
    }

    /// Share of rows whose outcome is yes; `None` without rows.
    #[must_use]
    pub fn base_rate(&self) -> Option<f64> {
        (self.n() > 0.0).then(|| self.positives / self.n())
    }

    /// Wilson's interval of the share of rows whose outcome is yes, of as many trials as clusters of rows are worth; `None`
    /// without rows.
    ///
    /// # Panics
    /// When `level` is not in (0, 1).
    #[must_use]
    pub fn base_rate_interval(&self, level: f64) -> Option<Interval> {
        let effect = self.design_effect(|row| Some(f64::from(u8::from(row.is_positive))));
        wilson_interval(self.positives / effect, self.n() / effect, level)
    }

    /// Brier score: the mean squared difference of probability and outcome. 0 is best; the base rate r, given to all rows, has
    /// r(1 − r).
    ///
    /// ```text
    /// Σ w (p − y)² / Σ w
    /// ```
    ///
    /// The scores must be probabilities. `None` without rows.
    ///
    /// Source: Brier (1950), "Verification of Forecasts Expressed in Terms of Probability", Monthly Weather Review 78(1), 1–3.
    #[must_use]
    pub fn brier_score(&self) -> Option<f64> {
        self.mean_of(|group| {
            let miss = 1.0 - group.score;
            group.positives * miss * miss + group.negatives * group.score * group.score
        })
    }

    /// Log loss: the mean of −ln of the probability given to what happened. 0 is best.
    ///
    /// The scores must be probabilities; those of 0 and 1 count as 2⁻⁵² and 1 − 2⁻⁵², as in scikit-learn, so that one wrong
    /// certainty is dear but finite. `None` without rows.
    #[must_use]
    pub fn log_loss(&self) -> Option<f64> {
        self.mean_of(|group| {
            let p = group.score.clamp(f64::EPSILON, 1.0 - f64::EPSILON);
            -(group.positives * log(p) + group.negatives * log1p(-p))
        })
    }

    /// Sum over the groups, in blocks of fixed size, by total weight.
    fn mean_of(&self, term: impl Fn(&ScoreGroup) -> f64) -> Option<f64> {
        let block = |block: &[ScoreGroup]| block.iter().map(&term).sum::<f64>();
        let blocks = self.groups.chunks(crate::blocks::BLOCK);
        (self.n() > 0.0).then(|| blocks.map(block).sum::<f64>() / self.n())
    }
}

/// A whole number in the order of the score; −0 counts as 0.
fn key(score: f64) -> u64 {
    assert!(score.is_finite(), "finite scores");
    let bits = (score + 0.0).to_bits();
    if bits & SIGN == 0 { bits | SIGN } else { !bits }
}

fn score(key: u64) -> f64 {
    f64::from_bits(if key & SIGN == 0 { !key } else { key ^ SIGN })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_scores_stand_together_in_ascending_order() {
        let ranked = RankedOutcomes::new(
            &[0.5, -3.0, 0.0, 0.5, -0.0, 1e300],
            &[true, true, false, false, true, false],
        );
        let groups: Vec<[f64; 3]> = ranked
            .groups
            .iter()
            .map(|group| [group.score, group.positives, group.negatives])
            .collect();
        let expected = [
            [-3.0, 1.0, 0.0],
            [0.0, 1.0, 1.0],
            [0.5, 1.0, 1.0],
            [1e300, 0.0, 1.0],
        ];
        assert_eq!(groups, expected);
        assert_eq!((ranked.n(), ranked.n_positives()), (6.0, 3.0));
        assert_eq!(ranked.base_rate(), Some(0.5));
    }

    #[test]
    fn rows_of_weight_zero_count_for_nothing() {
        let weighted = RankedOutcomes::with_weights(
            &[0.1, 0.7, 0.7, 0.9],
            &[false, true, true, true],
            &[1.0, 2.0, 1.0, 0.0],
        );
        let repeated = RankedOutcomes::new(&[0.7, 0.1, 0.7, 0.7], &[true, false, true, true]);
        assert_eq!(weighted, repeated);
    }

    #[test]
    fn without_rows_there_is_no_figure() {
        let ranked = RankedOutcomes::new(&[], &[]);
        assert_eq!(ranked.base_rate(), None);
        assert_eq!(ranked.brier_score(), None);
        assert_eq!(ranked.log_loss(), None);
    }

    #[test]
    fn a_wrong_certainty_is_finite() {
        let ranked = RankedOutcomes::new(&[0.0, 1.0], &[true, false]);
        let loss = ranked.log_loss().expect("rows");
        assert!(
            (loss - 52.0 * std::f64::consts::LN_2).abs() < 1e-12,
            "{loss}"
        );
        assert_eq!(ranked.brier_score(), Some(1.0));
    }
}
