//! Newton steps to the minimum of the penalized log loss.
//!
//! Source: Friedman, Hastie, Tibshirani (2010), section 3; the line search as in Lee, Sun, Saunders (2014), "Proximal
//! Newton-type Methods for Minimizing Composite Functions", SIAM Journal on Optimization 24(3), algorithm 1.
//! Differs from the source: second derivatives are kept from step to step as long as the steps shrink tenfold, because they
//! cost more than all else where there are many columns. Where there are so many coefficients that a matrix of second
//! derivatives would cost too much, the step is found on the rows ([`super::working`]).

use clientela_numerics::{StopToken, Stopped};

use super::quadratic::{Penalty, Quadratic};
use super::rows::{Point, StandardRows};
use super::sums::{Curvature, Evaluation, Extent};
use super::working::WorkingSet;
use crate::error::FitError;

/// A step must gain this share of what its slope promises.
const SUFFICIENT: f64 = 1e-4;
/// Steps are halved at most so often.
const HALVINGS_MAX: u32 = 40;
/// Second derivatives are renewed where a step promises more than this share of the one before.
const CONTRACTION: f64 = 0.1;
/// Differences of the objective below this share of it are rounding.
const DROWNED: f64 = 1e-14;
/// A promise below this that does not shrink any more is rounding.
const SPENT: f64 = 1e-12;

/// Coefficients above which steps are found on the rows.
const MATRIX_MAX: usize = 500;

/// How exact a minimum is asked for: the gain in mean loss that a further step may promise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Precision(pub f64);

impl Precision {
    /// For a model: coefficients right to about nine digits.
    pub(super) const MODEL: Self = Self(1e-22);
    /// For a comparison of penalties: far below what a held-out loss tells apart.
    pub(super) const COMPARISON: Self = Self(1e-8);
    /// What is asked for at most where steps are found on the rows: coefficients right to about six digits. Coordinates are
    /// settled there one by one, and the last digits would take most of the rounds.
    const ON_ROWS: Self = Self(1e-16);
}

/// A search for minima on the same rows, each from the one before.
pub(super) struct Descent<'a> {
    rows: &'a StandardRows<'a>,
    pub point: Point,
    evaluation: Evaluation,
    model: Model,
    /// Whether the curvature is that of the present point.
    is_fresh: bool,
    max_iterations: usize,
}

/// What the steps are found by.
enum Model {
    /// A matrix of second derivatives.
    Matrix(Curvature),
    /// The rows themselves.
    Rows(WorkingSet),
}

/// Where a Newton step leads, and the gain that the slope promises.
struct Step {
    base: f64,
    coefficients: Vec<f64>,
    promise: f64,
}

enum Outcome {
    Advanced,
    /// The model of the objective was too old; it was renewed.
    Renewed,
    /// Rounding hides any further gain.
    Stuck,
}

impl<'a> Descent<'a> {
    /// At the model without coefficients.
    pub(super) fn new(
        rows: &'a StandardRows<'a>,
        max_iterations: usize,
        stop: &StopToken,
    ) -> Result<Self, Stopped> {
        Self::with_matrix_up_to(MATRIX_MAX, rows, max_iterations, stop)
    }

    /// As [`Descent::new`], with a matrix for so many coefficients at most.
    fn with_matrix_up_to(
        most: usize,
        rows: &'a StandardRows<'a>,
        max_iterations: usize,
        stop: &StopToken,
    ) -> Result<Self, Stopped> {
        let point = rows.null_point();
        let has_matrix = rows.slots.len() <= most;
        let extent = if has_matrix {
            Extent::Curvature
        } else {
            Extent::Score
        };
        let mut evaluation = rows.evaluate(&point, extent, stop)?;
        let model = match evaluation.curvature.take() {
            Some(curvature) => Model::Matrix(curvature),
            None => Model::Rows(WorkingSet::new(rows, &evaluation.scores)),
        };
        Ok(Self {
            rows,
            point,
            evaluation,
            model,
            is_fresh: true,
            max_iterations,
        })
    }

