//! The dendrogram: which customers, and groups of customers, were merged at which distance. Leaves stand in rows at the
//! right, the root is at the left.

mod tree;

use std::collections::BTreeMap;

use self::tree::{Bracket, CONDENSED_LEAVES, FULL_LEAVES_MAX, Layout, Leaf, Membership, layout};
use crate::axis::{Area, above};
use crate::captions::{Captions, Cluster, MARGIN, head};
use crate::marks::mark;
use crate::palette::{N_COLORS, fill, stroke};
use crate::scale::{Mapping, Scale};
use crate::svg::{Anchor, Drawing, coordinate};
use crate::text::{fit, width};

/// A row of a linkage matrix: two nodes become one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Merge {
    /// The two nodes: leaves are 0…n−1, row i makes node n + i.
    pub children: [usize; 2],
    /// The distance at which they merge, at least 0.
    pub distance: f64,
    /// How many customers the new node holds.
    pub count: u64,
}

/// The distance at which the tree was cut into clusters.
#[derive(Clone, Copy, Debug)]
pub struct Cut<'a> {
    /// Where the line stands.
    pub distance: f64,
    /// What is written at it.
    pub label: &'a str,
}

/// The axis of distances. Its name has to say the scale, so there is one for each.
#[derive(Clone, Copy, Debug)]
pub struct DistanceAxis<'a> {
    /// The scale; `None` takes the plainest on which the middle merge can be told from zero.
    pub scale: Option<Scale>,
    /// The name on a linear scale: `Distance`.
    pub linear: &'a str,
    /// The name on a square root scale: `Distance (square root scale)`.
    pub square_root: &'a str,
    /// The name on a logarithmic scale: `Distance (logarithmic scale)`.
    pub logarithmic: &'a str,
}

/// A dendrogram.
#[derive(Clone, Copy)]
pub struct Dendrogram<'a> {
    /// Title and language.
    pub captions: Captions<'a>,
    /// The linkage matrix: one row less than leaves, each naming earlier nodes, each node once.
    pub merges: &'a [Merge],
    /// The names of the leaves.
    pub leaf_labels: &'a [&'a str],
    /// How many customers each leaf stands for, when it isn't one each.
    pub leaf_sizes: Option<&'a [u64]>,
    /// The cluster of each leaf, which colors it and every branch within one cluster.
    pub leaf_clusters: Option<&'a [i64]>,
    /// The clusters that the legend names, in its order.
    pub clusters: &'a [Cluster<'a>],
    /// Where the tree was cut.
    pub cut: Option<Cut<'a>>,
    /// The axis of distances.
    pub axis: DistanceAxis<'a>,
    /// The width in pixels, 240–10,000; the height follows from the number of leaves.
    pub width: f64,
}

/// The room for labels at the right.
const LABELS_MAX: f64 = 190.0;
/// Vertical room a label needs.
const LABEL_ROOM: f64 = 11.0;
/// The height of the tree where leaves are more than have a row each.
const CROWDED_HEIGHT: f64 = 2_400.0;

/// How many branches are drawn of a tree with so many leaves: each leaf, or of a large tree those that remain when it is
/// condensed. Who draws one should say so in its captions where the two differ.
#[must_use]
pub fn n_branches_shown(n_leaves: usize) -> usize {
    if n_leaves <= FULL_LEAVES_MAX {
        n_leaves
    } else {
        CONDENSED_LEAVES
    }
}

