//! The drawn dendrogram.

use clientela_charts::{self as charts, Captions, Cut, Dendrogram, DistanceAxis, Merge};
use clientela_narrative::{Language, Say as _, number};

use super::prose::{Picture, axis, cluster_name};
use super::response::SegmentHierarchyChartResponse;

/// Pixels: as wide as a page of documentation.
const WIDTH: f64 = 900.0;

/// An SVG document with its captions in a language.
pub fn draw(tree: &SegmentHierarchyChartResponse, language: Language) -> String {
    let n_leaves = tree.n_leaves();
    let labels: Vec<&str> = (0..n_leaves).map(|leaf| tree.label(leaf)).collect();
    let sizes: Vec<u64> = (0..n_leaves).map(|leaf| tree.size(leaf)).collect();
    let merge = |node: usize| Merge {
        children: tree.children(node).expect("a merge has children"),
        distance: tree.distance(node),
        count: tree.size(node),
    };
    let merges: Vec<Merge> = (n_leaves..tree.nodes.len()).map(merge).collect();
    let coloring = tree.shown.coloring.as_ref();
    let clusters = coloring.map_or(&[][..], |coloring| &coloring.clusters);
    let names = clusters
        .iter()
        .map(|cluster| cluster_name(cluster, language));
    let names: Vec<String> = names.collect();
    let legend = clusters
        .iter()
        .zip(&names)
        .map(|(cluster, name)| charts::Cluster {
            id: cluster.cluster_id,
            name,
        });
    let picture = Picture {
        n_leaves,
        n_shown: charts::n_branches_shown(n_leaves),
        n_customers: tree.size(tree.root()),
        height: merges.last().map(|merge| merge.distance),
        n_clusters: coloring.map(|coloring| coloring.clusters.len()),
    };
    let words = [picture.title(), picture.subtitle(), picture.description()];
    let [title, subtitle, description] = words.map(|words| words.say(language));
    let [linear, square_root, logarithmic] = axis().map(|words| words.say(language));
    let cut = Picture::cut(clusters.len(), language);
    charts::dendrogram(&Dendrogram {
        captions: Captions {
            title: &title,
            subtitle: &subtitle,
            description: &description,
            language: language.code(),
            number: &|value, decimals| number(value, decimals, language),
        },
        merges: &merges,
        leaf_labels: &labels,
        leaf_sizes: Some(&sizes),
        leaf_clusters: coloring.map(|coloring| coloring.leaf_clusters.as_slice()),
        clusters: &legend.collect::<Vec<_>>(),
        cut: coloring
            .and_then(|coloring| coloring.cut)
            .map(|distance| Cut {
                distance,
                label: &cut,
            }),
        axis: DistanceAxis {
            scale: None,
            linear: &linear,
            square_root: &square_root,
            logarithmic: &logarithmic,
        },
        width: WIDTH,
    })
}
