//! Forecasts turned into yes or no at a threshold.

use super::proportion::{Interval, wilson_interval};
use super::ranked::{RankedOutcomes, ScoreGroup};

/// How often yes and no were decided rightly and wrongly, by weight.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Decisions {
    /// Yes, rightly.
    pub true_positives: f64,
    /// Yes, wrongly.
    pub false_positives: f64,
    /// No, wrongly.
    pub false_negatives: f64,
    /// No, rightly.
    pub true_negatives: f64,
    /// By how much clusters of rows widen the variance of the accuracy; 1 for independent rows.
    pub design_effect_of_accuracy: f64,
    /// By how much they widen that of TP / (TP + FP + FN), on which the interval of F1 rests.
    pub design_effect_of_f1: f64,
}

impl RankedOutcomes {
    /// Decides yes for scores of `threshold` and above.
    #[must_use]
    pub fn decisions(&self, threshold: f64) -> Decisions {
        let split = self.groups.partition_point(|group| group.score < threshold);
        let (no, yes) = self.groups.split_at(split);
        let positives =
            |groups: &[ScoreGroup]| groups.iter().map(|group| group.positives).sum::<f64>();
        let negatives =
            |groups: &[ScoreGroup]| groups.iter().map(|group| group.negatives).sum::<f64>();
        Decisions {
            true_positives: positives(yes),
            false_positives: negatives(yes),
            false_negatives: positives(no),
            true_negatives: negatives(no),
            design_effect_of_accuracy: self.design_effect(|row| {
                let is_right = row.is_positive == (row.group as usize >= split);
                Some(f64::from(u8::from(is_right)))
            }),
            design_effect_of_f1: self.design_effect(|row| {
                let is_yes = row.group as usize >= split;
                let is_hit = row.is_positive && is_yes;
                (row.is_positive || is_yes).then(|| f64::from(u8::from(is_hit)))
            }),
        }
    }
}

impl Decisions {
    /// Share of right decisions; `None` without rows.
    #[must_use]
    pub fn accuracy(&self) -> Option<f64> {
        (self.n() > 0.0).then(|| self.n_right() / self.n())
    }

    /// Wilson's interval of the accuracy, of as many trials as the clusters of rows are worth; `None` without rows.
    #[must_use]
    pub fn accuracy_interval(&self, level: f64) -> Option<Interval> {
        let effect = self.design_effect_of_accuracy;
        wilson_interval(self.n_right() / effect, self.n() / effect, level)
    }

    /// F1, the harmonic mean of precision and recall: `2·TP / (2·TP + FP + FN)`. 1 is best.
    ///
    /// 0 where no positive was found, or there was neither a positive nor a decision for one.
    ///
    /// Source: van Rijsbergen (1979), "Information Retrieval", 2nd edition, chapter 7.
    #[must_use]
    pub fn f1_score(&self) -> f64 {
        if self.true_positives > 0.0 {
            2.0 * self.true_positives / (self.true_positives + self.n_relevant())
        } else {
            0.0
        }
    }

    /// Interval of F1; `None` where there was neither a positive nor a decision for one.
    ///
    /// ```text
    /// F1 = 2J / (1 + J)      J = TP / (TP + FP + FN)
    /// ```
    ///
    /// Given TP + FP + FN, the true positives are binomial, so J has Wilson's interval, and F1 is a rising function of J. It
    /// needs no draws and stays within [0, 1] for few rows, where the delta method leaves it.
    #[must_use]
    pub fn f1_interval(&self, level: f64) -> Option<Interval> {
        let effect = self.design_effect_of_f1;
        let jaccard = wilson_interval(
            self.true_positives / effect,
            self.n_relevant() / effect,
            level,
        )?;
        let f1 = |jaccard: f64| 2.0 * jaccard / (1.0 + jaccard);
        Some(Interval {
            lower: f1(jaccard.lower),
            upper: f1(jaccard.upper),
        })
    }

    fn n(&self) -> f64 {
        self.n_right() + self.false_positives + self.false_negatives
    }

    fn n_right(&self) -> f64 {
        self.true_positives + self.true_negatives
    }

    /// Rows that are positive or were taken for it.
    fn n_relevant(&self) -> f64 {
        self.true_positives + self.false_positives + self.false_negatives
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decisions(threshold: f64) -> Decisions {
        let ranked = RankedOutcomes::new(
            &[0.1, 0.5, 0.5, 0.7, 0.9],
            &[false, true, false, false, true],
        );
        ranked.decisions(threshold)
    }

    #[test]
    fn the_threshold_itself_is_a_yes() {
        let expected = Decisions {
            true_positives: 2.0,
            false_positives: 2.0,
            false_negatives: 0.0,
            true_negatives: 1.0,
            design_effect_of_accuracy: 1.0,
            design_effect_of_f1: 1.0,
        };
        assert_eq!(decisions(0.5), expected);
        assert_eq!(decisions(0.5).accuracy(), Some(0.6));
        assert_eq!(decisions(0.5).f1_score(), 2.0 / 3.0);
    }

    #[test]
    fn finding_nothing_scores_zero() {
        assert_eq!(decisions(0.95).f1_score(), 0.0);
        let interval = decisions(0.95).f1_interval(0.95).expect("positives");
        assert!(interval.lower == 0.0 && interval.upper > 0.5);
        let none = RankedOutcomes::new(&[0.2], &[false]).decisions(0.5);
        assert_eq!((none.f1_score(), none.f1_interval(0.95)), (0.0, None));
        let empty = RankedOutcomes::new(&[], &[]).decisions(0.5);
        assert_eq!(
            (empty.accuracy(), empty.accuracy_interval(0.95)),
            (None, None)
        );
    }

    #[test]
    fn intervals_hold_their_figures() {
        for threshold in [0.0, 0.3, 0.6, 0.8] {
            let given = decisions(threshold);
            let f1 = given.f1_interval(0.9).expect("rows");
            assert!(f1.lower <= given.f1_score() && given.f1_score() <= f1.upper);
            let accuracy = given.accuracy_interval(0.9).expect("rows");
            let share = given.accuracy().expect("rows");
            assert!(accuracy.lower <= share && share <= accuracy.upper);
        }
    }
}
