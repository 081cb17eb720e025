//! Scales: from a value to its place along an axis, and the round values worth a tick.

/// How values are spread along an axis.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scale {
    /// Equal differences take equal room.
    #[default]
    Linear,
    /// By the square root: spreads small values without hiding that there are large ones. Values below 0 count as 0.
    SquareRoot,
    /// Equal ratios take equal room. Zero and below stand on a place of their own at the start of the axis.
    Logarithmic,
}

/// A scale laid over the values of a chart.
#[derive(Clone, Debug)]
pub(crate) struct Mapping {
    scale: Scale,
    low: f64,
    high: f64,
    /// The share of the axis kept for what has no logarithm.
    band: f64,
    /// The distance of two ticks, as `mantissa · 10^exponent`; of the linear scale only.
    step: (i64, i32),
}

/// A round value, where it stands (0 start, 1 end of the axis), and how it is written.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tick {
    pub(crate) position: f64,
    pub(crate) label: String,
}

/// Below this a value counts as 0: a step between such values could not be represented.
const TINY: f64 = 1e-300;

/// The share of a logarithmic axis that is kept for zero.
const ZERO_BAND: f64 = 0.06;

impl Mapping {
    /// The scale over all finite values, widened to round ends; `from_zero` makes it start at 0 in any case.
    pub(crate) fn over(scale: Scale, values: impl Iterator<Item = f64>, from_zero: bool) -> Self {
        let values: Vec<f64> = values.filter(|value| value.is_finite()).collect();
        match scale {
            Scale::Linear => Self::linear(&values, from_zero),
            Scale::SquareRoot => Self::square_root(&values),
            Scale::Logarithmic => Self::logarithmic(&values, from_zero),
        }
    }

    fn linear(values: &[f64], from_zero: bool) -> Self {
        let mut low = values.iter().copied().fold(f64::INFINITY, f64::min);
        let mut high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        if values.is_empty() {
            (low, high) = (0.0, 1.0);
        }
        let largest = low.abs().max(high.abs());
        // Values that hardly differ are shown against zero, or the axis would show rounding errors.
        if from_zero || high / 2.0 - low / 2.0 < largest * 1e-9 {
            (low, high) = (low.min(0.0), high.max(0.0));
        }
        if largest < TINY {
            (low, high) = (0.0, 1.0);
        }
        let (mantissa, exponent) = round_step(high / 6.0 - low / 6.0);
        let step = decimal(mantissa, exponent);
        Self {
            scale: Scale::Linear,
            low: ((low / step).floor() * step).max(f64::MIN),
            high: ((high / step).ceil() * step).min(f64::MAX),
            band: 0.0,
            step: (mantissa, exponent),
        }
    }

    fn square_root(values: &[f64]) -> Self {
        let high = values.iter().copied().fold(0.0, f64::max);
        let high = if high > TINY { high } else { 1.0 };
        let (mantissa, exponent) = round_step(high / 6.0);
        let step = decimal(mantissa, exponent);
        Self {
            scale: Scale::SquareRoot,
            low: 0.0,
            high: ((high / step).ceil() * step).min(f64::MAX),
            band: 0.0,
            step: (mantissa, exponent),
        }
    }

    fn logarithmic(values: &[f64], from_zero: bool) -> Self {
        let positive = || values.iter().copied().filter(|value| *value > TINY);
        let band = if from_zero || positive().count() < values.len() {
            ZERO_BAND
        } else {
            0.0
        };
        let (mut low, mut high) = (
            positive().fold(f64::INFINITY, f64::min),
            positive().fold(0.0, f64::max),
        );
        if high == 0.0 {
            (low, high) = (1.0, 10.0);
        }
        (low, high) = (round_below(low), round_above(high));
        if low == high {
            (low, high) = (low / 10.0, high * 10.0);
        }
        Self {
            scale: Scale::Logarithmic,
            low,
            high: high.min(f64::MAX),
            band,
            step: (1, 0),
        }
    }

