//! Forecasts of hold-outs by every family and baseline, and their errors pooled over the hold-outs.

use std::collections::BTreeSet;

use clientela_numerics::{ExactSum, StopToken, Stopped};

use super::baselines;
use super::calibration;
use super::diagnostics::{self, Cohorts};
use super::historical_mean;
use super::holdout::HoldOut;
use super::metrics::{self, MeanOfCustomers, Outcome};
use super::probabilistic::{Expected, Horizon, Probabilistic};
use super::report::{CountModelChoice, Family};
use super::snapshot::Snapshot;
use super::validation::{Baseline, BaselineScore, Comparison, Origin, Scores};

/// One hold-out with all forecasts of it.
#[derive(Debug)]
pub struct Evaluated<'h, 'a> {
    /// What was known, and what came.
    pub hold_out: &'h HoldOut<'a>,
    /// The models as fitted at the split.
    pub model: Probabilistic<'h, 'a>,
    /// What the models expect of each member, or the mean where there are too few repeat buyers for them.
    pub expected: Vec<Expected>,
    /// What the booster expects each member to bring; `None` where it could not be trained.
    pub boosting: Option<Vec<f64>>,
    baselines: [Vec<f64>; 3],
}

impl<'h, 'a> Evaluated<'h, 'a> {
    /// Forecasts a hold-out as if its split were today.
    ///
    /// # Errors
    /// [`Stopped`] when the stop token is set.
    pub fn new(
        hold_out: &'h HoldOut<'a>,
        choice: CountModelChoice,
        by_mean: bool,
        stop: &StopToken,
    ) -> Result<Option<Self>, Stopped> {
        let snapshot = &hold_out.snapshot;
        let Some(model) = Probabilistic::fit(snapshot, choice, true, stop)? else {
            return Ok(None);
        };
        let horizon = Horizon::of_days(hold_out.days());
        let expected = if by_mean {
            expected_by_mean(snapshot, &horizon)
        } else {
            model.expect(&horizon, stop)?
        };
        let baseline = |baseline| baselines::forecast(baseline, snapshot, horizon.days, stop);
        let [last, zero, mean] = Baseline::ALL.map(baseline);
        Ok(Some(Self {
            hold_out,
            model,
            expected,
            boosting: None,
            baselines: [last?, zero?, mean?],
        }))
    }

    /// What a family expects each member to bring; `None` where it could not be trained.
    pub fn values(&self, family: Family) -> Option<Vec<f64>> {
        match family {
            Family::GradientBoosting => self.boosting.clone(),
            Family::Probabilistic | Family::HistoricalMean => {
                Some(self.expected.iter().map(|e| e.value()).collect())
            }
        }
    }

    /// The hold-out as it is reported.
    pub fn origin(&self, family: Family) -> Origin {
        let total = |values: &mut dyn Iterator<Item = f64>| values.collect::<ExactSum>().value();
        let values = self.values(family);
        let purchases = values.as_ref().map(|values| {
            let pairs = self.expected.iter().zip(values);
            total(&mut pairs.map(|(expected, &value)| expected.purchases_behind(value)))
        });
        Origin {
            split_day: self.hold_out.snapshot.day(),
            end_day: self.hold_out.end_day,
            n_customers: self.hold_out.snapshot.n_customers(),
            actual_purchases: self.hold_out.n_purchases() as u32,
            actual_value: total(&mut self.hold_out.actual.iter().copied()),
            expected_purchases: purchases,
            expected_value: values.map(|values| total(&mut values.into_iter())),
        }
    }

    /// The same with purchases, those expected standing behind the forecasts.
    fn rows(&self, forecasts: &[f64]) -> Vec<calibration::Row> {
        let members = self.hold_out.snapshot.members().iter().enumerate();
        let row = |((at, &customer), outcome): ((usize, &u32), Outcome)| calibration::Row {
            customer,
            outcome,
            expected_purchases: self.expected[at].purchases_behind(outcome.forecast),
            purchases: self.hold_out.purchases[at],
        };
        members.zip(self.outcomes(forecasts)).map(row).collect()
    }

    /// Forecasts beside what came, member by member.
    fn outcomes(&self, forecasts: &[f64]) -> Vec<Outcome> {
        let pairs = forecasts.iter().zip(&self.hold_out.actual);
        pairs
            .map(|(&forecast, &actual)| Outcome { forecast, actual })
            .collect()
    }
}

/// What the mean expects of each member within a horizon: the same in each of its weeks.
pub fn expected_by_mean(snapshot: &Snapshot<'_>, horizon: &Horizon) -> Vec<Expected> {
    let discount = horizon.discount(None, |weeks| weeks);
    let expected = |(purchases, per_purchase): (f64, f64)| Expected {
        purchases,
        per_purchase,
        discount,
    };
    let forecast = historical_mean::forecast(snapshot, horizon.weeks());
    forecast.into_iter().map(expected).collect()
}

/// The hold-outs that errors are pooled over: those that every family in question could forecast.
#[derive(Debug)]
pub struct Pool<'e, 'h, 'a>(Vec<&'e Evaluated<'h, 'a>>);

