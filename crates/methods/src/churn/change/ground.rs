//! What the model behind some rows makes of the values that their columns may be changed to.

use clientela_learn::calibration::{log_odds, probability};
use clientela_numerics::{StopToken, Stopped};
use clientela_tables::MISSING_TEXT;

use super::ActionDirection;
use super::candidates::{Candidates, Pieces};
use super::trees::CellTrees;
use crate::churn::attributions::terms;
use crate::churn::columns::Documented;
use crate::churn::encoding::{Flag, TreeEncoding};
use crate::churn::families::FittedModel;
use crate::churn::features::{Feature, FeatureValues, Features};
use crate::churn::heuristic::contribution;
use crate::churn::report::{RiskBand, ServedModel};
use crate::churn::values::{ColumnValues, Numbers, SpreadValues};

/// Halvings of the range of scores: more change nothing that a double can tell.
const HALVINGS: usize = 120;
/// Scores that are searched for the one at which a band begins.
const SCORE_MAX: f64 = 1e7;
/// By how much, relative to 1 and the score, a change has to do more than what is just enough, so that rounding undoes nothing.
const MARGIN: f64 = 1e-9;

/// One model with the columns that may be changed.
pub(super) struct Ground<'a> {
    /// `None` for the formula.
    served: Option<&'a ServedModel>,
    pub(super) trees: Option<CellTrees>,
    pub(super) columns: Vec<Column<'a>>,
    /// Whether the formula has a share in what is served.
    pub(super) is_mixed: bool,
    /// Levels (see [`Ground::level`]) up to which a row is below the band, for medium and high.
    limits: [f64; 2],
}

/// A column that may be changed.
pub(super) struct Column<'a> {
    pub(super) feature: usize,
    /// All its numbers; `None` where they are none.
    pub(super) numbers: Option<&'a Numbers>,
    pub(super) direction: ActionDirection,
    pub(super) candidates: Candidates,
    /// The cell of each candidate, under trees.
    pub(super) cells: Vec<u32>,
    /// What each candidate adds to the score, without trees.
    pub(super) terms: Vec<f64>,
    /// What each candidate adds to z of the formula, where that has a share.
    pub(super) formula: Vec<f64>,
    /// Which column of the formula it is, where that has a share or serves alone.
    pub(super) in_formula: Option<Documented>,
}

impl<'a> Ground<'a> {
    /// Of a fitted model, or of the formula.
    pub(super) fn of(
        served: Option<&'a ServedModel>,
        values: &'a ColumnValues<'_>,
        actions: &[(usize, ActionDirection)],
        stop: &StopToken,
    ) -> Result<Self, Stopped> {
        let is_mixed = served.is_some_and(|served| served.adjustment.weight_of_heuristic > 0.0);
        let n_features = values.spreads.len();
        let trees = match served.map(|served| &served.model) {
            Some(FittedModel::Forest { forest, .. }) => Some(CellTrees::of(
                &forest.trees,
                0.0,
                forest.scale(),
                n_features,
            )),
            Some(FittedModel::Boosting { booster, .. }) => Some(CellTrees::of(
                &booster.trees,
                booster.base_score,
                1.0,
                n_features,
            )),
            Some(FittedModel::Linear { .. }) | None => None,
        };
        let mut ground = Self {
            served,
            trees,
            columns: Vec::with_capacity(actions.len()),
            is_mixed,
            limits: [0.0; 2],
        };
        ground.limits = [RiskBand::Medium, RiskBand::High].map(|band| ground.limit_of(band));
        for &(feature, direction) in actions {
            let column = ground.column(values, feature, direction, stop)?;
            ground.columns.push(column);
        }
        Ok(ground)
    }

