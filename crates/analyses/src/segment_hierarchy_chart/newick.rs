//! The tree as phylogenetics tools read it.
//!
//! Source: the format as Felsenstein, Archie, Day, Maddison, Meacham, Rohlf and Swofford agreed on it in 1986.

use std::fmt::Write as _;

use super::response::SegmentHierarchyChartResponse;

/// What is still to be written, last first.
enum Step {
    /// A node below a merge at that distance; the root is below none.
    Node(usize, Option<f64>),
    Comma,
    /// The end of a merge, as [`Step::Node`].
    End(usize, Option<f64>),
}

/// One line: `((a:1.0,b:1.0):2.0,c:3.0);`.
pub fn write(tree: &SegmentHierarchyChartResponse) -> String {
    let mut text = String::new();
    let mut steps = vec![Step::Node(tree.root(), None)];
    while let Some(step) = steps.pop() {
        match step {
            Step::Node(node, above) => match tree.children(node) {
                Some([one, other]) => {
                    text.push('(');
                    let distance = Some(tree.distance(node));
                    steps.extend([
                        Step::End(node, above),
                        Step::Node(other, distance),
                        Step::Comma,
                        Step::Node(one, distance),
                    ]);
                }
                None => {
                    push_label(&mut text, tree.label(node));
                    push_length(&mut text, tree, node, above);
                }
            },
            Step::Comma => text.push(','),
            Step::End(node, above) => {
                text.push(')');
                push_length(&mut text, tree, node, above);
            }
        }
    }
    text.push_str(";\n");
    text
}

/// A label, quoted where it holds anything that has a meaning of its own: an underscore, too, which stands for a blank.
fn push_label(text: &mut String, label: &str) {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
    if label.chars().all(is_plain) {
        text.push_str(label);
        return;
    }
    text.push('\'');
    for c in label.chars() {
        match c {
            '\'' => text.push_str("''"),
            c if c.is_control() => text.push(' '),
            c => text.push(c),
        }
    }
    text.push('\'');
}

/// The length of the branch to the merge above; not below 0, which many tools refuse.
fn push_length(
    text: &mut String,
    tree: &SegmentHierarchyChartResponse,
    node: usize,
    above: Option<f64>,
) {
    if let Some(above) = above {
        let length = (above - tree.distance(node)).max(0.0);
        write!(text, ":{length:?}").expect("writing to a string");
    }
}
