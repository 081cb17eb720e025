//! The columns that may be changed, with what a model makes of each value that they may be changed to.

use clientela_numerics::{StopToken, Stopped};
use clientela_tables::MISSING_TEXT;

use super::ActionDirection;
use super::candidates::{Candidates, Pieces};
use super::ground::Ground;
use crate::churn::attributions::terms;
use crate::churn::columns::Documented;
use crate::churn::encoding::{Flag, LinearColumn, TreeEncoding};
use crate::churn::families::FittedModel;
use crate::churn::features::{Feature, FeatureValues, Features};
use crate::churn::heuristic::contribution;
use crate::churn::values::{ColumnValues, Numbers, SpreadValues};

/// A column that may be changed.
pub(super) struct Column<'a> {
    pub(super) feature: usize,
    /// All its numbers; `None` where they are none.
    pub(super) numbers: Option<&'a Numbers>,
    pub(super) direction: ActionDirection,
    pub(super) candidates: Candidates,
    /// The level of each candidate; empty for numbers.
    pub(super) levels: Vec<u32>,
    /// Whether each candidate is one of the words that are allowed, where some are named.
    pub(super) is_target: Vec<bool>,
    /// Whether the model learned anything of each candidate.
    pub(super) is_known: Vec<bool>,
    /// The cell of each candidate, under trees.
    pub(super) cells: Vec<u32>,
    /// What each candidate adds to the score, without trees.
    pub(super) terms: Vec<f64>,
    /// What each candidate adds to z of the formula, where that has a share.
    pub(super) formula: Vec<f64>,
    /// Which column of the formula it is, where that has a share or serves alone.
    pub(super) in_formula: Option<Documented>,
}

impl<'a> Column<'a> {
    pub(super) fn of(
        ground: &Ground<'a>,
        values: &'a ColumnValues<'_>,
        feature: usize,
        direction: ActionDirection,
        stop: &StopToken,
    ) -> Result<Self, Stopped> {
        let of_feature = &values.features.columns[feature];
        let numbers = match &values.spreads[feature].values {
            SpreadValues::Numbers(numbers) => Some(numbers),
            SpreadValues::Booleans(_) | SpreadValues::Words { .. } => None,
        };
        let in_formula = of_feature
            .documented
            .filter(|_| numbers.is_some() && (ground.is_mixed || ground.served.is_none()));
        let candidates = candidates(ground, values, feature);
        let words = match &of_feature.values {
            FeatureValues::Text { levels, .. } => &levels[..],
            FeatureValues::Numeric(_) => &[],
        };
        let is_target = |&value: &f64| match &direction {
            ActionDirection::To(allowed) => words
                .get(value as usize)
                .is_some_and(|word| allowed.contains(word)),
            _ => true,
        };
        let mut column = Self {
            feature,
            numbers,
            levels: levels_of(&values.spreads[feature].values, &candidates),
            is_target: candidates.values.iter().map(is_target).collect(),
            is_known: vec![true; candidates.values.len()],
            direction,
            candidates,
            cells: Vec::new(),
            terms: Vec::new(),
            formula: Vec::new(),
            in_formula,
        };
        let of_formula = in_formula.map_or(Vec::new(), |known| {
            let tried = column.candidates.values.iter();
            tried.map(|&value| contribution(known, value)).collect()
        });
        match ground.served {
            Some(served) => {
                column.formula = of_formula;
                column.see(&served.model, ground, &values.features, stop)?;
            }
            None => column.terms = of_formula,
        }
        Ok(column)
    }

    /// Finds out what a model makes of the candidates.
    fn see(
        &mut self,
        model: &FittedModel,
        ground: &Ground<'a>,
        features: &Features,
        stop: &StopToken,
    ) -> Result<(), Stopped> {
        let (feature, tried) = (self.feature, &self.candidates.values);
        let rows = rows_with(features, feature, tried);
        let places: Vec<u32> = (0..rows.n_rows as u32).collect();
        let unknown = model.unknown(&rows, &places);
        self.is_known = (0..tried.len())
            .map(|row| !unknown.is(feature, row))
            .collect();
        match model {
            FittedModel::Linear { encoding, net } => {
                let all = terms(encoding, net, &rows, &places, stop)?;
                let lines = all.chunks(features.columns.len());
                self.terms = lines.map(|line| line[feature]).collect();
            }
            FittedModel::Forest { encoding, .. } | FittedModel::Boosting { encoding, .. } => {
                let of_feature = &features.columns[feature];
                let number = |&value| number_for_trees(encoding, of_feature, feature, value);
                let cells = tried
                    .iter()
                    .map(|value| ground.cell_of(feature, number(value)));
                self.cells = cells.collect();
            }
        }
        Ok(())
    }
}

