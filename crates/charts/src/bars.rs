//! Horizontal bars, each with its name and its value written beside it; no axis is needed then.

use crate::captions::{Captions, LABEL_SIZE, MARGIN, head};
use crate::palette::fill;
use crate::svg::{Anchor, Drawing, coordinate};
use crate::text::{fit, width};

/// One bar.
#[derive(Clone, Copy, Debug)]
pub struct Bar<'a> {
    /// What it stands for.
    pub label: &'a str,
    /// How long it is; a value that is not finite draws no bar.
    pub value: f64,
    /// The value as the reader should see it: with its unit or currency.
    pub text: &'a str,
    /// The cluster whose color it has; `None` for the first color.
    pub cluster: Option<i64>,
}

/// A bar chart.
#[derive(Clone, Copy)]
pub struct Bars<'a> {
    /// Title and language.
    pub captions: Captions<'a>,
    /// What the values measure; stands above the bars, may be empty.
    pub measure: &'a str,
    /// The bars from top to bottom.
    pub bars: &'a [Bar<'a>],
    /// The width in pixels, 240–10,000; the height follows from the number of bars.
    pub width: f64,
}

const ROW: f64 = 28.0;
const THICKNESS: f64 = 18.0;
const GAP: f64 = 8.0;

/// The chart as an SVG document. Bars start at zero, negative ones go to the left. Without bars it is the title alone.
#[must_use]
pub fn bars(chart: &Bars<'_>) -> String {
    let mut drawing = Drawing::new(chart.width);
    let mut top = head(&mut drawing, &chart.captions, &[]);
    if !chart.measure.is_empty() {
        let measure = fit(chart.measure, 11.0, drawing.width - 2.0 * MARGIN);
        drawing.text(MARGIN, top + 8.0, "m", Anchor::Start, &measure);
        top += 20.0;
    }
    let places = Places::of(chart, drawing.width);
    for (row, bar) in chart.bars.iter().enumerate() {
        draw_bar(&mut drawing, bar, &places, top + row as f64 * ROW);
    }
    let bottom = top + chart.bars.len() as f64 * ROW;
    if !chart.bars.is_empty() {
        let zero = format!(
            "M{} {}V{}",
            coordinate(places.zero),
            coordinate(top),
            coordinate(bottom)
        );
        drawing.path(&zero, "a", 1.0);
    }
    drawing.height = bottom + MARGIN - 4.0;
    drawing.finish(&chart.captions)
}

/// Where names end, where zero is and how long a unit is.
struct Places {
    names_room: f64,
    names_end: f64,
    texts_room: f64,
    zero: f64,
    /// Length of the bar with the largest magnitude, and that magnitude.
    longest: f64,
    largest: f64,
}

impl Places {
    fn of(chart: &Bars<'_>, total: f64) -> Self {
        let inner = total - 2.0 * MARGIN;
        let widest = |texts: &mut dyn Iterator<Item = &str>| {
            texts
                .map(|text| width(text, LABEL_SIZE))
                .fold(0.0, f64::max)
        };
        let names_room = widest(&mut chart.bars.iter().map(|bar| bar.label)).min(inner * 0.35);
        let texts_room = widest(&mut chart.bars.iter().map(|bar| bar.text)).min(inner * 0.3);
        let extent = |sign: f64| {
            let values = chart.bars.iter().map(|bar| bar.value * sign);
            values.filter(|value| value.is_finite()).fold(0.0, f64::max)
        };
        let (right, left) = (extent(1.0), extent(-1.0));
        let largest = right.max(left);
        let names_end = MARGIN + names_room + GAP;
        // A bar to the left needs room for its text on that side, too.
        let text_sides = if left > 0.0 { 2.0 } else { 1.0 };
        let room = (inner - names_room - GAP - text_sides * (texts_room + GAP)).max(20.0);
        let share = |extent: f64| if largest > 0.0 { extent / largest } else { 0.0 };
        let longest = room / (share(right) + share(left)).max(1.0);
        let text_left = if left > 0.0 { texts_room + GAP } else { 0.0 };
        Self {
            names_room,
            names_end,
            texts_room,
            zero: names_end + text_left + longest * share(left),
            longest,
            largest,
        }
    }
}

fn draw_bar(drawing: &mut Drawing, bar: &Bar<'_>, places: &Places, y: f64) {
    let label = if bar.label.is_empty() {
        "–"
    } else {
        bar.label
    };
    drawing.open_named(&format!("{label}: {}", bar.text));
    let name = fit(label, LABEL_SIZE, places.names_room.max(8.0));
    drawing.text(places.names_end - GAP, y + 18.0, "l", Anchor::End, &name);
    let share = if bar.value.is_finite() && places.largest > 0.0 {
        bar.value / places.largest
    } else {
        0.0
    };
    let end = places.zero + share * places.longest;
    if end != places.zero {
        let class = fill(bar.cluster.unwrap_or(0));
        let corner = (end.min(places.zero), y + (ROW - THICKNESS) / 2.0);
        drawing.rect(corner, ((end - places.zero).abs(), THICKNESS), 2.0, &class);
    }
    let text = fit(bar.text, LABEL_SIZE, places.texts_room);
    if share < 0.0 {
        drawing.text(end - GAP, y + 18.0, "l", Anchor::End, &text);
    } else {
        drawing.text(end + GAP, y + 18.0, "l", Anchor::Start, &text);
    }
    drawing.close();
}
