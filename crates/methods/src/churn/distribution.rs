//! How the values of a column are distributed over the rows that a model learned from, in bins that other rows can be counted in.

use clientela_tables::MISSING_TEXT;
use serde::{Deserialize, Serialize};

use super::features::FeatureValues;

/// Bins of numbers at most.
const BINS_MAX: usize = 10;

/// Rows, and how many of them churned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowCounts {
    /// Labelled rows.
    pub n_rows: usize,
    /// Those of them that churned.
    pub n_churned: usize,
}

/// The labelled rows of a column by its values.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Distribution {
    /// Numbers, yes and no as 1 and 0.
    Numeric {
        /// What parts the bins, ascending: bin k has the values above cut k − 1 and up to cut k.
        ///
        /// They are the deciles of the values, equal ones merged, and none is the highest value: so every bin has a row.
        cuts: Vec<f64>,
        /// One bin more than cuts.
        bins: Vec<RowCounts>,
        /// Rows without a value.
        missing: RowCounts,
        /// Of the values; `None` without any.
        median: Option<f64>,
    },
    /// Words.
    Text {
        /// One for each word that is told apart.
        levels: Vec<RowCounts>,
        /// All other words.
        other: RowCounts,
        /// Rows without a word.
        missing: RowCounts,
    },
}

impl Distribution {
    /// Of some rows, `outcomes` telling who of them churned and `kept` the words to be told apart, ascending.
    pub(super) fn of(
        values: &FeatureValues,
        kept: &[String],
        rows: &[u32],
        outcomes: &[bool],
    ) -> Self {
        match values {
            FeatureValues::Numeric(values) => {
                let values: Vec<f64> = rows.iter().map(|&row| values[row as usize]).collect();
                Self::of_numbers(&values, outcomes)
            }
            FeatureValues::Text { .. } => {
                let mut counts = vec![RowCounts::default(); kept.len() + 2];
                for (place, &churned) in places_of_words(values, kept, rows).zip(outcomes) {
                    counts[place].add(churned);
                }
                let missing = counts.pop().unwrap_or_default();
                let other = counts.pop().unwrap_or_default();
                Self::Text {
                    levels: counts,
                    other,
                    missing,
                }
            }
        }
    }

    /// Of numbers, NaN where they are missing.
    pub(super) fn of_numbers(values: &[f64], outcomes: &[bool]) -> Self {
        let mut present: Vec<f64> = values.iter().copied().filter(|x| !x.is_nan()).collect();
        present.sort_unstable_by(f64::total_cmp);
        let cuts = cuts_of(&present);
        let mut bins = vec![RowCounts::default(); cuts.len() + 2];
        for (&value, &churned) in values.iter().zip(outcomes) {
            bins[place_of_number(value, &cuts)].add(churned);
        }
        let missing = bins.pop().unwrap_or_default();
        Self::Numeric {
            median: clientela_numerics::quantile::median(&present),
            cuts,
            bins,
            missing,
        }
    }

    /// All bins in order: those of values, then (of words) all other ones, then missing.
    #[must_use]
    pub fn counts(&self) -> Vec<RowCounts> {
        match self {
            Self::Numeric { bins, missing, .. } => [&bins[..], &[*missing]].concat(),
            Self::Text {
                levels,
                other,
                missing,
            } => [&levels[..], &[*other, *missing]].concat(),
        }
    }

    /// How many of other rows fall into each bin, in the order of [`Distribution::counts`].
    pub(super) fn count(&self, values: &FeatureValues, kept: &[String]) -> Vec<usize> {
        match (self, values) {
            (Self::Numeric { .. }, FeatureValues::Numeric(values)) => self.count_numbers(values),
            (Self::Text { levels, .. }, FeatureValues::Text { codes, .. }) => {
                let rows: Vec<u32> = (0..codes.len() as u32).collect();
                counted(places_of_words(values, kept, &rows), levels.len() + 2)
            }
            _ => panic!("values of the kind of the distribution"),
        }
    }

    /// The same for numbers.
    ///
    /// # Panics
    /// On a distribution of words.
    pub(super) fn count_numbers(&self, values: &[f64]) -> Vec<usize> {
        let Self::Numeric { cuts, .. } = self else {
            panic!("a distribution of numbers");
        };
        let places = values.iter().map(|&value| place_of_number(value, cuts));
        counted(places, cuts.len() + 2)
    }
}

impl RowCounts {
    fn add(&mut self, churned: bool) {
        self.n_rows += 1;
        self.n_churned += usize::from(churned);
    }

