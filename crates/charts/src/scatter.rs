//! Customers as points on two axes, colored by cluster, each cluster named in its middle.

use std::collections::{BTreeMap, BTreeSet};

use crate::axis::{self, Area};
use crate::captions::{Captions, Cluster, LABEL_SIZE, MARGIN, head};
use crate::marks::mark;
use crate::palette::{fill, stroke};
use crate::scale::{Mapping, Scale};
use crate::svg::{Anchor, Drawing, coordinate};
use crate::text::{fit, width};

/// One point.
#[derive(Clone, Copy, Debug)]
pub struct Point<'a> {
    /// Its value on the horizontal axis; a point with a value that is not finite is left out.
    pub x: f64,
    /// Its value on the vertical axis.
    pub y: f64,
    /// Its weight, which its area shows; all equal for plain dots.
    pub size: f64,
    /// Its cluster; −1 for noise.
    pub cluster: i64,
    /// What a pointer brings up; may be empty.
    pub label: &'a str,
}

/// A named axis.
#[derive(Clone, Copy, Debug)]
pub struct Axis<'a> {
    /// What it measures; says so where the scale is not linear.
    pub name: &'a str,
    /// How values are spread on it.
    pub scale: Scale,
}

/// A scatter plot.
#[derive(Clone, Copy)]
pub struct Scatter<'a> {
    /// Title and language.
    pub captions: Captions<'a>,
    /// The horizontal axis.
    pub x: Axis<'a>,
    /// The vertical axis.
    pub y: Axis<'a>,
    /// The points.
    pub points: &'a [Point<'a>],
    /// The clusters that the legend names, in its order.
    pub clusters: &'a [Cluster<'a>],
    /// The width in pixels, 240–10,000; the plot is two thirds as high.
    pub width: f64,
}

/// Up to so many points are drawn as marks of their own; beyond, only the places they occupy are.
const MARKS_MAX: usize = 2_000;
/// The grid on which places are told apart; with it a million points take less than a megabyte.
const PLACE: f64 = 2.0;
const RADIUS: f64 = 4.0;
const RADIUS_MAX: f64 = 16.0;

/// The chart as an SVG document.
#[must_use]
pub fn scatter(chart: &Scatter<'_>) -> String {
    let mut drawing = Drawing::new(chart.width);
    let top = head(&mut drawing, &chart.captions, chart.clusters) + 8.0;
    let points: Vec<&Point<'_>> = chart
        .points
        .iter()
        .filter(|point| point.x.is_finite() && point.y.is_finite())
        .collect();
    let x = Mapping::over(chart.x.scale, points.iter().map(|point| point.x), false);
    let y = Mapping::over(chart.y.scale, points.iter().map(|point| point.y), false);
    let left = MARGIN + axis::room_left(&y, &chart.captions);
    let right = drawing.width - MARGIN;
    let area = Area {
        left,
        top,
        right,
        bottom: top + (right - left) * 0.62,
    };
    axis::left(&mut drawing, area, &y, chart.y.name, &chart.captions);
    axis::below(&mut drawing, area, &x, chart.x.name, &chart.captions);
    let place = |point: &Point<'_>| {
        (
            area.left + x.position(point.x) * area.width(),
            area.bottom - y.position(point.y) * area.height(),
        )
    };
    let placed: Vec<((f64, f64), &Point<'_>)> = points
        .into_iter()
        .map(|point| (place(point), point))
        .collect();
    if placed.len() <= MARKS_MAX {
        draw_marks(&mut drawing, &placed);
    } else {
        draw_places(&mut drawing, &placed);
    }
    draw_names(&mut drawing, chart.clusters, &placed, area);
    drawing.height = area.bottom + 36.0 + MARGIN;
    drawing.finish(&chart.captions)
}

/// Every point as a mark, large ones first, so that they don't hide the small.
fn draw_marks(drawing: &mut Drawing, placed: &[((f64, f64), &Point<'_>)]) {
    let size = |point: &Point<'_>| {
        if point.size.is_finite() {
            point.size.max(0.0)
        } else {
            0.0
        }
    };
    let largest = placed
        .iter()
        .map(|(_, point)| size(point))
        .fold(0.0, f64::max);
    let equal = placed.iter().all(|(_, point)| size(point) == largest);
    let radius = |point: &Point<'_>| {
        // The area shows the weight, and the smallest must still be seen.
        if equal {
            RADIUS
        } else {
            (RADIUS_MAX * (size(point) / largest).sqrt()).max(2.0)
        }
    };
    let mut order: Vec<usize> = (0..placed.len()).collect();
    order.sort_by(|&a, &b| size(placed[b].1).total_cmp(&size(placed[a].1)));
    for at in order {
        let ((x, y), point) = placed[at];
        drawing.open_named(point.label);
        drawing.shape(
            &mark(point.cluster, (x, y), radius(point)),
            &format!("{} e", fill(point.cluster)),
            0.8,
        );
        drawing.close();
    }
}

/// The places that points occupy, one path of dots for each cluster: as many bytes as there are places, not points.
fn draw_places(drawing: &mut Drawing, placed: &[((f64, f64), &Point<'_>)]) {
    let mut places: BTreeMap<i64, BTreeSet<(i64, i64)>> = BTreeMap::new();
    for ((x, y), point) in placed {
        let cell = ((y / PLACE).round() as i64, (x / PLACE).round() as i64);
        places.entry(point.cluster).or_default().insert(cell);
    }
    for (cluster, cells) in places {
        let mut data = String::new();
        for (y, x) in cells {
            data += &format!(
                "M{} {}h0",
                coordinate(x as f64 * PLACE),
                coordinate(y as f64 * PLACE)
            );
        }
        drawing.dots(&data, &stroke(cluster), 3.0);
    }
}

/// Names each cluster in its middle, where there is room for the name: over a cloud of points, above a few.
fn draw_names(
    drawing: &mut Drawing,
    clusters: &[Cluster<'_>],
    placed: &[((f64, f64), &Point<'_>)],
    area: Area,
) {
    const CLOUD: usize = 40;
    let mut taken: Vec<(f64, f64, f64)> = Vec::new();
    for cluster in clusters.iter().filter(|cluster| cluster.id >= 0) {
        let (xs, ys): (Vec<f64>, Vec<f64>) = placed
            .iter()
            .filter(|(_, point)| point.cluster == cluster.id)
            .map(|(at, _)| *at)
            .unzip();
        let lift = if xs.len() < CLOUD { -24.0 } else { 0.0 };
        let (Some(x), Some(y)) = (median(xs), median(ys)) else {
            continue;
        };
        let name = fit(cluster.name, LABEL_SIZE, area.width() * 0.4);
        let half = width(&name, LABEL_SIZE) / 2.0 + 2.0;
        let x = x.min(area.right - half).max(area.left + half);
        let free = |y: f64| {
            let apart = |&(tx, ty, t_half): &(f64, f64, f64)| {
                (tx - x).abs() > t_half + half || (ty - y).abs() > 15.0
            };
            y > area.top + 10.0 && taken.iter().all(apart)
        };
        let shifts = [0.0, -16.0, 16.0, -32.0, 32.0, -48.0, 48.0];
        if let Some(y) = shifts
            .map(|shift| y + 4.0 + lift + shift)
            .into_iter()
            .find(|&y| free(y))
        {
            taken.push((x, y, half));
            drawing.text(x, y, "w", Anchor::Middle, &name);
        }
    }
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}
