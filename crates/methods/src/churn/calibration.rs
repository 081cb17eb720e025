//! Log-odds brought to honest probabilities, by a map chosen on rows that it was not fitted to.
//!
//! Chosen on its own rows the freest map always wins, and is the worst on fresh ones.

use clientela_learn::FitError;
use clientela_learn::calibration::{CalibrationKind, Calibrator, log_loss};
use clientela_numerics::{StopToken, Stopped};
use rayon::prelude::*;

use super::folds::Folds;

/// Rows of the rarer class from which on the isotonic map is tried.
const ROWS_FOR_ISOTONIC: usize = 1000;

/// Which map serves, and what spoke for it.
#[derive(Clone, Debug, PartialEq)]
pub struct CalibrationChoice {
    /// The kind that serves.
    pub kind: CalibrationKind,
    /// All kinds that were tried, from the simplest on.
    pub candidates: Vec<CalibrationCandidate>,
}

/// A kind of map that was tried.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CalibrationCandidate {
    /// The kind.
    pub kind: CalibrationKind,
    /// Mean log loss of cross-fitted log-odds.
    pub log_loss: f64,
    /// By how much that is above the lowest.
    pub excess: f64,
    /// Standard error of the excess, by customers.
    pub standard_error: f64,
}

/// A family's log-odds, calibrated.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Calibrated {
    pub(super) choice: CalibrationChoice,
    /// The map of each fold, learned from the scores of the others.
    pub(super) of_folds: Vec<Calibrator>,
    /// The map learned from all scores, for rows without a fold.
    pub(super) of_all: Calibrator,
    /// Cross-fitted log-odds of each row.
    pub(super) log_odds: Vec<f64>,
}

/// One kind of map on all folds.
struct Tried {
    kind: CalibrationKind,
    of_folds: Vec<Calibrator>,
    log_odds: Vec<f64>,
    losses: Vec<f64>,
}

/// Chooses the simplest kind whose log loss is not clearly above the lowest: within one standard error of the difference, rows
/// of one group counting as one observation.
pub(super) fn calibrate(
    scores: &[f64],
    outcomes: &[bool],
    groups: &[u32],
    folds: &Folds,
    stop: &StopToken,
) -> Result<Calibrated, Stopped> {
    let n_churned = outcomes.iter().filter(|&&churned| churned).count();
    let rarer = n_churned.min(outcomes.len() - n_churned);
    let mut kinds = vec![
        CalibrationKind::None,
        CalibrationKind::Platt,
        CalibrationKind::Beta,
    ];
    if rarer >= ROWS_FOR_ISOTONIC {
        kinds.push(CalibrationKind::Isotonic);
    }
    let tried: Vec<Tried> = kinds
        .into_par_iter()
        .map(|kind| Tried::of(kind, scores, outcomes, folds, stop))
        .collect::<Result<Vec<_>, Stopped>>()?
        .into_iter()
        .flatten()
        .collect();
    let candidates = compared(&tried, groups);
    let is_good = |candidate: &&CalibrationCandidate| candidate.excess <= candidate.standard_error;
    let mut kind = candidates
        .iter()
        .find(is_good)
        .map_or(CalibrationKind::None, |candidate| candidate.kind);
    let of_all = match Calibrator::fit(kind, scores, outcomes, None, stop) {
        Ok(calibrator) => calibrator,
        Err(FitError::Stopped) => return Err(Stopped),
        Err(_) => {
            kind = CalibrationKind::None;
            Calibrator::None
        }
    };
    let chosen = tried.into_iter().find(|tried| tried.kind == kind);
    let chosen = chosen.expect("scores as they are can always be tried");
    Ok(Calibrated {
        choice: CalibrationChoice { kind, candidates },
        of_folds: chosen.of_folds,
        of_all,
        log_odds: chosen.log_odds,
    })
}

impl Tried {
    /// `None` where the map can't be fitted to the scores of some folds.
    fn of(
        kind: CalibrationKind,
        scores: &[f64],
        outcomes: &[bool],
        folds: &Folds,
        stop: &StopToken,
    ) -> Result<Option<Self>, Stopped> {
        let fit = |fold: usize| {
            let others = || (0..scores.len()).filter(|&row| usize::from(folds.of_row[row]) != fold);
            let scores: Vec<f64> = others().map(|row| scores[row]).collect();
            let outcomes: Vec<bool> = others().map(|row| outcomes[row]).collect();
            Calibrator::fit(kind, &scores, &outcomes, None, stop)
        };
        let of_folds = match (0..folds.n_folds).into_par_iter().map(fit).collect() {
            Ok(of_folds) => of_folds,
            Err(FitError::Stopped) => return Err(Stopped),
            Err(_) => return Ok(None),
        };
        stop.poll()?;
        let of_folds: Vec<Calibrator> = of_folds;
        let calibrated = scores.iter().zip(&folds.of_row);
        let log_odds: Vec<f64> = calibrated
            .map(|(&score, &fold)| of_folds[usize::from(fold)].log_odds(score))
            .collect();
        stop.poll()?;
        let losses = log_odds.iter().zip(outcomes);
        let losses = losses.map(|(&log_odds, &churned)| log_loss(log_odds, churned));
        Ok(Some(Self {
            kind,
            of_folds,
            losses: losses.collect(),
            log_odds,
        }))
    }
}

