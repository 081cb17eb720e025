//! Which count model serves, and how sure its parameters are.

use clientela_learn::FitError;
use clientela_learn::lifetime::{self, CountFamily, CountFit, Histories};
use clientela_numerics::{StopToken, Stopped};

use super::report::{
    CountModelChoice, CountModelName, CountParameters, NotIdentified, Parameter, TriedModel,
};

/// Repeat buyers below which the data alone are not asked for four parameters.
const REPEAT_BUYERS_FOR_LIKELIHOOD: usize = 20;
/// By how much the log-likelihood of BG/NBD has to be higher for it to serve.
///
/// Under it every one-time buyer is certain to be a customer still, which nobody believes: MBG/NBD serves where the data
/// do not speak against it.
const CLEARLY_HIGHER: f64 = 2.0;
/// Standard error of the logarithm of the odds to leave from which on the data are taken to leave them open: the odds could
/// as well be 50 times as high or low.
///
/// The information is then positive definite by its digits alone. Log-normal draws with such an error reach from nobody to
/// everybody leaving, which the likelihood rules out; simulated bases of 60 to 1,000 customers have intervals of the total
/// that are up to three times as wide as those with priors, which hold as often as they state.
const LOG_ODDS_ERROR_MAX: f64 = 2.0;

/// The count model that serves.
#[derive(Clone, Debug)]
pub struct CountChoice {
    /// Its name.
    pub name: CountModelName,
    /// Its fit.
    pub fit: CountFit,
    /// Why priors had to help.
    pub not_identified: Option<NotIdentified>,
    /// All that were fitted.
    pub tried: Vec<TriedModel>,
}

impl CountModelName {
    fn family(self) -> CountFamily {
        match self {
            Self::BgNbd => CountFamily::BgNbd,
            Self::MbgNbd => CountFamily::MbgNbd,
            Self::ParetoNbd => CountFamily::ParetoNbd,
        }
    }
}

/// Fits the count models that are asked for and chooses among them.
///
/// With fewer than 20 repeat buyers, or where `has_hold_out` is false, priors take part from the start; where the
/// likelihood has no inner maximum they do in the end.
///
/// # Errors
/// [`Stopped`] when the stop token is set.
///
/// # Panics
/// Without customers.
pub fn choose(
    histories: &Histories,
    choice: CountModelChoice,
    has_hold_out: bool,
    stop: &StopToken,
) -> Result<CountChoice, Stopped> {
    let weak = if histories.n_repeaters() < REPEAT_BUYERS_FOR_LIKELIHOOD {
        Some(NotIdentified::FewRepeatBuyers)
    } else if !has_hold_out {
        Some(NotIdentified::NoHoldOut)
    } else {
        None
    };
    let names = match choice {
        CountModelChoice::Auto => vec![CountModelName::BgNbd, CountModelName::MbgNbd],
        CountModelChoice::Forced(name) => vec![name],
    };
    let mut fits = Vec::new();
    for name in names {
        fits.push((name, fit(name.family(), histories, weak, stop)?));
    }
    let tried = fits.iter().map(|(name, (fit, why))| TriedModel {
        model: *name,
        log_likelihood: fit.log_likelihood,
        identified: why.is_none(),
    });
    let tried = tried.collect();
    let likelihoods: Vec<f64> = fits
        .iter()
        .map(|(_, (fit, _))| fit.log_likelihood)
        .collect();
    let (name, (fit, not_identified)) = fits.swap_remove(serves(&likelihoods));
    Ok(CountChoice {
        name,
        fit,
        not_identified,
        tried,
    })
}

/// Fits one model, and says why priors had to help.
///
/// They do from the start where `weak` says so, in the end where the likelihood has no inner maximum, and also where it has
/// one that leaves open how likely customers are to leave.
fn fit(
    family: CountFamily,
    histories: &Histories,
    weak: Option<NotIdentified>,
    stop: &StopToken,
) -> Result<(CountFit, Option<NotIdentified>), Stopped> {
    let with_priors = || {
        let priors = lifetime::default_priors(family, histories);
        fitted(lifetime::fit_counts(family, histories, Some(&priors), stop))
    };
    if weak.is_some() {
        return Ok((with_priors()?, weak));
    }
    let fit = fitted(lifetime::fit_counts(family, histories, None, stop))?;
    if fit.identified && log_odds_error(&fit) > LOG_ODDS_ERROR_MAX {
        return Ok((with_priors()?, Some(NotIdentified::DropoutOpen)));
    }
    let why = fit.why_not.map(reason);
    Ok((fit, why))
}

/// Standard error of the logarithm of the odds to leave rather than to stay with each purchase: a / b, or for Pareto/NBD
/// (s/β) / (r/α).
fn log_odds_error(fit: &CountFit) -> f64 {
    let contrast = match fit.model.family {
        CountFamily::BgNbd | CountFamily::MbgNbd => [0.0, 0.0, 1.0, -1.0],
        CountFamily::ParetoNbd => [-1.0, 1.0, 1.0, -1.0],
    };
    let rows = fit.log_covariance.iter().zip(contrast);
    let variance = rows.map(|(row, of_row)| {
        let terms = row.iter().zip(contrast);
        of_row
            * terms
                .map(|(entry, of_column)| entry * of_column)
                .sum::<f64>()
    });
    variance.sum::<f64>().max(0.0).sqrt()
}

/// The place of the model that serves: the first where its log-likelihood is clearly higher, else the last.
fn serves(log_likelihoods: &[f64]) -> usize {
    match log_likelihoods {
        [bg, mbg] if bg - mbg < CLEARLY_HIGHER => 1,
        _ => 0,
    }
}