    /// Where a value stands: 0 at the start of the axis, 1 at its end.
    pub(crate) fn position(&self, value: f64) -> f64 {
        match self.scale {
            // In halves, because the difference of two doubles may overflow.
            Scale::Linear => (value / 2.0 - self.low / 2.0) / (self.high / 2.0 - self.low / 2.0),
            Scale::SquareRoot => (value.max(0.0) / self.high).sqrt(),
            Scale::Logarithmic if value <= TINY => 0.0,
            Scale::Logarithmic => {
                let (low, high) = (libm::log10(self.low), libm::log10(self.high));
                self.band
                    + (1.0 - self.band)
                        * ((libm::log10(value) - low) / (high - low)).clamp(0.0, 1.0)
            }
        }
    }

    /// The ticks, and the power of ten their labels leave out (0 for none), which belongs on the axis.
    pub(crate) fn ticks(&self, number: &dyn Fn(f64, usize) -> String) -> (Vec<Tick>, i32) {
        match self.scale {
            Scale::Linear => self.linear_ticks(number),
            Scale::SquareRoot => self.square_root_ticks(number),
            Scale::Logarithmic => (self.logarithmic_ticks(number), 0),
        }
    }

    fn linear_ticks(&self, number: &dyn Fn(f64, usize) -> String) -> (Vec<Tick>, i32) {
        let (mantissa, exponent) = self.step;
        let step = decimal(mantissa, exponent);
        let left_out = left_out(self.low.abs().max(self.high.abs()));
        let decimals = usize::try_from(left_out - exponent).unwrap_or(0);
        let first = (self.low / step).round() as i64;
        let last = (self.high / step).round() as i64;
        let tick = |multiple: i64| {
            let value = decimal(multiple.saturating_mul(mantissa), exponent);
            let shown = decimal(multiple.saturating_mul(mantissa), exponent - left_out);
            value.is_finite().then(|| Tick {
                position: self.position(value),
                label: number(shown, decimals),
            })
        };
        ((first..=last).filter_map(tick).collect(), left_out)
    }

    /// Round values near equal places of the axis, and its end, so that no mark stands above the last tick.
    fn square_root_ticks(&self, number: &dyn Fn(f64, usize) -> String) -> (Vec<Tick>, i32) {
        const PLACES: i32 = 6;
        /// A tick nearer to the end of the axis would run into the last one.
        const LAST_BUT_ONE: f64 = 0.92;
        let left_out = left_out(self.high);
        let tick = |mantissa: i64, exponent: i32| {
            let decimals = usize::try_from(left_out - exponent).unwrap_or(0);
            Tick {
                position: self.position(decimal(mantissa, exponent)),
                label: number(decimal(mantissa, exponent - left_out), decimals),
            }
        };
        let mut ticks = vec![Tick {
            position: 0.0,
            label: number(0.0, 0),
        }];
        for place in 1..PLACES {
            let share = f64::from(place) / f64::from(PLACES);
            let (mantissa, exponent) = round_near(self.high * share * share);
            let next = tick(mantissa, exponent);
            let is_apart = ticks
                .last()
                .is_none_or(|last| next.position > last.position);
            if is_apart && next.position < LAST_BUT_ONE {
                ticks.push(next);
            }
        }
        let (mantissa, exponent) = self.step;
        let steps = (self.high / decimal(mantissa, exponent)).round() as i64;
        let (mantissa, exponent) = without_zeros(steps.saturating_mul(mantissa), exponent);
        if decimal(mantissa, exponent).is_finite() {
            ticks.push(tick(mantissa, exponent));
        }
        (ticks, left_out)
    }

    fn logarithmic_ticks(&self, number: &dyn Fn(f64, usize) -> String) -> Vec<Tick> {
        let first = libm::log10(self.low).floor() as i32;
        let last = libm::log10(self.high).ceil() as i32;
        let mantissas: &[i64] = if last - first <= 3 { &[1, 2, 5] } else { &[1] };
        let every = (last - first) / 7 + 1;
        let mut ticks = Vec::new();
        if self.band > 0.0 {
            ticks.push(Tick {
                position: 0.0,
                label: number(0.0, 0),
            });
        }
        for exponent in (first..=last).filter(|exponent| (exponent - first) % every == 0) {
            for &mantissa in mantissas {
                let value = decimal(mantissa, exponent);
                // The ends were rounded to such values, so comparing is exact.
                if value >= self.low && value <= self.high {
                    ticks.push(Tick {
                        position: self.position(value),
                        label: power_label(mantissa, exponent, number),
                    });
                }
            }
        }
        ticks
    }
}

