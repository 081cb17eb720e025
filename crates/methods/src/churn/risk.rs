//! From customers to their risks: what can be learned, how well it held on rows that models did not see, what serves.

use clientela_learn::FitError;
use clientela_numerics::{StopToken, Stopped};
use clientela_tables::{CustomerTraits, Date};
use rayon::prelude::*;

use super::calibration::{Calibrated, calibrate};
use super::canonical::CanonicalRows;
use super::columns::{ColumnReport, describe};
use super::cross_validation::{OutOfFold, cross_validate};
use super::duplicates::duplicates;
use super::evidence::{Evidence, FamilyEvidence, Metrics, ServedEvidence, area};
use super::families::{Family, FittedModel};
use super::features::Features;
use super::few_rows::Adjustment;
use super::folds::Folds;
use super::heuristic::Heuristic;
use super::leaks::leaks;
use super::lesson::Lesson;
use super::remark::{NoModel, Remark};
use super::remarks;
use super::report::{
    Basis, RiskModels, RiskOptions, RiskReport, RowRisk, ServedModel, Source, compared,
};
use super::selection::choose;
use super::temporal::{self, on_the_last_date};

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
struct Base<'a> {
    traits: &'a CustomerTraits,
    options: &'a RiskOptions,
    rows: CanonicalRows,
    /// Canonical places of the labelled rows, ascending.
    labelled: Vec<u32>,
    outcomes: Vec<bool>,
    /// The customer of each labelled row.
    customers: Vec<u32>,
    columns: Vec<ColumnReport>,
    heuristic: Heuristic,
    /// z of each canonical row.
    heuristic_log_odds: Vec<f64>,
}

/// A family with its models, calibrated and tested.
struct Tested {
    out_of_fold: OutOfFold,
    calibrated: Calibrated,
    evidence: FamilyEvidence,
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

    fn n_churned(&self) -> usize {
        self.outcomes.iter().filter(|&&churned| churned).count()
    }

    fn n_others(&self) -> usize {
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
        let (risks, models) = serving.risks(&self, &folds, of_all, stop, &features)?;
        Ok(self.report(&risks, evidence, models, features))
    }

    fn report(
        self,
        risks: &[RowRisk],
        evidence: Evidence,
        (of_folds, of_all): (Vec<ServedModel>, Option<ServedModel>),
        features: Features,
    ) -> RiskReport {
        let (n_churned, n_others) = (self.n_churned(), self.n_others());
        let adjustment = of_folds[0].adjustment;
        let moved = adjustment.heuristic.intercept - self.heuristic.intercept;
        let n_features = features.columns.len();
        let rarer = n_churned.min(n_others);
        let mut remarks = remarks::on_evidence(&evidence, &adjustment, rarer, n_features);
        remarks.extend(remarks::on_columns(self.traits, &self.columns));
        let base_rate = n_churned as f64 / (n_churned + n_others) as f64;
        RiskReport {
            basis: Basis::Learned(evidence.best),
            n_churned,
            n_others,
            customers: compared(risks, &self.rows.order, Some(base_rate)),
            columns: self.columns,
            evidence: Some(evidence),
            remarks,
            heuristic: self.heuristic,
            models: Some(RiskModels {
                features,
                order: self.rows.order,
                heuristic_log_odds: self.heuristic_log_odds.iter().map(|z| z + moved).collect(),
                of_folds,
                of_all,
            }),
        }
    }
}

/// Fits, calibrates and tests families; those that can't be fitted are left out.
fn tested(
    lesson: &Lesson<'_>,
    families: &[Family],
    folds: &Folds,
    stop: &StopToken,
) -> Result<Vec<Tested>, Stopped> {
    let of_families = cross_validate(lesson, families, folds, stop)?;
    let test = |out_of_fold: OutOfFold| {
        let (scores, outcomes) = (&out_of_fold.scores, lesson.outcomes);
        let calibrated = calibrate(scores, outcomes, folds, stop)?;
        let metrics = Metrics::of(scores, &calibrated.log_odds, outcomes, lesson.seed, stop)?;
        Ok(Tested {
            evidence: FamilyEvidence {
                family: out_of_fold.family,
                calibration: calibrated.choice.kind,
                metrics,
            },
            out_of_fold,
            calibrated,
        })
    };
    of_families.into_par_iter().map(test).collect()
}

