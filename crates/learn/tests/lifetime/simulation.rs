//! Customers with event times: the slow and obvious way, in continuous time.

use clientela_learn::lifetime::{CountFamily, CountModel, GammaGamma, History};
use clientela_numerics::RandomStream;

/// A customer up to the end of observation and what came in the weeks after it.
pub struct Simulated {
    pub history: History,
    /// Mean value of the repeat purchases; 0 where there are none.
    pub mean: f64,
    pub later_purchases: u32,
    pub later_value: f64,
}

pub const SPENDING: GammaGamma = GammaGamma {
    p: 6.25,
    q: 3.74,
    gamma: 15.44,
};

/// Parameters as on CDNOW.
pub fn truth(family: CountFamily) -> CountModel {
    let params = match family {
        CountFamily::BgNbd | CountFamily::MbgNbd => [0.243, 4.414, 0.793, 2.426],
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

/// Times of the repeat purchases up to `end`.
fn purchase_times(model: &CountModel, end: f64, stream: &mut RandomStream) -> Vec<f64> {
    let [r, alpha, a, b] = model.params;
    let rate = stream.gamma(r) / alpha;
    let (leaves_at, p) = match model.family {
        CountFamily::BgNbd | CountFamily::MbgNbd => (f64::INFINITY, stream.beta(a, b)),
        CountFamily::ParetoNbd => (stream.exponential() / (stream.gamma(a) / b), 0.0),
    };
    let mut times = Vec::new();
    let mut now = 0.0;
    let mut active = model.family != CountFamily::MbgNbd || stream.uniform() >= p;
    while active {
        now += stream.exponential() / rate;
        active = now < leaves_at.min(end);
        if active {
            times.push(now);
            active = stream.uniform() >= p;
        }
    }
    times
}

fn with_values(times: &[f64], t: f64, stream: &mut RandomStream) -> Simulated {
    let rate = stream.gamma(SPENDING.q) / SPENDING.gamma;
    let (earlier, later) = times.split_at(times.partition_point(|&time| time <= t));
    let mut value =
        |times: &[f64]| -> f64 { times.iter().map(|_| stream.gamma(SPENDING.p) / rate).sum() };
    let spent = value(earlier);
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
        later_purchases: later.len() as u32,
        later_value: value(later),
    }
}
