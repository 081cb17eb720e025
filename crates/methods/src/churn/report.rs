//! Churn risks of a base, without words.

use clientela_learn::calibration::{Calibrator, probability};
use serde::{Deserialize, Serialize};

use super::columns::ColumnReport;
use super::evidence::Evidence;
use super::families::{Family, FittedModel};
use super::features::Features;
use super::few_rows::Adjustment;
use super::heuristic::Heuristic;
use super::remark::{NoModel, Remark};

/// The probability from which on a risk is high.
const HIGH: f64 = 0.60;
/// The probability from which on it is medium.
const MEDIUM: f64 = 0.25;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RiskOptions {
    /// Of everything that is drawn.
    pub seed: u64,
    /// Whether a model of all labelled rows is wanted even where no row needs it, to be saved.
    pub keep_model: bool,
    /// Days after a snapshot until its outcome is known; `None` where it is known at the snapshot.
    pub label_window_days: Option<u32>,
}

impl Default for RiskOptions {
    fn default() -> Self {
        Self {
            seed: 42,
            keep_model: false,
            label_window_days: None,
        }
    }
}

/// The risks of all customers and where they come from.
#[derive(Clone, Debug, PartialEq)]
pub struct RiskReport {
    /// What the risks rest on.
    pub basis: Basis,
    /// Labelled rows that churned.
    pub n_churned: usize,
    /// Labelled rows that did not.
    pub n_others: usize,
    /// Each row of the table, in its order.
    pub customers: Vec<CustomerRisk>,
    /// All columns, documented ones first, then by name.
    pub columns: Vec<ColumnReport>,
    /// What held-out rows showed; `None` unless a model was learned.
    pub evidence: Option<Evidence>,
    /// What a reader has to know besides.
    pub remarks: Vec<Remark>,
    /// The formula as it serves where nothing can be learned.
    pub heuristic: Heuristic,
    /// The models behind the risks; `None` where the formula serves.
    pub models: Option<RiskModels>,
}

/// What risks rest on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// A family that learned from the labelled rows.
    Learned(Family),
    /// A model that was saved.
    Saved(Family),
    /// The formula.
    Heuristic(NoModel),
}

/// The risk of one row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CustomerRisk {
    /// Probability of churning, in (0, 1): that of `log_odds`.
    pub probability: f64,
    /// Log-odds that are served: after the formula's share and the bounds.
    pub log_odds: f64,
    /// Log-odds after calibration.
    pub calibrated_log_odds: f64,
    /// Log-odds of the model, or z of the formula.
    pub score: f64,
    /// Share of the rows with a lower risk, those with the same counting half; in (0, 1).
    pub percentile: f64,
    /// Probability over the rate of the labelled rows (without labels: over the mean probability).
    pub lift: f64,
    /// In three words.
    pub band: RiskBand,
    /// Which model it comes from.
    pub source: Source,
}

/// A risk in three words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RiskBand {
    /// Below 0.25.
    Low,
    /// From 0.25 on.
    Medium,
    /// From 0.60 on.
    High,
}

impl RiskBand {
    /// The band of a probability.
    #[must_use]
    pub fn of(probability: f64) -> Self {
        if probability >= HIGH {
            Self::High
        } else if probability >= MEDIUM {
            Self::Medium
        } else {
            Self::Low
        }
    }

    /// The probability at which the band begins.
    #[must_use]
    pub fn threshold(self) -> f64 {
        match self {
            Self::Low => 0.0,
            Self::Medium => MEDIUM,
            Self::High => HIGH,
        }
    }
}

/// Which model a risk comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The model of this fold, which did not see the row.
    Fold(u8),
    /// The model of all labelled rows, or the saved one.
    AllRows,
    /// The formula.
    Heuristic,
}

/// The models behind the risks, with the rows they speak about.
#[derive(Clone, Debug, PartialEq)]
pub struct RiskModels {
    /// The columns that models see, rows in canonical order.
    pub features: Features,
    /// The row of the table at each canonical place.
    pub order: Vec<u32>,
    /// z of the formula for each canonical row, by the adjustment of the models.
    pub heuristic_log_odds: Vec<f64>,
    /// The model of each fold.
    pub of_folds: Vec<ServedModel>,
    /// The model of all labelled rows, or the saved one; `None` where no row needs it.
    pub of_all: Option<ServedModel>,
}

