//! The log-likelihood of BG/NBD and MBG/NBD with its derivatives.
//!
//! Source: Fader, Hardie, Lee (2005), equation 6; Batislam, Denizel, Filiztekin (2007), equation 3. With k the occasions at which
//! the customer could have left and did not (BG/NBD: x, MBG/NBD: x + 1), both are
//!
//! ```text
//! ln L = lnΓ(r+x)/Γ(r) + r ln α − (r+x) ln(α+T) + ln B(a, b+k)/B(a, b) + ln(1 + e^z)
//! z    = ln a − ln(b+k−1) + (r+x) (ln(α+T) − ln(α+t_x)),   the last term only where k > 0
//! ```
//!
//! Differs from the source: everything is a difference of logarithms, so that long histories neither underflow nor cancel.
//! Terms of x alone are computed once per distinct x.

use clientela_numerics::exponential::exponentials;
use clientela_numerics::gamma::{digamma_difference, ln_rising_factorial, trigamma_difference};
use clientela_numerics::logarithm::logarithms;
use clientela_numerics::newton::Evaluation;
use clientela_numerics::{StopToken, Stopped};
use libm::{exp, log, log1p};
use rayon::prelude::*;

use super::evaluation::{ZERO, add, mirror};
use super::histories::{Block, Histories, History, Run};
use crate::blocks::BLOCK;

/// Blocks that one task takes at least.
const BLOCKS_PER_TASK: usize = 4;

/// Sums over the rows of a block, each weighted with the customers of the row.
///
/// A = ln(α+T), D = A − ln(α+t_x), u = 1/(α+T), v = 1/(α+t_x), σ = 1/(1+e^−z), τ = σ(1−σ).
#[derive(Clone, Copy, Default)]
struct Sums {
    a: f64,
    u: f64,
    u_u: f64,
    softplus: f64,
    sigma: f64,
    sigma_d: f64,
    sigma_uv: f64,
    sigma_squares: f64,
    tau: f64,
    tau_d: f64,
    tau_uv: f64,
    tau_d_d: f64,
    tau_d_uv: f64,
    tau_uv_uv: f64,
}

/// 1 / (1 + e^z); 1 where the customer had no occasion to leave.
pub(super) fn probability_alive(&[r, alpha, a, b]: &[f64; 4], history: History, k: f64) -> f64 {
    if k == 0.0 {
        return 1.0;
    }
    // ln((α+T) / (α+t_x)), without loss where hardly any time has passed since.
    let passed = log1p((history.t - history.t_x) / (alpha + history.t_x));
    let z = log(a) - log(b + k - 1.0) + (r + f64::from(history.x)) * passed;
    if z > 0.0 {
        exp(-z) / (1.0 + exp(-z))
    } else {
        1.0 / (1.0 + exp(z))
    }
}

/// Log-likelihood at the natural parameters r, α, a, b with derivatives for them; `extra` is k − x, 0 for BG/NBD, 1 for MBG/NBD.
pub(super) fn evaluate(
    histories: &Histories,
    params: &[f64; 4],
    extra: f64,
    stop: &StopToken,
) -> Result<Evaluation<4>, Stopped> {
    let of_blocks: Vec<Evaluation<4>> = histories
        .blocks
        .par_iter()
        .with_min_len(BLOCKS_PER_TASK)
        .map(|block| {
            stop.poll()?;
            Ok(block_terms(histories, block, params, extra))
        })
        .collect::<Result<_, Stopped>>()?;
    let mut total = ZERO;
    for run in &histories.runs {
        add(&mut total, &run_terms(run, params, extra), 1.0);
    }
    for block in &of_blocks {
        add(&mut total, block, 1.0);
    }
    mirror(&mut total);
    Ok(total)
}

/// Terms of x alone: lnΓ(r+x)/Γ(r) + r ln α + ln B(a, b+k)/B(a, b).
fn run_terms(run: &Run, &[r, alpha, a, b]: &[f64; 4], extra: f64) -> Evaluation<4> {
    let (n, x, k) = (run.weight, run.x, run.x + extra);
    let mut terms = ZERO;
    terms.value = n
        * (ln_rising_factorial(r, x) + r * log(alpha) + ln_rising_factorial(b, k)
            - ln_rising_factorial(a + b, k));
    let of_sum = digamma_difference(a + b, k);
    terms.gradient = [
        n * (digamma_difference(r, x) + log(alpha)),
        n * r / alpha,
        -n * of_sum,
        n * (digamma_difference(b, k) - of_sum),
    ];
    let of_sum = trigamma_difference(a + b, k);
    terms.hessian[0][0] = n * trigamma_difference(r, x);
    terms.hessian[0][1] = n / alpha;
    terms.hessian[1][1] = -n * r / (alpha * alpha);
    terms.hessian[2][2] = -n * of_sum;
    terms.hessian[2][3] = -n * of_sum;
    terms.hessian[3][3] = n * (trigamma_difference(b, k) - of_sum);
    terms
}

