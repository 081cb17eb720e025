//! All forms of a tree describe the same tree, and a tree that is none is refused with the row.

use clientela_analyses::{Failure, Format, InvalidClass};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{answer, send, text};

const ROUTE: &str = "segment_hierarchy_chart";

/// A linkage matrix over leaves that may stand for several customers.
#[derive(Clone, Debug)]
pub struct Sent {
    labels: Vec<String>,
    sizes: Vec<u64>,
    rows: Vec<(usize, usize, f64, u64)>,
}

impl Sent {
    /// Merges two of the nodes that are left, chosen by the picks, until one is left.
    fn from_picks(labels: Vec<String>, sizes: Vec<u64>, picks: &[(usize, usize, f64)]) -> Self {
        let mut open: Vec<(usize, u64)> = sizes.iter().copied().enumerate().collect();
        let mut rows = Vec::new();
        for &(one, other, distance) in picks.iter().take(labels.len() - 1) {
            let (one, a) = open.swap_remove(one % open.len());
            let (other, b) = open.swap_remove(other % open.len());
            open.push((labels.len() + rows.len(), a + b));
            rows.push((one, other, distance, a + b));
        }
        Self {
            labels,
            sizes,
            rows,
        }
    }

    fn request(&self) -> Value {
        json!({ "dendrogram": {
            "linkage_matrix": self.rows,
            "leaf_labels": self.labels,
            "leaf_sizes": self.sizes,
        }})
    }

    fn root(&self) -> usize {
        self.labels.len() + self.rows.len() - 1
    }

    fn distance(&self, node: usize) -> f64 {
        node.checked_sub(self.labels.len())
            .map_or(0.0, |row| self.rows[row].2)
    }

    /// The tree below a node, as every form has to tell it.
    fn tree(&self, node: usize) -> Tree {
        match node.checked_sub(self.labels.len()) {
            None => Tree::Leaf(self.labels[node].clone()),
            Some(row) => {
                let (one, other, ..) = self.rows[row];
                Tree::Merge(Box::new([self.tree(one), self.tree(other)]))
            }
        }
    }

    /// Lengths of the branches in the order in which Newick names them.
    fn lengths(&self, node: usize, found: &mut Vec<f64>) {
        if let Some(row) = node.checked_sub(self.labels.len()) {
            let (one, other, distance, _) = self.rows[row];
            for child in [one, other] {
                self.lengths(child, found);
                found.push((distance - self.distance(child)).max(0.0));
            }
        }
    }
}

#[derive(Debug, PartialEq)]
enum Tree {
    Leaf(String),
    Merge(Box<[Tree; 2]>),
}

/// The tree below a node of the JSON answer; sizes must add up.
fn of_links(answer: &Value, node: usize) -> (Tree, u64) {
    let found = &answer["nodes"][node];
    assert_eq!(found["id"], json!(node));
    let size = found["size"].as_u64().expect("a size");
    if found["is_leaf"] == true {
        return (
            Tree::Leaf(found["label"].as_str().expect("a label").to_owned()),
            size,
        );
    }
    let links = answer["links"].as_array().expect("links");
    let children: Vec<(Tree, u64)> = links
        .iter()
        .filter(|link| link["source"] == json!(node))
        .map(|link| {
            assert_eq!(link["distance"], found["distance"]);
            of_links(answer, link["target"].as_u64().expect("a node") as usize)
        })
        .collect();
    let [(one, a), (other, b)] = <[_; 2]>::try_from(children).expect("two links");
    assert_eq!(size, a + b, "sizes add up");
    (Tree::Merge(Box::new([one, other])), size)
}

/// The tree of a sunburst; values must add up, and a branch is named by its size.
fn of_sunburst(node: &Value) -> (Tree, u64) {
    let name = node["name"].as_str().expect("a name");
    let value = node["value"].as_u64().expect("a value");
    let Some(children) = node.get("children").and_then(Value::as_array) else {
        return (Tree::Leaf(name.to_owned()), value);
    };
    let children: Vec<(Tree, u64)> = children.iter().map(of_sunburst).collect();
    let [(one, a), (other, b)] = <[_; 2]>::try_from(children).expect("two children");
    assert_eq!(value, a + b, "values add up");
    assert!(
        name.ends_with(&format!(" +{}", value - 1)),
        "{name} for {value}"
    );
    (Tree::Merge(Box::new([one, other])), value)
}