/// ` (×10⁶)` for a power of ten that the labels leave out; nothing for 0.
pub(crate) fn power_note(left_out: i32) -> String {
    if left_out == 0 {
        String::new()
    } else {
        format!(" (×10{})", superscript(left_out))
    }
}

/// A value of a logarithmic axis: written out where it is short, as a power of ten otherwise.
fn power_label(mantissa: i64, exponent: i32, number: &dyn Fn(f64, usize) -> String) -> String {
    if (-4..7).contains(&exponent) {
        return number(
            decimal(mantissa, exponent),
            usize::try_from(-exponent).unwrap_or(0),
        );
    }
    let power = format!("10{}", superscript(exponent));
    if mantissa == 1 {
        power
    } else {
        format!("{mantissa}×{power}")
    }
}

fn superscript(n: i32) -> String {
    const DIGITS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    let digits = n.unsigned_abs().to_string();
    let sign = if n < 0 { "⁻" } else { "" };
    digits.bytes().fold(sign.to_owned(), |mut text, digit| {
        text.push(DIGITS[usize::from(digit - b'0')]);
        text
    })
}

/// The power of ten, a multiple of 3, that labels of numbers this large or small leave out.
fn left_out(largest: f64) -> i32 {
    if (1e-3..1e7).contains(&largest) || largest < TINY {
        return 0;
    }
    (libm::log10(largest).floor() as i32).div_euclid(3) * 3
}

/// The next step of 1, 2 or 5 times a power of ten that is not smaller.
fn round_step(raw: f64) -> (i64, i32) {
    let exponent = libm::log10(raw).floor() as i32;
    let [one, two, five] = [1, 2, 5].map(|mantissa| decimal(mantissa, exponent));
    if raw <= one {
        (1, exponent)
    } else if raw <= two {
        (2, exponent)
    } else if raw <= five {
        (5, exponent)
    } else {
        (1, exponent + 1)
    }
}

/// The same value with as few digits as it takes.
fn without_zeros(mut mantissa: i64, mut exponent: i32) -> (i64, i32) {
    while mantissa != 0 && mantissa % 10 == 0 {
        (mantissa, exponent) = (mantissa / 10, exponent + 1);
    }
    (mantissa, exponent)
}

/// The value rounded to 1, 2 or 5 times a power of ten, whichever is nearest below or just above.
fn round_near(value: f64) -> (i64, i32) {
    let exponent = libm::log10(value).floor() as i32;
    let leading = value / decimal(1, exponent);
    match leading {
        leading if leading < 1.5 => (1, exponent),
        leading if leading < 3.5 => (2, exponent),
        leading if leading < 8.0 => (5, exponent),
        _ => (1, exponent + 1),
    }
}

fn round_below(value: f64) -> f64 {
    let exponent = libm::log10(value).floor() as i32;
    [5, 2, 1]
        .map(|mantissa| decimal(mantissa, exponent))
        .into_iter()
        .find(|round| *round <= value)
        .unwrap_or(value)
}

fn round_above(value: f64) -> f64 {
    let exponent = libm::log10(value).floor() as i32;
    [
        (1, exponent),
        (2, exponent),
        (5, exponent),
        (1, exponent + 1),
    ]
    .map(|(mantissa, exponent)| decimal(mantissa, exponent))
    .into_iter()
    .find(|round| *round >= value)
    .unwrap_or(value)
}

