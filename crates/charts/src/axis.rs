//! Axes: thin lines, round values, a name.

use crate::captions::Captions;
use crate::scale::{Mapping, power_note};
use crate::svg::{Anchor, Drawing, coordinate};
use crate::text::{fit, width};

/// The rectangle that the marks of a chart may fill.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Area {
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) right: f64,
    pub(crate) bottom: f64,
}

/// The size of tick labels.
pub(crate) const TICK_SIZE: f64 = 11.0;

impl Area {
    pub(crate) fn width(&self) -> f64 {
        self.right - self.left
    }

    pub(crate) fn height(&self) -> f64 {
        self.bottom - self.top
    }
}

/// Grid lines up from a horizontal axis below the area, its values and its name.
pub(crate) fn below(
    drawing: &mut Drawing,
    area: Area,
    mapping: &Mapping,
    name: &str,
    captions: &Captions<'_>,
) {
    let (ticks, left_out) = mapping.ticks(captions.number);
    let mut free_from = f64::NEG_INFINITY;
    let mut grid = String::new();
    for tick in &ticks {
        let x = area.left + tick.position * area.width();
        grid += &format!(
            "M{} {}V{}",
            coordinate(x),
            coordinate(area.top),
            coordinate(area.bottom)
        );
        let half = width(&tick.label, TICK_SIZE) / 2.0;
        if x - half > free_from {
            drawing.text(x, area.bottom + 16.0, "m", Anchor::Middle, &tick.label);
            free_from = x + half + 6.0;
        }
    }
    drawing.path(&grid, "g", 1.0);
    let baseline = format!(
        "M{} {}H{}",
        coordinate(area.left),
        coordinate(area.bottom),
        coordinate(area.right)
    );
    drawing.path(&baseline, "a", 1.0);
    let name = format!("{name}{}", power_note(left_out));
    let name = fit(&name, TICK_SIZE, area.width());
    drawing.text(
        area.left + area.width() / 2.0,
        area.bottom + 36.0,
        "m",
        Anchor::Middle,
        &name,
    );
}

/// The places 1 to `n_ranks` below the area, each in the middle of its share, as far as their numbers have room.
pub(crate) fn ranks_below(
    drawing: &mut Drawing,
    area: Area,
    n_ranks: usize,
    name: &str,
    captions: &Captions<'_>,
) {
    let n_ranks = n_ranks.clamp(1, 100);
    let mut free_from = f64::NEG_INFINITY;
    for rank in 1..=n_ranks {
        let label = (captions.number)(rank as f64, 0);
        let x = area.left + (rank as f64 - 0.5) / n_ranks as f64 * area.width();
        let half = width(&label, TICK_SIZE) / 2.0;
        if x - half > free_from {
            drawing.text(x, area.bottom + 16.0, "m", Anchor::Middle, &label);
            free_from = x + half + 6.0;
        }
    }
    let baseline = format!(
        "M{} {}H{}",
        coordinate(area.left),
        coordinate(area.bottom),
        coordinate(area.right)
    );
    drawing.path(&baseline, "a", 1.0);
    let name = fit(name, TICK_SIZE, area.width());
    let middle = area.left + area.width() / 2.0;
    drawing.text(middle, area.bottom + 36.0, "m", Anchor::Middle, &name);
}

/// Grid lines across from a vertical axis left of the area, its values and its name.
pub(crate) fn left(
    drawing: &mut Drawing,
    area: Area,
    mapping: &Mapping,
    name: &str,
    captions: &Captions<'_>,
) {
    let (ticks, left_out) = mapping.ticks(captions.number);
    let mut grid = String::new();
    let mut widest = 0.0;
    for tick in &ticks {
        let y = area.bottom - tick.position * area.height();
        grid += &format!(
            "M{} {}H{}",
            coordinate(area.left),
            coordinate(y),
            coordinate(area.right)
        );
        drawing.text(area.left - 8.0, y + 4.0, "m", Anchor::End, &tick.label);
        widest = f64::max(widest, width(&tick.label, TICK_SIZE));
    }
    drawing.path(&grid, "g", 1.0);
    let name = format!("{name}{}", power_note(left_out));
    let name = fit(&name, TICK_SIZE, area.height());
    drawing.upright_text(
        area.left - widest - 18.0,
        area.top + area.height() / 2.0,
        "m",
        &name,
    );
}

/// The room that a vertical axis needs at the left of its area.
pub(crate) fn room_left(mapping: &Mapping, captions: &Captions<'_>) -> f64 {
    let (ticks, _) = mapping.ticks(captions.number);
    ticks
        .iter()
        .map(|tick| width(&tick.label, TICK_SIZE))
        .fold(0.0, f64::max)
        + 30.0
}

/// Grid lines down from a horizontal axis above the area that grows to the left, its values and its name.
pub(crate) fn above(
    drawing: &mut Drawing,
    area: Area,
    mapping: &Mapping,
    name: &str,
    captions: &Captions<'_>,
) {
    let (ticks, left_out) = mapping.ticks(captions.number);
    let mut free_up_to = f64::INFINITY;
    let mut grid = String::new();
    for tick in &ticks {
        let x = area.right - tick.position * area.width();
        grid += &format!(
            "M{} {}V{}",
            coordinate(x),
            coordinate(area.top),
            coordinate(area.bottom)
        );
        let half = width(&tick.label, TICK_SIZE) / 2.0;
        if x + half < free_up_to {
            drawing.text(x, area.top - 6.0, "m", Anchor::Middle, &tick.label);
            free_up_to = x - half - 6.0;
        }
    }
    drawing.path(&grid, "g", 1.0);
    let baseline = format!(
        "M{} {}H{}",
        coordinate(area.left),
        coordinate(area.top),
        coordinate(area.right)
    );
    drawing.path(&baseline, "a", 1.0);
    let name = format!("{name}{}", power_note(left_out));
    let name = fit(&name, TICK_SIZE, area.width());
    drawing.text(area.left - 6.0, area.top - 23.0, "m", Anchor::Start, &name);
}
