//! Features for trees: one column each.
//!
//! Words by rate: Fisher (1958), "On Grouping for Maximum Homogeneity", Journal of the American Statistical Association
//! 53(284): of all ways to part words in two by a yes or no, the best is one that cuts their order by rate.

use clientela_tables::MISSING_TEXT;
use serde::{Deserialize, Serialize};

use super::unknown::{ROWS_TO_KNOW, Unknown};
use crate::churn::features::{Feature, FeatureValues, Features};

/// Rows of the base rate that are added to the rows of each word.
const SMOOTHING_ROWS: f64 = 20.0;

/// What turns features into columns for trees: one for each feature, in their order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TreeEncoding {
    /// How each feature is encoded.
    pub columns: Vec<TreeColumn>,
}

/// How trees see a feature.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum TreeColumn {
    /// As it is.
    Numeric {
        /// Whether training rows enough lacked a value for that to mean anything.
        knows_missing: bool,
    },
    /// By rates.
    Text {
        /// Words told apart, ascending by bytes.
        levels: Vec<String>,
        /// The number that stands for each: (churned + 20 · base rate) / (rows + 20) of the training rows.
        rates: Vec<f64>,
        /// Whether a training row had each.
        is_known: Vec<bool>,
        /// The number for all other words.
        other: f64,
        /// Whether training rows enough had one of these.
        knows_other: bool,
        /// Whether training rows enough had no word for that to mean anything.
        knows_missing: bool,
    },
}

impl TreeEncoding {
    /// Learns from training rows and their outcomes.
    pub(in crate::churn) fn fit(features: &Features, rows: &[u32], outcomes: &[bool]) -> Self {
        let column = |feature: &Feature| match &feature.values {
            FeatureValues::Numeric(values) => {
                let missing = rows.iter().filter(|&&row| values[row as usize].is_nan());
                TreeColumn::Numeric {
                    knows_missing: missing.count() >= ROWS_TO_KNOW,
                }
            }
            FeatureValues::Text {
                levels,
                is_kept,
                codes,
            } => rates_of_words(levels, is_kept, codes, rows, outcomes),
        };
        Self {
            columns: features.columns.iter().map(column).collect(),
        }
    }

    /// The columns of some rows; NaN where a value is missing.
    ///
    /// # Panics
    /// When the features are not of the kinds of the fit.
    #[must_use]
    pub fn encode(&self, features: &Features, rows: &[u32]) -> Vec<Vec<f64>> {
        let both = self.columns.iter().zip(&features.columns);
        both.map(|(column, feature)| column.encode(&feature.values, rows))
            .collect()
    }

    /// Which values of some rows the model learned nothing of.
    ///
    /// # Panics
    /// When the features are not of the kinds of the fit.
    pub(in crate::churn) fn unknown(&self, features: &Features, rows: &[u32]) -> Unknown {
        let both = self.columns.iter().zip(&features.columns);
        let flags = both.map(|(column, feature)| column.unknown(&feature.values, rows));
        Unknown::of(rows.len(), flags)
    }
}

impl TreeColumn {
    /// The number that stands for a word.
    #[must_use]
    pub fn number_of(&self, word: &str) -> Option<f64> {
        match self {
            Self::Numeric { .. } => None,
            Self::Text {
                levels,
                rates,
                other,
                ..
            } => {
                let place = levels.binary_search_by(|level| level.as_str().cmp(word));
                Some(place.map_or(*other, |place| rates[place]))
            }
        }
    }

    fn encode(&self, values: &FeatureValues, rows: &[u32]) -> Vec<f64> {
        match (self, values) {
            (Self::Numeric { .. }, FeatureValues::Numeric(values)) => {
                rows.iter().map(|&row| values[row as usize]).collect()
            }
            (Self::Text { .. }, FeatureValues::Text { levels, codes, .. }) => {
                let number = |level: &String| self.number_of(level).unwrap_or(f64::NAN);
                let numbers: Vec<f64> = levels.iter().map(number).collect();
                let encode = |&row: &u32| match codes[row as usize] {
                    MISSING_TEXT => f64::NAN,
                    code => numbers[code as usize],
                };
                rows.iter().map(encode).collect()
            }
            _ => panic!("features of the kinds of the fit"),
        }
    }

    /// Whether each value is unknown; `None` where none can be.
    fn unknown(&self, values: &FeatureValues, rows: &[u32]) -> Option<Vec<bool>> {
        match (self, values) {
            (Self::Numeric { knows_missing }, FeatureValues::Numeric(values)) => {
                let is_unknown = |&row: &u32| values[row as usize].is_nan();
                (!knows_missing).then(|| rows.iter().map(is_unknown).collect())
            }
            (Self::Text { knows_missing, .. }, FeatureValues::Text { levels, codes, .. }) => {
                let is_unknown: Vec<bool> = levels.iter().map(|word| !self.knows(word)).collect();
                let flag = |&row: &u32| match codes[row as usize] {
                    MISSING_TEXT => !knows_missing,
                    code => is_unknown[code as usize],
                };
                Some(rows.iter().map(flag).collect())
            }
            _ => panic!("features of the kinds of the fit"),
        }
    }

    fn knows(&self, word: &str) -> bool {
        match self {
            Self::Numeric { .. } => false,
            Self::Text {
                levels,
                is_known,
                knows_other,
                ..
            } => {
                let place = levels.binary_search_by(|level| level.as_str().cmp(word));
                place.map_or(*knows_other, |place| is_known[place])
            }
        }
    }
}

