//! What each column of a row adds to its log-odds.
//!
//! ```text
//! log-odds that are served = base + Σ attributions + adjustment
//! ```
//!
//! Sources: Lundberg, Lee (2017), "A Unified Approach to Interpreting Model Predictions", NeurIPS (attributions as Shapley
//! values of log-odds); trees by [`clientela_learn::tree_shap`], the logistic regression by its terms.
//! A row is explained by the model that its risk comes from: that of its fold, the one of all rows, or the saved one.

use clientela_learn::boosting::Tree;
use clientela_learn::calibration::Calibrator;
use clientela_learn::logistic::ElasticNet;
use clientela_learn::tree_shap::TreeExplainer;
use clientela_numerics::{StopToken, Stopped};
use clientela_tables::CustomerTraits;
use rayon::prelude::*;

use super::columns::Documented;
use super::encoding::{LinearEncoding, Unknown, UnknownPattern};
use super::families::FittedModel;
use super::features::Features;
use super::heuristic::{Heuristic, contribution, default_of, numbers};
use super::report::{CustomerRisk, RiskModels, RiskReport, ServedModel, Source};

/// Rows whose terms are found together.
const BLOCK: usize = 4096;
/// Scores closer to the base have the slope of the calibrator at the base, for lack of a secant.
const NEAR_BASE: f64 = 1e-3;

/// What columns add to the log-odds of rows: for each row `base + Σ attributions + adjustment`, its log-odds to 10⁻⁹.
#[derive(Clone, Debug, PartialEq)]
pub struct Attributions {
    features: Vec<String>,
    /// Row after row.
    values: Vec<f64>,
    bases: Vec<f64>,
    adjustments: Vec<f64>,
}

impl Attributions {
    /// The columns that are explained, documented ones first, then by name.
    #[must_use]
    pub fn features(&self) -> &[String] {
        &self.features
    }

    /// Number of rows.
    #[must_use]
    pub fn n_rows(&self) -> usize {
        self.bases.len()
    }

    /// Calibrated log-odds of a customer of whom the model that serves the row knows nothing: about the mean of those it
    /// learned from, with what stands in for values that are unknown to it. Under the formula the z of a customer with the contract's values for missing ones.
    #[must_use]
    pub fn base(&self, row: usize) -> f64 {
        self.bases[row]
    }

    /// What each of the [`features`](Self::features) adds to the log-odds of a row of the table.
    #[must_use]
    pub fn of_row(&self, row: usize) -> &[f64] {
        let width = self.features.len();
        &self.values[row * width..][..width]
    }

    /// What belongs to no column: the formula's share where labelled rows are few, and the bounds of probabilities. 0 where
    /// neither changes anything, but for the bend of a calibrator within 0.001 of the base.
    #[must_use]
    pub fn adjustment(&self, row: usize) -> f64 {
        self.adjustments[row]
    }
}

/// Explains the log-odds of all rows; `report` is that of these `traits`.
///
/// A calibrator c brings the score s of a row, base b and attributions φ to
///
/// ```text
/// base = c(b)      attribution = k φ      k = (c(s) − c(b)) / (s − b)
/// ```
///
/// Under a line k is its slope, the same for all rows. Under a bent map it is the slope between base and score, so that
/// attributions still add up to what the row's risk differs by from the base, keep their signs (c never falls) and their
/// proportions within the row; a remainder would be a reason nobody could name.
///
/// A value that is unknown to the model, a word or a gap that it learned nothing of, is no reason: trees average over it, and what
/// stands in for it under the logistic regression is part of the row's base.
///
/// Under the formula attributions are its terms against those of a customer with 365 days, one session a week, no tickets, an
/// NPS of 0 and no payment trouble, whatever the other rows are: a single row is explained too. What stands in for a missing
/// value is part of the row's base.
///
/// # Errors
/// [`Stopped`] when the stop token is set.
pub fn attributions(
    traits: &CustomerTraits,
    report: &RiskReport,
    stop: &StopToken,
) -> Result<Attributions, Stopped> {
    match &report.models {
        Some(models) => by_models(report, models, stop),
        None => Ok(by_formula(traits, &report.heuristic)),
    }
}

/// Rows that one model serves, explained, in the order of `places`.
struct Group {
    /// Canonical places of its rows.
    places: Vec<u32>,
    /// Row after row.
    values: Vec<f64>,
    bases: Vec<f64>,
    adjustments: Vec<f64>,
}

