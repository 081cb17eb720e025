//! Joint draws of the future: intervals of customers, of tiers and of the whole base.
//!
//! In one replicate all parameters are drawn once and then every customer, so that sums over customers carry what the
//! parameters leave open as well as chance. A customer's random stream is that of its place in the canonical order.
//!
//! How likely a customer buys nothing is known in every replicate and not left to the draws: an interval begins or ends at
//! zero exactly where the probability of zero says so. Totals count each customer's draw or nothing, with that probability.
//!
//! Customers with the same history and value have the same interval: it comes from draws of the history, which only the
//! first of them lends to the totals, where draws of different customers must not depend on each other.
//!
//! Cost: O(customers · replicates). Deterministic, whatever the order of the rows.

mod block;
mod replicate;
mod same_history;
mod spender;
#[cfg(test)]
mod tests;
mod totals;

use clientela_numerics::{StopToken, Stopped};
use rayon::prelude::*;

use super::probabilistic::Probabilistic;
use super::report::Interval;
use block::{Drawing, DrawnBlock};
use replicate::replicates;
use same_history::Expectations;
use totals::{Sorted, totals};

/// Customers of a block. A constant, because the bits of sums depend on it.
const BLOCK: usize = 256;
/// Groups that totals are drawn for.
pub const N_GROUPS: usize = 3;

/// What is drawn, and how draws count.
#[derive(Clone, Copy, Debug)]
pub struct Request<'r> {
    /// Weeks ahead.
    pub weeks: f64,
    /// What purchases of every member count.
    pub season: f64,
    /// What value of each member counts: season, discount, and the ratio of a booster's forecast to the models'.
    pub scale: &'r [f64],
    /// The group of each member, below [`N_GROUPS`].
    pub groups: &'r [u8],
    /// Probabilities that intervals are to hold.
    pub levels: &'r [f64],
    /// Standard deviation of the logarithm of what totals are off by beyond the models.
    pub total_spread: f64,
    /// What each member brought, where that is known.
    pub actual: Option<&'r [f64]>,
    /// At most so many members, evenly over the canonical order; all where `None`.
    pub n_members_max: Option<usize>,
    /// Decides the draws.
    pub seed: u64,
}

/// What the draws say.
#[derive(Clone, Debug)]
pub struct Drawn {
    /// Members that were drawn, as places in the snapshot, in canonical order.
    pub members: Vec<u32>,
    /// For each of them, an interval at each level.
    pub prediction: Vec<Vec<Interval>>,
    /// For each of them, where the expectation lies at the first level.
    pub expectation: Vec<Interval>,
    /// For each of them, how likely there is no purchase, with what the parameters leave open.
    pub probability_zero: Vec<f64>,
    /// For each of them, the randomised probability integral transform of what came; empty where that is not known.
    pub transforms: Vec<f64>,
    /// For each group, equally likely totals of value and of purchases, sorted.
    pub groups: Vec<Sorted>,
    /// Those of all groups together.
    pub all: Sorted,
}

/// Draws the future of a base.
///
/// # Errors
/// [`Stopped`] when the stop token is set.
pub fn draw(
    model: &Probabilistic<'_, '_>,
    request: &Request<'_>,
    stop: &StopToken,
) -> Result<Drawn, Stopped> {
    let replicates = replicates(model, request.seed);
    let order = members(model, request.n_members_max);
    let drawing = Drawing {
        model,
        request,
        replicates: &replicates,
        expectations: Expectations::of(model),
    };
    let blocks: Vec<DrawnBlock> = order
        .par_chunks(BLOCK)
        .map(|members| drawing.block(members, stop))
        .collect::<Result<_, Stopped>>()?;
    let (groups, all) = totals(&blocks, request.total_spread);
    let mut drawn = Drawn {
        members: order.into_iter().map(|member| member.at).collect(),
        prediction: Vec::new(),
        expectation: Vec::new(),
        probability_zero: Vec::new(),
        transforms: Vec::new(),
        groups,
        all,
    };
    for block in blocks {
        drawn.prediction.extend(block.prediction);
        drawn.expectation.extend(block.expectation);
        drawn.probability_zero.extend(block.probability_zero);
        drawn.transforms.extend(block.transforms);
    }
    Ok(drawn)
}

/// The smallest of equally likely values whose distribution function reaches `(1 − level) / 2` and `1 − (1 − level) / 2`.
pub fn interval(sorted: &[f64], level: f64) -> Interval {
    let tail = (1.0 - level) / 2.0;
    let at = |probability: f64| {
        // A product such as 0.95 · 200 may come out above 190 by rounding alone.
        let rank = libm::ceil(probability * sorted.len() as f64 - 1e-9) as usize;
        sorted[rank.clamp(1, sorted.len()) - 1]
    };
    Interval {
        lower: at(tail),
        upper: at(1.0 - tail),
    }
}

/// A member with a purchase.
struct Member {
    /// Place in the canonical order: the name of its random stream.
    place: u64,
    /// Place in the snapshot.
    at: u32,
    /// Whether no earlier member has the same history.
    is_first: bool,
}

/// Members with a purchase, in canonical order, so that those with the same history stand side by side.
fn members(model: &Probabilistic<'_, '_>, n_max: Option<usize>) -> Vec<Member> {
    let states = model.snapshot.states();
    let order = model.snapshot.canonical_order();
    let buyers = (0..).zip(order);
    let mut buyers: Vec<(u64, u32)> = buyers
        .filter(|&(_, at)| states[at as usize].n_purchases > 0)
        .collect();
    if let Some(n_max) = n_max
        && buyers.len() > n_max
    {
        let evenly = |i: usize| buyers[i * buyers.len() / n_max];
        buyers = (0..n_max).map(evenly).collect();
    }
    let mut before = None;
    let member = |(place, at): (u64, u32)| {
        let state = &states[at as usize];
        let history = Some((state.n_purchases, state.first_day, state.last_day));
        let is_first = before != history;
        before = history;
        Member {
            place,
            at,
            is_first,
        }
    };
    buyers.into_iter().map(member).collect()
}
