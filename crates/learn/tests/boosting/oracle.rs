//! The slow obvious version: every value of every feature is tried at every leaf, with sums over the rows themselves.

use clientela_learn::boosting::{GradientBoostingParams, Growth, Loss};

use crate::data::{Data, fit};

struct Oracle<'a> {
    data: &'a Data,
    params: &'a GradientBoostingParams,
    scores: Vec<f64>,
    slopes: Vec<[f64; 2]>,
}

#[derive(Clone)]
struct Leaf {
    rows: Vec<usize>,
    depth: usize,
    number: usize,
}

struct Candidate {
    gain: f64,
    left: Vec<usize>,
    right: Vec<usize>,
}

impl<'a> Oracle<'a> {
    /// The scores of all rows after all trees.
    fn scores(data: &'a Data, params: &'a GradientBoostingParams) -> Vec<f64> {
        let mut oracle = Self {
            data,
            params,
            scores: data.offsets.clone(),
            slopes: vec![[0.0; 2]; data.target.len()],
        };
        let constant = oracle.best_constant();
        oracle
            .scores
            .iter_mut()
            .for_each(|score| *score += constant);
        for _ in 0..params.n_trees {
            oracle.add_tree();
        }
        oracle.scores
    }

    /// Newton's method on the slope of the summed loss.
    fn best_constant(&self) -> f64 {
        let mut constant = 0.0;
        for _ in 0..100 {
            let slopes =
                (0..self.scores.len()).map(|row| self.slopes_of(row, self.scores[row] + constant));
            let [first, second] = slopes.fold([0.0; 2], |sum, s| [sum[0] + s[0], sum[1] + s[1]]);
            constant -= first / second;
        }
        constant
    }

    fn slopes_of(&self, row: usize, score: f64) -> [f64; 2] {
        let (y, weight) = (self.data.target[row], self.data.weights[row]);
        let [first, second] = match self.params.loss {
            Loss::Squared => [score - y, 1.0],
            Loss::Poisson => [score.exp() - y, score.exp()],
            Loss::Tweedie { power: p } => {
                let (a, b) = (y * ((1.0 - p) * score).exp(), ((2.0 - p) * score).exp());
                [b - a, (2.0 - p) * b - (1.0 - p) * a]
            }
            Loss::Logistic => {
                let probability = logistic(score);
                [probability - y, probability * (1.0 - probability)]
            }
        };
        [weight * first, weight * second]
    }

    fn add_tree(&mut self) {
        self.slopes = (0..self.scores.len())
            .map(|row| self.slopes_of(row, self.scores[row]))
            .collect();
        let all = (0..self.scores.len()).collect();
        let mut leaves = vec![Leaf {
            rows: all,
            depth: 0,
            number: 0,
        }];
        let mut numbers = 1;
        while leaves.len() < self.params.max_leaves {
            let mut ready: Vec<(usize, Candidate)> = Vec::new();
            for (place, leaf) in leaves.iter().enumerate() {
                if leaf.depth < self.params.max_depth {
                    ready.extend(self.best_split(leaf).map(|found| (place, found)));
                }
            }
            let order = |(place, found): &(usize, Candidate)| {
                let level = leaves[*place].depth as f64;
                let level = if self.params.growth == Growth::DepthWise {
                    level
                } else {
                    0.0
                };
                (-level, found.gain, -(leaves[*place].number as f64))
            };
            let Some((place, found)) = ready
                .into_iter()
                .max_by(|a, b| order(a).partial_cmp(&order(b)).expect("numbers"))
            else {
                break;
            };
            let depth = leaves[place].depth + 1;
            leaves[place] = Leaf {
                rows: found.left,
                depth,
                number: numbers,
            };
            leaves.push(Leaf {
                rows: found.right,
                depth,
                number: numbers + 1,
            });
            numbers += 2;
        }
        for leaf in leaves {
            let [first, second] = self.sums(&leaf.rows);
            let step = -first / (second + self.params.l2);
            let step = match self.params.loss {
                Loss::Squared => step,
                Loss::Poisson | Loss::Tweedie { .. } => step.clamp(-2.0, 2.0),
                Loss::Logistic => step.clamp(-10.0, 10.0),
            };
            for row in leaf.rows {
                self.scores[row] += self.params.learning_rate * step;
            }
        }
    }

