//! Newton steps to the minimum of the penalized log loss.
//!
//! Source: Friedman, Hastie, Tibshirani (2010), section 3; the line search as in Lee, Sun, Saunders (2014), "Proximal
//! Newton-type Methods for Minimizing Composite Functions", SIAM Journal on Optimization 24(3), algorithm 1.
//! Differs from the source: second derivatives are kept from step to step as long as the steps shrink tenfold, because they
//! cost more than all else where there are many columns.

use clientela_numerics::{StopToken, Stopped};

use super::quadratic::{Penalty, Quadratic};
use super::rows::{Point, StandardRows};
use super::sums::{Curvature, Evaluation, Extent};
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

/// How exact a minimum is asked for: the gain in mean loss that a further step may promise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Precision(pub f64);

impl Precision {
    /// For a model: coefficients right to about nine digits.
    pub(super) const MODEL: Self = Self(1e-22);
    /// For a comparison of penalties: far below what a held-out loss tells apart.
    pub(super) const COMPARISON: Self = Self(1e-8);
}

/// A search for minima on the same rows, each from the one before.
pub(super) struct Descent<'a> {
    rows: &'a StandardRows<'a>,
    pub point: Point,
    evaluation: Evaluation,
    curvature: Curvature,
    /// Whether the curvature is that of the present point.
    is_fresh: bool,
    max_iterations: usize,
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
        let point = rows.null_point();
        let mut evaluation = rows.evaluate(&point, Extent::Curvature, stop)?;
        let curvature = evaluation.curvature.take().expect("asked for");
        Ok(Self {
            rows,
            point,
            evaluation,
            curvature,
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
        let is_cheap = self.rows.has_cheap_curvature();
        let mut last = f64::INFINITY;
        for _ in 0..self.max_iterations {
            let step = self.step(penalty, precision, stop)?;
            let is_spent = step.promise < SPENT && step.promise > 0.25 * last;
            if step.promise <= precision.0 || is_spent {
                return Ok(());
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

    /// The minimum of the quadratic model.
    fn step(
        &self,
        penalty: Penalty,
        precision: Precision,
        stop: &StopToken,
    ) -> Result<Step, Stopped> {
        let Evaluation {
            score_of_base,
            scores,
            ..
        } = &self.evaluation;
        let Curvature {
            total,
            mixed,
            centered,
        } = &self.curvature;
        let total = total.max(f64::MIN_POSITIVE);
        let slopes = scores
            .iter()
            .zip(mixed)
            .map(|(score, mixed)| score - mixed / total * score_of_base);
        let quadratic = Quadratic::new(
            centered,
            slopes.collect(),
            &self.point.coefficients,
            penalty,
        );
        let coefficients = quadratic.minimize(0.1 * precision.0, stop)?;
        let old = &self.point.coefficients;
        let moves = || coefficients.iter().zip(old).map(|(new, old)| new - old);
        let followed: f64 = moves().zip(mixed).map(|(step, mixed)| step * mixed).sum();
        let base = (score_of_base - followed) / total;
        let gained: f64 = moves().zip(scores).map(|(step, score)| step * score).sum();
        Ok(Step {
            promise: base * score_of_base + gained + penalty.of(old) - penalty.of(&coefficients),
            base: self.point.base + base,
            coefficients,
        })
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
        let extent = if renew {
            Extent::Curvature
        } else {
            Extent::Score
        };
        let mut share = 1.0;
        for _ in 0..HALVINGS_MAX {
            let point = self.toward(step, share);
            let mut evaluation = self.rows.evaluate(&point, extent, stop)?;
            let gain = present - (evaluation.loss + penalty.of(&point.coefficients));
            if gain >= SUFFICIENT * share * step.promise || gain.abs() <= DROWNED * present {
                self.is_fresh = renew;
                if let Some(curvature) = evaluation.curvature.take() {
                    self.curvature = curvature;
                }
                (self.point, self.evaluation) = (point, evaluation);
                return Ok(Outcome::Advanced);
            }
            if !self.is_fresh {
                let renewed = self.rows.evaluate(&self.point, Extent::Curvature, stop)?;
                self.curvature = renewed.curvature.expect("asked for");
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
