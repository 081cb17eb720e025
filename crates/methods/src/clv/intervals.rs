//! Joint draws of the future: intervals of customers, of tiers and of the whole base.
//!
//! In one replicate all parameters are drawn once and then every customer, so that sums over customers carry what the
//! parameters leave open as well as chance. A customer's random stream is that of its place in the canonical order.
//!
//! Cost: O(customers · replicates). Deterministic, whatever the order of the rows.

use clientela_learn::lifetime::{
    CountModel, GammaGamma, Outlook, draw_parameters, draw_spending_parameters,
};
use clientela_numerics::{RandomStream, StopToken, Stopped};
use libm::{exp, log};
use rayon::prelude::*;

use super::base::CustomerState;
use super::probabilistic::{Probabilistic, history};
use super::report::Interval;
use super::value::is_left_out;

/// Replicates of the whole base.
pub const REPLICATES: usize = 200;
/// Customers of a block. A constant, because the bits of sums depend on it.
const BLOCK: usize = 256;
/// Histories up to which expectations are computed anew for every replicate; beyond, their logarithms are taken for
/// linear in those of the parameters, which so large a base leaves little open.
const EXACT_ROWS_MAX: usize = 2000;
/// Draws are kept so far below the largest double that their sums are finite.
const VALUE_MAX: f64 = 1e250;
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
    /// For each of them, the randomised probability integral transform of what came; empty where that is not known.
    pub transforms: Vec<f64>,
    /// For each group, the drawn totals of value and of purchases, sorted.
    pub groups: Vec<[Vec<f64>; 2]>,
    /// The drawn totals of all groups together, sorted.
    pub all: [Vec<f64>; 2],
}

/// Parameters of one replicate.
struct Replicate {
    count: CountModel,
    spending: Option<GammaGamma>,
    /// Logarithms of the count parameters, less those of the estimate.
    shift: [f64; 4],
    /// What totals of this replicate are multiplied by.
    total_factor: f64,
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
    let replicates = replicates(model, request);
    let order = members(model, request.n_members_max);
    let drawing = Drawing {
        model,
        request,
        replicates: &replicates,
        is_exact: model.histories.n_rows() <= EXACT_ROWS_MAX,
    };
    let blocks: Vec<DrawnBlock> = order
        .par_chunks(BLOCK)
        .map(|members| drawing.block(members, stop))
        .collect::<Result<_, Stopped>>()?;
    let mut totals = vec![[0.0; 2 * N_GROUPS]; REPLICATES];
    let (mut prediction, mut expectation) = (Vec::new(), Vec::new());
    let mut transforms = Vec::new();
    for block in blocks {
        for (totals, terms) in totals.iter_mut().zip(&block.totals) {
            for (total, term) in totals.iter_mut().zip(terms) {
                *total += term;
            }
        }
        prediction.extend(block.prediction);
        expectation.extend(block.expectation);
        transforms.extend(block.transforms);
    }
    for (totals, replicate) in totals.iter_mut().zip(&replicates) {
        totals
            .iter_mut()
            .for_each(|total| *total *= replicate.total_factor);
    }
    Ok(Drawn {
        members: order.into_iter().map(|(_, member)| member).collect(),
        prediction,
        expectation,
        transforms,
        groups: (0..N_GROUPS)
            .map(|group| [0, 1].map(|figure| sorted(&totals, |row| row[2 * group + figure])))
            .collect(),
        all: [0, 1].map(|figure| {
            sorted(&totals, |row| {
                (0..N_GROUPS).map(|group| row[2 * group + figure]).sum()
            })
        }),
    })
}

/// The smallest values whose distribution function reaches `(1 − level) / 2` and `1 − (1 − level) / 2`.
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

/// `P(V < v) + u · P(V = v)` by sorted draws of V.
fn transform(sorted: &[f64], value: f64, u: f64) -> f64 {
    let below = sorted.partition_point(|&draw| draw < value);
    let equal = sorted[below..].partition_point(|&draw| draw <= value);
    (below as f64 + u * equal as f64) / sorted.len() as f64
}