impl<'e, 'h, 'a> Pool<'e, 'h, 'a> {
    /// All hold-outs, or those that a booster was trained for where there are any.
    pub fn new(evaluated: &'e [Evaluated<'h, 'a>]) -> Self {
        let all = || evaluated.iter();
        let boosted: Vec<_> = all().filter(|one| one.boosting.is_some()).collect();
        Self(if boosted.is_empty() {
            all().collect()
        } else {
            boosted
        })
    }

    /// Whether there is a booster in it.
    pub fn has_boosting(&self) -> bool {
        self.0.first().is_some_and(|one| one.boosting.is_some())
    }

    /// Forecasts of a family beside what came; empty where it has none.
    pub fn outcomes(&self, family: Family) -> Vec<Outcome> {
        let of = |one: &&Evaluated<'_, '_>| Some(one.outcomes(&one.values(family)?));
        self.0.iter().filter_map(of).flatten().collect()
    }

    /// The families that forecast these hold-outs, `first` being the one that is always there; none without a hold-out.
    pub fn families(&self, first: Family) -> Vec<Family> {
        let mut families = vec![first];
        if self.has_boosting() {
            families.push(Family::GradientBoosting);
        }
        families.retain(|_| !self.0.is_empty());
        families
    }

    /// Number of hold-outs.
    pub fn n_origins(&self) -> usize {
        self.0.len()
    }

    /// Errors of the baselines.
    pub fn baselines(&self) -> Vec<BaselineScore> {
        if self.0.is_empty() {
            return Vec::new();
        }
        let score = |(place, baseline): (usize, Baseline)| {
            let outcomes = self.0.iter().map(|one| one.outcomes(&one.baselines[place]));
            let outcomes: Vec<Outcome> = outcomes.flatten().collect();
            BaselineScore {
                baseline,
                scores: metrics::scores(&outcomes),
            }
        };
        Baseline::ALL.into_iter().enumerate().map(score).collect()
    }

    /// By how much the booster's absolute error is lower than the models', customers resampled as wholes.
    pub fn advantage(&self) -> MeanOfCustomers {
        let mut by_customer: Vec<(u32, f64)> = Vec::new();
        for one in &self.0 {
            let boosting = one.boosting.iter().flatten();
            let members = one.hold_out.snapshot.members().iter();
            let rows = members.zip(boosting).zip(&one.expected);
            let rows = rows.zip(&one.hold_out.actual);
            by_customer.extend(rows.map(|(((&customer, boosting), expected), actual)| {
                let errors = (expected.value() - actual).abs() - (boosting - actual).abs();
                (customer, errors)
            }));
        }
        by_customer.sort_by_key(|&(customer, _)| customer);
        let sums: Vec<(f64, u32)> = by_customer
            .chunk_by(|a, b| a.0 == b.0)
            .map(|rows| (rows.iter().map(|row| row.1).sum(), rows.len() as u32))
            .collect();
        metrics::mean_of_customers(&sums)
    }

    /// How early and late customers were forecast; `None` where nothing can be compared.
    pub fn cohorts(&self, family: Family) -> Option<Cohorts> {
        let mut rows = Vec::new();
        for one in &self.0 {
            let values = one.values(family)?;
            let states = one.hold_out.snapshot.states().iter();
            let buyers = states
                .zip(one.outcomes(&values))
                .filter(|(s, _)| s.n_purchases > 0);
            rows.extend(buyers.map(|(state, outcome)| (state.first_day, outcome)));
        }
        diagnostics::cohorts(&rows)
    }

    /// Forecasts of a family beside what came, with purchases on both sides; empty where it has none.
    pub fn rows(&self, family: Family) -> Vec<calibration::Row> {
        let of = |one: &&Evaluated<'_, '_>| Some(one.rows(&one.values(family)?));
        self.0.iter().filter_map(of).flatten().collect()
    }

    /// Value of customers born in a hold-out over all value in it, pooled as errors are; and how many customers were born
    /// in any of them.
    ///
    /// Hold-outs overlap, so that whoever was born in one is often still unknown at the split of the next: such a customer
    /// is one, though both hold-outs have what came in them.
    pub fn new_customers(&self) -> (Option<f64>, usize) {
        let of_new: ExactSum = self.0.iter().map(|one| one.hold_out.value_of_new).collect();
        let of_known = self.0.iter().flat_map(|one| one.hold_out.actual.iter());
        let of_known: ExactSum = of_known.copied().collect();
        let total = of_new.value() + of_known.value();
        let share = (total > 0.0).then(|| of_new.value() / total);
        let born = self.0.iter().flat_map(|one| &one.hold_out.born);
        let born: BTreeSet<u32> = born.copied().collect();
        (share, born.len())
    }
}

/// A family's errors against those of each baseline.
pub fn verdict(family: &Scores, baselines: &[BaselineScore]) -> Vec<Comparison> {
    let off = |scores: &Scores| (scores.forecast_total - scores.actual_total).abs();
    let compare = |baseline: &BaselineScore| Comparison {
        baseline: baseline.baseline,
        mae_is_lower: family.mae < baseline.scores.mae,
        rmse_is_lower: family.rmse < baseline.scores.rmse,
        total_is_closer: off(family) < off(&baseline.scores),
    };
    baselines.iter().map(compare).collect()
}
