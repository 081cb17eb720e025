//! The request of `churn_risk`, written as JSON.

use std::io::{self, BufWriter, Write};

use clientela_tables::Date;
use serde_json::Value;

use super::values::{Column, TenureUnit, Values};

/// Customers as a body for `churn_risk`, ready to be written.
#[derive(Debug)]
pub struct CustomersRequest {
    pub(super) ids: Vec<String>,
    pub(super) dates: Option<Vec<Option<Date>>>,
    pub(super) outcomes: Option<Vec<Option<bool>>>,
    /// The name of the column with what customers are worth.
    pub(super) value: Option<String>,
    /// The place of the column with the tenure.
    pub(super) tenure: Option<usize>,
    pub(super) tenure_unit: TenureUnit,
    pub(super) columns: Vec<Column>,
}

impl CustomersRequest {
    /// Rows of the request.
    #[must_use]
    pub fn n_rows(&self) -> usize {
        self.ids.len()
    }

    /// Writes the body, a row a line. What is missing has no key.
    ///
    /// # Errors
    /// What `out` returns.
    pub fn write_json<W: Write>(&self, out: W) -> io::Result<()> {
        let mut out = BufWriter::with_capacity(1 << 16, out);
        out.write_all(b"{")?;
        if let Some(value) = &self.value {
            write!(out, "\"value_column\":{},", quoted(value))?;
        }
        out.write_all(b"\"data\":[")?;
        let names: Vec<String> = self
            .columns
            .iter()
            .map(|column| quoted(self.name(column)))
            .collect();
        for row in 0..self.n_rows() {
            out.write_all(if row == 0 { b"\n" } else { b",\n" })?;
            self.write_row(&mut out, row, &names)?;
        }
        out.write_all(b"\n]}\n")?;
        out.flush()
    }

    /// The route knows one column by its name.
    fn name<'a>(&self, column: &'a Column) -> &'a str {
        if Some(column.place) == self.tenure {
            super::TENURE
        } else {
            &column.name
        }
    }

    /// A tenure in days, whole ones where another unit was counted.
    fn days(&self, tenure: f64) -> f64 {
        match self.tenure_unit {
            TenureUnit::Days => tenure,
            unit => (tenure * unit.days()).round(),
        }
    }

    fn write_row<W: Write>(&self, out: &mut W, row: usize, names: &[String]) -> io::Result<()> {
        write!(out, "{{\"customer_id\":{}", quoted(&self.ids[row]))?;
        if let Some(date) = self.dates.as_ref().and_then(|dates| dates[row]) {
            write!(out, ",\"snapshot_date\":\"{date}\"")?;
        }
        for (column, name) in self.columns.iter().zip(names) {
            match &column.values {
                Values::Numbers(values) => {
                    if let Some(value) = values[row] {
                        let is_tenure = Some(column.place) == self.tenure;
                        let value = if is_tenure { self.days(value) } else { value };
                        write!(out, ",{name}:{value}")?;
                    }
                }
                Values::Booleans(values) => {
                    if let Some(value) = values[row] {
                        write!(out, ",{name}:{value}")?;
                    }
                }
                Values::Words(values) => {
                    if let Some(value) = &values[row] {
                        write!(out, ",{name}:{}", quoted(value))?;
                    }
                }
            }
        }
        if let Some(churned) = self.outcomes.as_ref().and_then(|outcomes| outcomes[row]) {
            write!(out, ",\"churned\":{}", u8::from(churned))?;
        }
        out.write_all(b"}")
    }
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}
