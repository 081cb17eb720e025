//! Drift: how far the rows that a saved model scores have moved from those that it learned from.
//!
//! ```text
//! PSI = Σ (a − e) ln(a / e)      a, e: share of a bin among scored and among training rows, half a row added to each bin
//! ```
//!
//! Sources: Siddiqi (2006), "Credit Risk Scorecards", chapter 10, for the population stability index and its levels (0.1 and
//! 0.25); Yurdakul (2018), "Statistical Properties of Population Stability Index", Western Michigan University, section 3: without
//! any drift the index is distributed as (1/n + 1/m) χ² with one degree of freedom less than bins, so that few rows show much of
//! it by chance.
//! Probabilities are compared with those that the same model gives its training rows: other models, as those of the folds are, give
//! the same rows other ones. They spread a little wider than those of fresh rows; measured on forests, boosted trees and logistic
//! regressions of 300 and 1,000 rows, strong and of noise, that raises a false alarm in at most 4 % of the tables.
//! Differs from the sources: bins that neither side has rows in are left out; a level is given only beyond what chance gives.

use clientela_numerics::special::normal_quantile;

use super::distribution::Distribution;
use super::features::FeatureValues;
use super::report::RiskReport;
use super::saved::{SavedFeature, SavedModel};

/// Rows added to each bin, so that an empty one has a logarithm.
const SMOOTHING_ROWS: f64 = 0.5;
/// Where moderate drift begins, and where it is large.
const MODERATE: f64 = 0.1;
const LARGE: f64 = 0.25;
/// Probability that no column of a table without drift is beyond its bound.
const CONFIDENCE: f64 = 0.95;

/// How far scored rows are from those that a model learned from.
#[derive(Clone, Debug, PartialEq)]
pub struct Drift {
    /// The columns of the model, in its order.
    pub columns: Vec<ColumnDrift>,
    /// The probabilities that it gives, against those that it gives its training rows.
    pub probabilities: Shift,
    /// Rows it learned from.
    pub n_training: usize,
    /// Rows it scored.
    pub n_scored: usize,
}

/// How far a column has moved.
#[derive(Clone, Debug, PartialEq)]
pub struct ColumnDrift {
    /// Its name.
    pub column: String,
    /// How far.
    pub shift: Shift,
}

/// How far one distribution is from another.
#[derive(Clone, Debug, PartialEq)]
pub struct Shift {
    /// Population stability index, at least 0.
    pub psi: f64,
    /// Its mean where nothing has moved: (bins − 1)(1/n + 1/m).
    pub by_chance: f64,
    /// What chance stays below where nothing has moved, in 95 % of tables for all their columns together.
    pub by_chance_upper: f64,
    /// In a word; [`DriftLevel::Stable`] wherever chance alone may give as much.
    pub level: DriftLevel,
    /// The bins that either side has rows in.
    pub bins: Vec<ShiftBin>,
}

/// Drift in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DriftLevel {
    /// Below 0.1, or not beyond chance.
    Stable,
    /// From 0.1 on.
    Moderate,
    /// From 0.25 on.
    Large,
}

/// One bin on both sides.
#[derive(Clone, Debug, PartialEq)]
pub struct ShiftBin {
    /// Which values it has.
    pub values: BinValues,
    /// Its share of the training rows.
    pub training_share: f64,
    /// Its share of the scored rows.
    pub scored_share: f64,
}

/// The values of a bin.
#[derive(Clone, Debug, PartialEq)]
pub enum BinValues {
    /// Numbers above one value and up to another; `None` where there is no end.
    Range {
        /// Exclusive.
        above: Option<f64>,
        /// Inclusive.
        up_to: Option<f64>,
    },
    /// A word.
    Level(String),
    /// All words that the model does not tell apart.
    Other,
    /// No value.
    Missing,
}

/// How far the rows of a report have moved from those that its model learned from.
///
/// # Panics
/// When the report is not that of [`score`](super::score) with this model.
#[must_use]
pub fn drift(saved: &SavedModel, report: &RiskReport) -> Drift {
    let models = report.models.as_ref().expect("a report of a saved model");
    let n_compared = saved.features.len() + 1;
    let of_column = |(feature, values): (&SavedFeature, &FeatureValues)| ColumnDrift {
        column: feature.name.clone(),
        shift: Shift::of(
            &feature.distribution,
            &feature.distribution.count(values, &feature.levels),
            &feature.levels,
            n_compared,
        ),
    };
    let values = models.features.columns.iter().map(|column| &column.values);
    assert_eq!(
        values.len(),
        saved.features.len(),
        "the columns of the model"
    );
    let probabilities: Vec<f64> = report.customers.iter().map(|c| c.probability).collect();
    let counts = saved.probabilities.count_numbers(&probabilities);
    Drift {
        columns: saved.features.iter().zip(values).map(of_column).collect(),
        probabilities: Shift::of(&saved.probabilities, &counts, &[], n_compared),
        n_training: saved.n_churned + saved.n_others,
        n_scored: report.customers.len(),
    }
}

