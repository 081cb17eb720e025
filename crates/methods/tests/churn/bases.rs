//! Bases of customers to learn from.

use clientela_methods::churn::{Evidence, RiskOptions, RiskReport, risk};
use clientela_numerics::{RandomStream, StopToken};
use clientela_tables::{Cell, CustomerTraits, CustomerTraitsBuilder, Date};

use crate::reasons::check_reasons;

/// A row on its way into a table.
#[derive(Clone, Default)]
pub struct Row {
    pub id: String,
    pub date: Option<Date>,
    pub churned: Option<bool>,
    pub cells: Vec<(&'static str, Value)>,
}

#[derive(Clone, PartialEq)]
pub enum Value {
    Missing,
    Number(f64),
    Boolean(bool),
    Text(String),
}

impl Row {
    /// The same row with one more value.
    pub fn with(mut self, name: &'static str, value: Value) -> Self {
        self.cells.push((name, value));
        self
    }

    /// The same row with another value in place of the present one.
    pub fn but(mut self, name: &str, value: Value) -> Self {
        let cell = self.cells.iter_mut().find(|cell| cell.0 == name);
        cell.expect("a cell of this name").1 = value;
        self
    }
}

pub fn text(word: &str) -> Value {
    Value::Text(word.to_owned())
}

pub fn table(rows: &[Row]) -> CustomerTraits {
    let mut builder = CustomerTraitsBuilder::new();
    for row in rows {
        for (name, value) in &row.cells {
            let column = builder.column(name);
            let cell = match value {
                Value::Missing => Cell::Missing,
                Value::Number(number) => Cell::Number(*number),
                Value::Boolean(yes) => Cell::Boolean(*yes),
                Value::Text(text) => Cell::Text(text),
            };
            builder.set(column, cell);
        }
        builder.finish_row(row.date, row.churned, None);
    }
    builder.finish(rows.iter().map(|row| &row.id).collect())
}

pub fn risk_of(rows: &[Row]) -> RiskReport {
    risk_with(rows, &RiskOptions::default())
}

pub fn risk_with(rows: &[Row], options: &RiskOptions) -> RiskReport {
    let table = table(rows);
    let report = risk(&table, options, &StopToken::new()).expect("nobody asks to stop");
    check_sound(&report, rows.len());
    check_reasons(&table, &report);
    report
}

pub fn evidence_of(report: &RiskReport) -> &Evidence {
    report.evidence.as_ref().expect("models that were tested")
}

/// What holds of every report.
fn check_sound(report: &RiskReport, n_rows: usize) {
    assert_eq!(report.customers.len(), n_rows);
    for customer in &report.customers {
        let figures = [
            customer.log_odds,
            customer.calibrated_log_odds,
            customer.score,
            customer.lift,
        ];
        assert!(
            figures.iter().all(|figure| figure.is_finite()),
            "{customer:?}"
        );
        assert!(customer.probability > 0.0 && customer.probability < 1.0);
        assert!(customer.percentile > 0.0 && customer.percentile < 1.0);
    }
}

/// Customers with the five documented columns: risks rise and fall with all of them, two go together, one has a step.
pub fn customers(n: usize, seed: u64) -> Vec<Row> {
    let mut stream = RandomStream::new(seed, "churn test", 0);
    (0..n).map(|number| customer(number, &mut stream)).collect()
}

fn customer(number: usize, stream: &mut RandomStream) -> Row {
    let tenure = (30.0 * 14.0 * stream.gamma(2.0)).min(3600.0).round();
    let usage = 6.0 * stream.gamma(1.5);
    let u = stream.uniform();
    let tickets = stream.poisson(0.6 + 4.8 * u * u * u) as f64;
    let nps = (60.0 - 12.0 * tickets + 40.0 * stream.normal()).round();
    let payments = stream.poisson(if usage < 3.0 { 0.8 } else { 0.3 }) as f64;
    let step = |holds: bool| f64::from(u8::from(holds));
    let z = -0.9 - 0.001 * tenure - 0.09 * usage + 0.35 * tickets - 0.01 * nps
        + 0.6 * payments
        + 0.8 * step(tickets >= 3.0 && nps <= 20.0);
    let churned = stream.uniform() < 1.0 / (1.0 + (-z).exp());
    Row {
        id: format!("c{number}"),
        date: None,
        churned: Some(churned),
        cells: vec![
            ("tenure", Value::Number(tenure)),
            ("usage_frequency", Value::Number(usage)),
            ("service_tickets", Value::Number(tickets)),
            ("nps", Value::Number(nps.clamp(-100.0, 100.0))),
            ("payment_events", Value::Number(payments)),
        ],
    }
}

/// As [`customers`], of which exactly so many churned: the first of each class.
pub fn customers_by_class(n_churned: usize, n_others: usize, seed: u64) -> Vec<Row> {
    let all = customers(20 * (n_churned + n_others) + 200, seed);
    let of_class = |class: bool, n: usize| {
        let rows = all
            .iter()
            .filter(move |row| row.churned == Some(class))
            .take(n);
        let rows: Vec<Row> = rows.cloned().collect();
        assert_eq!(rows.len(), n, "enough of both classes");
        rows
    };
    let mut rows = of_class(true, n_churned);
    rows.extend(of_class(false, n_others));
    rows
}
