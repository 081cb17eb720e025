//! Greedy trees on all rows and features, every cut tried by counting anew.

use clientela_learn::boosting::{Node, Tree};
use clientela_learn::forest::RandomForestParams;

use crate::data::{Data, fit};

struct Slow<'a> {
    data: &'a Data,
    params: &'a RandomForestParams,
}

impl Slow<'_> {
    fn n_yes(&self, rows: &[usize]) -> f64 {
        rows.iter().map(|&row| self.data.target[row]).sum()
    }

    fn score(&self, rows: &[usize]) -> f64 {
        self.n_yes(rows) * self.n_yes(rows) / rows.len() as f64
    }

    /// Halfway between neighbors among the values of all rows; above the last only missing values.
    fn thresholds(&self, feature: usize) -> Vec<f64> {
        let column = self.data.columns[feature].iter().copied();
        let mut values: Vec<f64> = column.filter(|value| !value.is_nan()).collect();
        values.sort_by(f64::total_cmp);
        values.dedup();
        let middles = values
            .windows(2)
            .map(|pair| pair[0] + (pair[1] - pair[0]) / 2.0);
        middles.chain([f64::INFINITY]).collect()
    }

    /// What the best cut gains.
    fn best(&self, rows: &[usize]) -> Option<f64> {
        let mut best: Option<f64> = None;
        for feature in 0..self.data.columns.len() {
            let column = &self.data.columns[feature];
            for missing_left in [false, true] {
                for threshold in self.thresholds(feature) {
                    let goes_left = |row: &usize| {
                        let value = column[*row];
                        value <= threshold || (missing_left && value.is_nan())
                    };
                    let sides: [Vec<usize>; 2] = rows.iter().partition(|row| goes_left(row)).into();
                    if sides
                        .iter()
                        .any(|side| side.len() < self.params.min_rows_leaf)
                    {
                        continue;
                    }
                    let gain = self.score(&sides[0]) + self.score(&sides[1]) - self.score(rows);
                    if gain > 1e-9 && best.is_none_or(|best| gain > best) {
                        best = Some(gain);
                    }
                }
            }
        }
        best
    }

    /// The log-odds of a leaf that a row of the rarer outcome is mixed into, with as many of the other as come with it.
    fn value(&self, rows: &[usize]) -> f64 {
        let all: Vec<usize> = (0..self.data.n_rows()).collect();
        let rate = self.n_yes(&all) / all.len() as f64;
        let mixed = self.params.prior_rows / rate.min(1.0 - rate);
        let n_yes = self.n_yes(rows);
        let no = rows.len() as f64 - n_yes + mixed * (1.0 - rate);
        libm::log((n_yes + mixed * rate) / no)
    }

    /// More among many rows.
    fn promise(rows: &[usize], best: Option<f64>) -> f64 {
        best.map_or(0.0, |gain| gain * (rows.len() as f64).sqrt())
    }

    /// Asserts, split by split, that none is better; of equal ones a tree may have any.
    fn check(&self, tree: &Tree) {
        let all: Vec<usize> = (0..self.data.n_rows()).collect();
        let best = self.best(&all);
        let mut open = vec![(0, all, best)];
        let mut n_nodes = 1;
        while n_nodes < tree.nodes.len() {
            let is_next = |at: usize| match tree.nodes[at] {
                Node::Split { left, .. } => left as usize == n_nodes,
                Node::Leaf { .. } => false,
            };
            let place = open.iter().position(|(at, ..)| is_next(*at));
            let promise =
                |(_, rows, best): &(usize, Vec<usize>, Option<f64>)| Self::promise(rows, *best);
            let most = open.iter().map(promise).fold(0.0, f64::max);
            let leaf = open.swap_remove(place.expect("a split of an open leaf"));
            assert!(
                promise(&leaf) > most - 1e-9,
                "another leaf was more promising"
            );
            let (at, rows, best) = leaf;
            let sides = self.sides(&tree.nodes[at], &rows, best.expect("a cut"));
            for (i, side) in sides.into_iter().enumerate() {
                let best = self.best(&side);
                open.push((n_nodes + i, side, best));
            }
            n_nodes += 2;
        }
        assert!(
            open.len() == self.params.max_leaves || open.iter().all(|(.., best)| best.is_none()),
            "there are splits left"
        );
        for (at, rows, _) in open {
            let Node::Leaf { value, cover } = tree.nodes[at] else {
                panic!("a leaf");
            };
            assert_eq!(cover, rows.len() as f64);
            assert!((value - self.value(&rows)).abs() < 1e-12, "{value}");
        }
    }

    /// The rows on both sides of a split that gains as much as the best one.
    fn sides(&self, split: &Node, rows: &[usize], best: f64) -> [Vec<usize>; 2] {
        let Node::Split {
            feature,
            threshold,
            missing_left,
            gain,
            cover,
            ..
        } = *split
        else {
            panic!("a split");
        };
        let column = &self.data.columns[feature as usize];
        let goes_left =
            |row: &usize| column[*row] <= threshold || (missing_left && column[*row].is_nan());
        let sides: [Vec<usize>; 2] = rows.iter().partition(|row| goes_left(row)).into();
        let [left, right] = [&sides[0], &sides[1]].map(|side| self.score(side));
        let found = left + right - self.score(rows);
        assert!((found - gain).abs() < 1e-9 && (found - best).abs() < 1e-9);
        assert!(self.thresholds(feature as usize).contains(&threshold));
        assert!(
            sides
                .iter()
                .all(|side| side.len() >= self.params.min_rows_leaf)
        );
        assert_eq!(cover, rows.len() as f64);
        // Where none is missing here, later ones follow the larger side.
        if rows.iter().all(|&row| !column[row].is_nan()) {
            assert_eq!(missing_left, sides[0].len() >= sides[1].len());
        }
        sides
    }
}

#[test]
fn a_tree_of_all_rows_and_features_is_a_greedy_one() {
    for (seed, min_rows_leaf, max_leaves) in [(1, 20, 128), (2, 7, 24), (3, 1, 9), (4, 60, 2)] {
        // Fewer distinct values than bins, so that binning loses nothing.
        let mut data = Data::drawn(500, seed);
        for value in &mut data.columns[4] {
            *value = (*value * 60.0).floor();
        }
        let params = RandomForestParams {
            n_trees: 1,
            row_share: 1.0,
            max_leaves,
            min_rows_leaf,
            features_per_split: Some(5),
            max_bins: 255,
            ..RandomForestParams::default()
        };
        let slow = Slow {
            data: &data,
            params: &params,
        };
        let forest = fit(&data.samples(), params.clone());
        assert!(forest.trees[0].nodes.len() > 2);
        slow.check(&forest.trees[0]);
    }
}