impl Drift {
    /// The columns that have moved, the farthest first.
    #[must_use]
    pub fn drifted(&self) -> Vec<&ColumnDrift> {
        let has_moved = |column: &&ColumnDrift| column.shift.level > DriftLevel::Stable;
        let mut drifted: Vec<&ColumnDrift> = self.columns.iter().filter(has_moved).collect();
        drifted.sort_by(|a, b| b.shift.psi.total_cmp(&a.shift.psi));
        drifted
    }
}

impl Shift {
    /// Of training rows and the rows of other data in the same bins; one of so many that are compared.
    fn of(training: &Distribution, scored: &[usize], levels: &[String], n_compared: usize) -> Self {
        let learned = training.counts().into_iter().map(|counts| counts.n_rows);
        let both = learned.zip(scored.iter().copied()).enumerate();
        let occupied: Vec<(usize, [usize; 2])> = both
            .map(|(place, (learned, scored))| (place, [learned, scored]))
            .filter(|(_, rows)| rows.iter().any(|&n| n > 0))
            .collect();
        let rows: Vec<[usize; 2]> = occupied.iter().map(|(_, rows)| *rows).collect();
        let totals = [0, 1].map(|side| rows.iter().map(|rows| rows[side]).sum::<usize>() as f64);
        let psi = population_stability_index(&rows);
        let freedom = rows.len().saturating_sub(1) as f64;
        let unit = 1.0 / totals[0] + 1.0 / totals[1];
        let by_chance_upper = unit * chi_square_quantile(confidence_of_one(n_compared), freedom);
        let bins = occupied.iter().map(|&(place, [learned, scored])| ShiftBin {
            values: values_of_bin(training, levels, place),
            training_share: learned as f64 / totals[0],
            scored_share: scored as f64 / totals[1],
        });
        Self {
            psi,
            by_chance: unit * freedom,
            by_chance_upper,
            level: DriftLevel::of(psi, by_chance_upper),
            bins: bins.collect(),
        }
    }
}

impl DriftLevel {
    fn of(psi: f64, by_chance_upper: f64) -> Self {
        if psi < MODERATE || psi <= by_chance_upper {
            Self::Stable
        } else if psi < LARGE {
            Self::Moderate
        } else {
            Self::Large
        }
    }
}

/// The index of bins with their rows on both sides; 0 without bins.
fn population_stability_index(rows: &[[usize; 2]]) -> f64 {
    let smoothed = |n: usize| n as f64 + SMOOTHING_ROWS;
    let totals = [0, 1].map(|side| rows.iter().map(|rows| smoothed(rows[side])).sum::<f64>());
    let term = |rows: &[usize; 2]| {
        let [e, a] = [0, 1].map(|side| smoothed(rows[side]) / totals[side]);
        (a - e) * libm::log(a / e)
    };
    rows.iter().map(term).sum()
}

/// The confidence for one of several comparisons that gives [`CONFIDENCE`] for all of them: Bonferroni's.
fn confidence_of_one(n_compared: usize) -> f64 {
    1.0 - (1.0 - CONFIDENCE) / n_compared as f64
}

/// The value below which a χ² variate falls with a probability of at least 0.9; within 2 % of it, 0 without freedom.
///
/// Source: Wilson, Hilferty (1931), "The Distribution of Chi-square", Proceedings of the National Academy of Sciences 17(12),
/// 684–688: its cube root is nearly normal.
fn chi_square_quantile(probability: f64, freedom: f64) -> f64 {
    if freedom == 0.0 {
        return 0.0;
    }
    let spread = 2.0 / (9.0 * freedom);
    let root = 1.0 - spread + normal_quantile(probability) * spread.sqrt();
    freedom * root * root * root
}

fn values_of_bin(training: &Distribution, levels: &[String], place: usize) -> BinValues {
    match training {
        Distribution::Numeric { cuts, .. } if place <= cuts.len() => BinValues::Range {
            above: place.checked_sub(1).map(|below| cuts[below]),
            up_to: cuts.get(place).copied(),
        },
        Distribution::Text { .. } if place < levels.len() => {
            BinValues::Level(levels[place].clone())
        }
        Distribution::Text { .. } if place == levels.len() => BinValues::Other,
        _ => BinValues::Missing,
    }
}

#[cfg(test)]
mod tests {
    use clientela_numerics::RandomStream;

    use super::*;

    fn training(values: &[f64]) -> Distribution {
        Distribution::of_numbers(values, &vec![false; values.len()])
    }

