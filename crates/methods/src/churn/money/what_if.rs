//! What if the customers with the most at risk were contacted?
//!
//! ```text
//! net(n) = Σ s p v − n c      over the n customers with the most at risk (p v)
//! ```
//!
//! s is the share of would-be churners that a contact keeps, c what a contact costs; both are assumptions, and the table is as
//! good as they are. A contact is taken to do nothing to those who would have stayed. Of all lists of n customers this one has the
//! highest net, and it is highest for the n with s p v > c.

use clientela_learn::metrics::binary::ReliabilityBin;
use clientela_numerics::ExactSum;
use clientela_numerics::special::normal_quantile;

use super::{Money, Stake};

/// Shares of the customers that are looked at, in percent.
const LADDER_PCT: [usize; 7] = [1, 2, 5, 10, 20, 50, 100];
/// Confidence of intervals.
const LEVEL: f64 = 0.95;

/// What is assumed of a contact.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WhatIf {
    /// c, at least 0, in the money of the values.
    pub cost_per_contact: f64,
    /// s, in [0, 1].
    pub save_rate: f64,
}

/// What contacts bring, by their number.
#[derive(Clone, Debug, PartialEq)]
pub struct WhatIfTable {
    /// What was assumed.
    pub assumed: WhatIf,
    /// Customers that could be contacted.
    pub n_customers: usize,
    /// Contacts that bring the highest net; 0 where none pays.
    pub n_best: usize,
    /// The save rate above which the first contact pays, above 1 where none ever does; `None` where nothing is at risk.
    pub pays_from_save_rate: Option<f64>,
    /// 1, 2, 5, 10, 20, 50 and 100 % of the customers (rounded up) and the best number, ascending.
    pub rows: Vec<WhatIfRow>,
}

/// What so many contacts bring.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WhatIfRow {
    /// n
    pub n_contacts: usize,
    /// Their share of the customers.
    pub share: f64,
    /// Whether no other number brings a higher net.
    pub is_best: bool,
    /// Σ p: those of them who are expected to churn if nobody does anything.
    pub expected_churners: f64,
    /// n c
    pub cost: f64,
    /// s Σ p v: the value that is expected to be kept.
    pub saved_value: f64,
    /// The latter less the former.
    pub net: f64,
    /// Lower end of the net's 95 % interval by chance alone: each customer is kept with probability s p, alone.
    pub net_lower: f64,
    /// Upper end.
    pub net_upper: f64,
    /// n c / Σ p v: the save rate at which the net is 0, above 1 where none suffices; `None` where nothing is at risk.
    pub break_even_save_rate: Option<f64>,
    /// The net of the same contacts under other assumptions.
    pub sensitivity: NetSensitivity,
}

/// The net of the same contacts where one assumption is off.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NetSensitivity {
    /// Half of the save rate.
    pub save_rate_halved: f64,
    /// One and a half times the save rate, at most 1.
    pub save_rate_half_more: f64,
    /// Half of the cost.
    pub cost_halved: f64,
    /// One and a half times the cost.
    pub cost_half_more: f64,
    /// Probabilities as low as the reliability of held-out rows allows, all at once: each less what its bin's mean forecast is
    /// above the lower end of the bin's rate; `None` without such rows.
    pub probabilities_low: Option<f64>,
    /// The same as high as it allows.
    pub probabilities_high: Option<f64>,
}

impl Money {
    /// What contacts bring; `None` where there is nobody to contact.
    ///
    /// `reliability` are bins of held-out rows by rising forecast, as
    /// [`ServedEvidence`](crate::churn::ServedEvidence) and [`SavedEvidence`](crate::churn::SavedEvidence) have them; empty where
    /// nothing was learned.
    ///
    /// # Panics
    /// On a cost that is negative or not finite, or a save rate outside [0, 1].
    #[must_use]
    pub fn what_if(&self, assumed: &WhatIf, reliability: &[ReliabilityBin]) -> Option<WhatIfTable> {
        let (cost, save_rate) = (assumed.cost_per_contact, assumed.save_rate);
        assert!(cost.is_finite() && cost >= 0.0, "a cost of at least 0");
        assert!((0.0..=1.0).contains(&save_rate), "a save rate in [0, 1]");
        let n_customers = self.ranked.len();
        let largest = self.ranked.first()?.at_risk;
        let n_best = self
            .ranked
            .partition_point(|stake| save_rate * stake.at_risk > cost);
        let mut numbers: Vec<usize> = LADDER_PCT
            .iter()
            .map(|pct| (pct * n_customers).div_ceil(100))
            .chain((n_best > 0).then_some(n_best))
            .collect();
        numbers.sort_unstable();
        numbers.dedup();
        let highest_value = self.ranked.iter().fold(0.0, |max, s| s.value.max(max));
        let contacts = Contacts {
            assumed,
            reliability,
            highest_value,
        };
        let sums = contacts.sums(&self.ranked, &numbers);
        let row = |sums: &Sums| WhatIfRow {
            share: sums.n as f64 / n_customers as f64,
            is_best: sums.n == n_best,
            ..contacts.row(sums)
        };
        Some(WhatIfTable {
            assumed: *assumed,
            n_customers,
            n_best,
            pays_from_save_rate: quotient(cost, largest),
            rows: sums.iter().map(row).collect(),
        })
    }
}

