//! The colors of clusters, by id.
//!
//! Eight hues for light and eight for dark surroundings. They were searched so that each stands out from its background
//! (contrast at least 3 : 1, WCAG 2.2 success criterion 1.4.11) and from every other one, also for readers with
//! protanopia, deuteranopia and tritanopia; the tests below hold that. From the ninth cluster on colors repeat, and
//! legends, scatter plots and the strip of a dendrogram change the shape.

/// Number of colors before they repeat.
pub(crate) const N_COLORS: usize = 8;

/// On light surroundings. The stylesheet has them; they stand here to be tested.
#[cfg(test)]
pub(crate) const LIGHT: [&str; N_COLORS] = [
    "#214197", "#d26b1e", "#06a59b", "#6f334a", "#534608", "#27749b", "#b76e55", "#9278ec",
];
/// On dark surroundings.
#[cfg(test)]
pub(crate) const DARK: [&str; N_COLORS] = [
    "#2977cc", "#bb6237", "#54f6cf", "#a2687f", "#f6da79", "#88c6f0", "#f07c7f", "#8f7db2",
];

/// The color of a cluster: a position in the palette; `None`, gray, for noise.
pub(crate) fn color(cluster: i64) -> Option<usize> {
    usize::try_from(cluster).ok().map(|id| id % N_COLORS)
}

/// The class that fills a mark with the color of its cluster.
pub(crate) fn fill(cluster: i64) -> String {
    color(cluster).map_or_else(|| "fn".to_owned(), |position| format!("f{position}"))
}

/// The class that strokes a line with the color of its cluster.
pub(crate) fn stroke(cluster: i64) -> String {
    color(cluster).map_or_else(|| "sn".to_owned(), |position| format!("s{position}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::style::{BACKGROUND, INK, MUTED, NOISE};

    /// Linear light of a `#rrggbb` color.
    fn linear(color: &str) -> [f64; 3] {
        [1, 3, 5].map(|at| {
            let channel = f64::from(u8::from_str_radix(&color[at..at + 2], 16).unwrap()) / 255.0;
            if channel <= 0.040_45 {
                channel / 12.92
            } else {
                libm::pow((channel + 0.055) / 1.055, 2.4)
            }
        })
    }

    fn contrast(one: &str, other: &str) -> f64 {
        let luminance = |color| {
            let [r, g, b] = linear(color);
            0.2126 * r + 0.7152 * g + 0.0722 * b
        };
        let (one, other) = (luminance(one) + 0.05, luminance(other) + 0.05);
        one.max(other) / one.min(other)
    }

    /// Machado, Oliveira, Fernandes (2009), "A Physiologically-based Model for Simulation of Color Vision Deficiency",
    /// severity 1: none, protanopia, deuteranopia, tritanopia.
    const VISION: [[[f64; 3]; 3]; 4] = [
        [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
        [
            [0.152_286, 1.052_583, -0.204_868],
            [0.114_503, 0.786_281, 0.099_216],
            [-0.003_882, -0.048_116, 1.051_998],
        ],
        [
            [0.367_322, 0.860_646, -0.227_968],
            [0.280_085, 0.672_501, 0.047_413],
            [-0.011_820, 0.042_940, 0.968_881],
        ],
        [
            [1.255_528, -0.076_749, -0.178_779],
            [-0.078_411, 0.930_809, 0.147_602],
            [0.004_733, 0.691_367, 0.303_900],
        ],
    ];

    /// CIE L*a*b* of a color as that vision sees it.
    fn seen(color: &str, vision: &[[f64; 3]; 3]) -> [f64; 3] {
        let light = linear(color);
        let [r, g, b] = vision
            .map(|row| (row[0] * light[0] + row[1] * light[1] + row[2] * light[2]).clamp(0.0, 1.0));
        let f = |t: f64| {
            if t > 0.008_856 {
                libm::cbrt(t)
            } else {
                7.787 * t + 16.0 / 116.0
            }
        };
        let x = f((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.950_47);
        let y = f(0.2126 * r + 0.7152 * g + 0.0722 * b);
        let z = f((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.088_83);
        [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
    }

    #[test]
    fn every_color_stands_out_from_its_background() {
        for (palette, side) in [(LIGHT, 0), (DARK, 1)] {
            for color in palette.into_iter().chain([NOISE[side]]) {
                let contrast = contrast(color, BACKGROUND[side]);
                assert!(
                    contrast >= 3.0,
                    "{color} on {}: {contrast:.2}",
                    BACKGROUND[side]
                );
            }
            for color in [INK[side], MUTED[side]] {
                let contrast = contrast(color, BACKGROUND[side]);
                assert!(
                    contrast >= 4.5,
                    "{color} on {}: {contrast:.2}",
                    BACKGROUND[side]
                );
            }
        }
    }

    #[test]
    fn colors_stay_apart_for_the_color_blind() {
        for palette in [LIGHT, DARK] {
            for vision in &VISION {
                for (i, one) in palette.iter().enumerate() {
                    for other in &palette[..i] {
                        let (a, b) = (seen(one, vision), seen(other, vision));
                        let squares: f64 = a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum();
                        assert!(
                            squares.sqrt() >= 15.0,
                            "{one} and {other}: {:.1}",
                            squares.sqrt()
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn numbers_are_readable_on_every_step_of_the_heat_scale() {
        for side in 0..2 {
            for (step, (opacity, inverse)) in crate::heatmap::STEPS.into_iter().enumerate() {
                let cell = mixed(crate::style::HEAT[side], BACKGROUND[side], opacity);
                let ink = if inverse { BACKGROUND[side] } else { INK[side] };
                let contrast = contrast(&cell, ink);
                assert!(contrast >= 4.5, "side {side}, step {step}: {contrast:.2}");
            }
        }
    }

    /// A color laid over another with that opacity.
    fn mixed(over: &str, under: &str, opacity: f64) -> String {
        let channel =
            |color: &str, at: usize| f64::from(u8::from_str_radix(&color[at..at + 2], 16).unwrap());
        let mix = |at| (channel(over, at) * opacity + channel(under, at) * (1.0 - opacity)).round();
        format!(
            "#{:02x}{:02x}{:02x}",
            mix(1) as u8,
            mix(3) as u8,
            mix(5) as u8
        )
    }
}
