//! Totals of groups and of the whole base: joint draws of the models, and what totals are off by beyond them.
//!
//! ```text
//! total = exp(τ z) · Σ over customers of what one joint draw says,   z ~ Normal(0, 1)
//! ```
//!
//! z does not depend on the draw, so that every draw meets every z of a set at equal steps of probability: where τ is most of
//! what is open, as on real bases, the ends of an interval are then hardly left to chance, which one drawn z per draw would not do.

use clientela_numerics::special::normal_quantile;
use libm::exp;

use super::N_GROUPS;
use super::block::{DrawnBlock, GroupTotals};
use super::replicate::REPLICATES;

/// Values of z. Their variance is 0.99.
const SPREADS: usize = 100;

/// Sorted totals of value and of purchases.
pub type Sorted = [Vec<f64>; 2];

/// The totals of each group, and of all together.
pub fn totals(blocks: &[DrawnBlock], total_spread: f64) -> (Vec<Sorted>, Sorted) {
    let mut drawn = vec![[0.0; 2 * N_GROUPS]; REPLICATES];
    for block in blocks {
        for (totals, terms) in drawn.iter_mut().zip(&block.totals) {
            for (total, term) in totals.iter_mut().zip(terms) {
                *total += term;
            }
        }
    }
    let factors = factors(total_spread);
    let of_group = |group: usize| {
        [0, 1].map(|figure| sorted(&drawn, &factors, |totals| totals[2 * group + figure]))
    };
    let of_all = |figure: usize| {
        sorted(&drawn, &factors, |totals| {
            (0..N_GROUPS).map(|group| totals[2 * group + figure]).sum()
        })
    };
    ((0..N_GROUPS).map(of_group).collect(), [0, 1].map(of_all))
}

/// What totals are multiplied by, each with the same probability.
fn factors(total_spread: f64) -> Vec<f64> {
    if total_spread == 0.0 {
        return vec![1.0];
    }
    let z = |step: usize| normal_quantile((step as f64 + 0.5) / SPREADS as f64);
    (0..SPREADS)
        .map(|step| exp(total_spread * z(step)))
        .collect()
}

fn sorted(
    drawn: &[GroupTotals],
    factors: &[f64],
    figure: impl Fn(&GroupTotals) -> f64,
) -> Vec<f64> {
    let totals = drawn.iter().map(figure);
    let spread = |total: f64| factors.iter().map(move |factor| total * factor);
    let mut values: Vec<f64> = totals.flat_map(spread).collect();
    values.sort_unstable_by(f64::total_cmp);
    values
}

#[cfg(test)]
mod tests {
    use super::super::super::report::Interval;
    use super::super::interval;
    use super::*;

    fn block(totals: impl Fn(usize) -> GroupTotals) -> DrawnBlock {
        DrawnBlock {
            totals: (0..REPLICATES).map(totals).collect(),
            prediction: Vec::new(),
            expectation: Vec::new(),
            probability_zero: Vec::new(),
            transforms: Vec::new(),
        }
    }

    #[test]
    fn totals_are_those_of_each_replicate_over_blocks_and_groups() {
        let replicate = |at: usize| [at as f64, 1.0, 0.0, 0.0, 5.0, 2.0];
        let (groups, all) = totals(&[block(replicate), block(replicate)], 0.0);
        let ascending =
            |from: f64| -> Vec<f64> { (0..REPLICATES).map(|at| from + 2.0 * at as f64).collect() };
        assert_eq!(groups[0], [ascending(0.0), vec![2.0; REPLICATES]]);
        assert_eq!(groups[1], [vec![0.0; REPLICATES], vec![0.0; REPLICATES]]);
        assert_eq!(all, [ascending(10.0), vec![6.0; REPLICATES]]);
    }

    /// A certain total leaves the interval of its logarithm to the spread alone.
    #[test]
    fn a_spread_widens_by_the_quantiles_of_a_normal_variate_and_not_by_chance() {
        let (_, [value, _]) = totals(&[block(|_| [100.0; 6])], 0.2);
        let Interval { lower, upper } = interval(&value, 0.8);
        let z = libm::log(upper / 300.0) / 0.2;
        assert!((z - 1.2816).abs() < 0.04, "{z}");
        assert!((lower * upper / 90_000.0 - 1.0).abs() < 0.02);
    }
}
