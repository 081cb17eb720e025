//! Properties that hold for every input: fast versions equal slow obvious ones, order does not matter.

use clientela_numerics::quantile::{Level, quantile_of_sorted};
use clientela_numerics::{ExactSum, RandomStream, round_decimal};
use proptest::prelude::*;

/// Rounds by the digits of the shortest text, in whole-number arithmetic.
fn round_text_slowly(value: f64, digits: usize) -> f64 {
    let text = value.abs().to_string();
    let (whole, decimals) = text.split_once('.').unwrap_or((&text, ""));
    let padded = format!("{decimals:0<width$}", width = digits + 1);
    let kept: u128 = format!("{whole}{}", &padded[..digits])
        .parse()
        .expect("digits");
    let dropped = &padded[digits..];
    let half = format!("{:0<width$}", "5", width = dropped.len());
    let up = match dropped.cmp(&half) {
        std::cmp::Ordering::Less => 0,
        std::cmp::Ordering::Equal => kept % 2,
        std::cmp::Ordering::Greater => 1,
    };
    let rounded: f64 = format!("{}e-{digits}", kept + up)
        .parse()
        .expect("a number");
    if value < 0.0 && rounded != 0.0 {
        -rounded
    } else {
        rounded
    }
}

fn money() -> impl Strategy<Value = f64> {
    (-10_000_000_i64..10_000_000).prop_map(|cents| cents as f64 / 100.0)
}

fn any_size() -> impl Strategy<Value = f64> {
    (-1.0..1.0_f64, -300..300_i32).prop_map(|(mantissa, exponent)| mantissa * 10_f64.powi(exponent))
}

proptest! {
    #[test]
    fn rounding_equals_rounding_of_the_printed_digits(
        whole in -1_000_000_000_000_i64..1_000_000_000_000,
        decimals in 0..8_i32,
        steps in -2..=2_i64,
        digits in 0..7_u32,
    ) {
        let decimal = whole as f64 / 10_f64.powi(decimals);
        let value = f64::from_bits(decimal.to_bits().wrapping_add_signed(if decimal == 0.0 { 0 } else { steps }));
        prop_assert_eq!(round_decimal(value, digits).to_bits(), round_text_slowly(value, digits as usize).to_bits());
    }

    #[test]
    fn rounding_equals_rounding_of_the_printed_digits_for_any_double(value in -1e12..1e12_f64, digits in 0..7_u32) {
        prop_assert_eq!(round_decimal(value, digits).to_bits(), round_text_slowly(value, digits as usize).to_bits());
    }

    #[test]
    fn a_sum_of_cents_is_exact(cents in prop::collection::vec(-10_000_000_000_i64..10_000_000_000, 0..200)) {
        let sum: ExactSum = cents.iter().map(|&cents| cents as f64 / 100.0).collect();
        prop_assert_eq!(sum.value(), cents.iter().sum::<i64>() as f64 / 100.0);
    }

    #[test]
    fn a_sum_does_not_depend_on_the_order_or_the_grouping(
        terms in prop::collection::vec(prop_oneof![money(), any_size(), any::<f64>().prop_filter("finite", |x| x.is_finite())], 0..60),
        seed in any::<u64>(),
        cut in 0..60_usize,
    ) {
        let in_order: ExactSum = terms.iter().copied().collect();
        let mut shuffled = terms.clone();
        RandomStream::new(seed, "shuffle", 0).shuffle(&mut shuffled);
        let (left, right) = shuffled.split_at(cut.min(terms.len()));
        let mut grouped: ExactSum = left.iter().copied().collect();
        grouped.merge(&right.iter().copied().collect());
        prop_assert_eq!(grouped.value().to_bits(), in_order.value().to_bits());
        prop_assert_eq!(grouped.divided_by(7).to_bits(), in_order.divided_by(7).to_bits());
        prop_assert!(in_order.value().is_finite());
    }

    #[test]
    fn a_sum_of_whole_binary_fractions_is_exact(units in prop::collection::vec(-(1_i64 << 52)..(1 << 52), 1..50)) {
        // Units of 2^-60 are no decimals of nine digits, so that this goes through the binary half.
        let unit = 2_f64.powi(-60);
        let sum: ExactSum = units.iter().map(|&count| count as f64 * unit).collect();
        prop_assert_eq!(sum.value(), units.iter().map(|&count| i128::from(count)).sum::<i128>() as f64 * unit);
    }

    #[test]
    fn opposite_terms_cancel_exactly(terms in prop::collection::vec(any_size(), 0..40), kept in any_size()) {
        let all = terms.iter().copied().chain([kept]).chain(terms.iter().map(|term| -term));
        prop_assert_eq!(all.collect::<ExactSum>().value(), kept);
    }

    #[test]
    fn a_quantile_lies_between_its_neighbors(
        mut values in prop::collection::vec(prop_oneof![money(), any_size()], 1..40),
        numerator in 0..=1000_u64,
    ) {
        values.sort_unstable_by(f64::total_cmp);
        let quantile = quantile_of_sorted(&values, Level::new(numerator, 1000)).expect("a sample");
        let position = (values.len() as u64 - 1) * numerator;
        let rank = (position / 1000) as usize;
        prop_assert!(values[rank] <= quantile);
        prop_assert!(quantile <= values[(rank + 1).min(values.len() - 1)]);
    }
}
