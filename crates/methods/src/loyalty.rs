//! Loyalty: a weighted score of min-max scaled measures, tiers of it, and what would lift a customer to the next tier.
//!
//! Sources: the API contract's §9 for score and tiers; Balinski, Young (2001), "Fair Representation", Brookings, for
//! the method of the largest remainder (Hamilton) by which contributions add up to the rounded score.
//! Cost: O(n log n) for each metric. Deterministic.
//! Tested against: a slow search over all values for the changes, and hand-computed scores.

use clientela_numerics::quantile::{Level, quantile_of_sorted};
use clientela_numerics::round::round_decimal;
use clientela_numerics::sum::ExactSum;
use clientela_tables::{Cohort, LoyaltyMetric, N_METRICS};

/// Decimals of a score on the wire; tiers follow the score so rounded.
pub const SCORE_DECIMALS: u32 = 4;

/// The smallest step of a rounded score is one of so many parts of 1.
const SCORE_STEPS: f64 = 1e4;

/// From where to where a metric is scaled.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    /// Lowest value.
    pub min: f64,
    /// Highest value, at least `min`.
    pub max: f64,
}

/// What a score is made of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LoyaltyParams {
    /// One weight for each of [`LoyaltyMetric::ALL`], ≥ 0 and not all 0; only their proportions count.
    pub weights: [f64; N_METRICS],
    /// Scores from which Platinum, Gold, Silver and Bronze begin: descending, in 0–1.
    pub thresholds: [f64; 4],
    /// Ranges to scale by in place of the cohort's own.
    pub ranges: [Option<Range>; N_METRICS],
}

impl Default for LoyaltyParams {
    fn default() -> Self {
        Self {
            weights: [0.25, 0.30, 0.10, 0.15, 0.20],
            thresholds: [0.85, 0.70, 0.50, 0.30],
            ranges: [None; N_METRICS],
        }
    }
}

/// The tiers, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LoyaltyTier {
    /// From the first threshold.
    Platinum,
    /// From the second.
    Gold,
    /// From the third.
    Silver,
    /// From the fourth.
    Bronze,
    /// Below all.
    AtRisk,
}

impl LoyaltyTier {
    /// All tiers, best first.
    pub const ALL: [Self; 5] = [
        Self::Platinum,
        Self::Gold,
        Self::Silver,
        Self::Bronze,
        Self::AtRisk,
    ];

    /// The name on the wire; never translated.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Platinum => "Platinum",
            Self::Gold => "Gold",
            Self::Silver => "Silver",
            Self::Bronze => "Bronze",
            Self::AtRisk => "At-Risk",
        }
    }

    fn of(rounded_score: f64, thresholds: &[f64; 4]) -> Self {
        let passed = thresholds
            .iter()
            .position(|&threshold| rounded_score >= threshold);
        Self::ALL[passed.unwrap_or(4)]
    }
}

/// One customer's place in the cohort.
#[derive(Clone, Debug, PartialEq)]
pub struct LoyaltyScore {
    /// The score, 0–1, not rounded.
    pub score: f64,
    /// The same in [`SCORE_DECIMALS`].
    pub rounded: f64,
    /// The tier of the rounded score.
    pub tier: LoyaltyTier,
    /// What each metric adds, in ten-thousandths; they add up to the rounded score. All 0 where nothing was scaled.
    pub contributions: [u32; N_METRICS],
    /// What would lift the customer; `None` at the top, and where no single change suffices.
    pub next_tier: Option<NextTier>,
}

/// The way to the next tier.
#[derive(Clone, Debug, PartialEq)]
pub struct NextTier {
    /// The tier above.
    pub tier: LoyaltyTier,
    /// What the rounded score lacks.
    pub gap: f64,
    /// Changes of which each alone suffices, cheapest first; at least one.
    pub changes: Vec<Change>,
}

/// A change of one metric.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Change {
    /// Which.
    pub metric: LoyaltyMetric,
    /// The customer's value.
    pub from: f64,
    /// The value that suffices, within the range of the metric.
    pub to: f64,
    /// How far the customer moves among the cohort's values of this metric, in percentage points (mid-ranks).
    pub percentile_move: f64,
}

