//! Several plots in one document, two to a row where there is room: points with intervals, curves, columns.

mod head;
mod marks;

use crate::axis::{self, Area};
use crate::captions::{Captions, MARGIN, head};
use crate::lines::Course;
use crate::scale::Mapping;
use crate::scatter::Axis;
use crate::svg::{Anchor, Drawing, coordinate};
use crate::text::fit;

use self::head::Head;

/// Plots that belong together.
#[derive(Clone, Copy)]
pub struct Multiples<'a> {
    /// Title and language.
    pub captions: Captions<'a>,
    /// The plots in reading order.
    pub plots: &'a [Plot<'a>],
    /// The width in pixels, 240–10,000; from 640 on two plots stand in a row.
    pub width: f64,
}

/// Marks over one pair of axes that begin at zero.
#[derive(Clone, Copy, Debug)]
pub struct Plot<'a> {
    /// What it shows.
    pub heading: &'a str,
    /// What it comes to, in a sentence or two; may be empty.
    pub note: &'a str,
    /// The horizontal axis.
    pub x: Course<'a>,
    /// The vertical axis.
    pub y: Axis<'a>,
    /// What is drawn, the first undermost; the legend has their names in this order.
    pub marks: &'a [Mark<'a>],
    /// Columns of their own below the plot, over the same horizontal axis.
    pub strip: Option<Strip<'a>>,
}

/// Something drawn in a plot; one without a name is not in the legend.
#[derive(Clone, Copy, Debug)]
pub enum Mark<'a> {
    /// A broken line to compare with.
    Reference {
        /// What stands on it.
        name: &'a str,
        /// Where it begins.
        from: (f64, f64),
        /// Where it ends.
        to: (f64, f64),
    },
    /// Points joined by straight lines; one with a value that is not finite interrupts them.
    Curve {
        /// What the legend calls it.
        name: &'a str,
        /// From one end to the other.
        points: &'a [(f64, f64)],
    },
    /// Columns from zero.
    Columns {
        /// What the legend calls them.
        name: &'a str,
        /// In any order; they may touch.
        columns: &'a [Column<'a>],
    },
    /// Points with intervals.
    Estimates {
        /// What the legend calls them.
        name: &'a str,
        /// In any order.
        estimates: &'a [Estimate<'a>],
    },
}

/// A column; one with a value that is not finite is left out.
#[derive(Clone, Copy, Debug)]
pub struct Column<'a> {
    /// Its left edge on the horizontal axis.
    pub from: f64,
    /// Its right edge.
    pub to: f64,
    /// Where it ends on the vertical axis.
    pub height: f64,
    /// What a pointer brings up; may be empty.
    pub label: &'a str,
}

/// A point with an interval; one with a value that is not finite is left out.
#[derive(Clone, Copy, Debug)]
pub struct Estimate<'a> {
    /// Its value on the horizontal axis.
    pub x: f64,
    /// Its value on the vertical axis.
    pub y: f64,
    /// Where its interval begins.
    pub lower: f64,
    /// Where its interval ends.
    pub upper: f64,
    /// What a pointer brings up; may be empty.
    pub label: &'a str,
}

/// A row of columns without an axis of heights: the tallest fills it.
#[derive(Clone, Copy, Debug)]
pub struct Strip<'a> {
    /// What it shows.
    pub name: &'a str,
    /// Over the horizontal axis of the plot.
    pub columns: &'a [Column<'a>],
}

/// The width from which on two plots have room beside each other.
const TWO_IN_A_ROW: f64 = 640.0;
const GUTTER: f64 = 40.0;
/// Height of a plot over its width with the axis, so that plots of a row end at the same height.
const HEIGHT_SHARE: f64 = 0.64;
/// Pixels below which the values of an axis would run into each other.
const HEIGHT_MIN: f64 = 160.0;
/// Pixels above which a plot no longer fits on a screen with its head.
const HEIGHT_MAX: f64 = 380.0;
/// Height of the columns of a strip, and of its name above them.
const STRIP: f64 = 44.0;
const STRIP_NAME: f64 = 24.0;
/// Room for the values and the name of a horizontal axis.
const BELOW: f64 = 52.0;

