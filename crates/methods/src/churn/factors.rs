//! The strongest reasons for each row's risk, with the customer's value and how it compares.

use clientela_tables::MISSING_TEXT;
use rayon::prelude::*;

use super::attributions::Attributions;
use super::features::{Feature, FeatureValues};
use super::report::{CustomerRisk, RiskBand, RiskReport};
use super::values::{ColumnValues, Group, Spread, SpreadValues};

/// Log-odds below which an attribution is no reason: a change of the probability by at most 0.0025.
pub const NEGLIGIBLE_LOG_ODDS: f64 = 0.01;
/// Share of the row's largest attribution below which another is no reason.
pub const NEGLIGIBLE_SHARE: f64 = 0.1;

/// Rows that are looked at together.
const BLOCK: usize = 4096;

/// The strongest reasons for the risk of each row.
#[derive(Clone, Debug, PartialEq)]
pub struct Factors {
    columns: Vec<Summary>,
    churn_rate: Option<f64>,
    factors: Vec<Stored>,
    /// Where the factors of each row end.
    ends: Vec<usize>,
}

/// A reason for the risk of a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Factor<'a> {
    /// The column.
    pub feature: &'a str,
    /// What it adds to the log-odds of the row; not 0.
    pub attribution: f64,
    /// The row's value.
    pub value: FactorValue<'a>,
    /// How that compares.
    pub comparison: Comparison,
}

impl Factor<'_> {
    /// Whether it makes the risk higher.
    #[must_use]
    pub fn raises(&self) -> bool {
        self.attribution > 0.0
    }
}

/// The value of a row in a column.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum FactorValue<'a> {
    /// A number.
    Number(f64),
    /// Yes or no.
    Boolean(bool),
    /// Words.
    Text(&'a str),
    /// None.
    Missing,
}

/// How a value compares with those of the labelled rows under a model that learned from them, else with those of all rows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Comparison {
    /// A number among the numbers of the others.
    Number {
        /// Their median.
        median: f64,
        /// Share of them that are lower; in [0, 1].
        share_lower: f64,
        /// Share of them that are higher; in [0, 1], the rest being equal.
        share_higher: f64,
    },
    /// Rows with the same word, the same answer, or likewise without a value.
    Same {
        /// Their share of the rows, in [0, 1].
        share: f64,
        /// How many of them are labelled.
        n_labelled: usize,
        /// Share of the labelled ones that churned, in [0, 1]; `None` without any.
        churn_rate: Option<f64>,
        /// Whether the word is too rare to be told apart, and these are the rows of all such words.
        is_other: bool,
    },
}

/// What factors of a column have in common.
#[derive(Clone, Debug, PartialEq)]
struct Summary {
    name: String,
    /// 0 where the values are not numbers.
    median: f64,
    /// The words of a column of words.
    words: Vec<String>,
    /// How each level compares: no and yes, or each word.
    levels: Vec<Comparison>,
    missing: Comparison,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Stored {
    feature: u32,
    attribution: f64,
    value: StoredValue,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum StoredValue {
    /// A number with the shares of lower and higher ones.
    Number(f64, [f64; 2]),
    Boolean(bool),
    /// A place among the words.
    Text(u32),
    Missing,
}

impl Factors {
    /// The reasons for the risk of a row of the table, those that make it what it is first.
    pub fn of_row(&self, row: usize) -> impl ExactSizeIterator<Item = Factor<'_>> {
        let start = row.checked_sub(1).map_or(0, |before| self.ends[before]);
        let stored = self.factors[start..self.ends[row]].iter();
        stored.map(|stored| self.factor(stored))
    }

    /// The share of the labelled rows that churned, which rates of words are held against; `None` without labels.
    #[must_use]
    pub fn churn_rate(&self) -> Option<f64> {
        self.churn_rate
    }

    fn factor<'a>(&'a self, stored: &Stored) -> Factor<'a> {
        let column = &self.columns[stored.feature as usize];
        let (value, comparison) = match stored.value {
            StoredValue::Number(number, [share_lower, share_higher]) => {
                let comparison = Comparison::Number {
                    median: column.median,
                    share_lower,
                    share_higher,
                };
                (FactorValue::Number(number), comparison)
            }
            StoredValue::Boolean(yes) => {
                (FactorValue::Boolean(yes), column.levels[usize::from(yes)])
            }
            StoredValue::Text(word) => {
                let text = &column.words[word as usize];
                (FactorValue::Text(text), column.levels[word as usize])
            }
            StoredValue::Missing => (FactorValue::Missing, column.missing),
        };
        Factor {
            feature: &column.name,
            attribution: stored.attribution,
            value,
            comparison,
        }
    }
}

