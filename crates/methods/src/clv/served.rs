//! What the family that serves expects of today's customers.

use clientela_numerics::{StopToken, Stopped};

use super::challenger::Challenger;
use super::evaluation::expected_by_mean;
use super::evidence::Verdict;
use super::holdout::HoldOuts;
use super::probabilistic::{Expected, Horizon, Probabilistic};
use super::report::{BoostingParameters, Family, ForecastOptions};
use super::snapshot::Snapshot;
use super::validation::Evidence;

/// What the family that serves expects.
#[derive(Debug)]
pub struct Served<'s, 'a> {
    /// The models as fitted on everything; `None` with too few repeat buyers.
    pub model: Option<Probabilistic<'s, 'a>>,
    /// What the models, or the mean, expect of each customer.
    pub expected: Vec<Expected>,
    /// What each customer is expected to bring.
    pub values: Vec<f64>,
    /// How the booster was trained, where it serves.
    pub boosting: Option<BoostingParameters>,
}

impl Served<'_, '_> {
    /// The purchases that a served value stands for.
    pub fn purchases(&self, at: usize) -> f64 {
        self.expected[at].purchases_behind(self.values[at])
    }
}

/// What the models expect, fitted on everything; or the mean, with too few repeat buyers for them.
///
/// # Errors
/// [`Stopped`] when the stop token is set.
pub fn serve<'s, 'a>(
    snapshot: &'s Snapshot<'a>,
    hold_outs: &HoldOuts<'_>,
    horizon: &Horizon,
    options: &ForecastOptions,
    by_mean: bool,
    stop: &StopToken,
) -> Result<Served<'s, 'a>, Stopped> {
    let has_hold_out = !matches!(hold_outs.evidence, Evidence::Absent(_));
    let model = if by_mean {
        None
    } else {
        Probabilistic::fit(snapshot, options.count_model, has_hold_out, stop)?
    };
    let expected = match &model {
        Some(model) => model.expect(horizon, stop)?,
        None => expected_by_mean(snapshot, horizon),
    };
    let values = expected.iter().map(|one| one.value()).collect();
    Ok(Served {
        model,
        expected,
        values,
        boosting: None,
    })
}

/// Puts the booster's values in the place of the models', where it serves; a booster that can't be trained on everything
/// leaves them there.
///
/// # Errors
/// [`Stopped`] when the stop token is set.
pub fn challenge<'s, 'a>(
    verdict: Verdict,
    served: Served<'s, 'a>,
    challenger: &Challenger<'_>,
    stop: &StopToken,
) -> Result<(Verdict, Served<'s, 'a>), Stopped> {
    let Some(model) = served
        .model
        .as_ref()
        .filter(|_| verdict.best == Family::GradientBoosting)
    else {
        return Ok((verdict, served));
    };
    match challenger.serve(model, &served.expected, stop)? {
        Some(challenge) => {
            let served = Served {
                values: challenge.values,
                boosting: Some(challenge.parameters),
                ..served
            };
            Ok((verdict, served))
        }
        None => Ok((verdict.without_boosting(), served)),
    }
}
