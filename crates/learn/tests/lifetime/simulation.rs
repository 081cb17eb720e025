//! Customers with event times: the slow and obvious way, in continuous time.

use clientela_learn::lifetime::{
    CountFamily, CountFit, CountModel, GammaGamma, GammaGammaFit, Histories, History, Spending,
    fit_counts, fit_spending,
};
use clientela_numerics::{RandomStream, StopToken};

/// The families of count models.
pub const FAMILIES: [CountFamily; 3] = [
    CountFamily::BgNbd,
    CountFamily::MbgNbd,
    CountFamily::ParetoNbd,
];

/// A customer up to the end of observation and what came after it.
pub struct Simulated {
    pub history: History,
    /// Mean value of the repeat purchases; 0 where there are none.
    pub mean: f64,
    /// Weeks after the end of observation, and values, of later purchases.
    later: Vec<(f64, f64)>,
}

impl Simulated {
    /// Purchases and value in the first `weeks` after the end of observation.
    pub fn came(&self, weeks: f64) -> [f64; 2] {
        let came = self.later.iter().filter(|(week, _)| *week <= weeks);
        came.fold([0.0; 2], |[n, value], (_, spent)| [n + 1.0, value + spent])
    }
}

pub const SPENDING: GammaGamma = GammaGamma {
    p: 6.25,
    q: 3.74,
    gamma: 15.44,
};

/// Parameters as on CDNOW, where each family has its own.
pub fn truth(family: CountFamily) -> CountModel {
    let params = match family {
        CountFamily::BgNbd => [0.243, 4.414, 0.793, 2.426],
        CountFamily::MbgNbd => [0.525, 6.183, 0.891, 1.614],
        CountFamily::ParetoNbd => [0.553, 10.578, 0.606, 11.669],
    };
    CountModel { family, params }
}

/// First purchases spread over twelve weeks, observed for 27 to 39 weeks after them, and then for `weeks` more.
pub fn simulate(
    model: &CountModel,
    n_customers: usize,
    weeks: f64,
    stream: &mut RandomStream,
) -> Vec<Simulated> {
    (0..n_customers)
        .map(|_| {
            let t = 27.0 + 12.0 * stream.uniform();
            let times = purchase_times(model, t + weeks, stream);
            with_values(&times, t, stream)
        })
        .collect()
}

/// What sets one customer apart from others: how often they buy while active, and how they leave.
struct Habits {
    rate: f64,
    /// Leaves after a purchase with this probability.
    leaves: f64,
    /// Leaves at any time with this rate.
    leaving_rate: f64,
}

impl Habits {
    fn draw(model: &CountModel, stream: &mut RandomStream) -> Self {
        let [r, alpha, a, b] = model.params;
        let rate = stream.gamma(r) / alpha;
        let (leaves, leaving_rate) = match model.family {
            CountFamily::BgNbd | CountFamily::MbgNbd => (stream.beta(a, b), 0.0),
            CountFamily::ParetoNbd => (0.0, stream.gamma(a) / b),
        };
        Self {
            rate,
            leaves,
            leaving_rate,
        }
    }

    /// Purchases of an active customer from now until `end`, one after the other.
    fn purchase_times(&self, end: f64, stream: &mut RandomStream) -> Vec<f64> {
        let leaves_at = stream.exponential() / self.leaving_rate;
        let mut times = Vec::new();
        let mut now = stream.exponential() / self.rate;
        while now < leaves_at.min(end) {
            times.push(now);
            let stays = stream.uniform() >= self.leaves;
            let gap = stream.exponential() / self.rate;
            now += if stays { gap } else { f64::INFINITY };
        }
        times
    }

    /// How likely a customer with these habits has the history and is still active, and how likely has it and has left.
    ///
    /// Source: Fader, Hardie, Lee (2005), equation 3; Batislam, Denizel, Filiztekin (2007), section 2; Schmittlein,
    /// Morrison, Colombo (1987), section 4.
    fn likelihood(&self, family: CountFamily, history: History) -> (f64, f64) {
        let (x, History { t_x, t, .. }) = (f64::from(history.x), history);
        let (stays, leaves) = (1.0 - self.leaves, self.leaves);
        let buys = self.rate.powf(x);
        let silent = |weeks: f64| (-self.rate * weeks).exp();
        match family {
            CountFamily::BgNbd if history.x == 0 => (silent(t), 0.0),
            CountFamily::BgNbd => (
                stays.powf(x) * buys * silent(t),
                leaves * stays.powf(x - 1.0) * buys * silent(t_x),
            ),
            CountFamily::MbgNbd => (
                stays.powf(x + 1.0) * buys * silent(t),
                leaves * stays.powf(x) * buys * silent(t_x),
            ),
            CountFamily::ParetoNbd => {
                let both = self.rate + self.leaving_rate;
                let nothing = |weeks: f64| (-both * weeks).exp();
                let left = self.leaving_rate / both * (nothing(t_x) - nothing(t));
                (buys * nothing(t), buys * left)
            }
        }
    }
}