/// Reads Newick as its grammar has it.
struct Newick<'a> {
    rest: &'a str,
    lengths: Vec<f64>,
}

impl Newick<'_> {
    fn eat(&mut self, c: char) {
        self.rest = self
            .rest
            .strip_prefix(c)
            .unwrap_or_else(|| panic!("{c} at {:?}", self.rest));
    }

    fn tree(&mut self) -> Tree {
        if !self.rest.starts_with('(') {
            return Tree::Leaf(self.label());
        }
        self.eat('(');
        let one = self.branch();
        self.eat(',');
        let other = self.branch();
        self.eat(')');
        Tree::Merge(Box::new([one, other]))
    }

    fn branch(&mut self) -> Tree {
        let tree = self.tree();
        self.eat(':');
        let end = self.rest.find([',', ')']).expect("an end");
        self.lengths
            .push(self.rest[..end].parse().expect("a length"));
        self.rest = &self.rest[end..];
        tree
    }

    fn label(&mut self) -> String {
        let Some(quoted) = self.rest.strip_prefix('\'') else {
            let special = |c: char| " ()[]':;,_".contains(c) || c.is_control();
            let end = self.rest.find(special).expect("an end");
            let (label, rest) = self.rest.split_at(end);
            self.rest = rest;
            return label.to_owned();
        };
        let mut label = String::new();
        let mut rest = quoted;
        loop {
            let end = rest.find('\'').expect("a closing quote");
            label.push_str(&rest[..end]);
            rest = &rest[end + 1..];
            match rest.strip_prefix('\'') {
                Some(after) => {
                    label.push('\'');
                    rest = after;
                }
                None => break,
            }
        }
        self.rest = rest;
        label
    }
}

/// The tree as Newick can tell it: control characters are spaces.
fn plain(tree: &Tree) -> Tree {
    match tree {
        Tree::Leaf(label) => {
            let visible = |c: char| if c.is_control() { ' ' } else { c };
            Tree::Leaf(label.chars().map(visible).collect())
        }
        Tree::Merge(children) => {
            let [one, other] = &**children;
            Tree::Merge(Box::new([plain(one), plain(other)]))
        }
    }
}

