//! Features for the logistic regression: numbers with the median in place of missing ones and an indicator beside them,
//! words as categories, and the thresholds of documented columns as columns of zeros and ones.
//!
//! A line goes on without end, what was learned does not: a number beyond those of the training rows counts as the nearest of
//! theirs.

use clientela_learn::logistic::{Column, Design};
use clientela_tables::MISSING_TEXT;
use serde::{Deserialize, Serialize};

use crate::churn::columns::Documented;
use crate::churn::features::{Feature, FeatureValues, Features};

/// What turns features into the columns of a [`Design`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LinearEncoding {
    /// How each feature is encoded.
    pub columns: Vec<LinearColumn>,
}

/// How the logistic regression sees a feature: as one, two or three columns.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum LinearColumn {
    /// The number, then an indicator of missing values, then the threshold of a documented column.
    Numeric {
        /// Median of the training rows, in place of missing values.
        median: f64,
        /// The lowest number of the training rows; numbers below count as it.
        lowest: f64,
        /// The highest, at least `lowest`; numbers above count as it. Without numbers all three are 0.
        highest: f64,
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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

impl LinearEncoding {
    /// Learns from training rows; outcomes play no part.
    pub(in crate::churn) fn fit(features: &Features, rows: &[u32]) -> Self {
        let column = |feature: &Feature| match &feature.values {
            FeatureValues::Numeric(values) => {
                let present = rows.iter().map(|&row| values[row as usize]);
                let mut present: Vec<f64> = present.filter(|value| !value.is_nan()).collect();
                let has_indicator = present.len() < rows.len();
                let median = median(&mut present);
                let numbers = || present.iter().copied();
                LinearColumn::Numeric {
                    lowest: numbers().reduce(f64::min).unwrap_or(median),
                    highest: numbers().reduce(f64::max).unwrap_or(median),
                    median,
                    has_indicator,
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
    /// When the features are not of the kinds of the fit, or the lowest number of a column is above its highest.
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
                    lowest,
                    highest,
                    has_indicator,
                    flag,
                },
                FeatureValues::Numeric(values),
            ) => {
                let of_rows = || rows.iter().map(|&row| values[row as usize]);
                let filled = of_rows().map(|value| if value.is_nan() { *median } else { value });
                let filled: Vec<f64> = filled.map(|x| x.clamp(*lowest, *highest)).collect();
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
pub(in crate::churn) fn median(values: &mut [f64]) -> f64 {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn column(name: &str, values: FeatureValues) -> Feature {
        Feature {
            name: name.to_owned(),
            documented: Documented::of(name),
            values,
        }
    }

    fn features() -> Features {
        let words = FeatureValues::Text {
            levels: ["a", "b", "c"].map(str::to_owned).to_vec(),
            is_kept: vec![true, false, true],
            codes: vec![2, 1, 0, MISSING_TEXT],
        };
        let tickets = vec![4.0, f64::NAN, 1.0, 3.0];
        Features {
            n_rows: 4,
            columns: vec![
                column("service_tickets", FeatureValues::Numeric(tickets)),
                column("x", FeatureValues::Numeric(vec![1.0, 2.0, 3.0, f64::NAN])),
                column("plan", words),
            ],
        }
    }

    #[test]
    fn missing_numbers_become_the_median_of_the_training_rows_with_an_indicator() {
        let encoding = LinearEncoding::fit(&features(), &[0, 1, 2]);
        let rows = encoding.encode(&features(), &[0, 1, 2, 3]);
        let numbers = |values: &[f64]| LinearValues::Numeric(values.to_vec());
        let expected = [
            numbers(&[4.0, 2.5, 1.0, 3.0]),
            numbers(&[0.0, 1.0, 0.0, 0.0]),
            // Three tickets or more.
            numbers(&[1.0, 0.0, 0.0, 1.0]),
            // No training row lacked x: the fourth has the median and no indicator.
            numbers(&[1.0, 2.0, 3.0, 2.0]),
            LinearValues::Codes {
                codes: vec![1, 2, 0, 3],
                n_levels: 4,
            },
        ];
        assert_eq!(rows.columns, expected);
        assert_eq!(encoding.sources(), [0, 0, 0, 1, 2]);
        assert_eq!(rows.design().n_columns(), 5);
    }

    #[test]
    fn numbers_beyond_those_of_the_training_rows_count_as_the_nearest_of_them() {
        let of = |numbers: &[f64]| Features {
            n_rows: numbers.len(),
            columns: vec![column("x", FeatureValues::Numeric(numbers.to_vec()))],
        };
        let filled = |encoding: &LinearEncoding, numbers: &[f64]| {
            let rows: Vec<u32> = (0..numbers.len() as u32).collect();
            match encoding.encode(&of(numbers), &rows).columns.swap_remove(0) {
                LinearValues::Numeric(values) => values,
                LinearValues::Codes { .. } => panic!("numbers"),
            }
        };
        let encoding = LinearEncoding::fit(&of(&[10.0, -2.0, f64::NAN, 4.0]), &[0, 1, 2, 3]);
        let asked = [1e5, 10.0, 9.5, -2.0, -2.5, f64::MIN, f64::NAN];
        let expected = [10.0, 10.0, 9.5, -2.0, -2.0, -2.0, 4.0];
        assert_eq!(filled(&encoding, &asked), expected);
        let unknown = LinearEncoding::fit(&of(&[f64::NAN]), &[0]);
        assert_eq!(filled(&unknown, &[7.0, f64::NAN]), [0.0, 0.0]);
    }

    #[test]
    fn flags_are_raised_at_their_thresholds() {
        let raised = |column, value| Flag::of(column).is_some_and(|flag| flag.is_raised(value));
        assert!(raised(Documented::ServiceTickets, 3.0));
        assert!(!raised(Documented::ServiceTickets, 2.0));
        assert!(raised(Documented::Nps, -1.0) && !raised(Documented::Nps, 0.0));
        assert!(raised(Documented::PaymentEvents, 1.0));
        assert!(!raised(Documented::Tenure, 1e9));
    }

    #[test]
    fn medians_are_those_of_sorted_values() {
        assert_eq!(median(&mut []), 0.0);
        assert_eq!(median(&mut [7.0, -1.0, 3.0]), 3.0);
        assert_eq!(median(&mut [7.0, -1.0, 3.0, 4.0]), 3.5);
        assert_eq!(median(&mut [1e308, 1.6e308]), 1.3e308);
    }
}
