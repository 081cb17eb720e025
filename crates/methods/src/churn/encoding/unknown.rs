//! Values that the training rows of a model did not have, so that it learned nothing of them.
//!
//! A value is unknown to a model when it is a word none of whose training rows had it, one of all the other words where fewer than
//! five training rows had any of these, or missing where fewer than five lacked it. Splits of trees send such a value somewhere
//! all the same, by accident: it is averaged over instead, and nothing is told of it as a reason. The logistic regression, which
//! has a median for missing numbers and no coefficient for words without rows, needs no average: to it a value is unknown where no
//! training row had it.

use std::collections::BTreeMap;

use clientela_learn::logistic::{ElasticNet, Term};
use clientela_tables::MISSING_TEXT;

use super::linear::{LinearColumn, LinearEncoding};
use crate::churn::features::{FeatureValues, Features};

/// How many training rows must lack a value, or have one of the words that are not told apart, for that to mean anything: as many
/// as a word must have to be told apart.
pub(super) const ROWS_TO_KNOW: usize = 5;

/// Which values of some rows are unknown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::churn) struct Unknown {
    /// For each feature whether the value of each row is unknown; `None` where no row's is.
    of_features: Vec<Option<Vec<bool>>>,
    n_rows: usize,
}

/// Rows of which the same features are unknown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::churn) struct UnknownPattern {
    /// For each feature.
    pub(in crate::churn) is_unknown: Vec<bool>,
    /// Places among the rows, ascending.
    pub(in crate::churn) members: Vec<u32>,
}

impl Unknown {
    /// Of the flags of each feature.
    pub(super) fn of(n_rows: usize, of_features: impl Iterator<Item = Option<Vec<bool>>>) -> Self {
        let is_any = |flags: &Vec<bool>| flags.contains(&true);
        Self {
            of_features: of_features.map(|flags| flags.filter(is_any)).collect(),
            n_rows,
        }
    }

    /// How many rows there are.
    pub(in crate::churn) fn n_rows(&self) -> usize {
        self.n_rows
    }

    /// Whether the value of a row, by its place among the rows, is unknown.
    pub(in crate::churn) fn is(&self, feature: usize, row: usize) -> bool {
        let flags = self.of_features[feature].as_ref();
        flags.is_some_and(|flags| flags[row])
    }

    /// The features of which some row's value is unknown.
    pub(in crate::churn) fn features(&self) -> impl Iterator<Item = usize> + '_ {
        let features = self.of_features.iter().enumerate();
        features.filter_map(|(feature, flags)| flags.is_some().then_some(feature))
    }

    /// All rows by what is unknown of them.
    pub(in crate::churn) fn patterns(&self) -> Vec<UnknownPattern> {
        let features: Vec<usize> = self.features().collect();
        let mut by_features: BTreeMap<Vec<usize>, Vec<u32>> = BTreeMap::new();
        let mut unknown = Vec::new();
        for row in 0..self.n_rows {
            unknown.clear();
            unknown.extend(
                features
                    .iter()
                    .copied()
                    .filter(|&feature| self.is(feature, row)),
            );
            match by_features.get_mut(&unknown) {
                Some(members) => members.push(row as u32),
                None => {
                    by_features.insert(unknown.clone(), vec![row as u32]);
                }
            }
        }
        let n_features = self.of_features.len();
        let pattern = |(unknown, members): (Vec<usize>, Vec<u32>)| UnknownPattern {
            is_unknown: (0..n_features)
                .map(|feature| unknown.contains(&feature))
                .collect(),
            members,
        };
        by_features.into_iter().map(pattern).collect()
    }
}

impl LinearEncoding {
    /// Which values of some rows the model learned nothing of.
    ///
    /// # Panics
    /// When the features are not of the kinds of the fit.
    pub(in crate::churn) fn unknown(
        &self,
        net: &ElasticNet,
        features: &Features,
        rows: &[u32],
    ) -> Unknown {
        let mut terms = &net.terms[..];
        let both = self.columns.iter().zip(&features.columns);
        let flags = both.map(|(column, feature)| {
            let (own, others) = terms.split_at(column.n_columns());
            terms = others;
            column.unknown(own, &feature.values, rows)
        });
        Unknown::of(rows.len(), flags)
    }
}

impl LinearColumn {
    /// Whether each value is unknown, by the terms of the column; `None` where none can be.
    fn unknown(&self, terms: &[Term], values: &FeatureValues, rows: &[u32]) -> Option<Vec<bool>> {
        match (self, values, terms) {
            (Self::Numeric { has_indicator, .. }, FeatureValues::Numeric(values), _) => {
                let is_unknown = |&row: &u32| values[row as usize].is_nan();
                (!has_indicator).then(|| rows.iter().map(is_unknown).collect())
            }
            (
                Self::Text { levels: kept },
                FeatureValues::Text { levels, codes, .. },
                [Term::Categorical { shares, .. }],
            ) => {
                let place = |word| kept.binary_search(word).unwrap_or(kept.len());
                let is_unknown = |word| shares[place(word)] == 0.0;
                let is_unknown: Vec<bool> = levels.iter().map(is_unknown).collect();
                let flag = |&row: &u32| match codes[row as usize] {
                    MISSING_TEXT => shares[kept.len() + 1] == 0.0,
                    code => is_unknown[code as usize],
                };
                Some(rows.iter().map(flag).collect())
            }
            _ => panic!("features of the kinds of the fit"),
        }
    }
}

impl UnknownPattern {
    /// Whether everything is known.
    pub(in crate::churn) fn is_none(&self) -> bool {
        !self.is_unknown.contains(&true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_put_together_by_what_is_unknown_of_them() {
        let flags = [
            Some(vec![false, true, false, true]),
            Some(vec![false; 4]),
            Some(vec![false, true, true, true]),
            None,
        ];
        let unknown = Unknown::of(4, flags.into_iter());
        assert_eq!(unknown.features().collect::<Vec<_>>(), [0, 2]);
        assert!(unknown.is(0, 1) && !unknown.is(0, 2) && !unknown.is(1, 1));
        let pattern = |is_unknown: [bool; 4], members: &[u32]| UnknownPattern {
            is_unknown: is_unknown.to_vec(),
            members: members.to_vec(),
        };
        let expected = [
            pattern([false; 4], &[0]),
            pattern([true, false, true, false], &[1, 3]),
            pattern([false, false, true, false], &[2]),
        ];
        assert_eq!(unknown.patterns(), expected);
        assert!(expected[0].is_none() && !expected[2].is_none());
    }
}
