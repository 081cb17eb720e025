//! Forecasts in bins of equal count: reliability, expected calibration error, lift.

use clientela_numerics::{RandomStream, StopToken, Stopped};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::proportion::wilson_interval;
use super::ranked::{RankedOutcomes, ScoreGroup};

/// A bin whose count varies by this much or more is drawn from the normal distribution: the mean distance from the expected
/// count is then right to 1/(12 · 25) = 0.3 %, and a draw costs the same for a million rows.
const NORMAL_VARIANCE_MIN: f64 = 25.0;

/// Rows of neighboring forecasts.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReliabilityBin {
    /// Rows, by weight.
    pub n: f64,
    /// What was forecast for them in the mean.
    pub mean_forecast: f64,
    /// The share whose outcome is yes.
    pub rate: f64,
    /// Lower end of Wilson's interval of the share.
    pub lower: f64,
    /// Upper end of Wilson's interval of the share.
    pub upper: f64,
}

/// Rows of neighboring forecasts, from the highest on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LiftBin {
    /// Rows, by weight.
    pub n: f64,
    /// What was forecast for them in the mean.
    pub mean_forecast: f64,
    /// The share whose outcome is yes.
    pub rate: f64,
    /// The share over the base rate; 1 is chance.
    pub lift: f64,
    /// Share of all rows in this bin and those before.
    pub cumulative_share: f64,
    /// Share of all positives in this bin and those before.
    pub cumulative_gain: f64,
}

/// The contents of a bin, by weight.
#[derive(Clone, Copy, Debug, Default)]
struct Bin {
    n: f64,
    positives: f64,
    /// Σ score.
    scores: f64,
    /// Σ p(1 − p).
    variance: f64,
}

impl RankedOutcomes {
    /// Mean forecast and actual rate in `n_bins` bins of equal count, forecasts ascending.
    ///
    /// With fewer rows there are as many bins as rows. Where a bin ends among equal scores, their outcomes are shared out in
    /// proportion, so that the order of the rows does not matter. The scores must be probabilities. Empty without rows. Of rows
    /// that come in clusters the intervals have as many trials as they are worth, by the design effect within bins.
    ///
    /// # Panics
    /// When `n_bins` is 0 or `level` not in (0, 1).
    #[must_use]
    pub fn reliability(&self, n_bins: usize, level: f64) -> Vec<ReliabilityBin> {
        let effect = self.design_effect_within_bins(n_bins);
        let described = |bin: Bin| {
            let interval = wilson_interval(bin.positives / effect, bin.n / effect, level)
                .expect("rows in every bin");
            ReliabilityBin {
                n: bin.n,
                mean_forecast: bin.scores / bin.n,
                rate: bin.positives / bin.n,
                lower: interval.lower,
                upper: interval.upper,
            }
        };
        let bins = filled(self.groups.iter(), self.n(), n_bins);
        bins.into_iter().map(described).collect()
    }

    /// Expected calibration error: how far rate and mean forecast are apart, averaged over bins of equal count. 0 is best.
    ///
    /// ```text
    /// Σ_b n_b / n · |rate_b − mean forecast_b|
    /// ```
    ///
    /// Bins as in [`RankedOutcomes::reliability`]. Chance alone makes it positive; see
    /// [`RankedOutcomes::expected_calibration_error_by_chance`]. `None` without rows.
    ///
    /// Source: Naeini, Cooper, Hauskrecht (2015), "Obtaining Well Calibrated Probabilities Using Bayesian Binning", AAAI; bins of
    /// equal count as in Nixon et al. (2019), "Measuring Calibration in Deep Learning", CVPR workshops.
    #[must_use]
    pub fn expected_calibration_error(&self, n_bins: usize) -> Option<f64> {
        let bins = filled(self.groups.iter(), self.n(), n_bins);
        let gap = |bin: &Bin| (bin.positives - bin.scores).abs();
        (self.n() > 0.0).then(|| bins.iter().map(gap).sum::<f64>() / self.n())
    }

