//! How the values of one column are spread over the rows that others are compared with.

use clientela_tables::MISSING_TEXT;

use super::learned::LearnedNumbers;
use crate::churn::features::{Feature, FeatureValues};

/// The values of one column among the compared rows.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::churn) struct Spread {
    pub(in crate::churn) values: SpreadValues,
    /// Rows without a value.
    pub(in crate::churn) missing: Group,
}

#[derive(Clone, Debug, PartialEq)]
pub(in crate::churn) enum SpreadValues {
    Numbers(Numbers),
    /// No, yes.
    Booleans([Group; 2]),
    Words {
        /// Each word of the column has the group at its place here.
        group_of: Vec<u32>,
        /// Words told apart, ascending, then all others together.
        groups: Vec<Group>,
    },
}

/// Rows with something in common.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::churn) struct Group {
    pub(in crate::churn) n: usize,
    pub(in crate::churn) n_labelled: usize,
    pub(in crate::churn) n_churned: usize,
}

/// Distinct numbers and how often they come.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::churn) struct Numbers {
    /// Ascending.
    pub(in crate::churn) distinct: Vec<f64>,
    /// Rows with a lower number than each, and at the end those with any.
    pub(in crate::churn) below: Vec<u32>,
    /// What a saved model knows of the rows it learned from, which are then the ones to be compared with.
    pub(super) learned: Option<LearnedNumbers>,
}

impl Spread {
    pub(in crate::churn) fn of(
        feature: &Feature,
        is_boolean: bool,
        compared: &[u32],
        outcomes: &[Option<bool>],
    ) -> Self {
        let outcome = |place: u32| outcomes[place as usize];
        let mut missing = Group::default();
        let values = match &feature.values {
            FeatureValues::Numeric(values) => {
                let mut groups = [Group::default(); 2];
                let mut present = Vec::with_capacity(compared.len());
                for &place in compared {
                    let value = values[place as usize];
                    if value.is_nan() {
                        missing.add(outcome(place));
                    } else if is_boolean {
                        groups[usize::from(value != 0.0)].add(outcome(place));
                    } else {
                        present.push(value);
                    }
                }
                if is_boolean {
                    SpreadValues::Booleans(groups)
                } else {
                    SpreadValues::Numbers(Numbers::of(present))
                }
            }
            FeatureValues::Text { codes, is_kept, .. } => {
                let group_of = groups_of(is_kept);
                let n_kept = is_kept.iter().filter(|&&is_kept| is_kept).count();
                let mut groups = vec![Group::default(); n_kept + 1];
                for &place in compared {
                    match codes[place as usize] {
                        MISSING_TEXT => missing.add(outcome(place)),
                        code => groups[group_of[code as usize] as usize].add(outcome(place)),
                    }
                }
                SpreadValues::Words { group_of, groups }
            }
        };
        Self { values, missing }
    }
}

impl Spread {
    /// The percentile of a number, or of 0 and 1 for no and yes; `None` for words.
    pub(in crate::churn) fn percentile(&self, value: f64) -> Option<f64> {
        match &self.values {
            SpreadValues::Numbers(numbers) => numbers.percentile(value),
            SpreadValues::Booleans([no, yes]) => {
                let (no, yes) = (no.n as f64, yes.n as f64);
                let middle = if value == 0.0 {
                    0.5 * no
                } else {
                    no + 0.5 * yes
                };
                (no + yes > 0.0).then(|| middle / (no + yes))
            }
            SpreadValues::Words { .. } => None,
        }
    }
}

/// The place of each word among those told apart; that after the last for all others.
fn groups_of(is_kept: &[bool]) -> Vec<u32> {
    let n_kept = is_kept.iter().filter(|&&is_kept| is_kept).count() as u32;
    let mut next = 0;
    let place = |&is_kept: &bool| {
        if is_kept {
            next += 1;
            next - 1
        } else {
            n_kept
        }
    };
    is_kept.iter().map(place).collect()
}

