//! What each forecast rests on.

use clientela_numerics::quantile::median;
use clientela_numerics::{ExactSum, StopToken, Stopped};
use rayon::prelude::*;

use super::base::CustomerState;
use super::diagnostics::gaps;
use super::probabilistic::Expected;
use super::report::{Explanation, GapMover, OrdersMover, Reason, ValueMover};
use super::snapshot::Snapshot;
use super::value::is_left_out;

/// Members that one task takes at least.
const MEMBERS_PER_TASK: usize = 1024;

/// Means of the base that customers are compared with.
struct Means {
    n_purchases: f64,
    /// Expected purchases had the last one been today.
    purchases_if_alive: f64,
    value: f64,
    per_purchase: f64,
    has_rate: bool,
    has_time: bool,
}

/// What is known of the forecasts that are explained.
#[derive(Clone, Copy, Debug)]
pub struct Forecasts<'f> {
    /// What the models, or the mean, expect of each member.
    pub expected: &'f [Expected],
    /// What each member is expected to bring by the family that serves.
    pub values: &'f [f64],
    /// The probability of still being a customer; `None` without a model.
    pub alive: Option<&'f [f64]>,
    /// Whether a booster serves.
    pub is_boosted: bool,
}

/// Explains the forecast of every member.
///
/// # Errors
/// [`Stopped`] when the stop token is set.
pub fn explain(
    snapshot: &Snapshot<'_>,
    forecasts: &Forecasts<'_>,
    stop: &StopToken,
) -> Result<Vec<Explanation>, Stopped> {
    let Forecasts {
        expected, alive, ..
    } = *forecasts;
    let if_alive: Option<Vec<f64>> = alive.map(|alive| {
        let pairs = expected.iter().zip(alive);
        pairs
            .map(|(e, &alive)| {
                if alive > 0.0 {
                    e.purchases / alive
                } else {
                    0.0
                }
            })
            .collect()
    });
    let means = means(snapshot, expected, if_alive.as_deref());
    (0..expected.len())
        .into_par_iter()
        .with_min_len(MEMBERS_PER_TASK)
        .map(|at| {
            stop.poll()?;
            let state = &snapshot.states()[at];
            let ratio = |value: f64, mean: f64| (mean > 0.0).then(|| value / mean);
            let own = |figures: Option<&[f64]>| figures.map(|figures| figures[at]);
            Ok(Explanation {
                orders: OrdersMover {
                    n_purchases: state.n_purchases,
                    base_mean: means.n_purchases,
                    factor: own(if_alive.as_deref())
                        .and_then(|own| ratio(own, means.purchases_if_alive)),
                },
                gap: gap(snapshot, at, own(alive)),
                value: ValueMover {
                    mean_repeat_value: state.mean_repeat_value(),
                    base_mean: means.value,
                    factor: ratio(expected[at].per_purchase, means.per_purchase),
                },
                learned: learned(forecasts, at),
                reason: reason(state, &means, alive.is_some()),
            })
        })
        .collect()
}

fn means(snapshot: &Snapshot<'_>, expected: &[Expected], if_alive: Option<&[f64]>) -> Means {
    let n = snapshot.n_customers().max(1) as u64;
    let buyers = || {
        let states = snapshot.states().iter().enumerate();
        states.filter(|(_, state)| state.n_purchases > 0)
    };
    let mean = |figure: &dyn Fn(usize) -> f64| {
        let total: ExactSum = buyers().map(|(at, _)| figure(at)).collect();
        total.divided_by(n)
    };
    let weeks_observed = buyers().any(|(_, state)| state.first_day < snapshot.day());
    Means {
        n_purchases: mean(&|at| f64::from(snapshot.states()[at].n_purchases)),
        purchases_if_alive: if_alive.map_or(0.0, |figures| mean(&|at| figures[at])),
        value: snapshot.mean_purchase_value(),
        per_purchase: mean(&|at| expected[at].per_purchase),
        has_rate: snapshot.repeat_rate() > 0.0,
        has_time: weeks_observed,
    }
}

/// How long a member has been silent, beside the member's usual gap.
fn gap(snapshot: &Snapshot<'_>, at: usize, alive: Option<f64>) -> Option<GapMover> {
    let state = &snapshot.states()[at];
    if state.n_purchases == 0 {
        return None;
    }
    let customer = snapshot.members()[at] as usize;
    let usual = || median(&gaps(snapshot.base(), customer, snapshot.day()));
    Some(GapMover {
        days_since_last: (snapshot.day() - state.last_day).unsigned_abs(),
        usual_gap_days: (state.n_purchases > 1).then(usual).flatten(),
        factor: alive,
    })
}

/// The booster's forecast over that of the models.
fn learned(forecasts: &Forecasts<'_>, at: usize) -> Option<f64> {
    let by_models = forecasts.expected[at].value();
    (forecasts.is_boosted && by_models > 0.0).then(|| forecasts.values[at] / by_models)
}

/// Why a forecast is 0, or not the model's.
fn reason(state: &CustomerState, means: &Means, has_model: bool) -> Option<Reason> {
    if state.n_purchases == 0 {
        return Some(Reason::NoPurchases);
    }
    if !has_model {
        return if !means.has_time {
            Some(Reason::NoTimeObserved)
        } else if !means.has_rate {
            Some(Reason::NobodyRepeats)
        } else {
            None
        };
    }
    is_left_out(state).then_some(Reason::OwnValueNotPositive)
}
