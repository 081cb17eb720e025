//! What drives churn in the whole base, and what sets the rows of a risk band apart.

mod bands;
mod direction;

use clientela_numerics::{StopToken, Stopped};
use rayon::prelude::*;

pub use bands::{BandProfile, BandTrait, BandValue};

use super::attributions::Attributions;
use super::columns::ColumnKind;
use super::features::FeatureValues;
use super::report::RiskReport;
use super::values::{ColumnValues, SpreadValues};
use direction::concordance;

/// Concordance of value and attribution from which on a column has a direction.
const CLEAR_DIRECTION: f64 = 0.5;

/// The drivers of a base.
#[derive(Clone, Debug, PartialEq)]
pub struct Drivers {
    /// All explained columns, the strongest first, equal ones in their order.
    pub features: Vec<Driver>,
    /// The bands that have rows, the highest first.
    pub bands: Vec<BandProfile>,
}

/// What a column does in the whole base.
#[derive(Clone, Debug, PartialEq)]
pub struct Driver {
    /// Its name.
    pub feature: String,
    /// The type of its values.
    pub kind: ColumnKind,
    /// Mean of |attribution| over all rows, in log-odds; at least 0.
    pub mean_absolute: f64,
    /// Its share of the sum of these over all columns, in [0, 1]; 0 where nothing tells of anybody.
    pub share: f64,
    /// Which way it points.
    pub effect: Effect,
    /// What rows without a value get; `None` where all have one.
    pub missing: Option<LevelEffect>,
}

/// Which way a column points.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// The risk rises with the value (of a yes or no: with yes).
    Rises,
    /// The risk falls with the value (of a yes or no: with yes).
    Falls,
    /// Neither: it turns somewhere, or depends on other columns, or there is none.
    Depends,
    /// Words, of which these two have the highest and the lowest mean attribution; equal ones by their order.
    Words {
        /// The highest.
        highest: LevelEffect,
        /// The lowest.
        lowest: LevelEffect,
    },
}

/// What a level of a column gets.
#[derive(Clone, Debug, PartialEq)]
pub struct LevelEffect {
    /// Which one.
    pub level: Level,
    /// Rows that have it.
    pub n: usize,
    /// Mean of their attributions, in log-odds.
    pub mean_attribution: f64,
}

/// One of the values of a column that has few.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Level {
    /// Yes.
    Yes,
    /// No.
    No,
    /// A word that is told apart.
    Word(String),
    /// All words too rare for that.
    Other,
    /// No value.
    Missing,
}

/// The drivers of the base that a report is about, over all its rows.
///
/// The direction of numbers comes from Spearman's rank correlation of value and attribution, over the largest that their ties
/// allow, of at most 20,000 rows: from 0.5 on it is a direction.
///
/// # Errors
/// [`Stopped`] when the stop token is set.
pub fn drivers(
    values: &ColumnValues<'_>,
    report: &RiskReport,
    attributions: &Attributions,
    stop: &StopToken,
) -> Result<Drivers, Stopped> {
    let of_feature = |feature: usize| {
        stop.poll()?;
        Ok(driver(values, attributions, feature))
    };
    let features = (0..values.spreads.len()).into_par_iter().map(of_feature);
    let mut features: Vec<Driver> = features.collect::<Result<_, Stopped>>()?;
    let total: f64 = features.iter().map(|driver| driver.mean_absolute).sum();
    if total > 0.0 {
        for driver in &mut features {
            driver.share = driver.mean_absolute / total;
        }
    }
    features.sort_by(|a, b| b.mean_absolute.total_cmp(&a.mean_absolute));
    Ok(Drivers {
        features,
        bands: bands::profiles(values, report, attributions, stop)?,
    })
}

fn driver(values: &ColumnValues<'_>, attributions: &Attributions, feature: usize) -> Driver {
    let of_place = |place: usize| attributions.of_row(values.order[place] as usize)[feature];
    let n_rows = values.order.len();
    // In canonical order, so that the order of the payload does not decide the last bit.
    let sum: f64 = (0..n_rows).map(|place| of_place(place).abs()).sum();
    let effects = level_effects(values, feature, of_place);
    let missing = effects.iter().find(|effect| effect.level == Level::Missing);
    let (kind, effect) = match &values.spreads[feature].values {
        SpreadValues::Words { .. } => (ColumnKind::Text, of_words(&effects)),
        SpreadValues::Booleans(_) => (ColumnKind::Boolean, of_numbers(values, feature, of_place)),
        SpreadValues::Numbers(_) => (ColumnKind::Numeric, of_numbers(values, feature, of_place)),
    };
    Driver {
        feature: values.features.columns[feature].name.clone(),
        kind,
        mean_absolute: sum / n_rows.max(1) as f64,
        share: 0.0,
        effect,
        missing: missing.cloned(),
    }
}

fn of_words(effects: &[LevelEffect]) -> Effect {
    let mut extremes: Option<[&LevelEffect; 2]> = None;
    for effect in effects {
        let [highest, lowest] = extremes.get_or_insert([effect; 2]);
        if effect.mean_attribution > highest.mean_attribution {
            *highest = effect;
        }
        if effect.mean_attribution < lowest.mean_attribution {
            *lowest = effect;
        }
    }
    extremes.map_or(Effect::Depends, |[highest, lowest]| Effect::Words {
        highest: highest.clone(),
        lowest: lowest.clone(),
    })
}

fn of_numbers(
    values: &ColumnValues<'_>,
    feature: usize,
    attribution: impl Fn(usize) -> f64,
) -> Effect {
    let FeatureValues::Numeric(numbers) = &values.features.columns[feature].values else {
        return Effect::Depends;
    };
    let concordance = concordance(numbers, attribution);
    if concordance >= CLEAR_DIRECTION {
        Effect::Rises
    } else if concordance <= -CLEAR_DIRECTION {
        Effect::Falls
    } else {
        Effect::Depends
    }
}

/// What the rows of each level get; of numbers only the missing ones are a level.
fn level_effects(
    values: &ColumnValues<'_>,
    feature: usize,
    attribution: impl Fn(usize) -> f64,
) -> Vec<LevelEffect> {
    let levels = values.levels(feature);
    let mut sums = vec![(0_usize, 0.0); levels.len()];
    for place in 0..values.order.len() {
        if let Some(level) = values.level_at(feature, place) {
            sums[level].0 += 1;
            sums[level].1 += attribution(place);
        }
    }
    let effects = levels.into_iter().zip(sums).filter(|(_, (n, _))| *n > 0);
    effects
        .map(|(level, (n, sum))| LevelEffect {
            level,
            n,
            mean_attribution: sum / n as f64,
        })
        .collect()
}

impl ColumnValues<'_> {
    /// The levels of a feature; missing is the last.
    fn levels(&self, feature: usize) -> Vec<Level> {
        let values = (
            &self.spreads[feature].values,
            &self.features.columns[feature].values,
        );
        let mut levels = match values {
            (SpreadValues::Booleans(_), _) => vec![Level::No, Level::Yes],
            (
                SpreadValues::Words { .. },
                FeatureValues::Text {
                    levels, is_kept, ..
                },
            ) => {
                let kept = levels.iter().zip(is_kept).filter(|(_, is_kept)| **is_kept);
                let kept = kept.map(|(word, _)| Level::Word(word.clone()));
                kept.chain([Level::Other]).collect()
            }
            _ => Vec::new(),
        };
        levels.push(Level::Missing);
        levels
    }
}