    #[test]
    fn the_index_is_that_of_paper_and_pencil() {
        let rows = [[19, 9], [19, 29]];
        let with_halves = [[19.5, 9.5], [19.5, 29.5]].map(|[e, a]| [e / 39.0, a / 39.0]);
        let expected: f64 = with_halves
            .iter()
            .map(|[e, a]: &[f64; 2]| (a - e) * (a / e).ln())
            .sum();
        let psi = population_stability_index(&rows);
        assert!((psi - expected).abs() < 1e-15, "{psi}");
        // (19.5 − 9.5)/39 · ln(19.5/9.5) + (29.5 − 19.5)/39 · ln(29.5/19.5)
        assert!((psi - 0.290_537_5).abs() < 1e-6, "{psi}");
        assert_eq!(population_stability_index(&[[7, 7], [3, 3]]), 0.0);
        assert_eq!(population_stability_index(&[]), 0.0);
    }

    #[test]
    fn equal_shares_of_other_numbers_of_rows_are_next_to_no_drift() {
        let psi = population_stability_index(&[[700, 70], [300, 30]]);
        assert!(psi < 1e-4, "{psi}");
    }

    #[test]
    fn quantiles_of_chi_square_are_near_those_of_tables() {
        for (probability, freedom, expected) in [
            (0.95, 1.0, 3.841),
            (0.95, 9.0, 16.919),
            (0.99, 4.0, 13.277),
            (0.999, 10.0, 29.588),
            (0.9975, 1.0, 9.141),
        ] {
            let given = chi_square_quantile(probability, freedom);
            assert!(
                (given / expected - 1.0).abs() < 0.03,
                "{given}, not {expected}"
            );
        }
    }

    #[test]
    fn bins_without_rows_on_both_sides_play_no_part() {
        let values: Vec<f64> = (0..100).map(f64::from).collect();
        let shift = Shift::of(
            &training(&values),
            &[10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 0],
            &[],
            1,
        );
        assert_eq!((shift.bins.len(), shift.psi), (10, 0.0));
        assert!((shift.by_chance - 9.0 * 0.02).abs() < 1e-15);
        let values_of = |at: usize| shift.bins[at].values.clone();
        let range = |above, up_to| BinValues::Range { above, up_to };
        assert_eq!(values_of(0), range(None, Some(9.0)));
        assert_eq!(values_of(9), range(Some(89.0), None));
    }

    #[test]
    fn values_that_go_missing_are_drift() {
        let values: Vec<f64> = (0..500).map(f64::from).collect();
        let training = training(&values);
        let mut scored: Vec<f64> = values.clone();
        scored[..250].fill(f64::NAN);
        let shift = Shift::of(&training, &training.count_numbers(&scored), &[], 5);
        assert_eq!(shift.level, DriftLevel::Large);
        let missing = shift.bins.last().expect("a bin");
        assert_eq!(
            (&missing.values, missing.scored_share),
            (&BinValues::Missing, 0.5)
        );
    }

    #[test]
    fn chance_is_not_called_drift_however_few_the_rows() {
        let mut stream = RandomStream::new(3, "drift", 0);
        let mut draw = |n: usize| -> Vec<f64> { (0..n).map(|_| stream.normal()).collect() };
        for (n_scored, n_training) in [(30, 1000), (200, 300), (1000, 5000)] {
            let mut n_beyond = 0;
            let mut sum = 0.0;
            let by_chance = 9.0 * (1.0 / n_scored as f64 + 1.0 / n_training as f64);
            for _ in 0..400 {
                let training = training(&draw(n_training));
                let counts = training.count_numbers(&draw(n_scored));
                let shift = Shift::of(&training, &counts, &[], 1);
                n_beyond += usize::from(shift.psi > shift.by_chance_upper);
                sum += shift.psi;
            }
            // 5 % of 400 are 20; four standard errors above.
            assert!(n_beyond <= 38, "{n_beyond} of 400 with {n_scored} rows");
            let ratio = sum / 400.0 / by_chance;
            assert!((0.7..1.3).contains(&ratio), "{ratio} with {n_scored} rows");
        }
    }

    #[test]
    fn what_has_moved_is_found_beyond_chance() {
        let mut stream = RandomStream::new(4, "drift", 0);
        let mut draw = |n: usize, shift: f64| -> Vec<f64> {
            (0..n).map(|_| shift + stream.normal()).collect()
        };
        let training = training(&draw(2000, 0.0));
        let level =
            |values: &[f64]| Shift::of(&training, &training.count_numbers(values), &[], 6).level;
        assert_eq!(level(&draw(2000, 0.0)), DriftLevel::Stable);
        assert_eq!(level(&draw(2000, 0.45)), DriftLevel::Moderate);
        assert_eq!(level(&draw(2000, 1.0)), DriftLevel::Large);
        // Ten rows that are half a standard deviation off prove nothing.
        assert_eq!(level(&draw(10, 0.5)), DriftLevel::Stable);
    }
}
