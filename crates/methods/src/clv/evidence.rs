//! What the hold-outs say: which family serves, and what is reported of them.

use clientela_numerics::{StopToken, Stopped};

use super::calibration;
use super::coverage;
use super::diagnostics::{self, Regularity};
use super::evaluation::{self, Evaluated, Pool};
use super::holdout::{self, HoldOuts};
use super::metrics;
use super::report::{Family, FamilyChoice, ForecastOptions};
use super::selection::{self, Contest};
use super::snapshot::Snapshot;
use super::validation::{BoostingUnavailable, Evidence, FamilyScore, Selection, Validation};

/// Which family serves, and why.
#[derive(Clone, Copy, Debug)]
pub struct Verdict {
    /// The family.
    pub best: Family,
    /// The rule that decided.
    pub selection: Selection,
    /// Why there is no booster.
    pub boosting_unavailable: Option<BoostingUnavailable>,
    /// How regular the gaps of the base are.
    pub regularity: Option<Regularity>,
}

impl Verdict {
    /// The verdict where a booster that should serve can't be trained on everything.
    pub fn without_boosting(self) -> Self {
        let selection = match self.selection {
            Selection::Asked => Selection::AskedButUnavailable,
            _ => Selection::OnlyCandidate,
        };
        Self {
            best: Family::Probabilistic,
            selection,
            boosting_unavailable: Some(BoostingUnavailable::TooLittleToLearn),
            ..self
        }
    }
}

/// Decides which family serves.
///
/// # Errors
/// [`Stopped`] when the stop token is set.
pub fn decide(
    snapshot: &Snapshot<'_>,
    hold_outs: &HoldOuts<'_>,
    pool: &Pool<'_, '_, '_>,
    options: &ForecastOptions,
    by_mean: bool,
    stop: &StopToken,
) -> Result<Verdict, Stopped> {
    let regularity = diagnostics::regularity(snapshot, stop)?;
    let boosting_unavailable = boosting_unavailable(snapshot, hold_outs, pool, options);
    let (best, selection) = if by_mean {
        let n_repeat = snapshot.n_repeat();
        let rule = Selection::TooFewRepeatBuyers { n_repeat };
        (Family::HistoricalMean, rule)
    } else {
        match (options.families, boosting_unavailable) {
            (FamilyChoice::Probabilistic, _) => (Family::Probabilistic, Selection::Asked),
            (FamilyChoice::Boosting, None) => (Family::GradientBoosting, Selection::Asked),
            (FamilyChoice::Boosting, Some(_)) => {
                (Family::Probabilistic, Selection::AskedButUnavailable)
            }
            (FamilyChoice::Both, _) if hold_outs.evidence != Evidence::Sound => {
                (Family::Probabilistic, Selection::NoEvidence)
            }
            (FamilyChoice::Both, Some(_)) => (Family::Probabilistic, Selection::OnlyCandidate),
            (FamilyChoice::Both, None) => selection::choose(&contest(pool, regularity)),
        }
    };
    Ok(Verdict {
        best,
        selection,
        boosting_unavailable,
        regularity,
    })
}

fn boosting_unavailable(
    snapshot: &Snapshot<'_>,
    hold_outs: &HoldOuts<'_>,
    pool: &Pool<'_, '_, '_>,
    options: &ForecastOptions,
) -> Option<BoostingUnavailable> {
    if options.families == FamilyChoice::Probabilistic {
        return Some(BoostingUnavailable::NotAsked);
    }
    let Some(latest) = hold_outs.origins.first() else {
        return Some(BoostingUnavailable::NoHoldOut);
    };
    let split = latest.snapshot.day();
    let days = holdout::lead_days(snapshot.base(), split, hold_outs.window_days);
    if !holdout::is_lead(days) {
        return Some(BoostingUnavailable::NoTrainingWindow { days });
    }
    (!pool.has_boosting()).then_some(BoostingUnavailable::TooLittleToLearn)
}

fn contest(pool: &Pool<'_, '_, '_>, regularity: Option<Regularity>) -> Contest {
    let scores = |family| metrics::scores(&pool.outcomes(family));
    Contest {
        probabilistic: scores(Family::Probabilistic),
        boosting: scores(Family::GradientBoosting),
        advantage: pool.advantage(),
        is_regular: regularity.is_some_and(Regularity::decides),
    }
}

/// Everything the hold-outs say, as it is reported.
///
/// # Errors
/// [`Stopped`] when the stop token is set.
pub fn validation(
    hold_outs: &HoldOuts<'_>,
    evaluated: &[Evaluated<'_, '_>],
    pool: &Pool<'_, '_, '_>,
    verdict: &Verdict,
    options: &ForecastOptions,
    stop: &StopToken,
) -> Result<Validation, Stopped> {
    let first = match verdict.best {
        Family::HistoricalMean => Family::HistoricalMean,
        Family::Probabilistic | Family::GradientBoosting => Family::Probabilistic,
    };
    let score = |family| {
        let outcomes = pool.outcomes(family);
        Ok(FamilyScore {
            family,
            scores: metrics::scores(&outcomes),
            n_origins: pool.n_origins(),
            calibration: calibration::deciles(&outcomes),
            coverage: coverage::coverage(evaluated, family, options, stop)?,
        })
    };
    let families: Result<Vec<_>, Stopped> = pool.families(first).into_iter().map(score).collect();
    let families = families?;
    let baselines = pool.baselines();
    let served = families.iter().find(|score| score.family == verdict.best);
    let (new_customers_share, n_new_customers) = pool.new_customers();
    Ok(Validation {
        evidence: hold_outs.evidence,
        window_days: (!evaluated.is_empty()).then_some(hold_outs.window_days),
        origins: evaluated
            .iter()
            .map(|one| one.origin(verdict.best))
            .collect(),
        selection: verdict.selection,
        boosting_unavailable: verdict.boosting_unavailable,
        verdict: served.map_or_else(Vec::new, |served| {
            evaluation::verdict(&served.scores, &baselines)
        }),
        calibration: served.map_or_else(Vec::new, |served| served.calibration.clone()),
        coverage: served.map_or_else(Vec::new, |served| served.coverage.clone()),
        families,
        baselines,
        new_customers_share,
        n_new_customers,
    })
}
