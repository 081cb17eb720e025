//! A k-d tree over weighted points, for questions about what lies within a radius.
//!
//! Source: Bentley (1975), "Multidimensional Binary Search Trees Used for Associative Searching", CACM 18(9).
//! Differs from the source: boxes are tight and split in their middle, so that groups apart from each other come apart early.
//!
//! Distances to boxes are sums in the order of the columns, as distances to points are, and rounding is monotone: what a box
//! rules out or takes in is exactly what its points would say one by one.

use std::ops::Range;

use clientela_numerics::{StopToken, Stopped};

/// Points below which a box is not split.
const LEAF: usize = 12;
/// Points looked at between two looks at the stop token.
const POINTS_PER_POLL: usize = 4096;
/// Splits in the middle on one way down before the tree splits at the median: bounds the depth on data whose gaps grow
/// without end.
const MIDDLE_SPLITS_MAX: u32 = 64;

pub(super) struct KdTree {
    n_features: usize,
    /// Original index of each point, in tree order.
    points: Vec<u32>,
    /// Row-major coordinates in tree order.
    rows: Vec<f64>,
    weights: Vec<f64>,
    /// Parents before children; the root first.
    nodes: Vec<Node>,
    /// Lowest coordinates, then highest ones, of each node.
    boxes: Vec<f64>,
}

pub(super) struct Node {
    pub(super) start: u32,
    pub(super) end: u32,
    /// Index of the first child (the second stands at `second`), 0 for a leaf.
    first: u32,
    second: u32,
    weight: f64,
}

impl KdTree {
    /// A tree over some of the points of a row-major table.
    ///
    /// # Errors
    /// [`Stopped`] when the stop token is set.
    pub(super) fn build(
        table: &[f64],
        n_features: usize,
        points: Vec<u32>,
        weights: &[f64],
        stop: &StopToken,
    ) -> Result<Self, Stopped> {
        let mut tree = Self {
            n_features,
            points,
            rows: Vec::new(),
            weights: Vec::new(),
            nodes: Vec::new(),
            boxes: Vec::new(),
        };
        if !tree.points.is_empty() {
            tree.split(table, weights, 0..tree.points.len(), 0, stop)?;
        }
        tree.rows = Vec::with_capacity(tree.points.len() * n_features);
        for &point in &tree.points {
            stop.poll()?;
            let start = point as usize * n_features;
            tree.rows
                .extend_from_slice(&table[start..start + n_features]);
        }
        tree.weights = tree
            .points
            .iter()
            .map(|&point| weights[point as usize])
            .collect();
        Ok(tree)
    }

    /// Makes the node of a range of points and all nodes below; returns its index.
    fn split(
        &mut self,
        table: &[f64],
        weights: &[f64],
        range: Range<usize>,
        depth: u32,
        stop: &StopToken,
    ) -> Result<u32, Stopped> {
        let d = self.n_features;
        let index = self.nodes.len();
        let (low, high) = self.bounds(table, range.clone(), stop)?;
        let weight = self.points[range.clone()]
            .iter()
            .map(|&point| weights[point as usize])
            .sum();
        stop.poll()?;
        let widest = widest(&low, &high);
        let has_spread = d > 0 && high[widest] > low[widest];
        let middle = if has_spread {
            middle(low[widest], high[widest])
        } else {
            0.0
        };
        self.nodes.push(Node {
            start: range.start as u32,
            end: range.end as u32,
            first: 0,
            second: 0,
            weight,
        });
        self.boxes.extend(low);
        self.boxes.extend(high);
        if range.len() <= LEAF || !has_spread {
            return Ok(index as u32);
        }
        let value = |point: u32| table[point as usize * d + widest];
        let part = &mut self.points[range.clone()];
        let cut = range.start
            + if depth < MIDDLE_SPLITS_MAX {
                partition(part, |point| value(point) <= middle)
            } else {
                halve(part, value)
            };
        let first = self.split(table, weights, range.start..cut, depth + 1, stop)?;
        let second = self.split(table, weights, cut..range.end, depth + 1, stop)?;
        (self.nodes[index].first, self.nodes[index].second) = (first, second);
        Ok(index as u32)
    }

