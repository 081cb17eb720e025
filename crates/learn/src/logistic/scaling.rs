//! Columns in units of their standard deviation, and back.

use super::design::Column;

/// Smaller standard deviations count as none: the slope of such a column could not be written as a double.
const DEVIATION_MIN: f64 = 1e-290;
/// Values further from the mean count as so many standard deviations, so that no forecast is infinite. Rows that are learned
/// from lie within √n of them.
const FARTHEST: f64 = 1e6;

/// How a column is brought to mean 0 and standard deviation 1.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Scale {
    Numeric {
        mean: f64,
        deviation: f64,
    },
    /// The share of each level; a level's column of zeros and ones has this mean.
    Categorical {
        shares: Vec<f64>,
    },
}

impl Scale {
    /// Of the rows given, with weights that add up to 1.
    pub(super) fn of(column: &Column<'_>, rows: &[u32], weights: &[f64]) -> Self {
        match *column {
            Column::Numeric(values) => {
                let [mean, deviation] = moments(values, rows, weights);
                Self::Numeric { mean, deviation }
            }
            Column::Categorical { codes, n_levels } => {
                let mut shares = vec![0.0; n_levels];
                let mut counts = vec![0_usize; n_levels];
                for (&row, weight) in rows.iter().zip(weights) {
                    let level = codes[row as usize] as usize;
                    shares[level] += weight;
                    counts[level] += 1;
                }
                for (share, count) in shares.iter_mut().zip(counts) {
                    // Exactly 1 where all rows have this level, which rounding of the sum may miss.
                    *share = if count == rows.len() { 1.0 } else { *share };
                }
                Self::Categorical { shares }
            }
        }
    }
}

/// Mean and population standard deviation, the latter 0 for equal values.
fn moments(values: &[f64], rows: &[u32], weights: &[f64]) -> [f64; 2] {
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for &row in rows {
        low = low.min(values[row as usize]);
        high = high.max(values[row as usize]);
    }
    // Halves, because the range of doubles holds no difference of its ends. In units of the range neither squares of large
    // values overflow nor do those of small ones vanish, and the digits of values far from 0 are kept.
    let (center, range) = (0.5 * low + 0.5 * high, 0.5 * high - 0.5 * low);
    if range < DEVIATION_MIN {
        return [center, 0.0];
    }
    let unit = |row: u32| (0.5 * values[row as usize] - 0.5 * center) / range;
    let mean = sum(rows, weights, unit);
    let variance = sum(rows, weights, |row| {
        let deviation = unit(row) - mean;
        deviation * deviation
    });
    // Both lie within the range of the values, which rounding may leave.
    let mean = (center + range * (2.0 * mean)).clamp(low, high);
    let deviation = (range * (2.0 * variance.sqrt())).min(f64::MAX);
    if deviation < DEVIATION_MIN {
        return [mean, 0.0];
    }
    [mean, deviation]
}

/// Weighted sum in blocks of fixed size.
fn sum(rows: &[u32], weights: &[f64], term: impl Fn(u32) -> f64) -> f64 {
    let blocks = rows
        .chunks(crate::blocks::BLOCK)
        .zip(weights.chunks(crate::blocks::BLOCK));
    blocks
        .map(|(rows, weights)| {
            let terms = rows.iter().zip(weights).map(|(&row, w)| w * term(row));
            terms.sum::<f64>()
        })
        .sum()
}

/// How many standard deviations a value is above the mean; 0 in a column without spread.
pub(super) fn standardized(value: f64, mean: f64, deviation: f64) -> f64 {
    if deviation > 0.0 {
        // Halves, so that the difference of two finite numbers is finite.
        let half = (0.5 * value - 0.5 * mean) / deviation;
        (2.0 * half).clamp(-FARTHEST, FARTHEST)
    } else {
        0.0
    }
}

/// Standard deviation of a column of zeros and ones.
pub(super) fn share_deviation(share: f64) -> f64 {
    (share * (1.0 - share)).max(0.0).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scale(values: &[f64], weights: &[f64]) -> [f64; 2] {
        let rows: Vec<u32> = (0..values.len() as u32).collect();
        match Scale::of(&Column::Numeric(values), &rows, weights) {
            Scale::Numeric { mean, deviation } => [mean, deviation],
            Scale::Categorical { .. } => unreachable!("a numeric column"),
        }
    }

    #[test]
    fn moments_are_those_of_paper_and_pencil() {
        assert_eq!(scale(&[1.0, 4.0], &[0.75, 0.25]), [1.75, 1.6875_f64.sqrt()]);
        assert_eq!(scale(&[0.1; 3], &[1.0 / 3.0; 3]), [0.1, 0.0]);
    }

    #[test]
    fn the_ends_of_the_range_of_doubles_have_moments() {
        let [mean, deviation] = scale(&[-f64::MAX, f64::MAX], &[0.5, 0.5]);
        assert_eq!((mean, deviation), (0.0, f64::MAX));
        let [mean, deviation] = scale(&[1e15, 1e15 + 2.0], &[0.5, 0.5]);
        assert_eq!((mean, deviation), (1e15 + 1.0, 1.0));
        assert_eq!(scale(&[0.0, 1e-300], &[0.5, 0.5])[1], 0.0);
    }

    #[test]
    fn values_far_out_are_finite() {
        assert_eq!(standardized(f64::MAX, -f64::MAX, 1e-200), FARTHEST);
        assert_eq!(standardized(-3.0, 0.0, 2.0), -1.5);
        assert_eq!(standardized(7.0, 1.0, 0.0), 0.0);
    }

    #[test]
    fn a_level_that_all_rows_have_is_a_constant() {
        let codes = [2_u32; 7];
        let column = Column::Categorical {
            codes: &codes,
            n_levels: 4,
        };
        let rows: Vec<u32> = (0..7).collect();
        let scale = Scale::of(&column, &rows, &[1.0 / 7.0; 7]);
        let shares = vec![0.0, 0.0, 1.0, 0.0];
        assert_eq!(scale, Scale::Categorical { shares });
        assert_eq!(share_deviation(1.0), 0.0);
        assert_eq!(share_deviation(0.5), 0.5);
    }
}