/// The plots as an SVG document. Without plots it is the title alone.
///
/// Plots of a row begin and end at the same height. Marks differ in color; a [`Mark::Reference`] is always the broken line.
#[must_use]
pub fn multiples(chart: &Multiples<'_>) -> String {
    let mut drawing = Drawing::new(chart.width);
    let mut top = head(&mut drawing, &chart.captions, &[]) + 4.0;
    let n_columns = if drawing.width >= TWO_IN_A_ROW {
        chart.plots.len().clamp(1, 2)
    } else {
        1
    };
    let gutters = (n_columns - 1) as f64 * GUTTER;
    let room = (drawing.width - 2.0 * MARGIN - gutters) / n_columns as f64;
    for row in chart.plots.chunks(n_columns) {
        let heads: Vec<Head<'_>> = row.iter().map(|plot| Head::of(plot, room)).collect();
        let tallest = heads.iter().map(Head::height).fold(0.0, f64::max);
        let mut bottom = top;
        for (place, (plot, head)) in row.iter().zip(&heads).enumerate() {
            let left = MARGIN + place as f64 * (room + GUTTER);
            head.draw(&mut drawing, left, top);
            let frame = Frame {
                left,
                right: left + room,
                top: top + tallest,
            };
            bottom = f64::max(
                bottom,
                draw_plot(&mut drawing, plot, frame, &chart.captions),
            );
        }
        top = bottom + 8.0;
    }
    drawing.height = top + MARGIN - 12.0;
    drawing.finish(&chart.captions)
}

/// Where a plot with its axes may stand; how far down it reaches follows.
#[derive(Clone, Copy)]
struct Frame {
    left: f64,
    right: f64,
    top: f64,
}

/// Where values stand in a plot.
struct Places {
    area: Area,
    x: Mapping,
    y: Mapping,
    /// Number of ranks, where there are any.
    n_ranks: Option<usize>,
}

impl Places {
    fn of(plot: &Plot<'_>, frame: Frame, captions: &Captions<'_>) -> Self {
        let (scale, n_ranks) = match plot.x {
            Course::Measure(axis) => (axis.scale, None),
            Course::Ranks { n_ranks, .. } => (Default::default(), Some(n_ranks.clamp(1, 100))),
        };
        let (mut xs, mut ys) = (Vec::new(), Vec::new());
        for mark in plot.marks {
            mark.extent(&mut xs, &mut ys);
        }
        let columns = plot.strip.map_or(&[][..], |strip| strip.columns);
        xs.extend(columns.iter().flat_map(|column| [column.from, column.to]));
        let y = Mapping::over(plot.y.scale, ys.into_iter(), true);
        let left = frame.left + axis::room_left(&y, captions);
        let height = ((frame.right - frame.left) * HEIGHT_SHARE).clamp(HEIGHT_MIN, HEIGHT_MAX);
        Self {
            area: Area {
                left,
                top: frame.top,
                right: frame.right,
                bottom: frame.top + height,
            },
            x: Mapping::over(scale, xs.into_iter(), true),
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

/// Draws axes, marks and strip, and returns the lower edge.
fn draw_plot(drawing: &mut Drawing, plot: &Plot<'_>, frame: Frame, captions: &Captions<'_>) -> f64 {
    let places = Places::of(plot, frame, captions);
    axis::left(drawing, places.area, &places.y, plot.y.name, captions);
    match plot.x {
        Course::Measure(x) => axis::below(drawing, places.area, &places.x, x.name, captions),
        Course::Ranks { name, n_ranks } => {
            axis::ranks_below(drawing, places.area, n_ranks, name, captions);
        }
    }
    let mut n_colored = 0;
    for mark in plot.marks {
        mark.draw(drawing, &places, n_colored);
        n_colored += mark.n_colors();
    }
    let bottom = places.area.bottom + BELOW;
    match &plot.strip {
        Some(strip) => draw_strip(drawing, strip, &places, bottom),
        None => bottom,
    }
}

/// Columns below the plot, in gray: they say how much there is, not what came of it.
fn draw_strip(drawing: &mut Drawing, strip: &Strip<'_>, places: &Places, top: f64) -> f64 {
    let area = Area {
        top: top + STRIP_NAME,
        bottom: top + STRIP_NAME + STRIP,
        ..places.area
    };
    let name = fit(strip.name, axis::TICK_SIZE, area.width());
    drawing.text(area.left, top + 12.0, "m", Anchor::Start, &name);
    let heights = strip.columns.iter().map(|column| column.height);
    let tallest = heights
        .filter(|height| height.is_finite())
        .fold(0.0, f64::max);
    for column in strip.columns.iter().filter(|column| column.is_finite()) {
        let share = if tallest > 0.0 {
            (column.height / tallest).max(0.0)
        } else {
            0.0
        };
        let edges = (places.x(column.from), places.x(column.to));
        marks::draw_column(
            drawing,
            column.label,
            edges,
            (area.bottom - share * STRIP, area.bottom),
            "fn",
        );
    }
    let baseline = format!(
        "M{} {}H{}",
        coordinate(area.left),
        coordinate(area.bottom),
        coordinate(area.right)
    );
    drawing.path(&baseline, "a", 1.0);
    area.bottom + 12.0
}
