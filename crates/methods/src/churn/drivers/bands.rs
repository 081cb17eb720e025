//! What sets the rows of a risk band apart.

use clientela_numerics::{StopToken, Stopped};
use rayon::prelude::*;

use super::Level;
use crate::churn::attributions::Attributions;
use crate::churn::encoding::median;
use crate::churn::factors::{NEGLIGIBLE_LOG_ODDS, NEGLIGIBLE_SHARE};
use crate::churn::features::FeatureValues;
use crate::churn::report::{RiskBand, RiskReport};
use crate::churn::values::{ColumnValues, Group, SpreadValues};

/// The rows of a risk band.
#[derive(Clone, Debug, PartialEq)]
pub struct BandProfile {
    /// The band.
    pub band: RiskBand,
    /// Rows, at least 1.
    pub n: usize,
    /// Mean of their probabilities.
    pub mean_probability: f64,
    /// How many of them are labelled.
    pub n_labelled: usize,
    /// Share of the labelled ones that churned; `None` without any.
    pub churn_rate: Option<f64>,
    /// What sets them apart, the strongest first; nothing negligible by the rule of [`super::super::factors`].
    pub traits: Vec<BandTrait>,
}

/// A column by which the rows of a band differ from all rows.
#[derive(Clone, Debug, PartialEq)]
pub struct BandTrait {
    /// Its name.
    pub feature: String,
    /// Mean attribution in the band minus that of all rows, in log-odds; not 0.
    pub difference: f64,
    /// What they have in it.
    pub value: BandValue,
}

/// What the rows of a band have in a column, and what all rows have.
#[derive(Clone, Debug, PartialEq)]
pub enum BandValue {
    /// Numbers.
    Number {
        /// The median in the band.
        median: f64,
        /// The median of all rows.
        overall: f64,
    },
    /// The level whose share in the band is most above its share of all rows; for numbers only where the band has none.
    Level {
        /// Which one.
        level: Level,
        /// Its share in the band.
        share: f64,
        /// Its share of all rows.
        overall: f64,
    },
}

pub(super) fn profiles(
    values: &ColumnValues<'_>,
    report: &RiskReport,
    attributions: &Attributions,
    stop: &StopToken,
) -> Result<Vec<BandProfile>, Stopped> {
    let all: Vec<u32> = (0..values.order.len() as u32).collect();
    let overall = mean_attributions(values, attributions, &all);
    let band_of = |place: u32| report.customers[values.order[place as usize] as usize].band;
    let bands = [RiskBand::High, RiskBand::Medium, RiskBand::Low].into_par_iter();
    let profile = |band: RiskBand| {
        stop.poll()?;
        let places: Vec<u32> = all
            .iter()
            .copied()
            .filter(|&at| band_of(at) == band)
            .collect();
        if places.is_empty() {
            return Ok(None);
        }
        let means = mean_attributions(values, attributions, &places);
        let differences: Vec<f64> = means.iter().zip(&overall).map(|(a, b)| a - b).collect();
        let of_feature = |&feature: &usize| BandTrait {
            feature: values.features.columns[feature].name.clone(),
            difference: differences[feature],
            value: values.in_band(feature, &places, &all),
        };
        let traits = not_negligible(&differences);
        let traits = traits.iter().map(of_feature).collect();
        Ok(Some(BandProfile::of(band, &places, values, report, traits)))
    };
    let profiles = bands.map(profile).collect::<Result<Vec<_>, Stopped>>()?;
    Ok(profiles.into_iter().flatten().collect())
}

impl BandProfile {
    fn of(
        band: RiskBand,
        places: &[u32],
        values: &ColumnValues<'_>,
        report: &RiskReport,
        traits: Vec<BandTrait>,
    ) -> Self {
        let mut group = Group::default();
        let mut sum = 0.0;
        for &place in places {
            group.add(values.outcomes[place as usize]);
            sum += report.customers[values.order[place as usize] as usize].probability;
        }
        Self {
            band,
            n: group.n,
            mean_probability: sum / group.n as f64,
            n_labelled: group.n_labelled,
            churn_rate: group.churn_rate(),
            traits,
        }
    }
}

/// In canonical order, so that the order of the payload does not decide the last bit.
fn mean_attributions(
    values: &ColumnValues<'_>,
    attributions: &Attributions,
    places: &[u32],
) -> Vec<f64> {
    let mut sums = vec![0.0; values.spreads.len()];
    for &place in places {
        let of_row = attributions.of_row(values.order[place as usize] as usize);
        for (sum, attribution) in sums.iter_mut().zip(of_row) {
            *sum += attribution;
        }
    }
    let n = places.len().max(1) as f64;
    sums.iter_mut().for_each(|sum| *sum /= n);
    sums
}

/// The features whose differences are worth telling, the largest first, equal ones in their order.
fn not_negligible(differences: &[f64]) -> Vec<usize> {
    let largest = differences
        .iter()
        .fold(0.0, |largest: f64, d| largest.max(d.abs()));
    let least = (NEGLIGIBLE_SHARE * largest).max(NEGLIGIBLE_LOG_ODDS);
    let is_clear = |feature: &usize| differences[*feature].abs() >= least;
    let mut features: Vec<usize> = (0..differences.len()).filter(is_clear).collect();
    features.sort_by(|&a, &b| differences[b].abs().total_cmp(&differences[a].abs()));
    features
}

impl ColumnValues<'_> {
    fn in_band(&self, feature: usize, places: &[u32], all: &[u32]) -> BandValue {
        if let SpreadValues::Numbers(_) = self.spreads[feature].values
            && let Some(median) = self.median_of(feature, places)
            && let Some(overall) = self.median_of(feature, all)
        {
            return BandValue::Number { median, overall };
        }
        let (own, others) = (self.shares(feature, places), self.shares(feature, all));
        let excess = |level: usize| own[level] - others[level];
        let most = |best: usize, level: usize| {
            if excess(level) > excess(best) {
                level
            } else {
                best
            }
        };
        let level = (0..own.len()).fold(0, most);
        BandValue::Level {
            level: self.levels(feature).swap_remove(level),
            share: own[level],
            overall: others[level],
        }
    }

    /// Of the numbers of some rows; `None` without any.
    fn median_of(&self, feature: usize, places: &[u32]) -> Option<f64> {
        let FeatureValues::Numeric(numbers) = &self.features.columns[feature].values else {
            return None;
        };
        let of_places = places.iter().map(|&place| numbers[place as usize]);
        let mut present: Vec<f64> = of_places.filter(|value| !value.is_nan()).collect();
        (!present.is_empty()).then(|| median(&mut present))
    }

    /// The share of each level among some rows.
    fn shares(&self, feature: usize, places: &[u32]) -> Vec<f64> {
        let mut counts = vec![0_u32; self.levels(feature).len()];
        for &place in places {
            if let Some(level) = self.level_at(feature, place as usize) {
                counts[level] += 1;
            }
        }
        let n = places.len().max(1) as f64;
        counts
            .into_iter()
            .map(|count| f64::from(count) / n)
            .collect()
    }
}