/// Scores of a cohort.
#[derive(Clone, Debug, PartialEq)]
pub struct LoyaltyReport {
    /// In the order of the table.
    pub customers: Vec<LoyaltyScore>,
    /// By what each metric was scaled; `None` where it weighs nothing.
    pub ranges: [Option<Range>; N_METRICS],
    /// The weights that counted, adding up to 1; `None` for metrics without weight or spread.
    pub weights: [Option<f64>; N_METRICS],
    /// Thresholds of the tiers, as scores with [`SCORE_DECIMALS`] can reach them.
    pub thresholds: [f64; 4],
    /// Metrics that weigh something but do not differ.
    pub without_spread: Vec<LoyaltyMetric>,
    /// How many customers lie outside the range of each metric and count as if they lay at its end.
    pub n_outside: [usize; N_METRICS],
    /// Mean of the scores, not rounded.
    pub mean: f64,
    /// Median of the scores, not rounded.
    pub median: f64,
    /// 90th percentile of the scores, not rounded.
    pub top_decile_threshold: f64,
}

impl LoyaltyReport {
    /// Whether any metric told the customers apart; where none did, all score 1.
    #[must_use]
    pub fn is_ranked(&self) -> bool {
        self.weights.iter().any(Option::is_some)
    }
}

/// Scores every customer of a cohort.
///
/// ```text
/// share = (value − min) / (max − min)      recency: (max − value) / (max − min)
/// score = Σ weight · share
/// ```
///
/// A metric whose range has no width is left out and the other weights are scaled up. Where none is left, every
/// customer scores 1. Values outside a given range count as its nearer end.
///
/// # Panics
/// Where no metric has both a weight and a column: a cohort that was validated has one.
#[must_use]
pub fn score(cohort: &Cohort, params: &LoyaltyParams) -> LoyaltyReport {
    let thresholds = params.thresholds.map(reachable);
    let ranges = std::array::from_fn(|i| {
        let own = || range_of(&cohort.columns[i]);
        (params.weights[i] > 0.0).then(|| params.ranges[i].unwrap_or_else(own))
    });
    let (scales, without_spread) = scales(cohort, params, &ranges);
    let customers: Vec<LoyaltyScore> = (0..cohort.ids.len())
        .map(|row| place(&scales, row, &thresholds))
        .collect();
    let mut scores: Vec<f64> = customers.iter().map(|customer| customer.score).collect();
    scores.sort_unstable_by(f64::total_cmp);
    let total: ExactSum = scores.iter().copied().collect();
    let quantile = |level| quantile_of_sorted(&scores, level).expect("at least one customer");
    let mut weights = [None; N_METRICS];
    let mut n_outside = [0; N_METRICS];
    for scale in &scales {
        weights[scale.metric as usize] = Some(scale.weight);
        n_outside[scale.metric as usize] = scale.n_outside();
    }
    LoyaltyReport {
        ranges,
        weights,
        thresholds,
        without_spread,
        n_outside,
        mean: total.divided_by(scores.len() as u64),
        median: quantile(Level::MEDIAN),
        top_decile_threshold: quantile(Level::percent(90)),
        customers,
    }
}

/// The lowest rounded score that is not below a threshold.
fn reachable(threshold: f64) -> f64 {
    rounded_up(threshold, SCORE_DECIMALS)
}

fn rounded_up(value: f64, decimals: u32) -> f64 {
    let rounded = round_decimal(value, decimals);
    if rounded >= value {
        return rounded;
    }
    round_decimal(rounded + step(decimals), decimals)
}

fn rounded_down(value: f64, decimals: u32) -> f64 {
    -rounded_up(-value, decimals) + 0.0
}

fn step(decimals: u32) -> f64 {
    if decimals == 0 {
        1.0
    } else {
        1.0 / 10_u32.pow(decimals) as f64
    }
}

fn range_of(column: &[f64]) -> Range {
    let min = column.iter().copied().fold(f64::INFINITY, f64::min);
    let max = column.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    assert!(min <= max, "a weighted metric has a column");
    Range { min, max }
}

/// A metric that counts.
struct Scale<'a> {
    metric: LoyaltyMetric,
    weight: f64,
    range: Range,
    column: &'a [f64],
    /// The column, ascending.
    sorted: Vec<f64>,
    /// Decimals in which a change is stated; `None` where the cohort's values are finer than that.
    decimals: Option<u32>,
}

