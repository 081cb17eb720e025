//! The test that comes closest to use: models of earlier dates, asked about the last one.
//!
//! The family is the one that serves, which was chosen on all dates, the last among them: its figures flatter by as much as the
//! choice between three families can, which is little. Models, calibration and all else are learned from earlier dates alone.

use clientela_learn::FitError;
use clientela_numerics::{StopToken, Stopped};
use clientela_tables::Date;

use super::calibration::calibrate;
use super::cross_validation::cross_validate;
use super::evidence::TemporalEvidence;
use super::families::Family;
use super::few_rows::Adjustment;
use super::heuristic::Heuristic;
use super::lesson::{Lesson, Pupils};

/// Dates of snapshots to test by.
const DATES_MIN: usize = 3;

/// What the test needs besides the lesson.
#[derive(Clone, Copy, Debug)]
pub(super) struct Setting<'a> {
    /// The date of each row of the features.
    pub(super) dates: &'a [Option<Date>],
    /// Days after a snapshot until its outcome is known.
    pub(super) window_days: u32,
    pub(super) heuristic: &'a Heuristic,
    /// z of each row of the features.
    pub(super) heuristic_log_odds: &'a [f64],
}

/// The family on the last date, learned from earlier rows whose outcome was known by then; `None` with fewer than three
/// dates or where the earlier rows are too few to learn from.
pub(super) fn on_the_last_date(
    lesson: &Lesson<'_>,
    family: Family,
    setting: &Setting<'_>,
    stop: &StopToken,
) -> Result<Option<TemporalEvidence>, Stopped> {
    let date_of = |place: usize| setting.dates[lesson.rows[place] as usize];
    let mut dates: Vec<Date> = (0..lesson.rows.len()).filter_map(date_of).collect();
    dates.sort_unstable();
    dates.dedup();
    let Some(&last) = dates.last().filter(|_| dates.len() >= DATES_MIN) else {
        return Ok(None);
    };
    let is_known = |date: Date| {
        let days = last.days_since(date);
        days > 0 && i64::from(days) >= i64::from(setting.window_days)
    };
    let Some(&learned_until) = dates.iter().rev().find(|date| is_known(**date)) else {
        return Ok(None);
    };
    let (earlier, _) = lesson.parted(|place| date_of(place).is_some_and(is_known));
    let (tested, _) = lesson.parted(|place| date_of(place) == Some(last));
    let log_odds = forecast(&lesson.on(&earlier), &tested, family, setting, stop)?;
    Ok(log_odds.map(|log_odds| {
        let n_learned = earlier.rows.len();
        TemporalEvidence::of(last, learned_until, n_learned, &log_odds, &tested)
    }))
}

/// Log-odds as they would have been served on the last date.
fn forecast(
    earlier: &Lesson<'_>,
    tested: &Pupils,
    family: Family,
    setting: &Setting<'_>,
    stop: &StopToken,
) -> Result<Option<Vec<f64>>, Stopped> {
    let Some(folds) = earlier.deal("churn folds of earlier dates").for_tests() else {
        return Ok(None);
    };
    let Some(out_of_fold) = cross_validate(earlier, &[family], &folds, stop)?.pop() else {
        return Ok(None);
    };
    let (outcomes, groups) = (earlier.outcomes, earlier.groups);
    let calibrator = calibrate(&out_of_fold.scores, outcomes, groups, &folds, stop)?.of_all;
    let model = match family.fit(earlier, stop) {
        Ok(model) => model,
        Err(FitError::Stopped) => return Err(Stopped),
        Err(_) => return Ok(None),
    };
    let heuristic_of = |&row: &u32| setting.heuristic_log_odds[row as usize];
    let of_earlier: Vec<f64> = earlier.rows.iter().map(heuristic_of).collect();
    let adjustment = Adjustment::of(
        earlier.n_churned(),
        earlier.n_customers_of_classes(),
        setting.heuristic,
        &of_earlier,
    );
    let moved = adjustment.heuristic.intercept - setting.heuristic.intercept;
    let scores = model.log_odds(earlier.features, &tested.rows, stop)?;
    let served = scores.iter().zip(&tested.rows).map(|(&score, row)| {
        adjustment.log_odds(calibrator.log_odds(score), heuristic_of(row) + moved)
    });
    Ok(Some(served.collect()))
}
