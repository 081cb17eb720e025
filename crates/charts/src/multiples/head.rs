//! What stands above a plot: its heading, what it comes to, its legend.

use crate::captions::LABEL_SIZE;
use crate::svg::{Anchor, Drawing};
use crate::text::{fit, width, wrap};

use super::{Mark, Plot};

const SAMPLE: f64 = 24.0;
const GAP: f64 = 6.0;
const LINE: f64 = 17.0;
const LEGEND_ROW: f64 = 20.0;

/// The lines above a plot, broken to its width.
pub(super) struct Head<'a> {
    heading: Vec<String>,
    note: Vec<String>,
    entries: Vec<Entry<'a>>,
}

/// A mark in the legend.
struct Entry<'a> {
    mark: &'a Mark<'a>,
    color: i64,
    name: String,
    /// Where it begins, from the left edge.
    x: f64,
    row: usize,
}

impl<'a> Head<'a> {
    pub(super) fn of(plot: &Plot<'a>, room: f64) -> Self {
        Self {
            heading: wrap(plot.heading, LABEL_SIZE * 1.1, room, 3),
            note: wrap(plot.note, LABEL_SIZE, room, 4),
            entries: entries(plot.marks, room),
        }
    }

    pub(super) fn height(&self) -> f64 {
        let n_lines = self.heading.len() + self.note.len();
        let n_rows = self.entries.last().map_or(0, |entry| entry.row + 1);
        n_lines as f64 * LINE + n_rows as f64 * LEGEND_ROW + 14.0
    }

    pub(super) fn draw(&self, drawing: &mut Drawing, left: f64, top: f64) {
        let mut y = top;
        let heading = self.heading.iter().map(|line| (line, "w"));
        let note = self.note.iter().map(|line| (line, "l"));
        for (line, class) in heading.chain(note) {
            y += LINE;
            drawing.text(left, y, class, Anchor::Start, line);
        }
        for entry in &self.entries {
            let baseline = y + (entry.row + 1) as f64 * LEGEND_ROW;
            let x = left + entry.x;
            let middle = (x, baseline - 4.0);
            entry.mark.draw_sample(drawing, middle, SAMPLE, entry.color);
            drawing.text(x + SAMPLE + GAP, baseline, "l", Anchor::Start, &entry.name);
        }
    }
}

fn entries<'a>(marks: &'a [Mark<'a>], room: f64) -> Vec<Entry<'a>> {
    let (mut x, mut row, mut color) = (0.0, 0, 0);
    let mut entries: Vec<Entry<'a>> = Vec::new();
    for mark in marks {
        if !mark.name().is_empty() {
            let name = fit(mark.name(), LABEL_SIZE, room - SAMPLE - GAP).into_owned();
            let wide = SAMPLE + GAP + width(&name, LABEL_SIZE);
            if x > 0.0 && x + wide > room {
                (x, row) = (0.0, row + 1);
            }
            entries.push(Entry {
                mark,
                color,
                name,
                x,
                row,
            });
            x += wide + 20.0;
        }
        color += mark.n_colors();
    }
    entries
}
