//! What every chart is told in words, and the head it makes of them: title, subtitle, legend.

use crate::marks::mark;
use crate::palette::fill;
use crate::svg::{Anchor, Drawing};
use crate::text::{fit, width, wrap};

/// The words and the number format of a chart, in the reader's language.
#[derive(Clone, Copy)]
pub struct Captions<'a> {
    /// What the chart shows; its heading and its accessible name.
    pub title: &'a str,
    /// A line below the title; may be empty.
    pub subtitle: &'a str,
    /// What a reader who can't see the chart should know: its accessible description.
    pub description: &'a str,
    /// The language of the words, as a tag such as `en`.
    pub language: &'a str,
    /// Writes a number with so many decimals, for tick labels and counts.
    pub number: &'a dyn Fn(f64, usize) -> String,
}

/// A cluster as a legend names it. Its color follows from its id; −1 is noise, which is gray.
#[derive(Clone, Copy, Debug)]
pub struct Cluster<'a> {
    /// The id, as customers are labeled with it.
    pub id: i64,
    /// What the legend calls it.
    pub name: &'a str,
}

/// Empty space around a chart.
pub(crate) const MARGIN: f64 = 24.0;

const TITLE_SIZE: f64 = 18.0;
const SUBTITLE_SIZE: f64 = 13.0;
/// The size of names and values.
pub(crate) const LABEL_SIZE: f64 = 12.0;
const LEGEND_ROW: f64 = 20.0;

/// Draws title, subtitle and legend and returns where the chart itself may begin.
pub(crate) fn head(drawing: &mut Drawing, captions: &Captions<'_>, legend: &[Cluster<'_>]) -> f64 {
    let room = drawing.width - 2.0 * MARGIN;
    let mut y = MARGIN - 4.0;
    for line in wrap(captions.title, TITLE_SIZE * 1.06, room, 3) {
        y += 22.0;
        drawing.text(MARGIN, y - 4.0, "h", Anchor::Start, &line);
    }
    for line in wrap(captions.subtitle, SUBTITLE_SIZE, room, 4) {
        y += 18.0;
        drawing.text(MARGIN, y - 3.0, "d", Anchor::Start, &line);
    }
    if legend.is_empty() {
        y + 12.0
    } else {
        legend_rows(drawing, legend, y + 10.0, room) + 12.0
    }
}

/// One swatch and name after another, in as many rows as it takes; returns the lower edge.
fn legend_rows(drawing: &mut Drawing, legend: &[Cluster<'_>], top: f64, room: f64) -> f64 {
    const SWATCH: f64 = 10.0;
    const RADIUS: f64 = SWATCH / 2.0;
    let (mut x, mut y) = (MARGIN, top);
    for cluster in legend {
        let name = fit(cluster.name, LABEL_SIZE, room - SWATCH - 6.0);
        let wide = SWATCH + 6.0 + width(&name, LABEL_SIZE);
        if x > MARGIN && x + wide > MARGIN + room {
            (x, y) = (MARGIN, y + LEGEND_ROW);
        }
        let shape = mark(cluster.id, (x + RADIUS, y + 10.0), RADIUS);
        drawing.shape(&shape, &fill(cluster.id), 1.0);
        drawing.text(x + SWATCH + 6.0, y + 14.0, "l", Anchor::Start, &name);
        x += wide + 20.0;
    }
    y + LEGEND_ROW
}