fn trees() -> impl Strategy<Value = Sent> {
    (1_usize..40).prop_flat_map(|n| {
        let labels = prop::collection::vec("[a-zA-Z0-9.' _(),:;\\[\\]\"\\\\é\u{1}\n-]{1,8}", n);
        let sizes = prop::collection::vec(1_u64..50, n);
        let distance = prop_oneof![
            0.0..1e6_f64,
            Just(0.0),
            Just(1.5),
            Just(1e300),
            Just(5e-324)
        ];
        let picks = prop::collection::vec((0..n, 0..n, distance), n);
        (labels, sizes, picks)
            .prop_map(|(labels, sizes, picks)| Sent::from_picks(labels, sizes, &picks))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn all_forms_describe_the_same_tree(sent in trees()) {
        let expected = sent.tree(sent.root());
        let total: u64 = sent.sizes.iter().sum();
        let body = sent.request().to_string();

        let found = answer(ROUTE, &sent.request());
        prop_assert_eq!(of_links(&found, sent.root()), (sent.tree(sent.root()), total));
        prop_assert_eq!(found["nodes"].as_array().map(Vec::len), Some(sent.root() + 1));
        prop_assert_eq!(found["links"].as_array().map(Vec::len), Some(2 * sent.rows.len()));

        let sunburst = serde_json::from_str(&text(ROUTE, &body, Format::Sunburst)).expect("JSON");
        prop_assert_eq!(of_sunburst(&sunburst), (sent.tree(sent.root()), total));

        let newick = text(ROUTE, &body, Format::Newick);
        let mut reader = Newick { rest: newick.strip_suffix(";\n").expect("an end"), lengths: Vec::new() };
        // A label of one leaf ends with the text.
        let padded = format!("{};", reader.rest);
        reader.rest = &padded;
        prop_assert_eq!(reader.tree(), plain(&expected));
        prop_assert_eq!(reader.rest, ";");
        let mut lengths = Vec::new();
        sent.lengths(sent.root(), &mut lengths);
        prop_assert_eq!(reader.lengths, lengths);

        prop_assert!(text(ROUTE, &body, Format::Svg).starts_with("<svg"));
    }

    #[test]
    fn a_row_that_breaks_a_rule_is_named(sent in trees(), at in 0_usize..40, how in 0..6) {
        prop_assume!(!sent.rows.is_empty());
        let at = at % sent.rows.len();
        let mut request = sent.request();
        let row = &mut request["dendrogram"]["linkage_matrix"][at];
        match how {
            0 => row[0] = json!(sent.labels.len() + at),
            1 => row[1] = row[0].clone(),
            2 => row[2] = json!(-1e-9),
            3 => row[3] = json!(sent.rows[at].3 + 1),
            4 => row[0] = json!(0.5),
            _ => *row = json!([row[0], row[1], row[2]]),
        }
        let failure = send(ROUTE, &request.to_string(), Format::Json).expect_err("a broken rule");
        let Failure::Invalid { class, violations, .. } = failure else {
            panic!("{failure}");
        };
        prop_assert_eq!(class, InvalidClass::PublishedException);
        prop_assert_eq!(&violations[0].path, &format!("dendrogram.linkage_matrix[{at}]"));
    }
}

/// A tree as deep as it is long.
pub fn chain(n_leaves: usize) -> Value {
    let row = |row: usize| {
        let other = if row == 0 { 0 } else { n_leaves + row - 1 };
        json!([row + 1, other, (row + 1) as f64 / 4.0, row + 2])
    };
    let rows: Vec<Value> = (0..n_leaves - 1).map(row).collect();
    let labels: Vec<String> = (0..n_leaves).map(|leaf| format!("C{leaf:06}")).collect();
    json!({ "dendrogram": { "linkage_matrix": rows, "leaf_labels": labels } })
}

/// How deep brackets are nested.
pub fn depth(text: &str, open: u8, close: u8) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    for byte in text.bytes() {
        if byte == open {
            depth += 1;
            deepest = deepest.max(depth);
        } else if byte == close {
            depth -= 1;
        }
    }
    assert_eq!(depth, 0, "brackets match");
    deepest
}

#[test]
fn a_sunburst_of_a_deep_tree_ends_at_a_thousand_levels() {
    for (n_leaves, n_condensed) in [(1_000, 0), (1_001, 1), (5_000, 1)] {
        let body = chain(n_leaves).to_string();
        let document = send(ROUTE, &body, Format::Sunburst).expect("a tree");
        assert_eq!(document.n_warnings, n_condensed);
        let sunburst = String::from_utf8(document.body).expect("text");
        assert_eq!(depth(&sunburst, b'{', b'}'), n_leaves.min(1_000));
        assert!(sunburst.starts_with(&format!(
            "{{\"name\":\"C000000 +{}\",\"value\":{n_leaves},\"children\":[",
            n_leaves - 1
        )));
        let newick = text(ROUTE, &body, Format::Newick);
        assert_eq!(depth(&newick, b'(', b')'), n_leaves - 1);
    }
}

#[test]
fn a_legend_colors_the_drawing_only_where_it_is_a_cut_of_the_tree() {
    let rows = json!([[0, 1, 1.0, 2], [2, 3, 2.0, 2], [4, 5, 9.0, 4]]);
    let colors = |sizes: &[u64]| {
        let legend: Vec<Value> = sizes
            .iter()
            .enumerate()
            .map(|(id, n)| json!({ "cluster_id": id, "n_customers": n }))
            .collect();
        let body = json!({ "dendrogram": { "linkage_matrix": rows, "leaf_labels": ["a", "b", "c", "d"], "cluster_legend": legend } });
        let document = send(ROUTE, &body.to_string(), Format::Svg).expect("a tree");
        let svg = String::from_utf8(document.body).expect("text");
        (svg.contains(">2 segments<"), document.n_warnings)
    };
    assert_eq!(colors(&[2, 2]), (true, 0));
    assert_eq!(colors(&[3, 1]), (false, 1));
    assert_eq!(colors(&[1, 1, 1, 1, 1]), (false, 1));
    assert_eq!(colors(&[]), (false, 0));
}
