//! Features as numbers for the learners, by rules that are learned from training rows alone.
//!
//! Trees get one column for each feature: numbers as they are, words by the smoothed rate of their training rows, missing
//! values as such. The logistic regression gets numbers with the median in place of missing ones and an indicator beside
//! them, words as categories, and the thresholds of documented columns as columns of zeros and ones.
//!
//! Words by rate: Fisher (1958), "On Grouping for Maximum Homogeneity", Journal of the American Statistical Association
//! 53(284): of all ways to part words in two by a yes or no, the best is one that cuts their order by rate.

use clientela_learn::logistic::{Column, Design};
use clientela_tables::MISSING_TEXT;

use super::columns::Documented;
use super::features::{Feature, FeatureValues, Features};

/// Rows of the base rate that are added to the rows of each word.
const SMOOTHING_ROWS: f64 = 20.0;

/// What turns features into columns for trees: one for each feature, in their order.
#[derive(Clone, Debug, PartialEq)]
pub struct TreeEncoding {
    /// How each feature is encoded.
    pub columns: Vec<TreeColumn>,
}

/// How trees see a feature.
#[derive(Clone, Debug, PartialEq)]
pub enum TreeColumn {
    /// As it is.
    Numeric,
    /// By rates.
    Text {
        /// Words told apart, ascending by bytes.
        levels: Vec<String>,
        /// The number that stands for each: (churned + 20 · base rate) / (rows + 20) of the training rows.
        rates: Vec<f64>,
        /// The number for all other words.
        other: f64,
    },
}

/// What turns features into the columns of a [`Design`].
#[derive(Clone, Debug, PartialEq)]
pub struct LinearEncoding {
    /// How each feature is encoded.
    pub columns: Vec<LinearColumn>,
}

/// How the logistic regression sees a feature: as one, two or three columns.
#[derive(Clone, Debug, PartialEq)]
pub enum LinearColumn {
    /// The number, then an indicator of missing values, then the threshold of a documented column.
    Numeric {
        /// Median of the training rows, in place of missing values.
        median: f64,
        /// Whether a training row had none, so that there is an indicator.
        has_indicator: bool,
        /// What is worth a column of its own.
        flag: Option<Flag>,
    },
    /// A category: the words told apart, then all others, then missing.
    Text {
        /// Words told apart, ascending by bytes.
        levels: Vec<String>,
    },
}

/// A threshold of a documented column at which customers are known to turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flag {
    /// `service_tickets` ≥ 3
    ManyTickets,
    /// `nps` < 0
    Detractor,
    /// `payment_events` ≥ 1
    PaymentTrouble,
}

impl Flag {
    /// The flag of a documented column, if it has one.
    #[must_use]
    pub fn of(column: Documented) -> Option<Self> {
        match column {
            Documented::ServiceTickets => Some(Self::ManyTickets),
            Documented::Nps => Some(Self::Detractor),
            Documented::PaymentEvents => Some(Self::PaymentTrouble),
            Documented::Tenure | Documented::UsageFrequency => None,
        }
    }

    /// Whether a value is beyond the threshold.
    #[must_use]
    pub fn is_raised(self, value: f64) -> bool {
        match self {
            Self::ManyTickets => value >= 3.0,
            Self::Detractor => value < 0.0,
            Self::PaymentTrouble => value >= 1.0,
        }
    }
}