/// Times of the repeat purchases of a new customer up to `end`.
fn purchase_times(model: &CountModel, end: f64, stream: &mut RandomStream) -> Vec<f64> {
    let habits = Habits::draw(model, stream);
    // Only MBG/NBD lets customers leave at once.
    if model.family == CountFamily::MbgNbd && stream.uniform() < habits.leaves {
        return Vec::new();
    }
    habits.purchase_times(end, stream)
}

/// What a customer with a known history may do in the weeks after it.
pub struct Future {
    /// How likely the habits behind it are to have led to the history.
    pub weight: f64,
    pub purchases: u32,
}

/// Futures of a customer with a known history: habits are drawn as those of any customer and weighted by the likelihood of
/// the history, and purchases follow one after the other.
pub fn futures(
    model: &CountModel,
    history: History,
    weeks: f64,
    n: usize,
    stream: &mut RandomStream,
) -> Vec<Future> {
    let future = |_| {
        let habits = Habits::draw(model, stream);
        let (active, left) = habits.likelihood(model.family, history);
        let is_active = stream.uniform() * (active + left) < active;
        let purchases = if is_active {
            habits.purchase_times(weeks, stream).len()
        } else {
            0
        };
        Future {
            weight: active + left,
            purchases: purchases as u32,
        }
    };
    (0..n).map(future).collect()
}

/// Rates ν of spending of a customer with a mean of `mean` over `x` purchases, equally likely: rates are drawn as those of
/// any customer, and from these with their likelihood ν^(p x) e^(−ν x mean).
pub fn spending_rates(x: u32, mean: f64, n: usize, stream: &mut RandomStream) -> Vec<f64> {
    const N_CANDIDATES: usize = 400_000;
    let candidates: Vec<f64> = (0..N_CANDIDATES)
        .map(|_| stream.gamma(SPENDING.q) / SPENDING.gamma)
        .collect();
    let x = f64::from(x);
    let mut reached = 0.0;
    let cumulated: Vec<f64> = candidates
        .iter()
        .map(|rate| {
            reached += (SPENDING.p * x * rate.ln() - rate * x * mean).exp();
            reached
        })
        .collect();
    let draw = |_| {
        let target = stream.uniform() * reached;
        candidates[cumulated.partition_point(|&reached| reached <= target)]
    };
    (0..n).map(draw).collect()
}

fn with_values(times: &[f64], t: f64, stream: &mut RandomStream) -> Simulated {
    let rate = stream.gamma(SPENDING.q) / SPENDING.gamma;
    let (earlier, later) = times.split_at(times.partition_point(|&time| time <= t));
    let mut spend = || stream.gamma(SPENDING.p) / rate;
    let spent: f64 = earlier.iter().map(|_| spend()).sum();
    Simulated {
        history: History {
            x: earlier.len() as u32,
            t_x: earlier.last().copied().unwrap_or(0.0),
            t,
        },
        mean: if earlier.is_empty() {
            0.0
        } else {
            spent / earlier.len() as f64
        },
        later: later.iter().map(|time| (time - t, spend())).collect(),
    }
}

/// Both models, fitted to what is known of the customers.
pub fn fits(family: CountFamily, customers: &[Simulated]) -> (CountFit, GammaGammaFit) {
    let stop = StopToken::new();
    let histories: Vec<History> = customers.iter().map(|customer| customer.history).collect();
    let histories = Histories::new(&histories, &stop).expect("not stopped");
    let spendings: Vec<Spending> = customers
        .iter()
        .filter(|customer| customer.history.x > 0)
        .map(|customer| Spending {
            x: customer.history.x,
            mean: customer.mean,
        })
        .collect();
    (
        fit_counts(family, &histories, None, &stop).expect("a fit"),
        fit_spending(&spendings, None, &stop).expect("a fit"),
    )
}