/// Each kind against the one with the lowest loss; of equal ones the simplest is the lowest.
fn compared(tried: &[Tried], groups: &[u32]) -> Vec<CalibrationCandidate> {
    let means: Vec<f64> = tried.iter().map(|tried| mean(&tried.losses)).collect();
    let best = (0..tried.len()).fold(0, |best, k| if means[k] < means[best] { k } else { best });
    let candidate = |(k, own): (usize, &Tried)| {
        let pairs = own.losses.iter().zip(&tried[best].losses);
        let excess: Vec<f64> = pairs.map(|(own, best)| own - best).collect();
        CalibrationCandidate {
            kind: own.kind,
            log_loss: means[k],
            excess: mean(&excess),
            standard_error: standard_error(&excess, groups),
        }
    };
    tried.iter().enumerate().map(candidate).collect()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

/// Of a mean whose deviations are summed within each of g groups before they are squared:
///
/// ```text
/// √(g / (g − 1) Σ_g (Σ (x − x̄))²) / n
/// ```
///
/// Of groups of one value it is √(Σ (x − x̄)² / (n (n − 1))); of a single group 0.
///
/// Source: Liang, Zeger (1986), "Longitudinal Data Analysis Using Generalized Linear Models", Biometrika 73(1), 13–22, for a
/// mean.
fn standard_error(values: &[f64], groups: &[u32]) -> f64 {
    let (n, mean) = (values.len() as f64, mean(values));
    let n_groups = groups.iter().max().map_or(0, |&last| last as usize + 1);
    // Groups may be empty: those of rows that are elsewhere.
    let mut deviations = vec![None; n_groups];
    for (value, &group) in values.iter().zip(groups) {
        *deviations[group as usize].get_or_insert(0.0) += value - mean;
    }
    let deviations = || deviations.iter().flatten();
    let (g, squares) = (
        deviations().count() as f64,
        deviations().map(|d: &f64| d * d),
    );
    if g > 1.0 {
        // With as many groups as rows n / g is 1 to the last bit.
        (squares.sum::<f64>() / (n * (g - 1.0) * (n / g))).sqrt()
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use clientela_learn::calibration::probability;
    use clientela_numerics::RandomStream;

    use super::*;

    /// Outcomes drawn from true log-odds, and the scores a model gives in their place.
    fn choice_of(n: usize, distort: impl Fn(f64) -> f64) -> CalibrationChoice {
        let mut stream = RandomStream::new(5, "test", 0);
        let truth: Vec<f64> = (0..n).map(|_| -0.5 + 1.5 * stream.normal()).collect();
        let outcomes: Vec<bool> = truth
            .iter()
            .map(|&log_odds| stream.uniform() < probability(log_odds))
            .collect();
        let scores: Vec<f64> = truth.iter().map(|&log_odds| distort(log_odds)).collect();
        let folds = Folds {
            of_row: (0..n).map(|row| (row % 5) as u8).collect(),
            n_folds: 5,
        };
        let groups: Vec<u32> = (0..n as u32).collect();
        calibrate(&scores, &outcomes, &groups, &folds, &StopToken::new())
            .expect("not stopped")
            .choice
    }

    #[test]
    fn honest_scores_stay_as_they_are() {
        let choice = choice_of(4000, |log_odds| log_odds);
        assert_eq!(choice.kind, CalibrationKind::None);
        assert_eq!(choice.candidates.len(), 4, "isotonic is tried");
        assert!(choice.candidates.iter().all(|c| c.excess >= 0.0));
    }

    #[test]
    fn overconfident_scores_are_brought_back_by_a_line() {
        assert_eq!(
            choice_of(2000, |s| 2.5 * s + 0.7).kind,
            CalibrationKind::Platt
        );
    }

    #[test]
    fn bent_scores_need_more_than_a_line() {
        let bent = choice_of(20_000, |s| if s > 0.0 { 4.0 * s } else { 0.4 * s });
        assert!(bent.kind >= CalibrationKind::Beta, "{bent:?}");
    }

    #[test]
    fn rows_that_a_customer_sends_again_do_not_make_a_difference_surer() {
        let once = [0.3, -0.1, 0.25, 0.05, -0.2];
        let error = standard_error(&once, &[0, 1, 2, 3, 4]);
        let by_hand: f64 = once.iter().map(|x| (x - 0.06) * (x - 0.06)).sum();
        assert!((error - (by_hand / 20.0).sqrt()).abs() < 1e-15);
        let thrice: Vec<f64> = (0..15).map(|row| once[row / 3]).collect();
        let customers: Vec<u32> = (0..15).map(|row| 2 * (row / 3)).collect();
        assert!((standard_error(&thrice, &customers) - error).abs() < 1e-15);
        let rows: Vec<u32> = (0..15).collect();
        assert!(standard_error(&thrice, &rows) < 0.6 * error);
        assert_eq!(standard_error(&once, &[7; 5]), 0.0);
    }

    #[test]
    fn few_rows_of_a_class_do_not_try_the_isotonic_map() {
        let kinds = choice_of(300, |s| s).candidates;
        assert!(kinds.iter().all(|c| c.kind < CalibrationKind::Isotonic));
    }
}
