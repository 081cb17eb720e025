//! Tables of customers: a row for each, columns of any kind, and one that says who left. They become requests of
//! `churn_risk`.
//!
//! A column is numbers where all its values are, yes or no where all are such words, else words. What looks like a number
//! but has zeros in front is a code, and stays a word.

mod error;
mod outcome;
mod request;
mod summary;
mod values;

use clientela_tables::Date;

use crate::columns::{ColumnNames, find, normalized};
use crate::dates::parse_moment;
use crate::dialect::{Dialect, decoded};
use crate::options::{Encoding, FileFormat};
use crate::roles::Role;
use crate::source::Source;
use crate::survey::is_missing;

pub use error::CustomersError;
use outcome::Outcomes;
pub use request::CustomersRequest;
pub use summary::{CustomersSummary, OutcomeSummary};
pub use values::TenureUnit;
use values::{Column, decide_mark};

/// What `import customers` is told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CustomersOptions {
    /// `--customer-column`: whose row it is; recognized where it is not named.
    pub customer_column: Option<String>,
    /// `--churned-column`: who left; recognized where it is not named. A table without one is only scored.
    pub churned_column: Option<String>,
    /// `--churned-values`: the words that mean that a customer left; all others then mean that it stayed.
    pub churned_values: Vec<String>,
    /// `--date-column`: the day that the row tells of, where a customer has several.
    pub date_column: Option<String>,
    /// `--value-column`: what the customer is worth, which no model sees.
    pub value_column: Option<String>,
    /// `--tenure-column`: how long someone has been a customer; by default a column of that name.
    pub tenure_column: Option<String>,
    /// `--tenure-unit`: what it counts.
    pub tenure_unit: TenureUnit,
    /// `--ignore-columns`: columns that are left out.
    pub ignore_columns: Vec<String>,
    /// How the file is written.
    pub format: FileFormat,
}

/// Reads a table of customers and makes the request of `churn_risk`.
///
/// # Errors
/// [`CustomersError`] where the file can't be read or understood without a declaration.
pub fn import_customers(
    file: &Source,
    options: &CustomersOptions,
) -> Result<(CustomersRequest, CustomersSummary), CustomersError> {
    let table = Table::read(file, options)?;
    let places = Places::of(file.name(), &table.header, options)?;
    let mark = decide_mark(&table, &places, options.format.decimal_mark)?;
    let outcomes = places
        .churned
        .map(|at| Outcomes::of(&table, at, &options.churned_values))
        .transpose()?;
    let dates = places
        .date
        .map(|at| dates(&table, at, options))
        .transpose()?;
    let columns: Vec<Column> = places
        .traits
        .iter()
        .map(|&at| Column::of(&table, at, mark))
        .collect();
    if let Some(column) = columns
        .iter()
        .find(|column| Some(column.place) == places.tenure && !column.is_numeric())
    {
        return Err(CustomersError::TenureNotNumeric {
            column: column.name.clone(),
        });
    }
    let summary = CustomersSummary::of(
        file,
        &table,
        &places,
        mark,
        outcomes.as_ref(),
        &columns,
        options,
    );
    let request = CustomersRequest {
        ids: table
            .column(places.customer)
            .map(|id| id.unwrap_or_default().to_owned())
            .collect(),
        dates,
        outcomes: outcomes.map(|outcomes| outcomes.of_rows),
        value: places.value.map(|at| table.name(at)),
        tenure: places.tenure,
        tenure_unit: options.tenure_unit,
        columns,
    };
    Ok((request, summary))
}

/// The rows that can be used, as text.
struct Table {
    header: Vec<String>,
    /// Row after row, as many fields as the header has; `None` where nothing is said.
    fields: Vec<Option<String>>,
    dialect: Dialect,
    encoding: Encoding,
    n_read: u64,
    n_uneven: u64,
    n_without_id: u64,
}

impl Table {
    fn read(file: &Source, options: &CustomersOptions) -> Result<Self, CustomersError> {
        let dialect = Dialect::detect(file, options.format.delimiter)?;
        let unreadable = |source| CustomersError::unreadable(file.name(), source);
        let mut records = dialect.records(file).map_err(unreadable)?;
        let mut raw: Vec<csv::ByteRecord> = Vec::new();
        let mut record = csv::ByteRecord::new();
        while records.read(&mut record).map_err(unreadable)?.is_some() {
            raw.push(record.clone());
        }
        let is_utf8 = raw
            .iter()
            .all(|record| std::str::from_utf8(record.as_slice()).is_ok());
        let detected = if is_utf8 {
            Encoding::Utf8
        } else {
            Encoding::Windows1252
        };
        let header: Vec<String> = dialect
            .header
            .iter()
            .map(|name| name.trim().to_owned())
            .collect();
        let mut table = Self {
            encoding: options.format.encoding.unwrap_or(detected),
            n_read: raw.len() as u64,
            n_uneven: 0,
            n_without_id: 0,
            fields: Vec::with_capacity(raw.len() * header.len()),
            header,
            dialect,
        };
        let customer = Places::customer(file.name(), &table.header, options)?;
        raw.iter().for_each(|record| table.push(record, customer));
        if table.fields.is_empty() {
            return Err(CustomersError::NothingKept {
                file: file.name().to_owned(),
                n_read: table.n_read,
            });
        }
        Ok(table)
    }

    /// Takes a row that has a field for each column, and an id.
    fn push(&mut self, record: &csv::ByteRecord, customer: usize) {
        let n_fields = self.header.len();
        // Some systems end every line with a delimiter.
        let is_even =
            record.len() >= n_fields && record.iter().skip(n_fields).all(<[u8]>::is_empty);
        if !is_even {
            self.n_uneven += 1;
            return;
        }
        let said = |field: &[u8]| {
            let field = field.trim_ascii();
            (!is_missing(field)).then(|| decoded(field, self.encoding).trim().to_owned())
        };
        let fields: Vec<Option<String>> = record.iter().take(n_fields).map(said).collect();
        if fields[customer].is_none() {
            self.n_without_id += 1;
        } else {
            self.fields.extend(fields);
        }
    }