    /// Mean log loss at the present point.
    pub(super) fn loss(&self) -> f64 {
        self.evaluation.loss
    }

    /// Goes to the minimum under a penalty.
    pub(super) fn minimize(
        &mut self,
        penalty: Penalty,
        precision: Precision,
        stop: &StopToken,
    ) -> Result<(), FitError> {
        let precision = match &mut self.model {
            Model::Matrix(_) => precision,
            Model::Rows(set) => {
                set.screen(penalty, &self.evaluation.scores, &self.point.coefficients);
                Precision(precision.0.max(Precision::ON_ROWS.0))
            }
        };
        // On the rows second derivatives cost no more than scores do, and are always those of the present point.
        let is_cheap = match &self.model {
            Model::Matrix(_) => self.rows.has_cheap_curvature(),
            Model::Rows(_) => true,
        };
        let mut last = f64::INFINITY;
        for _ in 0..self.max_iterations {
            let step = self.step(penalty, precision, stop)?;
            let is_spent = step.promise < SPENT && step.promise > 0.25 * last;
            if step.promise <= precision.0 || is_spent {
                if self.is_settled(penalty) {
                    return Ok(());
                }
                last = f64::INFINITY;
                continue;
            }
            let renew = is_cheap || step.promise > CONTRACTION * last;
            match self.advance(&step, penalty, renew, stop)? {
                Outcome::Advanced => last = step.promise,
                Outcome::Renewed => last = f64::INFINITY,
                Outcome::Stuck => return Ok(()),
            }
        }
        Err(FitError::NotConverged {
            iterations: self.max_iterations,
        })
    }

    /// Whether no coefficient that was left aside would take part; those that would take part from now on.
    fn is_settled(&mut self, penalty: Penalty) -> bool {
        match &mut self.model {
            Model::Matrix(_) => true,
            Model::Rows(set) => !set.widen(penalty, &self.evaluation.scores),
        }
    }

    /// The minimum of the quadratic model.
    fn step(
        &self,
        penalty: Penalty,
        precision: Precision,
        stop: &StopToken,
    ) -> Result<Step, Stopped> {
        let tolerance = 0.1 * precision.0;
        let (base, coefficients) = match &self.model {
            Model::Matrix(curvature) => self.by_matrix(curvature, penalty, tolerance, stop)?,
            Model::Rows(set) => {
                let derivatives = self.rows.derivatives(&self.point, stop)?;
                let old = &self.point.coefficients;
                set.minimize(self.rows, &derivatives, old, penalty, tolerance, stop)?
            }
        };
        let Evaluation {
            score_of_base,
            scores,
            ..
        } = &self.evaluation;
        let old = &self.point.coefficients;
        let moves = coefficients.iter().zip(old).map(|(new, old)| new - old);
        let gained: f64 = moves.zip(scores).map(|(step, score)| step * score).sum();
        Ok(Step {
            promise: base * score_of_base + gained + penalty.of(old) - penalty.of(&coefficients),
            base: self.point.base + base,
            coefficients,
        })
    }

    /// How far the base goes, and the coefficients.
    fn by_matrix(
        &self,
        curvature: &Curvature,
        penalty: Penalty,
        tolerance: f64,
        stop: &StopToken,
    ) -> Result<(f64, Vec<f64>), Stopped> {
        let score_of_base = self.evaluation.score_of_base;
        let Curvature {
            total,
            mixed,
            centered,
        } = curvature;
        let total = total.max(f64::MIN_POSITIVE);
        let scores = self.evaluation.scores.iter().zip(mixed);
        let slopes = scores.map(|(score, mixed)| score - mixed / total * score_of_base);
        let old = &self.point.coefficients;
        let quadratic = Quadratic::new(centered, slopes.collect(), old, penalty);
        let coefficients = quadratic.minimize(tolerance, stop)?;
        let moves = coefficients.iter().zip(old).map(|(new, old)| new - old);
        let followed: f64 = moves.zip(mixed).map(|(step, mixed)| step * mixed).sum();
        Ok(((score_of_base - followed) / total, coefficients))
    }

