//! How far totals are off beyond what the models know, and how often intervals hold.

use clientela_numerics::{ExactSum, StopToken, Stopped};
use libm::log;

use super::calendar::weeks;
use super::evaluation::Evaluated;
use super::intervals::{self, Drawn};
use super::probabilistic::Expected;
use super::report::{Family, ForecastOptions, Interval};
use super::validation::{Coverage, Origin};

/// Levels at which coverage is always reported; the level of the request comes after them.
const LEVELS: [f64; 3] = [0.5, 0.8, 0.95];
const N_LEVELS: usize = LEVELS.len() + 1;
/// Hold-outs at most.
const ORIGINS_MAX: usize = 3;
/// Members of a hold-out whose intervals are drawn at most.
const MEMBERS_MAX: usize = 4000;
/// A total is off by a factor with a logarithm of this standard deviation before any hold-out has been seen, and that
/// belief weighs as much as two hold-outs.
const SPREAD_BEFORE: f64 = 0.2;
const SPREAD_BEFORE_WEIGHT: f64 = 2.0;

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

/// How often intervals of a family held, drawn at each split as if it were today; over all hold-outs that the family
/// forecast, latest first. Empty for a mean, which has no intervals.
///
/// # Errors
/// [`Stopped`] when the stop token is set.
pub fn coverage(
    evaluated: &[Evaluated<'_, '_>],
    family: Family,
    options: &ForecastOptions,
    stop: &StopToken,
) -> Result<Vec<Coverage>, Stopped> {
    let [first, second, third] = LEVELS;
    let levels = [first, second, third, options.confidence_level];
    let mut held = Held::default();
    if family != Family::HistoricalMean {
        for (at, one) in evaluated.iter().enumerate() {
            let Some(values) = one.values(family) else {
                continue;
            };
            // What was known of totals at this split: hold-outs that had ended by then.
            let split = one.hold_out.snapshot.day();
            let ended = evaluated
                .iter()
                .filter(|other| other.hold_out.end_day <= split);
            let spread = spread_of(ended.map(|other| other.origin(family)));
            let seed = options.random_seed;
            let drawn = draw(one, &values, spread, &levels, seed, stop)?;
            held.count_customers(one, &drawn, &levels);
            held.totals[at] = totals(&one.origin(family), &values, &drawn, &levels);
        }
    }
    Ok(held.report(&levels))
}

fn draw(
    one: &Evaluated<'_, '_>,
    values: &[f64],
    total_spread: f64,
    levels: &[f64; N_LEVELS],
    seed: u64,
    stop: &StopToken,
) -> Result<Drawn, Stopped> {
    let days = one.hold_out.days();
    let season = one.model.season_factor(days);
    let request = intervals::Request {
        weeks: weeks(days as i32),
        season,
        scale: &scale(&one.expected, values, season),
        groups: &vec![0; values.len()],
        levels,
        total_spread,
        actual: Some(&one.hold_out.actual),
        n_members_max: Some(MEMBERS_MAX),
        seed,
    };
    intervals::draw(&one.model, &request, stop)
}

/// What held, level by level.
#[derive(Default)]
struct Held {
    n: usize,
    inside: [usize; N_LEVELS],
    inside_randomized: [usize; N_LEVELS],
    /// Intervals of the total of each hold-out, and whether they held.
    totals: [Option<[(bool, Interval); N_LEVELS]>; ORIGINS_MAX],
}

impl Held {
    fn count_customers(
        &mut self,
        one: &Evaluated<'_, '_>,
        drawn: &Drawn,
        levels: &[f64; N_LEVELS],
    ) {
        self.n += drawn.members.len();
        let rows = drawn.members.iter().zip(&drawn.prediction);
        for ((&member, intervals), transform) in rows.zip(&drawn.transforms) {
            let actual = one.hold_out.actual[member as usize];
            for (at, (interval, level)) in intervals.iter().zip(levels).enumerate() {
                self.inside[at] += usize::from(holds(interval, actual));
                let is_between = (transform - 0.5).abs() <= level / 2.0;
                self.inside_randomized[at] += usize::from(is_between);
            }
        }
    }

    fn report(&self, levels: &[f64; N_LEVELS]) -> Vec<Coverage> {
        let share = |count: usize| count as f64 / self.n as f64;
        let covered = levels.iter().enumerate().map(|(at, &level)| Coverage {
            level,
            share_inside: share(self.inside[at]),
            share_inside_randomized: share(self.inside_randomized[at]),
            totals: self.totals.map(|levels| levels.map(|levels| levels[at])),
        });
        if self.n > 0 {
            // One of the usual levels may have been asked for.
            let is_new = !LEVELS.contains(&levels[LEVELS.len()]);
            covered.take(LEVELS.len() + usize::from(is_new)).collect()
        } else {
            Vec::new()
        }
    }
}

/// Intervals of the total of all members, and whether they held; `None` where the members drawn do not stand for all.
fn totals(
    origin: &Origin,
    values: &[f64],
    drawn: &Drawn,
    levels: &[f64; N_LEVELS],
) -> Option<[(bool, Interval); N_LEVELS]> {
    let of_drawn: ExactSum = drawn.members.iter().map(|&m| values[m as usize]).collect();
    // Beside the spread of totals the chance of a sample is small.
    let stretch = origin.expected_value? / of_drawn.value();
    if !(stretch > 0.0 && stretch.is_finite()) {
        return None;
    }
    Some(levels.map(|level| {
        let interval = intervals::interval(&drawn.all[0], level);
        let interval = Interval {
            lower: interval.lower * stretch,
            upper: interval.upper * stretch,
        };
        (holds(&interval, origin.actual_value), interval)
    }))
}

fn holds(interval: &Interval, actual: f64) -> bool {
    interval.lower <= actual && actual <= interval.upper
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(actual_value: f64, expected_value: Option<f64>) -> Origin {
        Origin {
            split_day: 0,
            end_day: 90,
            n_customers: 100,
            actual_purchases: 50,
            actual_value,
            expected_purchases: None,
            expected_value,
        }
    }

    #[test]
    fn totals_are_spread_by_a_belief_that_weighs_two_hold_outs_and_by_those_there_are() {
        let spread = |origins: &[Origin]| spread_of(origins.iter().copied());
        assert!((spread(&[]) - 0.2).abs() < 1e-15);
        let exact = origin(100.0, Some(100.0));
        assert!((spread(&[exact]) - (0.08_f64 / 3.0).sqrt()).abs() < 1e-15);
        let far = [origin(200.0, Some(100.0)), origin(100.0, Some(200.0))];
        let log_2 = std::f64::consts::LN_2;
        let expected = ((0.08 + 2.0 * log_2 * log_2) / 4.0).sqrt();
        assert!((spread(&far) - expected).abs() < 1e-15);
        // No ratio, no evidence.
        let without = [
            origin(100.0, None),
            origin(0.0, Some(10.0)),
            origin(-5.0, Some(10.0)),
            origin(10.0, Some(0.0)),
        ];
        assert_eq!(spread(&without), spread(&[]));
    }
}