fn sorted<T>(rows: &[T], figure: impl Fn(&T) -> f64) -> Vec<f64> {
    let mut values: Vec<f64> = rows.iter().map(figure).collect();
    values.sort_unstable_by(f64::total_cmp);
    values
}

fn replicates(model: &Probabilistic<'_, '_>, request: &Request<'_>) -> Vec<Replicate> {
    let fit = &model.count.fit;
    (0..REPLICATES as u64)
        .map(|replicate| {
            let mut stream = RandomStream::new(request.seed, "clv parameters", replicate);
            let count = draw_parameters(fit, &mut stream);
            let spending = model.value.fit.as_ref();
            let spending = spending.map(|fit| draw_spending_parameters(fit, &mut stream));
            let pair = |i: usize| log(count.params[i] / fit.model.params[i]);
            Replicate {
                shift: std::array::from_fn(pair),
                count,
                spending,
                total_factor: exp(request.total_spread * stream.normal()),
            }
        })
        .collect()
}

/// Members with a purchase and their places in the canonical order.
fn members(model: &Probabilistic<'_, '_>, n_max: Option<usize>) -> Vec<(u64, u32)> {
    let states = model.snapshot.states();
    let order = model.snapshot.canonical_order();
    let buyers = (0..).zip(order);
    let buyers: Vec<(u64, u32)> = buyers
        .filter(|&(_, member)| states[member as usize].n_purchases > 0)
        .collect();
    match n_max {
        Some(n_max) if buyers.len() > n_max => (0..n_max)
            .map(|i| buyers[i * buyers.len() / n_max])
            .collect(),
        _ => buyers,
    }
}

struct Drawing<'d, 's, 'a> {
    model: &'d Probabilistic<'s, 'a>,
    request: &'d Request<'d>,
    replicates: &'d [Replicate],
    is_exact: bool,
}

struct DrawnBlock {
    /// Value and purchases of each group, by replicate.
    totals: Vec<[f64; 2 * N_GROUPS]>,
    prediction: Vec<Vec<Interval>>,
    expectation: Vec<Interval>,
    transforms: Vec<f64>,
}

/// What customers with the same history have in common.
struct SameHistory {
    /// The time ahead of them in every replicate.
    outlooks: Vec<Outlook>,
    /// Expected purchases in every replicate.
    expected: Vec<f64>,
}