/// A fit of at least one customer only fails when it is stopped.
pub(super) fn fitted<T>(fit: Result<T, FitError>) -> Result<T, Stopped> {
    fit.map_err(|error| match error {
        FitError::Stopped => Stopped,
        other => unreachable!("a fit of valid histories: {other}"),
    })
}

pub(super) fn reason(why: lifetime::NotIdentified) -> NotIdentified {
    match why {
        lifetime::NotIdentified::AtLowerBound(_) | lifetime::NotIdentified::AtUpperBound(_) => {
            NotIdentified::AtBound
        }
        lifetime::NotIdentified::InformationNotPositiveDefinite => {
            NotIdentified::NotPositiveDefinite
        }
        lifetime::NotIdentified::PriorsRequested => NotIdentified::FewRepeatBuyers,
    }
}

/// Parameters with their errors, where these are numbers.
pub(super) fn parameters(
    names: &[&'static str],
    estimates: &[f64],
    standard_errors: &[f64],
) -> Vec<Parameter> {
    let rows = names.iter().zip(estimates).zip(standard_errors);
    rows.map(|((&name, &estimate), &error)| Parameter {
        name,
        estimate,
        standard_error: error.is_finite().then_some(error),
    })
    .collect()
}

impl CountChoice {
    /// Whether the model sees anyone leave, so that there is a probability of being a customer still.
    pub fn has_dropout(&self) -> bool {
        self.fit.has_dropout
    }

    /// The fit as it is reported.
    pub fn report(&self) -> CountParameters {
        let family = self.fit.model.family;
        CountParameters {
            model: self.name,
            parameters: parameters(
                &family.parameter_names(),
                &self.fit.model.params,
                &self.fit.standard_errors,
            ),
            log_likelihood: self.fit.log_likelihood,
            not_identified: self.not_identified,
            has_dropout: self.fit.has_dropout,
        }
    }
}

#[cfg(test)]
mod tests {
    use clientela_learn::lifetime::History;

    use super::*;

    fn histories(rows: &[(u32, f64, f64)]) -> Histories {
        let rows: Vec<History> = rows
            .iter()
            .map(|&(x, t_x, t)| History { x, t_x, t })
            .collect();
        Histories::new(&rows, &StopToken::new()).unwrap()
    }

    #[test]
    fn the_model_with_dropout_at_once_serves_unless_the_other_is_clearly_likelier() {
        for (bg, mbg, expected) in [
            (-100.0, -100.0, 1),
            (-100.0, -101.9, 1),
            (-100.0, -102.0, 0),
            (-102.0, -100.0, 1),
        ] {
            assert_eq!(serves(&[bg, mbg]), expected, "{bg} {mbg}");
        }
        assert_eq!(serves(&[-1.0]), 0);
    }

    #[test]
    fn few_repeat_buyers_and_a_missing_hold_out_bring_in_priors() {
        let mut rows = vec![(0, 0.0, 30.0); 30];
        rows.extend((0..19).map(|i| (1 + i % 3, 5.0 + f64::from(i), 30.0)));
        let stop = StopToken::new();
        let choose_from = |rows: &[_], has_hold_out| {
            choose(
                &histories(rows),
                CountModelChoice::Auto,
                has_hold_out,
                &stop,
            )
            .unwrap()
        };
        let few = choose_from(&rows, true);
        assert_eq!(few.not_identified, Some(NotIdentified::FewRepeatBuyers));
        assert!(few.tried.len() == 2 && !few.tried[0].identified);
        rows.push((2, 9.0, 30.0));
        let untested = choose_from(&rows, false);
        assert_eq!(untested.not_identified, Some(NotIdentified::NoHoldOut));
        let forced = CountModelChoice::Forced(CountModelName::BgNbd);
        let forced = choose(&histories(&rows), forced, true, &stop).unwrap();
        assert_eq!(
            (forced.name, forced.tried.len()),
            (CountModelName::BgNbd, 1)
        );
    }

    #[test]
    fn the_odds_to_leave_are_as_uncertain_as_the_ratio_of_their_parameters() {
        let rows: Vec<_> = (0..60)
            .map(|i| (i % 4, f64::from(7 * (i % 4)), 30.0))
            .collect();
        let histories = histories(&rows);
        let stop = StopToken::new();
        let mut fit = lifetime::fit_counts(CountFamily::BgNbd, &histories, None, &stop).unwrap();
        fit.log_covariance = [[0.0; 4]; 4];
        fit.log_covariance[2][2] = 9.0;
        fit.log_covariance[3][3] = 4.0;
        assert_eq!(log_odds_error(&fit), 13.0_f64.sqrt());
        // Both large together: the ratio is known.
        fit.log_covariance[2] = [0.0, 0.0, 9.0, 6.0];
        fit.log_covariance[3] = [0.0, 0.0, 6.0, 4.0];
        assert_eq!(log_odds_error(&fit), 1.0);
        // The rate of leaving over that of buying takes four parameters.
        fit.model.family = CountFamily::ParetoNbd;
        fit.log_covariance[0][0] = 3.0;
        assert_eq!(log_odds_error(&fit), 2.0);
    }

    #[test]
    fn a_base_that_nobody_leaves_is_on_the_boundary_and_still_answered() {
        let rows: Vec<_> = (0..40)
            .map(|i| (5 + i % 4, 29.0 + f64::from(i) / 40.0, 30.0))
            .collect();
        let choice = choose(
            &histories(&rows),
            CountModelChoice::Auto,
            true,
            &StopToken::new(),
        );
        let choice = choice.unwrap();
        assert!(choice.not_identified.is_some());
        let report = choice.report();
        assert!(report.log_likelihood.is_finite());
        assert!(report.parameters.iter().all(|p| p.estimate.is_finite()));
    }
}