    /// Takes the step, or the first of its halves that gains enough.
    fn advance(
        &mut self,
        step: &Step,
        penalty: Penalty,
        renew: bool,
        stop: &StopToken,
    ) -> Result<Outcome, Stopped> {
        let present = self.evaluation.loss + penalty.of(&self.point.coefficients);
        let extent = match &self.model {
            Model::Matrix(_) if renew => Extent::Curvature,
            Model::Matrix(_) | Model::Rows(_) => Extent::Score,
        };
        let mut share = 1.0;
        for _ in 0..HALVINGS_MAX {
            let point = self.toward(step, share);
            let mut evaluation = self.rows.evaluate(&point, extent, stop)?;
            let gain = present - (evaluation.loss + penalty.of(&point.coefficients));
            if gain >= SUFFICIENT * share * step.promise || gain.abs() <= DROWNED * present {
                self.is_fresh = renew;
                if let Some(curvature) = evaluation.curvature.take() {
                    self.model = Model::Matrix(curvature);
                }
                (self.point, self.evaluation) = (point, evaluation);
                return Ok(Outcome::Advanced);
            }
            if !self.is_fresh {
                let renewed = self.rows.evaluate(&self.point, Extent::Curvature, stop)?;
                self.model = Model::Matrix(renewed.curvature.expect("asked for"));
                self.is_fresh = true;
                return Ok(Outcome::Renewed);
            }
            share *= 0.5;
        }
        Ok(Outcome::Stuck)
    }

