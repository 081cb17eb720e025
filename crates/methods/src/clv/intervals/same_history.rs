//! What customers with the same history have in common.

use clientela_learn::lifetime::{CountModel, History, Outlook, PurchasesAhead};
use clientela_numerics::RandomStream;
use libm::exp;

use super::super::probabilistic::Probabilistic;
use super::replicate::{Purchases, REPLICATES, Replicate};

/// How the expectations of every replicate are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expectations {
    /// Computed anew for every replicate.
    Anew,
    /// Their logarithms are taken for linear in those of the parameters.
    Straight,
}

impl Expectations {
    /// Anew for up to 2,000 histories; a larger base leaves so little of the parameters open that straight lines serve.
    pub fn of(model: &Probabilistic<'_, '_>) -> Self {
        const ANEW_ROWS_MAX: usize = 2000;
        if model.histories.n_rows() <= ANEW_ROWS_MAX {
            Self::Anew
        } else {
            Self::Straight
        }
    }
}

/// The time ahead of all customers with one history.
pub struct SameHistory {
    /// Their purchases in every replicate.
    pub ahead: Vec<PurchasesAhead>,
    /// How likely they make none: the mean over the replicates.
    pub probability_zero: f64,
    /// Expected purchases in every replicate.
    pub expected: Vec<f64>,
    /// Purchases given any, in every replicate; `None` where the probability of none says all that is asked.
    pub given_any: Option<Vec<Purchases>>,
}

impl SameHistory {
    /// The next `weeks`, by the parameters of each replicate; `fitted` are the estimates.
    pub fn new(
        fitted: &CountModel,
        replicates: &[Replicate],
        expectations: Expectations,
        history: History,
        weeks: f64,
    ) -> Self {
        let outlooks: Vec<Outlook> = replicates
            .iter()
            .map(|replicate| replicate.count.outlook(history))
            .collect();
        let expected = match expectations {
            Expectations::Anew => outlooks
                .iter()
                .map(|outlook| outlook.expected_purchases(weeks))
                .collect(),
            Expectations::Straight => straight(fitted, replicates, |model| {
                model.outlook(history).expected_purchases(weeks)
            }),
        };
        let ahead: Vec<PurchasesAhead> = outlooks
            .iter()
            .map(|outlook| outlook.purchases_ahead(weeks))
            .collect();
        let any: f64 = ahead.iter().map(PurchasesAhead::probability_of_any).sum();
        Self {
            probability_zero: 1.0 - any / REPLICATES as f64,
            ahead,
            expected,
            given_any: None,
        }
    }

    /// Draws the purchases given any: the same for the same history, whoever else is in the base.
    pub fn draw_given_any(&mut self, replicates: &[Replicate], history: History, seed: u64) {
        let mut stream = RandomStream::new(seed, "clv draws of a history", key(history));
        let rows = self.ahead.iter().zip(replicates);
        let draw = |(ahead, replicate): (&PurchasesAhead, &Replicate)| {
            replicate.purchases_given_any(ahead, history.x, &mut stream)
        };
        self.given_any = Some(rows.map(draw).collect());
    }
}

/// A number that hardly two histories of a base have in common; those that do would have the same chance, and no other harm.
fn key(history: History) -> u64 {
    let mixed = history.t.to_bits() ^ history.t_x.to_bits().rotate_left(21);
    mixed ^ u64::from(history.x).rotate_left(43)
}

/// A figure of the parameters in every replicate, along the slopes of its logarithm at the estimates.
fn straight(
    fitted: &CountModel,
    replicates: &[Replicate],
    figure: impl Fn(&CountModel) -> f64,
) -> Vec<f64> {
    let center = figure(fitted);
    let slopes = log_slopes(fitted, center, figure);
    let shift = |replicate: &Replicate| {
        let pairs = slopes.iter().zip(&replicate.shift);
        exp(pairs.map(|(slope, shift)| slope * shift).sum())
    };
    replicates.iter().map(|r| center * shift(r)).collect()
}

/// Slopes of `ln f` in the logarithms of the parameters, by central differences.
fn log_slopes(model: &CountModel, center: f64, f: impl Fn(&CountModel) -> f64) -> [f64; 4] {
    const STEP: f64 = 1e-4;
    if center <= 0.0 {
        return [0.0; 4];
    }
    std::array::from_fn(|i| {
        let moved = |by: f64| {
            let mut moved = *model;
            moved.params[i] *= exp(by);
            f(&moved)
        };
        (moved(STEP) - moved(-STEP)) / (2.0 * STEP * center)
    })
}

#[cfg(test)]
mod tests {
    use clientela_numerics::StopToken;

    use super::super::super::probabilistic::history;
    use super::super::super::report::{CountModelChoice, Interval};
    use super::super::super::snapshot::Snapshot;
    use super::super::super::testing::{base, simulated_shop};
    use super::super::interval;
    use super::super::replicate::replicates;
    use super::*;

    #[test]
    fn straight_logarithms_are_close_to_expectations_computed_anew() {
        let (table, stop) = (simulated_shop(600), StopToken::new());
        let snapshot = Snapshot::at(base(&table), base(&table).today(), &stop).unwrap();
        let model = Probabilistic::fit(&snapshot, CountModelChoice::Auto, true, &stop);
        let model = model.unwrap().expect("purchases");
        assert_eq!(model.count.not_identified, None);
        let replicates = replicates(&model, 42);
        let expected = |expectations, history| -> Interval {
            let fitted = &model.count.fit.model;
            let mut expected =
                SameHistory::new(fitted, &replicates, expectations, history, 26.0).expected;
            expected.sort_unstable_by(f64::total_cmp);
            interval(&expected, 0.8)
        };
        for state in snapshot.states().iter().step_by(10) {
            let history = history(&snapshot, state);
            let exact = expected(Expectations::Anew, history);
            let straight = expected(Expectations::Straight, history);
            let close = |a: f64, b: f64| (a - b).abs() < 0.03 * exact.upper;
            assert!(close(exact.lower, straight.lower), "{exact:?} {straight:?}");
            assert!(close(exact.upper, straight.upper), "{exact:?} {straight:?}");
        }
    }
}
