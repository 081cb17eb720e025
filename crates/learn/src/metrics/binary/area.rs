//! Areas under the ROC and the precision–recall curve.

use libm::{exp, log};
use serde::{Deserialize, Serialize};

use super::proportion::{Interval, clopper_pearson_interval, normal_deviate};
use super::ranked::RankedOutcomes;

/// The area under the ROC curve with its uncertainty.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct AreaInterval {
    /// The area.
    pub area: f64,
    /// DeLong's standard error, or Obuchowski's of clusters; `None` with fewer than two rows, or clusters, of a class.
    pub standard_error: Option<f64>,
    /// The lower end.
    pub lower: f64,
    /// The upper end.
    pub upper: f64,
}

impl RankedOutcomes {
    /// Area under the ROC curve: how often a positive scores above a negative, an equal score counting half.
    ///
    /// 0.5 is chance, 1 perfect, 0 perfectly wrong. `None` without positives or without negatives.
    ///
    /// Source: Hanley, McNeil (1982), "The Meaning and Use of the Area under a Receiver Operating Characteristic (ROC) Curve",
    /// Radiology 143(1), 29–36.
    #[must_use]
    pub fn roc_auc(&self) -> Option<f64> {
        if !self.has_both() {
            return None;
        }
        let mut below = 0.0;
        let mut wins = 0.0;
        for group in &self.groups {
            wins += group.positives * (below + 0.5 * group.negatives);
            below += group.negatives;
        }
        Some((wins / (self.positives * self.negatives)).min(1.0))
    }

    /// Area under the ROC curve with DeLong's interval, on the scale of log-odds so that it stays within (0, 1).
    ///
    /// ```text
    /// s² = var_i(V10_i) / n₁ + var_j(V01_j) / n₀        A, logit A ± z · s / (A (1 − A))
    /// ```
    ///
    /// V10 is the share of negatives that a positive beats, V01 the share of positives that beat a negative. Where the variance
    /// says nothing (perfect separation, equal scores, one row of a class) the interval is the exact one of a share in
    /// min(n₁, n₀) trials: so many disjoint pairs are independent. For clusters s² is Obuchowski's, which sums V10 and V01 over
    /// the rows of each before it squares them, and n₁, n₀ of the exact interval count the clusters that have any.
    ///
    /// `level` in (0, 1). `None` without positives or without negatives.
    ///
    /// Sources: DeLong, DeLong, Clarke-Pearson (1988), "Comparing the Areas under Two or More Correlated Receiver Operating
    /// Characteristic Curves: A Nonparametric Approach", Biometrics 44(3), 837–845; its O(n log n) form is that of Sun, Xu
    /// (2014), "Fast Implementation of DeLong's Algorithm", IEEE Signal Processing Letters 21(11), 1389–1393; the scale as in
    /// Qin, Hotilovac (2008), "Comparison of Non-parametric Confidence Intervals for the Area under the ROC Curve of a
    /// Continuous-scale Diagnostic Test", Statistical Methods in Medical Research 17(2), 207–221; Obuchowski (1997),
    /// "Nonparametric Analysis of Clustered ROC Curve Data", Biometrics 53(2), 567–578.
    #[must_use]
    pub fn roc_auc_interval(&self, level: f64) -> Option<AreaInterval> {
        let area = self.roc_auc()?;
        let standard_error = self.standard_error(area);
        let ends = match standard_error {
            Some(error) if error > 0.0 && area > 0.0 && area < 1.0 => {
                log_odds_interval(area, error / (area * (1.0 - area)), level)
            }
            _ => {
                let [positives, negatives] = self.n_independent();
                let pairs = positives.min(negatives);
                clopper_pearson_interval(area * pairs, pairs, level)?
            }
        };
        Some(AreaInterval {
            area,
            standard_error,
            lower: ends.lower,
            upper: ends.upper,
        })
    }

    fn standard_error(&self, area: f64) -> Option<f64> {
        match &self.clusters {
            Some(clusters) => clusters.variance_of_area(self, area).map(f64::sqrt),
            None => self.error_of_rows(area),
        }
    }

    /// DeLong's, of independent rows.
    fn error_of_rows(&self, area: f64) -> Option<f64> {
        let (n1, n0) = (self.positives, self.negatives);
        if n1 <= 1.0 || n0 <= 1.0 {
            return None;
        }
        let (mut above, mut below) = (n1, 0.0);
        let (mut of_positives, mut of_negatives) = (0.0, 0.0);
        for group in &self.groups {
            above -= group.positives;
            let beaten = (below + 0.5 * group.negatives) / n0 - area;
            let beating = (above + 0.5 * group.positives) / n1 - area;
            of_positives += group.positives * beaten * beaten;
            of_negatives += group.negatives * beating * beating;
            below += group.negatives;
        }
        let variance = of_positives / ((n1 - 1.0) * n1) + of_negatives / ((n0 - 1.0) * n0);
        Some(variance.sqrt())
    }

