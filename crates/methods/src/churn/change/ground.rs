//! What the model behind some rows makes of the values that their columns may be changed to.

use clientela_learn::calibration::{log_odds, probability};
use clientela_numerics::{StopToken, Stopped};

use super::ActionDirection;
use super::columns::Column;
use super::players::Choice;
use super::together::Together;
use super::trees::{CellTrees, MISSING, UNKNOWN};
use crate::churn::attributions::terms;
use crate::churn::encoding::Unknown;
use crate::churn::families::FittedModel;
use crate::churn::features::Features;
use crate::churn::heuristic::contribution;
use crate::churn::report::{RiskBand, ServedModel};
use crate::churn::values::ColumnValues;

/// Halvings of the range of scores: more change nothing that a double can tell.
const HALVINGS: usize = 120;
/// Scores that are searched for the one at which a band begins.
const SCORE_MAX: f64 = 1e7;
/// By how much, relative to 1 and the score, a change has to do more than what is just enough, so that rounding undoes nothing.
const MARGIN: f64 = 1e-9;

/// One model with the columns that may be changed.
pub(super) struct Ground<'a> {
    /// `None` for the formula.
    pub(super) served: Option<&'a ServedModel>,
    pub(super) trees: Option<CellTrees>,
    pub(super) columns: Vec<Column<'a>>,
    together: &'a Together,
    /// Whether the formula has a share in what is served.
    pub(super) is_mixed: bool,
    /// Levels (see [`Ground::level`]) up to which a row is below the band, for medium and high.
    limits: [f64; 2],
}

impl<'a> Ground<'a> {
    /// Of a fitted model, or of the formula.
    pub(super) fn of(
        served: Option<&'a ServedModel>,
        values: &'a ColumnValues<'_>,
        actions: &[(usize, ActionDirection)],
        together: &'a Together,
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
            together,
            is_mixed,
            limits: [0.0; 2],
        };
        ground.limits = [RiskBand::Medium, RiskBand::High].map(|band| ground.limit_of(band));
        for (feature, direction) in actions {
            let column = Column::of(&ground, values, *feature, direction.clone(), stop)?;
            ground.columns.push(column);
        }
        Ok(ground)
    }

    /// The columns whose present values do not go with a choice; `None` where that is so of a column that stays.
    pub(super) fn conflicts(&self, index: usize, choice: &Choice, levels: &[u32]) -> Option<u64> {
        self.together.conflicts(index, choice.level, levels)
    }

    /// Whether choices for two columns go together.
    pub(super) fn go_together(&self, a: (usize, &Choice), b: (usize, &Choice)) -> bool {
        self.together
            .go_together((a.0, a.1.level), (b.0, b.1.level))
    }

    /// The cell of a value, under trees.
    pub(super) fn cell_of(&self, feature: usize, value: f64) -> u32 {
        let trees = self.trees.as_ref();
        trees.map_or(MISSING, |trees| trees.cell_of(feature, value))
    }

    /// Which values of some rows the model learned nothing of; `None` under the formula.
    pub(super) fn unknown(&self, features: &Features, places: &[u32]) -> Option<Unknown> {
        let served = self.served?;
        Some(served.model.unknown(features, places))
    }

    /// The cells of all features of some rows, by feature; empty without trees.
    pub(super) fn cells(
        &self,
        features: &Features,
        places: &[u32],
        unknown: Option<&Unknown>,
    ) -> Vec<Vec<u32>> {
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
            let cell = |(row, value)| match unknown {
                Some(unknown) if unknown.is(feature, row) => UNKNOWN,
                _ => trees.cell_of(feature, value),
            };
            column.into_iter().enumerate().map(cell).collect()
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