/// The chart as an SVG document.
///
/// Up to 200 leaves all have a label; where more stand closer than a line of text, every second, third … has one.
/// Beyond 2,000 the tree is condensed to its top 150 branches, each a triangle named after its first customer and the
/// number of others (`C001 +41`), so the document stays small whatever the size of the tree. A single leaf is a line
/// with its label and no axis; no leaf, the title alone.
///
/// Colors repeat from the ninth cluster on; the strip beside the leaves then carries the shape that the legend has for
/// the cluster, wherever it is long enough for one.
///
/// # Panics
/// When the rows are not a linkage matrix over the leaves, or sizes or clusters are not one for each leaf.
#[must_use]
pub fn dendrogram(chart: &Dendrogram<'_>) -> String {
    let layout = layout(chart);
    let mut drawing = Drawing::new(chart.width);
    let top = head(&mut drawing, &chart.captions, chart.clusters);
    if layout.leaves.is_empty() {
        drawing.height = top + MARGIN;
        return drawing.finish(&chart.captions);
    }
    let spacing = spacing(layout.leaves.len());
    let labels = Labels::of(&layout.leaves, spacing, drawing.width);
    let area = Area {
        left: MARGIN + 6.0,
        top: top + 38.0,
        right: drawing.width - MARGIN - labels.room - 18.0,
        bottom: top + 38.0 + layout.leaves.len() as f64 * spacing + 12.0,
    };
    let (scale, name) = scale(&chart.axis, &layout.brackets);
    let distances = layout.brackets.iter().map(|bracket| bracket.distance);
    let mapping = Mapping::over(
        scale,
        distances.chain(chart.cut.map(|cut| cut.distance)),
        true,
    );
    if !layout.brackets.is_empty() {
        above(&mut drawing, area, &mapping, name, &chart.captions);
    }
    let places = Places {
        area,
        mapping,
        spacing,
    };
    draw_brackets(&mut drawing, &layout, &places);
    draw_leaves(&mut drawing, &layout.leaves, &places, &labels);
    drawing.height = area.bottom + MARGIN;
    if let Some(cut) = chart.cut {
        draw_cut(&mut drawing, cut, &places);
        drawing.height += 10.0;
    }
    drawing.finish(&chart.captions)
}

/// The vertical room of a leaf.
fn spacing(n_leaves: usize) -> f64 {
    match n_leaves {
        0..=60 => 18.0,
        61..=200 => 13.0,
        _ => CROWDED_HEIGHT / n_leaves as f64,
    }
}

/// The scale of the axis and its name. Ward distances of money are often so skewed that on a linear scale all but the
/// last merges lie on one line.
fn scale<'a>(axis: &DistanceAxis<'a>, brackets: &[Bracket]) -> (Scale, &'a str) {
    let mut positive: Vec<f64> = brackets
        .iter()
        .map(|bracket| bracket.distance)
        .filter(|d| *d > 0.0)
        .collect();
    positive.sort_by(f64::total_cmp);
    let scale =
        axis.scale.unwrap_or_else(
            || match (positive.get(positive.len() / 2), positive.last()) {
                (Some(middle), Some(highest)) if middle / highest < 0.0005 => Scale::Logarithmic,
                (Some(middle), Some(highest)) if middle / highest < 0.04 => Scale::SquareRoot,
                _ => Scale::Linear,
            },
        );
    match scale {
        Scale::Linear => (scale, axis.linear),
        Scale::SquareRoot => (scale, axis.square_root),
        Scale::Logarithmic => (scale, axis.logarithmic),
    }
}

/// Where distances and leaves stand.
struct Places {
    area: Area,
    mapping: Mapping,
    spacing: f64,
}

impl Places {
    fn x(&self, distance: f64) -> f64 {
        self.area.right - self.mapping.position(distance) * self.area.width()
    }

    fn y(&self, leaf: f64) -> f64 {
        self.area.top + 6.0 + (leaf + 0.5) * self.spacing
    }
}

/// How leaves are labeled.
struct Labels {
    size: f64,
    class: &'static str,
    room: f64,
    /// Every so many leaves have a label.
    every: usize,
}

impl Labels {
    fn of(leaves: &[Leaf], spacing: f64, total: f64) -> Self {
        let (size, class) = if spacing < 14.0 {
            (10.0, "k")
        } else {
            (12.0, "l")
        };
        let widest = leaves
            .iter()
            .map(|leaf| width(&leaf.label, size))
            .fold(0.0, f64::max);
        let room = widest.min(LABELS_MAX).min(total * 0.3);
        Self {
            size,
            class,
            room,
            every: (LABEL_ROOM / spacing).ceil() as usize,
        }
    }
}

/// One path of brackets for each color.
fn draw_brackets(drawing: &mut Drawing, layout: &Layout, places: &Places) {
    let mut paths: BTreeMap<Membership, String> = BTreeMap::new();
    for bracket in &layout.brackets {
        let [(y1, d1), (y2, d2)] = bracket.ends;
        let [x1, y1, x, y2, x2] = [
            places.x(d1),
            places.y(y1),
            places.x(bracket.distance),
            places.y(y2),
            places.x(d2),
        ]
        .map(coordinate);
        *paths.entry(bracket.membership).or_default() += &format!("M{x1} {y1}H{x}V{y2}H{x2}");
    }
    if let (None, [only]) = (layout.brackets.last(), layout.leaves.as_slice()) {
        let [x1, y, x2] = [places.area.left, places.y(0.0), places.area.right].map(coordinate);
        paths.insert(only.membership, format!("M{x1} {y}H{x2}"));
    }
    let thickness = (places.spacing / 8.0).clamp(0.6, 1.6);
    for (membership, data) in paths {
        drawing.path(&data, &stroke(cluster_of(membership)), thickness);
    }
}