/// The family that serves, and what all showed.
struct Serving {
    best: Tested,
    families: Vec<FamilyEvidence>,
    criterion: super::selection::Criterion,
    adjustment: Adjustment,
    /// z of each labelled row by the adjustment's formula.
    heuristic_log_odds: Vec<f64>,
}

impl Serving {
    fn chosen(base: &Base<'_>, lesson: &Lesson<'_>, mut tested: Vec<Tested>) -> Self {
        let families: Vec<FamilyEvidence> = tested.iter().map(|family| family.evidence).collect();
        let (best, criterion) = choose(&families);
        let place = families.iter().position(|family| family.family == best);
        let best = tested.swap_remove(place.expect("one of the families"));
        let z = lesson
            .rows
            .iter()
            .map(|&at| base.heuristic_log_odds[at as usize]);
        let z: Vec<f64> = z.collect();
        let adjustment = Adjustment::of(base.n_churned(), base.n_others(), &base.heuristic, &z);
        let moved = adjustment.heuristic.intercept - base.heuristic.intercept;
        Self {
            best,
            families,
            criterion,
            adjustment,
            heuristic_log_odds: z.into_iter().map(|z| z + moved).collect(),
        }
    }

    fn family(&self) -> Family {
        self.best.out_of_fold.family
    }

    /// Served log-odds of the labelled rows.
    fn served(&self) -> Vec<f64> {
        let rows = self
            .best
            .calibrated
            .log_odds
            .iter()
            .zip(&self.heuristic_log_odds);
        rows.map(|(&calibrated, &z)| self.adjustment.log_odds(calibrated, z))
            .collect()
    }

    /// All that is tested besides the choice.
    fn evidence(
        &self,
        base: &Base<'_>,
        lesson: &Lesson<'_>,
        folds: &Folds,
        stop: &StopToken,
    ) -> Result<Evidence, Stopped> {
        let leaks = leaks(lesson, folds, stop)?;
        let without_leaks = if leaks.is_empty() {
            Vec::new()
        } else {
            let names: Vec<String> = leaks.iter().map(|leak| leak.column.clone()).collect();
            let features = lesson.features.without(&names);
            let lesson = Lesson {
                features: &features,
                ..*lesson
            };
            let tested = tested(&lesson, &Family::ALL, folds, stop)?;
            tested.into_iter().map(|family| family.evidence).collect()
        };
        let labelled: Vec<u32> = lesson
            .rows
            .iter()
            .map(|&at| base.rows.order[at as usize])
            .collect();
        let (duplicates, groups) = duplicates(base.traits, &labelled, lesson.groups, stop)?;
        let without_duplicates = if duplicates.are_many() {
            self.on_groups(&groups, lesson, stop)?
        } else {
            None
        };
        let (served, outcomes) = (self.served(), lesson.outcomes);
        Ok(Evidence {
            n_folds: folds.n_folds,
            is_grouped: base.rows.n_customers < base.rows.order.len(),
            families: self.families.clone(),
            best: self.family(),
            criterion: self.criterion,
            calibration: self.best.calibrated.choice.clone(),
            served: ServedEvidence::of(&served, outcomes, lesson.seed, stop)?,
            heuristic_roc_auc: area(&self.heuristic_log_odds, outcomes),
            leaks,
            without_leaks,
            duplicates,
            without_duplicates,
            temporal: self.temporal(base, lesson, stop)?,
        })
    }