impl Drawing<'_, '_, '_> {
    fn block(&self, members: &[(u64, u32)], stop: &StopToken) -> Result<DrawnBlock, Stopped> {
        let mut block = DrawnBlock {
            totals: vec![[0.0; 2 * N_GROUPS]; REPLICATES],
            prediction: Vec::with_capacity(members.len()),
            expectation: Vec::with_capacity(members.len()),
            transforms: Vec::new(),
        };
        let states = self.model.snapshot.states();
        let key = |&(_, member): &(u64, u32)| {
            let state = &states[member as usize];
            (state.n_purchases, state.first_day, state.last_day)
        };
        for alike in members.chunk_by(|a, b| key(a) == key(b)) {
            let shared = self.shared(&states[alike[0].1 as usize]);
            for &(place, member) in alike {
                stop.poll()?;
                self.customer(place, member, &shared, &mut block);
            }
        }
        Ok(block)
    }

    fn shared(&self, state: &CustomerState) -> SameHistory {
        let history = history(self.model.snapshot, state);
        let outlooks: Vec<Outlook> = self
            .replicates
            .iter()
            .map(|replicate| replicate.count.outlook(history))
            .collect();
        let weeks = self.request.weeks;
        let expected = if self.is_exact {
            let expected = outlooks.iter();
            expected.map(|o| o.expected_purchases(weeks)).collect()
        } else {
            let fitted = self.model.count.fit.model;
            let at = |model: &CountModel| model.outlook(history).expected_purchases(weeks);
            let center = at(&fitted);
            let slopes = log_slopes(&fitted, center, at);
            let shift = |replicate: &Replicate| {
                let pairs = slopes.iter().zip(&replicate.shift);
                exp(pairs.map(|(slope, shift)| slope * shift).sum())
            };
            self.replicates.iter().map(|r| center * shift(r)).collect()
        };
        SameHistory { outlooks, expected }
    }

    fn customer(&self, place: u64, member: u32, shared: &SameHistory, block: &mut DrawnBlock) {
        let request = self.request;
        let state = &self.model.snapshot.states()[member as usize];
        let spender = Spender::of(self.model, state);
        let (scale, group) = (
            request.scale[member as usize],
            2 * usize::from(request.groups[member as usize]),
        );
        let mut stream = RandomStream::new(request.seed, "clv draws", place);
        let mut values = Vec::with_capacity(REPLICATES);
        let rows = shared.outlooks.iter().zip(self.replicates);
        for ((outlook, replicate), totals) in rows.zip(&mut block.totals) {
            let purchases = outlook.draw_purchases(request.weeks, &mut stream);
            let value = scale * spender.draw(replicate, purchases, &mut stream);
            let value = value.clamp(-VALUE_MAX, VALUE_MAX);
            totals[group] += value;
            totals[group + 1] += request.season * f64::from(purchases);
            values.push(value);
        }
        values.sort_unstable_by(f64::total_cmp);
        let levels = request.levels.iter();
        block
            .prediction
            .push(levels.map(|&level| interval(&values, level)).collect());
        if let Some(actual) = request.actual {
            let transform = transform(&values, actual[member as usize], stream.uniform());
            block.transforms.push(transform);
        }
        values.clear();
        let rows = shared.expected.iter().zip(self.replicates);
        let mean = |(n, replicate): (&f64, &Replicate)| scale * n * spender.mean(replicate);
        values.extend(rows.map(mean).map(|mean| mean.clamp(-VALUE_MAX, VALUE_MAX)));
        values.sort_unstable_by(f64::total_cmp);
        block.expectation.push(interval(&values, request.levels[0]));
    }
}

/// How much one customer's purchases bring.
struct Spender {
    x: u32,
    mean: f64,
    /// What the fitted models expect.
    expected: f64,
    by_model: bool,
}

impl Spender {
    fn of(model: &Probabilistic<'_, '_>, state: &CustomerState) -> Self {
        Self {
            x: state.frequency(),
            mean: state.mean_repeat_value().unwrap_or(0.0),
            expected: model.value.per_purchase(state),
            by_model: !is_left_out(state),
        }
    }

    /// What so many purchases bring. Without a value model each brings what is expected.
    fn draw(&self, replicate: &Replicate, purchases: u32, stream: &mut RandomStream) -> f64 {
        if purchases == 0 {
            return 0.0;
        }
        match &replicate.spending {
            Some(spending) if self.by_model => {
                spending.draw_value(self.x, self.mean, purchases, stream)
            }
            _ => self.expected * f64::from(purchases),
        }
    }

    /// What a purchase is expected to bring; by the fitted model where the replicate's has no mean.
    fn mean(&self, replicate: &Replicate) -> f64 {
        let spending = replicate.spending.as_ref().filter(|_| self.by_model);
        spending
            .and_then(|spending| spending.expected_mean(self.x, self.mean))
            .unwrap_or(self.expected)
    }
}

/// Slopes of `ln f` in the logarithms of the parameters, by central differences.
fn log_slopes(model: &CountModel, center: f64, f: impl Fn(&CountModel) -> f64) -> [f64; 4] {
    const STEP: f64 = 1e-4;
    if center <= 0.0 {
        return [0.0; 4];
    }
    std::array::from_fn(|i| {
        let moved = |by: f64| {
            let mut moved = *model;
            moved.params[i] *= exp(by);
            f(&moved)
        };
        (moved(STEP) - moved(-STEP)) / (2.0 * STEP * center)
    })
}

#[cfg(test)]
mod tests {
    use clientela_tables::{Date, PurchaseHistories};

    use super::super::report::CountModelChoice;
    use super::super::snapshot::Snapshot;
    use super::super::testing::{base, date, histories};
    use super::*;

