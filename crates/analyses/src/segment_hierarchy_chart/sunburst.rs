//! The tree as nested JSON. Written by hand: a serializer would recurse as deep as the tree is.

use std::fmt::Write as _;

use super::response::SegmentHierarchyChartResponse;
use crate::limits::SUNBURST_LEVELS_MAX;

/// What is still to be written, last first.
enum Step {
    /// A node at that level; the root is at level 1.
    Node(usize, usize),
    Text(&'static str),
}

/// Nested `{name, value, children}`.
pub fn write(tree: &SegmentHierarchyChartResponse) -> String {
    let mut text = String::new();
    let mut steps = vec![Step::Node(tree.root(), 1)];
    while let Some(step) = steps.pop() {
        let (node, level) = match step {
            Step::Node(node, level) => (node, level),
            Step::Text(end) => {
                text.push_str(end);
                continue;
            }
        };
        let name = serde_json::to_string(&name(tree, node)).expect("a string is JSON");
        let value = tree.size(node);
        write!(text, "{{\"name\":{name},\"value\":{value}").expect("writing to a string");
        match tree.children(node) {
            Some([one, other]) if level < SUNBURST_LEVELS_MAX => {
                text.push_str(",\"children\":[");
                steps.extend([
                    Step::Text("]}"),
                    Step::Node(other, level + 1),
                    Step::Text(","),
                    Step::Node(one, level + 1),
                ]);
            }
            _ => text.push('}'),
        }
    }
    text
}

/// The label of a leaf; of a branch that of its first leaf and how many others there are.
fn name(tree: &SegmentHierarchyChartResponse, node: usize) -> String {
    let first = tree.shown.first_leaves[node] as usize;
    let label = tree.label(first);
    if node == first {
        return label.to_owned();
    }
    // A leaf that is condensed itself is named by its first customer and the others already.
    let others = tree.size(first) - 1;
    let customer = label.strip_suffix(&format!(" +{others}")).unwrap_or(label);
    format!("{customer} +{}", tree.size(node) - 1)
}
