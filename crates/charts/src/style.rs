//! The one stylesheet of all charts.

/// Paper, light and dark.
#[cfg(test)]
pub(crate) const BACKGROUND: [&str; 2] = ["#ffffff", "#15191f"];
/// Text, light and dark.
#[cfg(test)]
pub(crate) const INK: [&str; 2] = ["#1c2430", "#e6e9ee"];
/// Text of second rank.
#[cfg(test)]
pub(crate) const MUTED: [&str; 2] = ["#5a6573", "#9ba6b4"];
/// Noise, and whatever belongs to no single cluster.
#[cfg(test)]
pub(crate) const NOISE: [&str; 2] = ["#7d8794", "#7f8a98"];
/// The color of counts.
#[cfg(test)]
pub(crate) const HEAT: [&str; 2] = ["#0b55a0", "#7cbcf5"];

/// The stylesheet that stands in every chart. It is public so that a server can name its digest in a
/// `Content-Security-Policy`; it never varies.
///
/// Every chart has all of it, and its rules reach only into `.clientela-chart`: several charts can stand in one page.
/// Renderers that know no `prefers-color-scheme` show the light colors.
pub const STYLESHEET: &str = concat!(
    ".clientela-chart{font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif;",
    "font-size:12px;font-variant-numeric:tabular-nums}",
    ".clientela-chart .b{fill:#ffffff}.clientela-chart .e{stroke:#ffffff}",
    ".clientela-chart .h{font-size:18px;font-weight:600;fill:#1c2430}",
    ".clientela-chart .d{font-size:13px;fill:#5a6573}",
    ".clientela-chart .l{fill:#1c2430}.clientela-chart .m{font-size:11px;fill:#5a6573}",
    ".clientela-chart .k{font-size:10px;fill:#1c2430}",
    ".clientela-chart .w{font-weight:600;fill:#1c2430;stroke:#ffffff;stroke-width:3px;paint-order:stroke;",
    "stroke-linejoin:round}",
    ".clientela-chart .i{fill:#ffffff}",
    ".clientela-chart .g{stroke:#e3e7ec;fill:none}.clientela-chart .a{stroke:#aab3bf;fill:none}",
    ".clientela-chart .c{stroke:#1c2430;stroke-dasharray:5 4;fill:none}",
    ".clientela-chart .fn{fill:#7d8794}.clientela-chart .sn{stroke:#7d8794}.clientela-chart .t{fill:#0b55a0}",
    ".clientela-chart .f0{fill:#214197}.clientela-chart .s0{stroke:#214197}",
    ".clientela-chart .f1{fill:#d26b1e}.clientela-chart .s1{stroke:#d26b1e}",
    ".clientela-chart .f2{fill:#06a59b}.clientela-chart .s2{stroke:#06a59b}",
    ".clientela-chart .f3{fill:#6f334a}.clientela-chart .s3{stroke:#6f334a}",
    ".clientela-chart .f4{fill:#534608}.clientela-chart .s4{stroke:#534608}",
    ".clientela-chart .f5{fill:#27749b}.clientela-chart .s5{stroke:#27749b}",
    ".clientela-chart .f6{fill:#b76e55}.clientela-chart .s6{stroke:#b76e55}",
    ".clientela-chart .f7{fill:#9278ec}.clientela-chart .s7{stroke:#9278ec}",
    "@media (prefers-color-scheme:dark){",
    ".clientela-chart .b,.clientela-chart .i{fill:#15191f}.clientela-chart .e{stroke:#15191f}",
    ".clientela-chart .h,.clientela-chart .l,.clientela-chart .k{fill:#e6e9ee}",
    ".clientela-chart .d,.clientela-chart .m{fill:#9ba6b4}",
    ".clientela-chart .w{fill:#e6e9ee;stroke:#15191f}",
    ".clientela-chart .g{stroke:#2a313b}.clientela-chart .a{stroke:#566170}.clientela-chart .c{stroke:#e6e9ee}",
    ".clientela-chart .fn{fill:#7f8a98}.clientela-chart .sn{stroke:#7f8a98}.clientela-chart .t{fill:#7cbcf5}",
    ".clientela-chart .f0{fill:#2977cc}.clientela-chart .s0{stroke:#2977cc}",
    ".clientela-chart .f1{fill:#bb6237}.clientela-chart .s1{stroke:#bb6237}",
    ".clientela-chart .f2{fill:#54f6cf}.clientela-chart .s2{stroke:#54f6cf}",
    ".clientela-chart .f3{fill:#a2687f}.clientela-chart .s3{stroke:#a2687f}",
    ".clientela-chart .f4{fill:#f6da79}.clientela-chart .s4{stroke:#f6da79}",
    ".clientela-chart .f5{fill:#88c6f0}.clientela-chart .s5{stroke:#88c6f0}",
    ".clientela-chart .f6{fill:#f07c7f}.clientela-chart .s6{stroke:#f07c7f}",
    ".clientela-chart .f7{fill:#8f7db2}.clientela-chart .s7{stroke:#8f7db2}}",
);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::palette::{DARK, LIGHT};

    #[test]
    fn the_stylesheet_uses_the_colors_that_are_tested() {
        let (light, dark) = STYLESHEET.split_once("@media").unwrap();
        for (sheet, palette, side) in [(light, LIGHT, 0), (dark, DARK, 1)] {
            for (position, color) in palette.into_iter().enumerate() {
                assert!(
                    sheet.contains(&format!(".f{position}{{fill:{color}}}")),
                    "{color}"
                );
                assert!(
                    sheet.contains(&format!(".s{position}{{stroke:{color}}}")),
                    "{color}"
                );
            }
            for color in [
                BACKGROUND[side],
                INK[side],
                MUTED[side],
                NOISE[side],
                HEAT[side],
            ] {
                assert!(sheet.contains(color), "{color}");
            }
        }
    }
}