    fn column(
        &self,
        values: &'a ColumnValues<'_>,
        feature: usize,
        direction: ActionDirection,
        stop: &StopToken,
    ) -> Result<Column<'a>, Stopped> {
        let of_feature = &values.features.columns[feature];
        let numbers = match &values.spreads[feature].values {
            SpreadValues::Numbers(numbers) => Some(numbers),
            SpreadValues::Booleans(_) | SpreadValues::Words { .. } => None,
        };
        let in_formula = of_feature.documented.filter(|_| numbers.is_some());
        let cell_of = |value: f64| {
            let trees = self.trees.as_ref().expect("trees have cells");
            trees.cell_of(feature, value)
        };
        let bends = of_feature.documented.map_or(Vec::new(), bends_of);
        let pieces = match (&self.trees, self.is_mixed) {
            (Some(_), false) => Pieces::Cells(&cell_of),
            (Some(_), true) => Pieces::Both(&cell_of, &bends),
            (None, _) => Pieces::Lines(&bends),
        };
        let candidates = Candidates::of(values, feature, &pieces);
        let formula_of = |column: Documented| {
            let of_candidates = candidates.values.iter();
            of_candidates
                .map(move |&value| contribution(column, value))
                .collect()
        };
        let mut cells = Vec::new();
        let mut terms_of_candidates = Vec::new();
        match self.served.map(|served| &served.model) {
            Some(FittedModel::Linear { encoding, net }) => {
                let rows = rows_with(&values.features, feature, &candidates.values);
                let places: Vec<u32> = (0..rows.n_rows as u32).collect();
                let all = terms(encoding, net, &rows, &places, stop)?;
                let lines = all.chunks(values.spreads.len());
                terms_of_candidates = lines.map(|line| line[feature]).collect();
            }
            Some(FittedModel::Forest { encoding, .. } | FittedModel::Boosting { encoding, .. }) => {
                let number = |&value: &f64| number_for_trees(encoding, of_feature, feature, value);
                let numbers = candidates.values.iter().map(number);
                cells = numbers.map(cell_of).collect();
            }
            None => terms_of_candidates = in_formula.map_or(Vec::new(), formula_of),
        }
        Ok(Column {
            feature,
            numbers,
            direction,
            cells,
            terms: terms_of_candidates,
            formula: in_formula
                .filter(|_| self.is_mixed)
                .map_or(Vec::new(), formula_of),
            in_formula: in_formula.filter(|_| self.is_mixed || self.served.is_none()),
            candidates,
        })
    }

    /// The cells of all features of some rows, by feature; empty without trees.
    pub(super) fn cells(&self, features: &Features, places: &[u32]) -> Vec<Vec<u32>> {
        let (Some(trees), Some(served)) = (&self.trees, self.served) else {
            return Vec::new();
        };
        let columns = match &served.model {
            FittedModel::Forest { encoding, .. } | FittedModel::Boosting { encoding, .. } => {
                encoding.encode(features, places)
            }
            FittedModel::Linear { .. } => return Vec::new(),
        };
        let of_feature = |(feature, column): (usize, Vec<f64>)| {
            let cells = column
                .into_iter()
                .map(|value| trees.cell_of(feature, value));
            cells.collect()
        };
        columns.into_iter().enumerate().map(of_feature).collect()
    }

    /// The terms of a logistic regression, row after row; empty for other models.
    pub(super) fn terms(
        &self,
        features: &Features,
        places: &[u32],
        stop: &StopToken,
    ) -> Result<Vec<f64>, Stopped> {
        match self.served.map(|served| &served.model) {
            Some(FittedModel::Linear { encoding, net }) => {
                terms(encoding, net, features, places, stop)
            }
            _ => Ok(Vec::new()),
        }
    }

    /// What a value adds to the score, where that is the formula; else 0.
    pub(super) fn formula_term(&self, column: &Column<'_>, value: f64) -> f64 {
        let known = column.in_formula.filter(|_| self.served.is_none());
        known.map_or(0.0, |known| contribution(known, value))
    }

    /// What is compared with a limit: the score, as long as what is served rises with nothing else; else the log-odds that are
    /// served.
    pub(super) fn level(&self, score: f64, z: f64) -> f64 {
        if self.is_mixed {
            self.log_odds(score, z)
        } else {
            score
        }
    }

    /// The level up to which a row is below a band.
    pub(super) fn limit(&self, band: RiskBand) -> f64 {
        self.limits[usize::from(band == RiskBand::High)]
    }

    /// The probability that is served.
    pub(super) fn probability(&self, score: f64, z: f64) -> f64 {
        probability(self.log_odds(score, z))
    }

    fn log_odds(&self, score: f64, z: f64) -> f64 {
        self.served.map_or(score, |served| {
            let calibrated = served.calibrator.log_odds(score);
            served.adjustment.log_odds(calibrated, z)
        })
    }

    /// The highest level below the band, by halving: what is served never falls with the score. −∞ where none is low enough.
    fn limit_of(&self, band: RiskBand) -> f64 {
        if self.is_mixed {
            return log_odds(band.threshold()) - MARGIN;
        }
        let is_below = |score: f64| RiskBand::of(self.probability(score, 0.0)) < band;
        let (mut low, mut high) = (-SCORE_MAX, SCORE_MAX);
        if !is_below(low) {
            return f64::NEG_INFINITY;
        }
        if is_below(high) {
            return f64::INFINITY;
        }
        for _ in 0..HALVINGS {
            let middle = 0.5 * (low + high);
            if is_below(middle) {
                low = middle;
            } else {
                high = middle;
            }
        }
        low - MARGIN * (1.0 + low.abs())
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