fn by_models(
    report: &RiskReport,
    models: &RiskModels,
    stop: &StopToken,
) -> Result<Attributions, Stopped> {
    let n_folds = models.of_folds.len();
    let mut places = vec![Vec::new(); n_folds + 1];
    for (place, &row) in models.order.iter().enumerate() {
        let group = match report.customers[row as usize].source {
            Source::Fold(fold) => usize::from(fold),
            Source::AllRows | Source::Heuristic => n_folds,
        };
        places[group].push(place as u32);
    }
    let groups: Vec<(usize, Vec<u32>)> = places.into_iter().enumerate().collect();
    let groups: Vec<Group> = groups
        .into_par_iter()
        .filter(|(_, places)| !places.is_empty())
        .map(|(group, places)| {
            let source = if group < n_folds {
                Source::Fold(group as u8)
            } else {
                Source::AllRows
            };
            Group::of(places, models.of(source), report, models, stop)
        })
        .collect::<Result<_, Stopped>>()?;
    Ok(gathered(models, &groups))
}

impl Group {
    fn of(
        places: Vec<u32>,
        served: &ServedModel,
        report: &RiskReport,
        models: &RiskModels,
        stop: &StopToken,
    ) -> Result<Self, Stopped> {
        let width = models.features.columns.len();
        let Explained {
            base,
            mut values,
            stand_ins,
        } = explained(&served.model, &models.features, &places, stop)?;
        let mut bases = Vec::with_capacity(places.len());
        let mut adjustments = Vec::with_capacity(places.len());
        for (index, &place) in places.iter().enumerate() {
            let customer = &report.customers[models.order[place as usize] as usize];
            let scaled = Scaled::of(&served.calibrator, base, customer);
            for value in &mut values[index * width..][..width] {
                *value *= scaled.slope;
            }
            bases.push(scaled.base + scaled.slope * stand_ins[index]);
            adjustments.push(scaled.bend + (customer.log_odds - customer.calibrated_log_odds));
        }
        Ok(Self {
            places,
            values,
            bases,
            adjustments,
        })
    }
}

/// Puts the rows of all groups back to their places in the table.
fn gathered(models: &RiskModels, groups: &[Group]) -> Attributions {
    let columns = &models.features.columns;
    let (n_rows, width) = (models.order.len(), columns.len());
    let mut all = Attributions {
        features: columns.iter().map(|column| column.name.clone()).collect(),
        values: vec![0.0; n_rows * width],
        bases: vec![0.0; n_rows],
        adjustments: vec![0.0; n_rows],
    };
    for group in groups {
        for (index, &place) in group.places.iter().enumerate() {
            let row = models.order[place as usize] as usize;
            all.values[row * width..][..width]
                .copy_from_slice(&group.values[index * width..][..width]);
            all.bases[row] = group.bases[index];
            all.adjustments[row] = group.adjustments[index];
        }
    }
    all
}

/// How the attributions of a row's score become those of its calibrated log-odds.
struct Scaled {
    base: f64,
    slope: f64,
    /// What the slope misses.
    bend: f64,
}

impl Scaled {
    fn of(calibrator: &Calibrator, base: f64, customer: &CustomerRisk) -> Self {
        if let Some((slope, intercept)) = calibrator.line() {
            return Self {
                base: slope * base + intercept,
                slope,
                bend: 0.0,
            };
        }
        let calibrated = calibrator.log_odds(base);
        let (above, rise) = (
            customer.score - base,
            customer.calibrated_log_odds - calibrated,
        );
        if above.abs() >= NEAR_BASE {
            return Self {
                base: calibrated,
                slope: rise / above,
                bend: 0.0,
            };
        }
        let around = [base - NEAR_BASE, base + NEAR_BASE].map(|s| calibrator.log_odds(s));
        let slope = (around[1] - around[0]) / (2.0 * NEAR_BASE);
        Self {
            base: calibrated,
            slope,
            bend: rise - slope * above,
        }
    }
}

/// The scores of some rows, explained.
struct Explained {
    base: f64,
    /// What each feature adds, row after row.
    values: Vec<f64>,
    /// What stands in for values that are unknown to the model adds to each row.
    stand_ins: Vec<f64>,
}

fn explained(
    model: &FittedModel,
    features: &Features,
    places: &[u32],
    stop: &StopToken,
) -> Result<Explained, Stopped> {
    let unknown = model.unknown(features, places);
    match model {
        FittedModel::Linear { encoding, net } => {
            let blocks = places.par_chunks(BLOCK);
            let blocks = blocks.map(|places| terms(encoding, net, features, places, stop));
            let blocks = blocks.collect::<Result<Vec<_>, Stopped>>()?;
            let mut values = blocks.concat();
            let stand_ins = moved_out(&mut values, &unknown, places.len(), features.columns.len());
            Ok(Explained {
                base: net.base,
                values,
                stand_ins,
            })
        }
        FittedModel::Forest { encoding, forest } => {
            let columns = encoding.encode(features, places);
            by_trees(&forest.trees, forest.scale(), &columns, &unknown, stop)
        }
        FittedModel::Boosting { encoding, booster } => {
            let columns = encoding.encode(features, places);
            let explained = by_trees(&booster.trees, 1.0, &columns, &unknown, stop)?;
            Ok(Explained {
                base: booster.base_score + explained.base,
                ..explained
            })
        }
    }
}

