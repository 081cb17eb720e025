//! Rounding in one direction, on the decimal text that people see.

use clientela_numerics::round::round_decimal;

/// The lowest number of so many decimals that is not below a value.
pub fn rounded_up(value: f64, decimals: u32) -> f64 {
    let rounded = round_decimal(value, decimals);
    if rounded >= value {
        return rounded;
    }
    round_decimal(rounded + step(decimals), decimals)
}

/// The highest number of so many decimals that is not above a value.
pub fn rounded_down(value: f64, decimals: u32) -> f64 {
    -rounded_up(-value, decimals) + 0.0
}

/// The smallest step of a number of so many decimals.
pub fn step(decimals: u32) -> f64 {
    if decimals == 0 {
        1.0
    } else {
        1.0 / 10_u32.pow(decimals) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_goes_one_way_and_leaves_what_is_round() {
        assert_eq!(rounded_up(0.33331, 4), 0.3334);
        assert_eq!(rounded_up(0.3333, 4), 0.3333);
        assert_eq!((rounded_down(4.7, 0), rounded_down(4.0, 0)), (4.0, 4.0));
        assert_eq!((rounded_up(4.021, 2), rounded_up(-0.4, 0)), (4.03, 0.0));
    }
}
