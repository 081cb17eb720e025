//! The marks of a plot: what room they need, how they are drawn, and how a legend shows them.

use crate::marks::mark;
use crate::palette::{fill, stroke};
use crate::svg::{Drawing, coordinate};

use super::{Column, Estimate, Mark, Places};

const LINE_WIDTH: f64 = 2.0;
const RADIUS: f64 = 4.5;
/// Half of the line that ends an interval.
const CAP: f64 = 3.0;

impl Column<'_> {
    pub(super) fn is_finite(&self) -> bool {
        [self.from, self.to, self.height]
            .iter()
            .all(|value| value.is_finite())
    }
}

impl Estimate<'_> {
    fn is_finite(&self) -> bool {
        [self.x, self.y, self.lower, self.upper]
            .iter()
            .all(|value| value.is_finite())
    }
}

impl<'a> Mark<'a> {
    pub(super) fn name(&self) -> &'a str {
        match *self {
            Self::Reference { name, .. }
            | Self::Curve { name, .. }
            | Self::Columns { name, .. }
            | Self::Estimates { name, .. } => name,
        }
    }

    /// Colors that it takes from the palette.
    pub(super) fn n_colors(&self) -> i64 {
        i64::from(!matches!(self, Self::Reference { .. }))
    }

    /// Adds the values that the axes have to reach.
    pub(super) fn extent(&self, xs: &mut Vec<f64>, ys: &mut Vec<f64>) {
        let mut point = |(x, y): (f64, f64)| {
            xs.push(x);
            ys.push(y);
        };
        match *self {
            Self::Reference { from, to, .. } => [from, to].into_iter().for_each(point),
            Self::Curve { points, .. } => points.iter().copied().for_each(point),
            Self::Columns { columns, .. } => {
                for column in columns.iter().filter(|column| column.is_finite()) {
                    point((column.from, column.height));
                    point((column.to, column.height));
                }
            }
            Self::Estimates { estimates, .. } => {
                for estimate in estimates.iter().filter(|estimate| estimate.is_finite()) {
                    point((estimate.x, estimate.lower));
                    point((estimate.x, estimate.y));
                    point((estimate.x, estimate.upper));
                }
            }
        }
    }

    /// Draws it with the color of that place in the palette.
    pub(super) fn draw(&self, drawing: &mut Drawing, places: &Places, color: i64) {
        match *self {
            Self::Reference { name, from, to } => {
                drawing.open_named(name);
                let data = joined(&[from, to], places);
                // On a line of the color of the paper it is seen over columns, too.
                drawing.path(&data, "e", 3.0);
                drawing.path(&data, "c", 1.0);
                drawing.close();
            }
            Self::Curve { name, points } => {
                drawing.open_named(name);
                drawing.path(&joined(points, places), &stroke(color), LINE_WIDTH);
                drawing.close();
            }
            Self::Columns { columns, .. } => {
                let zero = places.y(0.0);
                for column in columns.iter().filter(|column| column.is_finite()) {
                    let edges = (places.x(column.from), places.x(column.to));
                    let ends = (places.y(column.height), zero);
                    draw_column(drawing, column.label, edges, ends, &fill(color));
                }
            }
            Self::Estimates { estimates, .. } => {
                for estimate in estimates.iter().filter(|estimate| estimate.is_finite()) {
                    drawing.open_named(estimate.label);
                    let ends = (places.y(estimate.upper), places.y(estimate.lower));
                    draw_estimate(
                        drawing,
                        (places.x(estimate.x), places.y(estimate.y)),
                        ends,
                        color,
                    );
                    drawing.close();
                }
            }
        }
    }

    /// Draws how it looks in a row of a legend, `wide` pixels from `left` on, around the height `y`.
    pub(super) fn draw_sample(
        &self,
        drawing: &mut Drawing,
        (left, y): (f64, f64),
        wide: f64,
        color: i64,
    ) {
        let line = format!(
            "M{} {}h{}",
            coordinate(left),
            coordinate(y),
            coordinate(wide)
        );
        match self {
            Self::Reference { .. } => drawing.path(&line, "c", 1.0),
            Self::Curve { .. } => drawing.path(&line, &stroke(color), LINE_WIDTH),
            Self::Columns { .. } => {
                let corner = (left + wide / 2.0 - 5.0, y - 5.0);
                drawing.rect(corner, (10.0, 10.0), 1.0, &fill(color));
            }
            Self::Estimates { .. } => {
                draw_estimate(drawing, (left + wide / 2.0, y), (y - 8.0, y + 8.0), color);
            }
        }
    }
}

/// A column between two edges and two heights in pixels, in any order, with a gap to its neighbor.
pub(super) fn draw_column(
    drawing: &mut Drawing,
    label: &str,
    edges: (f64, f64),
    ends: (f64, f64),
    class: &str,
) {
    let (left, right) = (edges.0.min(edges.1), edges.0.max(edges.1));
    let (top, bottom) = (ends.0.min(ends.1), ends.0.max(ends.1));
    let wide = (right - left - 1.0).max(0.5);
    drawing.open_named(label);
    drawing.rect((left, top), (wide, bottom - top), 0.0, class);
    drawing.close();
}

fn draw_estimate(
    drawing: &mut Drawing,
    (x, y): (f64, f64),
    (upper, lower): (f64, f64),
    color: i64,
) {
    let [left, right, middle, top, bottom] = [x - CAP, x + CAP, x, upper, lower].map(coordinate);
    let whisker = format!("M{left} {top}H{right}M{middle} {top}V{bottom}M{left} {bottom}H{right}");
    drawing.path(&whisker, &stroke(color), 1.5);
    let class = format!("{} e", fill(color));
    drawing.shape(&mark(color, (x, y), RADIUS), &class, 1.0);
}

/// The points joined by straight lines.
fn joined(points: &[(f64, f64)], places: &Places) -> String {
    let mut data = String::new();
    let mut command = 'M';
    for &(x, y) in points {
        if !(x.is_finite() && y.is_finite()) {
            command = 'M';
            continue;
        }
        let (x, y) = (coordinate(places.x(x)), coordinate(places.y(y)));
        data += &format!("{command}{x} {y}");
        command = 'L';
    }
    data
}
