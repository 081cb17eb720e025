//! The values of explained columns, and how they are spread over the rows that a customer is compared with.

mod learned;
mod spread;

use std::borrow::Cow;

use clientela_numerics::{StopToken, Stopped};
use clientela_tables::{CustomerTraits, MISSING_TEXT, TraitValues};
use rayon::prelude::*;

use super::canonical::CanonicalRows;
use super::columns::Documented;
use super::features::{Feature, FeatureValues, Features};
use super::heuristic::numbers;
use super::report::{Basis, RiskReport};
use super::saved::SavedModel;
pub(in crate::churn) use spread::{Group, Numbers, Spread, SpreadValues};

/// The columns of [`super::Attributions`], row by row, with the rows that they are compared with: those that a model learned
/// from, labelled ones of the table or those of a saved model; under the formula all rows.
#[derive(Clone, Debug, PartialEq)]
pub struct ColumnValues<'a> {
    pub(in crate::churn) features: Cow<'a, Features>,
    /// The row of the table at each canonical place.
    pub(in crate::churn) order: Cow<'a, [u32]>,
    /// The canonical place of each row.
    pub(in crate::churn) places: Vec<u32>,
    /// Whether the customer at each canonical place churned.
    pub(in crate::churn) outcomes: Vec<Option<bool>>,
    /// Canonical places of the rows of the table that others are compared with, ascending; under a saved model all.
    pub(in crate::churn) compared: Vec<u32>,
    /// Whether others are compared with the rows that a saved model learned from.
    pub(in crate::churn) is_saved: bool,
    /// The rows that others are compared with.
    base: Group,
    /// One for each feature.
    pub(in crate::churn) spreads: Vec<Spread>,
}

impl<'a> ColumnValues<'a> {
    /// Those of a report; `traits` are what it is about. Rows are compared with labelled ones under a model that was learned from
    /// them, else with all.
    ///
    /// # Errors
    /// [`Stopped`] when the stop token is set.
    pub fn of(
        traits: &CustomerTraits,
        report: &'a RiskReport,
        stop: &StopToken,
    ) -> Result<Self, Stopped> {
        let (features, order) = match &report.models {
            Some(models) => (
                Cow::Borrowed(&models.features),
                Cow::Borrowed(&models.order[..]),
            ),
            None => {
                let order = CanonicalRows::of(traits, stop)?.order;
                let features = features_of_formula(traits, &order);
                (Cow::Owned(features), Cow::Owned(order))
            }
        };
        let mut places = vec![0; order.len()];
        for (place, &row) in order.iter().enumerate() {
            places[row as usize] = place as u32;
        }
        let churned = |&row: &u32| traits.churned()[row as usize];
        let outcomes: Vec<Option<bool>> = order.iter().map(churned).collect();
        let are_all = !matches!(report.basis, Basis::Learned(_));
        let is_compared = |place: &u32| are_all || outcomes[*place as usize].is_some();
        let compared: Vec<u32> = (0..order.len() as u32).filter(is_compared).collect();
        let spread = |feature: &Feature| {
            stop.poll()?;
            let is_boolean = traits
                .column(&feature.name)
                .is_some_and(|column| matches!(column.values, TraitValues::Boolean(_)));
            Ok(Spread::of(feature, is_boolean, &compared, &outcomes))
        };
        let spreads = features.columns.par_iter().map(spread);
        let mut base = Group::default();
        for &place in &compared {
            base.add(outcomes[place as usize]);
        }
        Ok(Self {
            spreads: spreads.collect::<Result<_, Stopped>>()?,
            features,
            order,
            places,
            outcomes,
            compared,
            is_saved: false,
            base,
        })
    }

    /// Those of rows that a saved model scored, compared with the rows that it learned from, as far as it knows them: numbers by
    /// the bins of [`super::Distribution`], so that shares of lower and higher ones are the least they may be.
    ///
    /// # Errors
    /// [`Stopped`] when the stop token is set.
    ///
    /// # Panics
    /// When the report is not one of this model.
    pub fn of_saved(
        traits: &CustomerTraits,
        report: &'a RiskReport,
        saved: &SavedModel,
        stop: &StopToken,
    ) -> Result<Self, Stopped> {
        let mut values = Self::of(traits, report, stop)?;
        assert_eq!(
            values.spreads.len(),
            saved.features.len(),
            "the model's columns"
        );
        let has_words = saved
            .features
            .iter()
            .any(|column| !column.levels.is_empty());
        if has_words {
            values.features = Cow::Owned(learned::with_all_words(&values.features, saved));
        }
        for (feature, column) in saved.features.iter().enumerate() {
            let own = &values.features.columns[feature].values;
            values.spreads[feature].compare_with(own, column);
        }
        let n = saved.n_churned + saved.n_others;
        values.is_saved = true;
        values.base = Group {
            n,
            n_labelled: n,
            n_churned: saved.n_churned,
        };
        Ok(values)
    }

    /// Share of the compared rows that a group has.
    pub(in crate::churn) fn share(&self, group: Group) -> f64 {
        group.n as f64 / self.base.n.max(1) as f64
    }

    /// The share of labelled rows that churned.
    pub(in crate::churn) fn churn_rate(&self) -> Option<f64> {
        self.base.churn_rate()
    }

    /// The place among the levels of what a row has; `None` for a number.
    pub(in crate::churn) fn level_at(&self, feature: usize, place: usize) -> Option<usize> {
        let spread = &self.spreads[feature].values;
        match (&self.features.columns[feature].values, spread) {
            (FeatureValues::Numeric(own), SpreadValues::Booleans(_)) => Some(match own[place] {
                value if value.is_nan() => 2,
                value => usize::from(value != 0.0),
            }),
            (FeatureValues::Numeric(own), _) => own[place].is_nan().then_some(0),
            (FeatureValues::Text { codes, .. }, SpreadValues::Words { group_of, groups }) => {
                Some(match codes[place] {
                    MISSING_TEXT => groups.len(),
                    code => group_of[code as usize] as usize,
                })
            }
            (FeatureValues::Text { .. }, _) => None,
        }
    }
}

/// The columns that the formula sees, as models would.
fn features_of_formula(traits: &CustomerTraits, order: &[u32]) -> Features {
    let column = |column: Documented| {
        let values = numbers(traits, column)?;
        Some(Feature {
            name: column.name().to_owned(),
            documented: Some(column),
            values: FeatureValues::Numeric(order.iter().map(|&row| values[row as usize]).collect()),
        })
    };
    Features {
        columns: Documented::ALL.into_iter().filter_map(column).collect(),
        n_rows: order.len(),
    }
}