/// The metrics that count, their weights adding up to 1, and those that do not differ.
fn scales<'a>(
    cohort: &'a Cohort,
    params: &LoyaltyParams,
    ranges: &[Option<Range>; N_METRICS],
) -> (Vec<Scale<'a>>, Vec<LoyaltyMetric>) {
    let weighted = LoyaltyMetric::ALL
        .into_iter()
        .filter_map(|metric| Some((metric, ranges[metric as usize]?)));
    let (counted, without_spread): (Vec<_>, Vec<_>) =
        weighted.partition(|(_, range)| range.min < range.max);
    let total: ExactSum = counted
        .iter()
        .map(|(metric, _)| params.weights[*metric as usize])
        .collect();
    let scales = counted.into_iter().map(|(metric, range)| {
        let column = &cohort.columns[metric as usize];
        let decimals = metric.decimals();
        let is_coarse = column.iter().all(|&v| round_decimal(v, decimals) == v);
        let mut sorted = column.clone();
        sorted.sort_unstable_by(f64::total_cmp);
        Scale {
            metric,
            weight: params.weights[metric as usize] / total.value(),
            range,
            column,
            sorted,
            decimals: is_coarse.then_some(decimals),
        }
    });
    let without_spread = without_spread.into_iter().map(|(metric, _)| metric);
    (scales.collect(), without_spread.collect())
}

impl Scale<'_> {
    /// 0 at the worst end of the range, 1 at the best.
    fn share(&self, value: f64) -> f64 {
        let from_worst = if self.metric.is_inverted() {
            self.range.max - value
        } else {
            value - self.range.min
        };
        (from_worst / (self.range.max - self.range.min)).clamp(0.0, 1.0)
    }

    /// The value of a share: the inverse of [`Scale::share`].
    fn value_at(&self, share: f64) -> f64 {
        let way = share * (self.range.max - self.range.min);
        let value = if self.metric.is_inverted() {
            self.range.max - way
        } else {
            self.range.min + way
        };
        value.clamp(self.range.min, self.range.max)
    }

    /// Values from which a change is chosen, the smallest first: as exact as the cohort's own values, at most the end
    /// of the range. The second covers a share that lies a rounding error below the one that is needed.
    fn candidates(&self, value: f64) -> [f64; 3] {
        let Range { min, max } = self.range;
        let best = if self.metric.is_inverted() { min } else { max };
        let Some(decimals) = self.decimals else {
            return [value, best, best];
        };
        let step = step(decimals);
        let (first, second) = if self.metric.is_inverted() {
            let first = rounded_down(value, decimals);
            (first, round_decimal(first - step, decimals))
        } else {
            let first = rounded_up(value, decimals);
            (first, round_decimal(first + step, decimals))
        };
        [first.clamp(min, max), second.clamp(min, max), best]
    }

    /// Twice the mid-rank of a value among the cohort's.
    fn double_rank(&self, value: f64) -> usize {
        let below = self.sorted.partition_point(|&other| other < value);
        below + self.sorted.partition_point(|&other| other <= value)
    }

    fn n_outside(&self) -> usize {
        let Range { min, max } = self.range;
        let is_outside = |value: &&f64| **value < min || **value > max;
        self.column.iter().filter(is_outside).count()
    }
}

