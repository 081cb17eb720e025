//! Features in at most 255 bins by weighted quantiles of their distinct values; missing values have bin 0 to themselves.
//!
//! Source: Ke et al. (2017), "LightGBM: A Highly Efficient Gradient Boosting Decision Tree", NeurIPS, section 2.1; a value
//! that holds more than its share of the rows gets a bin of its own there as here.

use std::ops::Range;

use clientela_numerics::{StopToken, Stopped};
use rayon::prelude::*;

/// Bins for values that a feature can have at most; one more, bin 0, is for missing values.
pub const BINS_MAX: usize = 255;
/// The bin of missing values.
pub(crate) const MISSING: u8 = 0;
/// Values sorted between two looks at the stop token.
const RUN: usize = 65_536;

/// The upper ends of a feature's bins.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Cuts(Vec<f64>);

impl Cuts {
    /// The cuts of every feature. NaN is missing; a row of weight 0 counts for nothing.
    pub(crate) fn of_columns(
        columns: &[Vec<f64>],
        weights: Option<&[f64]>,
        bins_max: usize,
        stop: &StopToken,
    ) -> Result<Vec<Self>, Stopped> {
        columns
            .par_iter()
            .map(|column| {
                let distinct = distinct_values(column, weights, stop)?;
                Ok(Self::by_quantiles(&distinct, bins_max))
            })
            .collect()
    }

    /// Cuts halfway between the last value of a bin and the first of the next.
    ///
    /// From the lowest value on, a bin takes values until it has its share of the weight that is left; a value with more
    /// than a share starts its own.
    fn by_quantiles(distinct: &[(f64, f64)], bins_max: usize) -> Self {
        let mut cuts = Vec::new();
        let mut weight_left: f64 = distinct.iter().map(|(_, weight)| weight).sum();
        let mut in_bin = 0.0;
        for (i, pair) in distinct.windows(2).enumerate() {
            let ((value, weight), (next, next_weight)) = (pair[0], pair[1]);
            in_bin += weight;
            let bins_left = bins_max - cuts.len();
            if bins_left == 1 {
                break;
            }
            let share = weight_left / bins_left as f64;
            let enough_for_all = distinct.len() - i <= bins_left && in_bin == weight;
            if enough_for_all || in_bin >= share || next_weight >= share {
                cuts.push(between(value, next));
                weight_left -= in_bin;
                in_bin = 0.0;
            }
        }
        Self(cuts)
    }

    /// Bins that hold values; at least 1.
    pub(super) fn n_bins(&self) -> usize {
        self.0.len() + 1
    }

    /// The bin of a value, from 1; [`MISSING`] for NaN.
    #[inline]
    pub(super) fn bin_of(&self, value: f64) -> u8 {
        if value.is_nan() {
            MISSING
        } else {
            (self.0.partition_point(|&cut| cut < value) + 1) as u8
        }
    }

    /// The largest value that still belongs to a bin; +∞ for the last one, whose right neighbors are the missing values.
    pub(crate) fn upper_end(&self, bin: u8) -> f64 {
        self.0
            .get(usize::from(bin) - 1)
            .copied()
            .unwrap_or(f64::INFINITY)
    }
}

/// A number that is at least `low` and less than `high`, halfway if there is one.
fn between(low: f64, high: f64) -> f64 {
    let middle = low + (high - low) / 2.0;
    if middle < high && middle >= low {
        middle
    } else {
        low
    }
}

/// Distinct values in ascending order with their weights.
fn distinct_values(
    column: &[f64],
    weights: Option<&[f64]>,
    stop: &StopToken,
) -> Result<Vec<(f64, f64)>, Stopped> {
    let mut runs = Vec::new();
    for start in (0..column.len()).step_by(RUN) {
        stop.poll()?;
        let rows = start..(start + RUN).min(column.len());
        runs.push(match weights {
            None => distinct_of_unweighted(&column[rows]),
            Some(weights) => distinct_of_weighted(column, weights, rows),
        });
    }
    while runs.len() > 1 {
        let pairs = runs.chunks(2).map(|pair| match pair {
            [left, right] => merged(left, right, stop),
            _ => Ok(pair[0].clone()),
        });
        runs = pairs.collect::<Result<_, _>>()?;
    }
    Ok(runs.pop().unwrap_or_default())
}

fn distinct_of_unweighted(values: &[f64]) -> Vec<(f64, f64)> {
    let known = values.iter().filter(|value| !value.is_nan());
    let mut keys: Vec<u64> = known.map(|&value| sort_key(value)).collect();
    keys.sort_unstable();
    let runs = keys.chunk_by(|a, b| a == b);
    runs.map(|run| (value_of_key(run[0]), run.len() as f64))
        .collect()
}

fn distinct_of_weighted(column: &[f64], weights: &[f64], rows: Range<usize>) -> Vec<(f64, f64)> {
    let known = rows.filter(|&row| !column[row].is_nan() && weights[row] > 0.0);
    let mut keys: Vec<(u64, u64)> = known
        .map(|row| (sort_key(column[row]), weights[row].to_bits()))
        .collect();
    keys.sort_unstable();
    keys.chunk_by(|a, b| a.0 == b.0)
        .map(|run| {
            let weight = run.iter().map(|&(_, weight)| f64::from_bits(weight)).sum();
            (value_of_key(run[0].0), weight)
        })
        .collect()
}