/// The level of each candidate; empty for numbers.
fn levels_of(values: &SpreadValues, candidates: &Candidates) -> Vec<u32> {
    let places = candidates.places.iter();
    match values {
        SpreadValues::Numbers(_) => Vec::new(),
        SpreadValues::Booleans(_) => places.copied().collect(),
        SpreadValues::Words { group_of, .. } => {
            places.map(|&word| group_of[word as usize]).collect()
        }
    }
}

/// The values that are tried: under trees those that they can tell apart.
fn candidates(ground: &Ground<'_>, values: &ColumnValues<'_>, feature: usize) -> Candidates {
    let documented = values.features.columns[feature].documented;
    let mut bends = documented.map_or(Vec::new(), bends_of);
    bends.extend(ends_of(ground, feature));
    let cell_of = |value: f64| ground.cell_of(feature, value);
    let pieces = match (&ground.trees, ground.is_mixed) {
        (Some(_), false) => Pieces::Cells(&cell_of),
        (Some(_), true) => Pieces::Both(&cell_of, &bends),
        (None, _) => Pieces::Lines(&bends),
    };
    Candidates::of(values, feature, &pieces)
}

/// Where a logistic regression ends to rise or fall: beyond the numbers it has learned from.
fn ends_of(ground: &Ground<'_>, feature: usize) -> Vec<f64> {
    match ground.served.map(|served| &served.model) {
        Some(FittedModel::Linear { encoding, .. }) => match encoding.columns[feature] {
            LinearColumn::Numeric {
                lowest, highest, ..
            } => vec![lowest, highest],
            LinearColumn::Text { .. } => Vec::new(),
        },
        _ => Vec::new(),
    }
}

/// Where the logistic regression or the formula turns.
fn bends_of(column: Documented) -> Vec<f64> {
    let turns_at = match column {
        Documented::Tenure => 1000.0,
        Documented::UsageFrequency => 7.0,
        Documented::ServiceTickets => 6.0,
        Documented::PaymentEvents => 4.0,
        Documented::Nps => return vec![0.0],
    };
    let flag = match Flag::of(column) {
        Some(Flag::ManyTickets) => Some(3.0),
        Some(Flag::Detractor) => Some(0.0),
        Some(Flag::PaymentTrouble) => Some(1.0),
        None => None,
    };
    flag.into_iter().chain([turns_at]).collect()
}

/// The number that trees see for a candidate.
fn number_for_trees(
    encoding: &TreeEncoding,
    of_feature: &Feature,
    feature: usize,
    value: f64,
) -> f64 {
    match &of_feature.values {
        FeatureValues::Numeric(_) => value,
        FeatureValues::Text { levels, .. } => {
            let number = encoding.columns[feature].number_of(&levels[value as usize]);
            number.unwrap_or(f64::NAN)
        }
    }
}

/// Rows that have a value each in one column, and none in the others.
fn rows_with(features: &Features, feature: usize, values: &[f64]) -> Features {
    let n_rows = values.len();
    let column = |(index, column): (usize, &Feature)| {
        let own = (index == feature).then_some(values);
        let values = match &column.values {
            FeatureValues::Numeric(_) => {
                FeatureValues::Numeric(own.map_or(vec![f64::NAN; n_rows], <[f64]>::to_vec))
            }
            FeatureValues::Text {
                levels, is_kept, ..
            } => FeatureValues::Text {
                levels: levels.clone(),
                is_kept: is_kept.clone(),
                codes: own.map_or(vec![MISSING_TEXT; n_rows], |own| {
                    own.iter().map(|&word| word as u32).collect()
                }),
            },
        };
        Feature {
            values,
            ..column.clone()
        }
    };
    Features {
        columns: features.columns.iter().enumerate().map(column).collect(),
        n_rows,
    }
}