    /// What the expected calibration error would be in the mean if the forecasts were exactly right: the mean over `n_draws`
    /// seeded draws of the outcomes from the forecasts.
    ///
    /// The counts of bins that vary enough are drawn from the normal distribution, others row by row. Of rows that come in
    /// clusters the deviations are larger by the root of the design effect within bins. `None` without rows or without draws.
    ///
    /// # Errors
    /// [`Stopped`] when the stop token is set.
    pub fn expected_calibration_error_by_chance(
        &self,
        n_bins: usize,
        n_draws: usize,
        seed: u64,
        stop: &StopToken,
    ) -> Result<Option<f64>, Stopped> {
        let bins = members(&self.groups, self.n(), n_bins);
        let draw = |number: usize| -> Result<f64, Stopped> {
            let mut stream = RandomStream::new(seed, "calibration by chance", number as u64);
            let mut sum = 0.0;
            for (bin, groups) in &bins {
                stop.poll()?;
                sum += if bin.variance >= NORMAL_VARIANCE_MIN {
                    (bin.variance.sqrt() * stream.normal()).abs()
                } else {
                    (drawn_positives(groups, &mut stream) - bin.scores).abs()
                };
            }
            Ok(sum / self.n())
        };
        let draws: Vec<f64> = (0..n_draws)
            .into_par_iter()
            .map(draw)
            .collect::<Result<_, _>>()?;
        let widened = self.design_effect_within_bins(n_bins).sqrt();
        let mean = || draws.iter().sum::<f64>() / n_draws as f64;
        Ok((n_draws > 0 && self.n() > 0.0).then(|| (mean() * widened).min(1.0)))
    }

    /// Rate and gain in `n_bins` bins of equal count, highest forecasts first; bins as in [`RankedOutcomes::reliability`].
    ///
    /// Empty without positives.
    ///
    /// # Panics
    /// When `n_bins` is 0.
    #[must_use]
    pub fn lift(&self, n_bins: usize) -> Vec<LiftBin> {
        let Some(base_rate) = self.base_rate().filter(|&rate| rate > 0.0) else {
            return Vec::new();
        };
        let (mut n, mut positives) = (0.0, 0.0);
        let bins = filled(self.groups.iter().rev(), self.n(), n_bins);
        let described = bins.into_iter().map(|bin| {
            n += bin.n;
            positives += bin.positives;
            LiftBin {
                n: bin.n,
                mean_forecast: bin.scores / bin.n,
                rate: bin.positives / bin.n,
                lift: bin.positives / bin.n / base_rate,
                cumulative_share: (n / self.n()).min(1.0),
                cumulative_gain: (positives / self.positives).min(1.0),
            }
        });
        described.collect()
    }
}

/// A part of a group of equal scores.
#[derive(Clone, Copy)]
struct Part<'a> {
    group: &'a ScoreGroup,
    /// Which part of the group it is, in (0, 1].
    share: f64,
}

/// Deals groups out to bins of equal count: `visit(bin, part)` for each part of a group.
fn deal<'a>(
    groups: impl Iterator<Item = &'a ScoreGroup>,
    n: f64,
    n_bins: usize,
    mut visit: impl FnMut(usize, Part<'a>),
) {
    let mut bin = 0;
    let mut dealt = 0.0;
    for group in groups {
        let (weight, mut rest) = (group.weight(), group.weight());
        while rest > 0.0 {
            // Whole rows, unless the weights are fractions of them.
            let end = (n * (bin + 1) as f64 / n_bins as f64).floor();
            if bin + 1 == n_bins || dealt + rest <= end {
                let share = rest / weight;
                visit(bin, Part { group, share });
                dealt += rest;
                break;
            }
            let taken = end - dealt;
            if taken > 0.0 {
                let share = taken / weight;
                visit(bin, Part { group, share });
                dealt = end;
                rest -= taken;
            }
            bin += 1;
        }
    }
}

/// No more bins than rows.
fn bins_of(n: f64, n_bins: usize) -> usize {
    assert!(n_bins > 0, "at least one bin");
    if n > 0.0 {
        n_bins.min(n.max(1.0) as usize)
    } else {
        0
    }
}

impl Bin {
    fn add(&mut self, Part { group, share }: Part<'_>) {
        let n = share * group.weight();
        self.n += n;
        self.positives += share * group.positives;
        self.scores += n * group.score;
        self.variance += n * group.score * (1.0 - group.score);
    }
}

fn filled<'a>(groups: impl Iterator<Item = &'a ScoreGroup>, n: f64, n_bins: usize) -> Vec<Bin> {
    let mut bins = vec![Bin::default(); bins_of(n, n_bins)];
    let n_bins = bins.len();
    deal(groups, n, n_bins, |bin, part| bins[bin].add(part));
    bins
}

/// Bins with the parts of groups in them.
fn members(groups: &[ScoreGroup], n: f64, n_bins: usize) -> Vec<(Bin, Vec<Part<'_>>)> {
    let mut bins = vec![(Bin::default(), Vec::new()); bins_of(n, n_bins)];
    let n_bins = bins.len();
    deal(groups.iter(), n, n_bins, |bin, part| {
        bins[bin].0.add(part);
        bins[bin].1.push(part);
    });
    bins
}

