//! The marks of clusters, in legends and scatter plots.

use crate::palette::N_COLORS;
use crate::svg::coordinate;

/// A circle for the first eight clusters, then a square, a diamond and a triangle, each for eight, and again.
pub(crate) fn mark(cluster: i64, (x, y): (f64, f64), radius: f64) -> String {
    let shape = usize::try_from(cluster).map_or(0, |id| id / N_COLORS % 4);
    let side = radius * 0.89;
    let [x_text, y_text, r, d] = [x, y, radius, 2.0 * radius].map(coordinate);
    match shape {
        0 => format!(
            "M{} {y_text}a{r} {r} 0 1 0 {d} 0a{r} {r} 0 1 0 -{d} 0z",
            coordinate(x - radius)
        ),
        1 => {
            let [left, top, edge] = [x - side, y - side, 2.0 * side].map(coordinate);
            format!("M{left} {top}h{edge}v{edge}h-{edge}z")
        }
        2 => {
            let reach = radius * 1.25;
            let [left, right, top, bottom] =
                [x - reach, x + reach, y - reach, y + reach].map(coordinate);
            format!("M{left} {y_text}L{x_text} {top}L{right} {y_text}L{x_text} {bottom}z")
        }
        _ => {
            let [left, right, top, bottom] = [
                x - radius * 1.15,
                x + radius * 1.15,
                y - radius * 1.3,
                y + radius * 0.75,
            ]
            .map(coordinate);
            format!("M{left} {bottom}L{x_text} {top}L{right} {bottom}z")
        }
    }
}
