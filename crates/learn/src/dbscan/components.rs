//! Connected components of points within a radius of each other, by pairs of boxes instead of pairs of points.

use clientela_numerics::{StopToken, Stopped};

use super::kd_tree::{KdTree, distance_squared};

/// Pairs of boxes between two looks at the stop token.
const PAIRS_BETWEEN_POLLS: u32 = 256;

/// A number for each position of the tree; points connected by steps within the radius share it.
pub(super) fn components(
    tree: &KdTree,
    square: f64,
    stop: &StopToken,
) -> Result<Vec<u32>, Stopped> {
    let mut joiner = Joiner::of(tree, square, stop)?;
    if let Some(root) = tree.root() {
        joiner.join_within(root)?;
    }
    Ok((0..tree.n_points())
        .map(|position| joiner.find(joiner.cell_of_position[position]))
        .collect())
}

/// Cells (groups of points that are all within the radius of each other) and which of them are known to be connected.
struct Joiner<'a> {
    tree: &'a KdTree,
    square: f64,
    cell_of_position: Vec<u32>,
    parent: Vec<u32>,
    stop: &'a StopToken,
    pairs: u32,
}

impl<'a> Joiner<'a> {
    fn of(tree: &'a KdTree, square: f64, stop: &'a StopToken) -> Result<Self, Stopped> {
        let mut cell_of_position = vec![0; tree.n_points()];
        let mut n_cells = 0;
        tree.visit_cells(square, |positions, _| {
            cell_of_position[positions].fill(n_cells);
            n_cells += 1;
            stop.poll()
        })?;
        Ok(Self {
            tree,
            square,
            cell_of_position,
            parent: (0..n_cells).collect(),
            stop,
            pairs: 0,
        })
    }

    /// Representative of a cell's component, halving the path on the way.
    fn find(&mut self, cell: u32) -> u32 {
        let mut cell = cell;
        while self.parent[cell as usize] != cell {
            let grandparent = self.parent[self.parent[cell as usize] as usize];
            self.parent[cell as usize] = grandparent;
            cell = grandparent;
        }
        cell
    }

    fn join(&mut self, left: u32, right: u32) {
        let (left, right) = (self.find(left), self.find(right));
        self.parent[left.max(right) as usize] = left.min(right);
    }

    /// The cell that holds all points of a node, where there is one.
    fn cell_of_node(&self, node: usize) -> Option<u32> {
        let positions = self.tree.positions(node);
        // Cells are ranges of positions, so that the ends decide.
        let cell = self.cell_of_position[positions.start];
        (cell == self.cell_of_position[positions.end - 1]).then_some(cell)
    }

    /// Joins all connected cells below a node.
    fn join_within(&mut self, node: usize) -> Result<(), Stopped> {
        self.poll()?;
        if self.cell_of_node(node).is_some() {
            return Ok(());
        }
        let Some([first, second]) = self.tree.children(node) else {
            let positions = self.tree.positions(node);
            for left in positions.clone() {
                for right in left + 1..positions.end {
                    self.join_if_near(left, right);
                }
            }
            return Ok(());
        };
        self.join_within(first)?;
        self.join_within(second)?;
        self.join_between(first, second)
    }

    /// Joins all cells below one node with those below another to which they are connected.
    fn join_between(&mut self, left: usize, right: usize) -> Result<(), Stopped> {
        self.poll()?;
        if self.tree.gap_squared(left, right) > self.square || self.are_joined(left, right) {
            return Ok(());
        }
        let split_left = self.tree.diagonal_squared(left) >= self.tree.diagonal_squared(right);
        match (self.tree.children(left), self.tree.children(right)) {
            (Some(children), right_children) if split_left || right_children.is_none() => children
                .into_iter()
                .try_for_each(|child| self.join_between(child, right)),
            (_, Some(children)) => children
                .into_iter()
                .try_for_each(|child| self.join_between(left, child)),
            _ => {
                self.join_leaves(left, right);
                Ok(())
            }
        }
    }

    fn join_leaves(&mut self, left: usize, right: usize) {
        for left_position in self.tree.positions(left) {
            for right_position in self.tree.positions(right) {
                self.join_if_near(left_position, right_position);
            }
        }
    }

    fn are_joined(&mut self, left: usize, right: usize) -> bool {
        match (self.cell_of_node(left), self.cell_of_node(right)) {
            (Some(left), Some(right)) => self.find(left) == self.find(right),
            _ => false,
        }
    }

    fn join_if_near(&mut self, left: usize, right: usize) {
        if distance_squared(self.tree.row(left), self.tree.row(right)) <= self.square {
            self.join(self.cell_of_position[left], self.cell_of_position[right]);
        }
    }

    fn poll(&mut self) -> Result<(), Stopped> {
        self.pairs += 1;
        if self.pairs.is_multiple_of(PAIRS_BETWEEN_POLLS) {
            self.stop.poll()
        } else {
            Ok(())
        }
    }
}
