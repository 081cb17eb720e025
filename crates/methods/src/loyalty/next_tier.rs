//! What would lift a customer to the next tier.

use clientela_numerics::round::round_decimal;
use clientela_tables::N_METRICS;

use super::scale::{Scale, weighted};
use super::{Change, LoyaltyTier, NextTier, SCORE_DECIMALS};

/// The tier above, and the changes of one metric each that reach it; `None` at the top, and where none does.
pub fn next_tier(
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
