//! Reasons for churn risks and what would change them; tables, models and risks are made outside the timing.

use std::sync::OnceLock;

use clientela_methods::churn::{
    ActionDirection, Actionable, Attributions, ChangeGoal, ColumnValues, RiskOptions, RiskReport,
    attributions, changes, drivers, factors, risk,
};
use clientela_numerics::{RandomStream, StopToken};
use clientela_tables::{Cell, CustomerTraits, CustomerTraitsBuilder, Ids};
use divan::Bencher;

const SIZES: [usize; 2] = [5_000, 250_000];

fn main() {
    divan::main();
}

/// A base with its risks.
struct Base {
    table: CustomerTraits,
    report: RiskReport,
    attributions: Attributions,
}

fn base(n_rows: usize) -> &'static Base {
    static BASES: [OnceLock<Base>; 2] = [const { OnceLock::new() }; 2];
    BASES[usize::from(n_rows == SIZES[1])].get_or_init(|| {
        let (table, stop) = (churn(n_rows), StopToken::new());
        let report = risk(&table, &RiskOptions::default(), &stop).expect("not stopped");
        let attributions = attributions(&table, &report, &stop).expect("not stopped");
        Base {
            table,
            report,
            attributions,
        }
    })
}

#[divan::bench(args = SIZES, sample_count = 5)]
fn attributions_of_all_rows(bencher: Bencher<'_, '_>, n_rows: usize) {
    let base = base(n_rows);
    bencher.bench(|| attributions(&base.table, &base.report, &StopToken::new()));
}

#[divan::bench(args = SIZES, sample_count = 5)]
fn values_of_all_columns(bencher: Bencher<'_, '_>, n_rows: usize) {
    let base = base(n_rows);
    bencher.bench(|| ColumnValues::of(&base.table, &base.report, &StopToken::new()));
}

#[divan::bench(args = SIZES, sample_count = 5)]
fn factors_of_all_rows(bencher: Bencher<'_, '_>, n_rows: usize) {
    let base = base(n_rows);
    let values = ColumnValues::of(&base.table, &base.report, &StopToken::new());
    let values = values.expect("not stopped");
    bencher.bench(|| factors(&values, &base.report, &base.attributions, 3));
}

#[divan::bench(args = SIZES, sample_count = 5)]
fn drivers_of_the_base(bencher: Bencher<'_, '_>, n_rows: usize) {
    let base = base(n_rows);
    let stop = StopToken::new();
    let values = ColumnValues::of(&base.table, &base.report, &stop).expect("not stopped");
    bencher.bench(|| drivers(&values, &base.report, &base.attributions, &stop));
}

#[divan::bench(args = SIZES, sample_count = 2)]
fn changes_of_rows_at_risk(bencher: Bencher<'_, '_>, n_rows: usize) {
    let base = base(n_rows);
    let stop = StopToken::new();
    let values = ColumnValues::of(&base.table, &base.report, &stop).expect("not stopped");
    let action = |column: &str, direction| Actionable {
        column: column.to_owned(),
        direction,
    };
    let actions = [
        action("usage_frequency", ActionDirection::Increase),
        action("service_tickets", ActionDirection::Decrease),
        action("nps", ActionDirection::Increase),
    ];
    bencher.bench(|| changes(&values, &base.report, &actions, ChangeGoal::NextBand, &stop));
}

/// Trees of twenty columns that may all be changed: what the limits of the search allow.
#[divan::bench(sample_count = 2)]
fn changes_of_many_columns(bencher: Bencher<'_, '_>) {
    let (table, stop) = (tangled(5_000), StopToken::new());
    let report = risk(&table, &RiskOptions::default(), &stop).expect("not stopped");
    let values = ColumnValues::of(&table, &report, &stop).expect("not stopped");
    let actions: Vec<Actionable> = table
        .columns()
        .iter()
        .map(|column| Actionable {
            column: column.name.clone(),
            direction: ActionDirection::Either,
        })
        .collect();
    bencher.bench(|| changes(&values, &report, &actions, ChangeGoal::NextBand, &stop));
}

/// Twenty columns of numbers, five of which count in twos and threes.
fn tangled(n_rows: usize) -> CustomerTraits {
    let mut stream = RandomStream::new(43, "bench reasons", 0);
    let mut builder = CustomerTraitsBuilder::new();
    let columns: Vec<_> = (0..20).map(|k| builder.column(&format!("x{k}"))).collect();
    let sign = |value: f64| if value > 0.0 { 1.0 } else { -1.0 };
    for _ in 0..n_rows {
        let x: Vec<f64> = columns.iter().map(|_| stream.normal()).collect();
        for (&column, &value) in columns.iter().zip(&x) {
            builder.set(column, Cell::Number(value));
        }
        let log_odds = 0.2 + 1.2 * sign(x[0] * x[1]) + 0.8 * sign(x[2] * x[3] * x[4]);
        let churned = stream.uniform() < 1.0 / (1.0 + libm::exp(-log_odds));
        builder.finish_row(None, Some(churned), None);
    }
    let ids: Ids = (0..n_rows).map(|row| row.to_string()).collect();
    builder.finish(ids)
}

/// The documented columns; two of them have as many values as rows.
fn churn(n_rows: usize) -> CustomerTraits {
    let mut stream = RandomStream::new(42, "bench reasons", 0);
    let mut builder = CustomerTraitsBuilder::new();
    let names = [
        "tenure",
        "usage_frequency",
        "service_tickets",
        "nps",
        "payment_events",
    ];
    let columns = names.map(|name| builder.column(name));
    for _ in 0..n_rows {
        let tenure = (400.0 * stream.gamma(2.0)).min(3600.0);
        let usage = 6.0 * stream.gamma(1.5);
        let complains = 4.8 * stream.uniform().powi(3);
        let tickets = stream.poisson(0.6 + complains) as f64;
        let nps = (50.0 - 12.0 * tickets + 40.0 * stream.normal()).round();
        let nps = nps.clamp(-100.0, 100.0);
        let failed = stream.poisson(if usage < 3.0 { 0.8 } else { 0.3 }) as f64;
        let yes = |holds: bool| f64::from(u8::from(holds));
        let log_odds = -1.1 - 0.001 * tenure - 0.09 * usage + 0.35 * tickets - 0.01 * nps
            + 0.6 * failed
            + 0.8 * yes(tickets >= 3.0 && nps <= 0.0)
            - 0.5 * yes(tenure > 1000.0 && usage > 10.0);
        let values = [tenure, usage, tickets, nps, failed];
        for (&column, value) in columns.iter().zip(values) {
            builder.set(column, Cell::Number(value));
        }
        let churned = stream.uniform() < 1.0 / (1.0 + libm::exp(-log_odds));
        builder.finish_row(None, Some(churned), None);
    }
    let ids: Ids = (0..n_rows).map(|row| row.to_string()).collect();
    builder.finish(ids)
}
