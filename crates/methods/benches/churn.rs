//! Churn risk from a table to tested, calibrated probabilities, all rows labelled; the tables are built outside the timing.

use clientela_methods::churn::{RiskOptions, RiskReport, risk};
use clientela_numerics::{RandomStream, StopToken};
use clientela_tables::{Cell, CustomerTraits, CustomerTraitsBuilder, Ids};
use divan::Bencher;

const SIZES: [usize; 4] = [500, 5_000, 50_000, 250_000];
const NAMES: [&str; 5] = [
    "tenure",
    "usage_frequency",
    "service_tickets",
    "nps",
    "payment_events",
];

fn main() {
    divan::main();
}

/// Three families, five folds and the model of all rows.
#[divan::bench(args = SIZES, sample_count = 5)]
fn risks(bencher: Bencher<'_, '_>, n_rows: usize) {
    let table = churn(n_rows);
    bencher.bench(|| risks_of(&table));
}

fn risks_of(table: &CustomerTraits) -> RiskReport {
    let options = RiskOptions {
        keep_model: true,
        ..RiskOptions::default()
    };
    risk(table, &options, &StopToken::new()).expect("nobody asks to stop")
}

/// The documented columns; two of them have as many values as rows.
fn churn(n_rows: usize) -> CustomerTraits {
    let mut stream = RandomStream::new(42, "bench churn", 0);
    let mut builder = CustomerTraitsBuilder::new();
    let columns = NAMES.map(|name| builder.column(name));
    for _ in 0..n_rows {
        let tenure = (14.0 * stream.gamma(2.0)).min(120.0);
        let usage = 6.0 * stream.gamma(1.5);
        let complains = 4.8 * stream.uniform().powi(3);
        let tickets = stream.poisson(0.6 + complains) as f64;
        let score = (8.0 - 0.6 * tickets + 2.0 * stream.normal()).round();
        let score = score.clamp(0.0, 10.0);
        let failed = stream.poisson(if usage < 3.0 { 0.8 } else { 0.3 }) as f64;
        let yes = |holds: bool| f64::from(u8::from(holds));
        let log_odds = -1.1 - 0.03 * tenure - 0.09 * usage + 0.35 * tickets - 0.18 * (score - 6.0)
            + 0.6 * failed
            + 0.8 * yes(tickets >= 3.0 && score <= 5.0)
            - 0.5 * yes(tenure > 36.0 && usage > 10.0);
        let values = [tenure, usage, tickets, score, failed];
        for (&column, value) in columns.iter().zip(values) {
            builder.set(column, Cell::Number(value));
        }
        let churned = stream.uniform() < 1.0 / (1.0 + libm::exp(-log_odds));
        builder.finish_row(None, Some(churned), None);
    }
    let ids: Ids = (0..n_rows).map(|row| row.to_string()).collect();
    builder.finish(ids)
}