    /// Average precision: the precision at each score that is reached, weighted by the gain in recall.
    ///
    /// ```text
    /// Σ_k (R_k − R_{k−1}) P_k      over the distinct scores, descending
    /// ```
    ///
    /// 1 is perfect; a constant score gives the base rate. `None` without positives.
    #[must_use]
    pub fn average_precision(&self) -> Option<f64> {
        if self.positives <= 0.0 {
            return None;
        }
        let (mut hits, mut reached, mut sum) = (0.0, 0.0, 0.0);
        for group in self.groups.iter().rev() {
            hits += group.positives;
            reached += group.weight();
            sum += group.positives * (hits / reached);
        }
        Some((sum / self.positives).min(1.0))
    }

    /// Interval of the average precision A on the scale of log-odds; `None` without positives.
    ///
    /// ```text
    /// logit A ± z / √(n₁ A (1 − A))
    /// ```
    ///
    /// Where A is 1 it is the exact interval of a share in n₁ trials. For clusters n₁ is divided by how much they widen the
    /// variance of the area under the ROC curve, which rests on the same ranks; where that is unknown, and where A is 1, n₁
    /// counts the clusters with positives.
    ///
    /// Source: Boyd, Eng, Page (2013), "Area under the Precision-Recall Curve: Point Estimates and Confidence Intervals",
    /// ECML PKDD, section 4.3.
    #[must_use]
    pub fn average_precision_interval(&self, level: f64) -> Option<Interval> {
        let area = self.average_precision()?;
        if area >= 1.0 {
            let [positives, _] = self.n_independent();
            return clopper_pearson_interval(positives, positives, level);
        }
        let error = 1.0 / (self.n_positives_by_ranks() * area * (1.0 - area)).sqrt();
        Some(log_odds_interval(area, error, level))
    }

    /// So many independent positives tell as much of the ranking as all of them do.
    fn n_positives_by_ranks(&self) -> f64 {
        if self.clusters.is_none() {
            return self.positives;
        }
        let of_ranks = self.roc_auc().and_then(|area| {
            let errors = [self.standard_error(area)?, self.error_of_rows(area)?];
            let [of_clusters, of_rows] = errors.map(|error| error * error);
            (of_clusters > 0.0 && of_rows > 0.0)
                .then(|| self.positives / (of_clusters / of_rows).max(1.0))
        });
        of_ranks.unwrap_or_else(|| self.n_independent()[0])
    }

    pub(super) fn has_both(&self) -> bool {
        self.positives > 0.0 && self.negatives > 0.0
    }
}

/// The interval of a share whose log-odds have a standard error.
fn log_odds_interval(share: f64, error: f64, level: f64) -> Interval {
    let (center, half) = (log(share / (1.0 - share)), normal_deviate(level) * error);
    let of = |log_odds: f64| 1.0 / (1.0 + exp(-log_odds));
    Interval {
        lower: of(center - half),
        upper: of(center + half),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_class_has_no_area() {
        for outcomes in [[true, true], [false, false]] {
            let ranked = RankedOutcomes::new(&[0.2, 0.4], &outcomes);
            assert_eq!(ranked.roc_auc(), None);
            assert_eq!(ranked.roc_auc_interval(0.95), None);
        }
        let none = RankedOutcomes::new(&[0.2], &[false]);
        assert_eq!(none.average_precision(), None);
        assert_eq!(none.average_precision_interval(0.95), None);
    }

    #[test]
    fn perfect_separation_leaves_the_doubt_of_few_rows() {
        // Ten disjoint pairs, all won: the lower end is the tenth root of 0.025.
        let scores: Vec<f64> = (0..30).map(f64::from).collect();
        let outcomes: Vec<bool> = (0..30).map(|i| i >= 20).collect();
        let given = RankedOutcomes::new(&scores, &outcomes);
        let given = given.roc_auc_interval(0.95).expect("both classes");
        assert_eq!((given.area, given.upper), (1.0, 1.0));
        assert!((given.lower - 0.6915).abs() < 5e-5, "{given:?}");
        let reversed: Vec<bool> = outcomes.iter().map(|y| !y).collect();
        let reversed = RankedOutcomes::new(&scores, &reversed);
        let reversed = reversed.roc_auc_interval(0.95).expect("both classes");
        assert_eq!((reversed.area, reversed.lower), (0.0, 0.0));
        assert!((reversed.upper - 0.3085).abs() < 5e-5, "{reversed:?}");
    }

    #[test]
    fn one_pair_says_next_to_nothing() {
        let given = RankedOutcomes::new(&[0.1, 0.9], &[false, true]);
        let given = given.roc_auc_interval(0.95).expect("both classes");
        assert_eq!((given.area, given.standard_error), (1.0, None));
        assert!((given.lower - 0.025).abs() < 1e-12 && given.upper == 1.0);
    }

    #[test]
    fn equal_scores_are_chance() {
        let ranked = RankedOutcomes::new(
            &[0.3; 8],
            &[true, false, false, false, true, false, false, false],
        );
        let given = ranked.roc_auc_interval(0.95).expect("both classes");
        assert_eq!(given.area, 0.5);
        assert!(given.lower > 0.0 && given.lower < 0.1 && given.upper > 0.9 && given.upper < 1.0);
        assert_eq!(ranked.average_precision(), Some(0.25));
    }
}