    fn bounds(
        &self,
        table: &[f64],
        range: Range<usize>,
        stop: &StopToken,
    ) -> Result<(Vec<f64>, Vec<f64>), Stopped> {
        let d = self.n_features;
        let mut low = vec![f64::INFINITY; d];
        let mut high = vec![f64::NEG_INFINITY; d];
        for points in self.points[range].chunks(POINTS_PER_POLL) {
            stop.poll()?;
            for &point in points {
                let row = &table[point as usize * d..(point as usize + 1) * d];
                for (j, &value) in row.iter().enumerate() {
                    low[j] = low[j].min(value);
                    high[j] = high[j].max(value);
                }
            }
        }
        Ok((low, high))
    }

    pub(super) fn n_features(&self) -> usize {
        self.n_features
    }

    pub(super) fn n_points(&self) -> usize {
        self.points.len()
    }

    /// Original index of the point at a position of the tree.
    pub(super) fn point(&self, position: usize) -> usize {
        self.points[position] as usize
    }

    /// Coordinates of the point at a position of the tree.
    pub(super) fn row(&self, position: usize) -> &[f64] {
        &self.rows[position * self.n_features..(position + 1) * self.n_features]
    }

    pub(super) fn root(&self) -> Option<usize> {
        (!self.nodes.is_empty()).then_some(0)
    }

    pub(super) fn positions(&self, node: usize) -> Range<usize> {
        self.nodes[node].start as usize..self.nodes[node].end as usize
    }

    /// The two halves of a node; `None` of a leaf.
    pub(super) fn children(&self, node: usize) -> Option<[usize; 2]> {
        let Node { first, second, .. } = self.nodes[node];
        (first != 0).then_some([first as usize, second as usize])
    }

    fn low(&self, node: usize) -> &[f64] {
        &self.boxes[2 * node * self.n_features..(2 * node + 1) * self.n_features]
    }

    fn high(&self, node: usize) -> &[f64] {
        &self.boxes[(2 * node + 1) * self.n_features..2 * (node + 1) * self.n_features]
    }

    /// Squared diagonal of a node's box: no two of its points are farther apart.
    pub(super) fn diagonal_squared(&self, node: usize) -> f64 {
        distance_squared(self.low(node), self.high(node))
    }

    /// Squared distance between the boxes of two nodes.
    pub(super) fn gap_squared(&self, left: usize, right: usize) -> f64 {
        let sides = self
            .low(left)
            .iter()
            .zip(self.high(left))
            .zip(self.low(right).iter().zip(self.high(right)));
        let mut sum = 0.0;
        for ((low, high), (other_low, other_high)) in sides {
            let gap = (other_low - high).max(low - other_high).max(0.0);
            sum += gap * gap;
        }
        sum
    }

    /// Squared distances from a row to the nearest and to the farthest place of a node's box.
    fn reach_squared(&self, node: usize, row: &[f64]) -> (f64, f64) {
        let (mut nearest, mut farthest) = (0.0, 0.0);
        for ((low, high), x) in self.low(node).iter().zip(self.high(node)).zip(row) {
            let gap = (low - x).max(x - high).max(0.0);
            let way = (x - low).max(high - x);
            nearest += gap * gap;
            farthest += way * way;
        }
        (nearest, farthest)
    }

    /// Calls `visit(positions, samples)` for the largest boxes whose points are all within the radius of each other, and for
    /// each point outside of such boxes.
    ///
    /// # Errors
    /// The first error of a visit.
    pub(super) fn visit_cells<E>(
        &self,
        square: f64,
        mut visit: impl FnMut(Range<usize>, f64) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut pending: Vec<usize> = self.root().into_iter().collect();
        while let Some(node) = pending.pop() {
            if self.diagonal_squared(node) <= square {
                visit(self.positions(node), self.nodes[node].weight)?;
            } else if let Some([first, second]) = self.children(node) {
                pending.extend([second, first]);
            } else {
                for position in self.positions(node) {
                    visit(position..position + 1, self.weights[position])?;
                }
            }
        }
        Ok(())
    }

