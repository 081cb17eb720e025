//! Recency, frequency, monetary value: scores by quantile, and the tiers made of them.
//!
//! Source: Hughes (1994), "Strategic Database Marketing", for scoring by quantile; the tiers are the API contract's §10.
//! Differs from the source: equal values always score equal, so bins need not hold equally many customers.
//! Cost: O(n log n). Deterministic.

use clientela_numerics::quantile::{Level, quantile_of_sorted};
use clientela_numerics::sum::ExactSum;
use clientela_tables::{CustomerOrders, Orders};

/// What one customer is scored by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measures {
    /// Days since the last order; at least 0.
    pub recency_days: u32,
    /// Number of orders; at least 1.
    pub frequency: u32,
    /// Sum of all orders, exact in the decimals given.
    pub monetary_total: f64,
}

/// The three measures, as places to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Days since the last order; fewer is better.
    Recency,
    /// Number of orders.
    Frequency,
    /// Sum of all orders.
    Monetary,
}

impl Measure {
    /// In the order of the name.
    pub const ALL: [Self; 3] = [Self::Recency, Self::Frequency, Self::Monetary];
}

/// The tiers of a base, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tier {
    /// Total of at least 3·bins − 2.
    Champion,
    /// From the 70th percentile of the other totals.
    Loyal,
    /// From the 45th percentile of the other totals.
    Potential,
    /// All that is left.
    Promising,
    /// Up to the 20th percentile of the other totals.
    AtRisk,
}

impl Tier {
    /// All tiers, best first.
    pub const ALL: [Self; 5] = [
        Self::Champion,
        Self::Loyal,
        Self::Potential,
        Self::Promising,
        Self::AtRisk,
    ];

    /// The name on the wire; never translated.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Champion => "Champion",
            Self::Loyal => "Loyal",
            Self::Potential => "Potential",
            Self::Promising => "Promising",
            Self::AtRisk => "At-Risk",
        }
    }
}

/// One customer's scores, each from 1 (worst) to `bins` (best).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scores {
    /// High where the last order is recent.
    pub recency: u32,
    /// High where there are many orders.
    pub frequency: u32,
    /// High where much was spent.
    pub monetary: u32,
}

impl Scores {
    /// The sum of the three, from 3 to 3·bins.
    #[must_use]
    pub fn total(self) -> u32 {
        self.recency + self.frequency + self.monetary
    }

    /// The score of one measure.
    #[must_use]
    pub fn of(self, measure: Measure) -> u32 {
        match measure {
            Measure::Recency => self.recency,
            Measure::Frequency => self.frequency,
            Measure::Monetary => self.monetary,
        }
    }
}

/// Scores and tiers of a base.
#[derive(Clone, Debug, PartialEq)]
pub struct RfmReport {
    /// Number of bins.
    pub bins: u32,
    /// In the order of the table.
    pub customers: Vec<ScoredCustomer>,
    /// The quantiles i / bins, i = 1 … bins − 1, ascending, of recency, frequency and monetary value.
    pub thresholds: [Vec<f64>; 3],
    /// Measures that are equal for all customers.
    pub without_spread: Vec<Measure>,
    /// Whether the customers that are not Champion could not be told apart, so that all are Promising.
    pub undivided: bool,
}

/// One customer with all that was found out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScoredCustomer {
    /// What was measured.
    pub measures: Measures,
    /// Where that stands within the base.
    pub scores: Scores,
    /// The tier of the total.
    pub tier: Tier,
}

