//! Counts in a table of two scores, darker where there are more.

use crate::captions::{Captions, LABEL_SIZE, MARGIN, head};
use crate::svg::{Anchor, Drawing};
use crate::text::{fit, width};

/// A table of counts.
#[derive(Clone, Copy)]
pub struct Heatmap<'a> {
    /// Title and language.
    pub captions: Captions<'a>,
    /// What the rows are.
    pub row_axis: &'a str,
    /// What the columns are.
    pub column_axis: &'a str,
    /// The rows from top to bottom.
    pub row_labels: &'a [&'a str],
    /// The columns from left to right.
    pub column_labels: &'a [&'a str],
    /// One count for each row and column, row by row.
    pub counts: &'a [u64],
    /// The width in pixels, 240–10,000; the height follows from the number of rows.
    pub width: f64,
}

/// The steps of the color: opacity, and whether the number on it has the color of the background.
pub(crate) const STEPS: [(f64, bool); 6] = [
    (0.07, false),
    (0.17, false),
    (0.29, false),
    (0.42, false),
    (0.84, true),
    (1.0, true),
];

const CELL_HEIGHT: f64 = 44.0;
const CELL_GAP: f64 = 2.0;

/// The chart as an SVG document. A cell's step is the square root of its share of the largest count, because counts of
/// customers are skewed; the number stands in the cell. An empty cell has no color.
///
/// # Panics
/// When there is not one count for each row and column.
#[must_use]
pub fn heatmap(chart: &Heatmap<'_>) -> String {
    let (n_rows, n_columns) = (chart.row_labels.len(), chart.column_labels.len());
    assert_eq!(
        chart.counts.len(),
        n_rows * n_columns,
        "one count for each row and column"
    );
    let mut drawing = Drawing::new(chart.width);
    let top = head(&mut drawing, &chart.captions, &[]) + 32.0;
    let inner = drawing.width - 2.0 * MARGIN;
    let names = chart
        .row_labels
        .iter()
        .map(|name| width(name, LABEL_SIZE))
        .fold(0.0, f64::max)
        .min(inner * 0.3);
    let left = MARGIN + 20.0 + names + 8.0;
    let cell = ((drawing.width - MARGIN - left) / n_columns.max(1) as f64).min(120.0);
    draw_names(&mut drawing, chart, (left, top), names, cell);
    let largest = chart.counts.iter().copied().max().unwrap_or(0);
    for (at, &count) in chart.counts.iter().enumerate() {
        let (row, column) = (at / n_columns, at % n_columns);
        let corner = (left + column as f64 * cell, top + row as f64 * CELL_HEIGHT);
        let name = format!(
            "{} {} · {} {}",
            chart.row_axis, chart.row_labels[row], chart.column_axis, chart.column_labels[column]
        );
        draw_cell(
            &mut drawing,
            corner,
            cell,
            &name,
            &(chart.captions.number)(count as f64, 0),
            step(count, largest),
        );
    }
    drawing.height = top + n_rows as f64 * CELL_HEIGHT + MARGIN;
    drawing.finish(&chart.captions)
}

/// The step of a count, or `None` for an empty cell.
fn step(count: u64, largest: u64) -> Option<(f64, bool)> {
    if count == 0 {
        return None;
    }
    let share = (count as f64 / largest as f64).sqrt();
    Some(STEPS[((share * STEPS.len() as f64).ceil() as usize).clamp(1, STEPS.len()) - 1])
}

fn draw_names(
    drawing: &mut Drawing,
    chart: &Heatmap<'_>,
    (left, top): (f64, f64),
    names: f64,
    cell: f64,
) {
    let (grid_width, grid_height) = (
        cell * chart.column_labels.len() as f64,
        CELL_HEIGHT * chart.row_labels.len() as f64,
    );
    let axis = fit(chart.column_axis, 11.0, drawing.width - 2.0 * MARGIN);
    drawing.text(
        left + grid_width / 2.0,
        top - 24.0,
        "m",
        Anchor::Middle,
        &axis,
    );
    for (column, name) in chart.column_labels.iter().enumerate() {
        let name = fit(name, LABEL_SIZE, cell - 4.0);
        drawing.text(
            left + (column as f64 + 0.5) * cell,
            top - 7.0,
            "l",
            Anchor::Middle,
            &name,
        );
    }
    let axis = fit(chart.row_axis, 11.0, grid_height.max(40.0));
    drawing.upright_text(MARGIN + 8.0, top + grid_height / 2.0, "m", &axis);
    for (row, name) in chart.row_labels.iter().enumerate() {
        let name = fit(name, LABEL_SIZE, names);
        drawing.text(
            left - 8.0,
            top + (row as f64 + 0.5) * CELL_HEIGHT + 4.0,
            "l",
            Anchor::End,
            &name,
        );
    }
}

fn draw_cell(
    drawing: &mut Drawing,
    (x, y): (f64, f64),
    width: f64,
    name: &str,
    count: &str,
    step: Option<(f64, bool)>,
) {
    drawing.open_named(&format!("{name}: {count}"));
    let size = (width - CELL_GAP, CELL_HEIGHT - CELL_GAP);
    let class = match step {
        Some((opacity, inverse)) => {
            drawing.faded_rect((x, y), size, 3.0, "t", opacity);
            if inverse { "i" } else { "l" }
        }
        None => "m",
    };
    let count = fit(count, LABEL_SIZE, width - CELL_GAP);
    drawing.text(
        x + size.0 / 2.0,
        y + size.1 / 2.0 + 4.0,
        class,
        Anchor::Middle,
        &count,
    );
    drawing.close();
}
