//! What a saved model knows of the rows it learned from, to compare others with.

use clientela_tables::MISSING_TEXT;

use super::spread::{Group, Numbers, Spread, SpreadValues};
use crate::churn::distribution::{Distribution, RowCounts};
use crate::churn::features::{Feature, FeatureValues, Features};
use crate::churn::saved::{SavedFeature, SavedModel};

/// Numbers by the bins of a distribution.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct LearnedNumbers {
    /// What parts the bins, ascending.
    cuts: Vec<f64>,
    /// Rows in bins before each, and at the end all.
    before: Vec<usize>,
    /// The lowest and the highest number that is known of.
    range: [f64; 2],
    pub(super) median: Option<f64>,
}

impl LearnedNumbers {
    fn of(cuts: &[f64], bins: &[RowCounts], median: Option<f64>, own: &[f64]) -> Self {
        let mut before = vec![0];
        before.extend(bins.iter().scan(0, |sum, bin| {
            *sum += bin.n_rows;
            Some(*sum)
        }));
        let known = || own.iter().chain(cuts).copied();
        Self {
            cuts: cuts.to_vec(),
            before,
            range: [
                known().fold(f64::INFINITY, f64::min),
                known().fold(f64::NEG_INFINITY, f64::max),
            ],
            median,
        }
    }

    fn total(&self) -> f64 {
        self.before[self.cuts.len() + 1] as f64
    }

    /// Shares of rows in lower and in higher bins: at least so many are lower and higher.
    pub(super) fn shares(&self, value: f64) -> [f64; 2] {
        let bin = self.cuts.partition_point(|&cut| cut < value);
        let total = self.total().max(1.0);
        let higher = self.total() - self.before[bin + 1] as f64;
        [self.before[bin] as f64 / total, higher / total]
    }

    /// Share of rows up to a value, as if they were spread evenly within each bin; `None` without rows.
    pub(super) fn percentile(&self, value: f64) -> Option<f64> {
        let bin = self.cuts.partition_point(|&cut| cut < value);
        let edge = |at: Option<usize>, beyond: f64| {
            at.and_then(|at| self.cuts.get(at))
                .copied()
                .unwrap_or(beyond)
        };
        let (low, high) = (
            edge(bin.checked_sub(1), self.range[0]),
            edge(Some(bin), self.range[1]),
        );
        // Halves, so that the difference of two finite numbers is finite.
        let width = 0.5 * high - 0.5 * low;
        let within = if width > 0.0 {
            ((0.5 * value - 0.5 * low) / width).clamp(0.0, 1.0)
        } else {
            1.0
        };
        let (before, after) = (self.before[bin] as f64, self.before[bin + 1] as f64);
        (self.total() > 0.0).then(|| (before + within * (after - before)) / self.total())
    }
}

impl Spread {
    /// Puts the rows that a saved model learned from in the place of those of the table.
    pub(super) fn compare_with(&mut self, own: &FeatureValues, saved: &SavedFeature) {
        match (&saved.distribution, &mut self.values) {
            (
                Distribution::Numeric {
                    cuts,
                    bins,
                    missing,
                    median,
                },
                values,
            ) => {
                match values {
                    SpreadValues::Numbers(numbers) => {
                        *numbers = with_cuts(numbers, cuts);
                        let all = LearnedNumbers::of(cuts, bins, *median, &numbers.distinct);
                        numbers.learned = Some(all);
                    }
                    // Where no is rarer than a tenth there is but one bin, and the table has to do.
                    SpreadValues::Booleans(groups) => {
                        if let [no, yes] = bins[..] {
                            *groups = [no, yes].map(Group::from);
                        }
                    }
                    SpreadValues::Words { .. } => {}
                }
                self.missing = Group::from(*missing);
            }
            (
                Distribution::Text {
                    levels,
                    other,
                    missing,
                },
                values,
            ) => {
                if let FeatureValues::Text {
                    levels: words,
                    is_kept,
                    ..
                } = own
                {
                    *values = words_of(words, is_kept, &saved.levels, levels, *other);
                }
                self.missing = Group::from(*missing);
            }
        }
    }
}

