//! Gradient Boosting: many small trees, their number chosen by rows that are held out of the training rows.

use clientela_learn::FitError;
use clientela_learn::boosting::{GradientBoosting, GradientBoostingParams, Loss, Samples};
use clientela_learn::error::Checked;
use clientela_numerics::{StopToken, Stopped};

use super::FittedModel;
use crate::churn::encoding::TreeEncoding;
use crate::churn::lesson::Lesson;

/// One group of rows in so many decides when to stop.
const HELD_OUT_ONE_IN: usize = 5;
/// Up to so many rows the held-out part is missed, and all rows are learned from once the number of trees is known.
const ROWS_TO_LEARN_AGAIN: usize = 20_000;
/// Trees where there is nothing to hold out: a fifth of the way to what the rows say.
const TREES_UNTESTED: usize = 20;

fn params(n_trees: usize) -> Checked<GradientBoostingParams> {
    let params = GradientBoostingParams {
        loss: Loss::Logistic,
        n_trees,
        learning_rate: 0.05,
        max_leaves: 8,
        max_depth: 4,
        min_rows_leaf: 20,
        l2: 1.0,
        patience: 20,
        ..GradientBoostingParams::default()
    };
    params.check().expect("valid parameters")
}

pub(super) fn fit(lesson: &Lesson<'_>, stop: &StopToken) -> Result<FittedModel, FitError> {
    let Some(parts) = lesson.deal("churn early stopping").one_in(HELD_OUT_ONE_IN) else {
        return learn(lesson, None, TREES_UNTESTED, stop);
    };
    let (held_out, learned) = lesson.parted(|place| parts.of_row[place] == 0);
    let fitted = learn(
        &lesson.on(&learned),
        Some(&lesson.on(&held_out)),
        1000,
        stop,
    )?;
    if lesson.rows.len() > ROWS_TO_LEARN_AGAIN {
        return Ok(fitted);
    }
    let FittedModel::Boosting { booster, .. } = &fitted else {
        return Ok(fitted);
    };
    learn(lesson, None, booster.trees.len(), stop)
}

fn learn(
    lesson: &Lesson<'_>,
    held_out: Option<&Lesson<'_>>,
    n_trees: usize,
    stop: &StopToken,
) -> Result<FittedModel, FitError> {
    let encoding = TreeEncoding::fit(lesson.features, lesson.rows, lesson.outcomes);
    let encoded = |lesson: &Lesson<'_>| {
        let columns = encoding.encode(lesson.features, lesson.rows);
        let yes = |&churned: &bool| f64::from(u8::from(churned));
        (columns, lesson.outcomes.iter().map(yes).collect())
    };
    let (columns, target): (Vec<Vec<f64>>, Vec<f64>) = encoded(lesson);
    let watched: Option<(Vec<Vec<f64>>, Vec<f64>)> = held_out.map(encoded);
    let watched = watched
        .as_ref()
        .map(|(columns, target)| Samples::new(columns, target));
    let booster = GradientBoosting::fit(
        &Samples::new(&columns, &target),
        watched.as_ref(),
        &params(n_trees),
        lesson.seed,
        stop,
    )?;
    Ok(FittedModel::Boosting { encoding, booster })
}

/// Scores of rows: under the identity link a forecast is the score, here the log-odds.
pub(super) fn log_odds(
    booster: &GradientBoosting,
    columns: &[Vec<f64>],
    n_rows: usize,
    stop: &StopToken,
) -> Result<Vec<f64>, Stopped> {
    let scorer = GradientBoosting {
        loss: Loss::Squared,
        ..booster.clone()
    };
    scorer.predict(columns, Some(&vec![0.0; n_rows]), stop)
}