impl Group {
    pub(in crate::churn) fn add(&mut self, outcome: Option<bool>) {
        self.n += 1;
        self.n_labelled += usize::from(outcome.is_some());
        self.n_churned += usize::from(outcome == Some(true));
    }

    /// Share of its labelled rows that churned; `None` without any.
    pub(in crate::churn) fn churn_rate(&self) -> Option<f64> {
        (self.n_labelled > 0).then(|| self.n_churned as f64 / self.n_labelled as f64)
    }
}

impl Numbers {
    pub(in crate::churn) fn of(mut values: Vec<f64>) -> Self {
        values.sort_unstable_by(f64::total_cmp);
        let mut numbers = Self::default();
        let mut below = 0;
        for run in values.chunk_by(|a, b| a == b) {
            numbers.distinct.push(run[0]);
            numbers.below.push(below);
            below += run.len() as u32;
        }
        numbers.below.push(below);
        numbers
    }

    pub(in crate::churn) fn len(&self) -> u32 {
        self.below[self.distinct.len()]
    }

    /// Share of lower numbers, equal ones counting half; `None` where there are no numbers.
    pub(in crate::churn) fn percentile(&self, value: f64) -> Option<f64> {
        if let Some(learned) = &self.learned {
            return learned.percentile(value);
        }
        let [lower, up_to] = self.up_to(value).map(f64::from);
        (self.len() > 0).then(|| 0.5 * (lower + up_to) / f64::from(self.len()))
    }

    /// Shares of lower and of higher numbers; 0 where there are no numbers.
    pub(in crate::churn) fn shares(&self, value: f64) -> [f64; 2] {
        if let Some(learned) = &self.learned {
            return learned.shares(value);
        }
        let [lower, up_to] = self.up_to(value);
        let share = |n: u32| f64::from(n) / f64::from(self.len().max(1));
        [share(lower), share(self.len() - up_to)]
    }

    /// How many numbers are lower, and how many are not higher.
    fn up_to(&self, value: f64) -> [u32; 2] {
        let at = self.distinct.partition_point(|&number| number < value);
        let is_there = self.distinct.get(at) == Some(&value);
        [at, if is_there { at + 1 } else { at }].map(|at| self.below[at])
    }

    /// The percentile of a distinct number.
    pub(in crate::churn) fn percentile_at(&self, place: usize) -> f64 {
        self.percentile(self.distinct[place]).unwrap_or(0.0)
    }

    /// The middle number, or the mean of the two; `None` where there are no numbers.
    pub(in crate::churn) fn median(&self) -> Option<f64> {
        if let Some(learned) = &self.learned {
            return learned.median;
        }
        let n = self.len().checked_sub(1)?;
        let [lower, upper] = [n / 2, n.div_ceil(2)].map(|rank| {
            let above = self.below.partition_point(|&below| below <= rank);
            self.distinct[above - 1]
        });
        Some(if lower == upper {
            lower
        } else {
            0.5 * lower + 0.5 * upper
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_count_lower_numbers_and_half_of_equal_ones() {
        let numbers = Numbers::of(vec![3.0, 1.0, 3.0, 7.0]);
        let percentiles = [0.0, 1.0, 2.0, 3.0, 7.0, 8.0].map(|value| numbers.percentile(value));
        assert_eq!(percentiles, [0.0, 0.125, 0.25, 0.5, 0.875, 1.0].map(Some));
        assert_eq!(Numbers::of(Vec::new()).percentile(1.0), None);
    }

    #[test]
    fn medians_are_those_of_sorted_numbers() {
        for (values, expected) in [
            (vec![], None),
            (vec![2.0], Some(2.0)),
            (vec![3.0, 1.0, 3.0, 7.0], Some(3.0)),
            (vec![4.0, 1.0, 7.0, 2.0], Some(3.0)),
            (vec![5.0, 1.0, 9.0], Some(5.0)),
        ] {
            assert_eq!(Numbers::of(values).median(), expected);
        }
    }

    #[test]
    fn words_that_are_not_told_apart_share_the_last_group() {
        assert_eq!(groups_of(&[true, false, true, false]), [0, 2, 1, 2]);
    }
}
