//! Trees without some of their features.

use super::tree::{Node, Tree};

/// A part of a tree that is still to be written down.
struct Part {
    /// Its first node.
    top: u32,
    /// Training rows that came to where it stands, whatever of them its own node saw.
    cover: f64,
    /// What its leaves count.
    weight: f64,
    /// The splits that lead to it.
    way: Vec<Step>,
}

/// A split on a way.
#[derive(Clone, Copy)]
struct Step {
    at: u32,
    /// Training rows that came to where it stands.
    cover: f64,
    /// Whether the way goes left.
    is_left: bool,
}

impl Tree {
    /// Trees that ask for none of some features, whose sum is the [`expectation`](Tree::expectation) where these are unknown.
    ///
    /// What lies below a split on such a feature becomes two trees of its own, whose leaves count by the share of the training
    /// rows that went there and which are 0 off the way to that split. Covers of the way are kept: to
    /// [`crate::tree_shap::TreeExplainer`] the trees together are the same game, in which such a feature never plays.
    /// There are as many leaves as before, besides those that are 0; a tree that asks for none of the features stays as it is.
    #[must_use]
    pub fn without(&self, is_unknown: &[bool]) -> Vec<Self> {
        let mut trees = Vec::new();
        let mut parts = vec![Part {
            top: 0,
            cover: self.nodes[0].cover(),
            weight: 1.0,
            way: Vec::new(),
        }];
        while let Some(part) = parts.pop() {
            if let Some([left, right]) = self.unknown_split(part.top, is_unknown) {
                let share = self.share_left([left, right]);
                for (top, share) in [(right, 1.0 - share), (left, share)] {
                    parts.push(Part {
                        top,
                        weight: part.weight * share,
                        way: part.way.clone(),
                        ..part
                    });
                }
                continue;
            }
            let mut writer = Writer {
                tree: self,
                is_unknown,
                weight: part.weight,
                nodes: Vec::new(),
                way: part.way,
                parts: &mut parts,
            };
            writer.write_way();
            writer.write(part.top, part.cover);
            trees.push(Self {
                nodes: writer.nodes,
            });
        }
        trees
    }

    /// The children of a split on an unknown feature.
    fn unknown_split(&self, at: u32, is_unknown: &[bool]) -> Option<[u32; 2]> {
        match self.nodes[at as usize] {
            Node::Split {
                feature,
                left,
                right,
                ..
            } if is_unknown[feature as usize] => Some([left, right]),
            _ => None,
        }
    }
}

/// Writes one part as a tree, and finds those below it.
struct Writer<'a> {
    tree: &'a Tree,
    is_unknown: &'a [bool],
    weight: f64,
    nodes: Vec<Node>,
    way: Vec<Step>,
    parts: &'a mut Vec<Part>,
}

impl Writer<'_> {
    /// The splits of the way, each with a 0 beside it.
    fn write_way(&mut self) {
        for &Step { at, cover, is_left } in &self.way {
            let first = self.nodes.len() as u32;
            let split = self.tree.nodes[at as usize];
            let Node::Split { left, right, .. } = split else {
                unreachable!("ways lead through splits");
            };
            let (aside, places) = if is_left {
                (right, [first + 2, first + 1])
            } else {
                (left, [first + 1, first + 2])
            };
            self.nodes
                .push(with_cover(with_children(split, places), cover));
            self.nodes.push(Node::Leaf {
                value: 0.0,
                cover: self.tree.nodes[aside as usize].cover(),
            });
        }
    }

    /// A node with all below it; where an unknown feature is asked for a 0, and two parts for later.
    fn write(&mut self, at: u32, cover: f64) -> u32 {
        let place = self.nodes.len() as u32;
        let node = self.tree.nodes[at as usize];
        if self.tree.unknown_split(at, self.is_unknown).is_some() {
            self.nodes.push(Node::Leaf { value: 0.0, cover });
            self.parts.push(Part {
                top: at,
                cover,
                weight: self.weight,
                way: self.way.clone(),
            });
            return place;
        }
        match node {
            Node::Leaf { value, .. } => self.nodes.push(Node::Leaf {
                value: self.weight * value,
                cover,
            }),
            Node::Split { left, right, .. } => {
                self.nodes.push(node);
                let children = [(left, true), (right, false)].map(|(child, is_left)| {
                    self.way.push(Step { at, cover, is_left });
                    let written = self.write(child, self.tree.nodes[child as usize].cover());
                    self.way.pop();
                    written
                });
                self.nodes[place as usize] = with_cover(with_children(node, children), cover);
            }
        }
        place
    }
}

fn with_children(mut node: Node, [to_left, to_right]: [u32; 2]) -> Node {
    if let Node::Split { left, right, .. } = &mut node {
        (*left, *right) = (to_left, to_right);
    }
    node
}

fn with_cover(mut node: Node, own: f64) -> Node {
    if let Node::Split { cover, .. } = &mut node {
        *cover = own;
    }
    node
}

#[cfg(test)]
mod tests {
    use clientela_numerics::{RandomStream, StopToken};

