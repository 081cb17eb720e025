//! From customers to their risks: what can be learned, how well it held on rows that models did not see, what serves.

use clientela_numerics::{StopToken, Stopped};
use clientela_tables::CustomerTraits;

use super::canonical::CanonicalRows;
use super::columns::{ColumnReport, describe};
use super::evidence::Evidence;
use super::families::Family;
use super::features::Features;
use super::heuristic::Heuristic;
use super::lesson::Lesson;
use super::remark::{NoModel, Remark};
use super::remarks;
use super::report::{Basis, RiskModels, RiskOptions, RiskReport, RowRisk, Source, compared};
use super::serving::{Answers, Serving, tested};

/// Rows of each class without which nothing is learned.
const ROWS_OF_CLASS_MIN: usize = 2;

/// The churn risk of each row of a table, learned from its labelled rows.
///
/// A labelled row's risk comes from a model that did not see it, calibrated by rows of other folds; an unlabelled row's from
/// the model of all labelled rows. Without two labelled rows of each class the published formula serves.
///
/// # Errors
/// [`Stopped`] when the stop token is set.
pub fn risk(
    traits: &CustomerTraits,
    options: &RiskOptions,
    stop: &StopToken,
) -> Result<RiskReport, Stopped> {
    // Inside the pool from the start: each of the many short parallel steps would else wake a thread of it.
    rayon::scope(|_| {
        let base = Base::of(traits, options, stop)?;
        match base.why_nothing_is_learned() {
            Some(why) => Ok(base.by_heuristic(why)),
            None => base.learned(stop),
        }
    })
}

/// A table with what is known before anything is learned.
pub(super) struct Base<'a> {
    pub(super) traits: &'a CustomerTraits,
    pub(super) options: &'a RiskOptions,
    pub(super) rows: CanonicalRows,
    /// Canonical places of the labelled rows, ascending.
    pub(super) labelled: Vec<u32>,
    pub(super) outcomes: Vec<bool>,
    /// The customer of each labelled row.
    pub(super) customers: Vec<u32>,
    pub(super) columns: Vec<ColumnReport>,
    pub(super) heuristic: Heuristic,
    /// z of each canonical row.
    pub(super) heuristic_log_odds: Vec<f64>,
}

impl<'a> Base<'a> {
    fn of(
        traits: &'a CustomerTraits,
        options: &'a RiskOptions,
        stop: &StopToken,
    ) -> Result<Self, Stopped> {
        let rows = CanonicalRows::of(traits, stop)?;
        let churned = |place: u32| traits.churned()[rows.order[place as usize] as usize];
        let places = || 0..rows.order.len() as u32;
        let labelled: Vec<u32> = places().filter(|&at| churned(at).is_some()).collect();
        let mut learned: Vec<u32> = labelled.iter().map(|&at| rows.order[at as usize]).collect();
        if learned.is_empty() {
            learned.clone_from(&rows.order);
        }
        let columns = describe(traits, &rows, &learned);
        stop.poll()?;
        let heuristic = Heuristic::of(traits);
        let z = heuristic.log_odds(traits);
        Ok(Self {
            outcomes: labelled.iter().filter_map(|&at| churned(at)).collect(),
            customers: labelled
                .iter()
                .map(|&at| rows.customers[at as usize])
                .collect(),
            heuristic_log_odds: rows.order.iter().map(|&row| z[row as usize]).collect(),
            traits,
            options,
            labelled,
            columns,
            heuristic,
            rows,
        })
    }

    pub(super) fn n_churned(&self) -> usize {
        self.outcomes.iter().filter(|&&churned| churned).count()
    }

    pub(super) fn n_others(&self) -> usize {
        self.outcomes.len() - self.n_churned()
    }

    fn why_nothing_is_learned(&self) -> Option<NoModel> {
        let (n_churned, n_others) = (self.n_churned(), self.n_others());
        if self.outcomes.is_empty() {
            let n_rows = self.traits.len();
            Some(NoModel::NoLabels { n_rows })
        } else if n_churned == 0 || n_others == 0 {
            Some(NoModel::OneClass {
                n_labelled: self.outcomes.len(),
                churned: n_others == 0,
            })
        } else if n_churned.min(n_others) < ROWS_OF_CLASS_MIN {
            Some(NoModel::OneRowOfAClass {
                n_churned,
                n_others,
            })
        } else {
            None
        }
    }

    /// Everyone by the formula.
    fn by_heuristic(self, why: NoModel) -> RiskReport {
        let of_row = |&z: &f64| RowRisk {
            score: z,
            calibrated: z,
            served: z,
            source: Source::Heuristic,
        };
        let risks: Vec<RowRisk> = self.heuristic_log_odds.iter().map(of_row).collect();
        let mut remarks = vec![Remark::Heuristic(why)];
        remarks.extend(remarks::on_columns(self.traits, &self.columns));
        RiskReport {
            basis: Basis::Heuristic(why),
            n_churned: self.n_churned(),
            n_others: self.n_others(),
            customers: compared(&risks, &self.rows.order, None),
            columns: self.columns,
            evidence: None,
            remarks,
            heuristic: self.heuristic,
            models: None,
        }
    }

    /// Models of the labelled rows, the best of which serves.
    fn learned(self, stop: &StopToken) -> Result<RiskReport, Stopped> {
        let features = Features::of(self.traits, &self.columns, &self.rows.order);
        stop.poll()?;
        let lesson = Lesson {
            features: &features,
            rows: &self.labelled,
            outcomes: &self.outcomes,
            groups: &self.customers,
            seed: self.options.seed,
        };
        let Some(folds) = lesson.deal("churn folds").for_tests() else {
            let why = NoModel::OneCustomerOfAClass {
                n_churned: self.n_churned(),
                n_others: self.n_others(),
            };
            return Ok(self.by_heuristic(why));
        };
        let tested = tested(&lesson, &Family::ALL, &folds, stop)?;
        if tested.is_empty() {
            return Ok(self.by_heuristic(NoModel::NoFamilyFitted));
        }
        let serving = Serving::chosen(&self, &lesson, tested);
        let evidence = serving.evidence(&self, &lesson, &folds, stop)?;
        let of_all = serving.of_all(&self, &lesson, stop)?;
        let answers = serving.answers(&self, &folds, of_all, &features, stop)?;
        Ok(self.report(answers, evidence, features))
    }

    fn report(self, answers: Answers, evidence: Evidence, features: Features) -> RiskReport {
        let (n_churned, n_others) = (self.n_churned(), self.n_others());
        let n_features = features.columns.len();
        let mut remarks = remarks::on_evidence(&evidence, &answers.adjustment, n_features);
        remarks.extend(remarks::on_columns(self.traits, &self.columns));
        if let Some(of_all) = &answers.of_all {
            let is_served = |at: &u32| answers.risks[*at as usize].source == Source::AllRows;
            let served: Vec<u32> = (0..answers.risks.len() as u32).filter(is_served).collect();
            let unseen = remarks::on_unseen_words(&of_all.model, &features, &served);
            remarks.extend(unseen);
        }
        let base_rate = n_churned as f64 / (n_churned + n_others) as f64;
        RiskReport {
            basis: Basis::Learned(evidence.best),
            n_churned,
            n_others,
            customers: compared(&answers.risks, &self.rows.order, Some(base_rate)),
            columns: self.columns,
            evidence: Some(evidence),
            remarks,
            heuristic: self.heuristic,
            models: Some(RiskModels {
                features,
                order: self.rows.order,
                heuristic_log_odds: answers.heuristic_log_odds,
                of_folds: answers.of_folds,
                of_all: answers.of_all,
            }),
        }
    }
}
