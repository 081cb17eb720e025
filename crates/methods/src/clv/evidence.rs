//! What the hold-outs say: which family serves, how far totals are off, how often intervals hold.

use clientela_numerics::{ExactSum, StopToken, Stopped};
use libm::log;

use super::diagnostics::{self, Regularity};
use super::evaluation::{self, Evaluated, Pool};
use super::holdout::{self, HoldOuts};
use super::intervals;
use super::metrics;
use super::probabilistic::Expected;
use super::report::{Family, FamilyChoice, ForecastOptions, Interval};
use super::selection::{self, Contest};
use super::snapshot::Snapshot;
use super::validation::{BoostingUnavailable, Coverage, Evidence, Origin, Selection, Validation};

/// Levels at which coverage is reported.
const LEVELS: [f64; 3] = [0.5, 0.8, 0.95];
/// Members of a hold-out whose intervals are drawn at most.
const COVERED_MEMBERS_MAX: usize = 4000;
/// Customers with five gaps from which on their regularity decides.
const REGULAR_CUSTOMERS_MIN: usize = 10;
/// A total is off by a factor with a logarithm of this standard deviation before any hold-out has been seen, and that
/// belief weighs as much as two hold-outs.
const SPREAD_BEFORE: f64 = 0.2;
const SPREAD_BEFORE_WEIGHT: f64 = 2.0;

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
        Self {
            best: Family::Probabilistic,
            selection: Selection::OnlyCandidate,
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
    let decides = |r: Regularity| r.is_regular() && r.n_customers >= REGULAR_CUSTOMERS_MIN;
    Contest {
        probabilistic: scores(Family::Probabilistic),
        boosting: scores(Family::GradientBoosting),
        advantage: pool.advantage(),
        is_regular: regularity.is_some_and(decides),
    }
}

/// What totals are spread by beyond the models: the standard deviation of the logarithm of actual over forecast.
///
/// ```text
/// τ² = (2 · 0.2² + Σ ln²(actual / forecast)) / (2 + k)
/// ```
///
/// over the k hold-outs; those where either total is not positive have no such ratio and are left out.
pub fn total_spread(evaluated: &[Evaluated<'_, '_>], family: Family) -> f64 {
    let origins = evaluated.iter().map(|one| one.origin(family));
    spread_of(origins)
}

fn spread_of(origins: impl Iterator<Item = Origin>) -> f64 {
    let logs = origins.filter_map(|origin| {
        let ratio = origin.actual_value / origin.expected_value?;
        (ratio > 0.0 && ratio.is_finite()).then(|| log(ratio))
    });
    let logs: Vec<f64> = logs.collect();
    let squares: f64 = logs.iter().map(|log| log * log).sum();
    let before = SPREAD_BEFORE_WEIGHT * SPREAD_BEFORE * SPREAD_BEFORE;
    ((before + squares) / (SPREAD_BEFORE_WEIGHT + logs.len() as f64)).sqrt()
}

/// What a unit of value drawn from the models counts for each member: its season and discount, and what the family that
/// serves expects over what the models do.
pub fn scale(expected: &[Expected], values: &[f64], season: f64) -> Vec<f64> {
    let of = |(expected, &value): (&Expected, &f64)| {
        let by_models = expected.value();
        let ratio = if by_models == 0.0 || by_models == value {
            1.0
        } else {
            value / by_models
        };
        season * expected.discount * ratio
    };
    expected.iter().zip(values).map(of).collect()
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
    let families = pool.families(first);
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
        calibration: metrics::deciles(&pool.outcomes(verdict.best)),
        coverage: if verdict.best == Family::HistoricalMean {
            Vec::new()
        } else {
            coverage(evaluated, verdict.best, options.random_seed, stop)?
        },
        families,
        baselines,
        new_customers_share,
        n_new_customers,
    })
}

/// How often intervals held, drawn at each split as if it were today.
fn coverage(
    evaluated: &[Evaluated<'_, '_>],
    family: Family,
    seed: u64,
    stop: &StopToken,
) -> Result<Vec<Coverage>, Stopped> {
    let (mut inside, mut n) = ([0_usize; 3], 0);
    let mut totals = [[None; 3]; 3];
    for (at, one) in evaluated.iter().enumerate() {
        let Some(values) = one.values(family) else {
            continue;
        };
        let season = one.model.season_factor(one.hold_out.days());
        // What was known of totals at this split: hold-outs that had ended by then.
        let split = one.hold_out.snapshot.day();
        let ended = evaluated
            .iter()
            .filter(|other| other.hold_out.end_day <= split);
        let drawn = intervals::draw(
            &one.model,
            &intervals::Request {
                weeks: super::calendar::weeks(one.hold_out.days() as i32),
                season,
                scale: &scale(&one.expected, &values, season),
                groups: &vec![0; values.len()],
                levels: &LEVELS,
                total_spread: spread_of(ended.map(|other| other.origin(family))),
                n_members_max: Some(COVERED_MEMBERS_MAX),
                seed,
            },
            stop,
        )?;
        n += drawn.members.len();
        for (member, intervals) in drawn.members.iter().zip(&drawn.prediction) {
            let actual = one.hold_out.actual[*member as usize];
            for (inside, interval) in inside.iter_mut().zip(intervals) {
                *inside += usize::from(holds(interval, actual));
            }
        }
        let origin = one.origin(family);
        let of_drawn: ExactSum = drawn.members.iter().map(|&m| values[m as usize]).collect();
        // The draws of a sample stand for all members: beside the spread of totals its own chance is small.
        let stretch = origin.expected_value.unwrap_or(0.0) / of_drawn.value();
        if !stretch.is_finite() {
            continue;
        }
        for (totals, level) in totals.iter_mut().zip(LEVELS) {
            let interval = intervals::interval(&drawn.all[0], level);
            let interval = Interval {
                lower: interval.lower * stretch,
                upper: interval.upper * stretch,
            };
            totals[at] = Some((holds(&interval, origin.actual_value), interval));
        }
    }
    let levels = LEVELS.into_iter().zip(inside).zip(totals);
    let covered = levels.map(|((level, inside), totals)| Coverage {
        level,
        share_inside: inside as f64 / n as f64,
        totals,
    });
    Ok(if n > 0 { covered.collect() } else { Vec::new() })
}

fn holds(interval: &Interval, actual: f64) -> bool {
    interval.lower <= actual && actual <= interval.upper
}