fn rates_of_words(
    levels: &[String],
    is_kept: &[bool],
    codes: &[u32],
    rows: &[u32],
    outcomes: &[bool],
) -> TreeColumn {
    let n_churned = outcomes.iter().filter(|&&churned| churned).count();
    let base_rate = n_churned as f64 / outcomes.len().max(1) as f64;
    let mut n_missing = 0;
    // Counts of each word, and of all that are not told apart.
    let mut counts = vec![[0.0; 2]; levels.len() + 1];
    for (&row, &churned) in rows.iter().zip(outcomes) {
        let place = match codes[row as usize] {
            MISSING_TEXT => {
                n_missing += 1;
                continue;
            }
            code if is_kept[code as usize] => code as usize,
            _ => levels.len(),
        };
        counts[place][0] += f64::from(u8::from(churned));
        counts[place][1] += 1.0;
    }
    let rate =
        |[churned, n]: [f64; 2]| (churned + SMOOTHING_ROWS * base_rate) / (n + SMOOTHING_ROWS);
    let kept = || (0..levels.len()).filter(|&level| is_kept[level]);
    TreeColumn::Text {
        levels: kept().map(|level| levels[level].clone()).collect(),
        rates: kept().map(|level| rate(counts[level])).collect(),
        is_known: kept().map(|level| counts[level][1] > 0.0).collect(),
        other: rate(counts[levels.len()]),
        knows_other: counts[levels.len()][1] >= ROWS_TO_KNOW as f64,
        knows_missing: n_missing >= ROWS_TO_KNOW,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Words a (kept), b and c (rare) and a missing one; churned where told.
    fn words() -> (Features, Vec<u32>, Vec<bool>) {
        let codes = vec![0, 0, 0, 0, 1, 2, MISSING_TEXT, 0];
        let features = Features {
            n_rows: codes.len(),
            columns: vec![Feature {
                name: "plan".to_owned(),
                documented: None,
                values: FeatureValues::Text {
                    levels: ["a", "b", "c"].map(str::to_owned).to_vec(),
                    is_kept: vec![true, false, false],
                    codes,
                },
            }],
        };
        // The last row is not learned from.
        let outcomes = vec![true, true, true, false, false, false, false];
        (features, (0..7).collect(), outcomes)
    }

    #[test]
    fn words_become_smoothed_rates_of_the_training_rows() {
        let (features, rows, outcomes) = words();
        let encoding = TreeEncoding::fit(&features, &rows, &outcomes);
        let base = 20.0 * 3.0 / 7.0;
        let expected = TreeColumn::Text {
            levels: vec!["a".to_owned()],
            rates: vec![(3.0 + base) / 24.0],
            is_known: vec![true],
            other: base / 22.0,
            knows_other: false,
            knows_missing: false,
        };
        assert_eq!(encoding.columns, [expected]);
    }

    #[test]
    fn rare_and_new_words_share_a_number_and_missing_ones_have_none() {
        let (features, rows, outcomes) = words();
        let encoding = TreeEncoding::fit(&features, &rows, &outcomes);
        let column = &encoding.encode(&features, &[7, 4, 5, 6])[0];
        assert_eq!(
            column[0],
            encoding.columns[0].number_of("a").expect("words")
        );
        assert_eq!(column[1], column[2]);
        assert_eq!(Some(column[1]), encoding.columns[0].number_of("new"));
        assert!(column[3].is_nan());
    }

    /// A column of numbers and one of words of which so many rows lack a value, have the word a, and other ones.
    fn unknown_after(n_missing: usize, n_known: usize, n_other: usize) -> Unknown {
        let of = |n, code| std::iter::repeat_n(code, n);
        let codes: Vec<u32> = of(n_missing, MISSING_TEXT)
            .chain(of(n_known, 0))
            .chain(of(n_other, 2))
            .chain([MISSING_TEXT, 0, 1])
            .collect();
        let (mut features, ..) = words();
        let number = |&code: &u32| if code == MISSING_TEXT { f64::NAN } else { 1.0 };
        let n_learned = n_missing + n_known + n_other;
        features.n_rows = codes.len();
        features.columns.push(Feature {
            name: "number".to_owned(),
            documented: None,
            values: FeatureValues::Numeric(codes.iter().map(number).collect()),
        });
        if let FeatureValues::Text { codes: own, .. } = &mut features.columns[0].values {
            *own = codes;
        }
        let rows: Vec<u32> = (0..n_learned as u32).collect();
        let encoding = TreeEncoding::fit(&features, &rows, &vec![false; n_learned]);
        let n = n_learned as u32;
        encoding.unknown(&features, &[n, n + 1, n + 2])
    }

    #[test]
    fn known_is_what_training_rows_enough_had() {
        let flags = |unknown: &Unknown, feature| [0, 1, 2].map(|row| unknown.is(feature, row));
        // A missing word, a word told apart, and one of the others; then a missing number and two.
        let nothing = unknown_after(4, 0, 4);
        assert_eq!(flags(&nothing, 0), [true, true, true]);
        assert_eq!(flags(&nothing, 1), [true, false, false]);
        let everything = unknown_after(5, 1, 5);
        assert_eq!(flags(&everything, 0), [false; 3]);
        assert_eq!(everything.features().count(), 0);
    }
}