    use super::*;
    use crate::boosting::{GradientBoosting, GradientBoostingParams, Loss, Samples};
    use crate::tree_shap::TreeExplainer;

    /// Trees on four columns, one of which lacks values, and the rows they were grown on.
    fn grown() -> (Vec<Tree>, Vec<Vec<f64>>) {
        let mut stream = RandomStream::new(1, "without", 0);
        let mut columns = vec![Vec::new(); 4];
        let mut target = Vec::new();
        for _ in 0..600 {
            let row = [(); 4].map(|()| (6.0 * stream.uniform()).floor());
            let z = row[0] * row[1] - row[2] * row[3] + 4.0 * stream.normal();
            target.push(f64::from(u8::from(z > 0.0)));
            for (column, value) in columns.iter_mut().zip(row) {
                column.push(value);
            }
            if stream.uniform() < 0.2 {
                *columns[3].last_mut().expect("a row") = f64::NAN;
            }
        }
        let params = GradientBoostingParams {
            loss: Loss::Logistic,
            n_trees: 6,
            learning_rate: 0.5,
            max_leaves: 24,
            min_rows_leaf: 5,
            ..GradientBoostingParams::default()
        };
        let params = params.check().expect("in range");
        let samples = Samples::new(&columns, &target);
        let booster = GradientBoosting::fit(&samples, None, &params, 7, &StopToken::new());
        (booster.expect("two classes").trees, columns)
    }

    fn masks() -> impl Iterator<Item = Vec<bool>> {
        (0..16_u32).map(|set| (0..4).map(|feature| set >> feature & 1 == 1).collect())
    }

    #[test]
    fn parts_add_up_to_the_expectation_and_never_ask_for_what_is_unknown() {
        let (trees, columns) = grown();
        for is_unknown in masks() {
            for tree in &trees {
                let parts = tree.without(&is_unknown);
                for node in parts.iter().flat_map(|part| &part.nodes) {
                    if let Node::Split { feature, .. } = node {
                        assert!(!is_unknown[*feature as usize]);
                    }
                }
                for row in (0..600).step_by(17) {
                    let row: Vec<f64> = columns.iter().map(|column| column[row]).collect();
                    let sum: f64 = parts.iter().map(|part| part.value(&row)).sum();
                    let expected = tree.expectation(&row, &is_unknown);
                    assert!((sum - expected).abs() < 1e-12, "{sum} {expected}");
                    if is_unknown == [false; 4] {
                        assert_eq!((parts.len(), expected), (1, tree.value(&row)));
                    }
                }
            }
        }
    }

    #[test]
    fn the_expectation_of_a_row_of_which_nothing_is_known_is_the_mean() {
        let (trees, _) = grown();
        let base = TreeExplainer::new(&trees, 1.0, 4).base();
        let unknown = [true; 4];
        let sum: f64 = trees
            .iter()
            .map(|tree| tree.expectation(&[0.0; 4], &unknown))
            .sum();
        assert!((sum - base).abs() < 1e-12);
    }

    /// What the trees expect of a row of which only some features are known, in the game of those that may be known.
    fn shapley(trees: &[Tree], row: &[f64], is_unknown: &[bool]) -> Vec<f64> {
        let worth = |known: u32| -> f64 {
            let hidden = |feature: usize| is_unknown[feature] || known >> feature & 1 == 0;
            let hidden: Vec<bool> = (0..4).map(hidden).collect();
            trees
                .iter()
                .map(|tree| tree.expectation(row, &hidden))
                .sum()
        };
        let weights = [1.0 / 4.0, 1.0 / 12.0, 1.0 / 12.0, 1.0 / 4.0];
        let of_player = |player: usize| {
            let others = (0..16_u32).filter(|set| set >> player & 1 == 0);
            let gain = |set: u32| {
                weights[set.count_ones() as usize] * (worth(set | 1 << player) - worth(set))
            };
            others.map(gain).sum()
        };
        (0..4).map(of_player).collect()
    }

    #[test]
    fn attributions_of_the_parts_are_shapley_values_of_the_features_that_are_known() {
        let (trees, columns) = grown();
        let stop = StopToken::new();
        for is_unknown in masks() {
            let parts: Vec<Tree> = trees
                .iter()
                .flat_map(|tree| tree.without(&is_unknown))
                .collect();
            let explainer = TreeExplainer::new(&parts, 1.0, 4);
            for row in [0, 99, 311] {
                let row: Vec<f64> = columns.iter().map(|column| column[row]).collect();
                let alone: Vec<Vec<f64>> = row.iter().map(|&value| vec![value]).collect();
                let found = explainer.explain(&alone, &stop).expect("not stopped");
                let exact = shapley(&trees, &row, &is_unknown);
                for (feature, (found, exact)) in found.iter().zip(exact).enumerate() {
                    assert!((found - exact).abs() < 1e-9, "{found} {exact}");
                    assert!(!is_unknown[feature] || *found == 0.0);
                }
            }
        }
    }
}