/// The same numbers and those that part the bins: values that customers had.
fn with_cuts(numbers: &Numbers, cuts: &[f64]) -> Numbers {
    let counts = numbers
        .below
        .windows(2)
        .map(|pair| (pair[1] - pair[0]) as usize);
    let all = numbers.distinct.iter().zip(counts);
    let all = all.flat_map(|(&number, n)| std::iter::repeat_n(number, n));
    Numbers::of(all.chain(cuts.iter().copied()).collect())
}

fn words_of(
    words: &[String],
    is_kept: &[bool],
    levels: &[String],
    counts: &[RowCounts],
    other: RowCounts,
) -> SpreadValues {
    let mut groups = Vec::new();
    let mut group_of = Vec::with_capacity(words.len());
    for (word, _) in words.iter().zip(is_kept).filter(|(_, is_kept)| **is_kept) {
        let count = levels
            .binary_search(word)
            .map_or(RowCounts::default(), |at| counts[at]);
        groups.push(Group::from(count));
    }
    let n_kept = groups.len() as u32;
    let mut next = 0;
    for &is_kept in is_kept {
        group_of.push(if is_kept { next } else { n_kept });
        next += u32::from(is_kept);
    }
    groups.push(Group::from(other));
    SpreadValues::Words { group_of, groups }
}

impl From<RowCounts> for Group {
    fn from(counts: RowCounts) -> Self {
        Self {
            n: counts.n_rows,
            n_labelled: counts.n_rows,
            n_churned: counts.n_churned,
        }
    }
}

/// The same rows, words that only the model knows being there too.
pub(super) fn with_all_words(features: &Features, saved: &SavedModel) -> Features {
    let column = |(feature, saved): (&Feature, &SavedFeature)| {
        let FeatureValues::Text { levels, codes, .. } = &feature.values else {
            return feature.clone();
        };
        let mut all: Vec<String> = levels.iter().chain(&saved.levels).cloned().collect();
        all.sort_unstable();
        all.dedup();
        let place = |level: &String| {
            all.binary_search(level)
                .map_or(MISSING_TEXT, |at| at as u32)
        };
        let places: Vec<u32> = levels.iter().map(place).collect();
        let code = |&code: &u32| match code {
            MISSING_TEXT => MISSING_TEXT,
            code => places[code as usize],
        };
        Feature {
            values: FeatureValues::Text {
                codes: codes.iter().map(code).collect(),
                is_kept: all
                    .iter()
                    .map(|level| saved.levels.binary_search(level).is_ok())
                    .collect(),
                levels: all,
            },
            ..feature.clone()
        }
    };
    Features {
        columns: features
            .columns
            .iter()
            .zip(&saved.features)
            .map(column)
            .collect(),
        n_rows: features.n_rows,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn learned(own: &[f64]) -> LearnedNumbers {
        let bin = |n_rows| RowCounts {
            n_rows,
            n_churned: 0,
        };
        LearnedNumbers::of(&[1.0, 3.0], &[bin(5), bin(3), bin(2)], Some(1.0), own)
    }

    #[test]
    fn shares_are_those_of_whole_bins() {
        let shares = [0.0, 1.0, 2.0, 3.0, 9.0].map(|value| learned(&[9.0]).shares(value));
        assert_eq!(
            shares,
            [[0.0, 0.5], [0.0, 0.5], [0.5, 0.2], [0.5, 0.2], [0.8, 0.0]]
        );
    }

    #[test]
    fn percentiles_rise_evenly_within_bins_and_end_where_numbers_do() {
        let numbers = learned(&[-1.0, 7.0]);
        let percentiles = [-2.0, -1.0, 0.0, 1.0, 2.0, 3.0, 5.0, 7.0, 8.0];
        let percentiles = percentiles.map(|value| numbers.percentile(value).expect("rows"));
        for (found, expected) in percentiles
            .iter()
            .zip([0.0, 0.0, 0.25, 0.5, 0.65, 0.8, 0.9, 1.0, 1.0])
        {
            assert!((found - expected).abs() < 1e-12, "{percentiles:?}");
        }
        let none = LearnedNumbers::of(&[], &[RowCounts::default()], None, &[]);
        assert_eq!((none.percentile(1.0), none.shares(1.0)), (None, [0.0, 0.0]));
    }
}