/// Scores every customer of a base against all others.
///
/// `bins` is the number of score levels, 2–10. A measure that is equal for all customers scores 1 (recency: `bins`).
///
/// # Panics
/// On fewer than 2 bins.
#[must_use]
pub fn score(orders: &Orders, bins: u32) -> RfmReport {
    assert!(bins >= 2, "at least two bins");
    let measures: Vec<Measures> = orders
        .customers
        .iter()
        .map(|customer| measure(customer, orders.today))
        .collect();
    let value = |measures: &Measures, measure| match measure {
        Measure::Recency => f64::from(measures.recency_days),
        Measure::Frequency => f64::from(measures.frequency),
        Measure::Monetary => measures.monetary_total,
    };
    let thresholds =
        Measure::ALL.map(|m| thresholds(measures.iter().map(|row| value(row, m)).collect(), bins));
    let without_spread = Measure::ALL.into_iter().filter(|&m| {
        let first = value(&measures[0], m);
        measures.iter().all(|row| value(row, m) == first)
    });
    let without_spread = without_spread.collect();
    let above = |index: usize, value: f64| thresholds[index].partition_point(|&t| t < value) as u32;
    let scores: Vec<Scores> = measures
        .iter()
        .map(|row| Scores {
            recency: bins - above(0, f64::from(row.recency_days)),
            frequency: 1 + above(1, f64::from(row.frequency)),
            monetary: 1 + above(2, row.monetary_total),
        })
        .collect();
    let (tiers, undivided) = tiers(&scores, bins);
    let customers = measures
        .into_iter()
        .zip(scores)
        .zip(tiers)
        .map(|((measures, scores), tier)| ScoredCustomer {
            measures,
            scores,
            tier,
        })
        .collect();
    RfmReport {
        bins,
        customers,
        thresholds,
        without_spread,
        undivided,
    }
}

fn measure(customer: &CustomerOrders, today: clientela_tables::Date) -> Measures {
    let last = customer.orders.iter().map(|order| order.date).max();
    let mut total = ExactSum::new();
    for order in &customer.orders {
        total.add(order.amount);
    }
    Measures {
        recency_days: today
            .days_since(last.expect("at least one order"))
            .unsigned_abs(),
        frequency: customer.orders.len() as u32,
        monetary_total: total.value(),
    }
}

/// The quantiles i / bins, ascending.
fn thresholds(mut values: Vec<f64>, bins: u32) -> Vec<f64> {
    values.sort_unstable_by(f64::total_cmp);
    (1..bins)
        .map(|i| Level::new(u64::from(i), u64::from(bins)))
        .map(|level| quantile_of_sorted(&values, level).expect("at least one customer"))
        .collect()
}

/// Tiers by total; percentiles are taken over the customers that are not Champion. Also whether these were all equal.
fn tiers(scores: &[Scores], bins: u32) -> (Vec<Tier>, bool) {
    let is_champion = |total: u32| total >= 3 * bins - 2;
    let mut others: Vec<f64> = scores
        .iter()
        .map(|row| row.total())
        .filter(|&total| !is_champion(total))
        .map(f64::from)
        .collect();
    others.sort_unstable_by(f64::total_cmp);
    let percentile = |percent| quantile_of_sorted(&others, Level::percent(percent));
    let cuts = [20, 45, 70].map(|percent| percentile(percent).unwrap_or(0.0));
    let undivided = !others.is_empty() && others.first() == others.last();
    let tier = |row: &Scores| {
        let total = f64::from(row.total());
        if is_champion(row.total()) {
            Tier::Champion
        } else if undivided {
            Tier::Promising
        } else if total <= cuts[0] {
            Tier::AtRisk
        } else if total >= cuts[2] {
            Tier::Loyal
        } else if total >= cuts[1] {
            Tier::Potential
        } else {
            Tier::Promising
        }
    };
    (scores.iter().map(tier).collect(), undivided)
}

#[cfg(test)]
mod tests {
    use clientela_tables::{Date, Order};

    use super::*;

    fn base(rows: &[(&str, &[(&str, f64)])]) -> Orders {
        let date = |text| Date::parse(text).expect("a date");
        let customers = rows.iter().map(|(id, orders)| CustomerOrders {
            id: (*id).to_owned(),
            orders: orders
                .iter()
                .map(|&(day, amount)| Order {
                    date: date(day),
                    amount,
                })
                .collect(),
        });
        Orders {
            today: date("2025-04-24"),
            customers: customers.collect(),
        }
    }

