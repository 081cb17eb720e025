//! ROC and precision–recall curves, thinned for drawing.

use super::ranked::RankedOutcomes;

/// One point of the ROC curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RocPoint {
    /// Share of the negatives that score at least the threshold.
    pub false_positive_rate: f64,
    /// Share of the positives that score at least the threshold.
    pub true_positive_rate: f64,
    /// The lowest score that counts as a yes; `None` where none does.
    pub threshold: Option<f64>,
}

/// One point of the precision–recall curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PrecisionRecallPoint {
    /// Share of the positives that score at least the threshold.
    pub recall: f64,
    /// Share of positives among the rows that score at least the threshold.
    pub precision: f64,
    /// The lowest score that counts as a yes.
    pub threshold: f64,
}

impl RankedOutcomes {
    /// The ROC curve from (0, 0) to (1, 1), in at most `n_points_max` points.
    ///
    /// Points on a straight line between their neighbors are left out; where there are still too many, one is kept for each
    /// equal step of the sum of both rates. Empty without positives or without negatives.
    ///
    /// Source: Fawcett (2006), "An Introduction to ROC Analysis", Pattern Recognition Letters 27(8), 861–874, algorithm 1.
    ///
    /// # Panics
    /// When `n_points_max` is below 3.
    #[must_use]
    pub fn roc_curve(&self, n_points_max: usize) -> Vec<RocPoint> {
        if !self.has_both() {
            return Vec::new();
        }
        let mut corners = vec![RocPoint {
            false_positive_rate: 0.0,
            true_positive_rate: 0.0,
            threshold: None,
        }];
        let (mut hits, mut alarms) = (0.0, 0.0);
        for (i, group) in self.groups.iter().enumerate().rev() {
            hits += group.positives;
            alarms += group.negatives;
            // A run of one class alone is one straight line.
            let goes_on = i > 0 && {
                let next = &self.groups[i - 1];
                (group.positives == 0.0 && next.positives == 0.0)
                    || (group.negatives == 0.0 && next.negatives == 0.0)
            };
            if !goes_on {
                corners.push(RocPoint {
                    false_positive_rate: (alarms / self.negatives).min(1.0),
                    true_positive_rate: (hits / self.positives).min(1.0),
                    threshold: Some(group.score),
                });
            }
        }
        thinned(corners, n_points_max, 2.0, |point| {
            point.false_positive_rate + point.true_positive_rate
        })
    }

    /// The precision–recall curve from the highest score to the lowest, in at most `n_points_max` points.
    ///
    /// The last point has recall 1 and the base rate as precision. Where there are too many points, one is kept for each equal
    /// step of recall. Empty without positives.
    ///
    /// # Panics
    /// When `n_points_max` is below 3.
    #[must_use]
    pub fn precision_recall_curve(&self, n_points_max: usize) -> Vec<PrecisionRecallPoint> {
        if self.positives <= 0.0 {
            return Vec::new();
        }
        let (mut hits, mut reached) = (0.0, 0.0);
        let points = self.groups.iter().rev().map(|group| {
            hits += group.positives;
            reached += group.weight();
            PrecisionRecallPoint {
                recall: (hits / self.positives).min(1.0),
                precision: hits / reached,
                threshold: group.score,
            }
        });
        thinned(points.collect(), n_points_max, 1.0, |point| point.recall)
    }
}

/// The first and the last point, and between them one for each equal step of `position`, which rises to at most `length`.
fn thinned<P: Copy>(
    points: Vec<P>,
    n_points_max: usize,
    length: f64,
    position: impl Fn(&P) -> f64,
) -> Vec<P> {
    assert!(n_points_max >= 3, "at least three points");
    if points.len() <= n_points_max {
        return points;
    }
    let step = length / (n_points_max - 2) as f64;
    let mut kept = vec![points[0]];
    let mut reached = position(&points[0]);
    for point in &points[1..points.len() - 1] {
        if position(point) >= reached + step && kept.len() + 1 < n_points_max {
            kept.push(*point);
            reached = position(point);
        }
    }
    kept.extend(points.last());
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use clientela_numerics::RandomStream;

    fn drawn(n: usize) -> RankedOutcomes {
        let mut stream = RandomStream::new(5, "curves", 0);
        let scores: Vec<f64> = (0..n).map(|_| stream.uniform()).collect();
        let outcomes: Vec<bool> = scores.iter().map(|p| stream.uniform() < p * p).collect();
        RankedOutcomes::new(&scores, &outcomes)
    }

    #[test]
    fn a_perfect_curve_has_three_points() {
        let ranked = RankedOutcomes::new(
            &[0.1, 0.2, 0.3, 0.4, 0.5],
            &[false, false, false, true, true],
        );
        let corners: Vec<[f64; 2]> = ranked
            .roc_curve(200)
            .iter()
            .map(|point| [point.false_positive_rate, point.true_positive_rate])
            .collect();
        assert_eq!(corners, [[0.0, 0.0], [0.0, 1.0], [1.0, 1.0]]);
        assert_eq!(ranked.roc_curve(200)[1].threshold, Some(0.4));
    }

    #[test]
    fn the_area_under_the_corners_is_the_auc() {
        let ranked = drawn(500);
        let area: f64 = ranked
            .roc_curve(10_000)
            .windows(2)
            .map(|pair| {
                let width = pair[1].false_positive_rate - pair[0].false_positive_rate;
                0.5 * width * (pair[0].true_positive_rate + pair[1].true_positive_rate)
            })
            .sum();
        assert!((area - ranked.roc_auc().expect("both")).abs() < 1e-12);
    }

    #[test]
    fn thinned_curves_keep_their_ends_and_stay_near() {
        let ranked = drawn(20_000);
        let (all, few) = (ranked.roc_curve(100_000), ranked.roc_curve(200));
        assert!(all.len() > 1000 && few.len() <= 200 && few.len() > 150);
        assert_eq!((few.first(), few.last()), (all.first(), all.last()));
        let ends = few.last().expect("points");
        assert_eq!(
            (ends.false_positive_rate, ends.true_positive_rate),
            (1.0, 1.0)
        );
        let (all, few) = (
            ranked.precision_recall_curve(100_000),
            ranked.precision_recall_curve(200),
        );
        assert!(few.len() <= 200 && few.len() > 150);
        assert_eq!((few.first(), few.last()), (all.first(), all.last()));
        let last = few.last().expect("points");
        assert_eq!(
            (last.recall, Some(last.precision)),
            (1.0, ranked.base_rate())
        );
    }

    #[test]
    fn one_class_has_no_curve() {
        let ranked = RankedOutcomes::new(&[0.1, 0.2], &[false, false]);
        assert!(ranked.roc_curve(200).is_empty());
        assert!(ranked.precision_recall_curve(200).is_empty());
    }
}
