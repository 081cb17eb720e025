//! The shape of the response, and the tree in it.

use clientela_tables::HierarchyMerge;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use super::Table;
use super::analysis::{Cut, Report};
use super::request::LegendEntry;
use crate::wire::Full;

/// The tree as nodes and links.
#[derive(Serialize, JsonSchema)]
pub struct SegmentHierarchyChartResponse {
    /// Leaves by index, then merges by row.
    pub nodes: Vec<Node>,
    /// Two for each merge, child1 first.
    pub links: Vec<Link>,
    /// What a link holds.
    columns: [&'static str; 3],
    /// As it was sent.
    cluster_legend: Vec<Map<String, Value>>,
    /// What only drawings show.
    #[serde(skip)]
    #[schemars(skip)]
    pub shown: Shown,
}

/// A leaf or a merge.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(rename = "HierarchyNode")]
pub enum Node {
    /// A leaf.
    Leaf {
        /// Its index.
        id: usize,
        /// As it was sent.
        label: String,
        /// Its customers, where these were sent.
        #[serde(skip_serializing_if = "Option::is_none")]
        size: Option<u64>,
        /// `true`
        is_leaf: bool,
    },
    /// A merge.
    Merge {
        /// The number of leaves plus its row.
        id: usize,
        /// As it was sent.
        distance: Full,
        /// Customers below it.
        size: u64,
        /// `false`
        is_leaf: bool,
    },
}

/// A branch.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "HierarchyLink")]
pub struct Link {
    /// The merge.
    source: usize,
    /// The leaf or merge that it joins.
    pub target: usize,
    /// The distance of the merge.
    distance: Full,
}

/// What only drawings show.
pub struct Shown {
    /// The leaf with the lowest index below each node.
    pub first_leaves: Vec<u32>,
    /// Absent where there are no clusters to tell apart.
    pub coloring: Option<Coloring>,
}

/// The clusters that have colors.
pub struct Coloring {
    /// The cluster of each leaf.
    pub leaf_clusters: Vec<i64>,
    /// The distance at which a line parts them.
    pub cut: Option<f64>,
    /// In the order of the legend.
    pub clusters: Vec<Cluster>,
}

/// A cluster as the legend of the drawing names it.
pub struct Cluster {
    /// At least 0.
    pub cluster_id: i64,
    /// Customers in it.
    pub n_customers: u64,
    /// As they were sent.
    pub top_categories: Option<String>,
}

pub fn respond(table: &Table, report: &Report) -> SegmentHierarchyChartResponse {
    let tree = &table.hierarchy;
    let leaf = |(id, label): (usize, &String)| Node::Leaf {
        id,
        label: label.clone(),
        size: tree.leaf_sizes.as_ref().map(|sizes| sizes[id]),
        is_leaf: true,
    };
    let merge = |(row, merge): (usize, &HierarchyMerge)| Node::Merge {
        id: tree.n_leaves() + row,
        distance: Full::new(merge.distance),
        size: merge.size,
        is_leaf: false,
    };
    let links = |(row, merge): (usize, &HierarchyMerge)| {
        let (source, distance) = (tree.n_leaves() + row, Full::new(merge.distance));
        merge.children.map(|child| Link {
            source,
            target: child as usize,
            distance,
        })
    };
    let leaves = tree.leaf_labels.iter().enumerate().map(leaf);
    let merges = || tree.merges.iter().enumerate();
    let sent = table.legend.iter().map(|entry| entry.sent.clone());
    SegmentHierarchyChartResponse {
        nodes: leaves.chain(merges().map(merge)).collect(),
        links: merges().flat_map(links).collect(),
        columns: ["source", "target", "distance"],
        cluster_legend: sent.collect(),
        shown: Shown {
            first_leaves: report.first_leaves.clone(),
            coloring: report.cut.as_ref().map(|cut| coloring(cut, &table.legend)),
        },
    }
}

fn coloring(cut: &Cut, legend: &[LegendEntry]) -> Coloring {
    let cluster = |entry: &LegendEntry| {
        let n_customers = entry.n_customers?;
        (entry.cluster_id >= 0).then(|| Cluster {
            cluster_id: entry.cluster_id,
            n_customers,
            top_categories: entry.top_categories.clone(),
        })
    };
    Coloring {
        leaf_clusters: cut.leaf_clusters.clone(),
        cut: cut.distance,
        clusters: legend.iter().filter_map(cluster).collect(),
    }
}

/// The response as a tree, for what walks it.
impl SegmentHierarchyChartResponse {
    /// Number of leaves.
    pub fn n_leaves(&self) -> usize {
        // A tree has one merge less than leaves.
        self.nodes.len().div_ceil(2)
    }

    /// The last node.
    pub fn root(&self) -> usize {
        self.nodes.len() - 1
    }

    /// The children of a merge, child1 first; `None` of a leaf.
    pub fn children(&self, node: usize) -> Option<[usize; 2]> {
        let row = node.checked_sub(self.n_leaves())?;
        Some([2 * row, 2 * row + 1].map(|link| self.links[link].target))
    }

    /// The distance of a merge; 0 of a leaf.
    pub fn distance(&self, node: usize) -> f64 {
        match &self.nodes[node] {
            Node::Leaf { .. } => 0.0,
            Node::Merge { distance, .. } => distance.get(),
        }
    }

    /// Customers below a node.
    pub fn size(&self, node: usize) -> u64 {
        match &self.nodes[node] {
            Node::Leaf { size, .. } => size.unwrap_or(1),
            Node::Merge { size, .. } => *size,
        }
    }

    /// The label of a leaf.
    pub fn label(&self, leaf: usize) -> &str {
        match &self.nodes[leaf] {
            Node::Leaf { label, .. } => label,
            Node::Merge { .. } => unreachable!("leaves come first"),
        }
    }
}