    /// The same family with other groups kept together.
    fn on_groups(
        &self,
        groups: &[u32],
        lesson: &Lesson<'_>,
        stop: &StopToken,
    ) -> Result<Option<FamilyEvidence>, Stopped> {
        let lesson = Lesson { groups, ..*lesson };
        let Some(folds) = lesson.deal("churn folds").for_tests() else {
            return Ok(None);
        };
        let mut tested = tested(&lesson, &[self.family()], &folds, stop)?;
        Ok(tested.pop().map(|family| family.evidence))
    }

    fn temporal(
        &self,
        base: &Base<'_>,
        lesson: &Lesson<'_>,
        stop: &StopToken,
    ) -> Result<Option<super::evidence::TemporalEvidence>, Stopped> {
        let date = |&row: &u32| base.traits.dates()[row as usize];
        let dates: Vec<Option<Date>> = base.rows.order.iter().map(date).collect();
        let setting = temporal::Setting {
            dates: &dates,
            window_days: base.options.label_window_days.unwrap_or(0),
            heuristic: &base.heuristic,
            heuristic_log_odds: &base.heuristic_log_odds,
        };
        on_the_last_date(lesson, self.family(), &setting, stop)
    }

    /// The model of all labelled rows, where some row needs it or it is to be saved.
    fn of_all(
        &self,
        base: &Base<'_>,
        lesson: &Lesson<'_>,
        stop: &StopToken,
    ) -> Result<Option<FittedModel>, Stopped> {
        let has_unlabelled = lesson.rows.len() < base.rows.order.len();
        if !has_unlabelled && !base.options.keep_model {
            return Ok(None);
        }
        match self.family().fit(lesson, stop) {
            Ok(model) => Ok(Some(model)),
            Err(FitError::Stopped) => Err(Stopped),
            // It was fitted to four fifths of the same rows; the model of the first fold then speaks for the others.
            Err(_) => Ok(Some(self.best.out_of_fold.models[0].clone())),
        }
    }

    /// Risks of all rows in canonical order, and the models behind them.
    fn risks(
        self,
        base: &Base<'_>,
        folds: &Folds,
        of_all: Option<FittedModel>,
        stop: &StopToken,
        features: &Features,
    ) -> Result<(Vec<RowRisk>, (Vec<ServedModel>, Option<ServedModel>)), Stopped> {
        let served = self.served();
        let Self {
            best, adjustment, ..
        } = self;
        let with = |model: FittedModel, calibrator| ServedModel {
            model,
            calibrator,
            adjustment,
        };
        let of_all = of_all.map(|model| with(model, best.calibrated.of_all.clone()));
        let mut risks = vec![None; base.rows.order.len()];
        for (place, &at) in base.labelled.iter().enumerate() {
            risks[at as usize] = Some(RowRisk {
                score: best.out_of_fold.scores[place],
                calibrated: best.calibrated.log_odds[place],
                served: served[place],
                source: Source::Fold(folds.of_row[place]),
            });
        }
        let others: Vec<u32> = (0..risks.len() as u32)
            .filter(|&at| risks[at as usize].is_none())
            .collect();
        if let Some(model) = &of_all {
            let scores = model.model.log_odds(features, &others, stop)?;
            let moved = adjustment.heuristic.intercept - base.heuristic.intercept;
            for (&at, &score) in others.iter().zip(&scores) {
                let calibrated = model.calibrator.log_odds(score);
                let z = base.heuristic_log_odds[at as usize] + moved;
                risks[at as usize] = Some(RowRisk {
                    score,
                    calibrated,
                    served: adjustment.log_odds(calibrated, z),
                    source: Source::AllRows,
                });
            }
        }
        let of_folds = best
            .out_of_fold
            .models
            .into_iter()
            .zip(best.calibrated.of_folds);
        let of_folds = of_folds.map(|(model, calibrator)| with(model, calibrator));
        let risks = risks.into_iter().flatten().collect();
        Ok((risks, (of_folds.collect(), of_all)))
    }
}
