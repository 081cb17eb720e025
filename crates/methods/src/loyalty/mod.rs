//! Loyalty: a weighted score of min-max scaled measures, tiers of it, and what would lift a customer to the next tier.
//!
//! Sources: the API contract's §9 for score and tiers; Balinski, Young (2001), "Fair Representation", Brookings, for
//! the method of the largest remainder (Hamilton) by which contributions add up to the rounded score.
//! Cost: O(n log n) for each metric. Deterministic.
//! Tested against: a slow search over all values for the changes, and hand-computed scores.

mod next_tier;
mod rounding;
mod scale;

use clientela_numerics::quantile::{Level, quantile_of_sorted};
use clientela_numerics::round::round_decimal;
use clientela_numerics::sum::ExactSum;
use clientela_tables::{Cohort, LoyaltyMetric, N_METRICS};

use next_tier::next_tier;
use rounding::rounded_up;
use scale::{Scale, range_of, scales, weighted};

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
    let thresholds = params
        .thresholds
        .map(|threshold| rounded_up(threshold, SCORE_DECIMALS));
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

#[cfg(test)]
mod tests;