/// The score of one share for each scale. Every score is computed here, so that a changed customer scores as foretold.
fn weighted(scales: &[Scale<'_>], shares: &[f64; N_METRICS]) -> f64 {
    let sum: f64 = scales
        .iter()
        .zip(shares)
        .map(|(scale, share)| scale.weight * share)
        .sum();
    sum.min(1.0)
}

fn place(scales: &[Scale<'_>], row: usize, thresholds: &[f64; 4]) -> LoyaltyScore {
    let mut shares = [0.0; N_METRICS];
    for (share, scale) in shares.iter_mut().zip(scales) {
        *share = scale.share(scale.column[row]);
    }
    let score = if scales.is_empty() {
        1.0
    } else {
        weighted(scales, &shares)
    };
    let rounded = round_decimal(score, SCORE_DECIMALS);
    let tier = LoyaltyTier::of(rounded, thresholds);
    let next_tier = if scales.is_empty() {
        None
    } else {
        next_tier(scales, row, &shares, tier, thresholds)
    };
    LoyaltyScore {
        score,
        rounded,
        tier,
        contributions: contributions(scales, &shares, rounded),
        next_tier,
    }
}

/// The parts of a score in ten-thousandths, by largest remainder; equal remainders go to the earlier metric.
fn contributions(
    scales: &[Scale<'_>],
    shares: &[f64; N_METRICS],
    rounded: f64,
) -> [u32; N_METRICS] {
    let mut parts = [0; N_METRICS];
    let mut remainders: Vec<(f64, LoyaltyMetric)> = Vec::with_capacity(scales.len());
    for (scale, share) in scales.iter().zip(shares) {
        let exact = scale.weight * share * SCORE_STEPS;
        parts[scale.metric as usize] = exact as u32;
        remainders.push((exact - exact.floor(), scale.metric));
    }
    remainders.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let total = (rounded * SCORE_STEPS).round() as u32;
    let missing = total.saturating_sub(parts.iter().sum());
    for (_, metric) in remainders.iter().take(missing as usize) {
        parts[*metric as usize] += 1;
    }
    parts
}

fn next_tier(
    scales: &[Scale<'_>],
    row: usize,
    shares: &[f64; N_METRICS],
    tier: LoyaltyTier,
    thresholds: &[f64; 4],
) -> Option<NextTier> {
    let above = (tier as usize).checked_sub(1)?;
    let threshold = thresholds[above];
    let score = weighted(scales, shares);
    let mut changes: Vec<Change> = (0..scales.len())
        .filter_map(|index| {
            let to = lifting_value(scales, index, shares, threshold)?;
            let scale = &scales[index];
            let from = scale.column[row];
            let passed = scale.double_rank(from).abs_diff(scale.double_rank(to));
            Some(Change {
                metric: scale.metric,
                from,
                to,
                percentile_move: 100.0 * passed as f64 / (2.0 * scale.column.len() as f64),
            })
        })
        .collect();
    // A stable sort: equal moves stay in the order of the metrics.
    changes.sort_by(|a, b| a.percentile_move.total_cmp(&b.percentile_move));
    (!changes.is_empty()).then(|| NextTier {
        tier: LoyaltyTier::ALL[above],
        gap: threshold - round_decimal(score, SCORE_DECIMALS),
        changes,
    })
}

/// The value of one metric at which the score alone reaches a threshold, within the range of the metric. The half
/// decimal that rounding would forgive is not used: who does as told is through with certainty.
fn lifting_value(
    scales: &[Scale<'_>],
    index: usize,
    shares: &[f64; N_METRICS],
    threshold: f64,
) -> Option<f64> {
    let scale = &scales[index];
    let needed = shares[index] + (threshold - weighted(scales, shares)) / scale.weight;
    let reaches = |value: &f64| {
        let mut changed = *shares;
        changed[index] = scale.share(*value);
        round_decimal(weighted(scales, &changed), SCORE_DECIMALS) >= threshold
    };
    let value = scale.value_at(needed.min(1.0));
    scale.candidates(value).into_iter().find(reaches)
}

#[cfg(test)]
mod tests {
    use clientela_numerics::RandomStream;

    use super::*;

    fn cohort(rows: &[[f64; N_METRICS]]) -> Cohort {
        Cohort {
            ids: (0..rows.len()).map(|i| i.to_string()).collect(),
            columns: std::array::from_fn(|i| rows.iter().map(|row| row[i]).collect()),
        }
    }

    fn drawn(n: usize, stream: &mut RandomStream) -> Cohort {
        let rows: Vec<[f64; N_METRICS]> = (0..n)
            .map(|_| {
                [
                    round_decimal(2_000.0 * stream.uniform(), 2),
                    stream.below(12) as f64,
                    round_decimal(90.0 * stream.uniform(), 2),
                    stream.below(6) as f64,
                    stream.below(200) as f64,
                ]
            })
            .collect();
        cohort(&rows)
    }

    #[test]
    fn the_best_on_everything_scores_one_and_the_worst_zero() {
        let report = score(
            &cohort(&[
                [900.0, 9.0, 100.0, 5.0, 1.0],
                [100.0, 1.0, 50.0, 1.0, 101.0],
                [500.0, 5.0, 75.0, 3.0, 51.0],
            ]),
            &LoyaltyParams::default(),
        );
        let found: Vec<(f64, LoyaltyTier)> = report
            .customers
            .iter()
            .map(|customer| (customer.rounded, customer.tier))
            .collect();
        let expected = [
            (1.0, LoyaltyTier::Platinum),
            (0.0, LoyaltyTier::AtRisk),
            (0.5, LoyaltyTier::Silver),
        ];
        assert_eq!(found, expected);
        assert_eq!(
            report.customers[0].contributions,
            [2500, 3000, 1000, 1500, 2000]
        );
        assert_eq!((report.mean, report.median), (0.5, 0.5));
    }

    #[test]
    fn a_metric_without_spread_leaves_its_weight_to_the_others() {
        let rows = [[10.0, 3.0, 1.0, 1.0, 8.0], [20.0, 3.0, 1.0, 1.0, 4.0]];
        let params = LoyaltyParams {
            weights: [1.0, 1.0, 0.0, 0.0, 3.0],
            ..LoyaltyParams::default()
        };
        let report = score(&cohort(&rows), &params);
        assert_eq!(report.without_spread, [LoyaltyMetric::VisitFrequency]);
        assert_eq!(report.weights, [Some(0.25), None, None, None, Some(0.75)]);
        assert_eq!(report.customers[1].score, 1.0);
    }

    #[test]
    fn a_cohort_of_equals_scores_one() {
        let report = score(&cohort(&[[5.0; N_METRICS]; 2]), &LoyaltyParams::default());
        assert!(!report.is_ranked());
        assert_eq!(report.without_spread.len(), N_METRICS);
        assert!(report.customers.iter().all(|c| c.score == 1.0));
    }

    #[test]
    fn given_ranges_make_batches_comparable() {
        let rows = [[10.0, 3.0, 1.0, 1.0, 8.0], [90.0, 3.0, 1.0, 1.0, 4.0]];
        let mut params = LoyaltyParams {
            weights: [1.0, 0.0, 0.0, 0.0, 0.0],
            ..LoyaltyParams::default()
        };
        params.ranges[0] = Some(Range {
            min: 20.0,
            max: 120.0,
        });
        let report = score(&cohort(&rows), &params);
        assert_eq!(report.customers[0].score, 0.0);
        assert_eq!(report.customers[1].score, 0.7);
        assert_eq!(report.n_outside, [1, 0, 0, 0, 0]);
    }

    #[test]
    fn contributions_add_up_to_the_rounded_score() {
        let mut stream = RandomStream::new(1, "loyalty", 0);
        let cohort = drawn(500, &mut stream);
        for customer in score(&cohort, &LoyaltyParams::default()).customers {
            let total: u32 = customer.contributions.iter().sum();
            assert_eq!(f64::from(total) / SCORE_STEPS, customer.rounded);
        }
    }

    #[test]
    fn every_change_lifts_its_customer_and_a_smaller_one_does_not() {
        let mut stream = RandomStream::new(2, "loyalty", 0);
        let cohort = drawn(60, &mut stream);
        let report = score(&cohort, &LoyaltyParams::default());
        let fixed = LoyaltyParams {
            ranges: report.ranges,
            ..LoyaltyParams::default()
        };
        let rounded_with = |row: usize, metric: LoyaltyMetric, value: f64| {
            let mut changed = cohort.clone();
            changed.columns[metric as usize][row] = value;
            score(&changed, &fixed).customers[row].rounded
        };
        let mut n_changes = 0;
        for (row, customer) in report.customers.iter().enumerate() {
            let Some(above) = (customer.tier as usize).checked_sub(1) else {
                assert_eq!(customer.next_tier, None);
                continue;
            };
            let threshold = report.thresholds[above];
            let changes = customer
                .next_tier
                .as_ref()
                .map_or(&[][..], |next| &next.changes);
            assert!(changes.is_sorted_by_key(|change| change.percentile_move));
            for metric in LoyaltyMetric::ALL {
                let range = report.ranges[metric as usize].expect("a weighted metric");
                let best = if metric.is_inverted() {
                    range.min
                } else {
                    range.max
                };
                let Some(change) = changes.iter().find(|change| change.metric == metric) else {
                    assert!(
                        rounded_with(row, metric, best) < threshold,
                        "{row} {metric:?}"
                    );
                    continue;
                };
                n_changes += 1;
                assert!(
                    rounded_with(row, metric, change.to) >= threshold,
                    "{change:?}"
                );
                assert!(
                    change.to == best || round_decimal(change.to, metric.decimals()) == change.to
                );
                let back = if metric.is_inverted() { 1.0 } else { -1.0 };
                // The rounding of a score forgives half of its last decimal, not a whole one.
                let weight = report.weights[metric as usize].expect("a weighted metric");
                let slack = (range.max - range.min) / (SCORE_STEPS * weight);
                let less = change.to + back * (step(metric.decimals()).max(slack) + slack);
                assert!(rounded_with(row, metric, less) < threshold, "{change:?}");
            }
        }
        assert!(n_changes > 50, "{n_changes} changes were tried");
    }

    #[test]
    fn thresholds_finer_than_a_score_are_raised_to_the_next_score() {
        assert_eq!(reachable(0.33331), 0.3334);
        assert_eq!(reachable(0.3333), 0.3333);
        assert_eq!((rounded_down(4.7, 0), rounded_down(4.0, 0)), (4.0, 4.0));
        assert_eq!((rounded_up(4.021, 2), rounded_up(-0.4, 0)), (4.03, 0.0));
    }
}
