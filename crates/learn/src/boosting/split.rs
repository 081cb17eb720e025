//! The best place to part a node's rows in two.
//!
//! Source: Chen, Guestrin (2016), "XGBoost: A Scalable Tree Boosting System", KDD, equations 5–7 and section 3.4 (missing
//! values go to the side that gains more).

use super::binning::{Cuts, MISSING};
use super::fixed_point::FixedPoint;
use super::histogram::{Histogram, Sums};

/// A gain below this share of what both sides score is rounding, not information.
const ROUNDING: f64 = 1e-12;

/// What a split must leave on either side, and how leaves are shrunk.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct SplitRules {
    pub(super) rows_leaf_min: usize,
    pub(super) hessian_leaf_min: f64,
    pub(super) l2: f64,
    pub(super) gain_min: f64,
    pub(super) units: [FixedPoint; 2],
}

impl SplitRules {
    /// The Newton step `−G / (H + λ)`; 0 where there is no curvature.
    pub(super) fn step(&self, sums: Sums) -> f64 {
        let (gradient, curvature) = self.reals(sums);
        if curvature > 0.0 {
            -gradient / curvature
        } else {
            0.0
        }
    }

    /// Twice the loss that the best constant takes away: `G² / (H + λ)`.
    fn score(&self, sums: Sums) -> f64 {
        let (gradient, curvature) = self.reals(sums);
        if curvature > 0.0 {
            gradient * gradient / curvature
        } else {
            0.0
        }
    }

    /// `G` and `H + λ`.
    fn reals(&self, sums: Sums) -> (f64, f64) {
        let [gradient, hessian] = self.units;
        (
            gradient.decode(sums.gradient),
            hessian.decode(sums.hessian) + self.l2,
        )
    }

    fn allows_leaf(&self, sums: Sums) -> bool {
        sums.n_rows >= self.rows_leaf_min as i64
            && self.units[1].decode(sums.hessian) >= self.hessian_leaf_min
    }
}

/// Bins up to `bin` go left, the others right, missing values where `missing_left` says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Split {
    pub(super) feature: u32,
    pub(super) bin: u8,
    pub(super) missing_left: bool,
    pub(super) gain: f64,
    pub(super) left: Sums,
    pub(super) right: Sums,
}

impl Split {
    /// The split with the highest gain over all features; of equal ones the first feature, then the lowest bin.
    pub(super) fn best(
        histogram: &Histogram,
        features: &[u32],
        cuts: &[Cuts],
        total: Sums,
        rules: &SplitRules,
    ) -> Option<Self> {
        let mut best: Option<Self> = None;
        for (place, &feature) in features.iter().enumerate() {
            let bins = histogram.bins(place, cuts[feature as usize].n_bins());
            let has_missing = bins[usize::from(MISSING)].n_rows > 0;
            for missing_left in [false, true] {
                if missing_left && !has_missing {
                    continue;
                }
                let found = best_of_feature(bins, missing_left, total, rules);
                if let Some(mut found) = found
                    && best.is_none_or(|best| found.gain > best.gain)
                {
                    found.feature = feature;
                    // Where a node has no missing values, later ones follow the larger side.
                    found.missing_left |= !has_missing && found.left.n_rows >= found.right.n_rows;
                    best = Some(found);
                }
            }
        }
        best
    }

    /// Whether a row with this bin of the feature goes left.
    #[inline]
    pub(super) fn goes_left(&self, bin: u8) -> bool {
        goes_left(bin, self.bin, self.missing_left)
    }
}

/// Whether a row goes left. Bin 0, missing, is below every threshold, or above every one when it wraps around.
#[inline]
pub(super) fn goes_left(bin: u8, threshold: u8, missing_left: bool) -> bool {
    let shift = u8::from(!missing_left);
    bin.wrapping_sub(shift) <= threshold - shift
}

fn best_of_feature(
    bins: &[Sums],
    missing_left: bool,
    total: Sums,
    rules: &SplitRules,
) -> Option<Split> {
    let before = rules.score(total);
    let mut left = if missing_left {
        bins[usize::from(MISSING)]
    } else {
        Sums::default()
    };
    let mut best: Option<Split> = None;
    for (bin, &sums) in bins.iter().enumerate().skip(1) {
        if sums.n_rows == 0 {
            continue;
        }
        left += sums;
        let right = total - left;
        if !rules.allows_leaf(left) {
            continue;
        }
        if !rules.allows_leaf(right) {
            break;
        }
        let after = rules.score(left) + rules.score(right);
        let gain = after - before;
        let worth = gain > rules.gain_min + ROUNDING * after;
        if worth && best.is_none_or(|best| gain > best.gain) {
            best = Some(Split {
                feature: 0,
                bin: bin as u8,
                missing_left,
                gain,
                left,
                right,
            });
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_values_go_to_their_own_side() {
        for threshold in [1, 7, 255] {
            assert!(goes_left(MISSING, threshold, true));
            assert!(!goes_left(MISSING, threshold, false));
            for missing_left in [false, true] {
                assert!(goes_left(1, threshold, missing_left));
                assert!(goes_left(threshold, threshold, missing_left));
                assert_eq!(goes_left(255, threshold, missing_left), threshold == 255);
            }
        }
    }
}