/// What all rows of a table share.
struct Contacts<'a> {
    assumed: &'a WhatIf,
    reliability: &'a [ReliabilityBin],
    highest_value: f64,
}

/// Sums over the first n customers.
#[derive(Clone, Debug, Default)]
struct Sums {
    n: usize,
    probability: ExactSum,
    value: ExactSum,
    at_risk: ExactSum,
    at_risk_low: ExactSum,
    at_risk_high: ExactSum,
    /// Σ q (1 − q) (v / highest v)², q = s p: squares of values as they are could leave the range of doubles.
    variance: ExactSum,
}

impl Contacts<'_> {
    /// Sums over the first customers for each of some ascending numbers.
    fn sums(&self, ranked: &[Stake], numbers: &[usize]) -> Vec<Sums> {
        let mut sums = Sums::default();
        let mut at = |&n: &usize| {
            for stake in &ranked[sums.n..n] {
                self.add(stake, &mut sums);
            }
            sums.n = n;
            sums.clone()
        };
        numbers.iter().map(&mut at).collect()
    }

    fn add(&self, stake: &Stake, sums: &mut Sums) {
        let (p, value) = (stake.probability, stake.value);
        sums.probability.add(p);
        sums.value.add(value);
        sums.at_risk.add(stake.at_risk);
        let kept = self.assumed.save_rate * p;
        let relative = if value > 0.0 {
            value / self.highest_value
        } else {
            0.0
        };
        sums.variance.add(kept * (1.0 - kept) * relative * relative);
        if let Some((low, high)) = ends(self.reliability, p) {
            sums.at_risk_low.add(low * value);
            sums.at_risk_high.add(high * value);
        }
    }

    fn row(&self, sums: &Sums) -> WhatIfRow {
        let WhatIf {
            cost_per_contact,
            save_rate,
        } = *self.assumed;
        let n = sums.n as f64;
        let net = |save_rate: f64, at_risk: &ExactSum, cost_per_contact: f64| {
            finite(save_rate * at_risk.value() - finite(n * cost_per_contact))
        };
        let (at_risk, cost) = (sums.at_risk.value(), finite(n * cost_per_contact));
        let expected = net(save_rate, &sums.at_risk, cost_per_contact);
        let deviation = self.highest_value * sums.variance.value().sqrt();
        let half = normal_quantile(0.5 + 0.5 * LEVEL) * deviation;
        let has_ends = !self.reliability.is_empty();
        let at_end = |sum: &ExactSum| has_ends.then(|| net(save_rate, sum, cost_per_contact));
        WhatIfRow {
            n_contacts: sums.n,
            share: 1.0,
            is_best: false,
            expected_churners: sums.probability.value(),
            cost,
            saved_value: save_rate * at_risk,
            net: expected,
            // Nobody is kept at worst, and everybody at best.
            net_lower: finite(expected - half).max(-cost),
            net_upper: finite(expected + half).min(finite(sums.value.value() - cost)),
            break_even_save_rate: quotient(cost, at_risk),
            sensitivity: NetSensitivity {
                save_rate_halved: net(0.5 * save_rate, &sums.at_risk, cost_per_contact),
                save_rate_half_more: net(
                    (1.5 * save_rate).min(1.0),
                    &sums.at_risk,
                    cost_per_contact,
                ),
                cost_halved: net(save_rate, &sums.at_risk, 0.5 * cost_per_contact),
                cost_half_more: net(save_rate, &sums.at_risk, finite(1.5 * cost_per_contact)),
                probabilities_low: at_end(&sums.at_risk_low),
                probabilities_high: at_end(&sums.at_risk_high),
            },
        }
    }
}

/// A probability as low and as high as the bin with the nearest mean forecast allows; `None` without bins.
///
/// The difference is carried over and not the quotient, which beside a mean near 0 has no bounds.
fn ends(reliability: &[ReliabilityBin], probability: f64) -> Option<(f64, f64)> {
    let above = reliability.partition_point(|bin| bin.mean_forecast < probability);
    let neighbors = [above.checked_sub(1), Some(above)];
    let neighbors = neighbors.into_iter().flatten();
    let bins = neighbors.filter_map(|at| reliability.get(at));
    let distance = |bin: &ReliabilityBin| (bin.mean_forecast - probability).abs();
    let bin = bins.min_by(|a, b| distance(a).total_cmp(&distance(b)))?;
    let moved = |end: f64| (probability + (end - bin.mean_forecast)).clamp(0.0, 1.0);
    Some((moved(bin.lower), moved(bin.upper)))
}

/// `None` where nothing is at risk.
fn quotient(cost: f64, at_risk: f64) -> Option<f64> {
    (at_risk > 0.0).then(|| finite(cost / at_risk))
}

/// The nearest double that is finite.
fn finite(value: f64) -> f64 {
    value.clamp(-f64::MAX, f64::MAX)
}
