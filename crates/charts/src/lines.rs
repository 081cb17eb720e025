//! Measures along a common axis as lines, in one panel or several below each other: what was forecast against what came.

use crate::axis::{self, Area, TICK_SIZE};
use crate::captions::{Captions, LABEL_SIZE, MARGIN, head};
use crate::marks::mark;
use crate::palette::{N_COLORS, fill, stroke};
use crate::scale::Mapping;
use crate::scatter::Axis;
use crate::svg::{Anchor, Drawing, coordinate};
use crate::text::{fit, width, wrap};

/// One measure as a line.
#[derive(Clone, Copy, Debug)]
pub struct Series<'a> {
    /// What the legend calls it.
    pub name: &'a str,
    /// Its points from left to right; one with a value that is not finite interrupts the line.
    pub points: &'a [(f64, f64)],
    /// Whether the line is broken, as forecasts are drawn.
    pub is_dashed: bool,
}

/// What runs along the horizontal axis.
#[derive(Clone, Copy, Debug)]
pub enum Course<'a> {
    /// A measure from zero on, such as weeks.
    Measure(Axis<'a>),
    /// Places 1 to `n_ranks`, each with its tick; the points of a series stand at whole numbers and have marks.
    Ranks {
        /// What the places are.
        name: &'a str,
        /// How many there are, 1–100.
        n_ranks: usize,
    },
}

/// A line across a panel with its name.
#[derive(Clone, Copy, Debug)]
pub struct Milestone<'a> {
    /// Where it stands on the horizontal axis.
    pub x: f64,
    /// What happened there.
    pub label: &'a str,
}

/// Lines over one pair of axes.
#[derive(Clone, Copy, Debug)]
pub struct Panel<'a> {
    /// What it shows.
    pub heading: &'a str,
    /// The horizontal axis.
    pub x: Course<'a>,
    /// The vertical axis, which begins at zero.
    pub y: Axis<'a>,
    /// The lines in the order of the legend.
    pub series: &'a [Series<'a>],
    /// A point worth a line from top to bottom.
    pub milestone: Option<Milestone<'a>>,
}

/// A line chart.
#[derive(Clone, Copy)]
pub struct Lines<'a> {
    /// Title and language.
    pub captions: Captions<'a>,
    /// The panels from top to bottom.
    pub panels: &'a [Panel<'a>],
    /// The width in pixels, 240–10,000; each panel is two fifths as high, but at least 160.
    pub width: f64,
}

const LINE_WIDTH: f64 = 2.0;
const DASHES: &str = "7 4";
const RADIUS: f64 = 4.5;
/// Pixels below which the values of an axis would run into each other.
const HEIGHT_MIN: f64 = 160.0;
/// Points closer than this to the one before are not seen apart.
const APART: f64 = 0.5;

/// The chart as an SVG document. Without panels it is the title alone.
///
/// Lines differ in color, in dashes and, on ranks, in the shape of their marks.
#[must_use]
pub fn lines(chart: &Lines<'_>) -> String {
    let mut drawing = Drawing::new(chart.width);
    let mut top = head(&mut drawing, &chart.captions, &[]);
    for panel in chart.panels {
        top = draw_panel(&mut drawing, panel, top + 4.0, &chart.captions);
    }
    drawing.height = top + MARGIN - 8.0;
    drawing.finish(&chart.captions)
}

/// Draws a panel below `top` and returns its lower edge.
fn draw_panel(drawing: &mut Drawing, panel: &Panel<'_>, top: f64, captions: &Captions<'_>) -> f64 {
    let top = panel_head(drawing, panel, top);
    let places = Places::of(panel, drawing.width, top, captions);
    axis::left(drawing, places.area, &places.y, panel.y.name, captions);
    match panel.x {
        Course::Measure(x) => axis::below(drawing, places.area, &places.x, x.name, captions),
        Course::Ranks { name, n_ranks } => {
            axis::ranks_below(drawing, places.area, n_ranks, name, captions);
        }
    }
    if let Some(milestone) = &panel.milestone {
        draw_milestone(drawing, &places, milestone);
    }
    for (position, series) in panel.series.iter().enumerate() {
        draw_series(drawing, panel, series, position, &places, captions);
    }
    places.area.bottom + 48.0
}

/// The cluster whose color and mark a line has: neighbors differ in both.
fn cluster(position: usize) -> i64 {
    (position * (N_COLORS + 1)) as i64
}

/// Draws heading and legend and returns where the axes may begin.
fn panel_head(drawing: &mut Drawing, panel: &Panel<'_>, top: f64) -> f64 {
    const SAMPLE: f64 = 26.0;
    let room = drawing.width - 2.0 * MARGIN;
    let mut y = top;
    for line in wrap(panel.heading, LABEL_SIZE * 1.1, room, 3) {
        y += 16.0;
        drawing.text(MARGIN, y, "w", Anchor::Start, &line);
    }
    let mut x = MARGIN;
    y += 20.0;
    for (position, series) in panel.series.iter().enumerate() {
        let name = fit(series.name, LABEL_SIZE, room - SAMPLE - 6.0);
        let wide = SAMPLE + 6.0 + width(&name, LABEL_SIZE);
        if x > MARGIN && x + wide > MARGIN + room {
            (x, y) = (MARGIN, y + 20.0);
        }
        let sample = format!(
            "M{} {}h{}",
            coordinate(x),
            coordinate(y - 4.0),
            coordinate(SAMPLE)
        );
        draw_line(drawing, &sample, position, series.is_dashed);
        if matches!(panel.x, Course::Ranks { .. }) {
            let shape = mark(cluster(position), (x + SAMPLE / 2.0, y - 4.0), RADIUS);
            drawing.shape(&shape, &format!("{} e", fill(cluster(position))), 1.0);
        }
        drawing.text(x + SAMPLE + 6.0, y, "l", Anchor::Start, &name);
        x += wide + 20.0;
    }
    y + 16.0
}