/// Terms of T and t_x, whose sums over the rows are put together with what is the same for the whole block.
fn block_terms(
    histories: &Histories,
    block: &Block,
    params: &[f64; 4],
    extra: f64,
) -> Evaluation<4> {
    let [r, _, a, b] = *params;
    let x = histories.runs[block.run].x;
    let (q, k) = (r + x, x + extra);
    let sums = if k > 0.0 {
        sums_with_dropout(histories, block, params, q, log(a) - log(b + k - 1.0))
    } else {
        sums_without_dropout(histories, block, params)
    };
    let mut terms = ZERO;
    terms.value = sums.softplus - q * sums.a;
    terms.gradient[0] = sums.sigma_d - sums.a;
    terms.gradient[1] = q * (sums.sigma_uv - sums.u);
    terms.hessian[0][0] = sums.tau_d_d;
    terms.hessian[0][1] = sums.sigma_uv + q * sums.tau_d_uv - sums.u;
    terms.hessian[1][1] = q * (sums.u_u - sums.sigma_squares) + q * q * sums.tau_uv_uv;
    if k > 0.0 {
        let (z_a, z_b) = (1.0 / a, -1.0 / (b + k - 1.0));
        terms.gradient[2] = sums.sigma * z_a;
        terms.gradient[3] = sums.sigma * z_b;
        terms.hessian[0][2] = sums.tau_d * z_a;
        terms.hessian[0][3] = sums.tau_d * z_b;
        terms.hessian[1][2] = q * sums.tau_uv * z_a;
        terms.hessian[1][3] = q * sums.tau_uv * z_b;
        terms.hessian[2][2] = (sums.tau - sums.sigma) * z_a * z_a;
        terms.hessian[2][3] = sums.tau * z_a * z_b;
        terms.hessian[3][3] = (sums.tau + sums.sigma) * z_b * z_b;
    }
    terms
}

/// Where the customer had no occasion to leave.
fn sums_without_dropout(histories: &Histories, block: &Block, params: &[f64; 4]) -> Sums {
    let alpha = params[1];
    let t = &histories.t[block.rows.clone()];
    let mut logs = [0.0; BLOCK];
    let logs = &mut logs[..t.len()];
    for (log, t) in logs.iter_mut().zip(t) {
        *log = alpha + t;
    }
    logarithms(logs);
    let mut sums = Sums::default();
    let rows = t
        .iter()
        .zip(&histories.weight[block.rows.clone()])
        .zip(logs);
    for ((t, weight), log) in rows {
        let u = 1.0 / (alpha + t);
        sums.a += weight * *log;
        sums.u += weight * u;
        sums.u_u += weight * u * u;
    }
    sums
}

/// Where the customer may have left after the last purchase; z is `offset` + q D.
fn sums_with_dropout(
    histories: &Histories,
    block: &Block,
    params: &[f64; 4],
    q: f64,
    offset: f64,
) -> Sums {
    let alpha = params[1];
    let t = &histories.t[block.rows.clone()];
    let t_x = &histories.t_x[block.rows.clone()];
    let weight = &histories.weight[block.rows.clone()];
    let n = t.len();
    let mut buffers = [[0.0; BLOCK]; 4];
    let [logs, differences, decays, softplus] = &mut buffers;
    let (logs, differences) = (&mut logs[..n], &mut differences[..n]);
    let (decays, softplus) = (&mut decays[..n], &mut softplus[..n]);
    for i in 0..n {
        logs[i] = alpha + t[i];
        differences[i] = (alpha + t[i]) / (alpha + t_x[i]);
    }
    logarithms(logs);
    logarithms(differences);
    for i in 0..n {
        decays[i] = -(offset + q * differences[i]).abs();
    }
    exponentials(decays);
    for i in 0..n {
        softplus[i] = 1.0 + decays[i];
    }
    logarithms(softplus);
    let mut sums = Sums::default();
    for i in 0..n {
        let z = offset + q * differences[i];
        let share = 1.0 / (1.0 + decays[i]);
        let (u, v) = (1.0 / (alpha + t[i]), 1.0 / (alpha + t_x[i]));
        sums.a += weight[i] * logs[i];
        sums.u += weight[i] * u;
        sums.u_u += weight[i] * u * u;
        sums.softplus += weight[i] * (softplus[i] + z.max(0.0));
        let sigma = weight[i] * if z > 0.0 { share } else { decays[i] * share };
        let tau = weight[i] * decays[i] * share * share;
        sums.add_dropout(sigma, tau, differences[i], [u, v]);
    }
    sums
}

impl Sums {
    #[inline]
    fn add_dropout(&mut self, sigma: f64, tau: f64, d: f64, [u, v]: [f64; 2]) {
        let uv = u - v;
        self.sigma += sigma;
        self.sigma_d += sigma * d;
        self.sigma_uv += sigma * uv;
        self.sigma_squares += sigma * uv * (u + v);
        self.tau += tau;
        self.tau_d += tau * d;
        self.tau_uv += tau * uv;
        self.tau_d_d += tau * d * d;
        self.tau_d_uv += tau * d * uv;
        self.tau_uv_uv += tau * uv * uv;
    }
}