/// Takes what unknown values add out of the values, and gives the sum of each row.
fn moved_out(values: &mut [f64], unknown: &Unknown, n_rows: usize, width: usize) -> Vec<f64> {
    let mut sums = vec![0.0; n_rows];
    for feature in unknown.features() {
        for (row, sum) in sums.iter_mut().enumerate() {
            if unknown.is(feature, row) {
                *sum += std::mem::take(&mut values[row * width + feature]);
            }
        }
    }
    sums
}

/// Rows of which the same is unknown are explained together, by trees that never ask for it.
fn by_trees(
    trees: &[Tree],
    scale: f64,
    columns: &[Vec<f64>],
    unknown: &Unknown,
    stop: &StopToken,
) -> Result<Explained, Stopped> {
    let width = columns.len();
    let explainer = TreeExplainer::new(trees, scale, width);
    let n_rows = unknown.n_rows();
    let mut values = vec![0.0; n_rows * width];
    let of_pattern = |pattern: &UnknownPattern| {
        let member = |row: &u32| *row as usize;
        let columns = columns.iter().map(|column| {
            let members = pattern.members.iter().map(member);
            members.map(|row| column[row]).collect()
        });
        let columns: Vec<Vec<f64>> = columns.collect();
        if pattern.is_none() {
            return explainer.explain(&columns, stop);
        }
        stop.poll()?;
        let parts = trees
            .iter()
            .flat_map(|tree| tree.without(&pattern.is_unknown));
        let parts: Vec<Tree> = parts.collect();
        TreeExplainer::new(&parts, scale, width).explain(&columns, stop)
    };
    let patterns = unknown.patterns();
    let of_patterns = patterns.par_iter().map(of_pattern);
    let of_patterns: Vec<Vec<f64>> = of_patterns.collect::<Result<_, Stopped>>()?;
    for (pattern, of_pattern) in patterns.iter().zip(of_patterns) {
        let lines = of_pattern.chunks(width.max(1));
        for (&row, line) in pattern.members.iter().zip(lines) {
            values[row as usize * width..][..width].copy_from_slice(line);
        }
    }
    Ok(Explained {
        base: explainer.base(),
        values,
        stand_ins: vec![0.0; n_rows],
    })
}

/// The terms of a logistic regression, those of a feature's columns together, row after row.
pub(super) fn terms(
    encoding: &LinearEncoding,
    net: &ElasticNet,
    features: &Features,
    places: &[u32],
    stop: &StopToken,
) -> Result<Vec<f64>, Stopped> {
    let sources = encoding.sources();
    let of_columns = net.contributions(&encoding.encode(features, places).design(), stop)?;
    let n_features = features.columns.len();
    let mut of_features = vec![0.0; places.len() * n_features];
    let lines = of_columns.chunks(sources.len().max(1));
    for (terms, sums) in lines.zip(of_features.chunks_mut(n_features.max(1))) {
        for (term, &source) in terms.iter().zip(&sources) {
            sums[source] += term;
        }
    }
    Ok(of_features)
}

/// The terms of the formula against those of a customer with the contract's values.
fn by_formula(traits: &CustomerTraits, heuristic: &Heuristic) -> Attributions {
    let columns = Documented::ALL.map(|column| (column, numbers(traits, column)));
    let width = columns.iter().filter(|column| column.1.is_some()).count();
    let mut values = Vec::with_capacity(traits.len() * width);
    let mut bases = Vec::with_capacity(traits.len());
    for row in 0..traits.len() {
        let mut base = heuristic.intercept;
        for &(column, of_rows) in &columns {
            let value = of_rows.map_or(f64::NAN, |of_rows| of_rows[row]);
            let reference = contribution(column, default_of(column));
            if value.is_nan() {
                base += contribution(column, heuristic.stand_ins[column as usize]);
            } else {
                base += reference;
            }
            if of_rows.is_some() {
                values.push(if value.is_nan() {
                    0.0
                } else {
                    contribution(column, value) - reference
                });
            }
        }
        bases.push(base);
    }
    let known = columns.iter().filter(|column| column.1.is_some());
    Attributions {
        features: known.map(|column| column.0.name().to_owned()).collect(),
        values,
        adjustments: vec![0.0; bases.len()],
        bases,
    }
}
