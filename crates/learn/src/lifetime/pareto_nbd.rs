//! Pareto/NBD: its log-likelihood with derivatives, and what an active customer will do.
//!
//! While active, a customer buys with a rate λ ~ Gamma(r, α); they leave after a time with a rate μ ~ Gamma(s, β).
//!
//! Source: Schmittlein, Morrison, Colombo (1987), "Counting Your Customers: Who Are They and What Will They Do Next?", Management
//! Science 33(1), 1–24; Fader, Hardie (2005), "A Note on Deriving the Pareto/NBD Model and Related Expressions", equation 17:
//!
//! ```text
//! L = Γ(r+x)/Γ(r) α^r β^s { (α+T)^−(r+x) (β+T)^−s + s ∫ from t_x to T of (α+y)^−(r+x) (β+y)^−(s+1) dy }
//! ```
//!
//! Differs from the source: the integral is not written with two ₂F₁ that cancel, but computed as [`super::span`] does; its
//! derivatives are those of the integrand, on the same nodes.

use clientela_numerics::gamma::{digamma_difference, ln_rising_factorial, trigamma_difference};
use clientela_numerics::newton::Evaluation;
use clientela_numerics::{StopToken, Stopped};
use libm::{ceil, exp, expm1, log, log1p};
use rayon::prelude::*;

use super::evaluation::{ZERO, add, mirror};
use super::histories::{Block, Histories, History, Run};
use super::negative_binomial::NegativeBinomial;
use super::span::{self, Node, Span};

/// Log-likelihood at the natural parameters r, α, s, β with derivatives for them.
pub(super) fn evaluate(
    histories: &Histories,
    params: &[f64; 4],
    stop: &StopToken,
) -> Result<Evaluation<4>, Stopped> {
    let of_blocks: Vec<Evaluation<4>> = histories
        .blocks
        .par_iter()
        .map(|block| block_terms(histories, block, params, stop))
        .collect::<Result<_, Stopped>>()?;
    let mut total = ZERO;
    for run in &histories.runs {
        add(&mut total, &run_terms(run, params), 1.0);
    }
    for block in &of_blocks {
        add(&mut total, block, 1.0);
    }
    mirror(&mut total);
    Ok(total)
}

/// Terms of x alone: lnΓ(r+x)/Γ(r) + r ln α + s ln β.
fn run_terms(run: &Run, &[r, alpha, s, beta]: &[f64; 4]) -> Evaluation<4> {
    let (n, x) = (run.weight, run.x);
    let mut terms = ZERO;
    terms.value = n * (ln_rising_factorial(r, x) + r * log(alpha) + s * log(beta));
    terms.gradient = [
        n * (digamma_difference(r, x) + log(alpha)),
        n * r / alpha,
        n * log(beta),
        n * s / beta,
    ];
    terms.hessian[0][0] = n * trigamma_difference(r, x);
    terms.hessian[0][1] = n / alpha;
    terms.hessian[1][1] = -n * r / (alpha * alpha);
    terms.hessian[2][3] = n / beta;
    terms.hessian[3][3] = -n * s / (beta * beta);
    terms
}

fn block_terms(
    histories: &Histories,
    block: &Block,
    params: &[f64; 4],
    stop: &StopToken,
) -> Result<Evaluation<4>, Stopped> {
    /// Rows of a block between two looks at the stop token.
    const ROWS: usize = 256;
    let x = histories.runs[block.run].x as u32;
    let mut terms = ZERO;
    for row in block.rows.clone() {
        if (row - block.rows.start).is_multiple_of(ROWS) {
            stop.poll()?;
        }
        let (t_x, t) = (histories.t_x[row], histories.t[row]);
        let of_row = row_terms(History { x, t_x, t }, params);
        add(&mut terms, &of_row, histories.weight[row]);
    }
    Ok(terms)
}

/// The logarithm of the braces: a mixture over the times at which the customer may have left, or still being active.
///
/// With the shares π of the mixture and ℓ the logarithms of its parts, the derivatives are Σ π ℓ′ and
/// Σ π (ℓ″ + ℓ′ ℓ′ᵀ) − (Σ π ℓ′)(Σ π ℓ′)ᵀ.
fn row_terms(history: History, params: &[f64; 4]) -> Evaluation<4> {
    let mixture = Mixture::new(history, params);
    let [r, _, s, _] = *params;
    let q = r + f64::from(history.x);
    let mut terms = ZERO;
    terms.value = mixture.ln_base + log(mixture.total);
    let mut seconds = [0.0; 5];
    let mut add_part = |share: f64, part: &Part| {
        for i in 0..4 {
            terms.gradient[i] += share * part.slope[i];
            for j in i..4 {
                terms.hessian[i][j] += share * part.slope[i] * part.slope[j];
            }
        }
        for (second, given) in seconds.iter_mut().zip(part.seconds) {
            *second += share * given;
        }
    };
    let active = Part::new(&mixture, &mixture.end, q, s);
    add_part(mixture.active / mixture.total, &active);
    for (node, weight) in mixture.span.nodes() {
        let mut left = Part::new(&mixture, node, q, s + 1.0);
        left.slope[2] += 1.0 / s;
        left.seconds[4] = -1.0 / (s * s);
        add_part(weight * mixture.per_weight / mixture.total, &left);
    }
    for i in 0..4 {
        for j in i..4 {
            terms.hessian[i][j] -= terms.gradient[i] * terms.gradient[j];
        }
    }
    for ((i, j), second) in [(0, 1), (1, 1), (2, 3), (3, 3), (2, 2)]
        .into_iter()
        .zip(seconds)
    {
        terms.hessian[i][j] += second;
    }
    terms
}