/// Whole numbers in the order of the doubles: they sort twice as fast.
fn sort_key(value: f64) -> u64 {
    let bits = (value + 0.0).to_bits();
    if bits >> 63 == 1 {
        !bits
    } else {
        bits | 1 << 63
    }
}

fn value_of_key(key: u64) -> f64 {
    f64::from_bits(if key >> 63 == 1 {
        key & !(1 << 63)
    } else {
        !key
    })
}

fn merged(
    left: &[(f64, f64)],
    right: &[(f64, f64)],
    stop: &StopToken,
) -> Result<Vec<(f64, f64)>, Stopped> {
    let mut all = Vec::with_capacity(left.len() + right.len());
    let (mut i, mut j) = (0, 0);
    while i < left.len() || j < right.len() {
        if all.len().is_multiple_of(RUN) {
            stop.poll()?;
        }
        let takes_left = j == right.len() || (i < left.len() && left[i].0 <= right[j].0);
        let takes_right = i == left.len() || (j < right.len() && right[j].0 <= left[i].0);
        let value = if takes_left { left[i].0 } else { right[j].0 };
        let mut weight = 0.0;
        if takes_left {
            weight += left[i].1;
            i += 1;
        }
        if takes_right {
            weight += right[j].1;
            j += 1;
        }
        all.push((value, weight));
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cuts_of(column: &[f64], weights: Option<&[f64]>, bins_max: usize) -> Cuts {
        let stop = StopToken::new();
        let columns = [column.to_vec()];
        let cuts = Cuts::of_columns(&columns, weights, bins_max, &stop);
        cuts.expect("nobody asks to stop").remove(0)
    }

    #[test]
    fn few_distinct_values_have_a_bin_each() {
        let cuts = cuts_of(&[3.0, 1.0, f64::NAN, 2.0, 1.0, -0.0, 0.0], None, 4);
        assert_eq!(cuts, Cuts(vec![0.5, 1.5, 2.5]));
        let bins = [f64::NAN, -9.0, 0.0, 0.5, 0.6, 2.0, 3.0, f64::INFINITY];
        assert_eq!(
            bins.map(|value| cuts.bin_of(value)),
            [0, 1, 1, 1, 2, 3, 4, 4]
        );
        assert_eq!(
            [1, 3, 4].map(|bin| cuts.upper_end(bin)),
            [0.5, 2.5, f64::INFINITY]
        );
    }

    #[test]
    fn many_values_share_bins_of_like_weight() {
        let column: Vec<f64> = (0..200_000)
            .map(|i| f64::from(i * 7919 % 200_003))
            .collect();
        let cuts = cuts_of(&column, None, 50);
        assert_eq!(cuts.n_bins(), 50);
        let mut counts = [0_u32; 51];
        for &value in &column {
            counts[usize::from(cuts.bin_of(value))] += 1;
        }
        assert!(
            counts[1..]
                .iter()
                .all(|count| (3999..=4001).contains(count)),
            "{counts:?}"
        );
    }

    #[test]
    fn a_value_with_more_than_its_share_stands_alone() {
        let mut column: Vec<f64> = (0..1000).map(f64::from).collect();
        column.extend([500.0; 3000]);
        let cuts = cuts_of(&column, None, 10);
        let bin = cuts.bin_of(500.0);
        assert!(cuts.bin_of(499.0) < bin && bin < cuts.bin_of(501.0));
        assert!(cuts.n_bins() <= 10);
    }

    #[test]
    fn weights_count_as_so_many_rows() {
        let column: Vec<f64> = (0..300).map(f64::from).collect();
        let weights: Vec<f64> = (0..300).map(|i| f64::from(i % 4)).collect();
        let repeated: Vec<f64> = (0..300)
            .flat_map(|i| vec![f64::from(i); i as usize % 4])
            .collect();
        assert_eq!(
            cuts_of(&column, Some(&weights), 16),
            cuts_of(&repeated, None, 16)
        );
    }

    #[test]
    fn a_column_without_values_has_one_bin() {
        assert_eq!(cuts_of(&[f64::NAN; 3], None, 255).n_bins(), 1);
        assert_eq!(cuts_of(&[7.0; 3], None, 255).n_bins(), 1);
    }

    #[test]
    fn keys_sort_as_their_values_do() {
        let values = [
            f64::NEG_INFINITY,
            -1e300,
            -1.5,
            -1e-310,
            0.0,
            1e-310,
            2.0,
            f64::INFINITY,
        ];
        let keys = values.map(sort_key);
        assert!(keys.is_sorted());
        assert_eq!(keys.map(value_of_key), values);
        assert_eq!(sort_key(-0.0), sort_key(0.0));
    }

    #[test]
    fn neighbors_without_a_number_between_them_are_still_parted() {
        let low = 1.0_f64;
        let high = low.next_up();
        assert_eq!(between(low, high), low);
        assert_eq!(between(-f64::MAX, f64::MAX), -f64::MAX);
    }
}