/// `mantissa · 10^exponent`, correctly rounded: the parser of the standard library does it, on every machine alike.
fn decimal(mantissa: i64, exponent: i32) -> f64 {
    format!("{mantissa}e{exponent}")
        .parse()
        .expect("digits, an e and an exponent are a number")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(value: f64, decimals: usize) -> String {
        format!("{value:.decimals$}")
    }

    fn labels(scale: Scale, values: &[f64], from_zero: bool) -> (String, i32) {
        let mapping = Mapping::over(scale, values.iter().copied(), from_zero);
        let (ticks, left_out) = mapping.ticks(&plain);
        assert!(
            ticks
                .windows(2)
                .all(|pair| pair[0].position < pair[1].position),
            "{ticks:?}"
        );
        assert!(
            ticks
                .iter()
                .all(|tick| (-1e-9..=1.0 + 1e-9).contains(&tick.position)),
            "{ticks:?}"
        );
        for value in values.iter().filter(|value| value.is_finite()) {
            assert!(
                (-1e-9..=1.0 + 1e-9).contains(&mapping.position(*value)),
                "{value}"
            );
        }
        (
            ticks
                .into_iter()
                .map(|tick| tick.label)
                .collect::<Vec<_>>()
                .join(" "),
            left_out,
        )
    }

    #[test]
    fn linear_ticks_are_round() {
        let cases: [(&[f64], bool, &str, i32); 9] = [
            (&[0.0, 9.3], true, "0 2 4 6 8 10", 0),
            (&[0.12, 0.57], false, "0.1 0.2 0.3 0.4 0.5 0.6", 0),
            (&[-3.0, 4.0], false, "-4 -2 0 2 4", 0),
            (&[1e9, 4e9], true, "0 1 2 3 4", 9),
            (&[2e-7], false, "0 50 100 150 200", -9),
            (&[], false, "0.0 0.2 0.4 0.6 0.8 1.0", 0),
            (&[0.0, 0.0], false, "0.0 0.2 0.4 0.6 0.8 1.0", 0),
            (&[500.0, 500.0], false, "0 100 200 300 400 500", 0),
            (
                &[f64::NAN, 1.0, f64::INFINITY, 2.0],
                false,
                "1.0 1.2 1.4 1.6 1.8 2.0",
                0,
            ),
        ];
        for (values, from_zero, expected, power) in cases {
            assert_eq!(
                labels(Scale::Linear, values, from_zero),
                (expected.to_owned(), power),
                "{values:?}"
            );
        }
    }

    #[test]
    fn square_root_ticks_go_from_zero_to_at_least_the_largest_value() {
        let cases: [(f64, &str, i32); 7] = [
            (4_500.0, "0 100 500 1000 2000 5000", 0),
            (2_100.0, "0 50 200 500 1000 2000 2500", 0),
            (168.61, "0 5 20 50 100 200", 0),
            (1.0, "0 0.02 0.1 0.2 0.5 1", 0),
            (0.0, "0 0.02 0.1 0.2 0.5 1", 0),
            (3.2e9, "0 0.1 0.5 1 2 4", 9),
            (0.07, "0 0.002 0.01 0.02 0.05 0.08", 0),
        ];
        for (largest, expected, power) in cases {
            assert_eq!(
                labels(Scale::SquareRoot, &[largest], true),
                (expected.to_owned(), power),
                "{largest}"
            );
        }
        for largest in [1.0, 1.7, 3.3, 9.9, 123.4, 7.77e-5] {
            let mapping = Mapping::over(Scale::SquareRoot, std::iter::once(largest), true);
            let (ticks, _) = mapping.ticks(&plain);
            let last = ticks.last().map(|tick| tick.position);
            assert!(last.is_some_and(|last| (last - 1.0).abs() < 1e-9));
            assert!(mapping.position(largest) > 0.8, "{largest}");
        }
    }

    #[test]
    fn logarithmic_ticks_are_decades_and_zero_has_its_own_place() {
        assert_eq!(
            labels(Scale::Logarithmic, &[3.0, 80.0], false).0,
            "2 5 10 20 50 100"
        );
        assert_eq!(
            labels(Scale::Logarithmic, &[0.0, 0.002, 9e6], false).0,
            "0 0.1 10 1000 100000 10⁷"
        );
        assert_eq!(
            labels(Scale::Logarithmic, &[1e-9, 1e12], false).0,
            "10⁻⁹ 10⁻⁵ 0.1 1000 10⁷ 10¹¹"
        );
        assert_eq!(labels(Scale::Logarithmic, &[0.0], false).0, "0 1 2 5 10");
        assert_eq!(
            labels(Scale::Logarithmic, &[10.0], false).0,
            "1 2 5 10 20 50 100"
        );
    }

    #[test]
    fn extreme_values_keep_their_places() {
        for scale in [Scale::Linear, Scale::SquareRoot, Scale::Logarithmic] {
            for values in [
                [f64::MAX, f64::MIN_POSITIVE],
                [5e-324, 1e-323],
                [1e308, 1.7e308],
                [1.0, 1.0 + 1e-15],
            ] {
                labels(scale, &values, false);
            }
        }
        labels(Scale::Linear, &[f64::MIN, f64::MAX], false);
    }
}
