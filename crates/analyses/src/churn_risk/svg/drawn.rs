//! The figures of the drawing, without words.

use clientela_learn::metrics::binary::{
    AreaInterval, Interval, LiftBin, PrecisionRecallPoint, ReliabilityBin, RocPoint,
};
use clientela_methods::churn::{Basis, Family, NoModel, RiskReport, Source};

/// What is drawn: what held-out rows showed, or the probabilities alone and why they were not tested.
pub struct Drawn {
    /// How probable churn is, of the rows that were tested or, where none were, of all.
    pub histogram: Histogram,
    /// What was tested.
    pub evidence: Result<Tested, Untested>,
}

/// What held-out rows showed.
pub struct Tested {
    pub family: Family,
    pub n_churned: usize,
    pub n_others: usize,
    /// Customers of the rarer outcome, where they are few.
    pub few_customers: Option<usize>,
    pub roc_auc: AreaInterval,
    pub average_precision: f64,
    pub average_precision_interval: Option<Interval>,
    pub ece: f64,
    pub ece_expected: f64,
    pub reliability: Vec<ReliabilityBin>,
    pub lift: Vec<LiftBin>,
    pub roc_curve: Vec<RocPoint>,
    pub precision_recall_curve: Vec<PrecisionRecallPoint>,
}

/// Why there is nothing to test by.
#[derive(Clone, Copy)]
pub enum Untested {
    /// Nothing could be learned.
    Heuristic(NoModel),
    /// A saved model only scored.
    Saved(Family),
}

/// Rows by probability, from 0 on in steps of equal width.
pub struct Histogram {
    /// Width of a step.
    pub step: f64,
    /// Rows of each step, the last one not empty.
    pub counts: Vec<usize>,
}

impl Drawn {
    pub fn of(report: &RiskReport) -> Self {
        let evidence = match (&report.evidence, report.basis) {
            (Some(evidence), _) => {
                let served = &evidence.served;
                Ok(Tested {
                    family: evidence.best,
                    n_churned: report.n_churned,
                    n_others: report.n_others,
                    few_customers: evidence.few_customers,
                    roc_auc: served.metrics.roc_auc,
                    average_precision: served.metrics.average_precision,
                    average_precision_interval: served.metrics.average_precision_interval,
                    ece: served.metrics.ece,
                    ece_expected: served.metrics.ece_expected,
                    reliability: served.reliability.clone(),
                    lift: served.lift.clone(),
                    roc_curve: served.roc_curve.clone(),
                    precision_recall_curve: served.precision_recall_curve.clone(),
                })
            }
            (None, Basis::Heuristic(why)) => Err(Untested::Heuristic(why)),
            (None, Basis::Saved(family) | Basis::Learned(family)) => Err(Untested::Saved(family)),
        };
        let is_tested = evidence.is_ok();
        let rows = report.customers.iter();
        let drawn = rows.filter(|row| !is_tested || matches!(row.source, Source::Fold(_)));
        Self {
            histogram: Histogram::of(drawn.map(|row| row.probability)),
            evidence,
        }
    }
}

impl Tested {
    pub fn base_rate(&self) -> f64 {
        self.n_churned as f64 / (self.n_churned + self.n_others) as f64
    }
}

impl Histogram {
    /// Of probabilities: about twenty steps of a round width.
    fn of(probabilities: impl Iterator<Item = f64> + Clone) -> Self {
        let highest = probabilities.clone().fold(0.0, f64::max);
        let step = match highest {
            highest if highest <= 0.2 => 0.01,
            highest if highest <= 0.5 => 0.02,
            _ => 0.05,
        };
        let mut counts = vec![0; (highest / step) as usize + 1];
        for probability in probabilities {
            counts[(probability / step) as usize] += 1;
        }
        Self { step, counts }
    }

    /// The upper end of the last step.
    pub fn end(&self) -> f64 {
        self.step * self.counts.len() as f64
    }

    /// Lower end, upper end and rows of each step.
    pub fn bins(&self) -> impl Iterator<Item = (f64, f64, usize)> {
        let counts = self.counts.iter().enumerate();
        counts.map(|(at, &n)| (self.step * at as f64, self.step * (at + 1) as f64, n))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_in_the_step_of_its_probability() {
        for (probabilities, step, counts) in [
            (&[0.001, 0.05, 0.059, 0.2][..], 0.01, 21),
            (&[0.3, 0.49], 0.02, 25),
            (&[0.999_999, 0.951, 0.02], 0.05, 20),
            (&[], 0.01, 1),
        ] {
            let found = Histogram::of(probabilities.iter().copied());
            assert_eq!((found.step, found.counts.len()), (step, counts));
            assert_eq!(found.counts.iter().sum::<usize>(), probabilities.len());
            for &probability in probabilities {
                let (from, to, n) = found
                    .bins()
                    .find(|(from, to, _)| (*from - 1e-12..*to - 1e-12).contains(&probability))
                    .expect("a step");
                assert!(n > 0, "{probability} in {from}–{to}");
            }
        }
    }
}