    /// Whether at least `needed` samples lie within the radius around a row.
    pub(super) fn has_samples_within(&self, row: &[f64], square: f64, needed: f64) -> bool {
        let mut found = 0.0;
        let mut pending: Vec<usize> = self.root().into_iter().collect();
        while let Some(node) = pending.pop() {
            let (nearest, farthest) = self.reach_squared(node, row);
            if nearest > square {
                continue;
            }
            if farthest <= square {
                found += self.nodes[node].weight;
            } else if let Some(children) = self.children(node) {
                pending.extend(self.nearer_last(children, row));
            } else {
                for position in self.positions(node) {
                    if distance_squared(self.row(position), row) <= square {
                        found += self.weights[position];
                    }
                }
            }
            if found >= needed {
                return true;
            }
        }
        false
    }

    /// Original index of the nearest point within the radius around a row; the lowest index of equally near ones.
    pub(super) fn nearest_within(&self, row: &[f64], square: f64) -> Option<usize> {
        let mut best: Option<(f64, usize)> = None;
        let mut pending: Vec<usize> = self.root().into_iter().collect();
        while let Some(node) = pending.pop() {
            let limit = best.map_or(square, |(distance, _)| distance);
            if self.reach_squared(node, row).0 > limit {
                continue;
            }
            if let Some(children) = self.children(node) {
                pending.extend(self.nearer_last(children, row));
                continue;
            }
            for position in self.positions(node) {
                let candidate = (
                    distance_squared(self.row(position), row),
                    self.point(position),
                );
                if candidate.0 <= square && best.is_none_or(|best| candidate < best) {
                    best = Some(candidate);
                }
            }
        }
        best.map(|(_, point)| point)
    }

    /// The two children so that the one nearer to a row is taken first from a stack.
    fn nearer_last(&self, [first, second]: [usize; 2], row: &[f64]) -> [usize; 2] {
        if self.reach_squared(first, row) <= self.reach_squared(second, row) {
            [second, first]
        } else {
            [first, second]
        }
    }
}

/// Squared Euclidean distance, its terms added in the order of the columns.
pub(super) fn distance_squared(a: &[f64], b: &[f64]) -> f64 {
    let mut sum = 0.0;
    for (x, y) in a.iter().zip(b) {
        let difference = x - y;
        sum += difference * difference;
    }
    sum
}

/// A value in `[low, high)`, half way where possible.
fn middle(low: f64, high: f64) -> f64 {
    let middle = 0.5 * low + 0.5 * high;
    if middle >= low && middle < high {
        middle
    } else {
        low
    }
}

/// The column in which a box extends farthest; the first of equal ones.
fn widest(low: &[f64], high: &[f64]) -> usize {
    (0..low.len()).fold(0, |widest, j| {
        if high[j] - low[j] > high[widest] - low[widest] {
            j
        } else {
            widest
        }
    })
}

/// Moves the half of the points with the lower values to the front; returns how many there are.
fn halve(points: &mut [u32], value: impl Fn(u32) -> f64) -> usize {
    let half = points.len() / 2;
    points.select_nth_unstable_by(half, |&a, &b| value(a).total_cmp(&value(b)).then(a.cmp(&b)));
    half
}

/// Moves the points for which `is_left` holds to the front, keeping the order on both sides; returns how many there are.
fn partition(points: &mut [u32], is_left: impl Fn(u32) -> bool) -> usize {
    let right: Vec<u32> = points
        .iter()
        .copied()
        .filter(|&point| !is_left(point))
        .collect();
    let mut n_left = 0;
    for i in 0..points.len() {
        if is_left(points[i]) {
            points[n_left] = points[i];
            n_left += 1;
        }
    }
    points[n_left..].copy_from_slice(&right);
    n_left
}