impl TreeEncoding {
    /// Learns from training rows and their outcomes.
    pub(super) fn fit(features: &Features, rows: &[u32], outcomes: &[bool]) -> Self {
        let column = |feature: &Feature| match &feature.values {
            FeatureValues::Numeric(_) => TreeColumn::Numeric,
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
}

impl TreeColumn {
    /// The number that stands for a word.
    #[must_use]
    pub fn number_of(&self, word: &str) -> Option<f64> {
        match self {
            Self::Numeric => None,
            Self::Text {
                levels,
                rates,
                other,
            } => {
                let place = levels.binary_search_by(|level| level.as_str().cmp(word));
                Some(place.map_or(*other, |place| rates[place]))
            }
        }
    }

    fn encode(&self, values: &FeatureValues, rows: &[u32]) -> Vec<f64> {
        match (self, values) {
            (Self::Numeric, FeatureValues::Numeric(values)) => {
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
    // Counts of each word, and of all that are not told apart.
    let mut counts = vec![[0.0; 2]; levels.len() + 1];
    for (&row, &churned) in rows.iter().zip(outcomes) {
        let place = match codes[row as usize] {
            MISSING_TEXT => continue,
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
        other: rate(counts[levels.len()]),
    }
}

impl LinearEncoding {
    /// Learns from training rows; outcomes play no part.
    pub(super) fn fit(features: &Features, rows: &[u32]) -> Self {
        let column = |feature: &Feature| match &feature.values {
            FeatureValues::Numeric(values) => {
                let present = rows.iter().map(|&row| values[row as usize]);
                let mut present: Vec<f64> = present.filter(|value| !value.is_nan()).collect();
                LinearColumn::Numeric {
                    has_indicator: present.len() < rows.len(),
                    median: median(&mut present),
                    flag: feature.documented.and_then(Flag::of),
                }
            }
            FeatureValues::Text {
                levels, is_kept, ..
            } => {
                let kept = levels.iter().zip(is_kept).filter(|(_, is_kept)| **is_kept);
                LinearColumn::Text {
                    levels: kept.map(|(level, _)| level.clone()).collect(),
                }
            }
        };
        Self {
            columns: features.columns.iter().map(column).collect(),
        }
    }

    /// The feature that each column of the design belongs to.
    #[must_use]
    pub fn sources(&self) -> Vec<usize> {
        let sources = self.columns.iter().enumerate();
        sources
            .flat_map(|(source, column)| std::iter::repeat_n(source, column.n_columns()))
            .collect()
    }

    /// The columns of some rows.
    ///
    /// # Panics
    /// When the features are not of the kinds of the fit.
    #[must_use]
    pub fn encode(&self, features: &Features, rows: &[u32]) -> LinearRows {
        let mut columns = Vec::new();
        for (column, feature) in self.columns.iter().zip(&features.columns) {
            column.encode(&feature.values, rows, &mut columns);
        }
        LinearRows {
            columns,
            n_rows: rows.len(),
        }
    }
}

impl LinearColumn {
    /// Columns of the design.
    #[must_use]
    pub fn n_columns(&self) -> usize {
        match self {
            Self::Numeric {
                has_indicator,
                flag,
                ..
            } => 1 + usize::from(*has_indicator) + usize::from(flag.is_some()),
            Self::Text { .. } => 1,
        }
    }

    fn encode(&self, values: &FeatureValues, rows: &[u32], columns: &mut Vec<LinearValues>) {
        match (self, values) {
            (
                Self::Numeric {
                    median,
                    has_indicator,
                    flag,
                },
                FeatureValues::Numeric(values),
            ) => {
                let of_rows = || rows.iter().map(|&row| values[row as usize]);
                let filled = of_rows().map(|value| if value.is_nan() { *median } else { value });
                let filled: Vec<f64> = filled.collect();
                let yes = |holds: bool| f64::from(u8::from(holds));
                let indicator = has_indicator.then(|| {
                    let missing = of_rows().map(|value| yes(value.is_nan()));
                    LinearValues::Numeric(missing.collect())
                });
                let raised = flag.map(|flag| {
                    let raised = filled.iter().map(|&value| yes(flag.is_raised(value)));
                    LinearValues::Numeric(raised.collect())
                });
                columns.push(LinearValues::Numeric(filled));
                columns.extend(indicator);
                columns.extend(raised);
            }
            (Self::Text { levels: kept }, FeatureValues::Text { levels, codes, .. }) => {
                let place = |level: &String| kept.binary_search(level).unwrap_or(kept.len());
                let places: Vec<u32> = levels.iter().map(|level| place(level) as u32).collect();
                let code = |&row: &u32| match codes[row as usize] {
                    MISSING_TEXT => kept.len() as u32 + 1,
                    code => places[code as usize],
                };
                columns.push(LinearValues::Codes {
                    codes: rows.iter().map(code).collect(),
                    n_levels: kept.len() + 2,
                });
            }
            _ => panic!("features of the kinds of the fit"),
        }
    }
}

/// Rows for a logistic regression.
#[derive(Clone, Debug, PartialEq)]
pub struct LinearRows {
    columns: Vec<LinearValues>,
    n_rows: usize,
}

#[derive(Clone, Debug, PartialEq)]
enum LinearValues {
    Numeric(Vec<f64>),
    Codes { codes: Vec<u32>, n_levels: usize },
}

impl LinearRows {
    /// What the learner takes.
    #[must_use]
    pub fn design(&self) -> Design<'_> {
        let mut columns = Vec::with_capacity(self.columns.len());
        for values in &self.columns {
            columns.push(match values {
                LinearValues::Numeric(values) => Column::Numeric(values),
                LinearValues::Codes { codes, n_levels } => Column::Categorical {
                    codes,
                    n_levels: *n_levels,
                },
            });
        }
        Design::new(columns, self.n_rows)
    }
}

/// The median of some values, which are put in another order; 0 of none, where nothing is known and nothing follows.
pub(super) fn median(values: &mut [f64]) -> f64 {
    let n = values.len();
    if n == 0 {
        return 0.0;
    }
    let (below, &mut upper, _) = values.select_nth_unstable_by(n / 2, f64::total_cmp);
    if n % 2 == 1 {
        return upper;
    }
    let lower = below.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    // Halves first: the sum of two large numbers may be none.
    0.5 * lower + 0.5 * upper
}