fn draw_line(drawing: &mut Drawing, data: &str, position: usize, is_dashed: bool) {
    let class = stroke(cluster(position));
    if is_dashed {
        drawing.dashed_path(data, &class, LINE_WIDTH, DASHES);
    } else {
        drawing.path(data, &class, LINE_WIDTH);
    }
}

/// Where values stand in a panel.
struct Places {
    area: Area,
    x: Mapping,
    y: Mapping,
    /// Number of ranks, where there are any.
    n_ranks: Option<usize>,
}

impl Places {
    fn of(panel: &Panel<'_>, total: f64, top: f64, captions: &Captions<'_>) -> Self {
        let points = || panel.series.iter().flat_map(|series| series.points);
        let (scale, n_ranks) = match panel.x {
            Course::Measure(axis) => (axis.scale, None),
            Course::Ranks { n_ranks, .. } => (Default::default(), Some(n_ranks.clamp(1, 100))),
        };
        let milestone = panel.milestone.map(|milestone| milestone.x);
        let x = Mapping::over(scale, points().map(|point| point.0).chain(milestone), true);
        let y = Mapping::over(panel.y.scale, points().map(|point| point.1), true);
        let left = MARGIN + axis::room_left(&y, captions);
        let right = total - MARGIN;
        let area = Area {
            left,
            top,
            right,
            bottom: top + ((right - left) * 0.4).max(HEIGHT_MIN),
        };
        Self {
            area,
            x,
            y,
            n_ranks,
        }
    }

    fn x(&self, value: f64) -> f64 {
        let position = match self.n_ranks {
            Some(n_ranks) => ((value - 0.5) / n_ranks as f64).clamp(0.0, 1.0),
            None => self.x.position(value),
        };
        self.area.left + position * self.area.width()
    }

    fn y(&self, value: f64) -> f64 {
        self.area.bottom - self.y.position(value) * self.area.height()
    }
}

/// The name stands on the side with more room, at the bottom, where cumulative lines have left it.
fn draw_milestone(drawing: &mut Drawing, places: &Places, milestone: &Milestone<'_>) {
    if !milestone.x.is_finite() {
        return;
    }
    let area = places.area;
    let x = places.x(milestone.x);
    let data = format!(
        "M{} {}V{}",
        coordinate(x),
        coordinate(area.top),
        coordinate(area.bottom)
    );
    drawing.path(&data, "c", 1.0);
    let room_right = area.right - x;
    let (at, anchor, room) = if room_right >= area.width() / 2.0 {
        (x + 6.0, Anchor::Start, room_right)
    } else {
        (x - 6.0, Anchor::End, x - area.left)
    };
    let label = fit(milestone.label, TICK_SIZE, (room - 6.0).max(8.0));
    drawing.text(at, area.bottom - 8.0, "m", anchor, &label);
}

fn draw_series(
    drawing: &mut Drawing,
    panel: &Panel<'_>,
    series: &Series<'_>,
    position: usize,
    places: &Places,
    captions: &Captions<'_>,
) {
    let has_marks = matches!(panel.x, Course::Ranks { .. });
    drawing.open_named(series.name);
    let data = line_data(series.points, places);
    draw_line(drawing, &data, position, series.is_dashed);
    drawing.close();
    if !has_marks {
        return;
    }
    for &(x, y) in series.points {
        if x.is_finite() && y.is_finite() {
            let number = captions.number;
            drawing.open_named(&format!(
                "{} · {}: {}",
                number(x, 0),
                series.name,
                number(y, 2)
            ));
            let shape = mark(cluster(position), (places.x(x), places.y(y)), RADIUS);
            drawing.shape(&shape, &format!("{} e", fill(cluster(position))), 1.0);
            drawing.close();
        }
    }
}

/// The points joined by straight lines; those that the eye can't tell from the one before are left out, but for the last.
fn line_data(points: &[(f64, f64)], places: &Places) -> String {
    let mut data = String::new();
    let mut pen: Option<(f64, f64)> = None;
    for (index, &(x, y)) in points.iter().enumerate() {
        if !(x.is_finite() && y.is_finite()) {
            pen = None;
            continue;
        }
        let (x, y) = (places.x(x), places.y(y));
        let is_last = index + 1 == points.len();
        let is_apart = |(at_x, at_y): (f64, f64)| {
            (x - at_x).abs() >= APART || (y - at_y).abs() >= 20.0 * APART
        };
        if pen.is_none_or(is_apart) || is_last {
            let command = if pen.is_none() { 'M' } else { 'L' };
            data += &format!("{command}{} {}", coordinate(x), coordinate(y));
            pen = Some((x, y));
        }
    }
    data
}
