//! The best place to part a node's rows in two.
//!
//! Source: Chen, Guestrin (2016), "XGBoost: A Scalable Tree Boosting System", KDD, equations 5–7 and section 3.4 (missing
//! values go to the side that gains more). Directions that forecasts must follow are kept as LightGBM's basic method keeps
//! them: a split the wrong way is none, and what lies below a split stays on its side of the middle between both steps.

use super::binning::MISSING;
use super::fixed_point::FixedPoint;
use super::histogram::{Histogram, Layout, Sums};

/// A gain below this share of what both sides score is rounding, not information.
const ROUNDING: f64 = 1e-12;

/// How a forecast may change with a feature, the others held as they are; missing values are free.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    /// In any way.
    #[default]
    Free,
    /// It never falls where the feature rises.
    Rising,
    /// It never rises where the feature rises.
    Falling,
}

/// The steps that a node may take.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct StepRange {
    low: f64,
    high: f64,
}

impl StepRange {
    pub(super) const ALL: Self = Self {
        low: f64::NEG_INFINITY,
        high: f64::INFINITY,
    };

    fn nearest(self, step: f64) -> f64 {
        step.max(self.low).min(self.high)
    }

    /// The ranges of both sides of a split.
    fn parted(self, middle: f64, direction: Direction) -> [Self; 2] {
        let (below, above) = (
            Self {
                high: middle,
                ..self
            },
            Self {
                low: middle,
                ..self
            },
        );
        match direction {
            Direction::Free => [self, self],
            Direction::Rising => [below, above],
            Direction::Falling => [above, below],
        }
    }
}

/// What a split must leave on either side, and how leaves are shrunk.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct SplitRules {
    pub(super) rows_leaf_min: usize,
    /// In units of the hessian.
    pub(super) hessian_leaf_min: i64,
    pub(super) l2: f64,
    pub(super) gain_min: f64,
    pub(super) units: [FixedPoint; 2],
}

impl SplitRules {
    /// The Newton step `−G / (H + λ)`, or what of the range is nearest to it; 0 where there is no curvature.
    pub(super) fn step(&self, sums: Sums, range: StepRange) -> f64 {
        let (gradient, curvature) = self.reals(sums);
        range.nearest(if curvature > 0.0 {
            -gradient / curvature
        } else {
            0.0
        })
    }

    /// Twice the loss that the best constant takes away: `G² / (H + λ)`, less where it is out of range.
    fn score(&self, sums: Sums, range: StepRange) -> f64 {
        if range == StepRange::ALL {
            return self.free_score(sums);
        }
        let (gradient, curvature) = self.reals(sums);
        let step = self.step(sums, range);
        -(2.0 * gradient + curvature * step) * step
    }

    #[inline]
    fn free_score(&self, sums: Sums) -> f64 {
        let (gradient, curvature) = self.reals(sums);
        if curvature > 0.0 {
            gradient * gradient / curvature
        } else {
            0.0
        }
    }

    /// `G` and `H + λ`.
    #[inline]
    fn reals(&self, sums: Sums) -> (f64, f64) {
        let [gradient, hessian] = self.units;
        (
            gradient.decode(sums.gradient),
            hessian.decode(sums.hessian) + self.l2,
        )
    }

    fn allows_leaf(&self, sums: Sums) -> bool {
        sums.n_rows >= self.rows_leaf_min as i64 && sums.hessian >= self.hessian_leaf_min
    }
}

/// A node to be parted.
#[derive(Clone, Copy)]
pub(super) struct Whole<'a> {
    pub(super) histogram: &'a Histogram,
    pub(super) layout: &'a Layout,
    pub(super) sums: Sums,
    pub(super) range: StepRange,
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
    /// The steps that both sides may take.
    pub(super) ranges: [StepRange; 2],
}

impl Split {
    /// The split with the highest gain over all features; of equal ones the first feature, then the lowest bin.
    ///
    /// `directions` has one for each column, or none at all.
    pub(super) fn best(
        whole: Whole<'_>,
        features: &[u32],
        directions: &[Direction],
        rules: &SplitRules,
    ) -> Option<Self> {
        let mut best: Option<Self> = None;
        for (place, &feature) in features.iter().enumerate() {
            let direction = directions.get(feature as usize).copied();
            let bins = Bins {
                bins: whole.histogram.bins(whole.layout, place),
                direction: direction.unwrap_or_default(),
                sums: whole.sums,
                range: whole.range,
            };
            let has_missing = bins.bins[usize::from(MISSING)].n_rows > 0;
            for missing_left in [false, true] {
                if missing_left && !has_missing {
                    continue;
                }
                let found = bins.best_split(missing_left, rules);
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
}

/// Whether a row goes left. Bin 0, missing, is below every threshold, or above every one when it wraps around.
#[inline]
pub(crate) fn goes_left(bin: u8, threshold: u8, missing_left: bool) -> bool {
    let shift = u8::from(!missing_left);
    bin.wrapping_sub(shift) <= threshold - shift
}

/// A node's sums by the bins of one feature.
struct Bins<'a> {
    bins: &'a [Sums],
    direction: Direction,
    sums: Sums,
    range: StepRange,
}

impl Bins<'_> {
    fn best_split(&self, missing_left: bool, rules: &SplitRules) -> Option<Split> {
        if self.range == StepRange::ALL {
            self.best_split_by(missing_left, rules, |sums| rules.free_score(sums))
        } else {
            self.best_split_by(missing_left, rules, |sums| rules.score(sums, self.range))
        }
    }

    #[inline]
    fn best_split_by(
        &self,
        missing_left: bool,
        rules: &SplitRules,
        score: impl Fn(Sums) -> f64,
    ) -> Option<Split> {
        let before = score(self.sums);
        let mut left = if missing_left {
            self.bins[usize::from(MISSING)]
        } else {
            Sums::default()
        };
        let mut best: Option<Split> = None;
        let mut best_gain = rules.gain_min;
        for (bin, &sums) in self.bins.iter().enumerate().skip(1) {
            if sums.n_rows == 0 {
                continue;
            }
            left += sums;
            let right = self.sums - left;
            if !rules.allows_leaf(left) {
                continue;
            }
            if !rules.allows_leaf(right) {
                break;
            }
            let after = score(left) + score(right);
            let gain = after - before;
            if gain > best_gain
                && gain > rules.gain_min + ROUNDING * after
                && let Some(ranges) = self.ranges(bin, left, right, rules)
            {
                best_gain = gain;
                best = Some(Split {
                    feature: 0,
                    bin: bin as u8,
                    missing_left,
                    gain,
                    left,
                    right,
                    ranges,
                });
            }
        }
        best
    }

    /// The steps that both sides may take; `None` where they go against the direction.
    fn ranges(
        &self,
        bin: usize,
        left: Sums,
        right: Sums,
        rules: &SplitRules,
    ) -> Option<[StepRange; 2]> {
        // Above the last bin there are missing values alone, which no direction binds.
        if self.direction == Direction::Free || bin + 1 == self.bins.len() {
            return Some([self.range; 2]);
        }
        let [left, right] = [left, right].map(|sums| rules.step(sums, self.range));
        let agrees = match self.direction {
            Direction::Falling => left >= right,
            Direction::Rising | Direction::Free => left <= right,
        };
        let middle = left + (right - left) / 2.0;
        agrees.then(|| self.range.parted(middle, self.direction))
    }
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
