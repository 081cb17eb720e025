//! Whether attributions rise or fall with the values of a column.
//!
//! Source: Spearman (1904), "The Proof and Measurement of Association between Two Things", American Journal of Psychology 15(1).
//! Differs from the source: the correlation is given as a share of the largest one that the ties of both sides allow, so that a
//! column of few values, where ties are many, can reach 1 too.

/// Rows that are looked at at most, evenly from all; whole numbers of their ranks fit 64 bits.
const ROWS_MAX: usize = 20_000;

/// 1 where attributions never fall with the value, −1 where they never rise, 0 where there is no order; rows without a value
/// play no part.
pub(super) fn concordance(values: &[f64], attribution: impl Fn(usize) -> f64) -> f64 {
    let step = values.len().div_ceil(ROWS_MAX).max(1);
    let rows = (0..values.len()).step_by(step);
    let (own, of_rows): (Vec<f64>, Vec<f64>) = rows
        .filter(|&row| !values[row].is_nan())
        .map(|row| (values[row], attribution(row)))
        .unzip();
    let (mut a, mut b) = (ranks(&own), ranks(&of_rows));
    let found = covariance(&a, b.iter());
    a.sort_unstable();
    b.sort_unstable();
    let largest = if found >= 0 {
        covariance(&a, b.iter())
    } else {
        -covariance(&a, b.iter().rev())
    };
    if largest == 0 {
        0.0
    } else {
        found as f64 / largest as f64
    }
}

/// Twice the rank of each value, equal ones sharing the middle of theirs.
fn ranks(values: &[f64]) -> Vec<i64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_unstable_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0; values.len()];
    let mut below = 0;
    for run in order.chunk_by(|&a, &b| values[a] == values[b]) {
        for &at in run {
            ranks[at] = 2 * below + run.len() as i64;
        }
        below += run.len() as i64;
    }
    ranks
}

/// n Σxy − Σx Σy
fn covariance<'a>(x: &[i64], y: impl Iterator<Item = &'a i64> + Clone) -> i64 {
    let products: i64 = x.iter().zip(y.clone()).map(|(x, y)| x * y).sum();
    x.len() as i64 * products - x.iter().sum::<i64>() * y.sum::<i64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(values: &[f64], attributions: &[f64], expected: f64) {
        let found = concordance(values, |row| attributions[row]);
        assert!((found - expected).abs() < 1e-12, "{found}");
    }

    #[test]
    fn what_never_falls_or_never_rises_is_one() {
        check(&[1.0, 2.0, 5.0], &[-3.0, 0.0, 0.1], 1.0);
        check(&[1.0, 2.0, 5.0], &[3.0, 0.0, -0.1], -1.0);
        // Ties take nothing from it: a rare yes.
        check(&[0.0, 0.0, 0.0, 1.0], &[-0.3, -0.1, -0.2, 2.0], 1.0);
        check(&[0.0, 0.0, 0.0, 1.0], &[-0.3, -0.1, -0.2, -2.0], -1.0);
    }

    #[test]
    fn a_turn_or_nothing_at_all_is_no_direction() {
        check(&[1.0, 2.0, 3.0, 4.0, 5.0], &[2.0, 1.0, 0.0, 1.0, 2.0], 0.0);
        check(&[1.0, 2.0], &[0.0, 0.0], 0.0);
        check(&[f64::NAN; 3], &[0.0; 3], 0.0);
        check(&[], &[], 0.0);
    }

    #[test]
    fn rows_without_a_value_play_no_part() {
        check(&[1.0, f64::NAN, 2.0], &[0.0, 9.0, 1.0], 1.0);
    }

    #[test]
    fn as_many_rows_as_there_may_be_do_not_overflow() {
        let values: Vec<f64> = (0..ROWS_MAX).map(|row| row as f64).collect();
        check(&values, &values, 1.0);
    }
}
