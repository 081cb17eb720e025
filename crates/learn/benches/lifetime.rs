//! Lifetime value of a million customers: compression, both fits, P(alive) and twelve months of value; data built outside the timing.
//!
//! Customers are drawn as the peer's generator draws them: CDNOW parameters, first purchases in the first twelve of 78 weeks.

use clientela_learn::lifetime::{
    CountFamily, CountFit, GammaGammaFit, Histories, History, Spending, draw_parameters,
    draw_spending_parameters, fit_counts, fit_spending,
};
use clientela_numerics::{RandomStream, StopToken};
use divan::Bencher;

const N_CUSTOMERS: usize = 1_000_000;
const WEEKS: f64 = 78.0;

fn main() {
    divan::main();
}

/// The time of a purchase: to the day, or as it is.
#[derive(Clone, Copy, Debug)]
enum Clock {
    Days,
    Continuous,
}

impl Clock {
    fn read(self, week: f64) -> f64 {
        match self {
            Self::Days => (week * 7.0).floor() / 7.0,
            Self::Continuous => week,
        }
    }
}

struct Base {
    histories: Vec<History>,
    /// Of repeat buyers; 0 for the others.
    means: Vec<f64>,
}

fn base(clock: Clock, n_customers: usize) -> Base {
    let mut stream = RandomStream::new(1, "bench lifetime", 0);
    let mut base = Base {
        histories: Vec::new(),
        means: Vec::new(),
    };
    for _ in 0..n_customers {
        let (history, mean) = customer(clock, &mut stream);
        base.histories.push(history);
        base.means.push(mean);
    }
    base
}

fn customer(clock: Clock, stream: &mut RandomStream) -> (History, f64) {
    let rate = stream.gamma(0.243) / 4.414;
    let p = stream.beta(0.793, 2.426);
    let spending_rate = stream.gamma(3.74) / 15.44;
    let mut now = 12.0 * stream.uniform();
    let first = clock.read(now);
    let (mut x, mut last, mut spent) = (0, first, 0.0);
    loop {
        now += stream.exponential() / rate;
        if now >= WEEKS {
            break;
        }
        let day = clock.read(now);
        x += u32::from(day > last);
        spent += if day > first {
            stream.gamma(6.25) / spending_rate
        } else {
            0.0
        };
        last = day;
        if stream.uniform() < p {
            break;
        }
    }
    let mean = if x > 0 {
        (spent / f64::from(x)).max(0.01)
    } else {
        0.0
    };
    (
        History {
            x,
            t_x: last - first,
            t: WEEKS - first,
        },
        mean,
    )
}

fn spendings(base: &Base) -> Vec<Spending> {
    let rows = base.histories.iter().zip(&base.means);
    rows.filter(|(history, _)| history.x > 0)
        .map(|(history, &mean)| Spending { x: history.x, mean })
        .collect()
}

fn compress(base: &Base) -> Histories {
    Histories::new(&base.histories, &StopToken::new()).expect("not stopped")
}

fn fits(base: &Base) -> (Histories, CountFit, GammaGammaFit) {
    let stop = StopToken::new();
    let histories = compress(base);
    let counts = fit_counts(CountFamily::BgNbd, &histories, None, &stop).expect("a fit");
    let spending = fit_spending(&spendings(base), None, &stop).expect("a fit");
    (histories, counts, spending)
}

/// P(alive) and the value of the next 52 weeks, added up.
fn everything(base: &Base) -> (f64, f64) {
    let stop = StopToken::new();
    let (histories, counts, spending) = fits(base);
    let alive = counts
        .model
        .probability_alive_of_all(&histories, &stop)
        .expect("runs");
    let purchases = counts
        .model
        .expected_purchases_of_all(&histories, 52.0, &stop)
        .expect("runs");
    let value: f64 = purchases
        .iter()
        .zip(base.histories.iter().zip(&base.means))
        .map(|(purchases, (history, &mean))| {
            purchases * spending.model.expected_mean(history.x, mean).unwrap_or(0.0)
        })
        .sum();
    (alive.iter().sum(), value)
}

const CLOCKS: [Clock; 2] = [Clock::Days, Clock::Continuous];

#[divan::bench(args = CLOCKS, sample_count = 5)]
fn a_million_compressed(bencher: Bencher<'_, '_>, clock: Clock) {
    let base = base(clock, N_CUSTOMERS);
    bencher.bench(|| compress(&base));
}

#[divan::bench(args = CLOCKS, sample_count = 5)]
fn a_million_compressed_and_fitted(bencher: Bencher<'_, '_>, clock: Clock) {
    let base = base(clock, N_CUSTOMERS);
    bencher.bench(|| fits(&base));
}

#[divan::bench(args = CLOCKS, sample_count = 5)]
fn a_million_with_everything(bencher: Bencher<'_, '_>, clock: Clock) {
    let base = base(clock, N_CUSTOMERS);
    bencher.bench(|| everything(&base));
}

#[divan::bench(args = [CountFamily::BgNbd, CountFamily::MbgNbd, CountFamily::ParetoNbd], sample_count = 3)]
fn count_fit_of_100_000_without_ties(bencher: Bencher<'_, '_>, family: CountFamily) {
    let histories = compress(&base(Clock::Continuous, 100_000));
    bencher.bench(|| fit_counts(family, &histories, None, &StopToken::new()));
}

/// Purchases and value of everybody with parameters of their own, as often as an interval takes them on one thread.
#[divan::bench(sample_count = 3)]
fn ten_joint_draws_of_100_000(bencher: Bencher<'_, '_>) {
    let base = base(Clock::Days, 100_000);
    let (_, counts, spending) = fits(&base);
    bencher.bench(|| {
        let mut stream = RandomStream::new(1, "bench draws", 0);
        let mut total = 0.0;
        for _ in 0..10 {
            let model = draw_parameters(&counts, &mut stream);
            let spending = draw_spending_parameters(&spending, &mut stream);
            for (&history, &mean) in base.histories.iter().zip(&base.means) {
                let purchases = model.outlook(history).draw_purchases(52.0, &mut stream);
                total += spending.draw_value(history.x, mean, purchases, &mut stream);
            }
        }
        total
    });
}
