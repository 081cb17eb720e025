//! From points to the clusters that the rounds start with: common scale, one cluster for coinciding points.

use std::cmp::Ordering;
use std::ops::Range;

use clientela_numerics::{StopToken, Stopped};

use super::record::Record;
use crate::Points;
use crate::blocks::filled_rows;
use crate::order::sorted_indices;

/// Largest binary exponent that is scaled away; the rest is far from overflow even when squared and weighted.
const EXPONENT_MAX: i32 = 1000;

/// Coordinates below this share of the largest one count as zero, so that no squared difference underflows.
const NEGLIGIBLE: f64 = f64::from_bits((1023 - 400) << 52); // 2^-400

/// Clusters of coinciding points, one row each.
pub(super) struct Start {
    /// Coordinates, row-major, `width` per cluster; features beyond those of the points are 0.
    pub rows: Vec<f64>,
    /// Coordinates per row.
    pub width: usize,
    /// Samples per cluster.
    pub sizes: Vec<f64>,
    /// Smallest member of each cluster, ascending.
    pub representatives: Vec<u32>,
    /// Node of the tree that each cluster is.
    pub nodes: Vec<u32>,
    /// The merges of coinciding points, at height 0.
    pub records: Vec<Record>,
    /// What one unit of the rows is in units of the points (a power of two).
    pub unit: f64,
}

impl Start {
    /// Clusters in ascending order of their representatives.
    ///
    /// # Errors
    /// [`Stopped`] when asked to stop.
    pub fn new(points: &Points, width: usize, stop: &StopToken) -> Result<Self, Stopped> {
        let (rows, unit) = scaled_rows(points, width, stop)?;
        let mut start = Self {
            rows: Vec::with_capacity(rows.len()),
            width,
            sizes: Vec::new(),
            representatives: Vec::new(),
            nodes: Vec::new(),
            records: Vec::new(),
            unit,
        };
        let first_of = first_coinciding(&rows, width, points.n_points(), stop)?;
        let mut cluster_of = vec![0_u32; points.n_points()];
        for (point, &first) in first_of.iter().enumerate() {
            stop.poll()?;
            let weight = points.weights()[point];
            if first as usize == point {
                cluster_of[point] = start.sizes.len() as u32;
                start
                    .rows
                    .extend_from_slice(&rows[point * width..(point + 1) * width]);
                start.sizes.push(weight);
                start.representatives.push(first);
                start.nodes.push(first);
            } else {
                let node = (points.n_points() + start.records.len()) as u32;
                start.append(
                    cluster_of[first as usize] as usize,
                    point as u32,
                    weight,
                    node,
                );
            }
        }
        Ok(start)
    }

    /// Merges a point into the cluster that lies at the same place.
    fn append(&mut self, cluster: usize, point: u32, weight: f64, node: u32) {
        self.sizes[cluster] += weight;
        self.records
            .push(Record::coinciding(self.nodes[cluster], point));
        self.nodes[cluster] = node;
    }
}

/// Rows divided by a common power of two, so that the largest coordinate is about 1: exact, and heights come out
/// with the same bits as without it wherever those neither overflow nor underflow.
fn scaled_rows(
    points: &Points,
    width: usize,
    stop: &StopToken,
) -> Result<(Vec<f64>, f64), Stopped> {
    let largest = points
        .columns()
        .iter()
        .flatten()
        .fold(0.0_f64, |largest, value| largest.max(value.abs()));
    let exponent = if largest > 0.0 {
        libm::ilogb(largest).clamp(-EXPONENT_MAX, EXPONENT_MAX)
    } else {
        0
    };
    let factor = libm::ldexp(1.0, -exponent);
    let fill = |range: Range<usize>, rows: &mut [f64]| {
        for (j, column) in points.columns().iter().enumerate() {
            for (row, value) in rows.chunks_exact_mut(width).zip(&column[range.clone()]) {
                let scaled = value * factor;
                row[j] = if scaled.abs() < NEGLIGIBLE {
                    0.0
                } else {
                    scaled
                };
            }
        }
    };
    let rows = filled_rows(points.n_points(), width, fill, stop)?;
    Ok((rows, libm::ldexp(1.0, exponent)))
}

/// For each point the first one at the same place (itself where there is none before it).
///
/// Points are distinct as they come from the samples; they coincide where a transformation rounded or dropped what
/// told them apart.
fn first_coinciding(
    rows: &[f64],
    width: usize,
    n_points: usize,
    stop: &StopToken,
) -> Result<Vec<u32>, Stopped> {
    let row = |point: u32| &rows[point as usize * width..(point as usize + 1) * width];
    let compare = |a: u32, b: u32| row(a).partial_cmp(row(b)).unwrap_or(Ordering::Equal);
    let mut first_of: Vec<u32> = (0..n_points as u32).collect();
    if first_of.is_sorted_by(|&a, &b| compare(a, b).is_lt()) {
        return Ok(first_of);
    }
    let order = sorted_indices(n_points, compare, stop)?;
    for group in order.chunk_by(|&a, &b| compare(a, b).is_eq()) {
        for &point in group {
            first_of[point as usize] = group[0];
        }
    }
    Ok(first_of)
}