    /// The share that churned; `None` without rows.
    #[must_use]
    pub fn rate(&self) -> Option<f64> {
        (self.n_rows > 0).then(|| self.n_churned as f64 / self.n_rows as f64)
    }
}

fn counted(places: impl Iterator<Item = usize>, n_places: usize) -> Vec<usize> {
    let mut counts = vec![0; n_places];
    for place in places {
        counts[place] += 1;
    }
    counts
}

/// The distinct deciles of sorted values, without the highest value: the smallest value with at least k tenths of the rows up to
/// it.
fn cuts_of(sorted: &[f64]) -> Vec<f64> {
    let n = sorted.len();
    let Some(highest) = sorted.last() else {
        return Vec::new();
    };
    let deciles = (1..BINS_MAX).map(|k| sorted[(k * n).div_ceil(BINS_MAX) - 1]);
    let mut cuts: Vec<f64> = deciles.filter(|cut| cut < highest).collect();
    cuts.dedup();
    cuts
}

/// The bin of a number; the last place is that of missing ones.
fn place_of_number(value: f64, cuts: &[f64]) -> usize {
    if value.is_nan() {
        cuts.len() + 1
    } else {
        cuts.partition_point(|&cut| cut < value)
    }
}

/// The place of the word of each row among those told apart, then of all others, then of missing ones.
fn places_of_words<'a>(
    values: &'a FeatureValues,
    kept: &[String],
    rows: &'a [u32],
) -> impl Iterator<Item = usize> + use<'a> {
    let FeatureValues::Text { levels, codes, .. } = values else {
        panic!("words");
    };
    let n_kept = kept.len();
    let place = |level: &String| kept.binary_search(level).unwrap_or(n_kept);
    let places: Vec<usize> = levels.iter().map(place).collect();
    rows.iter().map(move |&row| match codes[row as usize] {
        MISSING_TEXT => n_kept + 1,
        code => places[code as usize],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_numbers(values: &[f64]) -> (Vec<f64>, Vec<usize>) {
        let distribution = Distribution::of_numbers(values, &vec![false; values.len()]);
        let counts = distribution.counts().iter().map(|c| c.n_rows).collect();
        let Distribution::Numeric { cuts, .. } = distribution else {
            panic!("numbers")
        };
        (cuts, counts)
    }

    #[test]
    fn numbers_lie_in_tenths() {
        let values: Vec<f64> = (1..=20).map(f64::from).collect();
        let (cuts, counts) = of_numbers(&values);
        assert_eq!(cuts, [2.0, 4.0, 6.0, 8.0, 10.0, 12.0, 14.0, 16.0, 18.0]);
        assert_eq!(counts, [2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 0]);
    }

    #[test]
    fn equal_values_share_a_bin_and_no_bin_is_empty() {
        let none_and_some = [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0, f64::NAN];
        assert_eq!(of_numbers(&none_and_some), (vec![0.0], vec![6, 2, 1]));
        assert_eq!(of_numbers(&[7.0; 5]), (vec![], vec![5, 0]));
        assert_eq!(of_numbers(&[f64::NAN; 3]), (vec![], vec![0, 3]));
        assert_eq!(of_numbers(&[]), (vec![], vec![0, 0]));
        // One in a hundred has a 1: no decile tells, and still it has its own bin.
        let mut rare = vec![0.0; 99];
        rare.push(1.0);
        assert_eq!(of_numbers(&rare), (vec![0.0], vec![99, 1, 0]));
    }

    #[test]
    fn words_are_counted_by_level_then_other_then_missing() {
        let levels = ["a", "b", "c"].map(str::to_owned);
        let values = FeatureValues::Text {
            levels: levels.to_vec(),
            is_kept: vec![true, false, true],
            codes: vec![0, 0, 1, 2, MISSING_TEXT, 1],
        };
        let kept = ["a", "c"].map(str::to_owned);
        let outcomes = [true, false, true, false, true, true];
        let counted = Distribution::of(&values, &kept, &[0, 1, 2, 3, 4], &outcomes[..5]);
        let counts = |n_rows, n_churned| RowCounts { n_rows, n_churned };
        let expected = [counts(2, 1), counts(1, 0), counts(1, 1), counts(1, 1)];
        assert_eq!(counted.counts(), expected);
        assert_eq!(counted.count(&values, &kept), [2, 1, 2, 1]);
        assert_eq!(counts(4, 1).rate(), Some(0.25));
        assert_eq!(RowCounts::default().rate(), None);
    }
}