/// The reasons for each row's risk, at most so many.
///
/// Where the band is medium or high, or the row's risk is above the base of its attributions, reasons that raise the risk come
/// first: someone who calls the customer asks what is wrong. Else those that lower it: the customer is safe because of them.
/// Within each kind the stronger one comes first, equal ones in the order of the columns.
/// No reason is an attribution below 0.01 log-odds or a tenth of the row's largest; a row of which nothing tells has none.
#[must_use]
pub fn factors(
    values: &ColumnValues<'_>,
    report: &RiskReport,
    attributions: &Attributions,
    most: usize,
) -> Factors {
    let columns = summaries(values);
    let of_block = |(block, customers): (usize, &[CustomerRisk])| {
        let (mut factors, mut order) = (Vec::new(), Vec::new());
        let mut lengths = Vec::with_capacity(customers.len());
        for (i, customer) in customers.iter().enumerate() {
            let row = block * BLOCK + i;
            let of_row = attributions.of_row(row);
            strongest(customer, of_row, &mut order);
            order.truncate(most);
            lengths.push(order.len());
            factors.extend(order.iter().map(|&feature| Stored {
                feature: feature as u32,
                attribution: of_row[feature],
                value: values.stored(feature, values.places[row] as usize),
            }));
        }
        (factors, lengths)
    };
    let blocks = report.customers.par_chunks(BLOCK).enumerate();
    let (of_blocks, lengths): (Vec<Vec<Stored>>, Vec<Vec<usize>>) = blocks.map(of_block).unzip();
    let ends = lengths.iter().flatten().scan(0, |end, &length| {
        *end += length;
        Some(*end)
    });
    Factors {
        ends: ends.collect(),
        factors: of_blocks.concat(),
        columns,
        churn_rate: values.churn_rate(),
    }
}

/// The features that are reasons for a row's risk, in the order they are told.
fn strongest(customer: &CustomerRisk, attributions: &[f64], order: &mut Vec<usize>) {
    let largest = attributions
        .iter()
        .fold(0.0, |largest: f64, a| largest.max(a.abs()));
    let least = (NEGLIGIBLE_SHARE * largest).max(NEGLIGIBLE_LOG_ODDS);
    let is_above = attributions.iter().sum::<f64>() > 0.0;
    let raising_first = customer.band > RiskBand::Low || is_above;
    order.clear();
    order.extend((0..attributions.len()).filter(|&feature| attributions[feature].abs() >= least));
    let is_later = |feature: usize| (attributions[feature] > 0.0) != raising_first;
    order.sort_by(|&a, &b| {
        let by_strength = attributions[b].abs().total_cmp(&attributions[a].abs());
        is_later(a).cmp(&is_later(b)).then(by_strength)
    });
}

fn summaries(values: &ColumnValues<'_>) -> Vec<Summary> {
    let both = values.features.columns.iter().zip(&values.spreads);
    let same = |group: Group, is_other: bool| Comparison::Same {
        share: values.share(group),
        n_labelled: group.n_labelled,
        churn_rate: group.churn_rate(),
        is_other,
    };
    let levels = |feature: &Feature, spread: &Spread| match (&feature.values, &spread.values) {
        (_, SpreadValues::Booleans(groups)) => groups.map(|group| same(group, false)).to_vec(),
        (FeatureValues::Text { is_kept, .. }, SpreadValues::Words { group_of, groups }) => {
            let words = group_of.iter().zip(is_kept);
            words
                .map(|(&group, &is_kept)| same(groups[group as usize], !is_kept))
                .collect()
        }
        _ => Vec::new(),
    };
    let summary = both.map(|(feature, spread)| Summary {
        name: feature.name.clone(),
        median: match &spread.values {
            SpreadValues::Numbers(numbers) => numbers.median().unwrap_or(0.0),
            SpreadValues::Booleans(_) | SpreadValues::Words { .. } => 0.0,
        },
        words: match &feature.values {
            FeatureValues::Text { levels, .. } => levels.clone(),
            FeatureValues::Numeric(_) => Vec::new(),
        },
        levels: levels(feature, spread),
        missing: same(spread.missing, false),
    });
    summary.collect()
}

impl ColumnValues<'_> {
    fn stored(&self, feature: usize, place: usize) -> StoredValue {
        let spread = &self.spreads[feature].values;
        match (&self.features.columns[feature].values, spread) {
            (FeatureValues::Numeric(own), _) if own[place].is_nan() => StoredValue::Missing,
            (FeatureValues::Numeric(own), SpreadValues::Numbers(numbers)) => {
                StoredValue::Number(own[place], numbers.shares(own[place]))
            }
            (FeatureValues::Numeric(own), _) => StoredValue::Boolean(own[place] != 0.0),
            (FeatureValues::Text { codes, .. }, _) => match codes[place] {
                MISSING_TEXT => StoredValue::Missing,
                word => StoredValue::Text(word),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::churn::report::Source;

    #[track_caller]
    fn check(probability: f64, attributions: &[f64], expected: &[usize]) {
        let customer = CustomerRisk {
            probability,
            log_odds: 0.0,
            calibrated_log_odds: 0.0,
            score: 0.0,
            percentile: 0.5,
            lift: 1.0,
            band: RiskBand::of(probability),
            source: Source::AllRows,
        };
        let mut order = Vec::new();
        strongest(&customer, attributions, &mut order);
        assert_eq!(order, expected);
    }

    #[test]
    fn what_raises_comes_first_where_the_risk_is_high_and_what_lowers_where_it_is_low() {
        check(0.7, &[-2.0, 1.0, 0.5, -0.3], &[1, 2, 0, 3]);
        check(0.1, &[-2.0, 1.0, 0.5, -0.3], &[0, 3, 1, 2]);
        // Low, and yet above the base.
        check(0.1, &[-0.5, 1.0], &[1, 0]);
    }

    #[test]
    fn negligible_attributions_are_no_reasons() {
        check(0.7, &[0.05, 1.0, 0.1, -0.099], &[1, 2]);
        check(0.7, &[0.009, 0.0, -0.009], &[]);
        check(0.7, &[], &[]);
    }

    #[test]
    fn equal_attributions_stand_in_the_order_of_columns() {
        check(0.7, &[0.5, 0.5, -0.5, 0.5], &[0, 1, 3, 2]);
    }
}