    fn n_rows(&self) -> usize {
        self.fields.len() / self.header.len()
    }

    /// A column as text.
    fn column(&self, at: usize) -> impl Iterator<Item = Option<&str>> + Clone {
        self.fields
            .iter()
            .skip(at)
            .step_by(self.header.len())
            .map(Option::as_deref)
    }

    /// The name of a column in the request: one without a name is called by its place.
    fn name(&self, at: usize) -> String {
        let name = &self.header[at];
        if name.is_empty() {
            format!("column {}", at + 1)
        } else {
            name.clone()
        }
    }
}

/// Which column is which.
struct Places {
    customer: usize,
    churned: Option<usize>,
    date: Option<usize>,
    value: Option<usize>,
    tenure: Option<usize>,
    /// All that become fields of the rows, tenure and value among them.
    traits: Vec<usize>,
}

/// What a column that says who left is called, as [`normalized`] writes it.
const CHURNED_NAMES: [&str; 20] = [
    "churned",
    "churn",
    "is churn",
    "is churned",
    "has churned",
    "churn label",
    "churn flag",
    "attrition",
    "exited",
    "left",
    "cancelled",
    "canceled",
    "lost",
    "abandono",
    "baja",
    "cancelado",
    "cancelou",
    "saiu",
    "evasao",
    "se fue",
];
/// Fields of a row that are no traits.
const HEAD_NAMES: [&str; 3] = ["customer_id", "snapshot_date", "churned"];
/// The field of a row that holds days since the customer came.
const TENURE: &str = "tenure";
const TENURE_NAMES: [&str; 4] = [TENURE, "antiguedad", "antiguidade", "tempo casa"];

impl Places {
    fn of(
        file: &str,
        header: &[String],
        options: &CustomersOptions,
    ) -> Result<Self, CustomersError> {
        let named = |option, name: &Option<String>| declared(file, header, option, name.as_deref());
        let customer = Self::customer(file, header, options)?;
        let churned = named("--churned-column", &options.churned_column)?
            .or_else(|| recognized(header, &CHURNED_NAMES));
        let date = named("--date-column", &options.date_column)?;
        let value = named("--value-column", &options.value_column)?;
        let tenure = named("--tenure-column", &options.tenure_column)?
            .or_else(|| recognized(header, &TENURE_NAMES));
        let mut left_out = vec![Some(customer), churned, date];
        for name in &options.ignore_columns {
            left_out.push(declared(file, header, "--ignore-columns", Some(name))?);
        }
        let is_kept = |at: &usize| !left_out.contains(&Some(*at));
        let traits: Vec<usize> = (0..header.len()).filter(is_kept).collect();
        let twice =
            |at: &&usize| header[..**at].contains(&header[**at]) && !header[**at].is_empty();
        if let Some(&at) = traits.iter().find(twice) {
            return Err(CustomersError::ColumnTwice {
                file: file.to_owned(),
                name: header[at].clone(),
            });
        }
        let tenure = tenure.filter(|at| traits.contains(at));
        let is_taken = |at: &&usize| {
            let name = header[**at].as_str();
            HEAD_NAMES.contains(&name) || (name == TENURE && tenure.is_some_and(|t| t != **at))
        };
        if let Some(&at) = traits.iter().find(is_taken) {
            return Err(CustomersError::NameTaken {
                name: header[at].clone(),
            });
        }
        Ok(Self {
            customer,
            churned,
            date,
            value: value.filter(|at| traits.contains(at)),
            tenure,
            traits,
        })
    }

    fn customer(
        file: &str,
        header: &[String],
        options: &CustomersOptions,
    ) -> Result<usize, CustomersError> {
        let names = ColumnNames {
            customer: options.customer_column.clone(),
            ..ColumnNames::default()
        };
        find(file, header, &names, Role::Customer)?.ok_or_else(|| CustomersError::NoCustomers {
            file: file.to_owned(),
            header: header.to_vec(),
        })
    }
}

/// The column of a name that was given with an option.
fn declared(
    file: &str,
    header: &[String],
    option: &'static str,
    name: Option<&str>,
) -> Result<Option<usize>, CustomersError> {
    let Some(name) = name else { return Ok(None) };
    let exact = header.iter().position(|column| column == name.trim());
    let alike = || {
        header
            .iter()
            .position(|column| normalized(column) == normalized(name))
    };
    let found = exact.or_else(alike);
    found
        .map(Some)
        .ok_or_else(|| CustomersError::ColumnUnknown {
            file: file.to_owned(),
            option,
            name: name.to_owned(),
            header: header.to_vec(),
        })
}

/// The column with the most telling of the names.
fn recognized(header: &[String], names: &[&str]) -> Option<usize> {
    let columns: Vec<String> = header.iter().map(|name| normalized(name)).collect();
    let place = |name: &&str| columns.iter().position(|column| column == name);
    names.iter().find_map(place)
}

fn dates(
    table: &Table,
    at: usize,
    options: &CustomersOptions,
) -> Result<Vec<Option<Date>>, CustomersError> {
    let date = |text: Option<&str>| match text {
        None => Ok(None),
        Some(text) => match parse_moment(text, options.format.date_order) {
            Some(moment) => Ok(Some(moment.date)),
            None => Err(CustomersError::BadDate {
                column: table.name(at),
                text: text.chars().take(40).collect(),
            }),
        },
    };
    table.column(at).map(date).collect()
}

#[cfg(test)]
mod tests;