/// How many of the rows are positive in one draw.
fn drawn_positives(parts: &[Part<'_>], stream: &mut RandomStream) -> f64 {
    let mut positives = 0.0;
    for Part { group, share } in parts {
        let mut rest = share * group.weight();
        while rest > 0.0 {
            if stream.uniform() < group.score {
                positives += rest.min(1.0);
            }
            rest -= 1.0;
        }
    }
    positives
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranked(n: usize) -> RankedOutcomes {
        let scores: Vec<f64> = (0..n).map(|i| (i as f64 + 0.5) / n as f64).collect();
        let outcomes: Vec<bool> = (0..n).map(|i| i % 3 == 0 || i > n / 2).collect();
        RankedOutcomes::new(&scores, &outcomes)
    }

    #[test]
    fn bins_have_as_many_rows_as_can_be() {
        let sizes = |n| -> Vec<f64> {
            let bins = ranked(n).reliability(10, 0.95);
            bins.iter().map(|bin| bin.n).collect()
        };
        assert_eq!(
            sizes(23),
            [2.0, 2.0, 2.0, 3.0, 2.0, 2.0, 3.0, 2.0, 2.0, 3.0]
        );
        assert_eq!(sizes(3), [1.0; 3]);
        assert!(
            RankedOutcomes::new(&[], &[])
                .reliability(10, 0.95)
                .is_empty()
        );
    }

    #[test]
    fn equal_forecasts_share_their_outcomes() {
        let outcomes: Vec<bool> = (0..40).map(|i| i < 10).collect();
        let ranked = RankedOutcomes::new(&[0.25; 40], &outcomes);
        for bin in ranked.reliability(10, 0.95) {
            assert_eq!((bin.n, bin.mean_forecast, bin.rate), (4.0, 0.25, 0.25));
        }
        assert_eq!(ranked.expected_calibration_error(10), Some(0.0));
        assert!(ranked.lift(10).iter().all(|bin| bin.lift == 1.0));
    }

    #[test]
    fn the_error_of_forecasts_that_are_all_too_high_is_their_excess() {
        let outcomes: Vec<bool> = (0..1000).map(|i| i % 10 == 0).collect();
        let scores: Vec<f64> = (0..1000).map(|i| 0.3 + 1e-6 * f64::from(i)).collect();
        let error = RankedOutcomes::new(&scores, &outcomes).expected_calibration_error(10);
        assert!(
            (error.expect("rows") - 0.2004995).abs() < 1e-12,
            "{error:?}"
        );
    }

    #[test]
    fn gains_end_at_one_and_lifts_average_one() {
        let bins = ranked(997).lift(10);
        let last = bins.last().expect("bins");
        assert_eq!((last.cumulative_share, last.cumulative_gain), (1.0, 1.0));
        let mean: f64 = bins.iter().map(|bin| bin.n * bin.lift).sum::<f64>() / 997.0;
        assert!((mean - 1.0).abs() < 1e-12);
        assert!(bins[0].lift > bins[9].lift && bins[0].mean_forecast > bins[9].mean_forecast);
        assert!(RankedOutcomes::new(&[0.2], &[false]).lift(10).is_empty());
    }

    #[test]
    fn the_error_by_chance_is_what_draws_row_by_row_give() {
        let stop = StopToken::new();
        // Bins of 400 rows vary by up to 100 and by less at the ends, so that both ways of drawing take part.
        let ranked = ranked(4000);
        let given = ranked.expected_calibration_error_by_chance(10, 4000, 7, &stop);
        let given = given.expect("not stopped").expect("rows");
        let mut stream = RandomStream::new(11, "test", 0);
        let mut sum = 0.0;
        for _ in 0..400 {
            let outcomes: Vec<bool> = (0..4000)
                .map(|i| stream.uniform() < (f64::from(i) + 0.5) / 4000.0)
                .collect();
            let scores: Vec<f64> = (0..4000).map(|i| (f64::from(i) + 0.5) / 4000.0).collect();
            let drawn = RankedOutcomes::new(&scores, &outcomes);
            sum += drawn.expected_calibration_error(10).expect("rows");
        }
        let expected = sum / 400.0;
        assert!(
            (given / expected - 1.0).abs() < 0.03,
            "{given}, not {expected}"
        );
    }

    #[test]
    fn a_handful_of_rows_is_drawn_row_by_row() {
        // One row of 0.3 in each bin: |y − 0.3| is 0.3 · 0.7 + 0.7 · 0.3 in the mean.
        let ranked = RankedOutcomes::new(&[0.3; 6], &[true, false, false, false, true, false]);
        let given = ranked.expected_calibration_error_by_chance(10, 20_000, 3, &StopToken::new());
        let given = given.expect("not stopped").expect("rows");
        assert!((given - 0.42).abs() < 0.005, "{given}");
    }
}
