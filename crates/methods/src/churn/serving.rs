//! The family that serves: what it and the others showed, and what it says of each row.

use clientela_learn::FitError;
use clientela_learn::calibration::Calibrator;
use clientela_numerics::{StopToken, Stopped};
use clientela_tables::Date;
use rayon::prelude::*;

use super::calibration::{Calibrated, calibrate};
use super::cross_validation::{OutOfFold, cross_validate};
use super::duplicates::duplicates;
use super::evidence::{
    Evidence, FamilyEvidence, Metrics, ServedEvidence, TemporalEvidence, area, log_loss_of_rate,
};
use super::families::{Family, FittedModel};
use super::features::Features;
use super::few_rows::Adjustment;
use super::folds::Folds;
use super::leaks::leaks;
use super::lesson::Lesson;
use super::report::{RowRisk, ServedModel, Source};
use super::risk::Base;
use super::selection::{Criterion, choose};
use super::temporal::{self, on_the_last_date};

/// A family with its models, calibrated and tested.
pub(super) struct Tested {
    out_of_fold: OutOfFold,
    calibrated: Calibrated,
    evidence: FamilyEvidence,
}

/// Fits, calibrates and tests families; those that can't be fitted are left out.
pub(super) fn tested(
    lesson: &Lesson<'_>,
    families: &[Family],
    folds: &Folds,
    stop: &StopToken,
) -> Result<Vec<Tested>, Stopped> {
    let of_families = cross_validate(lesson, families, folds, stop)?;
    let test = |out_of_fold: OutOfFold| {
        let scores = &out_of_fold.scores;
        let calibrated = calibrate(scores, lesson.outcomes, lesson.groups, folds, stop)?;
        let metrics = Metrics::of(scores, &calibrated.log_odds, lesson, stop)?;
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
pub(super) struct Serving {
    best: Tested,
    families: Vec<FamilyEvidence>,
    criterion: Criterion,
    adjustment: Adjustment,
    /// z of each labelled row by the adjustment's formula.
    heuristic_log_odds: Vec<f64>,
}

/// What serves each row, and the models behind it.
pub(super) struct Answers {
    /// In canonical order.
    pub(super) risks: Vec<RowRisk>,
    pub(super) adjustment: Adjustment,
    /// z of each canonical row by the adjustment's formula.
    pub(super) heuristic_log_odds: Vec<f64>,
    pub(super) of_folds: Vec<ServedModel>,
    pub(super) of_all: Option<ServedModel>,
}

impl Serving {
    pub(super) fn chosen(base: &Base<'_>, lesson: &Lesson<'_>, mut tested: Vec<Tested>) -> Self {
        let families: Vec<FamilyEvidence> = tested.iter().map(|family| family.evidence).collect();
        let (best, criterion) = choose(&families);
        let place = families.iter().position(|family| family.family == best);
        let best = tested.swap_remove(place.expect("one of the families"));
        let z = lesson
            .rows
            .iter()
            .map(|&at| base.heuristic_log_odds[at as usize]);
        let z: Vec<f64> = z.collect();
        let customers = lesson.n_customers_of_classes();
        let adjustment = Adjustment::of(base.n_churned(), customers, &base.heuristic, &z);
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
    pub(super) fn evidence(
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
        let (duplicates, groups) =
            duplicates(base.traits, &base.columns, &labelled, lesson.groups, stop)?;
        let without_duplicates = if duplicates.are_many() {
            self.on_groups(&groups, lesson, stop)?
        } else {
            None
        };
        Ok(Evidence {
            n_folds: folds.n_folds,
            is_grouped: base.rows.n_customers < base.rows.order.len(),
            few_customers: self.adjustment.few_customers(),
            families: self.families.clone(),
            best: self.family(),
            criterion: self.criterion,
            calibration: self.best.calibrated.choice.clone(),
            served: ServedEvidence::of(&self.served(), lesson, stop)?,
            log_loss_of_rate: log_loss_of_rate(lesson.outcomes),
            heuristic_roc_auc: area(&self.heuristic_log_odds, lesson),
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
    ) -> Result<Option<TemporalEvidence>, Stopped> {
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
    pub(super) fn of_all(
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
    pub(super) fn answers(
        self,
        base: &Base<'_>,
        folds: &Folds,
        of_all: Option<FittedModel>,
        features: &Features,
        stop: &StopToken,
    ) -> Result<Answers, Stopped> {
        let adjustment = self.adjustment;
        let with = |model: FittedModel, calibrator: Calibrator| ServedModel {
            model,
            calibrator,
            adjustment,
        };
        let of_all = of_all.map(|model| with(model, self.best.calibrated.of_all.clone()));
        let moved = adjustment.heuristic.intercept - base.heuristic.intercept;
        let z = base.heuristic_log_odds.iter().map(|z| z + moved);
        let z: Vec<f64> = z.collect();
        let mut risks = vec![None; z.len()];
        for (place, risk) in self.of_labelled(folds).into_iter().enumerate() {
            risks[base.labelled[place] as usize] = Some(risk);
        }
        let is_open = |at: &u32| risks[*at as usize].is_none();
        let others: Vec<u32> = (0..risks.len() as u32).filter(is_open).collect();
        if let Some(served) = &of_all {
            let scores = served.model.log_odds(features, &others, stop)?;
            for (&at, &score) in others.iter().zip(&scores) {
                risks[at as usize] = Some(served.risk(score, z[at as usize]));
            }
        }
        let best = self.best;
        let of_folds = best.out_of_fold.models.into_iter();
        let of_folds = of_folds.zip(best.calibrated.of_folds);
        Ok(Answers {
            risks: risks.into_iter().flatten().collect(),
            adjustment,
            heuristic_log_odds: z,
            of_folds: of_folds.map(|(model, map)| with(model, map)).collect(),
            of_all,
        })
    }

    /// The labelled rows by the models of their folds.
    fn of_labelled(&self, folds: &Folds) -> Vec<RowRisk> {
        let served = self.served();
        let risk = |place: usize| RowRisk {
            score: self.best.out_of_fold.scores[place],
            calibrated: self.best.calibrated.log_odds[place],
            served: served[place],
            source: Source::Fold(folds.of_row[place]),
        };
        (0..served.len()).map(risk).collect()
    }
}
