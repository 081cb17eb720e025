//! Columns that know the answer: most likely they were written after the customer left.
//!
//! A column that parts the classes without a single mistake is named from twenty customers of each on: DeLong's bound is then 1. The
//! exact bound that is reported beside it says more about the number of customers than about the column.

use clientela_learn::metrics::binary::{AreaInterval, RankedOutcomes};
use clientela_numerics::{StopToken, Stopped};
use clientela_tables::MISSING_TEXT;
use rayon::prelude::*;

use super::features::{Feature, FeatureValues};
use super::folds::Folds;
use super::lesson::Lesson;

/// A lower bound of a column's own area above this is too good to be true.
const LEAK_AREA: f64 = 0.98;
/// Customers of each class to say so.
const CUSTOMERS_OF_CLASS_MIN: usize = 20;
/// Rows of the base rate added to those of each word.
const SMOOTHING_ROWS: f64 = 1.0;
const LEVEL: f64 = 0.95;

/// A column that alone tells who churned.
#[derive(Clone, Debug, PartialEq)]
pub struct Leak {
    /// Its name.
    pub column: String,
    /// The area under its own ROC curve in the direction that suits it, with its interval at 95 %.
    pub roc_auc: AreaInterval,
}

/// The leaking columns in the order of the features.
pub(super) fn leaks(
    lesson: &Lesson<'_>,
    folds: &Folds,
    stop: &StopToken,
) -> Result<Vec<Leak>, Stopped> {
    let [churners, others] = lesson.n_customers_of_classes();
    if churners.min(others) < CUSTOMERS_OF_CLASS_MIN {
        return Ok(Vec::new());
    }
    let of_column = |column: &Feature| {
        stop.poll()?;
        let areas = scores_of(column, lesson, folds)
            .into_iter()
            .filter_map(|scores| area_if_large(&scores, lesson));
        // Of two placements of missing values the perfect one may have the lower bound, as it is the exact one.
        let leaking = areas.filter(is_too_good);
        let by_size = |a: &AreaInterval, b: &AreaInterval| {
            let by_area = a.area.total_cmp(&b.area);
            by_area.then(a.lower.total_cmp(&b.lower))
        };
        Ok(leaking.max_by(by_size).map(|roc_auc| Leak {
            column: column.name.clone(),
            roc_auc,
        }))
    };
    let columns = lesson.features.columns.par_iter().map(of_column);
    Ok(columns
        .collect::<Result<Vec<_>, _>>()?
        .into_iter()
        .flatten()
        .collect())
}

/// Whether hardly anything known in time ranks like this: surely above 0.98, or without a mistake.
pub(super) fn is_too_good(area: &AreaInterval) -> bool {
    area.lower > LEAK_AREA || area.area >= 1.0
}

/// The column as a forecast: numbers with missing ones below, and above, all others; words by their rate in other folds.
fn scores_of(column: &Feature, lesson: &Lesson<'_>, folds: &Folds) -> Vec<Vec<f64>> {
    match &column.values {
        FeatureValues::Numeric(values) => {
            let filled = |stand_in: f64| -> Vec<f64> {
                let of_rows = lesson.rows.iter().map(|&row| values[row as usize]);
                of_rows
                    .map(|value| if value.is_nan() { stand_in } else { value })
                    .collect()
            };
            let has_missing = lesson.rows.iter().any(|&row| values[row as usize].is_nan());
            let below = filled(f64::MIN);
            if has_missing {
                vec![below, filled(f64::MAX)]
            } else {
                vec![below]
            }
        }
        FeatureValues::Text { levels, codes, .. } => {
            let n_levels = levels.len();
            let level = |&row: &u32| match codes[row as usize] {
                MISSING_TEXT => n_levels,
                code => code as usize,
            };
            let levels: Vec<usize> = lesson.rows.iter().map(level).collect();
            vec![rates_of_other_folds(&levels, n_levels + 1, lesson, folds)]
        }
    }
}

fn rates_of_other_folds(
    levels: &[usize],
    n_levels: usize,
    lesson: &Lesson<'_>,
    folds: &Folds,
) -> Vec<f64> {
    let mut counts = vec![vec![[0.0; 2]; n_levels]; folds.n_folds];
    for (place, &level) in levels.iter().enumerate() {
        let count = &mut counts[usize::from(folds.of_row[place])][level];
        count[0] += f64::from(u8::from(lesson.outcomes[place]));
        count[1] += 1.0;
    }
    let base_rate = lesson.n_churned() as f64 / lesson.rows.len() as f64;
    let rate = |(&level, &fold): (&usize, &u8)| {
        let others = counts
            .iter()
            .enumerate()
            .filter(|(k, _)| *k != usize::from(fold));
        let [churned, n] = others.fold([0.0; 2], |sum, (_, of_fold)| {
            [sum[0] + of_fold[level][0], sum[1] + of_fold[level][1]]
        });
        (churned + SMOOTHING_ROWS * base_rate) / (n + SMOOTHING_ROWS)
    };
    levels.iter().zip(&folds.of_row).map(rate).collect()
}

/// The area with its interval, in the direction in which it is above one half; `None` where it is below the threshold anyway.
fn area_if_large(scores: &[f64], lesson: &Lesson<'_>) -> Option<AreaInterval> {
    let ranked = |scores: &[f64]| {
        let interval = RankedOutcomes::clustered(scores, lesson.outcomes, lesson.groups);
        interval.roc_auc_interval(LEVEL)
    };
    let area = RankedOutcomes::new(scores, lesson.outcomes).roc_auc()?;
    if area > LEAK_AREA {
        ranked(scores)
    } else if 1.0 - area > LEAK_AREA {
        let turned: Vec<f64> = scores.iter().map(|score| -score).collect();
        ranked(&turned)
    } else {
        None
    }
}