fn draw_leaves(drawing: &mut Drawing, leaves: &[Leaf], places: &Places, labels: &Labels) {
    draw_strip(drawing, leaves, places);
    for (position, leaf) in leaves.iter().enumerate() {
        let y = places.y(position as f64);
        if let Some(distance) = leaf.condensed {
            draw_branch(drawing, distance, y, leaf, places);
        }
        if position % labels.every == 0 {
            let shown = fit(&leaf.label, labels.size, labels.room);
            let cut = shown.len() != leaf.label.len();
            // A label that was cut is still there in full for a pointer and for a screen reader.
            if cut {
                drawing.open_named(&leaf.label);
            }
            let x = places.area.right + 16.0;
            drawing.text(
                x,
                y + labels.size * 0.35,
                labels.class,
                Anchor::Start,
                &shown,
            );
            if cut {
                drawing.close();
            }
        }
    }
}

/// A condensed branch: a triangle from its topmost merge to the leaves.
fn draw_branch(drawing: &mut Drawing, distance: f64, y: f64, leaf: &Leaf, places: &Places) {
    let half = places.spacing * 0.38;
    let [apex, y, right, top, bottom] =
        [places.x(distance), y, places.area.right, y - half, y + half].map(coordinate);
    let class = format!("{} {}", class_of(leaf), stroke(cluster_of(leaf.membership)));
    drawing.shape(&format!("M{apex} {y}L{right} {top}V{bottom}z"), &class, 0.3);
}

/// The first cluster with the color of an earlier one.
const FIRST_REPEATED: i64 = N_COLORS as i64;
/// Half the size of the shape that tells it from that one.
const MARK_RADIUS: f64 = 4.5;

/// The strip between tree and labels that shows the cluster of each leaf, equal neighbors as one piece.
fn draw_strip(drawing: &mut Drawing, leaves: &[Leaf], places: &Places) {
    let gap = (places.spacing * 0.1).min(1.5);
    let mut start = 0;
    for run in leaves.chunk_by(|one, other| one.membership == other.membership) {
        let top = places.y(start as f64 - 0.5) + gap;
        let height = run.len() as f64 * places.spacing - 2.0 * gap;
        drawing.rect(
            (places.area.right + 4.0, top),
            (5.0, height),
            1.0,
            &class_of(&run[0]),
        );
        if let Membership::Of(cluster @ FIRST_REPEATED..) = run[0].membership
            && height >= 2.0 * MARK_RADIUS
        {
            let middle = (places.area.right + 6.5, top + height / 2.0);
            let class = format!("{} e", class_of(&run[0]));
            drawing.shape(&mark(cluster, middle, MARK_RADIUS), &class, 1.0);
        }
        start += run.len();
    }
}

fn class_of(leaf: &Leaf) -> String {
    fill(cluster_of(leaf.membership))
}

/// The cluster whose color is taken; what holds several is as gray as noise.
fn cluster_of(membership: Membership) -> i64 {
    match membership {
        Membership::Mixed => -1,
        Membership::Of(cluster) => cluster,
    }
}

/// The cut as a dashed line through the tree, named below it.
fn draw_cut(drawing: &mut Drawing, cut: Cut<'_>, places: &Places) {
    let x = places.x(cut.distance);
    let line = format!(
        "M{} {}V{}",
        coordinate(x),
        coordinate(places.area.top),
        coordinate(places.area.bottom + 4.0)
    );
    drawing.path(&line, "c", 1.2);
    let label = fit(cut.label, 11.0, places.area.width());
    let half = width(&label, 11.0) / 2.0;
    let middle = x.clamp(
        places.area.left + half,
        (drawing.width - MARGIN - half).max(places.area.left + half),
    );
    drawing.text(
        middle,
        places.area.bottom + 18.0,
        "m",
        Anchor::Middle,
        &label,
    );
}