    #[test]
    fn ends_are_the_smallest_values_that_reach_the_tails() {
        let draws: Vec<f64> = (1..=200).map(f64::from).collect();
        for (level, lower, upper) in [(0.9, 10.0, 190.0), (0.5, 50.0, 150.0), (0.95, 5.0, 195.0)] {
            assert_eq!(
                interval(&draws, level),
                Interval { lower, upper },
                "{level}"
            );
        }
        let mut mostly_zero = vec![0.0; 190];
        mostly_zero.extend(vec![7.0; 10]);
        assert_eq!(interval(&mostly_zero, 0.9).upper, 0.0);
        assert_eq!(interval(&mostly_zero, 0.92).upper, 7.0);
        let one = Interval {
            lower: 3.0,
            upper: 3.0,
        };
        assert_eq!(interval(&[3.0], 0.8), one);
    }

    /// Six hundred customers who buy as BG/NBD has it.
    fn some_shop() -> PurchaseHistories {
        let start = date("2024-06-30").days_since_epoch();
        let lines: Vec<Vec<String>> = (0..600_u32)
            .map(|customer| {
                let mut stream = RandomStream::new(3, "some shop", u64::from(customer));
                let (rate, leaves) = (stream.gamma(0.8) / 42.0, stream.beta(0.8, 2.5));
                let mut day = 150.0 * stream.uniform();
                let mut lines = Vec::new();
                while day < 365.0 {
                    let date = Date::from_days(start + day as i32).unwrap();
                    lines.push(format!("{date} {}", 5 + customer % 11));
                    let stays = lines.len() == 1 || stream.uniform() >= leaves;
                    let gap = stream.exponential() / rate.max(1e-6);
                    day += if stays { gap } else { f64::INFINITY };
                }
                lines
            })
            .collect();
        let borrowed: Vec<Vec<&str>> = lines
            .iter()
            .map(|lines| lines.iter().map(String::as_str).collect())
            .collect();
        let customers: Vec<(&str, &[&str])> = borrowed.iter().map(|l| ("c", &l[..])).collect();
        histories("2025-06-30", &customers)
    }

    #[test]
    fn straight_logarithms_are_close_to_expectations_computed_anew() {
        let (table, stop) = (some_shop(), StopToken::new());
        let snapshot = Snapshot::at(base(&table), base(&table).today(), &stop).unwrap();
        let model = Probabilistic::fit(&snapshot, CountModelChoice::Auto, true, &stop);
        let model = model.unwrap().expect("purchases");
        assert_eq!(model.count.not_identified, None);
        let n = snapshot.members().len();
        let request = Request {
            weeks: 26.0,
            season: 1.0,
            scale: &vec![1.0; n],
            groups: &vec![0; n],
            levels: &[0.8],
            total_spread: 0.0,
            actual: None,
            n_members_max: None,
            seed: 42,
        };
        let replicates = replicates(&model, &request);
        let expected = |is_exact: bool, state: &CustomerState| {
            let drawing = Drawing {
                model: &model,
                request: &request,
                replicates: &replicates,
                is_exact,
            };
            let expected = drawing.shared(state).expected;
            interval(&sorted(&expected, |&n| n), 0.8)
        };
        for state in snapshot.states().iter().step_by(10) {
            let [exact, straight] = [true, false].map(|is_exact| expected(is_exact, state));
            let close = |a: f64, b: f64| (a - b).abs() < 0.03 * exact.upper;
            assert!(close(exact.lower, straight.lower), "{exact:?} {straight:?}");
            assert!(close(exact.upper, straight.upper), "{exact:?} {straight:?}");
        }
    }

    #[test]
    fn a_value_that_is_often_drawn_has_a_transform_anywhere_within() {
        let draws = [0.0, 0.0, 0.0, 5.0];
        assert_eq!(
            [0.0, 0.5, 1.0].map(|u| transform(&draws, 0.0, u)),
            [0.0, 0.375, 0.75]
        );
        assert_eq!(transform(&draws, 1.0, 0.5), 0.75);
        assert_eq!(
            (transform(&draws, -1.0, 0.5), transform(&draws, 9.0, 0.5)),
            (0.0, 1.0)
        );
    }
}