    fn toward(&self, step: &Step, share: f64) -> Point {
        // The whole step keeps its exact zeros.
        let between = |old: f64, new: f64| {
            if share == 1.0 {
                new
            } else {
                old + share * (new - old)
            }
        };
        let both = self.point.coefficients.iter().zip(&step.coefficients);
        Point {
            base: between(self.point.base, step.base),
            coefficients: both.map(|(&old, &new)| between(old, new)).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logistic::design::{Column, Design, Samples};
    use crate::logistic::slots::Slots;
    use clientela_numerics::RandomStream;

    /// Numbers and categories of `n_levels`, with outcomes that some of each have a say in.
    struct Drawn {
        numeric: Vec<Vec<f64>>,
        codes: Vec<Vec<u32>>,
        n_levels: usize,
        outcomes: Vec<bool>,
    }

    impl Drawn {
        fn new(n_rows: usize, [n_numeric, n_categories]: [usize; 2], n_levels: usize) -> Self {
            let mut stream = RandomStream::new(7, "descent", n_rows as u64);
            let mut drawn = Self {
                numeric: vec![Vec::new(); n_numeric],
                codes: vec![Vec::new(); n_categories],
                n_levels,
                outcomes: Vec::new(),
            };
            for _ in 0..n_rows {
                let shared = stream.normal();
                let numbers: Vec<f64> = (0..n_numeric).map(|_| stream.normal() + shared).collect();
                let codes = (0..n_categories).map(|_| stream.below(n_levels as u64) as u32);
                let codes: Vec<u32> = codes.collect();
                let level = |code: &u32| f64::from(code % 5) - 2.0;
                let noise = 2.0 * stream.normal();
                let sum = numbers[0] - numbers[1] + level(&codes[0]) + 0.5 * level(&codes[1]);
                drawn.outcomes.push(sum + noise > 1.0);
                for (column, number) in drawn.numeric.iter_mut().zip(numbers) {
                    column.push(number);
                }
                for (column, code) in drawn.codes.iter_mut().zip(codes) {
                    column.push(code);
                }
            }
            drawn
        }

        fn design(&self) -> Design<'_> {
            let numeric = self.numeric.iter().map(|values| Column::Numeric(values));
            let category = |codes| Column::Categorical {
                codes,
                n_levels: self.n_levels,
            };
            let categories = self.codes.iter().map(|codes| category(codes));
            Design::new(numeric.chain(categories).collect(), self.outcomes.len())
        }

        /// Goes down some penalties, with a matrix for so many coefficients at most; the objective and the model at each.
        fn path(&self, l1_ratio: f64, with_matrix_up_to: usize) -> Vec<(f64, Point)> {
            let (design, stop) = (self.design(), StopToken::new());
            let samples = Samples::new(&design, &self.outcomes);
            let places: Vec<u32> = (0..self.outcomes.len() as u32).collect();
            let weights = vec![1.0 / places.len() as f64; places.len()];
            let slots = Slots::of(&samples, &places, &weights, &stop).expect("not stopped");
            let rows = StandardRows::new(&samples, &places, weights, &slots, &stop);
            let rows = rows.expect("not stopped");
            let descent = Descent::with_matrix_up_to(with_matrix_up_to, &rows, 200, &stop);
            let mut descent = descent.expect("not stopped");
            let is_on_rows = matches!(descent.model, Model::Rows(_));
            assert_eq!(is_on_rows, slots.len() > with_matrix_up_to);
            [0.1, 0.03, 0.01, 2e-3]
                .map(|lambda| {
                    let penalty = Penalty::new(lambda, l1_ratio);
                    let reached = descent.minimize(penalty, Precision::MODEL, &stop);
                    reached.expect("a minimum");
                    let point = descent.point.clone();
                    (descent.loss() + penalty.of(&point.coefficients), point)
                })
                .to_vec()
        }
    }

    #[test]
    fn steps_on_the_rows_lead_where_those_by_a_matrix_do() {
        for (n_rows, columns, n_levels) in [(400, [2, 2], 9), (300, [6, 8], 30)] {
            let drawn = Drawn::new(n_rows, columns, n_levels);
            for l1_ratio in [0.1, 0.5, 1.0] {
                let by_matrix = drawn.path(l1_ratio, usize::MAX);
                let on_rows = drawn.path(l1_ratio, 0);
                for ((least, expected), (objective, given)) in by_matrix.iter().zip(&on_rows) {
                    assert!((objective - least).abs() < 1e-12, "{objective} {least}");
                    assert!((given.base - expected.base).abs() < 1e-5);
                    let both = given.coefficients.iter().zip(&expected.coefficients);
                    for (given, expected) in both {
                        assert!((given - expected).abs() < 1e-5, "{given} {expected}");
                    }
                }
                let n_active =
                    |point: &Point| point.coefficients.iter().filter(|b| **b != 0.0).count();
                assert!(n_active(&by_matrix[3].1) > 8);
            }
        }
    }

    #[test]
    fn many_levels_never_make_a_matrix() {
        for (columns, n_levels, has_matrix) in [([4, 30], 5, true), ([4, 40], 50, false)] {
            let (drawn, stop) = (Drawn::new(200, columns, n_levels), StopToken::new());
            let design = drawn.design();
            let samples = Samples::new(&design, &drawn.outcomes);
            let places: Vec<u32> = (0..200).collect();
            let slots = Slots::of(&samples, &places, &[1.0 / 200.0; 200], &stop);
            let slots = slots.expect("not stopped");
            let weights = vec![1.0 / 200.0; 200];
            let rows = StandardRows::new(&samples, &places, weights, &slots, &stop);
            let rows = rows.expect("not stopped");
            let descent = Descent::new(&rows, 200, &stop).expect("not stopped");
            assert_eq!(matches!(descent.model, Model::Matrix(_)), has_matrix);
        }
    }

    #[test]
    fn a_ridge_on_the_rows_is_that_by_a_matrix() {
        let drawn = Drawn::new(250, [3, 4], 20);
        let both = drawn
            .path(0.0, usize::MAX)
            .into_iter()
            .zip(drawn.path(0.0, 0));
        for ((least, _), (objective, _)) in both {
            assert!((objective - least).abs() < 1e-12, "{objective} {least}");
        }
    }
}
