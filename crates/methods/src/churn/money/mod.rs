//! Money at stake: what customers are worth, and how much of it is likely to leave.
//!
//! ```text
//! revenue at risk = probability of churning × value
//! ```
//!
//! It is an expectation: as right as the probabilities are calibrated, and for one customer all or nothing. Sums do not depend on
//! the order of rows.

mod what_if;

use std::cmp::Ordering;

use clientela_numerics::ExactSum;
use clientela_tables::CustomerTraits;
use rayon::prelude::*;

use super::report::{RiskBand, RiskReport};

pub use what_if::{NetSensitivity, WhatIf, WhatIfRow, WhatIfTable};

/// What customers are worth and how much of it is at risk.
///
/// A customer of several rows counts once, by the latest one, and not at all where that one says that the customer is lost. A
/// negative value counts as 0: its loss would be none.
#[derive(Clone, Debug, PartialEq)]
pub struct Money {
    /// Probability × value of each row, in the order of the table and whoever counts below; `None` without a value.
    pub revenue_at_risk: Vec<Option<f64>>,
    /// Customers that count: not lost, and with a value.
    pub n_customers: usize,
    /// Customers that are lost already.
    pub n_lost: usize,
    /// Customers that are not lost and came without a value.
    pub n_without_value: usize,
    /// Customers that count and have a negative value.
    pub n_negative: usize,
    /// Value of all that count.
    pub value: f64,
    /// Revenue at risk of all that count.
    pub at_risk: f64,
    /// The latter's share of the former, in [0, 1]; `None` where nobody is worth anything.
    pub share_at_risk: Option<f64>,
    /// By band, highest risks first.
    pub by_band: [BandMoney; 3],
    /// The tenth of the customers, rounded up, with the most at risk.
    pub top_tenth: TopTenth,
    /// Who counts, most at risk first.
    ranked: Vec<Stake>,
}

/// The customers of a band.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BandMoney {
    /// The band.
    pub band: RiskBand,
    /// Customers in it that count.
    pub n_customers: usize,
    /// What they are worth.
    pub value: f64,
    /// How much of it is at risk.
    pub at_risk: f64,
}

/// How much lies with few customers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TopTenth {
    /// How many they are.
    pub n_customers: usize,
    /// Their revenue at risk.
    pub at_risk: f64,
    /// Its share of all that is at risk, in [0, 1]; `None` where nothing is.
    pub share: Option<f64>,
}

/// What is at stake with one customer.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Stake {
    probability: f64,
    /// At least 0.
    value: f64,
    at_risk: f64,
}

impl Money {
    /// The money behind the risks of a table; `None` where no row has a value.
    ///
    /// # Panics
    /// On another table than that of the report, or values that are not finite.
    #[must_use]
    pub fn of(traits: &CustomerTraits, report: &RiskReport) -> Option<Self> {
        assert_eq!(traits.len(), report.customers.len(), "the report's table");
        let worth = traits.worth();
        if worth.iter().all(Option::is_none) {
            return None;
        }
        let probability = |row: usize| report.customers[row].probability;
        let rows = worth.iter().enumerate();
        let at_risk = rows.map(|(row, value)| value.map(|value| at_risk(probability(row), value)));
        let latest = latest_rows(traits, report);
        let (lost, here): (Vec<usize>, Vec<usize>) = latest
            .into_iter()
            .partition(|&row| traits.churned()[row] == Some(true));
        let stake = |&row: &usize| worth[row].map(|value| Stake::of(probability(row), value));
        let mut ranked: Vec<Stake> = here.iter().filter_map(stake).collect();
        // Customers come by their ids, which is how equals stay.
        ranked.sort_by(Stake::by_rank);
        let is_negative = |row: &&usize| worth[**row].is_some_and(|value| value < 0.0);
        let (value, at_risk_of_all) = (total(&ranked, |s| s.value), total(&ranked, |s| s.at_risk));
        Some(Self {
            revenue_at_risk: at_risk.collect(),
            n_customers: ranked.len(),
            n_lost: lost.len(),
            n_without_value: here.len() - ranked.len(),
            n_negative: here.iter().filter(is_negative).count(),
            value,
            at_risk: at_risk_of_all,
            share_at_risk: share(at_risk_of_all, value),
            by_band: [RiskBand::High, RiskBand::Medium, RiskBand::Low]
                .map(|band| BandMoney::of(band, &ranked)),
            top_tenth: TopTenth::of(&ranked, at_risk_of_all),
            ranked,
        })
    }
}

impl Stake {
    fn of(probability: f64, value: f64) -> Self {
        Self {
            probability,
            value: value.max(0.0),
            at_risk: at_risk(probability, value),
        }
    }

    /// Most at risk first, then the most valuable.
    fn by_rank(&self, other: &Self) -> Ordering {
        let by_risk = other.at_risk.total_cmp(&self.at_risk);
        by_risk.then(other.value.total_cmp(&self.value))
    }
}

impl BandMoney {
    fn of(band: RiskBand, ranked: &[Stake]) -> Self {
        let is_in = |stake: &&Stake| RiskBand::of(stake.probability) == band;
        let inside: Vec<Stake> = ranked.iter().filter(is_in).copied().collect();
        Self {
            band,
            n_customers: inside.len(),
            value: total(&inside, |s| s.value),
            at_risk: total(&inside, |s| s.at_risk),
        }
    }
}

impl TopTenth {
    fn of(ranked: &[Stake], at_risk_of_all: f64) -> Self {
        let n_customers = ranked.len().div_ceil(10);
        let at_risk = total(&ranked[..n_customers], |s| s.at_risk);
        Self {
            n_customers,
            at_risk,
            share: share(at_risk, at_risk_of_all),
        }
    }
}

/// Nothing is at risk with a customer who costs more than comes in.
fn at_risk(probability: f64, value: f64) -> f64 {
    assert!(value.is_finite(), "finite values");
    probability * value.max(0.0)
}

fn total(stakes: &[Stake], of: impl Fn(&Stake) -> f64) -> f64 {
    stakes.iter().map(of).collect::<ExactSum>().value()
}

/// A part of a whole, which rounding of the two must not put above 1.
fn share(part: f64, whole: f64) -> Option<f64> {
    (whole > 0.0).then(|| (part / whole).min(1.0))
}

/// The latest row of each customer, customers by their ids.
fn latest_rows(traits: &CustomerTraits, report: &RiskReport) -> Vec<usize> {
    let ids = traits.ids();
    let mut rows: Vec<usize> = (0..traits.len()).collect();
    // Of rows of one day the one that says lost, then of higher value, then of higher risk: a choice that the order of rows has no
    // part in.
    let figure = |row: usize| {
        let value = traits.worth()[row].unwrap_or(f64::NEG_INFINITY);
        (value, report.customers[row].probability)
    };
    let is_lost = |row: usize| traits.churned()[row] == Some(true);
    rows.par_sort_unstable_by(|&a, &b| {
        let ((a_value, a_risk), (b_value, b_risk)) = (figure(a), figure(b));
        let by_id = ids[a].cmp(&ids[b]);
        by_id
            .then_with(|| traits.dates()[a].cmp(&traits.dates()[b]))
            .then_with(|| is_lost(a).cmp(&is_lost(b)))
            .then_with(|| a_value.total_cmp(&b_value))
            .then_with(|| a_risk.total_cmp(&b_risk))
    });
    let of_customers = rows.chunk_by(|&a, &b| ids[a] == ids[b]);
    of_customers
        .filter_map(|rows| rows.last().copied())
        .collect()
}