    fn sums(&self, rows: &[usize]) -> [f64; 2] {
        rows.iter().fold([0.0; 2], |sum, &row| {
            [sum[0] + self.slopes[row][0], sum[1] + self.slopes[row][1]]
        })
    }

    fn score(&self, rows: &[usize]) -> f64 {
        let [first, second] = self.sums(rows);
        first * first / (second + self.params.l2)
    }

    fn best_split(&self, leaf: &Leaf) -> Option<Candidate> {
        let mut best: Option<Candidate> = None;
        for column in &self.data.columns {
            let mut values: Vec<f64> = leaf.rows.iter().map(|&row| column[row]).collect();
            values.retain(|value| !value.is_nan());
            values.sort_by(f64::total_cmp);
            values.dedup();
            for threshold in values {
                for missing_left in [false, true] {
                    let goes_left = |&row: &usize| {
                        column[row] <= threshold || (missing_left && column[row].is_nan())
                    };
                    let (left, right): (Vec<usize>, Vec<usize>) =
                        leaf.rows.iter().partition(|row| goes_left(row));
                    if left.len().min(right.len()) < self.params.min_rows_leaf
                        || self.sums(&left)[1].min(self.sums(&right)[1])
                            < self.params.min_hessian_leaf
                    {
                        continue;
                    }
                    let gain = self.score(&left) + self.score(&right) - self.score(&leaf.rows);
                    // Sums in another order differ in their last bits; the same split of rows is the same split.
                    if gain > self.params.min_gain
                        && best
                            .as_ref()
                            .is_none_or(|best| gain > best.gain * (1.0 + 1e-12))
                    {
                        best = Some(Candidate { gain, left, right });
                    }
                }
            }
        }
        best
    }
}

fn logistic(score: f64) -> f64 {
    1.0 / (1.0 + (-score).exp())
}

fn check(params: &GradientBoostingParams) {
    for seed in 0..4 {
        let data = Data::drawn_for(params.loss, 250, seed);
        let mut expected = Oracle::scores(&data, params);
        for score in &mut expected {
            *score = match params.loss {
                Loss::Squared => *score,
                Loss::Poisson | Loss::Tweedie { .. } => score.exp(),
                Loss::Logistic => logistic(*score),
            };
        }
        let found = data.predict(&fit(&data.samples(), params.clone()));
        for (row, (found, expected)) in found.iter().zip(expected).enumerate() {
            let off = (found - expected).abs() / expected.abs().max(1.0);
            assert!(
                off < 1e-8,
                "{params:?}, seed {seed}, row {row}: {found}, not {expected}"
            );
        }
    }
}

#[test]
fn trees_are_those_of_the_slow_version() {
    for loss in [
        Loss::Squared,
        Loss::Poisson,
        Loss::TWEEDIE,
        Loss::Tweedie { power: 1.3 },
        Loss::Logistic,
    ] {
        for growth in [Growth::LeafWise, Growth::DepthWise] {
            check(&GradientBoostingParams {
                loss,
                growth,
                n_trees: 4,
                learning_rate: 0.3,
                max_leaves: 9,
                max_depth: 5,
                min_rows_leaf: 7,
                ..GradientBoostingParams::default()
            });
        }
    }
}

#[test]
fn limits_of_leaves_are_those_of_the_slow_version() {
    check(&GradientBoostingParams {
        loss: Loss::Poisson,
        n_trees: 3,
        max_leaves: 12,
        max_depth: 3,
        min_rows_leaf: 1,
        min_hessian_leaf: 20.0,
        l2: 3.0,
        min_gain: 2.0,
        ..GradientBoostingParams::default()
    });
}
