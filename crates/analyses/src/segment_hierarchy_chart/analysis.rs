//! What the drawings need to know of a tree. Everything runs over the rows in order: a chain of a hundred thousand merges is as
//! deep as it is long, and recursion would end the program.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use clientela_tables::Hierarchy;

use super::Table;
use super::request::LegendEntry;
use crate::Format;
use crate::limits::SUNBURST_LEVELS_MAX;

/// What is known of a tree.
pub struct Report {
    /// The leaf with the lowest index below each node.
    pub first_leaves: Vec<u32>,
    /// Merges at a smaller distance than one of their children.
    pub n_inverted: usize,
    /// The clusters of the legend, where it names any and they are a cut of this tree.
    pub cut: Option<Cut>,
    /// Whether the drawing lacks its colors because they are none.
    pub legend_does_not_fit: bool,
    /// Branches of the sunburst that lost their children.
    pub n_condensed: usize,
}

/// A cut of the tree into the clusters of the legend.
pub struct Cut {
    /// The legend's cluster id of each leaf.
    pub leaf_clusters: Vec<i64>,
    /// A distance that lies above all clusters and below all merges of them, where there is one.
    pub distance: Option<f64>,
}

/// Looks at the tree once.
pub fn analyze(table: &Table, format: Format) -> Report {
    let tree = &table.hierarchy;
    let n_inverted = n_inverted(tree);
    let mut cut = cut(tree, &table.legend);
    if let Some(cut) = cut.as_mut().filter(|_| n_inverted > 0) {
        // Where heights cross, no line parts the clusters.
        cut.distance = None;
    }
    let has_legend = table.legend.iter().any(|entry| entry.cluster_id >= 0);
    Report {
        first_leaves: first_leaves(tree),
        n_inverted,
        legend_does_not_fit: format == Format::Svg && has_legend && cut.is_none(),
        cut,
        n_condensed: match format {
            Format::Sunburst => n_branches_at(tree, SUNBURST_LEVELS_MAX),
            _ => 0,
        },
    }
}

fn first_leaves(tree: &Hierarchy) -> Vec<u32> {
    let mut first: Vec<u32> = (0..tree.n_leaves() as u32).collect();
    for merge in &tree.merges {
        let [one, other] = merge.children.map(|child| first[child as usize]);
        first.push(one.min(other));
    }
    first
}

fn n_inverted(tree: &Hierarchy) -> usize {
    let is_inverted = |merge: &&clientela_tables::HierarchyMerge| {
        let below = merge.children.map(|child| tree.distance(child as usize));
        merge.distance < below[0].max(below[1])
    };
    tree.merges.iter().filter(is_inverted).count()
}

/// Merges at that level, the root being at level 1.
fn n_branches_at(tree: &Hierarchy, level: usize) -> usize {
    let mut levels = vec![1; tree.n_nodes()];
    for (row, merge) in tree.merges.iter().enumerate().rev() {
        for child in merge.children {
            levels[child as usize] = levels[tree.n_leaves() + row] + 1;
        }
    }
    let merges = &levels[tree.n_leaves()..];
    merges.iter().filter(|&&found| found == level).count()
}

/// The clusters that the legend speaks of: the highest merges are undone until there are as many, and they are numbered as
/// everywhere, by descending size, ties by their first leaf. `None` where sizes differ from those of the legend.
fn cut(tree: &Hierarchy, legend: &[LegendEntry]) -> Option<Cut> {
    let mut named: Vec<(u64, i64)> = legend
        .iter()
        .filter(|entry| entry.cluster_id >= 0)
        .map(|entry| Some((entry.n_customers?, entry.cluster_id)))
        .collect::<Option<_>>()?;
    if named.is_empty() || named.len() > tree.n_leaves() {
        return None;
    }
    named.sort_unstable_by_key(|&(size, id)| (std::cmp::Reverse(size), id));
    let Tops { tops, distance } = tops(tree, named.len());
    let first = first_leaves(tree);
    let mut order: Vec<usize> = (0..tops.len()).collect();
    order.sort_by_key(|&i| (std::cmp::Reverse(tree.size(tops[i])), first[tops[i]]));
    let fits = order
        .iter()
        .zip(&named)
        .all(|(&i, &(size, _))| tree.size(tops[i]) == size);
    if !fits {
        return None;
    }
    let mut cluster_of = vec![0; tree.n_nodes()];
    for (&i, &(_, id)) in order.iter().zip(&named) {
        cluster_of[tops[i]] = id;
    }
    let mut is_top = vec![false; tree.n_nodes()];
    tops.iter().for_each(|&top| is_top[top] = true);
    for (row, merge) in tree.merges.iter().enumerate().rev() {
        let cluster = cluster_of[tree.n_leaves() + row];
        for child in merge.children.map(|child| child as usize) {
            if !is_top[child] {
                cluster_of[child] = cluster;
            }
        }
    }
    cluster_of.truncate(tree.n_leaves());
    Some(Cut {
        leaf_clusters: cluster_of,
        distance,
    })
}

/// The topmost node of each cluster.
struct Tops {
    tops: Vec<usize>,
    distance: Option<f64>,
}

/// Undoes the highest merges until there are so many clusters, at most as many as leaves.
fn tops(tree: &Hierarchy, n_clusters: usize) -> Tops {
    let node = |node: usize| Top {
        distance: tree.distance(node),
        node,
    };
    let mut open = BinaryHeap::from([node(tree.n_nodes() - 1)]);
    let mut lowest_undone = f64::INFINITY;
    while open.len() < n_clusters {
        let top = open.pop().expect("fewer clusters than leaves");
        let merge = tree.merge(top.node).expect("leaves are the lowest nodes");
        lowest_undone = lowest_undone.min(merge.distance);
        open.extend(merge.children.map(|child| node(child as usize)));
    }
    let highest_kept = open.peek().map_or(0.0, |top| top.distance);
    let distance = (lowest_undone.is_finite() && lowest_undone > highest_kept)
        .then_some(highest_kept + (lowest_undone - highest_kept) / 2.0);
    Tops {
        tops: open.into_iter().map(|top| top.node).collect(),
        distance,
    }
}

/// A node that could be opened: the highest first, of equal ones the later row.
struct Top {
    distance: f64,
    node: usize,
}

impl Ord for Top {
    fn cmp(&self, other: &Self) -> Ordering {
        let by_distance = self.distance.total_cmp(&other.distance);
        by_distance.then(self.node.cmp(&other.node))
    }
}
impl PartialOrd for Top {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl PartialEq for Top {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}
impl Eq for Top {}