    #[test]
    fn the_reference_cohort_of_the_contract_is_reproduced() {
        let report = score(
            &base(&[
                (
                    "a",
                    &[
                        ("2025-04-21", 520.55),
                        ("2025-04-18", 398.4),
                        ("2025-03-29", 310.0),
                    ],
                ),
                ("b", &[("2025-01-05", 120.0), ("2024-12-19", 75.9)]),
                (
                    "c",
                    &[
                        ("2025-04-23", 165.0),
                        ("2025-04-01", 165.0),
                        ("2025-03-01", 165.0),
                        ("2025-02-01", 165.0),
                    ],
                ),
            ]),
            5,
        );
        assert_eq!(report.thresholds[0], [1.8, 2.6, 24.2, 66.6]);
        assert_eq!(report.thresholds[1], [2.4, 2.8, 3.2, 3.6]);
        assert_eq!(report.thresholds[2], [381.54, 567.18, 773.79, 1001.37]);
        let found: Vec<(u32, Tier)> = report
            .customers
            .iter()
            .map(|c| (c.scores.total(), c.tier))
            .collect();
        assert_eq!(
            found,
            [(11, Tier::Loyal), (3, Tier::AtRisk), (13, Tier::Champion)]
        );
    }

    #[test]
    fn equal_customers_share_one_tier_and_the_report_says_so() {
        let report = score(
            &base(&[("a", &[("2025-04-21", 5.0)]), ("b", &[("2025-04-21", 5.0)])]),
            5,
        );
        assert_eq!(report.without_spread, Measure::ALL);
        assert!(report.undivided);
        let scores = Scores {
            recency: 5,
            frequency: 1,
            monetary: 1,
        };
        assert!(
            report
                .customers
                .iter()
                .all(|c| c.tier == Tier::Promising && c.scores == scores)
        );
    }

    #[track_caller]
    fn check_tiers(totals: &[u32], expected: &[Tier]) {
        // The parts of a total do not matter to its tier.
        let scores: Vec<Scores> = totals
            .iter()
            .map(|total| Scores {
                recency: total - 2,
                frequency: 1,
                monetary: 1,
            })
            .collect();
        let (found, undivided) = tiers(&scores, 5);
        assert_eq!(found, expected);
        assert!(!undivided);
    }

    #[test]
    fn tiers_are_cut_at_percentiles_of_the_totals_below_champion() {
        use Tier::{AtRisk, Champion, Loyal, Potential, Promising};
        // The cuts among 3 … 12 are 4.8, 7.05 and 9.3.
        check_tiers(
            &[15, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13],
            &[
                Champion, AtRisk, AtRisk, Promising, Promising, Promising, Potential, Potential,
                Loyal, Loyal, Loyal, Champion,
            ],
        );
        // All cuts are 3: the first rule that holds counts.
        check_tiers(&[3, 3, 3, 3, 9], &[AtRisk, AtRisk, AtRisk, AtRisk, Loyal]);
    }

    #[test]
    fn a_single_customer_below_champion_cannot_be_ranked() {
        let scores = [13, 4].map(|total| Scores {
            recency: total - 2,
            frequency: 1,
            monetary: 1,
        });
        assert_eq!(
            tiers(&scores, 5),
            (vec![Tier::Champion, Tier::Promising], true)
        );
    }

    #[test]
    fn equal_values_score_equal_whatever_they_are_sums_of() {
        let report = score(
            &base(&[
                ("a", &[("2025-04-21", 5.0)]),
                ("b", &[("2025-04-20", 0.1), ("2025-04-20", 0.2)]),
                ("c", &[("2025-04-20", 0.3)]),
            ]),
            10,
        );
        assert!(report.without_spread.is_empty());
        let [b, c] = [1, 2].map(|i| report.customers[i]);
        assert_eq!(b.measures.monetary_total, c.measures.monetary_total);
        assert_eq!(b.scores.monetary, c.scores.monetary);
        assert_eq!(b.scores.recency, c.scores.recency);
        assert_eq!(b.scores.frequency, 10);
        assert_eq!(report.thresholds[0].len(), 9);
    }
}