/// All that turns the features of a row into the probability that is served.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ServedModel {
    /// From features to log-odds.
    pub model: FittedModel,
    /// From log-odds to honest log-odds.
    pub calibrator: Calibrator,
    /// From these to what few rows allow to say.
    pub adjustment: Adjustment,
}

impl RiskModels {
    /// The model behind a risk.
    ///
    /// # Panics
    /// On [`Source::Heuristic`], or a source that these models do not have.
    #[must_use]
    pub fn of(&self, source: Source) -> &ServedModel {
        match source {
            Source::Fold(fold) => &self.of_folds[usize::from(fold)],
            Source::AllRows => self.of_all.as_ref().expect("a model of all rows"),
            Source::Heuristic => panic!("the formula is no fitted model"),
        }
    }
}

impl ServedModel {
    /// The risk of a row without a fold, from the score of the model and z of the formula.
    pub(super) fn risk(&self, score: f64, z: f64) -> RowRisk {
        let calibrated = self.calibrator.log_odds(score);
        RowRisk {
            score,
            calibrated,
            served: self.adjustment.log_odds(calibrated, z),
            source: Source::AllRows,
        }
    }
}

/// What is known of a row before it is compared with others.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct RowRisk {
    pub(super) score: f64,
    pub(super) calibrated: f64,
    pub(super) served: f64,
    pub(super) source: Source,
}

/// Rows of the table compared with each other; `risks` in canonical order, `base_rate` that of labelled rows if there is one.
pub(super) fn compared(
    risks: &[RowRisk],
    order: &[u32],
    base_rate: Option<f64>,
) -> Vec<CustomerRisk> {
    let probabilities: Vec<f64> = risks.iter().map(|risk| probability(risk.served)).collect();
    let n = risks.len().max(1) as f64;
    let base_rate = base_rate.unwrap_or_else(|| probabilities.iter().sum::<f64>() / n);
    let percentiles = percentiles(&probabilities);
    let mut rows: Vec<(u32, CustomerRisk)> = Vec::with_capacity(risks.len());
    for (place, risk) in risks.iter().enumerate() {
        let probability = probabilities[place];
        let customer = CustomerRisk {
            probability,
            log_odds: risk.served,
            calibrated_log_odds: risk.calibrated,
            score: risk.score,
            percentile: percentiles[place],
            lift: probability / base_rate,
            band: RiskBand::of(probability),
            source: risk.source,
        };
        rows.push((order[place], customer));
    }
    rows.sort_unstable_by_key(|row| row.0);
    rows.into_iter().map(|row| row.1).collect()
}

/// Share of lower values, equal ones (the own among them) counting half.
fn percentiles(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<u32> = (0..values.len() as u32).collect();
    let value = |&at: &u32| values[at as usize];
    order.sort_unstable_by(|a, b| value(a).total_cmp(&value(b)));
    let mut percentiles = vec![0.0; values.len()];
    let mut below = 0;
    for run in order.chunk_by(|a, b| value(a) == value(b)) {
        let share = (below as f64 + 0.5 * run.len() as f64) / values.len() as f64;
        for &at in run {
            percentiles[at as usize] = share;
        }
        below += run.len();
    }
    percentiles
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bands_begin_at_their_thresholds() {
        let bands = [0.2499, 0.25, 0.5999, 0.6].map(RiskBand::of);
        use RiskBand::{High, Low, Medium};
        assert_eq!(bands, [Low, Medium, Medium, High]);
        assert!(
            [Low, Medium, High].map(|band| RiskBand::of(band.threshold()) == band) == [true; 3]
        );
    }

    #[test]
    fn percentiles_count_equal_risks_half() {
        assert_eq!(percentiles(&[0.3, 0.1, 0.3, 0.9]), [0.5, 0.125, 0.5, 0.875]);
        assert_eq!(percentiles(&[0.2; 3]), [0.5; 3]);
    }

    #[test]
    fn rows_come_back_in_the_order_of_the_table() {
        let risk = |served| RowRisk {
            score: served,
            calibrated: served,
            served,
            source: Source::AllRows,
        };
        let customers = compared(&[risk(-1.0), risk(0.0), risk(2.0)], &[2, 0, 1], Some(0.25));
        let log_odds: Vec<f64> = customers.iter().map(|customer| customer.log_odds).collect();
        assert_eq!(log_odds, [0.0, 2.0, -1.0]);
        assert_eq!(customers[0].lift, 2.0);
    }
}