/// The braces of the likelihood: e^`ln_base` · `total`.
struct Mixture {
    /// α + t_x and β + t_x.
    a: f64,
    b: f64,
    ln_a: f64,
    ln_b: f64,
    ln_base: f64,
    total: f64,
    /// The part of the still active.
    active: f64,
    /// The end of observation as if it were a node.
    end: Node,
    /// Times since t_x at which the customer may have left; the part of each is its weight times `per_weight`.
    span: Span,
    per_weight: f64,
}

impl Mixture {
    fn new(history: History, &[r, alpha, s, beta]: &[f64; 4]) -> Self {
        let q = r + f64::from(history.x);
        let (a, b) = (alpha + history.t_x, beta + history.t_x);
        let since = history.t - history.t_x;
        let (ln_a, ln_b) = (log(a), log(b));
        let end = Node {
            after: since,
            ln_a: log1p(since / a),
            ln_b: log1p(since / b),
        };
        let active = exp(-q * end.ln_a - s * end.ln_b);
        let span = Span::new([a, b], [q, s + 1.0], since);
        let per_weight = s / b;
        let total = active + per_weight * span.integral();
        let ln_base = -q * ln_a - s * ln_b;
        Self {
            a,
            b,
            ln_a,
            ln_b,
            ln_base,
            total,
            active,
            end,
            span,
            per_weight,
        }
    }
}

/// First derivatives of the logarithm of one part for r, α, s, β, and the second ones that are not 0: rα, αα, sβ, ββ, ss.
struct Part {
    slope: [f64; 4],
    seconds: [f64; 5],
}

impl Part {
    /// Of −q ln(α+y) − d ln(β+y).
    fn new(mixture: &Mixture, node: &Node, q: f64, d: f64) -> Self {
        let (u, v) = (
            1.0 / (mixture.a + node.after),
            1.0 / (mixture.b + node.after),
        );
        Self {
            slope: [
                -(mixture.ln_a + node.ln_a),
                -q * u,
                -(mixture.ln_b + node.ln_b),
                -d * v,
            ],
            seconds: [-u, q * u * u, -v, d * v * v, 0.0],
        }
    }
}

/// The share of the still active in the likelihood of the history.
pub(super) fn probability_alive(params: &[f64; 4], history: History) -> f64 {
    let [r, alpha, s, beta] = *params;
    let q = r + f64::from(history.x);
    let (a, b) = (alpha + history.t_x, beta + history.t_x);
    let since = history.t - history.t_x;
    let active = exp(-q * log1p(since / a) - s * log1p(since / b));
    let left = s / b * span::integral([a, b], [q, s + 1.0], since);
    active / (active + left)
}

/// Purchases of an active customer with μ ~ Gamma(s, b).
///
/// ```text
/// E = shape/rate · b/(s−1) · (1 − (b/(b+weeks))^(s−1)),   at s = 1:  shape/rate · b · ln((b+weeks)/b)
/// ```
///
/// Source: Fader, Hardie (2005), equation 41.
pub(super) fn expected_purchases(purchases: NegativeBinomial, s: f64, b: f64) -> f64 {
    let passed = log1p(purchases.weeks / b);
    let exponent = (s - 1.0) * passed;
    // (1 − e^−y)/y tends to 1.
    let share = if exponent == 0.0 {
        1.0
    } else {
        -expm1(-exponent) / exponent
    };
    purchases.shape / purchases.rate * b * passed * share
}

/// Probability that an active customer with μ ~ Gamma(s, b) buys within the weeks: the next purchase comes at u, before leaving.
pub(super) fn probability_of_purchase(purchases: NegativeBinomial, s: f64, b: f64) -> f64 {
    let NegativeBinomial { shape, rate, weeks } = purchases;
    let integral = span::integral([rate, b], [shape + 1.0, s], weeks);
    (shape / rate * integral).min(1.0)
}

/// P(X ≥ n) for n = 1, 2, … of an active customer: the average over the times of leaving.
pub(super) fn distribution(
    purchases: NegativeBinomial,
    s: f64,
    b: f64,
) -> impl Iterator<Item = f64> {
    let NegativeBinomial { shape, rate, weeks } = purchases;
    // P(N ≥ n) rises from 0 to 1 within a span of time that is the shorter, the better the rate is known.
    let panels = ceil(shape.sqrt() * log1p(weeks / rate.min(b)) / 3.0);
    let span = Span::with_panels([rate, b], [0.0, s + 1.0], weeks, panels.max(1.0));
    let stay = (exp(-s * log1p(weeks / b)), weeks);
    let mut times: Vec<_> = span
        .nodes()
        .map(|(node, weight)| (s / b * weight, node.after))
        .chain([stay])
        .map(|(weight, after)| {
            let purchases = NegativeBinomial::new(shape, rate, after);
            (weight, 1.0_f64, purchases.probabilities())
        })
        .collect();
    std::iter::repeat_with(move || {
        times
            .iter_mut()
            .map(|(weight, at_least, probabilities)| {
                *at_least = (*at_least - probabilities.next().unwrap_or(0.0)).max(0.0);
                *weight * *at_least
            })
            .sum()
    })
}
