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
        let family = name.family();
        let priors = weak.map(|_| lifetime::default_priors(family, histories));
        fits.push((
            name,
            fitted(lifetime::fit_counts(
                family,
                histories,
                priors.as_ref(),
                stop,
            ))?,
        ));
    }
    let tried = fits.iter().map(|(name, fit)| TriedModel {
        model: *name,
        log_likelihood: fit.log_likelihood,
        identified: fit.identified,
    });
    let tried = tried.collect();
    let likelihoods: Vec<f64> = fits.iter().map(|(_, fit)| fit.log_likelihood).collect();
    let (name, fit) = fits.swap_remove(serves(&likelihoods));
    Ok(CountChoice {
        name,
        not_identified: fit.why_not.map(|why| weak.unwrap_or_else(|| reason(why))),
        fit,
        tried,
    })
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
