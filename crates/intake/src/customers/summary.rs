//! What became of a table of customers.

use std::collections::BTreeSet;
use std::fmt;

use super::outcome::Outcomes;
use super::values::{Column, TenureUnit, Values};
use super::{CustomersOptions, Places, Table};
use crate::numbers::DecimalMark;
use crate::source::Source;
use crate::summary::grouped;

/// What became of every row and column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomersSummary {
    /// The file, and how it was read.
    pub file: String,
    /// Rows below the header.
    pub n_read: u64,
    /// Rows with more or fewer fields than the header.
    pub n_uneven: u64,
    /// Rows without a customer id.
    pub n_without_id: u64,
    /// Rows in the request.
    pub n_rows: usize,
    /// The column of customer ids.
    pub customer_column: String,
    /// The column that says who left, and its words; `None` where there is none.
    pub outcome: Option<(String, Vec<OutcomeSummary>)>,
    /// Columns by what they hold, each as the report shows it.
    pub columns: Vec<(&'static str, Vec<String>)>,
}

/// A word of the column that says who left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutcomeSummary {
    /// The word.
    pub word: String,
    /// Whether it means that the customer left.
    pub churned: bool,
    /// Rows that say so.
    pub n_rows: usize,
}

impl CustomersSummary {
    pub(super) fn of(
        file: &Source,
        table: &Table,
        places: &Places,
        mark: DecimalMark,
        outcomes: Option<&Outcomes>,
        columns: &[Column],
        options: &CustomersOptions,
    ) -> Self {
        let how = format!(
            "{}: {}, {} between fields, decimal {}",
            file.name(),
            if table.dialect.is_utf16 {
                "utf-16"
            } else {
                table.encoding.name()
            },
            table.dialect.delimiter.name(),
            mark.name()
        );
        let outcome = places.churned.zip(outcomes);
        Self {
            file: how,
            n_read: table.n_read,
            n_uneven: table.n_uneven,
            n_without_id: table.n_without_id,
            n_rows: table.n_rows(),
            customer_column: table.name(places.customer),
            outcome: outcome.map(|(at, outcomes)| (table.name(at), outcomes.words.clone())),
            columns: by_kind(columns, places, options.tenure_unit),
        }
    }
}

/// The columns of each kind, as they are shown.
fn by_kind(
    columns: &[Column],
    places: &Places,
    tenure_unit: TenureUnit,
) -> Vec<(&'static str, Vec<String>)> {
    let mut kinds = vec![
        ("numbers", Vec::new()),
        ("yes or no", Vec::new()),
        ("words", Vec::new()),
        ("nothing in any row", Vec::new()),
    ];
    for column in columns {
        let (kind, mut notes) = match &column.values {
            Values::Numbers(values) if values.iter().all(Option::is_none) => (3, Vec::new()),
            Values::Numbers(_) => (0, Vec::new()),
            Values::Booleans(_) => (1, Vec::new()),
            Values::Words(values) => {
                let distinct: BTreeSet<&str> =
                    values.iter().flatten().map(String::as_str).collect();
                (2, vec![format!("{} different", grouped(distinct.len()))])
            }
        };
        if Some(column.place) == places.tenure {
            notes.push(format!("tenure in {}", tenure_unit.name()));
        }
        if Some(column.place) == places.value {
            notes.push("what the customer is worth".to_owned());
        }
        if kind != 3 && column.n_missing() > 0 {
            notes.push(format!("{} missing", grouped(column.n_missing())));
        }
        let notes = if notes.is_empty() {
            String::new()
        } else {
            format!(" ({})", notes.join(", "))
        };
        kinds[kind].1.push(format!("{}{notes}", column.name));
    }
    kinds.retain(|(_, columns)| !columns.is_empty());
    kinds
}

impl fmt::Display for CustomersSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let n_dropped = self.n_uneven + self.n_without_id;
        writeln!(
            f,
            "{} rows read, {} kept, {} dropped.",
            grouped(self.n_read),
            grouped(self.n_rows),
            grouped(n_dropped)
        )?;
        for (n_rows, why) in [
            (self.n_uneven, "with more or fewer fields than the header"),
            (self.n_without_id, "without a customer id"),
        ] {
            if n_rows > 0 {
                writeln!(f, "  {:>11} {why}", grouped(n_rows))?;
            }
        }
        writeln!(f, "{}.", self.file)?;
        writeln!(f, "  customer ids = {}", self.customer_column)?;
        for (kind, columns) in &self.columns {
            writeln!(f, "  {kind}: {}", columns.join(", "))?;
        }
        self.write_outcome(f)
    }
}

impl CustomersSummary {
    fn write_outcome(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((column, words)) = &self.outcome else {
            return writeln!(
                f,
                "Note: no column says who left, so that nothing can be learned from these rows; a saved model can score \
                 them. Name it if there is one: --churned-column NAME."
            );
        };
        let of = |churned: bool| -> (usize, String) {
            let words = words.iter().filter(|word| word.churned == churned);
            let n_rows = words.clone().map(|word| word.n_rows).sum();
            let names: Vec<String> = words.map(|word| format!("\"{}\"", word.word)).collect();
            (n_rows, names.join(", "))
        };
        let ((n_left, left), (n_stayed, stayed)) = (of(true), of(false));
        let n_open = self.n_rows - n_left - n_stayed;
        writeln!(
            f,
            "Outcome by {column}: {} left ({left}), {} stayed ({stayed}), {} open.",
            grouped(n_left),
            grouped(n_stayed),
            grouped(n_open)
        )
    }
}
