//! Draws of the members of one block, customer by customer.

use clientela_learn::lifetime::Predictive;
use clientela_numerics::{RandomStream, StopToken, Stopped};

use super::super::base::CustomerState;
use super::super::probabilistic::{Probabilistic, history};
use super::super::report::Interval;
use super::replicate::{REPLICATES, Replicate};
use super::same_history::{Expectations, SameHistory};
use super::spender::Spender;
use super::{Member, N_GROUPS, Request, interval};

/// Draws are kept so far below the largest double that their sums are finite.
const VALUE_MAX: f64 = 1e250;

/// What all blocks have in common.
pub struct Drawing<'d, 's, 'a> {
    /// The fitted models.
    pub model: &'d Probabilistic<'s, 'a>,
    /// What is drawn.
    pub request: &'d Request<'d>,
    /// The parameters of each replicate.
    pub replicates: &'d [Replicate],
    /// How expectations are found.
    pub expectations: Expectations,
}

/// Value and purchases of each group in one replicate.
pub type GroupTotals = [f64; 2 * N_GROUPS];

/// The draws of some members, one after the other.
pub struct DrawnBlock {
    /// Totals of the block, by replicate.
    pub totals: Vec<GroupTotals>,
    /// Of each member at each level.
    pub prediction: Vec<Vec<Interval>>,
    /// Of each member at the first level.
    pub expectation: Vec<Interval>,
    /// Of each member.
    pub probability_zero: Vec<f64>,
    /// Of each member, where it is known what came.
    pub transforms: Vec<f64>,
}

impl Drawing<'_, '_, '_> {
    /// Draws members that stand in canonical order.
    ///
    /// # Errors
    /// [`Stopped`] when the stop token is set.
    pub fn block(&self, members: &[Member], stop: &StopToken) -> Result<DrawnBlock, Stopped> {
        let mut block = DrawnBlock {
            totals: vec![[0.0; 2 * N_GROUPS]; REPLICATES],
            prediction: Vec::with_capacity(members.len()),
            expectation: Vec::with_capacity(members.len()),
            probability_zero: Vec::with_capacity(members.len()),
            transforms: Vec::new(),
        };
        let states = self.model.snapshot.states();
        for alike in members.chunk_by(|_, next| !next.is_first) {
            let shared = self.shared(&states[alike[0].at as usize]);
            for member in alike {
                stop.poll()?;
                self.member(member, &shared, &mut block);
            }
        }
        Ok(block)
    }

    fn shared(&self, state: &CustomerState) -> SameHistory {
        let history = history(self.model.snapshot, state);
        let mut shared = SameHistory::new(
            &self.model.count.fit.model,
            self.replicates,
            self.expectations,
            history,
            self.request.weeks,
        );
        if self.is_open(shared.probability_zero) {
            shared.draw_given_any(self.replicates, history, self.request.seed);
        }
        shared
    }

    /// Whether anything asked about a distribution is not known from its probability of zero.
    fn is_open(&self, probability_zero: f64) -> bool {
        let reaches_further = |level: &f64| probability_zero <= 1.0 - (1.0 - level) / 2.0;
        self.request.actual.is_some() || self.request.levels.iter().any(reaches_further)
    }

    fn member(&self, member: &Member, shared: &SameHistory, block: &mut DrawnBlock) {
        let mut stream = RandomStream::new(self.request.seed, "clv draws", member.place);
        let customer = Customer {
            drawing: self,
            shared,
            spender: Spender::of(
                self.model,
                &self.model.snapshot.states()[member.at as usize],
            ),
            member,
        };
        customer.add_to_totals(&mut block.totals, &mut stream);
        let predictive = customer.predictive();
        let levels = self.request.levels.iter();
        let at = |&level: &f64| {
            let tail = (1.0 - level) / 2.0;
            Interval {
                lower: predictive.quantile(tail),
                upper: predictive.quantile(1.0 - tail),
            }
        };
        block.prediction.push(levels.map(at).collect());
        if let Some(actual) = self.request.actual {
            let transform = predictive.transform(actual[member.at as usize], stream.uniform());
            block.transforms.push(transform);
        }
        block.expectation.push(customer.expectation());
        block.probability_zero.push(shared.probability_zero);
    }
}

/// One member.
struct Customer<'c, 'd, 's, 'a> {
    drawing: &'c Drawing<'d, 's, 'a>,
    shared: &'c SameHistory,
    spender: Spender,
    member: &'c Member,
}

impl Customer<'_, '_, '_, '_> {
    /// Adds what comes of the member in each replicate, independently of all other members.
    ///
    /// The draws of a history are those of its first member; the others have their own.
    fn add_to_totals(&self, totals: &mut [GroupTotals], stream: &mut RandomStream) {
        let request = self.drawing.request;
        let group = 2 * usize::from(request.groups[self.member.at as usize]);
        let of_history = self.shared.given_any.as_ref();
        let of_history = of_history.filter(|_| self.member.is_first);
        let rows = self.shared.ahead.iter().zip(self.drawing.replicates);
        for (at, ((ahead, replicate), totals)) in rows.zip(totals).enumerate() {
            if stream.uniform() >= ahead.probability_of_any() {
                continue;
            }
            let own;
            let purchases = match of_history {
                Some(of_history) => &of_history[at],
                None => {
                    own = replicate.purchases_given_any(ahead, self.spender.x(), stream);
                    &own
                }
            };
            totals[group] += self.scaled(self.spender.value(replicate, purchases));
            totals[group + 1] += request.season * f64::from(purchases.n);
        }
    }

    /// What the member will bring.
    fn predictive(&self) -> Predictive {
        let mut points = Vec::with_capacity(REPLICATES + 1);
        if let Some(given_any) = &self.shared.given_any {
            let rows = given_any.iter().zip(&self.shared.ahead);
            points.extend(rows.zip(self.drawing.replicates).map(
                |((purchases, ahead), replicate)| {
                    let value = self.scaled(self.spender.value(replicate, purchases));
                    (value, ahead.probability_of_any() / REPLICATES as f64)
                },
            ));
        }
        Predictive::new(self.shared.probability_zero, points)
    }

    /// Where the expectation lies at the first level.
    fn expectation(&self) -> Interval {
        let rows = self.shared.expected.iter().zip(self.drawing.replicates);
        let mean = |(purchases, replicate): (&f64, &Replicate)| {
            self.scaled(purchases * self.spender.mean(replicate))
        };
        let mut means: Vec<f64> = rows.map(mean).collect();
        means.sort_unstable_by(f64::total_cmp);
        interval(&means, self.drawing.request.levels[0])
    }

    /// A value of the models as the member's.
    fn scaled(&self, value: f64) -> f64 {
        let scale = self.drawing.request.scale[self.member.at as usize];
        (scale * value).clamp(-VALUE_MAX, VALUE_MAX)
    }
}
