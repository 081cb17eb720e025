//! Every family fitted to all folds but one, and scored on that one.

use clientela_learn::FitError;
use clientela_numerics::{StopToken, Stopped};
use rayon::prelude::*;

use super::families::{Family, FittedModel};
use super::folds::Folds;
use super::lesson::Lesson;

/// A family's models and what they say of rows they did not see.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct OutOfFold {
    pub(super) family: Family,
    /// The model of each fold: fitted to all the others.
    pub(super) models: Vec<FittedModel>,
    /// Log-odds of each row of the lesson.
    pub(super) scores: Vec<f64>,
}

/// What is learned of one fold.
type FoldResult = Result<(FittedModel, Vec<f64>), FitError>;

/// The families in their order; one that can't be fitted is left out.
pub(super) fn cross_validate(
    lesson: &Lesson<'_>,
    families: &[Family],
    folds: &Folds,
    stop: &StopToken,
) -> Result<Vec<OutOfFold>, Stopped> {
    // The costly families first, so that no thread is left with one of them at the end.
    let tasks: Vec<(Family, u8)> = families
        .iter()
        .rev()
        .flat_map(|&family| (0..folds.n_folds as u8).map(move |fold| (family, fold)))
        .collect();
    let results: Vec<FoldResult> = tasks
        .par_iter()
        .with_max_len(1)
        .map(|&(family, fold)| of_fold(lesson, family, folds, fold, stop))
        .collect();
    let mut by_family = results.into_iter();
    let mut all = Vec::new();
    for &family in families.iter().rev() {
        let of_folds: Result<Vec<_>, FitError> = by_family.by_ref().take(folds.n_folds).collect();
        match of_folds {
            Ok(of_folds) => all.push(gathered(family, of_folds, folds)),
            Err(FitError::Stopped) => return Err(Stopped),
            Err(_) => {}
        }
    }
    all.reverse();
    Ok(all)
}

fn of_fold(
    lesson: &Lesson<'_>,
    family: Family,
    folds: &Folds,
    fold: u8,
    stop: &StopToken,
) -> FoldResult {
    let (tested, learned) = lesson.parted(|place| folds.of_row[place] == fold);
    let model = family.fit(&lesson.on(&learned), stop)?;
    let scores = model.log_odds(lesson.features, &tested.rows, stop)?;
    Ok((model, scores))
}

/// Puts the scores of the folds back to the places of their rows.
fn gathered(family: Family, of_folds: Vec<(FittedModel, Vec<f64>)>, folds: &Folds) -> OutOfFold {
    let (models, scores): (Vec<_>, Vec<_>) = of_folds.into_iter().unzip();
    let mut scores: Vec<_> = scores.into_iter().map(Vec::into_iter).collect();
    let next = |&fold: &u8| {
        scores[usize::from(fold)]
            .next()
            .expect("a score for each row")
    };
    OutOfFold {
        family,
        models,
        scores: folds.of_row.iter().map(next).collect(),
    }
}
